import { Decimal } from 'decimal.js'
import { currencyDigits, isCurrency } from './money.ts'
import { shareWhole } from './shares.ts'

/** What one thing that is paid for comes to, in minor units of the order's currency. `price` and `discount` hold the tax where the order says so, `total` always does. */
export type Charge = {
  /** Before any discount. */
  readonly price: number
  /** What was taken off, its part of discounts on the whole order included; not below 0. */
  readonly discount: number
  readonly tax: number
  /** What the buyer pays for it, as the channel states it; reckoned from the others where the channel does not. */
  readonly total: number
}

/** What an order costs, as its channel states it: for all that was ordered, whatever was cancelled or sent back since. Minor units of the order's currency throughout. */
export type OrderAmounts = {
  /** Digits that the minor unit is behind the point: 2 for euro, 0 for yen. */
  readonly digits: number
  /** Whether the channel's prices hold the tax. */
  readonly taxIncluded: boolean
  /** By `externalLineId`. */
  readonly lines: Readonly<Record<string, Charge>>
  readonly shipping: Charge
  /** What else the buyer pays for: wrapping, surcharges, tips. A surcharge that is a reduction has a price below 0. */
  readonly fees: Charge
  /** Taken off the order as a whole and in none of the above, with tax. */
  readonly discount: number
  readonly total: number
  /** What of `total` was paid with gift cards or credit of the shop; absent where the channel does not tell. */
  readonly giftCards?: number
  /** What was paid in all, before anything went back; absent where the channel does not tell. */
  readonly paid?: number
}

export const NO_CHARGE: Charge = { price: 0, discount: 0, tax: 0, total: 0 }

/** The digits of a currency's minor unit. A platform may send a currency that no list knows: it has 2. */
export function minorDigits(currency: string): number {
  return isCurrency(currency) ? currencyDigits(currency) : 2
}

/** An amount of decimal text in minor units, rounded half up; what is not told is 0. */
export function inMinor(text: string | null | undefined, digits: number): number {
  return text == null || text === ''
    ? 0
    : new Decimal(text)
        .times(10 ** digits)
        .toDecimalPlaces(0, Decimal.ROUND_HALF_UP)
        .toNumber()
}

/** Minor units as decimal text with all their digits. */
export function fromMinorUnits(minor: number, digits: number): string {
  return new Decimal(minor).dividedBy(10 ** digits).toFixed(digits)
}

/** What the other parts of a charge come to. */
export function reckoned({ price, discount, tax }: Omit<Charge, 'total'>, taxIncluded: boolean): number {
  return price - discount + (taxIncluded ? 0 : tax)
}

/** A charge of which the channel does not state the total. */
export function chargeOf(parts: Partial<Omit<Charge, 'total'>>, taxIncluded: boolean): Charge {
  const { price = 0, discount = 0, tax = 0 } = parts
  return { price, discount, tax, total: reckoned({ price, discount, tax }, taxIncluded) }
}

/** Several charges as one. */
export function together(charges: readonly Charge[]): Charge {
  const sum = (name: keyof Charge): number => charges.reduce((all, one) => all + one[name], 0)
  return { price: sum('price'), discount: sum('discount'), tax: sum('tax'), total: sum('total') }
}

/** A whole number shared by weights to the last one (`shareWhole`). */
export function shareOf(total: number, weights: readonly number[]): number[] {
  return shareWhole(BigInt(total), weights.map(BigInt)).map(Number)
}

/** A charge shared by units. Each part adds up as the whole does; what the whole is off by is in the first. */
export function shareCharge(charge: Charge, units: readonly number[], taxIncluded: boolean): Charge[] {
  const [discounts, taxes, totals] = [charge.discount, charge.tax, charge.total].map(one => shareOf(one, units)) as [
    number[],
    number[],
    number[],
  ]
  const off = charge.total - reckoned(charge, taxIncluded)
  return units.map((_, n) => {
    const [discount = 0, tax = 0, total = 0] = [discounts[n], taxes[n], totals[n]]
    return { price: total - (taxIncluded ? 0 : tax) + discount - (n === 0 ? off : 0), discount, tax, total }
  })
}

/** A charge in decimal text of any length, as a platform states it that does not round. */
export type ExactCharge = Readonly<Record<keyof Charge, string>>

/**
 * Charges in minor units so that their totals come to what the exact totals come to, rounded once: each total is rounded down, and the units that are left go to those
 * that lost most by it. What rounding leaves within a charge is its price's; more than that stays, for it is none.
 */
export function roundedCharges(exact: readonly ExactCharge[], digits: number, taxIncluded: boolean): Charge[] {
  const unit = 10 ** digits
  const totals = exact.map(one => new Decimal(one.total).times(unit))
  const floors = totals.map(one => one.floor())
  const lost = totals.map((one, n) => one.minus(floors[n] ?? 0))
  const left = lost
    .reduce((sum, one) => sum.plus(one), new Decimal(0))
    .toDecimalPlaces(0, Decimal.ROUND_HALF_UP)
    .toNumber()
  const order = lost.map((one, n) => ({ one, n })).sort((a, b) => b.one.comparedTo(a.one) || a.n - b.n)
  const favoured = new Set(order.slice(0, left).map(({ n }) => n))
  return exact.map((one, n) => {
    const [discount, tax] = [inMinor(one.discount, digits), inMinor(one.tax, digits)]
    const total = (floors[n]?.toNumber() ?? 0) + (favoured.has(n) ? 1 : 0)
    const fitting = total - (taxIncluded ? 0 : tax) + discount
    const price = new Decimal(one.price).times(unit)
    return { price: price.minus(fitting).abs().lessThan(2) ? fitting : inMinor(one.price, digits), discount, tax, total }
  })
}
