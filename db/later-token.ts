import type { Sql } from './connect.ts'

/** The name of a transaction of its own, for writes that were committed before it: whoever sees it sees them. */
export async function laterToken(sql: Sql): Promise<string> {
  const [row] = await sql<{ token: string }[]>`select pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error('a select that answers no row')
  return row.token
}
