import type { Sql } from '../../db/connect.ts'

/** Tables that have a word in the open, as text or as the bytes of it. */
export async function tablesThatShow(sql: Sql, word: string): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p') order by 1`
  const shows: string[] = []
  for (const { name } of tables) {
    const [row] =
      await sql`select 1 from ${sql(name)} t where t::text ilike ${`%${word}%`} or t::text like ${`%${Buffer.from(word).toString('hex')}%`} limit 1`
    if (row) shows.push(name)
  }
  return shows
}
