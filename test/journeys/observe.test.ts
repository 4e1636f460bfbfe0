import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { connectWoo, jobDeps, lanes, openDoor, playWoo, publishAll, shownOf, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

const { sql } = await freshDatabase()
const GTIN = '4006381333931'

test('a new channel is only looked at: matched, compared, its orders booked, and nothing written to it', async () => {
  const context = await testContext(sql)
  await layIn(sql, { MUG: { main: 12 }, LAMP: { main: 5 } })
  await sql`update variants set gtin = ${`0${GTIN}`} where sku = 'LAMP'`
  const woo = await playWoo()
  const listing = { title: 'x', gtin: null, quantity: 50, prices: { shop: '1' }, parent: null }
  woo.sandbox.seed([
    { ...listing, sku: 'MUG' },
    { ...listing, sku: 'LAMP-THERE', gtin: GTIN },
    { ...listing, sku: 'STRANGER' },
  ])
  const account = await connectWoo(context, woo)
  lanes(jobDeps(context, await openDoor(context)))
  await until('it is observed', async () => (await sql`select observed_at from accounts where id = ${account}`)[0]?.observed_at)
  const mapped = await sql`select l.external_sku, m.matched_by from listings l left join mappings m on m.listing_id = l.id order by 1`
  expect(mapped.map(row => [row.external_sku, row.matched_by])).toEqual([
    ['LAMP-THERE', 'gtin'],
    ['MUG', 'sku'],
    ['STRANGER', null],
  ])
  const difference = await until('the difference is known', async () => {
    const rows =
      await sql`select (intended->>'quantity')::int as intended, expected from publications where field = 'stock' order by listing_id`
    return rows.length === 2 ? rows : null
  })
  expect(difference.map(row => [row.intended, row.expected])).toEqual([
    [12, 50],
    [5, 50],
  ])

  woo.sandbox.buy({ ref: 'r1', channelRef: 'shop', lines: [{ sku: 'MUG', quantity: 2 }] })
  await until(
    'its order is booked by the poll',
    async () => (await sql`select 1 from orders where state in ('accepted', 'routed')`).length === 1,
  )
  const writes = woo.sandbox.journal(0, 10_000).filter(entry => entry.kind === 'call' && !/list|get/.test(String(entry.ref)))
  expect(writes.map(entry => entry.ref)).toEqual([])
  expect(shownOf(woo.sandbox, 'MUG')).toBe(48)

  await publishAll(context, account)
  await until('switched on, it shows the hub stock', () => shownOf(woo.sandbox, 'MUG') === 10 && shownOf(woo.sandbox, 'LAMP-THERE') === 5)
})
