import type { Hours } from '../src/domain/fulfilment/facts.ts'
import { type ExchangeEnd, type ExchangeEndFacts, exchangeEnd } from '../src/domain/orders/exchange-end.ts'
import type { OrderState } from '../src/domain/orders/life.ts'
import type { Sql } from './connect.ts'

/** Units of a line, by the name that the channel sold it under; what is handed over instead of that, by its own (`instead`: of what). */
export type TrackedUnits = { readonly title: string; readonly units: number; readonly instead: string | null }

export type TrackedLine = {
  readonly id: number
  /** Ours where it is matched, else the channel's. */
  readonly sku: string
  readonly title: string
  /** What was sold, where this is handed over instead. */
  readonly instead: string | null
  readonly method: 'ship' | 'collect'
  readonly ordered: number
  readonly short: number
  readonly shipped: number
  readonly cancelled: number
  readonly returned: number
}

/** What is handed over together, as its buyer may know it: where it is collected, never from where it is sent. */
export type TrackedGroup = {
  readonly id: number
  readonly method: 'ship' | 'collect' | 'ship_to_store'
  /** `sent`: on its way to the store where it is collected; there it is ready, not where it was packed. */
  readonly state: 'waiting' | 'picking' | 'ready' | 'sent' | 'done'
  readonly stateSince: Date
  readonly readyBy: Date | null
  readonly deliverBy: Date | null
  readonly collectBy: Date | null
  readonly code: string | null
  readonly place: TrackedPlace | null
  readonly lines: readonly TrackedUnits[]
}

export type TrackedPlace = {
  readonly name: string
  readonly zone: string
  readonly address: string | null
  readonly postalCode: string | null
  readonly hours: Hours
  /** Local days (`YYYY-MM-DD`) on which it is closed. */
  readonly holidays: readonly string[]
}

export type TrackedParcel = {
  readonly carrier: string
  readonly number: string
  readonly url: string | null
  readonly sentAt: Date
  readonly lines: readonly TrackedUnits[]
}

export type TrackedOrder = {
  readonly id: number
  readonly number: string
  readonly channel: string
  readonly shop: string
  readonly zone: string
  /** In which its channel speaks to buyers, as a tag. */
  readonly language: string
  readonly state: OrderState
  /** Until when goods are to be back before this goes out in exchange; null where it waits for none. */
  readonly awaitsBackBy: Date | null
  /** Why units of what goes out in exchange were cancelled; null where none were, or it is no exchange. */
  readonly ended: ExchangeEnd | null
  readonly lines: readonly TrackedLine[]
  readonly groups: readonly TrackedGroup[]
  readonly parcels: readonly TrackedParcel[]
  /** What goes out in exchange for goods of it. */
  readonly exchanges: readonly TrackedOrder[]
}

/** An order as its buyer may know it: no name, no address, nothing of our warehouses. */
export async function trackedOrder(sql: Sql, orderId: number): Promise<TrackedOrder | null> {
  const [head] = await sql<Pick<TrackedOrder, 'id' | 'number' | 'channel' | 'shop' | 'zone' | 'language' | 'state' | 'awaitsBackBy'>[]>`
    select o.id, o.number, c.code as channel, c.name as shop, c.zone, coalesce(n.language, c.locale) as language, o.state,
      (select x.return_by from exchanges x join order_holds h on h.order_id = x.replacement_id and h.kind = 'return' and h.ended_at is null
        where x.replacement_id = o.id) as "awaitsBackBy"
    from orders o join channels c on c.id = o.channel_id left join channel_notices n on n.channel_id = c.id where o.id = ${orderId}`
  if (head === undefined) return null
  const [lines, groups, parcels, exchanges, ended] = await Promise.all([
    trackedLines(sql, orderId),
    trackedGroups(sql, orderId),
    trackedParcels(sql, orderId),
    trackedExchanges(sql, orderId),
    endOfExchange(sql, orderId),
  ])
  return { ...head, lines, groups, parcels, exchanges, ended }
}

async function endOfExchange(sql: Sql, orderId: number): Promise<ExchangeEnd | null> {
  const [facts] = await sql<ExchangeEndFacts[]>`
    select e.transition, e.detail->>'cause' as cause, e.actor, e.at, x.waits, x.return_by as "returnBy", case when r.state = 'cancelled' then r.ended_at end as "givenUpAt"
    from exchanges x join returns r on r.id = x.return_id
    join order_events e on e.order_id = x.replacement_id and e.group_id is null
      and (e.transition = 'cancel' or e.transition = 'not_collected' and e.detail->>'becomes' = 'cancel' or e.transition = 'choose' and e.detail->>'choice' = 'cancel')
    where x.replacement_id = ${orderId} order by e.id desc limit 1`
  return facts === undefined ? null : exchangeEnd(facts)
}

