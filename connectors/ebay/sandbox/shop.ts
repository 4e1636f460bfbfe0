import type { SandboxListing, SandboxOrder, SandboxPurchase } from '../../sandbox.ts'
import { notifyOrder } from './notifications.ts'
import { itemOf, type LineRow, type OrderRow, offersOf, setQuantity, shownQuantity, type World } from './world.ts'

/** Adds items, each with a published offer on the marketplace where it has a price there; known SKUs stay as they are. */
export function seed(world: World, listings: readonly SandboxListing[]): void {
  const { store, options } = world
  store.change(() => {
    for (const { sku, title, gtin, parent, quantity, prices } of listings) {
      if (itemOf(world, sku)) continue
      store.run('insert into item values (?, ?, ?, ?, ?, ?)', sku, title, gtin, parent, quantity, store.next('item'))
      const price = prices[options.marketplace.id]
      if (price === undefined) continue
      const id = String(8_000_000_000 + store.next('offer'))
      store.run(
        'insert into offer values (?, ?, ?, ?, ?, ?, ?, ?)',
        id,
        sku,
        options.marketplace.id,
        price,
        null,
        'PUBLISHED',
        listingId(world, parent),
        MORE,
      )
    }
  })
}

/** What an offer has beside what this program knows: it must come through everything that is done to the offer. */
const MORE = JSON.stringify({
  categoryId: '30120',
  listingDescription: 'As it is described.',
  listingDuration: 'GTC',
  listingPolicies: { fulfillmentPolicyId: '311', paymentPolicyId: '312', returnPolicyId: '313', eBayPlusIfEligible: false },
  merchantLocationKey: 'BERLIN',
  quantityLimitPerBuyer: 5,
  includeCatalogProductDetails: true,
  storeCategoryNames: ['/Home'],
  tax: { applyTax: true, vatPercentage: 19 },
  pricingSummary: { pricingVisibility: 'NONE' },
})

/** Variations of a family are one listing. */
function listingId(world: World, parent: string | null): string {
  const { store } = world
  const kin =
    parent === null
      ? undefined
      : store.one<{ listing_id: string }>('select o.listing_id from offer o join item i on i.sku = o.sku where i.group_key = ?', parent)
  return kin?.listing_id ?? String(110_000_000_000 + store.next('listing'))
}

