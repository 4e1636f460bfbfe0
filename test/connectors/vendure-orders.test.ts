import { expect, test } from 'vitest'
import type { Act } from '../../connectors/contract.ts'
import type { Sandbox, SandboxOrder } from '../../connectors/sandbox.ts'
import { addFulfilment, shipFulfilment } from '../../connectors/vendure/operations.ts'
import { ORDER_STATES, toChannelOrder } from '../../connectors/vendure/order.ts'
import { misfit } from '../../src/domain/orders/amounts.ts'
import { amountCases } from './cases/amounts.ts'
import { ordersSince } from './cases/orders.ts'
import { goods, listingOf, type Stage, shownOf } from './stage.ts'
import { askedOf, EUR, FACTS, onVendure, vendureKeys, withVendure } from './vendure-stage.ts'

const MINUTE = 60_000

function bought(stage: Stage, ref: string, quantity: number, more: object = {}): SandboxOrder & { readonly line: string } {
  const order = stage.sandbox.buy({ ref, channelRef: 'EUR', lines: [{ sku: 'MUG', quantity }], ...more })
  if (!order) throw new Error('nothing was sold')
  return { ...order, line: order.lines[0]?.externalLineId ?? '' }
}

function actOn(kind: Act['kind'], { externalId, line }: { externalId: string; line: string }, quantity: number, key = `${kind}-1`): Act {
  const base = { key, kind, externalOrderId: externalId, channelRef: 'EUR', lines: [{ externalLineId: line, quantity }] }
  if (kind === 'ship') return { ...base, tracking: { carrier: 'DHL', number: key, shippedAt: '2026-11-22T08:00:00.000Z' } }
  return { ...base, cause: 'stock', reason: 'none left' }
}

const since = (stage: Stage, minutes: number): Date => new Date(stage.clock.now().getTime() - minutes * MINUTE)

/** Somebody in the shop sends units, in Vendure itself. */
async function staffSends(sandbox: Sandbox, line: string, quantity: number): Promise<void> {
  const ask = async (query: string, variables: object): Promise<{ data: Record<string, { id: string }> }> => {
    const body = JSON.stringify({ query, operationName: 'Staff', variables })
    const headers = { 'vendure-api-key': vendureKeys.apiKey }
    const answer = await sandbox.fetch(new Request('http://127.0.0.1/admin-api', { method: 'POST', body, headers }))
    return (await answer.json()) as { data: Record<string, { id: string }> }
  }
  const handler = { code: 'manual-fulfillment', arguments: [] }
  const made = await ask(addFulfilment.text, { input: { lines: [{ orderLineId: line, quantity }], handler } })
  await ask(shipFulfilment.text, { id: made.data.addFulfillmentToOrder?.id })
}

test('a cart that is paid later is found by when it was placed, though its own stamp is that of the cart', async () => {
  await onVendure({}, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const order = bought(stage, 'cart', 2, { unpaid: true })
    stage.clock.advance(10 * MINUTE)
    expect(await ordersSince(stage.session, since(stage, 30))).toEqual([])
    stage.sandbox.pay(order.externalId)
    const [found] = await ordersSince(stage.session, since(stage, 5))
    expect(found).toMatchObject({ externalId: order.externalId, effect: 'reserve', stamp: stage.clock.now().toISOString() })
  })
})

test('what staff sends in Vendure moves no stamp of the order: it is found by looking at the open orders, also after a restart', async () => {
  await onVendure({}, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 9)])
    const [first, second, third] = [bought(stage, 'b1', 2), bought(stage, 'b2', 2), bought(stage, 'b3', 3)]
    expect((await ordersSince(stage.session, since(stage, 1))).length).toBe(3)
    stage.clock.advance(3 * MINUTE)
    await staffSends(stage.sandbox, first.line, 2)
    await staffSends(stage.sandbox, third.line, 1)
    expect(await ordersSince(stage.session, since(stage, 1))).toEqual([])
    stage.clock.advance(3 * MINUTE)
    const moved = await ordersSince(stage.session, since(stage, 1))
    expect(moved.map(one => [one.externalId, one.effect, one.lines[0]?.shipped])).toEqual([
      [first.externalId, 'settle', 2],
      [third.externalId, 'reserve', 1],
    ])
    // Each is told once.
    stage.clock.advance(6 * MINUTE)
    expect(await ordersSince(stage.session, since(stage, 1))).toEqual([])
    // Sent while nobody of us was there.
    await staffSends(stage.sandbox, second.line, 2)
    stage.clock.advance(2 * MINUTE)
    expect((await ordersSince(stage.reopen(), since(stage, 1))).map(one => [one.externalId, one.effect])).toEqual([
      [second.externalId, 'settle'],
    ])
  })
})

