import { z } from 'zod'
import type { ChannelOrder, ChannelOrderLine, OrderEffect, OrderPerson } from '../../src/values/channel-order.ts'
import type { ChannelAccess, Unreadable } from '../contract.ts'
import { lacksAddress } from '../no-address.ts'
import { amountsOf } from './amounts.ts'
import { shippedByActs } from './mark.ts'
import { type WooOrder, type WooRefund, wooOrder } from './wire.ts'

/** WooCommerce's own order states. Plugins add more: the account's settings name those. */
export const ORDER_STATES: Readonly<Record<string, OrderEffect>> = {
  pending: 'ignore',
  'checkout-draft': 'ignore',
  'auto-draft': 'ignore',
  failed: 'ignore',
  trash: 'ignore',
  'on-hold': 'reserve',
  processing: 'reserve',
  completed: 'settle',
  cancelled: 'cancel',
  refunded: 'cancel',
}

export type OrderStates = Readonly<Record<string, OrderEffect>>

/** The order of a JSON value, or why it cannot be read. */
export function parseOrder(value: unknown): { readonly order: WooOrder } | { readonly unreadable: Unreadable } {
  const read = wooOrder.safeParse(value)
  if (read.success) return { order: read.data }
  const known = z.looseObject({ id: z.int().positive() }).safeParse(value)
  return { unreadable: unreadable(known.success ? String(known.data.id) : null, z.prettifyError(read.error), value) }
}

export function unreadable(externalId: string | null, reason: string, value: unknown): Unreadable {
  return { externalId, reason, raw: JSON.stringify(value) ?? '' }
}

/** Whether the order's own text is not enough: what was refunded stands in the refunds. */
export function needsRefunds(order: WooOrder): boolean {
  return order.refunds.length > 0
}

/** The order in our words. `refunds` are those of `GET /orders/{id}/refunds`. */
export function toChannelOrder(
  woo: WooOrder,
  refunds: readonly WooRefund[],
  channel: ChannelAccess,
  states: OrderStates,
): ChannelOrder | Unreadable {
  const stated = states[woo.status]
  const id = String(woo.id)
  if (!stated) return unreadable(id, `order ${woo.number} is "${woo.status}", a state that the account's orderStates do not name`, woo)
  const shipped = shippedByActs(woo.meta_data)
  if (!shipped) return unreadable(id, `order ${woo.number} carries an act of the hub that is damaged (meta _concord_act_...)`, woo)
  // Cancelled or refunded after it was handed over: the goods had left, and what came back is a return.
  const wasCompleted = stated === 'settle' || (stated === 'cancel' && woo.date_completed_gmt != null)
  const effect = wasCompleted ? 'settle' : stated
  const completedAt = wasCompleted ? (woo.date_completed_gmt ?? woo.date_modified_gmt ?? woo.date_created_gmt) : null
  const pickUp = pickUpOf(woo)
  const counted = (line: WooOrder['line_items'][number]): ChannelOrderLine => {
    const units = countUnits(line, refundedOf(line.id, refunds, completedAt), shipped.get(line.id) ?? 0, effect, woo.status)
    return {
      externalLineId: String(line.id),
      listingRef: line.variation_id || line.product_id ? String(line.variation_id || line.product_id) : null,
      sku: line.sku ?? '',
      title: line.name,
      ordered: line.quantity,
      ...units,
      unitPrice: line.price ?? null,
      ...pickUp,
    }
  }
  const lines = woo.line_items.map(counted)
  const person = personOf(woo)
  return {
    externalId: id,
    number: woo.number,
    channelRef: channel.ref,
    stamp: woo.date_modified_gmt ?? woo.date_created_gmt,
    placedAt: woo.date_created_gmt,
    effect,
    platformState: woo.status,
    currency: woo.currency,
    total: woo.total,
    ...amountsOf(woo),
    // It waits for a payment that staff look for, such as a bank transfer. Of risk WooCommerce itself tells nothing.
    flags: woo.status === 'on-hold' ? [{ kind: 'payment', reason: woo.status }] : [],
    noAddress: lacksAddress(lines, person),
    lines,
    person,
  }
}

type Refunded = { readonly before: number; readonly after: number }

