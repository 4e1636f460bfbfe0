import type { Sql } from './connect.ts'
import { readSnapshot, type Snapshot } from './snapshot.ts'

/** What a channel should show of a SKU, and how that came about. */
export type ChannelNumbers = {
  readonly channel: string
  readonly atp: number
  /** Units that may be sold though they are not there yet. */
  readonly ahead: number
  readonly buffer: number
  readonly cap: number | null
  readonly stopSellingAt: number
  readonly shown: number
  /** Whether the channel has a listing of it: without one, nothing is shown there, and the numbers tell what a listing would show. */
  readonly listed: boolean
}

export type AvailabilityRow = ChannelNumbers & { readonly sku: string }

/** What was read, and which writes that holds. */
export type ShownNow = { readonly snapshot: Snapshot; readonly rows: readonly AvailabilityRow[] }

/** What one channel should show of SKUs now; unknown ones are left out. */
export async function readShown(sql: Sql, channel: string, skus: readonly string[]): Promise<ShownNow> {
  const rows = await sql<({ snapshot: string } & (AvailabilityRow | { readonly sku: null }))[]>`
    with asked as materialized (select id, sku from variants where sku = any(${skus as string[]}::text[]))
    select n.snapshot, x.* from (select pg_current_snapshot()::text as snapshot) n left join lateral (
      select v.sku, ${channel} as channel, s.atp, s.ahead, s.buffer, s.cap, s.stop_selling_at as "stopSellingAt", s.shown, l.listed
      from channel_shown_2(array(select id from channels where code = ${channel}), array(select id from asked), clock_timestamp()) s
      join asked v on v.id = s.variant_id ${isListed(sql)}) x on true`
  const [first] = rows
  if (first === undefined) throw new Error('a read of availability gave no row')
  return { snapshot: readSnapshot(first.snapshot), rows: rows.flatMap(row => (row.sku === null ? [] : [plain(row)])) }
}

function plain({ snapshot: _, ...row }: AvailabilityRow & { readonly snapshot: string }): AvailabilityRow {
  return row
}

/** What channels should show of SKUs now: every known SKU in every known channel; `channels` null means all. */
export function availability(sql: Sql, skus: readonly string[], channels: readonly string[] | null): Promise<AvailabilityRow[]> {
  // Nobody tells the planner how few rows the function answers: joined with the whole catalog, it would read all of it.
  return sql<AvailabilityRow[]>`
    with asked as materialized (select id, sku from variants where sku = any(${skus as string[]}::text[]))
    select v.sku, c.code as channel, s.atp, s.ahead, s.buffer, s.cap, s.stop_selling_at as "stopSellingAt", s.shown, l.listed
    from channel_shown_2(
      array(select id from channels where ${channels as string[] | null}::text[] is null or code = any(${channels as string[] | null}::text[])),
      array(select id from asked), clock_timestamp()) s
    join asked v on v.id = s.variant_id join channels c on c.id = s.channel_id ${isListed(sql)} order by v.sku, c.code`
}

/** Joins to rows `s` of a SKU in a channel whether it is listed there. Not as a condition: the planner could read all listings for it. */
const isListed = (sql: Sql) => sql`left join lateral (select count(*) > 0 as listed from (
  select 1 from listings where variant_id = s.variant_id and channel_id = s.channel_id and state <> 'gone' limit 1) one) l on true`

/** What there is of a SKU at a location. Of a bundle, `available` also counts what its parts there make. */
export type LocationNumbers = {
  readonly location: string
  readonly onHand: number
  readonly reserved: number
  readonly unavailable: number
  readonly incoming: number
  readonly safetyStock: number
  readonly available: number
}

/**
 * What there is of SKUs at locations now. `locations` null: wherever there is or was any; named ones are told also where there is nothing.
 */
export function availabilityAt(
  sql: Sql,
  skus: readonly string[],
  locations: readonly string[] | null,
): Promise<(LocationNumbers & { readonly sku: string })[]> {
  return sql<(LocationNumbers & { readonly sku: string })[]>`
    with item as materialized (select id, sku from variants where sku = any(${skus as string[]}::text[])), asked as (
      select array(select id from locations where ${locations as string[] | null}::text[] is null
          or code = any(${locations as string[] | null}::text[])) as places,
        array(select id from item) as ids, clock_timestamp() as now
    )
    select v.sku, p.code as location, coalesce(b.on_hand, 0) as "onHand", coalesce(b.reserved, 0) as reserved, coalesce(b.unavailable, 0) as unavailable,
      coalesce(b.incoming, 0) as incoming, coalesce(b.safety_stock, 0) as "safetyStock", a.atp as available
    from asked q cross join lateral pool_atp_on_1(q.places, q.places, q.ids, q.now, '-infinity') a
    left join lateral balances_at_1(q.places, q.ids, q.now, q.now) b on b.variant_id = a.variant_id and b.location_id = a.pool_id
    join item v on v.id = a.variant_id join locations p on p.id = a.pool_id
    where ${locations !== null} or b.variant_id is not null or a.atp > 0 order by v.sku, p.code`
}

/** Those of the SKUs that exist, sorted. */
export async function knownSkus(sql: Sql, skus: readonly string[]): Promise<string[]> {
  const rows = await sql<{ sku: string }[]>`select sku from variants where sku = any(${skus as string[]}::text[]) order by sku`
  return rows.map(row => row.sku)
}
