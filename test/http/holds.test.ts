import { beforeAll, describe, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { cliOn } from '../cli/stage.ts'
import { quietChannel } from '../support/goods.ts'
import { type Answer, ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
let cli: ReturnType<typeof cliOn>
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:write', 'orders:write')
  cli = cliOn(stage.url)
  await stockUp(stage.app, key, 'LAMP', 10)
  await stockUp(stage.app, key, 'CHAIR', 10)
  await stockUp(stage.app, key, 'STOOL', 5, 'hamburg')
  await post('/v1/stock/receive', { lines: [{ sku: 'LAMP', location: 'hamburg', quantity: 20 }] })
  await quietChannel(stage.sql, 'web', ['berlin', 'hamburg'])
})

const post = (path: string, body: unknown, idempotencyKey?: string) =>
  ask(stage.app, `POST ${path}`, { key, body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
const take = (lines: readonly object[], more: object = {}) => post('/v1/reservations', { lines, ...more })
const act = (held: Answer, how: string, body: unknown, idempotencyKey?: string) =>
  post(`/v1/reservations/${held.body.id}/${how}`, body, idempotencyKey)
const read = async (held: Answer) => (await ask(stage.app, `GET /v1/reservations/${held.body.id}`, { key })).body
const free = async (sku: string) => (await ask(stage.app, `GET /v1/stock/${sku}`, { key })).body.available
const orderLines = (id: unknown) =>
  stage.sql`select sku, ordered, reserved, short from order_lines where order_id = ${Number(id)} order by id`

describe('a hold', () => {
  test('is taken where it is preferred', async () => {
    const at = async (prefer?: unknown) => {
      const held = await take([{ sku: 'LAMP', quantity: 1 }], { channel: 'web', ...(prefer === undefined ? {} : { prefer }) })
      await act(held, 'release', {})
      return (held.body.lines as { location: string }[])[0]?.location
    }
    expect(await at()).toBe('berlin')
    expect(await at('channel')).toBe('berlin')
    expect(await at('most')).toBe('hamburg')
    expect(await at(['hamburg', 'berlin'])).toBe('hamburg')
    expect((await take([{ sku: 'LAMP', quantity: 1 }], { prefer: 'nearest' })).status).toBe(422)
  })

  test('lasts longer when it is extended, and not once it is over', async () => {
    const held = await take([{ sku: 'CHAIR', quantity: 1 }], { expiresInS: 60 })
    const until = async () => ((await read(held)).promises as { expiresAt: string | null }[])[0]?.expiresAt
    await act(held, 'extend', { expiresInS: 3600 }, 'longer')
    expect(Date.parse((await until()) ?? '') - Date.now()).toBeGreaterThan(3_500_000)
    expect((await act(held, 'extend', { expiresInS: 60 }, 'longer')).body).toMatchObject({ status: 409, code: 'conflict' })
    await act(held, 'extend', { expiresInS: null })
    expect(await until()).toBeNull()
    await act(held, 'release', {})
    expect((await act(held, 'extend', { expiresInS: 60 })).body).toMatchObject({ status: 409, code: 'conflict' })
    expect((await post('/v1/reservations/aG9sZDp4OnkK/extend', { expiresInS: 60 })).status).toBe(404)
  })

  test('moves as a whole, or not at all', async () => {
    const held = await take([
      { sku: 'LAMP', quantity: 2, location: 'berlin' },
      { sku: 'STOOL', quantity: 1 },
    ])
    expect((await act(held, 'move', { to: 'hamburg' })).body).toMatchObject({ open: 3 })
    const places = async () =>
      ((await read(held)).promises as { sku: string; location: string; state: string }[])
        .filter(one => one.state === 'open')
        .map(one => [one.sku, one.location])
    expect(await places()).toEqual([
      ['STOOL', 'hamburg'],
      ['LAMP', 'hamburg'],
    ])
    expect((await act(held, 'move', { to: 'berlin' })).body).toMatchObject({
      code: 'insufficient_stock',
      missing: [{ sku: 'STOOL', location: 'berlin', asked: 1, available: 0 }],
    })
    expect(await places()).toEqual([
      ['STOOL', 'hamburg'],
      ['LAMP', 'hamburg'],
    ])
    expect((await act(held, 'move', { to: 'berlin', quantity: 1 })).status).toBe(422)
    await act(held, 'release', {})
  })

  test('that is refused for lack of stock may succeed with the same key after a receipt', async () => {
    const wish = { lines: [{ sku: 'STOOL', quantity: 6 }] }
    expect((await post('/v1/reservations', wish, 'patient')).body).toMatchObject({ status: 409, code: 'insufficient_stock' })
    await post('/v1/stock/receive', { lines: [{ sku: 'STOOL', location: 'hamburg', quantity: 1 }] })
    const held = await post('/v1/reservations', wish, 'patient')
    expect(held).toMatchObject({ status: 201, body: { replayed: false } })
    await act(held, 'release', {})
  })
})

describe('a hold that becomes an order', () => {
  test('hands its units over where they lie, and is answered the same when it is sent again', async () => {
    const held = await take(
      [
        { sku: 'LAMP', quantity: 2, location: 'hamburg' },
        { sku: 'CHAIR', quantity: 1 },
      ],
      { expiresInS: 600 },
    )
    const before = [await free('LAMP'), await free('CHAIR')]
    const order = { channel: 'web', externalId: 'W-1', number: '1001', total: '30.00' }
    const made = await act(held, 'order', order)
    expect(made).toMatchObject({ status: 201, body: { short: 0, held: [], replayed: false } })
    expect([await free('LAMP'), await free('CHAIR')]).toEqual(before)
    expect(await orderLines(made.body.orderId)).toEqual([
      { sku: 'CHAIR', ordered: 1, reserved: 1, short: 0 },
      { sku: 'LAMP', ordered: 2, reserved: 2, short: 0 },
    ])
    const promises = await stage.sql`
      select p.code, r.quantity, r.expires_at from reservations r join locations p on p.id = r.location_id
      where r.basket = ${`order:${made.body.orderId}`} order by r.id`
    expect(promises).toEqual([
      { code: 'hamburg', quantity: 2, expires_at: null },
      { code: 'berlin', quantity: 1, expires_at: null },
    ])
    expect((await act(held, 'order', order)).body).toEqual({ ...made.body, replayed: true })
    expect(await stage.sql`select number, total::text, currency, state from orders`).toEqual([
      { number: '1001', total: '30.000000', currency: 'EUR', state: 'accepted' },
    ])
  })

  test('may be bought in part: the rest stays held; or with more: that is promised like any order', async () => {
    const held = await take([{ sku: 'CHAIR', quantity: 3 }], { expiresInS: 600 })
    const lines = [
      { sku: 'CHAIR', quantity: 2, lineId: 'L7', unitPrice: '9.90', title: 'A chair' },
      { sku: 'STOOL', quantity: 9 },
    ]
    const made = await act(held, 'order', { channel: 'web', externalId: 'W-2', lines })
    expect(made.body).toMatchObject({ short: 3, held: [{ sku: 'CHAIR', quantity: 1 }] })
    expect(
      await stage.sql`select external_line_id, title, unit_price::text as price, reserved, short from order_lines where order_id = ${Number(made.body.orderId)} order by id`,
    ).toEqual([
      { external_line_id: 'L7', title: 'A chair', price: '9.900000', reserved: 2, short: 0 },
      { external_line_id: '2', title: 'STOOL', price: null, reserved: 6, short: 3 },
    ])
    await act(held, 'release', {})
  })

  test('must still be open, and must not take another order for its own', async () => {
    const held = await take([{ sku: 'LAMP', quantity: 1 }])
    expect((await act(held, 'order', { channel: 'web', externalId: 'W-1' })).body).toMatchObject({
      status: 409,
      detail: 'Order W-1 of web is booked already, with other goods.',
    })
    expect((await act(held, 'order', { channel: 'nope', externalId: 'W-3' })).body).toMatchObject({
      status: 422,
      errors: [{ field: 'channel' }],
    })
    expect((await act(held, 'order', { channel: 'web', externalId: 'W-3', lines: [{ sku: 'NOPE', quantity: 1 }] })).body).toMatchObject({
      status: 422,
      errors: [{ field: 'lines.0.sku' }],
    })
    expect((await act(held, 'order', { channel: 'web', externalId: 'W-3', placedAt: '2099-01-01T00:00:00Z' })).body).toMatchObject({
      errors: [{ field: 'placedAt' }],
    })
    await act(held, 'release', {})
    expect((await act(held, 'order', { channel: 'web', externalId: 'W-3' })).body).toMatchObject({ status: 409, code: 'conflict' })
    expect((await post('/v1/reservations/aG9sZDp4OnkK/order', { channel: 'web', externalId: 'W-3' })).status).toBe(404)
    expect(await stage.sql`select 1 from orders where external_id = 'W-3'`).toEqual([])
  })

  test('keeps the lot-wise and bundle-wise promise: a bundle becomes a line of the bundle', async () => {
    await stockUp(stage.app, key, 'SUITE', 0)
    await ask(stage.app, 'PUT /v1/bundles/SUITE', {
      key,
      body: {
        parts: [
          { sku: 'LAMP', quantity: 1 },
          { sku: 'CHAIR', quantity: 2 },
        ],
      },
    })
    const held = await take([{ sku: 'SUITE', quantity: 2 }], { channel: 'web' })
    expect((await read(held)).promises).toMatchObject([{ bundle: 'SUITE' }, { bundle: 'SUITE' }])
    const made = await act(held, 'order', { channel: 'web', externalId: 'W-5' })
    expect(made.body).toMatchObject({ short: 0, held: [] })
    expect(await orderLines(made.body.orderId)).toEqual([{ sku: 'SUITE', ordered: 2, reserved: 2, short: 0 }])
  })
})

describe('from the command line', () => {
  const json = async (...words: string[]) => JSON.parse((await cli([...words, '--json'])).out)

  test('a hold is taken, shown, extended, moved, ordered and released', async () => {
    const { expiresAt } = await json('hold', 'take', 'LAMP', '--seconds', '900')
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 900_000)).toBeLessThan(10_000)
    const held = await json('hold', 'take', 'LAMP=2@berlin', '--channel', 'web', '--key', 'cli-1')
    expect(held).toMatchObject({ lines: [{ sku: 'LAMP', location: 'berlin', quantity: 2 }], missing: [], expiresAt: null })
    expect((await json('hold', 'take', 'LAMP=2@berlin', '--channel', 'web', '--key', 'cli-1')).replayed).toBe(true)
    expect((await cli(['hold', 'extend', held.id, 'open'])).out).toMatch(/LAMP +– +berlin +2 +2 +open +–/)
    await cli(['hold', 'move', held.id, 'hamburg', 'LAMP=1'])
    expect((await cli(['hold', 'show', held.id])).out).toMatch(/LAMP +– +hamburg +1 +1 +open/)
    await cli(['hold', 'move', held.id, 'hamburg'])
    expect((await cli(['hold', 'release', held.id, 'LAMP=1'])).out).toMatch(/LAMP +hamburg +1/)
    expect((await cli(['hold', 'order', held.id, 'web', 'C-1', '--total', '12.90'])).out).toMatch(/^Order C-1 of web is booked as \d+\.\n$/)
    expect((await cli(['hold', 'order', held.id, 'web', 'C-1'])).out).toContain('It was booked before')
    expect(await cli(['hold', 'settle', held.id])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Nothing of this reservation is open'),
    })
  })

  test('what cannot be had is told, and what cannot be meant is wrong usage', async () => {
    expect(await cli(['hold', 'take', 'LAMP=9999'])).toMatchObject({ code: 1, err: expect.stringContaining('LAMP: 9999 asked') })
    const part = await cli(['hold', 'take', 'CHAIR=9999', '--partial', '--prefer', 'most'])
    expect(part.out).toMatch(/Missing: \d+ of CHAIR\./)
    for (const words of [
      ['extend', 'x', 'soon'],
      ['release', 'x', 'LAMP'],
      ['order', 'x', 'web', 'C-2', 'LAMP=0'],
      ['order', 'x', 'web', 'C-2', '--total', 'much'],
    ])
      expect(await cli(['hold', ...words])).toMatchObject({ code: 2 })
  })
})

test('the books are clean afterwards', async () => {
  expect((await runRules(stage.sql)).filter(finding => finding.violations > 0)).toEqual([])
})
