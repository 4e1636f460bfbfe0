import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { enterCount, startCount, submitCount } from '../../src/usecases/count-stock.ts'
import { decideCount } from '../../src/usecases/decide-count.ts'
import type { ImportResult } from '../../src/usecases/import-file.ts'
import { importStock } from '../../src/usecases/import-stock.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, orderLine, quietChannel, reserve } from '../support/goods.ts'
import { contextOf, stockFileOf, traces } from './import-support.ts'

let sql: Sql
let context: Context

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  await sql`insert into locations (code, name, kind) values ('MAIN', 'Main', 'warehouse'), ('SHOP', 'Shop', 'store')`
})

beforeEach(async () => {
  await sql`truncate products, variants, balances, lots, movements, prices, change, due, imports, import_rows, import_stock_rows, import_stock_lines, import_stock_segments, order_lines,
    orders, reservations, listings, mappings, publications, safety_stocks, counts, count_lines, acts, order_people, accounts, channels cascade`
})

type Options = Parameters<typeof stockFileOf>[1]
type Done = Extract<ImportResult, { outcome: 'done' }>

/** Imports and expects that it was taken. */
async function take(content: string, options: Options = {}): Promise<Done> {
  const result = await importStock(context, stockFileOf(content, options), false)
  if (result.outcome !== 'done') throw new Error(JSON.stringify(result, null, 2))
  return result
}

async function refusal(content: string, options: Options = {}) {
  const before = await traces(sql)
  const result = await importStock(context, stockFileOf(content, options), false)
  if (result.outcome !== 'refused') throw new Error(JSON.stringify(result, null, 2))
  expect(await traces(sql)).toEqual(before)
  return result.errors
}

const onHand = async (sku: string, location = 'MAIN') => (await balance(sql, sku, location)).onHand

async function isClean(): Promise<void> {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
}

