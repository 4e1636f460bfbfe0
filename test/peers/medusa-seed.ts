import { ask } from './ask.ts'
import { type Article, FIRST_PRICES, FIRST_STOCK, productsOf } from './goods.ts'

/** What a shopper or the hub must know of the shop that was laid in. */
export type MedusaSeed = {
  readonly apiKey: string
  readonly publishableKey: string
  readonly locationId: string
  readonly regionId: string
  readonly shippingOptionId: string
}

/** One request to the admin interface, as the admin user. */
export type MedusaAdmin = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<unknown>

type Named = { readonly id: string }
const PROVIDER = 'manual_manual'
/** Products of one request. */
const AT_ONCE = 10
const prices = Object.entries(FIRST_PRICES).map(([currency, amount]) => ({ currency_code: currency.toLowerCase(), amount: Number(amount) }))

/** The admin interface for whoever has this authorization. */
export function adminOf(url: string, authorization: string): MedusaAdmin {
  return async (method, path, body) => (await ask(method, `${url}${path}`, { authorization }, body)).body
}

/** Opens an empty Medusa for business: two currencies, a region, a place with stock that ships, the articles, keys for shoppers and for the hub. */
export async function seedMedusa(admin: MedusaAdmin, goods: readonly Article[], progress: (done: number) => void): Promise<MedusaSeed> {
  const make = async (path: string, name: string, body: unknown): Promise<Named> => named(await admin('POST', path, body), name)
  await takeCurrencies(admin)
  const channel = await make('/admin/sales-channels', 'sales_channel', { name: 'Web shop' })
  const location = await make('/admin/stock-locations', 'stock_location', { name: 'Warehouse' })
  await admin('POST', `/admin/stock-locations/${location.id}/sales-channels`, { add: [channel.id] })
  const region = await make('/admin/regions', 'region', {
    ...{ name: 'Germany', currency_code: 'eur', countries: ['de'], payment_providers: ['pp_system_default'], automatic_taxes: false },
  })
  const profileId = await firstProfile(admin)
  const shippingOptionId = await openShipping(admin, location.id, profileId)
  const secret = (await admin('POST', '/admin/api-keys', { title: 'hub', type: 'secret' })) as { api_key: { token: string } }
  const open = (await admin('POST', '/admin/api-keys', { title: 'shop', type: 'publishable' })) as {
    api_key: { id: string; token: string }
  }
  await admin('POST', `/admin/api-keys/${open.api_key.id}/sales-channels`, { add: [channel.id] })
  await layIn(admin, goods, { channelId: channel.id, profileId, locationId: location.id, progress })
  return {
    ...{ apiKey: secret.api_key.token, publishableKey: open.api_key.token },
    ...{ locationId: location.id, regionId: region.id, shippingOptionId },
  }
}

function named(answer: unknown, name: string): Named {
  const found = (answer as Record<string, Named | undefined>)[name]
  if (found === undefined) throw new Error(`Medusa made no ${name}: ${JSON.stringify(answer)}`)
  return found
}

async function takeCurrencies(admin: MedusaAdmin): Promise<void> {
  const { stores } = (await admin('GET', '/admin/stores')) as { stores: Named[] }
  await admin('POST', `/admin/stores/${stores[0]?.id}`, {
    supported_currencies: prices.map(({ currency_code }, n) => ({ currency_code, is_default: n === 0 })),
  })
}

async function firstProfile(admin: MedusaAdmin): Promise<string> {
  const { shipping_profiles } = (await admin('GET', '/admin/shipping-profiles')) as { shipping_profiles: Named[] }
  return shipping_profiles[0]?.id ?? ''
}

async function openShipping(admin: MedusaAdmin, locationId: string, profileId: string): Promise<string> {
  await admin('POST', `/admin/stock-locations/${locationId}/fulfillment-providers`, { add: [PROVIDER] })
  await admin('POST', `/admin/stock-locations/${locationId}/fulfillment-sets`, { name: 'Parcels', type: 'shipping' })
  const location = (await admin('GET', `/admin/stock-locations/${locationId}?fields=*fulfillment_sets`)) as {
    stock_location: { fulfillment_sets: Named[] }
  }
  const set = location.stock_location.fulfillment_sets[0]
  const zoned = (await admin('POST', `/admin/fulfillment-sets/${set?.id}/service-zones`, {
    ...{ name: 'Germany', geo_zones: [{ type: 'country', country_code: 'de' }] },
  })) as { fulfillment_set: { service_zones: Named[] } }
  const option = (await admin('POST', '/admin/shipping-options', {
    ...{
      name: 'Parcel',
      service_zone_id: zoned.fulfillment_set.service_zones[0]?.id,
      shipping_profile_id: profileId,
      provider_id: PROVIDER,
    },
    ...{ price_type: 'flat', type: { label: 'Parcel', description: 'By parcel', code: 'parcel' } },
    prices: prices.map(({ currency_code }) => ({ currency_code, amount: 5 })),
  })) as { shipping_option: Named }
  return option.shipping_option.id
}

type LayingIn = {
  readonly channelId: string
  readonly profileId: string
  readonly locationId: string
  readonly progress: (done: number) => void
}

async function layIn(admin: MedusaAdmin, goods: readonly Article[], place: LayingIn): Promise<void> {
  const products = productsOf(goods)
  let done = 0
  for (let first = 0; first < products.length; first += AT_ONCE) {
    const part = products.slice(first, first + AT_ONCE)
    await admin('POST', '/admin/products/batch', { create: part.map((variants, n) => productOf(variants, first + n + 1, place)) })
    await stockWith(admin, part.flat(), place.locationId)
    done += part.flat().length
    place.progress(done)
  }
}

function productOf(variants: readonly Article[], number: number, { channelId, profileId }: LayingIn): unknown {
  return {
    ...{ title: `Article ${number}`, status: 'published', shipping_profile_id: profileId, sales_channels: [{ id: channelId }] },
    options: [{ title: 'Size', values: variants.map(({ variant }) => variant) }],
    variants: variants.map(({ sku, variant }) => ({ title: variant, sku, manage_inventory: true, options: { Size: variant }, prices })),
  }
}

async function stockWith(admin: MedusaAdmin, goods: readonly Article[], locationId: string): Promise<void> {
  const query = goods.map(({ sku }) => `sku[]=${sku}`).join('&')
  const { inventory_items } = (await admin('GET', `/admin/inventory-items?${query}&limit=${goods.length}&fields=id,sku`)) as {
    inventory_items: Named[]
  }
  await admin('POST', '/admin/inventory-items/location-levels/batch', {
    create: inventory_items.map(({ id }) => ({ inventory_item_id: id, location_id: locationId, stocked_quantity: FIRST_STOCK })),
  })
}
