import type { Sql } from './connect.ts'
import { variantTitle } from './pages.ts'

/** Goods that may go over the counter of a store: the same ones, or others of the same product, and how many lie free there. */
export type CounterGoods = { readonly sku: string; readonly gtin: string | null; readonly title: string; readonly here: number }

/** A line of which units are with the buyer, as a counter shows it. */
export type BoughtLine = {
  readonly lineId: number
  readonly sku: string
  readonly gtin: string | null
  readonly title: string
  /** Units that may come back; those of an announced return come by that. */
  readonly out: number
  readonly announced: number
  readonly goods: readonly CounterGoods[]
}

/** An order that somebody brings goods of, without its buyer. */
export type BoughtOrder = {
  readonly orderId: number
  readonly number: string
  readonly channel: string
  readonly placedAt: Date
  readonly lines: readonly BoughtLine[]
}

const ORDERS_MOST = 6

/** Orders by the number that the buyer names, or by a group of theirs (which the code to collect names), the newest first, with what a store has to give for it. */
export async function boughtOrders(
  sql: Sql,
  locationId: number,
  asked: { readonly number: string; readonly groupId: number | null },
): Promise<BoughtOrder[]> {
  return sql<BoughtOrder[]>`
    with asked as (
      select o.* from orders o where case when ${asked.groupId}::bigint is null then lower(o.number) = lower(${asked.number}) or o.external_id = ${asked.number}
        else o.id = (select g.order_id from fulfilment_groups g where g.id = ${asked.groupId}) end order by o.placed_at desc, o.id desc limit ${ORDERS_MOST}
    )
    select o.id as "orderId", o.number, c.name as channel, o.placed_at as "placedAt", coalesce((
      select jsonb_agg(jsonb_build_object('lineId', l.id, 'sku', coalesce(s.sku, l.sku), 'gtin', s.gtin, 'title', l.title, 'out', x.units,
        'announced', l.shipped - l.returned - x.units, 'goods', coalesce((
          select jsonb_agg(jsonb_build_object('sku', w.sku, 'gtin', w.gtin, 'title', w.full_title, 'here', location_free(${locationId}, w.id, true)) order by w.id <> l.variant_id, w.sku)
          from (select v.*, ${variantTitle(sql)} as full_title from variants v join products p on p.id = v.product_id) w
          where w.product_id = s.product_id and w.status = 'active'), '[]')) order by l.id)
      from order_lines l left join variants s on s.id = l.variant_id cross join lateral (select order_line_out(l.id, null) as units) x
      where l.order_id = o.id and l.shipped > l.returned), '[]') as lines
    from asked o join channels c on c.id = o.channel_id order by o.placed_at desc, o.id desc`
}

/** Whether two SKUs are of one product; null where there is no such line of that order, or nobody knows which SKU it is. */
export async function isSameProduct(sql: Sql, orderId: number, lineId: number, sku: string): Promise<boolean | null> {
  const [row] = await sql<{ same: boolean }[]>`
    select exists (select from variants w where w.sku = ${sku} and w.product_id = v.product_id) as same
    from order_lines l join variants v on v.id = l.variant_id where l.id = ${lineId} and l.order_id = ${orderId}`
  return row?.same ?? null
}
