import type { Sql } from './connect.ts'

export type AuditRow = {
  readonly id: number
  readonly at: Date
  readonly actor: string
  readonly act: string
  readonly subject: string
  readonly detail: Readonly<Record<string, unknown>>
}

export type AuditFilter = { readonly subject?: string | undefined; readonly actor?: string | undefined; readonly act?: string | undefined }

/** Who did what, the newest first, before the id. */
export function listAudit(sql: Sql, filter: AuditFilter, before: number | null, limit: number): Promise<AuditRow[]> {
  return sql<AuditRow[]>`
    select id, at, actor, act, subject, detail from audit
    where (${before}::bigint is null or id < ${before}) and (${filter.subject ?? null}::text is null or subject = ${filter.subject ?? null})
      and (${filter.actor ?? null}::text is null or actor = ${filter.actor ?? null})
      and (${filter.act ?? null}::text is null or act = ${filter.act ?? null})
    order by id desc limit ${limit}`
}
