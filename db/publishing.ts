import type { Sql } from './connect.ts'
import type { HeldBy } from './pages-sku-channels.ts'

/** What a channel may send, and how its account stands. */
export type PublishingHead = {
  readonly channelId: number
  readonly accountId: number
  readonly channel: string
  readonly name: string
  readonly account: string
  readonly platform: string
  /** How many times faster than a real platform it goes (sandboxes). */
  readonly scale: number
  readonly paused: boolean
  readonly publishStock: boolean
  readonly publishPrices: boolean
  /** The channel whose stock publication serves this one too. */
  readonly stockLead: string | null
  readonly accountState: 'active' | 'paused' | 'failing'
  readonly accountReason: string | null
  readonly accountSince: Date
  /** In trouble: when it is tried again. */
  readonly retryAt: Date | null
  /** Whether a running hub holds the account: only that one calls. */
  readonly isHeld: boolean
  readonly quota: QuotaTold | null
}

/** What the holder told of its bucket for pushes; null before the first time. */
export type QuotaTold = {
  readonly operation: string
  readonly callsLeft: number
  readonly perSecond: number
  readonly burst: number
  /** Nothing starts before; null: now. */
  readonly openAt: Date | null
  readonly toldAt: Date
}

export async function publishingHead(sql: Sql, code: string): Promise<PublishingHead | null> {
  type Row = Omit<PublishingHead, 'quota'> & { readonly [Field in keyof QuotaTold]: QuotaTold[Field] | null }
  const [row] = await sql<Row[]>`
    select c.id as "channelId", a.id as "accountId", c.code as channel, c.name, a.name as account, a.platform, coalesce((a.settings->>'scale')::float8, 1) as scale,
      c.paused, c.publish_stock as "publishStock", c.publish_prices as "publishPrices", lead.code as "stockLead", a.state as "accountState",
      a.state_reason as "accountReason", a.state_since as "accountSince", a.retry_at as "retryAt", coalesce(a.lease_until > clock_timestamp(), false) as "isHeld",
      q.operation, q.calls_left as "callsLeft", q.per_second as "perSecond", q.burst, q.open_at as "openAt", q.told_at as "toldAt"
    from channels c join accounts a on a.id = c.account_id left join channels lead on lead.id = c.stock_lead_id left join account_quotas q on q.account_id = a.id
    where c.code = ${code}`
  if (row === undefined) return null
  const { operation, callsLeft, perSecond, burst, openAt, toldAt, ...head } = row
  const isTold = operation !== null && callsLeft !== null && perSecond !== null && burst !== null && toldAt !== null
  return { ...head, quota: isTold ? { operation, callsLeft, perSecond, burst, openAt, toldAt } : null }
}

/** How a field stands and since when, of the publication `p` with its open drift `d` and what the guard holds of it, `i`. */
const stands = (sql: Sql) => sql`publication_stands(p.state, d.id is not null)`
const standsSince = (sql: Sql) => sql`
  case ${stands(sql)} when 'quarantined' then i.at when 'refused' then case when p.held is null then coalesce(p.sent_at, p.intended_at) else p.intended_at end when 'drifting' then d.found_at
    when 'sent' then p.sent_at when 'accepted' then p.accepted_at when 'applied' then p.applied_at else coalesce(p.waiting_since, p.intended_at) end`
const beside = (sql: Sql) => sql`
  left join drifts d on d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null
  left join quarantine_items i on i.quarantine_id = p.quarantine_id and i.listing_id = p.listing_id`

export type StandsCount = {
  readonly field: 'stock' | 'price'
  readonly stands: string
  readonly count: number
  readonly oldest: Date | null
}

/** How many fields of a channel stand how, and since when the oldest; listings that are gone are not among them. */
export function publishingCounts(sql: Sql, channelId: number): Promise<StandsCount[]> {
  return sql<StandsCount[]>`
    select p.field, ${stands(sql)} as stands, count(*)::int as count, min(${standsSince(sql)}) as oldest
    from publications p join listings l on l.id = p.listing_id ${beside(sql)}
    where p.channel_id = ${channelId} and l.state <> 'gone' group by 1, 2 order by 1 desc, 2`
}

/** What waits and may be sent: fields of the channel, fields of all channels of its account, and SKUs by their parents there, those without one together. */
export type Backlog = { readonly fields: number; readonly accountFields: number; readonly families: readonly number[] }

/** What waits of the publication `p` of channel `c` and listing `l` and may go out now, or after a pause of its own. */
export const mayGo = (sql: Sql) => sql`
  p.waiting_since is not null and p.state <> 'quarantined' and not c.paused and l.state <> 'gone' and case p.field when 'stock' then c.publish_stock else c.publish_prices end
    and coalesce((p.intended_why->>'notBefore')::timestamptz <= clock_timestamp(), true)
    and p.urgency <= coalesce((select d.lets_go from drifts d where d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null), 100)`

