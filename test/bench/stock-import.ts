import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { request } from 'undici'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { type LoadResult, latencyWords } from './load.ts'
import { watchMemory } from './memory.ts'
import { reserveShots, skuOf, timed, warmUp } from './requests.ts'
import { inTurns } from './rounds.ts'
import { spread } from './spread.ts'
import type { Stage } from './stage.ts'

const ROWS = 100_000
const ROUNDS = 3
/** Reservations beside it are of SKUs that the file counts too. */
const RESERVED_SKUS = 1_000
const PLENTY = 1_000_000
const RESERVE_S = 4

type Api = { readonly origin: string; readonly key: string }

/**
 * 100,000 absolute rows that all change, in no order, read, judged and ledgered through the API, against COPY of the same rows into a bare
 * table and one upsert from there into bare balances. Beside it: the memory of the process, and how long reservations take meanwhile.
 */
export async function stockImport(stage: Stage): Promise<Measured> {
  await layInBulk(stage)
  const api = await stage.serveApi()
  await warmUp(stage, api, RESERVED_SKUS)
  await stage.sql`vacuum analyze`
  const bare = await bareImport(stage)
  let turn = 0
  // Written beforehand: the memory that is watched is that of reading them.
  const bareFiles = Array.from({ length: ROUNDS }, () => piecesOf(++turn, '', '\t'))
  const files = Array.from({ length: ROUNDS }, () => fileOf(++turn))
  const notes: string[] = []
  const memory = watchMemory()
  const { rows, plain, words } = await inTurns(ROUNDS, {
    plain: () => bare(bareFiles.shift() ?? []),
    rows: async () => {
      const { uploadS, applyS } = await importOnce(api, files.shift() ?? [])
      notes.push(`read and judged in ${uploadS.toFixed(2)} s, applied in ${applyS.toFixed(2)} s`)
      return ROWS / (uploadS + applyS)
    },
  })
  const memoryMb = memory.stop()

  const quiet = await reserving(stage, api)
  const beside = reserving(stage, api)
  let isOver = false
  const over = beside.finally(() => {
    isOver = true
  })
  let besides = 0
  do {
    await importOnce(api, fileOf(++turn))
    besides++
  } while (!isOver)
  const busy = await over
  notes.push(`reservations when it is quiet: ${latencyWords(quiet)}`, `beside ${besides} imports: ${latencyWords(busy)}`)
  notes.push(`memory above idle: ${Math.round(memoryMb)} MB`)

  const ratio = rows / plain
  const criteria = {
    ...{ ratio: atLeast(0.35, ratio), memoryMb: atMost(200, memoryMb) },
    p99Ratio: atMost(3, spread(busy.latenciesMs).p99 / spread(quiet.latenciesMs).p99),
    violations: atMost(0, await stage.violations()),
  }
  const reading = { name: 'stock-import', value: rows, unit: 'rows/s', yardstick: plain, ratio, criteria }
  return { line: lineOf(reading), notes: [words, ...notes] }
}

/** SKUs with stock and its ledger, as if somebody had counted them once. */
async function layInBulk({ sql }: Stage): Promise<void> {
  const skus = Array.from({ length: ROWS }, (_, n) => skuOf(n))
  await sql`insert into locations (code, name, kind) values ('main', 'Main', 'warehouse')`
  await sql`insert into products (handle, title) values ('bulk', 'Bulk')`
  await sql`
    insert into variants (product_id, sku, title) select p.id, sku, '' from products p, unnest(${skus}::text[]) with ordinality s(sku, n) order by n`
  await sql`
    with there as (select v.id as variant_id, l.id as location_id from variants v, locations l),
      laid as (insert into balances (variant_id, location_id, on_hand) select variant_id, location_id, ${PLENTY}::int from there),
      posted as (insert into movements (variant_id, location_id, kind, on_hand, actor, occurred_at)
        select variant_id, location_id, 'count', ${PLENTY}::int, 'bench', clock_timestamp() from there)
    insert into change (kind, variant_id) select 'stock', variant_id from there`
}

const PIECE_ROWS = 2_500

/**
 * The rows of a turn as text in pieces of about 64 KB. Its numbers are others than those of any turn before; the rows come in the order of a shelf,
 * not of our ids.
 */
function piecesOf(turn: number, head: string, between: string): Buffer[] {
  const line = (n: number) => `${skuOf((n * 7_919) % ROWS)}${between}main${between}${PLENTY + turn * 1_000 + (n % 997)}\n`
  return Array.from({ length: ROWS / PIECE_ROWS }, (_, piece) => {
    const lines = Array.from({ length: PIECE_ROWS }, (_, n) => line(piece * PIECE_ROWS + n))
    return Buffer.from(`${piece === 0 ? head : ''}${lines.join('')}`)
  })
}

const fileOf = (turn: number): readonly Buffer[] => piecesOf(turn, 'sku,location,quantity\n', ',')

async function importOnce({ origin, key }: Api, pieces: readonly Buffer[]): Promise<{ readonly uploadS: number; readonly applyS: number }> {
  const headers = { authorization: `Bearer ${key}` }
  const beganAt = performance.now()
  const judged = await answerOf(
    request(`${origin}/v1/imports/stock`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/csv' },
      body: Readable.from(pieces),
    }),
  )
  if (judged.state !== 'judged' || judged.changed !== ROWS)
    throw new Error(`the file was not taken: ${JSON.stringify(judged).slice(0, 500)}`)
  const judgedAt = performance.now()
  let applied = await answerOf(request(`${origin}/v1/imports/${judged.id}/apply`, { method: 'POST', headers }))
  while (applied.state === 'applying')
    applied = await answerOf(request(`${origin}/v1/imports/${judged.id}/apply`, { method: 'POST', headers }))
  if (applied.state !== 'done' || applied.failed !== 0)
    throw new Error(`the file was not applied: ${JSON.stringify(applied).slice(0, 500)}`)
  return { uploadS: (judgedAt - beganAt) / 1000, applyS: (performance.now() - judgedAt) / 1000 }
}

async function answerOf(asked: ReturnType<typeof request>) {
  const { statusCode, body } = await asked
  const answer = (await body.json()) as Record<string, unknown>
  if (statusCode !== 200) throw new Error(`${statusCode}: ${JSON.stringify(answer).slice(0, 500)}`)
  return answer
}

/** The same rows the shortest way: COPY into a bare table, one upsert into balances that have the same key and nothing else. Rows per second. */
async function bareImport({ sql }: Stage): Promise<(pieces: readonly Buffer[]) => Promise<number>> {
  await sql`create table bare_rows (sku text, location text, quantity int)`
  await sql`create table bare_balances (variant_id bigint, location_id bigint, on_hand int not null, primary key (variant_id, location_id))`
  await sql`insert into bare_balances select variant_id, location_id, on_hand from balances`
  await sql`vacuum analyze bare_balances`
  return async pieces => {
    await sql`truncate bare_rows`
    const beganAt = performance.now()
    await pipeline(Readable.from(pieces), await sql`copy bare_rows from stdin`.writable())
    await sql`
      insert into bare_balances select v.id, l.id, r.quantity from bare_rows r join variants v on v.sku = r.sku join locations l on l.code = r.location
      on conflict (variant_id, location_id) do update set on_hand = excluded.on_hand`
    return ROWS / ((performance.now() - beganAt) / 1000)
  }
}

const reserving = (stage: Stage, { origin, key }: Api): Promise<LoadResult> =>
  stage.load.run(timed(origin, reserveShots(key, RESERVED_SKUS), RESERVE_S))
