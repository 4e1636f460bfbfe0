import { expect, test } from 'vitest'
import { GERMANY } from '../connectors/ebay-stage.ts'
import { freshDatabase } from '../support/database.ts'
import { openEbayMarket } from '../support/ebay.ts'
import { change, layIn } from '../support/goods.ts'
import { jobDeps, lanes, publishAll, shownOf, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

test('what is sold out goes at once though the listing has spent what usual changes may have, and those say why they wait', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { main: 12 } }, '9.5')
  // eBay's own pace: a few revisions at first, and one in eight minutes then.
  const { sandbox, accountId } = await openEbayMarket(context, 1)
  sandbox.seed([{ sku: 'MUG', title: 'MUG', gtin: null, quantity: 99, prices: { [GERMANY.id]: '1.00' }, parent: null }])
  lanes(jobDeps(context))
  await publishAll(context, accountId)
  await until('eBay shows the hub’s stock', () => shownOf(sandbox, 'MUG') === 12)
  let quantity = 12
  const waits = async () => {
    const [row] = await sql<
      { reason: string | null }[]
    >`select reason from publications where field = 'stock' and state = 'intended' and reason like '%250 times a day%'`
    return row?.reason
  }
  while (quantity > 5 && (await waits()) === undefined) {
    quantity -= 1
    await change(sql, [{ sku: 'MUG', location: 'main', quantity, kind: 'count' }])
    await until('it shows or waits', async () => shownOf(sandbox, 'MUG') === quantity || (await waits()) !== undefined)
  }
  expect(await waits()).toContain('kept for what is sold out or below its floor')
  expect(shownOf(sandbox, 'MUG')).toBeGreaterThan(quantity)
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 0, kind: 'count' }])
  // Like any usual change it would wait for minutes.
  await until('eBay shows it as sold out', () => shownOf(sandbox, 'MUG') === 0)
})
