import { type Charge, chargeOf, inMinor, minorDigits, type OrderAmounts, together } from '../../src/values/order-amounts.ts'
import type { WholeOrder } from './order-read.ts'

type Money = { readonly shopMoney: { readonly amount: string } }
type Priced = {
  readonly discountAllocations: readonly { readonly allocatedAmountSet: Money }[]
  readonly taxLines: readonly { readonly priceSet: Money }[]
}

/** What an order costs, in the shop's currency. Discounts of the whole order are allocated to its lines and shipping by Shopify; fees are duties, tips and the like. */
export function amountsOf({ head, lines, ways }: WholeOrder): OrderAmounts {
  const digits = minorDigits(head.currencyCode)
  const minor = (money: Money | null | undefined): number => inMinor(money?.shopMoney.amount, digits)
  const charge = (price: Money, { discountAllocations, taxLines }: Priced): Charge =>
    chargeOf(
      {
        price: minor(price),
        discount: discountAllocations.reduce((sum, one) => sum + minor(one.allocatedAmountSet), 0),
        tax: taxLines.reduce((sum, one) => sum + minor(one.priceSet), 0),
      },
      head.taxesIncluded,
    )
  const fees = [head.totalTipReceivedSet, head.originalTotalDutiesSet, head.originalTotalAdditionalFeesSet]
  return {
    ...{ digits, taxIncluded: head.taxesIncluded, discount: 0, total: minor(head.totalPriceSet), paid: minor(head.totalReceivedSet) },
    lines: Object.fromEntries(lines.map(line => [line.id, charge(line.originalTotalSet, line)])),
    shipping: together(ways.map(way => charge(way.originalPriceSet, way))),
    fees: chargeOf({ price: fees.reduce((sum, one) => sum + minor(one), 0) }, head.taxesIncluded),
  }
}
