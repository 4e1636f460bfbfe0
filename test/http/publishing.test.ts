import { beforeAll, describe, expect, test } from 'vitest'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let key: string
let shop: Guarded
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('admin')
  shop = await guardedChannel(stage.sql, 'shop', 4)
})

const get = (path: string, as = key) => ask(stage.app, `GET /v1/channels/shop/${path}`, { key: as })
const post = (path: string, body: unknown, idempotencyKey?: string, as = key) =>
  ask(stage.app, `POST /v1/channels/shop/${path}`, { key: as, body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
const refuse = (sku: string) => stage.sql`
  update publications p set state = 'refused', sent = p.intended, sent_at = '2026-11-20T10:00:00Z', reason_code = 'bad_price', reason = 'too many digits'
  from variants v where v.id = p.variant_id and v.sku = ${sku} and p.field = 'price'`

describe('the fields of a channel', () => {
  test('are listed in pages with how each stands, since when, and the next step', async () => {
    const [first = '', second = ''] = shop.skus
    await refuse(first)
    const one = await get('publications?limit=3')
    expect(one.body.items).toHaveLength(3)
    const two = await get(`publications?limit=200&cursor=${one.body.next}`)
    const rows = [one, two].flatMap(({ body }) => body.items as { sku: string; field: string }[])
    expect(rows.map(row => `${row.sku} ${row.field}`)).toEqual(shop.skus.flatMap(sku => [`${sku} price`, `${sku} stock`]))
    expect((await get('publications?state=refused')).body).toEqual({
      next: null,
      items: [
        expect.objectContaining({
          sku: first,
          field: 'price',
          state: 'refused',
          since: '2026-11-20T10:00:00.000Z',
          intended: { currency: 'EUR', regular: '10.00', sale: null },
          reason: 'too many digits',
          next: `mend what the platform says, then "concord publication force shop --sku ${first}"`,
        }),
      ],
    })
    expect((await get(`publications?sku=${second}&field=stock`)).body.items).toEqual([
      expect.objectContaining({ sku: second, field: 'stock', state: 'applied', intended: { quantity: 10 }, next: null }),
    ])
    await stage.sql`update products set category = 'tea' where handle = ${second}`
    expect((await get('publications?category=tea')).body.items).toHaveLength(2)
    expect((await get('publications?state=lost')).status).toBe(422)
    expect((await ask(stage.app, 'GET /v1/channels/none/publications', { key })).status).toBe(404)
  })

  test('one that drifts is told as drifting since it was found, and those that are gone are left out', async () => {
    const [, , third = '', last = ''] = shop.skus
    await stage.sql`
      insert into drifts (account_id, channel_id, listing_id, field, cause, found_at, looked_at)
      select account_id, channel_id, id, 'stock', 'edited', '2026-11-21T08:00:00Z', '2026-11-21T08:00:00Z' from listings where external_sku = ${third}`
    expect((await get('publications?state=drifting')).body.items).toEqual([
      expect.objectContaining({ sku: third, field: 'stock', since: '2026-11-21T08:00:00.000Z', drift: expect.any(Number) }),
    ])
    await stage.sql`update listings set state = 'gone' where external_sku = ${last}`
    expect((await get('publications')).body.items).toHaveLength(6)
    expect((await get('publishing')).body).toMatchObject({
      channel: 'shop',
      accountState: 'active',
      isHeld: true,
      quota: null,
      counts: [
        { field: 'stock', state: 'applied', count: 2 },
        { field: 'stock', state: 'drifting', count: 1, oldest: '2026-11-21T08:00:00.000Z' },
        { field: 'price', state: 'applied', count: 2 },
        { field: 'price', state: 'refused', count: 1, oldest: '2026-11-20T10:00:00.000Z' },
      ],
      backlog: { fields: 0, accountFields: 0, calls: 0, doneAt: null, waitsFor: null },
      feed: null,
    })
  })
})

describe('what is sent by a person’s word', () => {
  test('counts once under its key, has to be narrowed or said of all, and needs the scope to change channels', async () => {
    const [first = ''] = shop.skus
    await refuse(first)
    expect(await post('publications/force', {})).toMatchObject({
      status: 422,
      body: { errors: [expect.objectContaining({ field: 'all' })] },
    })
    const done = await post('publications/force', { state: 'refused' }, 'f-1')
    expect(done).toMatchObject({ status: 200, body: { channel: 'shop', forced: 1, again: 1, underWay: 0, held: 0 } })
    expect((await post('publications/force', { state: 'refused' }, 'f-1')).body).toEqual(done.body)
    expect((await post('publications/force', { all: true }, 'f-1')).status).toBe(409)
    expect((await get('publishing')).body.backlog).toMatchObject({ fields: 1, calls: 1 })
    expect((await post('publications/force', { skus: [first], field: 'stock' })).body).toMatchObject({ forced: 1, again: 0 })
    expect((await post('publications/force', { skus: ['NOPE'] })).status).toBe(404)
    const reader = await stage.key('channels:read')
    expect((await post('publications/force', { all: true }, undefined, reader)).status).toBe(403)
    expect((await get('publications', reader)).status).toBe(200)
  })

  test('a channel is compared as a whole, once per key', async () => {
    const asked = await post('reset', undefined, 'r-1')
    expect(asked).toMatchObject({ status: 201, body: { kind: 'compare', state: 'open' } })
    expect((await post('reset', undefined, 'r-1')).body).toEqual(asked.body)
  })
})

test('why nothing was sent is told with its numbers, now and of a moment that has passed', async () => {
  const [, second = ''] = shop.skus
  const now = await get(`publications/${second}/explain`)
  expect(now.body).toMatchObject({
    sku: second,
    channel: 'shop',
    field: 'stock',
    isPast: false,
    stock: { atp: 10, buffer: 0, cap: null, shown: 10 },
    absent: null,
    listings: [{ verdict: { code: 'unchanged' }, wanted: { quantity: 10 }, shows: { quantity: 10 }, pushes: [] }],
  })
  const price = await get(`publications/${second}/explain?field=price&at=${encodeURIComponent(new Date().toISOString())}`)
  expect(price.body).toMatchObject({ isPast: true, price: { amount: '10', source: { kind: 'plain' } } })
  expect((await get('publications/NOPE/explain')).status).toBe(404)
  expect((await get(`publications/${second}/explain?at=2030-01-01`)).status).toBe(422)
})
