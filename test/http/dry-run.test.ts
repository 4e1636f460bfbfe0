import { beforeAll, expect, test } from 'vitest'
import { intend } from '../../db/publications.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let shop: Guarded
let key: string
beforeAll(async () => {
  stage = await setStage({
    platforms: [
      {
        platform: 'none',
        stockPerAccount: false,
        readSettings: () => ({}),
        readCredentials: () => ({}),
        pace: { perCall: 10, inFlight: 2, bucket: { ratePerS: 1, burst: 2 }, latencyS: 0.3, takesDates: false, showsWithinS: 0 },
      },
    ],
  })
  shop = await guardedChannel(stage.sql, 'shop', 100)
  await guardedChannel(stage.sql, 'other', 3)
  key = await stage.key('prices:write', 'prices:approve', 'stock:write', 'channels:write')
})

const dry = (command: string, body: unknown, look: Record<string, unknown> = {}, by = key) =>
  ask(stage.app, 'POST /v1/dry-runs', { key: by, body: { command, body, ...look } })
const prices = (amount: string, skus: readonly string[]) => ({ prices: skus.map(sku => ({ sku, currency: 'EUR', amount })) })
const price = (regular: string) => ({ currency: 'EUR', regular, sale: null })

/** Everything that a command could have left behind. */
async function books(): Promise<unknown> {
  const [row] = await stage.sql`
    select (select count(*) from prices) as prices, (select count(*) from change) as changes, (select count(*) from commands) as commands, (select count(*) from due) as due,
      (select count(*) from audit where actor like 'key:%') as audit, (select count(*) from movements) as movements, (select count(*) from price_list_terms) as terms,
      (select sum(on_hand) from balances) as units, (select count(*) from channel_policies) as policies, (select count(*) from price_limits) as limits,
      (select jsonb_agg(to_jsonb(p) order by p.listing_id, p.field) from publications p) as publications`
  return row
}

test('a price change tells what goes out, what the guard would hold, the calls and the seconds; nothing of it remains', async () => {
  const before = await books()
  const few = await dry('POST /v1/prices', prices('9', shop.skus.slice(0, 30)))
  expect(few).toMatchObject({ status: 200, body: { touched: 30 } })
  expect(few.body.accounts).toEqual([{ account: 'shop', platform: 'none', skus: 30, calls: 3, seconds: 1.5 }])
  const [field] = few.body.fields as (Record<string, unknown> & { examples: unknown[] })[]
  expect(field).toMatchObject({
    channel: 'shop',
    field: 'price',
    listings: 100,
    changed: 30,
    goes: 30,
    refused: 0,
    off: 0,
    quarantined: {},
  })
  expect(field?.examples.length).toBe(20)
  expect(field?.examples[0]).toEqual({
    listingId: expect.any(Number),
    sku: 'SHOP-000000',
    before: { ...price('10.00') },
    after: { ...price('9.00') },
    verdict: 'goes',
  })

  const all = await dry('POST /v1/prices', {
    prices: [...prices('4', shop.skus.slice(0, 2)).prices, ...prices('9', shop.skus.slice(2)).prices],
  })
  expect(all.body.fields).toMatchObject([{ changed: 100, goes: 49, quarantined: { dropped: 2, changed: 49 } }])
  expect(await books()).toEqual(before)
})

test('examples go on after the last one, channel by channel', async () => {
  const seen: string[] = []
  for (let after = 0; ; ) {
    const page = await dry('POST /v1/prices', prices('9', shop.skus.slice(0, 50)), { channel: 'shop', field: 'price', after, limit: 20 })
    const [field] = page.body.fields as { examples: { sku: string }[]; next: number | null }[]
    seen.push(...(field?.examples.map(one => one.sku) ?? []))
    if (field?.next == null) break
    after = field.next
  }
  expect(seen).toEqual(shop.skus.slice(0, 50))
})

test('what the command itself would refuse is refused in its own words, and by its own scope', async () => {
  expect(await dry('POST /v1/prices', { prices: [{ sku: 'NOWHERE', currency: 'EUR', amount: '9' }] })).toMatchObject({
    status: 422,
    body: { detail: 'There is no SKU NOWHERE.', errors: [{ field: 'prices.0.sku' }] },
  })
  expect(await dry('POST /v1/prices', { prices: [{ sku: 'X', currency: 'EUR', amount: 9 }] })).toMatchObject({
    status: 422,
    body: { code: 'invalid' },
  })
  expect(
    await dry('POST /v1/stock/adjust', { lines: [{ sku: 'SHOP-000000', location: 'main', quantity: -11, reasonCode: 'missing' }] }),
  ).toMatchObject({
    status: expect.toSatisfy((status: number) => status === 409 || status === 422),
  })
  expect(await dry('POST /v1/prices', prices('9', ['SHOP-000000']), {}, await stage.key('prices:read'))).toMatchObject({ status: 403 })
  expect(await dry('POST /v1/accounts', {})).toMatchObject({ status: 422, body: { errors: [{ field: 'command' }] } })
})

