import { expect, test } from 'vitest'
import { LEASE_MS } from '../../jobs/account.ts'
import { syncLowerBoundS } from '../../src/domain/sync/bound.ts'
import { seeded } from '../connectors/stage.ts'
import { faultyPlatform, type Trouble } from '../support/faulty-platform.ts'
import { type Books, intendRow, runVirtualLane } from '../support/lane-simulation.ts'
import { repetitions } from '../support/repetitions.ts'
import { virtualTime } from '../support/virtual-time.ts'

// Histories of a lane, a platform and what goes wrong between them, each from one number. A seed that once failed is kept here.

// 2374: after an outage one "too many" kept a value back for a minute.
const KEPT_SEEDS: readonly number[] = [2374]
const KINDS: readonly Trouble['kind'][] = ['fails', 'unreachable', 'lost-before', 'lost-after', 'throttled', 'slow', 'eaten']
const FAULTS_MS = 90_000

async function history(seed: number): Promise<void> {
  const random = seeded(seed)
  const pick = (n: number): number => Math.floor(random() * n)
  const time = virtualTime()
  const name = random() < 0.5 ? 'amazon' : 'woocommerce'
  const skus = Array.from({ length: 3 + pick(30) }, (_, n) => `S-${n}`)
  const troubles = Array.from({ length: 1 + pick(3) }, (): Trouble => {
    const from = pick(FAULTS_MS)
    const kind = KINDS[pick(KINDS.length)] ?? 'fails'
    const chance = kind === 'eaten' ? 0.2 + 0.5 * random() : random() < 0.5 ? 1 : 0.05 + 0.5 * random()
    return { kind, from, to: Math.min(FAULTS_MS, from + 2_000 + pick(40_000)), chance }
  })
  const poisoned = name === 'woocommerce' && random() < 0.2 ? (skus[pick(skus.length)] ?? null) : null
  if (poisoned !== null) troubles.push({ kind: 'poison', from: 0, to: FAULTS_MS, chance: 1, sku: poisoned })
  const platform = faultyPlatform(name, time, random, troubles)
  const { sandbox, seen } = platform
  const prices = { shop: '1', A1PA6795UKMFR9: '1' }
  sandbox.seed(skus.map(sku => ({ sku, title: sku, gtin: null, quantity: 0, prices, parent: null })))
  const channelRef = name === 'amazon' ? 'A1PA6795UKMFR9' : 'shop'
  const books: Books = {
    lease: 0,
    rows: skus.map((sku, listing) => ({
      ...{ sku, listing, intended: 0, accepted: 0, sent: null, state: 'applied', checkAt: null, unknown: false, retryAt: 0, attempts: 0 },
      key: {
        channelRef,
        externalId: name === 'amazon' ? sku : String(11 + listing),
        externalParentId: null,
        externalSku: sku,
        productType: null,
      },
    })),
  }
  // Amazon makes live what was taken a while ago; its own clock is the history's.
  const ended = new AbortController()
  const ticking = (async () => {
    while (!ended.signal.aborted) {
      await sandbox.tick()
      await time.sleep(500)
    }
  })()
  // Numbers only ever grow, so that one which comes after a higher one is an old one.
  let version = 0
  const changing = (async () => {
    while (time.now() < FAULTS_MS) {
      for (const row of books.rows) if (random() < 0.3) intendRow(row, ++version)
      await time.sleep(2_000 + pick(20_000))
    }
    for (const row of books.rows) intendRow(row, ++version)
  })()
  // The process ends or dies now and then, and another one goes on.
  const lanes: Promise<void>[] = []
  let current = new AbortController()
  const start = (): void => {
    current = new AbortController()
    lanes.push(runVirtualLane(books, platform, time, random, current.signal))
  }
  start()
  let starts = 1
  const restarting = (async () => {
    for (let n = pick(3); n > 0; n--) {
      await time.sleep(pick(FAULTS_MS / 2))
      const before = lanes.at(-1)
      current.abort(new Error('the lease is lost'))
      starts += 1
      // In good order it is waited for; of a dead one the lease is, which outlives its slowest call.
      await (random() < 0.5 ? before : time.sleep(LEASE_MS))
      if (!ended.signal.aborted) start()
    }
  })()

  const isEqual = (): boolean => {
    const shown = new Map(sandbox.shown().map(one => [one.sku, one.quantity]))
    return books.rows.every(row => shown.get(row.sku) === row.intended && row.state !== 'sent')
  }
  await time.runTo(FAULTS_MS)
  const bucket = platform.connector.declares.pushBucket ?? { ratePerS: 5, burst: 1 }
  const perCall = platform.connector.declares.pushMax
  const calls = Math.ceil(skus.length / perCall)
  const boundS = syncLowerBoundS({ calls, bucket, latencyS: 0.2, inFlight: platform.connector.declares.pushConcurrency, processingS: 1 })
  await time.runTo(FAULTS_MS + (boundS * 1.5 + 30) * 1_000, isEqual)
  const shown = new Map(sandbox.shown().map(one => [one.sku, one.quantity]))
  const wrong = books.rows.filter(row => shown.get(row.sku) !== row.intended).map(row => ({ ...row, shown: shown.get(row.sku), key: '' }))
  expect(wrong, `seed ${seed}: not equal within ${Math.round(boundS * 1.5 + 30)} s`).toEqual([])
  current.abort(new Error('over'))
  ended.abort()
  await time.runTo(time.now() + 60_000)
  await Promise.all([...lanes, ticking, changing, restarting])

  // What the platform takes of one SKU never goes back to an older number.
  for (const sku of skus) {
    const taken = sandbox
      .journal(0, 100_000)
      .flatMap(entry => (entry.kind === 'quantity' && entry.sku === sku ? [Number(entry.data.value)] : []))
    expect(taken, `seed ${seed}: ${sku}`).toEqual([...taken].sort((a, b) => a - b))
  }
  // Where nobody else eats of the quota and no call is held up on its way, we are never turned away for our own fault.
  if (!troubles.some(one => ['eaten', 'throttled', 'slow'].includes(one.kind)))
    expect(seen.filter(one => one.status === 429).length, `seed ${seed}`).toBe(0)
  // Nor is a platform that is away for good called more often than it takes to notice, and then now and then.
  for (const one of troubles.filter(each => each.kind === 'unreachable' && each.chance === 1)) {
    const inside = seen.filter(call => call.atMs >= one.from && call.atMs < one.to)
    expect(inside.length, `seed ${seed}: calls while nobody answered`).toBeLessThanOrEqual(15 + 5 * starts)
  }
  // A write that arrived and whose answer was lost is looked at before its SKU is written again, and so is one that the platform says it failed at.
  const doubtful = new Set<string>()
  for (const call of seen) {
    const named = skus.filter((sku, n) =>
      name === 'amazon'
        ? call.url.split(/[?/]/).includes(sku) || isAmong(call.url, sku)
        : call.body.includes(`"id":${11 + n},`) || isAmong(call.url, String(11 + n)),
    )
    for (const sku of named) {
      if (call.writes) expect(doubtful.has(sku), `seed ${seed}: ${sku} was written again without a look`).toBe(false)
      if (!call.writes && call.status === 200) doubtful.delete(sku)
      if (call.writes && (call.lost || call.status >= 500)) doubtful.add(sku)
    }
  }
  sandbox.close()
}

/** Whether an address asks for this one among others. */
function isAmong(url: string, id: string): boolean {
  const { searchParams } = new URL(url)
  return [searchParams.get('identifiers'), searchParams.get('include')].some(list => list?.split(',').includes(id) === true)
}

test('whatever goes wrong between a lane and its platform, it comes to show what is intended within the bound, and nothing old', {
  timeout: 3_600_000,
}, async () => {
  const seeds = [...KEPT_SEEDS, ...Array.from({ length: repetitions('histories of lanes', 60, 5_000) }, (_, n) => 1 + n)]
  for (const seed of process.env.CONCORD_SEED ? [Number(process.env.CONCORD_SEED)] : seeds) await history(seed)
})
