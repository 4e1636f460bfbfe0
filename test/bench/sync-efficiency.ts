import { setTimeout as wait } from 'node:timers/promises'
import type { SandboxFault } from '../../connectors/sandbox.ts'
import type { RemoteSandbox } from '../../connectors/sandbox-remote.ts'
import type { Sql } from '../../db/connect.ts'
import { syncLowerBoundS } from '../../src/domain/sync/bound.ts'
import { change, layIn } from '../support/goods.ts'
import { until } from '../support/until.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { listingOf, publish, startLiveHub } from './live-hub.ts'
import { skuOf } from './requests.ts'
import { journalEnd } from './shown-journal.ts'
import { median } from './spread.ts'
import type { Stage } from './stage.ts'

/** Changed listings, in the row alone and in those in which something goes wrong. */
const ALONE = 10_000
const DISTURBED = 2_000
const BEFORE = 100
const LAG_MS = 20
/** Amazon's bucket for patches (5 a second, burst 5), 20 times as large; the connector sends 5 at once. */
const BUCKET = { ratePerS: 100, burst: 100 }
const IN_FLIGHT = 5

/** One way in which the same changes are published. */
type Row = {
  readonly name: string
  readonly changes: number
  /** The part of the rate that is left to us. */
  readonly left: number
  /** The least efficiency, T* ÷ actual. */
  readonly least: number
  /** How many calls the platform may turn away for being too many. */
  readonly turnedAway: number
  /** What goes wrong from before the changes on. */
  readonly fault?: SandboxFault
  /** All numbers go down; else half of them go up. */
  readonly lowered?: true
  /** The hub is restarted in good order when half of them are shown. */
  readonly restart?: true
}

/** The shortest time in which Amazon's sandbox takes so many changed listings, over the time that the hub needed. */
export const syncEfficiencyOf = (changes: number) => measure({ name: 'sync-efficiency', changes, left: 1, least: 0.95, turnedAway: 0 })
export const syncEfficiency = syncEfficiencyOf(ALONE)

/** 2,000 of them, while another application eats 30 % of every bucket and nobody says so. */
export const syncEfficiencyEaten = measure({
  ...{ name: 'sync-efficiency-eaten', changes: DISTURBED, left: 0.7, least: 0.85, turnedAway: DISTURBED * 0.05 },
  fault: { kind: 'eaten', chance: 0.3 },
})

/** The same, all lowered, while 5 % of the calls fail: units of a raise whose answer was lost may have been sold, so it waits for the next look at the orders. */
export const syncEfficiencyErrors = measure({
  ...{ name: 'sync-efficiency-5xx', changes: DISTURBED, left: 0.95, least: 0.9, turnedAway: 0 },
  fault: { kind: 'error', operation: 'patchListingsItem', chance: 0.05 },
  lowered: true,
})

/** The same, while the hub is restarted half way. */
export const syncEfficiencyRestart = measure({
  ...{ name: 'sync-efficiency-restart', changes: DISTURBED, left: 1, least: 0.9, turnedAway: 0, restart: true },
})

