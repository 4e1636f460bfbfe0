import type { OrderEffect, OrderFlag } from '../../src/values/channel-order.ts'
import type { Order } from './wire.ts'

/**
 * eBay states an order by three words: how far it is shipped, paid, cancelled. These are what they amount to, and what each asks of us. eBay takes the units off
 * its own quantity the moment the buyer commits, so also before the payment: were they not reserved here, our next absolute push would sell them again.
 */
export const orderStates = {
  PAYMENT_PENDING: 'reserve',
  PAYMENT_FAILED: 'reserve',
  CANCEL_REQUESTED: 'reserve',
  NOT_STARTED: 'reserve',
  IN_PROGRESS: 'reserve',
  PARTIALLY_REFUNDED: 'reserve',
  FULFILLED: 'settle',
  FULFILLED_PARTIALLY_REFUNDED: 'settle',
  FULFILLED_REFUNDED: 'settle',
  CANCELED: 'cancel',
  // Cancelled or refunded when a part had left already.
  CANCELED_PARTLY_SHIPPED: 'settle',
  REFUNDED: 'cancel',
  FULFILLED_BY_EBAY: 'foreign',
} as const satisfies Readonly<Record<string, OrderEffect>>

export type OrderState = keyof typeof orderStates

/** The order's state. `hasShipped`: whether any unit of it has left. */
export function stateOf(order: Order, hasShipped: boolean): OrderState {
  if (order.fulfillmentStartInstructions?.some(one => one.fulfillmentInstructionsType === 'FULFILLED_BY_EBAY')) return 'FULFILLED_BY_EBAY'
  const { orderFulfillmentStatus: shipping, orderPaymentStatus: payment } = order
  const cancel = order.cancelStatus?.cancelState ?? 'NONE_REQUESTED'
  if (shipping === 'FULFILLED') {
    if (payment === 'FULLY_REFUNDED') return 'FULFILLED_REFUNDED'
    return payment === 'PARTIALLY_REFUNDED' ? 'FULFILLED_PARTIALLY_REFUNDED' : 'FULFILLED'
  }
  if (cancel === 'CANCELED') return hasShipped ? 'CANCELED_PARTLY_SHIPPED' : 'CANCELED'
  // All the money is back: nobody waits for the goods any more, whether or not the seller also cancelled.
  if (payment === 'FULLY_REFUNDED') return hasShipped ? 'CANCELED_PARTLY_SHIPPED' : 'REFUNDED'
  if (cancel === 'IN_PROGRESS') return 'CANCEL_REQUESTED'
  if (payment === 'PENDING') return 'PAYMENT_PENDING'
  if (payment === 'FAILED') return 'PAYMENT_FAILED'
  if (payment === 'PARTIALLY_REFUNDED') return 'PARTIALLY_REFUNDED'
  return shipping
}

/** Whether what was not shipped is not wanted any more. */
export function isOver(state: OrderState): boolean {
  return orderStates[state] === 'cancel' || orderStates[state] === 'settle'
}

/** eBay asks not to ship what is not paid. Of risk it tells nothing. */
export function flagsOf({ orderPaymentStatus }: Order): readonly OrderFlag[] {
  return orderPaymentStatus === 'PENDING' || orderPaymentStatus === 'FAILED' ? [{ kind: 'payment', reason: orderPaymentStatus }] : []
}
