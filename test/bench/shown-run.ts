import { setTimeout as wait } from 'node:timers/promises'
import type { Sql } from '../../db/connect.ts'
import { GERMANY } from '../../src/demo/listings.ts'
import { syncLowerBoundS } from '../../src/domain/sync/bound.ts'
import { changeStock } from '../../src/usecases/change-stock.ts'
import type { Context } from '../../src/usecases/context.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { layIn } from '../support/goods.ts'
import { until } from '../support/until.ts'
import { type LiveHub, listingOf, publish, startLiveHub } from './live-hub.ts'
import { type Platform, untilEqual } from './shown-equal.ts'
import { BASE, journalEnd, priceOf, type Sight, sights, unitsOf } from './shown-journal.ts'
import { median } from './spread.ts'

const PLATFORMS: readonly Platform[] = ['woocommerce', 'amazon']

/** Changes of one SKU's stock or price, numbered from 1. `queued`: SKUs that waited for each platform when it was made. */
type Change = {
  readonly key: string
  readonly sku: string
  readonly field: 'stock' | 'price'
  readonly n: number
  readonly queued: Readonly<Record<Platform, number>>
}

export type ShownRun = {
  readonly changes: number
  readonly orders: number
  /** Changes that a platform never showed, as "SKU stock 3 at amazon". */
  readonly lost: readonly string[]
  /** How often a platform went back to an older value. */
  readonly stepsBack: number
  /** From the commit until both showed it, seconds. */
  readonly shownS: readonly number[]
  /** The same, less T* of what was queued at the slower platform. */
  readonly aboveBoundS: readonly number[]
}

export type ShownRunOptions = Omit<Parameters<typeof startLiveHub>[0], 'listings'> & {
  readonly seconds: number
  readonly skus: number
  readonly shoppersPerS: number
  readonly changesPerS: number
}

/**
 * Lets shoppers buy and people change stock and prices for a while, then waits until both platforms show what the hub intends, and reads in
 * their journals when each change was first shown. Instants of commits are the books' own (a moment before the commit, so never in our favour).
 * @throws Error when the platforms do not come to show what is intended.
 */
export async function runChangeToShown(options: ShownRunOptions): Promise<ShownRun> {
  const { context } = options
  const skus = Array.from({ length: options.skus }, (_, n) => `SHOWN-${String(n).padStart(3, '0')}`)
  await layIn(context.sql, Object.fromEntries(skus.map(sku => [sku, { main: BASE }])), priceOf(0))
  const goods = skus.map(sku => listingOf(sku, BASE, priceOf(0)))
  const hub = await startLiveHub({ ...options, listings: { woocommerce: goods, amazon: goods } })
  try {
    await publish(context, ['woo', 'amazon-de'])
    await settled(context.sql)
    const platforms = { woocommerce: hub.sandboxes.remote.platform('woocommerce'), amazon: hub.sandboxes.remote.platform('amazon') }
    const begun = { woocommerce: await journalEnd(platforms.woocommerce), amazon: await journalEnd(platforms.amazon) }
    const latencyS = await latencyOf(hub)
    await hub.sandboxes.remote.shoppers(options.shoppersPerS)
    const changes = await makeChanges(options, hub, skus)
    await hub.sandboxes.remote.shoppers(0)
    await untilEqual(context.sql, platforms)
    const seen = {
      woocommerce: await sights(platforms.woocommerce, begun.woocommerce, null),
      amazon: await sights(platforms.amazon, begun.amazon, GERMANY.id),
    }
    return { orders: await bookedOrders(context.sql), ...judge(changes, await committed(context.sql), seen, latencyS, options.lagMs) }
  } finally {
    await hub.stop()
  }
}

/** Four of five changes are of stock, the fifth is of a price; SKUs by chance, so that some change again while they wait. */
async function makeChanges(options: ShownRunOptions, hub: LiveHub, skus: readonly string[]): Promise<Change[]> {
  const { context, seconds, changesPerS } = options
  const counts = new Map<string, number>()
  const made: Promise<Change>[] = []
  const startedAt = performance.now()
  for (let at = 0; at < seconds * changesPerS; at++) {
    await wait(Math.max(0, startedAt + (at * 1000) / changesPerS - performance.now()))
    const sku = skus[Math.floor(Math.random() * skus.length)] ?? ''
    const field = at % 5 === 4 ? 'price' : 'stock'
    const n = (counts.get(`${field} ${sku}`) ?? 0) + 1
    counts.set(`${field} ${sku}`, n)
    made.push(makeChange(context, hub, { key: `shown-${at}`, sku, field, n }))
  }
  return Promise.all(made)
}

