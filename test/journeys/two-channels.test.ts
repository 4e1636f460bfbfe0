import { beforeAll, describe, expect, test } from 'vitest'
import { check } from '../../src/usecases/check.ts'
import type { Context } from '../../src/usecases/context.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, change, layIn } from '../support/goods.ts'
import {
  connectAmazon,
  connectWoo,
  GERMANY,
  jobDeps,
  lanes,
  openDoor,
  playAmazon,
  playWoo,
  publishAll,
  SWEDEN,
  shownOf,
  testContext,
} from '../support/hub.ts'
import { until } from '../support/until.ts'

const prices = { [GERMANY.id]: '1', [SWEDEN.id]: '1', shop: '1' }
const listing = (sku: string, quantity = 50) => ({ sku, title: sku, gtin: null, quantity, prices, parent: null })

describe('one stock in two channels', () => {
  let context: Context
  const database = freshDatabase()
  beforeAll(async () => {
    context = await testContext((await database).sql)
  })

  test('a sale in the shop lowers Amazon, a sale on Amazon lowers the shop, a count lowers both', async () => {
    const { sql } = await database
    await layIn(sql, { MUG: { main: 12 }, LAMP: { main: 3, shop: 2 } }, '9.5')
    const amazon = await playAmazon()
    const woo = await playWoo()
    for (const platform of [amazon, woo]) platform.sandbox.seed(['MUG', 'LAMP'].map(sku => listing(sku)))
    const accounts = [await connectAmazon(context, amazon), await connectWoo(context, woo)]
    lanes(jobDeps(context, await openDoor(context)))
    for (const account of accounts) await publishAll(context, account)
    const both = (sku: string, quantity: number) =>
      until(`both show ${quantity} of ${sku}`, () => shownOf(amazon.sandbox, sku) === quantity && shownOf(woo.sandbox, sku) === quantity)
    await both('MUG', 12)
    await both('LAMP', 5)

    woo.sandbox.buy({ ref: 'w1', channelRef: 'shop', lines: [{ sku: 'MUG', quantity: 2 }] })
    await both('MUG', 10)
    amazon.sandbox.buy({ ref: 'a1', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 3 }] })
    await both('MUG', 7)
    await change(sql, [{ sku: 'MUG', location: 'main', quantity: 6, kind: 'count' }])
    await both('MUG', 1)
    expect(await balance(sql, 'MUG', 'main')).toEqual({ onHand: 6, reserved: 5 })

    const sold = woo.sandbox.buy({ ref: 'w2', channelRef: 'shop', lines: [{ sku: 'LAMP', quantity: 1 }] })
    await both('LAMP', 4)
    woo.sandbox.cancel(sold?.externalId ?? '')
    await both('LAMP', 5)
    expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
  })
})
