import { beforeAll, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { orderLines } from '../../db/pages-orders.ts'
import { forgetBuyer } from '../../db/people.ts'
import { endToldReturns } from '../../jobs/exchange.ts'
import { cancelOrder, shipOrder } from '../../src/usecases/act-on-order.ts'
import { announceReturn, cancelReturn, lookedAt, receiveReturn } from '../../src/usecases/change-order.ts'
import { type ExchangeWish, exchangeOrder } from '../../src/usecases/exchange-order.ts'
import { forgetOrdersOf } from '../../src/usecases/forget-buyer.ts'
import { readPerson } from '../../src/usecases/read-person.ts'
import { refundOrder } from '../../src/usecases/refund-order.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { holdEvents } from '../support/order-events.ts'
import { leaveAddress } from '../support/pick-up-stage.ts'
import { until } from '../support/until.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
await layIn(sql, { MUG: { depot: 50, kiel: 5 }, CUP: { depot: 20, kiel: 3 } })
const shop = await quietChannel(sql, 'shop', ['depot'])
beforeAll(async () => {
  await sql`update locations set kind = 'store' where code = 'kiel'`
  await sql`insert into location_services (location_id, collects, actor) select id, true, 'test' from locations where code = 'kiel'`
})

/** An order of mugs at 10 each, all of them with their buyer. */
async function sold(id: string, units: number) {
  const [booked] = await book(sql, shop, 'shop', [{ id, effect: 'settle', lines: [{ sku: 'MUG', ordered: units, shipped: units }] }])
  const orderId = booked?.orderId ?? 0
  await sql`update orders set total = ${units * 10} where id = ${orderId}`
  return { orderId, lineId: (await orderLines(sql, orderId))[0]?.id ?? 0 }
}
const forCup = (lineId: number, quantity: number, more: Partial<ExchangeWish> = {}): ExchangeWish => ({
  ...{ announced: [{ lineId, quantity }], replacement: { lines: [{ sku: 'CUP', quantity }], handOver: 'ship' } },
  ...more,
})
const swap = (orderId: number, wish: ExchangeWish) => exchangeOrder(context, null, orderId, wish)
const refund = (orderId: number, lineId: number, amount: string) =>
  refundOrder(context, null, orderId, { lines: [{ lineId, quantity: 0, amount }], cause: 'returned' }).then(
    () => 'refunded',
    (error: Error) => error.message,
  )
const clean = async () => expect((await runRules(sql)).filter(one => one.violations > 0)).toEqual([])

test('no money goes back for what was exchanged, but for the other units and the stated difference; all of it once the exchange came to nothing', async () => {
  const { orderId, lineId } = await sold('M-1', 3)
  const { replacementId } = await swap(orderId, forCup(lineId, 2, { difference: '-1.50' }))
  expect(await refund(orderId, lineId, '11.51')).toContain('2 of its units were exchanged, 11.5 is left for the others')
  expect(await refund(orderId, lineId, '11.50')).toBe('refunded')
  expect(await refund(orderId, lineId, '0.01')).toContain('cannot be refunded')
  // The unit for which all went back is not exchanged as well.
  await expect(swap(orderId, forCup(lineId, 1))).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('0 units are left to exchange'),
  })
  await cancelOrder(context, null, replacementId, { cause: 'customer' })
  expect(await refund(orderId, lineId, '18.51')).toContain('cannot be refunded')
  expect(await refund(orderId, lineId, '18.50')).toBe('refunded')
  await clean()
})

