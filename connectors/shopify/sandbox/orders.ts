import { z } from 'zod'
import type { SandboxOrder, SandboxPurchase } from '../../sandbox.ts'
import type { Resolver, Thing } from '../../sandbox-graphql.ts'
import { availableAt, moveStock } from './catalog.ts'
import { announce } from './hooks.ts'
import { linesOf, parcelThing, placeLinesOf, placesOf, unitsOf } from './order-view.ts'
import { leftCents } from './payments.ts'
import {
  type LineRow,
  locationsOf,
  mainOf,
  numberOf,
  type OrderRow,
  type ParcelRow,
  type PlaceLineRow,
  type PlaceRow,
  SERVICE,
  type Shop,
  stampOf,
  type VariantRow,
} from './schema.ts'

const NOBODY = { name: 'Sample Shopper', email: 'shopper@example.com', city: 'Berlin', country: 'DE' }

export const orderById = ({ store }: Shop, id: number): OrderRow | undefined =>
  store.one<OrderRow>('select * from shop_order where id = ?', id)

/** Stamps an order as changed, and tells it. */
export function touch(shop: Shop, orderId: number, ...topics: string[]): void {
  shop.store.run('update shop_order set updated = ? where id = ?', stampOf(shop), orderId)
  for (const topic of topics) announce(shop, topic, orderId)
}

/** A purchase at the checkout: never more than the location shows, and by its name only once. Shopify places it there in one fulfilment order. */
export function buy(shop: Shop, purchase: SandboxPurchase): SandboxOrder | null {
  const { store } = shop
  const known = store.one<OrderRow>('select * from shop_order where ref = ?', purchase.ref)
  if (known) return told(shop, known)
  const own = locationsOf(shop).find(one => one.id === purchase.channelRef) ?? mainOf(shop)
  const location = purchase.foreign ? SERVICE.id : own.id
  const left = new Map<number, number>()
  const taken: { variant: VariantRow; quantity: number; wanted: number; price: string }[] = []
  for (const { sku, quantity: wanted, unitPrice } of purchase.lines) {
    const variant = store.one<VariantRow>('select * from variant where sku = ?', sku)
    if (!variant) continue
    const showing = purchase.foreign ? wanted : (left.get(variant.id) ?? availableAt(shop, variant.item_id, location) ?? 0)
    const quantity = Math.max(0, Math.min(wanted, showing))
    left.set(variant.id, showing - quantity)
    if (quantity > 0) taken.push({ variant, quantity, wanted, price: unitPrice ?? variant.price })
  }
  if (taken.length === 0) return null
  const now = stampOf(shop)
  const id = store.next('order', 6_000_000_001)
  const number = store.next('number', 1001)
  const placed = purchase.placedAt ? `${purchase.placedAt.toISOString().slice(0, 19)}Z` : now
  const values = [id, purchase.ref, number, placed, now, null, purchase.unpaid ? 0 : 1, JSON.stringify(purchase.person ?? NOBODY)] as const
  const terms = purchase.terms === undefined ? null : JSON.stringify(purchase.terms)
  store.run('insert into shop_order values (?, ?, ?, ?, ?, ?, ?, ?, ?)', ...values, terms)
  const placeId = store.next('place', 8001)
  const method = purchase.pickUp ? 'PICK_UP' : 'SHIPPING'
  store.run('insert into place (id, order_id, status, location_id, method) values (?, ?, ?, ?, ?)', placeId, id, 'OPEN', location, method)
  for (const { variant, quantity, wanted, price } of taken) {
    const lineId = store.next('line', 10_001)
    const title = variant.title === 'Default Title' ? variant.sku : variant.title
    store.run('insert into order_line values (?, ?, ?, ?, ?, ?, ?, ?)', lineId, id, variant.id, variant.sku, title, quantity, wanted, price)
    store.run('insert into place_line values (?, ?, ?, ?)', store.next('place_line', 11_001), placeId, lineId, quantity)
  }
  store.record('order', {
    ref: String(id),
    data: { name: purchase.ref, lines: taken.map(one => ({ sku: one.variant.sku, quantity: one.quantity })) },
  })
  if (!purchase.foreign) for (const { variant, quantity } of taken) moveStock(shop, variant.id, location, -quantity, `order ${id}`)
  announce(shop, 'ORDERS_CREATE', id)
  const row = orderById(shop, id)
  return row ? told(shop, row) : null
}

function told(shop: Shop, row: OrderRow): SandboxOrder {
  const lines = linesOf(shop, row.id)
  return {
    ...{ externalId: String(row.id), number: `#${row.number}` },
    lines: lines.map(line => ({ sku: line.sku, quantity: line.quantity, wanted: line.wanted, externalLineId: String(line.id) })),
  }
}

export function pay(shop: Shop, id: number): void {
  if (shop.store.run('update shop_order set paid = 1 where id = ? and paid = 0', id) > 0) touch(shop, id, 'ORDERS_UPDATED')
}