async function makeChange(context: Context, { accounts }: LiveHub, change: Omit<Change, 'queued'>): Promise<Change> {
  const { key, sku, field, n } = change
  if (field === 'stock') await changeStock(context, key, [{ kind: 'adjust', sku, location: 'main', quantity: unitsOf(n), reason: 'bench' }])
  else await setPrices(context, key, [{ sku, currency: 'EUR', amount: priceOf(n) }])
  const rows = await context.sql<{ accountId: number; queued: number }[]>`
    select p.account_id as "accountId", count(distinct l.external_sku)::int as queued from publications p join listings l on l.id = p.listing_id
    where p.waiting_since is not null or p.state = 'sent' group by 1`
  const queued = (name: Platform): number => rows.find(row => row.accountId === accounts[name])?.queued ?? 0
  return { ...change, queued: { woocommerce: queued('woocommerce'), amazon: queued('amazon') } }
}

type Judged = Omit<ShownRun, 'orders'>

function judge(
  changes: readonly Change[],
  committedMs: ReadonlyMap<string, number>,
  seen: Readonly<Record<Platform, ReadonlyMap<string, readonly Sight[]>>>,
  latencyS: number,
  lagMs: number,
): Judged {
  const lost: string[] = []
  const shownS: number[] = []
  const aboveBoundS: number[] = []
  for (const change of changes) {
    const from = committedMs.get(change.key)
    if (from === undefined) throw new Error(`change ${change.key} is not in the books`)
    const late = PLATFORMS.map(name => {
      const sight = seen[name].get(change.sku)?.find(one => one.field === change.field && one.changes >= change.n)
      if (sight === undefined) lost.push(`${change.sku} ${change.field} ${change.n} at ${name}`)
      const tookS = sight === undefined ? Number.POSITIVE_INFINITY : (sight.atMs - from) / 1000
      return { tookS, aboveS: tookS - boundS(name, change.queued[name] + 1, latencyS, lagMs) }
    })
    shownS.push(Math.max(...late.map(one => one.tookS)))
    aboveBoundS.push(Math.max(...late.map(one => one.aboveS)))
  }
  const stepsBack = PLATFORMS.flatMap(name => [...seen[name].values()]).reduce((sum, list) => sum + backwards(list), 0)
  return { changes: changes.length, lost, stepsBack, shownS, aboveBoundS }
}

/** T* for so many SKUs: Amazon takes one per call and shows it after a lag; the shop takes a hundred per call and shows them at once. */
function boundS(name: Platform, skus: number, latencyS: number, lagMs: number): number {
  return name === 'amazon'
    ? syncLowerBoundS({ calls: skus, bucket: { ratePerS: 100, burst: 100 }, latencyS, inFlight: 5, processingS: lagMs / 1000 })
    : syncLowerBoundS({ calls: Math.ceil(skus / 100), bucket: { ratePerS: 100, burst: 1 }, latencyS, inFlight: 2, processingS: 0 })
}

function backwards(list: readonly Sight[]): number {
  const newest = { stock: 0, price: 0 }
  let steps = 0
  for (const { field, changes } of list) {
    if (changes < newest[field]) steps++
    newest[field] = Math.max(newest[field], changes)
  }
  return steps
}

/** When each keyed change took its place in the books, ms since 1970. */
async function committed(sql: Sql): Promise<Map<string, number>> {
  const stock = await sql<{ key: string; at: Date }[]>`
    select command_key as key, max(recorded_at) as at from movements where command_key like 'shown-%' group by 1`
  // Prices carry no key; the command's own row was written in the same statement.
  const prices = await sql<{ key: string; at: Date }[]>`
    select key, created_at as at from commands where key like 'shown-%' and kind = 'prices.set'`
  return new Map([...prices, ...stock].map(({ key, at }) => [key, at.getTime()]))
}

async function bookedOrders(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from orders`
  return row?.n ?? 0
}

/** Waits until nothing waits to be sent or answered in the channels whose switches are on. */
export async function settled(sql: Sql): Promise<void> {
  await until('nothing waits to be sent', async () => {
    const [row] = await sql<{ open: number; all: number }[]>`
      select count(*) filter (where waiting_since is not null or state = 'sent')::int as open, count(*)::int as all from publications p
      join channels c on c.id = p.channel_id and c.publish_stock`
    return row !== undefined && row.all > 0 && row.open === 0
  })
}

/** The time of one round trip to the platforms when nothing else is asked of them, seconds. */
export async function latencyOf(hub: Pick<LiveHub, 'sandboxes'>): Promise<number> {
  const tries: number[] = []
  for (let n = 0; n < 20; n++) {
    const startedAt = performance.now()
    await hub.sandboxes.remote.health()
    tries.push(performance.now() - startedAt)
  }
  return median(tries) / 1000
}
