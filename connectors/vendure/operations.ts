/** One GraphQL operation that the connector sends; the tests hold each against the published schema. */
export type Operation = {
  readonly name: string
  readonly text: string
  readonly writes: boolean
  /** Vendure's permissions, any of which allows it; for people. */
  readonly needs: string
}

const READ_CATALOG = 'ReadCatalog or ReadProduct'
const WRITE_CATALOG = 'UpdateCatalog or UpdateProduct'

/** Every list takes a thousand at most. */
export const TAKE_MAX = 1000

const LEVELS = 'trackInventory stockLevels { stockLocationId stockOnHand stockAllocated }'
const VARIANT = `id sku name enabled productId product { enabled } prices { currencyCode price } ${LEVELS}`
const ERROR = '__typename ... on ErrorResult { errorCode message }'

const ORDER = `id code state type updatedAt orderPlacedAt currencyCode totalWithTax
  customer { firstName lastName emailAddress phoneNumber }
  shippingAddress { fullName company streetLine1 streetLine2 city province postalCode countryCode phoneNumber }
  lines { id quantity orderPlacedQuantity updatedAt proratedUnitPriceWithTax productVariant { id sku name }
    linePrice linePriceWithTax proratedLinePrice proratedLinePriceWithTax }
  shippingLines { shippingMethod { code } price priceWithTax discountedPrice discountedPriceWithTax }
  surcharges { price priceWithTax }
  fulfillments { id state updatedAt method trackingCode lines { orderLineId quantity } }
  modifications { lines { orderLineId quantity } }
  payments { id state amount updatedAt refunds { id state total createdAt } }`

const query = (name: string, needs: string, text: string): Operation => ({ name, needs, writes: false, text: `query ${name}${text}` })
const mutation = (name: string, needs: string, text: string): Operation => ({ name, needs, writes: true, text: `mutation ${name}${text}` })

export const login = mutation(
  'Login',
  'nothing',
  `($username: String!, $password: String!) { login(username: $username, password: $password) { ${ERROR} } }`,
)

/** What the server and the channel are set up to. */
export const facts = query(
  'Facts',
  'any role of the channel',
  ` { activeChannel { code token availableCurrencyCodes pricesIncludeTax trackInventory outOfStockThreshold }
  globalSettings { trackInventory outOfStockThreshold serverConfig { moneyStrategyPrecision } }
  stockLocations(options: { take: ${TAKE_MAX} }) { items { id name } } }`,
)

export const variantPage = query(
  'VariantPage',
  READ_CATALOG,
  `($options: ProductVariantListOptions) { productVariants(options: $options) { totalItems items { ${VARIANT} } } }`,
)
export const variantsById = query(
  'VariantsById',
  READ_CATALOG,
  `($options: ProductVariantListOptions) { productVariants(options: $options) { items { ${VARIANT} } } }`,
)
/** What lies there and what of it is allocated, a moment before it is written. */
export const stockBefore = query(
  'StockBefore',
  READ_CATALOG,
  `($options: ProductVariantListOptions) { productVariants(options: $options) { items { id ${LEVELS} } } }`,
)
export const updateVariants = mutation(
  'UpdateVariants',
  WRITE_CATALOG,
  `($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id prices { currencyCode price } ${LEVELS} } }`,
)

export const orderPage = query(
  'OrderPage',
  'ReadOrder',
  `($options: OrderListOptions) { orders(options: $options) { items { ${ORDER} } } }`,
)
/** Only what tells that an order moved on. */
export const orderStates = query(
  'OrderStates',
  'ReadOrder',
  '($options: OrderListOptions) { orders(options: $options) { items { id state updatedAt orderPlacedAt fulfillments { state updatedAt } } } }',
)
export const orderById = query('OrderById', 'ReadOrder', `($id: ID!) { order(id: $id) { ${ORDER} } }`)
/** Cancellations of an order with their reasons, which hold the key of ours. */
export const cancellations = query(
  'Cancellations',
  'ReadOrder',
  `($id: ID!) { order(id: $id) { history(options: { filter: { type: { eq: "ORDER_CANCELLATION" } }, take: ${TAKE_MAX} }) { items { data } } } }`,
)

export const addFulfilment = mutation(
  'AddFulfilment',
  'UpdateOrder',
  `($input: FulfillOrderInput!) { addFulfillmentToOrder(input: $input) { ${ERROR} ... on Fulfillment { id state } } }`,
)
export const shipFulfilment = mutation(
  'ShipFulfilment',
  'UpdateOrder',
  `($id: ID!) { transitionFulfillmentToState(id: $id, state: "Shipped") { ${ERROR} ... on Fulfillment { id state } ... on FulfillmentStateTransitionError { transitionError } } }`,
)
export const cancelOrder = mutation(
  'CancelOrder',
  'UpdateOrder',
  `($input: CancelOrderInput!) { cancelOrder(input: $input) { ${ERROR} ... on Order { id state lines { id quantity productVariant { id } } } ... on OrderStateTransitionError { transitionError } } }`,
)
export const refundOrder = mutation(
  'RefundOrder',
  'UpdateOrder',
  `($input: RefundOrderInput!) { refundOrder(input: $input) { ${ERROR} ... on Refund { id state total } ... on RefundAmountError { maximumRefundable } ... on RefundStateTransitionError { transitionError } } }`,
)

/** All of them, for whoever holds them against the schema. */
export const operations: readonly Operation[] = [
  ...[login, facts, variantPage, variantsById, stockBefore, updateVariants],
  ...[orderPage, orderStates, orderById, cancellations, addFulfilment, shipFulfilment, cancelOrder, refundOrder],
]
