import type { BasketItem, PickUpStore } from '../src/domain/fulfilment/pick-up-stores.ts'
import type { Sql } from './connect.ts'

export type BasketRead = {
  /** Null: there is no such channel. */
  readonly channelId: number | null
  /** What is known of these SKUs; those that the catalog does not have are left out. */
  readonly items: readonly BasketItem[]
}

/** What SKUs of a basket are: our number of each, and of a bundle its parts. */
export async function readBasketItems(sql: Sql, channel: string, skus: readonly string[]): Promise<BasketRead> {
  const [row] = await sql<BasketRead[]>`
    select (select id from channels where code = ${channel}) as "channelId", coalesce((
      select json_agg(json_build_object('sku', v.sku, 'id', v.id, 'hazards', array(select distinct h.hazard from variants h where h.hazard is not null
          and (h.id = v.id or h.id in (select f.part_id from bundle_flat f where f.bundle_id = v.id)) order by 1), 'parts', coalesce((
        select json_agg(json_build_object('id', f.part_id, 'quantity', f.quantity) order by f.part_id) from bundle_flat f where f.bundle_id = v.id), '[]')))
      from variants v where v.sku = any(${skus as string[]}::text[])), '[]') as items`
  if (row === undefined) throw new Error('nothing was answered')
  return row
}

type StoreRow = Omit<StatedStore, 'point'> & { readonly latitude: number | null; readonly longitude: number | null }

/** A store as it is stated: its public holidays are not among its closed days yet. */
export type StatedStore = PickUpStore & { readonly holidaysOf: string | null; readonly openDays: readonly string[] }

/**
 * The open locations that serve a channel and hand out, in the channel's order: when they work, what they have taken on, and what is free there of these variants. One read,
 * however many there are. `codes`: only these.
 */
export async function pickUpStoresOf(
  sql: Sql,
  channelId: number,
  variantIds: readonly number[],
  codes: readonly string[] | null,
): Promise<StatedStore[]> {
  const rows = await sql<StoreRow[]>`
    with free as materialized (
      select b.location_id, json_object_agg(b.variant_id, b.on_hand - b.reserved - b.unavailable - b.safety_stock) as units from balances b
      where b.variant_id = any(${variantIds as number[]}::bigint[]) and b.on_hand - b.reserved - b.unavailable > b.safety_stock group by 1
    )
    select p.id, p.code, p.name, p.zone, p.country, s.address, s.postal_code as "postalCode", s.latitude, s.longitude, s.hours, s.cut_off as "cutOff",
      s.lead_minutes as "leadMinutes", s.holidays::text[] as holidays, s.orders_per_day as "ordersPerDay", s.units_per_day as "unitsPerDay",
      s.holidays_of as "holidaysOf", s.open_days::text[] as "openDays", s.hands_over_hazards as "handsOverHazards", location_loads(p.id) as load, f.units as free
    from free f join locations p on p.id = f.location_id and p.active and p.kind <> 'platform'
    join channel_locations c on c.location_id = p.id and c.channel_id = ${channelId} and c.valid_to is null
    join location_services s on s.location_id = p.id and s.valid_to is null and s.collects
    where ${codes === null} or p.code = any(${(codes ?? []) as string[]}::text[]) order by c.position, p.id`
  return rows.map(({ latitude, longitude, ...store }) => ({
    ...store,
    point: latitude === null || longitude === null ? null : { latitude, longitude },
  }))
}
