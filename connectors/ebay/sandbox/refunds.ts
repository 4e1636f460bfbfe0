import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { type Gate, type Needs, refuse } from './gate.ts'
import { billOfOrder, refundsOf } from './order-view.ts'
import { linesOf, orderRow, touch } from './shop.ts'
import type { World } from './world.ts'

const DOMAIN = 'API_FULFILLMENT'
const NEEDS: Needs = { api: 'fulfillment', bearer: 'user', scope: 'sell.finances' }
/** How long money is on its way. */
const WAY_MS = 500

const money = z.object({ value: z.string().regex(/^\d+(\.\d+)?$/), currency: z.string() })
const asked = z.object({
  reasonForRefund: z.enum([
    ...(['BUYER_CANCEL', 'SELLER_CANCEL', 'ITEM_NOT_RECEIVED', 'BUYER_RETURN', 'ITEM_NOT_AS_DESCRIBED'] as const),
    ...(['OTHER_ADJUSTMENT', 'SHIPPING_DISCOUNT'] as const),
  ]),
  comment: z.string().max(100).optional(),
  refundItems: z
    .array(z.object({ lineItemId: z.string(), refundAmount: money }))
    .min(1)
    .optional(),
  orderLevelRefundAmount: money.optional(),
})

const cents = (value: string): number => Math.round(100 * Number(value))

/** `issueRefund`: never more than is left of the order. eBay takes it at once and gives the money back a while later. */
export function addRefunds(app: Hono, world: World, gate: Gate): void {
  app.post(
    '/sell/fulfillment/v1/order/:id/issue_refund',
    gate('issueRefund', NEEDS, async (context: Context) => {
      const body = asked.safeParse(await context.req.json().catch(() => null))
      return world.store.change(() => issue(world, context.req.param('id') ?? '', body.success ? body.data : null))
    }),
  )
}

function issue(world: World, id: string, body: z.infer<typeof asked> | null): Response {
  const { store, options } = world
  const order = orderRow(world, id)
  if (!order) return refuse(404, 34913, `Can not find the order ${id}.`, DOMAIN)
  if (body === null || (body.refundItems === undefined) === (body.orderLevelRefundAmount === undefined))
    return refuse(400, 34905, 'Either orderLevelRefundAmount or refundItems must be specified.', DOMAIN)
  if (order.payment === 'PENDING') return refuse(409, 34929, 'You cannot refund this order yet.', DOMAIN)
  if (refundsOf(world, id).some(one => one.done_ms === null))
    return refuse(400, 34922, "Refund can't be issued while previous refund is processing.", DOMAIN)
  const lines = linesOf(world, id)
  const parts = body.refundItems?.map(one => [one.lineItemId, one.refundAmount] as const) ?? []
  if (body.orderLevelRefundAmount) parts.push(['', body.orderLevelRefundAmount])
  if (parts.some(([, { currency }]) => currency !== options.marketplace.currency))
    return refuse(400, 34909, "The amount currency isn't correct.", DOMAIN)
  if (parts.some(([lineId]) => lineId !== '' && !lines.some(line => line.id === lineId)))
    return refuse(400, 34914, "Can't find the item in the order.", DOMAIN)
  const whole = billOfOrder(world, order).total
  const shared = lines.reduce((sum, line) => sum + line.refunded * cents(line.unit_price), 0)
  const left = refundsOf(world, id).reduce((rest, one) => rest - one.cents, whole - shared)
  const sum = parts.reduce((all, [, { value }]) => all + cents(value), 0)
  if (sum > left) return refuse(400, 34915, 'The refund amount exceeds order amount.', DOMAIN)
  const ids = parts.map(([lineId, { value }]) => {
    const refundId = `5${String(store.next('refund')).padStart(9, '0')}`
    store.run('insert into refund values (?, ?, ?, ?, null)', refundId, id, lineId, cents(value))
    store.later('refund', refundId, {}, WAY_MS)
    return refundId
  })
  store.run('update orders set payment = ? where id = ?', sum === left ? 'FULLY_REFUNDED' : 'PARTIALLY_REFUNDED', id)
  store.record('act', { ref: id, data: { kind: 'refund', reason: body.reasonForRefund, comment: body.comment, cents: sum } })
  touch(world, order)
  return Response.json({ refundId: ids[0], refundStatus: 'PENDING' })
}

/** The money has arrived. */
export function arrive(world: World, refundId: string): void {
  const { store, options } = world
  const nowMs = options.now().getTime()
  const row = store.one<{ order_id: string }>('select order_id from refund where id = ?', refundId)
  const order = row && orderRow(world, row.order_id)
  if (!order) return
  store.run('update refund set done_ms = ? where id = ?', nowMs, refundId)
  touch(world, order)
}
