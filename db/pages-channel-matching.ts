import type { Sql } from './connect.ts'
import { variantTitle } from './pages.ts'

export type Unmatched = {
  readonly listing: number
  readonly externalId: string
  readonly externalSku: string
  readonly title: string
  readonly gtin: string | null
  readonly quantity: number | null
  /** One of our SKUs that it may be, and what speaks for it. */
  readonly suggestion: { readonly sku: string; readonly title: string; readonly because: 'gtin' | 'sku' | 'title' } | null
}

/**
 * Listings of a channel that nobody has matched yet, by the platform's SKU. A suggestion has the same GTIN, else the same SKU when case and
 * punctuation are left aside, else the same title but for
 * punctuation; where several fit there is none, because a wrong match sells the wrong goods.
 */
export async function unmatchedListings(sql: Sql, channelId: number, limit: number): Promise<readonly Unmatched[]> {
  return sql<Unmatched[]>`
    with waiting as (
      select l.*, upper(regexp_replace(l.external_sku, '[^A-Za-z0-9]', '', 'g')) as plain,
        lower(regexp_replace(l.title, '[^[:alnum:]]', '', 'g')) as plain_title from listings l
      where l.channel_id = ${channelId} and l.variant_id is null and l.state <> 'gone' order by l.external_sku, l.id limit ${limit}
    ), named as (
      select v.id, v.sku, v.gtin, ${variantTitle(sql)} as title, lower(regexp_replace(${variantTitle(sql)}, '[^[:alnum:]]', '', 'g')) as plain_title, upper(regexp_replace(v.sku, '[^A-Za-z0-9]', '', 'g')) as plain
      from variants v join products p on p.id = v.product_id where v.status = 'active'
    ), candidates as (
      select w.id, v.sku, v.title, case when v.gtin = w.gtin then 1 when v.plain = w.plain then 2 else 3 end as rank
      from waiting w join named v on v.gtin = w.gtin or (w.plain <> '' and v.plain = w.plain) or v.plain_title = w.plain_title
    ), best as (
      select id, rank, count(*) as n, min(sku) as sku, min(title) as title, row_number() over (partition by id order by rank) as place
      from candidates group by id, rank
    )
    select w.id as listing, w.external_id as "externalId", w.external_sku as "externalSku", w.title, w.gtin, w.shown_quantity as quantity,
      case when b.n = 1 then jsonb_build_object('sku', b.sku, 'title', b.title, 'because', case b.rank when 1 then 'gtin' when 2 then 'sku' else 'title' end) end as suggestion
    from waiting w left join best b on b.id = w.id and b.place = 1 order by w.external_sku, w.id`
}

export type MatchCounts = { readonly sku: number; readonly gtin: number; readonly hand: number; readonly unmatched: number }

/** How the channel's listings came to be matched, and how many wait. */
export async function matchCounts(sql: Sql, channelId: number): Promise<MatchCounts> {
  const [row] = await sql<MatchCounts[]>`
    select count(*) filter (where m.matched_by = 'sku')::int as sku, count(*) filter (where m.matched_by = 'gtin')::int as gtin,
      count(*) filter (where m.matched_by = 'hand')::int as hand, count(*) filter (where l.variant_id is null)::int as unmatched
    from listings l left join mappings m on m.listing_id = l.id and m.valid_to is null where l.channel_id = ${channelId} and l.state <> 'gone'`
  return row ?? { sku: 0, gtin: 0, hand: 0, unmatched: 0 }
}

export type HandMatch = {
  readonly listing: number
  readonly externalId: string
  readonly externalSku: string
  readonly externalTitle: string
  readonly sku: string
  readonly title: string
  readonly since: Date
  readonly actor: string
}

/** Listings of a channel that a person has matched, the latest first. */
export async function handMatches(sql: Sql, channelId: number, limit: number): Promise<readonly HandMatch[]> {
  return sql<HandMatch[]>`
    select l.id as listing, l.external_id as "externalId", l.external_sku as "externalSku", l.title as "externalTitle", v.sku,
      ${variantTitle(sql)} as title, m.valid_from as since, m.actor
    from listings l join mappings m on m.listing_id = l.id and m.valid_to is null and m.matched_by = 'hand'
    join variants v on v.id = m.variant_id join products p on p.id = v.product_id
    where l.channel_id = ${channelId} and l.state <> 'gone' order by m.id desc limit ${limit}`
}

/** A SKU's title and the other listings (the platform's SKU or id) that it has in the channel already; null where nobody knows the SKU. */
export async function listedAs(
  sql: Sql,
  channelId: number,
  sku: string,
  listing: number,
): Promise<{ readonly title: string; readonly others: readonly string[] } | null> {
  const [row] = await sql<{ title: string; others: string[] }[]>`
    select ${variantTitle(sql)} as title, array(select coalesce(nullif(l.external_sku, ''), l.external_id) from listings l
      where l.variant_id = v.id and l.channel_id = ${channelId} and l.id <> ${listing} and l.state <> 'gone' order by l.id) as others
    from variants v join products p on p.id = v.product_id where v.sku = ${sku}`
  return row ?? null
}

/** Whether a listing is one of the channel's. */
export async function isListedIn(sql: Sql, channelId: number, listing: number): Promise<boolean> {
  return (await sql`select from listings where id = ${listing} and channel_id = ${channelId}`).length > 0
}

export type KeptAside = {
  readonly id: number
  readonly source: 'webhook' | 'queue' | 'poll'
  readonly topic: string
  readonly deliveryId: string
  readonly reason: string | null
  readonly attempts: number
  readonly receivedAt: Date
}

/** Messages of the channel's account that could not be understood, newest first. Their bodies stay sealed. */
export async function keptAside(sql: Sql, channelId: number, limit: number): Promise<readonly KeptAside[]> {
  return sql<KeptAside[]>`
    select i.id, i.source, i.topic, i.delivery_id as "deliveryId", i.reason, i.attempts, i.received_at as "receivedAt"
    from inbox i join channels c on c.account_id = i.account_id where c.id = ${channelId} and i.state = 'refused' order by i.id desc limit ${limit}`
}

export type HistoryRow = {
  readonly id: number
  readonly at: Date
  readonly sku: string | null
  readonly externalSku: string
  readonly field: 'stock' | 'price'
  readonly event: 'intended' | 'sent' | 'accepted' | 'applied' | 'refused' | 'retry' | 'read' | 'order' | 'quarantined' | 'held' | 'forced'
  readonly value: Readonly<Record<string, unknown>> | null
  readonly why: Readonly<Record<string, unknown>> | null
}

/** What happened to the channel's fields last, newest first. */
export async function channelHistory(sql: Sql, channelId: number, limit: number): Promise<readonly HistoryRow[]> {
  return sql<HistoryRow[]>`
    select h.id, h.at, v.sku, l.external_sku as "externalSku", h.field, h.event, h.value, h.why
    from publication_history h join listings l on l.id = h.listing_id left join variants v on v.id = l.variant_id
    where l.channel_id = ${channelId} order by h.id desc limit ${limit}`
}
