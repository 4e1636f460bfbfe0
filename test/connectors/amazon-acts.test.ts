import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { acknowledgement } from '../../connectors/amazon/acknowledgements.ts'
import type { Act } from '../../connectors/contract.ts'
import type { SandboxOrder } from '../../connectors/sandbox.ts'
import { sharedPath } from '../support/needs.ts'
import { type Exchange, GERMANY, openAmazon } from './amazon-stage.ts'
import { orderOf } from './cases/orders.ts'
import { goods, type Stage, shownOf } from './stage.ts'

async function onAmazon(work: (stage: Stage, wire: Exchange[]) => Promise<void>): Promise<void> {
  const wire: Exchange[] = []
  const stage = await openAmazon({ record: wire })
  try {
    stage.sandbox.seed([goods(stage, 'MUG', 9)])
    await work(stage, wire)
  } finally {
    await stage.close()
  }
}

function sold(stage: Stage, pickUp = false): SandboxOrder {
  const order = stage.sandbox.buy({ ref: 'b', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 2 }], pickUp })
  if (!order) throw new Error('nothing was sold')
  return order
}

const actOn = (kind: Act['kind'], order: SandboxOrder, more: Partial<Act> = {}): Act => ({
  ...{ key: `${kind}-1`, kind, externalOrderId: order.externalId, channelRef: GERMANY.id },
  lines: order.lines.map(line => ({ externalLineId: line.externalLineId, quantity: line.quantity })),
  ...more,
})

const started = (wire: Exchange[]): number =>
  wire.filter(one => one.method === 'POST' && one.url.pathname === '/feeds/2021-06-30/feeds' && one.status === 202).length

test('a cancellation goes by one feed however often it is asked for meanwhile, and is confirmed when the order shows it', () =>
  onAmazon(async (stage, wire) => {
    const order = sold(stage)
    const act = actOn('cancel', order, { cause: 'stock' })
    for (let n = 0; n < 3; n += 1) expect(await stage.session.act(act)).toMatchObject({ status: 'retry' })
    expect([await stage.session.actHappened(act), started(wire)]).toEqual([false, 1])
    await stage.settle()
    expect([await stage.session.act(act), await stage.session.actHappened(act), started(wire)]).toEqual([{ status: 'confirmed' }, true, 1])
    expect([(await orderOf(stage, order.externalId)).effect, shownOf(stage, 'MUG').quantity]).toEqual(['cancel', 9])
  }))

test('a feed that Amazon drops is sent again, and one more after a restart does no harm', () =>
  onAmazon(async (stage, wire) => {
    const act = actOn('cancel', sold(stage), { cause: 'fraud' })
    stage.sandbox.misbehave({ kind: 'cancelled', operation: 'createFeed', times: 1 })
    await stage.session.act(act)
    await stage.settle()
    expect(await stage.session.act(act)).toMatchObject({ status: 'retry' })
    expect(await stage.session.act(act)).toMatchObject({ status: 'retry' })
    expect(started(wire)).toBe(2)
    const after = stage.reopen()
    expect(await after.act(act)).toMatchObject({ status: 'retry' })
    await stage.settle()
    expect([await after.act(act), await stage.session.act(act), started(wire)]).toEqual([
      { status: 'confirmed' },
      { status: 'confirmed' },
      3,
    ])
    expect(stage.sandbox.journal(0, 1000).filter(entry => entry.kind === 'act').length).toBe(1)
  }))

test('what is not paid yet, or has left, takes no cancellation, with the reason', () =>
  onAmazon(async stage => {
    const pending = stage.sandbox.buy({ ref: 'p', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 1 }], unpaid: true })
    if (!pending) throw new Error('nothing was sold')
    expect(await stage.session.act(actOn('cancel', pending))).toMatchObject({ status: 'refused', code: 'order_pending' })
    const order = sold(stage)
    await stage.session.act(
      actOn('ship', order, { tracking: { carrier: 'DHL', number: 'T1', shippedAt: stage.clock.now().toISOString() } }),
    )
    expect(await stage.session.act(actOn('cancel', order))).toMatchObject({ status: 'refused', code: 'order_shipped' })
    expect(await stage.session.act(actOn('cancel', order, { externalOrderId: '000-0000000-0000000' }))).toMatchObject({
      code: 'order_not_found',
    })
  }))

test.each([
  ['customer', 'BuyerCanceled'],
  ['stock', 'NoInventory'],
  ['undeliverable', 'ShippingAddressUndeliverable'],
  ['price', 'PricingError'],
  ['fraud', 'RiskAssessmentInformationNotValid'],
  ['other', 'GeneralAdjustment'],
] as const)('a cancellation because of %s says %s for each item', (cause, theirs) => {
  const item = { orderItemId: '17', quantityOrdered: 1, product: {} }
  const act: Act = { key: 'k&1', kind: 'cancel', externalOrderId: '1-2-3', channelRef: 'x', lines: [], cause }
  const text = acknowledgement('SELLER', act, { orderId: '1-2-3', orderItems: [item] })
  expect(text).toContain('<AmazonOrderID>1-2-3</AmazonOrderID><MerchantOrderID>k&amp;1</MerchantOrderID><StatusCode>Failure</StatusCode>')
  expect(text).toContain(`<Item><AmazonOrderItemCode>17</AmazonOrderItemCode><CancelReason>${theirs}</CancelReason></Item>`)
})

test('that goods may be picked up is told of orders that are picked up, in the words of Orders v0', () =>
  onAmazon(async (stage, wire) => {
    expect(await stage.session.act(actOn('ready', sold(stage)))).toMatchObject({ status: 'refused', code: 'InvalidInput' })
    const order = stage.sandbox.buy({ ref: 'c', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 1 }], pickUp: true })
    if (!order) throw new Error('nothing was sold')
    expect(await stage.session.act(actOn('ready', order))).toEqual({ status: 'confirmed' })
    const told = wire.findLast(one => one.url.pathname.endsWith('/shipment'))
    const body = JSON.parse(told?.asked ?? 'null')
    expect(body).toMatchObject({ marketplaceId: GERMANY.id, shipmentStatus: 'ReadyForPickup', orderItems: [{ quantity: 1 }] })
    const path = sharedPath('specs/amazon/models/ordersV0.json')
    if (path === null) return
    const { definitions } = JSON.parse(readFileSync(path, 'utf8'))
    const validate = new Ajv({ strict: false, logger: false }).compile({ definitions, $ref: '#/definitions/UpdateShipmentStatusRequest' })
    validate(body)
    expect(validate.errors ?? []).toEqual([])
  }))

test('a refund is left to Seller Central, because no call would show whether it was paid', () =>
  onAmazon(async stage => {
    const act = actOn('refund', sold(stage))
    expect(await stage.session.act(act)).toMatchObject({ status: 'refused', words: expect.stringContaining('Seller Central') })
    expect(stage.connector.declares.acts).not.toContain('refund')
  }))
