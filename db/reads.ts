import type { Sql } from './connect.ts'

export type AccountShown = {
  readonly id: number
  readonly name: string
  readonly platform: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly state: string
  readonly stateReason: string | null
  readonly stateSince: Date
  readonly retryAt: Date | null
  readonly coveredUntil: Date | null
  readonly polledAt: Date | null
  readonly observedAt: Date | null
  readonly createdAt: Date
  readonly channels: readonly string[]
}

/** Accounts after the id; never their credentials. `name` picks one. */
export function listAccounts(sql: Sql, name: string | null, after: number, limit: number): Promise<AccountShown[]> {
  return sql<AccountShown[]>`
    select a.id, a.name, a.platform, a.settings, a.state, a.state_reason as "stateReason", a.state_since as "stateSince", a.retry_at as "retryAt",
      a.covered_until as "coveredUntil", a.polled_at as "polledAt", a.observed_at as "observedAt", a.created_at as "createdAt",
      array(select c.code from channels c where c.account_id = a.id order by c.id) as channels
    from accounts a where a.id > ${after} and (${name}::text is null or a.name = ${name}) order by a.id limit ${limit}`
}

export type ChannelShown = {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly account: string
  readonly platform: string
  readonly externalRef: string
  readonly currency: string
  readonly taxMode: string
  readonly zone: string
  readonly locale: string
  readonly stockLead: string | null
  readonly publishStock: boolean
  readonly publishPrices: boolean
  readonly paused: boolean
  readonly buffer: number
  /** Of what is available; 0 where the buffer is a number of units. */
  readonly bufferPercent: number
  /** Where the buffer is by risk: its terms, decimal text. */
  readonly bufferRisk: { readonly margin: string; readonly cancellation: string } | null
  readonly cap: number | null
  readonly stopSellingAt: number
  /** Shows what may be sold before it is there. */
  readonly sellAhead: boolean
  /** Codes of the locations that serve it, in order of preference. */
  readonly locations: readonly string[]
}

/** Channels after the id, with the policy and the pool in force. `code` picks one. */
export function listChannelsShown(sql: Sql, code: string | null, after: number, limit: number): Promise<ChannelShown[]> {
  return sql<ChannelShown[]>`
    select c.id, c.code, c.name, a.name as account, a.platform, c.external_ref as "externalRef", c.currency, c.tax_mode as "taxMode", c.zone, c.locale,
      lead.code as "stockLead", c.publish_stock as "publishStock", c.publish_prices as "publishPrices", c.paused, coalesce(y.buffer, 0) as buffer,
      coalesce(y.buffer_percent, 0)::float8 as "bufferPercent",
      case when y.risk_margin is not null then jsonb_build_object('margin', trim_scale(y.risk_margin)::text, 'cancellation', trim_scale(y.risk_cancellation)::text) end as "bufferRisk", y.cap, coalesce(y.stop_selling_at, 0) as "stopSellingAt", coalesce(y.sell_ahead, false) as "sellAhead",
      array(select p.code from channel_locations w join locations p on p.id = w.location_id
        where w.channel_id = c.id and w.valid_to is null order by w.position) as locations
    from channels c join accounts a on a.id = c.account_id left join channels lead on lead.id = c.stock_lead_id
    left join channel_policies y on y.channel_id = c.id and y.valid_to is null
    where c.id > ${after} and (${code}::text is null or c.code = ${code}) order by c.id limit ${limit}`
}

export type ListingShown = {
  readonly id: number
  readonly channel: string
  readonly externalId: string
  readonly externalSku: string
  readonly gtin: string | null
  readonly title: string
  readonly state: string
  readonly sku: string | null
  readonly matchedBy: string | null
  readonly shownQuantity: number | null
  readonly shownPrice: Readonly<Record<string, unknown>> | null
  readonly observedAt: Date
}

export type ListingFilter = {
  readonly channel?: string | undefined
  readonly sku?: string | undefined
  readonly matched?: boolean | undefined
  readonly state?: string | undefined
}

/** Listings in the order of their ids, after the id. */
export function listListings(sql: Sql, filter: ListingFilter, after: number, limit: number): Promise<ListingShown[]> {
  return sql<ListingShown[]>`
    select l.id, c.code as channel, l.external_id as "externalId", l.external_sku as "externalSku", l.gtin, l.title, l.state, v.sku, m.matched_by as "matchedBy",
      l.shown_quantity as "shownQuantity", l.shown_price as "shownPrice", l.observed_at as "observedAt"
    from listings l join channels c on c.id = l.channel_id left join variants v on v.id = l.variant_id
    left join mappings m on m.listing_id = l.id and m.valid_to is null
    where l.id > ${after} and (${filter.channel ?? null}::text is null or c.code = ${filter.channel ?? null})
      and (${filter.sku ?? null}::text is null or v.sku = ${filter.sku ?? null})
      and (${filter.matched ?? null}::boolean is null or (l.variant_id is not null) = ${filter.matched ?? null})
      and (${filter.state ?? null}::text is null or l.state = ${filter.state ?? null})
    order by l.id limit ${limit}`
}

