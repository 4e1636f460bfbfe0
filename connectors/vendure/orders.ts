import type { z } from 'zod'
import type { ChannelOrder } from '../../src/values/channel-order.ts'
import type { OrderPage, Unreadable } from '../contract.ts'
import type { Client } from './client.ts'
import type { Shop } from './listings.ts'
import { type Operation, orderById, orderPage } from './operations.ts'
import { toChannelOrder } from './order.ts'
import type { SilentMoves } from './silent-moves.ts'
import { orderByIdShape, orderPageShape } from './wire.ts'

/** Orders with all of their parts, of which Vendure reads each by itself. */
const TAKE = 50

type Stamp = 'orderPlacedAt' | 'updatedAt'

/**
 * Orders changed after the instant. Two lists, because neither tells all: a cart that is paid keeps the stamp of its last change as a cart, so new orders are found
 * by when they were placed; what is cancelled or modified afterwards moves the stamp of the order. What changes an order without a word of its own (who ships does)
 * is told by `moves`. An order is told once for each stamp that is seen of it.
 */
export async function* changedOrders(shop: Shop, moves: SilentMoves, changedAfter: Date): AsyncIterable<OrderPage> {
  const facts = await shop.facts()
  const told = new Set<string>()
  const page = (nodes: readonly { readonly id: string }[]): OrderPage => {
    const found = nodes.map(node => toChannelOrder(node, shop.channels, facts, shop.settings.pickUpMethods))
    const fresh = found.filter(one => 'reason' in one || !told.has(`${one.externalId}@${one.stamp}`))
    const orders = fresh.flatMap(one => ('reason' in one ? [] : one)).sort((a, b) => a.stamp.localeCompare(b.stamp))
    for (const { externalId, stamp } of orders) told.add(`${externalId}@${stamp}`)
    return { orders, unreadable: fresh.flatMap(one => ('reason' in one ? one : [])) }
  }
  for (const stamp of ['orderPlacedAt', 'updatedAt'] as const)
    for await (const nodes of pagesBy(shop.client, stamp, changedAfter, {}, orderPage, orderPageShape, TAKE)) yield page(nodes)
  const silent = await moves(changedAfter)
  for (let from = 0; from < silent.length; from += TAKE) {
    const options = { take: TAKE, filter: { id: { in: silent.slice(from, from + TAKE) } } }
    yield page((await shop.client.ask(orderPage, { options }, orderPageShape)).orders.items)
  }
}

/**
 * Placed orders from an instant on by one of their stamps, page by page. A page begins at the stamp of the last order before it, without those of that very stamp that were
 * seen: places in the list are never counted, so an order that moves to its end pushes nothing over the edge of a page.
 */
export async function* pagesBy<T extends { readonly id: string; readonly orderPlacedAt: string | null; readonly updatedAt: string }>(
  client: Client,
  stamp: Stamp,
  from: Date,
  also: Readonly<Record<string, unknown>>,
  operation: Operation,
  shape: z.ZodType<{ readonly orders: { readonly items: readonly T[] } }>,
  take: number,
): AsyncIterable<readonly T[]> {
  let edge = from.getTime()
  let atEdge: string[] = []
  for (;;) {
    // Stamps have the grain of a second, a millisecond or a microsecond, by the server's database, and "after" leaves out equal ones.
    const after = new Date(edge - 1).toISOString()
    const placed = stamp === 'orderPlacedAt' ? {} : { orderPlacedAt: { isNull: false } }
    const filter = { ...also, ...placed, [stamp]: { after }, ...(atEdge.length > 0 ? { id: { notIn: atEdge } } : {}) }
    const { orders } = await client.ask(operation, { options: { take, filter, sort: { [stamp]: 'ASC' } } }, shape)
    if (orders.items.length > 0) yield orders.items
    if (orders.items.length < take) return
    const stampsMs = orders.items.map(one => Date.parse(one[stamp] ?? '')).filter(Number.isFinite)
    const lastMs = Math.max(edge, ...stampsMs)
    const seen = orders.items.filter(one => Date.parse(one[stamp] ?? '') === lastMs).map(one => one.id)
    atEdge = lastMs > edge ? seen : [...atEdge, ...orders.items.map(one => one.id)]
    edge = lastMs
  }
}

/** One order as it is now; null when the channel does not have it. */
export async function oneOrder(shop: Shop, externalId: string): Promise<ChannelOrder | Unreadable | null> {
  const facts = await shop.facts()
  const { order } = await shop.client.ask(orderById, { id: externalId }, orderByIdShape)
  return order === null ? null : toChannelOrder(order, shop.channels, facts, shop.settings.pickUpMethods)
}
