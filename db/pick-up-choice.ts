import type { Calendar } from '../src/domain/fulfilment/facts.ts'
import type { JsonValue, Sql } from './connect.ts'

export type Choice = 'store' | 'ship' | 'cancel'

export type ChoiceLine = { readonly lineId: number; readonly quantity: number }

export type ChoiceAnswer =
  | {
      readonly outcome: 'chosen'
      readonly choice: Choice
      readonly lines: readonly ChoiceLine[]
      readonly groups: readonly number[]
      readonly act: number | null
      readonly replayed?: true
    }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'nothing_to_choose'; readonly state: string }
  | { readonly outcome: 'no_store'; readonly why: 'closed' | 'failed' | 'hazard' | 'full' }
  | { readonly outcome: 'insufficient'; readonly lineId: number; readonly sku: string; readonly asked: number; readonly available: number }
  | { readonly outcome: 'not_cancellable' }
  | { readonly outcome: 'key_conflict' }

/** Has units of an order handed over otherwise, or not at all; see functions/49_pick_up_choice.sql. */
export async function choose(sql: Sql, cmd: JsonValue): Promise<ChoiceAnswer> {
  const [row] = await sql<{ answer: ChoiceAnswer }[]>`select pick_up_choose_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('pick_up_choose_1 gave no row')
  return row.answer
}

/** Units to be collected that may be handed over otherwise, with `ready` also those that lie ready; `why` its buyer is asked: rejected, short, damaged, late, or null where nobody failed him. */
export function openChoice(sql: Sql, orderId: number, ready = false): Promise<(ChoiceLine & { readonly why: string | null })[]> {
  return sql<(ChoiceLine & { why: string | null })[]>`
    select line_id as "lineId", units as quantity, why from order_choice_2(${orderId}, clock_timestamp(), ${ready}) order by line_id`
}

/** Whether the platform of an order lets these units be cancelled. */
export async function isCancellable(sql: Sql, orderId: number, lines: readonly ChoiceLine[]): Promise<boolean> {
  const parts = lines.map(({ lineId, quantity }) => ({ lineId, quantity }))
  const [row] = await sql<{ is: boolean }[]>`select order_cancellable(o, ${sql.json(parts)}) as is from orders o where o.id = ${orderId}`
  return row?.is === true
}

/** A place to collect at as it is stated: its public holidays are not among its closed days yet. */
export type StatedPlace = Calendar & { readonly id: number; readonly holidaysOf: string | null; readonly openDays: readonly string[] }

/** An open store where buyers collect, with when it works and what it has taken on; null where there is none of this code, or number. */
export async function pickUpPlace(sql: Sql, which: string | number): Promise<StatedPlace | null> {
  const [row] = await sql<StatedPlace[]>`
    select p.id, p.zone, s.hours, s.cut_off as "cutOff", s.lead_minutes as "leadMinutes", s.holidays::text[] as holidays, s.orders_per_day as "ordersPerDay",
      s.units_per_day as "unitsPerDay", s.holidays_of as "holidaysOf", s.open_days::text[] as "openDays", location_loads(p.id) as load
    from locations p join location_services s on s.location_id = p.id and s.valid_to is null
    where ${typeof which === 'string' ? sql`p.code = ${which}` : sql`p.id = ${which}`} and p.active and p.kind <> 'platform' and s.collects`
  return row ?? null
}

/** Open locations where buyers collect, by name. */
export function collectPlaces(sql: Sql): Promise<{ code: string; name: string }[]> {
  return sql<{ code: string; name: string }[]>`
    select p.code, p.name from locations p join location_services s on s.location_id = p.id and s.valid_to is null
    where p.active and p.kind <> 'platform' and s.collects order by p.name, p.id limit 1000`
}
