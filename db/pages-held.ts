import type { Sql } from './connect.ts'

/** How many decisions wait: incidents of the guard, and price files beyond its limits. */
export async function openQuarantines(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select ((select count(*) from quarantines where decided_at is null) + (select count(*) from imports where state = 'waiting'))::int as n`
  return row?.n ?? 0
}
