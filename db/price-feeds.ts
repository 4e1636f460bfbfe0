import type { JsonValue, Sql } from './connect.ts'
import type { HeldBack, SendResult } from './publications.ts'

/** A feed of an account that is not over; see 0017_price_feeds.sql for its states. */
export type OpenFeed = {
  readonly id: number
  readonly state: 'filling' | 'starting' | 'started' | 'late'
  readonly externalId: string | null
  /** SKUs in it. */
  readonly items: number
  readonly beganAt: Date
  /** How long it is in this state, and by the database's clock since when the platform may have it. */
  readonly ageMs: number
  readonly startingAt: Date | null
}

export async function openFeed(sql: Sql, accountId: number): Promise<OpenFeed | null> {
  const [row] = await sql<OpenFeed[]>`
    select id, state, external_id as "externalId", items, begun_at as "beganAt", starting_at as "startingAt",
      (extract(epoch from clock_timestamp() - coalesce(started_at, starting_at, begun_at)) * 1000)::float8 as "ageMs"
    from publication_feeds where account_id = ${accountId} and ended_at is null`
  return row ?? null
}

/** How long the last feeds of the account took, oldest first, and how long ago the last one failed as a whole; null: it did not. */
export type PastFeeds = { readonly tookMs: readonly number[]; readonly failedAgoMs: number | null }

export async function pastFeeds(sql: Sql, accountId: number): Promise<PastFeeds> {
  const rows = await sql<{ tookMs: number; outcome: string; agoMs: number }[]>`
    select (extract(epoch from ended_at - started_at) * 1000)::float8 as "tookMs", outcome, (extract(epoch from clock_timestamp() - ended_at) * 1000)::float8 as "agoMs"
    from publication_feeds where account_id = ${accountId} and ended_at is not null and outcome <> 'empty' order by id desc limit 8`
  const [last] = rows
  return {
    tookMs: rows
      .filter(row => row.outcome === 'done')
      .slice(0, 5)
      .reverse()
      .map(row => row.tookMs),
    failedAgoMs: last && last.outcome !== 'done' ? last.agoMs : null,
  }
}

/** Ids of the account's feeds at the platform, however they ended. */
export async function knownFeeds(sql: Sql, accountId: number): Promise<readonly string[]> {
  const rows = await sql<{ id: string }[]>`
    select external_id as id from publication_feeds where account_id = ${accountId} and external_id is not null order by id desc limit 1000`
  return rows.map(row => row.id)
}

/** Calls that wait, and SKUs whose prices may go by feed: none whose sale begins or ends within `clearMs`. Both are counted up to `most`; 0 where less than `least` wait. */
export async function feedBacklog(
  sql: Sql,
  accountId: number,
  clearMs: number,
  least: number,
  most: number,
): Promise<{ readonly calls: number; readonly feedable: number }> {
  const [row] = await sql<{ calls: number; feedable: number }[]>`
    select calls, feedable from feed_backlog_1(${accountId}, make_interval(secs => ${clearMs / 1000}::float8), ${least}, ${most})`
  return row ?? { calls: 0, feedable: 0 }
}

export type Filled = { readonly feed: number; readonly items: number; readonly tried: number; readonly held: readonly HeldBack[] }

/** Notes at most so many more fields as sent in the feed that is being filled, or in a new one. Null: the lease is gone, or a feed is under way. */
export async function fillFeed(sql: Sql, accountId: number, leaseToken: number, clearMs: number, limit: number): Promise<Filled | null> {
  const [row] = await sql<{ answer: Filled | null }[]>`
    select feed_fill_1(${accountId}, ${leaseToken}, make_interval(secs => ${clearMs / 1000}::float8), ${limit}) as answer`
  return row?.answer ?? null
}

