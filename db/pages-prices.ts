import type { Audience } from '../src/domain/pricing/facts.ts'
import type { Sql } from './connect.ts'
import { contains, cut, type Page } from './pages.ts'
import { type PriceListRow, priceListColumns } from './price-lists.ts'

/** current: all that has not ended. coming: approved, begins later. waiting: something of it is to be approved. */
export const PRICE_LIST_FILTERS = ['current', 'live', 'coming', 'waiting', 'ended'] as const
export type PriceListShow = (typeof PRICE_LIST_FILTERS)[number]

export type PriceListsAsked = {
  readonly show: PriceListShow
  /** Null: both. */
  readonly kind: 'price' | 'sale' | null
  /** Null: any. */
  readonly audience: Audience | null
  /** Part of a code or title, or a SKU that the list names. */
  readonly search: string
  /** Lists before this id; null: from the newest on. */
  readonly before: number | null
  readonly limit: number
  readonly now: Date
}

/** Price lists, the newest first. */
export async function priceListPage(sql: Sql, asked: PriceListsAsked): Promise<Page<PriceListRow>> {
  const { show, kind, audience, search, before, limit, now } = asked
  const shown = {
    current: sql`x.state <> 'ended'`,
    live: sql`x.state = 'live'`,
    coming: sql`x.state = 'approved'`,
    waiting: sql`x.state <> 'ended' and (x.state = 'draft' or x."waitingTerms" is not null or x."waitingEntries" > 0)`,
    ended: sql`x.state = 'ended'`,
  }[show]
  const rows = await sql<PriceListRow[]>`
    select * from (${priceListColumns(sql, now)}
      where (${before}::bigint is null or l.id < ${before}) and (${kind}::text is null or t.kind = ${kind}) and (${audience}::text is null or t.audience = ${audience})
        and (${search} = '' or l.code ilike ${contains(search)} or t.title ilike ${contains(search)}
          or exists (select from price_entries e join variants v on v.id = e.variant_id where e.list_id = l.id and v.sku = ${search} and e.valid_to is null))) x
    where ${shown} order by x.id desc limit ${limit + 1}`
  return cut(rows, limit, row => String(row.id))
}

/** How many lists have something to approve. */
export async function priceListsWaiting(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from price_lists l join price_list_terms t on t.list_id = l.id and t.valid_to is null and t.state <> 'ended'
    where t.state = 'draft' or (price_list_waits(l.id)).id is not null
      or exists (select from price_entries e where e.list_id = l.id and e.valid_from is null and (e.valid_to is null or e.valid_to = 'infinity'))`
  return row?.n ?? 0
}

/** Whether what waits on a list has to be approved by somebody else than this actor. */
export async function needsAnother(sql: Sql, code: string, actor: string): Promise<boolean> {
  const [row] = await sql<{ other: boolean }[]>`
    select price_list_needs_another(l.code, price_list_stands(l.id), ${actor}) as other from price_lists l where l.code = ${code}`
  return row?.other ?? false
}

/** Codes and titles of lists that have not ended: what a rule may lean on. */
export function priceListChoices(sql: Sql): Promise<{ readonly code: string; readonly title: string }[]> {
  return sql`select l.code, t.title from price_lists l join price_list_terms t on t.list_id = l.id and t.valid_to is null and t.state <> 'ended' order by l.code`
}
