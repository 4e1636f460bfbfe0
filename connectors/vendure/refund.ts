import type { Act, ActOutcome } from '../contract.ts'
import { type Acting, refused, wordsOf } from './acting.ts'
import { fromMinor, toMinor } from './amounts.ts'
import { reasonOf } from './cancel.ts'
import { refundOrder } from './operations.ts'
import { refundShape, type WireOrder } from './wire.ts'

const SECOND = 1000

/** The whole amount in the server's smallest unit; null where it has more digits. */
function totalOf({ refund }: Act, precision: number): number | null {
  if (!refund) return null
  const parts = [...Object.values(refund.amounts), refund.shipping ?? '0'].map(amount => toMinor(amount, precision))
  return parts.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0)
}

/** A refund of just this amount since it was decided; stamps may have the grain of a second. */
export async function isRefunded({ shop }: Acting, { payments }: WireOrder, wanted: Act): Promise<boolean> {
  const total = totalOf(wanted, (await shop.facts()).precision)
  const sinceMs = Math.floor(Date.parse(wanted.refund?.decidedAt ?? '') / SECOND) * SECOND
  return (payments ?? [])
    .flatMap(one => one.refunds)
    .some(one => one.total === total && one.state !== 'Failed' && Date.parse(one.createdAt) >= sinceMs)
}

/** Gives money back on one payment, and moves no stock. Where the way of payment cannot do it, Vendure notes the refund as pending, and a person settles it there. */
export async function refund(acting: Acting, order: WireOrder, wanted: Act): Promise<ActOutcome> {
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${order.code} at Vendure: ${words}`)
  if (await isRefunded(acting, order, wanted)) return { status: 'confirmed' }
  const { precision } = await acting.shop.facts()
  const total = totalOf(wanted, precision)
  if (total === null || total <= 0)
    return no('refund_amount', `Vendure keeps ${precision} digits behind the point; the amount has more, or is nothing`)
  if (wanted.refund?.currency !== order.currencyCode)
    return no('currency', `it was paid in ${order.currencyCode}, not ${wanted.refund?.currency}`)
  const left = (order.payments ?? [])
    .filter(one => one.state === 'Settled')
    .map(one => ({
      id: one.id,
      units: one.amount - one.refunds.reduce((sum, each) => sum + (each.state === 'Failed' ? 0 : each.total), 0),
    }))
  const payment = left.find(one => one.units >= total)
  if (!payment) {
    const most = fromMinor(Math.max(0, ...left.map(one => one.units)), precision, order.currencyCode)
    return no(
      'refund_amount',
      `${fromMinor(total, precision, order.currencyCode)} are to go back, and no payment has more than ${most} left`,
    )
  }
  // Without these two the server fails to save the refund (3.7.3), though they are announced to go.
  const input = { paymentId: payment.id, amount: total, shipping: 0, adjustment: 0, reason: reasonOf(wanted, false) }
  const answer = await acting.shop.client.call(refundOrder, { input }, refundShape)
  if (answer.status === 'refused') return no(answer.code, answer.words)
  const done = answer.data.refundOrder
  if (done.errorCode) return no(done.errorCode, wordsOf(done))
  if (done.state === 'Failed') return no('refund_failed', 'the way of payment did not give it back; see the payment in Vendure')
  return { status: 'confirmed' }
}
