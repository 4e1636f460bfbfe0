import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { layIn, quietChannel } from '../support/goods.ts'
import { type Answer, ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('prices:write')
  await layIn(stage.sql, { MUG: { a: 1 }, LID: { a: 1 }, CUP: { a: 1 } }, '10.30')
  await quietChannel(stage.sql, 'shop')
  await stage.sql`insert into regions (code, name) values ('de', 'Germany')`
  await stage.sql`update products set category = 'Kitchen' where handle in ('MUG', 'LID')`
  await stage.sql`update variants set cost = 8, cost_currency = 'EUR' where sku = 'MUG'`
  // Ten per cent off the plain price, for everyone: a price that is reckoned.
  await stage.sql`
    with l as (insert into price_lists (code) values ('tenth') returning id), t as (
      insert into price_list_terms (list_id, title, currency, kind, audience, state, actor) select id, 'A tenth', 'EUR', 'price', 'everyone', 'approved', 'test' from l)
    insert into price_entries (list_id, scope, rule, over, value, actor, valid_from) select id, 'all', 'percent', 'plain', -10, 'test', clock_timestamp() from l`
})

let seen = 0
beforeEach(async () => {
  const [row] = await stage.sql<{ seq: number }[]>`select coalesce(max(seq), 0) as seq from change`
  seen = row?.seq ?? 0
})
/** What the feed was told since the test began. */
const told = () =>
  stage.sql<{ kind: string; sku: string | null; account: string | null }[]>`
    select c.kind, v.sku, a.name as account from change c left join variants v on v.id = c.variant_id left join accounts a on a.id = c.account_id
    where c.seq > ${seen} order by c.seq`.then(rows => rows.map(row => [row.kind, row.sku, row.account]))

