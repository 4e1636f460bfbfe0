import type { FieldOutcome, PushOutcome, ShownPrice } from '../connectors/contract.ts'
import type { Sql } from '../db/connect.ts'
import { type FeedRow, feedRows, noteVerdicts } from '../db/price-feeds.ts'
import type { SendResult } from '../db/publications.ts'
import type { Lane } from './lane.ts'
import { type PreparedItem, resultsOf } from './push-items.ts'
import { checkInMs } from './read-back.ts'
import { untilNoted } from './until-noted.ts'

/** What a feed carries, one item for each SKU with the prices of all its marketplaces: the same each time it is asked. */
export async function feedContents(sql: Sql, feed: number): Promise<readonly PreparedItem[]> {
  return [...Map.groupBy(await feedRows(sql, feed), row => row.externalSku).values()].flatMap(prepared)
}

function prepared(rows: readonly FeedRow[]): PreparedItem[] {
  const [first] = rows
  if (!first) return []
  const { channelRef, externalId, externalParentId, externalSku, productType } = first
  const prices = rows.map(row => ({ channelRef: row.channelRef, price: row.value as unknown as ShownPrice }))
  return [
    {
      item: { listing: { channelRef, externalId, externalParentId, externalSku, productType }, prices },
      stock: null,
      prices: rows.map(row => ({ listing: row.listing, field: 'price' as const })),
      turned: new Set(),
      attempts: 1,
    },
  ]
}

/** Notes each item's outcome, in parts; a missing one is unknown. False: the lease is gone. */
export async function noteOutcomes(
  lane: Lane,
  feed: number,
  contents: readonly PreparedItem[],
  outcomes: readonly PushOutcome[],
  chunk: number,
): Promise<boolean> {
  const { deps, account } = lane
  const verdict = { now: Date.now(), chance: deps.random(), checkInMs: checkInMs(account), scale: account.scale }
  const results: SendResult[] = contents.flatMap((one, at) => resultsOf(one, outcomes[at], verdict))
  for (let at = 0; at < results.length; at += chunk) {
    let isNoted = false
    await untilNoted(lane, async () => {
      isNoted = await noteVerdicts(deps.sql, account.row.id, account.leaseToken, feed, results.slice(at, at + chunk))
    })
    if (!isNoted) return false
  }
  return true
}

/** Notes the same outcome for everything that a feed carries. False: the lease is gone. */
export async function noteForAll(lane: Lane, feed: number, outcome: FieldOutcome, chunk: number): Promise<boolean> {
  const contents = await feedContents(lane.deps.sql, feed)
  return noteOutcomes(
    lane,
    feed,
    contents,
    contents.map(one => ({ prices: one.prices.map(() => outcome) })),
    chunk,
  )
}
