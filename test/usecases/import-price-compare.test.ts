import { beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { importPrices } from '../../src/usecases/import-price.ts'
import { freshDatabase } from '../support/database.ts'
import { contextOf, priceFileOf } from './import-support.ts'

const ROWS = 6_000
const skuOf = (n: number) => `SKU-${n}`

let sql: Sql
let context: Context

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  await sql`insert into accounts (name, platform, credentials, webhook_token) values ('acc', 'woocommerce', '\\x00', 't')`
  await sql`insert into channels (account_id, code, name, external_ref, currency) select id, 'uk', 'UK', 'shop', 'GBP' from accounts`
  await sql`insert into products (handle, title) values ('pot', 'Pot')`
  await sql`
    insert into variants (product_id, sku, title) select p.id, sku, '' from products p, unnest(${[...Array(ROWS).keys()].map(skuOf)}::text[]) sku`
  await sql`insert into prices (variant_id, currency, amount, actor) select id, 'EUR', 10, 'test' from variants`
  const some = (...skus: string[]) => sql`select id from variants where sku = any(${skus})`
  await sql`insert into prices (variant_id, currency, amount, actor) select id, 'GBP', 9, 'test' from (${some('SKU-0')}) v`
  await sql`
    insert into prices (variant_id, channel_id, currency, amount, actor) select v.id, c.id, 'GBP', 8, 'test' from channels c, (${some('SKU-0', 'SKU-1')}) v`
  await sql`
    insert into prices (variant_id, currency, amount, starts_at, ends_at, actor)
    select id, 'EUR', 7, '2030-01-01', '2030-02-01', 'test' from (${some('SKU-0', 'SKU-1')}) v`
})

/** Rows of all kinds, the first half of which says what stands, and more that change plain prices. */
const fileOf = (changes: number, more = '') =>
  `sku,channel,currency,amount,from,to
SKU-0,,EUR,10.00,,
SKU-0,uk,GBP,8,,
SKU-0,,EUR,7.0,2030-01-01,2030-02-01
SKU-0,,GBP,9,,
SKU-3,,GBP,,,
SKU-1,,EUR,11,,
SKU-1,uk,GBP,,,
SKU-1,,EUR,7,2030-01-01,2030-03-01
SKU-2,,GBP,9,,
SKU-2,,EUR,6,2031-01-01,2031-02-01
${Array.from({ length: changes }, (_, n) => `${skuOf(n + 10)},,EUR,12.5,,\n`).join('')}${more}`

describe.each([
  { name: 'a few rows', changes: 5 },
  { name: 'most rows', changes: 5_500 },
])('a price file of which $name differ', ({ changes }) => {
  test('differs in exactly the rows that say something else, plain, dated and of a channel', async () => {
    const result = await importPrices(context, priceFileOf(fileOf(changes)), true)
    expect(result).toMatchObject({
      outcome: 'difference',
      judgement: {
        rows: changes + 10,
        new: 2,
        changed: changes + 3,
        unchanged: 5,
        samples: {
          new: [{ row: 10, sku: 'SKU-2' }, { row: 11 }],
          changed: [
            { row: 7, from: { amount: '10' }, to: { amount: '11' } },
            { row: 8, from: { amount: '8' }, to: { amount: 'none' } },
            { row: 9 },
            {},
            {},
          ],
        },
      },
    })
  })

  test('names each row that cannot be, and the second of two that contradict each other', async () => {
    // What is said twice of SKU-5 is what stands.
    const wrong = 'NONE,,EUR,3,,\nSKU-4,nowhere,EUR,3,,\nSKU-4,uk,EUR,3,,\nSKU-1,,EUR,13,,\nSKU-5,,EUR,10,,\nSKU-5,,EUR,10,,\n'
    const result = await importPrices(context, priceFileOf(fileOf(changes, wrong)), true)
    if (result.outcome !== 'refused') throw new Error(JSON.stringify(result).slice(0, 500))
    expect(
      result.errors.filter(error => error.row > changes + 11 || error.row < 12).map(({ row, column }) => [row - changes, column]),
    ).toEqual([
      [12, 'sku'],
      [13, 'channel'],
      [14, 'currency'],
      [15, 'sku'],
    ])
  })
})

test.each([',', ';', '\t'])(
  'lines that are taken as they are written are for everyone where the channel is empty (%j)',
  async delimiter => {
    const rows = [
      ['channel', 'sku', 'amount', 'currency'],
      ['', 'SKU-1', '10', 'EUR'],
      ['uk', 'SKU-1', '8', 'GBP'],
      ['', 'SKU-0', '10.00', 'EUR'],
      ['uk', 'SKU-0', '8.000000', 'GBP'],
      ['', 'SKU-4', '11', 'EUR'],
      ['uk', 'SKU-4', '7.5', 'GBP'],
      ['', 'SKU-5', '10', 'EUR'],
    ]
    const file = rows.map(row => `${row.join(delimiter)}\n`).join('')
    expect(await importPrices(context, priceFileOf(file, { delimiter }), true)).toMatchObject({
      judgement: {
        ...{ rows: 7, new: 1, changed: 1, unchanged: 5 },
        samples: { new: [{ sku: 'SKU-4', to: { channel: 'uk', amount: '7.5' } }], changed: [{ sku: 'SKU-4', to: { amount: '11' } }] },
      },
    })
  },
)
