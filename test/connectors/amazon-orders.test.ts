import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { amazon } from '../../connectors/amazon/index.ts'
import { readMessage, tagOf } from '../../connectors/amazon/notifications.ts'
import { read } from '../../connectors/amazon/orders.ts'
import type { QueueMessage } from '../../connectors/contract.ts'
import { makeHttp } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { accessTo, type Exchange, GERMANY, openAmazon, SELLER } from './amazon-stage.ts'
import { bought, orderOf } from './cases/orders.ts'
import { goods, type Stage, shownOf } from './stage.ts'

const ACCOUNT = {
  settings: { endpoint: 'https://a.example', tokenEndpoint: 'https://a.example', sellerId: SELLER },
  channels: [{ ref: GERMANY.id, currency: 'EUR', zone: 'Europe/Berlin' }],
}

type Change = {
  level?: string
  seller?: string
  changedAt?: string | null
  placedAt?: string | null
  status?: string
  marketplace?: string
  filledBy?: string
  items?: readonly object[]
}

function change(more: Change = {}): string {
  return JSON.stringify({
    NotificationType: 'ORDER_CHANGE',
    EventTime: '2026-11-22T08:00:05.000Z',
    Payload: {
      OrderChangeNotification: {
        NotificationLevel: more.level ?? 'OrderLevel',
        SellerId: more.seller ?? SELLER,
        AmazonOrderId: '305-1111111-2222222',
        OrderChangeTrigger: {
          TimeOfOrderChange: more.changedAt === undefined ? '2026-11-22T08:00:00Z' : more.changedAt,
          ChangeReason: 'x',
        },
        Summary: {
          MarketplaceId: more.marketplace ?? GERMANY.id,
          OrderStatus: more.status ?? 'Unshipped',
          PurchaseDate: more.placedAt === undefined ? '2026-11-22T07:59:00Z' : more.placedAt,
          FulfillmentType: more.filledBy ?? 'MFN',
          OrderItems: more.items ?? [{ OrderItemId: '1', SellerSKU: 'MUG', Quantity: 3, QuantityShipped: 0 }],
        },
      },
    },
  })
}

describe('an order change of Amazon', () => {
  const effect = (more: Change) => {
    const reading = readMessage(ACCOUNT, 'ORDER_CHANGE', change(more))
    return reading.kind === 'orders' ? reading.orders[0]?.effect : reading.kind
  }

  test.each([
    ['Pending', 'reserve'],
    ['PendingAvailability', 'reserve'],
    ['InvoiceUnconfirmed', 'reserve'],
    ['Unshipped', 'reserve'],
    ['Shipped', 'settle'],
    ['Canceled', 'cancel'],
    ['Unfulfillable', 'foreign'],
  ])('in the state %s asks to %s', (status, wanted) => expect(effect({ status })).toBe(wanted))

  test('that Amazon fills from its own stock is not ours in any state', () => {
    expect(['Pending', 'Unshipped', 'Shipped', 'Canceled'].map(status => effect({ status, filledBy: 'AFN' }))).toEqual(
      Array(4).fill('foreign'),
    )
  })

  test.each([
    ['only one item of it is told', { level: 'OrderItemLevel' }],
    ['no time of change is told', { changedAt: null }],
    ['no time of purchase is told', { placedAt: null }],
    ['it does not say how much was shipped', { status: 'PartiallyShipped', items: [{ OrderItemId: '1', SellerSKU: 'MUG', Quantity: 3 }] }],
  ])('is read again when %s', (_title, more) => {
    expect(readMessage(ACCOUNT, 'ORDER_CHANGE', change(more))).toEqual({ kind: 'reread', externalIds: ['305-1111111-2222222'] })
  })

  test.each([
    ['of a marketplace without a channel is kept aside', { marketplace: 'ATVPDKIKX0DER' }, 'unreadable', /add that marketplace/],
    ['in an unknown state is kept aside', { status: 'Dreaming' }, 'unreadable', /Dreaming/],
    ['of another seller is not ours', { seller: 'SOMEONE' }, 'nothing', /SOMEONE/],
  ])('%s, with the reason', (_title, more, kind, words) => {
    const reading = readMessage(ACCOUNT, 'ORDER_CHANGE', change(more))
    expect(reading.kind).toBe(kind)
    expect(JSON.stringify(reading)).toMatch(words)
  })

  test('counts what a shipped order did not ship as cancelled', () => {
    const items = [{ OrderItemId: '1', SellerSKU: 'MUG', Quantity: 3, QuantityShipped: 2 }]
    expect(readMessage(ACCOUNT, 'ORDER_CHANGE', change({ status: 'Shipped', items }))).toMatchObject({
      orders: [{ effect: 'settle', lines: [{ ordered: 3, shipped: 2, cancelled: 1 }] }],
    })
  })

  test('tells that the buyer asked to cancel it, as long as it is open', () => {
    const items = [{ OrderItemId: '1', SellerSKU: 'MUG', Quantity: 3, QuantityShipped: 0, IsBuyerRequestedCancel: true }]
    const told = (status: string) => readMessage(ACCOUNT, 'ORDER_CHANGE', change({ status, items }))
    expect(told('Unshipped')).toMatchObject({
      orders: [{ effect: 'reserve', platformState: 'CANCEL_REQUESTED', lines: [{ cancelled: 0 }] }],
    })
    expect(told('Canceled')).toMatchObject({ orders: [{ effect: 'cancel', platformState: 'CANCELLED' }] })
    expect(told('Shipped')).toMatchObject({ orders: [{ effect: 'settle', platformState: 'SHIPPED' }] })
  })

  test('of a quantity names the listing to look at', () => {
    const body = JSON.stringify({ Payload: { SellerId: SELLER, Sku: 'MUG', Quantity: 4 } })
    expect(readMessage(ACCOUNT, 'LISTINGS_ITEM_MFN_QUANTITY_CHANGE', body)).toEqual({ kind: 'listings', externalSkus: ['MUG'] })
  })

  test('is tagged in both of the spellings that Amazon uses', () => {
    const tag = { topic: 'ORDER_CHANGE', id: 'n1' }
    expect(tagOf('{"NotificationType":"ORDER_CHANGE","NotificationMetadata":{"NotificationId":"n1"}}')).toEqual(tag)
    expect(tagOf('{"notificationType":"ORDER_CHANGE","notificationMetadata":{"notificationId":"n1"}}')).toEqual(tag)
    expect(tagOf('{{{')).toEqual({ topic: '', id: null })
  })
})

