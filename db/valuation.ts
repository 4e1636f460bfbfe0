import type { Sql } from './connect.ts'

/** Where a unit's cost comes from: the weighted average of that time, the catalog's cost of today where there was none, or nowhere. */
export type CostBasis = 'average' | 'catalog' | 'none'

/** What was on hand of a SKU at a location, and what it was worth. Amounts are exact decimal text, not rounded. */
export type ValuedStock = {
  readonly sku: string
  readonly title: string
  readonly location: string
  readonly units: number
  readonly unitCost: string | null
  readonly currency: string | null
  readonly basis: CostBasis
  readonly value: string | null
}

export type ValueTotal = {
  readonly location: string
  /** Null where nothing says what a unit cost. */
  readonly currency: string | null
  readonly basis: CostBasis
  readonly units: number
  readonly skus: number
  readonly value: string | null
  /** Without cost: the first of its SKUs, at most 100. */
  readonly examples: readonly string[]
}

/** `at`: ISO text, or null for now. */
export type ValueFilter = { readonly at: string | null; readonly location: string | null }

/** On hand as it was recorded at the instant: today's balances less what was recorded after it. */
function valued(sql: Sql, { at, location }: ValueFilter) {
  const instant = sql`${at ?? 'infinity'}::text::timestamptz`
  return sql`
    with place as (select id, code from locations where ${location}::text is null or code = ${location}),
    later as (
      select variant_id, location_id, sum(on_hand) as units from movements
      where recorded_at > ${instant} and location_id in (select id from place) group by 1, 2
    ), held as (
      select b.variant_id, place.code as location, b.on_hand - coalesce(later.units, 0) as units
      from balances b join place on place.id = b.location_id left join later on later.variant_id = b.variant_id and later.location_id = b.location_id
      where b.on_hand - coalesce(later.units, 0) <> 0
    ), valued as (
      select v.id, v.sku, case when starts_with(v.title, p.title) then v.title else concat_ws(' · ', p.title, nullif(v.title, '')) end as title, held.location, held.units,
        coalesce(c.average, v.cost) as cost, case when c.average is not null then c.currency when v.cost is not null then v.cost_currency end as currency,
        case when c.average is not null then 'average' when v.cost is not null then 'catalog' else 'none' end as basis
      from held join variants v on v.id = held.variant_id join products p on p.id = v.product_id
      left join variant_costs c on c.variant_id = v.id and c.valid_from <= ${instant} and (c.valid_to is null or c.valid_to > ${instant})
    )`
}

/** Every SKU that was on hand at the instant, by location, in the order of the catalog; from one snapshot, a thousand rows at a time. */
export async function* valuedStock(sql: Sql, filter: ValueFilter): AsyncGenerator<ValuedStock> {
  const rows = sql<ValuedStock[]>`${valued(sql, filter)}
    select sku, title, location, units, trim_scale(cost)::text as "unitCost", currency, basis, trim_scale(units * cost)::text as value
    from valued order by location, id`
  for await (const some of rows.cursor(1_000)) yield* some
}

/** The same, added up by location, currency and basis. */
export function valueTotals(sql: Sql, filter: ValueFilter): Promise<ValueTotal[]> {
  return sql<ValueTotal[]>`${valued(sql, filter)}
    select location, currency, basis, sum(units)::bigint as units, count(*) as skus, trim_scale(sum(units * cost))::text as value,
      case when basis = 'none' then (array_agg(sku order by sku))[1:100] else '{}' end as examples
    from valued group by 1, 2, 3 order by 1, 2 nulls last, 3`
}
