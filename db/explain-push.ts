import type { PushEvent } from '../src/domain/sync/pushes.ts'
import type { PushFacts, SwitchesThen } from '../src/domain/sync/verdict.ts'
import type { Sql } from './connect.ts'
import type { Moment } from './explain-stock.ts'
import { TURNED } from './publications.ts'
import { mayGo } from './publishing.ts'

type Value = Readonly<Record<string, unknown>> | null

/** An instant as ISO text in UTC. */
const iso = (sql: Sql, column: string) => sql`to_char(${sql.unsafe(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
/** The same to the microsecond: what happened since is asked for by it. */
const exactly = (sql: Sql, column: string) => sql`to_char(${sql.unsafe(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** A SKU's listing in a channel with one of its fields as it stands now; the field's facts are null where nothing was reckoned of it. */
export type ListedField = {
  readonly listing: number
  readonly externalId: string
  readonly externalSku: string
  readonly listingState: 'active' | 'inactive' | 'gone'
  readonly facts: PushFacts | null
  /** What goes out now, or would. */
  readonly wanted: Value
  /** What the platform shows by our books. */
  readonly shows: Value
  readonly withheld: number
  readonly forcedBy: string | null
}

/** The listings of a SKU in a channel, with a field of each as it stands now. */
export function listedFields(sql: Sql, channelId: number, variantId: number, field: 'stock' | 'price'): Promise<ListedField[]> {
  return sql<ListedField[]>`
    select l.id as listing, l.external_id as "externalId", l.external_sku as "externalSku", l.state as "listingState",
      case p.field when 'stock' then jsonb_build_object('quantity', greatest((p.intended->>'quantity')::int - p.withheld, 0)) else p.intended end as wanted,
      case p.field when 'stock' then case when p.expected is not null then jsonb_build_object('quantity', p.expected) end else p.accepted end as shows,
      coalesce(p.withheld, 0) as withheld, p.forced_by as "forcedBy",
      case when p.listing_id is not null then jsonb_build_object('listingState', l.state, 'state', p.state, 'waitingSince', ${iso(sql, 'p.waiting_since')},
        'isHeld', p.held is not null, 'inFeed', p.feed_id is not null, 'reason', p.reason, 'intendedAt', ${iso(sql, 'p.intended_at')}, 'sentAt', ${iso(sql, 'p.sent_at')}, 'acceptedAt', ${iso(sql, 'p.accepted_at')},
        'appliedAt', ${iso(sql, 'p.applied_at')}, 'retryAt', ${iso(sql, 'p.retry_at')}, 'notBefore', p.intended_why->>'notBefore', 'attempts', p.attempts,
        'incident', p.quarantine_id, 'incidentSince', ${iso(sql, 'i.at')}, 'rejectedBy', case q.decision when 'rejected' then q.decided_by end,
        'drift', (select d.id from drifts d where d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null and d.lets_go < p.urgency),
        'isPublished', case p.field when 'stock' then c.publish_stock else c.publish_prices end, 'isPaused', c.paused,
        'account', jsonb_build_object('state', a.state, 'reason', a.state_reason, 'since', ${iso(sql, 'a.state_since')}, 'retryAt', ${iso(sql, 'a.retry_at')},
          'isHeld', coalesce(a.lease_until > clock_timestamp(), false))) end as facts
    from listings l join channels c on c.id = l.channel_id join accounts a on a.id = c.account_id
    left join publications p on p.listing_id = l.id and p.field = ${field}
    left join quarantines q on q.id = p.quarantine_id left join quarantine_items i on i.quarantine_id = q.id and i.listing_id = p.listing_id
    where l.channel_id = ${channelId} and l.variant_id = ${variantId} order by l.id`
}

/** Listings that a SKU had in a channel at a moment and that something was noted of by then. */
export function listedThen(
  sql: Sql,
  channelId: number,
  variantId: number,
  field: 'stock' | 'price',
  moment: Moment,
): Promise<Pick<ListedField, 'listing' | 'externalId' | 'externalSku' | 'listingState'>[]> {
  const bound = sql`${moment.bound}::text::timestamptz`
  return sql`
    select l.id as listing, l.external_id as "externalId", l.external_sku as "externalSku", l.state as "listingState" from listings l
    where l.channel_id = ${channelId} and exists (select from publication_history h where h.listing_id = l.id and h.field = ${field} and h.at <= ${bound})
      and (exists (select from mappings m where m.listing_id = l.id and m.variant_id = ${variantId} and m.valid_from <= ${bound} and (m.valid_to is null or m.valid_to > ${bound}))
        or l.variant_id = ${variantId} and not exists (select from mappings m where m.listing_id = l.id)) order by l.id`
}

/** What happened to a field of a listing up to a moment, in its order; at most so many of the last events. */
export async function pushEvents(sql: Sql, listing: number, field: 'stock' | 'price', moment: Moment, most: number): Promise<PushEvent[]> {
  const rows = await sql<PushEvent[]>`
    select event, value, why, ${exactly(sql, 'at')} as at from publication_history
    where listing_id = ${listing} and field = ${field} and at <= ${moment.bound}::text::timestamptz order by id desc limit ${most}`
  return rows.reverse()
}

/** The first call with a field after a moment, or what held it. */
export async function nextEvent(sql: Sql, listing: number, field: 'stock' | 'price', after: string): Promise<PushEvent | null> {
  const [row] = await sql<PushEvent[]>`
    select event, value, why, ${exactly(sql, 'at')} as at from publication_history
    where listing_id = ${listing} and field = ${field} and at > ${after}::text::timestamptz and event in ('sent', 'quarantined', 'held', 'refused', 'intended', 'accepted', 'applied')
    order by id limit 1`
  return row ?? null
}

/** Whether a channel published a field at a moment, by who turned it on and off, and whether it was paused. */
export async function switchesThen(sql: Sql, channel: string, field: 'stock' | 'price', moment: Moment): Promise<SwitchesThen> {
  const word = field === 'stock' ? 'publishStock' : 'publishPrices'
  const then = (name: string) => sql`
    coalesce((select (detail->>${name})::boolean from audit where subject = ${channel} and act = 'channel.set' and detail ? ${name} and at <= ${moment.bound}::text::timestamptz
      order by id desc limit 1), false)`
  const [row] = await sql<SwitchesThen[]>`select ${then(word)} as "isPublished", ${then('paused')} as "isPaused"`
  return row ?? { isPublished: false, isPaused: false }
}

/**
 * SKUs of the account that stand before a field of a listing: by danger and expected loss, and by how long they have waited (`older`; those that are not dangerous).
 * `waitedS`: for how long the field itself has.
 */
export type Ahead = { readonly ahead: number; readonly older: number; readonly waitedS: number }

/** How many SKUs stand before a field in the order in which its account sends; prices that begin or end at an instant have a line of their own. */
export async function waitingAhead(sql: Sql, listing: number, field: 'stock' | 'price'): Promise<Ahead> {
  const [row] = await sql<Ahead[]>`
    select count(distinct l.external_sku) filter (where case when own.urgency = ${TURNED} then p.waiting_since < own.waiting_since
        else (least(p.urgency, 2), -p.loss, p.waiting_since) < (least(own.urgency, 2), -own.loss, own.waiting_since) end)::int as ahead,
      count(distinct l.external_sku) filter (where p.urgency > 1 and p.waiting_since < own.waiting_since)::int as older,
      coalesce(max(extract(epoch from clock_timestamp() - own.waiting_since)), 0)::float8 as "waitedS"
    from publications own join listings me on me.id = own.listing_id join publications p on p.account_id = own.account_id join listings l on l.id = p.listing_id
    join channels c on c.id = p.channel_id
    where own.listing_id = ${listing} and own.field = ${field} and ${mayGo(sql)} and (p.retry_at is null or p.retry_at <= clock_timestamp())
      and l.external_sku <> me.external_sku and (p.urgency = ${TURNED}) = (own.urgency = ${TURNED})`
  return row ?? { ahead: 0, older: 0, waitedS: 0 }
}

/** Why a field that waits stands where it does, and what is expected to be lost in an hour in which it waits, in the currency of the account's first channel. */
export type StandsBecause = {
  readonly because: 'below_floor' | 'sold_out' | 'at_its_instant' | 'loss'
  readonly lossPerHour: number
  readonly currency: string
}

export async function standsBecause(sql: Sql, listing: number, field: 'stock' | 'price'): Promise<StandsBecause | null> {
  const [row] = await sql<StandsBecause[]>`
    select case urgency when 0 then 'below_floor' when 1 then 'sold_out' when ${TURNED} then 'at_its_instant' else 'loss' end as because, loss as "lossPerHour",
      (select currency from channels where account_id = p.account_id order by id limit 1) as currency
    from publications p where listing_id = ${listing} and field = ${field}`
  return row ?? null
}

/** A listing of the channel that may be the SKU and is matched to none, or to another one. */
export type UnmatchedListing = {
  readonly listing: number
  readonly externalId: string
  readonly externalSku: string
  readonly sku: string | null
}

export async function unmatchedFor(sql: Sql, channelId: number, variantId: number): Promise<UnmatchedListing | null> {
  const [row] = await sql<UnmatchedListing[]>`
    select l.id as listing, l.external_id as "externalId", l.external_sku as "externalSku", o.sku
    from variants v join listings l on l.channel_id = ${channelId} and l.state <> 'gone' and l.variant_id is distinct from v.id
      and (l.external_sku = v.sku or v.gtin is not null and lpad(l.gtin, 14, '0') = v.gtin)
    left join variants o on o.id = l.variant_id where v.id = ${variantId} order by l.id limit 1`
  return row ?? null
}
