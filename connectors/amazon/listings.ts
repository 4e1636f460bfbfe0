import { z } from 'zod'
import { amount, sameAmount } from '../../src/values/money.ts'
import {
  AccountTrouble,
  type Bulk,
  type ChannelAccess,
  type ListingKey,
  type RemoteListing,
  type ShownPrice,
  type Tools,
} from '../contract.ts'
import { isBehind } from '../in-force.ts'
import type { Settings } from './access.ts'
import { type Call, type Client, promised } from './client.ts'
import { closedEnd, closedStart } from './offer.ts'
import { type Item, itemSearchShape, type PurchasableOffer } from './wire.ts'

/** `searchListingsItems` takes at most 20 identifiers and gives at most 20 items a page. */
export const READ_MAX = 20

/** Amazon pages through the first 1,000 hits of a search and no further. */
const SEARCH_MAX = 1000

const INCLUDED = 'summaries,attributes,offers,fulfillmentAvailability,relationships'

type Account = {
  readonly settings: Settings
  readonly channels: readonly ChannelAccess[]
  readonly client: Client
  readonly tools: Pick<Tools, 'now'>
}

/** The listings with these keys, one per marketplace; those that Amazon no longer has are left out. */
export async function readListings(account: Account, keys: readonly ListingKey[], spare = false): Promise<RemoteListing[]> {
  if (keys.length > READ_MAX) throw new RangeError(`At most ${READ_MAX} listings can be read at once, not ${keys.length}.`)
  const skus = [...new Set(keys.map(key => key.externalSku))]
  if (skus.length === 0) return []
  // Amazon cannot tell a comma in a SKU from one that parts the list: such a SKU is searched alone, and what else it finds is dropped.
  const searches = [skus.filter(sku => !sku.includes(',')), ...skus.filter(sku => sku.includes(',')).map(sku => [sku])]
  const items: Item[] = []
  for (const list of searches.filter(one => one.length > 0)) {
    const page = await search(account, { identifiersType: 'SKU', identifiers: list.join(','), pageSize: String(READ_MAX) }, spare)
    items.push(...page.items)
  }
  const wanted = new Set(keys.map(key => `${key.channelRef} ${key.externalSku}`))
  return items
    .flatMap(item => listingsOf(item, account.channels, account.tools.now()))
    .filter(listing => wanted.has(`${listing.channelRef} ${listing.externalSku}`))
}

/**
 * All listings, page by page. A search ends after 1,000 items, so the next one starts at the newest creation date seen so far; SKUs that come
 * again are dropped.
 */
export async function* listings(account: Account): AsyncGenerator<readonly RemoteListing[]> {
  const seen = new Set<string>()
  let createdAfter: string | undefined
  for (;;) {
    let found = 0
    let fresh = 0
    let newest = createdAfter
    let pageToken: string | undefined
    do {
      const page = await search(account, { sortBy: 'createdDate', sortOrder: 'ASC', pageSize: String(READ_MAX), createdAfter, pageToken })
      const unseen = page.items.filter(item => !seen.has(item.sku))
      for (const item of unseen) seen.add(item.sku)
      found += page.items.length
      fresh += unseen.length
      newest = latest([newest, ...page.items.map(createdOf)])
      pageToken = page.pagination?.nextToken
      if (unseen.length > 0) yield unseen.flatMap(item => listingsOf(item, account.channels, account.tools.now()))
    } while (pageToken !== undefined)
    if (found < SEARCH_MAX) return
    if (fresh === 0 || newest === createdAfter) throw tooManyAtOnce(newest)
    createdAfter = newest
  }
}

/** Where a bulk read is: in the search that begins at a creation date, behind so many items, at a page of Amazon's. */
const placeShape = z.object({
  createdAfter: z.string().optional(),
  pageToken: z.string().optional(),
  found: z.int(),
  newest: z.string().optional(),
})

/** 20 listings a call, by searches of 1,000 as `listings` makes them. A page of another session may be gone at Amazon. */
export function bulkListings(account: Account): Bulk {
  let given: string | undefined
  return {
    page: async place => {
      const kept = place === null ? { found: 0 } : placeShape.parse(JSON.parse(place))
      const isOurs = kept.pageToken !== undefined && kept.pageToken === given
      // What was seen of a search that broke off is left out: it is begun again at the newest of them.
      const createdAfter = kept.pageToken === undefined || isOurs ? kept.createdAfter : (kept.newest ?? kept.createdAfter)
      const pageToken = isOurs ? kept.pageToken : undefined
      const query = { sortBy: 'createdDate', sortOrder: 'ASC', pageSize: String(READ_MAX), createdAfter, pageToken }
      const answer = await search(account, query, true)
      const found = (isOurs ? kept.found : 0) + answer.items.length
      const newest = latest([isOurs ? kept.newest : createdAfter, ...answer.items.map(createdOf)])
      const next = answer.pagination?.nextToken
      const listings = answer.items.flatMap(item => listingsOf(item, account.channels, account.tools.now()))
      if (next !== undefined) {
        given = next
        return { listings, next: JSON.stringify({ createdAfter, pageToken: next, found, newest }) }
      }
      if (found < SEARCH_MAX) return { listings, next: null }
      if (newest === createdAfter) throw tooManyAtOnce(newest)
      return { listings, next: JSON.stringify({ createdAfter: newest, found: 0 }) }
    },
  }
}

