import { z } from 'zod'
import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { AccountTrouble, type ChannelAccess, type OrderPage, type Unreadable } from '../contract.ts'
import { asideOf, lineOf } from './aside.ts'
import type { Client, Query } from './client.ts'
import { type PlacedOrder, partOf, toChannelOrders } from './order.ts'
import { type Order, oneOrderShape, orderShape, orderStamp, ordersShape, reservationsShape } from './wire.ts'

const PAGE = 50
/** Lines whose reservations are read in one call: their ids must fit in an address. */
const LINES_MAX = 60
const RESERVATIONS_MAX = 1000
/** Medusa takes less for the steps of placing an order; less than `pollBlindMs`. */
const PLACING_MS = 3_000
const ORDERS = '/admin/orders'

/** All that is read of an order; without the list Medusa sends pictures and texts of every product. */
export const ORDER_FIELDS = [
  ...[
    'id',
    'display_id',
    'status',
    'version',
    'email',
    'locale',
    'currency_code',
    'total',
    'credit_line_total',
    'summary',
    'created_at',
    'updated_at',
  ],
  ...['*items', '*items.detail', '*shipping_address', '*shipping_methods', '*fulfillments', '*fulfillments.items', '*fulfillments.labels'],
].join(',')

type Seen = { readonly stampMs: number | null; readonly value: unknown; readonly key: string }

/**
 * Orders changed after the instant. Pages are not counted: an order that changes while we read moves to the end, everything behind it moves one place forward, and
 * the first of the next page would be skipped. Instead each call asks again from the stamp of the last order, and drops what it has seen. What changes meanwhile
 * appears at the end.
 */
export async function* changedOrders(
  client: Client,
  channels: readonly ChannelAccess[],
  now: () => Date,
  changedAfter: Date,
  pickUpOptions: readonly string[] = [],
): AsyncIterable<OrderPage> {
  let fromMs = changedAfter.getTime()
  let known = new Set<string>()
  for (;;) {
    const page = await list(client, { ...since(fromMs), order: 'updated_at', offset: 0 })
    const stamps = page.flatMap(each => each.stampMs ?? [])
    const lastMs = Math.max(fromMs, ...stamps)
    const isFull = page.length >= PAGE
    // A full page of one instant would be asked for again for ever: that instant is read to its end first.
    const isOneInstant = isFull && stamps[0] === lastMs
    const fresh = (isOneInstant ? await wholeInstant(client, lastMs) : page).filter(each => !known.has(each.key))
    if (fresh.length > 0) yield await orderPage(client, channels, now, fresh, pickUpOptions)
    if (!isFull) return
    const nextMs = isOneInstant ? lastMs + 1 : lastMs
    if (nextMs <= fromMs && !isOneInstant) throw new AccountTrouble('down', `GET ${ORDERS} ignores updated_at: Medusa 2 is needed`)
    known = new Set(page.map(each => each.key))
    fromMs = nextMs
  }
}

/**
 * All orders of one instant, from the last page to the first: orders can only leave a past instant, which moves the others to lower pages, and those are still to
 * come. Seen twice does no harm.
 */
async function wholeInstant(client: Client, ms: number): Promise<Seen[]> {
  const query = { ...since(ms), 'updated_at[$lt]': new Date(ms + 1).toISOString(), order: 'id' }
  const { count } = await client.read(ORDERS, ordersShape, { ...query, fields: 'id', limit: 1, offset: 0 })
  const found = new Map<string, Seen>()
  for (let page = Math.ceil(count / PAGE) - 1; page >= 0; page -= 1)
    for (const each of await list(client, { ...query, offset: page * PAGE })) found.set(each.key, each)
  return [...found.values()]
}

async function list(client: Client, query: Query): Promise<Seen[]> {
  const { orders } = await client.read(ORDERS, ordersShape, { ...query, fields: ORDER_FIELDS, limit: PAGE })
  return orders.map(seen)
}

const since = (ms: number): Record<string, string> => ({ 'updated_at[$gte]': new Date(Math.max(0, ms)).toISOString() })

/** Id and stamp as far as they can be read; an order without them is still handed on, as unreadable. */
function seen(value: unknown): Seen {
  const read = orderStamp.safeParse(value)
  if (!read.success) return { stampMs: null, value, key: JSON.stringify(value) ?? '' }
  return { stampMs: Date.parse(read.data.updated_at), value, key: `${read.data.id}@${read.data.updated_at}` }
}

