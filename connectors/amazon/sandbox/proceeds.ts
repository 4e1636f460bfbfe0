import { type Charge, NO_CHARGE, shareCharge } from '../../../src/values/order-amounts.ts'
import type { Bill } from '../../sandbox-bill.ts'

/** The proceeds of each item: its goods, and its share of the shipping by what it costs. */
export function proceedsOf(bill: Bill, currency: string): object[] {
  const { lines, shipping, taxIncluded, text } = bill
  const ways =
    lines.length === 0
      ? []
      : shareCharge(
          shipping,
          lines.map(line => line.price),
          taxIncluded,
        )
  const money = (minor: number): object => ({ amount: text(minor), currencyCode: currency })
  return lines.map((goods, n) => {
    const way = ways[n] ?? NO_CHARGE
    const by = (of: (charge: Charge) => number, sign: 1 | -1): object => ({
      subtotal: money(sign * (of(goods) + of(way))),
      detailedBreakdowns: [
        { subtype: 'ITEM', value: money(sign * of(goods)) },
        { subtype: 'SHIPPING', value: money(sign * of(way)) },
      ],
    })
    return {
      proceedsTotal: money(goods.total + way.total),
      breakdowns: [
        { type: 'ITEM', subtotal: money(goods.price) },
        { type: 'SHIPPING', subtotal: money(way.price) },
        { type: 'TAX', ...by(charge => charge.tax, 1) },
        { type: 'DISCOUNT', ...by(charge => charge.discount, -1) },
      ],
    }
  })
}
