import type { Sql } from './connect.ts'

export type DatedRow = { readonly sku: string; readonly code: string; readonly atp: number }

/** What channels can promise of SKUs on a date; `channels` null means all. */
export function datedOfChannels(sql: Sql, skus: readonly string[], channels: readonly string[] | null, on: Date): Promise<DatedRow[]> {
  return sql<DatedRow[]>`
    with asked as materialized (select id, sku from variants where sku = any(${skus as string[]}::text[])), pool as (
      select c.channel_id, c.location_id from channel_locations c join locations p on p.id = c.location_id and p.active
      join channels h on h.id = c.channel_id
      where c.valid_to is null and (${channels as string[] | null}::text[] is null or h.code = any(${channels as string[] | null}::text[]))
    )
    select v.sku, c.code, d.atp from pool_atp_on_1(array(select channel_id from pool order by 1, location_id),
      array(select location_id from pool order by channel_id, 1), array(select id from asked), clock_timestamp(), ${on}) d
    join asked v on v.id = d.variant_id join channels c on c.id = d.pool_id`
}

/** What single locations can promise of SKUs on a date; `locations` null means all. */
export function datedOfLocations(sql: Sql, skus: readonly string[], locations: readonly string[] | null, on: Date): Promise<DatedRow[]> {
  return sql<DatedRow[]>`
    with asked as materialized (select id, sku from variants where sku = any(${skus as string[]}::text[])), place as (
      select array(select id from locations
        where ${locations as string[] | null}::text[] is null or code = any(${locations as string[] | null}::text[])) as ids
    )
    select v.sku, p.code, d.atp from place cross join lateral pool_atp_on_1(place.ids, place.ids,
      array(select id from asked), clock_timestamp(), ${on}) d
    join asked v on v.id = d.variant_id join locations p on p.id = d.pool_id`
}

/** Units on their way to one of our locations, of a SKU or of a part of a bundle. */
export type IncomingRow = {
  /** The SKU that was asked for. */
  readonly of: string
  /** What comes: that SKU, or the part of it. */
  readonly sku: string
  readonly location: string
  readonly expectedAt: Date
  readonly kind: 'delivery' | 'transfer'
  readonly reference: string
  readonly units: number
}

/** What is expected of SKUs, and of the parts of bundles among them, by an instant; the earliest first. */
export function incomingBy(sql: Sql, skus: readonly string[], on: Date): Promise<IncomingRow[]> {
  return sql<IncomingRow[]>`
    with item as (
      select v.id as item_id, v.sku as of, v.id as variant_id from variants v where v.sku = any(${skus as string[]}::text[])
      union all
      select v.id, v.sku, f.part_id from variants v join bundle_flat f on f.bundle_id = v.id where v.sku = any(${skus as string[]}::text[])
    )
    select i.of, v.sku, p.code as location, c.expected_at as "expectedAt", c.kind, c.reference, c.units
    from incoming_by_1(array(select distinct variant_id from item), ${on}) c join item i on i.variant_id = c.variant_id
    join variants v on v.id = c.variant_id join locations p on p.id = c.location_id order by i.of, c.expected_at, c.kind, c.line_id`
}

/** Units of SKUs that orders are short of; SKUs of which none are missing are left out. */
export function unitsShort(sql: Sql, skus: readonly string[]): Promise<{ readonly sku: string; readonly units: number }[]> {
  return sql<{ sku: string; units: number }[]>`
    with asked as materialized (select id, sku from variants where sku = any(${skus as string[]}::text[]))
    select v.sku, s.units from units_short_1(array(select id from asked)) s join asked v on v.id = s.variant_id`
}
