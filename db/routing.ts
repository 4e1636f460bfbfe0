import type { Hours, Place, RouteLine, Supply } from '../src/domain/fulfilment/facts.ts'
import type { RoutingRules } from '../src/domain/fulfilment/rules.ts'
import type { JsonValue, Sql } from './connect.ts'

export type WaitingOrder = { readonly id: number; readonly channelId: number }

/** The newest order that may wait to be routed; 0 where none does. */
export async function newestToRoute(sql: Sql): Promise<number> {
  const [row] = await sql<{ id: number }[]>`select coalesce(max(id), 0) as id from orders where state in ('accepted', 'in_fulfilment')`
  return row?.id ?? 0
}

/** Orders behind `after` and up to `last` of which units wait to be routed, oldest first; those that could not be placed lately are left out until their time has come. */
export function ordersToRoute(sql: Sql, after: number, last: number, limit: number): Promise<WaitingOrder[]> {
  return sql<WaitingOrder[]>`
    select o.id, o.channel_id as "channelId" from orders o
    where o.state in ('accepted', 'in_fulfilment') and o.id > ${after} and o.id <= ${last}
      and not exists (select from routing_waits w where w.order_id = o.id and w.until > clock_timestamp())
      and not order_steps_back('route', o.id, clock_timestamp())
      and exists (select from order_unrouted(o.id))
    order by o.id limit ${limit}`
}

export type OrderFacts = {
  readonly state: string
  readonly lines: readonly RouteLine[]
  readonly supply: readonly Supply[]
  readonly excluded: readonly { readonly placeId: number; readonly reason: string }[]
}

/** What waits of an order and what each place has for it: free there (safety stock left alone), and promised to it there already. */
export async function routeFacts(sql: Sql, orderId: number): Promise<OrderFacts | null> {
  const [row] = await sql<OrderFacts[]>`
    with waiting as materialized (select line_id, location_id, units from order_unrouted(${orderId})),
    lines as materialized (
      select l.id, l.sku, l.variant_id, l.method, l.collect_location_id, l.unit_price, w.units, o.channel_id, l.instead_of,
        array(select distinct v.hazard from variants v where v.hazard is not null and (v.id = l.variant_id
          or v.id in (select p.variant_id from order_line_parts p where p.order_line_id = l.id)) order by 1) as hazards,
        exists (select from order_line_parts p where p.order_line_id = l.id) as is_bundle
      from (select line_id, sum(units)::int as units from waiting group by 1) w join order_lines l on l.id = w.line_id join orders o on o.id = l.order_id
    ), free as (
      select l.id as line_id, b.location_id, greatest(0, b.on_hand - b.reserved - b.unavailable - b.safety_stock) as units
      from lines l join balances b on b.variant_id = l.variant_id where not l.is_bundle
      union all
      select l.id, c.location_id, stock_fit(l.variant_id, c.location_id, m.part_ids, m.part_units, false)
      from lines l cross join lateral order_line_explosion(l.id) m join channel_locations c on c.channel_id = l.channel_id and c.valid_to is null where l.is_bundle
    ), supply as (
      select line_id, location_id, sum(units)::int as units from (select * from free union all select line_id, location_id, units from waiting) x
      group by 1, 2 having sum(units) > 0
    )
    select o.state,
      coalesce((select json_agg(json_build_object('id', id, 'sku', sku, 'units', units, 'method', method, 'collectAt', collect_location_id,
        'worth', unit_price * units, 'hazards', hazards) order by id) from lines), '[]') as lines,
      coalesce((select json_agg(json_build_object('lineId', s.line_id, 'placeId', s.location_id, 'units', s.units,
        'ageDays', coalesce((select extract(epoch from clock_timestamp() - min(t.created_at)) / 86400 from lots t
          where t.variant_id = l.variant_id and t.location_id = s.location_id and t.quantity > t.unavailable), 0)))
        from supply s join lines l on l.id = s.line_id), '[]') as supply,
      -- What a clerk did not find on the shelf is no reason against what is handed over instead of it.
      coalesce((select json_agg(json_build_object('placeId', x.location_id, 'reason', x.reason) order by x.id) from routing_exclusions x where x.order_id = o.id
        and not (x.reason in ('short', 'damaged') and (select bool_and(l.instead_of is not null and not exists (
          select from fulfilment_lines f where f.group_id = x.group_id and f.order_line_id = l.id)) from lines l))), '[]') as excluded
    from orders o where o.id = ${orderId}`
  return row ?? null
}

/** A location as it is stated: its public holidays are not among its closed days yet. */
export type RoutePlace = Omit<Place, 'excluded'> & {
  readonly holidaysOf: string | null
  readonly openDays: readonly string[]
  readonly postalCode: string | null
}

type PlaceRow = Omit<RoutePlace, 'point'> & {
  readonly latitude: number | null
  readonly longitude: number | null
  readonly hours: Hours
}

/**
 * Every location of the company: whether it serves the channel, what it does for orders, and what it has taken on for the coming days. `at`: as that was stated
 * then, without what it had taken on.
 */
