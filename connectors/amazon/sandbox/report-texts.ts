import { Decimal } from 'decimal.js'
import type { World } from './world.ts'

const LISTINGS = [
  ...['item-name', 'item-description', 'listing-id', 'seller-sku', 'price', 'quantity', 'open-date', 'image-url', 'item-is-marketplace'],
  ...['product-id-type', 'item-condition', 'asin1', 'product-id', 'add-delete', 'pending-quantity', 'fulfillment-channel'],
  ...['merchant-shipping-group', 'status'],
]

/** The listings of a marketplace as its report shows them; the regular price alone is told. Null: there are none. */
export function listingsText(world: World, marketplace: string): string | null {
  const rows = world.store.all<{ sku: string; title: string; asin: string; quantity: number; created_ms: number; regular: string }>(
    'select l.*, o.regular from listing l join offer o on o.sku = l.sku where o.marketplace = ? order by l.created_ms, l.sku',
    marketplace,
  )
  if (rows.length === 0) return null
  const body = rows.map(row =>
    [
      ...[row.title, `${row.title}. Made to last.`, `${row.asin.slice(2)}L`, row.sku, row.regular, String(row.quantity)],
      ...[new Date(row.created_ms).toISOString(), '', 'y', '1', '11', row.asin, row.asin, '', '0', 'DEFAULT', 'Standard'],
      row.quantity > 0 ? 'Active' : 'Inactive',
    ].join('\t'),
  )
  return [LISTINGS.join('\t'), ...body].join('\n')
}

/** The headings of the returns report; the last came years after the others. */
const RETURNS = [
  ...[
    'Order ID',
    'Order date',
    'Return request date',
    'Return request status',
    'Amazon RMA ID',
    'Merchant RMA ID',
    'Label type',
    'Label cost',
  ],
  ...[
    'Currency code',
    'Return carrier',
    'Tracking ID',
    'Label to be paid by',
    'A-to-Z Claim',
    'Is prime',
    'ASIN',
    'Merchant SKU',
    'Item Name',
  ],
  ...[
    'Return quantity',
    'Return Reason',
    'In policy',
    'Return type',
    'Resolution',
    'Invoice number',
    'Return delivery date',
    'Order Amount',
  ],
  ...[
    'Order quantity',
    'SafeT Action reason',
    'SafeT claim id',
    'SafeT claim state',
    'SafeT claim creation time',
    'SafeT claim reimbursement amount',
  ],
  ...['Refunded Amount', 'Order Item ID'],
]

type ReturnRow = {
  readonly rma: string
  readonly order_id: string
  readonly line_id: string
  readonly sku: string
  readonly title: string
  readonly asin: string
  readonly quantity: number
  readonly asked_ms: number
  readonly arrived_ms: number | null
  readonly created_ms: number
  readonly unit_price: string
  readonly ordered: number
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What buyers of a marketplace asked to send back in this time, arrived or not. Null: nothing. */
export function returnsText(world: World, marketplace: string, fromMs: number, toMs: number): string | null {
  const currency = world.options.marketplaces.find(one => one.id === marketplace)?.currency ?? ''
  const rows = world.store.all<ReturnRow>(
    `select b.*, o.created_ms, l.unit_price, l.quantity as ordered from back b join orders o on o.id = b.order_id join line l on l.id = b.line_id
      where o.marketplace = ? and o.is_foreign = 0 and b.asked_ms between ? and ? order by b.asked_ms, b.rma`,
    ...[marketplace, fromMs, toMs],
  )
  if (rows.length === 0) return null
  const body = rows.map(row => {
    const money = new Decimal(row.unit_price).times(row.quantity).toString()
    return [
      ...[row.order_id, day(row.created_ms), day(row.asked_ms), row.arrived_ms === null ? 'Approved' : 'Completed', row.rma, ' '],
      ...[
        'AmazonPrePaidLabel',
        '4.14',
        currency,
        'DHL',
        `T${row.rma}`,
        'Seller',
        'N',
        'N',
        row.asin,
        row.sku,
        row.title,
        String(row.quantity),
      ],
      ...['AMZ-PG-WJ-TOO-SMALL', 'Y', 'C-Returns', 'StandardRefund', ' ', row.arrived_ms === null ? ' ' : day(row.arrived_ms), money],
      ...[String(row.ordered), '', '', '', '', '', row.arrived_ms === null ? '' : money, row.line_id],
    ].join('\t')
  })
  return [RETURNS.join('\t'), ...body].join('\n')
}

/** As Amazon writes a day: 10-Jul-2025. */
function day(ms: number): string {
  const at = new Date(ms)
  return `${String(at.getUTCDate()).padStart(2, '0')}-${MONTHS[at.getUTCMonth()]}-${at.getUTCFullYear()}`
}