test('what is cancelled of an exchange, or comes back of it, frees the money of its share; what is with the buyer, or still to come to him, does not', async () => {
  const { orderId, lineId } = await sold('M-3', 2)
  const cups = { lines: [{ sku: 'CUP', quantity: 4 }], handOver: 'ship' } as const
  const { replacementId } = await swap(orderId, forCup(lineId, 2, { difference: '-2', replacement: cups }))
  const [cup] = await orderLines(sql, replacementId)
  await cancelOrder(context, null, replacementId, { lines: [{ lineId: cup?.id ?? 0, quantity: 1 }] })
  // A cup stood for half a mug, and half a unit of the difference: 5 is free, 1.50 goes back still.
  expect(await refund(orderId, lineId, '6.51')).toContain('1.5 of its units were exchanged, 6.5 is left for the others')
  expect(await refund(orderId, lineId, '6.50')).toBe('refunded')
  await shipOrder(context, null, replacementId, {})
  const lines = lookedAt([{ lineId: cup?.id ?? 0, quantity: 2 }], 'stock')
  await receiveReturn(context, null, replacementId, { location: 'depot', lines })
  expect(await refund(orderId, lineId, '9.01')).toContain('cannot be refunded')
  expect(await refund(orderId, lineId, '9.00')).toBe('refunded')
  // The last cup is worth 4.50, and paid for.
  expect(await refund(orderId, lineId, '0.01')).toContain('0.5 of its units were exchanged')
  await clean()
})

test('where what went out is exchanged in turn, the first exchange counts until the last one came to nothing', async () => {
  const { orderId, lineId } = await sold('M-2', 1)
  const first = await swap(orderId, forCup(lineId, 1, { difference: '2' }))
  expect((await sql`select total::text from orders where id = ${first.replacementId}`)[0]).toEqual({ total: '2.000000' })
  await shipOrder(context, null, first.replacementId, {})
  const [cup] = await orderLines(sql, first.replacementId)
  const back = { announced: undefined, received: lookedAt([{ lineId: cup?.id ?? 0, quantity: 1 }], 'scrap'), location: 'kiel' }
  const second = await swap(first.replacementId, {
    ...forCup(0, 1),
    ...back,
    replacement: { lines: [{ sku: 'MUG', quantity: 1 }], handOver: 'ship' },
  })
  expect(second).toMatchObject({ number: 'M-2-X1-X1', state: 'returned', replacementState: 'accepted' })
  expect(await refund(orderId, lineId, '0.01')).toContain('1 of its units were exchanged')
  // What goes out is no order that its channel was paid for.
  expect(await refund(second.replacementId, (await orderLines(sql, second.replacementId))[0]?.id ?? 0, '1')).toContain('0 was paid')
  await cancelOrder(context, null, second.replacementId, {})
  expect(await refund(orderId, lineId, '10')).toBe('refunded')
  await clean()
})

test('at the counter the goods are taken back and others handed over in one moment, out of what that store has; nothing is left to do', async () => {
  const { orderId, lineId } = await sold('C-1', 1)
  await sql`select stock_change_2(${sql.json({ actor: 'test', lines: [{ kind: 'safety', sku: 'CUP', location: 'kiel', quantity: 3 }] })})`
  const wish = { announced: undefined, received: lookedAt([{ lineId, quantity: 1 }], 'stock'), location: 'kiel' }
  const counter = (quantity: number) => ({ lines: [{ sku: 'CUP', quantity }], handOver: 'counter', location: 'kiel' }) as const
  await expect(swap(orderId, { ...wish, replacement: counter(4) })).rejects.toMatchObject({
    code: 'insufficient_stock',
    detail: { missing: [{ sku: 'CUP', asked: 4, available: 3 }] },
  })
  const done = await swap(orderId, { ...wish, replacement: counter(2) })
  expect(done).toMatchObject({ state: 'returned', replacementState: 'fulfilled' })
  expect([await balance(sql, 'MUG', 'kiel'), await balance(sql, 'CUP', 'kiel')]).toEqual([
    { onHand: 6, reserved: 0 },
    { onHand: 1, reserved: 0 },
  ])
  expect(await sql`select transition, to_state as to from order_events where order_id = ${done.replacementId}`).toEqual([
    { transition: 'book', to: 'fulfilled' },
  ])
  await clean()
})

