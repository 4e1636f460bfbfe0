import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { request } from 'undici'
import { quietChannel } from '../support/goods.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { watchMemory } from './memory.ts'
import { skuOf } from './requests.ts'
import { inTurns } from './rounds.ts'
import { median } from './spread.ts'
import type { Stage } from './stage.ts'

const ROWS = 100_000
const CHANGED = 1_000
const ROUNDS = 9
const PIECE_ROWS = 2_500
/** Prime to ROWS: rows come in the order of a shelf, not of the books. */
const STRIDE = 7_919

/**
 * 100,000 prices of which 1,000 differ, in no order, all of them listed and published, from upload to applied through the API, against COPY of the same file
 * into a bare table and one compare with what stands. Beside it: that exactly those 1,000 are reckoned anew, and the memory of the process.
 */
export async function priceImport(stage: Stage): Promise<Measured> {
  const accountId = await layInPriced(stage)
  const api = await stage.serveApi()
  const { sql } = stage
  await sql`create table bare_prices (sku text, currency text, amount numeric)`
  const notes: string[] = []
  // Laid down beforehand: the memory that is watched is that of reading them. One more, that warms both up.
  const files = Array.from({ length: ROUNDS + 1 }, (_, turn) => fileOf(turn))
  await bare(stage, files[0] ?? [])
  await importOnce(api, files[0] ?? [])
  await sql`select publications_intend_1(${accountId}, null, clock_timestamp())`
  await sql`vacuum analyze`
  let [turn, misjudged] = [1, 0]
  const memory = watchMemory()
  const { rows, plain, words, found } = await inTurns(ROUNDS, {
    plain: () => bare(stage, files[turn] ?? []),
    rows: async () => {
      const before = await marks(stage)
      const { uploadS, applyS } = await importOnce(api, files[turn++] ?? [])
      const changes = await sql<{ n: number; skus: number }[]>`
        select count(*)::int as n, count(distinct variant_id)::int as skus from change where kind = 'price' and seq > ${before.change}`
      const skus = await sql<
        { id: number }[]
      >`select distinct variant_id as id from change where kind = 'price' and seq > ${before.change} and variant_id is not null`
      await sql`select publications_intend_1(${accountId}, ${skus.map(row => row.id)}::bigint[], clock_timestamp())`
      const [intended] = await sql<{ n: number }[]>`
        select count(*)::int as n from publication_history where field = 'price' and event = 'intended' and id > ${before.history}`
      misjudged +=
        Math.abs((changes[0]?.n ?? 0) - CHANGED) + Math.abs((changes[0]?.skus ?? 0) - CHANGED) + Math.abs((intended?.n ?? 0) - CHANGED)
      notes.push(
        `read, compared and judged in ${uploadS.toFixed(2)} s, applied in ${applyS.toFixed(2)} s; ${intended?.n} listings reckoned anew`,
      )
      return ROWS / (uploadS + applyS)
    },
  })
  const memoryMb = memory.stop()
  notes.push(`memory above idle: ${Math.round(memoryMb)} MB`)
  // Of what was measured just after one another: how fast the machine is changes more from round to round than within one.
  const ratios = found.rows.map((each, round) => each / (found.plain[round] ?? each))
  const ratio = median(ratios)
  notes.push(`of each round: ${ratios.map(each => each.toFixed(2)).join(', ')}`)
  const criteria = { ratio: atLeast(0.4, ratio), memoryMb: atMost(200, memoryMb), misjudged: atMost(0, misjudged) }
  return {
    line: lineOf({ name: 'price-import', value: rows, unit: 'rows/s', yardstick: plain, ratio, criteria }),
    notes: [words, ...notes],
  }
}

/** SKUs with a price for everyone, listed in a channel whose prices are published. Answers its account. */
async function layInPriced({ unhurried: sql }: Stage): Promise<number> {
  const skus = Array.from({ length: ROWS }, (_, n) => skuOf(n))
  await sql`insert into locations (code, name, kind) values ('main', 'Main', 'warehouse')`
  const { accountId } = await quietChannel(sql, 'shop', ['main'])
  await sql`insert into products (handle, title) values ('bulk', 'Bulk')`
  await sql`
    insert into variants (product_id, sku, title) select p.id, sku, '' from products p, unnest(${skus}::text[]) with ordinality s(sku, n) order by n`
  await sql`insert into prices (variant_id, currency, amount, actor) select id, 'EUR', 10, 'bench' from variants order by id`
  await sql`
    insert into listings (account_id, channel_id, external_id, external_sku, title, variant_id) select c.account_id, c.id, v.sku, v.sku, '', v.id
    from channels c, variants v`
  await sql`update channels set publish_prices = true`
  await sql`select publications_intend_1(${accountId}, null, clock_timestamp())`
  await sql`vacuum analyze`
  return accountId
}

/** In each turn the next 1,000 SKUs get a price that they never had. */
function fileOf(turn: number): readonly Buffer[] {
  const line = (n: number) => {
    const at = (n * STRIDE) % ROWS
    const isMoved = at < CHANGED * (turn + 1)
    return `${skuOf(at)},EUR,${isMoved ? `${11 + (at % 7)}.${10 + (at % 90)}` : '10.00'}\n`
  }
  return Array.from({ length: ROWS / PIECE_ROWS }, (_, piece) => {
    const lines = Array.from({ length: PIECE_ROWS }, (_, n) => line(piece * PIECE_ROWS + n))
    return Buffer.from(`${piece === 0 ? 'sku,currency,amount\n' : ''}${lines.join('')}`)
  })
}

async function importOnce(
  { origin, key }: { readonly origin: string; readonly key: string },
  pieces: readonly Buffer[],
): Promise<{ readonly uploadS: number; readonly applyS: number }> {
  const headers = { authorization: `Bearer ${key}` }
  const beganAt = performance.now()
  const judged = await answerOf(
    request(`${origin}/v1/imports/prices`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/csv' },
      body: Readable.from(pieces),
    }),
  )
  if (judged.state !== 'judged' || judged.changed !== CHANGED)
    throw new Error(`the file was not taken: ${JSON.stringify(judged).slice(0, 500)}`)
  const judgedAt = performance.now()
  const applied = await answerOf(request(`${origin}/v1/imports/prices/${judged.id}/apply`, { method: 'POST', headers }))
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

/** The same file the shortest way: COPY into a bare table, and one compare that finds what differs. Rows per second. */
async function bare({ sql }: Stage, pieces: readonly Buffer[]): Promise<number> {
  await sql`truncate bare_prices`
  const beganAt = performance.now()
  await pipeline(Readable.from(pieces), await sql`copy bare_prices from stdin with (format csv, header)`.writable())
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from bare_prices b join variants v on v.sku = b.sku
    join prices p on p.variant_id = v.id and p.currency = b.currency and p.superseded_at is null and p.channel_id is null and p.starts_at is null where p.amount <> b.amount`
  if (row?.n !== CHANGED) throw new Error(`${row?.n} rows differ, and not ${CHANGED}`)
  return ROWS / ((performance.now() - beganAt) / 1000)
}

/** How far the feed and the history are. */
async function marks({ sql }: Stage): Promise<{ readonly change: number; readonly history: number }> {
  const [row] = await sql<{ change: number; history: number }[]>`
    select (select coalesce(max(seq), 0) from change) as change, (select coalesce(max(id), 0) from publication_history) as history`
  return row ?? { change: 0, history: 0 }
}
