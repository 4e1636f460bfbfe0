import { z } from 'zod'

/** What eBay answers, as far as we use it: loose on the rest. */
export const errorShape = z.looseObject({
  errorId: z.int().optional(),
  message: z.string().optional(),
  longMessage: z.string().optional(),
})
export const errorsShape = z.looseObject({ errors: z.array(errorShape).optional() })
export type EbayError = { readonly code: string; readonly words: string }

export const amountShape = z.looseObject({ value: z.string(), currency: z.string() })

const availability = z.looseObject({ shipToLocationAvailability: z.looseObject({ quantity: z.int().optional() }).optional() })

export const itemShape = z.looseObject({
  sku: z.string(),
  product: z
    .looseObject({
      title: z.string().optional(),
      ean: z.array(z.string()).optional(),
      upc: z.array(z.string()).optional(),
      isbn: z.array(z.string()).optional(),
    })
    .optional(),
  availability: availability.optional(),
  groupIds: z.array(z.string()).optional(),
  inventoryItemGroupKeys: z.array(z.string()).optional(),
})
export type Item = z.infer<typeof itemShape>

export const itemsShape = z.looseObject({ total: z.int(), inventoryItems: z.array(itemShape).default([]) })

export const bulkItemsShape = z.looseObject({
  responses: z.array(
    z.looseObject({
      statusCode: z.int(),
      sku: z.string().optional(),
      inventoryItem: z.unknown().optional(),
      errors: z.array(errorShape).optional(),
    }),
  ),
})

export const offerShape = z.looseObject({
  offerId: z.string(),
  sku: z.string(),
  marketplaceId: z.string(),
  format: z.string().optional(),
  status: z.string().optional(),
  availableQuantity: z.int().optional(),
  pricingSummary: z.looseObject({ price: amountShape.optional() }).optional(),
  listing: z.looseObject({ listingId: z.string().optional(), listingStatus: z.string().optional() }).optional(),
})
export type Offer = z.infer<typeof offerShape>

export const offersShape = z.looseObject({ total: z.int().optional(), offers: z.array(offerShape).default([]) })

export const bulkPriceQuantityShape = z.looseObject({
  responses: z.array(
    z.looseObject({
      statusCode: z.int(),
      sku: z.string().optional(),
      offerId: z.string().optional(),
      errors: z.array(errorShape).optional(),
    }),
  ),
})
export type BulkRow = z.infer<typeof bulkPriceQuantityShape>['responses'][number]

const addressShape = z.looseObject({
  addressLine1: z.string().optional(),
  addressLine2: z.string().optional(),
  city: z.string().optional(),
  county: z.string().optional(),
  stateOrProvince: z.string().optional(),
  postalCode: z.string().optional(),
  countryCode: z.string().optional(),
})

const shipToShape = z.looseObject({
  fullName: z.string().optional(),
  email: z.string().optional(),
  primaryPhone: z.looseObject({ phoneNumber: z.string().optional() }).optional(),
  contactAddress: addressShape.optional(),
})

/** Money that goes back; without a date it is still on its way. */
const refundShape = z.looseObject({
  amount: amountShape.optional(),
  refundDate: z.string().optional(),
  refundStatus: z.string().optional(),
})
export type Refund = z.infer<typeof refundShape>
export const refundAnswerShape = z.looseObject({ refundId: z.string().optional(), refundStatus: z.string() })