/** Takes out what cannot wait for the feed. Answers how many fields. */
export async function releaseFromFeed(sql: Sql, feed: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select feed_release_1(${feed}) as n`
  return row?.n ?? 0
}

/** From here on the platform may have the feed. False: the lease is gone. */
export async function feedStarting(sql: Sql, accountId: number, leaseToken: number, feed: number): Promise<boolean> {
  const [row] = await sql<{ moved: boolean }[]>`select feed_starting_1(${accountId}, ${leaseToken}, ${feed}) as moved`
  return row?.moved ?? false
}

/** The platform has the feed under this id; null: nothing happened, and it may be started anew. */
export async function feedStarted(sql: Sql, feed: number, externalId: string | null): Promise<void> {
  await sql`select feed_started_1(${feed}, ${externalId})`
}

/** A price of a feed, as it stands in the document: by SKU, then listing. */
export type FeedRow = {
  readonly listing: number
  readonly channelRef: string
  readonly externalId: string
  readonly externalParentId: string | null
  readonly externalSku: string
  readonly productType: string | null
  readonly value: Readonly<Record<string, unknown>>
}

export async function feedRows(sql: Sql, feed: number): Promise<FeedRow[]> {
  return sql<FeedRow[]>`
    select i.listing_id as listing, c.external_ref as "channelRef", l.external_id as "externalId", l.external_parent_id as "externalParentId",
      i.sku as "externalSku", l.product_type as "productType", i.value
    from publication_feed_items i join listings l on l.id = i.listing_id join channels c on c.id = l.channel_id
    where i.feed_id = ${feed} order by i.sku collate "C", i.listing_id`
}

/** Notes verdicts of fields that are still in the feed. False: the lease is gone. */
export async function noteVerdicts(
  sql: Sql,
  accountId: number,
  leaseToken: number,
  feed: number,
  results: readonly SendResult[],
): Promise<boolean> {
  const [row] = await sql<{ noted: boolean }[]>`
    select feed_verdicts_1(${accountId}, ${leaseToken}, ${feed}, ${sql.json(results as unknown as JsonValue)}) as noted`
  return row?.noted ?? false
}

/** The feed is waited for no more: at most so many of its fields go by themselves. Answers how many; 0: none is left. */
export async function feedLate(sql: Sql, accountId: number, leaseToken: number, feed: number, limit: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select feed_late_1(${accountId}, ${leaseToken}, ${feed}, ${limit}) as n`
  return row?.n ?? 0
}

export type FeedOutcome = 'done' | 'cancelled' | 'fatal' | 'refused' | 'lost' | 'empty'

/** The feed is over; what is left in it is unknown, and read from the platform. False: the lease is gone. */
export async function endFeed(
  sql: Sql,
  accountId: number,
  leaseToken: number,
  feed: number,
  outcome: FeedOutcome,
  words: string | null,
): Promise<boolean> {
  const [row] = await sql<{ ended: boolean }[]>`select feed_end_1(${accountId}, ${leaseToken}, ${feed}, ${outcome}, ${words}) as ended`
  return row?.ended ?? false
}

/** Looks again at what went by itself while its feed was under way, for so long after the feed's end. */
export async function lookAfterFeeds(sql: Sql, accountId: number, withinMs: number): Promise<void> {
  await sql`select feed_looks_1(${accountId}, make_interval(secs => ${withinMs / 1000}::float8))`
}

/** The feed of a channel's account that is not over, with how many of the channel's prices wait for it. */
export type FeedUnderWay = {
  readonly state: OpenFeed['state']
  readonly prices: number
  /** When it was begun. */
  readonly since: Date
  /** The platform's id, once it is known. */
  readonly externalId: string | null
}

export async function feedUnderWay(sql: Sql, accountId: number, channelId: number): Promise<FeedUnderWay | null> {
  const [row] = await sql<FeedUnderWay[]>`
    select f.state, f.begun_at as since, f.external_id as "externalId",
      (select count(*)::int from publications p where p.feed_id = f.id and p.channel_id = ${channelId}) as prices
    from publication_feeds f where f.account_id = ${accountId} and f.ended_at is null`
  return row ?? null
}
