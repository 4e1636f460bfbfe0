import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
await layIn(sql, { MUG: { berlin: 1 } }, '20')
await quietChannel(sql, 'shop')
await priceList(sql, { code: 'tenth', kind: 'sale', entries: [{ rule: 'percent', over: 'plain', value: '-10' }] })
const cli = cliOn(url)

test('a price is explained as text and as JSON', async () => {
  const text = (await cli(['price', 'explain', 'MUG', '--channel', 'shop'])).out
  expect(text).toContain('shop: by lists and rules 18.00 EUR with tax, the sale')
  expect(text).toMatch(
    / {4}sale 18\.00: list tenth for everyone, since .+ by user:ana\n {8}the price that was typed for everyone: 20\.00 EUR\n {8}− 10 % \(for all\) = 18\.00 EUR/,
  )
  const json = JSON.parse((await cli(['price', 'explain', 'MUG', '--json'])).out)
  expect(json.channels).toMatchObject([{ channel: 'shop', amount: '18', isSale: true, regular: { amount: '20' } }])
  expect((await cli(['price', 'explain', 'MUG', '--quantity', '0'])).code).toBe(2)
  expect((await cli(['price', 'explain', 'MGU'])).err).toContain('MUG')
})

test('prices of several SKUs are resolved', async () => {
  expect((await cli(['price', 'resolve', 'MUG', '--channel', 'shop'])).out).toMatch(
    /^EUR with tax, at .+\nSKU +by lists and rules +regular +sale +until +buyers see *\nMUG +18\.00 +20\.00 +18\.00 +–/,
  )
  const json = JSON.parse((await cli(['price', 'resolve', 'MUG', '--channel', 'shop', '--at', '2020-01-01', '--json'])).out)
  expect(json.items).toMatchObject([{ sku: 'MUG', amount: null, held: null }])
  expect((await cli(['price', 'resolve', 'MUG'])).code).toBe(2)
})