/** Withdraws what is not sent yet, which goes back to the stock of its location. */
export function withdraw(
  shop: Shop,
  orderId: number,
  only: ReadonlyMap<number, number> | null,
): { line: LineRow; quantity: number; location: string }[] {
  const gone: { line: LineRow; quantity: number; location: string }[] = []
  for (const line of linesOf(shop, orderId)) {
    let wanted = only ? (only.get(line.id) ?? 0) : Number.POSITIVE_INFINITY
    for (const place of placesOf(shop, orderId))
      for (const piece of placeLinesOf(shop, place.id).filter(one => one.line_id === line.id)) {
        const quantity = Math.min(wanted, piece.remaining)
        if (quantity === 0) continue
        wanted -= quantity
        shop.store.run('update place_line set remaining = remaining - ? where id = ?', quantity, piece.id)
        if (place.location_id !== SERVICE.id) moveStock(shop, line.variant_id, place.location_id, quantity, `order ${orderId} withdrawn`)
        gone.push({ line, quantity, location: place.location_id })
      }
  }
  closePlaces(shop, orderId)
  return gone
}

function closePlaces({ store }: Shop, orderId: number): void {
  store.run(
    `update place set status = 'CLOSED' where order_id = ? and status <> 'CLOSED'
       and not exists (select 1 from place_line l where l.place_id = place.id and l.remaining > 0)`,
    orderId,
  )
}

/** The buyer or the shop cancels: the whole order while nothing has left, otherwise what is left of it, as a refund. */
export function cancel(shop: Shop, id: number): void {
  const row = orderById(shop, id)
  if (!row || row.cancelled !== null) return
  const hasLeft = linesOf(shop, id).some(line => unitsOf(shop, line.id).shipped > 0)
  const gone = withdraw(shop, id, null)
  if (gone.length === 0) return
  shop.store.record('cancel', { ref: String(id), data: { whole: !hasLeft } })
  if (hasLeft)
    noteRefund(
      shop,
      id,
      gone.map(one => ({ ...one, restock: 'CANCEL' })),
    )
  else shop.store.run('update shop_order set cancelled = ? where id = ?', stampOf(shop), id)
  touch(shop, id, 'ORDERS_UPDATED', ...(hasLeft ? ['REFUNDS_CREATE'] : ['ORDERS_CANCELLED']))
}

/** Refunds units and restocks them: what was sent comes back to where it left, what was not is withdrawn. */
export function refund(shop: Shop, id: number, lines: readonly { readonly externalLineId: string; readonly quantity: number }[]): void {
  const found: { line: LineRow; quantity: number; location: string; restock: string }[] = []
  for (const { externalLineId, quantity: asked } of lines) {
    const line = linesOf(shop, id).find(one => String(one.id) === externalLineId)
    if (!line) continue
    const back =
      shop.store.one<{ n: number }>(
        "select coalesce(sum(quantity), 0) as n from refund_line where line_id = ? and restock = 'RETURN'",
        line.id,
      )?.n ?? 0
    const quantity = Math.min(asked, unitsOf(shop, line.id).shipped - back)
    const parcel = shop.store.one<ParcelRow>(
      'select p.* from parcel p join parcel_line l on l.parcel_id = p.id where l.line_id = ? order by p.id limit 1',
      line.id,
    )
    if (quantity > 0 && parcel) {
      moveStock(shop, line.variant_id, parcel.location_id, quantity, `refund of order ${id}`)
      found.push({ line, quantity, location: parcel.location_id, restock: 'RETURN' })
    }
    const open = asked - Math.max(0, quantity)
    if (open > 0) found.push(...withdraw(shop, id, new Map([[line.id, open]])).map(one => ({ ...one, restock: 'CANCEL' })))
  }
  if (found.length === 0) return
  noteRefund(shop, id, found)
  touch(shop, id, 'ORDERS_UPDATED', 'REFUNDS_CREATE')
}

/** Writes a refund down; what was paid for the lines goes back unless it is told. Answers its id. */
export function noteRefund(
  shop: Shop,
  orderId: number,
  lines: readonly { line: LineRow; quantity: number; location: string; restock: string }[],
  told?: { readonly note: string | null; readonly cents: number },
): number {
  const { store } = shop
  const row = orderById(shop, orderId)
  const worth = lines.reduce((sum, one) => sum + one.quantity * Math.round(100 * Number(one.line.price)), 0)
  const cents = told?.cents ?? Math.min(worth, row ? leftCents(shop, row) : 0)
  const id = store.next('refund', 12_001)
  store.run('insert into refund (id, order_id, note, cents) values (?, ?, ?, ?)', id, orderId, told?.note ?? null, cents)
  for (const { line, quantity, location, restock } of lines) {
    const values = [store.next('refund_line', 13_001), id, line.id, quantity, restock, location] as const
    store.run('insert into refund_line values (?, ?, ?, ?, ?, ?)', ...values)
  }
  store.record('refund', {
    ref: String(orderId),
    data: { lines: lines.map(one => ({ line: one.line.id, quantity: one.quantity, restock: one.restock })) },
  })
  return id
}

