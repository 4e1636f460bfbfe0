import type { Sql } from './connect.ts'

/** What a SKU is called. */
export type ExplainHead = { readonly id: number; readonly sku: string; readonly title: string }

/** The SKU that is to be explained, or null where nobody knows it. */
export async function explainHead(sql: Sql, sku: string): Promise<ExplainHead | null> {
  const [row] = await sql<ExplainHead[]>`
    select v.id, v.sku, case when starts_with(v.title, p.title) then v.title else concat_ws(' · ', p.title, nullif(v.title, '')) end as title
    from variants v join products p on p.id = v.product_id where v.sku = ${sku}`
  return row ?? null
}
