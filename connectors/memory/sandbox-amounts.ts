import { minorDigits, NO_CHARGE } from '../../src/values/order-amounts.ts'
import { billOf, type SandboxTerms } from '../sandbox-bill.ts'
import type { WireOrder } from './wire.ts'

/** The order with what all that was ordered costs by its terms, cancelled units included. */
export function withAmounts(order: WireOrder, terms: SandboxTerms): WireOrder {
  const lines = order.lines.map(line => ({ quantity: line.ordered, price: line.unitPrice ?? '0' }))
  const { taxIncluded, lines: charges, shipping, total, text } = billOf(terms, lines, order.currency)
  const byLine = Object.fromEntries(order.lines.map((line, n) => [line.externalLineId, charges[n] ?? NO_CHARGE]))
  const amounts = { digits: minorDigits(order.currency), taxIncluded, lines: byLine, shipping, fees: NO_CHARGE, discount: 0, total }
  return { ...order, total: text(total), amounts }
}
