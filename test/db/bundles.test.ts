import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { Sql } from '../../db/connect.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, orderLine, quietChannel, reserve } from '../support/goods.ts'

type Part = { readonly sku: string; readonly quantity: number }

async function bundle(sql: Sql, sku: string, parts: readonly Part[]): Promise<Record<string, unknown>> {
  const [row] = await sql<{ answer: Record<string, unknown> }[]>`
    select bundle_set_1(${sql.json({ actor: 'test', sku, parts: parts.map(part => ({ ...part })) })}) as answer`
  return row?.answer ?? {}
}

async function shown(sql: Sql, channelId: number, sku: string): Promise<number | undefined> {
  const [row] = await sql<{ shown: number }[]>`
    select shown from channel_shown_2(array[${channelId}::bigint], array[(select id from variants where sku = ${sku})], clock_timestamp())`
  return row?.shown
}

/** A set of one pot and two cups, in a database of its own. */
async function setTable() {
  const { sql } = await freshDatabase()
  await layIn(sql, { POT: { main: 5, shop: 2 }, CUP: { main: 7, shop: 4 }, SET: { main: 0 }, GIFT: { main: 0 } })
  const channel = await quietChannel(sql, 'web')
  expect(
    await bundle(sql, 'SET', [
      { sku: 'POT', quantity: 1 },
      { sku: 'CUP', quantity: 2 },
    ]),
  ).toMatchObject({ outcome: 'done' })
  return { sql, channel, shown: (sku: string) => shown(sql, channel.channelId, sku) }
}

async function broken(sql: Sql): Promise<unknown[]> {
  return (await runRules(sql)).filter(finding => finding.violations > 0)
}

test('a bundle shows what its parts make at each location, and whole ones that lie there', async () => {
  const { sql, shown } = await setTable()
  // main: min(5, floor(7 / 2)) = 3, shop: min(2, floor(4 / 2)) = 2
  expect(await shown('SET')).toBe(5)
  await change(sql, [{ sku: 'SET', location: 'shop', quantity: 4, kind: 'receive' }])
  expect(await shown('SET')).toBe(9)
  await change(sql, [{ sku: 'CUP', location: 'main', quantity: -6, kind: 'adjust' }])
  expect(await shown('SET')).toBe(6)
})

test('selling one promises its parts in the same statement, whole ones first, and a part sold alone lowers it', async () => {
  const { sql, shown } = await setTable()
  await change(sql, [{ sku: 'SET', location: 'main', quantity: 1, kind: 'receive' }])
  const [held] = await reserve(sql, [{ key: 'a', lines: [{ sku: 'SET', quantity: 3 }] }])
  expect(held).toMatchObject({
    outcome: 'reserved',
    lines: [
      { sku: 'SET', location: 'main', quantity: 1 },
      { sku: 'SET', location: 'main', quantity: 2 },
    ],
  })
  expect(await balance(sql, 'SET', 'main')).toEqual({ onHand: 1, reserved: 1 })
  expect(await balance(sql, 'POT', 'main')).toEqual({ onHand: 5, reserved: 2 })
  expect(await balance(sql, 'CUP', 'main')).toEqual({ onHand: 7, reserved: 4 })
  expect(await shown('SET')).toBe(3)
  await reserve(sql, [{ key: 'b', lines: [{ sku: 'CUP', quantity: 3, location: 'shop' }] }])
  expect(await shown('SET')).toBe(1)
  expect(await reserve(sql, [{ key: 'c', lines: [{ sku: 'SET', quantity: 2 }] }])).toEqual([
    { outcome: 'insufficient', missing: [{ sku: 'SET', asked: 2, available: 1 }] },
  ])
  expect(await broken(sql)).toEqual([])
})

test('a batch decides bundles and parts in its order, and gives back what a refused basket had taken', async () => {
  const { sql } = await setTable()
  const answers = await reserve(sql, [
    { key: '1', lines: [{ sku: 'CUP', quantity: 6, location: 'main' }] },
    {
      key: '2',
      lines: [
        { sku: 'POT', quantity: 4, location: 'main' },
        { sku: 'SET', quantity: 9 },
      ],
    },
    { key: '3', lines: [{ sku: 'SET', quantity: 2 }] },
    { key: '4', lines: [{ sku: 'POT', quantity: 5, location: 'main' }] },
  ])
  expect(answers.map(answer => answer.outcome)).toEqual(['reserved', 'insufficient', 'reserved', 'reserved'])
  expect(answers[1]?.missing).toEqual([{ sku: 'SET', asked: 9, available: 2 }])
  expect(answers[2]?.lines).toEqual([{ sku: 'SET', location: 'shop', quantity: 2 }])
  expect(await broken(sql)).toEqual([])
})

test('what a line was sold as is frozen: shipping and returning move the parts of that day', async () => {
  const { sql, channel } = await setTable()
  const [booked] = await book(sql, channel, 'web', [{ id: 'o1', lines: [{ sku: 'SET', ordered: 2 }] }])
  expect(booked).toMatchObject({ outcome: 'booked', short: 0 })
  await bundle(sql, 'SET', [{ sku: 'POT', quantity: 2 }])
  const line = { sku: 'SET', ordered: 2 }
  await book(sql, channel, 'web', [{ id: 'o1', stamp: '2026-01-02T00:00:00Z', lines: [{ ...line, shipped: 2 }] }])
  expect(await balance(sql, 'POT', 'main')).toEqual({ onHand: 3, reserved: 0 })
  expect(await balance(sql, 'CUP', 'main')).toEqual({ onHand: 3, reserved: 0 })
  await book(sql, channel, 'web', [{ id: 'o1', stamp: '2026-01-03T00:00:00Z', lines: [{ ...line, shipped: 2, returned: 1 }] }])
  expect(await balance(sql, 'POT', 'main')).toEqual({ onHand: 4, reserved: 0 })
  expect(await balance(sql, 'CUP', 'main')).toEqual({ onHand: 5, reserved: 0 })
  expect(await broken(sql)).toEqual([])
})

