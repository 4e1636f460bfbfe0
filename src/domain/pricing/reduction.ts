import type { Documented } from './document.ts'
import { lowestApplied, type ShownSteps } from './history.ts'
import { Decimal } from './numbers.ts'

/** When a sale began (or will begin), and the price that it is measured by: the lowest of the 30 days before; null where nothing was shown then. */
export type Reduction = { readonly began: Date; readonly reference: string | null }

/**
 * The reduction that a channel's document announces, or null where it announces none. A sale begins at its start, or when it came into the books where
 * that was later. Before a sale to come, the regular price of today is taken to be shown until then. `price_references_1` in SQL.
 */
export function reductionOf({ document, regular, sale }: Documented, listings: readonly ShownSteps[], now: Date): Reduction | null {
  if (!document?.sale || !sale || !regular?.amount) return null
  const exactly = sale.from ?? latest(cameAbout(sale))
  if (exactly === null) return null
  // Whole seconds, as platforms are told: what shows from the beginning of that second on is the sale itself.
  const began = new Date(Math.floor(exactly.getTime() / 1000) * 1000)
  const shown = lowestApplied(listings, began, now)
  const until = sale.from === null ? null : regular.amount
  const lowest = shown && until ? Decimal.min(shown, until) : (shown ?? until)
  return { began, reference: lowest?.toFixed() ?? null }
}

function cameAbout({ winner }: NonNullable<Documented['sale']>): (Date | null)[] {
  const { source, spoke } = winner
  return source.kind === 'list'
    ? [source.list.startsAt, source.list.since, spoke?.entry.since ?? null]
    : [source.price.startsAt, source.price.since]
}

function latest(instants: readonly (Date | null)[]): Date | null {
  const known = instants.flatMap(at => (at === null ? [] : [at.getTime()]))
  return known.length === 0 ? null : new Date(Math.max(...known))
}
