import type { Bulk, ChannelAccess, ListingKey, RemoteListing } from '../contract.ts'
import type { Rank } from '../pace.ts'
import { isId } from './access.ts'
import type { Client } from './client.ts'
import { type Price, type Variant, variantsShape } from './wire.ts'

/** Named variants per call: their ids must fit in an address. */
export const READ_MAX = 100
/** Variants per call of a whole pass. Medusa itself has no limit; an answer of so many has about half a megabyte. */
const PAGE = 200

/** Everything that a listing is made of, in one call: prices, and stock and reservations at each location. */
export const VARIANT_FIELDS = [
  ...['id', 'sku', 'title', 'barcode', 'ean', 'upc', 'manage_inventory', 'updated_at', 'product_id', 'product.title', 'product.status'],
  ...['*prices', '*inventory_items', '*inventory_items.inventory.location_levels'],
].join(',')

const VARIANTS = '/admin/product-variants'

/** All variants, each once for each channel, because each channel is a location with a stock of its own. */
export async function* allListings(client: Client, channels: readonly ChannelAccess[]): AsyncIterable<readonly RemoteListing[]> {
  let place: string | null = null
  do {
    const part: Awaited<ReturnType<Bulk['page']>> = await page(client, channels, place, {})
    yield part.listings
    place = part.next
  } while (place !== null)
}

/** The same pages out of calls that nobody else needs. */
export function bulkListings(client: Client, channels: readonly ChannelAccess[]): Bulk {
  return { page: place => page(client, channels, place, { spare: true }) }
}

/**
 * By id, from the last variant of the page before on. Medusa counts what it passes over, so a variant that is deleted meanwhile moves all behind it one place forward:
 * when the last one is not found where it stood, the page begins earlier. A place is the number of variants passed, and the last one's id.
 */
async function page(client: Client, channels: readonly ChannelAccess[], place: string | null, rank: Rank): ReturnType<Bulk['page']> {
  const [passed = '0', lastId = ''] = place === null ? [] : place.split(' ')
  let offset = Math.max(0, Number(passed) - 1)
  for (;;) {
    const { variants } = await client.read(VARIANTS, variantsShape, { fields: VARIANT_FIELDS, order: 'id', limit: PAGE, offset }, rank)
    const at = variants.findIndex(variant => variant.id === lastId)
    if (lastId !== '' && at < 0 && offset > 0) {
      offset = Math.max(0, offset - PAGE + 1)
      continue
    }
    const last = variants.at(-1)
    const isMore = variants.length >= PAGE && last !== undefined
    const fresh = variants.slice(at + 1)
    return { listings: fresh.flatMap(one => remotes(one, channels)), next: isMore ? `${offset + variants.length} ${last.id}` : null }
  }
}

/** The named listings as they are now; those that the server no longer has are left out. */
export async function namedListings(
  client: Client,
  channels: readonly ChannelAccess[],
  keys: readonly ListingKey[],
  rank: Rank,
): Promise<RemoteListing[]> {
  const wanted = new Set(keys.map(key => `${key.channelRef}\n${key.externalId}`))
  const found = await readVariants(
    client,
    keys.map(key => key.externalId),
    rank,
  )
  return [...found.values()].flatMap(one => remotes(one, channels)).filter(one => wanted.has(`${one.channelRef}\n${one.externalId}`))
}

/** Variants by id, a hundred in a call. */
export async function readVariants(client: Client, ids: readonly string[], rank: Rank): Promise<Map<string, Variant>> {
  const known = [...new Set(ids.filter(isId))]
  const found = new Map<string, Variant>()
  for (let from = 0; from < known.length; from += READ_MAX) {
    const query = { id: known.slice(from, from + READ_MAX), fields: VARIANT_FIELDS, limit: READ_MAX, offset: 0 }
    const { variants } = await client.read(VARIANTS, variantsShape, query, rank)
    for (const variant of variants) found.set(variant.id, variant)
  }
  return found
}

function remotes(variant: Variant, channels: readonly ChannelAccess[]): RemoteListing[] {
  const { id, sku, product } = variant
  return channels.map(channel => ({
    channelRef: channel.ref,
    externalId: id,
    externalParentId: variant.product_id ?? null,
    externalSku: sku ?? '',
    productType: null,
    // A product without options has one variant, which Medusa's admin names so.
    title: [product?.title, variant.title].filter(part => part && !/^default( variant)?$/i.test(part)).join(' - '),
    gtin: variant.ean || variant.upc || variant.barcode || null,
    state: product?.status === 'published' ? 'active' : 'inactive',
    quantity: sellableOf(variant, channel.ref),
    price: shownPrice(variant.prices, channel.currency),
    // Stock and prices have stamps of their own, which do not move this one.
    modifiedAt: null,
  }))
}

/** What may be sold of a variant at a location: what lies there less what Medusa has reserved, in sets of what one unit takes. Null: its stock is not counted. */
export function sellableOf(variant: Variant, location: string): number | null {
  if (!variant.manage_inventory || variant.inventory_items.length === 0) return null
  const sets = variant.inventory_items.map(part => {
    const level = levelAt(part, location)
    return level ? Math.floor((level.stocked_quantity - level.reserved_quantity) / part.required_quantity) : 0
  })
  // Medusa takes a number below what is reserved; there is nothing to sell then.
  return Math.max(0, Math.min(...sets))
}

export type Part = Variant['inventory_items'][number]

/** An item's stock at a location; undefined where it is not stocked there. */
export function levelAt(part: Part, location: string) {
  return part.inventory?.location_levels?.find(level => level?.location_id === location) ?? undefined
}

/** The variant's own price in a currency: for everybody, and from one unit on. Prices of regions, groups and larger quantities are others. */
export function isPlain(price: Price, currency: string): boolean {
  return (
    price.currency_code.toUpperCase() === currency &&
    Object.keys(price.rules ?? {}).length === 0 &&
    price.min_quantity == null &&
    price.max_quantity == null
  )
}

function shownPrice(prices: readonly Price[], currency: string): RemoteListing['price'] {
  const found = prices.find(price => isPlain(price, currency))
  return found ? { currency, regular: found.amount, sale: null } : null
}
