import type { Sql } from './connect.ts'

/** An open hold, or its part that is of one SKU at one location. */
export type SkuHold = {
  readonly id: number
  readonly basket: string
  /** What is held: the SKU of the page, or a bundle that it is a part of. */
  readonly item: string
  /** In units of the item. */
  readonly units: number
  readonly location: string
  readonly place: string
  readonly channel: string | null
  readonly actor: string
  readonly since: Date
  /** Null: until somebody ends it. */
  readonly until: Date | null
}

/** What is held of a SKU, itself or in a bundle, for no order yet: what ends first stands first. */
export function skuHolds(sql: Sql, variantId: number, now: Date, limit: number): Promise<SkuHold[]> {
  return sql<SkuHold[]>`
    select min(r.id)::bigint as id, r.basket, coalesce(b.sku, v.sku) as item, min(r.quantity / r.per_unit)::int as units, p.code as location, p.name as place,
      c.name as channel, r.actor, min(r.created_at) as since, r.expires_at as until
    from reservations r join variants v on v.id = r.variant_id join locations p on p.id = r.location_id
    left join variants b on b.id = r.bundle_id left join channels c on c.id = r.channel_id
    where r.state = 'open' and r.order_line_id is null and r.quantity > 0 and (r.expires_at is null or r.expires_at > ${now})
      and (r.variant_id = ${variantId} or r.bundle_id = ${variantId})
    group by coalesce(r.pack, r.id), r.basket, coalesce(b.sku, v.sku), p.code, p.name, c.name, r.actor, r.expires_at
    order by r.expires_at nulls last, 1 limit ${limit}`
}
