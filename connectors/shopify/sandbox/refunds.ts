import { z } from 'zod'
import type { Resolver, Thing } from '../../sandbox-graphql.ts'
import { linesOf, lineThing, refundThing } from './order-view.ts'
import { noteRefund, orderById, touch, withdraw } from './orders.ts'
import { leftCents } from './payments.ts'
import { type LineRow, numberOf, type PlaceRow, type Shop } from './schema.ts'
import { firstOf } from './writes.ts'

const refundInput = z.strictObject({
  orderId: z.string(),
  note: z.string().max(255).optional(),
  notify: z.boolean().optional(),
  discrepancyReason: z.enum(['CUSTOMER', 'DAMAGE', 'OTHER', 'RESTOCK']).optional(),
  shipping: z.strictObject({ amount: z.string().optional() }).optional(),
  refundLineItems: z
    .array(
      z.strictObject({
        lineItemId: z.string(),
        quantity: z.int().positive(),
        restockType: z.enum(['CANCEL', 'NO_RESTOCK', 'RETURN']),
        locationId: z.string().optional(),
      }),
    )
    .default([]),
  transactions: z
    .array(
      z.strictObject({ orderId: z.string(), parentId: z.string(), gateway: z.string(), kind: z.literal('REFUND'), amount: z.string() }),
    )
    .default([]),
})

/** `refundCreate`: money goes back, and units that have not left are withdrawn where they are named so; once for each key. */
export const refundCreate =
  (shop: Shop): Resolver =>
  ({ input }, directives) => {
    const asked = refundInput.parse(input)
    const answer = (refund: Thing | null, message?: string): Thing => ({
      ...{ __typename: 'RefundCreatePayload', refund },
      userErrors: message === undefined ? [] : [{ __typename: 'UserError', field: ['input'], message }],
    })
    const id = numberOf('Order', asked.orderId) ?? 0
    const row = orderById(shop, id)
    if (!row) return answer(null, 'Order does not exist')
    const cents = asked.transactions.reduce((sum, one) => sum + Math.round(100 * Number(one.amount)), 0)
    if (cents > leftCents(shop, row)) return answer(null, 'Refund amount is greater than net payment received')
    const found: { line: LineRow; quantity: number; restock: string }[] = []
    for (const { lineItemId, quantity, restockType } of asked.refundLineItems) {
      const line = linesOf(shop, id).find(one => one.id === numberOf('LineItem', lineItemId))
      if (!line) return answer(null, 'Line item does not exist')
      const { refundableQuantity, unfulfilledQuantity } = lineThing(shop, line) as {
        refundableQuantity: number
        unfulfilledQuantity: number
      }
      if (quantity > (restockType === 'CANCEL' ? unfulfilledQuantity : refundableQuantity))
        return answer(null, 'Refund line items quantity cannot refund more items than were purchased')
      found.push({ line, quantity, restock: restockType })
    }
    if (!firstOf(shop, directives, asked)) return answer(null)
    const done = found.flatMap(({ line, quantity, restock }): { line: LineRow; quantity: number; restock: string; location: string }[] =>
      restock === 'CANCEL'
        ? withdraw(shop, id, new Map([[line.id, quantity]])).map(one => ({ ...one, restock }))
        : [{ line, quantity, restock, location: '' }],
    )
    const refundId = noteRefund(shop, id, done, { note: asked.note ?? null, cents })
    shop.store.record('act', { ref: String(id), data: { refund: cents, note: asked.note, reason: asked.discrepancyReason } })
    touch(shop, id, 'ORDERS_UPDATED', 'REFUNDS_CREATE')
    return answer(refundThing(shop, refundId))
  }

const preparedInput = z.strictObject({ lineItemsByFulfillmentOrder: z.array(z.strictObject({ fulfillmentOrderId: z.string() })).min(1) })

/** `fulfillmentOrderLineItemsPreparedForPickup`: the buyer is told, once. */
export const prepared =
  (shop: Shop): Resolver =>
  ({ input }) => {
    const { store } = shop
    const answer = (code?: string, message?: string): Thing => ({
      __typename: 'FulfillmentOrderLineItemsPreparedForPickupPayload',
      userErrors:
        code === undefined ? [] : [{ __typename: 'FulfillmentOrderLineItemsPreparedForPickupUserError', code, field: ['input'], message }],
    })
    for (const { fulfillmentOrderId } of preparedInput.parse(input).lineItemsByFulfillmentOrder) {
      const place = store.one<PlaceRow>('select * from place where id = ?', numberOf('FulfillmentOrder', fulfillmentOrderId) ?? 0)
      if (place?.method !== 'PICK_UP') return answer('FULFILLMENT_ORDER_INVALID', 'The fulfillment order is invalid')
      if (place.prepared === 1) return answer('NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER', 'There are no line items to prepare')
      store.run('update place set prepared = 1 where id = ?', place.id)
      store.record('act', { ref: String(place.order_id), data: { prepared: place.id } })
      touch(shop, place.order_id, 'ORDERS_UPDATED')
    }
    return answer()
  }