export type PublicationShown = {
  readonly listingId: number
  readonly channel: string
  readonly sku: string
  readonly externalId: string
  readonly field: string
  readonly state: string
  readonly intended: unknown
  readonly intendedAt: Date
  readonly sent: unknown
  readonly sentAt: Date | null
  readonly accepted: unknown
  readonly acceptedAt: Date | null
  readonly applied: unknown
  readonly appliedAt: Date | null
  readonly reasonCode: string | null
  readonly reason: string | null
  readonly attempts: number
  readonly waitingSince: Date | null
  /** Of a price: the least that may be shown, decimal text. */
  readonly floor: string | null
  /** The incident of the guard that holds it back. */
  readonly quarantine: number | null
}

export type PublicationFilter = {
  readonly channel?: string | undefined
  readonly sku?: string | undefined
  readonly state?: string | undefined
  readonly field?: string | undefined
  readonly waiting?: boolean | undefined
}

/** Published fields in the order of listing and field, after that pair. */
export function listPublications(
  sql: Sql,
  filter: PublicationFilter,
  after: readonly [number, string],
  limit: number,
): Promise<PublicationShown[]> {
  return sql<PublicationShown[]>`
    select p.listing_id as "listingId", c.code as channel, v.sku, l.external_id as "externalId", p.field, p.state, p.intended, p.intended_at as "intendedAt",
      p.sent, p.sent_at as "sentAt", p.accepted, p.accepted_at as "acceptedAt", p.applied, p.applied_at as "appliedAt", p.reason_code as "reasonCode",
      p.reason, p.attempts, p.waiting_since as "waitingSince", trim_scale(p.floor)::text as floor, p.quarantine_id as quarantine
    from publications p join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id join variants v on v.id = p.variant_id
    where (p.listing_id, p.field) > (${after[0]}::bigint, ${after[1]}::text)
      and (${filter.channel ?? null}::text is null or c.code = ${filter.channel ?? null})
      and (${filter.sku ?? null}::text is null or v.sku = ${filter.sku ?? null})
      and (${filter.state ?? null}::text is null or p.state = ${filter.state ?? null})
      and (${filter.field ?? null}::text is null or p.field = ${filter.field ?? null})
      and (${filter.waiting ?? null}::boolean is null or (p.waiting_since is not null) = ${filter.waiting ?? null})
    order by p.listing_id, p.field limit ${limit}`
}

export type PublicationEvent = {
  readonly id: number
  readonly field: string
  readonly event: string
  readonly value: unknown
  readonly why: unknown
  readonly at: Date
}

/** What happened to the fields of a listing, the newest first, before the id. */
export function publicationHistory(
  sql: Sql,
  listingId: number,
  field: string | null,
  before: number | null,
  limit: number,
): Promise<PublicationEvent[]> {
  return sql<PublicationEvent[]>`
    select id, field, event, value, why, at from publication_history
    where listing_id = ${listingId} and (${field}::text is null or field = ${field}) and (${before}::bigint is null or id < ${before})
    order by id desc limit ${limit}`
}

export type MovementRow = {
  readonly id: number
  readonly sku: string
  readonly location: string
  readonly kind: string
  readonly onHand: number
  readonly reserved: number
  readonly unavailable: number
  readonly incoming: number
  readonly orderId: number | null
  readonly reservationId: number | null
  readonly lot: string | null
  /** What it belongs to: `delivery`, `transfer`, `count` or `import`, and its id. */
  readonly causeKind: string | null
  readonly causeId: number | null
  readonly reasonCode: string | null
  readonly reason: string | null
  /** What one received unit cost, decimal text. */
  readonly unitCost: string | null
  readonly costCurrency: string | null
  readonly actor: string
  readonly occurredAt: Date
  readonly recordedAt: Date
}

/** A movement's place in the order of the ledger: when it was recorded, as PostgreSQL writes it, and its id. */
export type LedgerPlace = { readonly at: string; readonly id: number }

/** The movements of a SKU, the newest first, before the place; at one location when named. */
export function listMovements(
  sql: Sql,
  sku: string,
  location: string | null,
  before: LedgerPlace | null,
  limit: number,
): Promise<(MovementRow & { readonly place: string })[]> {
  const earlier = before === null ? sql`` : sql`and (m.recorded_at, m.id) < (${before.at}::text::timestamptz, ${before.id})`
  // The newest of each location by its index, then the newest of those: a SKU that sells all day is not read whole.
  return sql<(MovementRow & { place: string })[]>`
    select m.id, v.sku, p.code as location, m.kind, m.on_hand as "onHand", m.reserved, m.unavailable, m.incoming, l.order_id as "orderId",
      m.reservation_id as "reservationId", nullif(t.code, '') as lot, m.cause_kind as "causeKind", m.cause_id as "causeId", m.reason_code as "reasonCode", m.reason,
      trim_scale(m.unit_cost)::text as "unitCost", m.cost_currency as "costCurrency", m.actor, m.occurred_at as "occurredAt", m.recorded_at as "recordedAt",
      m.recorded_at::text as place
    from variants v join balances b on b.variant_id = v.id join locations p on p.id = b.location_id
    cross join lateral (select * from movements m where m.variant_id = b.variant_id and m.location_id = b.location_id ${earlier}
      order by m.recorded_at desc, m.id desc limit ${limit}) m
    left join order_lines l on l.id = m.order_line_id left join lots t on t.id = m.lot_id
    where v.sku = ${sku} and (${location}::text is null or p.code = ${location})
    order by m.recorded_at desc, m.id desc limit ${limit}`
}
