import type { SandboxListing, SandboxOrder, SandboxPurchase } from '../../sandbox.ts'
import { linesOf, orderChange, orderRow } from './order-view.ts'
import { enqueueOrder, enqueueQuantity } from './queue.ts'
import { type LineRow, listingOf, type OrderRow, offersOf, priceNow, setQuantity, type World } from './world.ts'

/** Adds listings with an offer in each marketplace that has a price; known SKUs stay as they are. */
export function seed(world: World, listings: readonly SandboxListing[]): void {
  const { store, options } = world
  store.change(() => {
    const newest = store.one<{ at: number | null }>('select max(created_ms) as at from listing')?.at ?? 0
    let createdMs = Math.max(newest, options.now().getTime() - listings.length)
    for (const listing of listings) {
      // Each its own instant: searches are paged by it, and Amazon's own listings are hardly ever made in the same one.
      createdMs += 1
      const asin = `B0${store.next('asin').toString(36).toUpperCase().padStart(8, '0')}`
      const added = store.run(
        'insert or ignore into listing values (?, ?, ?, ?, ?, ?, 2, ?, ?)',
        ...[listing.sku, asin, listing.title, listing.gtin, listing.parent, listing.quantity, createdMs, createdMs],
      )
      if (added === 0) continue
      for (const { id } of options.marketplaces) {
        const price = listing.prices[id]
        if (price !== undefined) store.run('insert into offer values (?, ?, ?, null, null, null, 0)', listing.sku, id, price)
      }
    }
  })
}

/** Sells what is asked, never more than is shown. Amazon takes the units off its own quantity at once, paid or not. */
export function buy(world: World, purchase: SandboxPurchase): SandboxOrder | null {
  const { store, options } = world
  return store.change(() => {
    const known = store.one<{ order_id: string | null }>('select order_id from purchase where ref = ?', purchase.ref)
    if (known) return known.order_id === null ? null : sold(world, known.order_id)
    const id = orderId(store.next('order'))
    let items = 0
    for (const line of purchase.lines) {
      const listing = listingOf(world, line.sku)
      const offer = offersOf(world, line.sku).find(one => one.marketplace === purchase.channelRef)
      if (!listing || !offer) continue
      const quantity = purchase.foreign ? line.quantity : Math.min(line.quantity, listing.quantity)
      if (quantity === 0) continue
      items += 1
      const values = [lineId(store.next('line')), id, line.sku, listing.title, quantity, line.quantity] as const
      store.run('insert into line values (?, ?, ?, ?, ?, ?, 0, 0, ?)', ...values, line.unitPrice ?? priceNow(offer, options.now()))
      if (!purchase.foreign) moveStock(world, line.sku, -quantity, { cause: 'order', ref: id })
    }
    store.run('insert into purchase values (?, ?)', purchase.ref, items === 0 ? null : id)
    if (items === 0) return null
    const nowMs = options.now().getTime()
    store.run(
      'insert into orders (id, marketplace, state, is_foreign, created_ms, updated_ms, person, pick_up, terms) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[id, purchase.channelRef, purchase.unpaid || purchase.terms?.awaitsPayment ? 'PENDING' : 'UNSHIPPED', purchase.foreign ? 1 : 0],
      ...[purchase.placedAt?.getTime() ?? nowMs, nowMs, JSON.stringify(purchase.person ?? null), purchase.pickUp ? 1 : 0],
      purchase.terms === undefined ? null : JSON.stringify(purchase.terms),
    )
    const order = sold(world, id)
    store.record('order', {
      ref: id,
      data: { purchase: purchase.ref, foreign: purchase.foreign === true, channelRef: purchase.channelRef, lines: order.lines },
    })
    tell(world, id, 'Order placed')
    return order
  })
}

