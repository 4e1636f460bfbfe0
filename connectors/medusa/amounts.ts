import { parseDecimal } from '../../src/values/money.ts'
import {
  type ExactCharge,
  inMinor,
  minorDigits,
  NO_CHARGE,
  type OrderAmounts,
  roundedCharges,
  together,
} from '../../src/values/order-amounts.ts'
import type { Order, Priced } from './wire.ts'

/**
 * What an order costs. Medusa rounds nothing: shares of a discount and taxes have tails, which are rounded together here. Its total lacks what the shop's credit
 * settled, which the buyer owed all the same. Null where it does not tell the totals of its lines.
 */
export function amountsOf(order: Order): OrderAmounts | null {
  const { items, total, credit_line_total: credit, summary } = order
  const ways = order.shipping_methods ?? []
  const digits = minorDigits(order.currency_code.toUpperCase())
  const taxIncluded = items.some(line => line.is_tax_inclusive)
  const exact = [...items, ...ways].flatMap(one => exactOf(one, taxIncluded) ?? [])
  if (total == null || exact.length < items.length + ways.length) return null
  const charges = roundedCharges(exact, digits, taxIncluded)
  const credited = inMinor(credit, digits)
  return {
    ...{ digits, taxIncluded, fees: NO_CHARGE, discount: 0, total: inMinor(total, digits) + credited },
    lines: Object.fromEntries(items.map((line, n) => [line.id, charges[n] ?? NO_CHARGE])),
    shipping: together(charges.slice(items.length)),
    ...(credited === 0 ? {} : { giftCards: credited }),
    ...(summary?.paid_total == null ? {} : { paid: inMinor(summary.paid_total, digits) + credited }),
  }
}

function exactOf(
  { original_subtotal: net, original_total: gross, total, tax_total: tax }: Priced,
  taxIncluded: boolean,
): ExactCharge | null {
  const [price, paid, taxes] = [parseDecimal((taxIncluded ? gross : net) ?? ''), parseDecimal(total ?? ''), parseDecimal(tax ?? '')]
  if (price === null || paid === null || taxes === null) return null
  const discount = price.minus(taxIncluded ? paid : paid.minus(taxes))
  return { price: price.toFixed(), discount: discount.toFixed(), tax: taxes.toFixed(), total: paid.toFixed() }
}
