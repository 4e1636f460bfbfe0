import type { SandboxAmendment } from '../../sandbox.ts'
import { billOf, termsOf } from '../../sandbox-bill.ts'
import { findOrder, setStatus } from './orders.ts'
import { moveStock } from './products.ts'
import type { LineRow, ProductRow, Shop } from './schema.ts'

/** Staff edit the lines of an order: WooCommerce takes the difference off the stock, or puts it back; a line that is taken off is gone. */
export function amend(shop: Shop, id: number, { quantities = {}, added = [] }: SandboxAmendment): void {
  const { store } = shop
  const order = findOrder(shop, id)
  if (!order) return
  for (const [lineId, quantity] of Object.entries(quantities)) {
    const line = store.one<LineRow>('select * from order_line where id = ? and order_id = ?', Number(lineId), id)
    if (!line) continue
    if (quantity === 0) store.run('delete from order_line where id = ?', line.id)
    else store.run('update order_line set quantity = ?, reduced = ? where id = ?', quantity, quantity, line.id)
    moveStock(shop, line.product_id, line.reduced - quantity, `order ${id} edited`)
  }
  for (const { sku, quantity, unitPrice } of added) {
    const product = store.one<ProductRow>("select * from product where sku = ? and type <> 'variable'", sku)
    if (!product) continue
    const line = [store.next('item', 101), id, product.id, product.name, sku, quantity, quantity, unitPrice, quantity, 0] as const
    store.run('insert into order_line values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...line)
    moveStock(shop, product.id, -quantity, `order ${id} edited`)
  }
  const lines = store.all<LineRow>('select * from order_line where order_id = ? order by id', id)
  const bill = billOf(termsOf(order.terms), lines, order.currency)
  store.run('update shop_order set total = ? where id = ?', bill.text(bill.total), id)
  store.record('amend', { ref: String(id), data: { lines: lines.map(line => ({ sku: line.sku, quantity: line.quantity })) } })
  setStatus(shop, id, order.status)
}
