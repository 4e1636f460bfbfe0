import type { Sql } from './connect.ts'
import { contains, variantTitle } from './pages.ts'

/** A line of a count as whoever counts may see it: what the books say is not among it. */
export type SheetLine = {
  readonly id: number
  readonly sku: string
  readonly title: string
  readonly gtin: string | null
  /** Null where units are not told apart by lot; empty for the lot of no name. */
  readonly lot: string | null
  readonly counted: number | null
  readonly countedAt: Date | null
  readonly countedBy: string | null
}

const columns = (sql: Sql) => sql`
  select l.id, v.sku, ${variantTitle(sql)} as title, v.gtin_given as gtin, l.lot_code as lot, l.counted, l.counted_at as "countedAt", l.counted_by as "countedBy"
  from count_lines l join variants v on v.id = l.variant_id join products p on p.id = v.product_id`

/** Lines in their order, after a line's id: all, or those that nobody counted yet. `search` is part of a SKU or title, or a GTIN. */
export function sheetLines(
  sql: Sql,
  count: number,
  asked: { readonly search: string; readonly isOpenOnly: boolean; readonly after: number; readonly limit: number },
): Promise<SheetLine[]> {
  const { search, isOpenOnly, after, limit } = asked
  return sql<SheetLine[]>`${columns(sql)}
    where l.count_id = ${count} and l.id > ${after} and (${!isOpenOnly} or l.counted is null)
      and (${search} = '' or v.sku ilike ${contains(search)} or p.title ilike ${contains(search)} or v.title ilike ${contains(search)} or v.gtin_given = ${search})
    order by l.id limit ${limit}`
}

/** What was counted last, the newest first. */
export function lastCounted(sql: Sql, count: number, limit: number): Promise<SheetLine[]> {
  return sql<
    SheetLine[]
  >`${columns(sql)} where l.count_id = ${count} and l.counted is not null order by l.counted_at desc, l.id desc limit ${limit}`
}

/** These lines of a count, as a command names them. */
export function namedLines(sql: Sql, count: number, ids: readonly number[]): Promise<{ id: number; sku: string; lot: string | null }[]> {
  return sql<{ id: number; sku: string; lot: string | null }[]>`
    select l.id, v.sku, l.lot_code as lot from count_lines l join variants v on v.id = l.variant_id
    where l.count_id = ${count} and l.id = any(${ids as number[]}::bigint[]) order by l.id`
}