function measure(row: Row): (stage: Stage) => Promise<Measured> {
  return async stage => {
    const { context, log, folder, sql } = stage
    // One more, that warms everything up: the first call to an operation waits for its bucket, which starts empty.
    const skus = Array.from({ length: row.changes + 1 }, (_, n) => skuOf(n))
    await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: BEFORE }])))
    const listings = skus.map(sku => listingOf(sku, BEFORE, '10'))
    const hub = await startLiveHub({ ...{ context, log, folder, lagMs: LAG_MS }, listings: { woocommerce: [], amazon: listings } })
    stage.atEnd(hub.stop)
    await publish(context, ['amazon-de', 'amazon-se'])
    const amazon = hub.sandboxes.remote.platform('amazon')
    await show(sql, amazon, new Map([[skuOf(row.changes), BEFORE + 1]]), 15_000)
    await wait((BUCKET.burst / BUCKET.ratePerS) * 1000 + 200) // The bucket fills; there is nothing to await but time.

    const latencies: number[] = []
    for (let n = 0; n < 20; n++) {
      const startedAt = performance.now()
      await hub.sandboxes.remote.health()
      latencies.push((performance.now() - startedAt) / 1000)
    }
    if (row.fault) await amazon.misbehave(row.fault)
    // Half goes up, which the hub must not write without looking at the platform first, half goes down.
    const wanted = new Map(skus.slice(0, row.changes).map((sku, n) => [sku, n % 2 === 0 && !row.lowered ? BEFORE + 50 : BEFORE - 50]))
    const { actualS, commandS, calls, perS } = await show(sql, amazon, wanted, 200_000, row.restart ? hub.restart : null)
    const latencyS = median(latencies)
    const bucket = { ratePerS: BUCKET.ratePerS * row.left, burst: BUCKET.burst }
    const boundS = syncLowerBoundS({ calls: row.changes, bucket, latencyS, inFlight: IN_FLIGHT, processingS: LAG_MS / 1000 })
    const efficiency = boundS / actualS
    const criteria = {
      ...{ ratio: atLeast(row.least, efficiency), turnedAway: atMost(row.turnedAway, calls.get('patchListingsItem 429') ?? 0) },
      violations: atMost(0, await stage.violations()),
    }
    return {
      line: lineOf({ name: row.name, value: actualS, unit: 's', yardstick: boundS, ratio: efficiency, criteria }),
      notes: [
        `latency ${(latencyS * 1000).toFixed(1)} ms, the command itself ${commandS.toFixed(2)} s`,
        `shown in each second: ${Array.from(perS, n => n ?? 0).join(' ')}`,
        `calls by answer: ${[...calls].map(([name, times]) => `${name}: ${times}`).join(', ')}`,
      ],
    }
  }
}

/**
 * Counts each SKU to its new number and waits until the platform shows all of them: from the commit to the journal's last one. `halfWay` is done once when half of
 * them are shown.
 */
async function show(
  sql: Sql,
  amazon: RemoteSandbox,
  wanted: ReadonlyMap<string, number>,
  withinMs: number,
  halfWay: (() => Promise<void>) | null = null,
) {
  const begun = await journalEnd(amazon)
  const lines = [...wanted].map(([sku, quantity]) => ({ sku, location: 'main', quantity, kind: 'count', reason: 'bench' }))
  const startedAt = performance.now()
  await change(sql, lines)
  // Counted from the commit: before it there is nothing to publish.
  const [clock] = await sql<{ now: Date }[]>`select clock_timestamp() as now`
  const commandS = (performance.now() - startedAt) / 1000
  let todo = halfWay
  await until(
    `Amazon shows ${wanted.size} changes`,
    async () => {
      await wait(250)
      const shown = new Map((await amazon.shown()).map(one => [one.sku, one.quantity]))
      const missing = [...wanted].filter(([sku, quantity]) => shown.get(sku) !== quantity).length
      if (todo !== null && missing <= wanted.size / 2) {
        const act = todo
        todo = null
        await act()
      }
      return missing === 0
    },
    withinMs,
  )
  let lastMs = 0
  const calls = new Map<string, number>()
  const perS: number[] = []
  for (let after = begun; ; ) {
    const page = await amazon.journal(after, 10_000)
    for (const entry of page) {
      if (entry.kind === 'quantity') {
        lastMs = Math.max(lastMs, Date.parse(entry.at))
        const second = Math.floor((Date.parse(entry.at) - (clock?.now.getTime() ?? 0)) / 1000)
        perS[second] = (perS[second] ?? 0) + 1
      }
      if (entry.kind !== 'call') continue
      const name = `${entry.data.operation} ${entry.data.status}`
      calls.set(name, (calls.get(name) ?? 0) + 1)
    }
    after = page.at(-1)?.seq ?? after
    if (page.length < 10_000) break
  }
  const actualS = (lastMs - (clock?.now.getTime() ?? 0)) / 1000
  return { actualS, commandS, calls, perS }
}
