import type { RemoteListing } from '../connectors/contract.ts'
import type { JsonValue } from '../db/connect.ts'
import { databaseNow, endObservation, type ObservedListing, observeListings } from '../db/listings.ts'
import { intend, listingIds, noteReads } from '../db/publications.ts'
import type { Lane } from './lane.ts'
import { priceDocument, readItem } from './read-back.ts'

export type Observation = { readonly seen: number; readonly new: number; readonly matched: number; readonly gone: number }

/**
 * Looks at every listing of the account: notes what each shows, matches new ones, and takes in what differs from our model. Nothing is
 * written to the platform. The same pass is the first observation of a new channel and the full compare of an old one.
 */
export async function observe(lane: Lane): Promise<Observation> {
  const { deps, account } = lane
  const actor = `channel:${account.row.name}`
  const beganAt = await databaseNow(deps.sql)
  const total = { seen: 0, new: 0, matched: 0 }
  let pageBegan = beganAt
  for await (const page of account.session.listings()) {
    const answer = await observeListings(deps.sql, account.row.id, page.map(observed), actor)
    total.seen += answer.seen
    total.new += answer.new
    total.matched += answer.matched
    const ids = await listingIds(deps.sql, account.row.id, page)
    const reads = page.flatMap(listing => {
      const id = ids.get(`${listing.channelRef}\n${listing.externalId}`)
      return id === undefined ? [] : [readItem(id, listing, pageBegan)]
    })
    await noteReads(deps.sql, account.row.id, account.connector.declares.applyWithinMs / account.scale, reads)
    pageBegan = await databaseNow(deps.sql)
  }
  const gone = await endObservation(deps.sql, account.row.id, beganAt)
  await intend(deps.sql, account.row.id, null)
  lane.pushBell.ring()
  return { ...total, gone }
}

/** A remote listing as it is noted. */
export function observed(listing: RemoteListing): ObservedListing {
  return {
    channelRef: listing.channelRef,
    externalId: listing.externalId,
    parentId: listing.externalParentId,
    sku: listing.externalSku,
    productType: listing.productType,
    gtin: listing.gtin,
    title: listing.title,
    state: listing.state,
    quantity: listing.quantity,
    price: listing.price === null ? null : (priceDocument(listing.price) as JsonValue),
  }
}
