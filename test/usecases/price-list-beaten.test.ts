import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { PriceListBeaten } from '../../db/price-lists.ts'
import type { Context } from '../../src/usecases/context.ts'
import { beginDryRun } from '../../src/usecases/dry-run.ts'
import { forecastTurns } from '../../src/usecases/forecast-schedule.ts'
import { setPriceEntries } from '../../src/usecases/price-entries.ts'
import { beatenWords } from '../../src/usecases/price-list-warnings.ts'
import { approvePriceList, type PriceListStated, setPriceList, showPriceList } from '../../src/usecases/price-lists.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { contextOf } from './import-support.ts'

const FROM = '2098-12-01T00:00:00.000Z'
const TO = '2098-12-15T00:00:00.000Z'
const pace = { perCall: 10, inFlight: 2, bucket: { ratePerS: 10, burst: 100 }, latencyS: 0.1, takesDates: false, showsWithinS: 0 }

let sql: Sql
let context: Context
let shop: Guarded
beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = { ...(await contextOf(sql)), pushPaceOf: () => pace }
  shop = await guardedChannel(sql, 'shop', 10)
  await guardedChannel(sql, 'other', 2)
})

/** A draft that asks for these SKUs of the shop. */
async function draft(code: string, terms: PriceListStated, at: readonly number[], value: string): Promise<void> {
  await setPriceList(context, null, code, { currency: 'EUR', ...terms })
  await setPriceEntries(
    context,
    null,
    code,
    at.map(n => ({ sku: shop.skus[n] ?? '', rule: 'fixed', value })),
  )
}
const approve = async (by: Context, code: string) => approvePriceList(by, null, code, (await showPriceList(context, code)).version)
const everyone = { kind: 'everyone', code: null } as const
const ofShop = { kind: 'channel', code: 'shop' } as const

test('a list names the SKUs that another list or a typed price goes before, channel by channel, as a draft and when it stands', async () => {
  await draft('main', { audience: ofShop }, [0, 1], '13')
  await approve(context, 'main')
  await setPrices(context, null, [{ sku: shop.skus[2] ?? '', currency: 'EUR', amount: '14', channel: 'shop' }])
  await draft('wide', { audience: everyone, from: FROM, to: TO }, [0, 1, 2, 3, 4], '12')
  const beaten: readonly PriceListBeaten[] = [
    {
      channel: 'shop',
      skus: 3,
      examples: [
        { sku: 'SHOP-000000', list: 'main', amount: '13', currency: 'EUR' },
        { sku: 'SHOP-000001', list: 'main', amount: '13', currency: 'EUR' },
        { sku: 'SHOP-000002', amount: '14', currency: 'EUR' },
      ],
    },
  ]
  const { beaten: told } = await showPriceList(context, 'wide')
  expect(told).toEqual(beaten)
  expect(told.map(beatenWords)).toEqual([
    'In shop 3 SKUs of it show another price, which goes before it: SHOP-000000 by list main (13.00 EUR), SHOP-000001 by list main (13.00 EUR), SHOP-000002 by its typed price (14.00 EUR).',
  ])
  expect((await showPriceList(context, 'main')).beaten).toEqual([])
})

test('the forecast of a list and its dry run count the same listings: not those that another source prices', async () => {
  const dry = beginDryRun(context, { limit: 5, field: 'price' })
  const tried = await approve(dry.context, 'wide')
  expect(dry.outcome().turns.map(({ at, fields }) => [at, fields.map(field => [field.channel, field.changed])])).toEqual([
    [FROM, [['shop', 2]]],
    [TO, [['shop', 2]]],
  ])
  expect(tried.forecast.map(({ at, channel, listings }) => [at, channel, listings])).toEqual([
    [FROM, 'shop', 2],
    [TO, 'shop', 2],
  ])
  await approve(context, 'wide')
  expect((await showPriceList(context, 'wide')).beaten).toMatchObject([{ channel: 'shop', skus: 3 }])
  expect((await forecastTurns(context, [{ at: FROM, list: 'wide' }])).map(one => one.listings)).toEqual([2])
})

test('of equals, priority, then the later beginning, then the older list goes before; a weaker or a later list beats nothing', async () => {
  await draft('first', { audience: ofShop, from: FROM }, [5], '12')
  await approve(context, 'first')
  const against = async (code: string, terms: PriceListStated) => {
    await draft(code, { audience: ofShop, ...terms }, [5], '11')
    return (await showPriceList(context, code)).beaten.map(one => one.examples[0]?.list)
  }
  expect(await against('same', { from: FROM })).toEqual(['first'])
  expect(await against('prior', { from: FROM, priority: 1 })).toEqual([])
  expect(await against('later', { from: TO })).toEqual([])
  expect(await against('sooner', { from: '2098-11-01T00:00:00.000Z' })).toEqual([])
  expect(await against('sale', { kind: 'sale', from: FROM })).toEqual([])
  expect(await against('wider', { audience: everyone, from: FROM, priority: 9 })).toEqual(['first'])
})
