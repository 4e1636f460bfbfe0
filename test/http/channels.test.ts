import { beforeAll, describe, expect, test } from 'vitest'
import { intend } from '../../db/publications.ts'
import { account, CREDENTIAL, connect, platform } from './channel-stage.ts'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
let listing: number
beforeAll(async () => {
  stage = await setStage({ platforms: [platform] })
  key = await stage.key('admin')
  await stockUp(stage.app, key, 'MUG', 10)
  listing = await connect(stage, key, 'MUG')
})

const get = (path: string) => ask(stage.app, `GET ${path}`, { key })

describe('accounts', () => {
  test('are shown with their settings and channels, never with their credentials', async () => {
    const shown = await get('/v1/accounts/woo')
    expect(shown.body).toMatchObject({
      name: 'woo',
      platform: 'woocommerce',
      settings: { address: 'https://shop.example' },
      channels: ['woo-eu'],
      state: 'active',
    })
    expect(shown.text + (await get('/v1/accounts')).text).not.toMatch(/credential|webhookToken|webhookSecret/i)
    const [row] = await stage.sql`select encode(credentials, 'escape') as stored from accounts`
    expect(row?.stored).not.toContain(CREDENTIAL)
  })

  test.each([
    ['settings the platform does not take', { ...account, name: 'other', settings: { address: 'no address' } }, 'settings.address'],
    ['credentials it does not take', { ...account, name: 'other', credentials: { token: 'short' } }, 'credentials.token'],
    ['an unknown platform', { ...account, name: 'other', platform: 'etsy' }, 'platform'],
    ['a made-up currency', { ...account, name: 'other', channels: [{ ...account.channels[0], currency: 'XQZ' }] }, 'channels.0.currency'],
    ['no channel', { ...account, name: 'other', channels: [] }, 'channels'],
  ])('are refused with %s, at its field', async (_, body, field) => {
    const answer = await ask(stage.app, 'POST /v1/accounts', { key, body })
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([expect.objectContaining({ field })])
    expect(answer.text).not.toMatch(/canary|short/)
  })

  test('have one name each', async () => {
    expect((await ask(stage.app, 'POST /v1/accounts', { key, body: account })).body).toMatchObject({ status: 409, code: 'conflict' })
  })

  test('are paused with a reason, and go on', async () => {
    const paused = await ask(stage.app, 'POST /v1/accounts/woo/pause', { key, body: { reason: 'moving house' } })
    expect(paused.body).toMatchObject({ state: 'paused', stateReason: 'moving house' })
    expect((await ask(stage.app, 'POST /v1/accounts/woo/resume', { key })).body).toMatchObject({ state: 'active', stateReason: null })
    expect((await ask(stage.app, 'POST /v1/accounts/none/resume', { key })).status).toBe(404)
  })
})

describe('channels', () => {
  test('begin in observe, and publish when a person turns the switches', async () => {
    expect((await get('/v1/channels/woo-eu')).body).toMatchObject({
      publishStock: false,
      publishPrices: false,
      locations: ['berlin'],
      buffer: 0,
      cap: null,
    })
    const changed = await ask(stage.app, 'PATCH /v1/channels/woo-eu', { key, body: { publishStock: true, buffer: 2, cap: 5 } })
    expect(changed.body).toMatchObject({ publishStock: true, publishPrices: false, buffer: 2, cap: 5 })
    expect((await get('/v1/channels')).body.items).toHaveLength(1)
    expect((await get('/v1/channels/none')).status).toBe(404)
  })

  test('show what their policy makes of the stock, for one SKU and for many', async () => {
    const one = await get('/v1/availability/MUG?channel=woo-eu')
    expect(one.body.items).toEqual([
      { sku: 'MUG', channels: [{ channel: 'woo-eu', atp: 10, ahead: 0, buffer: 2, cap: 5, stopSellingAt: 0, shown: 5, listed: true }] },
    ])
    const many = await ask(stage.app, 'POST /v1/availability', { key, body: { skus: ['MUG', 'NOPE'], listed: true } })
    expect(many.body.items).toEqual(one.body.items)
    expect((await get('/v1/availability/NOPE')).status).toBe(404)
    const why = await get('/v1/stock/MUG/explain')
    expect(why.body).toMatchObject({ sku: 'MUG', chain: [{ channel: 'woo-eu', buffer: 2, result: { shown: 5 } }] })
  })

  test('are asked for a test or an observation, which the holder of the account carries out', async () => {
    const asked = await ask(stage.app, 'POST /v1/channels/woo-eu/requests', { key, body: { kind: 'test' } })
    expect(asked).toMatchObject({ status: 201, body: { kind: 'test', state: 'open', answer: null } })
    expect((await get(`/v1/requests/${asked.body.id}`)).body).toEqual(asked.body)
    const joined = await ask(stage.app, 'POST /v1/channels/woo-eu/requests', { key, body: { kind: 'test' } })
    expect(joined.body.id).toBe(asked.body.id)
  })
})

