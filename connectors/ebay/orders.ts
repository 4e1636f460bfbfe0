import { z } from 'zod'
import type { ChannelOrder } from '../../src/values/channel-order.ts'
import type { ChannelAccess, OrderPage, Unreadable } from '../contract.ts'
import { type Call, type Client, errorIn, promised } from './client.ts'
import { needsParcels, type Parsed, parseOrder, toChannelOrder } from './order.ts'
import { type Fulfillments, fulfillmentsShape, type Order, ordersShape } from './wire.ts'

const PER_PAGE = 200
/** More orders than this of one period are read in two halves, so that they need not all be held at once. */
const PERIOD_MAX = 1000
/** A period ends at least so long ago, so that no clock's difference lets an order still come into it. */
const SETTLED_MS = 60_000
const FULFILLMENT = '/sell/fulfillment/v1/order'

export type OrderReader = { readonly client: Client; readonly channels: readonly ChannelAccess[]; readonly now: () => Date }

type Period = { readonly fromMs: number; readonly toMs: number | null }
type Found = { readonly total: number; readonly orders: readonly unknown[] }

/**
 * Orders changed at or after the instant, oldest change first. Pages are counted from the front, and eBay does not say in which order: an order that changes while we
 * read leaves a period that has an end, and everything behind it moves one place forward. So a period of several pages is read from its last page to its
 * first, where what moves forward is still to come; what left it is changed after its end, and comes with the next period or the next poll.
 */
export async function* orders(reader: OrderReader, changedAfter: Date): AsyncGenerator<OrderPage> {
  const fromMs = changedAfter.getTime()
  const whole = { fromMs, toMs: null }
  const first = await page(reader, whole, 0)
  if (first.total <= first.orders.length) {
    yield* understood(reader, first.orders)
    return
  }
  const settledMs = reader.now().getTime() - SETTLED_MS
  if (settledMs > fromMs) yield* period(reader, { fromMs, toMs: settledMs })
  yield* period(reader, { fromMs: Math.max(fromMs, settledMs), toMs: null })
}

async function* period(reader: OrderReader, { fromMs, toMs }: Period): AsyncGenerator<OrderPage> {
  const first = await page(reader, { fromMs, toMs }, 0)
  if (first.total <= first.orders.length) {
    yield* understood(reader, first.orders)
    return
  }
  const endMs = toMs ?? reader.now().getTime()
  const middleMs = Math.floor((fromMs + endMs) / 2)
  if (first.total > PERIOD_MAX && middleMs > fromMs && middleMs < endMs) {
    yield* period(reader, { fromMs, toMs: middleMs })
    yield* period(reader, { fromMs: middleMs, toMs })
    return
  }
  const found: unknown[] = []
  for (let at = Math.ceil(first.total / PER_PAGE) - 1; at >= 0; at -= 1) found.push(...(await page(reader, { fromMs, toMs }, at)).orders)
  yield* understood(reader, found)
}

async function page({ client }: OrderReader, { fromMs, toMs }: Period, at: number): Promise<Found> {
  const instant = (ms: number): string => new Date(ms).toISOString()
  const call: Call = {
    operation: 'getOrders',
    method: 'GET',
    path: FULFILLMENT,
    query: {
      filter: `lastmodifieddate:[${instant(fromMs)}..${toMs === null ? '' : instant(toMs)}]`,
      limit: String(PER_PAGE),
      offset: String(at * PER_PAGE),
    },
  }
  return promised(call, ordersShape, await client(call))
}

/** Each order once, by its newest state, oldest change first. */
async function* understood(reader: OrderReader, raw: readonly unknown[]): AsyncGenerator<OrderPage> {
  const known = new Map<string, Order>()
  const unreadable: Unreadable[] = []
  for (const one of raw) {
    const read = parseOrder(one)
    if ('unreadable' in read) unreadable.push(read.unreadable)
    else if ((known.get(read.order.orderId)?.lastModifiedDate ?? '') < read.order.lastModifiedDate)
      known.set(read.order.orderId, read.order)
  }
  const sorted = [...known.values()].sort((a, b) => Date.parse(a.lastModifiedDate) - Date.parse(b.lastModifiedDate))
  for (let at = 0; at === 0 || at < sorted.length; at += PER_PAGE) {
    const part: ChannelOrder[] = []
    const aside = at === 0 ? unreadable : []
    for (const order of sorted.slice(at, at + PER_PAGE)) {
      const ours = await whole(reader, order)
      if ('reason' in ours) aside.push(ours)
      else part.push(ours)
    }
    if (part.length + aside.length > 0) yield { orders: part, unreadable: aside }
  }
}

async function whole(reader: OrderReader, order: Order): Promise<ChannelOrder | Unreadable> {
  return toChannelOrder(order, needsParcels(order) ? await parcelsOf(reader.client, order.orderId) : [], reader.channels)
}

/** The order as it is now; null when eBay does not have it. */
export async function order(reader: OrderReader, externalId: string): Promise<ChannelOrder | Unreadable | null> {
  const raw = await rawOrder(reader.client, externalId)
  if (raw === null) return null
  return 'unreadable' in raw ? raw.unreadable : whole(reader, raw.order)
}

/** The order in eBay's words; null when eBay does not have it. */
export async function rawOrder(client: Client, externalId: string): Promise<Parsed | null> {
  const call: Call = { operation: 'getOrder', method: 'GET', path: `${FULFILLMENT}/${encodeURIComponent(externalId)}` }
  const answer = await client(call)
  // 32100: no id of an order at all.
  if (answer.status === 404 || errorIn(answer.json)?.code === '32100') return null
  return parseOrder(promised(call, z.unknown(), answer))
}

/** The parcels of an order, with what is in each. */
export async function parcelsOf(client: Client, externalId: string): Promise<Fulfillments> {
  const call: Call = {
    operation: 'getShippingFulfillments',
    method: 'GET',
    path: `${FULFILLMENT}/${encodeURIComponent(externalId)}/shipping_fulfillment`,
  }
  const answer = await client(call)
  if (answer.status === 404 || errorIn(answer.json)?.code === '32100') return []
  return promised(call, fulfillmentsShape, answer).fulfillments
}
