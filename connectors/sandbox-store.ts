import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { JournalEntry, SandboxFault, SandboxOptions } from './sandbox.ts'

/** What every platform's sandbox keeps in its SQLite file: its own tables, the journal, the faults, and what is due later. */
export type SandboxStore = {
  /** Runs the work in one transaction (joins the one that is open); an error undoes all of it. */
  readonly change: <T>(work: () => T) => T
  readonly one: <Row extends object>(sql: string, ...values: SQLInputValue[]) => Row | undefined
  readonly all: <Row extends object>(sql: string, ...values: SQLInputValue[]) => Row[]
  /** Answers the number of rows changed. */
  readonly run: (sql: string, ...values: SQLInputValue[]) => number
  /** The next number of a counter, from 1 unless it was begun higher. */
  readonly next: (counter: string, begin?: number) => number
  readonly record: (kind: string, entry: { sku?: string; ref?: string; data?: Readonly<Record<string, unknown>> }) => void
  readonly journal: (afterSeq: number, limit: number) => readonly JournalEntry[]
  readonly misbehave: (fault: SandboxFault) => void
  readonly behave: () => void
  /** Whether a fault of this kind hits now; a counted fault is used up by it. */
  readonly strikes: (kind: SandboxFault['kind'], operation?: string, sku?: string) => boolean
  /** The status with which a call fails now; null: it does not. */
  readonly failing: (operation: string) => ErrorStatus | null
  /** The chance of a fault of this kind as a share of everything; 0: there is none. */
  readonly shareOf: (kind: SandboxFault['kind']) => number
  /** Keeps something for `takeDue`. */
  readonly later: (kind: string, ref: string, data: unknown, afterMs: number) => void
  readonly isWaiting: (kind: string, ref: string) => boolean
  /** Takes out what is due by now, oldest first, at most `limit`. The caller does it in the same transaction, or puts it back. */
  readonly takeDue: (limit: number) => readonly Due[]
  /** How many are still waiting, due or not. */
  readonly waiting: () => number
  /** A random delay whose mean is `lagMs`; 0 when that is 0. */
  readonly lag: () => number
  /** The delay of something that is much too late. */
  readonly lateMs: number
  readonly close: () => void
}

export type Due = { readonly id: number; readonly atMs: number; readonly kind: string; readonly ref: string; readonly data: unknown }

type ErrorStatus = NonNullable<SandboxFault['status']>
type FaultRow = {
  id: number
  kind: string
  operation: string | null
  times: number | null
  chance: number | null
  sku: string | null
  status: ErrorStatus | null
}
type JournalRow = { seq: number; at: string; kind: string; sku: string | null; ref: string | null; data: string }
type DueRow = { id: number; at_ms: number; kind: string; ref: string; data: string }

// WAL with NORMAL survives the death of the process (not of the machine) without an fsync on every shopper's click.
const SETUP = `
  pragma journal_mode = wal;
  pragma synchronous = normal;
  pragma busy_timeout = 5000;
  create table if not exists journal (seq integer primary key autoincrement, at text not null, kind text not null, sku text, ref text, data text not null);
  create table if not exists fault (id integer primary key autoincrement, kind text not null, operation text, times integer, chance real);
  create table if not exists due (id integer primary key autoincrement, at_ms integer not null, kind text not null, ref text not null, data text not null);
  create index if not exists due_at on due (at_ms, id);
  create index if not exists due_ref on due (kind, ref);
  create table if not exists counter (name text primary key, value integer not null);
`

/** A column that a table got after its first release: state of then has it added, last, with its default. */
export type LaterColumn = { readonly table: string; readonly name: string; readonly type: string }

const FAULT_COLUMNS: readonly LaterColumn[] = [
  { table: 'fault', name: 'sku', type: 'text' },
  { table: 'fault', name: 'status', type: 'integer' },
]
const FAULTS = 'select id, kind, operation, times, chance, sku, status from fault order by id'

