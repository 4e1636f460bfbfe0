import { beforeAll, describe, expect, test } from 'vitest'
import { AvailabilityOut } from '../../src/http/routes/availability.ts'
import { makeShownCache } from '../../src/usecases/shown-cache.ts'
import { quietChannel } from '../support/goods.ts'
import { type Answer, ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:write', 'channels:write')
  await stockUp(stage.app, key, 'MUG', 10)
  await stockUp(stage.app, key, 'CUP', 4, 'hamburg')
  await quietChannel(stage.sql, 'shop')
  await quietChannel(stage.sql, 'north', ['hamburg'])
})

const get = (path: string): Promise<Answer> => ask(stage.app, `GET /v1/availability/${path}`, { key })
const many = (body: unknown): Promise<Answer> => ask(stage.app, 'POST /v1/availability', { key, body })
const policy = (code: string, body: unknown): Promise<Answer> => ask(stage.app, `PATCH /v1/channels/${code}`, { key, body })
type Item = {
  channels: Record<string, unknown>[]
  locations: Record<string, unknown>[]
  incoming: Record<string, unknown>[]
  short: number
}
const item = (answer: Answer): Item => (answer.body.items as Item[])[0] ?? { channels: [], locations: [], incoming: [], short: 0 }

describe('what there is to sell', () => {
  test('is told by location and by channel, or of one of them', async () => {
    const none = { ahead: 0, buffer: 0, cap: null, stopSellingAt: 0, listed: false }
    const all = await get('MUG')
    expect(all.body.items).toEqual([
      {
        sku: 'MUG',
        channels: [
          { channel: 'north', ...none, atp: 0, shown: 0 },
          { channel: 'shop', ...none, atp: 10, shown: 10 },
        ],
        locations: [{ location: 'berlin', onHand: 10, reserved: 0, unavailable: 0, incoming: 0, safetyStock: 0, available: 10 }],
      },
    ])
    expect((await get('MUG?channel=shop')).body.items).toEqual([
      { sku: 'MUG', channels: [{ channel: 'shop', ...none, atp: 10, shown: 10 }] },
    ])
    // A location that is named is told also where it has nothing.
    expect(item(await get('MUG?location=hamburg'))).toEqual({
      sku: 'MUG',
      locations: [{ location: 'hamburg', onHand: 0, reserved: 0, unavailable: 0, incoming: 0, safetyStock: 0, available: 0 }],
    })
  })

  test.each([
    ['NOPE', 404, 'not_found'],
    ['NOPE?channel=shop', 404, 'not_found'],
    ['MUG?channel=none', 404, 'not_found'],
    ['MUG?location=none', 404, 'not_found'],
    ['MUG?channel=shop&location=none', 404, 'not_found'],
    ['MUG?on=2020-01-01', 422, 'invalid'],
    ['MUG?on=tomorrow', 422, 'invalid'],
    ['MUG?channel=shop&atLeast=soon', 422, 'invalid'],
    ['MUG?channel=shop&atLeast=999999999999', 422, 'invalid'],
  ])('is refused for %s', async (path, status, code) => {
    expect((await get(path)).body).toMatchObject({ status, code })
  })

  test('of a bundle is what its parts make at each location', async () => {
    await stockUp(stage.app, key, 'SET', 0)
    await ask(stage.app, 'POST /v1/stock/receive', { key, body: { lines: [{ sku: 'MUG', location: 'hamburg', quantity: 1 }] } })
    await stage.sql`insert into bundle_flat select s.id, p.id, 2 from variants s, variants p where s.sku = 'SET' and p.sku in ('MUG', 'CUP')`
    await ask(stage.app, 'POST /v1/stock/receive', { key, body: { lines: [{ sku: 'CUP', location: 'berlin', quantity: 7 }] } })
    const set = item(await get('SET'))
    // Berlin: 10 mugs and 7 cups; Hamburg: 1 mug is too few.
    expect(set.channels.map(one => [one.channel, one.atp])).toEqual([
      ['north', 0],
      ['shop', 3],
    ])
    expect(set.locations).toEqual([expect.objectContaining({ location: 'berlin', onHand: 0, available: 3 })])
    await stage.sql`delete from bundle_flat`
    await ask(stage.app, 'POST /v1/stock/adjust', {
      key,
      body: {
        lines: [
          { sku: 'MUG', location: 'hamburg', quantity: -1 },
          { sku: 'CUP', location: 'berlin', quantity: -7 },
        ],
      },
    })
  })
})

