import type { Sql } from './connect.ts'

/** A SKU's stock at an instant; `available` is what could be promised: on hand less reserved, unavailable and safety stock, by location, never below 0. */
export type HistoryPoint = {
  readonly at: Date
  readonly onHand: number
  readonly reserved: number
  readonly unavailable: number
  readonly incoming: number
  readonly available: number
}

export type HistoryAsked = {
  readonly variantId: number
  /** Null: all locations of our own, added up. */
  readonly location: string | null
  /** ISO text. */
  readonly from: string
  /** ISO text after `from`; null for now. */
  readonly to: string | null
  /** Most points besides the first: with more changes than that, each point is the end of an equal part of the period. */
  readonly most: number
}

/**
 * A SKU's stock over time, counted backwards from its present balances: one point at `from`, then one after each change, or at the ends of equal parts of the
 * period where there were more changes than points. Stock is what it was at a point until the next one.
 */
export function stockHistory(sql: Sql, { variantId, location, from, to, most }: HistoryAsked): Promise<HistoryPoint[]> {
  return sql<HistoryPoint[]>`
    with span as (select ${from}::text::timestamptz as since, coalesce(${to}::text::timestamptz, clock_timestamp()) as until),
    place as (
      select b.* from balances b join locations l on l.id = b.location_id
      where b.variant_id = ${variantId} and case when ${location}::text is null then l.kind <> 'platform' else l.code = ${location} end
    ), step as (
      select m.location_id, m.recorded_at as at, m.on_hand, m.reserved, m.unavailable, m.incoming, 0 as safety
      from span, place cross join lateral (select * from movements m
        where m.variant_id = place.variant_id and m.location_id = place.location_id and m.recorded_at > span.since) m
      union all
      select s.location_id, e.at, 0, 0, 0, 0, e.safety from span, place
      join safety_stocks s on s.variant_id = place.variant_id and s.location_id = place.location_id
      cross join lateral (values (s.valid_from, s.quantity), (s.valid_to, -s.quantity)) e(at, safety) where e.at > span.since
    -- Once, not for each movement.
    ), grain as materialized (
      select (until - since) / ${most} as width, (select count(*) > ${most} from (select distinct at from step where at <= until) x) as is_coarse from span
    ), placed as (
      select step.location_id, case when step.at > until then 'infinity' when not is_coarse then step.at
          else least(until, since + width * ceil(extract(epoch from step.at - since) / extract(epoch from width))) end as at,
        sum(on_hand) as on_hand, sum(reserved) as reserved, sum(unavailable) as unavailable, sum(incoming) as incoming, sum(safety) as safety
      from step, span, grain group by 1, 2
    ), point as (
      select since as at from span union select at from placed where at < 'infinity'
    ), sum as (
      select p.at, b.location_id, b.on_hand - coalesce(sum(s.on_hand) over later, 0) as on_hand, b.reserved - coalesce(sum(s.reserved) over later, 0) as reserved,
        b.unavailable - coalesce(sum(s.unavailable) over later, 0) as unavailable, b.incoming - coalesce(sum(s.incoming) over later, 0) as incoming,
        b.safety_stock - coalesce(sum(s.safety) over later, 0) as safety
      from (select at from point union all select 'infinity') p cross join place b
      left join placed s on s.location_id = b.location_id and s.at = p.at
      window later as (partition by b.location_id order by p.at desc rows between unbounded preceding and 1 preceding)
    )
    select point.at, coalesce(sum(on_hand), 0)::bigint as "onHand", coalesce(sum(reserved), 0)::bigint as reserved,
      coalesce(sum(unavailable), 0)::bigint as unavailable, coalesce(sum(incoming), 0)::bigint as incoming,
      coalesce(sum(greatest(0, on_hand - reserved - unavailable - safety)), 0)::bigint as available
    from point left join sum using (at) group by 1 order by 1`
}
