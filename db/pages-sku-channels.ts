import type { Sql } from './connect.ts'
import type { QuarantineRow } from './guard.ts'

export type FieldState = 'intended' | 'sent' | 'accepted' | 'applied' | 'refused' | 'quarantined'

/** A price as a channel shows it; amounts are decimal text in the channel's currency. */
export type PriceDocument = {
  readonly currency: string
  readonly regular: string
  readonly sale: { readonly amount: string; readonly from: string | null; readonly to: string | null } | null
}

/** One step of a field on its way to the channel: the value and since when. */
export type Step<Value> = { readonly value: Value; readonly at: Date | null }

export type HeldBy = { readonly incident: number; readonly why: QuarantineRow['why'] }

export type ShownField = {
  readonly channel: string
  readonly channelName: string
  readonly currency: string
  readonly listing: number
  readonly externalId: string
  readonly externalSku: string
  readonly listingState: 'active' | 'inactive' | 'gone'
  readonly field: 'stock' | 'price'
  /** Whether a person has switched publishing of this field on. */
  readonly published: boolean
  /** Whether its channel or account is paused: nothing is sent. */
  readonly paused: boolean
  readonly state: FieldState
  readonly intended: Readonly<Record<string, unknown>>
  readonly intendedAt: Date
  readonly sent: Readonly<Record<string, unknown>> | null
  readonly sentAt: Date | null
  readonly accepted: Readonly<Record<string, unknown>> | null
  readonly acceptedAt: Date | null
  readonly applied: Readonly<Record<string, unknown>> | null
  readonly appliedAt: Date | null
  readonly expected: number | null
  readonly withheld: number
  readonly waitingSince: Date | null
  readonly reason: string | null
  /** The incident of the guard that holds it, and which limit that broke. */
  readonly heldBy: HeldBy | null
}

/** What each channel should show of a SKU and how far that got: one row for each listing and field, by channel, stock before price. */
export async function skuChannels(sql: Sql, variantId: number): Promise<readonly ShownField[]> {
  return sql<ShownField[]>`
    select c.code as channel, c.name as "channelName", c.currency, l.id as listing, l.external_id as "externalId", l.external_sku as "externalSku",
      l.state as "listingState", p.field, case p.field when 'stock' then c.publish_stock else c.publish_prices end as published,
      (c.paused or a.state = 'paused') as paused, p.state,
      p.intended, p.intended_at as "intendedAt", p.sent, p.sent_at as "sentAt", p.accepted, p.accepted_at as "acceptedAt", p.applied,
      p.applied_at as "appliedAt", p.expected, p.withheld, p.waiting_since as "waitingSince", p.reason,
      case when q.id is not null then jsonb_build_object('incident', q.id, 'why', q.why) end as "heldBy"
    from publications p join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id join accounts a on a.id = c.account_id
    left join quarantines q on q.id = p.quarantine_id and p.state = 'quarantined'
    where p.variant_id = ${variantId} order by c.name, c.id, l.id, p.field desc`
}

/** Channels that a price can be set for: code, name and the currency in which they sell. */
export async function channelChoices(
  sql: Sql,
): Promise<readonly { readonly code: string; readonly name: string; readonly currency: string }[]> {
  return sql<{ code: string; name: string; currency: string }[]>`select code, name, currency from channels order by name, id`
}
