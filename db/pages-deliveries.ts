import type { Sql } from './connect.ts'
import { contains, cut, type Page, type Place, placeText } from './pages.ts'

export const DELIVERY_FILTERS = ['open', 'late', 'received', 'cancelled', 'all'] as const
export type DeliveryShow = (typeof DELIVERY_FILTERS)[number]

export type DeliveryListed = {
  readonly id: number
  readonly at: string
  readonly reference: string
  readonly supplier: string | null
  readonly location: string
  readonly expectedAt: Date
  readonly state: 'open' | 'received' | 'cancelled'
  readonly late: boolean
  readonly lines: number
  readonly ordered: number
  readonly received: number
  /** Units that will not come. */
  readonly cancelled: number
  readonly rest: number
}

/** Deliveries: those to come by their day, so that late ones stand first; else the newest first. `search` is part of a reference or supplier, or a SKU. */
export async function deliveryList(
  sql: Sql,
  asked: {
    readonly show: DeliveryShow
    readonly search: string
    readonly before: Place | null
    readonly limit: number
    readonly now: Date
  },
): Promise<Page<DeliveryListed>> {
  const { show, search, before, limit, now } = asked
  const isToCome = show === 'open' || show === 'late'
  const state = show === 'all' ? null : show === 'late' ? 'open' : show
  const key = isToCome ? sql`d.expected_at` : sql`d.created_at`
  const [at, id] = [before?.at ?? '2000-01-01 00:00:00+00', before?.id ?? 0]
  const place = isToCome ? sql`(${key}, d.id) > (${at}::text::timestamptz, ${id})` : sql`(${key}, d.id) < (${at}::text::timestamptz, ${id})`
  const rows = await sql<DeliveryListed[]>`
    select d.id, ${key}::text as at, d.reference, d.supplier, p.name as location, d.expected_at as "expectedAt", d.state,
      d.state = 'open' and d.expected_at < ${now} as late, s.lines, s.ordered, s.received, s.cancelled, s.rest
    from deliveries d join locations p on p.id = d.location_id
    cross join lateral (select count(*)::int as lines, coalesce(sum(l.ordered), 0)::int as ordered, coalesce(sum(l.received), 0)::int as received,
      coalesce(sum(l.cancelled), 0)::int as cancelled, coalesce(sum(greatest(0, l.ordered - l.received - l.cancelled)), 0)::int as rest from delivery_lines l where l.delivery_id = d.id) s
    where (${state}::text is null or d.state = ${state}) and (${show !== 'late'} or d.expected_at < ${now}) and (${before === null} or ${place})
      and (${search} = '' or d.reference ilike ${contains(search)} or d.supplier ilike ${contains(search)} or exists (
        select from delivery_lines l join variants v on v.id = l.variant_id where l.delivery_id = d.id and v.sku = ${search}))
    order by ${isToCome ? sql`d.expected_at, d.id` : sql`d.created_at desc, d.id desc`} limit ${limit + 1}`
  return cut(rows, limit, placeText)
}

export type DeliveryLineShown = {
  readonly id: number
  readonly sku: string
  readonly title: string
  readonly lotTracked: boolean
  readonly ordered: number
  readonly received: number
  readonly cancelled: number
  readonly rest: number
  readonly unitCost: string | null
  readonly currency: string | null
}

/** The lines of a delivery in their order. */
export function deliveryLines(sql: Sql, id: number): Promise<DeliveryLineShown[]> {
  return sql<DeliveryLineShown[]>`
    select l.id, v.sku, p.title, v.lot_tracked as "lotTracked", l.ordered, l.received, l.cancelled,
      greatest(0, l.ordered - l.received - l.cancelled) as rest, trim_scale(l.unit_cost)::text as "unitCost", l.cost_currency as currency
    from delivery_lines l join variants v on v.id = l.variant_id join products p on p.id = v.product_id where l.delivery_id = ${id} order by l.id`
}
