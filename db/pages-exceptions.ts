import { OPEN_STATES } from '../src/domain/orders/life.ts'
import type { Sql } from './connect.ts'

export const EXCEPTION_KINDS = ['held', 'short', 'unmatched', 'refused', 'late', 'due', 'put_back', 'amiss', 'not_back', 'stuck'] as const
export type ExceptionKind = (typeof EXCEPTION_KINDS)[number]

/** An order that does not go on by itself. */
export type OrderException = {
  readonly kind: ExceptionKind
  readonly orderId: number
  readonly number: string
  readonly channel: string
  readonly channelName: string
  readonly since: Date
  readonly units: number
  /** By when its platform wants it shipped, where it says so. */
  readonly shipBy: Date | null
  /** SKUs that are short or not matched, kinds of hold, words of the platform, locations that are late, by how much amounts do not add up, what was to come back. */
  readonly about: readonly string[]
}

/** What its platform wants shipped within these hours is told, and goes first. */
const DUE_HOURS = 4

/** Orders that need a person: first what its platform wants shipped soon, then the oldest trouble. At most `limit` of each kind; of one kind alone where it is named. */
export function orderExceptions(sql: Sql, now: Date, limit: number, kind: ExceptionKind | null = null): Promise<OrderException[]> {
  return sql<OrderException[]>`
    with wrong as (
      (select 'held' as kind, h.order_id, min(h.put_at) as since, 0 as units, array_agg(h.kind order by h.kind) as about
        from order_holds h where h.ended_at is null group by h.order_id order by 3 limit ${limit})
      union all
      (select case when l.variant_id is null then 'unmatched' else 'short' end, l.order_id, min(o.booked_at), sum(l.short)::int, array_agg(l.sku order by l.id)
        from order_lines l join orders o on o.id = l.order_id where l.short > 0 group by 1, 2 order by 3 limit ${limit})
      union all
      (select 'refused', a.order_id, min(a.ended_at), 0, array_agg(a.kind || ': ' || coalesce(a.reason, a.reason_code, '') order by a.id)
        from acts a where a.state = 'refused' and a.ended_at > ${now}::timestamptz - interval '30 days'
          and not exists (select from acts later where later.order_id = a.order_id and later.kind = a.kind and later.id > a.id) group by 2 order by 3 limit ${limit})
      union all
      (select 'late', g.order_id, min(least(g.ready_by, g.ship_by)), sum((select sum(f.assigned - f.done - f.released) from fulfilment_lines f where f.group_id = g.id))::int, array_agg(distinct p.code)
        from (select x.*, case when x.method <> 'collect' then o.ship_by end as ship_by from fulfilment_groups x join orders o on o.id = x.order_id where x.state in ('waiting', 'picking')) g
        join locations p on p.id = g.location_id where least(g.ready_by, g.ship_by) < ${now} group by 2 order by 3 limit ${limit})
      union all
      -- A parcel that did not come to its store by when its buyer may count on it.
      (select 'late', g.order_id, min(g.deliver_by), sum((select sum(f.assigned - f.done - f.released) from fulfilment_lines f where f.group_id = g.id))::int, array_agg(distinct p.code)
        from fulfilment_groups g join locations p on p.id = g.collect_location_id where g.state = 'sent' and g.deliver_by < ${now} group by 2 order by 3 limit ${limit})
      union all
      (select 'due', o.id, o.booked_at, sum(l.reserved + l.short)::int, '{}'::text[]
        from orders o join order_lines l on l.order_id = o.id where o.state = any(${[...OPEN_STATES]}::text[])
          and o.ship_by < ${now}::timestamptz + make_interval(hours => ${DUE_HOURS}) group by o.id having sum(l.reserved + l.short) > 0 order by o.ship_by limit ${limit})
      union all
      (select 'put_back', g.order_id, min(g.state_since), sum(f.picked - (f.assigned - f.released))::int, array_agg(distinct p.code)
        from fulfilment_lines f join fulfilment_groups g on g.id = f.group_id join locations p on p.id = g.location_id
        -- What was cancelled on its way to a store comes there first.
        where f.picked > f.assigned - f.released and g.state <> 'sent' group by 2 order by 3 limit ${limit})
      union all
      (select 'not_back', r.order_id, min(x.return_by), sum(l.announced)::int, array_agg(distinct n.sku)
        from exchanges x join returns r on r.id = x.return_id and r.state = 'announced' join return_lines l on l.return_id = r.id join order_lines n on n.id = l.order_line_id
        where x.return_by <= ${now} group by 2 order by 3 limit ${limit})
      union all
      -- What is tried again within the hour, so that it fails still.
      (select 'stuck', t.order_id, min(t.since), 0, array_agg(t.trouble order by t.since) from order_troubles t
        where t.tries >= 3 and t.retry_at > ${now}::timestamptz - interval '10 minutes' group by 2 order by 3 limit ${limit})
      union all
      (select 'amiss', o.id, o.booked_at, 0,
          array[trim_scale((o.amounts->'misfit'->>'difference')::numeric / 10::numeric ^ (o.amounts->>'digits')::int)::text || ' ' || o.currency]
        from orders o where o.amounts->'misfit'->>'isRounding' = 'false' and o.state = any(${[...OPEN_STATES]}::text[]) order by 3 limit ${limit})
    )
    select w.kind, w.order_id as "orderId", o.number, c.code as channel, c.name as "channelName", w.since, w.units,
      o.ship_by as "shipBy", w.about
    from wrong w join orders o on o.id = w.order_id join channels c on c.id = o.channel_id
    where ${kind}::text is null or w.kind = ${kind}
    order by case when o.ship_by < ${now}::timestamptz + make_interval(hours => ${DUE_HOURS}) and o.state = any(${[...OPEN_STATES]}::text[]) then o.ship_by end nulls last,
      w.since, w.order_id`
}

