import { amount, isCurrency, unitPrice } from '../values/money.ts'

/** An amount as it leaves: with its currency's digits. A currency that a platform made up leaves the number as it came. */
export function amountShown(value: string | null, currency: string): string | null {
  return value === null || !isCurrency(currency) ? value : amount(value, currency)
}

/** A unit price as it leaves: at least its currency's digits, at most 6. */
export function priceShown(value: string | null, currency: string): string | null {
  return value === null || !isCurrency(currency) ? value : unitPrice(value, currency)
}

/** A published value as it leaves: a quantity as it is, a price document with its amounts written out. */
export function valueShown(value: unknown): Record<string, unknown> | null {
  if (value === null || typeof value !== 'object') return null
  const document = value as Readonly<Record<string, unknown>>
  const { currency, regular, sale } = document
  if (typeof currency !== 'string' || typeof regular !== 'string') return { ...document }
  return { ...document, regular: priceShown(regular, currency), ...(sale === undefined ? {} : { sale: saleShown(sale, currency) }) }
}

function saleShown(sale: unknown, currency: string): unknown {
  if (sale === null || typeof sale !== 'object' || !('amount' in sale)) return sale
  const reference = 'reference' in sale && typeof sale.reference === 'string' ? { reference: priceShown(sale.reference, currency) } : {}
  return { ...sale, amount: typeof sale.amount === 'string' ? priceShown(sale.amount, currency) : sale.amount, ...reference }
}
