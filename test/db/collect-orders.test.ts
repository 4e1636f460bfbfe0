import { expect, test } from 'vitest'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { orderOf, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()
await layIn(sql, { MUG: { depot: 50, berlin: 50 } })
await sql`update locations set kind = 'store', name = 'Berlin Mitte' where code = 'berlin'`
const { accountId } = await quietChannel(sql, 'shop', ['depot', 'berlin'])

async function booked(id: string, lines: readonly { readonly collectAt?: string | null }[], stamp = '2026-01-01T00:00:00Z') {
  const order = orderOf(
    'shop',
    id,
    lines.map(() => ({ sku: 'MUG', ordered: 1 })),
    'reserve',
    stamp,
  )
  const stated = { ...order, lines: order.lines.map((line, at) => ({ ...line, ...lines[at] })) }
  const [answer] = await bookOrders(nodes[0].context, accountId, [stated], { fresh: false })
  return sql`
    select l.method, p.code from order_lines l left join locations p on p.id = l.collect_location_id where l.order_id = ${answer?.orderId ?? 0} order by l.id`
}

test('what the buyer collects is booked with the place, and what is sent beside it stays sent', async () => {
  expect(await booked('O-1', [{ collectAt: 'berlin' }, {}])).toEqual([
    { method: 'collect', code: 'berlin' },
    { method: 'ship', code: null },
  ])
  expect(await booked('O-2', [{ collectAt: 'Berlin Mitte' }])).toEqual([{ method: 'collect', code: 'berlin' }])
  // Of the channel that stands for the place at the platform, the store before the depot.
  expect(await booked('O-3', [{ collectAt: 'shop' }])).toEqual([{ method: 'collect', code: 'berlin' }])
})

test('a pick-up at a place that nobody knows is one all the same', async () => {
  expect(await booked('O-4', [{ collectAt: 'Nowhere' }])).toEqual([{ method: 'collect', code: null }])
  expect(await booked('O-5', [{ collectAt: null }])).toEqual([{ method: 'collect', code: null }])
  expect(await booked('O-5', [{ collectAt: 'berlin' }], '2026-01-02T00:00:00Z')).toEqual([{ method: 'collect', code: 'berlin' }])
})
