import type { SandboxAmendment } from '../../sandbox.ts'
import { moveStock } from './catalog.ts'
import { linesOf, placeLinesOf, placesOf, unitsOf } from './order-view.ts'
import { orderById, touch, withdraw } from './orders.ts'
import type { PlaceRow, Shop, VariantRow } from './schema.ts'

/**
 * Staff edit an order. A line's \`quantity\` is raised with it, and never lowered again: what is taken off is only not to be sent any more. What comes to it goes into an
 * open fulfilment order.
 */
export function amend(shop: Shop, id: number, { quantities = {}, added = [] }: SandboxAmendment): void {
  const { store } = shop
  const order = orderById(shop, id)
  if (!order || order.cancelled !== null) return
  for (const [lineId, quantity] of Object.entries(quantities)) {
    const line = linesOf(shop, id).find(one => String(one.id) === lineId)
    if (!line) continue
    const { open, shipped } = unitsOf(shop, line.id)
    const more = quantity - open - shipped
    if (more < 0) withdraw(shop, id, new Map([[line.id, -more]]))
    if (more <= 0) continue
    store.run('update order_line set quantity = quantity + ? where id = ?', more, line.id)
    promise(shop, id, line.id, line.variant_id, more)
  }
  for (const { sku, quantity, unitPrice } of added) {
    const variant = store.one<VariantRow>('select * from variant where sku = ?', sku)
    if (!variant) continue
    const lineId = store.next('line', 10_001)
    const title = variant.title === 'Default Title' ? variant.sku : variant.title
    const line = [lineId, id, variant.id, sku, title, quantity, quantity, unitPrice] as const
    store.run('insert into order_line values (?, ?, ?, ?, ?, ?, ?, ?)', ...line)
    promise(shop, id, lineId, variant.id, quantity)
  }
  store.record('amend', { ref: String(id), data: { quantities, added } })
  touch(shop, id, 'ORDERS_EDITED', 'ORDERS_UPDATED')
}

/** More units of a line are to be sent, from where the order is sent. */
function promise(shop: Shop, orderId: number, lineId: number, variantId: number, units: number): void {
  const { store } = shop
  const place = openPlace(shop, orderId)
  if (!place) return
  const piece = placeLinesOf(shop, place.id).find(one => one.line_id === lineId)
  if (piece) store.run('update place_line set remaining = remaining + ? where id = ?', units, piece.id)
  else store.run('insert into place_line values (?, ?, ?, ?)', store.next('place_line', 11_001), place.id, lineId, units)
  moveStock(shop, variantId, place.location_id, -units, `order ${orderId} edited`)
}

/** The order's open fulfilment order; a new one at the place of the last where all are closed. */
function openPlace(shop: Shop, orderId: number): PlaceRow | undefined {
  const places = placesOf(shop, orderId)
  const last = places.at(-1)
  const open = places.find(one => one.status === 'OPEN' || one.status === 'IN_PROGRESS')
  if (open || !last) return open
  const id = shop.store.next('place', 8001)
  const values = [id, orderId, 'OPEN', last.location_id, last.method] as const
  shop.store.run('insert into place (id, order_id, status, location_id, method) values (?, ?, ?, ?, ?)', ...values)
  return { ...last, id, status: 'OPEN' }
}
