import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { balance, change, layIn } from '../support/goods.ts'
import { connectAmazon, GERMANY, jobDeps, lanes, playAmazon, publishAll, SWEDEN, shownOf, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

const { sql } = await freshDatabase()

test('stock and prices reach both marketplaces, and what they sell lowers the stock', async () => {
  const context = await testContext(sql)
  await layIn(sql, { MUG: { main: 12 }, LAMP: { main: 3, shop: 2 } }, '9.5')
  const amazon = await playAmazon()
  const prices = { [GERMANY.id]: '1', [SWEDEN.id]: '1' }
  amazon.sandbox.seed(['MUG', 'LAMP'].map(sku => ({ sku, title: sku, gtin: null, quantity: 99, prices, parent: null })))
  const accountId = await connectAmazon(context, amazon)
  lanes(jobDeps(context))
  await publishAll(context, accountId)

  await until('Amazon shows the hub stock', () => shownOf(amazon.sandbox, 'MUG') === 12 && shownOf(amazon.sandbox, 'LAMP') === 5)
  await until('Amazon shows the hub price', () => amazon.sandbox.shown()[0]?.prices[GERMANY.id]?.regular === '9.50')
  // Nobody gave a price in SEK, so that one stays as it was.
  expect(amazon.sandbox.shown()[0]?.prices[SWEDEN.id]?.regular).toBe('1')

  amazon.sandbox.buy({ ref: 'r1', channelRef: SWEDEN.id, lines: [{ sku: 'MUG', quantity: 2 }] })
  await until('the order is booked', async () => (await balance(sql, 'MUG', 'main')).reserved === 2)
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 5, kind: 'count' }])
  await until('Amazon shows what is left', () => shownOf(amazon.sandbox, 'MUG') === 3)
  await until('every field is applied', async () => {
    const [row] = await sql`select count(*) as open from publications where state <> 'applied'`
    return row?.open === 0
  })
})
