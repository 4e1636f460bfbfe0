import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { setBundle } from '../../src/usecases/bundles.ts'
import { endHold } from '../../src/usecases/hold.ts'
import { balance, layIn, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { answersOf, atOnce, orderOf, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()

test('a bundle whose parts change while it sells is sold as one version or the other, never as a mixture, and never more than its parts make', async () => {
  await layIn(sql, { START: { main: 0 } })
  const channel = await quietChannel(sql, 'web', ['main'])
  const rounds = repetitions('bundle changed while it sells', 5, 120)
  for (let round = 0; round < rounds; round++) {
    const [mug, lid, cup, set] = ['MUG', 'LID', 'CUP', 'SET'].map(name => `${name}-${round}`) as [string, string, string, string]
    await layIn(sql, { [mug]: { main: 12 }, [lid]: { main: 12 }, [cup]: { main: 7 }, [set]: { main: 0 } })
    const old = [mug, lid].map(sku => ({ sku, quantity: 1 }))
    const other = [{ sku: cup, quantity: 1 }]
    await setBundle(nodes[0].context, null, set, old)
    const sell = Array.from({ length: 30 }, (_, n) => async (): Promise<string | null> => {
      const node = nodes[n % 2] ?? nodes[0]
      if (n % 5 === 4) {
        await bookOrders(node.context, channel.accountId, [orderOf('web', `${round}-${n}`, [{ sku: set, ordered: 1 }])], { fresh: false })
        return null
      }
      const answer = await node.reserve(node.context, `${round}/${n}`, { lines: [{ sku: set, quantity: 1 }] })
      return answer.outcome === 'reserved' ? answer.basket : null
    })
    const turn = [other, old, other].map((parts, n) => () => setBundle((nodes[n % 2] ?? nodes[0]).context, null, set, parts))
    const answered = answersOf<unknown>(await atOnce<unknown>([...sell, ...turn])).slice(0, sell.length) as (string | null)[]
    const packs = await sql<{ parts: string[]; units: number[]; n: number }[]>`
      select array_agg(v.sku order by v.sku) as parts, array_agg(r.quantity order by v.sku) as units, 1 as n from reservations r join variants v on v.id = r.variant_id
      where r.state = 'open' and r.bundle_id = (select id from variants where sku = ${set}) group by r.pack`
    const asOld = packs.filter(pack => pack.parts.length === 2).length
    const asOther = packs.length - asOld
    for (const pack of packs)
      expect([
        [
          [lid, mug],
          [1, 1],
        ],
        [[cup], [1]],
      ]).toContainEqual([pack.parts, pack.units])
    expect(await balance(sql, mug, 'main')).toEqual({ onHand: 12, reserved: asOld })
    expect(await balance(sql, lid, 'main')).toEqual({ onHand: 12, reserved: asOld })
    expect(await balance(sql, cup, 'main')).toEqual({ onHand: 7, reserved: asOther })
    // What was sold as the old version ends as the old version.
    for (const basket of answered.filter(one => one !== null)) await endHold(nodes[0].context, null, basket, 'release')
    const [orders] = await sql<{ units: number }[]>`
      select coalesce(sum(l.reserved), 0)::int as units from order_lines l join orders o on o.id = l.order_id where l.sku = ${set}`
    const left = await Promise.all([mug, cup].map(sku => balance(sql, sku, 'main')))
    expect(left.reduce((sum, one) => sum + one.reserved, 0)).toBe(orders?.units)
  }
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
