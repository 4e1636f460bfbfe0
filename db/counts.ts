import { refusalOf } from './catalog.ts'
import type { JsonValue, Sql } from './connect.ts'

export type CountState = 'open' | 'review' | 'approved' | 'cancelled'

/** What was noted of one SKU, or of one lot of it; never what the books say. */
export type EnteredLine = { readonly sku: string; readonly lot: string | null; readonly counted: number; readonly countedAt: string }

export type CountDone = {
  readonly outcome: 'done'
  readonly count: number
  readonly state: CountState
  readonly replayed?: true
  /** The transaction that wrote it, for reads that must not be older. */
  readonly token?: string
}

type AtLine = { readonly sku: string; readonly lot?: string | null; readonly line?: number }

export type CountAnswer =
  | (CountDone & { readonly lines: number })
  | (CountDone & { readonly lines: readonly EnteredLine[] })
  | CountDone
  | (CountDone & { readonly more: true })
  | (CountDone & CountOutcome & { readonly more: false })
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown; readonly line?: number }
  | { readonly outcome: 'state'; readonly state: CountState }
  | { readonly outcome: 'future'; readonly value: string; readonly line: number }
  | { readonly outcome: 'unknown_reason'; readonly value: string }
  | { readonly outcome: 'nothing_counted' | 'own' | 'partly_posted' | 'key_conflict' }
  | ({ readonly outcome: 'no_lots' | 'unknown_line' | 'decided' | 'not_counted' | 'reason_missing' } & AtLine)
  | ({ readonly outcome: 'below_zero'; readonly counted: number; readonly add: number } & AtLine)

/** What became of a count: lines decided so far, and units that approving found or missed. */
export type CountOutcome = { readonly approved: number; readonly rejected: number; readonly found: number; readonly missing: number }

export type CountCommand = 'count_start_1' | 'count_enter_1' | 'count_submit_1' | 'count_recount_1' | 'count_decide_1' | 'count_cancel_1'

const RAISED = ['decided', 'below_zero', 'unknown_line', 'not_counted', 'reason_missing']

