import { z } from 'zod'

/** Vendure's answers as they come: loose on what we do not read, strict on what we do. */
const instant = z.iso.datetime({ offset: true }).transform(text => new Date(text).toISOString())
/** Whole numbers of the server's smallest unit of money. */
const money = z.int()

const level = z.looseObject({ stockLocationId: z.string(), stockOnHand: z.int(), stockAllocated: z.int() })
const counted = { id: z.string(), trackInventory: z.string(), stockLevels: z.array(level) }
const priced = { prices: z.array(z.looseObject({ currencyCode: z.string(), price: money })) }

const stocked = z.looseObject(counted)
export type Stocked = z.infer<typeof stocked>

const variant = z.looseObject({
  ...counted,
  ...priced,
  sku: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  productId: z.string(),
  product: z.looseObject({ enabled: z.boolean() }),
})
export type Variant = z.infer<typeof variant>

const itemsOf = <T extends z.ZodType>(item: T) => z.looseObject({ items: z.array(item) })

export const variantPageShape = z.looseObject({
  productVariants: z.looseObject({ totalItems: z.int(), items: z.array(variant) }),
})
export const variantsShape = z.looseObject({ productVariants: itemsOf(variant) })
export const stockShape = z.looseObject({ productVariants: itemsOf(stocked) })

const written = z.looseObject({ ...counted, ...priced })
export type Written = z.infer<typeof written>
export const updatedShape = z.looseObject({ updateProductVariants: z.array(written) })

export const factsShape = z.looseObject({
  activeChannel: z.looseObject({
    code: z.string(),
    token: z.string(),
    availableCurrencyCodes: z.array(z.string()),
    pricesIncludeTax: z.boolean(),
    trackInventory: z.boolean().nullable(),
    outOfStockThreshold: z.int().nullable(),
  }),
  globalSettings: z.looseObject({
    trackInventory: z.boolean(),
    outOfStockThreshold: z.int(),
    serverConfig: z.looseObject({ moneyStrategyPrecision: z.int().min(0).max(9) }),
  }),
  stockLocations: itemsOf(z.looseObject({ id: z.string(), name: z.string() })),
})

const piece = z.looseObject({ orderLineId: z.string(), quantity: z.int() })
const line = z.looseObject({
  id: z.string(),
  quantity: z.int().min(0),
  orderPlacedQuantity: z.int().min(0),
  updatedAt: instant,
  proratedUnitPriceWithTax: money,
  ...{ linePrice: money, linePriceWithTax: money, proratedLinePrice: money, proratedLinePriceWithTax: money },
  productVariant: z.looseObject({ id: z.string(), sku: z.string(), name: z.string() }),
})
const fulfilment = z.looseObject({
  id: z.string(),
  state: z.string(),
  updatedAt: instant,
  method: z.string(),
  trackingCode: z.string().nullable(),
  lines: z.array(piece),
})
const payment = z.looseObject({
  id: z.string(),
  state: z.string(),
  amount: money,
  updatedAt: instant,
  refunds: z.array(z.looseObject({ id: z.string(), state: z.string(), total: money, createdAt: instant })),
})
const text = z.string().nullish()

export const orderShape = z.looseObject({
  id: z.string(),
  code: z.string(),
  state: z.string(),
  type: z.string(),
  updatedAt: instant,
  orderPlacedAt: instant.nullable(),
  currencyCode: z.string(),
  totalWithTax: money,
  customer: z.looseObject({ firstName: text, lastName: text, emailAddress: text, phoneNumber: text }).nullable(),
  shippingAddress: z
    .looseObject({
      ...{ fullName: text, company: text, streetLine1: text, streetLine2: text, city: text },
      ...{ province: text, postalCode: text, countryCode: text, phoneNumber: text },
    })
    .nullable(),
  lines: z.array(line),
  shippingLines: z
    .array(
      z.looseObject({
        shippingMethod: z.looseObject({ code: z.string() }),
        ...{ price: money, priceWithTax: money, discountedPrice: money, discountedPriceWithTax: money },
      }),
    )
    .default([]),
  surcharges: z.array(z.looseObject({ price: money, priceWithTax: money })).default([]),
  fulfillments: z.array(fulfilment).nullable(),
  modifications: z.array(z.looseObject({ lines: z.array(piece) })),
  payments: z.array(payment).nullable(),
})
export type WireOrder = z.infer<typeof orderShape>
export type WireLine = z.infer<typeof line>
export type WireFulfilment = z.infer<typeof fulfilment>

/** One order that cannot be read must not hide the others: each is read by itself. What pages go on from is read of all. */
export const orderPageShape = z.looseObject({
  orders: itemsOf(z.looseObject({ id: z.string(), updatedAt: instant, orderPlacedAt: instant.nullable() })),
})
export const orderByIdShape = z.looseObject({ order: z.looseObject({ id: z.string() }).nullable() })
export const orderStatesShape = z.looseObject({
  orders: itemsOf(
    z.looseObject({
      ...{ id: z.string(), state: z.string(), updatedAt: instant, orderPlacedAt: instant.nullable() },
      fulfillments: z.array(z.looseObject({ state: z.string(), updatedAt: instant })).nullable(),
    }),
  ),
})

/** `data` is free JSON; ids stand in it as numbers. */
export const cancellationsShape = z.looseObject({
  order: z.looseObject({ history: itemsOf(z.looseObject({ data: z.looseObject({ reason: z.string().nullish() }) })) }).nullable(),
})

/** A union: what was asked for, or an error of Vendure's. */
const outcome = z.looseObject({
  __typename: z.string(),
  errorCode: z.string().optional(),
  message: z.string().optional(),
  transitionError: z.string().optional(),
  maximumRefundable: z.int().optional(),
  id: z.string().optional(),
  state: z.string().optional(),
})
export type Outcome = z.infer<typeof outcome>
export const addFulfilmentShape = z.looseObject({ addFulfillmentToOrder: outcome })
export const shipFulfilmentShape = z.looseObject({ transitionFulfillmentToState: outcome })
export const cancelShape = z.looseObject({ cancelOrder: outcome })
export const refundShape = z.looseObject({ refundOrder: outcome })
export const loginShape = z.looseObject({ data: z.looseObject({ login: outcome }) })

/** The envelope of every answer. */
export const envelope = z.looseObject({
  data: z.unknown().optional(),
  errors: z
    .array(z.looseObject({ message: z.string(), extensions: z.looseObject({ code: z.string().optional() }).optional() }))
    .nonempty()
    .optional(),
})
