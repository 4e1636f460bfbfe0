import { may, type View } from '../view.ts'
import { Filters } from './filters.tsx'

const tabs = ['move', 'deliveries', 'transfers', 'counts', 'lots', 'reasons', 'import', 'sales'] as const
export type StockTab = (typeof tabs)[number]

/** The parts of the stock room; the one where the person is stands out. */
export function StockTabs({ view, current }: { view: View; current: StockTab }) {
  const words = view.t.stock.tabs
  return (
    <div class="toolbar">
      <Filters
        label={view.t.stock.title}
        current={current}
        choices={tabs
          .filter(tab => tab !== 'sales' || may(view, 'stock:write'))
          .map(tab => ({ value: tab, word: words[tab], href: tab === 'move' ? '/stock' : `/stock/${tab}` }))}
      />
    </div>
  )
}
