import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { beginDryRun } from '../../src/usecases/dry-run.ts'
import { explainPrice } from '../../src/usecases/explain-price.ts'
import { explainPriceText } from '../../src/usecases/explain-price-text.ts'
import { type PriceLimitStated, setPriceLimits } from '../../src/usecases/price-limits.ts'
import { setExchangeRates } from '../../src/usecases/price-rates.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { contextOf } from './import-support.ts'

let sql: Sql
let context: Context
let shop: Guarded

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  shop = await guardedChannel(sql, 'shop', 4)
  const north = await guardedChannel(sql, 'north', 3)
  await sql`update channels set currency = 'SEK' where code = 'north'`
  const prices = north.skus.map(sku => ({ sku, currency: 'SEK', amount: '110' }))
  await sql`select prices_set_1(${sql.json({ actor: 'test', prices })})`
  await north.push()
})

const floor: PriceLimitStated = { kind: 'floor', basis: 'manual', amount: '12', currency: 'EUR' }

test('setting a floor tells how many prices it moves, and how many it holds as no exchange rate is known, with the next step', async () => {
  const { changed, channels } = await setPriceLimits(context, null, [floor])
  expect(changed).toBe(1)
  expect(channels).toMatchObject([
    { channel: 'north', listings: 3, moved: 0, held: 3 },
    { channel: 'shop', listings: 4, moved: 4, guarded: 0, held: 0 },
  ])
  const [north, here] = channels ?? []
  expect(north?.examples[0]).toMatchObject({ before: { regular: '110' }, after: null })
  expect(north?.examples[0]?.words).toContain(
    'no exchange rate from EUR to SEK is known ("concord price exchange EUR SEK RATE"); enter the rate',
  )
  expect(here?.examples[0]).toMatchObject({ before: { regular: '10' }, after: { regular: '12' } })
  await shop.push()
  expect((await setPriceLimits(context, null, [floor])).channels).toEqual([])
})

test('a dry run tells it before, and the rate that was missing lets prices out', async () => {
  const dry = beginDryRun(context, { limit: 3, field: 'price' })
  expect(await setPriceLimits(dry.context, null, [{ ...floor, amount: '13' }])).toMatchObject({ changed: 1, channels: null })
  expect(dry.outcome().fields).toMatchObject([{ channel: 'shop', changed: 4, goes: 4, refused: 0 }])
  await setExchangeRates(context, null, [{ from: 'EUR', to: 'SEK', rate: '10' }])
  expect((await setPriceLimits(context, null, [{ ...floor, amount: '13' }])).channels).toMatchObject([
    { channel: 'north', moved: 3, held: 0 },
    { channel: 'shop', moved: 4, held: 0 },
  ])
})

test('of an instant before there was any channel it is told when the first was set up', async () => {
  const sku = shop.skus[0] ?? ''
  const at = '2020-01-01T00:00:00Z'
  const then = await explainPrice(context, sku, { at })
  expect(then).toMatchObject({ channels: [], firstChannel: { channel: 'shop' } })
  expect(explainPriceText(then, text => String(text).slice(0, 4))).toMatch(
    /No channel was set up yet, so no price was shown anywhere: the first, shop, was set up at \d{4}\./,
  )
  await expect(explainPrice(context, sku, { at, channel: 'shop' })).rejects.toMatchObject({ code: 'not_found', detail: { field: 'at' } })
  await expect(explainPrice(context, sku, { at, channel: 'none' })).rejects.toMatchObject({ detail: { field: 'channel' } })
})
