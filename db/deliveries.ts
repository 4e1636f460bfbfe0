import { refusalOf } from './catalog.ts'
import type { JsonValue, Sql } from './connect.ts'
import type { ExpiredOnArrival } from './lots.ts'

/** What a delivery's command did, or why it did nothing. `line` counts from 0. */
export type DeliveryAnswer =
  | { readonly outcome: 'created'; readonly id: number; readonly reference: string; readonly replayed?: true; readonly token?: string }
  | {
      readonly outcome: 'changed' | 'received'
      readonly id: number
      readonly state: DeliveryState
      readonly warnings?: readonly ExpiredOnArrival[]
      readonly replayed?: true
      readonly token?: string
    }
  | { readonly outcome: 'exists'; readonly id: number; readonly reference: string }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown; readonly line?: number }
  | { readonly outcome: 'ended'; readonly reference: string; readonly state: DeliveryState }
  | { readonly outcome: 'nothing_received'; readonly reference: string }
  | { readonly outcome: 'not_on_delivery' | 'no_lots'; readonly line: number; readonly sku: string }
  | { readonly outcome: 'too_few'; readonly line: number; readonly sku: string; readonly least: number }
  | { readonly outcome: 'over'; readonly line: number; readonly sku: string; readonly asked: number; readonly rest: number }
  | { readonly outcome: 'cost_currency'; readonly sku: string; readonly has: string; readonly given: string }
  | { readonly outcome: 'key_conflict' }

export type DeliveryState = 'open' | 'received' | 'cancelled'

type DeliveryCommand = 'delivery_create_1' | 'delivery_change_1' | 'delivery_end_1' | 'delivery_receive_1'

/** Carries out a command about a delivery; see functions/32_*.sql for `cmd`. What was written bears the token of its transaction. */
export async function deliveryCommand(sql: Sql, name: DeliveryCommand, cmd: JsonValue): Promise<DeliveryAnswer> {
  try {
    const [row] = await sql<{ answer: DeliveryAnswer; token: string }[]>`
      select ${sql(name)}(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
    if (row === undefined) throw new Error(`${name} gave no row`)
    const { answer, token } = row
    return answer.outcome === 'created' || answer.outcome === 'changed' || answer.outcome === 'received' ? { ...answer, token } : answer
  } catch (error) {
    const found = refusalOf(error)
    if (found?.message !== 'cost_currency' && found?.message !== 'over') throw error
    return { outcome: found.message, ...found.detail } as DeliveryAnswer
  }
}

export type DeliveryRow = {
  readonly id: number
  readonly reference: string
  readonly supplier: string | null
  readonly location: string
  readonly expectedAt: Date
  readonly state: DeliveryState
  /** Open, and its day is over. */
  readonly late: boolean
  readonly lines: number
  readonly ordered: number
  readonly received: number
  readonly cancelled: number
  /** Units that are still to come. */
  readonly rest: number
  readonly note: string | null
  readonly actor: string
  readonly createdAt: Date
  readonly endedAt: Date | null
}

const columns = (sql: Sql, now: Date) => sql`
  select d.id, d.reference, d.supplier, p.code as location, d.expected_at as "expectedAt", d.state, d.state = 'open' and d.expected_at < ${now} as late,
    s.lines, s.ordered, s.received, s.cancelled, s.rest, d.note, d.actor, d.created_at as "createdAt", d.ended_at as "endedAt"
  from deliveries d join locations p on p.id = d.location_id
  cross join lateral (select count(*)::int as lines, sum(l.ordered) as ordered, sum(l.received) as received, sum(l.cancelled) as cancelled,
    sum(greatest(0, l.ordered - l.received - l.cancelled)) as rest from delivery_lines l where l.delivery_id = d.id) s`

export type DeliveryFilter = {
  readonly state?: DeliveryState | undefined
  /** Only those that are late by `now`. */
  readonly late?: boolean | undefined
  readonly location?: string | undefined
  /** Only those with a line of it. */
  readonly sku?: string | undefined
}

/** Deliveries, the newest first, before the id. */
export function listDeliveries(sql: Sql, filter: DeliveryFilter, now: Date, before: number | null, limit: number): Promise<DeliveryRow[]> {
  return sql<DeliveryRow[]>`${columns(sql, now)}
    where (${before}::bigint is null or d.id < ${before}) and (${filter.state ?? null}::text is null or d.state = ${filter.state ?? null})
      and (${filter.late ?? false} is false or (d.state = 'open' and d.expected_at < ${now}))
      and (${filter.location ?? null}::text is null or p.code = ${filter.location ?? null})
      and (${filter.sku ?? null}::text is null or exists (
        select from delivery_lines l join variants v on v.id = l.variant_id where l.delivery_id = d.id and v.sku = ${filter.sku ?? null}))
    order by d.id desc limit ${limit}`
}

/** One delivery, by our id or by its reference. */
export async function readDelivery(
  sql: Sql,
  by: { readonly id: number } | { readonly reference: string },
  now: Date,
): Promise<DeliveryRow | null> {
  const which = 'id' in by ? sql`d.id = ${by.id}` : sql`d.reference = ${by.reference}`
  const [row] = await sql<DeliveryRow[]>`${columns(sql, now)} where ${which}`
  return row ?? null
}

export type DeliveryLineRow = {
  readonly sku: string
  readonly title: string
  readonly ordered: number
  readonly received: number
  readonly cancelled: number
  readonly rest: number
  /** Decimal text. */
  readonly unitCost: string | null
  readonly currency: string | null
}

/** The lines of a delivery, in their order. */
export function readDeliveryLines(sql: Sql, id: number): Promise<DeliveryLineRow[]> {
  return sql<DeliveryLineRow[]>`
    select v.sku, r.title, l.ordered, l.received, l.cancelled, greatest(0, l.ordered - l.received - l.cancelled) as rest, l.unit_cost as "unitCost",
      l.cost_currency as currency
    from delivery_lines l join variants v on v.id = l.variant_id join products r on r.id = v.product_id where l.delivery_id = ${id} order by l.id`
}
