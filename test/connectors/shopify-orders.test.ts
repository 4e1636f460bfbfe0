import { afterAll, describe, expect, test } from 'vitest'
import type { Act } from '../../connectors/contract.ts'
import type { SandboxOrder } from '../../connectors/sandbox.ts'
import { orderOf, ordersSince } from './cases/orders.ts'
import { officialSchema, wrongWith } from './shopify-schema.ts'
import { type Answers, BERLIN, exchanges, LOCATIONS, MALMO, onShopify, withShopify } from './shopify-stage.ts'
import { goods, STARTED_AT, type Stage, shownOf } from './stage.ts'

const EPOCH = new Date(STARTED_AT.getTime() - 1000)

afterAll(() => {
  const schema = officialSchema()
  if (schema !== null) expect(exchanges.flatMap(exchange => wrongWith(schema, exchange))).toEqual([])
})

function sold(stage: Stage, ref: string, skus: readonly string[], quantity: number, channelRef = BERLIN.ref): SandboxOrder {
  const order = stage.sandbox.buy({ ref, channelRef, lines: skus.map(sku => ({ sku, quantity, unitPrice: '10.00' })) })
  if (!order) throw new Error('nothing was sold')
  return order
}

function shipping(order: SandboxOrder, externalOrderId: string, key: string, units?: number): Act {
  const lines = order.lines.map(line => ({ externalLineId: line.externalLineId, quantity: units ?? line.quantity }))
  const tracking = { carrier: 'DHL', number: key, url: 'https://dhl.example/1', shippedAt: STARTED_AT.toISOString() }
  return { key, kind: 'ship', externalOrderId, channelRef: BERLIN.ref, lines, tracking }
}

describe('orders of a Shopify shop', () => {
  test('are reserved while unpaid, because Shopify has taken their units off', () =>
    onShopify({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const order = stage.sandbox.buy({ ref: 'b', channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity: 2 }], unpaid: true })
      expect([(await orderOf(stage, order?.externalId ?? '')).effect, shownOf(stage, 'MUG').quantity]).toEqual(['reserve', 3])
    }))

  test('tell where the buyer is, which routing reckons distances from', () =>
    onShopify({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const { person } = await orderOf(stage, sold(stage, 'p', ['MUG'], 1).externalId)
      expect(person?.address).toMatchObject({ postcode: '10115', latitude: '52.53', longitude: '13.38' })
    }))

  test('tell what was withdrawn before it was sent as cancelled, and what came back after it as returned', () =>
    onShopify({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 9)])
      const order = sold(stage, 'b', ['MUG'], 5)
      const [line] = order.lines
      stage.sandbox.refund(order.externalId, [{ externalLineId: line?.externalLineId ?? '', quantity: 1 }])
      expect((await orderOf(stage, order.externalId)).lines[0]).toMatchObject({ ordered: 5, cancelled: 1, shipped: 0, returned: 0 })
      expect(await stage.session.act(shipping(order, order.externalId, 'T1', 3))).toEqual({ status: 'confirmed' })
      stage.sandbox.refund(order.externalId, [{ externalLineId: line?.externalLineId ?? '', quantity: 2 }])
      const after = await orderOf(stage, order.externalId)
      expect([after.effect, after.platformState]).toEqual(['reserve', 'PARTIALLY_FULFILLED'])
      expect(after.lines[0]).toMatchObject({ ordered: 5, cancelled: 1, shipped: 3, returned: 2 })
      stage.sandbox.cancel(order.externalId)
      const done = await orderOf(stage, order.externalId)
      expect([done.effect, done.lines[0]?.cancelled, done.lines[0]?.shipped]).toEqual(['settle', 2, 3])
      expect(shownOf(stage, 'MUG').quantity).toBe(9 - 5 + 1 + 2 + 1)
    }))

  test('are read to the end, however many lines and parcels they have', () =>
    onShopify({}, async stage => {
      const skus = Array.from({ length: 23 }, (_, n) => `S-${n}`)
      stage.sandbox.seed(skus.map(sku => goods(stage, sku, 9)))
      const order = sold(stage, 'b', skus, 3)
      for (const key of ['T1', 'T2', 'T3']) {
        expect(await stage.session.act(shipping(order, order.externalId, key, 1))).toEqual({ status: 'confirmed' })
        expect(await stage.session.actHappened(shipping(order, order.externalId, key, 1))).toBe(true)
      }
      const [read] = await ordersSince(stage.session, EPOCH)
      expect([read?.effect, read?.lines.length]).toEqual(['settle', 23])
      expect(read?.lines.every(line => line.ordered === 3 && line.shipped === 3)).toBe(true)
    }))

  test('belong to the channel of the location that sends them, under an id of their own there', () =>
    onShopify({ channels: [BERLIN, MALMO], locations: LOCATIONS }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 9)])
      const listing = (await stage.session.bulk.page(null)).listings.find(one => one.channelRef === MALMO.ref)
      if (!listing) throw new Error('Malmö lists nothing')
      await stage.session.push([{ listing, stock: { quantity: 4 } }])
      const order = sold(stage, 'b', ['MUG'], 2, MALMO.ref)
      const id = `${order.externalId}@${MALMO.ref}`
      const found = await ordersSince(stage.session, EPOCH)
      expect(found.map(one => [one.externalId, one.channelRef, one.effect, one.lines.map(line => line.ordered)])).toEqual([
        [order.externalId, BERLIN.ref, 'foreign', []],
        [id, MALMO.ref, 'reserve', [2]],
      ])
      expect(await stage.session.order(id)).toMatchObject({ externalId: id, channelRef: MALMO.ref })
      // What Malmö is to send cannot be sent from Berlin.
      expect(await stage.session.act(shipping(order, order.externalId, 'T0'))).toMatchObject({
        ...{ status: 'refused', code: 'not_open', words: expect.stringContaining('2 at location 70002') },
      })
      expect(await stage.session.act(shipping(order, id, 'T1'))).toEqual({ status: 'confirmed' })
      expect(await stage.session.order(id)).toMatchObject({ effect: 'settle', lines: [{ shipped: 2 }] })
      expect(stage.session.readMessage('orders/updated', `{"id":${order.externalId}}`)).toEqual({
        ...{ kind: 'reread', externalIds: [order.externalId, id] },
      })
    }))
})

