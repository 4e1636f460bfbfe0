import type { SandboxAmendment } from '../../sandbox.ts'
import { moveLevel } from './catalog.ts'
import { linesOf, orderById, release, reservationOf, touch } from './orders.ts'
import { locationsOf, makeId, type Shop, stampOf, type VariantRow } from './schema.ts'

/** Staff edit an order and confirm it: reservations follow at once, and a line without units is not in the new version any more. */
export function amend(shop: Shop, id: string, { quantities = {}, added = [] }: SandboxAmendment): void {
  const { store } = shop
  if (orderById(shop, id)?.status !== 'pending') return
  const place = linesOf(shop, id).map(line => reservationOf(shop, line.id)?.location_id)
  const location = place.find(one => one !== undefined) ?? locationsOf(shop)[0]?.id ?? ''
  for (const [lineId, quantity] of Object.entries(quantities)) {
    const line = linesOf(shop, id).find(one => one.id === lineId)
    const variant = line && store.one<VariantRow>('select * from variant where id = ?', line.variant_id)
    if (!line || !variant || quantity < line.fulfilled) continue
    if (quantity === 0) store.run('delete from order_line where id = ?', lineId)
    else store.run('update order_line set quantity = ? where id = ?', quantity, lineId)
    const more = (quantity - line.quantity) * variant.required
    if (more < 0) release(shop, lineId, -more, `order ${id} edited`)
    else reserve(shop, lineId, variant, location, more, `order ${id} edited`)
  }
  for (const { sku, quantity, unitPrice } of added) {
    const variant = store.one<VariantRow>('select * from variant where sku = ?', sku)
    if (!variant) continue
    const lineId = makeId(shop, 'ordli')
    const product = store.one<{ title: string }>('select title from product where id = ?', variant.product_id)
    const line = [lineId, id, variant.id, sku, variant.title, product?.title ?? '', quantity, quantity, Number(unitPrice)] as const
    store.run('insert into order_line values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)', ...line)
    reserve(shop, lineId, variant, location, quantity * variant.required, `order ${id} edited`)
  }
  touch(shop, id)
  store.record('amend', { ref: id, data: { quantities, added } })
}

function reserve(shop: Shop, lineId: string, variant: VariantRow, location: string, units: number, cause: string): void {
  if (units === 0 || variant.managed === 0) return
  const { store } = shop
  const known = reservationOf(shop, lineId)
  if (known) store.run('update reservation set quantity = quantity + ? where id = ?', units, known.id)
  else {
    const values = [makeId(shop, 'resitem'), lineId, variant.item_id, location, units, stampOf(shop)] as const
    store.run('insert into reservation values (?, ?, ?, ?, ?, ?)', ...values)
  }
  moveLevel(shop, variant.item_id, known?.location_id ?? location, { reserved: units }, cause)
}
