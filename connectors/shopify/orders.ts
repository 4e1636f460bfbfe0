import type { ChannelOrder } from '../../src/values/channel-order.ts'
import type { ChannelAccess, OrderPage, Unreadable } from '../contract.ts'
import type { Client } from './client.ts'
import { changedOrders } from './operations.ts'
import { partOf, toChannelOrders } from './order.ts'
import { readOrders, type Unread, type WholeOrder } from './order-read.ts'
import { changedShape } from './wire.ts'

const SECOND = 1000
/** Shopify ends a list after 25,000 things; it is begun anew before. */
const LIST_MAX = 20_000

/**
 * Orders changed after the instant. Shopify's cursor is a key (the stamp and id of the last order), so an order that changes while we read moves to the end and
 * pushes nothing over the edge of a page. Stamps have the grain of a second, so the one that the instant lies in is read too.
 */
export async function* changed(client: Client, channels: readonly ChannelAccess[], changedAfter: Date): AsyncIterable<OrderPage> {
  let sinceMs = Math.max(0, Math.floor(changedAfter.getTime() / SECOND) * SECOND)
  let after: string | null = null
  let listed = 0
  const seen = new Set<string>()
  for (;;) {
    const query = `updated_at:>='${new Date(sinceMs).toISOString().slice(0, 19)}Z'`
    const {
      orders,
    }: { orders: { nodes: { id: string; updatedAt: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } =
      await client.ask(changedOrders, { query, after }, changedShape)
    const fresh = orders.nodes.filter(({ id, updatedAt }) => !seen.has(`${id}@${updatedAt}`))
    for (const { id, updatedAt } of fresh) seen.add(`${id}@${updatedAt}`)
    if (fresh.length > 0) yield orderPage(await readOrders(client, [...new Set(fresh.map(one => one.id))]), channels)
    if (!orders.pageInfo.hasNextPage) return
    after = orders.pageInfo.endCursor
    listed += orders.nodes.length
    const last = Date.parse(orders.nodes.at(-1)?.updatedAt ?? '')
    if (listed >= LIST_MAX && last > sinceMs) {
      sinceMs = last
      after = null
      listed = 0
    }
  }
}

/** One part of an order as it is now; null when the shop has it no more, or shows it no more. */
export async function one(
  client: Client,
  channels: readonly ChannelAccess[],
  externalId: string,
): Promise<ChannelOrder | Unreadable | null> {
  const part = partOf(externalId, channels)
  if (!part) return null
  const [found] = await readOrders(client, [part.orderId])
  if (!found) return null
  if ('reason' in found) return unreadable(found)
  return toChannelOrders(found, channels).find(order => order.channelRef === part.channel.ref) ?? null
}

function orderPage(found: readonly (WholeOrder | Unread)[], channels: readonly ChannelAccess[]): OrderPage {
  const orders = found.flatMap(order => ('reason' in order ? [] : toChannelOrders(order, channels)))
  return {
    orders: orders.sort((a, b) => a.stamp.localeCompare(b.stamp)),
    unreadable: found.flatMap(order => ('reason' in order ? [unreadable(order)] : [])),
  }
}

function unreadable({ id, reason, raw }: Unread): Unreadable {
  return { externalId: id, reason, raw }
}
