import type { Sql } from '../../db/connect.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { latencyWords, perSecond } from './load.ts'
import { reserveShots, skuOf, timed } from './requests.ts'
import { inTurns } from './rounds.ts'
import type { Stage } from './stage.ts'

const SMALL = 100_000
const LARGE = 1_000_000
/** Movements of each balance. */
const MOVEMENTS = 10
/** Reserved of: spread evenly over all that there are. */
const ASKED_SKUS = 10_000
const UNITS = 1_000
const CHUNK = 100_000

/** Reservations on a small ledger and on one ten times its size, each in a database of its own, in turns. */
export async function growth(small: Stage): Promise<Measured> {
  const large = await small.another()
  await layInMany(small.unhurried, SMALL)
  await layInMany(large.unhurried, LARGE)
  const notes: string[] = []
  const measures = [await reservingAt(small, SMALL, notes), await reservingAt(large, LARGE, notes)] as const
  const { atSmall, atLarge, words } = await inTurns(3, { atSmall: measures[0], atLarge: measures[1] })
  const ratio = atLarge / atSmall
  const violations = (await small.violations()) + (await large.violations())
  const criteria = { ratio: atLeast(0.67, ratio), violations: atMost(0, violations) }
  const reading = { name: 'growth', value: atLarge, unit: 'reservations/s', yardstick: atSmall, ratio, criteria }
  return { line: lineOf(reading), notes: [words, ...notes] }
}

async function reservingAt(stage: Stage, skus: number, notes: string[]): Promise<() => Promise<number>> {
  const api = await stage.serveApi()
  const shots = reserveShots(api.key, ASKED_SKUS, n => skuOf(n * (skus / ASKED_SKUS)))
  await stage.load.run(timed(api.origin, shots, 1))
  return async () => {
    const result = await stage.load.run(timed(api.origin, shots, 4))
    notes.push(`${skus} balances: ${latencyWords(result)}`)
    return perSecond(result)
  }
}

/**
 * Variants with a balance and ten movements each that add up to it, set by set: through the functions that people use it would take hours. The
 * movements lie days back, as the ledger of a company that has traded for a while.
 */
async function layInMany(sql: Sql, skus: number): Promise<void> {
  await sql`insert into locations (code, name, kind) values ('main', 'main', 'warehouse')`
  for (let from = 0; from < skus; from += CHUNK) {
    const to = from + CHUNK - 1
    await sql`
      with product as (
        insert into products (handle, title) values (${`goods-${from}`}, 'Goods') returning id
      ), variant as (
        insert into variants (product_id, sku, title) select product.id, 'SKU-' || lpad(n::text, greatest(4, length(n::text)), '0'), ''
        from product, generate_series(${from}::int, ${to}::int) n order by n returning id
      ), place as (
        select id from locations where code = 'main'
      ), balance as (
        insert into balances (variant_id, location_id, on_hand) select variant.id, place.id, ${UNITS * MOVEMENTS} from variant, place
      )
      insert into movements (variant_id, location_id, kind, on_hand, actor, occurred_at, recorded_at)
      select variant.id, place.id, 'receive', ${UNITS}, 'bench', at, at
      from generate_series(1, ${MOVEMENTS}::int) day cross join lateral (select clock_timestamp() - interval '20 days' + day * interval '1 day' as at) t, place, variant`
  }
  await sql`vacuum analyze`
}