test('a shipment that stopped between its two calls goes on: there is one fulfilment, and the units left once', async () => {
  await onVendure({}, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const order = bought(stage, 'b1', 3)
    const act = actOn('ship', order, 2)
    for (const operation of ['AddFulfilment', 'ShipFulfilment']) {
      stage.sandbox.misbehave({ kind: 'timeout-after', operation: 'AddFulfilment', times: 1 })
      if (operation === 'ShipFulfilment') stage.sandbox.behave()
      stage.sandbox.misbehave({ kind: 'timeout-before', operation, times: 1 })
      expect((await stage.session.act(act)).status).toBe('unknown')
      expect(await stage.session.actHappened(act)).toBe(false)
    }
    expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
    expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
    const sales = stage.sandbox.journal(0, 10_000).filter(entry => String(entry.data.cause).startsWith('sale'))
    expect(sales.map(entry => [entry.data.onHand, entry.data.allocated])).toEqual([[3, 1]])
  })
})

test('units cancelled of a line that was sent in part are not put back on the shelf that they never left', async () => {
  await onVendure({}, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 10)])
    const listing = await listingOf(stage, 'MUG')
    const order = bought(stage, 'b1', 5)
    await stage.session.act(actOn('ship', order, 2))
    expect(shownOf(stage, 'MUG').quantity).toBe(5)
    const part = actOn('cancel', order, 1)
    expect(await stage.session.act(part)).toEqual({ status: 'confirmed' })
    expect([shownOf(stage, 'MUG').quantity, (await stage.session.readListings([listing]))[0]?.quantity]).toEqual([6, 6])
    // The same act again is found by its key in the order's history; another of the same units is another.
    expect([await stage.session.actHappened(part), await stage.session.act(part)]).toEqual([true, { status: 'confirmed' }])
    const another = actOn('cancel', order, 1, 'cancel-2')
    expect(await stage.session.actHappened(another)).toBe(false)
    expect(await stage.session.act(another)).toEqual({ status: 'confirmed' })
    const [now] = await ordersSince(stage.session, since(stage, 1))
    expect(now?.lines[0]).toMatchObject({ ordered: 5, cancelled: 2, shipped: 2, returned: 0 })
    expect(await stage.session.act(actOn('cancel', order, 2, 'cancel-3'))).toMatchObject({ status: 'refused', code: 'order_shipped' })
  })
})

test('why an order is cancelled stands in its history', async () => {
  await onVendure({}, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const order = bought(stage, 'b1', 2)
    await stage.session.act(actOn('cancel', order, 2))
    const told = stage.sandbox.journal(0, 10_000).find(entry => entry.kind === 'act')
    expect(told?.data.reason).toBe('not available: none left [cancel-1]')
  })
})

