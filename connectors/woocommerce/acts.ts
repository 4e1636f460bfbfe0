import { z } from 'zod'
import { AccountTrouble, type Act, type ActOutcome } from '../contract.ts'
import type { WooClient } from './client.ts'
import { isMarked, markOf, shippedByActs } from './mark.ts'
import { rawOrder } from './orders.ts'
import { type WooOrder, wooNote, wooOrder, wooTracking } from './wire.ts'

/**
 * Ships or cancels. Each step looks before it writes, and the order's state and the hub's mark go in one call, the last one; so an act that
 * was cut short anywhere can be told by reading, and asking for it again completes it rather than repeating it.
 */
export async function act(client: WooClient, wanted: Act): Promise<ActOutcome> {
  const read = await rawOrder(client, wanted.externalOrderId)
  if (!read) return refused('order_not_found', `WooCommerce has no order ${wanted.externalOrderId}`)
  if ('unreadable' in read) return refused('order_unreadable', `order ${wanted.externalOrderId}: ${read.unreadable.reason}`)
  const { order } = read
  if (isMarked(order.meta_data, wanted)) return { status: 'confirmed' }
  const no = objection(order, wanted)
  if (no) return no
  try {
    const untold = wanted.kind === 'ship' && wanted.tracking ? await tellTracking(client, order, wanted.tracking) : null
    return untold ?? (await finish(client, order, wanted))
  } catch (error) {
    if (error instanceof AccountTrouble && error.maybeTookEffect) return { status: 'unknown', words: error.message }
    throw error
  }
}

/** Whether the order carries the act. A cancelled order is cancelled, whoever did it. */
export async function actHappened(client: WooClient, wanted: Act): Promise<boolean> {
  const read = await rawOrder(client, wanted.externalOrderId)
  if (!read || 'unreadable' in read) return false
  return isMarked(read.order.meta_data, wanted) || (wanted.kind === 'cancel' && read.order.status === 'cancelled')
}

function objection(order: WooOrder, wanted: Act): ActOutcome | null {
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${order.number} at WooCommerce: ${words}`)
  if (wanted.kind === 'acknowledge') return no('not_offered', 'WooCommerce knows no acknowledgement')
  for (const { externalLineId, quantity } of wanted.lines) {
    const line = order.line_items.find(each => String(each.id) === externalLineId)
    if (!line) return no('unknown_line', `there is no line ${externalLineId}`)
    if (quantity > line.quantity) return no('too_many', `line ${externalLineId} has ${line.quantity} units, not ${quantity}`)
  }
  if (wanted.kind === 'ship') {
    const canShip = ['processing', 'on-hold', 'completed'].includes(order.status)
    return canShip ? null : no(`order_${order.status}`, `it is ${order.status} and cannot be shipped`)
  }
  if (order.status === 'cancelled') return { status: 'confirmed' }
  if (['completed', 'refunded'].includes(order.status))
    return no(`order_${order.status}`, `it is ${order.status} and cannot be cancelled; refund it there`)
  // A part can only be refunded, and how much money that is must be decided by a person.
  return coversAll(order, wanted, new Map()) ? null : no('partial_cancel', 'single lines cannot be cancelled; refund them there')
}

function coversAll(order: WooOrder, wanted: Act, before: ReadonlyMap<number, number>): boolean {
  const now = new Map(wanted.lines.map(line => [line.externalLineId, line.quantity]))
  const withdrawn = (line: WooOrder['line_items'][number]): number =>
    Number(line.meta_data.find(({ key }) => key === '_restock_refunded_items')?.value ?? 0) || 0
  return order.line_items.every(line => (before.get(line.id) ?? 0) + (now.get(String(line.id)) ?? 0) + withdrawn(line) >= line.quantity)
}

/** State and mark in one call. A partial shipment leaves the state; the one that completes the order completes it. */
async function finish(client: WooClient, order: WooOrder, wanted: Act): Promise<ActOutcome> {
  const whole = coversAll(order, wanted, shippedByActs(order.meta_data) ?? new Map())
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
  const notes = `wc/v3/orders/${order.id}/notes`
  const told = await client.read(notes, z.array(wooNote), { type: 'customer' })
  if (told.data.some(each => each.note.includes(number))) return null
  const note = `Shipped with ${carrier}, tracking number ${number}${url ? ` (${url})` : ''}`
  return sent(client, order, notes, wooNote, { note, customer_note: true })
}

async function sent(client: WooClient, order: WooOrder, path: string, shape: z.ZodType<unknown>, body: object): Promise<ActOutcome | null> {
  const answer = await client.call('POST', path, shape, { body })
  return answer.status === 'ok' ? null : refused(answer.code, `tracking of order ${order.number} at WooCommerce: ${answer.words}`)
}

const refused = (code: string, words: string): ActOutcome => ({ status: 'refused', code, words })
