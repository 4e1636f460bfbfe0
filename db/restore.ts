import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type BackupTable, quoted } from './backup.ts'
import type { Sql } from './connect.ts'

const NOT_EMPTY = 'CC002'
/** What holds for one cluster or one login only. */
const FORGOTTEN = ['public.change', 'public.feed_cursors', 'public.sessions', 'public.login_attempts']
/** What a migration fills: its rows are there before anybody has written any. */
const SEEDED = ['stock_reasons']
/** Longest wait for the database to take a piece of the file: a COPY that postgres.js has lost track of would otherwise never end. */
const STALL_MS = 60_000

/** Tables, of these, that have rows. */
export async function filledTables(sql: Sql, tables: readonly BackupTable[]): Promise<readonly string[]> {
  const text = written(tables).map(table => `select '${table.name}' as name where exists (select from public.${quoted(table.name)})`)
  return (await sql.unsafe<{ name: string }[]>(text.join(' union all '))).map(row => row.name)
}

/**
 * Loads the lines of a backup into a staging table of texts, so that no value can be refused half-way. Nothing of the hub's is touched.
 * The schema `concord_restore` of an earlier, broken attempt is replaced.
 */
export async function stageBackup(sql: Sql, lines: Readable): Promise<void> {
  await sql.unsafe(`
    drop schema if exists concord_restore cascade;
    create schema concord_restore;
    create unlogged table concord_restore.line (of text not null, body text not null);`)
  const target = await sql`copy concord_restore.line from stdin`.writable()
  let timer: NodeJS.Timeout | undefined
  const watch = () => {
    clearTimeout(timer)
    timer = setTimeout(() => target.destroy(new Error(`the database took nothing for ${STALL_MS / 1000} s`)), STALL_MS)
  }
  lines.on('data', watch)
  watch()
  try {
    await pipeline(lines, target)
  } finally {
    clearTimeout(timer)
  }
  await sql.unsafe('create index on concord_restore.line (of); analyze concord_restore.line')
}

/**
 * Puts the staged rows in the place of what is there: all of it or nothing. Sent as one message, the statements are one transaction that no
 * broken connection can continue elsewhere. The installation gets a new generation, so that feed cursors are void and everything is compared.
 * @returns false when a table had rows and `overwrite` was not asked for.
 */
export async function switchToStaged(sql: Sql, tables: readonly BackupTable[], overwrite: boolean): Promise<boolean> {
  const names = tables.map(table => `public.${quoted(table.name)}`)
  const filled = written(tables)
    .map(table => `exists (select from public.${quoted(table.name)})`)
    .join(' or ')
  try {
    await sql.unsafe(
      [
        'set local statement_timeout = 0',
        overwrite
          ? `truncate ${[...names, ...FORGOTTEN].join(', ')}`
          : `truncate ${FORGOTTEN.join(', ')};
             lock table ${names.join(', ')} in access exclusive mode;
             do $guard$ begin if ${filled} then raise exception 'not empty' using errcode = '${NOT_EMPTY}'; end if; end $guard$;
             ${SEEDED.map(name => `delete from public.${name}`).join('; ')}`,
        // Triggers would work on rows that are finished already.
        ...names.map(name => `alter table ${name} disable trigger user`),
        ...inOrder(tables).flatMap(restoreTable),
        ...names.map(name => `alter table ${name} enable trigger user`),
        'update public.accounts set lease_owner = null, lease_until = null',
        'update public.installation set generation = gen_random_uuid()',
        'drop schema concord_restore cascade',
      ].join(';\n'),
    )
    return true
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== NOT_EMPTY) throw error
    return false
  }
}

const written = (tables: readonly BackupTable[]) => tables.filter(table => !SEEDED.includes(table.name))

/** Forgets a staged backup that will not be used. */
export async function dropStaged(sql: Sql): Promise<void> {
  await sql.unsafe('drop schema if exists concord_restore cascade')
}

function restoreTable(table: BackupTable): string[] {
  const name = `public.${quoted(table.name)}`
  // `offset 0` keeps the row from being parsed once for each of its columns.
  const rows = `insert into ${name} overriding system value select (x.r).* from (select body::${name} as r from concord_restore.line where of = '${table.name}' offset 0) x`
  if (table.identity === null) return [rows]
  const last = `(select split_part(body, ':', 2)::bigint from concord_restore.line where of = '#sequence' and split_part(body, ':', 1) = '${table.name}')`
  return [
    rows,
    // A number that was given out before stays given out, even where its row is gone.
    `select setval(pg_get_serial_sequence('${name}', '${table.identity}'), greatest(1, n), n > 0)
     from (select greatest(coalesce((select max(${quoted(table.identity)}) from ${name}), 0), coalesce(${last}, 0)) as n) x`,
  ]
}

/** Tables after those that they refer to. */
function inOrder(tables: readonly BackupTable[]): readonly BackupTable[] {
  const done: BackupTable[] = []
  const isReady = (table: BackupTable) =>
    table.refersTo.every(name => done.some(one => one.name === name) || !tables.some(one => one.name === name))
  while (done.length < tables.length) {
    const next = tables.filter(table => !done.includes(table) && isReady(table))
    if (next.length === 0) throw new Error('tables that refer to each other in a circle cannot be restored in an order')
    done.push(...next)
  }
  return done
}
