import { afterEach, beforeEach, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { JsonValue } from '../../db/connect.ts'
import { freshDatabase } from '../support/database.ts'
import { emptyBooks } from '../support/empty-books.ts'
import { balance, change, layIn, orderLine, quietChannel, reserve } from '../support/goods.ts'

// Found by the histories of test/properties/stock-model.test.ts, or while they were written: each bug by its name.

const { sql } = await freshDatabase()
await layIn(sql, { CUP: { main: 0 }, PLATE: { main: 0 }, FORK: { main: 0 }, SET: { main: 0 }, MILK: { main: 0 } })
const channel = await quietChannel(sql, 'web', ['main'])
await sql`update variants set lot_tracked = true where sku = 'MILK'`

const NOON = '2100-01-01T12:00:00Z'
const LATER = '2100-01-01T13:00:00Z'
const EVENING = '2100-01-01T18:00:00Z'

async function call(name: string, cmd: Readonly<Record<string, JsonValue>>): Promise<Record<string, unknown>> {
  const [row] = await sql<{ answer: Record<string, unknown> }[]>`select ${sql(name)}(${sql.json({ actor: 'test', ...cmd })}) as answer`
  return row?.answer ?? {}
}

async function bookAt(now: string, id: string, lines: JsonValue[], basket: string | null = null): Promise<Record<string, unknown>> {
  const stated = lines.map((line, at) => ({
    ...{ externalLineId: `${at + 1}`, listingRef: null, title: id, cancelled: 0, shipped: 0, returned: 0, unitPrice: '10' },
    ...(line as Record<string, JsonValue>),
  }))
  const order = {
    ...{
      accountId: channel.accountId,
      channelRef: 'web',
      externalId: id,
      number: id,
      stamp: now,
      hash: JSON.stringify(lines),
      fresh: true,
      basket,
    },
    ...{ effect: 'reserve', platformState: 'open', currency: 'EUR', total: null, placedAt: now, lines: stated },
  }
  const [row] = await sql<{ answers: Record<string, unknown>[] }[]>`
    select orders_book_1(${sql.json([order])}, ${sql.json({ actor: 'test', now })}) as answers`
  return row?.answers[0] ?? {}
}

const setOf = (...parts: [string, number][]) =>
  call('bundle_set_1', { sku: 'SET', parts: parts.map(([sku, quantity]) => ({ sku, quantity })) })

beforeEach(async () => {
  await emptyBooks(sql)
  await setOf(['CUP', 1], ['PLATE', 1])
})

afterEach(async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})

test('an order of a bundle gets the parts that a hold kept until its time was over', async () => {
  await change(sql, [
    { sku: 'CUP', location: 'main', quantity: 1, kind: 'receive' },
    { sku: 'PLATE', location: 'main', quantity: 1, kind: 'receive' },
  ])
  await reserve(sql, [{ key: 'brief', expiresAt: LATER, now: NOON, lines: [{ sku: 'CUP', quantity: 1 }] }])
  expect(await bookAt(EVENING, 'A', [{ sku: 'SET', ordered: 1 }])).toMatchObject({ outcome: 'booked', short: 0 })
  expect(await orderLine(sql, 'A')).toMatchObject({ reserved: 1, short: 0 })
})

test('an order does not take over a bundle that was held until now: whoever waits for its part goes first', async () => {
  await change(sql, [
    { sku: 'CUP', location: 'main', quantity: 1, kind: 'receive' },
    { sku: 'PLATE', location: 'main', quantity: 1, kind: 'receive' },
  ])
  const [held] = await reserve(sql, [{ key: 'bundle', expiresAt: LATER, now: NOON, lines: [{ sku: 'SET', quantity: 1 }] }])
  expect(held?.outcome).toBe('reserved')
  await bookAt(NOON, 'WAITS', [{ sku: 'CUP', ordered: 1 }])
  expect(await bookAt(EVENING, 'LATE', [{ sku: 'SET', ordered: 1 }], held?.basket)).toMatchObject({ short: 1 })
  expect(await orderLine(sql, 'WAITS')).toMatchObject({ reserved: 1, short: 0 })
  expect(await sql`select distinct state from reservations where basket = ${held?.basket ?? ''}`).toEqual([{ state: 'expired' }])
})