const gid = (type: string, id: number | string): string => `gid://shopify/${type}/${id}`
const noMore = { hasNextPage: false, endCursor: null }
const line = { id: gid('LineItem', 1), sku: 'MUG', title: 'Mug', quantity: 3, unfulfilledQuantity: 0, variant: null }
const money = { shopMoney: { amount: '10.00' } }
const parcel = (id: number, more: object = {}) => ({
  ...{ id: gid('Fulfillment', id), status: 'SUCCESS', location: { id: gid('Location', BERLIN.ref) }, trackingInfo: [{ number: 'T1' }] },
  fulfillmentLineItems: { nodes: [{ quantity: 3, lineItem: { id: line.id } }], pageInfo: noMore },
  ...more,
})
const priced = { discountedUnitPriceAfterAllDiscountsSet: money, originalTotalSet: money, discountAllocations: [], taxLines: [] }
const orderNode = (more: object = {}) => ({
  ...{ taxesIncluded: true, totalReceivedSet: money, totalTipReceivedSet: money, originalTotalDutiesSet: null },
  ...{ originalTotalAdditionalFeesSet: null, shippingLines: { nodes: [], pageInfo: noMore } },
  ...{ id: gid('Order', 5), name: '#1001', processedAt: '2026-11-22T07:00:00Z', updatedAt: '2026-11-22T08:00:00Z', cancelledAt: null },
  ...{ displayFulfillmentStatus: 'FULFILLED', currencyCode: 'EUR', returnStatus: 'NO_RETURN', email: null, phone: null },
  ...{ totalPriceSet: money, shippingAddress: null, refunds: [], fulfillments: [parcel(1)] },
  lineItems: { nodes: [{ ...line, ...priced }], pageInfo: noMore },
  fulfillmentOrders: { nodes: [], pageInfo: noMore },
  ...more,
})
const ask =
  (order: object, others: Answers = () => undefined) =>
  (call: Parameters<Answers>[0]) =>
    call.name === 'OrdersById' ? { nodes: [order] } : others(call)