describe('listings', () => {
  test('are found by whether they are matched', async () => {
    expect((await get('/v1/listings?matched=true')).body.items).toEqual([
      expect.objectContaining({ id: listing, channel: 'woo-eu', externalSku: 'MUG', sku: 'MUG', matchedBy: 'sku' }),
    ])
    expect((await get('/v1/listings?matched=false')).body.items).toEqual([])
  })

  test('are matched by hand, once per key, and unmatched', async () => {
    await stockUp(stage.app, key, 'CUP', 0)
    const match = (sku: string | null, idempotencyKey: string) =>
      ask(stage.app, `POST /v1/listings/${listing}/match`, { key, body: { sku }, idempotencyKey })
    expect((await match('CUP', 'm-1')).body).toEqual({ id: listing, sku: 'CUP' })
    expect((await match('MUG', 'm-1')).status).toBe(409)
    expect((await get('/v1/listings?sku=CUP')).body.items).toEqual([expect.objectContaining({ matchedBy: 'hand' })])
    await match(null, 'm-2')
    expect((await get('/v1/listings?matched=false')).body.items).toHaveLength(1)
    expect((await match('NOPE', 'm-3')).status).toBe(404)
    expect((await match('MUG', 'm-4')).status).toBe(200)
  })
})

describe('publications', () => {
  test('tell what is intended and how far it got, with its history', async () => {
    const [row] = await stage.sql<{ id: number }[]>`select id from accounts`
    const priced = await ask(stage.app, 'POST /v1/prices', { key, body: { prices: [{ sku: 'MUG', currency: 'EUR', amount: '12.9' }] } })
    expect(priced.body).toMatchObject({
      changed: 1,
      replayed: false,
      forecast: [],
      channels: [{ line: 0, sku: 'MUG', channel: 'woo-eu', over: null, words: expect.stringMatching(/^woo-eu: /) }],
    })
    await intend(stage.sql, row?.id ?? 0, null)
    const all = await get('/v1/publications?state=intended')
    expect(all.body.items).toEqual([
      expect.objectContaining({
        listingId: listing,
        field: 'price',
        sku: 'MUG',
        intended: { currency: 'EUR', regular: '12.90', sale: null },
        sent: null,
      }),
      expect.objectContaining({ listingId: listing, field: 'stock', intended: { quantity: 5 } }),
    ])
    const first = await get('/v1/publications?limit=1')
    const second = await get(`/v1/publications?limit=1&cursor=${first.body.next}`)
    expect([first, second].map(page => (page.body.items as { field: string }[])[0]?.field)).toEqual(['price', 'stock'])
    expect(second.body.next).toBeNull()
    const history = await get(`/v1/publications/${listing}/history?field=stock`)
    expect((history.body.items as { event: string }[])[0]).toMatchObject({
      event: 'intended',
      value: { quantity: 5 },
      why: { atp: 10, buffer: 2, cap: 5 },
    })
    expect((await ask(stage.app, `POST /v1/publications/${listing}/stock/retry`, { key })).status).toBe(404)
  })
})

describe('prices', () => {
  test('leave with the digits of their currency, and unit prices with what they need', async () => {
    await ask(stage.app, 'POST /v1/prices', {
      key,
      body: {
        prices: [
          { sku: 'CUP', currency: 'JPY', amount: '900' },
          { sku: 'CUP', currency: 'USD', amount: '0.0125' },
          { sku: 'CUP', currency: 'KWD', amount: '1.5' },
        ],
      },
    })
    const list = await get('/v1/prices?sku=CUP')
    expect((list.body.items as Record<string, unknown>[]).map(item => [item.currency, item.amount])).toEqual([
      ['JPY', '900'],
      ['USD', '0.0125'],
      ['KWD', '1.500'],
    ])
  })

  test('are replaced, ended and kept in the history', async () => {
    const set = (amount: string | null) =>
      ask(stage.app, 'POST /v1/prices', { key, body: { prices: [{ sku: 'CUP', currency: 'EUR', amount }] } })
    expect((await set('5')).body.changed).toBe(1)
    expect((await set('5.00')).body.changed).toBe(0)
    expect((await set('6')).body.changed).toBe(1)
    expect((await set(null)).body.changed).toBe(1)
    expect((await get('/v1/prices?sku=CUP&currency=EUR')).body.items).toEqual([])
    const history = await get('/v1/prices/CUP/history?limit=2')
    expect((history.body.items as Record<string, unknown>[]).map(item => [item.amount, item.supersededAt === null])).toEqual([
      ['6.00', false],
      ['5.00', false],
    ])
  })

  test.each([
    ['zero', { amount: '0' }, 'prices.0.amount'],
    ['a number', { amount: 5 }, 'prices.0.amount'],
    ['an exponent', { amount: '1e3' }, 'prices.0.amount'],
    ['seven decimals', { amount: '0.0000001' }, 'prices.0.amount'],
    ['another currency than its channel', { channel: 'woo-eu', currency: 'USD' }, 'prices.0.currency'],
    ['an unknown channel', { channel: 'none' }, 'prices.0.channel'],
    ['an end without a beginning', { to: '2026-12-01T00:00:00Z' }, 'prices.0.to'],
    ['an end before its beginning', { from: '2026-12-01T00:00:00Z', to: '2026-11-01T00:00:00Z' }, 'prices.0.to'],
    ['an unknown SKU', { sku: 'NOPE' }, 'prices.0.sku'],
  ])('are refused with %s', async (_, wrong, field) => {
    const answer = await ask(stage.app, 'POST /v1/prices', {
      key,
      body: { prices: [{ sku: 'CUP', currency: 'EUR', amount: '1', ...wrong }] },
    })
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([expect.objectContaining({ field })])
  })
})
