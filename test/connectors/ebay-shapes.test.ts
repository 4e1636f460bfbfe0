import { existsSync, readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Act, ActOutcome } from '../../connectors/contract.ts'
import type { ActCause } from '../../src/values/act-cause.ts'
import { type EbayStage, type Exchange, GERMANY, openEbay } from './ebay-stage.ts'
import { drain, goods, listingOf } from './stage.ts'

const SPECS = new URL('../../../shared/specs/ebay/', import.meta.url)
const isThere = existsSync(SPECS)

type Media = { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }
type Operation = {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly requestBody?: Media
  readonly responses: Readonly<Record<string, Media & { readonly headers?: object }>>
}
type Model = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

/** Where each of eBay's APIs lives, and its model. */
const APIS: Readonly<Record<string, string>> = {
  '/sell/inventory/v1': 'sell_inventory_v1_oas3.json',
  '/sell/fulfillment/v1': 'sell_fulfillment_v1_oas3.json',
  '/commerce/notification/v1': 'commerce_notification_v1_oas3.json',
  '/developer/analytics/v1_beta': 'developer_analytics_v1_beta_oas3.json',
}

/** Closes every object that lists its properties, so that a misspelt field is found. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]))
  return 'properties' in copy && copy.type === 'object' ? { ...copy, additionalProperties: false } : copy
}

/** eBay's models say text where its documentation and its answers have an object, and the other way round: these are read as documented. */
const AS_DOCUMENTED: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  Destination: { deliveryConfig: { $ref: '#/components/schemas/DeliveryConfig' } },
}

type Found = { readonly name: string; readonly operation: Operation; readonly model: string }

