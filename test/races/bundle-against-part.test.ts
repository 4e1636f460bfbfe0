import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { setBundle } from '../../src/usecases/bundles.ts'
import { balance, layIn, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { answersOf, atOnce, orderOf, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()

test('buyers of a bundle and of its part want the last twenty of the part at once: together they get twenty', async () => {
  await layIn(sql, { START: { main: 0 } })
  const channel = await quietChannel(sql, 'web', ['main'])
  const rounds = repetitions('bundle against part', 6, 150)
  for (let round = 0; round < rounds; round++) {
    const [mug, lid, set] = ['MUG', 'LID', 'SET'].map(name => `${name}-${round}`) as [string, string, string]
    await layIn(sql, { [mug]: { main: 20 }, [lid]: { main: 100 }, [set]: { main: 3 } })
    await setBundle(nodes[0].context, null, set, [
      { sku: mug, quantity: 1 },
      { sku: lid, quantity: 2 },
    ])
    const wishes = Array.from({ length: 45 }, (_, n) => n)
    const got = answersOf(
      await atOnce(
        wishes.map(n => async (): Promise<{ what: string; units: number }> => {
          const node = nodes[n % 2] ?? nodes[0]
          if (n % 3 === 2) {
            const [booked] = await bookOrders(
              node.context,
              channel.accountId,
              [orderOf('web', `${round}-${n}`, [{ sku: set, ordered: 1 }])],
              { fresh: false },
            )
            return { what: 'set', units: 1 - (booked && 'short' in booked ? (booked.short ?? 0) : 0) }
          }
          const sku = n % 3 === 0 ? mug : set
          const answer = await node.reserve(node.context, `${round}/${n}`, { lines: [{ sku, quantity: 1 }] })
          return { what: n % 3 === 0 ? 'mug' : 'set', units: answer.outcome === 'reserved' ? 1 : 0 }
        }),
      ),
    )
    const sold = (what: string): number => got.filter(one => one.what === what).reduce((sum, one) => sum + one.units, 0)
    // Three sets lie there packed; each of the others needs a mug and two lids.
    expect(sold('mug') + sold('set')).toBe(23)
    expect(await balance(sql, mug, 'main')).toEqual({ onHand: 20, reserved: 20 })
    expect(await balance(sql, lid, 'main')).toEqual({ onHand: 100, reserved: 2 * (sold('set') - 3) })
    expect(await balance(sql, set, 'main')).toEqual({ onHand: 3, reserved: 3 })
  }
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
