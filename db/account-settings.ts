import type { JsonValue, Sql } from './connect.ts'

/**
 * Brings settings of an account to what is given, with a line in the audit; those that are not named stay. Lanes read settings when they
 * open. Answers whether anything differed.
 */
export async function mergeAccountSettings(
  sql: Sql,
  name: string,
  settings: Readonly<Record<string, JsonValue>>,
  actor: string,
): Promise<boolean> {
  const rows = await sql`
    with changed as (
      update accounts set settings = settings || ${sql.json(settings)} where name = ${name} and not settings @> ${sql.json(settings)} returning name
    )
    insert into audit (actor, act, subject, detail) select ${actor}, 'account.settings', name, ${sql.json(settings)} from changed returning id`
  return rows.length > 0
}
