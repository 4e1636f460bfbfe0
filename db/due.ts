import type { Sql } from './connect.ts'

/** Carries out at most `limit` rows of what is due by the instant: holds that end, prices that begin or end. Answers how many were taken. */
export async function sweepDue(sql: Sql, at: Date, limit: number): Promise<number> {
  const [row] = await sql<{ taken: number }[]>`select due_sweep_1(${at}, ${limit}) as taken`
  return row?.taken ?? 0
}

/** Tells the feed of prices that begin or end by now, by the database's clock; at most `limit` rows. Answers how many were taken. */
export async function sweepPrices(sql: Sql, limit: number): Promise<number> {
  const [row] = await sql<{ taken: number }[]>`select due_prices_1(${limit}) as taken`
  return row?.taken ?? 0
}

/** Milliseconds until the next thing is due by the database's clock, 0 when one is; null when nothing is. */
export async function msUntilDue(sql: Sql): Promise<number | null> {
  const [row] = await sql<{ ms: number | null }[]>`select due_next_1() as ms`
  return row?.ms ?? null
}

/** The next instant at which prices of an account's listings begin or end, within so many ms; `listings` is how many at most. */
export type Turn = { readonly inMs: number; readonly listings: number }

export async function nextTurn(sql: Sql, accountId: number, withinMs: number): Promise<Turn | null> {
  const [row] = await sql<Turn[]>`select in_ms as "inMs", listings from due_turns_1(${accountId}, ${Math.ceil(withinMs)})`
  return row ?? null
}
