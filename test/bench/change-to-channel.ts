import { setTimeout as wait } from 'node:timers/promises'
import type { Sql } from '../../db/connect.ts'
import { changeStock } from '../../src/usecases/change-stock.ts'
import { type Channel, startFiveChannels } from './five-channels.ts'
import { atMost, lineOf, type Measured } from './line.ts'
import { skuOf } from './requests.ts'
import { journalEnd, type Sight, sights, unitsOf } from './shown-journal.ts'
import { latencyOf } from './shown-run.ts'
import { spread } from './spread.ts'
import type { Stage } from './stage.ts'

const SKUS = 1_000
const PER_S = 200
const SECONDS = 20
const LAG_MS = 20
/** After the last change, all that is not shown counts as lost. */
const SHOWN_WITHIN_MS = 30_000
const P95_S = 1
const P99_S = 2

type Change = { readonly key: string; readonly sku: string; readonly n: number }

/** How long each of 200 stock changes a second takes until each of five channels that lists it shows it, above what the platform's own call takes. */
export async function changeToChannel(stage: Stage): Promise<Measured> {
  const { above, made, lost, perChannel } = await measureChanges(stage, SECONDS)
  const { p50, p95, p99, max } = spread(above)
  const criteria = {
    ...{ p95: atMost(P95_S, p95), p99: atMost(P99_S, p99), lost: atMost(0, lost) },
    violations: atMost(0, await stage.violations()),
  }
  return {
    line: lineOf({ name: 'change-to-channel', value: p95, unit: 's', yardstick: P95_S, ratio: P95_S / p95, criteria }),
    notes: [
      `${made} changes in ${SECONDS} s, ${above.length} times shown; p50 ${p50.toFixed(2)} s, p99 ${p99.toFixed(2)} s, max ${max.toFixed(2)} s`,
      ...perChannel,
    ],
  }
}

/** `above`: seconds from the commit of each change until a channel shows it, without a round trip and the platform's lag. */
export async function measureChanges(stage: Stage, seconds: number) {
  const skus = Array.from({ length: SKUS }, (_, n) => skuOf(n))
  const { channels, sandboxes } = await startFiveChannels(stage, skus, LAG_MS)
  const latencyS = await latencyOf({ sandboxes })
  const begun = await Promise.all(channels.map(channel => journalEnd(channel.platform)))
  const changes = await makeChanges(stage, skus, seconds)
  const committedMs = await committed(stage.sql)
  let seen: readonly ReadonlyMap<string, readonly Sight[]>[] = []
  const missing = (): number => channels.reduce((sum, channel, at) => sum + missingIn(channel, seen[at], changes), 0)
  // What is not shown by then is told as lost; a sandbox that does not answer is no measurement.
  for (const endAt = performance.now() + SHOWN_WITHIN_MS; ; ) {
    await wait(500)
    seen = await Promise.all(channels.map((channel, at) => sights(channel.platform, begun[at] ?? 0, null)))
    if (missing() === 0 || performance.now() > endAt) break
  }
  const tookS = channels.map((channel, at) => tookIn(channel, seen[at], changes, committedMs, latencyS))
  const perChannel = channels.map(({ code }, at) => {
    const { p50, p95, p99, max } = spread(tookS[at] ?? [])
    return `${code}: p50 ${p50.toFixed(2)} s, p95 ${p95.toFixed(2)} s, p99 ${p99.toFixed(2)} s, max ${max.toFixed(2)} s`
  })
  return { above: tookS.flat(), made: changes.length, lost: missing(), perChannel }
}

async function makeChanges({ context }: Stage, skus: readonly string[], seconds: number): Promise<readonly Change[]> {
  const counts = new Map<string, number>()
  // Changes of one SKU go one after the other, or its numbers would not tell which of them they include.
  const before = new Map<string, Promise<unknown>>()
  const made: Promise<Change>[] = []
  const startedAt = performance.now()
  for (let at = 0; at < seconds * PER_S; at++) {
    const ms = startedAt + (at * 1000) / PER_S - performance.now()
    if (ms > 0) await wait(ms)
    const sku = skus[Math.floor(Math.random() * skus.length)] ?? ''
    const n = (counts.get(sku) ?? 0) + 1
    counts.set(sku, n)
    const change = { key: `change-${at}`, sku, n }
    const line = { kind: 'adjust', sku, location: 'main', quantity: unitsOf(n), reason: 'bench' } as const
    const act = Promise.resolve(before.get(sku)).then(() => changeStock(context, change.key, [line]))
    before.set(sku, act)
    made.push(act.then(() => change))
  }
  return Promise.all(made)
}

const sightOf = (seen: ReadonlyMap<string, readonly Sight[]> | undefined, { sku, n }: Change): Sight | undefined =>
  seen?.get(sku)?.find(sight => sight.field === 'stock' && sight.changes >= n)

const missingIn = (channel: Channel, seen: ReadonlyMap<string, readonly Sight[]> | undefined, changes: readonly Change[]): number =>
  changes.filter(change => channel.skus.has(change.sku) && sightOf(seen, change) === undefined).length

function tookIn(
  channel: Channel,
  seen: ReadonlyMap<string, readonly Sight[]> | undefined,
  changes: readonly Change[],
  committedMs: ReadonlyMap<string, number>,
  latencyS: number,
): number[] {
  return changes
    .filter(change => channel.skus.has(change.sku))
    .map(change => {
      const tookMs = (sightOf(seen, change)?.atMs ?? Number.POSITIVE_INFINITY) - (committedMs.get(change.key) ?? Number.NaN)
      return (tookMs - channel.lagMs) / 1000 - latencyS
    })
}

/** When each change took its place in the books, ms since 1970: a moment before its commit, so never in our favour. */
async function committed(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql<{ key: string; at: Date }[]>`
    select command_key as key, max(recorded_at) as at from movements where command_key like 'change-%' group by 1`
  return new Map(rows.map(({ key, at }) => [key, at.getTime()]))
}
