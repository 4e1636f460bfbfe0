import { z } from 'zod'

/** Amazon's shapes, as far as we use them (Listings Items 2021-08-01, Orders 2026-01-01). Unknown fields pass; used ones are checked. */

const money = z.object({ currencyCode: z.string(), amount: z.string() })
const instant = z.iso.datetime({ offset: true })

const schedule = z.object({
  value_with_tax: z.number(),
  start_at: z.string().optional(),
  end_at: z.string().optional(),
})

/** `purchasable_offer` is one attribute with one entry per marketplace, currency and audience. */
const purchasableOffer = z.object({
  marketplace_id: z.string().optional(),
  currency: z.string().optional(),
  audience: z.string().optional(),
  our_price: z.array(z.object({ schedule: z.array(schedule) })).optional(),
  discounted_price: z.array(z.object({ schedule: z.array(schedule) })).optional(),
})

const attributes = z.object({
  purchasable_offer: z.array(purchasableOffer).optional(),
  externally_assigned_product_identifier: z.array(z.object({ type: z.string().optional(), value: z.string().optional() })).optional(),
})

export const itemShape = z.object({
  sku: z.string(),
  summaries: z
    .array(
      z.object({
        marketplaceId: z.string(),
        productType: z.string(),
        status: z.array(z.string()),
        itemName: z.string().optional(),
        createdDate: instant,
        lastUpdatedDate: instant.optional(),
      }),
    )
    .optional(),
  attributes: attributes.optional(),
  offers: z.array(z.object({ marketplaceId: z.string(), offerType: z.string(), price: money })).optional(),
  fulfillmentAvailability: z.array(z.object({ fulfillmentChannelCode: z.string(), quantity: z.int().min(0).optional() })).optional(),
  relationships: z
    .array(
      z.object({
        marketplaceId: z.string(),
        relationships: z.array(z.object({ type: z.string(), parentSkus: z.array(z.string()).optional() })),
      }),
    )
    .optional(),
})

export type Item = z.infer<typeof itemShape>
export type PurchasableOffer = z.infer<typeof purchasableOffer>

export const itemSearchShape = z.object({
  numberOfResults: z.int(),
  pagination: z.object({ nextToken: z.string().optional() }).optional(),
  items: z.array(itemShape),
})

export const submissionShape = z.object({
  sku: z.string(),
  status: z.enum(['ACCEPTED', 'INVALID', 'VALID']),
  submissionId: z.string(),
  issues: z
    .array(
      z.object({
        code: z.string(),
        message: z.string(),
        severity: z.string(),
        attributeNames: z.array(z.string()).optional(),
        marketplaceIds: z.array(z.string()).optional(),
      }),
    )
    .optional(),
})

export type Submission = z.infer<typeof submissionShape>

const orderMoney = z.object({ amount: z.string(), currencyCode: z.string() })
/** What the seller gets for one kind of thing; taxes and discounts are told by kind again. */
const itemProceeds = z.object({
  proceedsTotal: orderMoney.optional(),
  breakdowns: z
    .array(
      z.object({
        type: z.string(),
        subtotal: orderMoney,
        detailedBreakdowns: z.array(z.object({ subtype: z.string().optional(), value: orderMoney.optional() })).optional(),
      }),
    )
    .optional(),
})
export type ItemProceeds = z.infer<typeof itemProceeds>

export const orderShape = z.object({
  orderId: z.string().min(1),
  orderAliases: z.array(z.object({ aliasId: z.string(), aliasType: z.string() })).optional(),
  createdTime: instant,
  lastUpdatedTime: instant,
  salesChannel: z.object({ channelName: z.string(), marketplaceId: z.string().optional() }),
  buyer: z.object({ buyerName: z.string().optional(), buyerEmail: z.string().optional() }).optional(),
  recipient: z
    .object({
      deliveryAddress: z
        .object({
          name: z.string(),
          companyName: z.string(),
          addressLine1: z.string(),
          addressLine2: z.string(),
          addressLine3: z.string(),
          city: z.string(),
          districtOrCounty: z.string(),
          stateOrRegion: z.string(),
          postalCode: z.string(),
          countryCode: z.string(),
          phone: z.string(),
        })
        .partial()
        .optional(),
    })
    .optional(),
  proceeds: z
    .object({
      grandTotal: orderMoney.optional(),
      breakdowns: z.array(z.object({ type: z.string(), subtotal: orderMoney })).optional(),
    })
    .optional(),
  fulfillment: z.object({
    fulfillmentStatus: z.string(),
    fulfilledBy: z.string().optional(),
    shipByWindow: z.object({ latestDateTime: instant.optional() }).optional(),
  }),
  orderItems: z.array(
    z.object({
      orderItemId: z.string().min(1),
      quantityOrdered: z.int().min(0),
      product: z.object({
        title: z.string().optional(),
        sellerSku: z.string().optional(),
        price: z.object({ unitPrice: orderMoney.optional() }).optional(),
      }),
      proceeds: itemProceeds.optional(),
      cancellation: z
        .object({
          cancellationRequest: z.object({ requester: z.string().optional() }).optional(),
          cancellationExecution: z.object({ cancelledBy: z.string().optional() }).optional(),
        })
        .optional(),
      fulfillment: z.object({ quantityFulfilled: z.int().min(0).optional(), quantityUnfulfilled: z.int().min(0).optional() }).optional(),
    }),
  ),
  packages: z.array(z.object({ packageReferenceId: z.string(), trackingNumber: z.string().optional() })).optional(),
})