export async function routePlaces(sql: Sql, channelId: number, at: Date | null = null): Promise<RoutePlace[]> {
  const holds = (versions: string) =>
    at === null
      ? sql`${sql(versions)}.valid_to is null`
      : sql`${sql(versions)}.valid_from <= ${at} and coalesce(${sql(versions)}.valid_to, 'infinity') > ${at}`
  const rows = await sql<PlaceRow[]>`
    select p.id, p.code, p.kind, p.zone, p.country, p.active, c.position, s.latitude, s.longitude, s.hours, s.cut_off as "cutOff",
      coalesce(s.lead_minutes, 0) as "leadMinutes", coalesce(s.holidays, '{}')::text[] as holidays, s.orders_per_day as "ordersPerDay", s.units_per_day as "unitsPerDay",
      coalesce(s.ships, true) as ships, coalesce(s.collects, false) as collects, s.ships_to as "shipsTo", s.parcel_cost::float8 as "parcelCost",
      s.unit_cost::float8 as "unitCost", coalesce(s.priority, 0) as priority, coalesce(s.transit_days, 2) as "transitDays",
      coalesce(s.transit_days_abroad, 5) as "transitDaysAbroad", s.ships_hazards as "shipsHazards", s.hands_over_hazards as "handsOverHazards",
      s.postal_code as "postalCode", s.holidays_of as "holidaysOf", coalesce(s.open_days, '{}')::text[] as "openDays", ${at === null ? sql`location_loads(p.id)` : sql`'{}'::json`} as load
    from locations p left join channel_locations c on c.location_id = p.id and c.channel_id = ${channelId} and ${holds('c')}
    left join location_services s on s.location_id = p.id and ${holds('s')}
    where p.kind <> 'platform' order by c.position nulls last, p.id`
  return rows.map(({ latitude, longitude, ...place }) => ({
    ...place,
    point: latitude === null || longitude === null ? null : { latitude, longitude },
  }))
}

export type RulesInForce = { readonly id: number; readonly version: number; readonly rules: RoutingRules }

/** The rules of a channel, or those of all where it has none of its own; null where nobody has written any. */
export async function rulesInForce(sql: Sql, channelId: number | null): Promise<RulesInForce | null> {
  const [row] = await sql<RulesInForce[]>`
    select id, version, body as rules from routing_rules where valid_to is null and (channel_id = ${channelId}::bigint or channel_id is null)
    order by channel_id nulls last limit 1`
  return row ?? null
}

export type RouteAnswer =
  | { readonly outcome: 'routed'; readonly groups: readonly number[]; readonly decision: number }
  | { readonly outcome: 'stale'; readonly state?: string; readonly unrouted?: JsonValue }
  | {
      readonly outcome: 'insufficient'
      readonly missing: {
        readonly locationId: number
        readonly lineId?: number
        readonly reason: string
        readonly asked?: number
        readonly available?: number
      }
    }
  | { readonly outcome: 'unknown'; readonly field: string }

export async function commitRoute(sql: Sql, cmd: Readonly<Record<string, JsonValue>>): Promise<RouteAnswer> {
  const [row] = await sql<{ answer: RouteAnswer }[]>`select fulfilment_route_1(${sql.json(cmd)}) as answer`
  if (!row) throw new Error('nothing was answered')
  return row.answer
}

export async function noteUnplaced(sql: Sql, cmd: Readonly<Record<string, JsonValue>>): Promise<void> {
  await sql`select routing_unplaced_1(${sql.json(cmd)})`
}

/** Channels that sell from one location, which sends any number of orders of anything anywhere: of an account, or all that have orders that wait. */
export function plainChannels(sql: Sql, accountId: number | null = null): Promise<{ channelId: number; placeId: number }[]> {
  const asked =
    accountId === null
      ? sql`exists (select from orders o where o.state = 'accepted' and o.channel_id = c.channel_id)`
      : sql`c.channel_id in (select id from channels where account_id = ${accountId})`
  return sql<{ channelId: number; placeId: number }[]>`
    select c.channel_id as "channelId", min(c.location_id) as "placeId" from channel_locations c
    where c.valid_to is null and ${asked}
    group by 1 having count(*) = 1 and not exists (select from location_services s where s.location_id = min(c.location_id) and s.valid_to is null
      and (s.orders_per_day is not null or s.units_per_day is not null or not s.ships or s.ships_to is not null or s.ships_hazards is not null))
      and exists (select from locations p where p.id = min(c.location_id) and p.active)`
}

/** Puts what waits of a channel with one location into groups there; answers how many orders that were. */
export async function commitPlain(sql: Sql, cmd: Readonly<Record<string, JsonValue>>): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select fulfilment_route_plain_1(${sql.json(cmd)}) as n`
  return row?.n ?? 0
}

/** Takes late groups away from their locations, as the rules say; answers how many. */
export async function takeLate(sql: Sql, limit: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select fulfilment_late_1(${limit}) as n`
  return row?.n ?? 0
}

export type Decision = {
  readonly at: Date
  readonly outcome: 'routed' | 'unplaced'
  readonly actor: string
  readonly rulesVersion: number | null
  readonly groups: readonly number[]
  readonly body: JsonValue
}

/** The decisions about an order, newest first. */
export function decisionsOf(sql: Sql, orderId: number): Promise<Decision[]> {
  return sql<Decision[]>`
    select d.at, d.outcome, d.actor, r.version as "rulesVersion", d.group_ids as groups, d.body from routing_decisions d left join routing_rules r on r.id = d.rules_id
    where d.order_id = ${orderId} order by d.id desc limit 50`
}
