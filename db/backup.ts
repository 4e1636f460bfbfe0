import type { Readable } from 'node:stream'
import type { Sql } from './connect.ts'

/**
 * Tables that a backup leaves out: the feed and its cursors (they count transactions of one cluster; the lanes compare everything after a
 * restore), logins (nobody stays logged in through a restore), and what describes the schema rather than its content.
 */
const LEFT_OUT = ['change', 'platforms', 'feed_cursors', 'sessions', 'login_attempts', 'installation', 'migration', 'function_release']

/** A table with its columns in their order, the tables that it refers to, and its identity column. */
export type BackupTable = {
  readonly name: string
  readonly columns: readonly string[]
  readonly refersTo: readonly string[]
  readonly identity: string | null
}

/** The tables that a backup holds, as they are in this database. */
export async function backupTables(sql: Sql): Promise<readonly BackupTable[]> {
  return sql<BackupTable[]>`
    select c.relname as name,
      (select array_agg(attname::text order by attnum) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
      (select coalesce(array_agg(distinct f.relname::text), '{}') from pg_constraint k join pg_class f on f.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as "refersTo",
      (select attname::text from pg_attribute where attrelid = c.oid and attidentity <> '' and not attisdropped) as identity
    from pg_class c
    where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace and c.relname <> all(${LEFT_OUT}::text[])
    order by c.relname`
}

/**
 * All rows as COPY text, one line each: the table's name, a tab, the row as PostgreSQL writes a composite value. Lines that begin with `#`
 * tell the migrations (`#migration`), each table's columns (`#table`) and how far identity columns have counted (`#sequence`).
 *
 * It is one statement, and so one snapshot, without a transaction that a broken connection could split. The connection must have no
 * statement time-out.
 */
export async function backupLines(sql: Sql, tables: readonly BackupTable[]): Promise<Readable> {
  const rows = tables.map(table => `select '${table.name}', x::text from public.${quoted(table.name)} x`)
  const facts = tables.map(table => `select '#table', '${table.name}:${table.columns.join(',')}'`)
  const counters = tables
    .filter(table => table.identity !== null)
    .map(
      table => `select '#sequence', '${table.name}:' || last_value from pg_sequences where schemaname = 'public'
      and format('public.%I', sequencename) = pg_get_serial_sequence('public.${table.name}', '${table.identity}') and last_value is not null`,
    )
  const parts = [`select '#migration', name from migration`, ...facts, ...counters, ...rows]
  return sql.unsafe(`copy (${parts.join(' union all ')}) to stdout`).readable()
}

/** An identifier in SQL text; ours come from the catalog of the database itself. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Names of the migrations that this database has. */
export async function migrationNames(sql: Sql): Promise<readonly string[]> {
  return (await sql<{ name: string }[]>`select name from migration order by name`).map(row => row.name)
}

/** Programs of ours that are connected to this database, this pool excepted. */
export async function connectedPrograms(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    select distinct application_name as name from pg_stat_activity
    where datname = current_database() and application_name like 'concord%' and application_name <> current_setting('application_name') order by 1`
  return rows.map(row => row.name)
}
