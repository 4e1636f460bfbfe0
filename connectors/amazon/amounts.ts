import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { type Charge, inMinor, minorDigits, NO_CHARGE, reckoned, together } from '../../src/values/order-amounts.ts'
import type { ItemProceeds, Order } from './wire.ts'

type Money = { readonly amount: string; readonly currencyCode: string }

/**
 * What an order costs, from the proceeds of its items: their price, shipping and what else they brought, with taxes and discounts by kind. Amazon does not say whether
 * prices hold the tax (they do where VAT is due, and do not in the United States): of the two, what gives the order's total is taken. Absent until Amazon tells proceeds.
 */
export function amountsOf({ proceeds, orderItems: items }: Order): Pick<ChannelOrder, 'amounts'> {
  const total = proceeds?.grandTotal
  if (!total || items.some(item => item.proceeds?.breakdowns === undefined)) return {}
  const digits = minorDigits(total.currencyCode)
  const minor = (money: Money | undefined): number => inMinor(money?.amount, digits)
  const whole = minor(total)
  // A tip is the order's, and of no item.
  const tip = (proceeds?.breakdowns ?? []).filter(one => one.type === 'DELIVERY_TIP').reduce((sum, one) => sum + minor(one.subtotal), 0)
  const told = items.map(item => ({ id: item.orderItemId, ...partsOf(item.proceeds ?? {}, minor) }))
  const sum = (taxIncluded: boolean): number =>
    told.flatMap(one => [one.goods, one.shipping, one.fees]).reduce((all, one) => all + reckoned(one, taxIncluded), tip)
  const taxIncluded = sum(false) !== whole && sum(true) === whole
  const charge = (one: Omit<Charge, 'total'>): Charge => ({ ...one, total: reckoned(one, taxIncluded) })
  return {
    amounts: {
      ...{ digits, taxIncluded, discount: 0, total: whole },
      lines: Object.fromEntries(told.map(one => [one.id, charge(one.goods)])),
      shipping: together(told.map(one => charge(one.shipping))),
      fees: together([...told.map(one => charge(one.fees)), { ...NO_CHARGE, price: tip, total: tip }]),
    },
  }
}

type Part = Omit<Charge, 'total'>

/** An item's proceeds by what they are for. What is told of taxes and discounts without its kind is the goods'. */
function partsOf(
  { breakdowns = [] }: ItemProceeds,
  minor: (money: Money | undefined) => number,
): Record<'goods' | 'shipping' | 'fees', Part> {
  const parts = {
    goods: { price: 0, discount: 0, tax: 0 },
    shipping: { price: 0, discount: 0, tax: 0 },
    fees: { price: 0, discount: 0, tax: 0 },
  }
  const of = (kind: string | undefined): (typeof parts)['goods'] =>
    kind === 'SHIPPING' ? parts.shipping : kind === undefined || kind === 'ITEM' || kind === 'DISCOUNT' ? parts.goods : parts.fees
  for (const { type, subtotal, detailedBreakdowns = [] } of breakdowns) {
    if (type !== 'TAX' && type !== 'DISCOUNT') {
      of(type).price += minor(subtotal)
      continue
    }
    const details = detailedBreakdowns.map(one => ({ kind: one.subtype, value: minor(one.value) }))
    const rest = minor(subtotal) - details.reduce((sum, one) => sum + one.value, 0)
    for (const { kind, value } of [...details, { kind: undefined, value: rest }]) {
      const part = of(kind)
      if (type === 'TAX') part.tax += value
      // Whether a reduction has a sign is not said.
      else part.discount += Math.abs(value)
    }
  }
  return parts
}
