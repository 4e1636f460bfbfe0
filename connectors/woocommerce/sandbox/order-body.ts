import { z } from 'zod'
import { type Charge, NO_CHARGE } from '../../../src/values/order-amounts.ts'
import { type Bill, billOf, termsOf } from '../../sandbox-bill.ts'
import type { LineRow, OrderRow, ProductRow, RefundRow, Shop } from './schema.ts'

export const personShape = z.object({ name: z.string(), email: z.string(), city: z.string(), country: z.string() })
export const refundLines = z.array(z.object({ id: z.int(), lineId: z.int(), quantity: z.int() }))
export const metaShape = z.array(z.object({ id: z.int(), key: z.string(), value: z.unknown() }))

/** The order as the REST API and its webhooks write it. */
export function orderBody({ store, options }: Shop, row: OrderRow): Record<string, unknown> {
  const lines = store.all<LineRow & Pick<ProductRow, 'parent_id'>>(
    'select l.*, coalesce(p.parent_id, 0) as parent_id from order_line l left join product p on p.id = l.product_id where l.order_id = ? order by l.id',
    row.id,
  )
  const bill = billOf(termsOf(row.terms), lines, row.currency)
  const { goods, shipping, text } = bill
  const refunds = store.all<RefundRow>('select * from refund where order_id = ? order by id desc', row.id)
  const person = personShape.parse(JSON.parse(row.person))
  const [first_name = '', ...last] = person.name.split(' ')
  const address = {
    first_name,
    last_name: last.join(' '),
    company: '',
    address_1: '1 Sample Street',
    address_2: '',
    city: person.city,
    state: '',
  }
  const place = { ...address, postcode: '10115', country: person.country, phone: '' }
  return {
    id: row.id,
    parent_id: 0,
    number: String(row.id),
    order_key: `wc_order_${row.id}`,
    created_via: 'checkout',
    version: '10.3.0',
    status: row.status,
    currency: row.currency,
    date_created: row.created,
    date_created_gmt: row.created,
    date_modified: row.modified,
    date_modified_gmt: row.modified,
    discount_total: text(goods.discount),
    shipping_total: text(netOf(shipping)),
    total: row.total,
    total_tax: text(goods.tax + shipping.tax),
    prices_include_tax: bill.taxIncluded,
    customer_id: 0,
    customer_note: '',
    billing: { ...place, email: person.email },
    shipping: place,
    ...(options.paysBack === false
      ? { payment_method: 'bacs', payment_method_title: 'Direct Bank Transfer' }
      : { payment_method: 'stripe', payment_method_title: 'Credit card' }),
    transaction_id: '',
    date_paid: row.paid,
    date_paid_gmt: row.paid,
    date_completed: row.completed,
    date_completed_gmt: row.completed,
    meta_data: JSON.parse(row.meta),
    line_items: lines.map((line, n) => lineBody(line, line.parent_id, bill, bill.lines[n] ?? NO_CHARGE)),
    tax_lines: [],
    shipping_lines: [
      ...(row.pick_up === null ? [] : [pickUpLine(row.id, row.pick_up)]),
      ...(shipping.price === 0 ? [] : [shippingLine(row.id, bill)]),
    ],
    fee_lines: [],
    coupon_lines: [],
    refunds: refunds.map(refund => ({ id: refund.id, reason: '', total: `-${refund.amount}` })),
  }
}

/** As the block checkout writes it. */
function pickUpLine(orderId: number, place: string): Record<string, unknown> {
  const meta = (key: string, value: string, n: number) => ({ id: orderId * 100 + n, key, value, display_key: key, display_value: value })
  return {
    ...{
      id: orderId * 100,
      method_title: `Pickup (${place})`,
      method_id: 'pickup_location',
      instance_id: '0',
      total: '0.00',
      total_tax: '0.00',
      taxes: [],
    },
    meta_data: [meta('pickup_location', place, 1), meta('pickup_address', `${place} 1`, 2)],
  }
}

/** What WooCommerce calls the total of a charge: without its tax. */
const netOf = (charge: Charge): number => charge.total - charge.tax

const taxesOf = (bill: Bill, tax: number, of: 'total' | 'subtotal'): Record<string, unknown>[] =>
  bill.percent === 0 ? [] : [{ id: 1, total: bill.text(tax), ...(of === 'subtotal' ? { subtotal: bill.text(tax) } : {}) }]

function shippingLine(orderId: number, bill: Bill): Record<string, unknown> {
  const { shipping, text } = bill
  return {
    ...{ id: orderId * 100 + 50, method_title: 'Flat rate', method_id: 'flat_rate', instance_id: '1', total: text(netOf(shipping)) },
    ...{ total_tax: text(shipping.tax), taxes: taxesOf(bill, shipping.tax, 'total'), meta_data: [] },
  }
}

function lineBody(line: LineRow, parentId: number, bill: Bill, charge: Charge): Record<string, unknown> {
  const { text, percent, taxIncluded } = bill
  const taxBefore = Math.round((charge.price * percent) / (taxIncluded ? 100 + percent : 100))
  // WooCommerce keeps what it took from the stock on the line itself, and shows it.
  const kept = { _reduced_stock: line.reduced, _restock_refunded_items: line.restocked }
  const meta = Object.entries(kept).filter(([, units]) => units > 0)
  return {
    id: line.id,
    name: line.name,
    product_id: parentId || line.product_id,
    variation_id: parentId ? line.product_id : 0,
    quantity: line.quantity,
    tax_class: '',
    subtotal: text(charge.price - (taxIncluded ? taxBefore : 0)),
    subtotal_tax: text(taxBefore),
    total: text(netOf(charge)),
    total_tax: text(charge.tax),
    taxes: taxesOf(bill, charge.tax, 'subtotal'),
    meta_data: meta.map(([key, units], n) => ({
      id: line.id * 10 + n,
      key,
      value: String(units),
      display_key: key,
      display_value: String(units),
    })),
    sku: line.sku,
    price: charge.discount === 0 && !taxIncluded ? Number(line.price) : Number(text(netOf(charge))) / line.quantity,
  }
}

/** A refund with its lines, negative as WooCommerce writes them; the line it belongs to stands in the meta data. */
export function refundBody({ store }: Shop, row: RefundRow): Record<string, unknown> {
  const lines = refundLines.parse(JSON.parse(row.lines)).map(({ id, lineId, quantity }) => {
    const line = store.one<LineRow>('select * from order_line where id = ?', lineId)
    const total = (-quantity * Number(line?.price ?? 0)).toFixed(2)
    const money = { subtotal: total, subtotal_tax: '0.00', total, total_tax: '0.00', taxes: [], price: Number(line?.price ?? 0) }
    const product = { name: line?.name ?? '', product_id: line?.product_id ?? 0, variation_id: 0, tax_class: '', sku: line?.sku ?? '' }
    return { id, ...product, quantity: -quantity, ...money, meta_data: [{ id: id * 10, key: '_refunded_item_id', value: String(lineId) }] }
  })
  const times = { date_created: row.created, date_created_gmt: row.created }
  return {
    id: row.id,
    ...times,
    amount: row.amount,
    reason: '',
    refunded_by: 1,
    refunded_payment: row.paid === 1,
    meta_data: JSON.parse(row.meta),
    line_items: lines,
  }
}