describe('what Shopify tells of an order', () => {
  test('counts what a return put back into stock, and not its refund once more', () =>
    withShopify(
      ask(orderNode({ returnStatus: 'RETURNED', refunds: [{ id: gid('Refund', 1) }] }), ({ name, variables }) => {
        const disposed = (type: string, quantity: number) => ({ type, quantity, location: { id: gid('Location', BERLIN.ref) } })
        if (name === 'TakenBack')
          return {
            order: {
              refunds: [1, 2].map(id => ({ id: gid('Refund', id), return: id === 1 ? { id: gid('Return', 9) } : null })),
              returns: { nodes: [{ id: gid('Return', 9) }], pageInfo: { hasNextPage: false } },
            },
          }
        if (name === 'RefundLines') {
          expect(variables.id).toBe(gid('Refund', 2))
          const back = (restockType: string) => ({ quantity: 1, restockType, location: null, lineItem: { id: line.id } })
          return { refund: { refundLineItems: { nodes: [back('RETURN'), back('NO_RESTOCK')], pageInfo: noMore } } }
        }
        const dispositions = [disposed('RESTOCKED', 1), disposed('MISSING', 1)]
        const nodes = [{ fulfillmentLineItem: { lineItem: { id: line.id } }, dispositions }]
        const place = { lineItems: { nodes, pageInfo: { hasNextPage: false } } }
        return { return: { reverseFulfillmentOrders: { nodes: [place], pageInfo: { hasNextPage: false } } } }
      }),
      async session => expect(await session.order('5')).toMatchObject({ effect: 'settle', lines: [{ shipped: 3, returned: 2 }] }),
    ))

  test('counts no parcel that was cancelled, and takes units that no location has yet for the first channel’s', () =>
    withShopify(
      ask(
        orderNode({
          fulfillments: [parcel(1, { status: 'CANCELLED' })],
          lineItems: { nodes: [{ ...line, unfulfilledQuantity: 3, ...priced }], pageInfo: noMore },
        }),
      ),
      async session =>
        expect(await session.order('5')).toMatchObject({ effect: 'reserve', lines: [{ ordered: 3, cancelled: 0, shipped: 0 }] }),
    ))

  test('keeps an order apart that cannot be read, and reads its neighbours', () =>
    withShopify(
      ({ name }) =>
        name === 'ChangedOrders'
          ? { orders: { nodes: [5, 6].map(id => ({ id: gid('Order', id), updatedAt: '2026-11-22T08:00:00Z' })), pageInfo: noMore } }
          : { nodes: [orderNode(), orderNode({ id: gid('Order', 6), lineItems: 'none' })] },
      async session => {
        for await (const page of session.orders(EPOCH)) {
          expect(page.orders.map(order => order.externalId)).toEqual(['5'])
          expect(page.unreadable).toMatchObject([{ externalId: '6', reason: expect.stringContaining('lineItems') }])
        }
      },
    ))

  test('says of an order with more parcels than it reads that it cannot', () =>
    withShopify(
      ask(orderNode({ fulfillments: [parcel(1), parcel(2)] }), () => ({
        order: { fulfillments: Array.from({ length: 25 }, (_, n) => parcel(n)) },
      })),
      async session => expect(await session.order('5')).toMatchObject({ externalId: '5', reason: expect.stringContaining('25 parcels') }),
    ))

  test('begins the list anew from the last order on before Shopify ends it at 25,000', () =>
    withShopify(
      ({ name, variables }) => {
        if (name !== 'ChangedOrders') return { nodes: [orderNode()] }
        const isAnew = String(variables.query).includes('09:00:00')
        const updatedAt = isAnew ? '2026-11-22T10:00:00Z' : '2026-11-22T09:00:00Z'
        const nodes = Array.from({ length: isAnew ? 1 : 10_000 }, () => ({ id: gid('Order', 5), updatedAt }))
        return { orders: { nodes, pageInfo: { hasNextPage: !isAnew, endCursor: isAnew ? null : 'c' } } }
      },
      async (session, asked) => {
        for await (const page of session.orders(EPOCH)) expect(page.unreadable).toEqual([])
        const lists = asked.filter(call => call.name === 'ChangedOrders').map(call => [call.variables.query, call.variables.after])
        expect(lists).toEqual([
          ["updated_at:>='2026-11-22T07:59:59Z'", null],
          ["updated_at:>='2026-11-22T07:59:59Z'", 'c'],
          ["updated_at:>='2026-11-22T09:00:00Z'", null],
        ])
      },
    ))
})
