import { type BoardChannel, type BoardTotals, LOW_STOCK, type RiskySku } from '../../../db/pages-board.ts'
import type { OrderRow } from '../../../db/pages-orders.ts'
import type { Scope } from '../../usecases/scopes.ts'
import { number } from '../format.ts'
import type { Board, BoardPart } from '../live.ts'
import { Icon } from '../parts/icon.tsx'
import { Layout } from '../parts/layout.tsx'
import { Empty, Panel, Table } from '../parts/panel.tsx'
import { Mode, OrderStateMark, State } from '../parts/state.tsx'
import { Ago } from '../parts/time.tsx'
import type { View } from '../view.ts'

/** What a person must be allowed to read to see each part; null: whoever sees the board. */
export const boardNeeds: Readonly<Record<BoardPart, Scope | null>> = {
  totals: null,
  channels: 'channels:read',
  orders: 'orders:read',
  risks: 'stock:read',
}

/** The board: everything that moves, live. */
export function BoardPage({ view, board }: { view: View; board: Board }) {
  const { t } = view
  const sees = (part: BoardPart): boolean => boardNeeds[part] === null || view.principal?.scopes.has(boardNeeds[part]) === true
  return (
    <Layout view={view} title={t.board.title} live="board">
      <div class="page-head">
        <h1>{t.board.title}</h1>
        <LiveMark view={view} />
      </div>
      <div id="board-totals" aria-live="polite">
        <Totals view={view} totals={board.totals} />
      </div>
      {sees('channels') ? (
        <Panel id="channels" title={t.board.channels}>
          <div id="board-channels">
            <Channels view={view} channels={board.channels} />
          </div>
        </Panel>
      ) : null}
      <div class="columns">
        {sees('orders') ? (
          <Panel id="orders" title={t.board.orders} aside={<a href="/orders">{t.board.allOrders}</a>}>
            <div id="board-orders">
              <Orders view={view} orders={board.orders} />
            </div>
          </Panel>
        ) : null}
        {sees('risks') ? (
          <Panel id="risks" title={t.board.risk} aside={<a href="/skus?filter=risk">{t.board.allRisk}</a>}>
            <p class="panel-note">{t.board.riskHint(LOW_STOCK)}</p>
            <div id="board-risks" aria-live="polite">
              <Risks view={view} risks={board.risks} />
            </div>
          </Panel>
        ) : null}
      </div>
    </Layout>
  )
}

/** Parts of the board for an event: each replaces its place, and only what differs in it is touched. */
export function BoardParts({ view, board, parts }: { view: View; board: Board; parts: readonly BoardPart[] }) {
  return (
    <>
      {parts.map(part => (
        <hx-partial hx-target={`#board-${part}`} hx-swap="innerMorph">
          {part === 'totals' ? <Totals view={view} totals={board.totals} /> : null}
          {part === 'channels' ? <Channels view={view} channels={board.channels} /> : null}
          {part === 'orders' ? <Orders view={view} orders={board.orders} /> : null}
          {part === 'risks' ? <Risks view={view} risks={board.risks} /> : null}
        </hx-partial>
      ))}
    </>
  )
}

/** Says whether the page is live; `console.js` turns it when the stream breaks. */
export function LiveMark({ view }: { view: View }) {
  const { live } = view.t
  return (
    <p class="live" id="live-mark" data-live="off" role="status" hx-morph-skip>
      <span class="live-on">{live.on}</span>
      <span class="live-lost">{live.lost}</span>
      <span class="live-off">{live.off}</span>
    </p>
  )
}

function Totals({ view, totals }: { view: View; totals: BoardTotals }) {
  const t = view.t.board.totals
  const orders = view.principal?.scopes.has('orders:read') === true
  const channels = view.principal?.scopes.has('channels:read') === true
  return (
    <dl class="totals" aria-label={t.label}>
      <Total view={view} label={t.orders} value={totals.orders24h} href={orders ? '/orders' : null} />
      <Total
        view={view}
        label={t.short}
        value={totals.shortUnits}
        href={orders ? '/orders?filter=short' : '/skus?filter=risk'}
        note={totals.shortOrders > 0 ? t.inOrders(totals.shortOrders) : undefined}
        alarm="bad"
      />
      <Total view={view} label={t.soldOut} value={totals.soldOut} href="/skus?filter=risk" note={t.ofSkus(totals.skus)} />
      <Total view={view} label={t.refused} value={totals.refused} href="/skus?filter=refused" alarm="bad" />
      <Total view={view} label={t.unmatched} value={totals.unmatched} href={channels ? '/channels' : null} alarm="wait" />
      <Total view={view} label={t.keptAside} value={totals.keptAside} href={channels ? '/channels' : null} alarm="wait" />
    </dl>
  )
}

