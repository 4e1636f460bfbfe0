import { amount } from '../../../src/values/money.ts'
import type { Args, Thing } from '../../sandbox-graphql.ts'
import { gidOf, type LineRow, numberOf, type OrderRow, type RefundRow, type Shop } from './schema.ts'

export const moneyOf = (amount: string, currencyCode: string): Thing => ({
  ...{ __typename: 'MoneyBag', shopMoney: { __typename: 'MoneyV2', amount, currencyCode } },
})

const cents = (text: string): number => Math.round(100 * Number(text))

/** What the order cost. */
export function totalCents({ store }: Shop, orderId: number): number {
  return store
    .all<LineRow>('select * from order_line where order_id = ?', orderId)
    .reduce((sum, line) => sum + line.quantity * cents(line.price), 0)
}

/** What was paid and has not gone back; a cancelled order has got all of it back. */
export function leftCents(shop: Shop, row: OrderRow): number {
  if (row.paid === 0 || row.cancelled !== null) return 0
  return refundsOf(shop, row.id).reduce((left, one) => left - one.cents, totalCents(shop, row.id))
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
    const whole = totalCents(shop, row.id)
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
      const worth = (refundLineItems as readonly { lineItemId: string; quantity: number }[]).reduce((sum, one) => {
        const line = shop.store.one<LineRow>('select * from order_line where id = ?', numberOf('LineItem', one.lineItemId) ?? 0)
        return sum + one.quantity * cents(line?.price ?? '0')
      }, 0)
      return { __typename: 'SuggestedRefund', amountSet: money(Math.min(worth, leftCents(shop, row))) }
    },
  }
}