export type ShortLine = {
  readonly orderId: number
  readonly lineId: number
  readonly short: number
  /** Units of its SKU that older lines are short of. */
  readonly before: number
  readonly elsewhere: readonly { readonly location: string; readonly free: number }[]
  readonly incoming: readonly { readonly units: number; readonly at: number | null }[]
  /** By when the platform wants the order shipped, in ms. */
  readonly until: number | null
}

/** What there is for the short lines of these orders: free units at places that do not serve their channel, and what is to come to those that do. */
export function shortLines(sql: Sql, orderIds: readonly number[]): Promise<ShortLine[]> {
  return sql<ShortLine[]>`
    with waits as (
      select id, (sum(short) over (partition by variant_id order by id) - short)::int as before from order_lines
      where short > 0 and variant_id in (select variant_id from order_lines where order_id = any(${[...orderIds]}::bigint[]) and short > 0))
    select l.order_id as "orderId", l.id as "lineId", l.short, w.before, (extract(epoch from o.ship_by) * 1000)::float8 as until,
      coalesce((select jsonb_agg(jsonb_build_object('location', p.code, 'free', b.on_hand - b.reserved - b.unavailable - b.safety_stock) order by p.code)
        from balances b join locations p on p.id = b.location_id and p.active and p.kind <> 'platform'
        where b.variant_id = l.variant_id and b.on_hand - b.reserved - b.unavailable - b.safety_stock > 0
          and not exists (select from channel_locations c where c.channel_id = o.channel_id and c.location_id = p.id and c.valid_to is null)), '[]') as elsewhere,
      coalesce((select jsonb_agg(jsonb_build_object('units', x.units, 'at', (extract(epoch from x.expected_at) * 1000)::bigint) order by x.expected_at nulls last)
        from (
          select h.location_id, d.ordered - d.received - d.cancelled as units, h.expected_at from delivery_lines d join deliveries h on h.id = d.delivery_id
          where d.variant_id = l.variant_id and d.ordered > d.received + d.cancelled
          union all
          select t.to_id, d.sent - d.received - d.lost, t.expected_at from transfer_lines d join transfers t on t.id = d.transfer_id
          where d.variant_id = l.variant_id and d.sent > d.received + d.lost) x
        where exists (select from channel_locations c where c.channel_id = o.channel_id and c.location_id = x.location_id and c.valid_to is null)), '[]') as incoming
    from order_lines l join orders o on o.id = l.order_id join waits w on w.id = l.id
    where l.order_id = any(${[...orderIds]}::bigint[]) and l.short > 0 and l.variant_id is not null order by l.id`
}
