import { Decimal as Plain } from 'decimal.js'

/** Decimals that keep every digit that prices need between two roundings; the default of 20 would not. */
export const Decimal = Plain.clone({ precision: 80, rounding: Plain.ROUND_HALF_UP })
export type Decimal = Plain

/** Decimals that are carried between the steps of a price; what does not come out even is rounded half up to this many. */
const CARRIED = 12

/** How a channel states reckoned prices: with up to 6 decimals, with its currency's digits, or ending as it likes. */
export type Rounding =
  | { readonly kind: 'none' }
  | { readonly kind: 'digits' }
  /** On a multiple of `step` plus `ending`: 0.99 in steps of 1, 0.05 in Swiss francs with ending 0, whole yen in steps of 1. */
  | { readonly kind: 'ending'; readonly step: string; readonly ending: string; readonly direction: 'nearest' | 'up' | 'down' }

export type Rule = 'fixed' | 'percent' | 'amount' | 'margin'

/** To the decimals that are carried. `round(x, 12)` in SQL. */
export const carried = (x: Decimal): Decimal => x.toDecimalPlaces(CARRIED)

/** x / y to the decimals that are carried; rounded twice, exactly as `price_divide` does in SQL. */
export const divided = (x: Decimal, y: Decimal): Decimal => carried(new Decimal(x.toDecimalPlaces(24)).div(y).toDecimalPlaces(24))

/** What a rule makes of its base: percent and amount may lower (negative values); a margin is of the price, so that the cost is `100 - value` percent of it. */
export function ruled(rule: Rule, value: Decimal, base: Decimal | null): Decimal | null {
  if (rule === 'fixed') return value
  if (base === null) return null
  switch (rule) {
    case 'percent':
      return carried(base.times(value.plus(100)).div(100))
    case 'amount':
      return base.plus(value)
    case 'margin':
      return divided(base.times(100), new Decimal(100).minus(value))
  }
}

/**
 * A reckoned price as a channel states it; never at nothing: at the least the smallest unit. `digits`: the currency's. First to the 6 decimals of a unit price: what
 * a rate or a tax taken there and back leaves behind these would lift a price to its next ending.
 */
export function rounded(reckoned: Decimal, rounding: Rounding, digits: number): Decimal {
  const x = reckoned.toDecimalPlaces(6)
  switch (rounding.kind) {
    case 'ending':
      return toEnding(x, new Decimal(rounding.step), new Decimal(rounding.ending), rounding.direction)
    case 'none':
      return Decimal.max(x, '0.000001')
    case 'digits':
      return Decimal.max(x.toDecimalPlaces(digits), new Decimal(10).pow(-digits))
  }
}

/** The price that ends as wanted nearest to x (of two as near the upper), or next above or below it; above nothing in any case. */
export function toEnding(x: Decimal, step: Decimal, ending: Decimal, direction: 'nearest' | 'up' | 'down'): Decimal {
  const rest = x.minus(ending).mod(step)
  const over = rest.isNegative() && !rest.isZero() ? rest.plus(step) : rest
  const below = x.minus(over)
  if (over.isZero() && x.greaterThan(0)) return x
  const isUp = direction === 'up' || below.lessThanOrEqualTo(0) || (direction === 'nearest' && over.times(2).greaterThanOrEqualTo(step))
  return isUp ? below.plus(step) : below
}

/** x rounded up to so many digits. */
export const roundedUp = (x: Decimal, digits: number): Decimal => x.toDecimalPlaces(digits, Plain.ROUND_CEIL)

/** x rounded down to so many digits. */
export const roundedDown = (x: Decimal, digits: number): Decimal => x.toDecimalPlaces(digits, Plain.ROUND_FLOOR)
