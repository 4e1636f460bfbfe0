import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Http, HttpCall } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import { woocommerce } from '../../connectors/woocommerce/index.ts'
import { makeWooSandbox } from '../../connectors/woocommerce/sandbox.ts'
import { wooNote, wooOrder, wooProduct, wooRefund, wooWebhook } from '../../connectors/woocommerce/wire.ts'
import { STARTED_AT, seeded } from './stage.ts'
import { wooChannels, wooKeys } from './woocommerce-stage.ts'

const SPECS = '../shared/specs/woocommerce'
const isThere = existsSync(SPECS)
const property = z.looseObject({ name: z.string(), type: z.string() })
const resourceShape = z.looseObject({
  properties: z.record(z.string(), z.array(property)),
  operations: z.array(
    z.looseObject({
      title: z.string(),
      endpoints: z.array(z.looseObject({ method: z.string(), path: z.string() })),
      responses: z.array(z.unknown()),
    }),
  ),
})

const resource = (name: string): z.infer<typeof resourceShape> =>
  resourceShape.parse(JSON.parse(readFileSync(`${SPECS}/${name}.json`, 'utf8')))

/** The examples of one resource; lists are taken apart. */
function examples(name: string, title: RegExp): Record<string, unknown>[] {
  const found = resource(name).operations.filter(operation => title.test(operation.title))
  return found.flatMap(operation => operation.responses.flat()).map(example => z.record(z.string(), z.unknown()).parse(example))
}

/** What the sandbox receives and answers while the hub does all that it can do. */
async function everyCall(): Promise<{ call: HttpCall; answer: unknown }[]> {
  const sandbox = makeWooSandbox({
    file: ':memory:',
    now: () => STARTED_AT,
    scale: 1000,
    random: seeded(1),
    deliver: async () => 200,
    lagMs: 0,
    ...wooKeys,
  })
  const seen: { call: HttpCall; answer: unknown }[] = []
  const http: Http = async call => {
    const answer = await sandbox.fetch(
      new Request(call.url, { method: call.method, headers: { ...call.headers }, ...(call.body ? { body: call.body } : {}) }),
    )
    const text = await answer.text()
    seen.push({ call, answer: JSON.parse(text) })
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text }
  }
  const pace = makePace(woocommerce.limits, { scale: 1000, full: true })
  const session = woocommerce.open(
    { settings: { url: 'https://shop.example' }, credentials: wooKeys, channels: wooChannels },
    { http, pace, now: () => STARTED_AT },
  )
  const prices = { shop: '10.00' }
  sandbox.seed([
    { sku: 'MUG', title: 'Mug', gtin: null, quantity: 9, prices, parent: null },
    { sku: 'TEE-S', title: 'Tee S', gtin: null, quantity: 9, prices, parent: 'TEE' },
  ])
  await session.ensureWebhooks?.('https://hub.example/hooks', 'secret')
  const price = {
    currency: 'EUR',
    regular: '9.00',
    sale: { amount: '8.00', from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
  }
  for await (const listings of session.listings())
    await session.push(listings.map(listing => ({ listing, stock: { quantity: 4 }, prices: [{ channelRef: 'shop', price }] })))
  const sold = ['a', 'b', 'c'].map(ref => sandbox.buy({ ref, channelRef: 'shop', lines: [{ sku: 'MUG', quantity: ref === 'c' ? 3 : 1 }] }))
  for (const [at, kind] of [
    [0, 'ready'],
    [0, 'ship'],
    [1, 'cancel'],
    [2, 'cancel'],
    [2, 'refund'],
  ] as const) {
    const order = sold[at]
    const lines = (order?.lines ?? []).map(line => ({ externalLineId: line.externalLineId, quantity: 1 }))
    const amounts = Object.fromEntries(lines.map(line => [line.externalLineId, '2.50']))
    const tracking = { carrier: 'DHL', number: 'T1', shippedAt: STARTED_AT.toISOString() }
    const done = await session.act({
      key: `${kind}-${at}`,
      kind,
      externalOrderId: order?.externalId ?? '',
      channelRef: 'shop',
      lines,
      ...(kind === 'ship' ? { tracking } : {}),
      ...(kind === 'refund' ? { refund: { currency: 'EUR', amounts, shipping: null, decidedAt: STARTED_AT.toISOString() } } : {}),
      ...(kind === 'cancel' || kind === 'refund' ? { cause: 'faulty' as const, reason: 'a chip' } : {}),
    })
    expect([kind, done]).toEqual([kind, { status: 'confirmed' }])
  }
  sandbox.refund(sold[0]?.externalId ?? '', [{ externalLineId: sold[0]?.lines[0]?.externalLineId ?? '', quantity: 1 }])
  for await (const page of session.orders(new Date(0))) expect(page.unreadable).toEqual([])
  await session.readListings([])
  sandbox.close()
  return seen
}

const pathOf = (call: HttpCall): string => new URL(call.url).pathname
const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)
const SCHEMA_TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  integer: Number.isInteger,
  boolean: value => typeof value === 'boolean',
  string: value => typeof value === 'string',
  'date-time': value => typeof value === 'string' && /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)?$/.test(value),
  array: Array.isArray,
}

