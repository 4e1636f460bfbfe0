import { beforeAll, describe, expect, test } from 'vitest'
import type { ExportKind } from '../../db/exports.ts'
import type { Context } from '../../src/usecases/context.ts'
import { exportCsv, exportRows } from '../../src/usecases/export.ts'
import { importFile } from '../../src/usecases/import-file.ts'
import { importPrices } from '../../src/usecases/import-price.ts'
import { importStock } from '../../src/usecases/import-stock.ts'
import { freshDatabase } from '../support/database.ts'
import { contextOf, fileOf, priceFileOf, stockFileOf, traces } from './import-support.ts'

let context: Context

beforeAll(async () => {
  context = await contextOf((await freshDatabase()).sql)
  const { sql } = context
  await sql`insert into locations (code, name, kind) values ('MAIN', 'Main', 'warehouse'), ('-WEST', 'West', 'store')`
  await sql`insert into accounts (name, platform, credentials, webhook_token) values ('acc', 'woocommerce', '\\x00', 't')`
  await sql`insert into channels (account_id, code, name, external_ref, currency) select id, 'uk', 'UK', 'shop', 'GBP' from accounts`
  const catalog = [
    'sku,handle,title,variant_title,vendor,gtin,options,price,cost,cost_currency,weight_grams,hazard,quantity',
    '=A1,pot,"=HYPERLINK(""x"")",@small,+Kiln,4006381333931,"{""Size"":""S""}",9.99,4.5,GBP,250,3,5',
    `''=B,pot,,"Two, quoted ""lines""\nhere",,,,1250,,,,,0`,
    'C,lamp,Lampe für 中文,,,,,,,,,,7',
  ]
  const prices = 'sku,channel,currency,amount,from,to\n=A1,uk,GBP,8.5,,\n=A1,,EUR,7.25,2030-01-01,2030-02-01\nC,,EUR,0.000001,2030-01-01,\n'
  expect(await importFile(context, fileOf('catalog', `${catalog.join('\n')}\n`, { choices: { location: 'MAIN' } }))).toMatchObject({
    outcome: 'done',
  })
  expect(await importPrices(context, priceFileOf(prices), false)).toMatchObject({ outcome: 'done' })
  const counted = await importStock(context, stockFileOf('sku,location,quantity\nC,-WEST,3\nC,MAIN,6\n'), false)
  expect(counted).toMatchObject({ outcome: 'done' })
})

async function csv(kind: ExportKind): Promise<string> {
  const pieces: string[] = []
  for await (const piece of exportCsv(kind, exportRows(context, kind, { currency: 'EUR', since: null }))) pieces.push(String(piece))
  return pieces.join('')
}

describe('an export', () => {
  test.each<['catalog' | 'stock' | 'prices', number]>([
    ['catalog', 3],
    ['stock', 4],
    ['prices', 5],
  ])('of %s that is imported again changes nothing', async (kind, rows) => {
    const before = await traces(context.sql)
    const file = await csv(kind)
    const result = await {
      stock: () => importStock(context, stockFileOf(file), false),
      prices: () => importPrices(context, priceFileOf(file), false),
      catalog: () => importFile(context, fileOf('catalog', file)),
    }[kind]()
    expect(result).toMatchObject({ outcome: 'done', judgement: { new: 0, changed: 0, unchanged: rows } })
    expect(await traces(context.sql)).toEqual(before)
  })

  test('of prices tells what stands and is to come, with the digits of the currency, and the past where it is asked for', async () => {
    const { sql } = context
    await sql`
      insert into prices (variant_id, currency, amount, starts_at, ends_at, actor) select id, 'EUR', 6.1, '2020-01-01', '2020-02-01', 'test' from variants where sku = 'C'`
    const standing = await csv('prices')
    expect(standing).toMatch(/,uk,GBP,8\.50,,$/m)
    expect(standing).toMatch(/,,EUR,1250\.00,,$/m)
    expect(standing).toMatch(/^C,,EUR,0\.000001,2030-01-01T00:00:00\.000Z,$/m)
    expect(standing).not.toContain('6.10')
    const past: string[] = []
    for await (const line of exportRows(context, 'prices', { currency: 'EUR', since: null, past: true })) past.push(String(line.amount))
    expect(past).toContain('6.10')
    await sql`delete from prices where amount = 6.1`
  })

  test('leaves no text that a spreadsheet would run, and numbers as they are', async () => {
    const catalog = await csv('catalog')
    expect(catalog).toContain(`'=A1,pot,"'=HYPERLINK(""x"")",'@small,'+Kiln`)
    expect(await csv('stock')).toContain("C,'-WEST,3")
    const movements = (await csv('movements')).trim().split('\n')
    expect(movements[0]).toBe('id,recorded_at,occurred_at,sku,location,kind,on_hand,reserved,unavailable,incoming,order,reason,actor')
    expect(movements.filter(line => line.includes('C,MAIN,count,-1,'))).toHaveLength(1)
  })

  test('of nothing is its header', async () => {
    expect(await csv('orders')).toMatch(/^channel,number,external_id,.*\n$/)
  })

  test('begins where it is told', async () => {
    const lines = []
    for await (const line of exportRows(context, 'movements', { currency: 'EUR', since: '2999-01-01' })) lines.push(line)
    expect(lines).toEqual([])
    await expect(exportRows(context, 'movements', { currency: 'EUR', since: 'yesterday' }).next()).rejects.toMatchObject({
      code: 'invalid',
    })
  })
})
