import { expect, test } from 'vitest'
import { pricesSeen } from '../../connectors/sandbox-prices.ts'
import { check } from '../../src/usecases/check.ts'
import { setPriceLimits } from '../../src/usecases/price-limits.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { freshDatabase } from '../support/database.ts'
import { change } from '../support/goods.ts'
import { GERMANY, jobDeps, lanes, shownOf, testContext } from '../support/hub.ts'
import { callsOf, connectorsByFeed, feedScene, inStep, priceOf, reprice } from '../support/price-feeds.ts'
import { isLong } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

const COUNT = 160

async function open(options: Parameters<typeof feedScene>[2], more: Parameters<typeof connectorsByFeed>[0] = {}) {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  const scene = await feedScene(context, COUNT, options, () => lanes({ ...jobDeps(context), connectorOf: connectorsByFeed(more) }))
  const feeds = () =>
    sql<{ id: number; state: string; outcome: string | null; items: number }[]>`select * from publication_feeds order by id`
  /** SKUs whose price is under way in a feed. */
  const inFeed = async () =>
    (
      await sql<
        { sku: string }[]
      >`select v.sku from publications p join variants v on v.id = p.variant_id where p.feed_id is not null order by 1`
    ).map(row => row.sku)
  const events = async (sku: string) =>
    (
      await sql<{ event: string }[]>`
        select h.event from publication_history h join listings l on l.id = h.listing_id where l.external_sku = ${sku} and h.field = 'price' order by h.id`
    ).map(row => row.event)
  return { sql, context, ...scene, sandbox: scene.platform.sandbox, feeds, inFeed, events }
}

test('a large change of prices goes as one feed: what it refuses is refused with the reason, all else is proven to show', {
  timeout: 60_000,
}, async () => {
  const { sql, context, sandbox, skus, feeds } = await open({ feedQueueMs: 500, feedWorkMs: 300 })
  const before = callsOf(sandbox, 'patchListingsItem')
  sandbox.misbehave({ kind: 'partial', operation: 'createFeed', times: 1 })
  await reprice(context, skus, '12.5')
  await until('the feed is done', async () => (await feeds())[0]?.outcome === 'done')
  await inStep(sql, 2 * COUNT - 1)
  const refused = await sql<{ sku: string; code: string; words: string }[]>`
    select v.sku, p.reason_code as code, p.reason as words from publications p join variants v on v.id = p.variant_id where p.state = 'refused'`
  expect(refused).toMatchObject([{ code: '18155', words: expect.stringContaining('is refused for now') }])
  for (const sku of skus) expect(priceOf(sandbox, sku)).toBe(sku === refused[0]?.sku ? 10 : 12.5)
  const [feed] = await feeds()
  expect((feed?.items ?? 0) + callsOf(sandbox, 'patchListingsItem') - before).toBe(COUNT)
  expect(feed?.items).toBeGreaterThan(COUNT / 4)
  expect(callsOf(sandbox, 'createFeed')).toBe(1)
  const events = await sql<{ event: string; n: number }[]>`
    select event, count(*)::int as n from publication_history where field = 'price' and value->>'regular' = '12.5' group by 1`
  // Single calls meanwhile may have been told to wait: those were sent twice.
  const { retry = 0, sent = 0, ...others } = Object.fromEntries(events.map(one => [one.event, one.n]))
  expect(others).toEqual({ intended: COUNT, accepted: COUNT - 1, applied: COUNT - 1, refused: 1 })
  expect(sent - retry).toBe(COUNT)
  expect(await sql`select 1 from publications where feed_id is not null`).toEqual([])
  expect(await sql`select 1 from publication_feed_items`).toEqual([])
  expect((await check(context)).violations).toBe(0)
})