const send = (route: string, body: unknown, idempotencyKey?: string): Promise<Answer> =>
  ask(stage.app, route, { key, body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
const get = (path: string): Promise<Answer> => ask(stage.app, `GET ${path}`, { key })
const limits = (...limits: unknown[]): Promise<Answer> => send('POST /v1/price-limits', { limits })
const shown = async (sku: string): Promise<string | null> => {
  const [row] = await stage.sql<{ regular: string | null; held: string | null }[]>`
    select price->>'regular' as regular, held from channel_price_2((select array_agg(id) from channels where code = 'shop'),
      (select array_agg(id) from variants where sku = ${sku}), clock_timestamp())`
  return row?.regular ?? row?.held ?? null
}

describe('a policy', () => {
  test('says how a channel rounds what is reckoned, and tells the channel alone that its prices changed', async () => {
    expect(await shown('MUG')).toBe('9.27')
    const set = await send('PATCH /v1/channels/shop/price-policy', {
      rounding: { kind: 'ending', step: '1', ending: '0.99' },
      region: 'de',
      why: 'as in the window',
    })
    expect([set.status, set.body]).toEqual([
      200,
      {
        ...{
          channel: 'shop',
          currency: 'EUR',
          taxIncluded: true,
          region: 'de',
          exchangeMargin: '0',
          actor: expect.any(String),
          channels: [],
          changed: true,
        },
        rounding: { kind: 'ending', step: '1', ending: '0.99', direction: 'nearest' },
        since: expect.any(String),
      },
    ])
    expect([await shown('MUG'), await told()]).toEqual(['8.99', [['price', null, 'shop']]])
    const [noted] = await stage.sql`select detail from audit where act = 'price_policy.set' order by id desc limit 1`
    expect(noted?.detail).toEqual({
      to: { region: 'de', rounding: { kind: 'ending', step: '1', ending: '0.99', direction: 'nearest' }, exchangeMargin: '0' },
      why: 'as in the window',
    })
  })

  test('keeps what is not said, tells nobody when nothing changes, and keeps its versions', async () => {
    expect((await send('PATCH /v1/channels/shop/price-policy', { exchangeMargin: '2.5' })).body).toMatchObject({
      region: 'de',
      exchangeMargin: '2.5',
      rounding: { ending: '0.99' },
    })
    const before = await told()
    expect((await send('PATCH /v1/channels/shop/price-policy', { exchangeMargin: '2.50' })).body.changed).toBe(false)
    expect(await told()).toEqual(before)
    const versions = await stage.sql`select valid_from, valid_to from channel_price_policies order by id`
    expect(versions.map(row => row.valid_to === null)).toEqual([false, true])
    expect(versions[1]?.valid_from).toEqual(versions[0]?.valid_to)
    expect((await get('/v1/price-policies')).body.items).toMatchObject([{ channel: 'shop', exchangeMargin: '2.5' }])
    await send('PATCH /v1/channels/shop/price-policy', { rounding: { kind: 'digits' } })
    expect(await shown('MUG')).toBe('9.27')
  })

  test.each([
    ['a channel that nobody knows', 'none', { exchangeMargin: '1' }, 404, 'There is no channel none.'],
    ['a region that nobody knows', 'shop', { region: 'fr' }, 404, 'There is no region fr.'],
    ['more decimals than cents', 'shop', { rounding: { kind: 'ending', step: '0.001', ending: '0' } }, 422, 'steps of 0.001 cannot be'],
    ['an ending beyond its step', 'shop', { rounding: { kind: 'ending', step: '0.5', ending: '0.99' } }, 422, 'cannot end in 0.99'],
    ['a step of nothing', 'shop', { rounding: { kind: 'ending', step: '0', ending: '0' } }, 422, 'steps of 0 cannot be'],
  ])('is refused with %s', async (_, channel, body, status, words) => {
    const refused = await send(`PATCH /v1/channels/${channel}/price-policy`, body)
    expect([refused.status, refused.text]).toEqual([status, expect.stringContaining(words)])
  })
})

describe('rates', () => {
  test('of tax are set for now and for later; what is to come becomes due, what was wrong is superseded', async () => {
    const rates = [
      { region: 'de', percent: '19', from: '2026-01-01T00:00:00Z' },
      { region: 'de', category: 'reduced', percent: '7', from: '2090-01-01T00:00:00Z' },
    ]
    expect((await send('POST /v1/tax-rates', { rates }, 'tax-1')).body).toEqual({ changed: 2, replayed: false })
    expect((await send('POST /v1/tax-rates', { rates }, 'tax-1')).body).toEqual({ changed: 2, replayed: true })
    expect(await told()).toEqual([['price', null, null]])
    expect(await stage.sql`select what, at from due where what = 'rates'`).toEqual([
      { what: 'rates', at: new Date('2090-01-01T00:00:00Z') },
    ])
    expect((await send('POST /v1/tax-rates', { rates: [{ ...rates[0], percent: '16' }] })).body.changed).toBe(1)
    expect((await get('/v1/tax-rates?region=de')).body.items).toMatchObject([
      { region: 'de', category: 'reduced', percent: '7', startsAt: '2090-01-01T00:00:00.000Z' },
      { category: 'standard', percent: '16' },
    ])
    expect((await send('POST /v1/tax-rates', { rates: [{ ...rates[1], percent: null }] })).body.changed).toBe(1)
    expect((await get('/v1/tax-rates?category=reduced')).body.items).toEqual([])
    expect(await stage.sql`select 1 from tax_rates`).toHaveLength(3)
  })

  test('of exchange bring a foreign floor to the channel; without one the price is held for a person', async () => {
    expect((await limits({ kind: 'floor', sku: 'CUP', amount: '12', currency: 'CHF' })).body).toEqual({
      changed: 1,
      replayed: false,
      channels: [],
    })
    expect(await shown('CUP')).toBe('limit_unknown')
    expect((await send('POST /v1/exchange-rates', { rates: [{ from: 'EUR', to: 'CHF', rate: '0.8' }] })).body.changed).toBe(1)
    expect(await shown('CUP')).toBe('15')
    expect((await get('/v1/exchange-rates?from=EUR&to=CHF')).body.items).toMatchObject([{ rate: '0.8', from: 'EUR', to: 'CHF' }])
    expect((await limits({ kind: 'floor', sku: 'CUP' })).body.changed).toBe(1)
    expect(await shown('CUP')).toBe('9.27')
  })

  test.each([
    ['/v1/tax-rates', { rates: [{ region: 'fr', percent: '20' }] }, 'rates.0.region', 'There is no region fr.'],
    ['/v1/tax-rates', { rates: [{ region: 'de', percent: null }] }, 'rates.0.from', 'taken back by the instant'],
    ['/v1/tax-rates', { rates: [{ region: 'de', percent: '-1' }] }, 'rates.0.percent', 'cannot be'],
    ['/v1/exchange-rates', { rates: [{ from: 'EUR', to: 'EUR', rate: '1' }] }, 'rates.0.to', 'one EUR is one EUR'],
    ['/v1/exchange-rates', { rates: [{ from: 'EUR', to: 'CHF', rate: '0' }] }, 'rates.0.rate', 'cannot be'],
  ])('are refused at %s: %j', async (path, body, field, words) => {
    const refused = await send(`POST ${path}`, body)
    expect([refused.status, (refused.body.errors as { field: string }[])[0]?.field, refused.text]).toEqual([
      422,
      field,
      expect.stringContaining(words),
    ])
  })
})

describe('floors and ceilings', () => {
  test('hold what is reckoned, of several floors the highest, and are told by what they speak of', async () => {
    await limits(
      { kind: 'floor', amount: '1', currency: 'EUR' },
      { kind: 'floor', basis: 'margin', category: 'Kitchen', percent: '20' },
      { kind: 'floor', basis: 'map', sku: 'LID', channel: 'shop', amount: '9.50', currency: 'EUR' },
    )
    // 8.00 is at most 80 % of the net price: 10.00, and 16 % tax on it.
    expect([await shown('MUG'), await shown('LID'), await shown('CUP')]).toEqual(['11.6', '9.5', '9.27'])
    const of = async (query: string) => (await get(`/v1/price-limits?${query}`)).body.items as Record<string, unknown>[]
    expect((await of('sku=LID')).map(one => [one.basis, one.scope, one.amount ?? one.percent])).toEqual([
      ['manual', 'all', '1'],
      ['margin', 'category', '20'],
      ['map', 'variant', '9.5'],
    ])
    expect((await of('sku=CUP')).map(one => one.basis)).toEqual(['manual'])
  })

  test('tell the feed whose prices they move: a few SKUs by name, many as one', async () => {
    await limits({ kind: 'floor', basis: 'map', sku: 'LID', channel: 'shop', amount: '9.60', currency: 'EUR' })
    expect([await told(), await shown('LID')]).toEqual([[['price', 'LID', null]], '9.6'])
    await limits({ kind: 'floor', basis: 'margin', category: 'Kitchen', percent: '25' })
    expect((await told()).slice(1)).toEqual([
      ['price', 'MUG', null],
      ['price', 'LID', null],
    ])
    await limits({ kind: 'ceiling', amount: '500', currency: 'EUR' })
    expect((await told()).slice(3)).toEqual([['price', null, null]])
    await limits({ kind: 'ceiling', amount: '500.00', currency: 'EUR' })
    expect(await told()).toHaveLength(4)
  })

  test('that contradict each other hold the price for a person, and an end of one lets it go', async () => {
    await limits({ kind: 'ceiling', basis: 'legal', product: 'LID', amount: '9', currency: 'EUR' })
    expect(await shown('LID')).toBe('floor_above_ceiling')
    await limits({ kind: 'floor', basis: 'map', sku: 'LID', channel: 'shop' })
    expect(await shown('LID')).toBe('9')
    const ended = (await get('/v1/price-limits?sku=LID&ended=true')).body.items as Record<string, unknown>[]
    expect(ended.filter(one => one.basis === 'map').map(one => [one.amount, one.until === null])).toEqual([
      ['9.5', false],
      ['9.6', false],
    ])
  })

  test.each([
    [{ kind: 'floor', sku: 'NOPE', amount: '1', currency: 'EUR' }, 'limits.0.sku', 'There is no SKU NOPE.'],
    [{ kind: 'floor', product: 'nope', amount: '1', currency: 'EUR' }, 'limits.0.product', 'There is no product with the handle nope.'],
    [{ kind: 'floor', category: 'Tea', amount: '1', currency: 'EUR' }, 'limits.0.category', 'There is no product in the category Tea.'],
    [{ kind: 'floor', channel: 'none', amount: '1', currency: 'EUR' }, 'limits.0.channel', 'There is no channel none.'],
    [{ kind: 'floor', amount: '1' }, 'limits.0.currency', 'a currency code of ISO 4217'],
    [{ kind: 'floor', amount: '0', currency: 'EUR' }, 'limits.0.amount', 'cannot be'],
    [{ kind: 'ceiling', basis: 'margin', percent: '10' }, 'limits.0.basis', 'a margin gives a floor'],
    [{ kind: 'floor', basis: 'margin', percent: '100' }, 'limits.0.percent', 'below 100'],
    [{ kind: 'floor', percent: '10' }, 'limits.0.percent', 'a percentage is for a margin'],
    [{ kind: 'floor', sku: 'MUG', category: 'Kitchen', amount: '1', currency: 'EUR' }, 'limits.0.sku', 'one scope'],
  ])('are refused: %j', async (limit, field, words) => {
    const refused = await limits(limit)
    expect([refused.status, (refused.body.errors as { field: string }[])[0]?.field, refused.text]).toEqual([
      422,
      field,
      expect.stringContaining(words),
    ])
    expect(await told()).toEqual([])
  })
})

test('how goods are taxed is said by SKU, all or none', async () => {
  const lines = [{ sku: 'MUG', category: 'reduced' }]
  expect((await send('POST /v1/tax-categories', { lines: [...lines, { sku: 'NOPE', category: 'reduced' }] })).status).toBe(422)
  expect((await get('/v1/tax-categories?sku=MUG')).body.items).toEqual([{ sku: 'MUG', category: 'standard' }])
  expect((await send('POST /v1/tax-categories', { lines })).body.changed).toBe(1)
  expect(await told()).toEqual([['price', 'MUG', null]])
  expect((await get('/v1/tax-categories?sku=MUG&sku=CUP')).body.items).toEqual([
    { sku: 'CUP', category: 'standard' },
    { sku: 'MUG', category: 'reduced' },
  ])
  expect((await get('/v1/tax-categories?sku=NOPE')).status).toBe(404)
})

test('who may only read prices sets nothing', async () => {
  const reader = await stage.key('prices:read')
  for (const route of ['POST /v1/price-limits', 'POST /v1/tax-rates', 'POST /v1/exchange-rates', 'PATCH /v1/channels/shop/price-policy'])
    expect((await ask(stage.app, route, { key: reader, body: {} })).status).toBe(403)
  expect((await ask(stage.app, 'GET /v1/price-limits', { key: reader })).status).toBe(200)
})
