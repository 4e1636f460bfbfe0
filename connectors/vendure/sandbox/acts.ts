import { z } from 'zod'
import { Refusal, type Resolver, type Thing } from '../../sandbox-graphql.ts'
import { levelAt, variantById } from './catalog.ts'
import { move } from './movements.ts'
import {
  fulfilledOf,
  fulfilmentsOf,
  fulfilmentThing,
  linesOf,
  NEXT_STATES,
  orderById,
  orderThing,
  paymentsOf,
  piecesOf,
  refundsOf,
  refundThing,
} from './order-view.ts'
import { withdraw } from './orders.ts'
import { type FulfilmentRow, type LineRow, mainOf, type PaymentRow, type RefundRow, type Server, stampOf } from './schema.ts'

/** An error as a member of a union: the call itself went well. */
const error = (type: string, errorCode: string, message: string, more: Thing = {}): Thing => ({
  ...{ __typename: type, __is: 'ErrorResult', errorCode, message },
  ...more,
})

const lineInput = z.strictObject({ orderLineId: z.string(), quantity: z.int().min(0) })
const fulfilInput = z.strictObject({
  lines: z.array(lineInput),
  handler: z.strictObject({ code: z.string(), arguments: z.array(z.strictObject({ name: z.string(), value: z.string() })) }),
})

const isStanding = (state: string): boolean => state !== 'Cancelled'

function lineOf({ store }: Server, id: string): LineRow {
  const line = store.one<LineRow>('select * from order_line where id = ?', Number(id))
  if (!line) throw new Refusal(`No OrderLine with the id "${id}" could be found`, 'ENTITY_NOT_FOUND')
  return line
}

/** `addFulfillmentToOrder`: pending at once, and the units leave shelf and allocation with it, not when it is said to be shipped. */
export const addFulfilment =
  (server: Server): Resolver =>
  ({ input }) => {
    const { store } = server
    const { lines, handler } = fulfilInput.parse(input)
    if (lines.every(line => line.quantity === 0))
      return error('EmptyOrderLineSelectionError', 'EMPTY_ORDER_LINE_SELECTION_ERROR', 'At least one OrderLine must be specified')
    const units = lines.map(({ orderLineId, quantity }) => ({ line: lineOf(server, orderLineId), quantity }))
    if (units.some(({ line, quantity }) => quantity > line.quantity - fulfilledOf(server, line, isStanding)))
      return error(
        'ItemsAlreadyFulfilledError',
        'ITEMS_ALREADY_FULFILLED_ERROR',
        'One or more OrderItems are already part of a Fulfillment',
      )
    for (const { line, quantity } of units) {
      const { on_hand: stockOnHand } = levelAt(server, line.variant_id, mainOf(server))
      if (stockOnHand >= quantity) continue
      const productVariantName = variantById(server, line.variant_id)?.name ?? line.name
      const message = `Cannot create a Fulfillment as "${productVariantName}" has insufficient stockOnHand (${stockOnHand})`
      const more = { productVariantId: String(line.variant_id), productVariantName, stockOnHand }
      return error('InsufficientStockOnHandError', 'INSUFFICIENT_STOCK_ON_HAND_ERROR', message, more)
    }
    if (handler.code !== 'manual-fulfillment')
      return error('InvalidFulfillmentHandlerError', 'INVALID_FULFILLMENT_HANDLER_ERROR', 'errorResult.INVALID_FULFILLMENT_HANDLER_ERROR')
    const given = (name: string): string => handler.arguments.find(one => one.name === name)?.value ?? ''
    const id = store.next('fulfilment')
    const orderId = units[0]?.line.order_id ?? 0
    store.run(
      'insert into fulfilment values (?, ?, ?, ?, ?, ?)',
      ...[id, orderId, 'Pending', given('method'), given('trackingCode'), stampOf(server)],
    )
    for (const { line, quantity } of units) {
      store.run('insert into fulfilment_line values (?, ?, ?, ?)', store.next('fulfilment_line'), id, line.id, quantity)
      move(server, line, 'sale', quantity)
    }
    const row = store.one<FulfilmentRow>('select * from fulfilment where id = ?', id)
    return row ? fulfilmentThing(server, row) : null
  }