describe('many at once', () => {
  test('are told as one by one, whatever their names hold, and what does not exist is left out', async () => {
    const odd = ['A"B', 'C\\D', 'Größe 1', '{"x":1}', "O'Neill", '茶']
    for (const [n, sku] of odd.entries()) {
      await ask(stage.app, 'POST /v1/products', { key, body: { handle: `odd-${n}`, title: sku, variants: [{ sku }] } })
      await ask(stage.app, 'POST /v1/stock/receive', { key, body: { lines: [{ sku, location: 'berlin', quantity: n + 1 }] } })
    }
    await policy('shop', { cap: 5 })
    await stage.sql`
      insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
      select c.id, c.account_id, v.sku, v.sku, v.sku, v.id from channels c, variants v where c.code = 'shop' and v.sku = any(${odd.slice(0, 3)}::text[])`
    const answer = await many({ skus: [...odd, 'MUG', 'NOPE'], listed: true })
    expect(AvailabilityOut.strict().parse(answer.body)).toEqual(answer.body)
    const items = answer.body.items as { sku: string; channels: { channel: string; listed: boolean }[] }[]
    expect(items.map(one => one.sku)).toEqual([...odd, 'MUG'].toSorted())
    const shown = items.flatMap(one => one.channels.filter(row => row.listed).map(row => [one.sku, row.channel]))
    expect(shown).toEqual(
      odd
        .slice(0, 3)
        .toSorted()
        .map(sku => [sku, 'shop']),
    )
    for (const one of items) expect(one.channels).toEqual(item(await get(encodeURIComponent(one.sku))).channels)
    expect((await many({ skus: ['MUG'] })).body.items).toEqual([
      { sku: 'MUG', channels: item(await get('MUG')).channels.map(({ listed: _, ...row }) => row) },
    ])
    expect((await many({ skus: ['MUG'], channels: ['north', 'none'] })).body.items).toEqual([
      { sku: 'MUG', channels: [expect.objectContaining({ channel: 'north', atp: 0 })] },
    ])
    expect((await many({ skus: ['NOPE'] })).body.items).toEqual([])
    await policy('shop', { cap: null })
  })

  test('are told at locations', async () => {
    const answer = await many({ skus: ['MUG', 'CUP'], locations: ['hamburg'] })
    expect(AvailabilityOut.strict().parse(answer.body)).toEqual(answer.body)
    expect((answer.body.items as Item[]).map(one => one.locations.map(place => place.available))).toEqual([[4], [0]])
  })

  test('of more than 100,000 numbers are refused, and more than 10,000 SKUs', async () => {
    const skus = Array.from({ length: 10_001 }, (_, n) => `S${n}`)
    expect((await many({ skus })).body).toMatchObject({ status: 422, errors: [{ field: 'skus' }] })
    const channels = Array.from({ length: 11 }, (_, n) => `c${n}`)
    expect((await many({ skus: skus.slice(1), channels })).body).toMatchObject({
      status: 422,
      detail: expect.stringContaining('more than 100000 numbers'),
    })
    expect((await many({ skus: skus.slice(1), channels: ['shop'] })).body.items).toEqual([])
  })
})

