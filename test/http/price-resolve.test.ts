import { beforeAll, expect, test } from 'vitest'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'
import { type Answer, ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('prices:read')
  await layIn(stage.sql, { MUG: { a: 1 }, 'CUP BLUE': { a: 1 } }, '10.5')
  await quietChannel(stage.sql, 'shop')
  await stage.sql`insert into partners (code, name) values ('acme', 'Acme')`
  await priceList(stage.sql, {
    code: 'acme',
    audience: 'partner',
    of: 'acme',
    entries: [{ sku: 'MUG', rule: 'fixed', value: '8', minQuantity: 5 }],
  })
  await priceList(stage.sql, {
    code: 'now',
    kind: 'sale',
    endsAt: '2090-01-01T00:00:00Z',
    entries: [{ sku: 'MUG', rule: 'percent', over: 'plain', value: '-10' }],
  })
})
const get = (path: string): Promise<Answer> => ask(stage.app, `GET ${path}`, { key })
const post = (body: unknown): Promise<Answer> => ask(stage.app, 'POST /v1/prices/resolve', { key, body })

test('prices are resolved by address or by body, with their reasons, in the order asked', async () => {
  const answer = await get('/v1/prices/resolve?channel=shop&sku=CUP+BLUE&sku=MUG')
  expect([answer.status, answer.body]).toEqual([
    200,
    {
      ...{ channel: 'shop', currency: 'EUR', taxIncluded: true, partner: null, quantity: 1, at: expect.any(String) },
      items: [
        {
          sku: 'CUP BLUE',
          amount: '10.50',
          regular: '10.50',
          sale: null,
          held: null,
          why: { regular: expect.objectContaining({ level: 1, asked: '10.5' }) },
          listings: [],
        },
        {
          ...{
            sku: 'MUG',
            amount: '9.45',
            regular: '10.50',
            held: null,
            sale: { amount: '9.45', from: null, to: '2090-01-01T00:00:00.000Z' },
          },
          why: { regular: expect.any(Object), sale: expect.objectContaining({ list: 'now', asked: '9.45' }) },
          listings: [],
        },
      ],
    },
  ])
  expect((await post({ channel: 'shop', skus: ['CUP BLUE', 'MUG'] })).body.items).toEqual(answer.body.items)
})

test('a partner pays its own price of a quantity, which no sale for everyone raises', async () => {
  const of = async (quantity: number) =>
    ((await post({ channel: 'shop', skus: ['MUG'], partner: 'acme', quantity })).body.items as { amount: string }[])[0]?.amount
  expect([await of(4), await of(5)]).toEqual(['9.45', '8.00'])
})

test('an explanation comes from either address', async () => {
  const one = await get('/v1/explain/price/MUG?channel=shop')
  expect(one.body).toMatchObject({
    ...{ sku: 'MUG', title: 'Product MUG', tense: 'now', quantity: 1 },
    channels: [
      {
        ...{ channel: 'shop', amount: '9.45', isSale: true, document: { regular: '10.5', sale: { amount: '9.45', from: null } } },
        sale: {
          source: { list: 'now' },
          steps: [
            { step: 'base', by: 'plain' },
            { step: 'rule', by: 'percent', amount: '9.45' },
          ],
        },
      },
    ],
  })
  expect((await get('/v1/prices/MUG/explain')).body.channels).toEqual(one.body.channels)
  expect((await get('/v1/prices/MUG/explain?partner=acme&quantity=5')).body.channels).toMatchObject([{ amount: '8', document: null }])
  expect((await get('/v1/prices/MUG/explain?at=2020-01-01T00:00:00Z')).body).toMatchObject({ tense: 'past', channels: [] })
})

test('what was shown is told by listing, the newest first', async () => {
  await stage.sql`
    with l as (insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
      select c.id, c.account_id, 'x', 'MUG', 'Mug', v.id from channels c, variants v where v.sku = 'MUG' returning id)
    insert into publication_history (listing_id, field, event, value, at)
    select l.id, 'price', e.event, e.value::jsonb, e.at::timestamptz from l, (values
      ('accepted', '{"currency": "EUR", "regular": "10.5", "sale": null}', '2026-01-01'), ('applied', '{"currency": "EUR", "regular": "9.9", "sale": null}', '2026-02-01')) e(event, value, at)`
  const { body } = await get('/v1/prices/MUG/shown?channel=shop')
  expect(body).toMatchObject({
    listings: [
      {
        ...{ channel: 'shop', currency: 'EUR', externalId: 'x', externalSku: 'MUG' },
        periods: [
          {
            from: '2026-02-01T00:00:00.000Z',
            to: null,
            amount: '9.90',
            regular: '9.90',
            isSale: false,
            confirmedAt: '2026-02-01T00:00:00.000Z',
          },
          { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', amount: '10.50', confirmedAt: null },
        ],
      },
    ],
    lowest: [{ channel: 'shop', amount: '9.90' }],
  })
  expect((await get('/v1/prices/MUG/shown?from=2026-03-01T00:00:00Z')).body.listings).toMatchObject([{ periods: [{ amount: '9.90' }] }])
})

test.each([
  ['GET /v1/prices/NOPE/shown', 404, 'sku'],
  ['GET /v1/prices/MUG/shown?channel=none', 404, 'channel'],
  ['GET /v1/prices/resolve?channel=shop&sku=NOPE', 404, 'sku'],
  ['GET /v1/prices/resolve?channel=none&sku=MUG', 404, 'channel'],
  ['GET /v1/prices/resolve?channel=shop&sku=MUG&partner=none', 404, 'partner'],
  ['GET /v1/prices/resolve?channel=shop', 422, 'sku'],
  ['GET /v1/prices/resolve?channel=shop&sku=MUG&quantity=0', 422, 'quantity'],
  ['GET /v1/explain/price/NOPE', 404, 'sku'],
  ['GET /v1/explain/price/MUG?channel=none', 404, 'channel'],
  ['GET /v1/explain/price/MUG?at=soon', 422, 'at'],
])('%s is refused with %i', async (route, status, field) => {
  const refused = await ask(stage.app, route, { key })
  expect([refused.status, (refused.body.errors as { field: string }[])[0]?.field]).toEqual([status, field])
})

test('more than 500 SKUs at once are refused', async () => {
  const skus = Array.from({ length: 501 }, (_, n) => `S${n}`)
  expect((await post({ channel: 'shop', skus })).status).toBe(422)
})
