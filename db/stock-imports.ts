import type { JsonValue, Sql } from './connect.ts'
import type { Applied, Judgement } from './imports.ts'

/** Rows of a stock file, column by column; null where none of them has the column. `wrong`: what is wrong with some of these rows. */
export type StagedStock = {
  readonly rows: readonly number[]
  readonly skus: readonly (string | null)[]
  readonly locations: readonly (string | null)[]
  readonly quantities: readonly (number | null)[]
  readonly deltas: readonly boolean[] | null
  readonly availables: readonly boolean[] | null
  readonly instants: readonly (string | null)[] | null
  readonly reasons: readonly (string | null)[] | null
  readonly lots: readonly (string | null)[] | null
  readonly expiries: readonly (string | null)[] | null
  readonly wrong: readonly { readonly rowNo: number; readonly body: object; readonly errors: readonly object[] }[]
}

/** The import that has applied the same differences already. */
export type AppliedBefore = { readonly id: number; readonly name: string; readonly at: string }

export type StockJudgement = Judgement & {
  /** Rows that a later count makes void; they are among the unchanged. */
  readonly overtaken?: number
  readonly before?: AppliedBefore | null
}

export type StockApplied =
  /** `took`: rows of this chunk; 0 when the rest is under way elsewhere. `busy`: the database works for others too. */
  | (Applied & { readonly took?: number; readonly busy?: boolean })
  | { readonly state: 'applied_before'; readonly applied: number; readonly rows: number; readonly before: AppliedBefore }

/** Opens a stock file for staging; its hash is not known before it was read. */
export async function beginStockImport(sql: Sql, name: string, actor: string): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into imports (kind, name, content_hash, state, actor, staged_row) values ('stock', ${name}, '', 'staging', ${actor}, 0) returning id`
  if (row === undefined) throw new Error('an insert that answers no row')
  return row.id
}

/** Stages rows with one statement; may be repeated: rows that are there already are left alone. */
export async function stageStock(sql: Sql, id: number, staged: StagedStock): Promise<void> {
  const texts = (column: readonly (string | null)[] | null) => column as string[] | null
  const flags = (column: readonly boolean[] | null) => (column === null ? null : sql.types.boolArray([...column]))
  await sql`
    select import_stock_stage_1(${id}, ${staged.rows as number[]}::int[], ${texts(staged.skus)}::text[], ${texts(staged.locations)}::text[],
      ${staged.quantities as number[]}::int[], ${flags(staged.deltas)}::boolean[], ${flags(staged.availables)}::boolean[],
      ${texts(staged.instants)}::text[]::timestamptz[], ${texts(staged.reasons)}::text[], ${texts(staged.lots)}::text[],
      ${texts(staged.expiries)}::text[]::timestamptz[], ${sql.json(staged.wrong as unknown as JsonValue)})`
}

/** Notes what the reading found: the hash of what was read, how the file calls our columns, and its counts. */
export async function noteStockRead(sql: Sql, id: number, hash: string, options: object, summary: object): Promise<void> {
  await sql`
    update imports set content_hash = ${hash}, options = ${sql.json(options as JsonValue)}, summary = ${sql.json(summary as JsonValue)} where id = ${id}`
}

/** Judges a staged stock file whole; see import_stock_judge_1. `now` only in tests. */
export async function judgeStock(sql: Sql, id: number, cmd: { readonly again: boolean; readonly now?: string }): Promise<StockJudgement> {
  const [row] = await sql<{ answer: StockJudgement }[]>`select import_stock_judge_1(${id}, ${sql.json({ ...cmd })}) as answer`
  if (row === undefined) throw new Error('import_stock_judge_1 answered no row')
  return row.answer
}

/** Applies the next rows, about `limit`; see import_stock_apply_1. May be repeated after a lost connection: applied rows are not taken again. */
export async function applyNextStock(
  sql: Sql,
  id: number,
  limit: number,
  cmd: { readonly actor: string; readonly now?: string },
): Promise<StockApplied> {
  const [row] = await sql<{ answer: StockApplied }[]>`select import_stock_apply_1(${id}, ${limit}, ${sql.json({ ...cmd })}) as answer`
  if (row === undefined) throw new Error('import_stock_apply_1 answered no row')
  return row.answer
}

/** Whether the import's rows are staged as this release stages stock files; one that an older release began is not. */
export async function isStagedStock(sql: Sql, id: number): Promise<boolean> {
  const rows = await sql`select from imports where id = ${id} and kind = 'stock' and staged_row is not null`
  return rows.length > 0
}