describe('on a date', () => {
  test('counts what is expected by then, less what orders are short of, and tells when it comes', async () => {
    const soon = new Date(Date.now() + 3 * 86_400_000)
    const later = new Date(Date.now() + 9 * 86_400_000)
    await stage.sql`
      with d as (insert into deliveries (reference, location_id, expected_at, actor)
        select x.reference, p.id, x.at, 'test' from locations p, unnest(array['PO-1', 'PO-2'], ${stage.sql.types.timestamptzArray([soon, later])}) x(reference, at)
        where p.code = 'hamburg' returning id, reference)
      insert into delivery_lines (delivery_id, variant_id, ordered) select d.id, v.id, 5 from d, variants v where v.sku = 'CUP'`
    await stage.sql`
      with o as (insert into orders (channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, placed_at)
        select id, '1', '1', 'accepted', 'open', now(), '', 'EUR', now() from channels where code = 'north' returning id)
      insert into order_lines (order_id, external_line_id, variant_id, sku, title, ordered, short) select o.id, '1', v.id, 'CUP', 'CUP', 2, 2 from o, variants v where v.sku = 'CUP'`
    const day = new Date(Date.now() + 4 * 86_400_000).toISOString().slice(0, 10)
    const dated = await get(`CUP?on=${day}`)
    expect(AvailabilityOut.strict().parse(dated.body)).toEqual(dated.body)
    expect(dated.body.on).toBe(`${day}T23:59:59.999Z`)
    expect(item(dated).channels.map(one => [one.channel, one.atp, one.atpOn])).toEqual([
      ['north', 4, 7],
      ['shop', 4, 7],
    ])
    expect(item(dated).locations.map(one => [one.location, one.available, one.availableOn])).toEqual([
      ['berlin', 0, 0],
      ['hamburg', 4, 7],
    ])
    expect(item(dated).incoming).toEqual([
      { sku: 'CUP', location: 'hamburg', expectedAt: soon.toISOString(), kind: 'delivery', reference: 'PO-1', units: 5 },
    ])
    expect(item(dated).short).toBe(2)
    const farther = await many({ skus: ['CUP'], channels: ['north'], on: new Date(later.getTime() + 1).toISOString() })
    expect(item(farther)).toMatchObject({ channels: [{ atpOn: 12 }], incoming: [{ reference: 'PO-1' }, { reference: 'PO-2' }] })
  })
})

describe('selling ahead', () => {
  test('shows what the terms allow, less what orders are short of, in channels that sell ahead', async () => {
    const put = (body: unknown, idempotencyKey: string) => ask(stage.app, 'PUT /v1/variants/CUP/terms', { key, body, idempotencyKey })
    const set = await put({ kind: 'backorder', limit: 20 }, 't-1')
    expect(set.body).toEqual({ sku: 'CUP', terms: { kind: 'backorder', limit: 20, availableFrom: null }, short: 2 })
    expect(set.headers.get('concord-token')).toMatch(/^\d+$/)
    expect(item(await get('CUP')).channels.map(one => one.shown)).toEqual([4, 4])
    expect((await policy('north', { sellAhead: true })).body).toMatchObject({ sellAhead: true })
    expect(item(await get('CUP')).channels[0]).toMatchObject({ channel: 'north', atp: 4, ahead: 18, shown: 22 })
    expect((await put({ kind: 'backorder', limit: 1 }, 't-1')).status).toBe(409)
    expect((await put({ kind: null }, 't-2')).body).toEqual({ sku: 'CUP', terms: null, short: 2 })
    expect(item(await get('CUP')).channels[0]).toMatchObject({ ahead: 0, shown: 4 })
    expect((await ask(stage.app, 'GET /v1/variants/CUP/terms', { key })).body).toEqual({ sku: 'CUP', terms: null, short: 2 })
  })

  test.each([
    [{ kind: 'preorder', limit: 5 }, 'availableFrom'],
    [{ kind: 'preorder', limit: 5, availableFrom: '2020-01-01T00:00:00Z' }, 'availableFrom'],
    [{ kind: 'backorder' }, 'limit'],
    [{ kind: 'backorder', limit: 0 }, 'limit'],
    [{ kind: 'someday', limit: 5 }, 'kind'],
  ])('refuses %o at its field', async (body, field) => {
    const answer = await ask(stage.app, 'PUT /v1/variants/CUP/terms', { key, body })
    expect(answer.body).toMatchObject({ status: 422, errors: [expect.objectContaining({ field })] })
  })

  test('of an unknown SKU is refused', async () => {
    expect((await ask(stage.app, 'PUT /v1/variants/NOPE/terms', { key, body: { kind: 'backorder', limit: 1 } })).status).toBe(404)
    expect((await ask(stage.app, 'GET /v1/variants/NOPE/terms', { key })).status).toBe(404)
  })
})

