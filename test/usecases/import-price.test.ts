import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import type { ImportResult } from '../../src/usecases/import-file.ts'
import { importPrices } from '../../src/usecases/import-price.ts'
import { freshDatabase } from '../support/database.ts'
import { contextOf, priceFileOf, traces } from './import-support.ts'

let sql: Sql
let context: Context

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  await sql`insert into accounts (name, platform, credentials, webhook_token) values ('acc', 'woocommerce', '\\x00', 't')`
  await sql`insert into channels (account_id, code, name, external_ref, currency) select id, 'uk', 'UK', 'shop', 'GBP' from accounts`
  await sql`insert into products (handle, title) values ('pot', 'Pot')`
  await sql`insert into variants (product_id, sku, title) select id, unnest(array['POT-S', 'POT-L', 'LAMP']), '' from products`
})

beforeEach(async () => {
  await sql`truncate prices, change, due, imports, import_rows, import_price_rows, price_limits, price_entries, price_list_terms, price_lists cascade`
})

/** Imports and expects that it was taken. */
async function take(...args: Parameters<typeof priceFileOf>): Promise<Extract<ImportResult, { outcome: 'done' }>> {
  const result = await importPrices(context, priceFileOf(...args), false)
  if (result.outcome !== 'done') throw new Error(JSON.stringify(result, null, 2))
  return result
}

async function refusal(...args: Parameters<typeof priceFileOf>) {
  const before = await traces(sql)
  const result = await importPrices(context, priceFileOf(...args), false)
  if (result.outcome !== 'refused') throw new Error(JSON.stringify(result, null, 2))
  expect(await traces(sql)).toEqual(before)
  return result.errors
}

const standing = async () =>
  (
    await sql<{ told: string }[]>`
      select concat_ws(' ', v.sku, c.code, p.currency, trim_scale(p.amount)::text, p.starts_at::date, p.ends_at::date) as told
      from prices p join variants v on v.id = p.variant_id left join channels c on c.id = p.channel_id where p.superseded_at is null order by 1`
  ).map(row => row.told)
const changed = async () =>
  (
    await sql<{ sku: string }[]>`select v.sku from change c join variants v on v.id = c.variant_id where c.kind = 'price' order by v.id`
  ).map(row => row.sku)

