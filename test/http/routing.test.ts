import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { beforeAll, expect, test } from 'vitest'
import { bookOrders } from '../../db/orders.ts'
import { routeAll } from '../../jobs/route.ts'
import { withPublicHolidays } from '../../src/usecases/public-holidays.ts'
import { cliOn } from '../cli/stage.ts'
import { book, layIn, quietChannel, toBook } from '../support/goods.ts'
import { ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let key: string
let cli: ReturnType<typeof cliOn>
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:read', 'channels:write', 'orders:read')
  cli = cliOn(stage.url)
  await layIn(stage.sql, { CUP: { berlin: 20, hamburg: 20 } })
})

test('what a location does for orders is stated in parts, each change a version, and wrong words are told', async () => {
  const patch = (body: unknown) => ask(stage.app, 'PATCH /v1/locations/berlin/services', { key, body })
  const hours = { 1: [['09:00', '18:00']] }
  expect((await patch({ hours, cutOff: '15:00', ordersPerDay: 3, parcelCost: '4.50', holidays: ['2026-12-25'] })).status).toBe(200)
  expect((await patch({ leadMinutes: 90, ordersPerDay: null })).body).toMatchObject({
    ...{
      hours,
      cutOff: '15:00',
      leadMinutes: 90,
      ordersPerDay: null,
      parcelCost: '4.5',
      holidays: ['2026-12-25'],
      ships: true,
      collects: false,
    },
  })
  expect(await stage.sql`select count(*)::int as n, count(*) filter (where valid_to is null)::int as open from location_services`).toEqual([
    { n: 2, open: 1 },
  ])
  expect((await patch({ cutOff: '25:00' })).body).toMatchObject({ code: 'invalid' })
  expect((await patch({ hours: { 1: [['18:00', '09:00']] } })).status).toBe(422)
  expect((await ask(stage.app, 'PATCH /v1/locations/nowhere/services', { key, body: {} })).status).toBe(404)
  expect((await cli(['location', 'serve', 'hamburg', '--at', '53.55,9.99', '--collects', 'yes'])).code).toBe(0)
  expect((await ask(stage.app, 'GET /v1/locations/hamburg/services', { key })).body).toMatchObject({
    latitude: 53.55,
    longitude: 9.99,
    collects: true,
  })
})

test('a location keeps the public holidays of its country or a part of it, but for days on which it opens, and states which dangerous goods it takes', async () => {
  const patch = (body: unknown) => ask(stage.app, 'PATCH /v1/locations/berlin/services', { key, body })
  const { body } = await patch({ holidaysOf: 'DE-BE', openDays: ['2027-03-08'], shipsHazards: ['9'], handsOverHazards: [] })
  expect(body).toMatchObject({ holidaysOf: 'DE-BE', openDays: ['2027-03-08'], shipsHazards: ['9'], handsOverHazards: [] })
  expect((body as { publicHolidays: { name: string }[] }).publicHolidays.map(one => one.name)).toContain('Internationaler Frauentag')
  expect((await patch({ holidaysOf: 'DE-XX' })).body).toMatchObject({ code: 'invalid', detail: expect.stringContaining('DE-XX') })
  expect((await patch({ shipsHazards: ['12'] })).status).toBe(422)
  const [place] = await withPublicHolidays(
    [{ holidaysOf: 'DE-BE', openDays: ['2027-03-08'], holidays: ['2027-03-20'] }],
    new Date('2027-02-20T10:00:00Z'),
  )
  // Good Friday, Easter Monday, 1 May, Ascension, Whit Monday; not the women's day.
  expect(place?.holidays.filter(day => day < '2027-06')).toEqual([
    '2027-03-20',
    '2027-03-26',
    '2027-03-29',
    '2027-05-01',
    '2027-05-06',
    '2027-05-17',
  ])
  const year = await withPublicHolidays(
    [{ holidaysOf: 'TR', openDays: [], holidays: [] as readonly string[] }],
    new Date('2026-03-01T10:00:00Z'),
  )
  expect(year[0]?.holidays.filter(day => day < '2026-04')).toEqual(['2026-03-20', '2026-03-21', '2026-03-22'])
  const { out } = await cli([
    'location',
    'serve',
    'berlin',
    '--holidays-of',
    'none',
    '--ships-hazards',
    'all',
    '--hands-over-hazards',
    '3,9',
  ])
  expect(out).toMatch(/shipsHazards +null\n/)
  expect((await ask(stage.app, 'GET /v1/locations/berlin/services', { key })).body).toMatchObject({
    ...{ holidaysOf: null, publicHolidays: [], shipsHazards: null, handsOverHazards: ['3', '9'] },
  })
})

