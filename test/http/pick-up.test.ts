import { beforeAll, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { endUncollected } from '../../db/pick-up-kept.ts'
import { cliOn } from '../cli/stage.ts'
import { quietChannel } from '../support/goods.ts'
import { actOn } from '../support/pick-up.ts'
import { leaveAddress } from '../support/pick-up-stage.ts'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

// A Wednesday, ten in the morning in Berlin.
const NOW = new Date('2026-11-25T09:00:00Z')
let stage: Stage
let key: string
let cli: ReturnType<typeof cliOn>

beforeAll(async () => {
  stage = await setStage({ now: () => NOW })
  key = await stage.key('catalog:write', 'stock:write', 'orders:write', 'orders:people', 'channels:write')
  cli = cliOn(stage.url)
  await stockUp(stage.app, key, 'LAMP', 10)
  await stockUp(stage.app, key, 'SHADE', 10)
  await stockUp(stage.app, key, 'BULB', 10)
  for (const [code, latitude, longitude] of [
    ['hamburg', 53.55, 9.99],
    ['bremen', 53.08, 8.8],
    ['kiel', 54.32, 10.13],
    ['closed', 53.55, 9.99],
  ] as const) {
    if (code !== 'hamburg')
      await post('/v1/locations', { code, name: `Store ${code}`, kind: 'store', zone: 'Europe/Berlin', country: 'DE' })
    else
      await stage.sql`insert into locations (code, name, kind, zone, country) values ('hamburg', 'Store hamburg', 'store', 'Europe/Berlin', 'DE') on conflict do nothing`
    const hours = Object.fromEntries([1, 2, 3, 4, 5, 6].map(day => [day, [['09:00', '18:00']]]))
    await serve(code, {
      latitude,
      longitude,
      hours,
      leadMinutes: 120,
      collects: code !== 'closed',
      ships: false, // What is sent goes from the warehouse, at whatever hour.
      address: `${code} 1`,
      postalCode: '20095',
    })
  }
  await post('/v1/stock/receive', {
    lines: [
      { sku: 'LAMP', location: 'hamburg', quantity: 1 },
      { sku: 'LAMP', location: 'bremen', quantity: 3 },
      { sku: 'LAMP', location: 'kiel', quantity: 3 },
      { sku: 'LAMP', location: 'closed', quantity: 9 },
      { sku: 'SHADE', location: 'kiel', quantity: 4 },
      { sku: 'BULB', location: 'kiel', quantity: 4 },
    ],
  })
  await quietChannel(stage.sql, 'web', ['berlin', 'hamburg', 'bremen', 'kiel', 'closed'])
})

const post = (path: string, body: unknown, idempotencyKey?: string) =>
  ask(stage.app, `POST ${path}`, { key, body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
const serve = (code: string, body: object) => ask(stage.app, `PATCH /v1/locations/${code}/services`, { key, body })
const find = async (lines: readonly object[], more: object = {}) => {
  const answer = await post('/v1/pick-up/stores', { channel: 'web', lines, near: { latitude: 53.55, longitude: 10 }, ...more })
  return answer.status === 200 ? (answer.body.items as Record<string, unknown>[]) : answer
}
/** The same hub at another time. */
const setStageAt = (now: Date) => async (store: string) =>
  (await ask(stage.another({ now: () => now }), 'POST /v1/pick-up/stores', { key, body: { channel: 'web', lines: TWO, stores: [store] } }))
    .body.items as { readyBy: string }[]
const TWO = [{ sku: 'LAMP', quantity: 2 }]

test('the stores that have all of it come first, the nearest of them before, then who has a part; each says by when', async () => {
  expect(await find(TWO)).toMatchObject([
    {
      store: 'kiel',
      whole: true,
      km: 86,
      address: 'kiel 1',
      lines: [{ sku: 'LAMP', asked: 2, available: 2 }],
      readyBy: '2026-11-25T11:00:00.000Z',
    },
    { store: 'bremen', whole: true, km: 95.3 },
    { store: 'hamburg', whole: false, km: 0.7, lines: [{ sku: 'LAMP', asked: 2, available: 1 }] },
  ])
  expect(
    ((await find(TWO, { stores: ['hamburg', 'bremen'], near: undefined })) as { store: string; km: null }[]).map(one => [
      one.store,
      one.km,
    ]),
  ).toEqual([
    ['bremen', null],
    ['hamburg', null],
  ])
  expect(await find(TWO, { limit: 1 })).toHaveLength(1)
})

test('a buyer is found by his postal code, where those of his country are known', async () => {
  const near = (postalCode: string) => find(TWO, { stores: ['bremen', 'kiel'], near: { country: 'DE', postalCode } })
  expect(await near('24103')).toMatchObject([{ store: 'bremen', km: null }, {}])
  await stage.sql`insert into postal_areas (country, code, latitude, longitude) values ('DE', '24103', 54.32, 10.13), ('DE', '28195', 53.08, 8.81)`
  expect(await near('24 103')).toMatchObject([{ store: 'kiel', km: expect.closeTo(0, -1) }, { store: 'bremen' }])
  expect(await near('28195')).toMatchObject([{ store: 'bremen', km: expect.closeTo(0, -1) }, { store: 'kiel' }])
  expect(await find(TWO, { near: { country: 'DE' } })).toMatchObject({ status: 422, body: { errors: [{ field: 'near' }] } })
})

test('a promise heeds the cut-off, closed days and what the day has room for; a store without room for three weeks is not offered', async () => {
  await serve('kiel', { cutOff: '09:30', holidays: ['2026-11-26'], unitsPerDay: 2 })
  expect(await find(TWO, { stores: ['kiel'] })).toMatchObject([{ readyBy: '2026-11-27T10:00:00.000Z' }])
  // Three units are more than any day takes.
  expect(await find([{ sku: 'LAMP', quantity: 3 }], { stores: ['kiel'] })).toEqual([])
  await serve('kiel', { cutOff: null, holidays: [], unitsPerDay: null })
})

test('public holidays that a store keeps are no working days, and goods that it may not hand to buyers are not there', async () => {
  await serve('kiel', { holidaysOf: 'DE-SH', handsOverHazards: ['9'] })
  const christmas = setStageAt(new Date('2026-12-24T20:00:00Z'))
  expect((await christmas('kiel'))[0]?.readyBy).toBe('2026-12-28T10:00:00.000Z')
  await stage.sql`update variants set hazard = '3' where sku = 'LAMP'`
  expect(await find(TWO, { stores: ['kiel'] })).toEqual([])
  await stage.sql`update variants set hazard = null where sku = 'LAMP'`
  await serve('kiel', { holidaysOf: null, handsOverHazards: null })
})

test('of a bundle, whole ones and what its parts make, each part once', async () => {
  await post('/v1/products', { handle: 'set', title: 'Set', variants: [{ sku: 'SET' }] })
  await ask(stage.app, 'PUT /v1/bundles/SET', {
    key,
    body: {
      parts: [
        { sku: 'SHADE', quantity: 1 },
        { sku: 'BULB', quantity: 2 },
      ],
    },
  })
  const at = async (lines: readonly object[]) =>
    ((await find(lines, { stores: ['kiel'] })) as { lines: { available: number }[] }[])[0]?.lines.map(one => one.available)
  expect(await at([{ sku: 'SET', quantity: 3 }])).toEqual([2])
  expect(
    await at([
      { sku: 'BULB', quantity: 1 },
      { sku: 'SET', quantity: 3 },
    ]),
  ).toEqual([1, 1])
})

test('what nobody knows is told with its field', async () => {
  expect(
    await find([
      { sku: 'LAMP', quantity: 1 },
      { sku: 'NIX', quantity: 1 },
    ]),
  ).toMatchObject({ status: 422, body: { code: 'invalid', errors: [{ field: 'lines.1.sku' }] } })
  expect(await find(TWO, { channel: 'nowhere' })).toMatchObject({ status: 422, body: { errors: [{ field: 'channel' }] } })
  expect(await find(TWO, { near: { latitude: 91, longitude: 0 } })).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'near.latitude' }] },
  })
})

