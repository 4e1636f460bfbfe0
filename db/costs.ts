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

/**
 * The units that an average stands for: on hand at each of our own locations, and as the last, of no location, what is under way between them. Null for a
 * SKU that nobody knows.
 */
export async function costedPlaces(
  sql: Sql,
  sku: string,
): Promise<readonly { readonly location: string | null; readonly units: number }[] | null> {
  const rows = await sql<{ location: string | null; units: number }[]>`
    select p.code as location, b.on_hand as units from variants v
    join balances b on b.variant_id = v.id join locations p on p.id = b.location_id and p.kind <> 'platform' where v.sku = ${sku}
    union all
    select null, (select coalesce(sum(l.sent - l.received - l.lost), 0)::int from transfer_lines l
      where l.variant_id = v.id and l.sent > l.received + l.lost) from variants v where v.sku = ${sku}
    order by 1 nulls last`
  return rows.length === 0 ? null : rows
}
