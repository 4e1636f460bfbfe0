import type { Sql } from './connect.ts'

/** Carries out at most `limit` rows of what is due by the instant: holds that end, prices that begin or end. Answers how many were taken. */
export async function sweepDue(sql: Sql, at: Date, limit: number): Promise<number> {
  const [row] = await sql<{ taken: number }[]>`select due_sweep_1(${at}, ${limit}) as taken`
  return row?.taken ?? 0
}
