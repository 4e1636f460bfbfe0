import { z } from 'zod'

/**
 * Medusa's answers as they come: loose on what we do not read, strict on what we do. Amounts are decimals and come as numbers (very long ones as text); they are
 * made decimal text.
 */
const decimal = z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)]).transform(decimalText)
const instant = z.iso.datetime({ offset: true }).transform(text => new Date(text).toISOString())
const units = z.number().transform(value => Math.trunc(value))
const page = { count: z.int().min(0), offset: z.int().min(0), limit: z.int().min(0) }

// While a part of a line is packed (aside.ts) less than a unit of what is reserved may be missing for a moment.
const reserved = z.number().transform(value => Math.ceil(value))

const level = z.looseObject({ location_id: z.string(), stocked_quantity: units, reserved_quantity: reserved })

const price = z.looseObject({
  id: z.string(),
  currency_code: z.string(),
  amount: decimal,
  min_quantity: z.number().nullish(),
  max_quantity: z.number().nullish(),
  rules: z.record(z.string(), z.unknown()).nullish(),
})
export type Price = z.infer<typeof price>

export const variantShape = z.looseObject({
  id: z.string().min(1),
  sku: z.string().nullable(),
  title: z.string().nullish(),
  barcode: z.string().nullish(),
  ean: z.string().nullish(),
  upc: z.string().nullish(),
  manage_inventory: z.boolean(),
  updated_at: instant,
  product_id: z.string().nullish(),
  product: z.looseObject({ title: z.string().nullish(), status: z.string() }).nullish(),
  prices: z.array(price).default([]),
  // A link whose item was deleted has none.
  inventory_items: z
    .array(
      z.looseObject({
        inventory_item_id: z.string(),
        required_quantity: z.number().min(1).default(1),
        inventory: z.looseObject({ location_levels: z.array(level.nullable()).nullish() }).nullish(),
      }),
    )
    .default([]),
})
export type Variant = z.infer<typeof variantShape>
export const variantsShape = z.looseObject({ variants: z.array(variantShape), ...page })

/** Of each level what the write left: the row is read in the very transaction that wrote it. `available_quantity` is not, and is not used. */
const written = z.looseObject({
  inventory_item_id: z.string(),
  location_id: z.string(),
  stocked_quantity: units,
  reserved_quantity: reserved,
})
export const levelsShape = z.looseObject({ created: z.array(written), updated: z.array(written) })
export type Written = z.infer<typeof written>

export const pricedShape = z.looseObject({
  updated: z.array(z.looseObject({ id: z.string(), prices: z.array(price).default([]) })),
})

const address = z.looseObject({
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  company: z.string().nullish(),
  address_1: z.string().nullish(),
  address_2: z.string().nullish(),
  postal_code: z.string().nullish(),
  city: z.string().nullish(),
  province: z.string().nullish(),
  country_code: z.string().nullish(),
  phone: z.string().nullish(),
})

/** What something costs, not rounded: as it was before discounts, and as it is paid. */
const priced = {
  original_subtotal: decimal.nullish(),
  original_total: decimal.nullish(),
  total: decimal.nullish(),
  tax_total: decimal.nullish(),
}
export type Priced = { readonly [Name in keyof typeof priced]?: string | null | undefined }

const line = z.looseObject({
  ...priced,
  is_tax_inclusive: z.boolean().default(false),
  id: z.string().min(1),
  title: z.string().nullish(),
  variant_id: z.string().nullish(),
  variant_sku: z.string().nullish(),
  variant_title: z.string().nullish(),
  product_title: z.string().nullish(),
  requires_shipping: z.boolean().default(true),
  unit_price: decimal,
  detail: z.looseObject({
    quantity: units,
    fulfilled_quantity: units,
    shipped_quantity: units,
    delivered_quantity: units,
    return_received_quantity: units,
    written_off_quantity: units.default(0),
  }),
})
export type Line = z.infer<typeof line>

