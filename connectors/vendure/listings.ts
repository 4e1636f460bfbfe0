import type { Bulk, BulkPage, ChannelAccess, ListingKey, RemoteListing } from '../contract.ts'
import type { Rank } from '../pace.ts'
import { isId, type Settings } from './access.ts'
import { fromMinor } from './amounts.ts'
import type { Client } from './client.ts'
import { type Facts, isTracked, locationOf } from './facts.ts'
import { variantPage, variantsById } from './operations.ts'
import { type Stocked, type Variant, variantPageShape, variantsShape } from './wire.ts'

/** Vendure hands out a thousand; it reads prices, levels and product of each by themselves, and a call must end in a few seconds. */
export const READ_MAX = 50

/** What reading listings needs to know. */
export type Shop = {
  readonly client: Client
  readonly channels: readonly ChannelAccess[]
  readonly settings: Settings
  readonly facts: () => Promise<Facts>
}

/** Each variant once for each channel of the account, because each is a currency with a price of its own. */
export async function* allListings(shop: Shop): AsyncIterable<readonly RemoteListing[]> {
  let place: string | null = null
  do {
    const part: BulkPage = await page(shop, place, {})
    yield part.listings
    place = part.next
  } while (place !== null)
}

/** The same pages out of calls that nobody else needs; a place is a number of variants passed. */
export function bulkListings(shop: Shop): Bulk {
  return { page: place => page(shop, place, { spare: true }) }
}

async function page(shop: Shop, place: string | null, how: Rank): Promise<BulkPage> {
  const facts = await shop.facts()
  const skip = Number(place ?? 0)
  const options = { take: READ_MAX, skip, sort: { id: 'ASC' } }
  const { productVariants } = await shop.client.ask(variantPage, { options }, variantPageShape, how)
  const passed = skip + productVariants.items.length
  const isEnd = productVariants.items.length === 0 || passed >= productVariants.totalItems
  return { listings: productVariants.items.flatMap(one => remotes(shop, facts, one)), next: isEnd ? null : String(passed) }
}

/** The named listings as they are now; those that the channel no longer has are left out. */
export async function namedListings(shop: Shop, keys: readonly ListingKey[], how: Rank): Promise<RemoteListing[]> {
  const facts = await shop.facts()
  const wanted = new Set(keys.map(key => `${key.channelRef}\n${key.externalId}`))
  const ids = [...new Set(keys.map(key => key.externalId).filter(isId))]
  const found: RemoteListing[] = []
  for (let from = 0; from < ids.length; from += READ_MAX) {
    const options = { take: READ_MAX, filter: { id: { in: ids.slice(from, from + READ_MAX) } } }
    const { productVariants } = await shop.client.ask(variantsById, { options }, variantsShape, how)
    found.push(...productVariants.items.flatMap(one => remotes(shop, facts, one)))
  }
  return found.filter(one => wanted.has(`${one.channelRef}\n${one.externalId}`))
}

/** What lies at the hub's location and is not allocated: what may be sold of it. Null where Vendure does not count. */
export function freeUnits(variant: Stocked, location: string, facts: Facts): number | null {
  if (!isTracked(variant, facts)) return null
  const level = variant.stockLevels.find(one => one.stockLocationId === location)
  return level ? level.stockOnHand - level.stockAllocated : 0
}

function remotes({ channels, settings }: Shop, facts: Facts, variant: Variant): RemoteListing[] {
  const quantity = freeUnits(variant, locationOf(settings, facts), facts)
  return channels.map(({ ref, currency }) => {
    const price = variant.prices.find(one => one.currencyCode === currency)?.price
    return {
      ...{ channelRef: ref, externalId: variant.id, externalParentId: variant.productId, externalSku: variant.sku },
      ...{ productType: null, title: variant.name, gtin: null, quantity },
      state: variant.enabled && variant.product.enabled ? 'active' : 'inactive',
      price: price === undefined ? null : { currency, regular: fromMinor(price, facts.precision, currency), sale: null },
    }
  })
}
