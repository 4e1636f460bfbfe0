import type { Sql } from './connect.ts'
import type { ImportKind, ImportState } from './imports.ts'

/** A file that was sent, without its errors and samples. */
export type ListedImport = {
  readonly id: number
  readonly kind: ImportKind
  readonly name: string
  readonly state: ImportState
  readonly rows: number
  readonly applied: number
  readonly new: number
  readonly changed: number
  /** Rows with errors. */
  readonly errorRows: number
  /** Channels in which its prices go beyond a limit of the guard. */
  readonly beyond: readonly string[]
  readonly actor: string
  readonly createdAt: Date
  readonly endedAt: Date | null
  /** Who let it through, or turned it down. */
  readonly decidedBy: string | null
}

export type ImportFilter = { readonly kinds?: readonly ImportKind[] | undefined; readonly state?: ImportState | undefined }

/** Imports, the newest first, before the id. Files that nobody applied go after a day, those that wait for a person after 30. */
export function listImports(sql: Sql, filter: ImportFilter, before: number | null, limit: number): Promise<ListedImport[]> {
  const kinds = filter.kinds === undefined ? null : [...filter.kinds]
  return sql<ListedImport[]>`
    select i.id, i.kind, i.name, i.state, i.rows, i.applied, coalesce((i.summary->>'new')::int, 0) as new, coalesce((i.summary->>'changed')::int, 0) as changed,
      coalesce((i.summary->>'errors')::int, 0) as "errorRows", i.actor, i.created_at as "createdAt", i.ended_at as "endedAt", i.decided_by as "decidedBy",
      coalesce((select array_agg(g->>'channel' order by g->>'channel') from jsonb_array_elements(i.summary->'guard') g where g ? 'limit'), '{}') as beyond
    from imports i
    where (${before}::bigint is null or i.id < ${before}) and (${kinds}::text[] is null or i.kind = any(${kinds}::text[]))
      and (${filter.state ?? null}::text is null or i.state = ${filter.state ?? null})
    order by i.id desc limit ${limit}`
}
