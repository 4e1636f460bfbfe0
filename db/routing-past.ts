import type { Place, RouteLine, Supply } from '../src/domain/fulfilment/facts.ts'
import type { KeptFacts } from '../src/domain/fulfilment/kept-facts.ts'
import type { KeptAttempt } from '../src/domain/fulfilment/known-then.ts'
import type { PastGroup } from '../src/domain/fulfilment/redecide.ts'
import type { Sql } from './connect.ts'

/** Decisions in `[from, until)` about orders of a channel; null: of all channels that have no rules of their own. */
export type PastAsked = { readonly channelId: number | null; readonly from: Date; readonly until: Date }

/** How many there are, and from which to which number. */
export type PastSpan = { readonly count: number; readonly first: number; readonly last: number }

type FoundFacts = {
  readonly lines: readonly RouteLine[]
  readonly supply: readonly Supply[]
  readonly load: Readonly<Record<string, Place['load']>>
  readonly excluded: readonly (readonly [placeId: number, reason: string])[]
}

export type PastRow = {
  readonly id: number
  readonly at: Date
  readonly orderId: number
  readonly number: string
  readonly channelId: number
  /** The channel sold from one location, so that nothing was to be decided. */
  readonly isOnly: boolean
  /** The buyer's data was removed: nobody knows where it went. */
  readonly isForgotten: boolean
  /** What was kept with the decision; null: the ledger has to tell. */
  readonly kept: KeptFacts | null
  readonly found: FoundFacts | null
  readonly attempts: readonly KeptAttempt[]
  readonly groups: readonly (Omit<PastGroup, 'readyBy' | 'deliverBy'> & {
    readonly readyBy: string | null
    readonly deliverBy: string | null
  })[]
}

const concerned = (sql: Sql, { channelId, from, until }: PastAsked) => sql`
  d.at >= ${from} and d.at < ${until} and case when ${channelId}::bigint is null
    then not exists (select from routing_rules x where x.channel_id = o.channel_id and x.valid_to is null) else o.channel_id = ${channelId}::bigint end`

export async function pastSpan(sql: Sql, asked: PastAsked): Promise<PastSpan> {
  const [row] = await sql<PastSpan[]>`
    select count(*)::int as count, coalesce(min(d.id), 0) as first, coalesce(max(d.id), 0) as last
    from routing_decisions d join orders o on o.id = d.order_id where ${concerned(sql, asked)}`
  return row ?? { count: 0, first: 0, last: 0 }
}

/**
 * Decisions of a span from one on, in their sequence, with what they were made from. Where that was not kept, stock is as the ledger says of that instant (of bundles only
 * what the order had), and load as it is known today of groups that were older.
 */
