import { LEVEL, LINE, ORDER, PARCEL, PLACE, POINTS_MAX, REFUND_LINE, RETURN_PLACE, WAY } from './selections.ts'

/**
 * Everything that we ever ask of Shopify. `points` is the most that Shopify may count for it before it runs (scalar 0, object 1, connection by its size, mutation
 * 10), so that the pace knows it ahead; the answer tells what it really took.
 */
export type Operation = {
  readonly name: string
  readonly text: string
  readonly writes: boolean
  readonly points: (variables: Readonly<Record<string, unknown>>) => number
}

const many = (value: unknown): number => (Array.isArray(value) ? value.length : 0)
const query = (name: string, text: string, points: Operation['points']): Operation => ({ name, text, writes: false, points })
const mutation = (name: string, text: string, points: Operation['points']): Operation => ({ name, text, writes: true, points })

/** Variants that one call may ask for at most, with their stock at so many locations. */
export function variantsMax(locations: number): number {
  return Math.min(250, Math.floor((POINTS_MAX - 20) / (3 + 2 * locations)))
}

const places = (locations: number): number[] => Array.from({ length: locations }, (_, n) => n)
const declared = (locations: number): string =>
  places(locations)
    .map(n => `, $l${n}: ID!`)
    .join('')
const variant = (locations: number): string => `id sku displayName barcode price compareAtPrice updatedAt product { id status }
  inventoryItem { id tracked ${places(locations)
    .map(n => `l${n}: inventoryLevel(locationId: $l${n}) { ${LEVEL} }`)
    .join(' ')} }`

/** All variants, page by page, with their stock at each of the locations (`l0`, `l1`, ... as variables). */
export const variantPage = (locations: number): Operation =>
  query(
    'VariantPage',
    `query VariantPage($first: Int!, $after: String${declared(locations)}) {
  productVariants(first: $first, after: $after, sortKey: ID) { nodes { ${variant(locations)} } pageInfo { hasNextPage endCursor } }
}`,
    ({ first }) => 4 + Number(first) * (3 + 2 * locations),
  )

/** The variants with these ids. */
export const variantsById = (locations: number): Operation =>
  query(
    'VariantsById',
    `query VariantsById($ids: [ID!]!${declared(locations)}) { nodes(ids: $ids) { ... on ProductVariant { ${variant(locations)} } } }`,
    ({ ids }) => many(ids) * (3 + 2 * locations),
  )

/** What is there to compare with before stock is set at one location. */
export const stockBefore = query(
  'StockBefore',
  `query StockBefore($ids: [ID!]!, $location: ID!) {
  nodes(ids: $ids) { ... on ProductVariant { id inventoryItem { id tracked inventoryLevel(locationId: $location) { ${LEVEL} } } } }
}`,
  ({ ids }) => many(ids) * 4,
)

/** Absolute quantities with what they are compared with, row by row; all of them or none. */
export const setQuantities = mutation(
  'SetQuantities',
  `mutation SetQuantities($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id changes(quantityNames: ["available"]) { name quantityAfterChange item { id } } }
    userErrors { code field message }
  }
}`,
  // One change and its item for each row.
  ({ input }) => 15 + 2 * many((input as { quantities?: unknown } | undefined)?.quantities),
)

/** Stocks an item at a location where it was not stocked, with its first quantity. */
export const activate = mutation(
  'Activate',
  `mutation Activate($item: ID!, $location: ID!, $available: Int!, $key: String!) {
  inventoryActivate(inventoryItemId: $item, locationId: $location, available: $available) @idempotent(key: $key) {
    inventoryLevel { id ${LEVEL} }
    userErrors { field message }
  }
}`,
  () => 15,
)

/** Prices of variants of one product; what is not named stays as it is. */
export const setPrices = mutation(
  'SetPrices',
  `mutation SetPrices($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $productId, variants: $variants, allowPartialUpdates: true) {
    productVariants { id price compareAtPrice }
    userErrors { code field message }
  }
}`,
  ({ variants }) => 13 + many(variants),
)

/** Which orders changed since, oldest first: ids and stamps only, because most polls find none. */
export const changedOrders = query(
  'ChangedOrders',
  `query ChangedOrders($query: String!, $after: String) {
  orders(first: 100, after: $after, query: $query, sortKey: UPDATED_AT) { nodes { id updatedAt } pageInfo { hasNextPage endCursor } }
}`,
  () => 104,
)

/** Orders that one call may ask for. */
export const ORDERS_MAX = 3

export const ordersById = query(
  'OrdersById',
  `query OrdersById($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { ${ORDER} } } }`,
  ({ ids }) => many(ids) * 267,
)

export const moreLines = query(
  'MoreLines',
  `query MoreLines($id: ID!, $after: String) { order(id: $id) { lineItems(first: 80, after: $after) {
  nodes { ${LINE} } pageInfo { hasNextPage endCursor }
} } }`,
  () => 965,
)

export const moreWays = query(
  'MoreWays',
  `query MoreWays($id: ID!, $after: String) { order(id: $id) { shippingLines(first: 50, after: $after) {
  nodes { ${WAY} } pageInfo { hasNextPage endCursor }
} } }`,
  () => 455,
)

export const morePlaces = query(
  'MorePlaces',
  `query MorePlaces($id: ID!, $after: String) { order(id: $id) { fulfillmentOrders(first: 20, after: $after) {
  nodes { ${PLACE(10)} } pageInfo { hasNextPage endCursor }
} } }`,
  () => 555,
)

