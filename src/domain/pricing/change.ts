import { Decimal } from './numbers.ts'

type Document = Readonly<Record<string, unknown>>

/**
 * By how many percent a price document leaves another, to a tenth: of the regular price, or of the least that is asked now or by a sale to come, whichever
 * moves further. As the guard looks at a fall (`price_dropped` in SQL). Null where nothing can be said: no price, or another currency.
 */
export function priceChange(before: Document, after: Document): Decimal | null {
  if (before.currency !== after.currency) return null
  const changes = [percentOf(regular(before), regular(after)), percentOf(least(before), least(after))]
  const known = changes.filter(one => one !== null)
  return known.sort((a, b) => b.abs().comparedTo(a.abs()))[0]?.toDecimalPlaces(1) ?? null
}

/** The change in words of a table: `−31 %`, `+5 %`; null stays null. */
export const percentText = (change: Decimal | null): string =>
  change === null ? '–' : `${change.isNegative() && !change.isZero() ? '−' : '+'}${change.abs().toFixed()} %`

function percentOf(from: Decimal | null, to: Decimal | null): Decimal | null {
  return from === null || to === null || from.isZero() ? null : to.minus(from).div(from).times(100)
}

const regular = (document: Document): Decimal | null => (typeof document.regular === 'string' ? new Decimal(document.regular) : null)

function least(document: Document): Decimal | null {
  const { sale } = document
  const amount = typeof sale === 'object' && sale !== null && 'amount' in sale ? sale.amount : null
  const price = regular(document)
  return price === null || typeof amount !== 'string' ? price : Decimal.min(price, amount)
}