export async function publishingBacklog(sql: Sql, accountId: number, channelId: number): Promise<Backlog> {
  const [row] = await sql<Backlog[]>`
    with waiting as materialized (
      select p.channel_id, l.external_sku, l.external_parent_id from publications p join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id
      where p.account_id = ${accountId} and ${mayGo(sql)}
    )
    select count(*) filter (where channel_id = ${channelId})::int as fields, count(*)::int as "accountFields",
      array(select count(distinct external_sku)::int from waiting group by external_parent_id) as families from waiting`
  return row ?? { fields: 0, accountFields: 0, families: [] }
}

type Value = Readonly<Record<string, unknown>> | null

export type PublishedField = {
  readonly listingId: number
  readonly sku: string
  readonly title: string
  readonly category: string | null
  readonly externalId: string
  readonly field: 'stock' | 'price'
  readonly stands: 'intended' | 'sent' | 'accepted' | 'applied' | 'refused' | 'drifting' | 'quarantined'
  readonly since: Date | null
  /** What goes out now: of stock without the units that may be sold unseen. */
  readonly intended: Value
  readonly intendedAt: Date
  readonly sent: Value
  readonly sentAt: Date | null
  readonly accepted: Value
  readonly acceptedAt: Date | null
  readonly applied: Value
  readonly appliedAt: Date | null
  readonly waitingSince: Date | null
  readonly reasonCode: string | null
  readonly reason: string | null
  readonly attempts: number
  readonly retryAt: Date | null
  /** The incident of the guard that holds it, and the open difference. */
  readonly incident: number | null
  readonly heldBy: HeldBy | null
  readonly drift: number | null
  /** Who asked that it be sent although the platform has it, while that waits. */
  readonly forcedBy: string | null
}

export type PublishingFilter = {
  readonly field?: 'stock' | 'price' | undefined
  readonly state?: PublishedField['stands'] | undefined
  readonly sku?: string | undefined
  readonly category?: string | undefined
}

/** That a field stands so (`publication_stands`), as what an index may answer. */
function standsSo(sql: Sql, state: PublishedField['stands']) {
  const drifts = sql`exists (select from drifts o where o.listing_id = p.listing_id and o.field = p.field and o.ended_at is null)`
  if (state === 'drifting') return sql`p.state not in ('quarantined', 'refused') and ${drifts}`
  return state === 'quarantined' || state === 'refused' ? sql`p.state = ${state}` : sql`p.state = ${state} and not ${drifts}`
}

/** A channel's fields in the order of listing and field, after that pair; listings that are gone are not among them. */
export function listPublishing(
  sql: Sql,
  channelId: number,
  { field, state, sku, category }: PublishingFilter,
  after: readonly [number, string],
  limit: number,
): Promise<PublishedField[]> {
  const of = (wanted: unknown, condition: () => ReturnType<typeof mayGo>) => (wanted === undefined ? sql`` : sql`and ${condition()}`)
  return sql<PublishedField[]>`
    with picked as materialized (
      select p.listing_id, p.field from publications p join listings l on l.id = p.listing_id
      where p.channel_id = ${channelId} and l.state <> 'gone' and (p.listing_id, p.field) > (${after[0]}::bigint, ${after[1]}::text)
        ${of(field, () => sql`p.field = ${field ?? ''}`)} ${of(state, () => standsSo(sql, state ?? 'intended'))}
        ${of(sku, () => sql`p.variant_id = (select id from variants where sku = ${sku ?? ''})`)}
        ${of(category, () => sql`p.variant_id in (select y.id from variants y join products x on x.id = y.product_id where x.category = ${category ?? ''})`)}
      order by p.listing_id, p.field limit ${limit}
    )
    select p.listing_id as "listingId", v.sku, case when starts_with(v.title, g.title) then v.title else concat_ws(' · ', g.title, nullif(v.title, '')) end as title, g.category, l.external_id as "externalId",
      p.field, ${stands(sql)} as stands, ${standsSince(sql)} as since,
      case p.field when 'stock' then jsonb_build_object('quantity', greatest((p.intended->>'quantity')::int - p.withheld, 0)) else p.intended end as intended,
      p.intended_at as "intendedAt", p.sent, p.sent_at as "sentAt", p.accepted, p.accepted_at as "acceptedAt", p.applied, p.applied_at as "appliedAt",
      p.waiting_since as "waitingSince", p.reason_code as "reasonCode", p.reason, p.attempts, p.retry_at as "retryAt", p.quarantine_id as incident, d.id as drift,
      p.forced_by as "forcedBy", case when q.id is not null then jsonb_build_object('incident', q.id, 'why', q.why) end as "heldBy"
    from picked k join publications p on p.listing_id = k.listing_id and p.field = k.field join listings l on l.id = p.listing_id
    join variants v on v.id = p.variant_id join products g on g.id = v.product_id ${beside(sql)}
    left join quarantines q on q.id = p.quarantine_id and p.state = 'quarantined'
    order by p.listing_id, p.field`
}
