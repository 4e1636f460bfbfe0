import { type Charge, inMinor, minorDigits, NO_CHARGE, type OrderAmounts, together } from '../../src/values/order-amounts.ts'
import { fromMinor } from './amounts.ts'
import type { Facts } from './facts.ts'
import type { WireOrder } from './wire.ts'

type Both = { readonly net: number; readonly gross: number }

/**
 * What an order costs, in the channel's basis. Discounts of the whole order are in what a line costs in the end (`prorated`); surcharges are fees, also those below 0.
 * Once units were taken off a line Vendure tells what is left of it only: then nothing is told, and what was told before stands.
 */
export function orderAmountsOf(
  order: WireOrder,
  isWhole: boolean,
  { precision, pricesIncludeTax: taxIncluded }: Pick<Facts, 'precision' | 'pricesIncludeTax'>,
): OrderAmounts | null {
  if (!isWhole) return null
  const { currencyCode } = order
  const digits = minorDigits(currencyCode)
  const minor = (units: number): number => inMinor(fromMinor(units, precision, currencyCode), digits)
  const charge = (before: Both, paid: Both): Charge => {
    const price = minor(taxIncluded ? before.gross : before.net)
    return {
      price,
      discount: price - minor(taxIncluded ? paid.gross : paid.net),
      tax: minor(paid.gross) - minor(paid.net),
      total: minor(paid.gross),
    }
  }
  const lines = order.lines.map((line): [string, Charge] => [
    line.id,
    charge({ net: line.linePrice, gross: line.linePriceWithTax }, { net: line.proratedLinePrice, gross: line.proratedLinePriceWithTax }),
  ])
  const ways = order.shippingLines.map(way =>
    charge({ net: way.price, gross: way.priceWithTax }, { net: way.discountedPrice, gross: way.discountedPriceWithTax }),
  )
  const more = order.surcharges.map(({ price: net, priceWithTax: gross }) => charge({ net, gross }, { net, gross }))
  return {
    ...{ digits, taxIncluded, lines: Object.fromEntries(lines), shipping: together(ways) },
    ...{ fees: more.length === 0 ? NO_CHARGE : together(more), discount: 0, total: minor(order.totalWithTax) },
    paid: (order.payments ?? []).filter(one => one.state === 'Settled').reduce((sum, one) => sum + minor(one.amount), 0),
  }
}
