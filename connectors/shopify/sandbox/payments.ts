import { amount } from '../../../src/values/money.ts'
import { shareOf } from '../../../src/values/order-amounts.ts'
import { type Bill, billOf, termsOf } from '../../sandbox-bill.ts'
import type { Args, Thing } from '../../sandbox-graphql.ts'
import { gidOf, type LineRow, numberOf, type OrderRow, type RefundRow, type Shop } from './schema.ts'

export const moneyOf = (amount: string, currencyCode: string): Thing => ({
  ...{ __typename: 'MoneyBag', shopMoney: { __typename: 'MoneyV2', amount, currencyCode } },
})

/** What the order cost. */
export function billOfOrder(shop: Shop, order: OrderRow): Bill {
  const lines = shop.store.all<LineRow>('select * from order_line where order_id = ? order by id', order.id)
  return billOf(termsOf(order.terms), lines, shop.options.currency ?? 'EUR')
}

/** What was paid and has not gone back; a cancelled order has got all of it back. */
export function leftCents(shop: Shop, row: OrderRow): number {
  if (row.paid === 0 || row.cancelled !== null) return 0
  return refundsOf(shop, row.id).reduce((left, one) => left - one.cents, billOfOrder(shop, row).total)
}

const refundsOf = ({ store }: Shop, orderId: number): RefundRow[] =>
  store.all<RefundRow>('select * from refund where order_id = ? order by id', orderId)

/** The payment of an order, what went back of it, and what would have to for units that are withdrawn. */
export function paymentFields(shop: Shop, row: OrderRow): Thing {
  const currency = shop.options.currency ?? 'EUR'
  const money = (value: number): Thing => moneyOf(amount(String(value / 100), currency), currency)
  const sale = gidOf('OrderTransaction', row.id)
  const transaction = (id: string, kind: string, value: number): Thing => ({
    ...{ __typename: 'OrderTransaction', id, kind, status: 'SUCCESS', gateway: 'shopify_payments', amountSet: money(value) },
    parentTransaction: id === sale ? null : { __typename: 'OrderTransaction', id: sale },
  })
  const paid = (): Thing[] => {
    if (row.paid === 0) return []
    const back = refundsOf(shop, row.id).filter(one => one.cents > 0)
    const whole = billOfOrder(shop, row).total
    const rest = row.cancelled === null ? 0 : back.reduce((left, one) => left - one.cents, whole)
    return [
      transaction(sale, 'SALE', whole),
      ...back.map(one => transaction(gidOf('OrderTransaction', `${row.id}${one.id}`), 'REFUND', one.cents)),
      ...(rest > 0 ? [transaction(gidOf('OrderTransaction', `${row.id}0`), 'REFUND', rest)] : []),
    ]
  }
  return {
    transactions: ({ first }: Args) => paid().slice(0, Number(first)),
    suggestedRefund: ({ refundLineItems }: Args) => {
      const known = shop.store.all<LineRow>('select * from order_line where order_id = ? order by id', row.id)
      const { lines } = billOfOrder(shop, row)
      const worth = (refundLineItems as readonly { lineItemId: string; quantity: number }[]).reduce((sum, one) => {
        const n = known.findIndex(line => line.id === numberOf('LineItem', one.lineItemId))
        const [share = 0] = shareOf(lines[n]?.total ?? 0, [one.quantity, (known[n]?.quantity ?? one.quantity) - one.quantity])
        return sum + share
      }, 0)
      return { __typename: 'SuggestedRefund', amountSet: money(Math.min(worth, leftCents(shop, row))) }
    },
  }
}