export function pastDecisions(sql: Sql, asked: PastAsked, from: number, last: number, limit: number): Promise<PastRow[]> {
  return sql<PastRow[]>`
    with page as materialized (
      select d.id, d.at, d.order_id, o.number, o.channel_id, o.people_gone_at, d.group_ids, d.body ? 'only' as is_only, d.body->'facts' as facts, d.body->'attempts' as attempts
      from routing_decisions d join orders o on o.id = d.order_id
      where ${concerned(sql, asked)} and d.id between ${from} and ${last} order by d.id limit ${limit}
    )
    select d.id, d.at, d.order_id as "orderId", d.number, d.channel_id as "channelId", d.is_only as "isOnly", d.people_gone_at is not null as "isForgotten",
      d.facts as kept, coalesce(d.attempts, '[]') as attempts, coalesce(g.groups, '[]') as groups, f.found
    from page d
    left join lateral (
      select json_agg(json_build_object('placeId', g.location_id, 'method', g.method, 'collectAt', g.collect_location_id, 'workOn', g.work_on, 'readyBy', g.ready_by,
        'deliverBy', g.deliver_by, 'lines', (select json_agg(json_build_object('lineId', l.order_line_id, 'quantity', l.assigned)) from fulfilment_lines l where l.group_id = g.id),
        'isKept', case when g.ready_by is null or g.state = 'cancelled' then null when g.state = 'rejected' then false
          when r.at is not null then r.at <= g.ready_by when g.ready_by < clock_timestamp() then false end) order by x.n) as groups
      from unnest(d.group_ids) with ordinality x (id, n) join fulfilment_groups g on g.id = x.id
      left join lateral (select min(e.at) as at from order_events e where e.group_id = g.id and e.to_state in ('ready', 'done')) r on true
    ) g on not d.is_only
    left join lateral (
      with lines as materialized (
        select l.id, l.sku, l.variant_id, l.method, l.collect_location_id, l.unit_price, sum(f.assigned)::int as units,
          array(select distinct v.hazard from variants v where v.hazard is not null and (v.id = l.variant_id
            or v.id in (select p.variant_id from order_line_parts p where p.order_line_id = l.id)) order by 1) as hazards
        from fulfilment_lines f join order_lines l on l.id = f.order_line_id where f.group_id = any(d.group_ids) group by l.id
      ), supply as (
        select x.line_id, x.location_id, sum(x.units)::int as units from (
          select l.id as line_id, b.location_id, greatest(0, b.on_hand - b.reserved - b.unavailable - b.safety_stock - coalesce((
            select sum(m.on_hand - m.reserved - m.unavailable) from movements m
            where m.variant_id = b.variant_id and m.location_id = b.location_id and m.recorded_at > d.at), 0)) as units
          from lines l join balances b on b.variant_id = l.variant_id where not exists (select from order_line_parts p where p.order_line_id = l.id)
          union all
          select f.order_line_id, g.location_id, f.assigned from fulfilment_lines f join fulfilment_groups g on g.id = f.group_id where g.id = any(d.group_ids)
        ) x group by 1, 2 having sum(x.units) > 0
      ), load as (
        select g.location_id, g.work_on, count(distinct g.id)::int as orders, sum(f.assigned - f.released)::int as units
        from fulfilment_groups g join fulfilment_lines f on f.group_id = g.id
        where g.work_on >= (d.at - interval '2 days')::date and g.created_at < d.at and g.id <> all(d.group_ids) and f.assigned > f.released
          and exists (select from location_services s where s.location_id = g.location_id and s.valid_to is null and (s.orders_per_day is not null or s.units_per_day is not null))
        group by 1, 2
      )
      select json_build_object(
        'lines', coalesce((select json_agg(json_build_object('id', id, 'sku', sku, 'units', units, 'method', method, 'collectAt', collect_location_id,
          'worth', unit_price * units, 'hazards', hazards) order by id) from lines), '[]'),
        'supply', coalesce((select json_agg(json_build_object('lineId', line_id, 'placeId', location_id, 'units', units, 'ageDays', 0)) from supply), '[]'),
        'load', coalesce((select json_object_agg(location_id, days) from (
          select location_id, json_object_agg(work_on, json_build_object('orders', orders, 'units', units)) as days from load group by 1) x), '{}'),
        'excluded', coalesce((select json_agg(json_build_array(e.location_id, e.reason) order by e.id) from routing_exclusions e
          where e.order_id = d.order_id and e.at < d.at), '[]')) as found
    ) f on d.facts is null and not d.is_only
    order by d.id`
}

/** The next instant after one at which what locations do, or which of them the channel sells from, was stated anew; null: nothing was since. */
export async function nextStatement(sql: Sql, channelId: number, at: Date): Promise<Date | null> {
  const [row] = await sql<{ at: Date | null }[]>`
    select min(x.at) as at from (
      select unnest(array[valid_from, valid_to]) as at from location_services
      union all select unnest(array[valid_from, valid_to]) from channel_locations where channel_id = ${channelId}) x where x.at > ${at}`
  return row?.at ?? null
}
