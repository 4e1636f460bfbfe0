import { expect, test } from 'vitest'
import { orderLines } from '../../db/pages-orders.ts'
import { shipOrder } from '../../src/usecases/act-on-order.ts'
import { lookedAt } from '../../src/usecases/change-order.ts'
import { check } from '../../src/usecases/check.ts'
import { exchangeOrder } from '../../src/usecases/exchange-order.ts'
import { everyStage } from '../connectors/platform-stage.ts'
import { balance, layIn } from '../support/goods.ts'
import { shownOf } from '../support/hub.ts'
import { openOneShop } from '../support/one-shop.ts'
import { until } from '../support/until.ts'

// Bought in the web shop, sent from the warehouse, and exchanged in a store that never had to do with it: the shop hears of its own shipment, and of nothing else.

test('what was bought in the shop and sent is exchanged over the counter of a store, whose stock is right at once; the shop is told of nothing', async () => {
  const stage = (await everyStage()).find(one => one.connector.platform === 'woocommerce')
  if (stage === undefined) throw new Error('no shop to buy in')
  const { sql, context, sandbox, channelRef, poll } = await openOneShop(stage, ['MUG', 'CUP'], 10)
  await layIn(sql, { MUG: { kiel: 0 }, CUP: { kiel: 2 } })
  await sql`update locations set kind = 'store' where code = 'kiel'`
  const [account] = await sql<{ id: number }[]>`select id from accounts`
  await sql`insert into channel_locations (channel_id, location_id, position, actor) select id, (select id from locations where code = 'kiel'), 9, 'test' from channels`
  await sql`insert into change (kind, variant_id) select 'stock', id from variants`
  await until('the store is shown as well', () => shownOf(sandbox, 'CUP') === 12)

  const sold = sandbox.buy({ ref: 'b1', channelRef, lines: [{ sku: 'MUG', quantity: 1, unitPrice: '1.00' }] })
  await until('the mug is promised', async () => (await balance(sql, 'MUG', 'main')).reserved === 1)
  const [order] = await sql<{ id: number }[]>`select id from orders where external_id = ${sold?.externalId ?? ''}`
  const orderId = Number(order?.id)
  await shipOrder(context, 'ship-1', orderId, { tracking: { carrier: 'DHL', number: 'T1' } })
  await until('the shipment is told', async () => (await sql`select 1 from acts where kind = 'ship' and state = 'confirmed'`).length === 1)

  const [line] = await orderLines(sql, orderId)
  const wish = {
    ...{ received: lookedAt([{ lineId: line?.id ?? 0, quantity: 1 }], 'stock'), location: 'kiel' },
    replacement: { lines: [{ sku: 'CUP', quantity: 1 }], handOver: 'counter' as const, location: 'kiel' },
  }
  const done = await exchangeOrder(context, 'exchange-1', orderId, wish)
  expect(done).toMatchObject({ state: 'returned', replacementState: 'fulfilled' })
  expect(await exchangeOrder(context, 'exchange-1', orderId, wish)).toMatchObject({ replacementId: done.replacementId, replayed: true })
  expect([await balance(sql, 'MUG', 'kiel'), await balance(sql, 'CUP', 'kiel'), await balance(sql, 'MUG', 'main')]).toEqual([
    { onHand: 1, reserved: 0 },
    { onHand: 1, reserved: 0 },
    { onHand: 9, reserved: 0 },
  ])
  await until('both are shown as they are', () => shownOf(sandbox, 'MUG') === 10 && shownOf(sandbox, 'CUP') === 11)

  // The shop tells of the order once more: the books stay as they are, and nothing was asked of it but the shipment.
  await poll()
  sandbox.buy({ ref: 'later', channelRef, lines: [{ sku: 'CUP', quantity: 1 }] })
  await until('a later order is known', async () => (await balance(sql, 'CUP', 'main')).reserved === 1)
  expect(await sql`select kind, state from acts where account_id = ${account?.id ?? 0}`).toEqual([{ kind: 'ship', state: 'confirmed' }])
  expect(await orderLines(sql, orderId)).toMatchObject([{ shipped: 1, returned: 1 }])
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
})