/** Refunded units of a line before and after the order was completed; all are "before" when it was not. */
function refundedOf(lineId: number, refunds: readonly WooRefund[], completedAt: string | null): Refunded {
  let before = 0
  let after = 0
  for (const refund of refunds) {
    const units = refund.line_items
      .filter(item => item.meta_data.some(({ key, value }) => key === '_refunded_item_id' && Number(value) === lineId))
      .reduce((sum, item) => sum + Math.abs(item.quantity), 0)
    if (completedAt !== null && refund.date_created_gmt > completedAt) after += units
    else before += units
  }
  return { before, after }
}

/**
 * Cancelled, shipped and returned units. Only restocked refunds move stock: WooCommerce notes them on the line (`_restock_refunded_items`).
 * Restocked before completion or shipment they never left (cancelled); after it they came back (returned). Those that were refunded but not restocked
 * are money only.
 */
function countUnits(
  line: WooOrder['line_items'][number],
  { before, after }: Refunded,
  byActs: number,
  effect: OrderEffect,
  status: string,
): Pick<ChannelOrderLine, 'cancelled' | 'shipped' | 'returned'> {
  const noted = (name: string): number | null => {
    const found = line.meta_data.find(({ key }) => key === name)
    return found ? Number(found.value) || 0 : null
  }
  // Without either note the product was not under stock management when it was sold; then the refund is all that is told.
  const restocked = noted('_restock_refunded_items') ?? (noted('_reduced_stock') === null ? before + after : 0)
  // What the hub's own acts handed over cannot have been withdrawn before: it came back, whatever state the order was in then.
  const withdrawn = Math.min(line.quantity - Math.min(byActs, line.quantity), before, restocked)
  const cameBack = byActs > 0 ? restocked - withdrawn : Math.min(after, restocked - withdrawn)
  if (effect === 'settle') {
    const shipped = line.quantity - withdrawn
    // A completed order that is set to cancelled is restocked whole.
    return { cancelled: withdrawn, shipped, returned: status === 'cancelled' ? shipped : Math.min(shipped, cameBack) }
  }
  const shipped = Math.min(byActs, line.quantity - withdrawn)
  return { cancelled: effect === 'cancel' ? line.quantity - shipped : withdrawn, shipped, returned: Math.min(shipped, cameBack) }
}

/** The methods of the classic checkout and of the block checkout; only the latter names the place. */
const PICK_UP: ReadonlySet<string> = new Set(['local_pickup', 'pickup_location'])

function pickUpOf({ shipping_lines: lines }: WooOrder): Pick<ChannelOrderLine, 'collectAt'> {
  const chosen = lines.find(line => PICK_UP.has(line.method_id ?? ''))
  if (chosen === undefined) return {}
  const place = chosen.meta_data.find(({ key }) => key === 'pickup_location')?.value
  return { collectAt: typeof place === 'string' && place !== '' ? place : null }
}

/** Where plugins note the language of the checkout, WPML and TranslatePress; WooCommerce itself keeps none. */
const LANGUAGE: ReadonlySet<string> = new Set(['wpml_language', 'trp_language'])

function languageOf({ meta_data }: WooOrder): { readonly language?: string } {
  const noted = meta_data.find(({ key, value }) => LANGUAGE.has(key) && typeof value === 'string' && /^[a-z]{2,3}([-_]\w+)*$/i.test(value))
  return noted === undefined ? {} : { language: String(noted.value).replaceAll('_', '-') }
}

function personOf(woo: WooOrder): OrderPerson | null {
  const { billing = {}, shipping = {} } = woo
  const said = (from: Record<string, unknown>): Record<string, string> =>
    Object.fromEntries(Object.entries(from).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''))
  const payer = said(billing)
  const receiver = said(shipping)
  const { email, phone, first_name, last_name, ...address } = { ...payer, ...receiver }
  const name = [first_name, last_name].filter(Boolean).join(' ')
  if (!name && !email && Object.keys(address).length === 0) return null
  return {
    ...(name ? { name } : {}),
    ...(email ? { email } : {}),
    ...(phone ? { phone } : {}),
    ...(Object.keys(address).length > 0 ? { address } : {}),
    ...languageOf(woo),
  }
}
