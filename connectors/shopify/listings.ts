import { sameAmount } from '../../src/values/money.ts'
import type { Bulk, ChannelAccess, ListingKey, RemoteListing, ShownPrice } from '../contract.ts'
import type { Rank } from '../pace.ts'
import { gid, isId } from './access.ts'
import type { Client } from './client.ts'
import { variantPage, variantsById, variantsMax } from './operations.ts'
import { availableOf, levelOf, type Variant, variantPageShape, variantsShape } from './wire.ts'

/** Named listings per call: with three locations a call may ask for as many variants. */
export const READ_MAX = 100

type Part = { readonly listings: readonly RemoteListing[]; readonly next: string | null }

/** Each variant once for each channel, because each channel is a location with a stock of its own. */
export async function* allListings(client: Client, channels: readonly ChannelAccess[]): AsyncIterable<readonly RemoteListing[]> {
  let place: string | null = null
  do {
    const part: Part = await page(client, channels, place, {})
    yield part.listings
    place = part.next
  } while (place !== null)
}

/** The same pages out of calls that nobody else needs; a place is Shopify's cursor, which is a key and not a number of things passed. */
export function bulkListings(client: Client, channels: readonly ChannelAccess[]): Bulk {
  return { page: place => page(client, channels, place, { spare: true }) }
}

async function page(client: Client, channels: readonly ChannelAccess[], place: string | null, how: Rank): Promise<Part> {
  const { length } = channels
  const variables = { first: variantsMax(length), after: place, ...locationsOf(channels) }
  const { productVariants } = await client.ask(variantPage(length), variables, variantPageShape, how)
  const { hasNextPage, endCursor } = productVariants.pageInfo
  return { listings: productVariants.nodes.flatMap(node => remotes(node, channels)), next: hasNextPage ? endCursor : null }
}

/** The named listings as they are now; those that the shop no longer has are left out. */
export async function namedListings(
  client: Client,
  channels: readonly ChannelAccess[],
  keys: readonly ListingKey[],
  how: Rank,
): Promise<RemoteListing[]> {
  const wanted = new Set(keys.map(key => `${key.channelRef}\n${key.externalId}`))
  const ids = [...new Set(keys.map(key => key.externalId).filter(isId))]
  const found: RemoteListing[] = []
  const max = variantsMax(channels.length)
  for (let from = 0; from < ids.length; from += max) {
    const variables = { ids: ids.slice(from, from + max).map(id => gid('ProductVariant', id)), ...locationsOf(channels) }
    const { nodes } = await client.ask(variantsById(channels.length), variables, variantsShape, how)
    found.push(...nodes.flatMap(node => (node ? remotes(node, channels) : [])))
  }
  return found.filter(one => wanted.has(`${one.channelRef}\n${one.externalId}`))
}

function locationsOf(channels: readonly ChannelAccess[]): Record<string, string> {
  return Object.fromEntries(channels.map((channel, n) => [`l${n}`, gid('Location', channel.ref)]))
}

function remotes(variant: Variant, channels: readonly ChannelAccess[]): RemoteListing[] {
  const { inventoryItem: item, product } = variant
  return channels.map((channel, n) => {
    const level = levelOf(item, n)
    return {
      channelRef: channel.ref,
      externalId: variant.id,
      externalParentId: product.id,
      externalSku: variant.sku ?? '',
      productType: null,
      // A product without variants has one that is named so.
      title: variant.displayName.replace(/ - Default Title$/, ''),
      gtin: variant.barcode || null,
      state: product.status === 'ACTIVE' ? 'active' : 'inactive',
      // What is tracked and not stocked at the location sells nothing from there.
      quantity: item.tracked ? (level ? availableOf(level) : 0) : null,
      price: shownPrice(variant.price, variant.compareAtPrice, channel.currency),
      modifiedAt: level && level.updatedAt > variant.updatedAt ? level.updatedAt : variant.updatedAt,
    }
  })
}

/** Shopify's two amounts in our words: what is compared with is the regular price, where it is higher than what buyers pay. */
export function shownPrice(price: string, compareAt: string | null, currency: string): ShownPrice {
  if (compareAt === null || Number(compareAt) <= Number(price) || sameAmount(compareAt, price))
    return { currency, regular: price, sale: null }
  return { currency, regular: compareAt, sale: { amount: price, from: null, to: null } }
}