/** `transitionFulfillmentToState`. The order's state follows; its `updatedAt` does not move. */
export const transitionFulfilment =
  (server: Server): Resolver =>
  ({ id, state }) => {
    const { store } = server
    const row = store.one<FulfilmentRow>('select * from fulfilment where id = ?', Number(id))
    if (!row) throw new Refusal(`No Fulfillment with the id "${String(id)}" could be found`, 'ENTITY_NOT_FOUND')
    const toState = String(state)
    if (!NEXT_STATES[row.state]?.includes(toState)) {
      const transitionError = `Cannot transition Fulfillment from "${row.state}" to "${toState}"`
      const more = { transitionError, fromState: row.state, toState }
      return error(
        'FulfillmentStateTransitionError',
        'FULFILLMENT_STATE_TRANSITION_ERROR',
        'errorResult.FULFILLMENT_STATE_TRANSITION_ERROR',
        more,
      )
    }
    store.run('update fulfilment set state = ?, updated = ? where id = ?', toState, stampOf(server), row.id)
    const pieces = piecesOf(server, row.id)
    if (toState === 'Cancelled')
      for (const piece of pieces) {
        const line = lineOf(server, String(piece.line_id))
        move(server, line, 'cancellation', piece.quantity)
        move(server, line, 'allocation', piece.quantity)
      }
    else advance(server, row.order_id, toState)
    const units = pieces.map(piece => [piece.line_id, piece.quantity])
    store.record('act', {
      ref: String(row.order_id),
      data: { fulfilment: row.id, state: toState, method: row.method, number: row.tracking, units },
    })
    return fulfilmentThing(server, { ...row, state: toState, updated: stampOf(server) })
  }

function advance(server: Server, orderId: number, name: string): void {
  const order = orderById(server, orderId)
  if (!order || order.state === 'Cancelled') return
  const reached = fulfilmentsOf(server, orderId).filter(one => one.state === name || one.state === 'Delivered')
  const isWhole = linesOf(server, orderId).every(
    line =>
      reached.flatMap(one => piecesOf(server, one.id)).reduce((sum, one) => sum + (one.line_id === line.id ? one.quantity : 0), 0) >=
      line.quantity,
  )
  server.store.run('update shop_order set state = ? where id = ?', isWhole ? name : `Partially${name}`, orderId)
}

const cancelInput = z.strictObject({
  orderId: z.string(),
  lines: z.array(lineInput).optional(),
  reason: z.string().optional(),
  cancelShipping: z.boolean().optional(),
})

/** `cancelOrder`, as a whole or in part. */
export const cancelOrder =
  (server: Server): Resolver =>
  ({ input }) => {
    const { orderId, lines, reason } = cancelInput.parse(input)
    const order = orderById(server, orderId)
    if (!order) throw new Refusal(`No Order with the id "${orderId}" could be found`, 'ENTITY_NOT_FOUND')
    const asked = lines ?? linesOf(server, order.id).map(line => ({ orderLineId: String(line.id), quantity: line.quantity }))
    if (asked.every(line => line.quantity === 0))
      return error('EmptyOrderLineSelectionError', 'EMPTY_ORDER_LINE_SELECTION_ERROR', 'At least one OrderLine must be specified')
    const units = asked.map(({ orderLineId, quantity }) => ({ line: lineOf(server, orderLineId), quantity }))
    if (units.some(({ line }) => line.order_id !== order.id))
      return error('MultipleOrderError', 'MULTIPLE_ORDER_ERROR', 'errorResult.MULTIPLE_ORDER_ERROR')
    if (order.placed === null)
      return error(
        'CancelActiveOrderError',
        'CANCEL_ACTIVE_ORDER_ERROR',
        `Cannot cancel OrderLines from an Order in the "${order.state}" state`,
        { orderState: order.state },
      )
    if (units.some(({ line, quantity }) => quantity > line.quantity))
      return error('QuantityTooGreatError', 'QUANTITY_TOO_GREAT_ERROR', 'The specified quantity is greater than the available OrderItems')
    withdraw(server, order, units, reason, 'act')
    const now = orderById(server, order.id)
    return now ? orderThing(server, now) : null
  }

const refundInput = z.strictObject({
  paymentId: z.string(),
  amount: z.int().positive(),
  shipping: z.int(),
  adjustment: z.int(),
  reason: z.string().optional(),
})

/** `refundOrder`: money only. Without `shipping` and `adjustment`, which are announced to go, the server fails to save it. */
export const refundOrder =
  (server: Server): Resolver =>
  ({ input }) => {
    const { store } = server
    const asked = refundInput.parse(input)
    const payment = store.one<PaymentRow>('select * from payment where id = ?', Number(asked.paymentId))
    if (!payment) throw new Refusal(`No Payment with the id "${asked.paymentId}" could be found`, 'ENTITY_NOT_FOUND')
    const maximumRefundable = payment.amount - refundsOf(server, payment.id).reduce((sum, one) => sum + one.total, 0)
    if (asked.amount > maximumRefundable)
      return error('RefundAmountError', 'REFUND_AMOUNT_ERROR', 'The amount specified exceeds the refundable amount for this payment', {
        maximumRefundable,
      })
    const row: RefundRow = {
      id: store.next('refund'),
      payment_id: payment.id,
      total: asked.amount,
      reason: asked.reason ?? null,
      created: stampOf(server),
    }
    store.run('insert into refund values (?, ?, ?, ?, ?)', row.id, row.payment_id, row.total, row.reason, row.created)
    store.record('act', {
      ref: String(payment.order_id),
      data: { refund: row.total, payment: payment.id, reason: row.reason, of: paymentsOf(server, payment.order_id).length },
    })
    return refundThing(row)
  }
