import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { balance, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { act, answersOf, atOnce, orderOf, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()
await layIn(sql, { START: { main: 0 } })
const channel = await quietChannel(sql, 'web', ['main'])

test('an order that is shipped while we cancel it: what left stays sold, the rest is cancelled, no unit is both', async () => {
  const rounds = repetitions('ship while cancelled', 20, 500)
  for (let round = 0; round < rounds; round++) {
    const sku = `UNIT-${round}`
    await layIn(sql, { [sku]: { main: 10 } })
    const [booked] = await bookOrders(nodes[0].context, channel.accountId, [orderOf('web', `o-${round}`, [{ sku, ordered: 5 }])], {
      fresh: false,
    })
    const orderId = booked?.orderId ?? 0
    const [line] = await sql<{ id: number }[]>`select id from order_lines where order_id = ${orderId}`
    const three = { lines: [{ lineId: line?.id ?? 0, quantity: 3 }] }
    const [ship, cancel] = answersOf(
      await atOnce([
        () => act(nodes[0], 'order_ship_1', orderId, `s-${round}`, three),
        () => act(nodes[1], 'order_cancel_1', orderId, `c-${round}`),
      ]),
    )
    const shipped = ship?.outcome === 'shipped' ? 3 : 0
    if (shipped === 0) expect(ship).toMatchObject({ outcome: 'not_reserved', asked: 3, reserved: 0 })
    expect(cancel).toMatchObject({ outcome: 'cancelled', lines: [{ quantity: 5 - shipped }] })
    expect(await orderLine(sql, `o-${round}`)).toEqual({ ordered: 5, reserved: 0, short: 0, shipped, cancelled: 5 - shipped, returned: 0 })
    expect(await balance(sql, sku, 'main')).toEqual({ onHand: 10 - shipped, reserved: 0 })
    expect(await sql`select kind from acts where order_id = ${orderId} order by kind`).toEqual(
      shipped > 0 ? [{ kind: 'cancel' }, { kind: 'ship' }] : [{ kind: 'cancel' }],
    )
  }
})

test('an order that is shipped while its channel cancels it: what left stays sold', async () => {
  const rounds = repetitions('ship while the channel cancels', 20, 500)
  for (let round = 0; round < rounds; round++) {
    const sku = `FAR-${round}`
    await layIn(sql, { [sku]: { main: 10 } })
    const sold = (effect: 'reserve' | 'cancel', stamp: string) => [orderOf('web', `f-${round}`, [{ sku, ordered: 5 }], effect, stamp)]
    const [booked] = await bookOrders(nodes[0].context, channel.accountId, sold('reserve', '2026-01-01T00:00:00Z'), { fresh: false })
    const [ship] = answersOf(
      await atOnce<unknown>([
        () => act(nodes[0], 'order_ship_1', booked?.orderId ?? 0, `f-${round}`),
        () => bookOrders(nodes[1].context, channel.accountId, sold('cancel', '2026-01-02T00:00:00Z'), { fresh: false }),
      ]),
    ) as [{ outcome: string }]
    const shipped = ship.outcome === 'shipped' ? 5 : 0
    if (shipped === 0) expect(ship).toEqual({ outcome: 'nothing_open', state: 'cancelled' })
    expect(await orderLine(sql, `f-${round}`)).toEqual({ ordered: 5, reserved: 0, short: 0, shipped, cancelled: 5 - shipped, returned: 0 })
    expect(await balance(sql, sku, 'main')).toEqual({ onHand: 10 - shipped, reserved: 0 })
  }
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
