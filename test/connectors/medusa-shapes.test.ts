import { describe, expect, test } from 'vitest'
import type { Act } from '../../connectors/contract.ts'
import { bought, orderOf, ordersSince } from './cases/orders.ts'
import { knownAnswers, missingIn, officialMedusa, type Recorded, strangeIn, wrongWith } from './medusa-schema.ts'
import { BERLIN, type Exchange, exchanges, LOCATIONS, MALMO, medusaKeys, openMedusa } from './medusa-stage.ts'
import { drain, goods, listingOf, STARTED_AT, type Stage } from './stage.ts'

const official = officialMedusa()
const authorization = `Basic ${medusaKeys.apiKey}`

/** Everything that the connector can ask, once: two locations, prices, orders that are shipped in part, returned and cancelled, refusals. */
async function askEverything(): Promise<void> {
  const stage = await openMedusa({ locations: LOCATIONS, channels: [BERLIN, MALMO] })
  try {
    stage.sandbox.seed([goods(stage, 'MUG', 9), goods(stage, 'TEE-S', 9, { parent: 'TEE' }), goods(stage, 'TEE-M', 9, { parent: 'TEE' })])
    await stage.session.test()
    await drain(stage.session.listings())
    const mug = await listingOf(stage, 'MUG')
    const prices = [
      { channelRef: BERLIN.ref, price: { currency: 'EUR', regular: '11.49', sale: null } },
      { channelRef: MALMO.ref, price: { currency: 'SEK', regular: '119', sale: null } },
    ]
    await stage.session.push([{ listing: mug, stock: { quantity: 7 }, prices }])
    await stage.session.push([{ listing: await listingOf(stage, 'MUG', MALMO.ref), stock: { quantity: 3 } }])
    await stage.session.push([{ listing: await listingOf(stage, 'TEE-M'), prices: prices.slice(0, 1) }])
    const sold = bought(stage, 'b1', 'MUG', 3)
    const lines = sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity: 2 }))
    const tracking = { carrier: 'DHL', number: 'T1', shippedAt: STARTED_AT.toISOString() }
    const act: Act = { key: 'ship-1', kind: 'ship', externalOrderId: sold.externalId, channelRef: BERLIN.ref, lines, tracking }
    expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
    stage.sandbox.refund(sold.externalId, [{ externalLineId: lines[0]?.externalLineId ?? '', quantity: 1 }])
    await stage.session.act({ ...act, key: 'cancel-1', kind: 'cancel' })
    const other = bought(stage, 'b2', 'MUG', 1)
    const whole = other.lines.map(line => ({ externalLineId: line.externalLineId, quantity: 1 }))
    await stage.session.act({ ...act, key: 'cancel-2', kind: 'cancel', externalOrderId: other.externalId, lines: whole })
    await ordersSince(stage.session, new Date(0))
    await orderOf(stage, sold.externalId)
    await stage.session.order('order_gone')
    await stage.stranger.test()
    await raw(stage, 'POST', '/admin/inventory-items/location-levels/batch', { update: [{ x: 1 }] })
  } finally {
    await stage.close()
  }
}

async function raw(stage: Stage, method: string, path: string, body?: object): Promise<unknown> {
  const init = { method, headers: { authorization }, ...(body ? { body: JSON.stringify(body) } : {}) }
  return JSON.parse(await (await stage.sandbox.fetch(new Request(`http://medusa${path}`, init))).text())
}

