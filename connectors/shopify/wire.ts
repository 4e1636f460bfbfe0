import { z } from 'zod'
import { idOf } from './access.ts'

/** Shopify's answers as they come: loose on what we do not read, strict on what we do. */
const gidText = z.string().startsWith('gid://shopify/')
const instant = z.iso.datetime({ offset: true }).transform(text => new Date(text).toISOString())
const named = z.looseObject({ id: gidText.transform(idOf) })
/** `Money` and `Decimal` are decimal text. */
const amount = z.string().regex(/^-?\d+(\.\d+)?$/)
const shopMoney = z.looseObject({ shopMoney: z.looseObject({ amount }) })
const pageInfo = z.looseObject({ hasNextPage: z.boolean(), endCursor: z.string().nullable() })
const pageOf = <T extends z.ZodType>(node: T) => z.looseObject({ nodes: z.array(node), pageInfo })

export const userErrors = z.array(z.looseObject({ code: z.string().nullish(), field: z.array(z.string()).nullish(), message: z.string() }))
export type UserError = z.infer<typeof userErrors>[number]

const level = z.looseObject({
  updatedAt: instant,
  quantities: z.array(z.looseObject({ name: z.string(), quantity: z.int() })),
})
export type Level = z.infer<typeof level>

const variant = z.looseObject({
  id: gidText.transform(idOf),
  sku: z.string().nullable(),
  displayName: z.string(),
  barcode: z.string().nullable(),
  price: amount,
  compareAtPrice: amount.nullable(),
  updatedAt: instant,
  product: z.looseObject({ id: gidText.transform(idOf), status: z.string() }),
  inventoryItem: z.looseObject({ id: gidText, tracked: z.boolean() }).catchall(level.nullable().catch(null)),
})
export type Variant = z.infer<typeof variant>

/** The stock at the location that a query has as its n-th; null where the item is not stocked there. */
export function levelOf(item: Variant['inventoryItem'], n: number): Level | null {
  const found = level.safeParse(item[`l${n}`])
  return found.success ? found.data : null
}

/** What may be sold of a level. */
export function availableOf(found: Level): number | null {
  return found.quantities.find(each => each.name === 'available')?.quantity ?? null
}

/** Nodes that are gone, or are of another kind (`{}`), are null. */
const nodesOf = <T extends z.ZodType>(node: T) =>
  z.looseObject({ nodes: z.array(node.nullable().or(z.strictObject({}).transform(() => null))) })

export const variantPageShape = z.looseObject({ productVariants: pageOf(variant) })
export const variantsShape = nodesOf(variant)
export const stockShape = nodesOf(
  z.looseObject({
    id: gidText.transform(idOf),
    inventoryItem: z.looseObject({ id: gidText, tracked: z.boolean(), inventoryLevel: level.nullable() }),
  }),
)

export const setQuantitiesShape = z.looseObject({
  inventorySetQuantities: z.looseObject({
    inventoryAdjustmentGroup: z
      .looseObject({
        changes: z.array(
          z.looseObject({
            name: z.string(),
            quantityAfterChange: z.int().nullable(),
            item: z.looseObject({ id: gidText }).nullable(),
          }),
        ),
      })
      .nullable(),
    userErrors,
  }),
})

export const activateShape = z.looseObject({
  inventoryActivate: z.looseObject({ inventoryLevel: level.nullable(), userErrors }),
})

export const setPricesShape = z.looseObject({
  productVariantsBulkUpdate: z.looseObject({
    productVariants: z.array(z.looseObject({ id: gidText.transform(idOf), price: amount, compareAtPrice: amount.nullable() })).nullable(),
    userErrors,
  }),
})

export const changedShape = z.looseObject({
  orders: pageOf(z.looseObject({ id: gidText.transform(idOf), updatedAt: instant })),
})

