import type { Sql } from './connect.ts'

/** Whether a command of this caller was carried out under this key: then it answers what it answered. */
export async function isKnownCommand(sql: Sql, scope: string, key: string): Promise<boolean> {
  return (await sql`select 1 from commands where scope = ${scope} and key = ${key}`).length > 0
}