describe('a stock file', () => {
  beforeEach(() => layIn(sql, { 'POT-S': {}, 'POT-L': {}, LAMP: {} }))

  test('counts on hand, with movements that name the import', async () => {
    await take('sku,location,quantity,reason\nPOT-S,MAIN,5,yearly count\nPOT-S,SHOP,2,\nLAMP,MAIN,0,\n')
    const { judgement } = await take('sku,location,quantity\nPOT-S,MAIN,3\nPOT-S,SHOP,2\nLAMP,MAIN,0\n')
    expect(judgement).toMatchObject({
      ...{ new: 0, changed: 1, unchanged: 2 },
      samples: { changed: [{ row: 2, sku: 'POT-S', location: 'MAIN', from: { onHand: 5 }, to: { onHand: 3 } }] },
    })
    const [first] = await sql<{ id: number }[]>`select min(id) as id from imports`
    expect(await sql`select kind, on_hand as units, reason, actor, cause_kind, cause_id as cause from movements order by id`).toMatchObject(
      [
        { kind: 'count', units: 5, reason: 'yearly count', actor: 'cli:test', cause_kind: 'import', cause: first?.id },
        { kind: 'count', units: 2, reason: expect.stringContaining('test.csv') },
        { kind: 'count', units: -2 },
      ],
    )
    await isClean()
  })

  test('is refused for names that are unknown, with the nearest one, and for the same SKU twice', async () => {
    expect(await refusal('sku,location,quantity\npot-s,MAIN,5\nPOT-S,MAN,5\nNOPE,MAIN,1\nPOT-L,MAIN,1\nPOT-L,MAIN,2\n')).toEqual([
      { row: 2, column: 'sku', value: 'pot-s', expected: 'POT-S (capital and small letters differ)' },
      { row: 3, column: 'location', value: 'MAN', expected: 'one of MAIN, SHOP' },
      { row: 4, column: 'sku', value: 'NOPE', expected: 'a SKU of the catalog' },
      { row: 6, column: 'sku', value: 'POT-L', expected: 'each SKU and location once; row 5 has it already' },
    ])
  })

  test('is refused with every row whose cells say nothing sensible, also beside names that are unknown', async () => {
    const head = 'sku,location,quantity,basis,mode,occurred_at,lot,expires_at'
    const rows = [
      'NOPE,MAIN,"1,5",,,,,',
      'POT-S,MAIN,3,free,,,,',
      'POT-L,MAIN,-3,,,,,',
      'LAMP,MAIN,-3,available,delta,2026-01-01,,',
      'LAMP,SHOP,1,,,,,2030-01-01',
    ]
    expect(await refusal(`${head}\n${rows.join('\n')}\n`)).toEqual([
      { row: 2, column: 'quantity', value: '1,5', expected: 'a whole number of units' },
      { row: 2, column: 'sku', value: 'NOPE', expected: 'a SKU of the catalog' },
      { row: 3, column: 'basis', value: 'free', expected: 'on_hand or available' },
      { row: 4, column: 'quantity', value: '-3', expected: 'a count of 0 or more' },
      { row: 5, column: 'occurred_at', value: '2026-01-01', expected: 'nothing: a difference holds whenever it is applied' },
      { row: 5, column: 'basis', value: 'available', expected: 'on_hand: differences are of what is on hand' },
      { row: 6, column: 'expires_at', value: '2030-01-01', expected: 'nothing, because the row names no lot' },
    ])
  })

  test('of lines of JSON means the same, and is told line by line what is wrong', async () => {
    const lines = ['{"sku":"POT-S","location":"MAIN","quantity":5}', '', '{"sku":"POT-L","quantity":"7","occurredAt":null}']
    await take(lines.join('\r\n'), { format: 'ndjson', defaults: { location: 'SHOP' } })
    expect([await onHand('POT-S'), await onHand('POT-L', 'SHOP')]).toEqual([5, 7])
    expect(
      await refusal('[1]\n{"sku":"LAMP","location":"MAIN","qty":1}\n{"sku":true,"location":"MA\\u0000IN","quantity":1}\n', {
        format: 'ndjson',
      }),
    ).toEqual(
      [
        { row: 1, column: 'line', value: '[1]', expected: 'a JSON object such as {"sku":"TEA","location":"MAIN","quantity":12}' },
        { row: 2, column: 'qty', value: '1', expected: expect.stringContaining('one of sku, location, quantity') },
        { row: 2, column: 'quantity', value: '', expected: 'a value; the cell is empty' },
        { row: 3, column: 'sku', value: 'true', expected: 'a text or a number' },
        { row: 3, column: 'sku', value: '', expected: 'a value; the cell is empty' },
        { row: 3, column: 'location', value: 'MA\ufffdIN', expected: 'one line of text, without control characters' },
      ].map(error => ({ ...error, value: error.value.replace('\u0000', '') })),
    )
  })

  test('in a dry run shows the difference and leaves no trace', async () => {
    await take('sku,location,quantity\nPOT-S,MAIN,5\n')
    const before = await traces(sql)
    const result = await importStock(context, stockFileOf('sku,location,quantity\nPOT-S,MAIN,4\nLAMP,SHOP,1\n'), true)
    expect(result).toMatchObject({ outcome: 'difference', judgement: { new: 1, changed: 1, unchanged: 0 } })
    expect(await traces(sql)).toEqual(before)
    expect(
      await sql`select (select count(*) from imports) as imports, (select count(*) from import_stock_rows) as rows, (select count(*) from import_stock_lines) as lines`,
    ).toEqual([{ imports: 1, rows: 1, lines: 0 }])
  })

  test('takes promises away where fewer are there, and gives what is new to whoever is short', async () => {
    const channel = await quietChannel(sql, 'shop')
    await take('sku,location,quantity\nPOT-S,MAIN,5\n')
    await book(sql, channel, 'shop', [{ id: 'A', lines: [{ sku: 'POT-S', ordered: 4 }] }])
    await take('sku,location,quantity\nPOT-S,MAIN,1\nLAMP,MAIN,3\n')
    expect(await orderLine(sql, 'A')).toMatchObject({ reserved: 1, short: 3 })
    await take('sku,location,quantity\nPOT-S,MAIN,3\n')
    expect(await orderLine(sql, 'A')).toMatchObject({ reserved: 3, short: 1 })
    await isClean()
  })
})