describe('the buffer of a channel', () => {
  test('is a number of units or a percentage, rounded up; setting one ends the other', async () => {
    expect((await policy('shop', { bufferPercent: 12.5 })).body).toMatchObject({ buffer: 0, bufferPercent: 12.5 })
    expect(item(await get('MUG?channel=shop&location=berlin')).channels).toEqual([
      expect.objectContaining({ atp: 10, buffer: 2, shown: 8 }),
    ])
    expect((await policy('shop', { buffer: 3 })).body).toMatchObject({ buffer: 3, bufferPercent: 0 })
    expect(item(await get('MUG')).channels[1]).toMatchObject({ channel: 'shop', buffer: 3, shown: 7 })
    await policy('shop', { buffer: 0 })
  })

  test.each([{ bufferPercent: 101 }, { bufferPercent: -1 }, { bufferPercent: 1.005 }, { bufferPercent: 5, buffer: 5 }])(
    'is refused as %o',
    async body => {
      expect((await policy('shop', body)).body).toMatchObject({
        status: 422,
        errors: [expect.objectContaining({ field: 'bufferPercent' })],
      })
    },
  )
})

describe('memory', () => {
  // The clocks of these two nodes stand still: what they remember never grows old.
  const node = () => stage.another({ shown: makeShownCache(stage.sql, { elapsedMs: () => 0 }) })

  test('never hides a write from whoever passes its token on, on any node: 200 times', async () => {
    const [one, other] = [node(), node()]
    const path = 'GET /v1/availability/MUG?channel=shop'
    const atp = (answer: Answer) => item(answer).channels[0]?.atp
    for (const either of [one, other]) expect(atp(await ask(either, path, { key }))).toBe(10)
    let remembered = 0
    for (let n = 1; n <= 200; n++) {
      const [writer, reader] = n % 2 === 0 ? [one, other] : [other, one]
      const wrote = await ask(writer, 'POST /v1/stock/adjust', { key, body: { lines: [{ sku: 'MUG', location: 'berlin', quantity: 1 }] } })
      const token = wrote.headers.get('concord-token')
      const expected = 10 + n
      // Without the token the reader may still remember; it does, which is what the token is for.
      if (atp(await ask(reader, path, { key })) !== expected) remembered++
      expect(atp(await ask(reader, `${path}&atLeast=${token}`, { key })), `write ${n}`).toBe(expected)
      expect(atp(await ask(reader, path, { key })), `after write ${n}`).toBe(expected)
    }
    expect(remembered).toBe(200)
    await ask(one, 'POST /v1/stock/adjust', { key, body: { lines: [{ sku: 'MUG', location: 'berlin', quantity: -200 }] } })
  })

  test('is not asked where the token of a reservation, a release, a settlement or a policy is passed on', async () => {
    const [one, other] = [node(), node()]
    const read = async (token: string | null) =>
      item(await ask(other, `GET /v1/availability/MUG?channel=shop${token === null ? '' : `&atLeast=${token}`}`, { key })).channels[0]
        ?.shown
    expect(await read(null)).toBe(10)
    const write = (route: string, body: unknown) => ask(one, `POST /v1/${route}`, { key, body })
    const held = await write('reservations', { lines: [{ sku: 'MUG', quantity: 4 }] })
    expect(await read(held.headers.get('concord-token'))).toBe(6)
    const released = await write(`reservations/${held.body.id}/release`, { lines: [{ sku: 'MUG', quantity: 1 }] })
    expect(await read(released.headers.get('concord-token'))).toBe(7)
    const settled = await write(`reservations/${held.body.id}/settle`, {})
    expect(await read(settled.headers.get('concord-token'))).toBe(7)
    const capped = await ask(one, 'PATCH /v1/channels/shop', { key, body: { cap: 5 } })
    expect(await read(capped.headers.get('concord-token'))).toBe(5)
  })

  test('is no older than a second by the clock of the node', async () => {
    let elapsed = 0
    const app = stage.another({ shown: makeShownCache(stage.sql, { elapsedMs: () => elapsed }) })
    const atp = async () => item(await ask(app, 'GET /v1/availability/CUP?channel=north', { key })).channels[0]?.atp
    expect(await atp()).toBe(4)
    await ask(stage.app, 'POST /v1/stock/receive', { key, body: { lines: [{ sku: 'CUP', location: 'hamburg', quantity: 8 }] } })
    elapsed = 1_000
    expect(await atp()).toBe(4)
    elapsed = 1_001
    expect(await atp()).toBe(10)
  })
})
