import type { JsonValue, Sql } from './connect.ts'

export type LotRow = {
  readonly id: number
  readonly sku: string
  readonly location: string
  /** Empty: units of which nobody noted the lot. */
  readonly lot: string
  readonly quantity: number
  readonly unavailable: number
  readonly expiresAt: Date | null
  /** Its time is over, whether or not the clock's sweep has come by. */
  readonly expired: boolean
}

/** What a command says beside what it did: units came in a lot whose time is over already, so they are on hand and not sold. */
export type ExpiredOnArrival = {
  readonly code: 'expired'
  readonly sku: string
  readonly location: string
  readonly lot: string
  /** ISO 8601, UTC. */
  readonly expiredAt: string
}

const columns = (sql: Sql) => sql`
  select l.id, v.sku, p.code as location, l.code as lot, l.quantity,
    case when l.expires_at <= clock_timestamp() then l.quantity else l.unavailable end as unavailable,
    l.expires_at as "expiresAt", coalesce(l.expires_at <= clock_timestamp(), false) as expired
  from lots l join variants v on v.id = l.variant_id and v.lot_tracked join locations p on p.id = l.location_id`

/** The lots of a SKU that hold units, by location, first expired first. */
export function lotsOfSku(sql: Sql, sku: string): Promise<LotRow[]> {
  return sql<LotRow[]>`${columns(sql)} where v.sku = ${sku} and l.quantity > 0 order by p.code, l.expires_at nulls last, l.code`
}

/** One lot at one location, also when it holds nothing any more; null where there is none. */
export async function readLot(sql: Sql, sku: string, location: string, lot: string): Promise<LotRow | null> {
  const [row] = await sql<LotRow[]>`${columns(sql)} where v.sku = ${sku} and p.code = ${location} and l.code = ${lot}`
  return row ?? null
}

/** Whether the units of a SKU are told apart by lot; null for an unknown SKU. */
export async function isLotTracked(sql: Sql, sku: string): Promise<boolean | null> {
  const [row] = await sql<{ tracked: boolean }[]>`select lot_tracked as tracked from variants where sku = ${sku}`
  return row?.tracked ?? null
}

/** Lots with units that expire before an instant or have expired already; the first to expire first, after a lot. */
export function lotsExpiringBefore(
  sql: Sql,
  before: Date,
  location: string | null,
  after: { readonly expiresAt: string; readonly id: number } | null,
  limit: number,
): Promise<LotRow[]> {
  return sql<LotRow[]>`${columns(sql)}
    where l.quantity > 0 and l.expires_at < ${before} and (${location}::text is null or p.code = ${location})
      and (${after?.id ?? null}::bigint is null or (l.expires_at, l.id) > (${after?.expiresAt ?? null}::timestamptz, ${after?.id ?? null}::bigint))
    order by l.expires_at, l.id limit ${limit}`
}

export type LotAnswer =
  | { readonly outcome: 'done'; readonly changed?: boolean; readonly replayed?: true; readonly token: string }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'counting'; readonly counts: readonly number[] }
  | { readonly outcome: 'key_conflict' }

/** Switches lots of a SKU, or states when a lot expires; see functions/38_lots.sql for `cmd`. */
export async function lotCommand(sql: Sql, name: 'lot_tracking_1' | 'lot_set_1', cmd: JsonValue): Promise<LotAnswer> {
  const [row] = await sql<{ answer: LotAnswer; token: string }[]>`
    select ${sql(name)}(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row.answer.outcome === 'done' ? { ...row.answer, token: row.token } : row.answer
}