/** Sells what is asked, never more than is shown. eBay takes the units off its own quantity when the buyer commits, paid or not. */
export function buy(world: World, purchase: SandboxPurchase): SandboxOrder | null {
  const { store, options } = world
  return store.change(() => {
    const known = store.one<{ order_id: string | null }>('select order_id from purchase where ref = ?', purchase.ref)
    if (known) return known.order_id === null ? null : sold(world, known.order_id)
    const n = store.next('order')
    const id = `${String(Math.floor(n / 100_000)).padStart(2, '0')}-${String(n % 100_000).padStart(5, '0')}-${String(10_000 + (n % 90_000))}`
    let items = 0
    for (const line of purchase.lines) {
      const item = itemOf(world, line.sku)
      const offer = offersOf(world, line.sku).find(one => one.status === 'PUBLISHED' && one.marketplace === purchase.channelRef)
      if (!item || !offer) continue
      const showing = shownQuantity(item, offer)
      const quantity = purchase.foreign ? line.quantity : Math.min(line.quantity, showing)
      if (quantity === 0) continue
      items += 1
      const values = [
        String(10_000_000_000 + store.next('line')),
        id,
        line.sku,
        item.title,
        offer.listing_id,
        quantity,
        line.quantity,
      ] as const
      store.run('insert into line values (?, ?, ?, ?, ?, ?, ?, 0, 0, ?)', ...values, line.unitPrice ?? offer.price)
      if (!purchase.foreign) setQuantity(world, line.sku, item.quantity - quantity, { cause: 'order', ref: id })
    }
    store.run('insert into purchase values (?, ?)', purchase.ref, items === 0 ? null : id)
    if (items === 0) return null
    const nowMs = options.now().getTime()
    const created = purchase.placedAt?.getTime() ?? nowMs
    const isUnpaid = purchase.unpaid || purchase.terms?.awaitsPayment
    store.run(
      `insert into orders (id, payment, cancel, is_foreign, created_ms, updated_ms, person, refunds, terms) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, isUnpaid ? 'PENDING' : 'PAID', 'NONE_REQUESTED', purchase.foreign ? 1 : 0, created, nowMs],
      ...[JSON.stringify(purchase.person ?? null), '[]', purchase.terms === undefined ? null : JSON.stringify(purchase.terms)],
    )
    const order = sold(world, id)
    store.record('order', {
      ref: id,
      data: { purchase: purchase.ref, foreign: purchase.foreign === true, channelRef: purchase.channelRef, lines: order.lines },
    })
    if (!isUnpaid) notifyOrder(world, 'ORDER_CONFIRMATION', id)
    return order
  })
}

/** The order is cancelled: what was not shipped goes back on sale. A shipped order stays. */
export function cancel(world: World, id: string): void {
  const { store, options } = world
  store.change(() => {
    const order = orderRow(world, id)
    const lines = linesOf(world, id)
    if (!order || order.cancel === 'CANCELED' || lines.every(line => line.shipped === line.quantity)) return
    for (const line of lines) {
      const open = line.quantity - line.shipped
      const item = itemOf(world, line.sku)
      if (open > 0 && item && order.is_foreign === 0) setQuantity(world, line.sku, item.quantity + open, { cause: 'cancel', ref: id })
    }
    store.record('cancel', { ref: id, data: { lines: lines.map(line => ({ sku: line.sku, quantity: line.quantity - line.shipped })) } })
    store.run("update orders set cancel = 'CANCELED', cancelled_ms = ? where id = ?", options.now().getTime(), id)
    touch(world, order)
  })
}

export function pay(world: World, id: string): void {
  world.store.change(() => {
    const order = orderRow(world, id)
    if (order?.payment !== 'PENDING') return
    world.store.run("update orders set payment = 'PAID' where id = ?", id)
    touch(world, order)
    notifyOrder(world, 'ORDER_CONFIRMATION', id)
  })
}

/** Money goes back for these units. eBay says so, and nothing of the goods. */
export function refund(world: World, id: string, lines: readonly { readonly externalLineId: string; readonly quantity: number }[]): void {
  const { store, options } = world
  store.change(() => {
    const order = orderRow(world, id)
    if (!order) return
    for (const { externalLineId, quantity } of lines)
      store.run('update line set refunded = min(quantity, refunded + ?) where id = ? and order_id = ?', quantity, externalLineId, id)
    const after = linesOf(world, id)
    const payment = after.every(line => line.refunded === line.quantity) ? 'FULLY_REFUNDED' : 'PARTIALLY_REFUNDED'
    const refunds = [...(JSON.parse(order.refunds) as string[]), options.now().toISOString()]
    store.run('update orders set payment = ?, refunds = ? where id = ?', payment, JSON.stringify(refunds), id)
    store.record('refund', { ref: id, data: { lines } })
    touch(world, order)
  })
}

/** The order was changed now. Its stamp always moves on, also within one millisecond. */
export function touch(world: World, order: OrderRow): void {
  world.store.run('update orders set updated_ms = ? where id = ?', Math.max(world.options.now().getTime(), order.updated_ms + 1), order.id)
}

export function orderRow({ store }: World, id: string): OrderRow | undefined {
  return store.one<OrderRow>('select * from orders where id = ?', id)
}

export function linesOf({ store }: World, orderId: string): LineRow[] {
  return store.all<LineRow>('select * from line where order_id = ? order by id', orderId)
}

function sold(world: World, id: string): SandboxOrder {
  const lines = linesOf(world, id).map(line => ({ sku: line.sku, quantity: line.quantity, wanted: line.wanted, externalLineId: line.id }))
  return { externalId: id, number: id, lines }
}
