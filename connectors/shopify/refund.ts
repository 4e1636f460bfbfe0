import type { ActCause } from '../../src/values/act-cause.ts'
import { minorOf, ofMinor } from '../../src/values/money.ts'
import type { Act, ActOutcome } from '../contract.ts'
import { gid } from './access.ts'
import type { Client } from './client.ts'
import { createRefund, moneyBefore, moneyFor } from './operations.ts'
import type { WholeOrder } from './order-read.ts'
import { moneyBeforeShape, moneyForShape, refundShape, type Transaction } from './wire.ts'

type Paying = { readonly client: Client; readonly notifyBuyers: boolean }
type RefundedLine = { readonly lineItemId: string; readonly quantity: number; readonly restockType: string; readonly locationId?: string }

/** Why what goes back differs from what the lines cost, in Shopify's words. */
const DISCREPANCIES: Partial<Readonly<Record<ActCause, string>>> = { customer: 'CUSTOMER', faulty: 'DAMAGE', lost: 'DAMAGE' }
const NOTE_MAX = 200

/** Whether the order carries the refund of an act: its note ends with the act's key. */
export async function isPaidBack(client: Client, order: WholeOrder, wanted: Act): Promise<boolean> {
  const { order: found } = await client.ask(moneyBefore, { id: gid('Order', order.head.id), ids: [] }, moneyBeforeShape)
  return found?.refunds.some(one => one.note?.includes(wanted.key)) ?? false
}

/** Gives money back the way it came. Of units that have left, Shopify notes that they were refunded; units that are still to be sent stay so. */
export async function refund(paying: Paying, order: WholeOrder, wanted: Act): Promise<ActOutcome> {
  const { refund: money } = wanted
  const { currencyCode: currency, id } = order.head
  if (!money) return refused(order, 'no_amount', 'a refund needs its amounts')
  if (money.currency !== currency) return refused(order, 'currency', `it is in ${currency}, not ${money.currency}`)
  const ids = wanted.lines.map(line => gid('LineItem', line.externalLineId))
  const before = await paying.client.ask(moneyBefore, { id: gid('Order', id), ids }, moneyBeforeShape)
  const lines = wanted.lines.flatMap((line): RefundedLine[] => {
    const found = before.nodes.find(node => node?.id === line.externalLineId)
    const quantity = Math.min(line.quantity, found ? found.refundableQuantity - found.unfulfilledQuantity : 0)
    return quantity > 0 ? [{ lineItemId: gid('LineItem', line.externalLineId), quantity, restockType: 'NO_RESTOCK' }] : []
  })
  const minor = Object.values(money.amounts).reduce((sum, one) => sum + minorOf(one, currency), minorOf(money.shipping ?? '0', currency))
  return pay(paying, order, wanted, before, lines, minor)
}

/** Withdraws units that are still to be sent from a location; what the act says goes back, else what Shopify says was paid for them. */
export async function withdraw(paying: Paying, order: WholeOrder, location: string, wanted: Act): Promise<ActOutcome> {
  const { id, currencyCode: currency } = order.head
  const lines: RefundedLine[] = []
  for (const { externalLineId, quantity } of wanted.lines) {
    const open = order.lines.find(line => line.id === externalLineId)?.unfulfilledQuantity ?? 0
    if (quantity > open) return refused(order, 'not_open', `line ${externalLineId} has ${open} units that have not left, not ${quantity}`)
    const lineItemId = gid('LineItem', externalLineId)
    if (quantity > 0) lines.push({ lineItemId, quantity, restockType: 'CANCEL', locationId: gid('Location', location) })
  }
  const before = await paying.client.ask(moneyBefore, { id: gid('Order', id), ids: [] }, moneyBeforeShape)
  const worth =
    wanted.refund?.currency === currency
      ? Object.values(wanted.refund.amounts).reduce((sum, one) => sum + minorOf(one, currency), 0)
      : await suggested(paying.client, order, lines)
  // Of an order that was not paid, nothing goes back.
  const left = refundable(before.order?.transactions ?? [], currency).reduce((sum, one) => sum + one.minor, 0)
  return pay(paying, order, wanted, before, lines, Math.min(worth, left))
}

/** What Shopify would give back for these units, in the currency's smallest unit. */
async function suggested(client: Client, { head: { id, currencyCode } }: WholeOrder, lines: readonly RefundedLine[]): Promise<number> {
  const { order } = await client.ask(moneyFor, { id: gid('Order', id), lines }, moneyForShape)
  return minorOf(order?.suggestedRefund?.amountSet.shopMoney.amount ?? '0', currencyCode)
}

async function pay(
  { client, notifyBuyers }: Paying,
  order: WholeOrder,
  wanted: Act,
  before: ReturnType<typeof moneyBeforeShape.parse>,
  refundLineItems: readonly RefundedLine[],
  minor: number,
): Promise<ActOutcome> {
  const { id, currencyCode: currency } = order.head
  if (before.order?.refunds.some(one => one.note?.includes(wanted.key))) return { status: 'confirmed' }
  const transactions = []
  let missing = minor
  for (const one of refundable(before.order?.transactions ?? [], currency)) {
    const part = Math.min(missing, one.minor)
    if (part === 0) continue
    missing -= part
    transactions.push({ ...one.paid, orderId: gid('Order', id), kind: 'REFUND', amount: ofMinor(part, currency) })
  }
  if (missing > 0) {
    const words = `${ofMinor(minor - missing, currency)} ${currency} are left to refund, not ${ofMinor(minor, currency)}`
    return refused(order, 'too_much', words)
  }
  const shipping = wanted.refund?.shipping ?? null
  const input = {
    ...{ orderId: gid('Order', id), notify: notifyBuyers, refundLineItems, transactions },
    note: `${wanted.reason?.slice(0, NOTE_MAX) ?? ''} [${wanted.key}]`.trim(),
    ...(shipping === null ? {} : { shipping: { amount: shipping } }),
    ...(wanted.kind === 'refund' ? { discrepancyReason: (wanted.cause && DISCREPANCIES[wanted.cause]) ?? 'OTHER' } : {}),
  }
  const { refundCreate: answer } = await client.ask(createRefund, { input, key: wanted.key }, refundShape)
  const [error] = answer.userErrors
  if (error) return refused(order, error.code ?? 'refused', error.message)
  if (answer.refund) return { status: 'confirmed' }
  return { status: 'unknown', words: `order ${order.head.name} at Shopify: the answer shows no refund` }
}

/** Payments that were taken, with what has not gone back of each. */
function refundable(
  all: readonly Transaction[],
  currency: string,
): { readonly paid: { readonly parentId: string; readonly gateway: string }; readonly minor: number }[] {
  const worth = (one: Transaction): number => minorOf(one.amountSet.shopMoney.amount, currency)
  return all
    .filter(one => one.status === 'SUCCESS' && (one.kind === 'SALE' || one.kind === 'CAPTURE'))
    .map(one => {
      const back = all.filter(
        other => other.kind === 'REFUND' && other.parentTransaction?.id === one.id && ['SUCCESS', 'PENDING'].includes(other.status),
      )
      return { paid: { parentId: one.id, gateway: one.gateway ?? '' }, minor: back.reduce((sum, other) => sum - worth(other), worth(one)) }
    })
}

const refused = (order: WholeOrder, code: string, words: string): ActOutcome => ({
  ...{ status: 'refused', code, words: `order ${order.head.name} at Shopify: ${words}` },
})
