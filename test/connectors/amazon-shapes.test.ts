import { existsSync, readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../connectors/amazon/limits.ts'
import { readMessage } from '../../connectors/amazon/notifications.ts'
import { read } from '../../connectors/amazon/orders.ts'
import type { Act, PushItem } from '../../connectors/contract.ts'
import { type Exchange, GERMANY, openAmazon, SWEDEN } from './amazon-stage.ts'
import { drain, goods, listingOf, type Stage } from './stage.ts'

const SPECS = new URL('../../../shared/specs/amazon/', import.meta.url)
const isThere = existsSync(SPECS)
const json = (path: string) => JSON.parse(readFileSync(new URL(path, SPECS), 'utf8'))

/** Closes every object that lists its properties, so that a misspelt field is found. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, name === 'examples' ? value : closed(value)]))
  return 'properties' in copy && copy.type === 'object' && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy
}

function validator(file: string, definition?: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
  formats.default(ajv)
  const model = json(file)
  if (!definition) return ajv.compile(closed(model) as object)
  return ajv.compile({ definitions: closed(model.definitions) as object, $ref: `#/definitions/${definition}` })
}

function check(validate: ValidateFunction, text: string): void {
  validate(JSON.parse(text))
  expect(validate.errors ?? []).toEqual([])
}

const channels = (refs: readonly string[]) => refs.map(ref => ({ ref, currency: 'EUR', zone: 'Europe/Berlin' }))
const ship = (
  stage: Stage,
  order: { externalId: string; lines: readonly { externalLineId: string; quantity: number }[] },
  carrier: string,
): Act => ({
  key: `ship ${carrier}`,
  kind: 'ship',
  externalOrderId: order.externalId,
  channelRef: GERMANY.id,
  lines: order.lines.map(line => ({ externalLineId: line.externalLineId, quantity: 1 })),
  tracking: { carrier, number: 'T-1', shippedAt: stage.clock.now().toISOString() },
})

describe.skipIf(!isThere)('Amazon speaks as its published models say (needs ../shared/specs/amazon)', () => {
  const wire: Exchange[] = []
  const seen = (method: string, path: RegExp, status: number) =>
    wire.filter(one => one.method === method && path.test(one.url.pathname) && one.status === status)
  let stage: Stage

  beforeAll(async () => {
    stage = await openAmazon({ record: wire, options: { quantityNotices: true } })
    const { session, sandbox } = stage
    sandbox.seed([goods(stage, 'MUG', 9), { ...goods(stage, 'TEE-S', 4, { parent: 'TEE' }), gtin: '4006381333931' }])
    const listing = await listingOf(stage, 'MUG')
    const sale = { amount: '8.00', from: '2026-11-01T00:00:00.000Z', to: null }
    const items: PushItem[] = [
      { listing, stock: { quantity: 7 } },
      {
        listing,
        stock: { quantity: 6 },
        prices: [
          { channelRef: GERMANY.id, price: { currency: 'EUR', regular: '10.00', sale } },
          { channelRef: SWEDEN.id, price: { currency: 'SEK', regular: '110.00', sale: null } },
        ],
      },
      { listing, prices: [{ channelRef: GERMANY.id, price: { currency: 'EUR', regular: '-1.00', sale: null } }] },
      { listing: { ...listing, externalSku: 'NO-SUCH-SKU', productType: null }, stock: { quantity: 1 } },
    ]
    for (const item of items) await session.push([item])
    await stage.settle()
    await drain(session.listings())
    await session.readListings([listing])
    const person = { name: 'Ada', email: 'ada@example.com', city: 'Berlin', country: 'DE' }
    const lines = [{ sku: 'MUG', quantity: 3 }]
    const order = sandbox.buy({ ref: 'b1', channelRef: GERMANY.id, lines, person })
    sandbox.buy({ ref: 'b2', channelRef: SWEDEN.id, lines, foreign: true })
    const pending = sandbox.buy({ ref: 'b3', channelRef: SWEDEN.id, lines: [{ sku: 'TEE-S', quantity: 1 }], unpaid: true })
    if (!order || !pending) throw new Error('nothing was sold')
    await session.act(ship(stage, order, 'DHL'))
    await session.act(ship(stage, order, 'Velo Kurier'))
    sandbox.cancel(order.externalId)
    sandbox.cancel(pending.externalId)
    await session.order(order.externalId)
    await session.order('000-0000000-0000000')
    await session.actHappened(ship(stage, order, 'DHL'))
    await drain(
      (async function* () {
        for await (const page of session.orders(new Date(0))) yield page.orders
      })(),
    )
    await session.test()
    for (const operation of ['searchListingsItems', 'searchOrders', 'confirmShipment'] as const) {
      for (const kind of ['throttle', 'error'] as const) {
        sandbox.misbehave({ kind, operation, times: 1 })
        const call = {
          searchListingsItems: () => session.readListings([listing]),
          searchOrders: () => session.orders(new Date(0))[Symbol.asyncIterator]().next(),
          confirmShipment: () => session.act(ship(stage, order, 'UPS')),
        }
        await call[operation]().catch(() => null)
      }
    }
    const messages = await session.receive?.()
    if (!messages?.length) throw new Error('no message came')
  })
  afterAll(() => stage.close())

  test('every body of a patch is one that Listings Items takes', () => {
    const bodies = seen('PATCH', /^\/listings/, 200)
    expect(bodies.length).toBe(4)
    const validate = validator('models/listingsItems_2021-08-01.json', 'ListingsItemPatchRequest')
    for (const one of bodies) check(validate, one.asked)
  })

  test('every verdict of the sandbox is a submission response, accepted and invalid alike', () => {
    const validate = validator('models/listingsItems_2021-08-01.json', 'ListingsItemSubmissionResponse')
    const answers = seen('PATCH', /^\/listings/, 200).map(one => one.answered)
    for (const answer of answers) check(validate, answer)
    expect(answers.map(answer => JSON.parse(answer).status)).toEqual(['ACCEPTED', 'ACCEPTED', 'INVALID', 'INVALID'])
  })

  test('every listing that the sandbox shows is an item of the model', () => {
    const answers = seen('GET', /^\/listings/, 200)
    expect(answers.some(one => JSON.parse(one.answered).items.length > 1)).toBe(true)
    const validate = validator('models/listingsItems_2021-08-01.json', 'ItemSearchResults')
    for (const one of answers) check(validate, one.answered)
  })

  test('every order that the sandbox shows is an order of the model', () => {
    const found = seen('GET', /^\/orders\/2026-01-01\/orders$/, 200)
    expect(found.some(one => JSON.parse(one.answered).orders.length === 3)).toBe(true)
    for (const one of found) check(validator('models/orders_2026-01-01.json', 'SearchOrdersResponse'), one.answered)
    const got = seen('GET', /^\/orders\/2026-01-01\/orders\/.+/, 200)
    expect(got.some(one => JSON.parse(one.answered).order.packages?.length === 2)).toBe(true)
    for (const one of got) check(validator('models/orders_2026-01-01.json', 'GetOrderResponse'), one.answered)
  })

  test('every shipment that is confirmed is one that Orders v0 takes', () => {
    const confirmed = seen('POST', /shipmentConfirmation$/, 204)
    expect(confirmed.length).toBe(2)
    const validate = validator('models/ordersV0.json', 'ConfirmShipmentRequest')
    for (const one of confirmed) check(validate, one.asked)
  })

  test('of Orders v0 nothing is used but shipments, and no restricted token is asked for, as no call of ours needs one', () => {
    const old = wire.filter(one => one.url.pathname.startsWith('/orders/v0/'))
    expect(new Set(old.map(one => `${one.method} ${one.url.pathname.split('/').at(-1)}`))).toEqual(new Set(['POST shipmentConfirmation']))
    expect(wire.filter(one => one.url.pathname.startsWith('/tokens/'))).toEqual([])
    // Buyers' data is asked for by the application's roles: in the data sets of the new orders.
    const searches = wire.filter(one => one.url.pathname === '/orders/2026-01-01/orders')
    expect(searches.map(one => one.url.searchParams.get('includedData'))).toContain('PROCEEDS,FULFILLMENT,CANCELLATION,BUYER,RECIPIENT')
  })

  test('every refusal is an error list, with the code QuotaExceeded where calls are too many', () => {
    const refused = wire.filter(one => one.status >= 400 && one.url.pathname !== '/')
    expect(new Set(refused.map(one => one.status))).toEqual(new Set([404, 429, 500]))
    const validate = validator('models/orders_2026-01-01.json', 'ErrorList')
    for (const one of refused) check(validate, one.answered)
    for (const one of refused.filter(each => each.status === 429)) expect(JSON.parse(one.answered).errors[0].code).toBe('QuotaExceeded')
  })

  test('the marketplaces are told as the Sellers model says', () => {
    const [answer] = seen('GET', /^\/sellers/, 200)
    check(validator('models/sellers.json', 'GetMarketplaceParticipationsResponse'), answer?.answered ?? 'null')
  })

  test('every query parameter that is sent is one that the model has', () => {
    const parameters = new Map<string, Set<string>>()
    for (const file of ['listingsItems_2021-08-01', 'orders_2026-01-01', 'ordersV0', 'sellers', 'reports_2021-06-30', 'notifications'])
      for (const [path, verbs] of Object.entries<Record<string, { parameters?: { name: string }[] }>>(json(`models/${file}.json`).paths))
        for (const [verb, operation] of Object.entries(verbs))
          parameters.set(`${verb.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '*')}`, new Set(operation.parameters?.map(one => one.name)))
    const calls = wire.filter(one => one.url.pathname !== '/' && !one.url.pathname.startsWith('/auth'))
    for (const one of calls) {
      const path = one.url.pathname
        .replace(/(?<=items\/|subscriptions\/)[^/]+/, '*')
        .replace(/(?<=items\/\*\/).+/, '*')
        .replace(/(?<=orders\/(2026-01-01|v0)\/orders\/)[^/]+|(?<=v0\/orders\/)[^/]+/, '*')
      const known = parameters.get(`${one.method} ${path}`)
      expect(known, `${one.method} ${path}`).toBeDefined()
      for (const name of one.url.searchParams.keys()) expect([...(known ?? [])]).toContain(name)
    }
  })

  test('every notification of the sandbox follows its published schema', () => {
    const bodies = wire
      .filter(one => one.target === 'AmazonSQS.ReceiveMessage')
      .flatMap(one => (JSON.parse(one.answered).Messages ?? []) as { Body: string }[])
      .map(message => JSON.parse(message.Body))
    const files: Record<string, string> = {
      ORDER_CHANGE: 'notifications/OrderChangeNotification.json',
      LISTINGS_ITEM_MFN_QUANTITY_CHANGE: 'notifications/ListingsItemMfnQuantityChange.json',
    }
    expect(new Set(bodies.map(body => body.NotificationType))).toEqual(new Set(Object.keys(files)))
    for (const body of bodies) check(validator(files[body.NotificationType] ?? ''), JSON.stringify(body))
  })

  test('every order that Amazon gives as an example can be read', () => {
    const model = json('models/orders_2026-01-01.json')
    const pairs = (path: string) => model.paths[path].get.responses['200']['x-amzn-api-sandbox'].static
    const examples = [
      ...pairs('/orders/2026-01-01/orders').flatMap((one: { response: { orders: unknown[] } }) => one.response.orders),
      ...pairs('/orders/2026-01-01/orders/{orderId}').map((one: { response: { order: unknown } }) => one.response.order),
    ] as { salesChannel: { marketplaceId?: string }; fulfillment?: unknown }[]
    expect(examples.length).toBeGreaterThan(5)
    const known = channels(examples.flatMap(one => one.salesChannel.marketplaceId ?? []))
    for (const example of examples.filter(one => one.fulfillment !== undefined)) expect(read(example, known)).toHaveProperty('effect')
  })

  test('the order change that Amazon gives as an example reserves ten units at once', () => {
    const [example] = json('notifications/OrderChangeNotification.json').examples
    const settings = { endpoint: 'https://a.example', tokenEndpoint: 'https://a.example', sellerId: 'A3TH9S8BH6GOGM' }
    const reading = readMessage({ settings, channels: channels(['ATVPDKIKX0DER']) }, 'ORDER_CHANGE', JSON.stringify(example))
    expect(reading).toMatchObject({
      kind: 'orders',
      orders: [
        {
          externalId: '903-8868176-2219830',
          effect: 'reserve',
          platformState: 'CANCEL_REQUESTED',
          stamp: '2022-11-29T19:42:04.284Z',
          lines: [{ sku: 'SellerSKUID1', ordered: 10, shipped: 0 }],
        },
      ],
    })
  })

  test('the table of limits is the published one', () => {
    const models = json('rates.json').models
    const published = {
      ...models.ordersV0,
      ...models['listingsItems_2021-08-01'],
      ...models['orders_2026-01-01'],
      ...models.sellers,
      ...models['feeds_2021-06-30'],
      ...models['reports_2021-06-30'],
      ...models.notifications,
    }
    const ours = Object.entries(limits).filter(([, limit]) => limit.kind === 'bucket')
    expect(ours.length).toBe(23)
    for (const [operation, limit] of ours)
      expect({ operation, ...limit }).toEqual({
        operation,
        kind: 'bucket',
        ratePerS: published[operation].rate_per_s,
        burst: published[operation].burst,
      })
  })
})