describe('what may be promised, rather than what is on hand', () => {
  test('has promised, unavailable and safety stock added to it', async () => {
    await layIn(sql, { POT: { MAIN: 10 } })
    await reserve(sql, [{ key: 'now', lines: [{ sku: 'POT', quantity: 4 }] }])
    await change(sql, [{ sku: 'POT', location: 'MAIN', quantity: 2, kind: 'safety' }])
    await take('sku,location,quantity,basis\nPOT,MAIN,7,available\n')
    expect(await balance(sql, 'POT', 'MAIN')).toEqual({ onHand: 13, reserved: 4 })
    expect((await take('sku,location,quantity\nPOT,MAIN,7\n', { defaults: { basis: 'available' } })).judgement).toMatchObject({
      unchanged: 1,
    })
    await isClean()
  })
})

describe('a number that was true earlier', () => {
  const at = (hour: string) => ({ occurred_at: `2026-03-01T${hour}:00Z` })
  beforeEach(async () => {
    await layIn(sql, { POT: {} })
    await change(sql, [{ sku: 'POT', location: 'MAIN', quantity: 20, kind: 'receive' }], at('05:00'))
  })

  test('is corrected for what moved since: a count of 06:00 does not undo the sales until 08:00', async () => {
    await change(sql, [{ sku: 'POT', location: 'MAIN', quantity: 3, kind: 'sale' }], at('07:00'))
    await change(sql, [{ sku: 'POT', location: 'MAIN', quantity: 6, kind: 'receive' }], at('07:30'))
    const file = 'sku,location,quantity,occurred_at\nPOT,MAIN,18,2026-03-01T06:00:00Z\n'
    await take(file)
    expect(await onHand('POT')).toBe(21)
    expect(await sql`select kind, on_hand as units, occurred_at from movements order by id desc limit 1`).toEqual([
      { kind: 'count', units: -2, occurred_at: new Date('2026-03-01T06:00:00Z') },
    ])
    expect((await take(file)).judgement).toMatchObject({ unchanged: 1 })
    await isClean()
  })

  test('of what may be promised counts the promises of that time, not those of now', async () => {
    await reserve(sql, [{ key: 'early', lines: [{ sku: 'POT', quantity: 4 }] }])
    await sql`alter table movements disable trigger movements_append_only`
    await sql`update movements set occurred_at = '2026-03-01T05:30:00Z' where kind = 'reserve'`
    await sql`alter table movements enable trigger movements_append_only`
    await reserve(sql, [{ key: 'late', lines: [{ sku: 'POT', quantity: 5 }] }])
    await take('sku,location,quantity\nPOT,MAIN,17\n', { defaults: { basis: 'available', occurredAt: '2026-03-01T06:00:00.000Z' } })
    // At six, 4 were promised: 21 lay there. The 5 that were promised since lie there still.
    expect(await balance(sql, 'POT', 'MAIN')).toEqual({ onHand: 21, reserved: 9 })
  })

  test('gives way to a count of a later instant', async () => {
    await change(sql, [{ sku: 'POT', location: 'MAIN', quantity: 8, kind: 'count' }], at('07:00'))
    const { judgement } = await take('sku,location,quantity,occurred_at\nPOT,MAIN,18,2026-03-01T06:00:00Z\n')
    expect(judgement).toMatchObject({ unchanged: 1, overtaken: 1 })
    expect(await onHand('POT')).toBe(8)
  })

  test('gives way to a later count that agreed with the books, by hand or in a stocktake', async () => {
    const file = 'sku,location,quantity,occurred_at\nPOT,MAIN,18,2026-03-01T06:00:00Z\n'
    await change(sql, [{ sku: 'POT', location: 'MAIN', quantity: 20, kind: 'count' }], at('07:00'))
    expect((await take(file)).judgement).toMatchObject({ unchanged: 1, overtaken: 1 })
    expect(await onHand('POT')).toBe(20)
    await layIn(sql, { PAN: {} })
    await change(sql, [{ sku: 'PAN', location: 'MAIN', quantity: 9, kind: 'receive' }], at('05:00'))
    const { id } = await startCount(context, null, { location: 'MAIN', skus: ['PAN'] })
    await enterCount(context, null, id, [{ sku: 'PAN', counted: 9 }])
    await submitCount(context, null, id)
    const pans = 'sku,location,quantity,occurred_at\nPAN,MAIN,4,2026-03-01T06:00:00Z\n'
    await decideCount({ ...context, actor: 'user:boss' }, null, id, { decision: 'approved', reasonCode: 'miscount' }, false)
    expect((await take(pans)).judgement).toMatchObject({ unchanged: 1, overtaken: 1 })
    expect(await onHand('PAN')).toBe(9)
  })

  test('does not give way to a later count of one of its lots, which is among what happened since', async () => {
    await layIn(sql, { MILK: {} })
    await sql`update variants set lot_tracked = true where sku = 'MILK'`
    const lot = (code: string, quantity: number, kind: string) => ({ sku: 'MILK', location: 'MAIN', quantity, kind, lot: code })
    await change(sql, [lot('A', 5, 'receive'), lot('B', 5, 'receive')], at('05:00'))
    await change(sql, [lot('A', 3, 'count')], at('07:00'))
    const file = 'sku,location,quantity,occurred_at\nMILK,MAIN,12,2026-03-01T06:00:00Z\n'
    expect((await take(file)).judgement).toMatchObject({ changed: 1, overtaken: 0 })
    // Twelve at six, of which two were found missing at seven.
    expect(await onHand('MILK')).toBe(10)
    await change(sql, [{ sku: 'MILK', location: 'MAIN', quantity: 4, kind: 'count' }], at('08:00'))
    expect((await take(file)).judgement).toMatchObject({ unchanged: 1, overtaken: 1 })
    expect(await onHand('MILK')).toBe(4)
    await isClean()
  })

  test('of what may be promised counts the safety stock of that time, not that of now', async () => {
    await sql`insert into safety_stocks (variant_id, location_id, quantity, valid_from, valid_to, actor)
      select variant_id, location_id, 2, '2026-03-01T05:00:00Z', '2026-03-01T06:30:00Z', 'test' from balances`
    await change(sql, [{ sku: 'POT', location: 'MAIN', quantity: 7, kind: 'safety' }])
    await take('sku,location,quantity\nPOT,MAIN,16\n', { defaults: { basis: 'available', occurredAt: '2026-03-01T06:00:00.000Z' } })
    expect(await onHand('POT')).toBe(18)
    await take('sku,location,quantity\nPOT,MAIN,16\n', { defaults: { basis: 'available' } })
    expect(await onHand('POT')).toBe(23)
  })

  test('takes no account of what a month that left the ledger carried forward, and cannot lie in such a month', async () => {
    await sql`insert into movements (variant_id, location_id, kind, on_hand, actor, occurred_at)
      select variant_id, location_id, 'carry_forward', 20, 'test', ${at('06:30').occurred_at} from balances`
    await sql`insert into audit (actor, act, subject, detail) values ('test', 'ledger_detached', 'ledger', '{"until": "2026-02-01T00:00:00Z"}')`
    await take('sku,location,quantity,occurred_at\nPOT,MAIN,18,2026-03-01T06:00:00Z\n')
    expect(await onHand('POT')).toBe(18)
    expect(await refusal('sku,location,quantity,occurred_at\nPOT,MAIN,18,2026-01-31\n')).toEqual([
      {
        ...{ row: 2, column: 'occurred_at', value: '2026-01-31T00:00:00Z' },
        expected: 'an instant from 2026-02-01T00:00:00Z on: what moved before is in the ledger no more',
      },
    ])
    await sql`delete from audit`
  })

  test('cannot be true in the future', async () => {
    expect(await refusal('sku,location,quantity,occurred_at\nPOT,MAIN,18,2999-01-01\n')).toEqual([
      { row: 2, column: 'occurred_at', value: '2999-01-01T00:00:00Z', expected: 'an instant that has passed' },
    ])
  })
})
