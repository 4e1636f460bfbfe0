import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { setBundle } from '../../src/usecases/bundles.ts'
import { endHold, moveHold } from '../../src/usecases/hold.ts'
import { balance, layIn } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { atOnce, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()

test('a hold of a bundle and a part that is released, or settled, while it moves: its units end once, wherever they are', async () => {
  const rounds = repetitions('hold released while it moves', 20, 500)
  for (let round = 0; round < rounds; round++) {
    const [mug, lid, set] = ['MUG', 'LID', 'SET'].map(name => `${name}-${round}`) as [string, string, string]
    await layIn(sql, { [mug]: { main: 3, shop: 3 }, [lid]: { main: 4, shop: 4 }, [set]: { main: 0 } })
    await setBundle(
      nodes[0].context,
      null,
      set,
      [mug, lid].map(sku => ({ sku, quantity: 1 })),
    )
    const lines = [
      { sku: set, quantity: 2, location: 'main' },
      { sku: mug, quantity: 1, location: 'main' },
    ]
    const held = await nodes[0].reserve(nodes[0].context, `h-${round}`, { lines })
    if (held.outcome !== 'reserved') throw new Error('nothing was held')
    const how = round % 2 === 0 ? 'release' : 'settle'
    const [moved, ended] = await atOnce<unknown>([
      () => moveHold(nodes[0].context, `m-${round}`, { basket: held.basket, to: 'shop' }),
      () => endHold(nodes[1].context, `e-${round}`, held.basket, how),
    ])
    const from = moved?.status === 'fulfilled' ? 'shop' : 'main'
    if (moved?.status === 'rejected') expect(moved.reason).toMatchObject({ code: 'conflict' })
    expect(ended).toMatchObject({
      status: 'fulfilled',
      value: {
        lines: [
          { sku: set, location: from, quantity: 2 },
          { sku: mug, location: from, quantity: 1 },
        ],
      },
    })
    for (const place of ['main', 'shop']) {
      const gone = how === 'settle' && place === from
      expect(await balance(sql, mug, place)).toEqual({ onHand: gone ? 0 : 3, reserved: 0 })
      expect(await balance(sql, lid, place)).toEqual({ onHand: gone ? 2 : 4, reserved: 0 })
    }
  }
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
