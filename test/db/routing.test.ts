import { beforeEach, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { close, connect, type JsonValue, type Sql } from '../../db/connect.ts'
import { freshDatabase } from '../support/database.ts'
import { emptyBooks } from '../support/empty-books.ts'
import { balance, book, change, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { atOnce } from '../support/two-nodes.ts'

const { sql, url } = await freshDatabase({ max: 8 })
await layIn(sql, { CUP: { main: 0, shop: 0, far: 0 }, PLATE: { main: 0, shop: 0, far: 0 } })
const channel = await quietChannel(sql, 'web', ['main', 'shop', 'far'])
const places = Object.fromEntries(
  (await sql<{ code: string; id: number }[]>`select code, id from locations`).map(row => [row.code, Number(row.id)]),
)
const at = (code: string) => Number(places[code])

type Answer = Readonly<Record<string, unknown>> & { readonly outcome: string }
async function call(name: string, cmd: Readonly<Record<string, JsonValue>>, on: Sql = sql): Promise<Answer> {
  const [row] = await on<{ answer: Answer }[]>`select ${on(name)}(${on.json({ actor: 'test', ...cmd })}) as answer`
  return row?.answer ?? { outcome: 'nothing' }
}

const broken = async () => (await runRules(sql)).filter(finding => finding.violations > 0).map(finding => finding.rule)
const stateOf = async (order: number) => (await sql<{ state: string }[]>`select state from orders where id = ${order}`)[0]?.state

/** An order of 4 cups and 2 plates, promised at main as far as it has them. */
async function booked(id = 'A1', cups = 4): Promise<{ order: number; cup: number; plate: number }> {
  const lines = [
    { sku: 'CUP', ordered: cups },
    { sku: 'PLATE', ordered: 2 },
  ]
  const [answer] = await book(sql, channel, 'web', [{ id, lines }])
  const ids = await sql<{ id: number }[]>`select id from order_lines where order_id = ${Number(answer?.orderId)} order by external_line_id`
  return { order: Number(answer?.orderId), cup: Number(ids[0]?.id), plate: Number(ids[1]?.id) }
}

beforeEach(async () => {
  await emptyBooks(sql)
  await sql`delete from location_services`
  for (const location of ['main', 'shop']) {
    await change(sql, [{ sku: 'CUP', location, quantity: 5, kind: 'receive' }])
    await change(sql, [{ sku: 'PLATE', location, quantity: 2, kind: 'receive' }])
  }
})

test('promises go where they are handed over, stand in groups there, and the order is routed', async () => {
  const { order, cup, plate } = await booked()
  const answer = await call('fulfilment_route_1', {
    orderId: order,
    expect: { lines: [cup, plate].map((lineId, n) => ({ lineId, units: n === 0 ? 4 : 2 })) },
    groups: [
      {
        locationId: at('shop'),
        method: 'ship',
        readyBy: '2026-01-02T10:00:00Z',
        lines: [
          { lineId: cup, quantity: 3 },
          { lineId: plate, quantity: 2 },
        ],
      },
      { locationId: at('main'), method: 'ship', lines: [{ lineId: cup, quantity: 1 }] },
    ],
    decision: { why: 'nearer' },
  })
  expect(answer).toMatchObject({ outcome: 'routed', groups: [expect.any(Number), expect.any(Number)] })
  expect(await balance(sql, 'CUP', 'shop')).toEqual({ onHand: 5, reserved: 3 })
  expect(await balance(sql, 'CUP', 'main')).toEqual({ onHand: 5, reserved: 1 })
  expect(await balance(sql, 'PLATE', 'main')).toEqual({ onHand: 2, reserved: 0 })
  expect(await stateOf(order)).toBe('routed')
  expect(await sql`select outcome, body, cardinality(group_ids) as n from routing_decisions`).toEqual([
    { outcome: 'routed', body: { why: 'nearer' }, n: 2 },
  ])
  const again = await call('fulfilment_route_1', {
    orderId: order,
    groups: [{ locationId: at('main'), method: 'ship', lines: [{ lineId: cup, quantity: 1 }] }],
  })
  expect(again).toEqual({ outcome: 'stale', unrouted: [] })
  expect(await broken()).toEqual([])
})

test('what stock no longer allows is left as it was, to the last unit', async () => {
  const { order, cup, plate } = await booked()
  await change(sql, [{ sku: 'PLATE', location: 'shop', quantity: 1, kind: 'count', reason: 'stock-take' }])
  const lines = [
    { lineId: cup, quantity: 4 },
    { lineId: plate, quantity: 2 },
  ]
  const answer = await call('fulfilment_route_1', { orderId: order, groups: [{ locationId: at('shop'), method: 'ship', lines }] })
  expect(answer).toEqual({
    outcome: 'insufficient',
    missing: { lineId: plate, locationId: at('shop'), reason: 'stock', asked: 2, available: 1 },
  })
  expect(await balance(sql, 'CUP', 'main')).toEqual({ onHand: 5, reserved: 4 })
  expect([await stateOf(order), await sql`select from fulfilment_groups`, await sql`select from routing_decisions`]).toEqual([
    'accepted',
    [],
    [],
  ])
  expect(await broken()).toEqual([])
})

test('a decision over an order that changed since it was read is stale', async () => {
  const { order, cup } = await booked()
  await call('order_cancel_1', { orderId: order, lines: [{ lineId: cup, quantity: 1 }] })
  const answer = await call('fulfilment_route_1', {
    orderId: order,
    expect: { lines: [{ lineId: cup, units: 4 }] },
    groups: [{ locationId: at('main'), method: 'ship', lines: [{ lineId: cup, quantity: 3 }] }],
  })
  expect(answer).toMatchObject({ outcome: 'stale' })
  await sql`update orders set state = 'held' where id = ${order}`
  expect(await call('fulfilment_route_1', { orderId: order, groups: [] })).toEqual({ outcome: 'stale', state: 'held' })
})

test('two orders exchange their places, as all is free before anything is promised anew', async () => {
  const { order, cup } = await booked('A1', 5)
  await change(sql, [{ sku: 'CUP', location: 'shop', quantity: 2, kind: 'count', reason: 'stock-take' }])
  // Five cups are at main, promised to this order: two of them go to the shop and back within one decision of two lines.
  const groups = [
    { locationId: at('shop'), method: 'ship', lines: [{ lineId: cup, quantity: 2 }] },
    { locationId: at('main'), method: 'ship', lines: [{ lineId: cup, quantity: 3 }] },
  ]
  expect(await call('fulfilment_route_1', { orderId: order, groups })).toMatchObject({ outcome: 'routed' })
  expect([await balance(sql, 'CUP', 'shop'), await balance(sql, 'CUP', 'main')]).toEqual([
    { onHand: 2, reserved: 2 },
    { onHand: 5, reserved: 3 },
  ])
  expect(await broken()).toEqual([])
})

test('a day takes as many orders and units as its location has capacity for, also when routers come at once', async () => {
  await sql`insert into location_services (location_id, orders_per_day, units_per_day, actor) values (${at('shop')}, 2, 5, 'test')`
  const rounds = repetitions('routers at one capacity', 3, 60)
  const other = connect(url, { max: 4, name: 'test-other' })
  for (let round = 0; round < rounds; round++) {
    await emptyBooks(sql)
    for (const location of ['main', 'shop']) await change(sql, [{ sku: 'CUP', location, quantity: 20, kind: 'receive' }])
    const orders = await Promise.all(
      ['A', 'B', 'C', 'D'].map(id => book(sql, channel, 'web', [{ id, lines: [{ sku: 'CUP', ordered: 2 }] }])),
    )
    const answers = await atOnce(
      orders.map(([one], n) => async () => {
        const [line] = await sql<{ id: number }[]>`select id from order_lines where order_id = ${Number(one?.orderId)}`
        const groups = [
          { locationId: at('shop'), method: 'ship', workOn: '2026-01-05', lines: [{ lineId: Number(line?.id), quantity: 2 }] },
        ]
        return call('fulfilment_route_1', { orderId: Number(one?.orderId), groups }, n % 2 === 0 ? sql : other)
      }),
    )
    const outcomes = answers.map(answer => (answer.status === 'fulfilled' ? answer.value.outcome : 'failed')).sort()
    expect(outcomes).toEqual(['insufficient', 'insufficient', 'routed', 'routed'])
    expect((await balance(sql, 'CUP', 'shop')).reserved).toBe(4)
  }
  await close(other, 1)
})

test('two routers at one order: one routes it, the other finds it stale', async () => {
  for (let round = 0; round < repetitions('two routers at one order', 5, 200); round++) {
    await emptyBooks(sql)
    for (const location of ['main', 'shop']) await change(sql, [{ sku: 'CUP', location, quantity: 5, kind: 'receive' }])
    const { order, cup } = await booked('A1', 3)
    const answers = await atOnce(
      ['main', 'shop'].map(
        place => () =>
          call('fulfilment_route_1', {
            orderId: order,
            expect: { lines: [{ lineId: cup, units: 3 }] },
            groups: [{ locationId: at(place), method: 'ship', lines: [{ lineId: cup, quantity: 3 }] }],
          }),
      ),
    )
    expect(answers.map(answer => (answer.status === 'fulfilled' ? answer.value.outcome : 'failed')).sort()).toEqual(['routed', 'stale'])
    const [groups] = await sql<{ n: number }[]>`select count(*)::int as n from fulfilment_groups where state = 'waiting'`
    expect(groups?.n).toBe(1)
    expect(await broken()).toEqual([])
  }
})

test('a statement that is cut off anywhere leaves nothing of the decision', async () => {
  const { order, cup } = await booked()
  const groups = [{ locationId: at('shop'), method: 'ship', lines: [{ lineId: cup, quantity: 4 }] }]
  // The connection dies after the function has run and before its statement commits.
  const dying = connect(url, { max: 1, name: 'test-dying' })
  await expect(
    dying`select fulfilment_route_1(${dying.json({ actor: 'test', orderId: order, groups })}), pg_terminate_backend(pg_backend_pid()), pg_sleep(5)`,
  ).rejects.toThrow()
  await close(dying, 1)
  expect([await balance(sql, 'CUP', 'shop'), await stateOf(order)]).toEqual([{ onHand: 5, reserved: 0 }, 'accepted'])
  expect([await sql`select from fulfilment_groups`, await sql`select from routing_decisions`]).toEqual([[], []])
  expect(await broken()).toEqual([])
})

test('a group that is given up waits to be routed again, keeps its promises, and what is missing is short', async () => {
  await change(sql, [{ sku: 'CUP', location: 'shop', quantity: 0, kind: 'count', reason: 'stock-take' }])
  await change(sql, [{ sku: 'PLATE', location: 'shop', quantity: 0, kind: 'count', reason: 'stock-take' }])
  const { order, cup, plate } = await booked()
  const lines = [
    { lineId: cup, quantity: 4 },
    { lineId: plate, quantity: 2 },
  ]
  const routed = await call('fulfilment_route_1', { orderId: order, groups: [{ locationId: at('main'), method: 'ship', lines }] })
  const [group] = routed.groups as number[]
  expect(
    await call('fulfilment_reject_1', { groupId: group ?? 0, reason: 'none left', lines: [{ lineId: cup, quantity: 5 }] }),
  ).toMatchObject({ outcome: 'over', open: 4 })
  const part = await call('fulfilment_reject_1', {
    groupId: group ?? 0,
    reason: 'two broken',
    lines: [{ lineId: cup, quantity: 3, missing: 2 }],
  })
  expect(part).toMatchObject({ outcome: 'rejected', state: 'waiting', lines: [{ lineId: cup, quantity: 3, missing: 2 }] })
  // One more cup lay free at main: it fills one of the two.
  expect(await orderLine(sql, 'A1')).toMatchObject({ reserved: 3, short: 1 })
  expect(await balance(sql, 'CUP', 'main')).toEqual({ onHand: 3, reserved: 3 })
  expect(await stateOf(order)).toBe('accepted')
  expect(await call('fulfilment_reject_1', { groupId: group ?? 0, reason: 'closed early' })).toMatchObject({
    outcome: 'rejected',
    state: 'rejected',
  })
  expect(await call('fulfilment_reject_1', { groupId: group ?? 0, reason: 'again' })).toEqual({ outcome: 'ended', state: 'rejected' })
  expect(await sql`select reason from routing_exclusions order by id`).toEqual([{ reason: 'two broken' }, { reason: 'closed early' }])
  expect(await sql`select line_id, units from order_unrouted(${order}) order by 1`).toEqual([
    { line_id: cup, units: 3 },
    { line_id: plate, units: 2 },
  ])
  expect(await broken()).toEqual([])
})
