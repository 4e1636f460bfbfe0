/** A query of more than these points is refused, whatever is left in the bucket. */
export const POINTS_MAX = 1000

export const LEVEL = 'updatedAt quantities(names: ["available"]) { name quantity }'

const MONEY = '{ shopMoney { amount } }'
/** What was taken off a line or the shipping, and its taxes: lists without pages, a few entries each. */
const PRICED = `discountAllocations { allocatedAmountSet ${MONEY} } taxLines { priceSet ${MONEY} }`

export const LINE = `id sku title quantity unfulfilledQuantity variant { id } discountedUnitPriceAfterAllDiscountsSet ${MONEY}
  originalTotalSet ${MONEY} ${PRICED}`

const LINES = `lineItems(first: 10) { nodes { ${LINE} } pageInfo { hasNextPage endCursor } }`

export const WAY = `originalPriceSet ${MONEY} ${PRICED}`

/** Where units of an order are to be sent from: a fulfilment order, with its first so many lines. */
export const PLACE = (
  lines: number,
): string => `id status fulfillBy deliveryMethod { methodType } assignedLocation { location { id } } lineItems(first: ${lines}) {
  nodes { id remainingQuantity lineItem { id } } pageInfo { hasNextPage endCursor }
}`

/** What was sent: a fulfilment, with its first so many lines. */
export const PARCEL = (
  lines: number,
): string => `id status location { id } trackingInfo(first: 5) { number } fulfillmentLineItems(first: ${lines}) {
  nodes { quantity lineItem { id } } pageInfo { hasNextPage endCursor }
}`

/** How many fulfilments an order is read with at first; `fulfillments` is a list without pages, so a full one is read again. */
export const PARCELS_FIRST = 2
/** And how many are read then. */
export const PARCELS_MAX = 25

/** An order as most orders are: the rest of a long one is read by calls of their own. Its sizes keep several orders within one call's points. */
export const ORDER = `id name processedAt updatedAt cancelledAt displayFulfillmentStatus currencyCode returnStatus email phone customerLocale
  risk { recommendation }
  taxesIncluded totalPriceSet ${MONEY} totalReceivedSet ${MONEY} totalTipReceivedSet ${MONEY}
  originalTotalDutiesSet ${MONEY} originalTotalAdditionalFeesSet ${MONEY}
  shippingLines(first: 2) { nodes { ${WAY} } pageInfo { hasNextPage endCursor } }
  shippingAddress { name company address1 address2 zip city province countryCodeV2 phone latitude longitude }
  refunds(first: 1) { id }
  ${LINES}
  fulfillmentOrders(first: 2) { nodes { ${PLACE(10)} } pageInfo { hasNextPage endCursor } }
  fulfillments(first: ${PARCELS_FIRST}) { ${PARCEL(8)} }`

export const REFUND_LINE = 'quantity restockType location { id } lineItem { id }'

export const RETURN_PLACE = `lineItems(first: 30) {
  nodes { fulfillmentLineItem { lineItem { id } } dispositions { quantity type location { id } } } pageInfo { hasNextPage }
}`
