import { may, type View } from '../view.ts'
import { Filters } from './filters.tsx'

const tabs = ['orders', 'exceptions', 'routing', 'places', 'pick-up', 'holds', 'instead', 'notices'] as const
export type OrderTab = (typeof tabs)[number]

/** The parts of the room of orders; the one where the person is stands out. */
export function OrderTabs({ view, current }: { view: View; current: OrderTab }) {
  const words = {
    ...view.t.routing.tabs,
    'pick-up': view.t.pickUp.tab,
    instead: view.t.orderLife.substitutes.tab,
    notices: view.t.notices.title,
  }
  const shown = tabs.filter(tab => may(view, tab === 'notices' ? 'channels:read' : tab === 'places' ? 'stock:read' : 'orders:read'))
  return (
    <div class="toolbar">
      <Filters
        label={words.orders}
        current={current}
        choices={shown.map(tab => ({ value: tab, word: words[tab], href: tab === 'orders' ? '/orders' : `/orders/${tab}` }))}
      />
    </div>
  )
}
