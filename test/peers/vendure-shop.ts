import type { BasketLine, ShopArticle, ShopOrder } from './shop.ts'
import { askVendure, type VendureCall } from './vendure-ask.ts'

/** Most rows that Vendure answers at once. */
const PAGE = 500

type Step = {
  readonly __typename: string
  readonly errorCode?: string
  readonly message?: string
  readonly id?: string
  readonly state?: string
}

const ANSWER = '__typename ... on Order { id state } ... on ErrorResult { errorCode message }'

/** Buys through the shop interface as a guest does, to the settled payment: the order's id, or null where there is not enough. */
export async function buyInVendure(
  url: string,
  shippingMethodId: string,
  variantOf: ReadonlyMap<string, string>,
  lines: readonly BasketLine[],
  shopper: number,
): Promise<string | null> {
  let session: VendureCall = { url }
  const step = async (field: string, variables: Readonly<Record<string, readonly [type: string, value: unknown]>>): Promise<Step> => {
    const entries = Object.entries(variables)
    const head = entries.map(([name, [type]]) => `$${name}: ${type}`).join(', ')
    const passed = entries.map(([name]) => `${name}: $${name}`).join(', ')
    const values = Object.fromEntries(entries.map(([name, [, value]]) => [name, value]))
    const { data, token } = await askVendure<Record<string, Step>>(
      session,
      `mutation(${head}) { ${field}(${passed}) { ${ANSWER} } }`,
      values,
    )
    if (token !== null) session = { url, headers: { authorization: `Bearer ${token}` } }
    const answer = data[field]
    if (answer === undefined) throw new Error(`Vendure did not answer ${field}`)
    return answer
  }
  const must = (answer: Step): Step => {
    if (answer.__typename !== 'Order') throw new Error(`Vendure: ${answer.errorCode} ${answer.message}`)
    return answer
  }
  for (const { sku, quantity } of lines) {
    const added = await step('addItemToOrder', { productVariantId: ['ID!', variantOf.get(sku)], quantity: ['Int!', quantity] })
    if (added.errorCode === 'INSUFFICIENT_STOCK_ERROR') return null
    must(added)
  }
  must(
    await step('setCustomerForOrder', {
      input: ['CreateCustomerInput!', { emailAddress: `shopper-${shopper}@example.org`, firstName: 'Sam', lastName: 'Shopper' }],
    }),
  )
  must(
    await step('setOrderShippingAddress', {
      input: [
        'CreateAddressInput!',
        { fullName: 'Sam Shopper', streetLine1: 'Weg 1', city: 'Berlin', postalCode: '10115', countryCode: 'DE' },
      ],
    }),
  )
  must(await step('setOrderShippingMethod', { shippingMethodId: ['[ID!]!', [shippingMethodId]] }))
  const arranged = await step('transitionOrderToState', { state: ['String!', 'ArrangingPayment'] })
  // Somebody else, or the hub, took the units since they were put into the basket.
  if (arranged.errorCode === 'ORDER_STATE_TRANSITION_ERROR') return null
  must(arranged)
  const paid = must(await step('addPaymentToOrder', { input: ['PaymentInput!', { method: 'dummy', metadata: {} }] }))
  return paid.id ?? null
}

type Variant = {
  readonly id: string
  readonly sku: string
  readonly prices: readonly { readonly currencyCode: string; readonly price: number }[]
  readonly stockLevels: readonly { readonly stockLocationId: string; readonly stockOnHand: number; readonly stockAllocated: number }[]
}

/** Every variant, as the admin interface shows it. */
export async function variantsOfVendure(admin: VendureCall): Promise<Variant[]> {
  return everything<Variant>(
    admin,
    'productVariants',
    'ProductVariantListOptions',
    'id sku prices { currencyCode price } stockLevels { stockLocationId stockOnHand stockAllocated }',
  )
}

/** Stock at the location and prices of every article. */
export async function articlesOfVendure(admin: VendureCall, stockLocationId: string): Promise<Map<string, ShopArticle>> {
  const rows = await variantsOfVendure(admin)
  return new Map(
    rows.map(({ sku, prices, stockLevels }) => {
      const level = stockLevels.find(one => one.stockLocationId === stockLocationId)
      const byCurrency = Object.fromEntries(prices.map(({ currencyCode, price }) => [currencyCode, (price / 100).toFixed(2)]))
      return [sku, { onHand: level?.stockOnHand ?? 0, reserved: level?.stockAllocated ?? 0, prices: byCurrency }]
    }),
  )
}

type Order = {
  readonly id: string
  readonly state: string
  readonly lines: readonly {
    readonly id: string
    readonly quantity: number
    readonly orderPlacedQuantity: number
    readonly productVariant: { readonly sku: string }
  }[]
  readonly fulfillments: readonly {
    readonly state: string
    readonly trackingCode: string
    readonly lines: readonly { readonly orderLineId: string; readonly quantity: number }[]
  }[]
}

const ORDER = `id state lines { id quantity orderPlacedQuantity productVariant { sku } }
  fulfillments { state trackingCode lines { orderLineId quantity } }`

/** Every order that was placed. A cancelled line's quantity falls; what was ordered stays in `orderPlacedQuantity`. */
export async function ordersOfVendure(admin: VendureCall): Promise<Map<string, ShopOrder>> {
  const placed = (await everything<Order>(admin, 'orders', 'OrderListOptions', ORDER)).filter(order =>
    order.lines.some(line => line.orderPlacedQuantity > 0),
  )
  return new Map(
    placed.map(order => {
      const parcels = order.fulfillments.filter(one => one.state === 'Shipped' || one.state === 'Delivered')
      const shipped = (line: string): number =>
        parcels.flatMap(parcel => parcel.lines).reduce((sum, one) => sum + (one.orderLineId === line ? one.quantity : 0), 0)
      return [
        order.id,
        {
          id: order.id,
          cancelled: order.state === 'Cancelled',
          lines: new Map(
            order.lines.map(line => [
              line.productVariant.sku,
              { ordered: line.orderPlacedQuantity, shipped: shipped(line.id), cancelled: line.orderPlacedQuantity - line.quantity },
            ]),
          ),
          tracking: parcels.map(parcel => parcel.trackingCode).sort(),
        },
      ]
    }),
  )
}

async function everything<T>(admin: VendureCall, field: string, type: string, selection: string): Promise<T[]> {
  const found: T[] = []
  for (;;) {
    const { data } = await askVendure<Record<string, { totalItems: number; items: T[] }>>(
      admin,
      `query($options: ${type}) { ${field}(options: $options) { totalItems items { ${selection} } } }`,
      { options: { take: PAGE, skip: found.length, sort: { id: 'ASC' } } },
    )
    const page = data[field]
    found.push(...(page?.items ?? []))
    if (page === undefined || page.items.length === 0 || found.length >= page.totalItems) return found
  }
}
