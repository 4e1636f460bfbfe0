import { beforeAll, describe, expect, test } from 'vitest'
import { makeLedgerPartitions } from '../../db/partitions.ts'
import { detachLedger } from '../../src/usecases/detach-ledger.ts'
import { ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let key: string
let ids: { readonly variant: number; readonly free: number; readonly berlin: number; readonly lyon: number }

const at = (day: number, time = '12:00:00') => `2026-07-${String(day).padStart(2, '0')}T${time}Z`

/** A movement of the past, and the balance with it. */
const move = async (
  place: 'berlin' | 'lyon',
  when: string,
  numbers: { onHand?: number; reserved?: number; unavailable?: number },
  variant = ids.variant,
) => {
  const { onHand = 0, reserved = 0, unavailable = 0 } = numbers
  await stage.sql`
    insert into movements (variant_id, location_id, kind, on_hand, reserved, unavailable, reason, actor, occurred_at, recorded_at)
    values (${variant}, ${ids[place]}, 'adjust', ${onHand}, ${reserved}, ${unavailable}, '=1+1', 'test', ${when}::text::timestamptz, ${when}::text::timestamptz)`
  await stage.sql`insert into balances (variant_id, location_id) values (${variant}, ${ids[place]}) on conflict do nothing`
  await stage.sql`
    update balances set on_hand = on_hand + ${onHand}, reserved = reserved + ${reserved}, unavailable = unavailable + ${unavailable}
    where variant_id = ${variant} and location_id = ${ids[place]}`
}

beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:write')
  const { sql } = stage
  await makeLedgerPartitions(sql, new Date('2026-06-15T00:00:00Z'), 5)
  for (const code of ['berlin', 'lyon']) await ask(stage.app, 'POST /v1/locations', { key, body: { code, name: code, kind: 'warehouse' } })
  const variants = [{ sku: 'MUG', cost: '2', costCurrency: 'USD' }, { sku: 'FREE' }]
  await ask(stage.app, 'POST /v1/products', { key, body: { handle: 'mug', title: 'Mug', variants } })
  const [row] = await sql<(typeof ids)[]>`
    select (select id from variants where sku = 'MUG') as variant, (select id from variants where sku = 'FREE') as free,
      (select id from locations where code = 'berlin') as berlin, (select id from locations where code = 'lyon') as lyon`
  if (row === undefined) throw new Error('nothing was made')
  ids = row
  await move('berlin', '2026-06-20T00:00:00Z', { onHand: 4 })
  await move('berlin', at(1), { onHand: 6 })
  await move('lyon', at(2), { onHand: 5 })
  await move('berlin', at(3, '12:00:00.000001'), { reserved: 2 })
  await move('lyon', at(4), { onHand: -1, unavailable: 1 })
  await move('berlin', at(6), { onHand: -2, reserved: -2 })
  await move('berlin', at(2), { onHand: 3 }, ids.free)
  await sql`insert into safety_stocks (variant_id, location_id, quantity, valid_from, valid_to, actor) values
    (${ids.variant}, ${ids.lyon}, 3, ${at(5)}::text::timestamptz, ${at(7)}::text::timestamptz, 'test'), (${ids.variant}, ${ids.lyon}, 4, ${at(7)}::text::timestamptz, null, 'test')`
  await sql`update balances set safety_stock = 4 where variant_id = ${ids.variant} and location_id = ${ids.lyon}`
  await sql`insert into variant_costs (variant_id, average, currency, valid_from, valid_to, actor) values
    (${ids.variant}, 1.005, 'EUR', ${at(2)}::text::timestamptz, ${at(5)}::text::timestamptz, 'test'), (${ids.variant}, 3.333333, 'EUR', ${at(5)}::text::timestamptz, null, 'test')`
})

const get = (path: string) => ask(stage.app, `GET ${path}`, { key })
const points = async (query: string) =>
  ((await get(`/v1/stock/MUG/history?${query}`)).body.points as Record<string, unknown>[]).map(point =>
    [String(point.at).slice(5, 10), point.onHand, point.reserved, point.unavailable, point.available].join(' '),
  )

