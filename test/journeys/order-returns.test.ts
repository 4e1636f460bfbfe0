import { expect, test } from 'vitest'
import { shipOrder } from '../../src/usecases/act-on-order.ts'
import { check } from '../../src/usecases/check.ts'
import { everyStage } from '../connectors/platform-stage.ts'
import { balance } from '../support/goods.ts'
import { shownOf } from '../support/hub.ts'
import { openOneShop } from '../support/one-shop.ts'
import { until } from '../support/until.ts'

// A platform gives money back, before the goods left and after: what it tells of the goods is what happens to ours, and where it tells of money alone nothing moves.

const LAID_IN = 10

for (const stage of await everyStage()) {
  const { title: name, declares } = stage.connector
  const { traits } = stage
  if (declares.returns === 'report') {
    test.skip(`${name}: goods that come back [told in a report of their own]`, () => {})
    continue
  }
  const tellsReturns = declares.returns === 'order'
  const tells = tellsReturns
    ? 'units that come back are on the shelf and for sale again'
    : traits.refundsWithdraw === false
      ? 'no unit moves for money that goes back'
      : 'units that are refunded before they left are for sale again'
  test.skipIf(!declares.acts.includes('ship'))(`${name}: ${tells}`, async () => {
    const { sql, context, sandbox, channelRef, poll } = await openOneShop(stage, ['MUG', 'CUP'], LAID_IN)
    const stands = async (onHand: number, reserved: number): Promise<void> => {
      const held = async () => Object.values(await balance(sql, 'MUG', 'main'))
      await until(`${onHand} lie there, ${reserved} are promised`, async () => `${await held()}` === `${[onHand, reserved]}`)
      await until('as many are shown', () => shownOf(sandbox, 'MUG') === onHand - reserved)
    }
    let later = 0
    // What was told before an order that came later is known once that one is.
    const heard = async (): Promise<void> => {
      later += 1
      sandbox.buy({ ref: `later-${later}`, channelRef, lines: [{ sku: 'CUP', quantity: 1 }] })
      await poll()
      await until('a later order is known', async () => (await balance(sql, 'CUP', 'main')).reserved === later)
    }
    const sold = sandbox.buy({ ref: 'b1', channelRef, lines: [{ sku: 'MUG', quantity: 4, unitPrice: '1.00' }] })
    const line = sold?.lines[0]?.externalLineId ?? ''
    await stands(10, 4)
    // One before anything left.
    const withdrawn = traits.refundsWithdraw === false ? 0 : 1
    sandbox.refund(sold?.externalId ?? '', [{ externalLineId: line, quantity: 1 }])
    await heard()
    await stands(10, 4 - withdrawn)
    const [order] = await sql<{ id: string }[]>`select id from orders where external_id = ${sold?.externalId ?? ''}`
    await shipOrder(context, 'ship-1', Number(order?.id), { tracking: { carrier: 'DHL', number: 'T1' } })
    await until('the shipment is told', async () => {
      const [act] = await sql`select state from acts where kind = 'ship'`
      return act?.state === 'confirmed'
    })
    await stands(10 - (4 - withdrawn), 0)
    // And one that came back.
    sandbox.refund(sold?.externalId ?? '', [{ externalLineId: line, quantity: 1 }])
    await heard()
    await stands(10 - (4 - withdrawn) + (tellsReturns ? 1 : 0), 0)
    expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
  })
}
