import type { SandboxAmendment } from '../../sandbox.ts'
import { minorOf } from './catalog.ts'
import { move } from './movements.ts'
import { linesOf, orderById } from './order-view.ts'
import { type LineRow, type Server, stampOf, type VariantRow } from './schema.ts'

/** Staff modify a placed order: each modification tells by how much its lines changed, and a line that is taken off stays with no units. */
export function amend(server: Server, id: number, { quantities = {}, added = [] }: SandboxAmendment): void {
  const { store } = server
  const order = orderById(server, id)
  if (!order || order.placed === null || order.state === 'Cancelled') return
  const stamp = stampOf(server)
  const change = (line: LineRow, by: number): void => {
    store.run('insert into modification_line values (?, ?, ?, ?)', store.next('modification_line'), id, line.id, by)
    move(server, line, by > 0 ? 'allocation' : 'release', Math.abs(by))
    store.run('update order_line set quantity = quantity + ?, updated = ? where id = ?', by, stamp, line.id)
  }
  for (const [lineId, quantity] of Object.entries(quantities)) {
    const line = linesOf(server, id).find(one => String(one.id) === lineId)
    if (line && line.quantity !== quantity) change(line, quantity - line.quantity)
  }
  for (const { sku, quantity, unitPrice } of added) {
    const variant = store.one<VariantRow>('select * from variant where sku = ?', sku)
    if (!variant) continue
    const lineId = store.next('line')
    // It was not there when the order was placed.
    const values = [lineId, id, variant.id, sku, variant.name, 0, 0, quantity, minorOf(server, unitPrice), stamp] as const
    store.run('insert into order_line values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...values)
    const line = linesOf(server, id).find(one => one.id === lineId)
    if (line) change(line, quantity)
  }
  store.run('update shop_order set updated = ? where id = ?', stamp, id)
  store.record('amend', { ref: String(id), data: { quantities, added } })
}
