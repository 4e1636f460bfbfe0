import type { View } from '../view.ts'
import { Filters } from './filters.tsx'

const tabs = ['orders', 'exceptions', 'routing', 'pick-up'] as const
export type OrderTab = (typeof tabs)[number]

/** The parts of the room of orders; the one where the person is stands out. */
export function OrderTabs({ view, current }: { view: View; current: OrderTab }) {
  const words = view.t.routing.tabs
  return (
    <div class="toolbar">
      <Filters
        label={words.orders}
        current={current}
        choices={tabs.map(tab => ({
          value: tab,
          word: tab === 'pick-up' ? view.t.pickUp.tab : words[tab],
          href: tab === 'orders' ? '/orders' : `/orders/${tab}`,
        }))}
      />
    </div>
  )
}
