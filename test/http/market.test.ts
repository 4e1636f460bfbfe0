import { beforeAll, describe, expect, test } from 'vitest'
import { repriceNext } from '../../src/usecases/reprice.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'
import { type Answer, ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('prices:write', 'prices:read')
  await layIn(stage.sql, { MUG: { a: 1 }, LID: { a: 1 } })
  await quietChannel(stage.sql, 'shop')
  await priceList(stage.sql, { code: 'web', audience: 'channel', of: 'shop', entries: [] })
})

const send = (route: string, body: unknown, idempotencyKey?: string): Promise<Answer> =>
  ask(stage.app, route, { key, body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
const items = async (path: string) => (await ask(stage.app, `GET ${path}`, { key })).body.items as Record<string, unknown>[]
const offer = (sku: string, amount: string | null, more: object = {}) => ({ sku, competitor: 'acme', currency: 'EUR', amount, ...more })

describe('offers', () => {
  test('come in by batches, once for a key, and are listed with what was before', async () => {
    const batch = { offers: [offer('MUG', '9.5', { shipping: '0.4' }), offer('MGU', '1')] }
    const sent = await send('POST /v1/market/offers', batch, 'b1')
    expect([sent.status, sent.body]).toEqual([
      200,
      { new: 1, changed: 0, unchanged: 0, older: 0, wrong: [{ line: 1, field: 'sku', value: 'MGU' }], replayed: false },
    ])
    expect((await send('POST /v1/market/offers', batch, 'b1')).body).toMatchObject({ new: 1, replayed: true })
    expect((await send('POST /v1/market/offers', { offers: [offer('MUG', '9.4')] })).body).toMatchObject({ changed: 1 })
    expect((await items('/v1/market/offers?sku=MUG&past=true')).map(row => [row.amount, row.shipping, row.until !== null])).toEqual([
      ['9.9', '0.4', true],
      ['9.4', null, false],
    ])
    expect((await ask(stage.app, 'GET /v1/market/offers?sku=MGU', { key })).status).toBe(404)
  })

  test('that cannot be are refused whole, with the line', async () => {
    const refused = await send('POST /v1/market/offers', { offers: [offer('MUG', '1'), offer('MUG', '0')] })
    expect([refused.status, (refused.body.errors as { field: string }[])[0]?.field]).toEqual([422, 'offers.1.amount'])
    const many = await send('POST /v1/market/offers', {
      offers: Array.from({ length: 5_001 }, () => ({ ...offer('M', '1'), competitor: 'a' })),
    })
    expect(many.status).toBe(422)
    const most = Array.from({ length: 5_000 }, (_, n) => offer('LID', '9', { competitor: `far-${n}` }))
    expect((await send('POST /v1/market/offers', { offers: most })).body).toMatchObject({ new: 5_000 })
    await stage.sql`delete from market_offers where competitor like 'far-%'`
  })

  test('come in as a file larger than a request may be, with errors by row and column', async () => {
    const who = 'acme'.repeat(20)
    const text = [
      'sku,competitor,amount,seen_at,channel,shipping,currency',
      `LID,${who},9.80,2026-02-01T00:00:00Z,,,EUR`,
      ...Array.from({ length: 10_000 }, (_, n) => `LID,${who},${(20 - n / 1_000).toFixed(2)},2026-01-01T00:00:00Z,,,EUR`),
      `LID,${who},cheap,,,,EUR`,
    ]
    const body = text.join('\n')
    expect(body.length).toBeGreaterThan(1_100_000)
    const sent = await ask(stage.app, 'POST /v1/market/offers/import', { key, body, headers: { 'content-type': 'text/csv' } })
    expect([sent.status, sent.body]).toEqual([
      200,
      {
        ...{ rows: 10_002, new: 1, changed: 0, unchanged: 0, older: 10_000, wrong: 1 },
        errors: [{ row: 10_003, column: 'amount', value: 'cheap', expected: expect.stringContaining('decimal text') }],
      },
    ])
  })
})

describe('a rule', () => {
  const rule = { list: 'web', sku: 'MUG', mode: 'amount', value: '0.10', warSteps: 1, stepsPerDay: 9 }

  test('is made, tried, read and listed, and its steps tell why', async () => {
    const tried = await send('POST /v1/market/rules/mugs/dry-run', rule)
    expect([tried.status, (tried.body.items as object[])[0]]).toMatchObject([
      200,
      {
        sku: 'MUG',
        price: '10',
        act: 'step',
        to: '9.3',
        target: '9.3',
        clamp: null,
        stepsLeft: 8,
        offer: { competitor: 'acme', amount: '9.4', currency: 'EUR' },
      },
    ])
    await stage.sql`
      insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id) select c.id, c.account_id, v.sku, v.sku, '', v.id from channels c, variants v where v.sku = 'MUG'`
    await stage.sql`select publications_intend_1(id, null, clock_timestamp()) from accounts`
    const everywhere = (body: object) => send('POST /v1/dry-runs', { command: 'PUT /v1/market/rules/mugs', body })
    expect((await everywhere({ ...rule, why: 'the fair' })).body).toMatchObject({
      touched: 1,
      fields: [
        {
          channel: 'shop',
          field: 'price',
          changed: 1,
          off: 1,
          examples: [{ sku: 'MUG', before: { regular: '10.00' }, after: { regular: '9.30' } }],
        },
      ],
    })
    expect((await everywhere({ ...rule, state: 'ended' })).body).toMatchObject({ touched: 1, fields: [] })
    expect((await everywhere({ ...rule, list: 'nowhere' })).status).toBe(422)
    expect((await everywhere({ ...rule, mode: 'guess' })).status).toBe(422)
    const reader = await stage.key('prices:read')
    expect(
      (await ask(stage.app, 'POST /v1/dry-runs', { key: reader, body: { command: 'PUT /v1/market/rules/mugs', body: rule } })).status,
    ).toBe(403)
    expect((await ask(stage.app, 'GET /v1/market/rules/mugs', { key })).status).toBe(404)
    const made = await send('PUT /v1/market/rules/mugs', { ...rule, why: 'the fair' }, 'r1')
    expect([made.status, made.body]).toMatchObject([
      200,
      { made: true, changed: true, rule: { code: 'mugs', sku: 'MUG', value: '0.1', why: 'the fair', stops: 0 } },
    ])
    expect((await ask(stage.app, 'GET /v1/market/rules/mugs', { key })).body).toEqual((made.body as { rule: unknown }).rule)
    expect((await items('/v1/market/rules?list=web')).map(row => row.code)).toEqual(['mugs'])
    await repriceNext(stage.context, 10)
    const [step] = await items('/v1/market/steps?sku=MUG&rule=mugs')
    expect(step).toMatchObject({
      from: '10',
      to: '9.3',
      competitor: 'acme',
      target: '9.3',
      clamp: null,
      isAnswer: false,
      waits: false,
      offer: { amount: '9.4' },
    })
    expect(step?.why).toMatch(/^acme asks 9.4 EUR \(seen .*\); 0.1 EUR below it is 9.3 EUR$/)
    const standing = await ask(stage.app, 'POST /v1/market/rules/mugs/dry-run', { key })
    expect((standing.body.items as object[])[0]).toMatchObject({ act: 'keep', reason: 'there', to: null })
  })

  test('that stopped is listed, and resumed by hand', async () => {
    for (const amount of ['9', '8.5']) {
      await send('POST /v1/market/offers', { offers: [offer('MUG', amount)] })
      await repriceNext(stage.context, 10)
    }
    expect(await items('/v1/market/stops')).toMatchObject([
      { rule: 'mugs', sku: 'MUG', competitor: 'acme', resumedAt: null, why: { steps: 1, price: '8.9', offer: '8.5' } },
    ])
    expect((await items('/v1/market/rules'))[0]).toMatchObject({ stops: 1 })
    expect((await send('POST /v1/market/rules/mugs/resume', { sku: 'MUG', why: 'fine' })).body).toEqual({ replayed: false })
    expect((await send('POST /v1/market/rules/mugs/resume', { sku: 'MUG' })).status).toBe(409)
    expect(await items('/v1/market/stops')).toEqual([])
    expect(await items('/v1/market/stops?resumed=true')).toMatchObject([{ note: 'fine', resumedBy: expect.stringContaining('key:') }])
  })

  test('that cannot be is refused with the field', async () => {
    for (const [more, field] of [
      [{ list: 'nowhere' }, 'list'],
      [{ mode: 'percent', value: '100' }, 'value'],
      [{ category: 'Kitchen' }, 'sku'],
    ] as const) {
      const refused = await send('PUT /v1/market/rules/other', { ...rule, ...more })
      expect([refused.status, (refused.body.errors as { field: string }[])[0]?.field]).toEqual([422, field])
    }
  })
})

test('who may only read changes nothing', async () => {
  const reader = await stage.key('prices:read')
  for (const [route, body] of [
    ['POST /v1/market/offers', { offers: [offer('MUG', '1')] }],
    ['PUT /v1/market/rules/mugs', { list: 'web', mode: 'match' }],
    ['POST /v1/market/rules/mugs/resume', { sku: 'MUG' }],
  ] as const)
    expect((await ask(stage.app, route, { key: reader, body })).status).toBe(403)
  expect((await ask(stage.app, 'POST /v1/market/rules/mugs/dry-run', { key: reader })).status).toBe(200)
})
