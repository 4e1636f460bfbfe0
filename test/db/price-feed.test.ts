import { expect, onTestFinished, test } from 'vitest'
import { holdLease, unstick } from '../../db/accounts.ts'
import { close, connect, type Sql } from '../../db/connect.ts'
import {
  endFeed,
  feedBacklog,
  feedRows,
  feedStarted,
  feedStarting,
  fillFeed,
  noteVerdicts,
  openFeed,
  pastFeeds,
  releaseFromFeed,
} from '../../db/price-feeds.ts'
import { intend } from '../../db/publications.ts'
import { forcePush } from '../../src/usecases/force.ts'
import { setPriceLimits } from '../../src/usecases/price-limits.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel, heldBack } from '../support/guarded.ts'
import { testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

const { sql, url } = await freshDatabase()
const context = await testContext(sql)
const HOUR = 3_600_000

async function lease({ accountId }: Guarded): Promise<number> {
  await holdLease(sql, accountId, 'test', HOUR)
  const [row] = await sql<{ token: number }[]>`select lease_token as token from accounts where id = ${accountId}`
  return row?.token ?? 0
}

/** A channel whose account this test holds. */
async function waiting(code: string, count: number): Promise<Guarded & { readonly token: number }> {
  const shop = await guardedChannel(sql, code, count)
  return { ...shop, token: await lease(shop) }
}

const inFeed = async ({ channelId }: Guarded): Promise<string[]> =>
  (
    await sql<{ sku: string }[]>`
      select v.sku from publications p join variants v on v.id = p.variant_id where p.channel_id = ${channelId} and p.feed_id is not null order by 1`
  ).map(row => row.sku)

test('only prices go by feed that do no harm late', async () => {
  const shop = await waiting('harmless', 60)
  const [plain = '', soon = '', ending = '', far = '', low = '', forced = '', failed = '', stock = ''] = shop.skus
  await setPrices(context, null, [{ sku: low, currency: 'EUR', amount: '12' }])
  await shop.push()
  for (const sku of [plain, low, forced, failed]) await shop.setPrices('13', [sku])
  await shop.setStock(3, [stock])
  const at = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString()
  const dated = (sku: string, from: string | null, to: string) => sql`
    update publications set intended = ${sql.json({ currency: 'EUR', regular: '10', sale: { amount: '9', from, to } })}
    where field = 'price' and variant_id = (select id from variants where sku = ${sku})`
  await intend(sql, shop.accountId, null)
  await dated(soon, at(1), at(100))
  await dated(ending, null, at(3))
  await dated(far, at(50), at(100))
  await forcePush(context, null, shop.code, { skus: [forced], field: 'price' })
  await sql`update publications set attempts = 1 where field = 'price' and variant_id = (select id from variants where sku = ${failed})`
  // What shows now stands below a floor that has moved: each sale is a loss.
  await sql`update publications set floor = 12.5 where field = 'price' and variant_id = (select id from variants where sku = ${low})`
  expect(await feedBacklog(sql, shop.accountId, 4 * HOUR, 8, 1_000)).toEqual({ calls: 8, feedable: 2 })
  expect(await feedBacklog(sql, shop.accountId, 4 * HOUR, 9, 1_000)).toEqual({ calls: 0, feedable: 0 })
  const filled = await fillFeed(sql, shop.accountId, shop.token, 4 * HOUR, 1_000)
  expect(filled).toMatchObject({ items: 2, tried: 2, held: [] })
  expect(await inFeed(shop)).toEqual([plain, far].sort())
})

test('the guard holds back of a feed what it would hold of single calls', async () => {
  const shop = await waiting('held', 100)
  await shop.setPrices('9')
  await intend(sql, shop.accountId, null)
  const filled = await fillFeed(sql, shop.accountId, shop.token, HOUR, 1_000)
  expect(filled).toMatchObject({ items: 49, tried: 100 })
  expect(filled?.held).toMatchObject([{ limit: 'changed', items: 51, opened: true }])
  expect(await heldBack(sql, shop)).toEqual({ changed: 51 })
})

test('what is in a feed is left to its verdict by whoever takes the account over, and only the holder notes it', async () => {
  const shop = await waiting('left', 40)
  await shop.setPrices('11', shop.skus.slice(0, 10))
  await intend(sql, shop.accountId, null)
  const filled = await fillFeed(sql, shop.accountId, shop.token, HOUR, 1_000)
  const feed = filled?.feed ?? 0
  expect(await feedStarting(sql, shop.accountId, shop.token - 1, feed)).toBe(false)
  expect(await feedStarting(sql, shop.accountId, shop.token, feed)).toBe(true)
  expect(await fillFeed(sql, shop.accountId, shop.token, HOUR, 1_000)).toBeNull()
  await feedStarted(sql, feed, '5001')
  await sql`update accounts set lease_until = clock_timestamp() where id = ${shop.accountId}`
  const next = await holdLease(sql, shop.accountId, 'another', HOUR)
  expect(await unstick(sql, shop.accountId, 0)).toBe(0)
  expect((await inFeed(shop)).length).toBe(10)
  const rows = await feedRows(sql, feed)
  expect(rows.map(row => row.externalSku)).toEqual(shop.skus.slice(0, 10))
  const results = rows.map(({ listing }, n) => ({
    ...{ listing, field: 'price' as const },
    ...(n === 0
      ? { status: 'rejected' as const, code: '90220', words: 'too low' }
      : { status: 'accepted' as const, checkAt: new Date().toISOString() }),
  }))
  expect(await noteVerdicts(sql, shop.accountId, shop.token, feed, results)).toBe(false)
  // The report says nothing of the last one.
  expect(await noteVerdicts(sql, shop.accountId, next?.token ?? 0, feed, results.slice(0, 9))).toBe(true)
  expect(await endFeed(sql, shop.accountId, next?.token ?? 0, feed, 'done', null)).toBe(true)
  const states = await sql<{ state: string; code: string | null; n: number }[]>`
    select state, reason_code as code, count(*)::int as n from publications where channel_id = ${shop.channelId} and field = 'price' and sent is not null group by 1, 2 order by 3, 1`
  expect(states).toEqual([
    { state: 'intended', code: 'unknown', n: 1 },
    { state: 'refused', code: '90220', n: 1 },
    { state: 'accepted', code: null, n: 8 },
  ])
  expect(await openFeed(sql, shop.accountId)).toBeNull()
  const past = await pastFeeds(sql, shop.accountId)
  expect([past.tookMs.length, past.failedAgoMs]).toEqual([1, null])
})

test('before the platform has it, whatever changed leaves a feed; after that, only what cannot wait', async () => {
  const shop = await waiting('leaves', 40)
  const [changed = '', low = '', later = '', stays = ''] = shop.skus
  await shop.setPrices('11', [changed, low, later, stays])
  await intend(sql, shop.accountId, null)
  const feed = (await fillFeed(sql, shop.accountId, shop.token, HOUR, 1_000))?.feed ?? 0
  await shop.setPrices('12', [changed])
  await intend(sql, shop.accountId, null)
  expect(await releaseFromFeed(sql, feed)).toBe(1)
  expect((await feedRows(sql, feed)).map(row => row.externalSku)).toEqual([low, later, stays].sort())
  await feedStarting(sql, shop.accountId, shop.token, feed)
  await feedStarted(sql, feed, '5002')
  await shop.setPrices('12', [later])
  await setPriceLimits(context, null, [{ kind: 'floor', basis: 'manual', sku: low, amount: '11.5', currency: 'EUR' }])
  await intend(sql, shop.accountId, null)
  expect(await releaseFromFeed(sql, feed)).toBe(1)
  expect(await inFeed(shop)).toEqual([later, stays].sort())
  // It counts as shown below its floor: nothing goes before it. And it is still known to the feed, which may come over it.
  const [row] = await sql<{ urgency: number; waits: boolean }[]>`
    select p.urgency, p.waiting_since is not null as waits from publications p join variants v on v.id = p.variant_id where v.sku = ${low} and p.field = 'price'`
  expect(row).toEqual({ urgency: 0, waits: true })
  expect((await feedRows(sql, feed)).length).toBe(3)
  expect(
    await sql`select l.external_sku as sku from publication_feed_items i join listings l on l.id = i.listing_id where i.overtaken`,
  ).toEqual([{ sku: low }])
})

test('what leaves a feed that is being filled is not in its document, however the two meet', async () => {
  const shop = await waiting('meets', 40)
  const [changed = '', stays = ''] = shop.skus
  await shop.setPrices('11', [changed, stays])
  await intend(sql, shop.accountId, null)
  const feed = (await fillFeed(sql, shop.accountId, shop.token, HOUR, 1_000))?.feed ?? 0
  await shop.setPrices('12', [changed])
  await intend(sql, shop.accountId, null)
  const [blocker, releaser, starter] = [1, 2, 3].map(n => connect(url, { max: 1, name: `meets-${n}` })) as [Sql, Sql, Sql]
  onTestFinished(async () => {
    await Promise.all([blocker, releaser, starter].map(one => close(one, 1)))
  })
  const blocked = async (n: number) =>
    (
      await sql`select 1 from pg_stat_activity where application_name like ${`%meets-${n}%`} and datname = current_database() and wait_event_type = 'Lock'`
    ).length === 1
  await blocker.unsafe('begin')
  await blocker`select 1 from publications p join variants v on v.id = p.variant_id where v.sku = ${changed} and p.field = 'price' for update of p`
  const releasing = releaseFromFeed(releaser, feed)
  await until('what leaves is waited for', () => blocked(2))
  let handed: readonly string[] | null = null
  const handing = feedStarting(starter, shop.accountId, shop.token, feed).then(async () => {
    handed = (await feedRows(starter, feed)).map(row => row.externalSku)
  })
  await until('the document is made, or waits', async () => handed !== null || (await blocked(3)))
  await blocker.unsafe('commit')
  await Promise.all([releasing, handing])
  expect(await releasing).toBe(1)
  expect(handed).toEqual([stays])
})
