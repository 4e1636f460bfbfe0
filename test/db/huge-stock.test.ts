import { expect, test } from 'vitest'
import { availability } from '../../db/availability.ts'
import { stockHistory } from '../../db/history.ts'
import { boardTotals, riskySkus } from '../../db/pages-board.ts'
import { skuList } from '../../db/pages-skus.ts'
import { intend } from '../../db/publications.ts'
import { freshDatabase } from '../support/database.ts'
import { book, change, layIn, quietChannel } from '../support/goods.ts'

// A distributor's feed with a placeholder quantity, in several locations: each fits into a number of PostgreSQL, their sum does not.

const MOST = 2_147_483_647
const { sql } = await freshDatabase()
await layIn(sql, { SCREW: { east: MOST, west: MOST }, MUG: { east: 5 } })
const channel = await quietChannel(sql, 'shop')

test('a SKU of which there are more than a number holds is shown as the most that there is, and its neighbours as they are', async () => {
  expect((await availability(sql, ['SCREW', 'MUG'], null)).map(({ sku, atp, shown }) => [sku, atp, shown])).toEqual([
    ['MUG', 5, 5],
    ['SCREW', MOST, MOST],
  ])
  const seen = (sku: string) => ({ channelRef: 'shop', externalId: sku, sku, title: sku, state: 'active', quantity: 0, price: null })
  await sql`select listings_observe_1(${channel.accountId}, ${sql.json(['SCREW', 'MUG'].map(seen))}, 'test')`
  await intend(sql, channel.accountId, null)
  const intended = await sql`
    select l.external_sku as sku, p.intended from publications p join listings l on l.id = p.listing_id where p.field = 'stock' order by 1`
  expect(intended).toEqual([
    { sku: 'MUG', intended: { quantity: 5 } },
    { sku: 'SCREW', intended: { quantity: MOST } },
  ])
})

test('the console tells the true sums', async () => {
  const { rows } = await skuList(sql, { search: '', filter: 'all', after: '', limit: 10 })
  expect(rows.map(row => [row.sku, row.onHand, row.available])).toEqual([
    ['MUG', 5, 5],
    ['SCREW', 2 * MOST, 2 * MOST],
  ])
  const [screw] = await sql<{ id: number }[]>`select id from variants where sku = 'SCREW'`
  const asked = { variantId: screw?.id ?? 0, location: null, from: '2026-01-01T00:00:00Z', to: null, most: 10 }
  expect((await stockHistory(sql, asked)).map(point => point.onHand)).toEqual([0, MOST, 2 * MOST])
  for (const id of ['A', 'B']) await book(sql, channel, 'shop', [{ id, lines: [{ sku: 'NONE', ordered: MOST }] }])
  expect((await boardTotals(sql)).shortUnits).toBe(2 * MOST)
  expect(await riskySkus(sql, 10)).toEqual([])
})

test('a receipt beyond what a location can hold changes nothing', async () => {
  await expect(change(sql, [{ sku: 'SCREW', location: 'east', quantity: 1, kind: 'receive' }])).rejects.toMatchObject({ code: '22003' })
})
