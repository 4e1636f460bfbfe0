import { OPEN_STATES } from '../src/domain/orders/life.ts'
import type { Sql } from './connect.ts'
import { variantTitle } from './pages.ts'

/** Goods that may go over the counter of a store: the same ones, or others of the same product that cost the same, and how many lie free there. */
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

/** Goods that the buyer announced to bring back, all of one return. */
export type AnnouncedReturn = {
  readonly returnId: number
  readonly lines: readonly {
    readonly lineId: number
    readonly sku: string
    readonly gtin: string | null
    readonly title: string
    readonly units: number
  }[]
}

/** An order that somebody brings goods of, without its buyer. */
export type BoughtOrder = {
  readonly orderId: number
  readonly number: string
  readonly channel: string
  readonly placedAt: Date
  readonly lines: readonly BoughtLine[]
  readonly returns: readonly AnnouncedReturn[]
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
      select o.* from orders o where o.id in (
        select id from orders where ${asked.groupId}::bigint is null and lower(number) = lower(${asked.number})
        union all select x.id from channels c join orders x on x.channel_id = c.id and x.external_id = ${asked.number} where ${asked.groupId}::bigint is null
        union all select order_id from fulfilment_groups where id = ${asked.groupId})
      order by o.placed_at desc, o.id desc limit ${ORDERS_MOST}
    )
    select o.id as "orderId", o.number, c.name as channel, o.placed_at as "placedAt", coalesce((
      select jsonb_agg(jsonb_build_object('lineId', l.id, 'sku', coalesce(s.sku, l.sku), 'gtin', s.gtin, 'title', l.title, 'out', x.units,
        'announced', l.shipped - l.returned - x.units, 'goods', coalesce((
          select jsonb_agg(jsonb_build_object('sku', w.sku, 'gtin', w.gtin, 'title', w.full_title, 'here', location_free(${locationId}, w.id, true)) order by w.id <> l.variant_id, w.sku)
          from (select v.*, ${variantTitle(sql)} as full_title from variants v join products p on p.id = v.product_id) w
          where w.product_id = s.product_id and w.status = 'active' and variants_cost_alike(o.channel_id, s.id, w.id, clock_timestamp())), '[]')) order by l.id)
      from order_lines l left join variants s on s.id = l.variant_id cross join lateral (select order_line_out(l.id, null) as units) x
      where l.order_id = o.id and l.shipped > l.returned), '[]') as lines, coalesce((
      select jsonb_agg(jsonb_build_object('returnId', r.id, 'lines', x.lines) order by r.id)
      from returns r cross join lateral (
        select jsonb_agg(jsonb_build_object('lineId', l.id, 'sku', coalesce(s.sku, l.sku), 'gtin', s.gtin, 'title', l.title, 'units', n.announced) order by l.id) as lines
        from return_lines n join order_lines l on l.id = n.order_line_id left join variants s on s.id = l.variant_id where n.return_id = r.id and n.announced > 0) x
      where r.order_id = o.id and r.state = 'announced' and x.lines is not null), '[]') as returns
    from asked o join channels c on c.id = o.channel_id order by o.placed_at desc, o.id desc`
}

/** The units of each line that a return of an order announced, also once it has ended; none where there is no such return. */
export function announcedUnits(
  sql: Sql,
  orderId: number,
  returnId: number,
): Promise<{ readonly lineId: number; readonly units: number }[]> {
  return sql<{ lineId: number; units: number }[]>`
    select n.order_line_id as "lineId", n.announced as units from returns r join return_lines n on n.return_id = r.id
    where r.id = ${returnId} and r.order_id = ${orderId} and n.announced > 0 order by 1`
}

/** Whether a SKU is of the product of a line, and costs the same in its channel; null where there is no such line of that order, or nobody knows which SKU it is. */
export async function isOfSameWorth(sql: Sql, orderId: number, lineId: number, sku: string): Promise<boolean | null> {
  const [row] = await sql<{ same: boolean }[]>`
    select exists (select from variants w where w.sku = ${sku} and w.product_id = v.product_id
      and variants_cost_alike(o.channel_id, v.id, w.id, clock_timestamp())) as same
    from order_lines l join orders o on o.id = l.order_id join variants v on v.id = l.variant_id where l.id = ${lineId} and l.order_id = ${orderId}`
  return row?.same ?? null
}

/** Units that a clerk of a store did not find, or found damaged, and that nobody else has, with what the rules allow instead and how many of it lie free there. */
export type MissingLine = {
  readonly orderId: number
  readonly number: string
  readonly lineId: number
  readonly sku: string
  readonly title: string
  readonly units: number
  readonly offers: readonly CounterGoods[]
}

/** A page of them: `next` is the line after which the page after begins, null on the last. */
export type MissingPage = { readonly lines: readonly MissingLine[]; readonly next: number | null }

const MISSING_MOST = 50

/** What is missing of orders that a store was to pick, after a line, the first ordered first; not of what the office holds for another reason. */
export async function missingLines(sql: Sql, locationId: number, after: number, most = MISSING_MOST): Promise<MissingPage> {
  // The page is cut before anything is asked of its lines: what lies free instead is dear to find.
  const lines = await sql<MissingLine[]>`
    with missed as materialized (
      select l.id from order_lines l join orders o on o.id = l.order_id
      where l.short > 0 and l.id > ${after} and l.variant_id is not null and o.state = any(${[...OPEN_STATES]}) and exists (
          select from fulfilment_lines f join fulfilment_groups g on g.id = f.group_id where f.order_line_id = l.id and f.released > 0 and g.location_id = ${locationId})
        and not ${heldByOffice(sql, sql`o.id`)}
      order by l.id limit ${most + 1}
    )
    select o.id as "orderId", o.number, l.id as "lineId", s.sku, l.title, l.short as units, coalesce((
      select jsonb_agg(jsonb_build_object('sku', v.sku, 'gtin', v.gtin, 'title', ${variantTitle(sql)}, 'here', x.here) order by i.nth)
      from order_line_substitutes(l.id, clock_timestamp(), false) with ordinality i(id, sku, free, automatic, nth)
      join variants v on v.id = i.id join products p on p.id = v.product_id
      cross join lateral (select least(i.free, location_free(${locationId}, v.id, false)) as here) x where x.here > 0), '[]') as offers
    from missed m join order_lines l on l.id = m.id join orders o on o.id = l.order_id join variants s on s.id = l.variant_id order by l.id`
  const shown = lines.slice(0, most)
  return { lines: shown, next: lines.length > most ? (shown.at(-1)?.lineId ?? null) : null }
}

const heldByOffice = (sql: Sql, orderId: ReturnType<Sql> | number) =>
  sql`exists (select from order_holds h where h.order_id = ${orderId} and h.ended_at is null and h.kind <> 'short')`

/** Whether a store was to pick units of a line, and did not find them; not of what the office holds for another reason. */
export async function isMissedAt(sql: Sql, locationId: number, orderId: number, lineId: number): Promise<boolean> {
  const rows = await sql`
    select 1 from fulfilment_lines f join fulfilment_groups g on g.id = f.group_id
    where g.order_id = ${orderId} and f.order_line_id = ${lineId} and f.released > 0 and g.location_id = ${locationId}
      and not ${heldByOffice(sql, orderId)} limit 1`
  return rows.length > 0
}

/** The SKU that somebody scanned or typed: by its name, else by its GTIN of 14 digits; null where neither is known, or several have that GTIN. */
export async function scannedSku(sql: Sql, text: string, gtin: string | null): Promise<string | null> {
  const rows = await sql<{ sku: string; named: boolean }[]>`
    select sku, lower(sku) = lower(${text}) as named from variants where lower(sku) = lower(${text}) or gtin = ${gtin} order by sku <> ${text}, 2 desc limit 2`
  const [first, second] = rows
  return first !== undefined && (first.named || second === undefined) ? first.sku : null
}
