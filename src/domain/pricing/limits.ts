import type { PriceFacts, PriceLimit } from './facts.ts'
import { carried, Decimal, divided, type Rounding, roundedDown, roundedUp, toEnding } from './numbers.ts'
import { exchangeRate, taxPercent } from './rates.ts'

/** A limit as the channel shows prices, and the arithmetic behind it. */
export type Bound = {
  readonly limit: PriceLimit
  readonly amount: Decimal
  /** Of a margin: the cost in its own currency, and the tax percent that the channel shows with it. */
  readonly cost: { readonly amount: string; readonly currency: string } | null
  readonly tax: Decimal | null
}

export type Bounds = {
  readonly floor: Bound | null
  readonly ceiling: Bound | null /** A rate of exchange or tax is missing: nobody knows the limit. */
  readonly unknown: boolean
}

/**
 * Floor and ceiling of the variant in the channel: of several floors the highest, of several ceilings the lowest. A margin floor of a variant
 * without a cost is none. `price_bounds_1` in SQL.
 */
export function bounds(facts: PriceFacts, at: Date): Bounds {
  const reckoned = facts.limits.map(limit => boundOf(facts, limit, at))
  const known = reckoned.filter(one => one !== null && one !== 'unknown')
  const of = (kind: PriceLimit['kind']): Bound[] => known.filter(one => one.limit.kind === kind)
  return {
    floor: of('floor').sort((a, b) => b.amount.comparedTo(a.amount) || a.limit.id - b.limit.id)[0] ?? null,
    ceiling: of('ceiling').sort((a, b) => a.amount.comparedTo(b.amount) || a.limit.id - b.limit.id)[0] ?? null,
    unknown: reckoned.includes('unknown'),
  }
}

function boundOf(facts: PriceFacts, limit: PriceLimit, at: Date): Bound | 'unknown' | null {
  const { channel, variant, exchangeRates, taxRates } = facts
  if (limit.percent !== null) {
    if (!variant.cost) return null
    const rate = exchangeRate(exchangeRates, variant.cost.currency, channel.currency, at)
    if (!rate) return 'unknown'
    // A channel without a region counts no tax; one that has a region and knows no rate does not know its floor.
    const isTaxed = channel.taxInclusive && channel.region !== null
    const tax = isTaxed ? taxPercent(taxRates, channel.region, variant.taxCategory, at) : new Decimal(0)
    if (!tax) return 'unknown'
    const net = divided(carried(new Decimal(variant.cost.amount).times(rate)).times(100), new Decimal(100).minus(limit.percent))
    return { limit, amount: asUnitPrice(net.times(tax.plus(100)).div(100)), cost: variant.cost, tax }
  }
  const rate = exchangeRate(exchangeRates, limit.currency ?? channel.currency, channel.currency, at)
  return rate ? { limit, amount: asUnitPrice(new Decimal(limit.amount ?? 0).times(rate)), cost: null, tax: null } : 'unknown'
}

/** To the decimals of a unit price: what a rate taken the other way round leaves behind them would lift a price by a cent. */
const asUnitPrice = (x: Decimal): Decimal => x.toDecimalPlaces(6)

export type Held = 'floor_above_ceiling' | 'limit_unknown'

/**
 * A rounded price held between its floor and ceiling. Clamped up it is rounded up the channel's way, where the ceiling lets it, else to the
 * currency's digits; clamped down it is rounded down to the digits, as no ending may lift it. Held for a person where no price can be right.
 * `price_within` in SQL.
 */
export function heldBetween(price: Decimal, { floor, ceiling, unknown }: Bounds, rounding: Rounding, digits: number): Decimal | Held {
  const [low, high] = [floor?.amount ?? null, ceiling?.amount ?? null]
  if (unknown) return 'limit_unknown'
  if (low && high && low.greaterThan(high)) return 'floor_above_ceiling'
  const isTooHigh = (x: Decimal): boolean => high?.lessThan(x) ?? false
  if (low && price.lessThan(low)) {
    const stated = roundedUpAsStated(low, rounding, digits)
    const lifted = isTooHigh(stated) ? roundedUp(low, digits) : stated
    return isTooHigh(lifted) ? 'floor_above_ceiling' : lifted
  }
  if (high && isTooHigh(price)) {
    const lowered = roundedDown(high, digits)
    return (low && lowered.lessThan(low)) || lowered.lessThanOrEqualTo(0) ? 'floor_above_ceiling' : lowered
  }
  return price
}

function roundedUpAsStated(x: Decimal, rounding: Rounding, digits: number): Decimal {
  switch (rounding.kind) {
    case 'ending':
      return toEnding(x, new Decimal(rounding.step), new Decimal(rounding.ending), 'up')
    case 'none':
      return roundedUp(x, 6)
    case 'digits':
      return roundedUp(x, digits)
  }
}
