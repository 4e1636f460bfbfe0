import type { View } from '../view.ts'
import { Filters } from './filters.tsx'

const tabs = ['lists', 'calendar', 'channels', 'rates', 'limits', 'audiences', 'import', 'market'] as const
export type PriceTab = (typeof tabs)[number]

/** The parts of the price room; the one where the person is stands out. */
export function PriceTabs({ view, current }: { view: View; current: PriceTab }) {
  const words = view.t.prices.tabs
  return (
    <div class="toolbar">
      <Filters
        label={view.t.prices.title}
        current={current}
        choices={tabs.map(tab => ({ value: tab, word: words[tab], href: tab === 'lists' ? '/prices' : `/prices/${tab}` }))}
      />
    </div>
  )
}
