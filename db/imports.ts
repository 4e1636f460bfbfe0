import type { JsonValue, Sql } from './connect.ts'

export type ImportKind = 'catalog' | 'stock' | 'prices'
/** `waiting`: prices beyond a limit of the guard; a person decides. */
export type ImportState = 'staging' | 'judged' | 'waiting' | 'applying' | 'done' | 'refused' | 'rejected'

export type ImportRow = {
  readonly id: number
  readonly kind: ImportKind
  readonly name: string
  readonly state: ImportState
  readonly rows: number
  readonly applied: number
  readonly summary: Readonly<Record<string, unknown>>
  readonly createdAt: Date
  readonly endedAt: Date | null
}

export type NewImport = { readonly kind: ImportKind; readonly name: string; readonly hash: string; readonly actor: string }

export type StagedRow = { readonly rowNo: number; readonly body: object; readonly errors: readonly object[] | null }

/** What the whole file would do. `new`, `changed`, `unchanged` and `samples` only where there is no error. */
export type Judgement = {
  readonly state: ImportState
  readonly rows: number
  readonly errors: number
  readonly new?: number
  readonly changed?: number
  readonly unchanged?: number
  readonly samples?: { readonly [Effect in 'new' | 'changed']?: readonly Sample[] }
}

/** One row's difference: only the fields that change; `from` is null where there is nothing yet. */
export type Sample = {
  readonly row: number
  readonly sku: string
  /** Of a stock file. */
  readonly location?: string
  readonly from: Readonly<Record<string, unknown>> | null
  readonly to: Readonly<Record<string, unknown>> | null
}

/** How far an import is after a chunk; `ms` is how long the chunk held its locks. */
export type Applied = { readonly state: ImportState | null; readonly applied: number; readonly rows: number; readonly ms?: number }

export type RowError = { readonly row: number; readonly column: string; readonly value: string; readonly expected: string }

/** Opens an import for staging, and forgets staged files that nobody will apply any more: those left by a crash, and old ones. */
export async function beginImport(sql: Sql, { kind, name, hash, actor }: NewImport): Promise<number> {
  await forgetOldImports(sql)
  const [row] = await sql<{ id: number }[]>`
    insert into imports (kind, name, content_hash, state, actor) values (${kind}, ${name}, ${hash}, 'staging', ${actor}) returning id`
  if (row === undefined) throw new Error('an insert that answers no row')
  return row.id
}

/** Forgets staged files that nobody will apply any more, and the rows of those that ended long ago. */
export async function forgetOldImports(sql: Sql): Promise<void> {
  await sql`
    with gone as (
      delete from imports where state in ('staging', 'judged') and created_at < clock_timestamp() - interval '1 day'
        or state = 'waiting' and created_at < clock_timestamp() - interval '30 days' returning id
    ), lines as (
      delete from import_stock_lines where import_id in (select id from gone)
    ), prices as (
      delete from import_price_rows where import_id in (select id from gone)
    ), segments as (
      delete from import_stock_segments where import_id in (select id from gone)
    )
    delete from import_stock_rows where import_id in (select id from gone)`
  await sql`
    with old as (
      select id from imports where state in ('done', 'refused', 'rejected') and ended_at < clock_timestamp() - interval '7 days'
    ), prices as (
      delete from import_price_rows where import_id in (select id from old)
    ), segments as (
      delete from import_stock_segments where import_id in (select id from old)
    ), rows as (
      delete from import_rows where import_id in (select id from old)
    )
    delete from import_stock_rows where import_id in (select id from old)`
}

/** Stages rows with one statement; a row that is there already stays, so the call may be repeated. */
export async function stageRows(sql: Sql, id: number, rows: readonly StagedRow[]): Promise<void> {
  await sql`
    insert into import_rows (import_id, row_no, body, errors)
    select ${id}, x."rowNo", x.body, x.errors
    from jsonb_to_recordset(${sql.json(rows as unknown as JsonValue)}) as x("rowNo" int, body jsonb, errors jsonb)
    on conflict do nothing`
}

/** Notes what the staging found: how the file calls our columns, and its counts. */
export async function noteStaged(sql: Sql, id: number, options: object, summary: object): Promise<void> {
  await sql`update imports set options = ${sql.json(options as JsonValue)}, summary = ${sql.json(summary as JsonValue)} where id = ${id}`
}

