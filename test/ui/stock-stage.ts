import type { UiStage } from './stage.ts'
import { textOf } from './stage.ts'

/** The id of what was made last. */
export async function lastId(stage: UiStage, table: 'deliveries' | 'transfers' | 'counts'): Promise<number> {
  const [row] = await stage.sql<{ id: number }[]>`select max(id) as id from ${stage.sql(table)}`
  return Number(row?.id)
}

/** The ids of the lines of a delivery or a count, by SKU. */
export async function lineIds(stage: UiStage, of: 'delivery' | 'count', id: number): Promise<Record<string, number>> {
  const rows = await stage.sql<{ sku: string; id: number }[]>`
    select v.sku, l.id from ${stage.sql(`${of}_lines`)} l join variants v on v.id = l.variant_id where ${stage.sql(`${of}_id`)} = ${id}`
  return Object.fromEntries(rows.map(row => [row.sku, Number(row.id)]))
}

/** What stands beside the fields of a form that was refused. */
export function wrongs(html: string): string[] {
  return [...html.matchAll(/<span class="field-wrong"[^>]*>(.*?)<\/span>/gs)].map(found => textOf(found[1] ?? ''))
}
