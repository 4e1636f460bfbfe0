import { type Charge, NO_CHARGE } from '../../../src/values/order-amounts.ts'
import { type Bill, billOf, termsOf } from '../../sandbox-bill.ts'
import { raw, variantBody } from './catalog-body.ts'
import type { LabelRow, LineRow, OrderRow, ParcelRow, PaymentRow, PieceRow, RefundRow, Shop, VariantRow } from './schema.ts'

type Body = Record<string, unknown>

const PRODUCT = {
  ...{
    subtitle: null,
    description: null,
    is_giftcard: false,
    status: 'published',
    thumbnail: null,
    weight: null,
    length: null,
    height: null,
  },
  ...{
    width: null,
    origin_country: null,
    hs_code: null,
    mid_code: null,
    material: null,
    discountable: true,
    external_id: null,
    metadata: null,
  },
  ...{ type_id: null, type: null, collection_id: null, collection: null },
}

/** Each number, and beside it Medusa's spelling that loses no digit. */
function withRaw(numbers: Readonly<Record<string, number>>): Body {
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([name, value]) => [
      [name, value],
      [`raw_${name}`, raw(value)],
    ]),
  )
}

/** An order as `GET /admin/orders/{id}` tells it when nothing is left out. */
export function orderBody(shop: Shop, row: OrderRow): Body {
  const { store } = shop
  const lines = store.all<LineRow>('select * from order_line where order_id = ? order by id', row.id)
  const bill = billOf(
    termsOf(row.terms),
    lines.map(line => ({ quantity: line.quantity, price: String(line.price) })),
    row.currency.toUpperCase(),
  )
  const total = Number(bill.text(bill.total))
  const payments = store.all<PaymentRow>('select * from payment where order_id = ? order by id', row.id)
  const refunds = payments.flatMap(one => store.all<RefundRow>('select * from refund where payment_id = ? order by id', one.id))
  const paid = sum(payments, one => (one.captured === null ? 0 : one.amount))
  const refunded = sum(refunds, one => one.amount)
  const { name, email, city, country } = JSON.parse(row.person) as { name: string; email: string; city: string; country: string }
  const [first = '', ...rest] = name.split(' ')
  const address = {
    ...{
      customer_id: null,
      company: null,
      first_name: first,
      last_name: rest.join(' '),
      address_1: '1 Main Street',
      address_2: null,
      city,
    },
    ...{ country_code: country.toLowerCase(), province: null, postal_code: '10001', phone: null, metadata: null },
    ...{ created_at: row.created, updated_at: row.created, deleted_at: null },
  }
  return {
    ...{ id: row.id, display_id: row.display_id, custom_display_id: null, status: row.status, version: row.version, email },
    ...{
      summary: summaryOf(total, paid, refunded),
      total,
      metadata: null,
      locale: termsOf(row.terms).language ?? null,
      created_at: row.created,
      updated_at: row.updated,
    },
    ...{ region_id: 'reg_01K', currency_code: row.currency, ...totalsOf(bill) },
    items: lines.map((line, n) => lineBody(shop, row, line, bill, bill.lines[n] ?? NO_CHARGE)),
    ...{ credit_lines: [], shipping_address: { id: `${row.id}s`, ...address }, billing_address: { id: `${row.id}b`, ...address } },
    shipping_methods: [methodBody(row, bill)],
    payment_collections: [
      { id: row.id.replace('order', 'pay_col'), currency_code: row.currency, payments: payments.map(one => paymentBody(one, refunds)) },
    ],
    fulfillments: store
      .all<ParcelRow>('select * from fulfillment where order_id = ? order by id', row.id)
      .map(one => parcelBody(shop, one)),
    payment_status: paid > 0 ? 'captured' : 'not_paid',
    fulfillment_status: statusOf(lines),
  }
}

function summaryOf(total: number, paid: number, refunded: number): Body {
  const numbers = {
    ...{ paid_total: paid, refunded_total: refunded, accounting_total: total, credit_line_total: 0, transaction_total: paid - refunded },
    ...{ pending_difference: total - paid + refunded, current_order_total: total, original_order_total: total },
  }
  return withRaw(numbers)
}

