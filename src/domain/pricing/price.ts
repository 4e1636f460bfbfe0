import { Decimal } from 'decimal.js'

/** One version of a price that is in force in the books: for everyone (`channel` null) or one channel; with a period or without. */
export type PriceEntry = {
  readonly id: number
  readonly channel: number | null
  readonly amount: string
  readonly startsAt: Date | null
  readonly endsAt: Date | null
}

export type PriceDocument = {
  readonly regular: string
  readonly sale: { readonly amount: string; readonly from: Date; readonly to: Date | null } | null
}

/**
 * What a channel should show for a variant at an instant, or null without a regular price. The channel's own price goes before
 * everyone's. A dated price that is lower is a sale: the one in force, or else the next one, so that it can be sent ahead. A dated price
 * that is not lower replaces the regular one while it is in force. `channel_price_1` repeats this rule in SQL.
 */
export function priceDocument(entries: readonly PriceEntry[], channel: number, now: Date): PriceDocument | null {
  const ours = entries.filter(entry => entry.channel === channel || entry.channel === null)
  const regular = ours.filter(entry => entry.startsAt === null).sort(ownFirst)[0]
  if (!regular) return null
  const dated = ours
    .filter(entry => entry.startsAt !== null && (entry.endsAt === null || entry.endsAt > now))
    .sort((a, b) => inForceFirst(a, b, now) || ownFirst(a, b) || byStart(a, b, now) || a.id - b.id)[0]
  if (!dated?.startsAt) return { regular: regular.amount, sale: null }
  if (new Decimal(dated.amount).lessThan(regular.amount))
    return { regular: regular.amount, sale: { amount: dated.amount, from: dated.startsAt, to: dated.endsAt } }
  return { regular: dated.startsAt <= now ? dated.amount : regular.amount, sale: null }
}

const ownFirst = (a: PriceEntry, b: PriceEntry): number => Number(a.channel === null) - Number(b.channel === null)

const started = (entry: PriceEntry, now: Date): boolean => entry.startsAt !== null && entry.startsAt <= now

const inForceFirst = (a: PriceEntry, b: PriceEntry, now: Date): number => Number(started(b, now)) - Number(started(a, now))

/** Of those in force the one that began last; of those to come the one that begins first. */
function byStart(a: PriceEntry, b: PriceEntry, now: Date): number {
  const difference = (a.startsAt?.getTime() ?? 0) - (b.startsAt?.getTime() ?? 0)
  return started(a, now) ? -difference : difference
}