test('part of a basket is collected and part of it sent: held at both places, then an order with its groups, never free in between', async () => {
  const held = await post('/v1/reservations', {
    channel: 'web',
    expiresInS: 900,
    lines: [
      { sku: 'LAMP', quantity: 1, location: 'berlin' },
      { sku: 'LAMP', quantity: 2, location: 'bremen' },
    ],
  })
  expect(held.status).toBe(201)
  expect(await find(TWO, { stores: ['bremen'] })).toMatchObject([{ whole: false, lines: [{ available: 1 }] }])
  const bought = {
    ...{ channel: 'web', externalId: 'WEB-1', total: '30.00', placedAt: '2026-11-25T08:59:00Z' },
    buyer: { name: 'Ada L.', email: 'ada@example.org', address: { country: 'DE' } },
    lines: [
      { sku: 'LAMP', quantity: 1, lineId: 'sent' },
      { sku: 'LAMP', quantity: 2, lineId: 'collected', collectAt: 'bremen' },
    ],
  }
  const wrong = await post(`/v1/reservations/${held.body.id}/order`, { ...bought, collectAt: 'closed' })
  expect(wrong).toMatchObject({ status: 422, body: { errors: [{ field: 'collectAt' }] } })
  const order = await post(`/v1/reservations/${held.body.id}/order`, bought)
  expect(order.body).toMatchObject({ short: 0, held: [], replayed: false })
  const groups = (order.body.groups as { location: string; method: string; state: string }[]).map(
    one => `${one.location} ${one.method} ${one.state}`,
  )
  expect(groups.toSorted()).toEqual(['berlin ship waiting', 'bremen collect waiting'])
  const read = (await ask(stage.app, `GET /v1/orders/${order.body.orderId}`, { key })).body
  expect(read).toMatchObject({ state: 'routed', person: { name: 'Ada L.' } })
  // The units that were held at each place are the ones that it hands over.
  expect(
    await stage.sql`select l.external_line_id as line, p.code as at, sum(r.quantity)::int as units from reservations r join order_lines l on l.id = r.order_line_id
    join locations p on p.id = r.location_id where l.order_id = ${Number(order.body.orderId)} and r.state = 'open' group by 1, 2 order by 1`,
  ).toEqual([
    { line: 'collected', at: 'bremen', units: 2 },
    { line: 'sent', at: 'berlin', units: 1 },
  ])
  const again = await post(`/v1/reservations/${held.body.id}/order`, bought)
  expect(again.body).toMatchObject({ orderId: order.body.orderId, replayed: true, groups: order.body.groups })
})

