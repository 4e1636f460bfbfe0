import { z } from 'zod'
import { idOf } from './access.ts'

/** Shopify's answers as they come: loose on what we do not read, strict on what we do. */
export const gidText = z.string().startsWith('gid://shopify/')
export const instant = z.iso.datetime({ offset: true }).transform(text => new Date(text).toISOString())
export const named = z.looseObject({ id: gidText.transform(idOf) })
/** `Money` and `Decimal` are decimal text. */
const amount = z.string().regex(/^-?\d+(\.\d+)?$/)
export const shopMoney = z.looseObject({ shopMoney: z.looseObject({ amount }) })
const pageInfo = z.looseObject({ hasNextPage: z.boolean(), endCursor: z.string().nullable() })
export const pageOf = <T extends z.ZodType>(node: T) => z.looseObject({ nodes: z.array(node), pageInfo })

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
