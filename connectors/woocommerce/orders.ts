import { z } from 'zod'
import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { AccountTrouble, type ChannelAccess, type OrderPage, type Unreadable } from '../contract.ts'
import type { WooClient } from './client.ts'
import { needsRefunds, type OrderStates, parseOrder, toChannelOrder } from './order.ts'
import { type WooOrder, wooRefund, wooTime } from './wire.ts'

const PER_PAGE = 100
const SECOND = 1000

type Seen = { readonly stampMs: number | null; readonly value: unknown; readonly key: string }

/**
 * Orders changed after the instant. Pages are not counted: an order that changes while we read moves to the end, everything behind it moves
 * one place forward, and the first of the next page would be skipped. Instead each call asks again from the second of the last order (times
 * have the grain of a second, so that second may go on) and drops what it has seen. What changes meanwhile appears at the end.
 */
export async function* changedOrders(
  client: WooClient,
  channel: ChannelAccess,
  states: OrderStates,
  changedAfter: Date,
): AsyncIterable<OrderPage> {
  // `modified_after` excludes the second that it names; the instant may lie within one that is half over.
  let afterMs = Math.floor(changedAfter.getTime() / SECOND) * SECOND - SECOND
  let known = new Set<string>()
  for (;;) {
    const { data } = await client.read('wc/v3/orders', z.array(z.unknown()), { ...listing(afterMs), page: 1 })
    const page = data.map(seen)
    const stamps = page.flatMap(each => each.stampMs ?? [])
    const firstMs = stamps[0] ?? afterMs
    const lastMs = stamps.at(-1) ?? afterMs
    const isFull = page.length >= PER_PAGE
    // A full page of one second would be asked for again for ever: that second is read to its end first.
    const isOneSecond = isFull && firstMs === lastMs
    const fresh = (isOneSecond ? await wholeSecond(client, lastMs) : page).filter(each => !known.has(each.key))
    if (fresh.length > 0) yield await orderPage(client, channel, states, fresh, changedAfter)
    if (!isFull) return
    known = new Set(page.map(each => each.key))
    const nextMs = isOneSecond ? lastMs : lastMs - SECOND
    if (nextMs <= afterMs)
      throw new AccountTrouble('down', 'GET /wp-json/wc/v3/orders ignores modified_after: WooCommerce 5.8 or newer is needed')
    afterMs = nextMs
  }
}

/**
 * All orders of one second, from the last page to the first: orders can only leave a past second, which moves the others to lower pages, and
 * those are still to come. Seen twice does no harm.
 */
async function wholeSecond(client: WooClient, ms: number): Promise<Seen[]> {
  const query = { ...listing(ms - SECOND), orderby: 'id', modified_before: wooTime(new Date(ms + SECOND)) }
  const { totalPages } = await client.read('wc/v3/orders', z.array(z.unknown()), { ...query, page: 1 })
  const found = new Map<string, Seen>()
  for (let page = totalPages; page >= 1; page -= 1) {
    const { data } = await client.read('wc/v3/orders', z.array(z.unknown()), { ...query, page })
    for (const each of data.map(seen)) found.set(each.key, each)
  }
  return [...found.values()]
}

function listing(afterMs: number): Record<string, string | number> {
  const after = wooTime(new Date(Math.max(0, afterMs)))
  return { modified_after: after, dates_are_gmt: 'true', orderby: 'modified', order: 'asc', per_page: PER_PAGE }
}

/** Id and change time as far as they can be read; an order without them is still handed on, as unreadable. */
function seen(value: unknown): Seen {
  const read = z.looseObject({ id: z.int(), date_modified_gmt: z.string() }).safeParse(value)
  if (!read.success) return { stampMs: null, value, key: JSON.stringify(value) ?? '' }
  const { id, date_modified_gmt: stamp } = read.data
  return { stampMs: Date.parse(`${stamp}Z`) || null, value, key: `${id}@${stamp}` }
}

async function orderPage(
  client: WooClient,
  channel: ChannelAccess,
  states: OrderStates,
  found: readonly Seen[],
  changedAfter: Date,
): Promise<OrderPage> {
  const orders: ChannelOrder[] = []
  const unreadable: Unreadable[] = []
  for (const { value } of found) {
    const read = parseOrder(value)
    const order = 'unreadable' in read ? read.unreadable : await withRefunds(client, channel, states, read.order)
    if (!order) continue
    if (!('effect' in order)) unreadable.push(order)
    else if (Date.parse(order.stamp) >= Math.floor(changedAfter.getTime() / SECOND) * SECOND) orders.push(order)
  }
  return { orders: orders.sort((a, b) => a.stamp.localeCompare(b.stamp)), unreadable }
}

/** One order as it is now; null when the shop has it no more. */
export async function oneOrder(
  client: WooClient,
  channel: ChannelAccess,
  states: OrderStates,
  id: string,
): Promise<ChannelOrder | Unreadable | null> {
  const read = await rawOrder(client, id)
  if (!read) return null
  return 'unreadable' in read ? read.unreadable : withRefunds(client, channel, states, read.order)
}

/** One order in WooCommerce's words; null when the shop has it no more. */
export async function rawOrder(client: WooClient, id: string): Promise<ReturnType<typeof parseOrder> | null> {
  if (!/^\d+$/.test(id)) return null
  const answer = await client.call('GET', `wc/v3/orders/${id}`, z.looseObject({ id: z.int() }))
  return answer.status === 'ok' ? parseOrder(answer.data) : null
}

async function withRefunds(
  client: WooClient,
  channel: ChannelAccess,
  states: OrderStates,
  order: WooOrder,
): Promise<ChannelOrder | Unreadable | null> {
  if (!needsRefunds(order)) return toChannelOrder(order, [], channel, states)
  const answer = await client.call('GET', `wc/v3/orders/${order.id}/refunds`, z.array(wooRefund), { query: { per_page: PER_PAGE } })
  // Deleted between the two calls: as if it had been so before.
  return answer.status === 'ok' ? toChannelOrder(order, answer.data, channel, states) : null
}
