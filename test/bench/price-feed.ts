import { setTimeout as wait } from 'node:timers/promises'
import type { RemoteSandbox } from '../../connectors/sandbox-remote.ts'
import { GERMANY } from '../../src/demo/listings.ts'
import { syncLowerBoundS } from '../../src/domain/sync/bound.ts'
import { setGuardLimits } from '../../src/usecases/guard.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { layIn } from '../support/goods.ts'
import { until } from '../support/until.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { listingOf, publish, startLiveHub } from './live-hub.ts'
import { skuOf } from './requests.ts'
import { journalEnd } from './shown-journal.ts'
import type { Stage } from './stage.ts'

const CHANGES = 10_000
const BATCH = 1_000
const LAG_MS = 20
/** Amazon's bucket for patches (5 a second, burst 5), 20 times as large; the connector sends 5 at once, each in about 10 ms here. */
const BUCKET = { ratePerS: 100, burst: 100 }
const IN_FLIGHT = 5
const LATENCY_S = 0.01

/** 10,000 changed prices until Amazon's sandbox shows them all, against the shortest time in which single calls could bring them there. */
export async function priceFeed(stage: Stage): Promise<Measured> {
  const { context, log, folder, sql } = stage
  const skus = Array.from({ length: CHANGES }, (_, n) => skuOf(n))
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: 9 }])))
  const listings = skus.map(sku => ({ ...listingOf(sku, 9, '10'), prices: { [GERMANY.id]: '10' } }))
  const hub = await startLiveHub({ ...{ context, log, folder, lagMs: LAG_MS }, listings: { woocommerce: [], amazon: listings } })
  stage.atEnd(hub.stop)
  await publish(context, ['amazon-de', 'amazon-se'])
  for (const code of ['amazon-de', 'amazon-se']) await setGuardLimits(context, null, code, { changedPercent: null, dropPercent: null })
  const amazon = hub.sandboxes.remote.platform('amazon')
  const begun = await journalEnd(amazon)
  const startedAt = performance.now()
  for (let at = 0; at < CHANGES; at += BATCH) {
    const some = skus.slice(at, at + BATCH)
    await setPrices(
      context,
      null,
      some.map(sku => ({ sku, currency: 'EUR', amount: '12.5' })),
    )
  }
  const commandS = (performance.now() - startedAt) / 1000
  await until(
    'Amazon shows all prices',
    async () => {
      await wait(500)
      return (await amazon.shown()).every(one => Number(one.prices[GERMANY.id]?.regular) === 12.5)
    },
    150_000,
  )
  const actualS = (performance.now() - startedAt) / 1000
  await until(
    'all are proven',
    async () => {
      const [row] = await sql<
        { n: number }[]
      >`select count(*)::int as n from publications where field = 'price' and state = 'applied' and applied->>'regular' = '12.5'`
      return row?.n === CHANGES
    },
    60_000,
  )
  const provenS = (performance.now() - startedAt) / 1000
  const calls = await callsSince(amazon, begun)
  const [feed] = await sql<{ items: number; took: number }[]>`
    select sum(items)::int as items, avg(extract(epoch from ended_at - started_at))::float8 as took from publication_feeds where outcome = 'done'`
  const boundS = syncLowerBoundS({ calls: CHANGES, bucket: BUCKET, latencyS: LATENCY_S, inFlight: IN_FLIGHT, processingS: LAG_MS / 1000 })
  const criteria = { ratio: atLeast(1.5, boundS / actualS), violations: atMost(0, await stage.violations()) }
  return {
    line: lineOf({ name: 'price-feed', value: actualS, unit: 's', yardstick: boundS, ratio: boundS / actualS, criteria }),
    notes: [
      `the command itself ${commandS.toFixed(1)} s; all proven by reading after ${provenS.toFixed(1)} s`,
      `${feed?.items ?? 0} of ${CHANGES} by feed, which took the platform ${(feed?.took ?? 0).toFixed(1)} s`,
      `calls by operation: ${[...calls].map(([name, times]) => `${name}: ${times}`).join(', ')}`,
    ],
  }
}

async function callsSince(amazon: RemoteSandbox, begun: number): Promise<ReadonlyMap<string, number>> {
  const calls = new Map<string, number>()
  for (let after = begun; ; ) {
    const page = await amazon.journal(after, 10_000)
    for (const entry of page) {
      if (entry.kind !== 'call') continue
      const name = `${entry.data.operation}${Number(entry.data.status) < 300 ? '' : ` ${entry.data.status}`}`
      calls.set(name, (calls.get(name) ?? 0) + 1)
    }
    const last = page.at(-1)
    if (!last) return calls
    after = last.seq
  }
}