export const orderShape = z.looseObject({
  orderId: z.string(),
  creationDate: z.iso.datetime({ offset: true }),
  lastModifiedDate: z.iso.datetime({ offset: true }),
  orderFulfillmentStatus: z.enum(['NOT_STARTED', 'IN_PROGRESS', 'FULFILLED']),
  orderPaymentStatus: z.enum(['PENDING', 'FAILED', 'PAID', 'PARTIALLY_REFUNDED', 'FULLY_REFUNDED']),
  cancelStatus: z.looseObject({ cancelState: z.enum(['NONE_REQUESTED', 'IN_PROGRESS', 'CANCELED']) }).optional(),
  fulfillmentHrefs: z.array(z.string()).optional(),
  fulfillmentStartInstructions: z
    .array(
      z.looseObject({
        fulfillmentInstructionsType: z.string().optional(),
        shippingStep: z.looseObject({ shipTo: shipToShape.optional() }).optional(),
      }),
    )
    .optional(),
  buyer: z.looseObject({ username: z.string().optional() }).optional(),
  pricingSummary: z
    .looseObject({
      total: amountShape.optional(),
      /** Reductions have a sign. */
      priceDiscount: amountShape.optional(),
      adjustment: amountShape.optional(),
      deliveryCost: amountShape.optional(),
      deliveryDiscount: amountShape.optional(),
      tax: amountShape.optional(),
      fee: amountShape.optional(),
    })
    .optional(),
  paymentSummary: z.looseObject({ refunds: z.array(refundShape).optional() }).optional(),
  lineItems: z
    .array(
      z.looseObject({
        lineItemId: z.string(),
        sku: z.string().optional(),
        title: z.string().optional(),
        quantity: z.int().positive(),
        lineItemCost: amountShape.optional(),
        discountedLineItemCost: amountShape.optional(),
        taxes: z.array(z.looseObject({ amount: amountShape.optional() })).optional(),
        lineItemFulfillmentStatus: z.enum(['NOT_STARTED', 'IN_PROGRESS', 'FULFILLED']).optional(),
        listingMarketplaceId: z.string().optional(),
        purchaseMarketplaceId: z.string().optional(),
        lineItemFulfillmentInstructions: z.looseObject({ shipByDate: z.iso.datetime({ offset: true }).optional() }).optional(),
        refunds: z.array(refundShape).optional(),
      }),
    )
    .min(1),
})
export type Order = z.infer<typeof orderShape>

export const ordersShape = z.looseObject({ total: z.int(), orders: z.array(z.unknown()).default([]) })

export const fulfillmentsShape = z.looseObject({
  fulfillments: z
    .array(
      z.looseObject({
        shipmentTrackingNumber: z.string().optional(),
        lineItems: z.array(z.looseObject({ lineItemId: z.string(), quantity: z.int().optional() })).default([]),
      }),
    )
    .default([]),
})
export type Fulfillments = z.infer<typeof fulfillmentsShape>['fulfillments']

export const destinationsShape = z.looseObject({
  next: z.string().optional(),
  destinations: z
    .array(
      z.looseObject({
        destinationId: z.string(),
        status: z.string(),
        // eBay's model calls it text, its documentation shows an object: both are read.
        deliveryConfig: z.union([z.looseObject({ endpoint: z.string() }), z.string()]).optional(),
      }),
    )
    .default([]),
})

export const subscriptionsShape = z.looseObject({
  next: z.string().optional(),
  subscriptions: z
    .array(z.looseObject({ subscriptionId: z.string(), topicId: z.string(), status: z.string(), destinationId: z.string().optional() }))
    .default([]),
})
export type Subscription = z.infer<typeof subscriptionsShape>['subscriptions'][number]

const payloadShape = z.looseObject({
  format: z.union([z.string(), z.array(z.string())]).optional(),
  schemaVersion: z.string(),
  deliveryProtocol: z.string().optional(),
  deprecated: z.boolean().optional(),
})
export const topicShape = z.looseObject({ topicId: z.string(), supportedPayloads: z.array(payloadShape).default([]) })

export const rateLimitsShape = z.looseObject({
  rateLimits: z
    .array(
      z.looseObject({
        apiContext: z.string().optional(),
        apiName: z.string().optional(),
        resources: z
          .array(
            z.looseObject({
              name: z.string(),
              rates: z
                .array(
                  z.looseObject({
                    limit: z.int().optional(),
                    remaining: z.int().optional(),
                    reset: z.string().optional(),
                    timeWindow: z.int().optional(),
                  }),
                )
                .default([]),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
})