test('a part that is lost makes the bundle short and gives its other parts to whoever waits for them', async () => {
  const { sql, channel } = await setTable()
  await book(sql, channel, 'web', [{ id: 'sets', lines: [{ sku: 'SET', ordered: 5 }] }])
  await book(sql, channel, 'web', [{ id: 'pots', lines: [{ sku: 'POT', ordered: 3 }] }])
  expect(await orderLine(sql, 'pots')).toMatchObject({ reserved: 2, short: 1 })
  // Six cups at main are promised to three sets; two remain: the newest two sets lose theirs, and one of their pots goes to the waiting order.
  await change(sql, [{ sku: 'CUP', location: 'main', quantity: 3, kind: 'count' }])
  expect(await orderLine(sql, 'sets')).toMatchObject({ reserved: 3, short: 2 })
  expect(await orderLine(sql, 'pots')).toMatchObject({ reserved: 3, short: 0 })
  // A receipt of cups brings one set back: there is one free pot left.
  await change(sql, [{ sku: 'CUP', location: 'main', quantity: 9, kind: 'receive' }])
  expect(await orderLine(sql, 'sets')).toMatchObject({ reserved: 4, short: 1 })
  expect(await broken(sql)).toEqual([])
})

test('nested bundles are exploded to what lies on shelves; a circle is refused with its path', async () => {
  const { sql, shown } = await setTable()
  expect(
    await bundle(sql, 'GIFT', [
      { sku: 'SET', quantity: 2 },
      { sku: 'CUP', quantity: 1 },
    ]),
  ).toMatchObject({ outcome: 'done' })
  // 2 pots and 5 cups each: main min(floor(5 / 2), floor(7 / 5)) = 1, shop min(1, 0) = 0
  expect(await shown('GIFT')).toBe(1)
  expect(await bundle(sql, 'POT', [{ sku: 'GIFT', quantity: 1 }])).toEqual({ outcome: 'cycle', path: ['POT', 'GIFT', 'SET', 'POT'] })
  await reserve(sql, [{ key: 'g', lines: [{ sku: 'GIFT', quantity: 1 }] }])
  expect(await balance(sql, 'CUP', 'main')).toEqual({ onHand: 7, reserved: 5 })
  expect(await bundle(sql, 'SET', [])).toMatchObject({ outcome: 'done' })
  // A set lies on no shelf, and is made of nothing any more.
  expect(await shown('GIFT')).toBe(0)
  expect(await broken(sql)).toEqual([])
})

test('a part that is touched tells the channels of its bundles too', async () => {
  const { sql } = await setTable()
  await sql`delete from change`
  await change(sql, [{ sku: 'CUP', location: 'main', quantity: 1, kind: 'receive' }])
  const told = await sql<
    { sku: string }[]
  >`select v.sku from change c join variants v on v.id = c.variant_id where c.kind = 'stock' order by 1`
  expect(told.map(row => row.sku)).toEqual(['CUP', 'SET'])
})

test('a hold of bundles moves, converts to an order in part and releases the rest', async () => {
  const { sql, channel } = await setTable()
  const [held] = await reserve(sql, [{ key: 'h', channel: 'web', lines: [{ sku: 'SET', quantity: 2 }], expiresAt: '2999-01-01T00:00:00Z' }])
  expect(held?.lines).toEqual([{ sku: 'SET', location: 'main', quantity: 2 }])
  const basket = held?.basket ?? ''
  const [moved] =
    await sql`select stock_move_promise_2(${sql.json({ actor: 'test', basket, sku: 'SET', quantity: 1, to: 'shop' })}) as answer`
  expect(moved?.answer).toEqual({ outcome: 'moved', to: 'shop', lines: [{ sku: 'SET', from: 'main', quantity: 1 }] })
  expect(await balance(sql, 'CUP', 'shop')).toEqual({ onHand: 4, reserved: 2 })
  const [booked] = await book(sql, channel, 'web', [{ id: 'o', basket, lines: [{ sku: 'SET', ordered: 1 }] }])
  expect(booked).toMatchObject({ outcome: 'booked', short: 0 })
  const promised = await sql`
    select v.sku, p.code, r.quantity, r.expires_at is null as stays from reservations r join variants v on v.id = r.variant_id join locations p on p.id = r.location_id
    where r.order_line_id is not null and r.state = 'open' order by 1`
  expect(promised).toEqual([
    { sku: 'CUP', code: 'main', quantity: 2, stays: true },
    { sku: 'POT', code: 'main', quantity: 1, stays: true },
  ])
  const [released] = await sql`select stock_end_hold_1(${sql.json({ actor: 'test', basket, end: 'release' })}) as answer`
  expect(released?.answer).toEqual({ outcome: 'released', lines: [{ sku: 'SET', location: 'shop', quantity: 1 }] })
  expect(await balance(sql, 'CUP', 'shop')).toEqual({ onHand: 4, reserved: 0 })
  expect(await broken(sql)).toEqual([])
})
