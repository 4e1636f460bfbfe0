import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { sweepAllDue } from '../../jobs/due.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { balance, layIn, orderLine, quietChannel, reserve } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { answersOf, atOnce, orderOf, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()

const HELD = '2100-01-01T11:45:00Z'
const BEFORE = '2100-01-01T11:59:59Z'
const OVER = '2100-01-01T12:00:00Z'

test('a hold that becomes an order at the instant at which its time is over: the order has the unit or the next buyer has it, never both, never none', async () => {
  await layIn(sql, { START: { main: 0 } })
  const channel = await quietChannel(sql, 'web', ['main'])
  const rounds = repetitions('hold expires while it converts', 20, 500)
  for (let round = 0; round < rounds; round++) {
    const sku = `UNIT-${round}`
    await layIn(sql, { [sku]: { main: 1 } })
    const wish = { lines: [{ sku, quantity: 1 }] }
    const [held] = await reserve(sql, [{ key: `held-${round}`, now: HELD, expiresAt: OVER, ...wish }])
    if (held?.basket === undefined) throw new Error('nothing was held')
    // One hub's clock says that the hold still stands, the other's that it is over.
    const convert = new Date(round % 2 === 0 ? BEFORE : OVER)
    const { basket } = held
    const [, , next] = answersOf(
      await atOnce<unknown>([
        () =>
          bookOrders(nodes[0].context, channel.accountId, [orderOf('web', `o-${round}`, [{ sku, ordered: 1 }])], {
            fresh: false,
            now: convert,
            basket,
          }),
        () => sweepAllDue(nodes[1].context.sql, new Date(OVER)),
        () => reserve(nodes[1].context.sql, [{ key: `next-${round}`, now: OVER, ...wish }]),
      ]),
    ) as [unknown, unknown, { outcome: string }[]]
    const line = await orderLine(sql, `o-${round}`)
    const nextHas = next[0]?.outcome === 'reserved' ? 1 : 0
    expect(line.reserved + nextHas).toBe(1)
    expect(line).toMatchObject({ short: 1 - line.reserved })
    expect(await balance(sql, sku, 'main')).toEqual({ onHand: 1, reserved: 1 })
    const ended = await sql`select state from reservations where basket = ${basket}`
    expect(ended.map(row => row.state)).toEqual(ended.map(() => 'expired'))
  }
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
