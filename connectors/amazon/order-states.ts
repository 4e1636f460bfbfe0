import type { OrderEffect, OrderFlag } from '../../src/values/channel-order.ts'

/**
 * What each of Amazon's order states asks of us. Amazon takes the units off its own quantity the moment the order exists, so also in PENDING:
 * were they not reserved here, our next absolute push would put them on sale a second time.
 */
const amazonStates = {
  PENDING_AVAILABILITY: 'reserve',
  PENDING: 'reserve',
  INVOICE_UNCONFIRMED: 'reserve',
  UNSHIPPED: 'reserve',
  PARTIALLY_SHIPPED: 'reserve',
  SHIPPED: 'settle',
  CANCELLED: 'cancel',
  // Amazon's model: only for orders that Amazon fills itself.
  UNFULFILLABLE: 'foreign',
  FULFILLED_BY_AMAZON: 'foreign',
} as const satisfies Readonly<Record<string, OrderEffect>>

export type OrderState = keyof typeof amazonStates

/** What is told beside Amazon's own word: the buyer asked to cancel an order that is still open. Amazon leaves it to the merchant to cancel it, or to ship it all the same. */
const CANCEL_REQUESTED = 'CANCEL_REQUESTED'

/** All states that are told, and what each asks of us. */
export const orderStates = { ...amazonStates, [CANCEL_REQUESTED]: 'reserve' } as const satisfies Readonly<Record<string, OrderEffect>>

const OPEN: readonly OrderState[] = ['PENDING_AVAILABILITY', 'PENDING', 'INVOICE_UNCONFIRMED', 'UNSHIPPED', 'PARTIALLY_SHIPPED']

/** The state as people are told it. */
export function toldState(state: OrderState, asksToCancel: boolean): keyof typeof orderStates {
  return asksToCancel && OPEN.includes(state) ? CANCEL_REQUESTED : state
}

/** Notifications spell the same states in another way than the orders API; everything behind this line knows one spelling. */
const SPELLED_BY_NOTIFICATIONS: Readonly<Record<string, OrderState>> = {
  PendingAvailability: 'PENDING_AVAILABILITY',
  Pending: 'PENDING',
  InvoiceUnconfirmed: 'INVOICE_UNCONFIRMED',
  Unshipped: 'UNSHIPPED',
  PartiallyShipped: 'PARTIALLY_SHIPPED',
  Shipped: 'SHIPPED',
  Canceled: 'CANCELLED',
  Unfulfillable: 'UNFULFILLABLE',
}

/** The state behind Amazon's word in either spelling; null for a word that the table does not have. */
export function stateOf(word: string): OrderState | null {
  return SPELLED_BY_NOTIFICATIONS[word] ?? (word in amazonStates ? (word as OrderState) : null)
}

/** What an order in this state asks of us, filled by Amazon or by the merchant. */
export function effectOf(state: OrderState, byAmazon: boolean): OrderEffect {
  return byAmazon ? 'foreign' : amazonStates[state]
}

/** Amazon has not authorized the payment yet, and forbids to ship; it says so by the state alone. Of risk it tells nothing: it looks at that itself, before. */
export function flagsOf(state: OrderState): readonly OrderFlag[] {
  return state === 'PENDING' || state === 'PENDING_AVAILABILITY' ? [{ kind: 'payment', reason: state }] : []
}