/** Runs one of the commands of functions/36_counts*.sql. A refusal that takes back what the same command did before comes as an error, and is answered as the outcome that it is. */
export async function countCommand(sql: Sql, name: CountCommand, cmd: JsonValue): Promise<CountAnswer> {
  try {
    const [row] = await sql<{ answer: CountAnswer; token: string }[]>`
      select ${sql(name)}(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
    if (row === undefined) throw new Error(`${name} gave no row`)
    return row.answer.outcome === 'done' ? { ...row.answer, token: row.token } : row.answer
  } catch (error) {
    const found = refusalOf(error)
    if (found === null || !RAISED.includes(found.message)) throw error
    return { outcome: found.message, ...found.detail } as CountAnswer
  }
}

export type CountRow = {
  readonly id: number
  readonly location: string
  readonly scope: 'location' | 'skus'
  readonly state: CountState
  readonly note: string | null
  readonly actor: string
  readonly createdAt: Date
  readonly submittedAt: Date | null
  readonly submittedBy: string | null
  readonly endedAt: Date | null
  readonly endedBy: string | null
  readonly lines: number
  readonly counted: number
}

const columns = (sql: Sql) => sql`
  select c.id, p.code as location, c.scope, c.state, c.note, c.actor, c.created_at as "createdAt", c.submitted_at as "submittedAt",
    c.submitted_by as "submittedBy", c.ended_at as "endedAt", c.ended_by as "endedBy", x.lines, x.counted
  from counts c join locations p on p.id = c.location_id
  cross join lateral (select count(*)::int as lines, count(l.counted)::int as counted from count_lines l where l.count_id = c.id) x`

export type CountFilter = { readonly location?: string | undefined; readonly state?: string | undefined }

/** Counts, the newest first, before the id. */
export function listCounts(sql: Sql, filter: CountFilter, before: number | null, limit: number): Promise<CountRow[]> {
  return sql<CountRow[]>`${columns(sql)}
    where (${before}::bigint is null or c.id < ${before}) and (${filter.location ?? null}::text is null or p.code = ${filter.location ?? null})
      and (${filter.state ?? null}::text is null or c.state = ${filter.state ?? null})
    order by c.id desc limit ${limit}`
}

/** One count, or null. */
export async function readCount(sql: Sql, id: number): Promise<CountRow | null> {
  const [row] = await sql<CountRow[]>`${columns(sql)} where c.id = ${id}`
  return row ?? null
}

export type CountLineRow = {
  readonly id: number
  readonly sku: string
  readonly title: string
  readonly lot: string | null
  readonly counted: number | null
  readonly countedAt: Date | null
  readonly countedBy: string | null
}

/** The lines of a count as whoever counts may see them: what the books say is not among it. After the line's id. */
export function countLines(sql: Sql, count: number, after: number, limit: number): Promise<CountLineRow[]> {
  return sql<CountLineRow[]>`
    select l.id, v.sku, case when starts_with(v.title, p.title) then v.title else concat_ws(' ', p.title, nullif(v.title, '')) end as title, l.lot_code as lot, l.counted, l.counted_at as "countedAt", l.counted_by as "countedBy"
    from count_lines l join variants v on v.id = l.variant_id join products p on p.id = v.product_id
    where l.count_id = ${count} and l.id > ${after} order by l.id limit ${limit}`
}

export type ReviewRow = CountLineRow & {
  /** On hand by the books at the instant of counting, by what is known now; once approved, as it was then. */
  readonly book: number
  readonly unitCost: string | null
  readonly currency: string | null
  readonly decision: 'approved' | 'rejected' | null
  readonly posted: number | null
  readonly reasonCode: string | null
}

export type ReviewPart = 'all' | 'differences' | 'uncounted'

// A line that nobody counted is compared with the books of the instant at which the count was handed in.
const reviewed = (sql: Sql, count: number) => sql`
  select l.id, v.sku, case when starts_with(v.title, p.title) then v.title else concat_ws(' ', p.title, nullif(v.title, '')) end as title, l.lot_code as lot, l.counted, l.counted_at as "countedAt", l.counted_by as "countedBy",
    case when l.decision is not null and l.book is not null then l.book
      when l.lot_code is not null then count_book(l.variant_id, c.location_id, l.lot_code, coalesce(l.counted_at, c.submitted_at))
      -- As stock_on_hand_at has it; called for each of 50,000 lines, it took twice as long.
      else coalesce(b.on_hand, 0) - coalesce((select sum(m.on_hand) from movements m
        where m.variant_id = l.variant_id and m.location_id = c.location_id and m.occurred_at > coalesce(l.counted_at, c.submitted_at)
          and m.recorded_at > coalesce(l.counted_at, c.submitted_at) - interval '1 minute'), 0)::int end as book,
    coalesce(a.average, v.cost)::text as "unitCost", case when a.average is null then v.cost_currency else a.currency end as currency,
    l.decision, l.posted, l.reason_code as "reasonCode"
  from count_lines l join counts c on c.id = l.count_id join variants v on v.id = l.variant_id join products p on p.id = v.product_id
  left join balances b on b.variant_id = l.variant_id and b.location_id = c.location_id
  left join variant_costs a on a.variant_id = v.id and a.valid_to is null
  where l.count_id = ${count}`

/** The lines of a count beside the books, for whoever decides about them. After the line's id. */
export function reviewLines(sql: Sql, count: number, part: ReviewPart, after: number, limit: number): Promise<ReviewRow[]> {
  return sql<ReviewRow[]>`
    select * from (${reviewed(sql, count)} and l.id > ${after}) x
    where ${part} = 'all' or (${part} = 'differences' and x.counted <> x.book) or (${part} = 'uncounted' and x.counted is null)
    order by x.id limit ${limit}`
}

export type ReviewTotals = {
  readonly lines: number
  readonly uncounted: number
  readonly differing: number
  /** Units more than the books say, summed over the lines that have more. */
  readonly found: number
  readonly missing: number
  /** Lines that differ, and of which no cost is known. */
  readonly withoutCost: number
  /** What the differences are worth, by currency, as exact decimal text with its sign. */
  readonly values: readonly { readonly currency: string; readonly value: string }[]
}

/** All lines of a count summed up. */
export async function reviewTotals(sql: Sql, count: number): Promise<ReviewTotals> {
  const [row] = await sql<ReviewTotals[]>`
    with lines as materialized (${reviewed(sql, count)})
    select count(*)::int as lines, count(*) filter (where counted is null)::int as uncounted, count(*) filter (where counted <> book)::int as differing,
      coalesce(sum(counted - book) filter (where counted > book), 0)::int as found, coalesce(sum(book - counted) filter (where counted < book), 0)::int as missing,
      count(*) filter (where counted <> book and ("unitCost" is null or currency is null))::int as "withoutCost",
      coalesce((select json_agg(json_build_object('currency', currency, 'value', value::text) order by currency) from (
        select currency, sum((counted - book) * "unitCost"::numeric) as value from lines
        where counted <> book and "unitCost" is not null and currency is not null group by currency) s), '[]') as values
    from lines`
  if (row === undefined) throw new Error('the sums of a count gave no row')
  return row
}