describe.skipIf(official === null)('Medusa speaks as it is described and was recorded (needs ../shared/specs/medusa)', () => {
  if (official === null) return
  const { recorded, wrongRequest } = official

  const known = knownAnswers(official)

  test('every call of the connector is one of the description, and every answer to it is made of what was recorded', async () => {
    exchanges.length = 0
    await askEverything()
    expect([...new Set(exchanges.flatMap(one => wrongWith(official, known, one)))]).toEqual([])
    expect(exchanges.filter(one => one.path === '/admin/products/batch')).toEqual([])
    expect(new Set(exchanges.map(one => `${one.method} ${one.path.replaceAll(/_01K\w+/g, '')}`)).size).toBeGreaterThan(9)
  })

  test('refusals have the recorded bodies', async () => {
    const stage = await openMedusa()
    try {
      stage.sandbox.seed([goods(stage, 'MUG', 9)])
      const answers = async (path: string, body: object) => raw(stage, 'POST', path, body)
      const batch = '/admin/inventory-items/location-levels/batch'
      for (const { path, request, response, status } of recorded.filter(one => one.path === batch && one.status !== 200)) {
        expect([status, await answers(path, request as object)]).toEqual([status, response])
      }
      const sold = bought(stage, 'b1', 'MUG', 1)
      const items = sold.lines.map(line => ({ id: line.externalLineId, quantity: 1 }))
      await answers(`/admin/orders/${sold.externalId}/fulfillments`, { items, location_id: BERLIN.ref })
      const cancel = recorded.find(one => one.path.endsWith('/cancel') && one.status === 400)
      expect(await answers(`/admin/orders/${sold.externalId}/cancel`, {})).toEqual(cancel?.response)
      const wrong = await stage.sandbox.fetch(new Request('http://medusa/admin/orders?limit=2'))
      expect([wrong.status, await wrong.json()]).toEqual([401, recorded.find(one => one.status === 401)?.response])
    } finally {
      await stage.close()
    }
  })

  test('answers to whoever names no fields have all that was recorded', async () => {
    const stage = await openMedusa()
    try {
      stage.sandbox.seed([goods(stage, 'MUG', 9)])
      const variant = await listingOf(stage, 'MUG')
      const sold = bought(stage, 'b1', 'MUG', 2)
      const items = sold.lines.map(line => ({ id: line.externalLineId, quantity: 1 }))
      const of = (method: string, path: RegExp): Recorded | undefined =>
        recorded.find(one => one.method === method && path.test(one.path) && one.status === 200)
      const answers: [unknown, Recorded | undefined][] = [
        [await raw(stage, 'GET', '/admin/stores'), of('GET', /stores$/)],
        [await raw(stage, 'GET', '/admin/stock-locations'), of('GET', /stock-locations\?name/)],
        [
          await raw(stage, 'GET', `/admin/product-variants?sku=MUG&fields=id,sku,*inventory_items,*inventory_items.inventory,*prices`),
          of('GET', /product-variants\?sku/),
        ],
        [await raw(stage, 'GET', `/admin/orders/${sold.externalId}`), of('GET', /orders\/order_\w+$/)],
        [await raw(stage, 'GET', '/admin/orders'), of('GET', /orders\?limit=2&order/)],
        [
          await raw(stage, 'POST', `/admin/orders/${sold.externalId}/fulfillments`, { items, location_id: BERLIN.ref }),
          of('POST', /fulfillments$/),
        ],
        [
          await raw(stage, 'GET', `/admin/orders/${sold.externalId}?fields=*fulfillments,*fulfillments.labels,fulfillment_status,status`),
          of('GET', /\?fields=\*fulfillments,/),
        ],
        [
          await levels(stage, variant.externalId),
          recorded.find(one => one.path.endsWith('location-levels/batch') && /"updated":\[\{/.test(JSON.stringify(one.response))),
        ],
        [
          await raw(stage, 'POST', `/admin/products/${variant.externalParentId}/variants/batch`, {
            update: [{ id: variant.externalId, prices: [{ amount: 13, currency_code: 'usd' }] }],
          }),
          of('POST', /products\/prod_\w+\/variants\/batch$/),
        ],
      ]
      for (const [answer, like] of answers) {
        expect(like).toBeDefined()
        expect([like?.path, missingIn(answer as never, like?.response ?? null)]).toEqual([like?.path, []])
      }
    } finally {
      await stage.close()
    }
  })

  test('finds what is wrong: a name that is not known, another kind, a field too few', () => {
    expect(strangeIn(known, { order: { id: 'x', total: 5 } })).toEqual([])
    expect(strangeIn(known, { order: { id: 'x', totals: 5 } })).toEqual(['.order.totals is not known'])
    expect(strangeIn(known, { order: { id: 5 } })).toEqual(['.order.id is number, not string'])
    expect(missingIn({ a: [{ b: 1 }] }, { a: [{ b: 1, c: 2 }] })).toEqual(['.a[].c is missing'])
    const call = (more: Partial<Exchange>): Exchange => ({
      ...{ method: 'POST', path: '/admin/orders/order_1/fulfillments', query: new URLSearchParams(), status: 200, answer: {} },
      ...{ body: { items: [{ id: 'x', quantity: 1 }], location_id: 'l', metadata: {} }, ...more },
    })
    expect(wrongRequest(call({}))).toEqual([])
    expect(wrongRequest(call({ body: { items: [{ id: 'x' }], location_id: 'l', metadata: {} } }))).toEqual([
      expect.stringContaining('quantity'),
    ])
    expect(wrongRequest(call({ query: new URLSearchParams('wish=1') }))).toEqual([expect.stringContaining('takes no wish')])
    expect(wrongRequest(call({ path: '/admin/orders/order_1/wishes' }))).toEqual([expect.stringContaining('is not described')])
  })
})

/** A level that is written to, as somebody does who names no fields. */
async function levels(stage: Stage, variantId: string): Promise<unknown> {
  const read = (await raw(stage, 'GET', `/admin/product-variants?id=${variantId}&fields=id,*inventory_items`)) as {
    variants: { inventory_items: { inventory_item_id: string }[] }[]
  }
  const inventory_item_id = read.variants[0]?.inventory_items[0]?.inventory_item_id
  const update = [{ inventory_item_id, location_id: BERLIN.ref, stocked_quantity: 8 }]
  return raw(stage, 'POST', '/admin/inventory-items/location-levels/batch', { update })
}