/** A charge in Medusa's words, of an order's line or of its shipping. `original`: before discounts. */
function pricedOf({ taxIncluded, percent, text }: Bill, { price, tax, total }: Charge): Record<string, number> {
  const taxBefore = Math.round((price * percent) / (taxIncluded ? 100 + percent : 100))
  const net = taxIncluded ? price - taxBefore : price
  const numbers = {
    ...{ subtotal: net, total, original_subtotal: net, original_total: net + taxBefore, tax_total: tax, original_tax_total: taxBefore },
    ...{ discount_total: net + taxBefore - total, discount_subtotal: net - (total - tax), discount_tax_total: taxBefore - tax },
  }
  return Object.fromEntries(Object.entries(numbers).map(([name, minor]) => [name, Number(text(minor))]))
}

function totalsOf(bill: Bill): Body {
  const [items, shipping] = [pricedOf(bill, bill.goods), pricedOf(bill, bill.shipping)]
  const both = (name: string): number => sum([items, shipping], one => one[name] ?? 0)
  const names = ['subtotal', 'tax_total', 'total', 'original_subtotal', 'original_tax_total', 'original_total']
  const named = (name: string, of: string): string =>
    name.startsWith('original_') ? name.replace('original_', `original_${of}_`) : `${of}_${name}`
  const credit = ['credit_line_total', 'credit_line_subtotal', 'credit_line_tax_total']
  return {
    ...Object.fromEntries([...names, 'discount_total', 'discount_tax_total'].map(name => [name, both(name)])),
    ...Object.fromEntries(
      names.flatMap(name => [
        [named(name, 'item'), items[name]],
        [named(name, 'shipping'), shipping[name]],
      ]),
    ),
    ...Object.fromEntries(credit.map(name => [name, 0])),
  }
}

function lineBody(shop: Shop, order: OrderRow, line: LineRow, bill: Bill, charge: Charge): Body {
  const { id, quantity, price } = line
  const dates = { created_at: order.created, updated_at: order.created, deleted_at: null }
  const variant = shop.store.one<VariantRow>('select * from variant where id = ?', line.variant_id)
  const counts = {
    ...{ quantity, fulfilled_quantity: line.fulfilled, delivered_quantity: line.delivered, shipped_quantity: line.shipped },
    ...{
      return_requested_quantity: line.returned,
      return_received_quantity: line.returned,
      return_dismissed_quantity: 0,
      written_off_quantity: 0,
    },
  }
  const totals = {
    ...pricedOf(bill, charge),
    ...{ refundable_total_per_unit: price, refundable_total: Number(bill.text(charge.total)) },
    ...{ fulfilled_total: price * line.fulfilled, shipped_total: price * line.shipped, return_requested_total: 0 },
    ...{ return_received_total: price * line.returned, return_dismissed_total: 0, write_off_total: 0 },
  }
  const {
    options: _options,
    prices: _prices,
    inventory_items: _items,
    ...told
  } = variant ? variantBody(shop, variant) : { id: line.variant_id }
  const product_id = variant?.product_id ?? null
  const product = { id: product_id, title: line.product_title, handle: 'goods', ...PRODUCT, ...dates }
  return {
    ...{ id, title: line.product_title, subtitle: line.title, thumbnail: null, variant_id: line.variant_id, product_id },
    ...{ product_title: line.product_title, product_description: null, product_subtitle: null, product_type: null, product_type_id: null },
    ...{ product_collection: null, product_handle: 'goods', variant_sku: line.sku, variant_barcode: null, variant_title: line.title },
    ...{
      variant_option_values: null,
      requires_shipping: true,
      is_giftcard: false,
      is_discountable: true,
      is_tax_inclusive: bill.taxIncluded,
    },
    ...{ is_custom_price: false, metadata: {}, ...withRaw({ compare_at_unit_price: price, unit_price: price }), ...dates },
    ...{ tax_lines: [], adjustments: [], ...withRaw({ quantity }), line_item_metadata: {} },
    detail: {
      ...{ id: `${id}d`, version: order.version, metadata: {}, order_id: order.id, item_id: id, ...dates },
      ...{
        raw_unit_price: raw(price),
        raw_compare_at_unit_price: raw(price),
        unit_price: price,
        compare_at_unit_price: price,
        ...withRaw(counts),
      },
    },
    ...{ ...withRaw(totals), variant: { ...told, product } },
  }
}

