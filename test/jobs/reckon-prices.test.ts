import { expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { intendMoved } from '../../db/publications.ts'
import { makeBell } from '../../jobs/bell.ts'
import type { Lane } from '../../jobs/lane.ts'
import { makePriceReckoner } from '../../jobs/reckon-prices.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel } from '../support/guarded.ts'

const { sql } = await freshDatabase()
const LISTINGS = 25
const PART = 10

function laneOf(accountId: number): Lane {
  const bells = { dangerBell: makeBell(), turnBell: makeBell(), pushBell: makeBell() }
  return { deps: { sql }, account: { row: { id: accountId } }, ...bells } as unknown as Lane
}

const waiting = async (accountId: number, field: 'stock' | 'price'): Promise<number> => {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from publications where account_id = ${accountId} and field = ${field} and waiting_since is not null`
  return row?.n ?? 0
}

test('a huge change of prices is reckoned in parts, and a change of stock between any two of them', async () => {
  const shop = await guardedChannel(sql, 'huge', LISTINGS)
  const [sku = ''] = shop.skus
  await shop.setPrices('12')
  await shop.setStock(0, [sku])
  const ids = (await sql<{ id: number }[]>`select id from variants where sku like 'HUGE-%'`).map(row => row.id)
  const [soldOut = 0] = (await sql<{ id: number }[]>`select id from variants where sku = ${sku}`).map(row => row.id)
  const { reckon, step } = makePriceReckoner(laneOf(shop.accountId), PART)
  let ended = 0
  const all = reckon(ids).then(() => ended++)
  const more = reckon(ids.slice(0, 5)).then(() => ended++)
  expect(await step()).toBe(true)
  expect([await waiting(shop.accountId, 'price'), ended]).toEqual([PART, 0])
  await intendMoved(sql, shop.accountId, { stock: [soldOut], prices: [] })
  expect(await waiting(shop.accountId, 'stock')).toBe(1)
  await step()
  expect([await waiting(shop.accountId, 'price'), ended]).toEqual([2 * PART, 0])
  // What is left of the first and the second go together.
  await step()
  await Promise.all([all, more])
  expect(await waiting(shop.accountId, 'price')).toBe(LISTINGS)
  expect(await step()).toBe(false)
})

test('prices of any SKU are those of all that the account lists; a part that fails is reckoned again, and nobody is told before', async () => {
  const shop = await guardedChannel(sql, 'any', 30)
  await shop.setPrices('12')
  const broken = (() => Promise.reject(new Error('the database went away'))) as unknown as Sql
  const deps = { sql }
  const { reckon, step } = makePriceReckoner({ ...laneOf(shop.accountId), deps } as unknown as Lane)
  let isDone = false
  const done = reckon(null).then(() => {
    isDone = true
  })
  // First it is looked up what is listed.
  expect(await step()).toBe(true)
  deps.sql = broken
  await expect(step()).rejects.toThrow('the database went away')
  expect(isDone).toBe(false)
  deps.sql = sql
  expect(await step()).toBe(true)
  await done
  expect(await waiting(shop.accountId, 'price')).toBe(30)
})