test('a bundle that was held before its parts changed comes back as the parts that left', async () => {
  await change(
    sql,
    ['CUP', 'PLATE', 'FORK'].map(sku => ({ sku, location: 'main', quantity: 5, kind: 'receive' })),
  )
  const [held] = await reserve(sql, [{ key: 'frozen', lines: [{ sku: 'SET', quantity: 1 }] }])
  await setOf(['CUP', 2], ['FORK', 1])
  const sold = { sku: 'SET', ordered: 1 }
  await bookAt(NOON, 'F', [sold], held?.basket)
  await bookAt(LATER, 'F', [{ ...sold, shipped: 1 }])
  expect([await balance(sql, 'CUP', 'main'), await balance(sql, 'PLATE', 'main'), await balance(sql, 'FORK', 'main')]).toEqual([
    { onHand: 4, reserved: 0 },
    { onHand: 4, reserved: 0 },
    { onHand: 5, reserved: 0 },
  ])
  await bookAt(EVENING, 'F', [{ ...sold, shipped: 1, returned: 1 }])
  expect([await balance(sql, 'CUP', 'main'), await balance(sql, 'PLATE', 'main'), await balance(sql, 'FORK', 'main')]).toEqual([
    { onHand: 5, reserved: 0 },
    { onHand: 5, reserved: 0 },
    { onHand: 5, reserved: 0 },
  ])
})

test('an order that knows its parts takes no hold of other parts over', async () => {
  await change(
    sql,
    ['CUP', 'PLATE', 'FORK'].map(sku => ({ sku, location: 'main', quantity: 5, kind: 'receive' })),
  )
  const [held] = await reserve(sql, [{ key: 'other parts', lines: [{ sku: 'SET', quantity: 1 }] }])
  await setOf(['FORK', 1])
  await bookAt(NOON, 'G', [{ sku: 'SET', ordered: 1 }])
  await bookAt(LATER, 'G', [{ sku: 'SET', ordered: 2 }], held?.basket)
  expect(await orderLine(sql, 'G')).toMatchObject({ reserved: 2, short: 0 })
  expect([await balance(sql, 'CUP', 'main'), await balance(sql, 'FORK', 'main')]).toEqual([
    { onHand: 5, reserved: 1 },
    { onHand: 5, reserved: 2 },
  ])
})

const milk = (now: string, quantity: number, lot: string, expiresAt: string) =>
  change(sql, [{ sku: 'MILK', location: 'main', quantity, kind: 'receive', lot, expiresAt }], { now })

test('what a cancelled order gives back of a lot whose time is over goes to nobody', async () => {
  await milk(NOON, 2, 'L1', LATER)
  const first = await bookAt(NOON, 'H', [{ sku: 'MILK', ordered: 2 }])
  await bookAt(NOON, 'I', [{ sku: 'MILK', ordered: 1 }])
  await call('order_cancel_1', { orderId: Number(first.orderId), now: EVENING })
  expect(await orderLine(sql, 'I')).toMatchObject({ reserved: 0, short: 1 })
  expect(
    await sql`select on_hand, unavailable, reserved from balances b join variants v on v.id = b.variant_id where v.sku = 'MILK'`,
  ).toEqual([{ on_hand: 2, unavailable: 2, reserved: 0 }])
})

test('units of a lot whose time is over are not shipped', async () => {
  await milk(NOON, 1, 'L1', LATER)
  const { orderId } = await bookAt(NOON, 'J', [{ sku: 'MILK', ordered: 1 }])
  expect(await call('order_ship_1', { orderId: Number(orderId), now: EVENING })).toEqual({ outcome: 'nothing_open', state: 'accepted' })
  expect(await orderLine(sql, 'J')).toMatchObject({ reserved: 0, short: 1, shipped: 0 })
})

