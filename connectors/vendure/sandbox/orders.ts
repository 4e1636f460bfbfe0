import { randomUUID } from 'node:crypto'
import type { SandboxOrder, SandboxPurchase } from '../../sandbox.ts'
import { minorOf, pricesOf, saleable } from './catalog.ts'
import { move, movedOf } from './movements.ts'
import { fulfilledOf, linesOf, orderById, totalOf } from './order-view.ts'
import { currenciesOf, type LineRow, type OrderRow, type Server, stampOf, type VariantRow } from './schema.ts'

const NOBODY = { name: 'Sample Shopper', email: 'shopper@example.com', city: 'Berlin', country: 'DE' }

/** A purchase in the shop: never more than may be sold, and by its name only once. Units are allocated when it is paid. */
export function buy(server: Server, purchase: SandboxPurchase): SandboxOrder | null {
  const { store, options } = server
  const known = store.one<OrderRow>('select * from shop_order where ref = ?', purchase.ref)
  if (known) return told(server, known)
  const currency = currenciesOf(server).find(one => one === purchase.channelRef) ?? currenciesOf(server)[0] ?? 'EUR'
  const left = new Map<number, number>()
  const taken: { variant: VariantRow; quantity: number; wanted: number; price: number }[] = []
  for (const { sku, quantity: wanted, unitPrice } of purchase.lines) {
    const variant = store.one<VariantRow>('select * from variant where sku = ?', sku)
    if (!variant) continue
    const showing = left.get(variant.id) ?? saleable(server, variant.id)
    const quantity = Math.max(0, Math.min(wanted, showing))
    left.set(variant.id, showing - quantity)
    const own = pricesOf(server, variant.id).find(one => one.currency === currency)?.amount ?? 0
    if (quantity > 0) taken.push({ variant, quantity, wanted, price: unitPrice === undefined ? own : minorOf(server, unitPrice) })
  }
  if (taken.length === 0) return null
  const id = store.next('order')
  // The cart was changed last before it was paid, and keeps that stamp.
  const stamp = stampOf(server)
  const code = randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()
  const person = JSON.stringify({ ...(purchase.person ?? NOBODY), pickUp: purchase.pickUp === true })
  store.run(
    'insert into shop_order values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ...[id, purchase.ref, code, 'ArrangingPayment', 'Regular', null, stamp, currency, person],
    purchase.terms === undefined ? null : JSON.stringify(purchase.terms),
  )
  for (const { variant, quantity, wanted, price } of taken)
    store.run(
      'insert into order_line values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[store.next('line'), id, variant.id, variant.sku, variant.name, quantity, 0, wanted, price, stamp],
    )
  store.record('order', {
    ref: String(id),
    data: { name: purchase.ref, lines: taken.map(one => ({ sku: one.variant.sku, quantity: one.quantity })) },
  })
  if (!purchase.unpaid) place(server, id, purchase.placedAt ?? options.now())
  const row = orderById(server, id)
  return row ? told(server, row) : null
}

function place(server: Server, id: number, at: Date): void {
  const { store } = server
  store.run("update shop_order set state = 'PaymentSettled', placed = ? where id = ?", at.toISOString(), id)
  store.run('update order_line set placed_quantity = quantity, updated = ? where order_id = ?', stampOf(server), id)
  store.run('insert into payment values (?, ?, ?, ?)', store.next('payment'), id, totalOf(server, id), stampOf(server))
  for (const line of linesOf(server, id)) move(server, line, 'allocation', line.quantity)
}

function told(server: Server, row: OrderRow): SandboxOrder {
  return {
    ...{ externalId: String(row.id), number: row.code },
    // What the shopper was sold, whatever became of it since.
    lines: linesOf(server, row.id).map(line => ({
      ...{ sku: line.sku, quantity: Math.max(line.quantity, line.placed_quantity), wanted: line.wanted, externalLineId: String(line.id) },
    })),
  }
}

export function pay(server: Server, id: number): void {
  if (orderById(server, id)?.state === 'ArrangingPayment') place(server, id, server.options.now())
}

/** Somebody in the shop cancels what has not left, or the buyer leaves his cart. */
export function cancel(server: Server, id: number): void {
  const row = orderById(server, id)
  if (!row || row.state === 'Cancelled') return
  if (row.placed === null) {
    server.store.run("update shop_order set state = 'Cancelled' where id = ?", id)
    return
  }
  const open = linesOf(server, id).map(line => ({
    line,
    quantity: line.quantity - fulfilledOf(server, line, state => state !== 'Cancelled'),
  }))
  const units = open.filter(one => one.quantity > 0)
  if (units.length > 0) withdraw(server, row, units, 'cancelled in the shop', 'cancel')
}

/** Somebody in the shop takes back units that were sent: they are taken off their lines and lie on the shelf again. */
export function refund(server: Server, id: number, lines: readonly { readonly externalLineId: string; readonly quantity: number }[]): void {
  const row = orderById(server, id)
  if (!row) return
  const units = lines.flatMap(({ externalLineId, quantity }) => {
    const line = linesOf(server, id).find(one => String(one.id) === externalLineId)
    return line && line.quantity > 0 ? [{ line, quantity: Math.min(quantity, line.quantity) }] : []
  })
  if (units.length > 0) withdraw(server, row, units, 'returned', 'refund')
}

/**
 * `cancelOrder` of some units. Vendure releases what is allocated of a line and takes back what was fulfilled of it, each up to the number asked for: of a line that was
 * sent in part it does both, and units come onto the shelf that never left it (seen on 3.7.3).
 */
export function withdraw(
  server: Server,
  row: OrderRow,
  units: readonly { readonly line: LineRow; readonly quantity: number }[],
  reason: string | undefined,
  kind: 'cancel' | 'refund' | 'act',
): void {
  const { store } = server
  const stamp = stampOf(server)
  for (const { line, quantity } of units) {
    const allocated = movedOf(server, line.id, 'allocation') - movedOf(server, line.id, 'sale') - movedOf(server, line.id, 'release')
    const fulfilled = fulfilledOf(server, line, () => true) - movedOf(server, line.id, 'cancellation')
    move(server, line, 'cancellation', Math.min(Math.max(0, fulfilled), quantity))
    move(server, line, 'release', Math.min(Math.max(0, allocated), quantity))
    store.run('update order_line set quantity = quantity - ?, updated = ? where id = ?', quantity, stamp, line.id)
  }
  const isWhole = linesOf(server, row.id).every(line => line.quantity === 0)
  store.run('update shop_order set updated = ?, state = ? where id = ?', stamp, isWhole ? 'Cancelled' : row.state, row.id)
  const lines = units.map(one => ({ orderLineId: one.line.id, quantity: one.quantity }))
  const data = { lines, ...(reason === undefined ? {} : { reason }), shippingCancelled: false }
  store.run('insert into cancellation values (?, ?, ?)', store.next('cancellation'), row.id, JSON.stringify(data))
  store.record(kind, { ref: String(row.id), data })
}
