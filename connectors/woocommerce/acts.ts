import { z } from 'zod'
import type { ActCause } from '../../src/values/act-cause.ts'
import { AccountTrouble, type Act, type ActOutcome } from '../contract.ts'
import type { WooClient } from './client.ts'
import { isMarked, markOf, shippedByActs } from './mark.ts'
import { rawOrder } from './orders.ts'
import { refund, refundFor, refundsOf, withdraw } from './refund.ts'
import { type WooOrder, wooNote, wooOrder, wooTracking } from './wire.ts'

/** What staff read in the order's notes. */
const CAUSES: Readonly<Record<ActCause, string>> = {
  customer: 'the customer asked for it',
  stock: 'out of stock',
  undeliverable: 'it cannot be delivered there',
  price: 'the price was wrong',
  fraud: 'suspected fraud',
  other: 'another reason',
  returned: 'the goods came back',
  lost: 'the goods never arrived',
  faulty: 'not what was promised, or broken',
}

/**
 * Carries out an act. Each step looks before it writes, and what it changes and the hub's mark go in one call, the last one; so an act that
 * was cut short anywhere can be told by reading, and asking for it again completes it rather than repeating it.
 */
export async function act(client: WooClient, wanted: Act, readyNote: string): Promise<ActOutcome> {
  const read = await rawOrder(client, wanted.externalOrderId)
  if (!read) return refused('order_not_found', `WooCommerce has no order ${wanted.externalOrderId}`)
  if ('unreadable' in read) return refused('order_unreadable', `order ${wanted.externalOrderId}: ${read.unreadable.reason}`)
  const { order } = read
  if (isMarked(order.meta_data, wanted)) return { status: 'confirmed' }
  const no = objection(order, wanted)
  if (no) return no
  try {
    if (wanted.kind === 'refund' || wanted.kind === 'cancel') {
      // First of all: without the units that this very act has withdrawn, the rest would look like the whole.
      const refunds = await refundsOf(client, order)
      if (refundFor(refunds, wanted)) return { status: 'confirmed' }
      if (wanted.kind === 'refund') return await refund(client, order, refunds, wanted)
      if (!coversAll(order, wanted, new Map())) return await withdraw(client, order, refunds, wanted)
    }
    return (await tell(client, order, wanted, readyNote)) ?? (await finish(client, order, wanted))
  } catch (error) {
    if (error instanceof AccountTrouble && error.maybeTookEffect) return { status: 'unknown', words: error.message }
    throw error
  }
}

/** Whether the order carries the act. A cancelled order is cancelled, whoever did it. */
export async function actHappened(client: WooClient, wanted: Act): Promise<boolean> {
  const read = await rawOrder(client, wanted.externalOrderId)
  if (!read || 'unreadable' in read) return false
  const { order } = read
  if (isMarked(order.meta_data, wanted)) return true
  if (wanted.kind !== 'cancel' && wanted.kind !== 'refund') return false
  return (wanted.kind === 'cancel' && order.status === 'cancelled') || refundFor(await refundsOf(client, order), wanted) !== undefined
}

/** What people are told before the state changes. Null: nothing, or it was told. */
async function tell(client: WooClient, order: WooOrder, wanted: Act, readyNote: string): Promise<ActOutcome | null> {
  if (wanted.kind === 'ship') return wanted.tracking ? tellTracking(client, order, wanted.tracking) : null
  if (wanted.kind === 'ready') {
    const words = readyWords(readyNote, wanted.code)
    return note(client, order, 'customer', words, words)
  }
  if (wanted.cause === undefined) return null
  const words = `Cancelled: ${CAUSES[wanted.cause]}${wanted.reason ? ` (${wanted.reason})` : ''}`
  return note(client, order, 'internal', words, words)
}

/** The code stands where the shop's own words have `{code}`, else behind them. */
function readyWords(readyNote: string, code: string | undefined): string {
  if (code === undefined) return readyNote.replace(/\s*\{code\}/g, '')
  return readyNote.includes('{code}') ? readyNote.replaceAll('{code}', code) : `${readyNote} Code: ${code}`
}

