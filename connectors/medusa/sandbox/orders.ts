import type { SandboxOrder, SandboxPurchase } from '../../sandbox.ts'
import { billOf } from '../../sandbox-bill.ts'
import { availableAt, moveLevel } from './catalog.ts'
import {
  currencyOf,
  ELSEWHERE,
  type LineRow,
  makeId,
  type OrderRow,
  type PaymentRow,
  type RefundRow,
  type ReservationRow,
  type Shop,
  stampOf,
  type VariantRow,
} from './schema.ts'

const NOBODY = { name: 'Sample Shopper', email: 'shopper@example.com', city: 'Berlin', country: 'DE' }

export const orderById = ({ store }: Shop, id: string): OrderRow | undefined =>
  store.one<OrderRow>('select * from shop_order where id = ?', id)

export const linesOf = ({ store }: Shop, id: string): LineRow[] =>
  store.all<LineRow>('select * from order_line where order_id = ? order by id', id)

export const reservationOf = ({ store }: Shop, lineId: string): ReservationRow | undefined =>
  store.one<ReservationRow>('select * from reservation where line_id = ?', lineId)

/** A purchase at the store: never more than it shows, and by its name only once. Its units are reserved at the channel's location, paid or not. */
export function buy(shop: Shop, purchase: SandboxPurchase): SandboxOrder | null {
  const { store } = shop
  const known = store.one<OrderRow>('select * from shop_order where ref = ?', purchase.ref)
  if (known) return told(shop, known)
  const location = purchase.foreign ? ELSEWHERE : purchase.channelRef
  const left = new Map<string, number>()
  const taken: { variant: VariantRow; quantity: number; wanted: number; price: number }[] = []
  for (const { sku, quantity: wanted, unitPrice } of purchase.lines) {
    const variant = store.one<VariantRow>('select * from variant where sku = ?', sku)
    if (!variant) continue
    const free = left.get(variant.id) ?? (purchase.foreign || variant.managed === 0 ? wanted : availableAt(shop, variant.item_id, location))
    const quantity = Math.max(0, Math.min(wanted, Math.floor(free / variant.required)))
    left.set(variant.id, free - quantity * variant.required)
    const priced = store.one<{ amount: number }>(
      "select amount from price where variant_id = ? and currency = ? and rules = '{}'",
      ...[variant.id, currencyOf(shop, location).toLowerCase()],
    )
    if (quantity > 0) taken.push({ variant, quantity, wanted, price: unitPrice === undefined ? (priced?.amount ?? 0) : Number(unitPrice) })
  }
  if (taken.length === 0) return null
  const id = makeId(shop, 'order')
  const now = stampOf(shop)
  const created = purchase.placedAt?.toISOString() ?? now
  const currency = currencyOf(shop, purchase.channelRef).toLowerCase()
  const person = JSON.stringify(purchase.person ?? NOBODY)
  const values = [id, purchase.ref, store.next('display'), 'pending', 1, created, now, currency, person, purchase.pickUp ? 1 : 0] as const
  const terms = purchase.terms === undefined ? null : JSON.stringify(purchase.terms)
  store.run('insert into shop_order values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...values, terms)
  for (const { variant, quantity, wanted, price } of taken) {
    const lineId = makeId(shop, 'ordli')
    const product = store.one<{ title: string }>('select title from product where id = ?', variant.product_id)
    const line = [lineId, id, variant.id, variant.sku, variant.title, product?.title ?? '', quantity, wanted, price] as const
    store.run('insert into order_line values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)', ...line)
    if (variant.managed === 1) {
      const units = quantity * variant.required
      const reserved = [makeId(shop, 'resitem'), lineId, variant.item_id, location, units, now] as const
      store.run('insert into reservation values (?, ?, ?, ?, ?, ?)', ...reserved)
      moveLevel(shop, variant.item_id, location, { reserved: units }, `order ${id}`)
    }
  }
  const bill = billOf(
    purchase.terms ?? {},
    taken.map(one => ({ quantity: one.quantity, price: String(one.price) })),
    currency.toUpperCase(),
  )
  store.run(
    'insert into payment values (?, ?, ?, ?, ?)',
    makeId(shop, 'pay'),
    id,
    Number(bill.text(bill.total)),
    now,
    purchase.unpaid ? null : now,
  )
  store.record('order', {
    ref: id,
    data: { name: purchase.ref, lines: taken.map(one => ({ sku: one.variant.sku, quantity: one.quantity })) },
  })
  return told(shop, { id, display_id: orderById(shop, id)?.display_id ?? 0 })
}

/** The buyer or the shop cancels an order of which nothing is packed: its reservations are gone. */
export function cancel(shop: Shop, id: string): void {
  const order = orderById(shop, id)
  if (order?.status !== 'pending' || linesOf(shop, id).some(line => line.fulfilled > 0)) return
  for (const line of linesOf(shop, id)) release(shop, line.id, Number.MAX_SAFE_INTEGER, `order ${id} canceled`)
  shop.store.run("update shop_order set status = 'canceled' where id = ?", id)
  touch(shop, id)
  shop.store.record('cancel', { ref: id, data: {} })
}

/** Takes so many units of a line off what is reserved. Answers where they were, and how many. */
export function release(
  shop: Shop,
  lineId: string,
  units: number,
  cause: string,
  leaves = false,
): { location: string; units: number } | null {
  const row = reservationOf(shop, lineId)
  if (!row) return null
  const taken = Math.min(units, row.quantity)
  if (taken === row.quantity) shop.store.run('delete from reservation where id = ?', row.id)
  else shop.store.run('update reservation set quantity = quantity - ? where id = ?', taken, row.id)
  moveLevel(shop, row.item_id, row.location_id, { reserved: -taken, ...(leaves ? { stocked: -taken } : {}) }, cause)
  return { location: row.location_id, units: taken }
}

/** What was packed lies at its location again, and is its line's as before. */
export function reserveAgain(shop: Shop, lineId: string, itemId: string, location: string, units: number): void {
  const row = reservationOf(shop, lineId)
  if (row) shop.store.run('update reservation set quantity = quantity + ? where id = ?', units, row.id)
  else {
    const values = [makeId(shop, 'resitem'), lineId, itemId, location, units, stampOf(shop)] as const
    shop.store.run('insert into reservation values (?, ?, ?, ?, ?, ?)', ...values)
  }
  moveLevel(shop, itemId, location, { stocked: units, reserved: units }, 'fulfilment canceled')
}

/** What is captured of an order's payments and has not gone back goes back. */
export function payBack(shop: Shop, id: string): void {
  const { store } = shop
  for (const payment of store.all<PaymentRow>('select * from payment where order_id = ? and captured is not null', id)) {
    const before = store.all<RefundRow>('select * from refund where payment_id = ?', payment.id).reduce((sum, one) => sum + one.amount, 0)
    if (payment.amount - before <= 1e-9) continue
    store.run('insert into refund values (?, ?, ?, ?, ?)', makeId(shop, 'ref'), payment.id, payment.amount - before, null, stampOf(shop))
  }
}

export function pay(shop: Shop, id: string): void {
  if (shop.store.run('update payment set captured = ? where order_id = ? and captured is null', stampOf(shop), id) > 0) touch(shop, id)
}

/** Shipped units come back, as a return that is received: they lie at the location again. */
export function refund(shop: Shop, id: string, lines: readonly { readonly externalLineId: string; readonly quantity: number }[]): void {
  const { store } = shop
  for (const { externalLineId, quantity: asked } of lines) {
    const line = linesOf(shop, id).find(one => one.id === externalLineId)
    const quantity = Math.min(asked, line ? line.shipped - line.returned : 0)
    const parcel = store.one<{ location_id: string }>('select location_id from fulfillment where order_id = ? and canceled is null', id)
    const variant = line && store.one<VariantRow>('select * from variant where id = ?', line.variant_id)
    if (!line || quantity <= 0 || !parcel) continue
    store.run('update order_line set returned = returned + ? where id = ?', quantity, line.id)
    if (variant) moveLevel(shop, variant.item_id, parcel.location_id, { stocked: quantity * variant.required }, `return of order ${id}`)
    store.record('refund', { ref: id, data: { line: line.id, quantity } })
  }
  touch(shop, id)
}

/** Every change of an order makes a new version of it. */
export function touch(shop: Shop, id: string): void {
  shop.store.run('update shop_order set updated = ?, version = version + 1 where id = ?', stampOf(shop), id)
}

function told(shop: Shop, { id, display_id }: Pick<OrderRow, 'id' | 'display_id'>): SandboxOrder {
  const lines = linesOf(shop, id).map(line => ({ sku: line.sku, quantity: line.quantity, wanted: line.wanted, externalLineId: line.id }))
  return { externalId: id, number: String(display_id), lines }
}
