import { parseDecimal, unitPrice } from '../../src/values/money.ts'

/**
 * Vendure keeps money as whole numbers of one size for all currencies of a server: hundredths unless it is set up otherwise (`moneyStrategyPrecision`), of a yen, too.
 * Null where the amount has more digits than that, or is too large for a number of JSON.
 */
export function toMinor(amount: string, precision: number): number | null {
  const minor = parseDecimal(amount)?.times(10 ** precision)
  return minor?.isInteger() && minor.abs().lte(Number.MAX_SAFE_INTEGER) ? minor.toNumber() : null
}

/** Decimal text with at least the currency's digits. */
export function fromMinor(minor: number, precision: number, currency: string): string {
  // Put together as text: a whole number that Vendure keeps may have more digits than an amount of ours.
  const digits = String(Math.abs(minor)).padStart(precision + 1, '0')
  const point = digits.length - precision
  const text = `${minor < 0 ? '-' : ''}${digits.slice(0, point)}${precision > 0 ? `.${digits.slice(point)}` : ''}`
  const amount = parseDecimal(text)
  return amount === null ? text : unitPrice(amount, currency)
}
