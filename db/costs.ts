import type { Sql } from './connect.ts'

export type CostRow = {
  /** Decimal text with 6 decimals. */
  readonly average: string
  readonly currency: string
  readonly validFrom: Date
  /** Null: it holds now. */
  readonly validTo: Date | null
  readonly actor: string
}

/** What a unit of a SKU cost on average, as it came to be, the newest first. */
export function listCosts(sql: Sql, sku: string, limit: number): Promise<CostRow[]> {
  return sql<CostRow[]>`
    select c.average, c.currency, c.valid_from as "validFrom", c.valid_to as "validTo", c.actor from variant_costs c join variants v on v.id = c.variant_id
    where v.sku = ${sku} order by c.id desc limit ${limit}`
}

/** The units that an average stands for: on hand in our own locations, and under way between them. Null for a SKU that nobody knows. */
export async function costedUnits(sql: Sql, sku: string): Promise<number | null> {
  const [row] = await sql<{ units: number }[]>`select cost_units(id) as units from variants where sku = ${sku}`
  return row?.units ?? null
}
