import type { Sql } from './connect.ts'
import type { Moment } from './explain-stock.ts'

/** One step of a field on its way to a platform: the value, when, and what was noted with it. */
export type StepThen = {
  readonly value: Readonly<Record<string, unknown>> | null
  readonly why: Readonly<Record<string, unknown>> | null
  readonly at: string
}

/** How far a listing's stock had got: the last of each step up to the moment. */
export type PublishedThen = {
  readonly channelId: number
  readonly listing: number
  readonly externalId: string
  readonly externalSku: string
  readonly intended: StepThen | null
  readonly sent: StepThen | null
  readonly accepted: StepThen | null
  /** Applied, or found when the platform was read: whichever was heard last. */
  readonly readBack: StepThen | null
  readonly refused: StepThen | null
  /** What the platform showed by our reckoning: the last value that it took or that was read, less its own orders since. */
  readonly shows: number | null
  /** Units of the channel's own orders that were counted off since that value. */
  readonly ownUnits: number
}

/** The last step of these events up to a moment, of the listing `l`. */
const lastStep = (sql: Sql, field: 'stock' | 'price', moment: Moment) => (events: readonly string[]) =>
  sql`
    (select jsonb_build_object('value', h.value, 'why', h.why, 'at', to_char(h.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) from publication_history h
      where h.listing_id = l.id and h.field = ${field} and h.event = any(${events as string[]}::text[]) and h.at <= ${moment.bound}::text::timestamptz order by h.id desc limit 1)`

/** The listings `l` that a variant had at a moment and that something was published of by then. */
const listingsThen = (sql: Sql, field: 'stock' | 'price', variantId: number, moment: Moment) => sql`
    -- Those of today and those of its past, each by an index.
    from (select id from listings where variant_id = ${variantId} union select listing_id from mappings where variant_id = ${variantId}) x
    join listings l on l.id = x.id
    where exists (select from publication_history h where h.listing_id = l.id and h.field = ${field} and h.at <= ${moment.bound}::text::timestamptz)
      -- Which variant it was then; a listing that nobody ever mapped is what it is now.
      and ${variantId} = coalesce((select m.variant_id from mappings m where m.listing_id = l.id and m.valid_from <= ${moment.bound}::text::timestamptz
          and (m.valid_to is null or m.valid_to > ${moment.bound}::text::timestamptz)
          order by m.id desc limit 1), case when not exists (select from mappings m where m.listing_id = l.id) then l.variant_id end)
    order by l.channel_id, l.id`

/** What was intended, sent, accepted and read back of a variant's stock, listing by listing, as it was at a moment. */
export function publishedThen(sql: Sql, variantId: number, moment: Moment): Promise<PublishedThen[]> {
  const bound = sql`${moment.bound}::text::timestamptz`
  const last = lastStep(sql, 'stock', moment)
  return sql<PublishedThen[]>`
    select l.channel_id as "channelId", l.id as listing, l.external_id as "externalId", l.external_sku as "externalSku", ${last(['intended'])} as intended,
      ${last(['sent'])} as sent, ${last(['accepted', 'applied'])} as accepted, ${last(['applied', 'read'])} as "readBack", ${last(['refused'])} as refused,
      (${last(['accepted', 'applied', 'read', 'order'])}->'value'->>'quantity')::int as shows,
      coalesce((select sum((h.why->>'units')::int)::int from publication_history h
        where h.listing_id = l.id and h.field = 'stock' and h.event = 'order' and h.at <= ${bound} and h.id > coalesce((select k.id from publication_history k
          where k.listing_id = l.id and k.field = 'stock' and k.event in ('accepted', 'applied', 'read') and k.at <= ${bound} order by k.id desc limit 1), 0)), 0) as "ownUnits"
    ${listingsThen(sql, 'stock', variantId, moment)}`
}

/** How far a listing's price had got: the last of each step up to the moment. */
export type PricePublishedThen = Omit<PublishedThen, 'shows' | 'ownUnits'> & {
  /** The price document that the platform showed by our reckoning: the last value that it took or that was read. */
  readonly shows: Readonly<Record<string, unknown>> | null
}

/** What was intended, sent, accepted and read back of a variant's price, listing by listing, as it was at a moment. */
export function pricesPublishedThen(sql: Sql, variantId: number, moment: Moment): Promise<PricePublishedThen[]> {
  const last = lastStep(sql, 'price', moment)
  return sql<PricePublishedThen[]>`
    select l.channel_id as "channelId", l.id as listing, l.external_id as "externalId", l.external_sku as "externalSku", ${last(['intended'])} as intended,
      ${last(['sent'])} as sent, ${last(['accepted', 'applied'])} as accepted, ${last(['applied', 'read'])} as "readBack", ${last(['refused'])} as refused,
      ${last(['accepted', 'applied', 'read'])}->'value' as shows
    ${listingsThen(sql, 'price', variantId, moment)}`
}