describe('an order of Amazon', () => {
  const raw = {
    orderId: '305-1111111-2222222',
    createdTime: '2026-11-22T07:59:00Z',
    lastUpdatedTime: '2026-11-22T08:00:00Z',
    salesChannel: { channelName: 'AMAZON', marketplaceId: GERMANY.id },
    fulfillment: { fulfillmentStatus: 'UNSHIPPED', fulfilledBy: 'MERCHANT' },
    orderItems: [
      {
        orderItemId: '1',
        quantityOrdered: 3,
        product: { sellerSku: 'MUG' },
        fulfillment: { quantityFulfilled: 0, quantityUnfulfilled: 3 },
      },
    ],
  }

  test('counts an item that was cancelled in an open order', () => {
    const item = { ...raw.orderItems[0], cancellation: { cancellationExecution: { cancelledBy: 'BUYER' } } }
    const gone = { ...item, fulfillment: { quantityFulfilled: 1, quantityUnfulfilled: 0 } }
    expect(read({ ...raw, orderItems: [gone] }, ACCOUNT.channels)).toMatchObject({
      effect: 'reserve',
      lines: [{ ordered: 3, shipped: 1, cancelled: 2 }],
    })
  })

  test('tells that its buyer asked to cancel it until that is done, and is reserved for until then', () => {
    const told = (cancellation: object, fulfillmentStatus = 'UNSHIPPED') =>
      read({ ...raw, fulfillment: { fulfillmentStatus }, orderItems: [{ ...raw.orderItems[0], cancellation }] }, ACCOUNT.channels)
    const cancellationRequest = { requester: 'BUYER', cancelReason: 'NO_LONGER_NEEDED' }
    expect(told({ cancellationRequest })).toMatchObject({ effect: 'reserve', platformState: 'CANCEL_REQUESTED', lines: [{ cancelled: 0 }] })
    expect(told({ cancellationRequest, cancellationExecution: { cancelledBy: 'MERCHANT' } }, 'CANCELLED')).toMatchObject({
      ...{ effect: 'cancel', platformState: 'CANCELLED' },
    })
    // It was shipped all the same.
    expect(told({ cancellationRequest }, 'SHIPPED')).toMatchObject({ effect: 'settle', platformState: 'SHIPPED' })
  })

  test('does not take a pending item without open units for a cancelled one', () => {
    const item = { ...raw.orderItems[0], fulfillment: { quantityFulfilled: 0, quantityUnfulfilled: 0 } }
    const pending = { ...raw, fulfillment: { fulfillmentStatus: 'PENDING' }, orderItems: [item] }
    expect(read(pending, ACCOUNT.channels)).toMatchObject({ effect: 'reserve', lines: [{ ordered: 3, cancelled: 0 }] })
  })

  test.each([
    ['without seller SKU', { orderItems: [{ orderItemId: '9', quantityOrdered: 1, product: {} }] }, 'item 9 has no seller SKU'],
    ['with a quantity that is no number', { orderItems: [{ orderItemId: '9', quantityOrdered: 'x', product: {} }] }, 'quantityOrdered'],
    ['of an unknown marketplace', { salesChannel: { channelName: 'AMAZON', marketplaceId: 'M2' } }, 'placed in M2'],
    ['in an unknown state', { fulfillment: { fulfillmentStatus: 'DREAMING' } }, 'DREAMING'],
  ])('%s is kept aside with its reason', (_title, more, words) => {
    expect(read({ ...raw, ...more }, ACCOUNT.channels)).toMatchObject({
      externalId: '305-1111111-2222222',
      reason: expect.stringContaining(words),
    })
  })
})

