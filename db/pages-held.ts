import type { Sql } from './connect.ts'

/** How many incidents of the guard wait for a decision. */
export async function openQuarantines(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from quarantines where decided_at is null`
  return row?.n ?? 0
}
