import { z } from 'zod'

/**
 * WooCommerce REST v3 as it comes: loose on what we do not read, strict on what we do. WordPress plugins print numbers as text and text as
 * numbers here and there, so amounts are taken in both spellings and made decimal text.
 */
const amount = z.union([z.string(), z.number()]).transform(decimalText)

/** An amount of an order: some plugins leave it empty, which tells nothing. */
const told = amount.transform(text => text.trim() || null)
const money = amount.transform(text => text.trim() || '0')

/** Woo's `..._gmt` times have no zone; they are UTC to the second. */
const gmt = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  .transform(text => `${text}.000Z`)

const meta = z.looseObject({ key: z.string(), value: z.unknown() })

export const wooProduct = z.looseObject({
  id: z.int().positive(),
  name: z.string().default(''),
  // Simple products and parents say it; variations do in newer versions only.
  type: z.string().optional(),
  // One of the documentation's own variations says `true` here.
  status: z.union([z.string(), z.boolean().transform(isVisible => (isVisible ? 'publish' : 'private'))]),
  sku: z.string(),
  global_unique_id: z.string().optional(),
  manage_stock: z.union([z.boolean(), z.literal('parent')]),
  stock_quantity: z.int().nullable(),
  /** What buyers pay now; empty where there is no price. */
  price: amount.optional(),
  regular_price: amount,
  sale_price: amount,
  date_on_sale_from_gmt: gmt.nullable().optional(),
  date_on_sale_to_gmt: gmt.nullable().optional(),
  date_modified_gmt: gmt.nullable().optional(),
  attributes: z.array(z.looseObject({ option: z.string().optional() })).optional(),
})
export type WooProduct = z.infer<typeof wooProduct>

/** A batch answer: each element is a product or an error; which of the two is decided for each on its own. */
export const wooBatch = z.looseObject({ update: z.array(z.looseObject({ id: z.int() })) })
export const wooItemError = z.looseObject({
  id: z.int(),
  error: z.looseObject({ code: z.string(), message: z.string(), data: z.looseObject({ status: z.int() }).optional() }),
})

export const wooError = z.looseObject({ code: z.string(), message: z.string() })

/** A line's money: net, its tax, and the tax by rate. */
const taxed = z.looseObject({
  id: z.int(),
  total: money.default('0'),
  total_tax: money.default('0'),
  taxes: z.array(z.looseObject({ id: z.int(), total: money.default('0') })).default([]),
})
export type Taxed = z.infer<typeof taxed>

export const wooOrder = z.looseObject({
  id: z.int().positive(),
  number: z.string(),
  status: z.string().min(1),
  currency: z.string(),
  total: told,
  date_created_gmt: gmt,
  date_modified_gmt: gmt.nullable(),
  date_completed_gmt: gmt.nullable().optional(),
  date_paid_gmt: gmt.nullable().optional(),
  billing: z.record(z.string(), z.unknown()).optional(),
  shipping: z.record(z.string(), z.unknown()).optional(),
  prices_include_tax: z.boolean().default(false),
  meta_data: z.array(meta).default([]),
  refunds: z.array(z.looseObject({ id: z.int() })).default([]),
  shipping_lines: z.array(taxed.extend({ method_id: z.string().nullish(), meta_data: z.array(meta).default([]) })).default([]),
  fee_lines: z.array(taxed).default([]),
  line_items: z.array(
    z.looseObject({
      id: z.int().positive(),
      name: z.string().default(''),
      product_id: z.int().default(0),
      variation_id: z.int().default(0),
      quantity: z.int().min(0),
      sku: z.string().nullable().default(''),
      price: told.optional(),
      /** Before discounts, net, and its tax. */
      subtotal: money.optional(),
      subtotal_tax: money.optional(),
      total: money.default('0'),
      total_tax: money.default('0'),
      taxes: taxed.shape.taxes,
      meta_data: z.array(meta).default([]),
    }),
  ),
})
export type WooOrder = z.infer<typeof wooOrder>

export const wooRefund = z.looseObject({
  id: z.int(),
  date_created_gmt: gmt,
  amount: money.default('0'),
  meta_data: z.array(meta).default([]),
  line_items: z.array(z.looseObject({ quantity: z.int(), meta_data: z.array(meta).default([]) })).default([]),
})
export type WooRefund = z.infer<typeof wooRefund>

export const wooWebhook = z.looseObject({ id: z.int(), status: z.string(), topic: z.string(), delivery_url: z.string() })
export const wooDeleted = z.looseObject({ id: z.int().positive() })
export const wooTracking = z.looseObject({ tracking_number: z.string() })
export const wooNote = z.looseObject({ note: z.string() })
export const wooCurrency = z.looseObject({ code: z.string() })

/** What we send for one product or variation; absent fields stay untouched, empty text removes. */
export type WooChange = {
  readonly id: number
  readonly manage_stock?: true
  readonly stock_quantity?: number
  readonly regular_price?: string
  readonly sale_price?: string
  readonly date_on_sale_from_gmt?: string
  readonly date_on_sale_to_gmt?: string
}

/** Whether two decimal texts (or empty texts) mean the same amount: `10`, `10.0` and `10.00` do. */
export function sameAmount(a: string, b: string): boolean {
  return plain(a) === plain(b)
}

/** An instant in Woo's spelling: UTC without a zone, to the second. */
export function wooTime(instant: string | Date): string {
  return new Date(instant).toISOString().slice(0, 19)
}

function decimalText(value: string | number): string {
  // PHP divides line totals by quantities in floating point; unit prices have up to 6 decimals with us.
  return typeof value === 'number' ? plain(value.toFixed(6)) : value
}

function plain(text: string): string {
  const trimmed = text.trim().replace(/^0+(?=\d)/, '')
  return trimmed.includes('.') ? trimmed.replace(/0+$/, '').replace(/\.$/, '') : trimmed
}
