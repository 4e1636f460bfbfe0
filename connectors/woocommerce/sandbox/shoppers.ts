import type { SandboxOrder, SandboxPurchase } from '../../sandbox.ts'
import { billOf } from '../../sandbox-bill.ts'
import { announce } from './hooks.ts'
import { findOrder, setStatus } from './orders.ts'
import { moveStock } from './products.ts'
import { type LineRow, type OrderRow, type ProductRow, type Shop, stampOf } from './schema.ts'

const NOBODY = { name: 'Sample Shopper', email: 'shopper@example.com', city: 'Berlin', country: 'DE' }

/** A purchase at the shop's checkout: never more than it shows, and by its name only once. */
export function buy(shop: Shop, purchase: SandboxPurchase): SandboxOrder | null {
  const { store, options } = shop
  const known = store.one<OrderRow>('select * from shop_order where ref = ?', purchase.ref)
  if (known) return told(shop, known.id)
  const left = new Map<number, number>()
  const taken: { product: ProductRow; quantity: number; wanted: number; price: string }[] = []
  for (const { sku, quantity: wanted, unitPrice } of purchase.lines) {
    const product = store.one<ProductRow>("select * from product where sku = ? and type <> 'variable'", sku)
    if (!product) continue
    const showing = left.get(product.id) ?? product.stock ?? wanted
    const quantity = Math.max(0, Math.min(wanted, showing))
    left.set(product.id, showing - quantity)
    if (quantity > 0) taken.push({ product, quantity, wanted, price: unitPrice ?? (product.regular || '0') })
  }
  if (taken.length === 0) return null
  const now = stampOf(shop)
  const id = store.next('post', 11)
  const created = purchase.placedAt?.toISOString().slice(0, 19) ?? now
  const bill = billOf(purchase.terms ?? {}, taken, options.currency ?? 'EUR')
  const person = JSON.stringify(purchase.person ?? NOBODY)
  const status = purchase.unpaid ? 'pending' : purchase.terms?.awaitsPayment ? 'on-hold' : 'processing'
  const values = [
    id,
    purchase.ref,
    status,
    options.currency ?? 'EUR',
    created,
    now,
    status === 'processing' ? now : null,
    null,
    bill.text(bill.total),
    person,
    JSON.stringify(
      purchase.terms?.language ? [{ id: store.next('meta', 1000), key: 'wpml_language', value: purchase.terms.language }] : [],
    ),
  ]
  store.run(
    'insert into shop_order (id, ref, status, currency, created, modified, paid, completed, total, person, meta, pick_up, terms) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ...values,
    purchase.pickUp ? (options.pickUpPlace ?? 'Main street') : null,
    purchase.terms === undefined ? null : JSON.stringify(purchase.terms),
  )
  for (const { product, quantity, wanted, price } of taken) {
    const line = [
      store.next('item', 101),
      id,
      product.id,
      product.name,
      product.sku ?? '',
      quantity,
      wanted,
      price,
      purchase.unpaid ? 0 : quantity,
      0,
    ]
    store.run('insert into order_line values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...line)
  }
  const lines = taken.map(({ product, quantity, wanted }) => ({ sku: product.sku, quantity, wanted }))
  store.record('order', { ref: String(id), data: { name: purchase.ref, status, lines } })
  announce(shop, 'order.created', id)
  if (!purchase.unpaid) for (const { product, quantity } of taken) moveStock(shop, product.id, -quantity, `order ${id}`)
  return told(shop, id)
}

/** The buyer or the shop cancels what is not completed yet. */
export function cancel(shop: Shop, id: number): void {
  const order = findOrder(shop, id)
  if (!order || !['pending', 'on-hold', 'processing'].includes(order.status)) return
  shop.store.record('cancel', { ref: String(id), data: { from: order.status } })
  setStatus(shop, id, 'cancelled')
}

/** Pays a pending order. As WooCommerce's payment page does, it looks at the stock first: what is no longer there cannot be paid for. */
export function pay(shop: Shop, id: number): void {
  const order = findOrder(shop, id)
  // Of one that is on hold, its units are off the stock already.
  if (order?.status === 'on-hold') setStatus(shop, id, 'processing')
  if (order?.status !== 'pending') return
  const missing = shop.store.one(
    `select 1 as yes from (select product_id, sum(quantity) as units from order_line where order_id = ? group by product_id) l
       join product p on p.id = l.product_id where p.manage_stock = 1 and p.stock < l.units limit 1`,
    id,
  )
  shop.store.record('order', { ref: String(id), data: { status: missing ? 'pending' : 'processing', paid: !missing } })
  if (!missing) setStatus(shop, id, 'processing')
}

/** Refunds units and puts them back, as the refund dialogue does with "Restock refunded items" ticked. */
export function refund(shop: Shop, id: number, lines: readonly { readonly externalLineId: string; readonly quantity: number }[]): void {
  const { store } = shop
  const order = findOrder(shop, id)
  if (!order) return
  const done: { id: number; lineId: number; quantity: number }[] = []
  let amount = 0
  for (const { externalLineId, quantity: asked } of lines) {
    const line = store.one<LineRow>('select * from order_line where id = ? and order_id = ?', Number(externalLineId), id)
    const quantity = Math.min(asked, line?.reduced ?? 0)
    if (!line || quantity <= 0) continue
    store.run('update order_line set reduced = reduced - ?, restocked = restocked + ? where id = ?', quantity, quantity, line.id)
    moveStock(shop, line.product_id, quantity, `refund of order ${id}`)
    done.push({ id: store.next('item', 101), lineId: line.id, quantity })
    amount += quantity * Number(line.price)
  }
  if (done.length === 0) return
  const refundId = store.next('post', 11)
  store.run(
    'insert into refund (id, order_id, created, amount, lines) values (?, ?, ?, ?, ?)',
    refundId,
    id,
    stampOf(shop),
    amount.toFixed(2),
    JSON.stringify(done),
  )
  store.record('refund', { ref: String(id), data: { refundId, lines: done.map(({ lineId, quantity }) => ({ lineId, quantity })) } })
  const kept = store.one('select 1 as yes from order_line where order_id = ? and restocked < quantity limit 1', id)
  setStatus(shop, id, kept ? order.status : 'refunded')
}

function told({ store }: Shop, id: number): SandboxOrder {
  const lines = store.all<LineRow>('select * from order_line where order_id = ? order by id', id)
  return {
    externalId: String(id),
    number: String(id),
    lines: lines.map(line => ({ sku: line.sku, quantity: line.quantity, wanted: line.wanted, externalLineId: String(line.id) })),
  }
}