describe.skipIf(!isThere)(`WooCommerce's own documentation${isThere ? '' : ' [../shared/specs/woocommerce is missing]'}`, () => {
  test.each([
    ['products', wooProduct],
    ['product-variations', wooProduct],
    ['orders', wooOrder],
    ['order-refunds', wooRefund],
    ['webhooks', wooWebhook],
    ['order-notes', wooNote],
  ] as const)('every example of %s is read', (name, shape) => {
    // A batch's answer is lists of the same; those of a single resource are enough.
    const found = examples(name, /^(?!Batch)/)
    expect(found.length).toBeGreaterThan(2)
    for (const example of found) {
      const read = shape.safeParse(example)
      expect(read.success ? '' : z.prettifyError(read.error)).toBe('')
    }
  })

  test('every field that we send is in its property table, with its type', async () => {
    const sent = (await everyCall()).filter(({ call }) => call.body)
    const tables: readonly [RegExp, string, string][] = [
      [/\/products\/batch$/, 'products', 'Product properties'],
      [/\/variations\/batch$/, 'product-variations', 'Product variation properties'],
      [/\/orders\/\d+$/, 'orders', 'Order properties'],
      [/\/refunds$/, 'order-refunds', 'Order refund properties'],
      [/\/notes$/, 'order-notes', 'Order note properties'],
      [/\/webhooks$/, 'webhooks', 'Webhook properties'],
    ]
    const checked = new Set<string>()
    for (const { call } of sent) {
      const [, name, table] = tables.find(([pattern]) => pattern.test(pathOf(call))) ?? []
      if (!name || !table) throw new Error(`nothing is known of ${call.method} ${pathOf(call)}`)
      const known = new Map((resource(name).properties[table] ?? []).map(each => [each.name, each.type]))
      const body = z.record(z.string(), z.unknown()).parse(JSON.parse(call.body ?? ''))
      const items = Array.isArray(body.update) ? body.update.map(item => z.record(z.string(), z.unknown()).parse(item)) : [body]
      for (const item of items)
        for (const [field, value] of Object.entries(item)) {
          const type = known.get(field)
          expect([field, type, SCHEMA_TYPES[type ?? '']?.(value)]).toEqual([field, type, true])
          checked.add(`${name}.${field}`)
        }
    }
    for (const field of [
      'products.stock_quantity',
      'products.sale_price',
      'product-variations.date_on_sale_to_gmt',
      'orders.meta_data',
      'order-refunds.api_restock',
      'webhooks.secret',
    ])
      expect(checked).toContain(field)
  })

  test('every call goes to a documented address by its documented method', async () => {
    const documented = ['products', 'product-variations', 'orders', 'order-refunds', 'order-notes', 'webhooks'].flatMap(name =>
      resource(name).operations.flatMap(operation =>
        operation.endpoints.map(({ method, path }) => `${method} ${path.replaceAll(/&lt;\w+&gt;/g, '#')}`),
      ),
    )
    // One address of the documentation lacks its "s" (webhooks); the extension has a page of its own.
    const calls = new Set((await everyCall()).map(({ call }) => `${call.method} ${pathOf(call).replaceAll(/\/\d+/g, '/#')}`))
    for (const call of calls) if (!call.includes('wc-shipment-tracking')) expect(documented).toContain(call)
    expect(calls.size).toBeGreaterThan(8)
  })

  test.each([
    ['products', /^\/wp-json\/wc\/v3\/products$/, /^List all products/, wooProduct],
    ['product-variations', /\/variations$/, /^List all product variations/, wooProduct],
    ['orders', /\/orders$/, /^List all orders/, wooOrder],
    ['order-refunds', /\/refunds$/, /^List all refunds/, wooRefund],
    ['webhooks', /\/webhooks$/, /^Create a webhook/, wooWebhook],
  ] as const)('the sandbox writes %s as the examples do, in all that we read', async (name, address, title, shape) => {
    const answers = (await everyCall())
      .filter(({ call }) => address.test(pathOf(call)))
      .flatMap(({ answer }) => (Array.isArray(answer) ? answer : [answer]))
    const written = z.array(z.record(z.string(), z.unknown())).parse(answers)
    const documented = examples(name, title)
    expect(written.length).toBeGreaterThan(0)
    const kinds = (bodies: readonly Record<string, unknown>[], field: string): Set<string> =>
      new Set(bodies.filter(body => field in body).map(body => kindOf(body[field])))
    // Newer than the documentation that is kept here.
    const newer = new Set(['global_unique_id', 'name', 'type'])
    for (const field of Object.keys(shape.shape)) {
      const wanted = kinds(documented, field)
      if (wanted.size === 0 && newer.has(field)) continue
      // Where the examples only have null, they do not tell what else it can be.
      const told = [...kinds(written, field)].filter(kind => kind !== 'null' && ![...wanted].every(each => each === 'null'))
      expect([field, told.filter(kind => !wanted.has(kind))]).toEqual([field, []])
      expect([field, kinds(written, field).size > 0]).toEqual([field, true])
    }
  })
})
