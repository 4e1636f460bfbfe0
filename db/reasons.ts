import type { JsonValue, Sql } from './connect.ts'

/** What a reason may be chosen for. */
export type ReasonAct = 'adjust' | 'damage' | 'restore' | 'return' | 'transfer' | 'count'

export type ReasonRow = {
  readonly code: string
  readonly name: string
  readonly acts: readonly ReasonAct[]
  /** Whether it may be chosen still. */
  readonly active: boolean
  readonly createdAt: Date
}

/** The reasons, by code; `act` null: of every act. */
export function listReasons(sql: Sql, act: string | null, withInactive: boolean): Promise<ReasonRow[]> {
  return sql<ReasonRow[]>`
    select code, name, acts, active, created_at as "createdAt" from stock_reasons
    where (${act}::text is null or ${act} = any(acts)) and (active or ${withInactive}) order by code`
}

/** The reason with this code. */
export async function readReason(sql: Sql, code: string): Promise<ReasonRow | null> {
  const [row] = await sql<ReasonRow[]>`
    select code, name, acts, active, created_at as "createdAt" from stock_reasons where code = ${code}`
  return row ?? null
}

export type ReasonAnswer =
  | { readonly outcome: 'done'; readonly replayed?: true }
  | { readonly outcome: 'exists' | 'unknown'; readonly value: string }
  | { readonly outcome: 'key_conflict' }

/** Adds or changes a reason; see functions/37_reasons.sql for `cmd`. */
export async function putReasonRow(sql: Sql, cmd: JsonValue): Promise<ReasonAnswer> {
  const [row] = await sql<{ answer: ReasonAnswer }[]>`select reason_put_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('reason_put_1 gave no row')
  return row.answer
}
