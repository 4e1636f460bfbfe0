import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { type Charge, inMinor, minorDigits, together } from '../../src/values/order-amounts.ts'
import type { WooOrder } from './wire.ts'

type Money = { readonly total: string; readonly total_tax: string }

/**
 * What an order costs. WooCommerce keeps every amount net with its tax beside it, whatever the shop's prices hold; where they hold the tax, price and discount are told
 * with it. A fee may be a reduction, with an amount below 0. Shipping has no discount of its own: a coupon for free shipping takes its place.
 */
export function amountsOf(woo: WooOrder): Pick<ChannelOrder, 'amounts'> {
  if (woo.total === null) return {}
  const digits = minorDigits(woo.currency)
  const taxIncluded = woo.prices_include_tax
  const minor = (text: string): number => inMinor(text, digits)
  const priceOf = (net: string, tax: string): number => minor(net) + (taxIncluded ? minor(tax) : 0)
  const charge = (paid: Money, before: Money): Charge => {
    const after = priceOf(paid.total, paid.total_tax)
    // Staff may ask for more than the product's price.
    const price = Math.max(after, priceOf(before.total, before.total_tax))
    return { price, discount: price - after, tax: minor(paid.total_tax), total: minor(paid.total) + minor(paid.total_tax) }
  }
  const lines = woo.line_items.map((line): [string, Charge] => {
    const before = { total: line.subtotal ?? line.total, total_tax: line.subtotal_tax ?? line.total_tax }
    return [String(line.id), charge(line, before)]
  })
  return {
    amounts: {
      ...{ digits, taxIncluded, lines: Object.fromEntries(lines), discount: 0, total: minor(woo.total) },
      shipping: together(woo.shipping_lines.map(line => charge(line, line))),
      fees: together(woo.fee_lines.map(line => charge(line, line))),
    },
  }
}
