import type { Booked } from '../db/orders.ts'
import type { ChannelOrder } from '../src/values/channel-order.ts'

/**
 * Why an order needs a person, in words that begin with the kind of trouble; null when it needs none. Of the kinds, only `unmatched` is in
 * the books.
 */
export function troubleOf(account: string, order: ChannelOrder, booked: Booked | undefined): string | null {
  if (booked?.outcome === 'unknown_channel')
    return `unknown_channel: order ${order.number} was sold in ${order.channelRef}, which is no channel of ${account}; add it`
  if (booked?.outcome === 'refused') return `refused: order ${order.number} cannot be booked: ${booked.reason ?? 'no reason was told'}`
  const unmatched = booked?.unmatched ?? []
  return unmatched.length > 0
    ? `unmatched: order ${order.number} is booked, but nobody knows ${unmatched.join(', ')}; match the listing`
    : null
}

/** Why a message cannot be read. */
export const unreadable = (reason: string): string => `unreadable: ${reason}`