describe('the history of a SKU', () => {
  test('is its stock after each change, over all our locations, with the safety stock of its time', async () => {
    expect(await points(`from=2026-07-01T13:00:00Z&to=2026-07-10`)).toEqual([
      '07-01 10 0 0 10',
      '07-02 15 0 0 15',
      '07-03 15 2 0 13',
      '07-04 14 2 1 11',
      '07-05 14 2 1 8',
      '07-06 12 0 1 8',
      '07-07 12 0 1 8',
    ])
    expect(await points('from=2026-06-01&to=2026-06-10')).toEqual(['06-01 0 0 0 0'])
  })

  test('is told of one location, and up to now', async () => {
    expect(await points('location=lyon&from=2026-07-03')).toEqual(['07-03 5 0 0 5', '07-04 4 0 1 3', '07-05 4 0 1 0', '07-07 4 0 1 0'])
  })

  test('is thinned out to equal parts of the period where it has more changes than points', async () => {
    expect(await points('from=2026-07-01&to=2026-07-09&points=4')).toEqual([
      '07-01 4 0 0 4',
      '07-03 15 0 0 15',
      '07-05 14 2 1 11',
      '07-07 12 0 1 8',
      '07-09 12 0 1 8',
    ])
  })

  test('refuses what is no period, no place and no SKU', async () => {
    expect((await get('/v1/stock/MUG/history?from=2026-07-05&to=2026-07-05')).body).toMatchObject({ status: 422, code: 'invalid' })
    expect((await get('/v1/stock/MUG/history?from=yesterday')).body).toMatchObject({ status: 422, detail: '"yesterday" is no instant' })
    expect((await get('/v1/stock/MUG/history?location=rome')).status).toBe(404)
    expect((await get('/v1/stock/CUP/history')).body).toMatchObject({ status: 404, detail: 'there is no SKU CUP' })
  })
})

test('the movements of a SKU come page by page, the newest first, each with its lot, cause and reason', async () => {
  const seen: unknown[] = []
  for (let next: unknown = ''; next !== null; ) {
    const { body } = await get(`/v1/stock/MUG/movements?limit=4${next === '' ? '' : `&cursor=${next}`}`)
    seen.push(
      ...(body.items as Record<string, unknown>[]).map(item =>
        [item.location, item.onHand, item.reserved, item.lot, item.causeKind, item.reason].join(' '),
      ),
    )
    next = body.next
  }
  expect(seen).toEqual([
    'berlin -2 -2   =1+1',
    'lyon -1 0   =1+1',
    'berlin 0 2   =1+1',
    'lyon 5 0   =1+1',
    'berlin 6 0   =1+1',
    'berlin 4 0   =1+1',
  ])
})

test('a number of the past is explained at the API, to who may read stock', async () => {
  const { body } = await get('/v1/explain/MUG?at=2026-07-04&location=berlin')
  expect(body).toMatchObject({
    ...{ sku: 'MUG', at: '2026-07-04T00:00:00Z', isPast: true, locations: [] },
  })
  expect((await get('/v1/explain/MUG?at=soon')).status).toBe(422)
  expect((await ask(stage.app, 'GET /v1/explain/MUG', { key: await stage.key('catalog:read') })).status).toBe(403)
})

describe('the worth of stock on a date', () => {
  test('is units of then times the average of then, rounded once; what has no cost is in no total', async () => {
    const { body } = await get('/v1/stock-value?at=2026-07-03')
    expect(body).toEqual({
      at: '2026-07-03T00:00:00Z',
      // 15 × 1.005 = 15.075; each location is rounded by itself.
      totals: [{ currency: 'EUR', units: 15, value: '15.08' }],
      locations: [
        { location: 'berlin', currency: 'EUR', basis: 'average', units: 10, value: '10.05' },
        { location: 'lyon', currency: 'EUR', basis: 'average', units: 5, value: '5.03' },
      ],
      locationTotals: [
        { location: 'berlin', currency: 'EUR', units: 10, value: '10.05' },
        { location: 'lyon', currency: 'EUR', units: 5, value: '5.03' },
      ],
      withoutCost: [{ location: 'berlin', units: 3, skus: 1, examples: ['FREE'] }],
    })
    expect((await get('/v1/stock-value?location=lyon')).body).toMatchObject({ totals: [{ currency: 'EUR', units: 4, value: '13.33' }] })
  })

  test('falls back on the cost of the catalog, and says so', async () => {
    const { body } = await get('/v1/stock-value?at=2026-07-01T12:00:00Z&location=berlin')
    expect(body.locations).toEqual([{ location: 'berlin', currency: 'USD', basis: 'catalog', units: 10, value: '20.00' }])
  })

  test('comes SKU by SKU as CSV', async () => {
    const { text, headers } = await get('/v1/stock-value.csv?at=2026-07-03')
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(text.split('\n')).toEqual([
      'sku,title,location,units,unit_cost,currency,basis,value',
      'MUG,Mug,berlin,10,1.005,EUR,average,10.05',
      'FREE,Mug,berlin,3,,,none,',
      'MUG,Mug,lyon,5,1.005,EUR,average,5.025',
      '',
    ])
  })

  test('is not told of the future', async () => {
    expect((await get('/v1/stock-value?at=2126-01-01')).body).toMatchObject({
      status: 422,
      detail: expect.stringContaining('has not come yet'),
    })
  })
})

