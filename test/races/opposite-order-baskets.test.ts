import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { setBundle } from '../../src/usecases/bundles.ts'
import { changeStock } from '../../src/usecases/change-stock.ts'
import { balance, layIn, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { answersOf, atOnce, orderOf, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()

test('baskets, orders, receipts and bundles that name the same SKUs in opposite order: no deadlock reaches a caller, no unit is sold twice', async () => {
  await layIn(sql, { START: { main: 0 } })
  const channel = await quietChannel(sql, 'web', ['main'])
  const rounds = repetitions('opposite-order baskets', 6, 150)
  for (let round = 0; round < rounds; round++) {
    const skus = ['A', 'B', 'C', 'D'].map(name => `${name}-${round}`)
    const [first, second, third, fourth] = skus as [string, string, string, string]
    const sets = [`S-${round}`, `T-${round}`] as const
    await layIn(
      sql,
      Object.fromEntries([...skus.map(sku => [sku, { main: 30 }] as const), ...sets.map(sku => [sku, { main: 0 }] as const)]),
    )
    // Four SKUs without a tie at first; the bundles tie them together while all others are under way.
    const tie = [
      () =>
        setBundle(
          nodes[0].context,
          null,
          sets[0],
          [first, fourth].map(sku => ({ sku, quantity: 1 })),
        ),
      () =>
        setBundle(
          nodes[1].context,
          null,
          sets[1],
          [third, second].map(sku => ({ sku, quantity: 1 })),
        ),
      () =>
        setBundle(
          nodes[1].context,
          null,
          sets[0],
          [fourth, first, sets[1]].map(sku => ({ sku, quantity: 1 })),
        ),
    ]
    const deeds = Array.from({ length: 48 }, (_, n) => async (): Promise<number> => {
      const node = nodes[n % 2] ?? nodes[0]
      const names = n % 2 === 0 ? skus : skus.toReversed()
      const lines = names.map(sku => ({ sku, quantity: 1 }))
      if (n % 4 < 2) {
        const answer = await node.reserve(node.context, `${round}/${n}`, { lines })
        return answer.outcome === 'reserved' ? 1 : 0
      }
      if (n % 8 < 6) {
        const order = orderOf(
          'web',
          `${round}-${n}`,
          lines.map(({ sku, quantity }) => ({ sku, ordered: quantity })),
        )
        await bookOrders(node.context, channel.accountId, [order], { fresh: false })
        return 1
      }
      await changeStock(
        node.context,
        null,
        lines.map(line => ({ ...line, kind: 'receive' as const, location: 'main' })),
      )
      return 0
    })
    const sold = answersOf<unknown>(await atOnce<unknown>([...deeds, ...tie])).slice(0, deeds.length) as number[]
    // 24 baskets, 12 or more orders and as many receipts: there is enough for all of them.
    const units = sold.reduce((sum, one) => sum + one, 0)
    expect(units).toBe(36)
    const received = deeds.length - 24 - 12
    const held = Math.min(30 + received, units)
    for (const sku of skus) expect(await balance(sql, sku, 'main')).toEqual({ onHand: 30 + received, reserved: held })
  }
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
