import { expect, test } from 'vitest'
import { intendMoved } from '../../db/publications.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel } from '../support/guarded.ts'

const { sql } = await freshDatabase()

test('what a whole account should show is reckoned in parts, so that no statement grows with the account', async () => {
  const shop = await guardedChannel(sql, 'large', 25)
  await shop.setStock(7)
  await shop.setPrices('9')
  expect(await intendMoved(sql, shop.accountId, { stock: null, prices: null }, 10)).toBe(50)
  const rows = await sql`
    select field, count(*)::int as n from publications where account_id = ${shop.accountId} group by field, xmin::text order by field, 2`
  expect(rows.map(row => [row.field, row.n])).toEqual([...[5, 10, 10].map(n => ['price', n]), ...[5, 10, 10].map(n => ['stock', n])])
})
