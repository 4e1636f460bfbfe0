import { z } from 'zod'
import { idOf } from './access.ts'
import { gidText, instant, named, pageOf, shopMoney } from './wire.ts'

/** What Shopify tells of orders, by their parts; as in `wire.ts`. */
const priced = {
  discountAllocations: z.array(z.looseObject({ allocatedAmountSet: shopMoney })),
  taxLines: z.array(z.looseObject({ priceSet: shopMoney })),
}
const line = z.looseObject({
  id: gidText.transform(idOf),
  sku: z.string().nullable(),
  title: z.string(),
  quantity: z.int().min(0),
  unfulfilledQuantity: z.int().min(0),
  variant: named.nullable(),
  discountedUnitPriceAfterAllDiscountsSet: shopMoney,
  originalTotalSet: shopMoney,
  ...priced,
})
const way = z.looseObject({ originalPriceSet: shopMoney, ...priced })
const placeLine = z.looseObject({ id: gidText, remainingQuantity: z.int().min(0), lineItem: named })
const place = z.looseObject({
  id: gidText,
  status: z.string(),
  fulfillBy: instant.nullish(),
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
  latitude: z.number().nullish(),
  longitude: z.number().nullish(),
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
  customerLocale: z.string().nullish(),
  risk: z.looseObject({ recommendation: z.string() }).nullish(),
  taxesIncluded: z.boolean(),
  totalPriceSet: shopMoney,
  totalReceivedSet: shopMoney,
  totalTipReceivedSet: shopMoney,
  originalTotalDutiesSet: shopMoney.nullable(),
  originalTotalAdditionalFeesSet: shopMoney.nullable(),
  shippingLines: pageOf(way),
  shippingAddress: address.nullable(),
  refunds: z.array(named),
  lineItems: pageOf(line),
  fulfillmentOrders: pageOf(place),
  fulfillments: z.array(parcel),
})
export type OrderHead = z.infer<typeof orderShape>
export type Line = z.infer<typeof line>
export type Way = z.infer<typeof way>
export type Place = z.infer<typeof place>
export type PlaceLine = z.infer<typeof placeLine>
export type Parcel = z.infer<typeof parcel>
export type ParcelLine = z.infer<typeof parcelLine>

/** One order that cannot be read must not hide the others: each is read by itself. */
export const ordersShape = z.looseObject({ nodes: z.array(z.unknown()) })
export const moreLinesShape = z.looseObject({ order: z.looseObject({ lineItems: pageOf(line) }).nullable() })
export const moreWaysShape = z.looseObject({ order: z.looseObject({ shippingLines: pageOf(way) }).nullable() })
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
