import { close, connect } from '../../db/connect.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { latencyWords, perSecond, type Shot } from './load.ts'
import { basketShots, CLIENTS, layInPlenty, reserveShots, serveEmptyAnswer, timed, warmUp } from './requests.ts'
import { inTurns } from './rounds.ts'
import type { Stage } from './stage.ts'

const SKUS = 1_000
/** Lines of a basket. */
const BASKET = 5

/** One unit of one of 1,000 SKUs, against the same route answering at once. */
export async function reserveSpread(stage: Stage): Promise<Measured> {
  await layInPlenty(stage, SKUS)
  const empty = await serveEmptyAnswer(stage)
  const api = await stage.serveApi()
  await warmUp(stage, api, SKUS)
  const notes: string[] = []
  const { reserved, answered, words } = await inTurns(3, {
    answered: async () => perSecond(await stage.load.run(timed(empty.origin, reserveShots(empty.key, SKUS), 2))),
    reserved: measured(stage, api, reserveShots(api.key, SKUS), notes),
  })
  const ratio = reserved / answered
  const criteria = { ratio: atLeast(0.45, ratio), violations: atMost(0, await stage.violations()) }
  const reading = { name: 'reserve-spread', value: reserved, unit: 'reservations/s', yardstick: answered, ratio, criteria }
  return { line: lineOf(reading), notes: [words, ...notes] }
}

/** One unit of one SKU that everybody wants, against one guarded statement per request without HTTP. */
export async function reserveHot(stage: Stage): Promise<Measured> {
  await layInPlenty(stage, SKUS)
  const api = await stage.serveApi()
  await warmUp(stage, api, SKUS)
  const naive = await naiveLoop(stage)
  const notes: string[] = []
  const { hot, spread, loop, words } = await inTurns(3, {
    loop: () => naive(2_000),
    spread: measured(stage, api, reserveShots(api.key, SKUS), notes),
    hot: measured(stage, api, reserveShots(api.key, 1), notes),
  })
  const ratio = hot / loop
  const criteria = {
    ...{ ratio: atLeast(2.5, ratio), ofSpread: atLeast(0.9, hot / spread) },
    violations: atMost(0, await stage.violations()),
  }
  const reading = { name: 'reserve-hot', value: hot, unit: 'reservations/s', yardstick: loop, ratio, criteria }
  return { line: lineOf(reading), notes: [words, ...notes] }
}

/** Baskets of five lines, against baskets of one: in units, which are lines here. */
export async function reserveBasket(stage: Stage): Promise<Measured> {
  await layInPlenty(stage, SKUS)
  const api = await stage.serveApi()
  await warmUp(stage, api, SKUS)
  const notes: string[] = []
  const baskets = measured(stage, api, basketShots(api.key, SKUS, BASKET), notes)
  const { lines, spread, words } = await inTurns(3, {
    spread: measured(stage, api, reserveShots(api.key, SKUS), notes),
    lines: async () => (await baskets()) * BASKET,
  })
  const ratio = lines / spread
  const criteria = { ratio: atLeast(1.5, ratio), violations: atMost(0, await stage.violations()) }
  const reading = { name: 'reserve-basket', value: lines, unit: 'lines/s', yardstick: spread, ratio, criteria }
  return { line: lineOf(reading), notes: [words, ...notes] }
}

function measured(stage: Stage, api: { readonly origin: string }, shots: readonly Shot[], notes: string[]) {
  return async (): Promise<number> => {
    const result = await stage.load.run(timed(api.origin, shots, 3))
    notes.push(`${shots.length} different requests: ${latencyWords(result)}`)
    return perSecond(result)
  }
}

/** The naive way: a guarded update and its ledger row in one statement per request, on 16 connections. Answers how to run it for so long. */
async function naiveLoop(stage: Stage): Promise<(ms: number) => Promise<number>> {
  const sql = connect(stage.url, { max: 16, name: 'bench-naive' })
  stage.atEnd(() => close(sql, 1))
  await sql`create table naive_stock (id int primary key, on_hand int not null, reserved int not null)`
  await sql`create table naive_ledger (id bigint generated always as identity primary key, stock_id int not null, quantity int not null, at timestamptz not null default now())`
  await sql`insert into naive_stock values (1, 1000000, 0)`
  return async ms => {
    const startedAt = performance.now()
    let done = 0
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (performance.now() - startedAt < ms) {
          const rows = await sql`
            with taken as (update naive_stock set reserved = reserved + 1 where id = 1 and on_hand - reserved >= 1 returning id)
            insert into naive_ledger (stock_id, quantity) select id, 1 from taken returning id`
          done += rows.length
        }
      }),
    )
    return done / ((performance.now() - startedAt) / 1000)
  }
}