/** Judges a staged file whole; see import_judge_1. */
export async function judgeImport(sql: Sql, id: number): Promise<Judgement> {
  const [row] = await sql<{ answer: Judgement }[]>`select import_judge_1(${id}) as answer`
  if (row === undefined) throw new Error('import_judge_1 answered no row')
  return row.answer
}

/** Applies the next `limit` rows at most; see import_apply_1. May be repeated after a lost connection: applied rows are not taken again. */
export async function applyNext(sql: Sql, id: number, limit: number, actor: string): Promise<Applied> {
  const [row] = await sql<{ answer: Applied }[]>`select import_apply_1(${id}, ${limit}, ${sql.json({ actor })}) as answer`
  if (row === undefined) throw new Error('import_apply_1 answered no row')
  return row.answer
}

/** The import of this number, or null. */
export async function findImport(sql: Sql, id: number): Promise<ImportRow | null> {
  const [row] = await sql<
    ImportRow[]
  >`select id, kind, name, state, rows, applied, summary, created_at as "createdAt", ended_at as "endedAt" from imports where id = ${id}`
  return row ?? null
}

/**
 * The import of the same file that has begun to apply and has not ended, or null. One that is stale is closed instead, see closeStaleImports.
 */
export async function findInterrupted(sql: Sql, kind: ImportKind, hash: string): Promise<ImportRow | null> {
  await closeStaleImports(sql, new Date())
  const [row] = await sql<ImportRow[]>`
    select id, kind, name, state, rows, applied, summary, created_at as "createdAt", ended_at as "endedAt" from imports
    where kind = ${kind} and content_hash = ${hash} and state = 'applying' order by id desc limit 1`
  return row ?? null
}

/**
 * Closes stock files of numbers that nobody touched for an hour (`refused`; summary.ended says why): what they say of the stock has been overtaken.
 * Differences stay open however old they are: each is due once.
 */
export async function closeStaleImports(sql: Sql, now: Date): Promise<void> {
  await sql`
    update imports set state = 'refused', ended_at = clock_timestamp(),
      summary = summary || '{"ended": "interrupted more than an hour ago: its numbers are not those of now"}'
    where state = 'applying' and staged_row is not null and not deltas and coalesce(touched_at, created_at) < ${now}::timestamptz - interval '1 hour'`
}

/** Stock and price files that began to apply and that nobody touched for two minutes, with who sent them. */
export function leftImports(sql: Sql, now: Date): Promise<{ id: number; actor: string }[]> {
  return sql<{ id: number; actor: string }[]>`
    select id, actor from imports
    where state = 'applying' and coalesce(staged_row, weighed_to) is not null and coalesce(touched_at, created_at) < ${now}::timestamptz - interval '2 minutes' order by id`
}

/** The first errors of a file, in the order of its rows. */
export function firstImportErrors(sql: Sql, id: number, limit: number): Promise<RowError[]> {
  return sql<RowError[]>`
    select r.row_no as row, e->>'column' as "column", e->>'value' as value, e->>'expected' as expected
    from import_rows r cross join jsonb_array_elements(r.errors) with ordinality x(e, n)
    where r.import_id = ${id} and r.errors is not null order by r.row_no, x.n limit ${limit}`
}

/** Every error of a file, in the order of its rows, a thousand rows at a time. */
export async function* importErrors(sql: Sql, id: number): AsyncGenerator<RowError> {
  const query = sql<RowError[]>`
    select r.row_no as row, e->>'column' as "column", e->>'value' as value, e->>'expected' as expected
    from import_rows r cross join jsonb_array_elements(r.errors) with ordinality x(e, n)
    where r.import_id = ${id} and r.errors is not null order by r.row_no, x.n`
  for await (const batch of query.cursor(1000)) yield* batch
}

/** Forgets a staged file: after a dry run. */
export async function dropImport(sql: Sql, id: number): Promise<void> {
  await sql`
    with gone as (
      delete from imports where id = ${id} and state in ('staging', 'judged', 'waiting', 'refused') returning id
    ), lines as (
      delete from import_stock_lines where import_id in (select id from gone)
    ), prices as (
      delete from import_price_rows where import_id in (select id from gone)
    ), guard as (
      delete from import_price_guard where import_id in (select id from gone)
    ), segments as (
      delete from import_stock_segments where import_id in (select id from gone)
    )
    delete from import_stock_rows where import_id in (select id from gone)`
}