export const morePlaceLines = query(
  'MorePlaceLines',
  `query MorePlaceLines($id: ID!, $after: String) { fulfillmentOrder(id: $id) { lineItems(first: 250, after: $after) {
  nodes { id remainingQuantity lineItem { id } } pageInfo { hasNextPage endCursor }
} } }`,
  () => 505,
)

export const allParcels = query(
  'AllParcels',
  `query AllParcels($id: ID!) { order(id: $id) { fulfillments(first: 25) { ${PARCEL(10)} } } }`,
  () => 755,
)

export const moreParcelLines = query(
  'MoreParcelLines',
  `query MoreParcelLines($id: ID!, $after: String) { fulfillment(id: $id) { fulfillmentLineItems(first: 250, after: $after) {
  nodes { quantity lineItem { id } } pageInfo { hasNextPage endCursor }
} } }`,
  () => 505,
)

/** What was taken back of an order: its refunds and returns, which are read one by one. */
export const takenBack = query(
  'TakenBack',
  `query TakenBack($id: ID!) { order(id: $id) {
  refunds(first: 250) { id return { id } }
  returns(first: 100) { nodes { id } pageInfo { hasNextPage } }
} }`,
  () => 605,
)

export const refundLines = query(
  'RefundLines',
  `query RefundLines($id: ID!, $after: String) { refund(id: $id) { refundLineItems(first: 250, after: $after) {
  nodes { ${REFUND_LINE} } pageInfo { hasNextPage endCursor }
} } }`,
  () => 755,
)

export const returnLines = query(
  'ReturnLines',
  `query ReturnLines($id: ID!) { return(id: $id) { reverseFulfillmentOrders(first: 5) { nodes { ${RETURN_PLACE} } pageInfo { hasNextPage } } } }`,
  () => 925,
)

/** One parcel of fulfilment orders of one location. */
export const fulfil = mutation(
  'Fulfil',
  `mutation Fulfil($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id status } userErrors { field message } }
}`,
  () => 15,
)

export const cancelOrder = mutation(
  'CancelOrder',
  `mutation CancelOrder($id: ID!, $reason: OrderCancelReason!, $note: String, $notify: Boolean!) {
  orderCancel(orderId: $id, reason: $reason, restock: true, notifyCustomer: $notify, staffNote: $note, refundMethod: { originalPaymentMethodsRefund: true }) {
    job { id done }
    orderCancelUserErrors { code field message }
  }
}`,
  () => 15,
)

/** What was paid and went back already, and how many units of lines can still be refunded. */
export const moneyBefore = query(
  'MoneyBefore',
  `query MoneyBefore($id: ID!, $ids: [ID!]!) {
  order(id: $id) {
    id refunds(first: 100) { id note }
    transactions(first: 50) { id kind status gateway amountSet { shopMoney { amount } } parentTransaction { id } }
  }
  nodes(ids: $ids) { ... on LineItem { id refundableQuantity unfulfilledQuantity } }
}`,
  ({ ids }) => 310 + many(ids),
)

/** What was paid for units that are withdrawn, after discounts and with tax. */
export const moneyFor = query(
  'MoneyFor',
  `query MoneyFor($id: ID!, $lines: [RefundLineItemInput!]!) {
  order(id: $id) { suggestedRefund(refundLineItems: $lines) { amountSet { shopMoney { amount } } } }
}`,
  () => 5,
)

export const createRefund = mutation(
  'CreateRefund',
  `mutation CreateRefund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { id note } userErrors { field message } }
}`,
  () => 15,
)

/** How an order's goods get to the buyer, fulfilment order by fulfilment order. */
export const deliveries = query(
  'Deliveries',
  `query Deliveries($id: ID!) { order(id: $id) { fulfillmentOrders(first: 50) {
  nodes { id status assignedLocation { location { id } } deliveryMethod { methodType } }
  pageInfo { hasNextPage }
} } }`,
  () => 210,
)

export const prepared = mutation(
  'Prepared',
  `mutation Prepared($input: FulfillmentOrderLineItemsPreparedForPickupInput!) {
  fulfillmentOrderLineItemsPreparedForPickup(input: $input) { userErrors { code field message } }
}`,
  () => 12,
)

/** Who we are there, and what we may do. */
export const account = query(
  'Account',
  `query Account {
  shop { name currencyCode ianaTimezone }
  currentAppInstallation { accessScopes { handle } }
  locations(first: 250, includeLegacy: true, includeInactive: true) { nodes { id name isActive isFulfillmentService fulfillsOnlineOrders } }
}`,
  () => 310,
)

export const subscriptions = query(
  'Subscriptions',
  `query Subscriptions($after: String) { webhookSubscriptions(first: 250, after: $after) { nodes { id topic uri } pageInfo { hasNextPage endCursor } } }`,
  () => 254,
)

export const subscribe = mutation(
  'Subscribe',
  `mutation Subscribe($topic: WebhookSubscriptionTopic!, $webhookSubscription: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhookSubscription) { webhookSubscription { id } userErrors { field message } }
}`,
  () => 15,
)

/** Every operation, for up to three locations: what the tests hold against the official description. */
export const operations: readonly Operation[] = [
  ...[1, 2, 3].flatMap(locations => [variantPage(locations), variantsById(locations)]),
  ...[
    stockBefore,
    setQuantities,
    activate,
    setPrices,
    changedOrders,
    ordersById,
    moreLines,
    moreWays,
    morePlaces,
    morePlaceLines,
    allParcels,
  ],
  ...[moreParcelLines, takenBack, refundLines, returnLines, fulfil, cancelOrder, moneyBefore, moneyFor, createRefund],
  ...[deliveries, prepared, account, subscriptions, subscribe],
]