async function trackedExchanges(sql: Sql, orderId: number): Promise<TrackedOrder[]> {
  const rows = await sql<{ id: number }[]>`select id from orders where exchange_of = ${orderId} order by id`
  const orders = await Promise.all(rows.map(row => trackedOrder(sql, row.id)))
  return orders.filter(order => order !== null)
}

function trackedLines(sql: Sql, orderId: number): Promise<TrackedLine[]> {
  return sql<TrackedLine[]>`
    select l.id, coalesce(v.sku, l.sku) as sku, l.title, s.title as instead, l.method, l.ordered, l.short, l.shipped, l.cancelled, l.returned
    from order_lines l left join variants v on v.id = l.variant_id left join order_lines s on s.id = l.instead_of
    where l.order_id = ${orderId} and l.ordered > 0 order by coalesce(l.instead_of, l.id), l.id`
}

type GroupRead = Omit<TrackedGroup, 'place'> & Partial<Omit<TrackedPlace, 'name'>> & { readonly placeName: string | null }

async function trackedGroups(sql: Sql, orderId: number): Promise<TrackedGroup[]> {
  const rows = await sql<GroupRead[]>`
    select g.id, g.method, case when g.method = 'ship_to_store' and g.state = 'ready' then 'picking' else g.state end as state, g.state_since as "stateSince", g.ready_by as "readyBy", g.deliver_by as "deliverBy", g.collect_by as "collectBy",
      case when g.state = 'ready' then g.code end as code, p.name as "placeName", p.zone, s.address, s.postal_code as "postalCode", s.hours,
      coalesce(s.holidays::text[], '{}') as holidays,
      (select coalesce(jsonb_agg(jsonb_build_object('title', n.title, 'units', case g.state when 'done' then f.done else f.assigned - f.done - f.released end,
          'instead', s.title) order by n.id), '[]')
        from fulfilment_lines f join order_lines n on n.id = f.order_line_id left join order_lines s on s.id = n.instead_of
        where f.group_id = g.id and case g.state when 'done' then f.done else f.assigned - f.done - f.released end > 0) as lines
    from fulfilment_groups g left join locations p on p.id = coalesce(g.collect_location_id, g.location_id) and g.method <> 'ship'
    left join location_services s on s.location_id = p.id and s.valid_to is null
    where g.order_id = ${orderId} and (g.state in ('waiting', 'picking', 'ready', 'sent') or g.state = 'done' and (g.held_at is null or g.method <> 'ship_to_store')) order by g.id`
  return rows.map(({ placeName, zone = 'UTC', address = null, postalCode = null, hours = null, holidays = [], ...group }) => ({
    ...group,
    place: placeName === null ? null : { name: placeName, zone, address, postalCode, hours, holidays },
  }))
}

/** What left with a number under which its carrier knows it. */
function trackedParcels(sql: Sql, orderId: number): Promise<TrackedParcel[]> {
  return sql<TrackedParcel[]>`
    select a.body->'tracking'->>'carrier' as carrier, a.body->'tracking'->>'number' as number, a.body->'tracking'->>'url' as url, a.created_at as "sentAt",
      (select coalesce(jsonb_agg(jsonb_build_object('title', n.title, 'units', (x->>'quantity')::int, 'instead', s.title) order by n.id), '[]')
        from jsonb_array_elements(coalesce(a.body->'goods', a.body->'lines')) x join order_lines n on n.id = (x->>'lineId')::bigint
        left join order_lines s on s.id = n.instead_of) as lines
    from acts a where a.order_id = ${orderId} and a.kind = 'ship' and jsonb_typeof(a.body->'tracking') = 'object' order by a.id`
}

/** Places that gave an order up, by code: none of them is offered for it again. */
export async function failedStores(sql: Sql, orderId: number): Promise<string[]> {
  const rows = await sql<{ code: string }[]>`
    select distinct p.code from routing_exclusions x join locations p on p.id = x.location_id where x.order_id = ${orderId}`
  return rows.map(row => row.code)
}
