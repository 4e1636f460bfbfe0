import { Decimal } from 'decimal.js'

// Enough digits that a quotient is never rounded onto the middle between two millionths before it is rounded to them.
const Exact = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_UP })

/** Units at a cost each. `unitCost` is decimal text with at most 6 decimals, in one currency for both sides. */
export type CostedUnits = { readonly units: number; readonly unitCost: string }

/**
 * The weighted average cost of one unit after `arriving` joined `before`, as decimal text with 6 decimals, rounded half up. Where nothing was
 * there, it is the cost of what arrives; where nothing arrives, nothing changes. The SQL function `cost_average` repeats this rule; a
 * property test holds the two equal.
 */
export function averageCost(before: CostedUnits, arriving: CostedUnits): string {
  if (arriving.units === 0) return new Exact(before.unitCost).toFixed(6)
  const worth = new Exact(before.unitCost).times(before.units).plus(new Exact(arriving.unitCost).times(arriving.units))
  return worth.dividedBy(before.units + arriving.units).toFixed(6)
}