export type Order = z.infer<typeof orderShape>

/** The orders of a page are read one by one, so that one bad order does not take its page along. */
export const orderSearchShape = z.object({
  orders: z.array(z.unknown()),
  pagination: z.object({ nextToken: z.string().optional() }).optional(),
})

export const orderAnswerShape = z.object({ order: z.unknown() })

export const participationsShape = z.object({
  payload: z.array(
    z.object({
      marketplace: z.object({ id: z.string(), name: z.string(), defaultCurrencyCode: z.string() }),
      participation: z.object({ isParticipating: z.boolean(), hasSuspendedListings: z.boolean() }),
    }),
  ),
})

export const orderChangeShape = z.object({
  EventTime: z.string(),
  Payload: z.object({
    OrderChangeNotification: z.object({
      NotificationLevel: z.string(),
      SellerId: z.string(),
      AmazonOrderId: z.string().min(1),
      OrderChangeTrigger: z.object({ TimeOfOrderChange: instant.nullable(), ChangeReason: z.string() }),
      Summary: z.object({
        MarketplaceId: z.string(),
        OrderStatus: z.string(),
        PurchaseDate: instant.nullable(),
        FulfillmentType: z.string(),
        OrderItems: z.array(
          z.object({
            OrderItemId: z.string().min(1),
            SellerSKU: z.string(),
            OrderItemStatus: z.string().optional(),
            Quantity: z.int().min(0),
            QuantityShipped: z.int().min(0).optional(),
            IsBuyerRequestedCancel: z.boolean().nullish(),
          }),
        ),
      }),
    }),
  }),
})

export const quantityChangeShape = z.object({ Payload: z.object({ SellerId: z.string(), Sku: z.string().min(1) }) })

export const documentUploadShape = z.object({ feedDocumentId: z.string().min(1), url: z.url() })

export const documentShape = z.object({ url: z.url(), compressionAlgorithm: z.literal('GZIP').optional() })

export const feedStartedShape = z.object({ feedId: z.string().min(1) })

export const feedShape = z.object({
  feedId: z.string().min(1),
  createdTime: instant,
  processingStatus: z.enum(['CANCELLED', 'DONE', 'FATAL', 'IN_PROGRESS', 'IN_QUEUE']),
  resultFeedDocumentId: z.string().min(1).optional(),
})

export const feedsShape = z.object({ feeds: z.array(feedShape), nextToken: z.string().optional() })

/** The processing report of a JSON_LISTINGS_FEED, version 2. */
export const feedReportShape = z.object({
  issues: z.array(z.object({ messageId: z.int().optional(), code: z.string().optional(), severity: z.string(), message: z.string() })),
  summary: z.object({ messagesProcessed: z.int(), messagesInvalid: z.int() }),
})

export const reportStartedShape = z.object({ reportId: z.string().min(1) })

export const reportShape = z.object({
  reportId: z.string().min(1),
  marketplaceIds: z.array(z.string()).optional(),
  createdTime: instant,
  processingStatus: z.enum(['CANCELLED', 'DONE', 'FATAL', 'IN_PROGRESS', 'IN_QUEUE']),
  reportDocumentId: z.string().min(1).optional(),
})

export const reportsShape = z.object({ reports: z.array(reportShape) })

export const subscriptionShape = z.object({ payload: z.object({ subscriptionId: z.string().min(1), destinationId: z.string().min(1) }) })

const destination = z.object({
  destinationId: z.string().min(1),
  name: z.string(),
  resource: z.object({ sqs: z.object({ arn: z.string() }).optional() }),
})

export const destinationsShape = z.object({ payload: z.array(destination) })

export const destinationMadeShape = z.object({ payload: destination })
