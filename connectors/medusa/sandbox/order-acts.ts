import { z } from 'zod'
import { availableAt } from './catalog.ts'
import { orderBody } from './order-body.ts'
import { cancel, linesOf, orderById, payBack, release, reservationOf, reserveAgain, touch } from './orders.ts'
import { tooFew } from './reservations.ts'
import {
  makeId,
  type OrderRow,
  type ParcelRow,
  type PaymentRow,
  type PieceRow,
  type RefundRow,
  type Reply,
  refusal,
  type Shop,
  stampOf,
  type VariantRow,
} from './schema.ts'
import { invalid } from './writes.ts'

const item = z.strictObject({ id: z.string(), quantity: z.number() })
const parcelInput = z.strictObject({
  items: z.array(item),
  location_id: z.string().nullish(),
  no_notification: z.boolean().optional(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
})
const shipmentInput = z.strictObject({
  items: z.array(item),
  labels: z.array(z.strictObject({ tracking_number: z.string(), tracking_url: z.string(), label_url: z.string() })).optional(),
  no_notification: z.boolean().optional(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
})
const refundInput = z.strictObject({ amount: z.number().optional(), refund_reason_id: z.string().optional(), note: z.string().optional() })

const notFound = (id: string): Reply => refusal(404, 'not_found', `Order id not found: ${id}`)
const shown = (shop: Shop, row: OrderRow): Reply => ({ status: 200, body: { order: orderBody(shop, orderById(shop, row.id) ?? row) } })

/** `POST /admin/orders/{id}/fulfillments`: the units leave the stock, and their reservations with them. */
export function createFulfillment(shop: Shop, id: string, body: unknown): Reply {
  const { store } = shop
  const order = orderById(shop, id)
  if (!order) return notFound(id)
  const read = parcelInput.safeParse(body)
  if (!read.success) return invalid(read.error)
  if (order.status === 'canceled') return refusal(400, 'invalid_data', `Order with id ${id} has been canceled.`)
  const { items, location_id: location, metadata } = read.data
  const lines = linesOf(shop, id)
  const unknown = items.filter(one => !lines.some(line => line.id === one.id))
  if (unknown.length > 0)
    return refusal(400, 'invalid_data', `Items with ids ${unknown.map(one => one.id).join(', ')} does not exist in order with id ${id}.`)
  for (const { id: lineId, quantity } of items) {
    const line = lines.find(one => one.id === lineId)
    if (line && quantity > line.quantity - line.fulfilled)
      return refusal(400, 'not_allowed', `Quantity to fulfill exceeds the reserved quantity for the item: ${lineId}`)
  }
  const objection = unpackable(shop, items, location)
  if (objection) return objection
  const parcelId = makeId(shop, 'ful')
  const values = [parcelId, id, location ?? '', stampOf(shop), null, null, null, metadata ? JSON.stringify(metadata) : null] as const
  store.run('insert into fulfillment values (?, ?, ?, ?, ?, ?, ?, ?)', ...values)
  for (const { id: lineId, quantity } of items) {
    const line = lines.find(one => one.id === lineId)
    const required = store.one<VariantRow>('select * from variant where id = ?', line?.variant_id ?? '')?.required ?? 1
    release(shop, lineId, quantity * required, `fulfilment of order ${id}`, true)
    store.run('update order_line set fulfilled = fulfilled + ? where id = ?', quantity, lineId)
    store.run('insert into fulfillment_item values (?, ?, ?, ?)', makeId(shop, 'fulit'), parcelId, lineId, quantity)
  }
  // What is packed to be picked up is told to the buyer.
  store.record(order.pick_up === 1 ? 'act' : 'fulfilment', { ref: id, data: { parcelId, items, metadata: metadata ?? null } })
  touch(shop, id)
  return shown(shop, order)
}

/**
 * As the workflow packs: all units go off the stock, then reservations that are not used up are made shorter, which asks that nothing is missing; those that are
 * used up are deleted, which asks nothing.
 */
function unpackable(
  shop: Shop,
  items: readonly { readonly id: string; readonly quantity: number }[],
  place: string | null | undefined,
): Reply | null {
  const taken = new Map<string, number>()
  const shorter: { readonly item: string; readonly at: string }[] = []
  for (const { id: lineId, quantity } of items) {
    const variant = shop.store.one<VariantRow>(
      'select v.* from variant v join order_line l on l.variant_id = v.id where l.id = ? and v.managed = 1',
      lineId,
    )
    const row = reservationOf(shop, lineId)
    if (variant && !row)
      return refusal(400, 'invalid_data', `No stock reservation found for item ${lineId} - ${variant.title} (${variant.title})`)
    if (!variant || !row) continue
    const units = quantity * variant.required
    if (row.quantity < units)
      return refusal(400, 'invalid_data', `Quantity to fulfill exceeds the reserved quantity for the item: ${lineId}`)
    const at = place ?? row.location_id
    taken.set(`${row.item_id} ${at}`, (taken.get(`${row.item_id} ${at}`) ?? 0) + units)
    if (row.quantity > units) shorter.push({ item: row.item_id, at })
  }
  const missing = shorter.find(({ item, at }) => availableAt(shop, item, at) < (taken.get(`${item} ${at}`) ?? 0))
  return missing ? tooFew(missing.item, missing.at) : null
}

function parcelOf({ store }: Shop, orderId: string, parcelId: string): { row: ParcelRow; pieces: PieceRow[] } | null {
  const row = store.one<ParcelRow>('select * from fulfillment where id = ? and order_id = ?', parcelId, orderId)
  return row ? { row, pieces: store.all<PieceRow>('select * from fulfillment_item where fulfillment_id = ?', row.id) } : null
}

/** `POST /admin/orders/{id}/fulfillments/{fid}/shipments`: all of the fulfilment, whatever items are named. */
export function createShipment(shop: Shop, id: string, parcelId: string, body: unknown): Reply {
  const { store } = shop
  const order = orderById(shop, id)
  const parcel = parcelOf(shop, id, parcelId)
  if (!order) return notFound(id)
  const read = shipmentInput.safeParse(body)
  if (!read.success) return invalid(read.error)
  if (!parcel) return refusal(404, 'not_found', `Fulfillment with id ${parcelId} not found in the order`)
  if (parcel.row.canceled !== null) return refusal(400, 'not_allowed', `Cannot update a canceled fulfillment: ${parcelId}`)
  if (parcel.row.shipped !== null) return refusal(400, 'not_allowed', 'Shipment has already been created')
  store.run('update fulfillment set shipped = ? where id = ?', stampOf(shop), parcelId)
  for (const { line_id: lineId, quantity } of parcel.pieces)
    store.run('update order_line set shipped = shipped + ? where id = ?', quantity, lineId)
  for (const { tracking_number: number, tracking_url: url } of read.data.labels ?? [])
    store.run('insert into label values (?, ?, ?, ?)', makeId(shop, 'fulla'), parcelId, number, url)
  store.record('act', {
    ref: id,
    data: { parcelId, labels: read.data.labels ?? [], units: parcel.pieces.map(one => [one.line_id, one.quantity]) },
  })
  touch(shop, id)
  return shown(shop, order)
}

/** `POST /admin/orders/{id}/fulfillments/{fid}/mark-as-delivered`. */
export function markDelivered(shop: Shop, id: string, parcelId: string): Reply {
  const order = orderById(shop, id)
  const parcel = parcelOf(shop, id, parcelId)
  if (!order) return notFound(id)
  if (!parcel) return refusal(404, 'not_found', `Fulfillment with id ${parcelId} not found in the order`)
  if (parcel.row.delivered !== null) return refusal(400, 'not_allowed', 'Fulfillment has already been marked delivered')
  shop.store.run('update fulfillment set delivered = ? where id = ?', stampOf(shop), parcelId)
  for (const { line_id: lineId, quantity } of parcel.pieces)
    shop.store.run('update order_line set delivered = delivered + ? where id = ?', quantity, lineId)
  shop.store.record('act', { ref: id, data: { parcelId, delivered: true } })
  touch(shop, id)
  return shown(shop, order)
}

const unpackInput = z.strictObject({ no_notification: z.boolean().optional() })

/** `POST /admin/orders/{id}/fulfillments/{fid}/cancel`: the units lie there again, and are reserved for their lines as they were. */
export function cancelFulfillment(shop: Shop, id: string, parcelId: string, body: unknown): Reply {
  const { store } = shop
  const order = orderById(shop, id)
  if (!order) return notFound(id)
  const read = unpackInput.safeParse(body)
  if (!read.success) return invalid(read.error)
  if (order.status === 'canceled') return refusal(400, 'invalid_data', `Order with id ${id} has been canceled.`)
  const parcel = parcelOf(shop, id, parcelId)
  if (!parcel) return refusal(404, 'not_found', `Fulfillment with id ${parcelId} not found in the order`)
  if (parcel.row.canceled !== null) return refusal(400, 'not_allowed', 'The fulfillment is already canceled')
  if (parcel.row.shipped !== null)
    return refusal(400, 'not_allowed', 'The fulfillment has already been shipped. Shipped fulfillments cannot be canceled')
  if (parcel.row.delivered !== null) return refusal(400, 'not_allowed', `Fulfillment with id ${parcelId} already delivered`)
  for (const { line_id: lineId, quantity } of parcel.pieces) {
    const variant = store.one<VariantRow>('select v.* from variant v join order_line l on l.variant_id = v.id where l.id = ?', lineId)
    store.run('update order_line set fulfilled = fulfilled - ? where id = ?', quantity, lineId)
    if (variant?.managed === 1) reserveAgain(shop, lineId, variant.item_id, parcel.row.location_id, quantity * variant.required)
  }
  store.run('update fulfillment set canceled = ? where id = ?', stampOf(shop), parcelId)
  store.record('unpacked', { ref: id, data: { parcelId } })
  touch(shop, id)
  return shown(shop, order)
}

/** `POST /admin/orders/{id}/cancel`: not while anything of it is packed. What was captured of its payments goes back. */
export function cancelOrder(shop: Shop, id: string): Reply {
  const order = orderById(shop, id)
  if (!order) return notFound(id)
  if (order.status === 'canceled') return refusal(400, 'invalid_data', `Order with id ${id} has been canceled.`)
  if (shop.store.one('select 1 as yes from fulfillment where order_id = ? and canceled is null', id))
    return refusal(400, 'not_allowed', 'All fulfillments must be canceled before canceling an order')
  shop.store.record('act', { ref: id, data: { cancel: true } })
  cancel(shop, id)
  payBack(shop, id)
  return shown(shop, order)
}

/** `POST /admin/payments/{id}/refund`. */
export function refundPayment(shop: Shop, paymentId: string, body: unknown): Reply {
  const { store } = shop
  const read = refundInput.safeParse(body)
  if (!read.success) return invalid(read.error)
  const payment = store.one<PaymentRow>('select * from payment where id = ?', paymentId)
  if (!payment) return refusal(404, 'not_found', `Payment with id: ${paymentId} was not found`)
  const before = store.all<RefundRow>('select * from refund where payment_id = ?', paymentId).reduce((sum, one) => sum + one.amount, 0)
  const amount = read.data.amount ?? payment.amount
  if (payment.captured === null || before + amount > payment.amount + 1e-9)
    return refusal(400, 'invalid_data', 'You are not allowed to refund more than the captured amount')
  store.run('insert into refund values (?, ?, ?, ?, ?)', makeId(shop, 'ref'), paymentId, amount, read.data.note ?? null, stampOf(shop))
  store.record('act', { ref: payment.order_id, data: { refund: amount, note: read.data.note ?? null } })
  touch(shop, payment.order_id)
  const refunds = store.all<RefundRow>('select * from refund where payment_id = ? order by id', paymentId)
  const told = refunds.map(({ id, amount: value, note, created }) => ({ id, amount: value, note, created_at: created }))
  return { status: 200, body: { payment: { id: paymentId, amount: payment.amount, captured_at: payment.captured, refunds: told } } }
}