test.each([
  ['ItemsAlreadyFulfilledError', 'ITEMS_ALREADY_FULFILLED_ERROR', 'One or more OrderItems are already part of a Fulfillment'],
  [
    'InsufficientStockOnHandError',
    'INSUFFICIENT_STOCK_ON_HAND_ERROR',
    'Cannot create a Fulfillment as "Mug" has insufficient stockOnHand (1)',
  ],
  ['InvalidFulfillmentHandlerError', 'INVALID_FULFILLMENT_HANDLER_ERROR', 'errorResult.INVALID_FULFILLMENT_HANDLER_ERROR'],
])('%s, a member of a union in an HTTP 200, is a verdict and no trouble', async (__typename, errorCode, message) => {
  await withVendure(
    ({ name }) => {
      if (name === 'OrderById') return { data: { order: wire() } }
      return { data: { addFulfillmentToOrder: { __typename, errorCode, message } } }
    },
    async (session, asked) => {
      const words = message.startsWith('errorResult') ? __typename : message
      expect(await session.act(actOn('ship', { externalId: '1', line: '11' }, 1))).toEqual({
        ...{ status: 'refused', code: errorCode, words: `order ABC at Vendure: ${words}` },
      })
      expect(askedOf(asked, 'ShipFulfilment')).toBe(0)
    },
  )
})

test('an order that cannot be understood is kept apart with its reason, and stops none of its neighbours', async () => {
  const broken = { ...wire(), id: '2', totalWithTax: 'much' }
  const items = [wire(), broken, { ...wire(), id: '3' }]
  await withVendure(
    ({ name, variables }) => {
      if (name === 'Facts') return FACTS
      const { filter } = variables.options as { filter: object }
      return { data: { orders: { items: 'state' in filter ? [] : items } } }
    },
    async session => {
      const pages = []
      for await (const page of session.orders(new Date('2026-11-01T00:00:00.000Z'))) pages.push(page)
      expect(pages[0]?.orders.map(one => one.externalId)).toEqual(['1', '3'])
      expect(pages[0]?.unreadable).toMatchObject([{ externalId: '2', reason: expect.stringContaining('totalWithTax') }])
    },
  )
})

const line = (quantity: number, orderPlacedQuantity: number) => ({
  ...{ id: '11', quantity, orderPlacedQuantity, updatedAt: '2026-11-22T09:00:00.000Z', proratedUnitPriceWithTax: 725 },
  ...{ linePrice: 1218, linePriceWithTax: 1450, proratedLinePrice: 1218, proratedLinePriceWithTax: 1450 },
  productVariant: { id: '4', sku: 'MUG', name: 'Mug' },
})
const sent = (state: string, quantity: number) => ({
  ...{ id: '7', state, updatedAt: '2026-11-22T09:30:00.000Z', method: 'DHL', trackingCode: 'T', lines: [{ orderLineId: '11', quantity }] },
})
const changed = (quantity: number) => ({ lines: [{ orderLineId: '11', quantity }] })

function wire(more: object = {}) {
  return {
    ...{ id: '1', code: 'ABC', state: 'PaymentSettled', type: 'Regular', updatedAt: '2026-11-22T08:00:00.000Z' },
    ...{ orderPlacedAt: '2026-11-22T08:10:00.450Z', currencyCode: 'EUR', totalWithTax: 1450, customer: null, shippingAddress: null },
    ...{ lines: [line(2, 2)], fulfillments: null, modifications: [], payments: [], ...more },
  }
}

