import { setTimeout as wait } from 'node:timers/promises'
import type { RemoteSandbox } from '../../connectors/sandbox-remote.ts'
import type { Sql } from '../../db/connect.ts'
import { learnStakes } from '../../db/stakes.ts'
import { GERMANY } from '../../src/demo/listings.ts'
import { changeChannel } from '../../src/usecases/channels.ts'
import { setGuardLimits } from '../../src/usecases/guard.ts'
import { seeded } from '../connectors/stage.ts'
import { change, layIn } from '../support/goods.ts'
import { until } from '../support/until.ts'
import { type Waiting, weighedBacklog } from './backlog-of-all-kinds.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { listingOf, publish, startLiveHub } from './live-hub.ts'
import { skuOf } from './requests.ts'
import { journalEnd } from './shown-journal.ts'
import type { Stage } from './stage.ts'

const SKUS = 300
/** Prices of another marketplace that are going out already, so that the bucket is empty. */
const UNDER_WAY = 30
const SCALE = 1
const LAG_MS = 20
/** Amazon's bucket for patches, so many times as large. */
const BUCKET = { ratePerS: 5 * SCALE, burst: 5 * SCALE }
const DAYS = 28

/** Money lost until each of 300 waiting SKUs is shown, at the five calls a second that Amazon allows, beside the least that any order of the same calls could lose. */
export async function syncFreshness(stage: Stage): Promise<Measured> {
  const { context, log, folder, sql } = stage
  const backlog = weighedBacklog(SKUS, DAYS, seeded(7))
  await layInBefore(sql, backlog)
  const listings = backlog.map(({ sku, before }) => ({
    ...{ sku, title: sku, gtin: null, quantity: before.quantity, parent: null },
    prices: { [GERMANY.id]: before.price },
  }))
  const others = Array.from({ length: UNDER_WAY }, (_, n) => skuOf(SKUS + n))
  await layIn(sql, Object.fromEntries(others.map(sku => [sku, { main: 9 }])), '100')
  await swedishPrices(sql, others, '100')
  const hub = await startLiveHub({
    ...{ context, log, folder, lagMs: LAG_MS, scale: SCALE },
    listings: { woocommerce: [], amazon: [...listings, ...others.map(sku => listingOf(sku, 9, '100'))] },
  })
  stage.atEnd(hub.stop)
  await publish(context, ['amazon-de', 'amazon-se'])
  for (const code of ['amazon-de', 'amazon-se'])
    await setGuardLimits(context, null, code, { changedPercent: null, dropPercent: null, zeroPercent: '100' })
  await allReckoned(sql)
  await sold(sql, backlog)
  await learnStakes(sql, new Date(), DAYS)
  await changeChannel(context, 'amazon-de', { paused: true }, null)
  await comeToWait(sql, backlog)

  const amazon = hub.sandboxes.remote.platform('amazon')
  const begun = await journalEnd(amazon)
  await swedishPrices(sql, others, '101')
  await until('the burst is used up', async () => {
    await wait(50)
    return (await amazon.journal(begun, 10_000)).filter(entry => entry.kind === 'price').length > BUCKET.burst
  })
  await changeChannel(context, 'amazon-de', { paused: false }, null)
  // As whoever asked for it through the console or the API would be heard.
  hub.worker().tailer.ring()
  const [clock] = await sql<{ now: Date }[]>`select clock_timestamp() as now`
  const fields = backlog.flatMap(({ sku, after, parts }) =>
    parts.map(({ field, weight }) => ({ sku, field, weight, value: field === 'stock' ? after.quantity : Number(after.price) })),
  )
  // What is under way already counts as a call, and for nothing else.
  const all = [...fields, ...others.map(sku => ({ sku, field: 'price' as const, weight: 0, value: 101 }))]
  const shown = await shownAt(amazon, all, begun, clock?.now.getTime() ?? 0)

  const actual = shown.reduce((sum, { weight, at }) => sum + weight * at, 0)
  const calls = [...Map.groupBy(shown, one => one.sku).values()].map(parts => ({
    weight: parts.reduce((sum, part) => sum + part.weight, 0),
    at: Math.max(...parts.map(part => part.at)),
  }))
  const instants = calls.map(call => call.at).toSorted((a, b) => a - b)
  const inOrder = (weights: readonly number[]): number => weights.reduce((sum, weight, n) => sum + weight * (instants[n] ?? Number.NaN), 0)
  // The heaviest at the earliest: no other order of the same calls loses less.
  const best = inOrder(calls.map(call => call.weight).toSorted((a, b) => b - a))
  const fifo = inOrder(calls.map(call => call.weight))
  const ratio = best / actual
  const criteria = { ratio: atLeast(0.9, ratio), violations: atMost(0, await stage.violations()) }
  return {
    line: lineOf({ name: 'sync-freshness', value: actual / 3600, unit: 'EUR lost', yardstick: best / 3600, ratio, criteria }),
    notes: [
      `in the order in which they came ${(fifo / 3600).toFixed(0)} EUR would have been lost: ${(best / fifo).toFixed(3)} of the best`,
      `the first was shown after ${instants[0]?.toFixed(2)} s, the last after ${instants.at(-1)?.toFixed(1)} s`,
    ],
  }
}

