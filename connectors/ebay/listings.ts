import { z } from 'zod'
import { amount } from '../../src/values/money.ts'
import type { Bulk, ChannelAccess, ListingKey, RemoteListing } from '../contract.ts'
import { type Call, type Client, errorIn, promised } from './client.ts'
import { bulkItemsShape, type Item, itemShape, itemsShape, type Offer, offersShape } from './wire.ts'

/** `bulkGetInventoryItem` takes at most 25 SKUs. */
export const READ_MAX = 25

const PAGE = 200
const INVENTORY = '/sell/inventory/v1'

type Account = { readonly channels: readonly ChannelAccess[]; readonly client: Client }
type Rank = { readonly spare?: boolean }

/** The listings with these keys; those that eBay has no more are left out. */
export async function readListings(account: Account, keys: readonly ListingKey[]): Promise<RemoteListing[]> {
  if (keys.length > READ_MAX) throw new RangeError(`At most ${READ_MAX} listings can be read at once, not ${keys.length}.`)
  const skus = [...new Set(keys.map(key => key.externalSku))]
  if (skus.length === 0) return []
  const call: Call = {
    operation: 'bulkGetInventoryItem',
    method: 'POST',
    path: `${INVENTORY}/bulk_get_inventory_item`,
    body: { requests: skus.map(sku => ({ sku })) },
  }
  const { responses } = promised(call, bulkItemsShape, await account.client(call))
  const items = responses.flatMap(row => {
    const item = row.statusCode < 300 ? itemShape.safeParse(row.inventoryItem).data : undefined
    return item ? [item] : []
  })
  const wanted = new Set(keys.map(key => `${key.channelRef} ${key.externalId}`))
  return (await withOffers(account, items, {})).filter(listing => wanted.has(`${listing.channelRef} ${listing.externalId}`))
}

/** Looks through all items at most so often for those that slipped over the edge of a page because others were deleted meanwhile. */
const PASSES = 3

/** All listings, page by page; each SKU once. */
export async function* listings(account: Account): AsyncGenerator<readonly RemoteListing[]> {
  const seen = new Set<string>()
  for (let pass = 0; pass < PASSES; pass += 1) {
    let all = 0
    for (let page = 0; page === 0 || page * PAGE < all; page += 1) {
      const { inventoryItems, total } = await itemPage(account, page, PAGE, {})
      all = total
      const unseen = inventoryItems.filter(item => !seen.has(item.sku))
      for (const item of unseen) seen.add(item.sku)
      if (unseen.length > 0) yield await withOffers(account, unseen, {})
      if (inventoryItems.length === 0) break
    }
    if (seen.size >= all) return
  }
}

const placeShape = z.object({ page: z.int().min(0) })

/** 25 SKUs at a time: one call for them, and one for the offers of each, as eBay has no other. */
export function bulkListings(account: Account): Bulk {
  return {
    page: async place => {
      const { page } = place === null ? { page: 0 } : placeShape.parse(JSON.parse(place))
      const { inventoryItems, total } = await itemPage(account, page, READ_MAX, { spare: true })
      const isLast = inventoryItems.length === 0 || (page + 1) * READ_MAX >= total
      return {
        listings: await withOffers(account, inventoryItems, { spare: true }),
        next: isLast ? null : JSON.stringify({ page: page + 1 }),
      }
    },
  }
}

/** A page of inventory items; at eBay the offset is the number of the page, not of the first item. */
async function itemPage(account: Account, page: number, limit: number, rank: Rank): Promise<z.infer<typeof itemsShape>> {
  const call: Call = {
    ...rank,
    operation: 'getInventoryItems',
    method: 'GET',
    path: `${INVENTORY}/inventory_item`,
    query: { limit: String(limit), offset: String(page) },
  }
  const answer = await account.client(call)
  // An account without items, and a page behind the last.
  if (answer.status === 404) return { total: 0, inventoryItems: [] }
  return promised(call, itemsShape, answer)
}

async function withOffers(account: Account, items: readonly Item[], rank: Rank): Promise<RemoteListing[]> {
  const found = await Promise.all(items.map(async item => listingsOf(item, await offersOf(account, item.sku, rank), account.channels)))
  return found.flat()
}

async function offersOf(account: Account, sku: string, rank: Rank): Promise<readonly Offer[]> {
  const call: Call = { ...rank, operation: 'getOffers', method: 'GET', path: `${INVENTORY}/offer`, query: { sku, limit: '100' } }
  const answer = await account.client(call)
  // 25713: there is no offer of this SKU.
  if (answer.status === 404 || errorIn(answer.json)?.code === '25713') return []
  return promised(call, offersShape, answer).offers
}

/** One listing for each fixed-price offer on a marketplace of the account's channels. */
export function listingsOf(item: Item, offers: readonly Offer[], channels: readonly ChannelAccess[]): RemoteListing[] {
  return offers.flatMap(offer => {
    if ((offer.format ?? 'FIXED_PRICE') !== 'FIXED_PRICE') return []
    const channel = channels.find(one => one.ref === offer.marketplaceId)
    if (!channel) return []
    const total = item.availability?.shipToLocationAvailability?.quantity ?? 0
    const price = offer.pricingSummary?.price
    return [
      {
        channelRef: channel.ref,
        externalId: offer.offerId,
        externalParentId: item.inventoryItemGroupKeys?.[0] ?? item.groupIds?.[0] ?? null,
        externalSku: item.sku,
        productType: null,
        title: item.product?.title ?? item.sku,
        gtin: item.product?.ean?.[0] ?? item.product?.upc?.[0] ?? item.product?.isbn?.[0] ?? null,
        state: isLive(offer) ? ('active' as const) : ('inactive' as const),
        // An offer may show less than all that there is.
        quantity: Math.min(total, offer.availableQuantity ?? total),
        price: price ? { currency: price.currency, regular: amount(price.value, price.currency), sale: null } : null,
      },
    ]
  })
}

function isLive(offer: Offer): boolean {
  return (
    offer.status === 'PUBLISHED' && !['INACTIVE', 'ENDED', 'EBAY_ENDED', 'NOT_LISTED'].includes(offer.listing?.listingStatus ?? 'ACTIVE')
  )
}