describe('a price file', () => {
  const file = 'sku,channel,currency,amount,from,to\nPOT-S,,EUR,10,,\nPOT-S,uk,GBP,8.5,,\nPOT-S,,EUR,7,2030-01-01,2030-02-01\n'

  test('sets prices for all, for a channel and for a period, once', async () => {
    expect((await take(file)).judgement).toMatchObject({ new: 3, changed: 0, unchanged: 0 })
    expect(await standing()).toEqual(['POT-S EUR 10', 'POT-S EUR 7 2030-01-01 2030-02-01', 'POT-S uk GBP 8.5'])
    expect(await sql`select what, count(*)::int as n from due group by 1`).toEqual([{ what: 'price', n: 2 }])
    const before = await traces(sql)
    expect((await take(file)).judgement).toMatchObject({ new: 0, changed: 0, unchanged: 3 })
    expect(await traces(sql)).toEqual(before)
  })

  test('changes and reckons anew only what differs, and keeps what stood before as its history', async () => {
    await take('sku,currency,amount\nPOT-S,EUR,10\nPOT-L,EUR,20\nLAMP,EUR,30\n')
    await sql`truncate change`
    const result = await take('sku,currency,amount\nPOT-S,EUR,10.00\nPOT-L,EUR,21\nLAMP,EUR,30\n')
    expect(result).toMatchObject({
      judgement: {
        new: 0,
        changed: 1,
        unchanged: 2,
        samples: { changed: [{ row: 3, sku: 'POT-L', from: { amount: '20' }, to: { amount: '21' } }] },
      },
      rows: 3,
    })
    expect(await changed()).toEqual(['POT-L'])
    expect(await sql`select trim_scale(amount)::text as amount from prices where superseded_at is not null`).toEqual([{ amount: '20' }])
    expect(await sql`select applied, rows, state from imports order by id desc limit 1`).toEqual([{ applied: 3, rows: 3, state: 'done' }])
  })

  test('ends a price where the amount is empty or "none", and passes over one that there is not', async () => {
    await take('sku,currency,amount\nPOT-S,EUR,10\nPOT-L,EUR,20\n')
    expect((await take('sku,currency,amount\nPOT-S,EUR,none\nPOT-L,EUR,\nLAMP,EUR,none\n')).judgement).toMatchObject({
      changed: 2,
      unchanged: 1,
    })
    expect(await standing()).toEqual([])
  })

  test('as lines of JSON says the same; a line that forgets the amount ends nothing', async () => {
    await take('{"sku":"POT-S","currency":"EUR","amount":"10"}\n{"sku":"POT-L","currency":"EUR","amount":20.5}\n', { format: 'ndjson' })
    expect(await standing()).toEqual(['POT-L EUR 20.5', 'POT-S EUR 10'])
    await take('{"sku":"POT-S","currency":"EUR","amount":null}\n', { format: 'ndjson' })
    expect(await standing()).toEqual(['POT-L EUR 20.5'])
    expect(await refusal('{"sku":"POT-L","currency":"EUR"}\n', { format: 'ndjson' })).toEqual([
      { row: 1, column: 'amount', value: '', expected: 'an amount, or null to end the price' },
    ])
  })

  test('is read the same with quotes, CRLF and spaces', async () => {
    await take('sku,currency,amount\r\n"POT-S",EUR,"10"\r\n POT-L , EUR , 20 \r\n\r\nLAMP,EUR,3\r\n')
    expect(await standing()).toEqual(['LAMP EUR 3', 'POT-L EUR 20', 'POT-S EUR 10'])
    expect((await take('sku,currency,amount\r\nPOT-S,EUR,10\r\nPOT-L,EUR,20\r\n\r\nLAMP,EUR,3\r\n')).judgement).toMatchObject({
      unchanged: 3,
    })
  })

  test('is refused whole, with the row and column of each error', async () => {
    const wrong = [
      'sku,currency,amount,channel,list,min_quantity,from,to',
      'NOPE,EUR,10,,,,,',
      'pot-s,EUR,10,,,,,',
      'POT-S,EUR,10,uk,,,,',
      'POT-S,USD,10,us,,,,',
      'POT-S,EUR,"1,5",,,,,',
      'POT-S,EUR,10,,winter,,,',
      'POT-S,EUR,10,uk,winter,,,',
      'POT-S,EUR,10,,,2,,',
      'POT-S,EUR,10,,,,2030-02-01,2030-01-01',
      'POT-L,EUR,10,,,,,',
      'POT-L,EUR,11,,,,,',
      'POT-L,EUR,11,a,,,,,x',
    ]
    expect(await refusal(`${wrong.join('\n')}\n`)).toEqual([
      { row: 2, column: 'sku', value: 'NOPE', expected: 'a SKU of the catalog' },
      { row: 3, column: 'sku', value: 'pot-s', expected: 'POT-S (capital and small letters differ)' },
      { row: 4, column: 'currency', value: 'EUR', expected: 'GBP, the currency of channel uk' },
      { row: 5, column: 'channel', value: 'us', expected: 'one of uk' },
      { row: 6, column: 'amount', value: '1,5', expected: '1.5' },
      { row: 7, column: 'list', value: 'winter', expected: 'one of your price lists; there is none yet' },
      { row: 8, column: 'list', value: 'winter', expected: 'a channel or a list, not both: a price list has its own audience' },
      { row: 9, column: 'min_quantity', value: '2', expected: 'nothing, because the row names no list' },
      { row: 10, column: 'to', value: '2030-01-01', expected: 'an end after 2030-02-01' },
      { row: 12, column: 'sku', value: 'POT-L', expected: 'each SKU, channel, currency and beginning once; row 11 has it already' },
      {
        row: 13,
        column: 'cell 9',
        value: 'x',
        expected: '8 cells, as the header has; this row has 9: text with a comma in it needs quotes',
      },
    ])
    expect(await standing()).toEqual([])
    expect(await sql`select relname from pg_class where relname like 'import_price_lines%'`).toEqual([])
  })

  test('begins its days at midnight where the channel is, or in the zone stated for the file, and a row of everyone needs one', async () => {
    await sql`update channels set zone = 'Europe/London' where code = 'uk'`
    const begins = async () =>
      (
        await sql<{ at: Date }[]>`select starts_at as at from prices where superseded_at is null order by id desc limit 1`
      )[0]?.at.toISOString()
    const row = 'sku,channel,currency,amount,from,to\nPOT-S,uk,GBP,8,2030-07-01,2030-07-08\n'
    const inChannel = await take(row, { zone: undefined })
    expect(inChannel.summary.datesIn).toBe('channel')
    expect(await begins()).toBe('2030-06-30T23:00:00.000Z')
    // The same content in another zone is another file.
    expect((await take(row, { zone: 'Asia/Tokyo' })).summary.datesIn).toBe('Asia/Tokyo')
    expect(await begins()).toBe('2030-06-30T15:00:00.000Z')
    expect(await refusal('sku,currency,amount,from\nPOT-S,EUR,8,2030-07-01\n', { zone: undefined })).toMatchObject([
      {
        row: 2,
        column: 'from',
        value: '2030-07-01',
        expected: expect.stringContaining('the row names no channel, and the file is sent without a zone'),
      },
    ])
    const instants = await take('sku,currency,amount,from\nPOT-S,EUR,8,2030-07-01T00:00:00+02:00\n', { zone: undefined })
    expect(instants.summary).not.toHaveProperty('datesIn')
    await expect(importPrices(context, priceFileOf(row, { zone: 'Mars' }), false)).rejects.toMatchObject({ detail: { field: 'zone' } })
  })

  test('tells in one judging what is no price, who is unknown, and what is below a floor', async () => {
    await sql`insert into price_limits (kind, basis, scope, currency, amount, actor) values ('floor', 'map', 'all', 'GBP', 9, 'test')`
    const bad = 'sku,channel,currency,amount\nPOT-S,uk,GBP,8.5\nNONE,uk,GBP,10\nPOT-L,uk,GBP,0\nLAMP,uk,GBP,12\nPOT-S,uk,GBP,8.6\n'
    expect((await refusal(bad)).map(error => [error.row, error.column, error.expected.split(',')[0]])).toEqual([
      [2, 'amount', 'at least 9.00 GBP'],
      [3, 'sku', 'a SKU of the catalog'],
      [4, 'amount', 'a price above 0; leave it empty for none'],
      [6, 'sku', 'each SKU'],
    ])
    expect(await sql`select count(*)::int as n from import_price_rows`).toEqual([{ n: 0 }])
  })

  test('with a price below a floor is refused with the arithmetic, and nothing of it applies', async () => {
    await sql`insert into price_limits (kind, basis, scope, currency, amount, actor) values ('floor', 'map', 'all', 'GBP', 9, 'test')`
    expect(await refusal('sku,channel,currency,amount\nPOT-S,uk,GBP,8.5\nPOT-L,uk,GBP,9.5\n')).toEqual([
      {
        row: 2,
        column: 'amount',
        value: '8.5',
        expected: 'at least 9.00 GBP, the floor in channel uk: the minimum advertised price, 9.00 GBP',
      },
    ])
    expect(await standing()).toEqual([])
  })

  test('that is tried tells the difference and leaves nothing', async () => {
    const before = await traces(sql)
    const result = await importPrices(context, priceFileOf(file), true)
    expect(result).toMatchObject({ outcome: 'difference', judgement: { new: 3 } })
    expect(await traces(sql)).toEqual(before)
    expect(await sql`select (select count(*) from imports)::int as imports, (select count(*) from import_price_rows)::int as rows`).toEqual(
      [{ imports: 0, rows: 0 }],
    )
  })
})

