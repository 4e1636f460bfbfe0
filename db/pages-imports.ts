import type { Sql } from './connect.ts'
import type { ImportRow } from './imports.ts'

/** The last stock files that were sent, the newest first; those that nobody applied go after a day. */
export function latestImports(sql: Sql, limit: number): Promise<(ImportRow & { readonly actor: string })[]> {
  return sql<(ImportRow & { readonly actor: string })[]>`
    select id, kind, name, state, rows, applied, summary, actor, created_at as "createdAt", ended_at as "endedAt" from imports
    where kind = 'stock' order by id desc limit ${limit}`
}