const fulfilInput = z.strictObject({
  lineItemsByFulfillmentOrder: z
    .array(
      z.strictObject({
        fulfillmentOrderId: z.string(),
        fulfillmentOrderLineItems: z.array(z.strictObject({ id: z.string(), quantity: z.int().positive() })).max(512),
      }),
    )
    .min(1),
  notifyCustomer: z.boolean(),
  trackingInfo: z.strictObject({ company: z.string().optional(), number: z.string().optional(), url: z.string().optional() }).optional(),
})

/** `fulfillmentCreate`: one parcel of open fulfilment orders of one location. */
export const fulfil =
  (shop: Shop): Resolver =>
  ({ fulfillment }) => {
    const { store } = shop
    const asked = fulfilInput.parse(fulfillment)
    const answer = (done: Thing | null, ...messages: string[]): Thing => ({
      ...{ __typename: 'FulfillmentCreatePayload', fulfillment: done },
      userErrors: messages.map(message => ({ __typename: 'UserError', field: ['fulfillment'], message })),
    })
    const pieces: { place: PlaceRow; row: PlaceLineRow; quantity: number }[] = []
    for (const { fulfillmentOrderId, fulfillmentOrderLineItems } of asked.lineItemsByFulfillmentOrder) {
      const place = store.one<PlaceRow>('select * from place where id = ?', numberOf('FulfillmentOrder', fulfillmentOrderId) ?? 0)
      if (!place) return answer(null, 'Fulfillment order does not exist.')
      if (place.status !== 'OPEN' && place.status !== 'IN_PROGRESS')
        return answer(null, `Fulfillment order ${place.id} has an unfulfillable status= ${place.status.toLowerCase()}.`)
      for (const { id, quantity } of fulfillmentOrderLineItems) {
        const row = placeLinesOf(shop, place.id).find(one => one.id === numberOf('FulfillmentOrderLineItem', id))
        if (!row || quantity > row.remaining) return answer(null, 'Invalid fulfillment order line item quantity requested.')
        pieces.push({ place, row, quantity })
      }
    }
    const [first] = pieces
    if (!first) return answer(null, 'There is nothing to fulfill.')
    if (pieces.some(({ place }) => place.location_id !== first.place.location_id || place.order_id !== first.place.order_id))
      return answer(null, 'All fulfillment orders must be of one order and be assigned to the same location.')
    const parcelId = store.next('parcel', 14_001)
    const { company = null, number = null, url = null } = asked.trackingInfo ?? {}
    const orderId = first.place.order_id
    store.run('insert into parcel values (?, ?, ?, ?, ?, ?)', parcelId, orderId, first.place.location_id, company, number, url)
    for (const { row, quantity } of pieces) {
      store.run('update place_line set remaining = remaining - ? where id = ?', quantity, row.id)
      store.run('insert into parcel_line values (?, ?, ?, ?)', store.next('parcel_line', 15_001), parcelId, row.line_id, quantity)
    }
    store.run("update place set status = 'IN_PROGRESS' where order_id = ? and status = 'OPEN'", orderId)
    closePlaces(shop, orderId)
    store.record('act', {
      ref: String(orderId),
      data: { parcelId, ...asked.trackingInfo, units: pieces.map(one => [one.row.line_id, one.quantity]) },
    })
    touch(shop, orderId, 'ORDERS_UPDATED')
    return answer(parcelThing(shop, { id: parcelId, order_id: orderId, location_id: first.place.location_id, company, number, url }))
  }

/** `orderCancel`: irreversible, and not while anything of it has left. */
export const orderCancel =
  (shop: Shop): Resolver =>
  ({ orderId, reason, staffNote }) => {
    const answer = (job: Thing | null, code?: string, message?: string): Thing => ({
      ...{ __typename: 'OrderCancelPayload', job },
      orderCancelUserErrors: code === undefined ? [] : [{ __typename: 'OrderCancelUserError', code, field: ['orderId'], message }],
    })
    const id = numberOf('Order', orderId) ?? 0
    const row = orderById(shop, id)
    if (!row) return answer(null, 'NOT_FOUND', 'Order does not exist')
    if (row.cancelled !== null) return answer(null, 'INVALID', 'Order has already been cancelled')
    if (linesOf(shop, id).some(line => unitsOf(shop, line.id).shipped > 0))
      return answer(null, 'INVALID', 'Cannot cancel an order with outstanding fulfillments')
    shop.store.record('act', { ref: String(id), data: { cancel: reason, note: staffNote ?? null } })
    cancel(shop, id)
    return answer({ __typename: 'Job', id: `gid://shopify/Job/${id}`, done: true })
  }
