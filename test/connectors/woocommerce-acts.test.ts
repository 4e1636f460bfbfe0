import { describe, expect, test } from 'vitest'
import type { Act } from '../../connectors/contract.ts'
import type { SandboxOrder } from '../../connectors/sandbox.ts'
import { bought, orderOf } from './cases/orders.ts'
import { goods, type Stage, shownOf } from './stage.ts'
import { onWoo, withServer } from './woocommerce-stage.ts'

function actOn(stage: Stage, kind: Act['kind'], order: SandboxOrder, quantity: number, more: Partial<Act> = {}): Act {
  const lines = order.lines.map(line => ({ externalLineId: line.externalLineId, quantity }))
  const amounts = Object.fromEntries(order.lines.map(line => [line.externalLineId, '2.50']))
  const refund = { currency: 'EUR', amounts, shipping: null, decidedAt: stage.clock.now().toISOString() }
  return {
    key: `${kind}-1`,
    kind,
    externalOrderId: order.externalId,
    channelRef: 'shop',
    lines,
    ...(kind === 'refund' ? { refund } : {}),
    ...more,
  }
}

const entries = (stage: Stage, kind: string): unknown[] =>
  stage.sandbox
    .journal(0, 10_000)
    .filter(entry => entry.kind === kind)
    .map(entry => entry.data)

async function sold(stage: Stage, quantity: number): Promise<SandboxOrder> {
  stage.sandbox.seed([goods(stage, 'MUG', 5)])
  const order = bought(stage, 'b1', 'MUG', quantity)
  await stage.settle()
  return order
}

test('a buyer is told once that his order may be picked up, in the words of the shop, and staff why an order was cancelled', () =>
  onWoo({}, async stage => {
    const order = await sold(stage, 1)
    const ready = actOn(stage, 'ready', order, 1)
    stage.sandbox.misbehave({ kind: 'timeout-before', operation: 'orders.update', times: 1 })
    expect((await stage.session.act(ready)).status).toBe('unknown')
    expect(await stage.session.actHappened(ready)).toBe(false)
    expect(await stage.session.act(ready)).toEqual({ status: 'confirmed' })
    expect(entries(stage, 'note')).toEqual([{ note: 'Your order is ready to be picked up.', customer: true }])
    await stage.session.act(actOn(stage, 'cancel', order, 1, { cause: 'stock', reason: 'fell off the shelf' }))
    expect(entries(stage, 'note')[1]).toEqual({ note: 'Cancelled: out of stock (fell off the shelf)', customer: false })
    expect((await orderOf(stage, order.externalId)).effect).toBe('cancel')
  }))

describe('cancelling some units at WooCommerce', () => {
  test('gives back what was paid for them and puts them back, and the order stays open for the others', () =>
    onWoo({}, async stage => {
      const order = await sold(stage, 3)
      const part = actOn(stage, 'cancel', order, 2, { cause: 'customer' })
      stage.sandbox.misbehave({ kind: 'timeout-after', operation: 'refunds.create', times: 1 })
      expect(await stage.session.act(part)).toMatchObject({ status: 'unknown' })
      expect(await stage.session.actHappened(part)).toBe(true)
      expect(await stage.session.act(part)).toEqual({ status: 'confirmed' })
      expect(entries(stage, 'act')).toMatchObject([{ amount: '20.00', pays: true, restocks: true }])
      expect(shownOf(stage, 'MUG').quantity).toBe(4)
      const left = await orderOf(stage, order.externalId)
      expect([left.platformState, left.lines[0]?.cancelled]).toEqual(['processing', 2])
    }))

  test('is left to a person once the order is completed', () =>
    onWoo({}, async stage => {
      const order = await sold(stage, 2)
      await stage.session.act(actOn(stage, 'ship', order, 2))
      expect(await stage.session.act(actOn(stage, 'cancel', order, 1))).toMatchObject({ status: 'refused', code: 'order_completed' })
    }))
})

describe('a refund at WooCommerce', () => {
  test('that the payment gateway declines is refused with its words, though WooCommerce answers 500', () =>
    onWoo({ paysBack: false }, async stage => {
      const order = await sold(stage, 1)
      expect(await stage.session.act(actOn(stage, 'refund', order, 0))).toMatchObject({
        status: 'refused',
        words: expect.stringContaining('does not support automatic refunds'),
      })
      expect(entries(stage, 'act')).toEqual([])
    }))

  test('of another currency than the order is refused', () =>
    onWoo({}, async stage => {
      const order = await sold(stage, 1)
      const refund = { currency: 'USD', amounts: {}, shipping: '1.00', decidedAt: stage.clock.now().toISOString() }
      expect(await stage.session.act(actOn(stage, 'refund', order, 0, { refund }))).toMatchObject({ code: 'currency' })
    }))

  const line = { id: 5, name: 'Mug', quantity: 2, total: '20.00', total_tax: '3.80', taxes: [{ id: 7, total: '3.80' }], meta_data: [] }
  const shipping = { id: 6, total: '4.00', total_tax: '0.76', taxes: [{ id: 7, total: '0.76' }] }
  const order = (refunds: object[] = []) => ({
    ...{ id: 1, number: '1', status: 'processing', currency: 'EUR', total: '28.56', meta_data: [], refunds },
    ...{ date_created_gmt: '2026-11-22T07:00:00', date_modified_gmt: null, line_items: [line], shipping_lines: [shipping] },
  })
  const wanted: Act = {
    ...{ key: 'refund-1', kind: 'refund', externalOrderId: '1', channelRef: 'shop', lines: [{ externalLineId: '5', quantity: 1 }] },
    refund: { currency: 'EUR', amounts: { 5: '11.90' }, shipping: '2.38', decidedAt: '2026-11-22T08:00:00.500Z' },
  }

  test('is divided into net and tax as the line and the shipping are', () =>
    withServer(
      request => Response.json(request.method === 'GET' ? order() : { id: 9, date_created_gmt: '2026-11-22T08:00:01', amount: '14.28' }),
      async (session, calls) => {
        expect(await session.act(wanted)).toEqual({ status: 'confirmed' })
        expect(JSON.parse(calls.at(-1)?.body ?? '')).toMatchObject({
          ...{ amount: '14.28', api_refund: true, api_restock: false },
          line_items: [
            { id: 5, quantity: 1, refund_total: 10, refund_tax: [{ id: 7, refund_total: 1.9 }] },
            { id: 6, refund_total: 2, refund_tax: [{ id: 7, refund_total: 0.38 }] },
          ],
        })
      },
    ))

  test.each([
    ['that was paid before WooCommerce could save its mark is found by its amount', '2026-11-22T08:00:03', '14.28', [], true],
    ['is not one that was made before it was decided', '2026-11-22T07:59:59', '14.28', [], false],
    ['is not one of another amount', '2026-11-22T08:00:03', '14.27', [], false],
    ['is not another of the hub', '2026-11-22T08:00:03', '14.28', [{ key: '_concord_act_refund-0', value: '{}' }], false],
    ['is the one that carries its mark', '2026-11-22T07:00:00', '14.28', [{ key: '_concord_act_refund-1', value: '{}' }], true],
  ])('%s', (_, date_created_gmt, amount, meta_data, happened) =>
    withServer(
      request => Response.json(request.url.includes('/refunds') ? [{ id: 9, date_created_gmt, amount, meta_data }] : order([{ id: 9 }])),
      async session => expect(await session.actHappened(wanted)).toBe(happened),
    ),
  )
})
