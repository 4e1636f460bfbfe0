import type { Sql } from './connect.ts'
import { variantTitle } from './pages.ts'

/** A channel's page: its head, settings and what a switch would do. Counts are listings or fields. */
export type ChannelHead = {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly platform: string
  readonly account: string
  readonly accountState: 'active' | 'paused' | 'failing'
  readonly accountReason: string | null
  readonly accountSince: Date
  readonly retryAt: Date | null
  readonly externalRef: string
  readonly currency: string
  readonly taxMode: 'inclusive' | 'exclusive'
  readonly zone: string
  readonly paused: boolean
  readonly publishStock: boolean
  readonly publishPrices: boolean
  /** The channel whose stock publication serves this one too. */
  readonly stockLead: string | null
  readonly observedAt: Date | null
  readonly polledAt: Date | null
  readonly coveredUntil: Date | null
  readonly buffer: number
  /** Percent of what is available kept back, as decimal text; `0` where the buffer is in units. */
  readonly bufferPercent: string
  /** Where the buffer is by risk: its terms, decimal text; else null. */
  readonly riskMargin: string | null
  readonly riskCancellation: string | null
  /** Whether it shows what may be sold before it is there. */
  readonly sellAhead: boolean
  readonly cap: number | null
  readonly stopSellingAt: number
  readonly policySince: Date | null
  readonly policyActor: string | null
  readonly listings: number
  readonly matched: number
  /** Fields where the platform shows something else than the hub intends. */
  readonly stockDiffers: number
  readonly pricesDiffer: number
  /** Fields that the guard holds back, or a person rejected: they differ, and do not go out. */
  readonly held: number
}

/** One channel, or null where the code is unknown. */
export async function channelHead(sql: Sql, code: string): Promise<ChannelHead | null> {
  const [row] = await sql<ChannelHead[]>`
    select c.id, c.code, c.name, a.platform, a.name as account, a.state as "accountState", a.state_reason as "accountReason", a.state_since as "accountSince",
      a.retry_at as "retryAt", c.external_ref as "externalRef", c.currency, c.tax_mode as "taxMode", c.zone, c.paused,
      c.publish_stock as "publishStock", c.publish_prices as "publishPrices", lead.code as "stockLead", a.observed_at as "observedAt",
      a.polled_at as "polledAt", a.covered_until as "coveredUntil", coalesce(y.buffer, 0) as buffer, coalesce(trim_scale(y.buffer_percent), 0)::text as "bufferPercent",
      trim_scale(y.risk_margin)::text as "riskMargin", trim_scale(y.risk_cancellation)::text as "riskCancellation",
      coalesce(y.sell_ahead, false) as "sellAhead", y.cap, coalesce(y.stop_selling_at, 0) as "stopSellingAt",
      y.valid_from as "policySince", y.actor as "policyActor",
      (select count(*)::int from listings l where l.channel_id = c.id and l.state <> 'gone') as listings,
      (select count(*)::int from listings l where l.channel_id = c.id and l.state <> 'gone' and l.variant_id is not null) as matched,
      (select count(*)::int from publications p where p.channel_id = c.id and p.field = 'stock' and p.waiting_since is not null and not publication_waits_by_word(p)) as "stockDiffers",
      (select count(*)::int from publications p where p.channel_id = c.id and p.field = 'price' and p.waiting_since is not null and not publication_waits_by_word(p)) as "pricesDiffer",
      (select count(*)::int from publications p where p.channel_id = c.id and p.state = 'quarantined') as held
    from channels c join accounts a on a.id = c.account_id left join channels lead on lead.id = c.stock_lead_id
    left join channel_policies y on y.channel_id = c.id and y.valid_to is null where c.code = ${code}`
  return row ?? null
}

export type PoolPlace = { readonly code: string; readonly name: string; readonly kind: string; readonly position: number | null }

/** All active locations: those of the channel's pool in their order of preference, then the others with `position` null. */
export async function channelPool(sql: Sql, channelId: number): Promise<readonly PoolPlace[]> {
  return sql<PoolPlace[]>`
    select l.code, l.name, l.kind, c.position from locations l
    left join channel_locations c on c.location_id = l.id and c.channel_id = ${channelId} and c.valid_to is null
    where l.active order by c.position nulls last, (l.kind = 'platform'), l.id`
}

export type Difference = {
  readonly listing: number
  readonly sku: string
  readonly title: string
  readonly field: 'stock' | 'price'
  readonly shown: Readonly<Record<string, unknown>> | null
  readonly intended: Readonly<Record<string, unknown>>
  readonly since: Date | null
  /** The incident of the guard that holds it back; null: it goes out by itself. */
  readonly incident: number | null
  readonly isRejected: boolean
}

/** Where the platform shows something else than the hub intends, by SKU, what is held back first; `shown` null where the platform was never read. */
export async function channelDifferences(sql: Sql, channelId: number, limit: number): Promise<readonly Difference[]> {
  return sql<Difference[]>`
    select x.listing_id as listing, v.sku, ${variantTitle(sql)} as title, x.field,
      case x.field when 'stock' then case when x.expected is not null then jsonb_build_object('quantity', x.expected) end else x.accepted end as shown,
      case x.field when 'stock' then jsonb_build_object('quantity', greatest((x.intended->>'quantity')::int - x.withheld, 0)) else x.intended end as intended,
      coalesce(x.waiting_since, i.at) as since, x.quarantine_id as incident, coalesce(q.decision = 'rejected', false) as "isRejected"
    from publications x left join quarantines q on q.id = x.quarantine_id
    left join quarantine_items i on i.quarantine_id = q.id and i.listing_id = x.listing_id join variants v on v.id = x.variant_id join products p on p.id = v.product_id
    where x.channel_id = ${channelId} and (x.waiting_since is not null and not publication_waits_by_word(x) or x.state = 'quarantined') order by x.state <> 'quarantined', v.sku, x.field desc limit ${limit}`
}

export type Refusal = {
  readonly listing: number
  readonly sku: string
  readonly title: string
  readonly field: 'stock' | 'price'
  readonly value: Readonly<Record<string, unknown>> | null
  readonly code: string | null
  readonly reason: string | null
  readonly at: Date | null
}

/** Values that the platform said no to, in its own words, newest first. */
export async function channelRefusals(sql: Sql, channelId: number, limit: number): Promise<readonly Refusal[]> {
  return sql<Refusal[]>`
    select x.listing_id as listing, v.sku, ${variantTitle(sql)} as title, x.field, x.sent as value, x.reason_code as code, x.reason, x.sent_at as at
    from publications x join variants v on v.id = x.variant_id join products p on p.id = v.product_id
    where x.channel_id = ${channelId} and x.state = 'refused' order by x.sent_at desc nulls last, v.sku, x.field limit ${limit}`
}

export type ChannelCounts = { readonly code: string; readonly listings: number; readonly unmatched: number; readonly keptAside: number }

/** How many listings each channel has, how many of them nobody has matched, and how many messages of its account are kept aside. */
export async function channelCounts(sql: Sql): Promise<readonly ChannelCounts[]> {
  return sql<ChannelCounts[]>`
    select c.code, coalesce(l.listings, 0) as listings, coalesce(l.unmatched, 0) as unmatched, coalesce(i.kept, 0) as "keptAside"
    from channels c
    left join (select channel_id, count(*)::int as listings, (count(*) filter (where variant_id is null))::int as unmatched
      from listings where state <> 'gone' group by 1) l on l.channel_id = c.id
    left join (select account_id, count(*)::int as kept from inbox where state = 'refused' group by 1) i on i.account_id = c.account_id
    order by c.name, c.id`
}