describe('the ledger as CSV', () => {
  test('has every movement in the order in which it was recorded, and runs no formula in a spreadsheet', async () => {
    const { text } = await get('/v1/ledger.csv?sku=MUG&from=2026-07-01T12:00:00Z&to=2026-07-04T12:00:00Z')
    const [head, ...lines] = text.trim().split('\n')
    expect(head).toBe(
      'id,recorded_at,occurred_at,sku,location,kind,on_hand,reserved,unavailable,incoming,lot,order,reservation,cause,reason_code,reason,unit_cost,cost_currency,actor',
    )
    expect(lines.map(line => line.split(',').slice(1).join(','))).toEqual([
      "2026-07-01T12:00:00.000000Z,2026-07-01T12:00:00.000000Z,MUG,berlin,adjust,6,0,0,0,,,,,,'=1+1,,,test",
      "2026-07-02T12:00:00.000000Z,2026-07-02T12:00:00.000000Z,MUG,lyon,adjust,5,0,0,0,,,,,,'=1+1,,,test",
      "2026-07-03T12:00:00.000001Z,2026-07-03T12:00:00.000001Z,MUG,berlin,adjust,0,2,0,0,,,,,,'=1+1,,,test",
    ])
  })

  test('is narrowed by location and kind; of nothing it is its header', async () => {
    const rows = async (query: string) => (await get(`/v1/ledger.csv?${query}`)).text.trim().split('\n').length - 1
    expect(await rows('')).toBe(7)
    expect(await rows('location=lyon')).toBe(2)
    expect(await rows('kind=count')).toBe(0)
    expect((await get('/v1/ledger.csv?sku=CUP')).status).toBe(404)
  })

  test('is streamed: who reads no further leaves no statement behind, and ten thousand lines arrive whole', async () => {
    await stage.sql`
      insert into movements (variant_id, location_id, kind, actor, occurred_at, recorded_at)
      select ${ids.variant}, ${ids.lyon}, 'noise', 'test', now(), now() + make_interval(secs => n / 1000.0) from generate_series(1, 10000) n`
    const response = await stage.app.request('/v1/ledger.csv?kind=noise', { headers: { authorization: `Bearer ${key}` } })
    const reader = response.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
    await reader?.cancel()
    await expect
      .poll(
        async () =>
          (await stage.sql`select from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()`)
            .length,
      )
      .toBe(0)
    for (const _ of [1, 2, 3]) expect((await get('/v1/ledger.csv?kind=noise')).text.trim().split('\n')).toHaveLength(10_001)
  })
})

describe('history before a detached month', () => {
  test('is refused with the reason, and what comes after it is what it was', async () => {
    const before = await points('from=2026-07-01&to=2026-07-10')
    await detachLedger(stage.context, '2026-06', { dryRun: false, now: new Date('2026-11-22T12:00:00Z') })
    expect((await get('/v1/stock-value?at=2026-06-30')).body).toMatchObject({
      ...{
        status: 404,
        code: 'not_found',
        detail: 'the ledger of 2026-06-30T00:00:00Z was detached: history starts at 2026-07-01T00:00:00.000Z',
      },
    })
    expect(await points('from=2026-07-01&to=2026-07-10')).toEqual(before)
    const earlier = await get('/v1/stock/MUG/history?from=2026-05-01&to=2026-07-10')
    expect(earlier.body).toMatchObject({ historyStarts: '2026-07-01T00:00:00.000Z', from: '2026-07-01T00:00:00.000Z' })
    expect((earlier.body.points as Record<string, unknown>[])[0]).toMatchObject({ at: '2026-07-01T00:00:00.000Z', onHand: 4 })
  })
})
