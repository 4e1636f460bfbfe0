import type { Page } from '../../../db/pages.ts'
import type { OrderFilter, OrderRow } from '../../../db/pages-orders.ts'
import { money, number } from '../format.ts'
import { Layout } from '../parts/layout.tsx'
import { addressOf, ListPanel, ListTools } from '../parts/list.tsx'
import { OrderTabs } from '../parts/order-tabs.tsx'
import { Table } from '../parts/panel.tsx'
import { OrderStateMark, State } from '../parts/state.tsx'
import { At } from '../parts/time.tsx'
import type { View } from '../view.ts'

export type OrdersAsked = { readonly search: string; readonly filter: OrderFilter; readonly channel: string; readonly before: string }

export const orderFilters: readonly OrderFilter[] = [
  'all',
  'open',
  'held',
  'short',
  'received',
  'fulfilled',
  'returned',
  'cancelled',
  'foreign',
]

type Channels = readonly { readonly code: string; readonly name: string }[]

/** All orders of all channels as one stream, newest first. */
export function OrdersPage({ view, asked, list, channels }: { view: View; asked: OrdersAsked; list: Page<OrderRow>; channels: Channels }) {
  const t = view.t.orders
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
      </div>
      <OrderTabs view={view} current="orders" />
      <ListTools
        view={view}
        action="/orders"
        search={asked.search}
        label={t.search}
        kept={{ filter: asked.filter === 'all' ? '' : asked.filter }}
        filter={asked.filter}
        filters={orderFilters.map(filter => ({
          value: filter,
          word: view.t.orderLife.filters[filter],
          href: address({ ...asked, filter, before: '' }),
        }))}
      >
        <select name="channel" aria-label={t.channel}>
          <option value="">{t.anyChannel}</option>
          {channels.map(channel => (
            <option value={channel.code} selected={channel.code === asked.channel}>
              {channel.name}
            </option>
          ))}
        </select>
      </ListTools>
      <ListPanel
        view={view}
        label={t.title}
        empty={list.rows.length > 0 ? null : isPlain(asked) ? view.t.board.noOrders : t.none}
        first={asked.before === '' ? null : address({ ...asked, before: '' })}
        next={list.next === null ? null : address({ ...asked, before: list.next })}
        words={{ first: t.newest, next: t.older }}
      >
        <Rows view={view} rows={list.rows} />
      </ListPanel>
    </Layout>
  )
}

function Rows({ view, rows }: { view: View; rows: readonly OrderRow[] }) {
  const t = view.t.orders
  return (
    <Table label={t.title} isStacked>
      <thead>
        <tr>
          <th>{t.number}</th>
          <th>{t.placed}</th>
          <th>{t.skus}</th>
          <th class="num hide-narrow">{t.lines}</th>
          <th class="num">{t.units}</th>
          <th class="num">{t.total}</th>
          <th class="hide-narrow">{t.platformState}</th>
          <th>{t.state}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(order => (
          <tr>
            <th scope="row" class="keep">
              <a href={`/orders/${order.id}`}>{order.number}</a>
              <span class="sub">{order.channelName}</span>
            </th>
            <td data-label={t.placed}>
              <At view={view} at={order.placedAt} />
            </td>
            <td class="skus wide">
              {order.skus.map(sku => (
                <span class="sku">{sku}</span>
              ))}
              {order.lines > order.skus.length ? <span class="quiet">{t.more(order.lines - order.skus.length)}</span> : null}
            </td>
            <td class="num hide-narrow">{number(order.lines, view.language)}</td>
            <td class="num" data-label={t.units}>
              {number(order.units, view.language)}
            </td>
            <td class="num" data-label={t.total}>
              {money(order.total, order.currency)}
            </td>
            <td class="quiet hide-narrow" translate="no">
              {platformWord(view, order.platformState)}
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

/** What the platform says, in its own words. `placed` is ours: a basket that was held here became the order. */
export const platformWord = (view: View, state: string): string => (state === 'placed' ? view.t.orderActs.byBasket : state)

const isPlain = (asked: OrdersAsked): boolean => asked.search === '' && asked.filter === 'all' && asked.channel === ''

const address = ({ search, filter, channel, before }: OrdersAsked): string =>
  addressOf('/orders', { q: search, filter: filter === 'all' ? '' : filter, channel, before })
