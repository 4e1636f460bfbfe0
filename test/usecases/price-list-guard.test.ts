import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { beginDryRun } from '../../src/usecases/dry-run.ts'
import { setPriceEntries } from '../../src/usecases/price-entries.ts'
import { guardAheadWords } from '../../src/usecases/price-list-warnings.ts'
import { approvePriceList, setPriceList, showPriceList } from '../../src/usecases/price-lists.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel, heldBack } from '../support/guarded.ts'
import { until } from '../support/until.ts'
import { contextOf } from './import-support.ts'

let sql: Sql
let context: Context
beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
})

const inMs = async (ms: number): Promise<string> => {
  const [clock] = await sql<{ now: Date }[]>`select clock_timestamp() as now`
  return new Date((clock?.now.getTime() ?? 0) + ms).toISOString()
}

/** A draft of regular prices for a channel, that begins at an instant. */
async function draft(shop: Guarded, amount: string, from: string | null, skus = shop.skus): Promise<number> {
  await setPriceList(context, null, shop.code, { currency: 'EUR', audience: { kind: 'channel', code: shop.code }, from })
  await setPriceEntries(
    context,
    null,
    shop.code,
    skus.map(sku => ({ sku, rule: 'fixed', value: amount })),
  )
  return (await showPriceList(context, shop.code)).version
}

const reaches = (instant: string) =>
  until(instant, async () => (await sql<{ is: boolean }[]>`select clock_timestamp() > ${instant}::timestamptz as is`)[0]?.is)

test('approving a list that begins later tells what the guard will hold then, and it is held', async () => {
  const shop = await guardedChannel(sql, 'told', 100)
  const from = await inMs(4_000)
  const { guard } = await approvePriceList(context, null, 'told', await draft(shop, '9', from))
  const numbers = { listings: 100, moved: 0, allowed: 49, windowMinutes: 60, held: 51, changed: 51, dropped: 0, changedPercent: '20' }
  expect(guard).toMatchObject([{ channel: 'told', at: from, ...numbers, accepted: false }])
  expect(guard?.[0]?.examples[0]).toEqual({
    sku: 'TOLD-000049',
    limit: 'changed',
    before: { currency: 'EUR', regular: '10', sale: null },
    after: { currency: 'EUR', regular: '9', sale: null },
  })
  expect(guard?.map(one => guardAheadWords(one, one.at))).toEqual([
    `The guard will hold 51 prices of told at ${from}: 51 beyond the 49 of its 100 listings that may change within 60 minutes. Whoever may approve prices decides on them then.`,
  ])
  expect(await shop.push()).toBe(0)
  await reaches(from)
  expect(await shop.push()).toBe(49)
  expect(await heldBack(sql, shop)).toEqual({ changed: 51 })
})

test('what whoever approves it takes ahead passes at its instant, just these values', async () => {
  const shop = await guardedChannel(sql, 'taken', 100)
  const from = await inMs(4_000)
  const { guard } = await approvePriceList(context, null, 'taken', await draft(shop, '4', from), { acceptHeld: true })
  expect(guard).toMatchObject([{ channel: 'taken', held: 100, changed: 0, dropped: 100, dropPercent: '50', accepted: true }])
  expect(guard?.map(one => guardAheadWords(one, one.at))).toEqual([
    `The guard will let 100 prices of taken pass at ${from}, as you accepted: 100 fall by more than 50 %.`,
  ])
  const [audit] = await sql<{ took: boolean }[]>`
    select (detail->>'acceptHeld')::boolean as took from audit where subject = 'price-list:taken' and act = 'price_list.approve'`
  expect(audit?.took).toBe(true)
  await reaches(from)
  // Another value than the one that was taken is judged as ever.
  await setPriceEntries(context, null, 'taken', [{ sku: 'TAKEN-000000', rule: 'fixed', value: '3.9' }])
  expect(await shop.push()).toBe(99)
  expect(await heldBack(sql, shop)).toEqual({ dropped: 1 })
})

test('what stays within the limits is told as nothing, and trying an approval lets nothing pass', async () => {
  const few = await guardedChannel(sql, 'few', 60)
  const done = await approvePriceList(context, null, 'few', await draft(few, '9', null, few.skus.slice(0, 49)))
  expect(done).toMatchObject({ guard: null, unjudged: false })
  expect(await few.push()).toBe(49)

  const tried = await guardedChannel(sql, 'tried', 60)
  const version = await draft(tried, '4', null)
  const dry = beginDryRun(context, { limit: 1 })
  const rehearsed = await approvePriceList(dry.context, null, 'tried', version, { acceptHeld: true })
  expect(rehearsed.guard).toMatchObject([{ channel: 'tried', dropped: 60, accepted: true }])
  await approvePriceList(context, null, 'tried', version)
  expect(await tried.push()).toBe(0)
  expect(await heldBack(sql, tried)).toEqual({ dropped: 60 })
})

test('a removed entry counts by the price that shows without it', async () => {
  const shop = await guardedChannel(sql, 'removed', 60)
  await approvePriceList(context, null, 'removed', await draft(shop, '30', null, shop.skus.slice(0, 1)), { acceptHeld: true })
  expect(await shop.push()).toBe(1)
  await shop.age('2 hours')
  await setPriceList(context, null, 'removed', { fourEyes: true })
  await setPriceEntries(context, null, 'removed', [{ sku: 'REMOVED-000000', rule: 'remove' }])
  const { version } = await showPriceList(context, 'removed')
  const { guard } = await approvePriceList({ ...context, actor: 'user:ben' }, null, 'removed', version)
  expect(guard).toMatchObject([
    { channel: 'removed', held: 1, dropped: 1, examples: [{ sku: 'REMOVED-000000', after: { regular: '10' } }] },
  ])
})