test('stock that would go to zero, a buffer, and a list that is approved are tried as well', async () => {
  const before = await books()
  const count = await dry('POST /v1/stock/count', {
    lines: shop.skus.map(sku => ({ sku, location: 'main', quantity: 0 })),
  })
  expect(count.body.fields).toMatchObject([{ channel: 'shop', field: 'stock', changed: 100, goes: 100, quarantined: {} }])
  await ask(stage.app, 'PATCH /v1/channels/shop/guard', { key, body: { zeroListings: 10 } })
  const strict = await dry('POST /v1/stock/count', { lines: shop.skus.map(sku => ({ sku, location: 'main', quantity: 0 })) })
  expect(strict.body.fields).toMatchObject([{ goes: 20, quarantined: { zeroed: 80 } }])
  const buffer = await dry('PATCH /v1/channels/other', { buffer: 4 })
  expect(buffer.body.fields).toMatchObject([
    { channel: 'other', field: 'stock', changed: 3, goes: 3, examples: [{ before: { quantity: 10 }, after: { quantity: 6 } }, {}, {}] },
  ])
  expect(await books()).toMatchObject({ ...(before as object), audit: expect.anything() })

  await ask(stage.app, 'PUT /v1/price-lists/summer', {
    key,
    body: { currency: 'EUR', kind: 'sale', audience: { kind: 'channel', code: 'other' } },
  })
  const entries = { entries: [{ sku: 'OTHER-000001', rule: 'percent', over: 'plain', value: '-20' }] }
  expect((await ask(stage.app, 'POST /v1/price-lists/summer/entries', { key, body: entries })).status).toBe(200)
  const { version } = (await ask(stage.app, 'GET /v1/price-lists/summer', { key })).body
  const approved = await dry('POST /v1/price-lists/summer/approve', { version })
  expect(approved.body.fields).toMatchObject([
    {
      channel: 'other',
      field: 'price',
      changed: 1,
      goes: 1,
      examples: [{ sku: 'OTHER-000001', after: { regular: '10.00', sale: { amount: '8.00' } } }],
    },
  ])
  expect((await ask(stage.app, 'GET /v1/price-lists/summer', { key })).body.state).toBe('draft')
})

test('limits of the guard are tried on what waits', async () => {
  const near = await guardedChannel(stage.sql, 'near', 60)
  await near.setPrices('9', near.skus)
  await intend(stage.sql, near.accountId, null)
  const told = await dry('PATCH /v1/channels/near/guard', { changedPercent: '50', changedLeast: 1 }, { field: 'price', limit: 1 })
  expect(told).toMatchObject({
    status: 200,
    body: {
      touched: 60,
      accounts: [],
      fields: [
        { channel: 'near', field: 'price', listings: 60, moved: 0, allowed: 30, changed: 60, goes: 30, quarantined: { changed: 30 } },
        { field: 'stock', changed: 0 },
      ],
    },
  })
  const [{ examples, next } = { examples: [], next: null }] = told.body.fields as { examples: object[]; next: number | null }[]
  expect(examples).toEqual([{ listingId: next, sku: 'NEAR-000000', before: price('10.00'), after: price('9.00'), verdict: 'goes' }])
  expect((await ask(stage.app, 'GET /v1/channels/near/guard', { key: await stage.key('channels:read') })).body.changedPercent).toBe('20')
  expect(await dry('PATCH /v1/channels/none/guard', { changedLeast: 1 })).toMatchObject({ status: 404 })
})

test('a price that a floor would leave no room for is refused with its reason', async () => {
  await ask(stage.app, 'POST /v1/price-limits', {
    key,
    body: { limits: [{ kind: 'ceiling', basis: 'legal', sku: 'OTHER-000000', amount: '11', currency: 'EUR' }] },
  })
  const told = await dry('POST /v1/price-limits', {
    limits: [{ kind: 'floor', basis: 'map', sku: 'OTHER-000000', amount: '12', currency: 'EUR' }],
  })
  expect(told.body.fields).toMatchObject([{ channel: 'other', field: 'price', changed: 1, refused: 1 }])
  const [field] = told.body.fields as { examples: Record<string, unknown>[] }[]
  expect(field?.examples[0]).toMatchObject({
    after: null,
    verdict: 'refused',
    words:
      'OTHER-000000 has no price in other: its floor of 12 EUR (map) leaves none below its ceiling of 11 EUR (legal); lower the floor or raise the ceiling',
  })
})

test('only what the tried change makes is told: not what others changed meanwhile and nobody sent, nor what is due by now', async () => {
  const three = await guardedChannel(stage.sql, 'three', 3)
  const [first = '', second = '', third = ''] = three.skus
  await three.setPrices('8', [first])
  await three.setPrices('10', [second, third])
  // A list for all that lowers a single SKU: the price that somebody set before waits to be sent, whatever this list says.
  await ask(stage.app, 'PUT /v1/price-lists/third', {
    key,
    body: { currency: 'EUR', kind: 'price', audience: { kind: 'channel', code: 'three' } },
  })
  const entries = { entries: [{ sku: third, rule: 'fixed', value: '9' }] }
  await ask(stage.app, 'POST /v1/price-lists/third/entries', { key, body: entries })
  const { version } = (await ask(stage.app, 'GET /v1/price-lists/third', { key })).body
  const tried = await dry('POST /v1/price-lists/third/approve', { version })
  expect(tried.body.fields).toMatchObject([
    { channel: 'three', field: 'price', changed: 1, examples: [{ sku: third, before: price('10.00'), after: price('9.00') }] },
  ])
  // What it changes itself begins at what would show without it, not at what was sent last.
  const again = await dry('POST /v1/prices', prices('7', [first]))
  expect(again.body.fields).toMatchObject([{ channel: 'three', changed: 1, examples: [{ before: price('8.00'), after: price('7.00') }] }])
  expect((await dry('POST /v1/prices', prices('8', [first]))).body.fields).toEqual([])
})

test('a price that is taken away is told with what the platform goes on showing', async () => {
  const taken = await dry('POST /v1/prices', { prices: [{ sku: shop.skus[0], currency: 'EUR', amount: null }] })
  expect(taken.body.fields).toMatchObject([
    {
      refused: 1,
      examples: [{ after: null, words: 'SHOP-000000 has no price in shop any more: the platform goes on showing 10 EUR; set a price' }],
    },
  ])
})
