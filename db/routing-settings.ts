import type { Hours } from '../src/domain/fulfilment/facts.ts'
import type { RoutingRules } from '../src/domain/fulfilment/rules.ts'
import type { JsonValue, Sql } from './connect.ts'

export type LocationServices = {
  readonly latitude: number | null
  readonly longitude: number | null
  readonly address: string | null
  readonly postalCode: string | null
  readonly hours: Hours
  readonly cutOff: string | null
  readonly leadMinutes: number
  readonly holidays: readonly string[]
  readonly ordersPerDay: number | null
  readonly unitsPerDay: number | null
  readonly ships: boolean
  readonly collects: boolean
  readonly shipsTo: readonly string[] | null
  readonly parcelCost: string | null
  readonly unitCost: string | null
  readonly priority: number
  readonly transitDays: number
  readonly transitDaysAbroad: number
  /** Classes of dangerous goods that it may ship, and hand over; null: all. */
  readonly shipsHazards: readonly string[] | null
  readonly handsOverHazards: readonly string[] | null
  /** Whose public holidays it keeps: DE, DE-BY; null: nobody's. */
  readonly holidaysOf: string | null
  /** Public holidays on which it is open all the same. */
  readonly openDays: readonly string[]
  readonly since: Date | null
  readonly actor: string | null
}

/** What a location does for orders; the defaults where nothing was ever stated, null where there is no such location. */
export async function readServices(sql: Sql, code: string): Promise<LocationServices | null> {
  const [row] = await sql<LocationServices[]>`
    select s.latitude, s.longitude, s.address, s.postal_code as "postalCode", s.hours, s.cut_off as "cutOff", coalesce(s.lead_minutes, 0) as "leadMinutes",
      coalesce(s.holidays, '{}')::text[] as holidays, s.orders_per_day as "ordersPerDay", s.units_per_day as "unitsPerDay", coalesce(s.ships, true) as ships,
      coalesce(s.collects, false) as collects, s.ships_to as "shipsTo", trim_scale(s.parcel_cost)::text as "parcelCost", trim_scale(s.unit_cost)::text as "unitCost",
      coalesce(s.priority, 0) as priority, coalesce(s.transit_days, 2) as "transitDays", coalesce(s.transit_days_abroad, 5) as "transitDaysAbroad",
      s.ships_hazards as "shipsHazards", s.hands_over_hazards as "handsOverHazards", s.holidays_of as "holidaysOf", coalesce(s.open_days, '{}')::text[] as "openDays",
      s.valid_from as since, s.actor
    from locations p left join location_services s on s.location_id = p.id and s.valid_to is null where p.code = ${code}`
  return row ?? null
}

export type RulesVersion = {
  readonly channel: string | null
  readonly version: number
  readonly rules: RoutingRules
  readonly since: Date
  readonly until: Date | null
  readonly actor: string
}

/** All versions of the rules of a channel (of all: null), newest first. */
export function rulesVersions(sql: Sql, channel: string | null): Promise<RulesVersion[]> {
  return sql<RulesVersion[]>`
    select c.code as channel, r.version, r.body as rules, r.valid_from as since, r.valid_to as until, r.actor from routing_rules r left join channels c on c.id = r.channel_id
    where c.code is not distinct from ${channel}::text order by r.version desc limit 50`
}

export type SettingAnswer =
  | { readonly outcome: 'changed'; readonly version?: number; readonly replayed?: boolean }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: string }
  | { readonly outcome: 'stale'; readonly version: number | null }
  | { readonly outcome: 'key_conflict' }

export async function setRouting(
  sql: Sql,
  name: 'location_serve_1' | 'routing_rules_set_1',
  cmd: Readonly<Record<string, JsonValue>>,
): Promise<SettingAnswer> {
  const [row] = await sql<{ answer: SettingAnswer }[]>`select ${sql(name)}(${sql.json(cmd)}) as answer`
  if (!row) throw new Error('nothing was answered')
  return row.answer
}