/** Opens the store; `schema` is the platform's own `create table if not exists ...`, `columns` what was added to its tables since. */
export function openSandboxStore(options: SandboxOptions, schema: string, columns: readonly LaterColumn[] = []): SandboxStore {
  const db = new DatabaseSync(options.file)
  db.exec(SETUP)
  db.exec(schema)
  for (const { table, name, type } of [...FAULT_COLUMNS, ...columns]) {
    const isThere = db.prepare('select 1 from pragma_table_info(?) where name = ?').get(table, name) !== undefined
    if (!isThere) db.exec(`alter table ${table} add column ${name} ${type}`)
  }
  const prepared = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    let found = prepared.get(sql)
    if (!found) {
      found = db.prepare(sql)
      prepared.set(sql, found)
    }
    return found
  }
  const one: SandboxStore['one'] = <Row extends object>(sql: string, ...values: SQLInputValue[]) =>
    statement(sql).get(...values) as Row | undefined
  const all: SandboxStore['all'] = <Row extends object>(sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as Row[]
  const run: SandboxStore['run'] = (sql, ...values) => Number(statement(sql).run(...values).changes)
  const change: SandboxStore['change'] = work => {
    if (db.isTransaction) return work()
    db.exec('begin immediate')
    try {
      const result = work()
      db.exec('commit')
      return result
    } catch (error) {
      if (db.isTransaction) db.exec('rollback')
      throw error
    }
  }

  // Looked at on every call, so they are kept in memory beside their rows.
  let faults = all<FaultRow>(FAULTS)
  const useUp = (fault: FaultRow): void => {
    if (fault.times === null) return
    fault.times -= 1
    if (fault.times > 0) run('update fault set times = ? where id = ?', fault.times, fault.id)
    else {
      run('delete from fault where id = ?', fault.id)
      faults = faults.filter(other => other !== fault)
    }
  }

  /** The fault of this kind that hits now; a counted one is used up by it. */
  const struck = (kind: SandboxFault['kind'], operation?: string, sku?: string): FaultRow | null => {
    for (const fault of faults) {
      if (fault.kind !== kind || (fault.operation !== null && fault.operation !== operation) || (fault.sku !== null && fault.sku !== sku))
        continue
      if (fault.chance !== null && options.random() >= fault.chance) continue
      useUp(fault)
      return fault
    }
    return null
  }

  return {
    change,
    one,
    all,
    run,
    next: (counter, begin = 1) =>
      one<{ value: number }>(
        'insert into counter values (?, ?) on conflict (name) do update set value = value + 1 returning value',
        counter,
        begin,
      )?.value ?? begin,
    record: (kind, { sku, ref, data }) => {
      const words = JSON.stringify(data ?? {})
      run(
        'insert into journal (at, kind, sku, ref, data) values (?, ?, ?, ?, ?)',
        options.now().toISOString(),
        kind,
        sku ?? null,
        ref ?? null,
        words,
      )
    },
    journal: (afterSeq, limit) =>
      all<JournalRow>('select seq, at, kind, sku, ref, data from journal where seq > ? order by seq limit ?', afterSeq, limit).map(row => ({
        ...row,
        data: JSON.parse(row.data) as Readonly<Record<string, unknown>>,
      })),
    misbehave: fault => {
      const values = [
        fault.kind,
        fault.operation ?? null,
        fault.times ?? null,
        fault.chance ?? null,
        fault.sku ?? null,
        fault.status ?? null,
      ] as const
      run('insert into fault (kind, operation, times, chance, sku, status) values (?, ?, ?, ?, ?, ?)', ...values)
      faults = all<FaultRow>(FAULTS)
    },
    behave: () => {
      run('delete from fault')
      faults = []
    },
    strikes: (kind, operation, sku) => struck(kind, operation, sku) !== null,
    failing: operation => {
      const fault = struck('error', operation)
      return fault === null ? null : (fault.status ?? 500)
    },
    shareOf: kind => faults.find(fault => fault.kind === kind)?.chance ?? 0,
    later: (kind, ref, data, afterMs) => {
      run(
        'insert into due (at_ms, kind, ref, data) values (?, ?, ?, ?)',
        options.now().getTime() + Math.round(afterMs),
        kind,
        ref,
        JSON.stringify(data),
      )
    },
    isWaiting: (kind, ref) => one('select 1 as yes from due where kind = ? and ref = ? limit 1', kind, ref) !== undefined,
    takeDue: limit =>
      all<DueRow>(
        'delete from due where id in (select id from due where at_ms <= ? order by at_ms, id limit ?) returning id, at_ms, kind, ref, data',
        options.now().getTime(),
        limit,
      )
        .sort((a, b) => a.at_ms - b.at_ms || a.id - b.id)
        .map(row => ({ id: row.id, atMs: row.at_ms, kind: row.kind, ref: row.ref, data: JSON.parse(row.data) as unknown })),
    waiting: () => one<{ n: number }>('select count(*) as n from due')?.n ?? 0,
    lag: () => Math.min(5, -Math.log(1 - options.random())) * options.lagMs,
    lateMs: Math.max(2_000, 20 * options.lagMs),
    close: () => db.close(),
  }
}

/**
 * An answer that never comes: a byte after `holdMs`, then the connection ends short of the length it promised. A stream that fails would
 * be logged by the server each time; this one is broken for the client only.
 */
export function cutAnswer(holdMs: number): Response {
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise(resolve => setTimeout(resolve, holdMs))
      controller.enqueue(new TextEncoder().encode(' '))
      controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'application/json', 'content-length': '4096', connection: 'close' } })
}
