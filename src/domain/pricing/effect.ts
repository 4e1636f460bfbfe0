import type { StatedPrice } from './standing.ts'

/** What goes before a typed price at its beginning: a list or another typed price, of the regular track or a sale. Amounts are decimal text, instants ISO text. */
export type Outranked = {
  readonly track: 'regular' | 'sale'
  readonly list?: string
  /** Of a typed price: the channel that it is for; absent: for everyone. */
  readonly channel?: string
  /** What buyers pay by it, and until when it holds; absent: with no end, or nothing is paid. */
  readonly amount?: string
  readonly until?: string
}

/**
 * What a typed price comes to in a channel. goes: what the lists and rules say goes out now. same: the platform shows that already. held: by the guard, or it will be.
 * limited: no price lies between floor and ceiling. no_price: none is left, the platform goes on showing what it shows.
 */
export type PriceEffect = {
  /** The place of the price in what was sent, from 0. */
  readonly line: number
  readonly sku: string
  readonly channel: string
  readonly currency: string
  /** As typed; absent: ended. */
  readonly amount?: string
  readonly outcome: 'goes' | 'same' | 'held' | 'limited' | 'no_price' | 'off' | 'paused' | 'not_listed'
  /** What the lists and rules say from now on; null: nothing. */
  readonly shows: StatedPrice | null
  /** What the platform showed when it was read. */
  readonly now: StatedPrice | null
  readonly readAt: string | null
  readonly over?: Outranked
  readonly limit?: 'changed' | 'dropped'
  /** The incident that holds it; absent: one opens within moments. */
  readonly incident?: number
  readonly decision?: 'rejected' | 'approved'
  readonly words?: string
  /** Where it is not listed: the floor that it would be below. */
  readonly floor?: string
}
