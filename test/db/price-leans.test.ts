import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { intend } from '../../db/publications.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'

let sql: Sql
let account: number
beforeAll(async () => {
  sql = (await freshDatabase()).sql
  await layIn(sql, { MUG: { a: 1 }, LID: { a: 1 } }, '20')
  await sql`update variants set cost = 10, cost_currency = 'EUR'`
  account = (await quietChannel(sql, 'shop', ['a'])).accountId
  await sql`
    insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
    select c.id, c.account_id, v.sku, v.sku, v.sku, v.id from channels c, variants v`
})

let seen = 0
beforeEach(async () => {
  const [row] = await sql<{ seq: number }[]>`select coalesce(max(seq), 0) as seq from change`
  seen = row?.seq ?? 0
})
const told = () =>
  sql<{ sku: string | null }[]>`
    select v.sku from change c left join variants v on v.id = c.variant_id where c.kind = 'price' and c.seq > ${seen} order by c.seq`.then(
    rows => rows.map(row => row.sku),
  )
const intended = async (sku: string): Promise<unknown> => {
  await intend(sql, account, null)
  const [row] = await sql<{ regular: string }[]>`
    select p.intended->>'regular' as regular from publications p join variants v on v.id = p.variant_id where p.field = 'price' and v.sku = ${sku}`
  return row?.regular
}

test('a cost or a category that no price leans on changes no price', async () => {
  await sql`update variants set cost = 11 where sku = 'MUG'`
  await sql`update products set category = 'Kitchen' where handle = 'MUG'`
  expect(await told()).toEqual([])
})

test('a cost that a rule leans on is told, SKU by SKU, and only where it is another', async () => {
  await priceList(sql, { code: 'plus', entries: [{ rule: 'percent', over: 'cost', value: '50' }] })
  expect(await intended('MUG')).toBe('16.5')
  await sql`update variants set cost = 12, title = sku`
  expect(await told()).toEqual(['MUG', 'LID'])
  expect(await intended('MUG')).toBe('18')
  await sql`update variants set cost = case when sku = 'LID' then 14 else cost end, weight_grams = 100`
  expect((await told()).slice(2)).toEqual(['LID'])
})

test('a category that a limit speaks of is told with all that goes into it or out of it', async () => {
  await sql`
    insert into price_limits (kind, basis, scope, category, currency, amount, actor) values ('floor', 'manual', 'category', 'Garden', 'EUR', 30, 'test')`
  await sql`update products set category = 'Garden' where handle = 'MUG'`
  expect([await told(), await intended('MUG')]).toEqual([['MUG'], '30'])
  await sql`update products set category = null, title = 'Mug' where handle = 'MUG'`
  expect([await told(), await intended('MUG')]).toEqual([['MUG', 'MUG'], '18'])
  await sql`update products set title = 'Lid' where handle = 'LID'`
  expect(await told()).toEqual(['MUG', 'MUG'])
})
