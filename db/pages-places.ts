import type { Hours } from '../src/domain/fulfilment/facts.ts'
import type { Sql } from './connect.ts'
import type { LocationKind } from './locations.ts'

export type PlaceShown = {
  readonly code: string
  readonly name: string
  readonly kind: LocationKind
  readonly zone: string
  readonly country: string | null
  readonly active: boolean
  readonly ships: boolean
  readonly collects: boolean
  readonly hours: Hours
  readonly cutOff: string | null
  readonly leadMinutes: number
  readonly ordersPerDay: number | null
  readonly unitsPerDay: number | null
  readonly priority: number
  readonly holidaysOf: string | null
  /** The next days, by hand, on which it is closed. */
  readonly closed: readonly string[]
  /** What it has taken on for its own today. */
  readonly orders: number
  readonly units: number
  /** Channels that sell from it, each with its position there. */
  readonly pools: readonly { readonly channel: string; readonly position: number }[]
}

/** Our locations with what they do for orders, in the order in which channels sell from them: the first position of any, then by age. */
export function placesShown(sql: Sql): Promise<PlaceShown[]> {
  return sql<PlaceShown[]>`
    select p.code, p.name, p.kind, p.zone, p.country, p.active, coalesce(s.ships, true) as ships, coalesce(s.collects, false) as collects, s.hours, s.cut_off as "cutOff",
      coalesce(s.lead_minutes, 0) as "leadMinutes", s.orders_per_day as "ordersPerDay", s.units_per_day as "unitsPerDay", coalesce(s.priority, 0) as priority,
      s.holidays_of as "holidaysOf", coalesce(array(select d::text from unnest(s.holidays) d where d >= x.today order by 1 limit 3), '{}') as closed,
      coalesce(l.orders, 0) as orders, coalesce(l.units, 0) as units,
      coalesce((select json_agg(json_build_object('channel', c.code, 'position', m.position) order by c.code) from channel_locations m
        join channels c on c.id = m.channel_id where m.location_id = p.id and m.valid_to is null), '[]') as pools
    from locations p left join location_services s on s.location_id = p.id and s.valid_to is null
    cross join lateral (select (clock_timestamp() at time zone p.zone)::date as today) x
    left join lateral location_load(p.id, x.today) l on true
    where p.kind <> 'platform'
    order by (select min(m.position) from channel_locations m where m.location_id = p.id and m.valid_to is null) nulls last, p.id`
}