test('what is collected later is promised at its store, and stands on its desk at once', async () => {
  const { orderId, lineId } = await sold('C-2', 1)
  const wish = forCup(lineId, 1, { replacement: { lines: [{ sku: 'MUG', quantity: 1 }], handOver: 'collect', location: 'kiel' } })
  const { replacementId, replacementState } = await swap(orderId, wish)
  expect(replacementState).toBe('accepted')
  expect(
    await sql`select p.code, g.method, g.state from fulfilment_groups g join locations p on p.id = g.location_id where g.order_id = ${replacementId}`,
  ).toEqual([{ code: 'kiel', method: 'collect', state: 'waiting' }])
  await clean()
})

test('whoever was short of what comes back gets it before it goes out again', async () => {
  await layIn(sql, { RARE: { depot: 1 } })
  const [booked] = await book(sql, shop, 'shop', [{ id: 'W-1', effect: 'settle', lines: [{ sku: 'RARE', ordered: 1, shipped: 1 }] }])
  await book(sql, shop, 'shop', [{ id: 'W-2', lines: [{ sku: 'RARE', ordered: 1 }] }])
  const [line] = await orderLines(sql, booked?.orderId ?? 0)
  const received = lookedAt([{ lineId: line?.id ?? 0, quantity: 1 }], 'stock')
  const wish = { received, location: 'depot', replacement: { lines: [{ sku: 'RARE', quantity: 1 }], handOver: 'ship' } } as const
  await expect(swap(booked?.orderId ?? 0, wish)).rejects.toMatchObject({ code: 'insufficient_stock' })
  expect([await orderLine(sql, 'W-1'), await orderLine(sql, 'W-2')]).toMatchObject([{ returned: 0 }, { short: 1 }])
  await layIn(sql, { RARE: { depot: 1 } })
  await swap(booked?.orderId ?? 0, { ...wish, replacement: { ...wish.replacement, lines: [{ sku: 'CUP', quantity: 1 }] } })
  expect([await orderLine(sql, 'W-1'), await orderLine(sql, 'W-2')]).toMatchObject([{ returned: 1 }, { reserved: 1, short: 0 }])
  await clean()
})

test('units of announced returns are not exchanged, and those of exchanges not returned beside them', async () => {
  const { orderId, lineId } = await sold('A-1', 2)
  await announceReturn(context, null, orderId, { lines: [{ lineId, quantity: 1 }] })
  await expect(swap(orderId, forCup(lineId, 2))).rejects.toThrow('has 1 units that can come back, not 2')
  const { returnId } = await swap(orderId, forCup(lineId, 1))
  const lines = lookedAt([{ lineId, quantity: 1 }], 'stock')
  await expect(receiveReturn(context, null, orderId, { location: 'depot', lines })).rejects.toThrow('has 0 units that can come back')
  await receiveReturn(context, null, orderId, { returnId, location: 'depot', lines })
  expect(await orderLine(sql, 'A-1')).toMatchObject({ returned: 1 })
  await clean()
})

test('the buyer of what goes out is forgotten with the first order, whichever of them is named', async () => {
  for (const which of ['first', 'second'] as const) {
    const { orderId, lineId } = await sold(`F-${which}`, 1)
    await leaveAddress(context, orderId, { city: 'Kiel' })
    const { replacementId } = await swap(orderId, forCup(lineId, 1))
    expect(await readPerson(context, replacementId)).toEqual({ name: 'Ada', address: { city: 'Kiel' } })
    expect(await forgetOrdersOf(context, null, [which === 'first' ? orderId : replacementId])).toBe(2)
    expect(await Promise.all([orderId, replacementId].map(id => readPerson(context, id)))).toEqual([null, null])
    // Nor does a later exchange bring them back.
    await shipOrder(context, null, replacementId, {})
    const [cup] = await orderLines(sql, replacementId)
    const again = await swap(replacementId, forCup(cup?.id ?? 0, 1))
    expect(await sql`select 1 from order_people where order_id = ${again.replacementId}`).toHaveLength(0)
  }
  await clean()
})

