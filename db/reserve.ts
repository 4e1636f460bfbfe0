import type { JsonValue, Sql } from './connect.ts'
import type { HeldLine, ReserveAnswer } from './reservations.ts'
import { sideConnection } from './side-connection.ts'

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
 * Decides many requests with one statement, in their order. Answers one decision for each; what was reserved bears the statement's token. Sent while another
 * batch is under way, it follows that one on the same connection.
 */
export async function reserveMany(sql: Sql, requests: readonly ReserveCommand[]): Promise<readonly ReserveAnswer[]> {
  const side = sideConnection(sql)
  return (await decidePlain(side, requests)) ?? decideAny(side, requests)
}

type Plain = { readonly places: readonly string[] | null; readonly ends: readonly (string | null)[] | null; readonly token: string }

/** Null: one of them is not plain, and nothing was written. */
async function decidePlain(sql: Sql, requests: readonly ReserveCommand[]) {
  const lines = plainLines(requests)
  if (lines === null) return null
  const { kind = '', now = null } = requests[0] ?? {}
  const isSingle = lines.length === requests.length
  const [row] = await sql<Plain[]>`
    select p.places, p.ends, pg_current_xact_id()::text as token
    from stock_reserve_plain_1(${isSingle ? null : lines.map(line => line.no)}::int[], ${isSingle ? null : lines.map(line => line.of)}::int[],
      ${lines.map(line => line.scope)}::text[], ${lines.map(line => line.key)}::text[], ${lines.map(line => line.hash)}::text[],
      ${lines.every(line => line.actor === line.scope) ? null : lines.map(line => line.actor)}::text[], ${told(lines.map(line => line.seconds))}::float8[],
      ${told(lines.map(line => line.until))}::text[], ${lines.map(line => line.sku)}::text[], ${lines.map(line => line.quantity)}::int[],
      ${told(lines.map(line => line.place))}::text[], ${kind}, ${now}::text::timestamptz) p`.catch(nullWhenOvertaken)
  if (row === undefined) throw new Error('a batch of reservations gave no row')
  const { places, ends, token } = row
  if (places === null || ends === null) return null
  let at = 0
  return requests.map((request): ReserveAnswer => {
    const held: HeldLine[] = request.lines.map(({ sku, quantity }, line) => ({ sku, location: places[at + line] ?? '', quantity }))
    const expiresAt = ends[at] ?? null
    at += held.length
    return { outcome: 'reserved', basket: `hold:${request.scope}:${request.key}`, expiresAt, missing: [], lines: held, token }
  })
}

/** Null instead of an array of nothing but nulls: both sides read and write each element. */
function told<T>(values: readonly (T | null)[]): readonly (T | null)[] | null {
  return values.every(value => value === null) ? null : values
}

async function decideAny(sql: Sql, requests: readonly ReserveCommand[]): Promise<readonly ReserveAnswer[]> {
  const [row] = await sql<{ answers: ReserveAnswer[]; token: string }[]>`
    select stock_reserve_2(${sql.json(requests as readonly JsonValue[])}) as answers, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error('a batch of reservations gave no row')
  const { answers, token } = row
  if (answers.length !== requests.length) throw new Error(`${requests.length} reservations got ${answers.length} answers`)
  return answers.map(answer => (answer.outcome === 'reserved' ? { ...answer, token } : answer))
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

/**
 * A key was used before, or another node decides it at this moment: then its answer is told. Or what was free went to another command meanwhile: then all is
 * decided under the lock.
 */
function nullWhenOvertaken(error: unknown): readonly Plain[] {
  const { code, constraint_name } = error as { readonly code?: unknown; readonly constraint_name?: unknown }
  if (code === '40001' || (code === '23505' && constraint_name === 'commands_pkey')) return [{ places: null, ends: null, token: '' }]
  throw error
}
