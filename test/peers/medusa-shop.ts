import { ask, Refused } from './ask.ts'
import type { MedusaAdmin, MedusaSeed } from './medusa-seed.ts'
import type { BasketLine, ShopArticle, ShopOrder } from './shop.ts'

const PAGE = 100
const ADDRESS = { first_name: 'Sam', last_name: 'Shopper', address_1: 'Weg 1', city: 'Berlin', postal_code: '10115', country_code: 'de' }

/** Buys through the store interface as a guest does, to the completed cart: the order's id, or null where there is not enough. */
export async function buyInMedusa(
  url: string,
  seed: MedusaSeed,
  variantOf: ReadonlyMap<string, string>,
  lines: readonly BasketLine[],
  shopper: number,
): Promise<string | null> {
  const post = async <T>(path: string, body: unknown): Promise<T> =>
    (await ask('POST', `${url}/store${path}`, { 'x-publishable-api-key': seed.publishableKey }, body)).body as T
  try {
    const { cart } = await post<{ cart: { id: string } }>('/carts', {
      ...{ region_id: seed.regionId, email: `shopper-${shopper}@example.org`, shipping_address: ADDRESS, billing_address: ADDRESS },
      items: lines.map(({ sku, quantity }) => ({ variant_id: variantOf.get(sku), quantity })),
    })
    await post(`/carts/${cart.id}/shipping-methods`, { option_id: seed.shippingOptionId })
    const { payment_collection } = await post<{ payment_collection: { id: string } }>('/payment-collections', { cart_id: cart.id })
    await post(`/payment-collections/${payment_collection.id}/payment-sessions`, { provider_id: 'pp_system_default' })
    const done = await post<{ type: string; order?: { id: string }; error?: unknown }>(`/carts/${cart.id}/complete`, {})
    if (done.order) return done.order.id
    if (isSoldOut(done.error)) return null
    throw new Refused(`cart ${cart.id}`, 200, done.error)
  } catch (error) {
    if (error instanceof Refused && isSoldOut(error.answer)) return null
    throw error
  }
}

/** Medusa says so in several ways, for one article, for a basket and for a promise. */
function isSoldOut(answer: unknown): boolean {
  return /required inventory|not enough stock/i.test(JSON.stringify(answer))
}

type Level = { readonly location_id: string; readonly stocked_quantity: number; readonly reserved_quantity: number }
type Variant = {
  readonly id: string
  readonly sku: string
  readonly prices: readonly { readonly currency_code: string; readonly amount: number }[]
  readonly inventory_items: readonly { readonly inventory: { readonly location_levels: readonly Level[] } }[]
}

/** Every variant, as the admin interface shows it. */
export function variantsOfMedusa(admin: MedusaAdmin): Promise<Variant[]> {
  return everything(
    admin,
    'product-variants',
    'variants',
    'id,sku,*prices,*inventory_items.inventory,*inventory_items.inventory.location_levels',
  )
}

/** Stock at the location and prices of every article. */
export async function articlesOfMedusa(admin: MedusaAdmin, locationId: string): Promise<Map<string, ShopArticle>> {
  const rows = await variantsOfMedusa(admin)
  return new Map(
    rows.map(({ sku, prices, inventory_items }) => {
      const level = inventory_items.flatMap(one => one.inventory.location_levels).find(one => one.location_id === locationId)
      const byCurrency = Object.fromEntries(prices.map(({ currency_code, amount }) => [currency_code.toUpperCase(), amount.toFixed(2)]))
      return [sku, { onHand: level?.stocked_quantity ?? 0, reserved: level?.reserved_quantity ?? 0, prices: byCurrency }]
    }),
  )
}

type Order = {
  readonly id: string
  readonly status: string
  readonly items: readonly { readonly id: string; readonly variant_sku: string; readonly quantity: number }[]
  readonly fulfillments: readonly {
    readonly shipped_at: string | null
    readonly canceled_at: string | null
    readonly items: readonly { readonly line_item_id: string; readonly quantity: number }[]
    readonly labels: readonly { readonly tracking_number: string }[]
  }[]
}

/** Every order. Medusa cancels orders as a whole. */
export async function ordersOfMedusa(admin: MedusaAdmin): Promise<Map<string, ShopOrder>> {
  const orders = await everything<Order>(
    admin,
    'orders',
    'orders',
    'id,status,*items,*fulfillments,*fulfillments.items,*fulfillments.labels',
  )
  return new Map(
    orders.map(order => {
      const cancelled = order.status === 'canceled'
      const parcels = order.fulfillments.filter(one => one.shipped_at !== null && one.canceled_at === null)
      const shipped = (line: string): number =>
        parcels.flatMap(parcel => parcel.items).reduce((sum, one) => sum + (one.line_item_id === line ? one.quantity : 0), 0)
      return [
        order.id,
        {
          ...{ id: order.id, cancelled },
          lines: new Map(
            order.items.map(item => [
              item.variant_sku,
              { ordered: item.quantity, shipped: shipped(item.id), cancelled: cancelled ? item.quantity - shipped(item.id) : 0 },
            ]),
          ),
          tracking: parcels.flatMap(parcel => parcel.labels.map(label => label.tracking_number)).sort(),
        },
      ]
    }),
  )
}

async function everything<T>(admin: MedusaAdmin, path: string, name: string, fields: string): Promise<T[]> {
  const found: T[] = []
  for (;;) {
    const page = (await admin('GET', `/admin/${path}?limit=${PAGE}&offset=${found.length}&order=id&fields=${fields}`)) as Record<
      string,
      unknown
    >
    const rows = page[name] as T[]
    found.push(...rows)
    if (rows.length === 0 || found.length >= Number(page.count)) return found
  }
}
