import { beforeAll, expect, test } from 'vitest'
import { type ReturnToTake, takeReturns } from '../../db/returns.ts'
import { check } from '../../src/usecases/check.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { main: 20 }, CUP: { main: 20 }, RARE: { main: 1 } })
const shop = await quietChannel(sql, 'shop', ['main'])
const other = await quietChannel(sql, 'other', ['main'])

const back = (orderId: string, units: number, more: Partial<ReturnToTake> = {}): ReturnToTake => ({
  ...{ key: `${orderId}/R1`, orderId, lineId: '1', sku: 'MUG', units, on: new Date().toISOString().slice(0, 10) },
  ...more,
})
const take = async (...returns: readonly ReturnToTake[]) =>
  (await takeReturns(sql, shop.accountId, returns, 'channel:shop')).map(one => one.outcome)
const sold = (id: string, sku: string, ordered: number, shipped: number, effect = 'reserve') =>
  book(sql, shop, 'shop', [{ id, effect, lines: [{ sku, ordered, shipped }] }])

beforeAll(async () => {
  await sold('A', 'MUG', 3, 3, 'settle')
})

test('a return is back where it left from, once, however often and by however many it is told at the same time', async () => {
  const before = await balance(sql, 'MUG', 'main')
  const answers = await Promise.all(Array.from({ length: 8 }, () => take(back('A', 2), back('A', 2))))
  expect(answers.flat().filter(one => one === 'booked')).toHaveLength(1)
  expect(new Set(answers.flat())).toEqual(new Set(['booked', 'exists']))
  expect(await balance(sql, 'MUG', 'main')).toEqual({ ...before, onHand: before.onHand + 2 })
  expect(await orderLine(sql, 'A')).toMatchObject({ shipped: 3, returned: 2 })
  expect(await sql`select kind, on_hand, actor from movements where kind = 'return'`).toEqual([
    { kind: 'return', on_hand: 2, actor: 'channel:shop' },
  ])
  // The order itself never tells of it, and takes nothing of it back.
  await book(sql, shop, 'shop', [
    { id: 'A', effect: 'settle', stamp: '2026-02-01T00:00:00Z', lines: [{ sku: 'MUG', ordered: 3, shipped: 3 }] },
  ])
  expect(await orderLine(sql, 'A')).toMatchObject({ shipped: 3, returned: 2 })
})

test('more units under the same key are those that are more, and another return is another', async () => {
  expect(await take(back('A', 3))).toEqual(['booked'])
  expect(await orderLine(sql, 'A')).toMatchObject({ returned: 3 })
  await sold('B', 'MUG', 2, 2, 'settle')
  expect(await take(back('B', 1), back('B', 1, { key: 'B/R2' }), back('B', 1, { key: 'B/R3' }))).toEqual([
    'booked',
    'booked',
    'not_shipped',
  ])
  expect(await orderLine(sql, 'B')).toMatchObject({ returned: 2 })
})

test('a return that names only a SKU goes over the lines of it', async () => {
  await book(sql, shop, 'shop', [
    {
      ...{ id: 'C', effect: 'settle' },
      lines: [
        { sku: 'CUP', ordered: 1, shipped: 1 },
        { sku: 'MUG', ordered: 4, shipped: 4 },
        { sku: 'CUP', ordered: 2, shipped: 2 },
      ],
    },
  ])
  expect(await take(back('C', 2, { lineId: null, sku: 'CUP' }))).toEqual(['booked'])
  expect([
    (await orderLine(sql, 'C', '1')).returned,
    (await orderLine(sql, 'C', '2')).returned,
    (await orderLine(sql, 'C', '3')).returned,
  ]).toEqual([1, 0, 1])
})

test('what cannot be taken says why, and is taken once it can', async () => {
  await sold('D', 'MUG', 2, 0)
  expect(await take(back('D', 1), back('GONE', 1), back('D', 1, { key: 'D/R2', lineId: '9' }))).toEqual([
    'not_shipped',
    'unknown_order',
    'unknown_line',
  ])
  await sold('E', 'MUG', 1, 1, 'foreign')
  expect(await take(back('E', 1))).toEqual(['foreign'])
  expect(await takeReturns(sql, other.accountId, [back('D', 1)], 'channel:other')).toMatchObject([{ outcome: 'unknown_order' }])
  await book(sql, shop, 'shop', [
    { id: 'D', effect: 'settle', stamp: '2026-03-01T00:00:00Z', lines: [{ sku: 'MUG', ordered: 2, shipped: 2 }] },
  ])
  expect(await take(back('D', 1))).toEqual(['booked'])
})

test('what a person has received already is not taken in once more when the platform tells it', async () => {
  const [booked] = await sold('P', 'MUG', 4, 4, 'settle')
  const [line] = await sql<{ id: number }[]>`select id from order_lines where order_id = ${booked?.orderId ?? 0}`
  const lines = [{ lineId: line?.id ?? 0, toStock: 1, unavailable: 0, scrapped: 1 }]
  await sql`select order_return_receive_1(${sql.json({ actor: 'user:test', orderId: booked?.orderId ?? 0, location: 'main', lines })})`
  const before = await balance(sql, 'MUG', 'main')
  expect(await take(back('P', 2))).toEqual(['booked'])
  expect([await orderLine(sql, 'P'), await balance(sql, 'MUG', 'main')]).toMatchObject([{ returned: 2 }, before])
  // More than people know of is more.
  expect(await take(back('P', 1, { key: 'P/R2' }), back('P', 2, { key: 'P/R3' }))).toEqual(['booked', 'not_shipped'])
  expect(await orderLine(sql, 'P')).toMatchObject({ returned: 3 })
})

test('what arrived before returns were read was counted in by people', async () => {
  await sold('F', 'MUG', 1, 1, 'settle')
  expect(await take(back('F', 1, { on: '2026-01-01' }))).toEqual(['before'])
  expect(await orderLine(sql, 'F')).toMatchObject({ returned: 0 })
})

test('what comes back goes to whoever waits for it', async () => {
  await sold('G', 'RARE', 1, 1, 'settle')
  await sold('H', 'RARE', 1, 0)
  expect(await orderLine(sql, 'H')).toMatchObject({ short: 1, reserved: 0 })
  expect(await take(back('G', 1, { sku: 'RARE' }))).toEqual(['booked'])
  expect(await orderLine(sql, 'H')).toMatchObject({ short: 0, reserved: 1 })
  expect((await check(await testContext(sql))).violations).toBe(0)
})
