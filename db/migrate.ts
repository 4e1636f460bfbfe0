import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { close, connect, type Sql } from './connect.ts'
import { functionsDir, migrationsDir, packageRoot } from './root.ts'

/** One release of the program as far as the database is concerned: its files and its number. */
export type SchemaSource = {
  readonly migrations: string
  readonly functions: string
  /** Like '1.4.0'. Functions are replaced by an equal or newer release only. */
  readonly release: string
}

export type Migrated = {
  /** Names of the migrations that this call carried out, in order. */
  readonly applied: string[]
  /** Whether this call replaced the functions. */
  readonly functions: boolean
  /** Migrations of a newer, compatible release that the database already has. */
  readonly newer: string[]
}

type Migration = { readonly name: string; readonly text: string; readonly hash: string; readonly isBreaking: boolean }

const BREAKING = '--! breaking-change'
const BOOTSTRAP_LOCK = 3_905_117
/** Raised inside the functions' transaction when another runner was quicker. */
const OVERTAKEN = 'CC001'
const ALREADY_THERE = '23505'

/** This program's own files and number. */
export function ownSource(): SchemaSource {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }
  return { migrations: migrationsDir(), functions: functionsDir(), release: version }
}

/**
 * Brings a database to this release: the migrations that it lacks, each in a transaction of its own, then the functions if they differ.
 * May run any number of times, and in any number of processes at once.
 * @throws Error when the database has a breaking migration that this release does not know, or a migration fails (nothing of it remains).
 */
export async function migrate(target: string | Sql, source: SchemaSource = ownSource()): Promise<Migrated> {
  if (typeof target !== 'string') return run(target, source)
  const sql = connect(target, { max: 1, name: 'migrate', statementTimeoutMs: 0 })
  try {
    return await run(sql, source)
  } finally {
    await close(sql)
  }
}

/**
 * Checks, when a program starts, that the database suits it; resolves with the names of newer, compatible migrations, worth a warning.
 * @throws Error when migrations are missing, or the database is of a newer release that broke with this one.
 */
export async function assertSchema(sql: Sql, source: SchemaSource = ownSource()): Promise<string[]> {
  const [table] = await sql<{ present: boolean }[]>`select to_regclass('migration') is not null as present`
  const done = table?.present ? await recorded(sql) : []
  const newer = unknownTo(source, done)
  const missing = readMigrations(source).filter(one => !done.some(row => row.name === one.name))
  if (missing.length > 0) throw new Error(`the database lacks ${missing.map(one => one.name).join(', ')}: run "concord migrate" first`)
  const [functions] = await sql<{ hash: string | null; release: string | null }[]>`select hash, release from function_release`
  if (functions?.hash !== readFunctions(source).hash && isOurs(functions?.release ?? null, source.release)) {
    throw new Error(
      functions?.release === source.release
        ? `the database has the functions of another build of release ${source.release} (${short(functions.hash)}) than this program's (${short(readFunctions(source).hash)}): "concord migrate" brings in this program's`
        : `the database has the functions of release ${functions?.release ?? 'none'}, not those of ${source.release}: run "concord migrate" first`,
    )
  }
  return newer
}

async function run(sql: Sql, source: SchemaSource): Promise<Migrated> {
  const wanted = readMigrations(source)
  await bootstrap(sql)
  const done = await recorded(sql)
  const newer = unknownTo(source, done)
  const applied: string[] = []
  for (const migration of wanted) {
    const row = done.find(one => one.name === migration.name)
    if (row === undefined && (await apply(sql, migration, source.release))) applied.push(migration.name)
    if (row !== undefined && row.hash !== migration.hash)
      console.warn(`migration ${migration.name} was changed after this database took it; a change belongs in a new one`)
  }
  return { applied, functions: await applyFunctions(sql, source), newer }
}

/** Sent as one message, as everything here, the statements are one transaction that no broken connection can continue elsewhere. */
async function bootstrap(sql: Sql): Promise<void> {
  await sql.unsafe(`
    select pg_advisory_xact_lock(${BOOTSTRAP_LOCK});
    create table if not exists migration (
      name text primary key, breaking boolean not null, hash text not null, release text not null,
      applied_at timestamptz not null default clock_timestamp()
    );
    create table if not exists function_release (
      singleton boolean primary key default true check (singleton), release text, hash text, applied_at timestamptz
    );
    insert into function_release default values on conflict do nothing;`)
}