async function orderPage(
  client: Client,
  channels: readonly ChannelAccess[],
  now: () => Date,
  found: readonly Seen[],
  pickUpOptions: readonly string[],
): Promise<OrderPage> {
  const read = found.map(each => readOrder(each.value))
  const placed = await place(
    client,
    channels,
    read.flatMap(each => each.order ?? []),
  )
  const orders = placed.filter(each => !isInTheMaking(each, now())).flatMap(each => toChannelOrders(each, channels, pickUpOptions))
  return { orders: orders.sort((a, b) => a.stamp.localeCompare(b.stamp)), unreadable: read.flatMap(each => each.unreadable ?? []) }
}

/**
 * Medusa shows an order a moment before it reserves its units. Who booked it then would take them off the number that is shown, and Medusa take them off once more. So
 * it is left out while it is that new (and within what a poll may miss); a later one looks back as far. A difference of the clocks that is larger ends this.
 */
function isInTheMaking({ order, reservedAt }: PlacedOrder, now: Date): boolean {
  const ageMs = Math.abs(now.getTime() - Date.parse(order.created_at))
  return (
    ageMs < PLACING_MS &&
    order.status !== 'canceled' &&
    order.items.some(line => line.variant_id != null && isUnpacked(line) && !reservedAt.has(line.id))
  )
}

/** Where the open lines of orders are reserved: that is where Medusa will take them from. */
async function place(client: Client, channels: readonly ChannelAccess[], orders: readonly Order[]): Promise<PlacedOrder[]> {
  const open = orders.filter(order => order.status !== 'canceled').flatMap(order => order.items.filter(isUnpacked))
  const ids = open.map(line => line.id)
  // Of a line that is packed in part all may be put aside for a moment; where there is one location, it can be nowhere else.
  const namesOf = (id: string): string[] => (channels.length > 1 ? [id, asideOf(id)] : [id])
  const reservedAt = new Map<string, string>()
  for (let from = 0; from < ids.length; from += LINES_MAX) {
    const query = {
      line_item_id: ids.slice(from, from + LINES_MAX).flatMap(namesOf),
      fields: 'id,line_item_id,location_id',
      limit: RESERVATIONS_MAX,
      offset: 0,
    }
    const { reservations } = await client.read('/admin/reservations', reservationsShape, query)
    for (const { line_item_id: line, location_id: location } of reservations) if (line) reservedAt.set(lineOf(line), location)
  }
  return orders.map(order => ({ order, reservedAt }))
}

const isUnpacked = ({ detail }: Order['items'][number]): boolean =>
  detail.quantity - detail.written_off_quantity > detail.fulfilled_quantity

/** An order of Medusa's, or why it cannot be understood. */
export type Read = { readonly order: Order; readonly unreadable?: never } | { readonly order?: never; readonly unreadable: Unreadable }

function readOrder(value: unknown): Read {
  const read = orderShape.safeParse(value)
  if (read.success) return { order: read.data }
  const id = z.looseObject({ id: z.string() }).safeParse(value)
  const externalId = id.success ? id.data.id : null
  return { unreadable: { externalId, reason: z.prettifyError(read.error), raw: JSON.stringify(value) ?? '' } }
}

/** One order as it is now; null when the server has it no more. */
export async function oneOrder(
  client: Client,
  channels: readonly ChannelAccess[],
  externalId: string,
  pickUpOptions: readonly string[] = [],
): Promise<ChannelOrder | Unreadable | null> {
  const part = partOf(externalId, channels)
  const read = part && (await rawOrder(client, part.orderId))
  if (!read) return null
  if (!read.order) return { ...read.unreadable, externalId }
  const [placed] = await place(client, channels, [read.order])
  return (placed && toChannelOrders(placed, channels, pickUpOptions).find(one => one.externalId === externalId)) ?? null
}

/** One order in Medusa's words; null when the server has it no more. */
export async function rawOrder(client: Client, orderId: string): Promise<Read | null> {
  const answer = await client.call('GET', `${ORDERS}/${orderId}`, oneOrderShape, { query: { fields: ORDER_FIELDS } })
  return answer.status === 'ok' ? readOrder(answer.data.order) : null
}
