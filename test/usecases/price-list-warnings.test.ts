import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { explainPrice } from '../../src/usecases/explain-price.ts'
import { explainPriceText } from '../../src/usecases/explain-price-text.ts'
import { setPriceEntries } from '../../src/usecases/price-entries.ts'
import { dearerWords, gapWords, notLowerWords } from '../../src/usecases/price-list-warnings.ts'
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
    'shop passes it over for 1 SKU: it shows prices in another tax basis than the list or what its rules lean on, and has no region to tax by; name one: "concord price policy shop --region CODE".',
  ])
  const { list } = await approvePriceList({ ...context, actor: 'user:ben' }, null, 'acme', drafted.version)
  expect(list.gaps).toHaveLength(1)
  expect(await text('acme')).toContain(
    'passed over list acme for partner acme: it states prices, or leans on some, in another tax basis, and the channel has no region',
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

test('what rules lean on is brought to the tax basis of their list, with the tax among the reasons', async () => {
  const told = async () => (await text('acme')).split('\n').map(line => line.trim())
  const gaps = async () => (await showPriceList(context, 'gold')).gaps
  await setPriceList(context, null, 'gold', {
    currency: 'EUR',
    audience: { kind: 'partner', code: 'acme' },
    taxIncluded: false,
    priority: 20,
  })
  await setPriceEntries(context, null, 'gold', [{ all: true, rule: 'percent', value: '-15', over: 'plain' }])
  await approvePriceList(context, null, 'gold', (await showPriceList(context, 'gold')).version)
  expect(await gaps()).toEqual([])
  // 20 with tax is 16.8067 without; less 15 % and with tax again it is what 20 less 15 % is.
  expect(await told()).toEqual(
    expect.arrayContaining([
      'the price that was typed for everyone: 20.00 EUR',
      '19 % tax taken out = 16.806723 EUR',
      '− 15 % (for all) = 14.285714 EUR',
      '19 % tax added = 17.00 EUR',
      'rounded nearest, ending in 0.99 in steps of 1 = 16.99 EUR',
    ]),
  )

  await sql`update variants set cost = 10, cost_currency = 'EUR' where sku = 'MUG'`
  await setPriceList(context, null, 'gold', { taxIncluded: null })
  await setPriceEntries(context, null, 'gold', [{ sku: 'MUG', rule: 'margin', value: '20', over: 'cost' }])
  // Cost has no tax: 10 is 11.90 with it, and of 14.875 so much is a margin of 20 % on what is left after tax.
  expect(await told()).toEqual(
    expect.arrayContaining(['its cost: 10.00 EUR', '19 % tax added = 11.90 EUR', 'a margin of 20 % on it (for this SKU) = 14.875 EUR']),
  )

  await sql`update variants set tax_category = 'books' where sku = 'MUG'`
  expect(await gaps()).toEqual([{ channel: 'shop', because: 'no_tax_rate', region: 'de', category: 'books', skus: 1 }])
  expect(await text('acme')).toContain('list gold for partner acme, priority 20: the tax rate of its tax category is missing')
  await sql`update variants set tax_category = 'standard' where sku = 'MUG'`
})

test('a larger quantity that costs more than a smaller one warns, of what waits as of what stands', async () => {
  const words = async () => {
    const { dearer } = await showPriceList(context, 'breaks')
    return dearer && dearerWords(dearer, 'EUR')
  }
  await setPriceList(context, null, 'breaks', { currency: 'EUR', audience: { kind: 'partner', code: 'acme' } })
  const steps = [1, 10, 50].map((minQuantity, at) => ({
    sku: 'MUG',
    minQuantity,
    rule: 'fixed' as const,
    value: ['9', '8.50', '8.75'][at] ?? '',
  }))
  await setPriceEntries(context, null, 'breaks', steps)
  expect(await words()).toBe('A larger quantity costs more than a smaller one: MUG from 50 on 8.75 EUR, from 10 on 8.50 EUR.')
  await setPriceEntries(context, null, 'breaks', [{ sku: 'MUG', minQuantity: 50, rule: 'fixed', value: '8.25' }])
  expect(await words()).toBeNull()
  await setPriceEntries(context, null, 'breaks', [
    { all: true, rule: 'percent', value: '-10', over: 'plain' },
    { all: true, minQuantity: 5, rule: 'percent', value: '-5', over: 'plain' },
  ])
  expect(await words()).toBe('A larger quantity costs more than a smaller one: all from 5 on -5 %, from 1 on -10 %.')
})

test('a list over a list of the other tax basis states what that asks in its own', async () => {
  await setPriceList(context, null, 'over-gold', {
    currency: 'EUR',
    audience: { kind: 'partner', code: 'acme' },
    taxIncluded: false,
    priority: 30,
  })
  await setPriceEntries(context, null, 'over-gold', [{ sku: 'MUG', rule: 'amount', value: '0.50', over: 'list', baseList: 'gold' }])
  await approvePriceList(context, null, 'over-gold', (await showPriceList(context, 'over-gold')).version)
  // 14.875 with tax is 12.50 without; 13 without is 15.47 with it.
  const told = await text('acme')
  expect(told).toContain('the list below: 14.875 EUR\n        19 % tax taken out = 12.50 EUR\n')
  expect(told).toContain('= 13.00 EUR\n        19 % tax added = 15.47 EUR\n')
  expect((await showPriceList(context, 'over-gold')).gaps).toEqual([])
})