test('a buyer who is forgotten while goods of his are exchanged is forgotten with what goes out', async () => {
  const { orderId, lineId } = await sold('F-race', 1)
  await leaveAddress(context, orderId, { city: 'Kiel' })
  const mark = Buffer.alloc(16, 7)
  await sql`update order_people set buyer_mark = ${mark} where order_id = ${orderId}`
  let forgotten: Promise<number> | undefined
  const replacementId = await sql.begin(async tx => {
    const made = await exchangeOrder({ ...context, sql: tx as unknown as typeof sql }, null, orderId, forCup(lineId, 1))
    forgotten = forgetBuyer(sql, shop.accountId, mark)
    await until('whoever forgets waits', async () => (await sql`select from pg_locks where not granted`).length > 0)
    return made.replacementId
  })
  expect(await forgotten).toBe(2)
  expect(await readPerson(context, replacementId)).toBeNull()
  await clean()
})

test('goods that its platform tells to be back are back: what waited for them goes on, nothing is announced any more, and no unit counts twice', async () => {
  const { orderId, lineId } = await sold('P-1', 2)
  const waits = { waits: true, returnBy: new Date(Date.now() + 86_400_000).toISOString() }
  const [first, second] = [await swap(orderId, forCup(lineId, 1, waits)), await swap(orderId, forCup(lineId, 1, waits))]
  const stands = async () => {
    const rows = await sql<{ state: string }[]>`
      select o.state from orders o where o.id in (${first.replacementId}, ${second.replacementId}) order by o.id`
    return rows.map(row => row.state)
  }
  const before = await balance(sql, 'MUG', 'depot')
  const told = (returned: number) =>
    book(sql, shop, 'shop', [
      { id: 'P-1', effect: 'settle', stamp: `2030-01-0${returned}T00:00:00Z`, lines: [{ sku: 'MUG', ordered: 2, shipped: 2, returned }] },
    ])
  expect(await endToldReturns(sql, new Date())).toBe(0)
  await told(1)
  expect(await endToldReturns(sql, new Date())).toBe(1)
  expect(await stands()).toEqual(['accepted', 'held'])
  await told(2)
  const ended = await Promise.all([1, 2, 3].map(() => endToldReturns(sql, new Date())))
  expect(ended.reduce((sum, n) => sum + n)).toBe(1)
  expect(await stands()).toEqual(['accepted', 'accepted'])
  expect(await balance(sql, 'MUG', 'depot')).toEqual({ ...before, onHand: before.onHand + 2 })
  expect(await orderLine(sql, 'P-1')).toMatchObject({ shipped: 2, returned: 2 })
  expect(await refund(orderId, lineId, '0.01')).toContain('2 of its units were exchanged')
  // What is called off before anybody looked is called off.
  const third = await sold('P-2', 1)
  const { returnId } = await announceReturn(context, null, third.orderId, { lines: [{ lineId: third.lineId, quantity: 1 }] })
  await book(sql, shop, 'shop', [
    { id: 'P-2', effect: 'settle', stamp: '2030-01-01T00:00:00Z', lines: [{ sku: 'MUG', ordered: 1, shipped: 1, returned: 1 }] },
  ])
  await cancelReturn(context, null, third.orderId, returnId ?? 0)
  expect(await endToldReturns(sql, new Date())).toBe(0)
  expect((await holdEvents(sql)).offences).toEqual([])
  await clean()
})

test('what goes out in exchange counts as sold by nobody, and says nothing of how soon orders are heard of', async () => {
  await layIn(sql, { LID: { depot: 5 } })
  const { orderId, lineId } = await sold('D-1', 1)
  await swap(orderId, { ...forCup(lineId, 1), replacement: { lines: [{ sku: 'LID', quantity: 1 }], handOver: 'ship' } })
  await sql`select demand_refresh_1(clock_timestamp() + interval '1 second', 7)`
  expect(await sql`select d.units from demand d join variants v on v.id = d.sold_id where v.sku = 'LID'`).toEqual([])
  await sql`select channel_lags_measure_1(clock_timestamp())`
  expect(await sql`select intake_s from channel_lags where channel_id = ${shop.channelId}`).toEqual([{ intake_s: null }])
})
