import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { type ImportResult, importFile } from '../../src/usecases/import-file.ts'
import { freshDatabase } from '../support/database.ts'
import { sharedPath, suiteWith } from '../support/needs.ts'
import { contextOf, fileOf, traces } from './import-support.ts'

let sql: Sql
let context: Context

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  await sql`insert into locations (code, name, kind) values ('MAIN', 'Main', 'warehouse'), ('SHOP', 'Shop', 'store')`
  await sql`insert into accounts (name, platform, credentials, webhook_token) values ('acc', 'woocommerce', '\\x00', 't')`
  await sql`insert into channels (account_id, code, name, external_ref, currency) select id, 'uk', 'UK', 'shop', 'GBP' from accounts`
})

beforeEach(async () => {
  await sql`truncate products, variants, balances, movements, prices, change, due, imports, import_rows, order_lines, orders, reservations, listings, mappings,
    publications, acts, order_people cascade`
})

/** Imports and expects that it was taken. */
async function take(...args: Parameters<typeof fileOf>): Promise<Extract<ImportResult, { outcome: 'done' }>> {
  const result = await importFile(context, fileOf(...args))
  if (result.outcome !== 'done') throw new Error(JSON.stringify(result, null, 2))
  return result
}

async function refusal(...args: Parameters<typeof fileOf>) {
  const before = await traces(sql)
  const result = await importFile(context, fileOf(...args))
  if (result.outcome !== 'refused') throw new Error(JSON.stringify(result, null, 2))
  expect(await traces(sql)).toEqual(before)
  return result.errors
}

const catalog =
  'sku,handle,title,gtin,price,currency,options\nPOT-S,pot,Clay pot,4006381333931,9.99,EUR,"{""Size"":""S""}"\nPOT-L,pot,Clay pot,,15.5,EUR,\nLAMP,,Lamp,,30,GBP,\n'

describe('a catalog file', () => {
  test('creates products, variants and prices, and the same file again changes nothing', async () => {
    const first = await take('catalog', catalog)
    expect(first.judgement).toMatchObject({ new: 3, changed: 0, unchanged: 0 })
    const rows = await sql`
      select v.sku, p.handle, p.title, v.title as variant, v.gtin, v.options, r.amount, r.currency, r.actor
      from variants v join products p on p.id = v.product_id join prices r on r.variant_id = v.id order by v.sku`
    expect(rows).toMatchObject([
      { sku: 'LAMP', handle: 'LAMP', title: 'Lamp', variant: 'Lamp', amount: '30.000000', currency: 'GBP' },
      { sku: 'POT-L', handle: 'pot', title: 'Clay pot', gtin: null, amount: '15.500000', currency: 'EUR' },
      { sku: 'POT-S', handle: 'pot', gtin: '04006381333931', options: { Size: 'S' }, amount: '9.990000', actor: 'cli:test' },
    ])
    const before = await traces(sql)
    expect((await take('catalog', catalog)).judgement).toMatchObject({ new: 0, changed: 0, unchanged: 3 })
    expect(await traces(sql)).toEqual(before)
  })

  test('an empty cell leaves what there is; what differs gets a new version', async () => {
    await take('catalog', catalog)
    const result = await take('catalog', 'sku,title,gtin,weight_grams,hazard\nPOT-S,,,250,9\nPOT-L,,,,\n')
    expect(result.judgement).toMatchObject({
      changed: 1,
      unchanged: 1,
      samples: { changed: [{ row: 2, sku: 'POT-S', to: { weightGrams: 250, hazard: '9' } }] },
    })
    const rows = await sql`select sku, gtin, weight_grams as grams, hazard, version from variants where sku like 'POT%' order by sku`
    expect(rows).toMatchObject([
      { sku: 'POT-L', version: 1 },
      { sku: 'POT-S', gtin: '04006381333931', grams: 250, hazard: '9', version: 2 },
    ])
  })

  test('one that contradicts itself or the catalog is refused, with every reason', async () => {
    await take('catalog', catalog)
    const errors = await refusal(
      'catalog',
      'sku,handle,title,gtin,price\nPOT-S,lamp,Pot,,5\nNEW,new,,,5\nA,a,One,,"1,5"\nB,a,Two,4006381333932,5\nA,a,One,,5\n',
    )
    expect(errors).toEqual([
      { row: 2, column: 'handle', value: 'lamp', expected: 'pot, the product that SKU POT-S belongs to' },
      { row: 3, column: 'title', value: '', expected: 'a title, because product new is new' },
      { row: 4, column: 'price', value: '1,5', expected: '1.5' },
      { row: 5, column: 'gtin', value: '4006381333932', expected: 'the check digit should be 1' },
      { row: 5, column: 'title', value: 'Two', expected: 'One, as row 4 says for product a' },
      { row: 6, column: 'sku', value: 'A', expected: 'each SKU once; row 4 has it already' },
    ])
  })

  test('a dry run shows the difference and leaves no trace', async () => {
    await take('catalog', catalog)
    const before = await traces(sql)
    const result = await importFile(context, fileOf('catalog', 'sku,title,price\nPOT-S,,12\nCUP,Cup,4\n', { dryRun: true }))
    expect(result).toMatchObject({
      outcome: 'difference',
      judgement: {
        ...{ new: 1, changed: 1, unchanged: 0 },
        samples: {
          new: [{ row: 3, sku: 'CUP', from: null }],
          changed: [{ sku: 'POT-S', from: { prices: { EUR: 9.99 } }, to: { prices: { EUR: 12 } } }],
        },
      },
    })
    expect(await traces(sql)).toEqual(before)
    expect(await sql`select from imports where state <> 'done'`).toHaveLength(0)
  })
})