test('rules are written and read, the figures of a store show who does not come, and wrong words are told', async () => {
  const rules = (query: string, body: unknown) => ask(stage.app, `PUT /v1/pick-up/rules${query}`, { key, body })
  expect((await rules('?location=kiel', { rule: { keepDays: 5, becomes: 'ship' } })).body).toMatchObject({
    items: [
      { location: 'kiel', channel: null, keepDays: 5, remindHours: 24, lateMinutes: 60, extendDays: 3, extensionsMost: 1, becomes: 'ship' },
    ],
  })
  expect(await rules('?location=kiel&channel=web', { rule: {} })).toMatchObject({ status: 422, body: { errors: [{ field: 'channel' }] } })
  expect(await rules('?location=nowhere', { rule: {} })).toMatchObject({ status: 422, body: { errors: [{ field: 'location' }] } })
  expect((await rules('', { rule: { keepDays: 0 } })).status).toBe(422)
  expect((await cli(['pick-up', 'rule', '--location', 'kiel', '--none'])).code).toBe(0)
  expect((await ask(stage.app, 'GET /v1/pick-up/rules', { key })).body).toEqual({ items: [] })
  expect((await cli(['pick-up', 'rule', '--becomes', 'burn'])).code).toBe(2)
})

test('kept longer, chosen otherwise, and counted: one order each, by the API and the command line', async () => {
  const buy = async (id: string) => {
    const held = await post('/v1/reservations', {
      channel: 'web',
      lines: [{ sku: 'SHADE', quantity: 1, location: 'kiel' }],
      expiresInS: 600,
    })
    const { body } = await post(`/v1/reservations/${held.body.id}/order`, {
      channel: 'web',
      externalId: id,
      collectAt: 'kiel',
      placedAt: NOW.toISOString(),
    })
    return { orderId: Number(body.orderId), groupId: Number((body.groups as { id: number }[])[0]?.id) }
  }
  const [came, stays, moves] = [await buy('K-1'), await buy('K-2'), await buy('K-3')]
  for (const { groupId } of [came, stays]) await actOn(stage.sql, 'fulfilment_ready_1', groupId, { all: true, now: NOW.toISOString() })
  const keep = (orderId: number, body: object = {}, own?: string) =>
    ask(stage.app, `POST /v1/orders/${orderId}/groups/${stays.groupId}/keep`, {
      key,
      body,
      ...(own === undefined ? {} : { idempotencyKey: own }),
    })
  const kept = await keep(stays.orderId, { days: 2 }, 'longer')
  expect(kept).toMatchObject({ status: 200, body: { groupId: stays.groupId, replayed: false } })
  expect((await keep(stays.orderId, { days: 2 }, 'longer')).body).toEqual({ ...kept.body, replayed: true })
  expect((await keep(came.orderId)).status).toBe(404)
  expect((await cli(['pick-up', 'keep', String(moves.groupId)])).code).toBe(1)

  const choose = (orderId: number, body: object) => ask(stage.app, `POST /v1/orders/${orderId}/choice`, { key, body })
  expect((await ask(stage.app, `GET /v1/orders/${moves.orderId}/choice`, { key })).body).toEqual({ why: null, lines: [], mayCancel: false })
  expect(await choose(moves.orderId, { choice: 'store' })).toMatchObject({ status: 422 })
  expect(await choose(moves.orderId, { choice: 'store', store: 'bremen' })).toMatchObject({
    status: 409,
    body: { code: 'insufficient_stock' },
  })
  expect(await choose(moves.orderId, { choice: 'ship' })).toMatchObject({ status: 409, body: { code: 'conflict', reason: 'no_address' } })
  await leaveAddress(stage, moves.orderId, { city: 'Berlin' })
  expect(await choose(moves.orderId, { choice: 'ship' })).toMatchObject({ status: 200, body: { choice: 'ship', lines: [{ quantity: 1 }] } })
  expect((await cli(['pick-up', 'choose', String(moves.orderId), 'ship'])).code).toBe(1)

  await actOn(stage.sql, 'fulfilment_hand_over_1', came.groupId, { proof: 'identity' })
  expect(
    await endUncollected(stage.sql, { actor: 'rule', groupId: stays.groupId, ship: false, now: '2030-01-01T00:00:00Z' }),
  ).toMatchObject({ outcome: 'not_collected' })
  const { items } = (await ask(stage.app, 'GET /v1/pick-up/figures?location=kiel', { key })).body as { items: object[] }
  // (1 that did not come + 5 % of 20 believed) of (2 + 20).
  expect(items).toMatchObject([
    { location: 'kiel', waiting: 0, over: 0, collected: 1, notCollected: 1, noShowRate: 0.0909, rule: { keepDays: 7, becomes: 'cancel' } },
  ])
  expect((await cli(['pick-up', 'figures', 'kiel'])).out).toContain('9.1 %')
  const found = await cli(['pick-up', 'stores', 'LAMP=2', '--channel', 'web', '--near', '53.55,10'])
  expect(found).toMatchObject({ code: 0, out: expect.stringContaining('kiel') })
  expect((await cli(['pick-up', 'stores', 'LAMP', '--channel', 'web', '--near', 'DE-99999'])).code).toBe(0)
  expect((await cli(['pick-up', 'stores', 'LAMP', '--channel', 'web', '--near', '53'])).code).toBe(2)
})

