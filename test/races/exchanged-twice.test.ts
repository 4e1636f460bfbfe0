import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { lookedAt, receiveReturn } from '../../src/usecases/change-order.ts'
import { exchangeOrder } from '../../src/usecases/exchange-order.ts'
import { forgetOrdersOf } from '../../src/usecases/forget-buyer.ts'
import { refundOrder } from '../../src/usecases/refund-order.ts'
import { balance, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { leaveAddress } from '../support/pick-up-stage.ts'
import { repetitions } from '../support/repetitions.ts'
import { atOnce, orderOf, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()
await layIn(sql, { START: { main: 0 } })
const channel = await quietChannel(sql, 'web', ['main'])

/** One unit that is with its buyer, and `others` units of another SKU that it may be exchanged for. */
async function sold(round: string, others: number) {
  const [sku, other] = [`UNIT-${round}`, `OTHER-${round}`]
  await layIn(sql, { [sku]: { main: 1 }, [other]: { main: others } })
  await bookOrders(nodes[0].context, channel.accountId, [orderOf('web', round, [{ sku, ordered: 1 }], 'settle')], { fresh: false })
  const [row] = await sql<{ orderId: number; lineId: number }[]>`
    select o.id as "orderId", l.id as "lineId" from orders o join order_lines l on l.order_id = o.id where o.external_id = ${round}`
  if (!row) throw new Error('no order was booked')
  await sql`update orders set total = 10 where id = ${row.orderId}`
  const back = lookedAt([{ lineId: row.lineId, quantity: 1 }], 'stock')
  const swap = (n: number, key: string | null) =>
    exchangeOrder((nodes[n % 2] ?? nodes[0]).context, key, row.orderId, {
      ...{ received: back, location: 'main', replacement: { lines: [{ sku: other, quantity: 1 }], handOver: 'ship' as const } },
    })
  return { ...row, sku, other, back, swap }
}
const done = (settled: readonly PromiseSettledResult<unknown>[]): number => settled.filter(one => one.status === 'fulfilled').length

test('one unit that is exchanged through two hubs at once is exchanged once; the same click is answered alike', async () => {
  for (let round = 0; round < repetitions('exchanged twice', 8, 300); round++) {
    const { sku, other, swap } = await sold(`twice-${round}`, 5)
    const settled = await atOnce([() => swap(0, `a-${round}`), () => swap(1, `a-${round}`), () => swap(0, `b-${round}`)])
    const answers = settled.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    expect(answers.filter(answer => !answer.replayed)).toHaveLength(1)
    expect(new Set(answers.map(answer => answer.replacementId)).size).toBe(1)
    for (const one of settled) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'invalid' })
    expect(await orderLine(sql, `twice-${round}`)).toMatchObject({ shipped: 1, returned: 1 })
    expect([await balance(sql, sku, 'main'), await balance(sql, other, 'main')]).toEqual([
      { onHand: 1, reserved: 0 },
      { onHand: 5, reserved: 1 },
    ])
  }
})

test('one unit is exchanged, or its money goes back, or it is returned, whoever is first', async () => {
  for (let round = 0; round < repetitions('exchanged against refund and return', 8, 300); round++) {
    const one = await sold(`refund-${round}`, 5)
    const lines = [{ lineId: one.lineId, quantity: 1, amount: '10.00' }]
    const paid = await atOnce<unknown>([
      () => one.swap(0, null),
      () => refundOrder(nodes[1].context, null, one.orderId, { lines, cause: 'returned' }),
    ])
    expect(done(paid)).toBe(1)
    const two = await sold(`return-${round}`, 5)
    const came = await atOnce<unknown>([
      () => two.swap(0, null),
      () => receiveReturn(nodes[1].context, null, two.orderId, { location: 'main', lines: two.back }),
    ])
    expect(done(came)).toBe(1)
    expect(await balance(sql, two.sku, 'main')).toEqual({ onHand: 1, reserved: 0 })
  }
})

test('two who exchange for the last unit at once: one gets it, the other keeps what he has', async () => {
  for (let round = 0; round < repetitions('exchanged for the last unit', 8, 300); round++) {
    const [one, two] = [await sold(`last-${round}`, 1), await sold(`last-too-${round}`, 1)]
    const wish = (lineId: number) => ({
      ...{ received: lookedAt([{ lineId, quantity: 1 }], 'stock'), location: 'main' },
      replacement: { lines: [{ sku: one.other, quantity: 1 }], handOver: 'ship' as const },
    })
    const settled = await atOnce(
      [one, two].map(
        ({ orderId, lineId }, n) =>
          () =>
            exchangeOrder((nodes[n] ?? nodes[0]).context, null, orderId, wish(lineId)),
      ),
    )
    expect(done(settled)).toBe(1)
    expect(await balance(sql, one.other, 'main')).toEqual({ onHand: 1, reserved: 1 })
    const back = [await orderLine(sql, `last-${round}`), await orderLine(sql, `last-too-${round}`)].map(line => line.returned)
    expect(back.toSorted()).toEqual([0, 1])
  }
})

test('a buyer who is forgotten while goods are exchanged is forgotten in both orders', async () => {
  for (let round = 0; round < repetitions('forgotten while exchanged', 8, 300); round++) {
    const { orderId, swap } = await sold(`forget-${round}`, 1)
    await leaveAddress(nodes[0].context, orderId, { city: 'Kiel' })
    await atOnce<unknown>([() => swap(0, null), () => forgetOrdersOf(nodes[1].context, null, [orderId])])
    expect(
      await sql`select 1 from order_people p join orders o on o.id = p.order_id where ${orderId} in (o.id, o.exchange_of)`,
    ).toHaveLength(0)
    expect(await sql`select 1 from orders where exchange_of = ${orderId} and people_gone_at is null`).toHaveLength(0)
  }
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