const tooManyAtOnce = (at: string | undefined): AccountTrouble =>
  new AccountTrouble(
    'down',
    `Amazon searches end after ${SEARCH_MAX} items, and more than that were created at ${at}: not all listings could be read`,
  )

async function search(account: Account, query: Readonly<Record<string, string | undefined>>, spare = false) {
  const call: Call = {
    spare,
    operation: 'searchListingsItems',
    method: 'GET',
    path: `/listings/2021-08-01/items/${encodeURIComponent(account.settings.sellerId)}`,
    query: { marketplaceIds: account.channels.map(channel => channel.ref).join(','), includedData: INCLUDED, ...query },
  }
  return promised(call, itemSearchShape, await account.client(call))
}

/** One listing per channel in which the item has a summary. */
export function listingsOf(item: Item, channels: readonly ChannelAccess[], now: Date): RemoteListing[] {
  return channels.flatMap(channel => {
    const summary = item.summaries?.find(one => one.marketplaceId === channel.ref)
    if (!summary) return []
    const parents = item.relationships?.find(one => one.marketplaceId === channel.ref)?.relationships ?? []
    return [
      {
        channelRef: channel.ref,
        // The SKU, not the ASIN: two SKUs of a seller may share an ASIN, and every call names the SKU.
        externalId: item.sku,
        externalParentId: parents.find(one => one.type === 'VARIATION')?.parentSkus?.[0] ?? null,
        externalSku: item.sku,
        productType: summary.productType,
        title: summary.itemName ?? item.sku,
        gtin: gtinOf(item),
        // Amazon takes BUYABLE away at zero stock and leaves DISCOVERABLE: such a listing is alive and waits for stock.
        state: summary.status.length > 0 ? ('active' as const) : ('inactive' as const),
        quantity: quantityOf(item),
        price: priceOf(item, channel, now),
        modifiedAt: summary.lastUpdatedDate ?? null,
      },
    ]
  })
}

/** Null where Amazon fills the orders (`AMAZON_EU` and the like): that stock is not ours to set. */
function quantityOf(item: Item): number | null {
  const ours = item.fulfillmentAvailability?.find(one => one.fulfillmentChannelCode === 'DEFAULT')
  return ours ? (ours.quantity ?? 0) : null
}

function gtinOf(item: Item): string | null {
  const kinds = ['gtin', 'ean', 'upc']
  const identifiers = item.attributes?.externally_assigned_product_identifier ?? []
  return identifiers.find(one => kinds.includes(one.type?.toLowerCase() ?? ''))?.value ?? null
}

/**
 * What the buyer is shown. `offers` is the price in force; the attribute tells the regular price and the sale behind it. Where the price in
 * force is neither of them, or not the one that the sale's dates call for, the attribute is not live yet, and the price in force is all that may be
 * claimed.
 */
function priceOf(item: Item, channel: ChannelAccess, now: Date): ShownPrice | null {
  const live = item.offers?.find(one => one.marketplaceId === channel.ref && one.offerType === 'B2C')?.price
  const attribute = item.attributes?.purchasable_offer?.find(
    one =>
      one.marketplace_id === channel.ref && (one.audience ?? 'ALL') === 'ALL' && (one.currency ?? channel.currency) === channel.currency,
  )
  const stated = attribute ? statedPrice(attribute, channel.currency) : null
  if (!live) return stated
  const inForce = { currency: live.currencyCode, regular: amount(live.amount, live.currencyCode), sale: null }
  if (!stated || stated.currency !== live.currencyCode) return inForce
  const isLive = sameAmount(live.amount, stated.regular) || (stated.sale !== null && sameAmount(live.amount, stated.sale.amount))
  return isLive && !isBehind(stated, live.amount, now) ? stated : inForce
}

function statedPrice(offer: PurchasableOffer, currency: string): ShownPrice | null {
  const regular = offer.our_price?.[0]?.schedule[0]
  if (!regular) return null
  const sale = offer.discounted_price?.[0]?.schedule[0]
  return {
    currency,
    regular: amount(String(regular.value_with_tax), currency),
    sale: sale
      ? { amount: amount(String(sale.value_with_tax), currency), from: closedStart(sale.start_at), to: closedEnd(sale.end_at) }
      : null,
  }
}

function createdOf(item: Item): string | undefined {
  return latest((item.summaries ?? []).map(summary => summary.createdDate))
}

function latest(instants: readonly (string | undefined)[]): string | undefined {
  const known = instants.filter(one => one !== undefined)
  return known.length === 0 ? undefined : new Date(Math.max(...known.map(one => Date.parse(one)))).toISOString()
}
