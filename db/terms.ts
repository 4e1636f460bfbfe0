import type { JsonValue, Sql } from './connect.ts'

/** How many units of a SKU may be sold that are not there yet, and from when they will be. */
export type Terms = {
  readonly kind: 'backorder' | 'preorder'
  /** Most units that orders may be short of. */
  readonly limit: number
  /** ISO 8601 in UTC; null: nobody knows. */
  readonly availableFrom: string | null
}

export type TermsAnswer =
  | {
      readonly outcome: 'done'
      readonly changed: boolean
      readonly terms: Terms | null
      readonly replayed?: true
      readonly token: string
    }
  | { readonly outcome: 'unknown'; readonly value: unknown }
  | { readonly outcome: 'key_conflict' }

/** Sets or ends the terms of a SKU; see functions/51_terms.sql for `cmd`. */
export async function termsCommand(sql: Sql, cmd: JsonValue): Promise<TermsAnswer> {
  const [row] = await sql<{ answer: TermsAnswer; token: string }[]>`
    select variant_terms_1(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error('variant_terms_1 gave no row')
  return row.answer.outcome === 'done' ? { ...row.answer, token: row.token } : row.answer
}

/** The terms in force of a SKU and the units that orders are short of now; null for an unknown SKU. */
export async function readTerms(sql: Sql, sku: string): Promise<{ readonly terms: Terms | null; readonly short: number } | null> {
  const [row] = await sql<{ terms: Terms | null; short: number }[]>`
    select terms_shown(v.id) as terms, coalesce((select sum(l.short)::bigint from order_lines l where l.variant_id = v.id and l.short > 0), 0) as short
    from variants v where v.sku = ${sku}`
  return row ?? null
}