test('among two hundred stores the nearest that has it is found in one read, soon enough for a checkout', async () => {
  await stage.sql`
    with made as (
      insert into locations (code, name, kind, zone) select 's' || n, 'Store ' || n, 'store', 'Europe/Berlin' from generate_series(1, 200) n returning id, code
    ), served as (
      insert into location_services (location_id, collects, latitude, longitude, hours, lead_minutes, cut_off, orders_per_day, actor)
      select id, true, 45 + substr(code, 2)::int * 0.04, 8, '{"1": [["09:00", "18:00"]], "2": [["09:00", "18:00"]]}', 300, '15:00', 20, 'test' from made
    ), pool as (
      insert into channel_locations (channel_id, location_id, position, actor) select c.id, m.id, 100 + substr(m.code, 2)::int, 'test' from made m, channels c where c.code = 'web'
    )
    insert into balances (variant_id, location_id, on_hand) select v.id, m.id, 5 from made m, variants v where v.sku in ('LAMP', 'SHADE', 'BULB')`
  const basket = ['LAMP', 'SHADE', 'BULB'].map(sku => ({ sku, quantity: 2 }))
  const near = { latitude: 45 + 77 * 0.04, longitude: 8 }
  const took: number[] = []
  for (let n = 0; n < 15; n++) {
    const from = performance.now()
    expect(await find(basket, { near, limit: 2 })).toMatchObject([
      { store: 's77', km: 0, readyBy: '2026-11-30T13:00:00.000Z' },
      { km: 4.4 },
    ])
    took.push(performance.now() - from)
  }
  expect(took.toSorted((a, b) => a - b)[7]).toBeLessThan(150)
})

test('the books are clean afterwards', async () => {
  await stage.sql`delete from balances where location_id in (select id from locations where code ~ '^s[0-9]+$')`
  expect((await runRules(stage.sql)).filter(finding => finding.violations > 0)).toEqual([])
})
