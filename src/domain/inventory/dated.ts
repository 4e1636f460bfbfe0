import { UNITS_HELD_MOST } from '../../values/units.ts'

/** Units that are expected at a location: of a delivery, or of a transfer on its way. */
export type Expected = { readonly location: string; readonly at: Date; readonly units: number }

/** What is known of one variant: what is free at each location (below 0 where safety stock is not covered), what is coming, what orders lack. */
export type Supply = {
  readonly free: Readonly<Record<string, number>>
  readonly expected: readonly Expected[]
  /** Units that orders are short of already. */
  readonly short: number
}

/** An item and, for a bundle, its parts with the units of each that one takes. */
export type DatedItem = { readonly own: Supply; readonly parts: readonly { readonly perUnit: number; readonly supply: Supply }[] }

/**
 * What a pool of locations can promise of an item on a date. What is expected by then counts at its location; what orders are short of already
 * is served from it first, the earliest units before the later ones. What should have come and has not still counts: it is expected. A bundle
 * is put together at one location. The SQL function `pool_atp_on_1` repeats this rule; a property test holds the two equal.
 */
export function datedAtp(pool: readonly string[], item: DatedItem, on: Date): number {
  const own = placed(pool, item.own, on)
  const parts = item.parts.map(part => ({ perUnit: part.perUnit, at: placed(pool, part.supply, on) }))
  const atp = pool.reduce((sum, location) => {
    const made = parts.map(part => Math.floor((part.at.get(location) ?? 0) / part.perUnit))
    return sum + (own.get(location) ?? 0) + (made.length === 0 ? 0 : Math.min(...made))
  }, 0)
  return Math.min(atp, UNITS_HELD_MOST)
}

/** Units of one variant that can be promised at each location on the date. */
function placed(pool: readonly string[], supply: Supply, on: Date): ReadonlyMap<string, number> {
  const free = new Map(pool.map(location => [location, supply.free[location] ?? 0]))
  const coming = supply.expected.filter(one => one.at <= on && free.has(one.location)).toSorted((a, b) => a.at.getTime() - b.at.getTime())
  let short = supply.short
  for (const { location, units } of coming) {
    const served = Math.min(short, units)
    short -= served
    free.set(location, (free.get(location) ?? 0) + units - served)
  }
  return new Map([...free].map(([location, units]) => [location, Math.max(0, units)]))
}