test.each([
  ['as it was placed', {}, 'reserve', [2, 0, 0, 0]],
  ['two added in a modification', { state: 'Modifying', lines: [line(4, 2)], modifications: [changed(2)] }, 'reserve', [4, 0, 0, 0]],
  ['two added, three taken off', { lines: [line(1, 2)], modifications: [changed(2), changed(-3)] }, 'reserve', [4, 3, 0, 0]],
  ['a line that was added as a whole', { lines: [line(3, 0)], modifications: [changed(3)] }, 'reserve', [3, 0, 0, 0]],
  ['a fulfilment that has not left', { fulfillments: [sent('Pending', 2)] }, 'reserve', [2, 0, 0, 0]],
  ['one of two sent', { state: 'PartiallyShipped', fulfillments: [sent('Shipped', 1)] }, 'reserve', [2, 0, 1, 0]],
  [
    'one sent, the other cancelled',
    { state: 'PartiallyShipped', lines: [line(1, 2)], fulfillments: [sent('Shipped', 1)] },
    'settle',
    [2, 1, 1, 0],
  ],
  ['all sent before it was paid', { state: 'PaymentAuthorized', fulfillments: [sent('Shipped', 2)] }, 'settle', [2, 0, 2, 0]],
  [
    'delivered, and one came back',
    { state: 'Delivered', lines: [line(1, 2)], fulfillments: [sent('Delivered', 2)] },
    'settle',
    [2, 0, 2, 1],
  ],
  ['all came back', { state: 'Cancelled', lines: [line(0, 2)], fulfillments: [sent('Delivered', 2)] }, 'settle', [2, 0, 2, 2]],
  ['a fulfilment that was taken back', { fulfillments: [sent('Cancelled', 2)] }, 'reserve', [2, 0, 0, 0]],
  ['cancelled', { state: 'Cancelled', lines: [line(0, 2)] }, 'cancel', [2, 2, 0, 0]],
  ['a cart', { state: 'ArrangingPayment', orderPlacedAt: null, lines: [line(2, 0)] }, 'ignore', [2, 0, 0, 0]],
  ['a cart that was left', { state: 'Cancelled', orderPlacedAt: null, lines: [line(2, 0)] }, 'cancel', [2, 0, 0, 0]],
  ['a state of the shop’s own', { state: 'WaitingForGift' }, 'reserve', [2, 0, 0, 0]],
  ['of several sellers', { type: 'Aggregate' }, 'ignore', [2, 0, 0, 0]],
] as const)('an order %s is told by its units', (_title, more, effect, units) => {
  const order = toChannelOrder(wire(more), [EUR], { precision: 2, pricesIncludeTax: true })
  if ('reason' in order) throw new Error(order.reason)
  const [{ ordered, cancelled, shipped, returned } = { ordered: -1, cancelled: -1, shipped: -1, returned: -1 }] = order.lines
  expect([order.effect, [ordered, cancelled, shipped, returned]]).toEqual([effect, [...units]])
  if (order.platformState !== 'WaitingForGift') expect(Object.keys(ORDER_STATES)).toContain(order.platformState)
})

test('its stamp is that of its newest part, and its amounts are decimal', () => {
  const order = toChannelOrder(wire({ fulfillments: [sent('Shipped', 1)] }), [EUR], { precision: 2, pricesIncludeTax: true })
  expect(order).toMatchObject({ stamp: '2026-11-22T09:30:00.000Z', placedAt: '2026-11-22T08:10:00.450Z', total: '14.50' })
  expect('lines' in order && order.lines[0]?.unitPrice).toBe('7.25')
})

test('an order in a currency that is no channel of the account is told under the currency, so that somebody learns of it', () => {
  expect(toChannelOrder(wire({ currencyCode: 'SEK' }), [EUR], { precision: 2, pricesIncludeTax: true })).toMatchObject({
    channelRef: 'SEK',
    currency: 'SEK',
  })
})

test.each(amountCases.filter(one => !one.title.includes('prices hold the tax')))(
  'where prices are without tax, Vendure $title',
  ({ run }) =>
    onVendure({ pricesIncludeTax: false, settings: { pricesIncludeTax: false } }, stage => {
      const { pricesHoldTax: _, ...traits } = stage.traits
      return run({ ...stage, traits })
    }),
)

test('surcharges are fees, also one that is a reduction; what was taken off a line leaves what was told before', () => {
  const facts = { precision: 2, pricesIncludeTax: false }
  const surcharges = [
    { price: 500, priceWithTax: 595 },
    { price: -100, priceWithTax: -119 },
  ]
  const told = toChannelOrder(wire({ surcharges, totalWithTax: 1926 }), [EUR], facts)
  if (!('amounts' in told) || told.amounts === undefined) throw new Error('no amounts')
  expect(told.amounts).toMatchObject({
    ...{ taxIncluded: false, total: 1926, fees: { price: 400, discount: 0, tax: 76, total: 476 } },
    lines: { 11: { price: 1218, discount: 0, tax: 232, total: 1450 } },
  })
  expect(misfit(told.amounts)).toBeNull()
  expect(toChannelOrder(wire({ lines: [line(1, 2)] }), [EUR], facts)).not.toHaveProperty('amounts')
})
