import { afterAll, describe, expect, test } from 'vitest'
import type { Act } from '../../connectors/contract.ts'
import type { SandboxOrder } from '../../connectors/sandbox.ts'
import { orderOf } from './cases/orders.ts'
import { officialSchema, wrongWith } from './shopify-schema.ts'
import { BERLIN, exchanges, LOCATIONS, MALMO, onShopify } from './shopify-stage.ts'
import { goods, STARTED_AT, type Stage, shownOf } from './stage.ts'

afterAll(() => {
  const schema = officialSchema()
  if (schema !== null) expect(exchanges.flatMap(exchange => wrongWith(schema, exchange))).toEqual([])
})

function sold(stage: Stage, quantity: number, more: { pickUp?: boolean; unpaid?: boolean; channelRef?: string } = {}): SandboxOrder {
  stage.sandbox.seed([goods(stage, 'MUG', 9)])
  const order = stage.sandbox.buy({ ref: 'b', channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity }], ...more })
  if (!order) throw new Error('nothing was sold')
  return order
}

function actOn(kind: Act['kind'], order: SandboxOrder, quantity: number, more: Partial<Act> = {}): Act {
  const lines = order.lines.map(line => ({ externalLineId: line.externalLineId, quantity }))
  const amounts = Object.fromEntries(order.lines.map(line => [line.externalLineId, '2.50']))
  const refund = { currency: 'EUR', amounts, shipping: null, decidedAt: STARTED_AT.toISOString() }
  return {
    ...{ key: `${kind}-1`, kind, externalOrderId: order.externalId, channelRef: BERLIN.ref, lines, ...more },
    ...(kind === 'refund' ? { refund } : {}),
  }
}

const acts = (stage: Stage): unknown[] =>
  stage.sandbox
    .journal(0, 10_000)
    .filter(entry => entry.kind === 'act')
    .map(entry => entry.data)

describe('cancelling at Shopify', () => {
  test.each([
    ['customer', 'CUSTOMER'],
    ['stock', 'INVENTORY'],
    ['undeliverable', 'OTHER'],
    ['price', 'STAFF'],
    ['fraud', 'FRAUD'],
    ['other', 'OTHER'],
  ] as const)('because of %s says %s, and the words go to the staff', (cause, theirs) =>
    onShopify({}, async stage => {
      const order = sold(stage, 1)
      expect(await stage.session.act(actOn('cancel', order, 1, { cause, reason: 'he called' }))).toEqual({ status: 'confirmed' })
      expect(acts(stage)).toEqual([{ cancel: theirs, note: 'he called' }])
    }),
  )

  test('some units withdraws them with what they cost, once, and what has left stays', () =>
    onShopify({}, async stage => {
      const order = sold(stage, 4)
      expect(await stage.session.act(actOn('ship', order, 1))).toEqual({ status: 'confirmed' })
      const part = actOn('cancel', order, 2, { cause: 'stock' })
      stage.sandbox.misbehave({ kind: 'timeout-after', operation: 'CreateRefund', times: 1 })
      expect(await stage.session.act(part)).toMatchObject({ status: 'unknown' })
      expect(await stage.session.actHappened(part)).toBe(true)
      expect(await stage.session.act(part)).toEqual({ status: 'confirmed' })
      expect(acts(stage).slice(1)).toMatchObject([{ refund: 2000, note: '[cancel-1]' }])
      expect((await orderOf(stage, order.externalId)).lines[0]).toMatchObject({ ordered: 4, cancelled: 2, shipped: 1 })
      expect(shownOf(stage, 'MUG').quantity).toBe(7)
      expect(await stage.session.act(actOn('cancel', order, 2, { key: 'cancel-2' }))).toMatchObject({ status: 'refused', code: 'not_open' })
    }))

  test('some units of an order that nobody paid gives nothing back', () =>
    onShopify({}, async stage => {
      const order = sold(stage, 3, { unpaid: true })
      expect(await stage.session.act(actOn('cancel', order, 1))).toEqual({ status: 'confirmed' })
      expect(acts(stage)).toMatchObject([{ refund: 0 }])
    }))
})

describe('a refund at Shopify', () => {
  test('names units that have left as refunded, leaves those that have not to be sent, and is found by its key after the day of it', () =>
    onShopify({}, async stage => {
      const order = sold(stage, 3)
      await stage.session.act(actOn('ship', order, 1))
      const act = actOn('refund', order, 2, { cause: 'faulty', reason: 'a chip' })
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      expect(acts(stage).slice(1)).toEqual([{ refund: 250, note: 'a chip [refund-1]', reason: 'DAMAGE' }])
      const call = exchanges.findLast(exchange => exchange.operationName === 'CreateRefund')
      expect(call?.variables).toMatchObject({ key: 'refund-1', input: { refundLineItems: [{ quantity: 1, restockType: 'NO_RESTOCK' }] } })
      expect((await orderOf(stage, order.externalId)).lines[0]).toMatchObject({ ordered: 3, cancelled: 0, shipped: 1, returned: 0 })
      stage.clock.advance(25 * 3_600_000)
      expect([await stage.session.actHappened(act), await stage.session.act(act)]).toEqual([true, { status: 'confirmed' }])
      expect(acts(stage).length).toBe(2)
    }))

  test('of what nobody paid is refused, and of another currency', () =>
    onShopify({}, async stage => {
      const order = sold(stage, 1, { unpaid: true })
      const act = actOn('refund', order, 0)
      expect(await stage.session.act(act)).toMatchObject({ status: 'refused', code: 'too_much' })
      const refund = { currency: 'SEK', amounts: {}, shipping: '1.00', decidedAt: STARTED_AT.toISOString() }
      expect(await stage.session.act({ ...act, refund })).toMatchObject({ status: 'refused', code: 'currency' })
    }))
})

describe('pick-up at a Shopify location', () => {
  test('is told of orders that are picked up there, and of no others', () =>
    onShopify({ channels: [BERLIN, MALMO], locations: LOCATIONS }, async stage => {
      const order = sold(stage, 1)
      expect(await stage.session.act(actOn('ready', order, 1))).toMatchObject({ status: 'refused', code: 'not_picked_up' })
      const there = stage.sandbox.buy({ ref: 'c', channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity: 1 }], pickUp: true })
      if (!there) throw new Error('nothing was sold')
      const ready = actOn('ready', there, 1)
      const elsewhere = { ...ready, externalOrderId: `${there.externalId}@${MALMO.ref}`, channelRef: MALMO.ref }
      expect(await stage.session.act(elsewhere)).toMatchObject({ status: 'refused', code: 'not_picked_up' })
      expect(await stage.session.act(ready)).toEqual({ status: 'confirmed' })
      expect(await stage.session.act(ready)).toEqual({ status: 'confirmed' })
      expect(acts(stage).length).toBe(1)
    }))
})