const line = z.looseObject({
  id: gidText.transform(idOf),
  sku: z.string().nullable(),
  title: z.string(),
  quantity: z.int().min(0),
  unfulfilledQuantity: z.int().min(0),
  variant: named.nullable(),
  discountedUnitPriceAfterAllDiscountsSet: shopMoney,
})
const placeLine = z.looseObject({ id: gidText, remainingQuantity: z.int().min(0), lineItem: named })
const place = z.looseObject({
  id: gidText,
  status: z.string(),
  assignedLocation: z.looseObject({ location: named.nullable() }),
  deliveryMethod: z.looseObject({ methodType: z.string() }).nullish(),
  lineItems: pageOf(placeLine),
})
const parcelLine = z.looseObject({ quantity: z.int().min(0).nullable(), lineItem: named })
const parcel = z.looseObject({
  id: gidText,
  status: z.string(),
  location: named.nullable(),
  trackingInfo: z.array(z.looseObject({ number: z.string().nullable() })),
  fulfillmentLineItems: pageOf(parcelLine),
})
const address = z.looseObject({
  name: z.string().nullish(),
  company: z.string().nullish(),
  address1: z.string().nullish(),
  address2: z.string().nullish(),
  zip: z.string().nullish(),
  city: z.string().nullish(),
  province: z.string().nullish(),
  countryCodeV2: z.string().nullish(),
  phone: z.string().nullish(),
})

/** An order with the beginnings of its lists. */
export const orderShape = z.looseObject({
  id: gidText.transform(idOf),
  name: z.string(),
  processedAt: instant,
  updatedAt: instant,
  cancelledAt: instant.nullable(),
  displayFulfillmentStatus: z.string(),
  currencyCode: z.string(),
  returnStatus: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  totalPriceSet: shopMoney,
  shippingAddress: address.nullable(),
  refunds: z.array(named),
  lineItems: pageOf(line),
  fulfillmentOrders: pageOf(place),
  fulfillments: z.array(parcel),
})
export type OrderHead = z.infer<typeof orderShape>
export type Line = z.infer<typeof line>
export type Place = z.infer<typeof place>
export type PlaceLine = z.infer<typeof placeLine>
export type Parcel = z.infer<typeof parcel>
export type ParcelLine = z.infer<typeof parcelLine>

/** One order that cannot be read must not hide the others: each is read by itself. */
export const ordersShape = z.looseObject({ nodes: z.array(z.unknown()) })
export const moreLinesShape = z.looseObject({ order: z.looseObject({ lineItems: pageOf(line) }).nullable() })
export const morePlacesShape = z.looseObject({ order: z.looseObject({ fulfillmentOrders: pageOf(place) }).nullable() })
export const morePlaceLinesShape = z.looseObject({ fulfillmentOrder: z.looseObject({ lineItems: pageOf(placeLine) }).nullable() })
export const allParcelsShape = z.looseObject({ order: z.looseObject({ fulfillments: z.array(parcel) }).nullable() })
export const moreParcelLinesShape = z.looseObject({ fulfillment: z.looseObject({ fulfillmentLineItems: pageOf(parcelLine) }).nullable() })

export const takenBackShape = z.looseObject({
  order: z
    .looseObject({
      refunds: z.array(z.looseObject({ id: gidText, return: named.nullable() })),
      returns: z.looseObject({ nodes: z.array(z.looseObject({ id: gidText })), pageInfo: z.looseObject({ hasNextPage: z.boolean() }) }),
    })
    .nullable(),
})
const refundLine = z.looseObject({ quantity: z.int(), restockType: z.string(), location: named.nullable(), lineItem: named })
export type RefundLine = z.infer<typeof refundLine>
export const refundLinesShape = z.looseObject({ refund: z.looseObject({ refundLineItems: pageOf(refundLine) }).nullable() })
const hasMore = z.looseObject({ hasNextPage: z.boolean() })
const returnPlace = z.looseObject({
  lineItems: z.looseObject({
    nodes: z.array(
      z.looseObject({
        fulfillmentLineItem: z.looseObject({ lineItem: named }).nullable(),
        dispositions: z.array(z.looseObject({ quantity: z.int(), type: z.string(), location: named.nullable() })),
      }),
    ),
    pageInfo: hasMore,
  }),
})
export const returnLinesShape = z.looseObject({
  return: z.looseObject({ reverseFulfillmentOrders: z.looseObject({ nodes: z.array(returnPlace), pageInfo: hasMore }) }).nullable(),
})

