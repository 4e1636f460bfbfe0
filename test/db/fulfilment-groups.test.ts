import { beforeEach, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { JsonValue } from '../../db/connect.ts'
import { freshDatabase } from '../support/database.ts'
import { emptyBooks } from '../support/empty-books.ts'
import { book, change, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { groupOf, layGroup } from '../support/groups.ts'

const { sql } = await freshDatabase()
await layIn(sql, { CUP: { main: 0, shop: 0 }, PLATE: { main: 0, shop: 0 } })
const channel = await quietChannel(sql, 'web', ['main', 'shop'])

const receive = (sku: string, location: string, quantity: number) => change(sql, [{ sku, location, quantity, kind: 'receive' }])

async function call(name: string, cmd: Readonly<Record<string, JsonValue>>): Promise<Record<string, unknown>> {
  const [row] = await sql<{ answer: Record<string, unknown> }[]>`select ${sql(name)}(${sql.json({ actor: 'test', ...cmd })}) as answer`
  return row?.answer ?? {}
}

const broken = async () => (await runRules(sql)).filter(finding => finding.violations > 0).map(finding => finding.rule)

const events = async (group: number) =>
  (
    await sql<{ told: string }[]>`
    select transition || ': ' || from_state || ' > ' || to_state as told from order_events where group_id = ${group} order by id`
  ).map(row => row.told)

async function bookedOrder(): Promise<number> {
  const [booked] = await book(sql, channel, 'web', [
    {
      id: 'A1',
      lines: [
        { sku: 'CUP', ordered: 5 },
        { sku: 'PLATE', ordered: 2 },
      ],
    },
  ])
  return Number(booked?.orderId)
}

beforeEach(async () => {
  await emptyBooks(sql)
  await receive('CUP', 'main', 5)
  await receive('PLATE', 'main', 2)
})

test('a group shrinks by what is cancelled of its order, and ends with the last of it', async () => {
  const orderId = await bookedOrder()
  const group = await layGroup(sql, { order: 'A1', location: 'main', state: 'picking', lines: { 1: 5, 2: 2 } })
  const [cup] = await sql<{ id: number }[]>`select id from order_lines where sku = 'CUP'`
  await call('order_cancel_1', { orderId, lines: [{ lineId: Number(cup?.id), quantity: 3 }] })
  expect(await groupOf(sql, group)).toEqual({ state: 'picking', lines: ['5/0/3', '2/0/0'] })
  await call('order_cancel_1', { orderId })
  expect(await groupOf(sql, group)).toEqual({ state: 'cancelled', lines: ['5/0/5', '2/0/2'] })
  expect(await events(group)).toEqual(['release: picking > cancelled'])
  expect(await broken()).toEqual([])
})

test('what the platform says was shipped is done in the group, and the group is done with the last of it', async () => {
  await bookedOrder()
  const group = await layGroup(sql, { order: 'A1', location: 'main', lines: { 1: 5, 2: 2 } })
  const lines = [
    { sku: 'CUP', ordered: 5, shipped: 4 },
    { sku: 'PLATE', ordered: 2, cancelled: 2 },
  ]
  await book(sql, channel, 'web', [{ id: 'A1', stamp: '2026-01-02T00:00:00Z', lines }])
  expect(await groupOf(sql, group)).toEqual({ state: 'waiting', lines: ['5/4/0', '2/0/2'] })
  await book(sql, channel, 'web', [{ id: 'A1', stamp: '2026-01-03T00:00:00Z', effect: 'settle', lines }])
  expect(await groupOf(sql, group)).toEqual({ state: 'done', lines: ['5/5/0', '2/0/2'] })
  expect(await events(group)).toEqual(['hand_over: waiting > done'])
  expect(await broken()).toEqual([])
})

test('of units that leave, those in a group go before those that no group has; of given up ones, after them', async () => {
  const orderId = await bookedOrder()
  const group = await layGroup(sql, { order: 'A1', location: 'main', lines: { 1: 3 } })
  const [cup] = await sql<{ id: number }[]>`select id from order_lines where sku = 'CUP'`
  await call('order_cancel_1', { orderId, lines: [{ lineId: Number(cup?.id), quantity: 2 }] })
  expect(await groupOf(sql, group)).toEqual({ state: 'waiting', lines: ['3/0/0'] })
  await call('order_ship_1', { orderId, lines: [{ lineId: Number(cup?.id), quantity: 1 }] })
  expect(await groupOf(sql, group)).toEqual({ state: 'waiting', lines: ['3/1/0'] })
  expect(await broken()).toEqual([])
})

test('a count that finds less takes units out of the group, and they are short', async () => {
  await bookedOrder()
  const group = await layGroup(sql, { order: 'A1', location: 'main', lines: { 1: 5, 2: 2 } })
  await change(sql, [{ sku: 'CUP', location: 'main', quantity: 2, kind: 'count', reason: 'stock-take' }])
  expect(await groupOf(sql, group)).toEqual({ state: 'waiting', lines: ['5/0/3', '2/0/0'] })
  expect(await orderLine(sql, 'A1')).toMatchObject({ reserved: 2, short: 3 })
  // What comes is promised to the order again, and waits to be routed anew.
  await receive('CUP', 'main', 3)
  expect(await orderLine(sql, 'A1')).toMatchObject({ reserved: 5, short: 0 })
  expect(await groupOf(sql, group)).toEqual({ state: 'waiting', lines: ['5/0/3', '2/0/0'] })
  expect(await broken()).toEqual([])
})

test('a promise that a person moves to another location leaves its group', async () => {
  const orderId = await bookedOrder()
  const group = await layGroup(sql, { order: 'A1', location: 'main', lines: { 2: 2 } })
  await receive('PLATE', 'shop', 2)
  expect(await call('stock_move_promise_2', { basket: `order:${orderId}`, sku: 'PLATE', to: 'shop' })).toMatchObject({ outcome: 'moved' })
  expect(await groupOf(sql, group)).toEqual({ state: 'cancelled', lines: ['2/0/2'] })
  expect(await broken()).toEqual([])
})

test('with two groups of a line at one location, the one that is named gives first', async () => {
  const orderId = await bookedOrder()
  const sent = await layGroup(sql, { order: 'A1', location: 'main', lines: { 1: 3 } })
  const collected = await layGroup(sql, { order: 'A1', location: 'main', method: 'collect', lines: { 1: 2 } })
  const [cup] = await sql<{ id: number }[]>`select id from order_lines where sku = 'CUP'`
  await call('order_ship_1', { orderId, groupId: collected, lines: [{ lineId: Number(cup?.id), quantity: 2 }] })
  expect([await groupOf(sql, sent), await groupOf(sql, collected)]).toEqual([
    { state: 'waiting', lines: ['3/0/0'] },
    { state: 'done', lines: ['2/2/0'] },
  ])
  expect(await broken()).toEqual([])
})

const OPEN = 'what groups of an order have open at a location is promised to it there'
const ENDED = 'a fulfilment group that has ended has nothing open'

test.each([
  ['more open in a group than is promised there', 'update fulfilment_lines set assigned = assigned + 1', [OPEN]],
  ['a group that ended with something open', "update fulfilment_groups set state = 'done'", [ENDED]],
  ['a group that goes on with nothing open', 'update fulfilment_lines set released = assigned', [ENDED]],
])('the check finds %s', async (_, damage, rules) => {
  await bookedOrder()
  await layGroup(sql, { order: 'A1', location: 'main', lines: { 1: 5 } })
  expect(await broken()).toEqual([])
  await sql.unsafe(damage)
  expect(await broken()).toEqual(rules)
})
