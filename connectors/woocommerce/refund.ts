import { z } from 'zod'
import { minorOf, ofMinor } from '../../src/values/money.ts'
import type { Act, ActOutcome } from '../contract.ts'
import type { WooClient } from './client.ts'
import { isMarked, isMarkedAtAll, markOf } from './mark.ts'
import { type Taxed, type WooOrder, type WooRefund, wooRefund } from './wire.ts'

const REFUNDS_MAX = 100

type RefundLine = {
  readonly id: number
  readonly quantity?: number
  readonly refund_total: number
  readonly refund_tax: readonly { readonly id: number; readonly refund_total: number }[]
}

/** All refunds of an order, newest first; none where it is gone. */
export async function refundsOf(client: WooClient, order: WooOrder): Promise<readonly WooRefund[]> {
  if (order.refunds.length === 0) return []
  const answer = await client.call('GET', `wc/v3/orders/${order.id}/refunds`, z.array(wooRefund), { query: { per_page: REFUNDS_MAX } })
  return answer.status === 'ok' ? answer.data : []
}

/**
 * The refund of an act. WooCommerce saves the mark a moment after the money went back; where it died between the two, the refund is told by its amount and by having
 * been made since the act was decided.
 */
export function refundFor(refunds: readonly WooRefund[], wanted: Act): WooRefund | undefined {
  const marked = refunds.find(one => isMarked(one.meta_data, wanted))
  if (marked || !wanted.refund) return marked
  const { refund } = wanted
  const total = sumOf(refund)
  const { currency } = refund
  const since = refund.decidedAt.slice(0, 19)
  return refunds.find(
    one => !isMarkedAtAll(one.meta_data) && Math.abs(minorOf(one.amount, currency)) === total && one.date_created_gmt.slice(0, 19) >= since,
  )
}

/** Gives money back by the payment that it came by, and moves no stock. */
export async function refund(client: WooClient, order: WooOrder, refunds: readonly WooRefund[], wanted: Act): Promise<ActOutcome> {
  const { refund: money } = wanted
  if (!money) return refused(order, 'no_amount', 'a refund needs its amounts')
  if (money.currency !== order.currency) return refused(order, 'currency', `it is in ${order.currency}, not ${money.currency}`)
  const { currency } = order
  const total = sumOf(money)
  const left = leftOf(order, refunds)
  if (total > left)
    return refused(order, 'too_much', `${ofMinor(left, currency)} ${currency} are left to refund, not ${ofMinor(total, currency)}`)
  const units = new Map(wanted.lines.map(line => [line.externalLineId, line.quantity]))
  const lines = order.line_items.flatMap(line => {
    const given = money.amounts[String(line.id)]
    return given === undefined ? [] : [split(line, minorOf(given, currency), currency, units.get(String(line.id)) ?? 0)]
  })
  const [shipping] = order.shipping_lines
  if (money.shipping !== null && shipping) lines.push(split(shipping, minorOf(money.shipping, currency), currency, 0))
  return create(client, order, wanted, { amount: ofMinor(total, currency), lines, restock: false, pays: true })
}

/** Withdraws units of an order: WooCommerce knows it as a refund that restocks them, with what the act says, or what was paid for them and has not gone back. */
export async function withdraw(client: WooClient, order: WooOrder, refunds: readonly WooRefund[], wanted: Act): Promise<ActOutcome> {
  const { currency } = order
  const told = wanted.refund?.currency === currency ? wanted.refund.amounts : {}
  const left = leftOf(order, refunds)
  const units = new Map(wanted.lines.map(line => [line.externalLineId, line.quantity]))
  let total = 0
  const lines = order.line_items.flatMap(line => {
    const quantity = units.get(String(line.id)) ?? 0
    if (quantity === 0) return []
    const share = Math.round(((minorOf(line.total, currency) + minorOf(line.total_tax, currency)) * quantity) / line.quantity)
    const paid = Math.min(told[String(line.id)] === undefined ? share : minorOf(told[String(line.id)] ?? '0', currency), left - total)
    total += paid
    return [split(line, paid, currency, quantity)]
  })
  // What was not paid yet cannot go back.
  return create(client, order, wanted, { amount: ofMinor(total, currency), lines, restock: true, pays: order.date_paid_gmt != null })
}

type Body = { readonly amount: string; readonly lines: readonly RefundLine[]; readonly restock: boolean; readonly pays: boolean }

async function create(client: WooClient, order: WooOrder, wanted: Act, { amount, lines, restock, pays }: Body): Promise<ActOutcome> {
  const body = {
    amount,
    ...(wanted.reason ? { reason: wanted.reason } : {}),
    ...(lines.length > 0 ? { line_items: lines } : {}),
    meta_data: [markOf(wanted)],
    ...{ api_refund: pays, api_restock: restock },
  }
  const answer = await client.call('POST', `wc/v3/orders/${order.id}/refunds`, wooRefund, { body })
  return answer.status === 'ok' ? { status: 'confirmed' } : refused(order, answer.code, answer.words)
}

/** An amount with tax as WooCommerce wants it: net, and the tax by rate, in the line's own proportion. */
function split(line: Taxed, gross: number, currency: string, quantity: number): RefundLine {
  const whole = minorOf(line.total, currency) + minorOf(line.total_tax, currency)
  const taxes = line.taxes.map(tax => ({ id: tax.id, part: whole === 0 ? 0 : Math.round((gross * minorOf(tax.total, currency)) / whole) }))
  const net = taxes.reduce((rest, tax) => rest - tax.part, gross)
  const refund_tax = taxes.map(({ id, part }) => ({ id, refund_total: Number(ofMinor(part, currency)) }))
  return { id: line.id, ...(quantity > 0 ? { quantity } : {}), refund_total: Number(ofMinor(net, currency)), refund_tax }
}

/** What of an order has not gone back, in the currency's smallest unit. */
function leftOf({ currency, total }: WooOrder, refunds: readonly WooRefund[]): number {
  return refunds.reduce((rest, one) => rest - Math.abs(minorOf(one.amount, currency)), minorOf(total ?? '0', currency))
}

function sumOf({ amounts, shipping, currency }: NonNullable<Act['refund']>): number {
  return Object.values(amounts).reduce((sum, one) => sum + minorOf(one, currency), minorOf(shipping ?? '0', currency))
}

const refused = (order: WooOrder, code: string, words: string): ActOutcome => ({
  ...{ status: 'refused', code, words: `order ${order.number} at WooCommerce: ${words}` },
})
