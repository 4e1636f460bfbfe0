import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { type Charge, chargeOf, inMinor, minorDigits, NO_CHARGE } from '../../src/values/order-amounts.ts'
import type { Order } from './wire.ts'

/**
 * What an order costs. eBay tells taxes that come on top; what a price holds of VAT it does not tell. A line's own total holds its delivery, so it is reckoned without;
 * the tax of no line is that of the delivery. A reduction or adjustment of the order that is on no line stays the order's.
 */
export function amountsOf({ pricingSummary: sum, lineItems }: Order): Pick<ChannelOrder, 'amounts'> {
  if (!sum?.total) return {}
  const digits = minorDigits(sum.total.currency)
  const minor = (money: { readonly value: string } | undefined): number => inMinor(money?.value, digits)
  const lines = lineItems.map((line): [string, Charge] => {
    const price = minor(line.lineItemCost)
    const discount = line.discountedLineItemCost === undefined ? 0 : price - minor(line.discountedLineItemCost)
    const tax = (line.taxes ?? []).reduce((all, one) => all + minor(one.amount), 0)
    return [line.lineItemId, chargeOf({ price, discount, tax }, false)]
  })
  const of = (name: 'discount' | 'tax'): number => lines.reduce((all, [, charge]) => all + charge[name], 0)
  const fee = minor(sum.fee)
  return {
    amounts: {
      ...{ digits, taxIncluded: false, lines: Object.fromEntries(lines), total: minor(sum.total) },
      shipping: chargeOf(
        {
          price: minor(sum.deliveryCost),
          discount: Math.abs(minor(sum.deliveryDiscount)),
          tax: sum.tax === undefined ? 0 : minor(sum.tax) - of('tax'),
        },
        false,
      ),
      fees: fee === 0 ? NO_CHARGE : chargeOf({ price: fee }, false),
      discount: (sum.priceDiscount === undefined ? 0 : Math.abs(minor(sum.priceDiscount)) - of('discount')) - minor(sum.adjustment),
    },
  }
}