const fulfillment = z.looseObject({
  id: z.string().min(1),
  location_id: z.string().nullish(),
  shipped_at: instant.nullish(),
  delivered_at: instant.nullish(),
  canceled_at: instant.nullish(),
  requires_shipping: z.boolean().default(true),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  labels: z.array(z.looseObject({ tracking_number: z.string().nullish() })).nullish(),
  items: z.array(z.looseObject({ line_item_id: z.string().nullish(), quantity: units })).nullish(),
})
export type Fulfillment = z.infer<typeof fulfillment>

export const orderShape = z.looseObject({
  id: z.string().min(1),
  display_id: z.int().nullish(),
  status: z.string().min(1),
  email: z.string().nullish(),
  locale: z.string().nullish(),
  currency_code: z.string(),
  total: decimal.nullish(),
  /** What of it the shop's credit settles, by which `total` is less. */
  credit_line_total: decimal.nullish(),
  summary: z.looseObject({ paid_total: decimal.nullish() }).nullish(),
  created_at: instant,
  updated_at: instant,
  shipping_address: address.nullish(),
  shipping_methods: z.array(z.looseObject({ ...priced, shipping_option_id: z.string().nullish() })).nullish(),
  items: z.array(line),
  fulfillments: z.array(fulfillment.nullable()).nullish(),
})
export type Order = z.infer<typeof orderShape>

/** One order that cannot be read must not hide the others: each is read by itself. */
export const ordersShape = z.looseObject({ orders: z.array(z.unknown()), ...page })
export const oneOrderShape = z.looseObject({ order: z.unknown() })
/** What every order of a page must tell for the next page to be found. */
export const orderStamp = z.looseObject({ id: z.string(), updated_at: z.iso.datetime({ offset: true }) })

const payment = z.looseObject({
  id: z.string(),
  captures: z.array(z.looseObject({ amount: decimal })).default([]),
  refunds: z.array(z.looseObject({ amount: decimal, note: z.string().nullish() })).default([]),
})
export type Payment = z.infer<typeof payment>
export const paidShape = z.looseObject({
  order: z.looseObject({ payment_collections: z.array(z.looseObject({ payments: z.array(payment).default([]) })).default([]) }),
})
export const refundedShape = z.looseObject({ payment })

export const reservationsShape = z.looseObject({
  reservations: z.array(z.looseObject({ line_item_id: z.string().nullish(), location_id: z.string() })),
  ...page,
})

const piece = z.looseObject({
  id: z.string(),
  line_item_id: z.string(),
  location_id: z.string(),
  inventory_item_id: z.string(),
  quantity: z.number(),
  allow_backorder: z.boolean().nullish(),
  inventory_item: z.looseObject({ location_levels: z.array(level.nullable()).nullish() }).nullish(),
})
export const piecesShape = z.looseObject({ reservations: z.array(piece), ...page })
/** A reservation as a write left it. */
export const pieceShape = z.looseObject({ reservation: z.looseObject({ id: z.string(), quantity: z.number() }) })
export const deletedShape = z.looseObject({ id: z.string(), deleted: z.literal(true) })

export const storesShape = z.looseObject({
  stores: z.array(
    z.looseObject({
      name: z.string().nullish(),
      supported_currencies: z.array(z.looseObject({ currency_code: z.string() })).default([]),
    }),
  ),
})
const named = z.looseObject({ id: z.string(), name: z.string().nullish() })
export const locationsShape = z.looseObject({
  stock_locations: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string().nullish(),
      sales_channels: z.array(named.nullable()).nullish(),
    }),
  ),
})

export const errorShape = z.looseObject({ type: z.string().optional(), message: z.string() })
export const tokenShape = z.looseObject({ token: z.string().min(1) })

/** The JSON value, or undefined, which no shape accepts. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function decimalText(value: number | string): string {
  // Shares of a discount have long tails; unit prices have up to 6 decimals with us. The shortest text of a number is the one that was meant.
  const shortest = String(value)
  const text = typeof value === 'number' && !/^-?\d+(\.\d{1,6})?$/.test(shortest) ? value.toFixed(6) : shortest
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
}