/** The buyer cancels: units that are not shipped go back on sale. A shipped order stays. */
export function cancel(world: World, id: string): void {
  world.store.change(() => {
    const order = orderRow(world, id)
    if (!order || order.state === 'CANCELLED' || order.state === 'SHIPPED') return
    const lines = linesOf(world, id)
    for (const line of lines) {
      const open = line.quantity - line.shipped - line.cancelled
      if (open === 0) continue
      world.store.run('update line set cancelled = cancelled + ? where id = ?', open, line.id)
      if (order.is_foreign === 0) moveStock(world, line.sku, open, { cause: 'cancel', ref: id })
    }
    const isPartShipped = lines.some(line => line.shipped > 0)
    world.store.record('cancel', {
      ref: id,
      data: { lines: lines.map(line => ({ sku: line.sku, quantity: line.quantity - line.shipped })) },
    })
    changed(world, order, isPartShipped ? 'SHIPPED' : 'CANCELLED', 'Buyer cancelled')
  })
}

/** Payment of a pending order is authorised: it may be shipped. */
export function pay(world: World, id: string): void {
  world.store.change(() => {
    const order = orderRow(world, id)
    if (order?.state === 'PENDING') changed(world, order, 'UNSHIPPED', 'Payment authorised')
  })
}

/**
 * The buyer sends units back: a return that Amazon allows at once, and that arrives at the merchant's after a while. The report of returns tells of it; the order does
 * not, and nothing is put back on sale.
 */
export function refund(world: World, id: string, lines: readonly { readonly externalLineId: string; readonly quantity: number }[]): void {
  const { store, options } = world
  store.change(() => {
    const known = linesOf(world, id)
    const returned = lines.flatMap(({ externalLineId, quantity }) => {
      const line = known.find(one => one.id === externalLineId)
      if (!line) return []
      const rma = `D${store.next('rma').toString(36).padStart(8, '0')}RRMA`
      const asin = listingOf(world, line.sku)?.asin ?? ''
      store.run(
        'insert into back values (?, ?, ?, ?, ?, ?, ?, ?, null)',
        ...[rma, id, line.id, line.sku, line.title, asin, quantity, options.now().getTime()],
      )
      store.later('return-arrives', rma, {}, store.lag())
      return [{ sku: line.sku, quantity }]
    })
    store.record('refund', { ref: id, data: { lines: returned } })
  })
}

/** What was sent back is delivered to the merchant. */
export function arrive(world: World, rma: string): void {
  world.store.run('update back set arrived_ms = ? where rma = ? and arrived_ms is null', world.options.now().getTime(), rma)
}

/** Gives an order its next state and tells so. Its stamp always moves on, also within one millisecond. */
export function changed(world: World, order: OrderRow, state: OrderRow['state'], reason: string): void {
  const updatedMs = Math.max(world.options.now().getTime(), order.updated_ms + 1)
  world.store.run('update orders set state = ?, updated_ms = ? where id = ?', state, updatedMs, order.id)
  tell(world, order.id, reason)
}

function tell(world: World, id: string, reason: string): void {
  const order = orderRow(world, id)
  if (order) enqueueOrder(world, orderChange(world, order, reason), id)
}

function moveStock(world: World, sku: string, by: number, cause: { readonly cause: string; readonly ref: string }): void {
  const quantity = (listingOf(world, sku)?.quantity ?? 0) + by
  setQuantity(world, sku, quantity, cause)
  enqueueQuantity(world, sku, quantity)
}

function sold(world: World, id: string): SandboxOrder {
  const lines = linesOf(world, id).map((line: LineRow) => ({
    sku: line.sku,
    quantity: line.quantity,
    wanted: line.wanted,
    externalLineId: line.id,
  }))
  return { externalId: id, number: id, lines }
}

/** Amazon's 3-7-7 form. */
function orderId(n: number): string {
  return `305-${String(Math.floor(n / 10_000_000)).padStart(7, '0')}-${String(n % 10_000_000).padStart(7, '0')}`
}

function lineId(n: number): string {
  return String(n).padStart(14, '0')
}
