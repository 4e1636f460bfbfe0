import type { JsonValue, Sql } from './connect.ts'

export type HeldLine = { readonly sku: string; readonly location: string; readonly quantity: number }
export type MissingLine = { readonly sku: string; readonly asked: number; readonly available: number; readonly location?: string }

export type MovedLine = { readonly sku: string; readonly from: string; readonly quantity: number }

/** How the database decided one request to reserve. */
export type ReserveAnswer =
  | {
      readonly outcome: 'reserved'
      readonly basket: string
      readonly expiresAt: string | null
      readonly lines: readonly HeldLine[]
      readonly missing: readonly MissingLine[]
      readonly replayed?: true
      /** The transaction that wrote it, for reads that must not be older. */
      readonly token?: string
    }
  | { readonly outcome: 'insufficient'; readonly missing: readonly MissingLine[] }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown; readonly line?: number }
  | { readonly outcome: 'key_conflict' }

export type EndAnswer =
  | { readonly outcome: 'released' | 'settled'; readonly lines: readonly HeldLine[]; readonly replayed?: true; readonly token?: string }
  | { readonly outcome: 'moved'; readonly to: string; readonly replayed?: true; readonly token?: string }
  | { readonly outcome: 'extended'; readonly expiresAt: string | null; readonly replayed?: true; readonly token?: string }
  | { readonly outcome: 'insufficient'; readonly missing: readonly MissingLine[] }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'closed'; readonly location: string }
  | { readonly outcome: 'ended'; readonly basket: string }
  | { readonly outcome: 'key_conflict' }

/** Releases or settles a basket, lets it last longer, or moves it to another location. */
export async function holdCommand(
  sql: Sql,
  name: 'stock_end_hold_1' | 'stock_extend_hold_1' | 'stock_move_promise_2',
  cmd: JsonValue,
): Promise<EndAnswer> {
  const [row] = await sql<{ answer: EndAnswer; token: string }[]>`
    select ${sql(name)}(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error(`${name} gave no row`)
  const { answer, token } = row
  switch (answer.outcome) {
    case 'released':
    case 'settled':
    case 'moved':
    case 'extended':
      return { ...answer, token }
    default:
      return answer
  }
}

export type ReservationRow = {
  readonly id: number
  readonly basket: string
  readonly sku: string
  /** The bundle that it was promised as a part of. */
  readonly bundle: string | null
  readonly location: string
  readonly channel: string | null
  readonly orderId: number | null
  readonly asked: number
  readonly quantity: number
  readonly state: string
  readonly expiresAt: Date | null
  readonly actor: string
  readonly createdAt: Date
  readonly endedAt: Date | null
}

const columns = (sql: Sql) => sql`
  select r.id, r.basket, v.sku, u.sku as bundle, p.code as location, c.code as channel, l.order_id as "orderId", r.asked, r.quantity,
    case when r.state = 'open' and r.expires_at <= clock_timestamp() then 'expired' else r.state end as state,
    r.expires_at as "expiresAt", r.actor, r.created_at as "createdAt", r.ended_at as "endedAt"
  from reservations r join variants v on v.id = r.variant_id join locations p on p.id = r.location_id
  left join variants u on u.id = r.bundle_id left join channels c on c.id = r.channel_id left join order_lines l on l.id = r.order_line_id`

/** All promises of a basket, the oldest first; empty when there is no such basket. */
export function readBasket(sql: Sql, basket: string): Promise<ReservationRow[]> {
  return sql<ReservationRow[]>`${columns(sql)} where r.basket = ${basket} order by r.id`
}

export type ReservationFilter = {
  readonly sku?: string | undefined
  readonly location?: string | undefined
  readonly state?: string | undefined
}

/** Promises, the newest first, before the id. */
export function listReservations(sql: Sql, filter: ReservationFilter, before: number | null, limit: number): Promise<ReservationRow[]> {
  return sql<ReservationRow[]>`${columns(sql)}
    where (${before}::bigint is null or r.id < ${before})
      and (${filter.sku ?? null}::text is null or v.sku = ${filter.sku ?? null})
      and (${filter.location ?? null}::text is null or p.code = ${filter.location ?? null})
      and (${filter.state ?? null}::text is null or r.state = ${filter.state ?? null})
    order by r.id desc limit ${limit}`
}
