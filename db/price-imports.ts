import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { JsonValue, Sql } from './connect.ts'
import type { Applied, Judgement } from './imports.ts'

/** What a price file would do to the listings of a channel. `limit`: the guard's that it goes beyond. */
export type GuardPreview = {
  readonly channel: string
  readonly listings: number
  readonly changed: number
  readonly dropped: number
  readonly limit?: 'changed' | 'dropped'
  readonly allowed?: number
  /** Listings whose price had changed within the window by then. */
  readonly moved?: number
  readonly percent?: number
  readonly windowMinutes?: number
  readonly examples: readonly { readonly sku: string; readonly before: unknown; readonly after: unknown }[]
}

export type PriceJudgement = Judgement & { readonly guard?: readonly GuardPreview[]; readonly ms?: number; readonly weighed?: number }

/** Opens a price file for staging; its hash is not known before it was read. */
export async function beginPriceImport(sql: Sql, name: string, actor: string): Promise<number> {
  const [row] = await sql<{ id: number }[]>`select import_price_begin_1(${name}, ${actor}) as id`
  if (row === undefined) throw new Error('import_price_begin_1 answered no row')
  return row.id
}

/**
 * How lines of a price file come, led by row_no, with these columns: in the text format of COPY, or with cells between a separator, of which none needs quotes or
 * has a backslash, and an empty one is null.
 */
export type PriceLines = {
  readonly columns: readonly ('sku' | 'currency' | 'amount' | 'channel' | 'list' | 'min_quantity' | 'starts_at' | 'ends_at')[]
  readonly between: ',' | ';' | '\t' | null
}

/** Stages lines of a price file. */
export async function copyPriceLines(sql: Sql, id: number, lines: string, { columns, between }: PriceLines): Promise<void> {
  const options = between === null ? sql`` : sql`with (format text, delimiter ${sql.unsafe(`E'${between}'`)}, null '')`
  const copy = sql`copy ${sql(`import_price_lines_${id}`)} (${sql(['row_no', ...columns])}) from stdin ${options}`
  await pipeline(Readable.from([lines]), await copy.writable())
}

/** Judges what was read; see import_price_judge_1. */
export async function judgePrices(sql: Sql, id: number, lines: number, hasLists: boolean): Promise<PriceJudgement> {
  const [row] = await sql<{ answer: PriceJudgement }[]>`select import_price_judge_1(${id}, ${lines}, ${hasLists}) as answer`
  if (row === undefined) throw new Error('import_price_judge_1 answered no row')
  return row.answer
}

/** Weighs the next rows; see import_price_weigh_1. May be repeated: what was weighed is not weighed again. */
export async function weighPrices(sql: Sql, id: number, limit: number, cmd: { readonly actor: string }): Promise<PriceJudgement> {
  const [row] = await sql<{ answer: PriceJudgement }[]>`select import_price_weigh_1(${id}, ${limit}, ${sql.json({ ...cmd })}) as answer`
  if (row === undefined) throw new Error('import_price_weigh_1 answered no row')
  return row.answer
}

/** How many of the rows that differ were weighed; of 0: it is still read. */
export type PriceWeighed = { readonly done: number; readonly of: number }

/** How far a price file is judged; null for one that is not. */
export async function readWeighed(sql: Sql, id: number): Promise<PriceWeighed | null> {
  const [row] = await sql<PriceWeighed[]>`
    select coalesce(weighed_to, 0) as done, case when rows = 0 then 0 else coalesce((select max(position) from import_price_rows where import_id = ${id}), 0) end as of
    from imports where id = ${id} and kind = 'prices' and state = 'staging'`
  return row ?? null
}

/** Applies the next rows, about `limit`; see import_price_apply_1. May be repeated after a lost connection: applied rows are not taken again. */
export async function applyNextPrices(sql: Sql, id: number, limit: number, cmd: { readonly actor: string }): Promise<Applied> {
  const [row] = await sql<{ answer: Applied }[]>`select import_price_apply_1(${id}, ${limit}, ${sql.json({ ...cmd })}) as answer`
  if (row === undefined) throw new Error('import_price_apply_1 answered no row')
  return row.answer
}

/** Whether the import's rows are staged as this release stages price files; one that an older release began is not. */
export async function isWeighedPrices(sql: Sql, id: number): Promise<boolean> {
  const rows = await sql`select from imports where id = ${id} and weighed_to is not null`
  return rows.length > 0
}

/** The import of the same content that waits for approval, or null. */
export async function findWaitingPrices(sql: Sql, hash: string): Promise<number | null> {
  const [row] = await sql<{ id: number }[]>`
    select id from imports where kind = 'prices' and content_hash = ${hash} and state = 'waiting' order by id desc limit 1`
  return row?.id ?? null
}

/** The answer of import_decide_1. */
export type ImportDecided =
  | { readonly outcome: 'done'; readonly state: 'applying' | 'rejected' }
  | { readonly outcome: 'unknown' | 'key_conflict' }
  | { readonly outcome: 'decided'; readonly state: string; readonly by: string | null }

/** A person decides on a price file that waits; see import_decide_1. */
export async function decideImportRow(sql: Sql, cmd: object): Promise<ImportDecided> {
  const [row] = await sql<{ answer: ImportDecided }[]>`select import_decide_1(${sql.json(cmd as JsonValue)}) as answer`
  if (row === undefined) throw new Error('import_decide_1 answered no row')
  return row.answer
}