describe.skipIf(!isThere)('eBay speaks as its published models say (needs ../shared/specs/ebay)', () => {
  const wire: Exchange[] = []
  const models = new Map<string, { readonly model: Model; readonly ajv: Ajv }>()
  const validators = new Map<string, ValidateFunction>()
  const checked = { requests: 0, answers: 0 }
  let stage: EbayStage

  const modelOf = (file: string) => {
    const known = models.get(file)
    if (known) return known
    const model = JSON.parse(readFileSync(new URL(file, SPECS), 'utf8')) as Model
    const schemas = structuredClone(model.components.schemas) as Record<string, { properties?: object }>
    for (const [name, properties] of Object.entries(AS_DOCUMENTED))
      if (schemas[name]) schemas[name] = { ...schemas[name], properties: { ...schemas[name].properties, ...properties } }
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
    formats.default(ajv)
    ajv.addSchema({ $id: 'model', components: { schemas: closed(schemas) as object } })
    const made = { model, ajv }
    models.set(file, made)
    return made
  }
  const validator = (file: string, schema: object): ValidateFunction => {
    const text = JSON.stringify(schema).replaceAll('"#/components', '"model#/components')
    const known = validators.get(`${file} ${text}`) ?? modelOf(file).ajv.compile(JSON.parse(text) as object)
    validators.set(`${file} ${text}`, known)
    return known
  }

  /** The operation of the model that a call is. */
  const find = (one: Exchange): Found => {
    const base = Object.keys(APIS).find(path => one.url.pathname.startsWith(`${path}/`)) ?? ''
    const file = APIS[base]
    if (file === undefined) throw new Error(`${one.url.pathname} is of no API that is described`)
    const rest = one.url.pathname.slice(base.length)
    // A path of its own goes before one with a parameter in that place.
    const fits = Object.entries(modelOf(file).model.paths)
      .filter(([path]) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(rest))
      .sort(([a], [b]) => a.split('{').length - b.split('{').length)
    const operation = fits[0]?.[1][one.method.toLowerCase()]
    if (!operation) throw new Error(`${one.method} ${one.url.pathname} is not described`)
    return { name: operation.operationId, operation, model: file }
  }
  const described = (): Exchange[] => wire.filter(one => !one.url.pathname.startsWith('/identity/'))

  const refunds: ActOutcome[] = []
  beforeAll(async () => {
    stage = await openEbay({ record: wire, settings: { alertEmail: 'ops@example.com', contentLanguage: 'de-DE' } })
    const { session, sandbox, ebay } = stage
    sandbox.seed([
      goods(stage, 'MUG', 9),
      { ...goods(stage, 'TEE-S', 4, { parent: 'TEE' }), gtin: '4006381333931' },
      goods(stage, 'CAP', 3),
    ])
    sandbox.seed([goods(stage, 'BULK', 300), ...Array.from({ length: 30 }, (_, n) => goods(stage, `MORE-${n}`, 1))])
    await session.ensureWebhooks?.(stage.hub.address, stage.hub.secret)
    await session.ensureWebhooks?.(stage.hub.address, stage.hub.secret)
    const mug = await listingOf(stage, 'MUG')
    const cap = await listingOf(stage, 'CAP')
    const price = (regular: string) => [{ channelRef: GERMANY.id, price: { currency: 'EUR', regular, sale: null } }]
    ebay.unpublish('CAP')
    await session.push([
      { listing: mug, stock: { quantity: 7 }, prices: price('11.49') },
      { listing: cap, stock: { quantity: 2 }, prices: price('5.00') },
      { listing: { ...mug, externalId: '99999999', externalSku: 'NO-SUCH-SKU' }, stock: { quantity: 1 } },
    ])
    await session.push([{ listing: mug, prices: price('-1.00') }])
    await stage.settle()
    for (let place: string | null | undefined = null; place !== undefined; ) place = (await session.bulk.page(place)).next ?? undefined
    await session.readListings([mug, { ...mug, externalSku: 'GONE', externalId: '1' }])
    const person = { name: 'Ada Lovelace', email: 'ada@example.com', city: 'Berlin', country: 'DE' }
    const sold = sandbox.buy({ ref: 'b1', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 3 }], person })
    const other = sandbox.buy({ ref: 'b2', channelRef: GERMANY.id, lines: [{ sku: 'TEE-S', quantity: 1 }] })
    const late = sandbox.buy({ ref: 'b3', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 1 }], unpaid: true })
    sandbox.buy({ ref: 'b4', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 1 }], foreign: true })
    if (!sold || !other || !late) throw new Error('nothing was sold')
    const ship = (number: string, externalOrderId: string, quantity: number): Act => ({
      ...{ key: number, kind: 'ship', externalOrderId, channelRef: GERMANY.id },
      lines: sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity })),
      tracking: { carrier: 'DHL', number, shippedAt: stage.clock.now().toISOString() },
    })
    await session.act(ship('T1', sold.externalId, 1))
    await session.act(ship('T1', sold.externalId, 1))
    await session.act(ship('T2', sold.externalId, 2))
    await session.act(ship('T3', sold.externalId, 2))
    await session.act(ship('T3', '11-11111-11111', 2))
    await session.actHappened(ship('T1', sold.externalId, 1))
    const refund = (cause: ActCause, amounts: Record<string, string>, shipping: string | null): Act => ({
      ...{ key: cause, kind: 'refund', externalOrderId: sold.externalId, channelRef: GERMANY.id, lines: [], cause, reason: 'a chip' },
      refund: { currency: 'EUR', amounts, shipping, decidedAt: stage.clock.now().toISOString() },
    })
    const lineId = sold.lines[0]?.externalLineId ?? ''
    for (const act of [refund('faulty', { [lineId]: '1.00' }, null), refund('other', { [lineId]: '0.50' }, '0.25')]) {
      refunds.push(await session.act(act))
      await session.actHappened(act)
      await stage.settle()
      await session.actHappened(act)
    }
    for (const act of [refund('price', { [lineId]: '999.00' }, null), refund('lost', { 1: '1.00' }, null)])
      refunds.push(await session.act(act))
    refunds.push(
      await session.act(refund('returned', { [lineId]: '0.20' }, null)),
      await session.act(refund('customer', { [lineId]: '0.30' }, null)),
    )
    await stage.settle()
    sandbox.cancel(other.externalId)
    sandbox.pay(late.externalId)
    sandbox.refund(sold.externalId, [{ externalLineId: sold.lines[0]?.externalLineId ?? '', quantity: 1 }])
    await stage.settle()
    for (const id of [sold.externalId, other.externalId, 'none']) await session.order(id)
    for (let n = 0; n < 210; n += 1) sandbox.buy({ ref: `m${n}`, channelRef: GERMANY.id, lines: [{ sku: 'BULK', quantity: 1 }] })
    await drain(
      (async function* () {
        for await (const page of session.orders(new Date('2026-11-01T00:00:00Z'))) yield page.orders
      })(),
    )
    stage.hub.answers = 500
    for (let n = 0; n < 6; n += 1) {
      ebay.closeAccount(`gone_${n}`)
      await stage.settle()
    }
    stage.hub.answers = 202
    await session.ensureWebhooks?.(stage.hub.address, stage.hub.secret)
    await session.test()
    const calls = {
      getInventoryItems: () => drain(session.listings()),
      getOrders: () => session.orders(new Date('2026-11-01T00:00:00Z'))[Symbol.asyncIterator]().next(),
      bulkUpdatePriceQuantity: () => session.push([{ listing: mug, stock: { quantity: 5 } }]),
      createShippingFulfillment: () => session.act(ship('T4', sold.externalId, 1)),
    }
    for (const [operation, call] of Object.entries(calls))
      for (const kind of ['throttle', 'error', 'unauthorized'] as const) {
        sandbox.misbehave({ kind, operation, times: 1 })
        await call().catch(() => null)
      }
    for (const part of Array.from({ length: 40 }, (_, n) => n))
      await session.push([{ listing: mug, stock: { quantity: part }, prices: price(`${10 + part}.00`) }])
  }, 60_000)
  afterAll(() => stage.close())

  test('every call is one that is described, with no query or header parameter missing and none made up', () => {
    for (const one of described()) {
      const { name, operation } = find(one)
      const parameters = operation.parameters ?? []
      const known = parameters.filter(each => each.in === 'query').map(each => each.name)
      for (const asked of one.url.searchParams.keys()) expect([name, ...known]).toContain(asked)
      for (const header of parameters.filter(each => each.in === 'header' && each.required))
        expect([name, header.name, one.headers.has(header.name)]).toEqual([name, header.name, true])
      expect([name, one.headers.get('authorization')?.startsWith('Bearer ')]).toEqual([name, true])
    }
    expect(new Set(described().map(one => find(one).name))).toEqual(
      new Set([
        ...['getInventoryItems', 'bulkGetInventoryItem', 'getOffers', 'getOffer', 'updateOffer', 'bulkUpdatePriceQuantity'],
        ...['getOrders', 'getOrder', 'getShippingFulfillments', 'createShippingFulfillment', 'issueRefund'],
        ...['getUserRateLimits'],
        ...['getConfig', 'updateConfig', 'getDestinations', 'createDestination', 'updateDestination', 'getTopic'],
        ...['getSubscriptions', 'createSubscription'],
      ]),
    )
  })

  test('money goes back line by line or with the shipping, one refund of an order after the other', () => {
    expect(refunds).toMatchObject([
      ...[{ status: 'confirmed' }, { status: 'confirmed' }, { status: 'refused', code: 'too_much' }, { status: 'refused', code: '34914' }],
      ...[{ status: 'confirmed' }, { status: 'retry' }],
    ])
  })

  test('every body that is sent is one that the model takes', () => {
    for (const one of described().filter(each => each.asked !== '')) {
      const { name, operation, model } = find(one)
      const schema = operation.requestBody?.content?.['application/json']?.schema
      expect([name, schema !== undefined]).toEqual([name, true])
      const validate = validator(model, schema ?? {})
      validate(JSON.parse(one.asked))
      expect([name, validate.errors ?? []]).toEqual([name, []])
      checked.requests += 1
    }
    expect(checked.requests).toBeGreaterThan(60)
  })

  test('every answer of the sandbox is one that the model gives, with a status that it has', () => {
    // Tokens, permissions and quotas are refused before any of the described operations is reached.
    const atTheDoor = ['401', '403', '429']
    for (const one of described()) {
      const { name, operation, model } = find(one)
      const status = String(one.status)
      if (!atTheDoor.includes(status)) expect([name, Object.keys(operation.responses)]).toEqual([name, expect.arrayContaining([status])])
      const told = operation.responses[status === '207' ? '200' : status]
      if (status === '201') expect([name, one.location]).toEqual([name, expect.stringContaining('https://')])
      const schema =
        told?.content?.['application/json']?.schema ??
        (one.status >= 400
          ? {
              type: 'object',
              required: ['errors'],
              properties: { errors: { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/Error' } } },
            }
          : null)
      if (schema === null || one.answered === '') continue
      const validate = validator(model, schema)
      validate(JSON.parse(one.answered))
      expect([name, one.status, validate.errors ?? []]).toEqual([name, one.status, []])
      checked.answers += 1
    }
    expect(checked.answers).toBeGreaterThan(240)
  })

  test('the sandbox says with the numbers of the model what it refuses', () => {
    const numbers = (model: Model): Set<string> =>
      new Set(
        JSON.stringify(model.paths)
          .match(/"\d{5,6}"(?=:\{"domain")/g)
          ?.map(one => one.slice(1, -1)),
      )
    for (const one of described().filter(each => each.status >= 400 && ![401, 403, 429].includes(each.status) && each.answered !== '')) {
      const { name, model } = find(one)
      const [error] = JSON.parse(one.answered).errors as { errorId: number }[]
      expect([name, [...numbers(modelOf(model).model)]]).toEqual([name, expect.arrayContaining([String(error?.errorId)])])
    }
  })
})
