import postgres from 'postgres'
import { arrayTypes } from './connect-arrays.ts'

/** A pool of connections to PostgreSQL, and the tag that every statement goes through. */
export type Sql = postgres.Sql<SqlTypes>

/** What can be sent as jsonb through `sql.json`. */
export type JsonValue = postgres.JSONValue

/** What `sql.types.<name>(…)` takes. */
type SqlTypes = { [Name in keyof typeof types]: ReturnType<(typeof types)[Name]['parse']> }

export type ConnectOptions = {
  /** Most connections of this pool; 10 unless told. */
  readonly max?: number
  /** What `pg_stat_activity` shows behind `concord-`. */
  readonly name?: string
  /** The longest a statement may run, ms; 30 s unless told, 0 for no limit (migrations, bulk loads). */
  readonly statementTimeoutMs?: number
  /** Behind PgBouncer or Hyperdrive, which refuse session settings at the start: leaves them out. `?pgbouncer=true` in the address does the same. */
  readonly pooled?: boolean
  /** Keeps its connections for good instead of renewing them every 30 to 60 minutes; for one that holds a session's lock. */
  readonly lasting?: boolean
}

const STATEMENT_TIMEOUT_MS = 30_000
// There is no interactive transaction outside migrations, so one that idles is a defect, and it holds back the change feed's horizon.
const IDLE_IN_TRANSACTION_MS = 10_000

/**
 * Opens a pool, as a Worker does; whoever has sockets of Node takes `connect`. The first connection is made by the first statement.
 *
 * What comes back: `int8` as number (throws beyond 2^53), `numeric` as text, `timestamptz` as Date (infinity throws), `date` as 'YYYY-MM-DD',
 * `jsonb` parsed, arrays of these as JavaScript arrays. What goes in: arrays as `${names}::text[]`; arrays of Date or boolean through
 * `sql.types.timestamptzArray(…)` and `sql.types.boolArray(…)`, because the library guesses their type by the first element; objects through
 * `sql.json(…)`. Text that is already JSON needs `::text::jsonb`, or it is quoted once more.
 *
 * A statement that fails for a broken connection may have committed: the outcome is unknown, so every write carries a key.
 */
export function openPool(url: string, options: ConnectOptions = {}): Sql {
  const pooled = options.pooled ?? /[?&]pgbouncer=true\b/.test(url)
  // Not by URL: an address may name several hosts, which URL refuses. The server would refuse the parameter.
  return postgres(url.replace(/([?&])pgbouncer=[^&]*&?/, '$1'), {
    max: options.max ?? 10,
    // The look-up of types at each connect rejected unhandled, and so ended the process, when the server restarted meanwhile.
    fetch_types: false,
    types,
    // The library's own backoff let statements wait 15 to 19 s after a restart.
    backoff: attempt => Math.min(0.05 * 2 ** attempt, 1),
    connect_timeout: 5,
    ...(options.lasting ? { max_lifetime: null } : {}),
    onnotice: () => {}, // "relation exists, skipping" is no news to anybody.
    connection: {
      application_name: options.name === undefined ? 'concord' : `concord-${options.name}`,
      ...(pooled ? {} : sessionSettings(options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS)),
    },
  })
}

const singles = new WeakMap<Sql, Sql[]>()

/** One more connection to where a pool goes, apart from it, and closed with it or when it was idle for a minute. */
export function singleBeside(sql: Sql): Sql {
  // The library's own options, as read from the address: it takes them back as they are.
  const single = postgres({ ...sql.options, max: 1, idle_timeout: 60 } as object) as unknown as Sql
  singles.set(sql, [...(singles.get(sql) ?? []), single])
  return single
}

/**
 * Closes a pool: waits for the statements under way, at most `timeoutS` seconds, then breaks the connections.
 * Without a time-out the library's `end` never resolves once the server was restarted.
 */
export async function close(sql: Sql, timeoutS = 5): Promise<void> {
  await Promise.all([sql, ...(singles.get(sql) ?? [])].map(pool => pool.end({ timeout: timeoutS })))
}

function sessionSettings(statementTimeoutMs: number) {
  return {
    DateStyle: 'ISO',
    TimeZone: 'UTC',
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    statement_timeout: statementTimeoutMs,
    // The default is for spinning disks: with 20,000 variants it made each stock change scan all of them (16 ms instead of 1.4 ms).
    random_page_cost: 1.1,
  }
}

const int8 = {
  to: 20,
  from: [20],
  serialize: (value: number | bigint | string): string => String(value),
  parse: (text: string): number => {
    const value = Number(text)
    if (!Number.isSafeInteger(value)) throw new Error(`bigint ${text} is beyond what a number holds exactly: select it as ::text`)
    return value
  },
}

const timestamptz = {
  to: 1184,
  from: [1184],
  serialize: (value: Date | string): string => (value instanceof Date ? value : new Date(value)).toISOString(),
  parse: (text: string): Date => {
    const value = new Date(text)
    if (Number.isNaN(value.getTime())) throw new Error(`timestamptz ${text} is no instant: an open end is null, not infinity`)
    return value
  },
}

// A calendar date is not an instant: as a Date it would shift by a day in half of the world.
const date = {
  to: 1082,
  from: [1082],
  serialize: (value: string): string => value,
  parse: (text: string): string => text,
}

const types = { int8, timestamptz, date, ...arrayTypes({ int8: int8.parse, timestamptz: timestamptz.parse }) }
