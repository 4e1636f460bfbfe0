import { isCurrency, unitPrice } from '../values/money.ts'

/** A published value for a person: units, or a price with its amounts as its currency writes them. */
export function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return 'none'
  const { quantity, regular, currency, sale } = value as Readonly<Record<string, unknown>>
  if (quantity !== undefined) return String(quantity)
  const amount = (stated: unknown): string =>
    typeof stated === 'string' && typeof currency === 'string' && isCurrency(currency) ? unitPrice(stated, currency) : String(stated ?? '–')
  const lower = typeof sale === 'object' && sale !== null && 'amount' in sale ? `, sale ${amount(sale.amount)}` : ''
  return `${amount(regular)} ${String(currency ?? '')}${lower}`
}
