import type { Sql } from './connect.ts'

export type HoldItem = { readonly sku: string; readonly quantity: number }

/** What is open of a hold now, by the database's clock, in units of what was asked for: a bundle counts as itself. Empty when it ended or was never there. */
export function holdItems(sql: Sql, basket: string): Promise<HoldItem[]> {
  return sql<HoldItem[]>`
    select v.sku, sum(i.units)::int as quantity from hold_items(${basket}) i join variants v on v.id = i.variant_id
    join reservations r on r.id = i.id where r.expires_at is null or r.expires_at > clock_timestamp() group by v.sku order by v.sku`
}

/** Whether there ever was such a hold: all of it may have become an order's since. */
export async function isHold(sql: Sql, basket: string): Promise<boolean> {
  const [row] = await sql`select 1 from reservations where basket = ${basket} limit 1`
  return row !== undefined
}

export type SellingChannel = { readonly id: number; readonly accountId: number; readonly ref: string; readonly currency: string }

/** The channel of this code, as orders name it; null where there is none. */
export async function sellingChannel(sql: Sql, code: string): Promise<SellingChannel | null> {
  const [row] = await sql<SellingChannel[]>`
    select id, account_id as "accountId", external_ref as ref, currency from channels where code = ${code}`
  return row ?? null
}

export type KnownOrder = { readonly id: number; readonly short: number; readonly items: readonly HoldItem[] }

/** An order of a channel by the channel's own id of it, with what it asked for by SKU; null when it is not booked. */
export async function orderOfChannel(sql: Sql, channelId: number, externalId: string): Promise<KnownOrder | null> {
  const [row] = await sql<KnownOrder[]>`
    select o.id, coalesce((select sum(l.short)::int from order_lines l where l.order_id = o.id), 0) as short,
      coalesce((select json_agg(json_build_object('sku', s.sku, 'quantity', s.ordered) order by s.sku) from (
        select coalesce(v.sku, l.sku) as sku, sum(l.ordered + l.substituted)::int as ordered from order_lines l left join variants v on v.id = l.variant_id
        where l.order_id = o.id and l.instead_of is null group by 1) s), '[]') as items
    from orders o where o.channel_id = ${channelId} and o.external_id = ${externalId}`
  return row ?? null
}

export type SoldAs = {
  readonly sku: string
  readonly title: string
  /** The channel's own id and SKU of it, where it is listed there. */
  readonly listingRef: string | null
  readonly listingSku: string | null
}

/** How a channel knows SKUs of ours; those that the catalog does not have are left out. */
export function soldAs(sql: Sql, channelId: number, skus: readonly string[]): Promise<SoldAs[]> {
  return sql<SoldAs[]>`
    select v.sku, case when starts_with(v.title, p.title) then v.title else concat_ws(' ', p.title, nullif(v.title, '')) end as title, l.external_id as "listingRef", l.external_sku as "listingSku"
    from variants v join products p on p.id = v.product_id
    left join lateral (select external_id, external_sku from listings
      where channel_id = ${channelId} and variant_id = v.id and state <> 'gone' order by id limit 1) l on true
    where v.sku = any(${skus as string[]}::text[])`
}