test('restored units of a lot whose time is over are promised to nobody', async () => {
  await milk(NOON, 2, 'L1', LATER)
  await bookAt(EVENING, 'K', [{ sku: 'MILK', ordered: 1 }])
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 1, kind: 'restore', lot: 'L1' }], { now: EVENING })
  expect(await orderLine(sql, 'K')).toMatchObject({ reserved: 0, short: 1 })
  expect(await sql`select quantity, unavailable, expired from lots where code = 'L1' and quantity > 0`).toEqual([
    { quantity: 2, unavailable: 2, expired: true },
  ])
})

test('a booking tells what is short when all of its lines are booked', async () => {
  await change(sql, [{ sku: 'FORK', location: 'main', quantity: 1, kind: 'receive' }])
  const lines = (cancelled: number) =>
    [
      { sku: 'FORK', ordered: 1 },
      { sku: 'FORK', ordered: 1, cancelled },
    ].toReversed()
  expect(await bookAt(NOON, 'L', lines(0))).toMatchObject({ short: 1 })
  // What the first line gives up goes to the second.
  expect(await bookAt(LATER, 'L', lines(1))).toMatchObject({ short: 0 })
  await bookAt(NOON, 'M', [{ sku: 'FORK', ordered: 2 }])
  const [first] = await reserve(sql, [{ key: 'none', lines: [{ sku: 'FORK', quantity: 1 }] }])
  expect(first).toEqual({ outcome: 'insufficient', missing: [{ sku: 'FORK', asked: 1, available: 0 }] })
})

test('a location that is preferred twice is preferred, and breaks nothing for others', async () => {
  await change(sql, [{ sku: 'CUP', location: 'main', quantity: 2, kind: 'receive' }])
  const wish = { lines: [{ sku: 'CUP', quantity: 1 }] }
  const answers = await reserve(sql, [
    { key: 'twice', prefer: ['main', 'main'], ...wish },
    { key: 'other', ...wish },
  ])
  expect(answers.map(answer => answer.outcome)).toEqual(['reserved', 'reserved'])
})

test('what is put aside of a lot whose time was over when it was empty is expired, too', async () => {
  await milk(NOON, 1, 'L1', LATER)
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 0, kind: 'count' }], { now: NOON })
  await sql`select due_sweep_1(${EVENING}, 10)`
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 1, kind: 'return', lot: 'L1', to: 'unavailable' }], { now: EVENING })
  expect(await sql`select quantity, unavailable, expired from lots where code = 'L1'`).toEqual([
    { quantity: 1, unavailable: 1, expired: true },
  ])
})

test('a lot that does not expire yet brings back all that its expiry put aside, also when some was damaged and restored before', async () => {
  await milk(NOON, 5, 'L1', LATER)
  const here = { sku: 'MILK', location: 'main', lot: 'L1' }
  await change(sql, [{ ...here, quantity: 2, kind: 'damage' }], { now: NOON })
  await change(sql, [{ ...here, quantity: 2, kind: 'restore' }], { now: NOON })
  await sql`select due_sweep_1(${EVENING}, 10)`
  expect(await call('lot_set_1', { ...here, expiresAt: null, now: EVENING })).toMatchObject({ quantity: 5, unavailable: 0, expired: false })
})

test('a lot whose time is over stays expired when a count finds fewer of it', async () => {
  await milk(NOON, 9, 'L1', LATER)
  await sql`select due_sweep_1(${EVENING}, 10)`
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 1, kind: 'count' }], { now: EVENING })
  expect(await sql`select quantity, unavailable, expired from lots where code = 'L1'`).toEqual([
    { quantity: 1, unavailable: 1, expired: true },
  ])
})
