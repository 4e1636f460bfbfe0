import type { ActCause } from '../../src/values/act-cause.ts'
import { minorOf, ofMinor } from '../../src/values/money.ts'
import type { Act, ActOutcome } from '../contract.ts'
import { type Call, type Client, errorIn, promised } from './client.ts'
import { rawOrder } from './orders.ts'
import { type Order, type Refund, refundAnswerShape } from './wire.ts'

/** eBay's reasons for money that goes back. */
const REASONS: Readonly<Record<ActCause, string>> = {
  customer: 'BUYER_CANCEL',
  stock: 'SELLER_CANCEL',
  undeliverable: 'SELLER_CANCEL',
  price: 'OTHER_ADJUSTMENT',
  fraud: 'SELLER_CANCEL',
  other: 'OTHER_ADJUSTMENT',
  returned: 'BUYER_RETURN',
  lost: 'ITEM_NOT_RECEIVED',
  faulty: 'ITEM_NOT_AS_DESCRIBED',
}
const COMMENT_MAX = 100
const BUSY_MS = 60_000

/** Gives money back: line by line, or with the shipping as one amount for the order. eBay knows no key for it: it is asked once, and then read. */
export async function refund(client: Client, wanted: Act, isConsented: boolean): Promise<ActOutcome> {
  const no = (code: string, words: string): ActOutcome => ({
    ...{ status: 'refused', code, words: `Order ${wanted.externalOrderId} at eBay: ${words}` },
  })
  const { refund: money } = wanted
  if (!money) return no('no_amount', 'a refund needs its amounts.')
  if (!isConsented)
    return no(
      'consent',
      'refunds need the consent sell.finances: let the seller consent to it, and switch on "refunds" in the account\'s settings.',
    )
  const found = await rawOrder(client, wanted.externalOrderId)
  if (found === null) return no('order_not_found', 'there is none with that number.')
  if ('unreadable' in found) return no('order_unreadable', found.unreadable.reason)
  const total = found.order.pricingSummary?.total
  if (total && total.currency !== money.currency) return no('currency', `it is in ${total.currency}, not ${money.currency}.`)
  const sum = sumOf(money)
  const left = minorOf(total?.value ?? '0', money.currency) - gone(found.order, money.currency)
  if (total && sum > left)
    return no('too_much', `${ofMinor(left, money.currency)} ${money.currency} are left to refund, not ${ofMinor(sum, money.currency)}.`)
  const call = refundCall(wanted, money)
  const answer = await client(call)
  if (answer.status >= 300) {
    const error = errorIn(answer.json)
    // One refund of an order at a time: the one before is still on its way.
    if (error?.code === '34922') return { status: 'retry', words: error.words, afterMs: BUSY_MS }
    return no(error?.code ?? String(answer.status), error?.words ?? `status ${answer.status}`)
  }
  const { refundStatus } = promised(call, refundAnswerShape, answer)
  return refundStatus === 'FAILED'
    ? no('failed', 'eBay could not give the money back: see the order in Seller Hub.')
    : { status: 'confirmed' }
}

/**
 * Whether the order shows the refund of an act: of just this amount, made since it was decided, or still on its way. Of two alike that are decided in one breath nobody
 * can tell which is whose.
 */
export async function isRefunded(client: Client, wanted: Act): Promise<boolean> {
  const { refund: money } = wanted
  const found = money ? await rawOrder(client, wanted.externalOrderId) : null
  if (!money || found === null || 'unreadable' in found) return false
  const isOurs = (one: Refund, amount: number): boolean =>
    one.refundStatus !== 'FAILED' &&
    minorOf(one.amount?.value ?? '0', money.currency) === amount &&
    (one.refundDate === undefined || Date.parse(one.refundDate) >= Date.parse(money.decidedAt))
  if (isOfOrder(money)) return (found.order.paymentSummary?.refunds ?? []).some(one => isOurs(one, sumOf(money)))
  return Object.entries(money.amounts).every(([lineId, amount]) =>
    found.order.lineItems.find(line => line.lineItemId === lineId)?.refunds?.some(one => isOurs(one, minorOf(amount, money.currency))),
  )
}

type Money = NonNullable<Act['refund']>

/** eBay has no amount for the shipping: with it, the refund is one of the order. */
const isOfOrder = ({ shipping, amounts }: Money): boolean => shipping !== null || Object.keys(amounts).length === 0

function sumOf({ amounts, shipping, currency }: Money): number {
  return Object.values(amounts).reduce((sum, one) => sum + minorOf(one, currency), minorOf(shipping ?? '0', currency))
}

function gone(order: Order, currency: string): number {
  const all = [...(order.paymentSummary?.refunds ?? []), ...order.lineItems.flatMap(line => line.refunds ?? [])]
  return all.filter(one => one.refundStatus !== 'FAILED').reduce((sum, one) => sum + minorOf(one.amount?.value ?? '0', currency), 0)
}

function refundCall(wanted: Act, money: Money): Call {
  const { currency } = money
  const refundItems = Object.entries(money.amounts).map(([lineItemId, value]) => ({ lineItemId, refundAmount: { value, currency } }))
  return {
    operation: 'issueRefund',
    method: 'POST',
    writes: true,
    mayBeForbidden: true,
    path: `/sell/fulfillment/v1/order/${encodeURIComponent(wanted.externalOrderId)}/issue_refund`,
    body: {
      reasonForRefund: REASONS[wanted.cause ?? 'other'],
      ...(wanted.reason ? { comment: wanted.reason.slice(0, COMMENT_MAX) } : {}),
      ...(isOfOrder(money) ? { orderLevelRefundAmount: { value: ofMinor(sumOf(money), currency), currency } } : { refundItems }),
    },
  }
}
