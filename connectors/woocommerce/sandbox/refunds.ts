import { z } from 'zod'
import { metaShape, refundBody, refundLines } from './order-body.ts'
import { findOrder, setStatus } from './orders.ts'
import { moveStock } from './products.ts'
import { failure, type LineRow, paged, type RefundRow, type Shop, stampOf, type WooReply } from './schema.ts'

const invalid = failure(404, 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.')
/** WooCommerce answers what it declines itself with 500. */
const declined = (message: string): WooReply => failure(500, 'woocommerce_rest_cannot_create_order_refund', message)

/** `GET /orders/{id}/refunds`. */
export function listRefunds(shop: Shop, id: number): WooReply {
  if (!findOrder(shop, id)) return invalid
  const rows = shop.store.all<RefundRow>('select * from refund where order_id = ? order by id desc', id)
  return paged(
    rows.map(row => refundBody(shop, row)),
    rows.length,
    100,
  )
}

const asked = z.looseObject({
  amount: z.string().regex(/^\d+(\.\d+)?$/),
  reason: z.string().optional(),
  line_items: z
    .array(
      z.looseObject({
        id: z.int(),
        quantity: z.int().min(0).default(0),
        refund_total: z.number().min(0),
        refund_tax: z.array(z.looseObject({ id: z.int(), refund_total: z.number() })).default([]),
      }),
    )
    .default([]),
  meta_data: z.array(z.looseObject({ key: z.string().min(1), value: z.unknown() })).default([]),
  api_refund: z.boolean().default(true),
  api_restock: z.boolean().default(true),
})

/** `POST /orders/{id}/refunds`: never more than is left of the order, by the payment gateway unless `api_refund` is false. */
export function createRefund(shop: Shop, id: number, body: unknown): WooReply {
  const { store, options } = shop
  const order = findOrder(shop, id)
  if (!order) return invalid
  const read = asked.safeParse(body)
  if (!read.success) return failure(400, 'rest_invalid_param', `Invalid parameter(s): ${z.prettifyError(read.error)}`)
  const { amount, line_items: lines, meta_data, api_refund, api_restock } = read.data
  const before = store.all<RefundRow>('select * from refund where order_id = ?', id)
  const left = before.reduce((sum, one) => sum - Math.round(100 * Number(one.amount)), Math.round(100 * Number(order.total)))
  const cents = Math.round(100 * Number(amount))
  if (cents > left) return declined('Invalid refund amount.')
  const done: { id: number; lineId: number; quantity: number }[] = []
  for (const { id: lineId, quantity } of lines) {
    const line = store.one<LineRow>('select * from order_line where id = ? and order_id = ?', lineId, id)
    if (!line) return declined('Invalid line item.')
    const gone = before.flatMap(one => refundLines.parse(JSON.parse(one.lines))).filter(one => one.lineId === lineId)
    if (quantity > line.quantity - gone.reduce((sum, one) => sum + one.quantity, 0)) return declined('Invalid refund quantity.')
    done.push({ id: store.next('item', 101), lineId, quantity })
  }
  if (api_refund && options.paysBack === false) return declined('The payment gateway for this order does not support automatic refunds.')
  if (api_refund && order.paid === null) return declined('The order has not been paid.')
  if (api_restock)
    for (const { lineId, quantity } of done) {
      const line = store.one<LineRow>('select * from order_line where id = ?', lineId)
      const back = Math.min(quantity, line?.reduced ?? 0)
      if (!line || back === 0) continue
      store.run('update order_line set reduced = reduced - ?, restocked = restocked + ? where id = ?', back, back, line.id)
      moveStock(shop, line.product_id, back, `refund of order ${id}`)
    }
  const refundId = store.next('post', 11)
  const meta = metaShape.parse(meta_data.map(({ key, value }) => ({ id: store.next('meta', 1000), key, value })))
  const values = [refundId, id, stampOf(shop), amount, JSON.stringify(done), JSON.stringify(meta), api_refund ? 1 : 0] as const
  store.run('insert into refund (id, order_id, created, amount, lines, meta, paid) values (?, ?, ?, ?, ?, ?, ?)', ...values)
  store.record('act', {
    ref: String(id),
    data: { refundId, amount, pays: api_refund, restocks: api_restock, lines: done, meta: meta_data },
  })
  setStatus(shop, id, cents === left ? 'refunded' : order.status)
  const row = store.one<RefundRow>('select * from refund where id = ?', refundId)
  return row ? { status: 201, body: refundBody(shop, row) } : invalid
}
