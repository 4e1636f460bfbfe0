import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { explainPrice } from '../../src/usecases/explain-price.ts'
import { explainPriceText } from '../../src/usecases/explain-price-text.ts'
import { setPriceEntries } from '../../src/usecases/price-entries.ts'
import { approvePriceList, setPriceList, showPriceList } from '../../src/usecases/price-lists.ts'
import { setPricePolicy } from '../../src/usecases/price-policies.ts'
import { setExchangeRates, setTaxRates } from '../../src/usecases/price-rates.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { contextOf } from './import-support.ts'

// A list in euro with tax, in channels whose currencies have no digits, three, and two, and one of which shows prices without tax.

let sql: Sql
let context: Context

const linesOf = async (channel: string) =>
  explainPriceText(await explainPrice(context, 'MUG', { channel }), at => String(at).slice(0, 10))
    .split('\n')
    .map(line => line.trim())

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  await layIn(sql, { MUG: { a: 5 } }, '20')
  for (const [code, currency, mode] of [
    ['tokyo', 'JPY', 'inclusive'],
    ['kuwait', 'KWD', 'inclusive'],
    ['trade', 'EUR', 'exclusive'],
  ] as const) {
    await quietChannel(sql, code, ['a'])
    await sql`update channels set currency = ${currency}, tax_mode = ${mode} where code = ${code}`
  }
  await sql`insert into regions (code, name) values ('de', 'Germany')`
  const from = '2026-01-01T00:00:00Z'
  await setTaxRates(context, null, [{ region: 'de', category: 'standard', percent: '19', from }])
  await setExchangeRates(context, null, [
    { from: 'EUR', to: 'JPY', rate: '163.27', since: from },
    { from: 'EUR', to: 'KWD', rate: '0.3337', since: from },
  ])
  await setPricePolicy(context, null, 'trade', { region: 'de' })
  await setPriceList(context, null, 'euro', { currency: 'EUR', audience: { kind: 'everyone', code: null }, taxIncluded: true })
  await setPriceEntries(context, null, 'euro', [{ sku: 'MUG', rule: 'fixed', value: '12.34' }])
  await approvePriceList(context, null, 'euro', (await showPriceList(context, 'euro')).version)
})

test('a price is stated with the digits of its currency, in words and in what is published', async () => {
  expect(await linesOf('tokyo')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^tokyo: .*2015 JPY with tax$/),
      "rounded to the currency's digits, as it was not typed as the channel shows it = 2015 JPY",
    ]),
  )
  expect(await linesOf('kuwait')).toContainEqual(expect.stringMatching(/^kuwait: .*4.118 KWD with tax$/))
  // 12.34 with 19 % tax is 10.3697 without.
  expect(await linesOf('trade')).toEqual(
    expect.arrayContaining([expect.stringMatching(/^trade: .*10.37 EUR without tax$/), '19 % tax taken out = 10.369748 EUR']),
  )
  const shown = await sql<{ code: string; price: unknown }[]>`
    select c.code, s.price from channels c cross join lateral channel_price_2(array[c.id], (select array_agg(id) from variants), now()) s order by c.code`
  expect(shown.map(row => [row.code, row.price])).toEqual([
    ['kuwait', expect.objectContaining({ currency: 'KWD', regular: '4.118' })],
    ['tokyo', expect.objectContaining({ currency: 'JPY', regular: '2015' })],
    ['trade', expect.objectContaining({ currency: 'EUR', regular: '10.37' })],
  ])
})