test('while a feed waits, stock goes at once, a price below a moved floor and one that turns leave it, and any other change waits for the verdict', {
  timeout: 90_000,
}, async () => {
  const { sql, context, sandbox, skus, feeds, inFeed, events } = await open({ feedQueueMs: 15_000, feedWorkMs: 300 })
  await reprice(context, skus, '9')
  await until('the feed is under way', async () => (await feeds())[0]?.state === 'started')
  const [sold = '', low = '', turning = '', changed = ''] = (await inFeed()).slice(-4)
  const turnsAt = new Date(Date.now() + 2_500)
  await change(sql, [{ sku: sold, location: 'main', quantity: 0, kind: 'count', reason: 'opening' }])
  await setPriceLimits(context, null, [{ kind: 'floor', basis: 'manual', sku: low, amount: '9.5', currency: 'EUR' }])
  await setPrices(context, null, [{ sku: turning, currency: 'EUR', amount: '14', from: turnsAt.toISOString(), to: '2099-01-01T00:00:00Z' }])
  await reprice(context, [changed], '11')
  await until('the sold-out SKU is gone', () => shownOf(sandbox, sold) === 0)
  await until('the price above its floor shows', () => priceOf(sandbox, low) === 9.5)
  await until('the price that turned shows', () => priceOf(sandbox, turning) === 14 || salePrice(sandbox, turning) === 14)
  if (isLong) expect(Date.now() - turnsAt.getTime()).toBeLessThan(3_000)
  // None of them waited for it.
  expect((await feeds())[0]?.state).toBe('started')
  expect(priceOf(sandbox, changed)).toBe(10)
  const left = await inFeed()
  expect(left).not.toContain(low)
  expect(left).not.toContain(turning)
  expect(left).toContain(sold)
  expect(left).toContain(changed)
  expect((await check(context)).violations).toBe(0)

  await until('the feed is done', async () => (await feeds())[0]?.outcome === 'done', 30_000)
  await until('what the feed came over is mended', () => priceOf(sandbox, low) === 9.5 && priceOf(sandbox, turning) !== 9, 20_000)
  await until('the later price shows', () => priceOf(sandbox, changed) === 11)
  // The feed did come over them, which Amazon allows: that is why they are looked at again.
  const seen = pricesSeen(sandbox.journal(0, 1_000_000), Date.now()).filter(one => one.channelRef === GERMANY.id)
  const path = (sku: string) => seen.filter(one => one.sku === sku).map(one => Number(one.amount))
  expect(path(low).slice(-3)).toEqual([9.5, 9, 9.5])
  expect(path(changed).slice(-2)).toEqual([9, 11])
  await until('it is proven', async () => (await events(low)).at(-1) === 'applied')
  expect((await events(low)).slice(-4)).toEqual(['read', 'sent', 'accepted', 'applied'])
  expect(await sql`select 1 from drifts where field = 'price'`).toEqual([])
})

// What goes wrong with a feed takes minutes to play: beyond these, in the long run.
for (const kind of ['fatal', 'cancelled'] as const)
  test.runIf(isLong)(`a feed that ends ${kind}: its prices go one by one`, { timeout: 90_000 }, async () => {
    const { sql, context, sandbox, skus, feeds } = await open({ feedQueueMs: 300, feedWorkMs: 300 })
    sandbox.misbehave({ kind, operation: 'createFeed', times: 1 })
    await reprice(context, skus, '12.5')
    await until('the feed is over', async () => (await feeds())[0]?.outcome === kind)
    await inStep(sql, 2 * COUNT)
    for (const sku of skus) expect(priceOf(sandbox, sku)).toBe(12.5)
    expect((await feeds()).length).toBe(1)
    expect((await check(context)).violations).toBe(0)
  })

test.runIf(isLong)(
  'a feed that stays in the queue for too long is taken back, and its prices go one by one',
  { timeout: 90_000 },
  async () => {
    const { sql, context, sandbox, skus, feeds } = await open({ feedQueueMs: 3_600_000 }, { lateMs: 40_000 })
    await reprice(context, skus, '12.5')
    await until('the feed is taken back', async () => (await feeds())[0]?.outcome === 'cancelled')
    expect(callsOf(sandbox, 'cancelFeed')).toBe(1)
    await inStep(sql, 2 * COUNT)
    for (const sku of skus) expect(priceOf(sandbox, sku)).toBe(12.5)
  },
)

test.runIf(isLong)(
  'a feed that is worked through for too long: its prices go one by one, and are mended when it comes over newer ones',
  {
    timeout: 90_000,
  },
  async () => {
    const { sql, context, sandbox, skus, feeds, inFeed } = await open({ feedQueueMs: 100, feedWorkMs: 14_000 }, { lateMs: 40_000 })
    await reprice(context, skus, '12.5')
    await until('the feed is worked through', async () => (await inFeed()).length > 0)
    const [sku = ''] = (await inFeed()).slice(-1)
    await until('the feed is late', async () => (await feeds())[0]?.state === 'late')
    await reprice(context, [sku], '13')
    await until('the newer price shows', () => priceOf(sandbox, sku) === 13, 30_000)
    await until('the feed is over', async () => (await feeds())[0]?.outcome === 'done', 30_000)
    await until('the newer price shows again', () => priceOf(sandbox, sku) === 13)
    await until('nothing is looked at any more', async () => (await sql`select 1 from publication_feed_items`).length === 0, 60_000)
    await inStep(sql, 2 * COUNT)
    expect(skus.filter(one => priceOf(sandbox, one) !== (one === sku ? 13 : 12.5))).toEqual([])
    expect(await sql`select 1 from drifts where field = 'price'`).toEqual([])
  },
)

const salePrice = (sandbox: Parameters<typeof priceOf>[0], sku: string): number =>
  Number(sandbox.shown().find(one => one.sku === sku)?.prices[GERMANY.id]?.sale)
