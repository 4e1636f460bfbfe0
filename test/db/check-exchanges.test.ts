import { beforeAll, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { orderLines } from '../../db/pages-orders.ts'
import { cancelOrder } from '../../src/usecases/act-on-order.ts'
import { announceReturn, cancelReturn, letGoOrder, lookedAt } from '../../src/usecases/change-order.ts'
import { exchangeOrder } from '../../src/usecases/exchange-order.ts'
import { refundOrder } from '../../src/usecases/refund-order.ts'
import { freshDatabase } from '../support/database.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
await layIn(sql, { MUG: { depot: 20 }, CUP: { depot: 20 } })
const shop = await quietChannel(sql, 'shop', ['depot'])

const TIED = 'an exchange ties the order whose goods come back to the one that goes out for them'
const WAITS = 'what goes out in exchange waits only for goods that are to come, and keeps nothing where they do not'
const CAME = 'no more of an order line comes back than left'
const MONEY = 'no more of the money of an order goes back than was paid for it'
const STATE = 'the state of an order is what its facts say'

/** An order of mugs at 10 each; what is not open is with its buyer. */
async function sold(id: string, ordered: number, shipped = ordered) {
  const [booked] = await book(sql, shop, 'shop', [{ id, lines: [{ sku: 'MUG', ordered, shipped }] }])
  const orderId = booked?.orderId ?? 0
  await sql`update orders set total = ${ordered * 10} where id = ${orderId}`
  return { orderId, lineId: (await orderLines(sql, orderId))[0]?.id ?? 0 }
}
const cup = { lines: [{ sku: 'CUP', quantity: 1 }], handOver: 'ship' } as const
const waiting = { waits: true, returnBy: new Date(Date.now() + 86_400_000).toISOString() }
const refund = (orderId: number, lineId: number, amount: string) =>
  refundOrder(context, null, orderId, { lines: [{ lineId, quantity: 0, amount }], cause: 'other' })

async function broken(): Promise<string[]> {
  return (await runRules(sql)).filter(finding => finding.violations > 0).map(finding => finding.rule)
}

beforeAll(async () => {
  // Of W a mug is still to come, and of B one is back; of W the money of the other two is as well.
  const w = await sold('W', 3)
  await exchangeOrder(context, null, w.orderId, { announced: [{ lineId: w.lineId, quantity: 1 }], replacement: cup, ...waiting })
  await refund(w.orderId, w.lineId, '20.00')
  const b = await sold('B', 2)
  const received = lookedAt([{ lineId: b.lineId, quantity: 1 }], 'stock')
  await exchangeOrder(context, null, b.orderId, { received, location: 'depot', replacement: cup })
})

test('what is exchanged and refunded by the book breaks no rule; neither does what goes out although its goods do not come, because somebody let it go before', async () => {
  const { orderId, lineId } = await sold('G', 1)
  const announced = [{ lineId, quantity: 1 }]
  const { returnId, replacementId } = await exchangeOrder(context, null, orderId, { announced, replacement: cup, ...waiting })
  await letGoOrder(context, null, replacementId, {})
  await cancelReturn(context, null, orderId, returnId)
  expect(await sql`select state from orders where id = ${replacementId}`).toEqual([{ state: 'accepted' }])
  expect(await broken()).toEqual([])
})

test('a total that a platform states anew after a cancellation is no measure of what went back', async () => {
  const { orderId, lineId } = await sold('T', 2, 1)
  await refund(orderId, lineId, '15.00')
  await cancelOrder(context, null, orderId, { cause: 'customer' })
  await sql`update orders set total = 10 where id = ${orderId}`
  expect(await broken()).toEqual([])
  await announceReturn(context, null, orderId, { lines: [{ lineId, quantity: 1 }] })
  expect(await broken()).toEqual([])
})

const returnOf = (number: string) => `(select r.id from returns r join orders o on o.id = r.order_id where o.number = '${number}')`
const lineOf = (number: string) => `(select l.id from order_lines l join orders o on o.id = l.order_id where o.number = '${number}')`
const theRefund = "kind = 'refund' and order_id = (select id from orders where number = 'W')"
const refundOf = (total: string) => `update acts set body = jsonb_set(body, '{refund,total}', '"${total}"') where ${theRefund}`

// Each plants one kind of damage, which exactly the named rules must find, and mends it again.
const damage: readonly [string, string, string, readonly string[]][] = [
  [
    'a replacement that says that it is for another order',
    "update orders set exchange_of = (select id from orders where number = 'W') where number = 'B-X1'",
    "update orders set exchange_of = (select id from orders where number = 'B') where number = 'B-X1'",
    [TIED],
  ],
  [
    'a replacement that forgot whom it is for',
    "update orders set exchange_of = null where number = 'B-X1'",
    "update orders set exchange_of = (select id from orders where number = 'B') where number = 'B-X1'",
    [TIED],
  ],
  [
    'a replacement of which no exchange knows any more',
    `create table gone as select * from exchanges where return_id = ${returnOf('B')}; delete from exchanges where return_id = ${returnOf('B')}`,
    'insert into exchanges select * from gone; drop table gone',
    [TIED],
  ],
  [
    'a replacement that waits for goods of no exchange',
    `create table gone as select * from exchanges where return_id = ${returnOf('W')}; delete from exchanges where return_id = ${returnOf('W')}`,
    'insert into exchanges select * from gone; drop table gone',
    [TIED, WAITS],
  ],
  [
    'a replacement in another currency',
    "update orders set currency = 'SEK' where number = 'B-X1'",
    "update orders set currency = 'EUR' where number = 'B-X1'",
    [TIED],
  ],
  [
    'an exchange for which nothing came back',
    `update return_lines set to_stock = 0 where return_id = ${returnOf('B')}`,
    `update return_lines set to_stock = 1 where return_id = ${returnOf('B')}`,
    [TIED],
  ],
  [
    'stock that is kept for goods that do not come',
    `update returns set state = 'cancelled', ended_at = clock_timestamp() where id = ${returnOf('W')}`,
    `update returns set state = 'announced', ended_at = null where id = ${returnOf('W')}`,
    [WAITS],
  ],
  [
    'a replacement that went on by itself when its goods were called off',
    `update returns set state = 'cancelled', ended_at = clock_timestamp() where id = ${returnOf('W')}; update order_holds set ended_at = clock_timestamp() where kind = 'return' and ended_at is null`,
    `update returns set state = 'announced', ended_at = null where id = ${returnOf('W')}; update order_holds set ended_at = null where order_id = (select id from orders where number = 'W-X1')`,
    [STATE, WAITS],
  ],
  [
    'a replacement that still waits for goods that are all back',
    `update returns set state = 'received' where id = ${returnOf('W')}; update return_lines set to_stock = 1 where return_id = ${returnOf('W')}; update order_lines set returned = 1 where id = ${lineOf('W')}`,
    `update returns set state = 'announced' where id = ${returnOf('W')}; update return_lines set to_stock = 0 where return_id = ${returnOf('W')}; update order_lines set returned = 0 where id = ${lineOf('W')}`,
    [WAITS],
  ],
  [
    'units that came back and that their line does not know of',
    `update order_lines set returned = 0 where id = ${lineOf('B')}`,
    `update order_lines set returned = 1 where id = ${lineOf('B')}`,
    [CAME],
  ],
  [
    'more units announced than are with the buyer',
    `update return_lines set announced = 4 where return_id = ${returnOf('W')}`,
    `update return_lines set announced = 1 where return_id = ${returnOf('W')}`,
    [CAME],
  ],
  ['a refund of more than was paid', refundOf('30.01'), refundOf('20.00'), [MONEY]],
  [
    'a refund of more than was paid, where less was paid than it costs',
    `update orders set amounts = '{"digits": 2, "total": 3000, "paid": 1999}' where number = 'W'`,
    "update orders set amounts = null where number = 'W'",
    [MONEY],
  ],
  [
    'a refund of what goes out in exchange',
    "update acts set order_id = (select id from orders where number = 'W-X1') where kind = 'refund' and body->'refund'->>'total' = '20.00'",
    "update acts set order_id = (select id from orders where number = 'W') where kind = 'refund' and body->'refund'->>'total' = '20.00'",
    [MONEY],
  ],
]

for (const [what, plant, mend, rules] of damage)
  test(`finds ${what}`, async () => {
    await sql.unsafe(plant)
    expect(await broken()).toEqual(rules)
    await sql.unsafe(mend)
    expect(await broken()).toEqual([])
  })

test('a refund that its platform refused gave nothing back, and less than a minor unit is no money', async () => {
  await sql.unsafe(refundOf('30.004'))
  expect(await broken()).toEqual([])
  await sql.unsafe(`${refundOf('30.01')}; update acts set state = 'refused' where ${theRefund}`)
  expect(await broken()).toEqual([])
  await sql.unsafe(`update acts set state = 'intended' where ${theRefund}`)
  expect(await broken()).toEqual([MONEY])
})
