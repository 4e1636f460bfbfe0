import type { JsonValue, Sql } from './connect.ts'
import { withPlansAtHand } from './own-connection.ts'

/** A field of a listing that waits to be sent, or is to be looked at, with what the connector needs to address it. */
export type WorkRow = {
  readonly listing: number
  readonly field: 'stock' | 'price'
  readonly channelRef: string
  readonly externalId: string
  readonly externalParentId: string | null
  readonly externalSku: string
  readonly productType: string | null
  /** Stock: what would be sent now. */
  readonly target: number | null
  readonly expected: number | null
  readonly readAgeMs: number | null
  readonly doubtful: boolean
  readonly attempts: number
  readonly urgency: number
  /** Money that is expected to be lost in an hour in which it waits. */
  readonly loss: number
  readonly at: Date
}

/** Urgency of a price that begins or ends at an instant; stock that could be oversold is below, everything else above. */
export const TURNED = 4

/** How long before its instant such a price is noted as sent, so that only the call is left to make. */
const TURN_AHEAD = '2 seconds'

/**
 * Prices that begin or end at an instant and may be noted as sent now, a little before it, in the order of their instants; of one SKU all together. Otherwise as
 * `waitingByLoss`.
 */
export async function turnedWork(sql: Sql, accountId: number, limit: number): Promise<WorkRow[]> {
  return sql<WorkRow[]>`
    select p.listing_id as listing, p.field, c.external_ref as "channelRef", l.external_id as "externalId", l.external_parent_id as "externalParentId",
      l.external_sku as "externalSku", l.product_type as "productType", null::int as target, p.expected,
      (extract(epoch from clock_timestamp() - p.read_at) * 1000)::float8 as "readAgeMs",
      (p.check_at is not null and p.check_at <= clock_timestamp()) as doubtful, p.attempts, p.urgency, p.loss, clock_timestamp() as at
    from publications p join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id
    where exists (select from channels o where o.account_id = ${accountId} and not o.paused and o.publish_prices)
      and p.account_id = ${accountId} and p.waiting_since is not null and (p.retry_at is null or p.retry_at <= clock_timestamp())
      and not c.paused and c.publish_prices and p.urgency = ${TURNED}
      and coalesce((p.intended_why->>'notBefore')::timestamptz <= clock_timestamp() + ${TURN_AHEAD}::interval, true) and l.state <> 'gone' and p.state <> 'quarantined'
      and p.urgency <= coalesce((select d.lets_go from drifts d where d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null), 100)
    order by (p.intended_why->>'turnedAt')::timestamptz, l.external_sku
    fetch first ${limit} rows with ties`
}

/** What is to be looked at now: accepted values that may not be live yet, and whatever became doubtful. */
export async function workToCheck(sql: Sql, accountId: number, limit: number): Promise<WorkRow[]> {
  return sql<WorkRow[]>`
    select p.listing_id as listing, p.field, c.external_ref as "channelRef", l.external_id as "externalId", l.external_parent_id as "externalParentId",
      l.external_sku as "externalSku", l.product_type as "productType", null::int as target, p.expected, null::float8 as "readAgeMs", true as doubtful,
      p.attempts, p.urgency, p.loss, clock_timestamp() as at
    from publications p join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id
    where p.account_id = ${accountId} and p.check_at <= clock_timestamp() and p.state <> 'sent' and l.state <> 'gone'
    order by p.check_at limit ${limit}`
}

/** Variants that one statement recomputes where all are meant: so an account of any size is done in statements that end in time. */
const INTENDED_AT_ONCE = 5_000

/** Recomputes what listings of the account should show, for some variants or (null) all. Answers the number of changed fields. */
export async function intend(sql: Sql, accountId: number, variants: readonly number[] | null): Promise<number> {
  return intendMoved(sql, accountId, { stock: variants, prices: variants })
}

/** Of which variants stock, and of which prices, may have changed: some, or (null) any. */
export type Moved = { readonly stock: readonly number[] | null; readonly prices: readonly number[] | null }

/**
 * The same of what moved alone, stock first, as it can be oversold. A change of stock reckons no price, nor the other way round, so neither can
 * overwrite what it has not looked at.
 */
export async function intendMoved(sql: Sql, accountId: number, moved: Moved, atOnce = INTENDED_AT_ONCE): Promise<number> {
  let changed = 0
  for (const ids of await inParts(sql, accountId, moved.stock, atOnce)) {
    const [row] = await withPlansAtHand(
      sql,
      own => own<{ n: number }[]>`
      select publications_intend_stock_1(${accountId}, ${ids as number[]}::bigint[], clock_timestamp()) as n`,
    )
    changed += row?.n ?? 0
  }
  for (const ids of await inParts(sql, accountId, moved.prices, atOnce)) {
    const [row] = await sql<{ n: number }[]>`
      select publications_intend_prices_1(${accountId}, ${ids as number[]}::bigint[], clock_timestamp()) as n`
    changed += row?.n ?? 0
  }
  return changed
}

async function inParts(sql: Sql, accountId: number, variants: readonly number[] | null, atOnce: number): Promise<(readonly number[])[]> {
  if (variants !== null) return variants.length === 0 ? [] : [variants]
  const all = await listedVariants(sql, accountId)
  return Array.from({ length: Math.ceil(all.length / atOnce) }, (_, n) => all.slice(n * atOnce, (n + 1) * atOnce))
}