function methodBody(order: OrderRow, bill: Bill): Body {
  const dates = { created_at: order.created, updated_at: order.created, deleted_at: null }
  return {
    ...{
      id: `${order.id}m`,
      name: order.pick_up === 1 ? 'Pick up in store' : 'Standard',
      description: null,
      is_tax_inclusive: bill.taxIncluded,
      is_custom_amount: false,
      shipping_option_id: order.pick_up === 1 ? 'so_pick_up' : 'so_01K',
    },
    ...{
      data: null,
      metadata: null,
      ...withRaw({ amount: Number(bill.text(bill.shipping.price)) }),
      ...dates,
      tax_lines: [],
      adjustments: [],
      order_id: order.id,
    },
    detail: {
      ...{ id: `${order.id}md`, version: 1, order_id: order.id, return_id: null, exchange_id: null, claim_id: null, ...dates },
      shipping_method_id: `${order.id}m`,
    },
    ...withRaw(pricedOf(bill, bill.shipping)),
  }
}

function paymentBody(row: PaymentRow, refunds: readonly RefundRow[]): Body {
  const mine = refunds.filter(one => one.payment_id === row.id)
  return {
    ...{
      id: row.id,
      ...withRaw({ amount: row.amount }),
      provider_id: 'pp_system_default',
      created_at: row.created,
      captured_at: row.captured,
    },
    ...{ canceled_at: null, captures: row.captured === null ? [] : [{ id: `${row.id}c`, amount: row.amount, created_at: row.captured }] },
    refunds: mine.map(({ id, amount, note, created }) => ({ id, amount, note, created_at: created })),
  }
}

function parcelBody({ store }: Shop, row: ParcelRow): Body {
  const dates = { created_at: row.created, updated_at: row.shipped ?? row.created, deleted_at: null }
  const pieces = store.all<PieceRow>('select * from fulfillment_item where fulfillment_id = ? order by id', row.id)
  const labels = store.all<LabelRow>('select * from label where fulfillment_id = ? order by id', row.id)
  const address = `${row.id}a`
  return {
    ...{
      id: row.id,
      location_id: row.location_id,
      packed_at: row.created,
      shipped_at: row.shipped,
      marked_shipped_by: null,
      created_by: 'user_01K',
    },
    ...{ delivered_at: row.delivered, canceled_at: row.canceled, data: {}, requires_shipping: true, provider: { id: 'manual_manual' } },
    ...{ shipping_option_id: 'so_01K', shipping_option: { id: 'so_01K' }, delivery_address: { id: address } },
    ...{
      metadata: row.metadata === null ? null : JSON.parse(row.metadata),
      ...dates,
      provider_id: 'manual_manual',
      delivery_address_id: address,
    },
    labels: labels.map(({ id, number, url }) => ({
      id,
      tracking_number: number,
      tracking_url: url,
      label_url: '#',
      fulfillment_id: row.id,
      ...dates,
    })),
    items: pieces.map(({ id, line_id: line, quantity }) => ({
      id,
      line_item_id: line,
      fulfillment_id: row.id,
      ...withRaw({ quantity }),
      ...dates,
    })),
  }
}

function statusOf(lines: readonly LineRow[]): string {
  const all = (units: (line: LineRow) => number): boolean => lines.every(line => units(line) >= line.quantity)
  const some = (units: (line: LineRow) => number): boolean => lines.some(line => units(line) > 0)
  if (all(line => line.delivered)) return 'delivered'
  if (some(line => line.shipped)) return all(line => line.shipped) ? 'shipped' : 'partially_shipped'
  if (some(line => line.fulfilled)) return all(line => line.fulfilled) ? 'fulfilled' : 'partially_fulfilled'
  return 'not_fulfilled'
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return Math.round(list.reduce((all, one) => all + of(one), 0) * 1e6) / 1e6
}
