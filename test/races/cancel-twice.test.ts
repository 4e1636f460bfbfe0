import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { balance, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { act, answersOf, atOnce, orderOf, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()
await layIn(sql, { START: { main: 0 } })
const channel = await quietChannel(sql, 'web', ['main'])

async function ordered(round: string, units: number): Promise<{ sku: string; orderId: number; lineId: number }> {
  const sku = `UNIT-${round}`
  await layIn(sql, { [sku]: { main: units } })
  const orders = [orderOf('web', round, [{ sku, ordered: units }]), orderOf('web', `${round}-waits`, [{ sku, ordered: units }])]
  await bookOrders(nodes[0].context, channel.accountId, orders, { fresh: false })
  const [row] = await sql<{ orderId: number; lineId: number }[]>`
    select o.id as "orderId", l.id as "lineId" from orders o join order_lines l on l.order_id = o.id where o.external_id = ${round}`
  if (!row) throw new Error('no order was booked')
  return { sku, ...row }
}

test('an order that two people cancel at once is cancelled once, and what it had goes once to whoever waits', async () => {
  const rounds = repetitions('cancel twice', 15, 400)
  for (let round = 0; round < rounds; round++) {
    const { sku, orderId } = await ordered(`whole-${round}`, 3)
    // The same click through two hubs, and somebody else's.
    const keys = [`a-${round}`, `a-${round}`, `b-${round}`]
    const answers = answersOf(await atOnce(keys.map((key, n) => () => act(nodes[n % 2 === 0 ? 0 : 1], 'order_cancel_1', orderId, key))))
    const done = answers.filter(answer => answer.outcome === 'cancelled' && answer.replayed === undefined)
    expect(done).toHaveLength(1)
    expect(answers.filter(answer => answer.outcome === 'nothing_open' || ('replayed' in answer && answer.replayed))).toHaveLength(2)
    expect(await sql`select count(*)::int as acts from acts where order_id = ${orderId}`).toEqual([{ acts: 1 }])
    expect(await orderLine(sql, `whole-${round}`)).toMatchObject({ reserved: 0, short: 0, cancelled: 3 })
    expect(await orderLine(sql, `whole-${round}-waits`)).toMatchObject({ reserved: 3, short: 0 })
    expect(await balance(sql, sku, 'main')).toEqual({ onHand: 3, reserved: 3 })
  }
})

test('two people who each cancel two of three units cancel three, and each act says what it took', async () => {
  const rounds = repetitions('cancel twice in part', 15, 400)
  for (let round = 0; round < rounds; round++) {
    const { sku, orderId, lineId } = await ordered(`part-${round}`, 3)
    const two = { lines: [{ lineId, quantity: 2 }] }
    const answers = answersOf(
      await atOnce([0, 1].map(n => () => act(nodes[n] ?? nodes[0], 'order_cancel_1', orderId, `${n}-${round}`, two))),
    )
    const units = answers.map(answer => (answer.outcome === 'cancelled' ? answer.lines.map(line => line.quantity) : null))
    expect(units.toSorted()).toEqual([[1], [2]])
    expect(await orderLine(sql, `part-${round}`)).toMatchObject({ reserved: 0, short: 0, cancelled: 3 })
    expect(await orderLine(sql, `part-${round}-waits`)).toMatchObject({ reserved: 3, short: 0 })
    expect(await balance(sql, sku, 'main')).toEqual({ onHand: 3, reserved: 3 })
  }
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