test('buyers’ data is asked for only where the application may have it', async () => {
  const wire: Exchange[] = []
  const stage = await openAmazon({ record: wire })
  await stage.session.receive?.()
  const access = accessTo(wire[0]?.url.origin ?? '')
  const { http, close } = makeHttp()
  const tools = { http, now: stage.clock.now, pace: makePace(amazon.limits, { scale: 1000, full: true }) }
  const session = amazon.open({ ...access, settings: { ...access.settings, personalData: false } }, tools)
  for await (const _ of session.orders(new Date(0)));
  for await (const _ of stage.session.orders(new Date(0)));
  await close()
  await stage.close()
  const asked = wire.filter(one => one.url.pathname === '/orders/2026-01-01/orders').map(one => one.url.searchParams.get('includedData'))
  expect(asked).toEqual(['PROCEEDS,FULFILLMENT,CANCELLATION', 'PROCEEDS,FULFILLMENT,CANCELLATION,BUYER,RECIPIENT'])
})

describe('orders that come by the queue', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openAmazon()
    stage.sandbox.seed([goods(stage, 'MUG', 9)])
  })
  afterEach(() => stage.close())

  const receive = async (): Promise<readonly QueueMessage[]> => {
    const all: QueueMessage[] = []
    for (;;) {
      const some = (await stage.session.receive?.()) ?? []
      if (some.length === 0) return all
      all.push(...some)
    }
  }
  const told = async (): Promise<ChannelOrder[]> =>
    (await receive())
      .map(message => stage.session.readMessage(message.topic, message.body))
      .flatMap(reading => (reading.kind === 'orders' ? reading.orders : []))

  test('say the same as the order that is read, so that either may come first', async () => {
    const sold = bought(stage, 'b1', 'MUG', 2)
    const [notice] = await told()
    const order = await orderOf(stage, sold.externalId)
    expect(notice).toEqual({
      ...order,
      total: null,
      amounts: undefined,
      shipBy: undefined,
      person: null,
      lines: order.lines.map(line => ({ ...line, title: line.sku, unitPrice: null })),
    })
  })

  test('reserve an unpaid order too, whose units Amazon has taken off its own quantity', async () => {
    const sold = bought(stage, 'b1', 'MUG', 2, { unpaid: true })
    expect((await told()).map(order => [order.effect, order.platformState])).toEqual([['reserve', 'PENDING']])
    expect(shownOf(stage, 'MUG').quantity).toBe(7)
    stage.sandbox.pay(sold.externalId)
    expect((await told()).map(order => order.platformState)).toEqual(['UNSHIPPED'])
  })

  test('that come twice carry one id, and those that are lost are found by a search', async () => {
    stage.sandbox.misbehave({ kind: 'webhook-double', times: 1 })
    bought(stage, 'b1', 'MUG', 1)
    stage.sandbox.misbehave({ kind: 'webhook-drop', times: 1 })
    const lost = bought(stage, 'b2', 'MUG', 1)
    const ids = (await receive()).filter(message => message.topic === 'ORDER_CHANGE').map(message => message.id)
    expect([ids.length, new Set(ids).size]).toEqual([2, 1])
    const found: string[] = []
    for await (const page of stage.session.orders(new Date(0))) found.push(...page.orders.map(order => order.externalId))
    expect(found).toContain(lost.externalId)
  })

  test('that come late are told apart by their stamps', async () => {
    stage.sandbox.misbehave({ kind: 'webhook-late', times: 1 })
    const sold = bought(stage, 'b1', 'MUG', 2)
    stage.sandbox.cancel(sold.externalId)
    const [first] = await told()
    await stage.settle()
    const [second] = await told()
    expect([first?.effect, second?.effect]).toEqual(['cancel', 'reserve'])
    expect((first?.stamp ?? '') > (second?.stamp ?? '')).toBe(true)
  })

  test('that are garbage are kept aside with an id of the queue', async () => {
    stage.sandbox.misbehave({ kind: 'webhook-garbage', times: 1 })
    bought(stage, 'b1', 'MUG', 1)
    const broken = (await receive()).find(message => message.topic === '')
    expect(broken?.id).toMatch(/^[0-9a-f-]{36}$/)
    expect(stage.session.readMessage('', broken?.body ?? '').kind).toBe('unreadable')
  })
})