function Total(given: {
  view: View
  label: string
  value: number
  href: string | null
  note?: string | undefined
  alarm?: 'bad' | 'wait'
}) {
  const { view, label, value, href, note, alarm } = given
  const text = number(value, view.language)
  return (
    <div class={alarm !== undefined && value > 0 ? `total alarm-${alarm}` : 'total'}>
      <dt>
        {alarm !== undefined && value > 0 ? <Icon name="warn" /> : null}
        {label}
      </dt>
      <dd>
        {href === null ? text : <a href={href}>{text}</a>}
        {note === undefined ? null : <span class="total-note">{note}</span>}
      </dd>
    </div>
  )
}

const steps = ['waiting', 'sent', 'accepted', 'applied', 'refused'] as const

function Channels({ view, channels }: { view: View; channels: readonly BoardChannel[] }) {
  const t = view.t
  if (channels.length === 0) return <Empty text={t.board.noChannels} />
  return (
    <Table label={t.board.channels}>
      <thead>
        <tr>
          <th>{t.board.channel}</th>
          <th>{t.board.account}</th>
          <th class="hide-narrow">{t.board.progress}</th>
          {steps.map(step => (
            <th class="num">{t.states[step]}</th>
          ))}
          <th>{t.board.oldest}</th>
        </tr>
      </thead>
      <tbody>
        {channels.map(channel => (
          <tr id={`channel-${channel.code}`}>
            <th scope="row" class="keep">
              <a href={`/channels/${channel.code}`}>{channel.name}</a>
              <span class="sub">{channel.code}</span>
            </th>
            <td>
              <span class="marks">
                <State view={view} state={channel.paused ? 'paused' : channel.accountState} />
                <Mode view={view} stock={channel.publishStock} prices={channel.publishPrices} />
              </span>
              {channel.accountReason === null ? null : <span class="sub reason">{channel.accountReason}</span>}
              {channel.differing === 0 ? null : <span class="sub">{t.board.differing(channel.differing)}</span>}
            </td>
            <td class="hide-narrow">
              <Bar channel={channel} />
            </td>
            {steps.map(step => (
              <td class={channel[step] === 0 ? 'num zero' : `num count-${step}`}>{number(channel[step], view.language)}</td>
            ))}
            <td>
              {channel.oldestAt === null ? <span class="quiet">{t.board.nothingWaits}</span> : <Ago view={view} at={channel.oldestAt} />}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const BAR_WIDTH = 140

/** The share of each state as a bar; the numbers beside it say the same to whoever cannot see it. */
function Bar({ channel }: { channel: BoardChannel }) {
  const shares = [
    { kind: 'applied', n: channel.applied },
    { kind: 'accepted', n: channel.accepted },
    { kind: 'sent', n: channel.sent },
    { kind: 'waiting', n: channel.waiting },
    { kind: 'differing', n: channel.differing },
    { kind: 'refused', n: channel.refused },
  ]
  const all = shares.reduce((sum, share) => sum + share.n, 0)
  let x = 0
  return (
    <svg
      class="bar"
      viewBox={`0 0 ${BAR_WIDTH} 8`}
      width={BAR_WIDTH}
      height="8"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <rect class="bar-ground" width={BAR_WIDTH} height="8" rx="4" />
      {all === 0
        ? null
        : shares.map(share => {
            const from = x
            x += (share.n / all) * BAR_WIDTH
            // Few among thousands must still be seen.
            const width = share.n === 0 ? 0 : Math.max(2, x - from)
            return share.n === 0 ? null : (
              <rect class={`bar-${share.kind}`} x={Math.min(from, BAR_WIDTH - width).toFixed(1)} width={width.toFixed(1)} height="8" />
            )
          })}
    </svg>
  )
}

function Orders({ view, orders }: { view: View; orders: readonly OrderRow[] }) {
  const t = view.t.orders
  if (orders.length === 0) return <Empty text={view.t.board.noOrders} />
  return (
    <Table label={view.t.board.orders}>
      <thead>
        <tr>
          <th>{t.number}</th>
          <th>{t.placed}</th>
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
              <span class="sub">{order.channelName}</span>
            </th>
            <td>
              <Ago view={view} at={order.placedAt} />
            </td>
            <td class="skus">
              {order.skus.map(sku => (
                <span class="sku">{sku}</span>
              ))}
              {order.lines > order.skus.length ? <span class="quiet">{t.more(order.lines - order.skus.length)}</span> : null}
            </td>
            <td class="num">{number(order.units, view.language)}</td>
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

function Risks({ view, risks }: { view: View; risks: readonly RiskySku[] }) {
  const t = view.t.board
  if (risks.length === 0) return <Empty text={t.noRisk} />
  return (
    <Table label={t.risk}>
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
            <td class="num">{number(risk.available, view.language)}</td>
            <td class={risk.short > 0 ? 'num count-refused' : 'num zero'}>{number(risk.short, view.language)}</td>
            <td>
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
