import { Decimal } from 'decimal.js'

/** Digits after the point that a currency's amounts have (ISO 4217). Read from the runtime's own tables, so that the list is never ours to keep. */
export function currencyDigits(currency: string): number {
  let known = digits.get(currency)
  if (known === undefined) {
    known = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
    digits.set(currency, known)
  }
  return known
}

// Each look-up makes a formatter, and an order asks for each of its amounts.
const digits = new Map<string, number>()
let currencies: ReadonlySet<string> | null = null

/** Whether the three letters name a currency that the runtime knows. */
export function isCurrency(code: string): boolean {
  currencies ??= new Set(Intl.supportedValuesOf('currency'))
  return currencies.has(code)
}

/** A decimal number as text: no exponent, no spaces, a point as the separator. Null when the text is not one. */
export function parseDecimal(text: string): Decimal | null {
  return /^-?\d{1,15}(\.\d{1,12})?$/.test(text) ? new Decimal(text) : null
}

/** An amount of money as text with exactly its currency's digits, rounded half up: `amount('1.1', 'EUR')` is `1.10`. */
export function amount(value: Decimal | string, currency: string): string {
  return new Decimal(value).toFixed(currencyDigits(currency), Decimal.ROUND_HALF_UP)
}

/** A unit price as text: at least its currency's digits, at most 6. */
export function unitPrice(value: Decimal | string, currency: string): string {
  const rounded = new Decimal(value).toDecimalPlaces(6, Decimal.ROUND_HALF_UP)
  return rounded.toFixed(Math.max(currencyDigits(currency), Math.min(6, rounded.decimalPlaces())))
}

/** An amount in its currency's smallest units (cents), rounded half up, so that sums are exact. Text that is no number is 0. */
export function minorOf(text: string, currency: string): number {
  const value = parseDecimal(text.trim())
  return value === null
    ? 0
    : value
        .times(10 ** currencyDigits(currency))
        .toDecimalPlaces(0, Decimal.ROUND_HALF_UP)
        .toNumber()
}

/** The amount of so many smallest units as text. */
export function ofMinor(minor: number, currency: string): string {
  return amount(new Decimal(minor).dividedBy(10 ** currencyDigits(currency)), currency)
}

/** Whether two texts are the same number (`1.1` and `1.10` are). */
export function sameAmount(a: string | null | undefined, b: string | null | undefined): boolean {
  if (a == null || b == null) return (a ?? null) === (b ?? null)
  return new Decimal(a).equals(b)
}
