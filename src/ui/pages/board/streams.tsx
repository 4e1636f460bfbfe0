import type { RiskySku } from '../../../../db/pages-board.ts'
import type { OrderRow } from '../../../../db/pages-orders.ts'
import { number } from '../../format.ts'
import { Empty, Table } from '../../parts/panel.tsx'
import { OrderStateMark, State } from '../../parts/state.tsx'
import { Ago } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

/** The latest orders of all channels. */
export function Orders({ view, orders }: { view: View; orders: readonly OrderRow[] }) {
  const t = view.t.orders
  if (orders.length === 0) return <Empty text={view.t.board.noOrders} />
  return (
    <Table label={view.t.board.orders} isStacked>
      <thead>
        <tr>
          <th>{t.number}</th>
          <th>{t.skus}</th>
          <th class="num">{t.units}</th>
          <th>{t.state}</th>
        </tr>
      </thead>
      <tbody>
        {orders.map(order => (
          <tr id={`order-${order.id}`}>
            <th scope="row" class="keep">
              <a href={`/orders/${order.id}`}>{order.number}</a>
              <span class="sub">
                {order.channelName} · <Ago view={view} at={order.placedAt} />
              </span>
            </th>
            <td class="skus wide">
              {order.skus.map(sku => (
                <span class="sku">{sku}</span>
              ))}
              {order.lines > order.skus.length ? <span class="quiet">{t.more(order.lines - order.skus.length)}</span> : null}
            </td>
            <td class="num" data-label={t.units}>
              {number(order.units, view.language)}
            </td>
            <td class="marks">
              <OrderStateMark view={view} state={order.state} />
              {order.short > 0 ? <State view={view} state="short" text={t.shortUnits(order.short)} /> : null}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** SKUs that need an eye: units owed, or few left while a channel still shows some. */
export function Risks({ view, risks }: { view: View; risks: readonly RiskySku[] }) {
  const t = view.t.board
  if (risks.length === 0) return <Empty text={t.noRisk} />
  return (
    <Table label={t.risk} isStacked>
      <thead>
        <tr>
          <th>SKU</th>
          <th class="num">{t.available}</th>
          <th class="num">{t.short}</th>
          <th>{t.shownIn}</th>
        </tr>
      </thead>
      <tbody>
        {risks.map(risk => (
          <tr id={`risk-${risk.sku}`}>
            <th scope="row">
              <a class="sku" href={`/skus/${encodeURIComponent(risk.sku)}`}>
                {risk.sku}
              </a>
              <span class="sub">{risk.title}</span>
            </th>
            <td class="num" data-label={t.available}>
              {number(risk.available, view.language)}
            </td>
            <td class={risk.short > 0 ? 'num count-refused' : 'num zero'} data-label={t.short}>
              {number(risk.short, view.language)}
            </td>
            <td data-label={t.shownIn}>
              {risk.shownIn.length === 0 ? <span class="quiet">{t.nowhere}</span> : null}
              {risk.shownIn.map(place => (
                <span class="shown-in">
                  {place.channel} <b>{number(place.quantity, view.language)}</b>
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
