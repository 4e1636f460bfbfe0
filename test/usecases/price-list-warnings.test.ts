import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { explainPrice } from '../../src/usecases/explain-price.ts'
import { explainPriceText } from '../../src/usecases/explain-price-text.ts'
import { setPriceEntries } from '../../src/usecases/price-entries.ts'
import { gapWords, notLowerWords } from '../../src/usecases/price-list-warnings.ts'
import { approvePriceList, setPriceList, showPriceList } from '../../src/usecases/price-lists.ts'
import { setPricePolicy } from '../../src/usecases/price-policies.ts'
import { setTaxRates } from '../../src/usecases/price-rates.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { contextOf } from './import-support.ts'

let sql: Sql
let context: Context
const text = async (partner?: string) =>
  explainPriceText(await explainPrice(context, 'MUG', { channel: 'shop', ...(partner === undefined ? {} : { partner }) }), at =>
    String(at).slice(0, 4),
  )

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  await layIn(sql, { MUG: { a: 1 }, LID: { a: 1 } }, '20')
  await quietChannel(sql, 'shop', ['a'])
  await sql`insert into partners (code, name) values ('acme', 'Acme')`
  await sql`insert into regions (code, name) values ('de', 'Germany')`
})

test('a list in another tax basis than its channel warns until a region and a rate are known, when it is set, approved and explained', async () => {
  await setPriceList(context, null, 'acme', { currency: 'EUR', audience: { kind: 'partner', code: 'acme' }, taxIncluded: false })
  await setPriceEntries(context, null, 'acme', [{ sku: 'MUG', rule: 'fixed', value: '10' }])
  const drafted = await showPriceList(context, 'acme')
  expect(drafted.gaps).toEqual([{ channel: 'shop', because: 'no_region', skus: 1 }])
  expect(drafted.gaps.map(gapWords)).toEqual([
    'shop passes it over for 1 SKU: it shows prices in another tax basis, and has no region to tax by; name one: "concord price policy shop --region CODE".',
  ])
  const { list } = await approvePriceList({ ...context, actor: 'user:ben' }, null, 'acme', drafted.version)
  expect(list.gaps).toHaveLength(1)
  expect(await text('acme')).toContain(
    'passed over list acme for partner acme: it states prices in another tax basis, and the channel has no region',
  )

  await setPricePolicy(context, null, 'shop', { region: 'de', rounding: { kind: 'ending', step: '1', ending: '0.99' } })
  expect((await showPriceList(context, 'acme')).gaps).toEqual([
    { channel: 'shop', because: 'no_tax_rate', region: 'de', category: 'standard', skus: 1 },
  ])
  expect(await text('acme')).toContain('the tax rate of its tax category is missing in the region of the channel')
  await setTaxRates(context, null, [{ region: 'de', category: 'standard', percent: '19', from: '2026-01-01T00:00:00Z' }])
  expect((await showPriceList(context, 'acme')).gaps).toEqual([])
})

test('who wrote and who approved are told, and a contract price is rounded only where it had to be taxed first', async () => {
  const told = await text('acme')
  expect(told).toMatch(/list acme for partner acme, since .+ by .+, approved by user:ben/)
  expect(told).toContain('rounded nearest, ending in 0.99 in steps of 1, as it was not typed as the channel shows it = 11.99 EUR')
  await setPriceList(context, null, 'plain', { currency: 'EUR', audience: { kind: 'partner', code: 'acme' }, priority: 5 })
  await setPriceEntries(context, null, 'plain', [{ sku: 'MUG', rule: 'fixed', value: '10.40' }])
  await approvePriceList(context, null, 'plain', (await showPriceList(context, 'plain')).version)
  const typed = await text('acme')
  expect(typed).toContain('shop: 10.40 EUR with tax')
  expect(typed).not.toContain('rounded')
})

test('what is reckoned for a partner ends as the prices of the channel do', async () => {
  await setPriceList(context, null, 'terms', { currency: 'EUR', audience: { kind: 'partner', code: 'acme' }, priority: 9 })
  await setPriceEntries(context, null, 'terms', [{ sku: 'MUG', rule: 'percent', over: 'plain', value: '-10' }])
  await approvePriceList(context, null, 'terms', (await showPriceList(context, 'terms')).version)
  // 20.00 less 10 percent.
  const told = await text('acme')
  expect(told).toContain('shop: 17.99 EUR with tax')
  expect(told).toContain('rounded nearest, ending in 0.99 in steps of 1 = 17.99 EUR')
})

test('a sale that is not lower than the regular price warns when it is approved, with how many and which', async () => {
  await setPriceList(context, null, 'dear', { currency: 'EUR', audience: { kind: 'everyone', code: null }, kind: 'sale' })
  await setPriceEntries(context, null, 'dear', [
    { sku: 'MUG', rule: 'fixed', value: '21' },
    { sku: 'LID', rule: 'fixed', value: '19' },
  ])
  const { notLower } = await approvePriceList(context, null, 'dear', (await showPriceList(context, 'dear')).version)
  expect(notLower).toEqual({ count: 1, examples: [{ sku: 'MUG', channel: 'shop', currency: 'EUR', regular: '20', sale: '21' }] })
  expect(notLower && notLowerWords(notLower)).toBe(
    '1 price of this sale is not lower than the regular price, and would replace it while the sale lasts: MUG in shop: 21.00 is not lower than 20.00 EUR.',
  )
})

test('rules that lean on prices of another tax basis than their list are told of, as they take them as they stand', async () => {
  const bases = async () => (await showPriceList(context, 'gold')).gaps
  await setPriceList(context, null, 'gold', { currency: 'EUR', audience: { kind: 'partner', code: 'acme' }, taxIncluded: false })
  await setPriceEntries(context, null, 'gold', [{ all: true, rule: 'percent', value: '-15', over: 'plain' }])
  // 20 with tax less 15 %, and 19 % once more, is dearer than 20 less 15 %.
  expect(await bases()).toEqual([{ channel: 'shop', because: 'base_with_tax', region: 'de', skus: 2 }])
  expect((await bases()).map(gapWords)).toEqual([
    expect.stringContaining('In shop the rules for 2 SKUs lean on prices with tax, but the list is without'),
  ])
  await setPriceList(context, null, 'gold', { taxIncluded: null })
  expect(await bases()).toEqual([])

  await setPriceEntries(context, null, 'gold', [{ sku: 'MUG', rule: 'margin', value: '25', over: 'cost' }])
  expect(await bases()).toEqual([{ channel: 'shop', because: 'base_without_tax', region: 'de', skus: 1 }])
  await setPriceEntries(context, null, 'gold', [{ all: true, rule: 'remove' }])
  await setPriceList(context, null, 'gold', { taxIncluded: false })
  expect(await bases()).toEqual([])
})
