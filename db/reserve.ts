import { hasSessions, type JsonValue, type Sql } from './connect.ts'
import { onOneConnection } from './own-connection.ts'
import type { HeldLine, ReserveAnswer } from './reservations.ts'

/** A request to reserve as the database decides it. */
export type ReserveCommand = {
  readonly scope: string
  readonly key: string | null
  readonly kind: string
  readonly hash: string
  readonly actor: string
  /** Judged at this instant; only tests pass it. */
  readonly now?: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly location?: string | null }[]
  readonly channel?: string | null
  readonly partial?: boolean
  readonly prefer?: string | readonly string[] | null
  readonly expiresInS?: number | null
  readonly expiresAt?: string | null
}

/**
 * Decides many requests with one statement, in their order. Answers one decision for each, once the disk has it; what was reserved bears the
 * statement's token.
 *
 * `onDecided` is called as soon as they are decided and their locks are free: what is decided next need not wait for the disk as well. The
 * statement that waits for the disk follows over the same session: had the server been lost in between, there would be another.
 */
export function reserveMany(
  sql: Sql,
  requests: readonly ReserveCommand[],
  onDecided: () => void = () => {},
): Promise<readonly ReserveAnswer[]> {
  // Between two statements PgBouncer may go over to another server, which knows nothing of the first.
  if (!hasSessions(sql)) return decide(sql, requests, null)
  return onOneConnection(sql, own => decide(own, requests, onDecided))
}

async function decide(sql: Sql, requests: readonly ReserveCommand[], onDecided: (() => void) | null): Promise<readonly ReserveAnswer[]> {
  return (await decidePlain(sql, requests, onDecided)) ?? decideAny(sql, requests, onDecided)
}

type Plain = {
  readonly places: readonly string[] | null
  readonly ends: readonly (string | null)[] | null
  readonly token: string
  readonly session: number
}

/** Null: one of them is not plain, and nothing was written. */
async function decidePlain(sql: Sql, requests: readonly ReserveCommand[], onDecided: (() => void) | null) {
  const lines = plainLines(requests)
  if (lines === null) return null
  const { kind = '', now = null } = requests[0] ?? {}
  const statement = sql<Plain[]>`
    select ${lazily(sql, onDecided)} p.places, p.ends, pg_current_xact_id()::text as token, pg_backend_pid() as session
    from stock_reserve_plain_1(${lines.map(line => line.no)}::int[], ${lines.map(line => line.of)}::int[], ${lines.map(line => line.scope)}::text[],
      ${lines.map(line => line.key)}::text[], ${lines.map(line => line.hash)}::text[], ${lines.map(line => line.actor)}::text[],
      ${lines.map(line => line.seconds)}::float8[], ${lines.map(line => line.until)}::text[], ${lines.map(line => line.sku)}::text[], ${lines.map(line => line.quantity)}::int[],
      ${lines.map(line => line.place)}::text[], ${kind}, ${now}::text::timestamptz) p`
  const { places, ends, token } = await keep(sql, statement, onDecided, row => row.places !== null).catch(nullWhenKeyIsTaken)
  if (places === null || ends === null) return null
  let at = 0
  return requests.map((request): ReserveAnswer => {
    const held: HeldLine[] = request.lines.map(({ sku, quantity }, line) => ({ sku, location: places[at + line] ?? '', quantity }))
    const expiresAt = ends[at] ?? null
    at += held.length
    return { outcome: 'reserved', basket: `hold:${request.scope}:${request.key}`, expiresAt, missing: [], lines: held, token }
  })
}

async function decideAny(sql: Sql, requests: readonly ReserveCommand[], onDecided: (() => void) | null) {
  const statement = sql<{ answers: ReserveAnswer[]; token: string; session: number }[]>`
    select ${lazily(sql, onDecided)} stock_reserve_2(${sql.json(requests as readonly JsonValue[])}) as answers, pg_current_xact_id()::text as token,
      pg_backend_pid() as session`
  const { answers, token } = await keep(sql, statement, onDecided, () => true)
  if (answers.length !== requests.length) throw new Error(`${requests.length} reservations got ${answers.length} answers`)
  return answers.map(answer => (answer.outcome === 'reserved' ? { ...answer, token } : answer))
}

/** Lets the statement itself not wait for the disk. */
const lazily = (sql: Sql, onDecided: (() => void) | null) =>
  onDecided === null ? sql`` : sql`set_config('synchronous_commit', 'off', true),`

/** Sends a statement, tells when it decided, and answers its row once the disk has what it wrote. */
async function keep<Row extends { readonly session: number }>(
  sql: Sql,
  statement: PromiseLike<readonly Row[]>,
  onDecided: (() => void) | null,
  isDecided: (row: Row) => boolean,
) {
  const decided = statement.then(([row]) => {
    if (row === undefined) throw new Error('a batch of reservations gave no row')
    if (onDecided !== null && isDecided(row)) onDecided()
    return row
  })
  if (onDecided === null) return decided
  // A write of its own, and an ordinary commit: it is there when all before it is there, on the standbys too where the server waits for them.
  const kept = sql<{ session: number }[]>`select pg_logical_emit_message(true, 'concord', 'kept'), pg_backend_pid() as session`
  const [row, flushed] = await Promise.allSettled([decided, kept])
  if (row.status === 'rejected') throw row.reason
  if (flushed.status === 'rejected') throw flushed.reason
  if (flushed.value[0]?.session !== row.value.session)
    throw Object.assign(new Error('the connection was lost before the disk had all'), { code: 'CONNECTION_CLOSED' })
  return row.value
}

/** The lines of all requests, each with what its request says; null when one of them can be seen not to be plain. */
function plainLines(requests: readonly ReserveCommand[]) {
  const first = requests[0]
  const lines = []
  for (const { scope, key, hash, actor, kind, now, channel, prefer, expiresAt, expiresInS, lines: asked } of requests) {
    if (key === null || kind !== first?.kind || now !== first.now) return null
    if ((channel ?? null) !== null || (prefer ?? null) !== null) return null
    const head = { of: asked.length, scope, key, hash, actor, seconds: expiresInS ?? null, until: expiresAt ?? null }
    for (const [at, { sku, quantity, location }] of asked.entries())
      lines.push({ no: at + 1, ...head, sku, quantity, place: location ?? null })
  }
  return lines
}

/** Another node decided one of the keys while we did: then its answer is told, as of any key that was used. */
function nullWhenKeyIsTaken(error: unknown): Plain {
  const { code, constraint_name } = error as { readonly code?: unknown; readonly constraint_name?: unknown }
  if (code === '23505' && constraint_name === 'commands_pkey') return { places: null, ends: null, token: '', session: 0 }
  throw error
}
