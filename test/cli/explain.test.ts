import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { makeLedgerPartitions } from '../../db/partitions.ts'
import { shownAt } from '../../src/cli/instants.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

let sql: Sql
let cli: ReturnType<typeof cliOn>
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'concord-explain-'))
  const database = await freshDatabase()
  sql = database.sql
  cli = cliOn(database.url)
  await makeLedgerPartitions(sql, new Date('2026-02-10T00:00:00Z'), 1)
  await layIn(sql, { TEA: {}, CUP: {} })
  await sql`insert into locations (code, name, kind) values ('MAIN', 'Main', 'warehouse')`
  await quietChannel(sql, 'woo', ['MAIN'])
  await sql`update channels set created_at = '2026-01-01'; `
  await sql`update channel_locations set valid_from = '2026-01-01'`
  await sql`update locations set created_at = '2026-01-01'`
  const moves = [
    ['TEA', 9, '2026-02-03T10:00:00Z'],
    ['TEA', -4, '2026-03-05T10:00:00Z'],
    ['CUP', 2, '2026-03-06T10:00:00Z'],
  ] as const
  for (const [sku, units, at] of moves) {
    await sql`
      insert into movements (variant_id, location_id, kind, on_hand, actor, occurred_at, recorded_at)
      select v.id, l.id, 'adjust', ${units}, 'test', ${at}::text::timestamptz, ${at}::text::timestamptz from variants v, locations l where v.sku = ${sku}`
    await sql`insert into balances (variant_id, location_id) select v.id, l.id from variants v, locations l where v.sku = ${sku} on conflict do nothing`
    await sql`update balances set on_hand = on_hand + ${units} where variant_id = (select id from variants where sku = ${sku})`
  }
  await sql`insert into variant_costs (variant_id, average, currency, valid_from, actor) select id, 2.5, 'EUR', '2026-02-01', 'test' from variants where sku = 'TEA'`
})

afterAll(() => rm(folder, { recursive: true }))

const json = async (words: readonly string[]) => {
  const ran = await cli([...words, '--json'])
  return { code: ran.code, body: JSON.parse(ran.out) }
}

test('a number of the past is explained in words', async () => {
  const { code, out } = await cli(['explain', 'TEA', '--channel', 'woo', '--at', '2026-02-20T10:00Z'])
  expect([code, ...out.trimEnd().split('\n')]).toEqual([
    0,
    'TEA  Product TEA',
    `as it was at ${shownAt('2026-02-20T10:00:00Z')}, by what was recorded then`,
    '',
    'MAIN: on hand 9 − reserved 0 − unavailable 0 − safety stock 0 = 9 available to promise',
    '',
    'woo: not listed there; a listing would show 9',
    '    pool MAIN 9 = 9',
    '    − buffer 0, no cap, stop selling at 0',
    '    nothing was published there',
  ])
  expect((await cli(['explain', 'TEA'])).out).toContain('woo: not listed there; a listing would show 5')
})

test('stock over time and its worth on a date are told, and written to a file', async () => {
  const history = await json(['stock', 'history', 'TEA', '--from', '2026-02-01', '--to', '2026-04-01'])
  expect(history.body.points.map((point: { at: string; onHand: number }) => [point.at, point.onHand])).toEqual([
    ['2026-02-01T00:00:00.000Z', 0],
    ['2026-02-03T10:00:00.000Z', 9],
    ['2026-03-05T10:00:00.000Z', 5],
  ])
  expect((await json(['stock', 'value', '--at', '2026-03-01'])).body.totals).toEqual([{ currency: 'EUR', units: 9, value: '22.50' }])
  expect((await cli(['stock', 'value', '--at', '2026-03-07'])).out.trimEnd().split('\n').slice(1)).toEqual([
    expect.stringMatching(/^location +currency +units +value +basis/),
    expect.stringMatching(/^MAIN +EUR +5 +12\.50 +average/),
    expect.stringMatching(/^MAIN +2 +no cost: CUP/),
    expect.stringMatching(/^all +EUR +5 +12\.50/),
  ])
  // By average and by the catalog: then the location is added up, too.
  await sql`update variants set cost = 1, cost_currency = 'EUR' where sku = 'CUP'`
  expect((await cli(['stock', 'value', '--at', '2026-03-07'])).out).toMatch(
    /\nMAIN +EUR +5 +12\.50 +average\nMAIN +EUR +2 +2\.00 +catalog\nMAIN, all +EUR +7 +14\.50\nall +EUR +7 +14\.50\n$/,
  )
  await sql`update variants set cost = null, cost_currency = null where sku = 'CUP'`
  const file = join(folder, 'value.csv')
  expect((await cli(['stock', 'value', '--at', '2026-03-01', '--out', file])).code).toBe(0)
  expect(await readFile(file, 'utf8')).toBe(
    'sku,title,location,units,unit_cost,currency,basis,value\nTEA,Product TEA,MAIN,9,2.5,EUR,average,22.5\n',
  )
  expect(await cli(['stock', 'history', 'TEA', '--points', 'many'])).toMatchObject({ code: 2 })
})

test('the ledger goes out narrowed, and an old month of it is detached once a dry run has told what would happen', async () => {
  const out = (await cli(['export', 'ledger', '--from', '2026-03-01', '--sku', 'TEA'])).out.trimEnd().split('\n')
  expect([out.length, out[1]]).toEqual([2, expect.stringContaining('2026-03-05T10:00:00.000000Z,TEA,MAIN,adjust,-4,')])
  expect(await json(['export', 'ledger', '--to', '2026-03-01', '--out', join(folder, 'ledger.csv')])).toMatchObject({
    code: 0,
    body: { rows: 1 },
  })
  expect((await cli(['ledger', 'detach', '2026-02', '--dry-run'])).out).toBe(
    `2026-02 would be detached: 1 movements, 1 carry-forwards recorded at ${shownAt('2026-03-01T00:00:00.000Z')}. Nothing was changed.\n`,
  )
  expect(await cli(['ledger', 'detach', '2026-10'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('2026-10 may be detached from 2027-02-01 on'),
  })
  expect((await json(['ledger', 'detach', '2026-02'])).body).toMatchObject({
    outcome: 'detached',
    table: 'concord_archive.movements_2026_02',
  })
  expect(await cli(['explain', 'TEA', '--at', '2026-02-20'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('was detached: history starts at 2026-03-01'),
  })
  expect((await cli(['explain', 'TEA', '--at', '2026-03-02'])).out).toContain('woo: not listed there; a listing would show 9')
  expect((await json(['check'])).body.findings.filter((one: { violations: number }) => one.violations > 0)).toEqual([])
})
