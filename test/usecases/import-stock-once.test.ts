import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { Sql } from '../../db/connect.ts'
import { beginImport, judgeImport, stageRows } from '../../db/imports.ts'
import type { Context } from '../../src/usecases/context.ts'
import { type ImportResult, resumeImport } from '../../src/usecases/import-file.ts'
import { importStock, uploadStock } from '../../src/usecases/import-stock.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, change, layIn } from '../support/goods.ts'
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
    orders, reservations, listings, mappings, publications, acts, order_people, accounts, channels cascade`
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

describe('differences', () => {
  const file = 'sku,location,quantity,mode\nPOT,MAIN,-3,delta\nPOT,MAIN,+1,delta\nLAMP,MAIN,4,delta\nLAMP,SHOP,9,absolute\n'
  beforeEach(() => layIn(sql, { POT: { MAIN: 10 }, LAMP: { MAIN: 1 } }))

  test('add up, beside numbers that are absolute', async () => {
    await take(file)
    expect([await onHand('POT'), await onHand('LAMP'), await onHand('LAMP', 'SHOP')]).toEqual([8, 5, 9])
    expect(await sql`select kind, on_hand as units from movements where cause_kind = 'import' order by id`).toMatchObject([
      { kind: 'adjust', units: 4 },
      { kind: 'count', units: 9 },
      { kind: 'adjust', units: -3 },
      { kind: 'adjust', units: 1 },
    ])
    await isClean()
  })

  test('apply once: the same content is refused, unless it happened again', async () => {
    const first = await take(file)
    await expect(importStock(context, stockFileOf(file, { name: 'other.csv' }), false)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`Import ${first.id} (test.csv)`),
    })
    expect(await onHand('POT')).toBe(8)
    expect(await sql`select count(*) as n from imports`).toEqual([{ n: 1 }])
    await take(file, { again: true })
    expect(await onHand('POT')).toBe(6)
  })

  test('apply once also when two send the same content at the same time', async () => {
    const both = await Promise.allSettled([1, 2].map(() => importStock(context, stockFileOf(file), false)))
    const outcomes = both.map(one => (one.status === 'fulfilled' ? one.value.outcome : (one.reason as { code: string }).code))
    // The later one either finds the earlier under way and goes on with it, or finds it done.
    expect(outcomes).toContain('done')
    expect(outcomes.filter(outcome => !['done', 'conflict'].includes(outcome))).toEqual([])
    expect(await onHand('POT')).toBe(8)
  })

  test('that take more than there is are refused before anything applies', async () => {
    expect(await refusal('sku,location,quantity\nPOT,MAIN,-8\nLAMP,MAIN,-1\nPOT,MAIN,-3\n', { defaults: { mode: 'delta' } })).toEqual([
      { row: 4, column: 'quantity', value: '-3', expected: '-2 or more: MAIN has 2 of POT' },
    ])
  })

  test('that do not fit any more when their turn comes are left out and told', async () => {
    const { id } = await uploadStock(
      context,
      stockFileOf('sku,location,quantity\nLAMP,MAIN,-1\nPOT,MAIN,-8\n', { defaults: { mode: 'delta' } }),
    )
    await change(sql, [{ sku: 'POT', location: 'MAIN', quantity: 5, kind: 'sale' }])
    expect(await resumeImport(context, id)).toMatchObject({
      ...{ outcome: 'done', rows: 2 },
      failed: [
        { row: 3, column: 'quantity', value: '-8', expected: 'a number that fits what there is when it is applied: MAIN has 5 of POT' },
      ],
    })
    expect([await onHand('POT'), await onHand('LAMP')]).toEqual([5, 0])
  })
})

describe('lots', () => {
  beforeEach(async () => {
    await layIn(sql, { MILK: {}, POT: {} })
    await sql`update variants set lot_tracked = true where sku = 'MILK'`
  })
  const lots = async () => await sql`select code, quantity, unavailable, expires_at from lots order by code`

  test('are counted one by one, with their expiry', async () => {
    await take('sku,location,quantity,lot,expires_at\nMILK,MAIN,5,A,2999-01-01\nMILK,MAIN,7,B,2999-02-01\n')
    await take('sku,location,quantity,lot,mode\nMILK,MAIN,3,A,\nMILK,MAIN,-2,B,delta\nPOT,MAIN,1,,\n')
    expect(await lots()).toMatchObject([
      { code: 'A', quantity: 3, expires_at: new Date('2999-01-01') },
      { code: 'B', quantity: 5 },
    ])
    expect([await onHand('MILK'), await onHand('POT')]).toEqual([8, 1])
    await isClean()
  })

  test('of which units were put aside take them along when fewer are found', async () => {
    await take('sku,location,quantity,lot\nMILK,MAIN,5,A\nMILK,MAIN,5,B\n')
    const [ids] = await sql<{ variant: number; location: number; lot: number }[]>`
      select variant_id as variant, location_id as location, id as lot from lots where code = 'A'`
    await sql`select stock_hide(${ids?.variant ?? 0}, ${ids?.location ?? 0}, 4, 'damage', null, ${sql.json({ actor: 'test', lot_id: ids?.lot ?? 0 })})`
    await take('sku,location,quantity,lot\nMILK,MAIN,2,A\n')
    expect(await lots()).toMatchObject([
      { code: 'A', quantity: 2, unavailable: 2 },
      { code: 'B', quantity: 5, unavailable: 0 },
    ])
    await isClean()
  })

  test('that a SKU does not have, that expire twice, or that stand beside their sum are refused', async () => {
    await take('sku,location,quantity,lot,expires_at\nMILK,MAIN,5,A,2999-01-01\n')
    const rows = ['MILK,MAIN,5,A,2999-01-02', 'MILK,MAIN,9,,', 'POT,MAIN,1,A,']
    expect(await refusal(`sku,location,quantity,lot,expires_at\n${rows.join('\n')}\n`)).toEqual([
      { row: 2, column: 'expires_at', value: '2999-01-02T00:00:00Z', expected: '2999-01-01T00:00:00Z, as lot A has it' },
      { row: 3, column: 'sku', value: 'MILK', expected: 'each SKU and location once; row 2 has it already' },
      { row: 4, column: 'lot', value: 'A', expected: 'nothing: SKU POT is not told apart by lots' },
    ])
  })
})

describe('a crash while a file applies', () => {
  const rows = 2_000
  const file = `sku,location,quantity\n${Array.from({ length: rows }, (_, index) => `S${index},MAIN,${index % 7}`).join('\n')}\n`
  const powerCut = (when: (step: { readonly step: string; readonly rows: number }) => boolean): Options => ({
    progress: step => {
      if (when(step)) throw new Error('power cut')
    },
  })

  beforeEach(async () => {
    await sql`insert into products (handle, title) values ('bulk', 'Bulk')`
    await sql`insert into variants (product_id, sku, title) select p.id, 'S' || n, 'S' from products p, generate_series(0, ${rows - 1}::int) n where handle = 'bulk'`
  })

  test('is taken up by the same file, and each row is applied once', async () => {
    await expect(
      take(
        file,
        powerCut(step => step.step === 'apply' && step.rows >= 500),
      ),
    ).rejects.toThrow('power cut')
    const [half] = await sql`select id, state, applied from imports`
    expect(half).toMatchObject({ state: 'applying' })
    expect(half?.applied).toBeLessThan(rows)
    expect(await importStock(context, stockFileOf(file), true)).toMatchObject({ outcome: 'interrupted', applied: half?.applied, rows })
    const result = await take(file)
    expect(result).toMatchObject({ id: half?.id, resumed: true, rows, judgement: { new: rows } })
    expect(await sql`select count(*) as n, sum(on_hand) as units from movements`).toEqual(
      await sql`
      select count(*) filter (where n % 7 > 0) as n, sum(n % 7) as units from generate_series(0, ${rows - 1}::int) n`,
    )
    await expect(resumeImport(context, result.id)).rejects.toMatchObject({ code: 'conflict' })
    await isClean()
  })

  test('an hour ago is over for a file of numbers: the same file is judged anew; differences go on', async () => {
    const cut = powerCut(step => step.step === 'apply' && step.rows >= 500)
    await expect(take(file, cut)).rejects.toThrow('power cut')
    const [half] = await sql`update imports set touched_at = clock_timestamp() - interval '61 minutes' returning id`
    await sql`update balances set on_hand = on_hand + 3`
    const anew = await take(file)
    expect(anew).toMatchObject({ resumed: false, rows })
    expect(anew.id).not.toBe(half?.id)
    expect(await sql`select state, summary->>'ended' as ended from imports where id = ${half?.id}`).toEqual([
      { state: 'refused', ended: 'interrupted more than an hour ago: its numbers are not those of now' },
    ])
    expect(await sql`select sum(on_hand) as units from balances`).toEqual(
      await sql`select sum(n % 7) as units from generate_series(0, ${rows - 1}::int) n`,
    )
    const more: Options = { defaults: { mode: 'delta' } }
    await expect(take(file, { ...more, ...cut })).rejects.toThrow('power cut')
    await sql`update imports set touched_at = clock_timestamp() - interval '61 minutes' where state = 'applying'`
    expect(await take(file, more)).toMatchObject({ resumed: true, rows })
  })

  test('of differences loses none and doubles none', async () => {
    const options: Options = { defaults: { mode: 'delta' } }
    await expect(take(file, { ...options, ...powerCut(step => step.step === 'apply') })).rejects.toThrow('power cut')
    await take(file, options)
    expect(await sql`select sum(on_hand) as units from balances`).toEqual(
      await sql`select sum(n % 7) as units from generate_series(0, ${rows - 1}::int) n`,
    )
    await expect(take(file, options)).rejects.toMatchObject({ code: 'conflict' })
    await isClean()
  })

  test('may be taken up by two at once', async () => {
    const chunks: number[] = []
    await expect(
      take(
        file,
        powerCut(step => step.step === 'apply'),
      ),
    ).rejects.toThrow('power cut')
    const both = await Promise.all(
      [1, 2].map(() => importStock(context, stockFileOf(file, { progress: step => chunks.push(step.rows) }), false)),
    )
    expect(both.map(one => one.outcome)).toEqual(['done', 'done'])
    expect(new Set(chunks.filter(rows => rows > 0)).size).toBeGreaterThan(1)
    expect(await sql`select sum(on_hand) as units from movements`).toEqual(await sql`select sum(on_hand) as units from balances`)
    // Where one had ended before the other looked, that one took the whole file anew: it states the same.
    expect(await sql`select distinct applied from imports`).toEqual([{ applied: rows }])
  })

  test('of a file that an older release began is taken up as well', async () => {
    const id = await beginImport(sql, { kind: 'stock', name: 'old.csv', hash: 'old', actor: 'cli:test' })
    await stageRows(sql, id, [
      { rowNo: 2, body: { sku: 'S1', location: 'MAIN', quantity: 4 }, errors: null },
      { rowNo: 3, body: { sku: 'S2', location: 'MAIN', quantity: 6 }, errors: null },
    ])
    expect(await judgeImport(sql, id)).toMatchObject({ state: 'judged', new: 2 })
    expect(await resumeImport(context, id)).toMatchObject({ outcome: 'done', rows: 2 })
    expect([await onHand('S1'), await onHand('S2')]).toEqual([4, 6])
  })

  test('while it is read leaves nothing behind', async () => {
    await expect(
      take(
        file,
        powerCut(step => step.step === 'judge'),
      ),
    ).rejects.toThrow('power cut')
    expect(
      await sql`select (select count(*) from imports) as imports, (select count(*) from import_stock_lines) as lines, (select count(*) from movements) as movements`,
    ).toEqual([{ imports: 0, lines: 0, movements: 0 }])
  })
})