/** False when another process did it: the record comes first, so a second runner waits there, then finds the name taken. */
async function apply(sql: Sql, migration: Migration, release: string): Promise<boolean> {
  try {
    await sql.unsafe(`
      set local statement_timeout = 0;
      insert into migration (name, breaking, hash, release) values ('${migration.name}', ${migration.isBreaking}, '${migration.hash}', '${release}');
      ${migration.text}`)
    return true
  } catch (error) {
    if (codeOf(error) === ALREADY_THERE && (await recorded(sql)).some(row => row.name === migration.name)) return false
    throw new Error(`migration ${migration.name} failed, nothing of it remains: ${messageOf(error)}`, { cause: error })
  }
}

async function applyFunctions(sql: Sql, source: SchemaSource): Promise<boolean> {
  const functions = readFunctions(source)
  for (;;) {
    const [row] = await sql<{ release: string | null; hash: string | null }[]>`select release, hash from function_release`
    const before = row?.hash ?? null
    if (before === functions.hash || !isOurs(row?.release ?? null, source.release)) return false
    try {
      await sql.unsafe(`
        set local statement_timeout = 0;
        do $guard$ begin
          update function_release set release = '${source.release}', hash = '${functions.hash}', applied_at = clock_timestamp()
          where hash is not distinct from ${before === null ? 'null' : `'${before}'`};
          if not found then raise exception 'overtaken' using errcode = '${OVERTAKEN}'; end if;
        end $guard$;
        ${functions.text}`)
      return true
    } catch (error) {
      if (codeOf(error) !== OVERTAKEN)
        throw new Error(`the functions of ${source.release} cannot be applied, none was: ${messageOf(error)}`, { cause: error })
    }
  }
}

type Recorded = { readonly name: string; readonly breaking: boolean; readonly hash: string }

function recorded(sql: Sql): Promise<Recorded[]> {
  return sql<Recorded[]>`select name, breaking, hash from migration order by name`.then(rows => [...rows])
}

/** Names that the database has and this release has not. @throws Error when one of them broke with what this release expects. */
function unknownTo(source: SchemaSource, done: readonly Recorded[]): string[] {
  const known = new Set(readMigrations(source).map(one => one.name))
  const newer = done.filter(row => !known.has(row.name))
  const breaking = newer.filter(row => row.breaking).map(row => row.name)
  if (breaking.length > 0) {
    throw new Error(
      `the database is newer than release ${source.release} and broke with it (${breaking.join(', ')}): start the newer release instead`,
    )
  }
  return newer.map(row => row.name)
}

function readMigrations(source: SchemaSource): Migration[] {
  const names = readdirSync(source.migrations)
    .filter(name => name.endsWith('.sql'))
    .sort()
  names.forEach((name, index) => {
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(name)) throw new Error(`migration ${name}: the name must be like 0007_backorders.sql`)
    if (Number(name.slice(0, 4)) !== index + 1)
      throw new Error(`migration ${name}: its number should be ${index + 1}; numbers are neither doubled nor left out`)
  })
  return names.map(name => {
    const text = readSql(join(source.migrations, name))
    return { name: name.slice(0, -'.sql'.length), text, hash: hashOf(text), isBreaking: text.startsWith(BREAKING) }
  })
}

function readFunctions(source: SchemaSource): { readonly text: string; readonly hash: string } {
  if (!/^\d+\.\d+\.\d+$/.test(source.release)) throw new Error(`release ${source.release}: must be like 1.4.0`)
  const names = readdirSync(source.functions)
    .filter(name => name.endsWith('.sql'))
    .sort()
  const text = names.map(name => readSql(join(source.functions, name))).join('\n')
  return { text, hash: hashOf(text) }
}

function readSql(path: string): string {
  const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n')
  const control = /^\s*(begin|start transaction|commit|rollback|end)\s*;/im.exec(text.replaceAll(/\$(\w*)\$.*?\$\1\$/gs, ''))
  if (control !== null) throw new Error(`${path}: "${control[0].trim()}" would end the transaction that records it; leave it out`)
  return text
}

/** Whether we may replace the functions of that release: it is ours, older, or there are none yet. */
function isOurs(theirs: string | null, ours: string): boolean {
  if (theirs === null) return true
  const [a, b] = [theirs, ours].map(release => release.split('.').map(Number))
  const differing = [0, 1, 2].find(index => a?.[index] !== b?.[index])
  return differing === undefined || (a?.[differing] ?? 0) < (b?.[differing] ?? 0)
}

const short = (hash: string | null): string => hash?.slice(0, 8) ?? 'none'
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
