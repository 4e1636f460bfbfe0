import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel, heldBack } from '../support/guarded.ts'
import { until } from '../support/until.ts'

const { sql } = await freshDatabase()

const variantsOf = async (skus: readonly string[]): Promise<number[]> => {
  const rows = await sql<{ id: number }[]>`select id from variants where sku = any(${skus as string[]}::text[])`
  return rows.map(row => row.id)
}

test('a change is judged where its prices stand already, and what was approved of it passes when it is intended', async () => {
  const shop = await guardedChannel(sql, 'judged', 100)
  const judge = async (skus: readonly string[]) => [
    ...(await sql`
      select count(*) filter (where changed)::int as changed, count(*) filter (where adds)::int as adds, count(*) filter (where dropped)::int as dropped
      from price_guard_weighed_1(${await variantsOf(skus)}::bigint[])`),
  ]
  await shop.setPrices('9', shop.skus.slice(0, 49))
  expect(await judge(shop.skus)).toEqual([{ changed: 49, adds: 49, dropped: 0 }])
  await shop.setPrices('9')
  expect(await judge(shop.skus)).toEqual([{ changed: 100, adds: 100, dropped: 0 }])
  expect(await judge(shop.skus.slice(0, 49))).toEqual([{ changed: 49, adds: 49, dropped: 0 }])
  await shop.setPrices('4', shop.skus.slice(0, 2))
  expect(await judge(shop.skus)).toEqual([{ changed: 100, adds: 98, dropped: 2 }])
  const ids = await variantsOf(shop.skus)
  await sql`
    select guard_approve_documents_1('price', array_agg(listing_id), array_agg(after), 'user:ana') from price_guard_weighed_1(${ids}::bigint[])`
  expect(await shop.push()).toBe(100)

  // Exactly these values: anything else counts against what was approved.
  await shop.setPrices('8')
  expect(await shop.push()).toBe(49)
})

test('nothing of a judgement within a block that is rolled back remains, and what moved before counts', async () => {
  const shop = await guardedChannel(sql, 'before', 100)
  await shop.setPrices('9', shop.skus.slice(0, 30))
  await shop.push()
  const prices = shop.skus.slice(40, 70).map(sku => ({ sku, currency: 'EUR', amount: '9' }))
  const [row] = await sql<{ told: { told: { fields: unknown[] } } }[]>`
    select dry_run_1('prices_set_2', ${sql.json({ actor: 'test', prices })}, '{"limit": 1}') as told`
  expect(row?.told.told.fields).toMatchObject([{ channel: 'before', changed: 30, goes: 19, quarantined: { changed: 11 } }])
  expect(await shop.push()).toBe(0)
  await shop.setPrices('9', shop.skus.slice(40, 70))
  expect(await shop.push()).toBe(19)
  expect(await heldBack(sql, shop)).toEqual({ changed: 11 })
})

test('what touches more than can be looked through is not looked through, and still undone', async () => {
  const shop = await guardedChannel(sql, 'many', 12)
  const prices = shop.skus.map(sku => ({ sku, currency: 'EUR', amount: '9' }))
  const tried = (most: number) =>
    sql`select dry_run_1('prices_set_2', ${sql.json({ actor: 'test', prices })}, ${sql.json({ limit: 1, most })})->'told' as told`
  expect([...(await tried(11))]).toEqual([{ told: { touched: 12 } }])
  expect([...(await tried(12))]).toMatchObject([{ told: { touched: 12, fields: [{ changed: 12 }] } }])
  expect(await shop.push()).toBe(0)
  await expect(sql`select dry_run_1('user_add_1', '{}', '{"limit": 1}')`).rejects.toThrow('user_add_1 cannot be dry run')
})

test('what a price document promises is the same before and after its sale begins, and after it ends', async () => {
  const price = (from: string | null, to: string) => ({ currency: 'EUR', regular: '10', sale: { amount: '6', from, to } })
  const [row] = await sql`
    select price_promise(${sql.json(price('2026-01-01T00:00:00Z', '2026-02-01T00:00:00.000Z'))}, '2026-01-01')
        = price_promise(${sql.json(price(null, '2026-02-01T00:00:00Z'))}, '2026-01-01') as begun,
      price_promise(${sql.json(price(null, '2026-02-01T00:00:00Z'))}, '2026-02-01')
        = price_promise('{"currency": "EUR", "regular": "10.00", "sale": null}', '2026-02-01') as over,
      price_promise(${sql.json(price('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'))}, '2025-12-01')
        = price_promise('{"currency": "EUR", "regular": "10", "sale": null}', '2025-12-01') as before`
  expect(row).toEqual({ begun: true, over: true, before: false })
})

test('a sale that was sent ahead goes out when it begins and when it ends, however many listings it has', async () => {
  const shop = await guardedChannel(sql, 'ahead', 100)
  await sql`select guard_limits_set_1(${sql.json({ channel: 'ahead', changedPercent: null, actor: 'test' })})`
  const [clock] = await sql<{ now: Date }[]>`select clock_timestamp() as now`
  const at = (ms: number) => new Date((clock?.now.getTime() ?? 0) + ms).toISOString()
  const prices = shop.skus.map(sku => ({ sku, currency: 'EUR', amount: '6', from: at(4_500), to: at(9_000) }))
  await sql`select prices_set_2(${sql.json({ actor: 'test', prices })})`
  expect(await shop.push()).toBe(100)
  await shop.age('2 hours')
  await sql`select guard_limits_set_1(${sql.json({ channel: 'ahead', changedPercent: '20', actor: 'test' })})`
  const reaches = (instant: string) =>
    until(instant, async () => (await sql<{ is: boolean }[]>`select clock_timestamp() > ${instant}::timestamptz as is`)[0]?.is)
  await reaches(at(4_500))
  expect(await shop.push()).toBe(100)
  await reaches(at(9_000))
  expect(await shop.push()).toBe(100)
  expect(await heldBack(sql, shop)).toEqual({})
})

test('a listing that comes after a person turned the channel on is held against what it showed', async () => {
  const shop = await guardedChannel(sql, 'later', 2)
  expect(await shop.push()).toBe(0)
  const [sku = ''] = shop.skus
  const price = { currency: 'EUR', regular: '100', sale: null }
  const rows = [{ channelRef: 'later', externalId: 'later-new', sku, title: sku, state: 'active', quantity: 10, price }]
  await sql`select listings_observe_1(${shop.accountId}, ${sql.json(rows)}, 'test')`
  await shop.push()
  expect(await heldBack(sql, shop)).toEqual({ dropped: 1 })
})
