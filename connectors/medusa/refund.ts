import { minorOf, ofMinor } from '../../src/values/money.ts'
import type { Act, ActOutcome } from '../contract.ts'
import { nameOf, refused } from './acting.ts'
import type { Client } from './client.ts'
import { type Order, type Payment, paidShape, refundedShape } from './wire.ts'

const FIELDS = 'id,*payment_collections.payments,*payment_collections.payments.captures,*payment_collections.payments.refunds'

/** Gives money back on a captured payment. No unit moves by it. The act's key stands in the refund's note, by which it is found again. */
export async function refund(client: Client, order: Order, wanted: Act): Promise<ActOutcome> {
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${nameOf(order)} at Medusa: ${words}`)
  const { refund: money } = wanted
  if (!money) return no('no_amount', 'the refund names no amount')
  if (money.currency !== order.currency_code.toUpperCase())
    return no('currency', `it was paid in ${order.currency_code.toUpperCase()}, not in ${money.currency}`)
  const payments = await paymentsOf(client, order)
  if (isNoted(payments, wanted)) return { status: 'confirmed' }
  const { currency } = money
  const amount = [...Object.values(money.amounts), money.shipping ?? '0'].reduce((all, one) => all + minorOf(one, currency), 0)
  const left = payments.map(one => ({ id: one.id, left: leftOf(one, currency) })).sort((a, b) => b.left - a.left)
  const [best] = left
  if (!best || best.left < amount) {
    const all = left.reduce((total, one) => total + one.left, 0)
    const asked = `${ofMinor(amount, currency)} are to go back`
    const words =
      all < amount
        ? `${asked}, ${ofMinor(all, currency)} are captured and not given back yet: capture the payment in Medusa first`
        : `${asked}, and no payment alone has so much left: refund it in Medusa, payment by payment`
    return no('not_captured', words)
  }
  const note = `${wanted.reason ?? wanted.cause ?? 'refund'} ${markOf(wanted)}`
  const body = { amount: Number(ofMinor(amount, currency)), note }
  const answer = await client.call('POST', `/admin/payments/${best.id}/refund`, refundedShape, { query: { fields: 'id,*refunds' }, body })
  if (answer.status === 'refused') return no(answer.code, answer.words)
  if (answer.data.payment.refunds.some(one => one.note?.includes(markOf(wanted)))) return { status: 'confirmed' }
  return { status: 'unknown', words: `order ${nameOf(order)} at Medusa: the answer does not show the refund` }
}

/** Whether one of the order's refunds is this one. */
export async function isRefunded(client: Client, order: Order, wanted: Act): Promise<boolean> {
  return isNoted(await paymentsOf(client, order), wanted)
}

const markOf = ({ key }: Act): string => `[concord ${key}]`

const isNoted = (payments: readonly Payment[], wanted: Act): boolean =>
  payments.some(payment => payment.refunds.some(one => one.note?.includes(markOf(wanted))))

/** What is captured of a payment and has not gone back, in the currency's smallest unit. */
function leftOf({ captures, refunds }: Payment, currency: string): number {
  const sum = (list: readonly { readonly amount: string }[]): number => list.reduce((all, one) => all + minorOf(one.amount, currency), 0)
  return sum(captures) - sum(refunds)
}

async function paymentsOf(client: Client, { id }: Order): Promise<Payment[]> {
  const { order } = await client.read(`/admin/orders/${id}`, paidShape, { fields: FIELDS })
  return order.payment_collections.flatMap(one => one.payments)
}