function objection(order: WooOrder, wanted: Act): ActOutcome | null {
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${order.number} at WooCommerce: ${words}`)
  if (wanted.kind === 'acknowledge') return no('not_offered', 'WooCommerce knows no acknowledgement')
  for (const { externalLineId, quantity } of wanted.lines) {
    const line = order.line_items.find(each => String(each.id) === externalLineId)
    if (!line) return no('unknown_line', `there is no line ${externalLineId}`)
    if (quantity > line.quantity) return no('too_many', `line ${externalLineId} has ${line.quantity} units, not ${quantity}`)
  }
  if (wanted.kind === 'refund') return null
  if (wanted.kind === 'ship' || wanted.kind === 'ready') {
    const canShip = ['processing', 'on-hold', 'completed'].includes(order.status)
    return canShip
      ? null
      : no(`order_${order.status}`, `it is ${order.status} and cannot be ${wanted.kind === 'ship' ? 'shipped' : 'picked up'}`)
  }
  if (order.status === 'cancelled') return { status: 'confirmed' }
  if (['completed', 'refunded'].includes(order.status))
    return no(`order_${order.status}`, `it is ${order.status} and cannot be cancelled; refund it there`)
  return null
}

function coversAll(order: WooOrder, wanted: Act, before: ReadonlyMap<number, number>): boolean {
  const now = new Map(wanted.lines.map(line => [line.externalLineId, line.quantity]))
  const withdrawn = (line: WooOrder['line_items'][number]): number =>
    Number(line.meta_data.find(({ key }) => key === '_restock_refunded_items')?.value ?? 0) || 0
  return order.line_items.every(line => (before.get(line.id) ?? 0) + (now.get(String(line.id)) ?? 0) + withdrawn(line) >= line.quantity)
}

/** State and mark in one call. A partial shipment leaves the state; the one that completes the order completes it. */
async function finish(client: WooClient, order: WooOrder, wanted: Act): Promise<ActOutcome> {
  const whole = wanted.kind === 'ship' && coversAll(order, wanted, shippedByActs(order.meta_data) ?? new Map())
  const status = wanted.kind === 'cancel' ? 'cancelled' : whole ? 'completed' : null
  const body = { ...(status && status !== order.status ? { status } : {}), meta_data: [markOf(wanted)] }
  const answer = await client.call('PUT', `wc/v3/orders/${order.id}`, wooOrder, { body })
  if (answer.status === 'refused') return refused(answer.code, `order ${order.number} at WooCommerce: ${answer.words}`)
  const { data } = answer
  if (isMarked(data.meta_data, wanted) && (status === null || data.status === status)) return { status: 'confirmed' }
  return { status: 'unknown', words: `order ${order.number} at WooCommerce: the answer shows "${data.status}" and not what was asked` }
}

/**
 * The tracking number, before the state: the shop's "completed" e-mail quotes it. With the Shipment Tracking extension it goes where that
 * keeps it; without, as a note to the customer, the only place in WooCommerce itself that a buyer gets to see.
 */
async function tellTracking(client: WooClient, order: WooOrder, tracking: NonNullable<Act['tracking']>): Promise<ActOutcome | null> {
  const { carrier, number, url, shippedAt } = tracking
  const kept = `wc-shipment-tracking/v3/orders/${order.id}/shipment-trackings`
  const there = await client.call('GET', kept, z.array(wooTracking))
  if (there.status === 'ok') {
    if (there.data.some(each => each.tracking_number === number)) return null
    const provider = url ? { custom_tracking_provider: carrier, custom_tracking_link: url } : { tracking_provider: carrier }
    return sent(client, order, kept, wooTracking, { ...provider, tracking_number: number, date_shipped: shippedAt.slice(0, 10) })
  }
  return note(client, order, 'customer', number, `Shipped with ${carrier}, tracking number ${number}${url ? ` (${url})` : ''}`)
}

/** A note at the order, unless one that says `known` is there. WooCommerce writes to the buyer when it is one for the customer. */
async function note(
  client: WooClient,
  order: WooOrder,
  type: 'customer' | 'internal',
  known: string,
  words: string,
): Promise<ActOutcome | null> {
  const notes = `wc/v3/orders/${order.id}/notes`
  const told = await client.read(notes, z.array(wooNote), { type })
  if (told.data.some(each => each.note.includes(known))) return null
  return sent(client, order, notes, wooNote, { note: words, customer_note: type === 'customer' })
}

async function sent(client: WooClient, order: WooOrder, path: string, shape: z.ZodType<unknown>, body: object): Promise<ActOutcome | null> {
  const answer = await client.call('POST', path, shape, { body })
  return answer.status === 'ok'
    ? null
    : refused(answer.code, `what was to be told of order ${order.number} at WooCommerce: ${answer.words}`)
}

const refused = (code: string, words: string): ActOutcome => ({ status: 'refused', code, words })