const shopify = (...rows: string[]) =>
  `Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty\n${rows.join('\n')}\n`

describe('a product file without SKUs', () => {
  const file = shopify('pot,Pot,Size,A B,,5,1', 'pot,,,A-B,,6,2', 'pot-a,Pot A,Size,B,,7,3')

  test('gets stable ones, whatever the order of its rows', async () => {
    await take('catalog', file)
    const skus = await sql`select sku, options->>'Size' as size from variants order by sku`
    expect(skus).toHaveLength(3)
    expect(skus[0]).toEqual({ sku: 'POT-A-B', size: 'A B' })
    expect(skus[1]?.sku).toMatch(/^POT-A-B-[0-9A-Z]{7}$/)
    await sql`truncate products, variants, prices cascade`
    await take('catalog', shopify('pot-a,Pot A,Size,B,,7,3', 'pot,Pot,Size,A-B,,6,2', 'pot,,,A B,,5,1'))
    expect(await sql`select sku, options->>'Size' as size from variants order by sku`).toEqual(skus)
  })

  test('keeps the SKU that the catalog has, and quantities are counted at the location', async () => {
    await take('catalog', file, { choices: { location: 'MAIN' } })
    await sql`update variants set sku = 'MINE' where sku = 'POT-A-B'`
    const before = await traces(sql)
    expect((await take('catalog', file, { choices: { location: 'MAIN' } })).judgement).toMatchObject({ unchanged: 3 })
    expect(await traces(sql)).toEqual(before)
    const [moved] = await sql`select sum(on_hand) as units, min(reason) as reason, min(kind) as kind from movements`
    expect(moved).toMatchObject({ units: 6, kind: 'count', reason: expect.stringMatching(/^import \d+ \(test\.csv\)$/) })
  })

  test('is told when two rows are the same variant', async () => {
    expect(await refusal('catalog', shopify('pot,Pot,Size,S,,5,1', 'pot,,,S,,5,1'))).toMatchObject([
      { row: 3, column: 'Variant SKU', expected: 'each combination of handle and options once; row 2 has it already' },
    ])
  })
})

suiteWith('../shared/data/product-csv', sharedPath('data/product-csv'), "real files in Shopify's format", folder => {
  test.each([
    ['apparel.csv', { rows: 22, ignored: {} }],
    ['home-and-garden.csv', { rows: 21, ignored: {} }],
    ['jewelery.csv', { rows: 23, ignored: { image: 18 } }],
  ])('%s comes in whole, twice', async (name, { rows, ignored }) => {
    const content = readFileSync(join(folder, name))
    const first = await take('catalog', content, { choices: { location: 'MAIN' } })
    expect(first).toMatchObject({ rows, judgement: { new: rows }, summary: { format: 'shopify', ignored, notes: { skuDerived: rows } } })
    const before = await traces(sql)
    expect((await take('catalog', content, { choices: { location: 'MAIN' } })).judgement).toMatchObject({ unchanged: rows })
    expect(await traces(sql)).toEqual(before)
  })
})

describe('a file that is no proper file', () => {
  beforeEach(() => take('catalog', catalog))

  test('in another encoding is refused with the byte, and read when the encoding is told', async () => {
    const bytes = Buffer.from('sku,title\nCAF,Café\n', 'latin1')
    expect(await refusal('catalog', bytes)).toMatchObject([
      { column: 'file', value: '0xe9', expected: expect.stringMatching(/^byte 18 .*windows-1252/) },
    ])
    await take('catalog', bytes, { encoding: 'windows-1252' })
    expect(await sql`select title from variants where sku = 'CAF'`).toEqual([{ title: 'Café' }])
  })

  test('may begin with a byte order mark', async () => {
    await take('catalog', '\ufeffsku,title\nCUP,Tasse „Grün“\n')
    expect(await sql`select title from variants where sku = 'CUP'`).toEqual([{ title: 'Tasse „Grün“' }])
  })

  test.each([
    ['UTF-16', Buffer.from('\ufeffsku,title\n', 'utf16le'), 'CSV UTF-8'],
    ['a binary', Buffer.from('sku,\0title\n'), 'no text file'],
    ['nothing', '', 'the file is empty'],
    ['a header without our columns', 'a,b\n1,2\n', 'a column sku in the first line'],
    ['an open quote', 'sku,title\nA,"Open\nB,Two\n', 'never closed'],
    ['too many cells', 'sku,title\nA,Big, blue\n', 'text with a comma in it needs quotes'],
  ])('%s is refused', async (_, content, words) => {
    const errors = await refusal('catalog', content)
    expect(errors.map(error => error.expected).join('\n')).toContain(words)
  })

  test('rows before the trouble have their errors listed with it', async () => {
    const bytes = Buffer.concat([Buffer.from('sku,title,price\nA,Ä,x\n'), Buffer.from([0x42, 0xff])])
    expect(await refusal('catalog', bytes)).toMatchObject([
      { row: 2, column: 'price', value: 'x' },
      { row: 3, column: 'file', value: '0xff' },
    ])
  })
})