test('rules are written over the version that was read, and decide; why is told', async () => {
  const read = (await ask(stage.app, 'GET /v1/routing/rules', { key })).body
  expect(read).toMatchObject({ version: null, current: { rules: [{ name: 'Everything' }] }, versions: [] })
  const put = (version: number | null, rules: unknown) => ask(stage.app, 'PUT /v1/routing/rules', { key, body: { version, rules } })
  const rules = {
    rules: [
      { name: 'Hamburg first', locations: ['hamburg'] },
      { name: 'All', worth: { parcel: 3 } },
    ],
  }
  expect((await put(null, rules)).body).toEqual({ version: 1 })
  expect((await put(null, rules)).body).toMatchObject({ code: 'stale' })
  expect((await put(1, { rules: [{ name: 'x', worth: { luck: 1 } }] })).body).toMatchObject({
    code: 'invalid',
    detail: expect.stringContaining('rules.0.worth.luck'),
  })
  const channel = await quietChannel(stage.sql, 'web', ['berlin', 'hamburg'])
  const [booked] = await book(stage.sql, channel, 'web', [{ id: 'A', lines: [{ sku: 'CUP', ordered: 2 }] }])
  await routeAll({ ...stage.context, actor: 'routing' }, pino({ level: 'silent' }))
  const why = await ask(stage.app, `GET /v1/orders/${booked?.orderId}/routing`, { key })
  expect(why.body).toMatchObject({
    items: [
      {
        outcome: 'routed',
        rulesVersion: 1,
        body: {
          attempts: [
            {
              rule: 'Hamburg first',
              decided: true,
              candidates: [
                { place: 'berlin', out: 'kind' },
                { place: 'hamburg', chosen: true },
              ],
            },
          ],
        },
      },
    ],
  })
  const printed = (await cli(['routing', 'why', `${booked?.orderId}`])).out
  expect(printed).toMatch(/Hamburg first +hamburg +chosen/)
  expect(printed).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d): routed by /m)
  expect(printed).not.toMatch(/\dT\d\d:/)
  const folder = mkdtempSync(join(tmpdir(), 'rules-'))
  const file = join(folder, 'rules.json')
  writeFileSync(file, (await cli(['routing', 'rules', '--json'])).out)
  expect((await cli(['routing', 'set', file])).out).toContain('version 2')
  expect((await cli(['routing', 'set', file])).code).toBe(1)
  rmSync(folder, { recursive: true })
})

test('what-if compares by API, in one piece or with its progress, and by command line; wrong rules are told', async () => {
  const whatIf = (body: unknown, headers = {}) => ask(stage.app, 'POST /v1/routing/what-if', { key, body, headers })
  const changed = { rules: [{ name: 'Berlin', locations: ['berlin'] }] }
  const orders = [
    { number: 'A', was: [{ place: 'hamburg', method: 'ship', units: 2 }], would: [{ place: 'berlin', method: 'ship', units: 2 }] },
  ]
  const before = await stage.sql`select (select count(*) from routing_rules) as rules, (select count(*) from change) as changes`
  expect((await whatIf({ rules: changed })).body).toMatchObject({ decisions: 1, elsewhere: 1, orders, sources: { kept: 1 } })
  expect((await whatIf({})).body).toMatchObject({ decisions: 1, elsewhere: 0, orders: [] })
  const lines = (await whatIf({ rules: changed }, { accept: 'application/x-ndjson' })).text.trim().split('\n')
  expect(lines.map(line => JSON.parse(line))).toMatchObject([{ done: 0, of: 1 }, { answer: { elsewhere: 1, orders } }])
  expect((await whatIf({ rules: { rules: [{ name: 'x', maxPlaces: 0 }] } })).body).toMatchObject({
    code: 'invalid',
    errors: [{ field: 'rules.0.maxPlaces' }],
  })
  expect((await whatIf({ channel: 'nowhere' })).status).toBe(404)
  expect((await whatIf({ days: 1000 })).status).toBe(422)
  expect(await stage.sql`select (select count(*) from routing_rules) as rules, (select count(*) from change) as changes`).toEqual(before)
  const folder = mkdtempSync(join(tmpdir(), 'rules-'))
  const file = join(folder, 'rules.json')
  writeFileSync(file, JSON.stringify(changed))
  const cliAnswer = await cli(['routing', 'what-if', file, '--days', '7'])
  expect(cliAnswer.out).toMatch(/1 decisions.*1 would come out otherwise/)
  expect(cliAnswer.out).toMatch(/A +hamburg 2 +berlin 2/)
  expect(JSON.parse((await cli(['routing', 'what-if', file, '--json'])).out)).toMatchObject({ elsewhere: 1 })
  expect((await cli(['routing', 'what-if', file, '--days', '0'])).code).toBe(2)
  rmSync(folder, { recursive: true })
})