export const fulfilShape = z.looseObject({
  fulfillmentCreate: z.looseObject({ fulfillment: z.looseObject({ id: gidText, status: z.string() }).nullable(), userErrors }),
})
export const cancelShape = z.looseObject({
  orderCancel: z.looseObject({ job: z.looseObject({ done: z.boolean() }).nullable(), orderCancelUserErrors: userErrors }),
})

const transaction = z.looseObject({
  id: gidText,
  kind: z.string(),
  status: z.string(),
  gateway: z.string().nullable(),
  amountSet: shopMoney,
  parentTransaction: z.looseObject({ id: gidText }).nullable(),
})
export type Transaction = z.infer<typeof transaction>
export const moneyBeforeShape = z.looseObject({
  order: z.looseObject({ refunds: z.array(z.looseObject({ note: z.string().nullable() })), transactions: z.array(transaction) }).nullable(),
  nodes: z.array(
    z
      .looseObject({ id: gidText.transform(idOf), refundableQuantity: z.int(), unfulfilledQuantity: z.int() })
      .nullable()
      .catch(null),
  ),
})
export const moneyForShape = z.looseObject({
  order: z.looseObject({ suggestedRefund: z.looseObject({ amountSet: shopMoney }).nullable() }).nullable(),
})
export const refundShape = z.looseObject({
  refundCreate: z.looseObject({ refund: z.looseObject({ id: gidText }).nullable(), userErrors }),
})
export const deliveriesShape = z.looseObject({
  order: z
    .looseObject({
      fulfillmentOrders: z.looseObject({
        nodes: z.array(
          z.looseObject({
            id: gidText,
            status: z.string(),
            assignedLocation: z.looseObject({ location: named.nullable() }),
            deliveryMethod: z.looseObject({ methodType: z.string() }).nullable(),
          }),
        ),
      }),
    })
    .nullable(),
})
export const preparedShape = z.looseObject({ fulfillmentOrderLineItemsPreparedForPickup: z.looseObject({ userErrors }) })

export const accountShape = z.looseObject({
  shop: z.looseObject({ name: z.string(), currencyCode: z.string(), ianaTimezone: z.string() }),
  currentAppInstallation: z.looseObject({ accessScopes: z.array(z.looseObject({ handle: z.string() })) }),
  locations: z.looseObject({
    nodes: z.array(
      z.looseObject({
        id: gidText.transform(idOf),
        name: z.string(),
        isActive: z.boolean(),
        isFulfillmentService: z.boolean(),
        fulfillsOnlineOrders: z.boolean(),
      }),
    ),
  }),
})

export const subscriptionsShape = z.looseObject({
  webhookSubscriptions: pageOf(z.looseObject({ id: gidText, topic: z.string(), uri: z.string() })),
})
export const subscribeShape = z.looseObject({
  webhookSubscriptionCreate: z.looseObject({ webhookSubscription: z.looseObject({ id: gidText }).nullable(), userErrors }),
})

/** The envelope of every answer. */
export const envelope = z.looseObject({
  data: z.unknown().optional(),
  errors: z
    .union([
      z.array(
        z.looseObject({
          message: z.string(),
          extensions: z.looseObject({ code: z.string().optional(), requiredAccess: z.string().optional() }).optional(),
        }),
      ),
      z.string(),
    ])
    .optional(),
  extensions: z
    .looseObject({
      cost: z
        .looseObject({
          requestedQueryCost: z.number(),
          actualQueryCost: z.number().nullish(),
          throttleStatus: z.looseObject({ maximumAvailable: z.number(), currentlyAvailable: z.number(), restoreRate: z.number() }),
        })
        .optional(),
    })
    .optional(),
})
export type Envelope = z.infer<typeof envelope>

export const tokenShape = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive().optional() })