async function layInBefore(sql: Sql, backlog: readonly Waiting[]): Promise<void> {
  await layIn(sql, Object.fromEntries(backlog.map(({ sku, before }) => [sku, { main: before.quantity }])))
  await sql`select prices_set_1(${sql.json({ actor: 'bench', prices: backlog.map(({ sku, before }) => ({ sku, currency: 'EUR', amount: before.price })) })})`
  await sql`
    update variants v set cost = x.cost, cost_currency = 'EUR'
    from unnest(${backlog.map(one => one.sku)}::text[], ${backlog.map(one => one.cost)}::numeric[]) x(sku, cost) where v.sku = x.sku`
}

const allReckoned = (sql: Sql): Promise<boolean> =>
  until('all of it is reckoned', async () => {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from publications p join channels c on c.id = p.channel_id where c.code = 'amazon-de' and p.waiting_since is null`
    return row?.n === 2 * (SKUS + UNDER_WAY)
  })

/** What was sold in the last four weeks, as orders would have taught it. */
async function sold(sql: Sql, backlog: readonly Waiting[]): Promise<void> {
  await sql`
    insert into demand (scope_id, sold_id, part_id, units, recent, since)
    select c.id, v.id, v.id, x.units, x.recent, clock_timestamp() - ${`${DAYS} days`}::interval
    from unnest(${backlog.map(one => one.sku)}::text[], ${backlog.map(one => one.units)}::int[], ${backlog.map(one => one.recent)}::int[]) x(sku, units, recent)
    join variants v on v.sku = x.sku join channels c on c.code = 'amazon-de'`
}

/** Changes everything, in the order of the backlog, and waits until all of it waits. */
async function comeToWait(sql: Sql, backlog: readonly Waiting[]): Promise<void> {
  const floors = backlog.flatMap(({ sku, floor }) =>
    floor === null ? [] : [{ kind: 'floor', basis: 'manual', scope: 'variant', sku, amount: floor, currency: 'EUR' }],
  )
  await sql`select price_limits_set_1(${sql.json({ actor: 'bench', limits: floors })})`
  const lines = backlog.flatMap(({ sku, before, after }) =>
    after.quantity === before.quantity ? [] : [{ sku, location: 'main', quantity: after.quantity, kind: 'count', reason: 'bench' }],
  )
  await change(sql, lines)
  const prices = backlog.flatMap(({ sku, before, after, floor }) =>
    after.price === before.price || floor !== null ? [] : [{ sku, currency: 'EUR', amount: after.price }],
  )
  await sql`select prices_set_1(${sql.json({ actor: 'bench', prices })})`
  const fields = backlog.reduce((sum, one) => sum + one.parts.length, 0)
  await until(`${fields} fields wait`, async () => {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from publications p join channels c on c.id = p.channel_id where c.code = 'amazon-de' and p.waiting_since is not null`
    return row?.n === fields
  })
}

const swedishPrices = (sql: Sql, skus: readonly string[], amount: string) =>
  sql`select prices_set_1(${sql.json({ actor: 'bench', prices: skus.map(sku => ({ sku, currency: 'SEK', amount })) })})`

type Field = { readonly sku: string; readonly field: 'stock' | 'price'; readonly weight: number; readonly value: number }

/** What the platform showed since then, with the seconds until it did. */
async function shownAt(
  amazon: RemoteSandbox,
  fields: readonly Field[],
  begun: number,
  sinceMs: number,
): Promise<readonly (Field & { readonly at: number })[]> {
  const seen = new Map<string, number>()
  await until(
    `Amazon shows ${fields.length} fields`,
    async () => {
      await wait(500)
      for (let after = begun; ; ) {
        const page = await amazon.journal(after, 10_000)
        for (const { kind, sku, at, data } of page) {
          const value = kind === 'quantity' ? data.value : kind === 'price' ? data.regular : null
          if (value === null) continue
          const key = `${sku} ${kind === 'quantity' ? 'stock' : 'price'} ${Number(value)}`
          if (!seen.has(key)) seen.set(key, (Date.parse(at) - sinceMs) / 1000)
        }
        after = page.at(-1)?.seq ?? after
        if (page.length < 10_000) break
      }
      return fields.every(({ sku, field, value }) => seen.has(`${sku} ${field} ${value}`))
    },
    120_000,
  )
  const shown = fields.map(one => ({ ...one, at: seen.get(`${one.sku} ${one.field} ${one.value}`) ?? Number.NaN }))
  return shown.filter(one => one.at > 0)
}
