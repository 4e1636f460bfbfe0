import { OPEN_STATES, type OrderState } from '../src/domain/orders/life.ts'
import type { ActCause } from '../src/values/act-cause.ts'
import type { ActName } from './acts.ts'
import type { Sql } from './connect.ts'
import { contains, cut, type Page, type Place, placeText } from './pages.ts'

export type OrderFilter = 'all' | 'open' | 'short' | OrderState

/** One order of the stream. */
export type OrderRow = {
  readonly id: number
  /** When the hub booked it, as exact text: the order of the stream. */
  readonly at: string
  readonly number: string
  readonly channel: string
  readonly channelName: string
  readonly placedAt: Date
  readonly state: OrderState
  readonly platformState: string
  readonly currency: string
  readonly total: string | null
  readonly lines: number
  readonly units: number
  readonly short: number
  /** The first three SKUs, for the eye. */
  readonly skus: readonly string[]
}

/** Orders as they were booked, newest first, from behind `before`; `search` is found in the order's number. */
export async function orderList(
  sql: Sql,
  wanted: {
    readonly filter: OrderFilter
    readonly channel: string
    readonly search: string
    readonly before: Place | null
    readonly limit: number
  },
): Promise<Page<OrderRow>> {
  const { filter, channel, search, before, limit } = wanted
  const rows = await sql<OrderRow[]>`
    with page as (
      select o.*, c.code, c.name from orders o join channels c on c.id = o.channel_id
      where (${filter} in ('all', 'short') or o.state = any(${filter === 'open' ? [...OPEN_STATES] : [filter]}::text[]))
        and (${filter} <> 'short' or exists (select from order_lines l where l.order_id = o.id and l.short > 0))
        and (${channel} = '' or c.code = ${channel}) and (${search} = '' or o.number ilike ${contains(search)})
        and (${before === null} or (o.booked_at, o.id) < (${before?.at ?? '2000-01-01 00:00:00+00'}::text::timestamptz, ${before?.id ?? 0}))
      order by o.booked_at desc, o.id desc limit ${limit + 1}
    )
    select p.id, p.booked_at::text as at, p.number, p.code as channel, p.name as "channelName", p.placed_at as "placedAt", p.state,
      p.platform_state as "platformState", p.currency, trim_scale(p.total)::text as total, l.lines, l.units, l.short, l.skus
    from page p cross join lateral (
      select count(*)::int as lines, coalesce(sum(x.ordered), 0) as units, coalesce(sum(x.short), 0) as short,
        coalesce((array_agg(coalesce(v.sku, x.sku) order by x.id))[1:3], '{}') as skus
      from order_lines x left join variants v on v.id = x.variant_id where x.order_id = p.id) l
    order by p.booked_at desc, p.id desc`
  return cut(rows, limit, row => placeText(row))
}

export type OrderHead = {
  readonly id: number
  readonly number: string
  readonly externalId: string
  readonly channel: string
  readonly channelName: string
  readonly platform: string
  readonly state: OrderState
  readonly platformState: string
  readonly currency: string
  readonly total: string | null
  readonly placedAt: Date
  readonly shipBy: Date | null
  readonly bookedAt: Date
  readonly updatedAt: Date
}

/** The head of an order's page, or null where there is no such order. */
export async function orderHead(sql: Sql, id: number): Promise<OrderHead | null> {
  const [row] = await sql<OrderHead[]>`
    select o.id, o.number, o.external_id as "externalId", c.code as channel, c.name as "channelName", a.platform, o.state, o.platform_state as "platformState",
      o.currency, trim_scale(o.total)::text as total, o.placed_at as "placedAt", o.ship_by as "shipBy", o.booked_at as "bookedAt", o.updated_at as "updatedAt"
    from orders o join channels c on c.id = o.channel_id join accounts a on a.id = c.account_id where o.id = ${id}`
  return row ?? null
}

export type OrderLine = {
  readonly id: number
  readonly externalLineId: string
  /** The line that was sold, where this is handed over instead of units of it. */
  readonly insteadOf: number | null
  /** Our SKU, null while the line is not matched. */
  readonly sku: string | null
  readonly channelSku: string
  readonly title: string
  readonly unitPrice: string | null
  readonly ordered: number
  /** Units of what was sold that are handed over by other lines. */
  readonly substituted: number
  readonly reserved: number
  readonly short: number
  readonly shipped: number
  readonly cancelled: number
  readonly returned: number
  readonly shortCause: string | null
  /** The buyer collects it in a store. */
  readonly isCollected: boolean
  /** Units of which the platform was told, and did not refuse, that they may be collected. */
  readonly toldReady: number
  /** Where its units are promised now. */
  readonly promised: readonly { readonly location: string; readonly quantity: number }[]
}

/** An order's lines with all six quantities, in the order of the platform's own. */
export async function orderLines(sql: Sql, orderId: number): Promise<readonly OrderLine[]> {
  return sql<OrderLine[]>`
    select l.id, order_line_external(l.id) as "externalLineId", l.instead_of as "insteadOf", v.sku, l.sku as "channelSku", l.title, trim_scale(l.unit_price)::text as "unitPrice",
      l.ordered, l.substituted, l.reserved, l.short, l.shipped, l.cancelled, l.returned, l.short_cause as "shortCause", l.method = 'collect' as "isCollected",
      (select coalesce(sum((x->>'quantity')::int), 0)::int from acts a cross join jsonb_array_elements(coalesce(a.body->'goods', a.body->'lines')) x
        where a.order_id = l.order_id and a.kind = 'ready' and a.state <> 'refused' and (x->>'lineId')::bigint = l.id) as "toldReady",
      coalesce((select jsonb_agg(jsonb_build_object('location', p.code, 'quantity', r.quantity) order by r.id)
        from reservations r join locations p on p.id = r.location_id where r.order_line_id = l.id and r.state = 'open'), '[]') as promised
    from order_lines l left join variants v on v.id = l.variant_id where l.order_id = ${orderId} order by l.id`
}

export type OrderAct = {
  readonly id: number
  readonly kind: ActName
  readonly state: 'intended' | 'sent' | 'unknown' | 'confirmed' | 'refused'
  readonly reason: string | null
  readonly attempts: number
  readonly actor: string
  readonly createdAt: Date
  readonly sentAt: Date | null
  readonly endedAt: Date | null
  readonly tracking: { readonly carrier: string; readonly number: string; readonly url?: string } | null
  readonly units: number
  readonly cause: ActCause | null
  /** What goes back to the buyer, in the order's currency. */
  readonly refunded: string | null
}

/** What was asked of the platform for an order, newest first. */
export async function orderActs(sql: Sql, orderId: number): Promise<readonly OrderAct[]> {
  return sql<OrderAct[]>`
    select a.id, a.kind, a.state, a.reason, a.attempts, a.actor, a.created_at as "createdAt", a.sent_at as "sentAt", a.ended_at as "endedAt",
      nullif(a.body->'tracking', 'null') as tracking, coalesce((select sum((x->>'quantity')::int) from jsonb_array_elements(a.body->'lines') x), 0) as units,
      a.body->>'cause' as cause, a.body->'refund'->>'total' as refunded
    from acts a where a.order_id = ${orderId} order by a.id desc`
}