describe('lines of a price file that are taken as they are written', () => {
  // The second row of each kind goes the quick way; the others beside it do not.
  const rows = (amount: string) => [
    `POT-S,${amount},EUR,`,
    `POT-L,${amount},EUR,`,
    `POT-S,8.50,GBP,uk`,
    `LAMP,${amount},GBP,uk`,
    '',
    ` LAMP , ${amount} ,EUR, `,
  ]
  const told = ['LAMP EUR 9.5', 'LAMP uk GBP 9.5', 'POT-L EUR 9.5', 'POT-S EUR 9.5', 'POT-S uk GBP 8.5']

  test.each([',', ';', '\t', '|'])('say the same as others, between "%s"', async delimiter => {
    const file = ['sku,amount,currency,channel', ...rows('9.5')].join('\r\n').replaceAll(',', delimiter)
    expect(await take(file, { delimiter })).toMatchObject({ rows: 5, summary: { ignored: { empty: 1 } } })
    expect(await standing()).toEqual(told)
  })

  test('and what is wrong between them is told by its row', async () => {
    const file = [
      'sku,amount,currency,channel',
      ...rows('9.5'),
      'POT-L,0.00,EUR,',
      'POT-L,12.1234567,EUR,',
      'POT-X,2,EUR,',
      'POT-L,1,EUR,,',
    ]
    const errors = await refusal(file.join('\n'))
    expect(errors.map(({ row, column, value }) => [row, column, value])).toEqual([
      [8, 'amount', '0.00'],
      [9, 'amount', '12.1234567'],
      [10, 'sku', 'POT-X'],
      [11, 'sku', 'POT-L'],
    ])
  })
})