test('hold rules are set, replaced and ended with who and when, and hold what comes from then on', async () => {
  const put = (body: unknown, idempotencyKey?: string) =>
    ask(stage.app, 'PUT /v1/hold-rules', { key, body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
  const rules = async () => (await ask(stage.app, 'GET /v1/hold-rules', { key })).body.items as { id: number; until: string | null }[]
  const first = await put({ rule: 'amount', above: '500', currency: 'EUR' }, 'hold-1')
  expect(first.body).toEqual({ id: expect.any(Number), changed: true })
  expect((await put({ rule: 'amount', above: '500', currency: 'EUR' }, 'hold-1')).body).toEqual(first.body)
  expect((await put({ rule: 'amount', above: '500.00', currency: 'EUR' })).body).toEqual({ id: first.body.id, changed: false })
  const second = await put({ rule: 'amount', above: '300', currency: 'EUR' })
  await put({ rule: 'short', channel: 'web' })
  expect(await rules()).toMatchObject([
    { rule: 'short', channel: 'web', above: null, until: null },
    { id: second.body.id, rule: 'amount', channel: null, above: '300', currency: 'EUR', until: null },
    { id: first.body.id, above: '500', until: expect.any(String) },
  ])
  const [web] = await stage.sql<{ accountId: number }[]>`select account_id as "accountId" from channels where code = 'web'`
  const order = (id: string, total: string, ordered = 1) => ({
    ...toBook(web?.accountId ?? 0, 'web', { id, lines: [{ sku: 'CUP', ordered }] }),
    total,
  })
  await bookOrders(stage.sql, [order('H-300', '300'), order('H-301', '301'), order('H-SHORT', '1', 900)], 'test')
  const held = () => stage.sql`
    select o.external_id as id, h.kind, h.by_rule as rule from orders o join order_holds h on h.order_id = o.id order by 1`
  expect(await held()).toEqual([
    { id: 'H-301', kind: 'fraud', rule: true },
    { id: 'H-SHORT', kind: 'short', rule: true },
  ])
  expect((await ask(stage.app, `DELETE /v1/hold-rules/${second.body.id}`, { key })).body).toMatchObject({ changed: true })
  expect((await ask(stage.app, `DELETE /v1/hold-rules/${second.body.id}`, { key })).status).toBe(404)
  await bookOrders(stage.sql, [order('H-999', '999')], 'test')
  expect((await held()).filter(one => one.kind === 'fraud')).toHaveLength(1)
  expect((await put({ rule: 'amount' })).body).toMatchObject({ code: 'invalid', errors: [{ field: 'above' }] })
  expect((await put({ rule: 'short', above: '1' })).body).toMatchObject({ code: 'invalid', errors: [{ field: 'above' }] })
  expect((await put({ rule: 'short', channel: 'nowhere' })).status).toBe(404)
  expect((await ask(stage.app, 'PUT /v1/hold-rules', { key: await stage.key('orders:read'), body: { rule: 'short' } })).status).toBe(403)
})

test('what becomes of orders that stay short is stated by API and command line, of a channel or of all', async () => {
  const put = (query: string, rule: unknown) => ask(stage.app, `PUT /v1/short-rules${query}`, { key, body: { rule } })
  const items = async () => (await ask(stage.app, 'GET /v1/short-rules', { key })).body.items
  await quietChannel(stage.sql, 'outlet')
  expect((await put('', { becomes: 'incoming', afterMinutes: 60 })).status).toBe(200)
  expect((await put('?channel=outlet', { becomes: 'cancel', afterMinutes: 5 })).body.items).toMatchObject([
    { channel: null, becomes: 'incoming', afterMinutes: 60 },
    { channel: 'outlet', becomes: 'cancel', afterMinutes: 5 },
  ])
  expect((await put('?channel=outlet', { becomes: 'later', afterMinutes: 5 })).status).toBe(422)
  expect((await put('?channel=outlet', { becomes: 'cancel', afterMinutes: -1 })).status).toBe(422)
  expect((await put('?channel=nowhere', { becomes: 'cancel', afterMinutes: 1 })).body.detail).toContain('There is no channel nowhere.')
  expect((await ask(stage.app, 'PUT /v1/short-rules', { key: await stage.key('orders:read'), body: { rule: null } })).status).toBe(403)
  expect((await cli(['order', 'short-rule'])).out).toMatch(/outlet +are cancelled +5 min/)
  expect((await cli(['order', 'short-rule', '--channel', 'outlet', '--none'])).code).toBe(0)
  expect((await cli(['order', 'short-rule', '--becomes', 'never'])).code).toBe(2)
  expect(await items()).toMatchObject([{ channel: null }])
  expect((await cli(['order', 'short-rule', '--none'])).out).toContain('they wait for a person')
  expect(await items()).toEqual([])
})
