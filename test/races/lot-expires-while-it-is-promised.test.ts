import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { sweepAllDue } from '../../jobs/due.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { change, layIn, orderLine, quietChannel, reserve } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { act, answersOf, atOnce, orderOf, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()

const BEFORE = '2100-01-01T11:59:59Z'
const OVER = '2100-01-01T12:00:00Z'

test('a lot whose time is over while it is promised, held and shipped: what has left has left, the rest serves nobody', async () => {
  await layIn(sql, { START: { main: 0 } })
  const channel = await quietChannel(sql, 'web', ['main'])
  const rounds = repetitions('lot expires while it is promised', 12, 300)
  for (let round = 0; round < rounds; round++) {
    const sku = `MILK-${round}`
    await layIn(sql, { [sku]: { main: 0 } })
    await sql`update variants set lot_tracked = true where sku = ${sku}`
    await change(sql, [{ sku, location: 'main', quantity: 10, kind: 'receive', lot: 'L1', expiresAt: OVER }], { now: BEFORE })
    const sold = (name: string) => orderOf('web', `${name}-${round}`, [{ sku, ordered: 3 }])
    const at = (now: string) => ({ fresh: false, now: new Date(now) })
    const [first] = await bookOrders(nodes[0].context, channel.accountId, [sold('first')], at(BEFORE))
    const [shipped] = answersOf(
      await atOnce<unknown>([
        () => act(nodes[0], 'order_ship_1', first?.orderId ?? 0, `s-${round}`, { now: BEFORE }),
        () => bookOrders(nodes[1].context, channel.accountId, [sold('second')], at(BEFORE)),
        () => reserve(nodes[0].context.sql, [{ key: `h-${round}`, now: BEFORE, lines: [{ sku, quantity: 3 }] }]),
        () => sweepAllDue(nodes[1].context.sql, new Date(OVER)),
        () => bookOrders(nodes[0].context, channel.accountId, [sold('late')], at(OVER)),
      ]),
    ) as [{ outcome: string }]
    const left = shipped.outcome === 'shipped' ? 3 : 0
    const shelf = await sql`
      select b.on_hand, b.reserved, b.unavailable, l.quantity, l.unavailable as aside, l.expired
      from balances b join lots l using (variant_id, location_id) join variants v on v.id = b.variant_id where v.sku = ${sku} and l.code = 'L1'`
    expect(shelf).toEqual([
      { on_hand: 10 - left, reserved: 0, unavailable: 10 - left, quantity: 10 - left, aside: 10 - left, expired: true },
    ])
    expect(await orderLine(sql, `first-${round}`)).toMatchObject({ shipped: left, reserved: 0, short: 3 - left })
    for (const name of ['second', 'late'])
      expect(await orderLine(sql, `${name}-${round}`)).toMatchObject({ shipped: 0, reserved: 0, short: 3 })
  }
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