/** All SKUs that listings of the account are matched to. */
export async function listedVariants(sql: Sql, accountId: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select distinct variant_id as id from listings where account_id = ${accountId} and variant_id is not null and state <> 'gone' order by 1`
  return rows.map(row => row.id)
}

export type SendItem = { readonly listing: number; readonly field: 'stock' | 'price' }

/** `readSince`: a raise may only go out over a conclusive look at the platform since this instant of the database. */
export type AskedItem = SendItem & { readonly readSince?: Date }
/**
 * What may go out: the value, and for a price the floor of now, and the floor of a sale to come at its beginning, as decimal text. `inMs`: its call
 * waits so long, as it is right only from then on.
 */
export type SentValue = SendItem & {
  readonly value: Readonly<Record<string, unknown>>
  readonly floor?: string
  readonly floorAhead?: string
  readonly inMs?: number
  /** Of a stock: what we believe the platform to show; where it is known. */
  readonly expected?: number
}

/** What the guard has just held back of a channel: the incident that it opened or that it joined. */
export type HeldBack = {
  readonly quarantine: number
  readonly channel: string
  readonly field: 'stock' | 'price'
  readonly limit: 'changed' | 'dropped' | 'zeroed'
  readonly items: number
  readonly opened: boolean
}

/**
 * Notes what is about to go out; answers only what still waits and is within the guard's limits, with the value to send, and what was held
 * back. Null: the lease is gone, nothing may start.
 */
export async function markSent(
  sql: Sql,
  accountId: number,
  leaseToken: number,
  items: readonly AskedItem[],
): Promise<{ readonly send: readonly SentValue[]; readonly held: readonly HeldBack[] } | null> {
  const [row] = await sql<{ answer: { send: SentValue[]; held: HeldBack[] } | null }[]>`
    select publications_send_3(${accountId}, ${leaseToken}, ${sql.json(items as unknown as JsonValue)}, ${TURN_AHEAD}::interval) as answer`
  return row?.answer ?? null
}

/** Of what was noted as sent ahead of its instant, which has come: what is still right and may go. Null: the lease is gone, nothing may start. */
export async function stillToSend(
  sql: Sql,
  accountId: number,
  leaseToken: number,
  items: readonly SendItem[],
): Promise<readonly SendItem[] | null> {
  const asked = items.map(({ listing, field }) => ({ listing, field }))
  const [row] = await sql<{ answer: SendItem[] | null }[]>`
    select publications_still_1(${accountId}, ${leaseToken}, ${sql.json(asked)}) as answer`
  return row?.answer ?? null
}

export type SendResult = SendItem & {
  readonly status: 'accepted' | 'rejected' | 'retry' | 'unknown'
  readonly applied?: boolean
  readonly code?: string
  readonly words?: string
  readonly retryAt?: string
  readonly checkAt?: string
}

/** Notes the platform's answers to what was sent under this lease. */
export async function noteResults(sql: Sql, accountId: number, leaseToken: number, results: readonly SendResult[]): Promise<void> {
  if (results.length > 0) await sql`select publications_result_1(${accountId}, ${leaseToken}, ${sql.json(results as unknown as JsonValue)})`
}

export type ReadItem = {
  readonly listing: number
  readonly quantity?: number | null
  readonly price?: JsonValue
  readonly at: Date
  readonly modifiedAt?: string
}

/** Takes in what the platform shows, and notes what is not as we took it to be. */
export async function noteReads(sql: Sql, accountId: number, applyWithinMs: number, reads: readonly ReadItem[]): Promise<void> {
  if (reads.length > 0)
    await sql`select publications_read_2(${accountId}, ${Math.round(applyWithinMs)}, ${sql.json(reads as unknown as JsonValue)})`
}

/** Finds our listings behind platform keys, in one round trip; for reads that began with the platform's own list. */
export async function listingIds(
  sql: Sql,
  accountId: number,
  keys: readonly { readonly channelRef: string; readonly externalId: string }[],
): Promise<Map<string, number>> {
  const rows = await sql<{ channelRef: string; externalId: string; id: number }[]>`
    select c.external_ref as "channelRef", l.external_id as "externalId", l.id from listings l join channels c on c.id = l.channel_id
    join jsonb_array_elements(${sql.json(keys as unknown as JsonValue)}) k on k->>'channelRef' = c.external_ref and k->>'externalId' = l.external_id
    where l.account_id = ${accountId}`
  return new Map(rows.map(row => [`${row.channelRef}\n${row.externalId}`, row.id]))
}

/** A listing that a look did not find; `at` is the database's instant before the look began. */
export type MissedItem = { readonly listing: number; readonly at: Date }

/**
 * A look at the platform found nothing under these keys: they are gone, nothing of them waits any more, and the feed tells it, because another
 * listing may now stand for the SKU's stock. What was seen since the look began is not gone. Answers which are.
 */
export async function noteGone(sql: Sql, missed: readonly MissedItem[]): Promise<number[]> {
  if (missed.length === 0) return []
  const rows = await sql<{ id: number }[]>`
    with gone as (
      update listings l set state = 'gone' from jsonb_array_elements(${sql.json(missed as unknown as JsonValue)}) m
      where l.id = (m->>'listing')::bigint and l.observed_at < (m->>'at')::timestamptz and l.state <> 'gone' returning l.id, l.variant_id, l.account_id
    ), told as (
      insert into change (kind, variant_id, account_id) select distinct 'listing', variant_id, account_id from gone where variant_id is not null
    )
    select id from gone order by id`
  const ids = rows.map(row => row.id)
  if (ids.length > 0) await sql`update publications set check_at = null where listing_id = any(${ids}::bigint[])`
  return ids
}
