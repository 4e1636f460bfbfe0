import { expect, test } from 'vitest'
import { shownAt } from '../../src/cli/instants.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
await layIn(sql, { MUG: { berlin: 1 }, CUP: { berlin: 1 } })
await quietChannel(sql, 'shop')
await sql`insert into regions (code, name) values ('de', 'Germany')`
const cli = cliOn(url)
const said = async (...words: string[]): Promise<string> => {
  const ran = await cli(words)
  return ran.out.trim() || ran.err.trim()
}
const json = async (...words: string[]) => JSON.parse((await cli([...words, '--json'])).out)

test('how a channel states prices is shown, set in parts, and refused in words', async () => {
  expect(await said('price', 'policy', 'shop')).toBe("shop: EUR with tax, no region, rounded to the currency's digits, 0 % on exchange")
  expect(await said('price', 'policy', 'shop', '--ends-in', '0.99', '--region', 'de', '--margin', '2.5')).toBe(
    'shop: EUR with tax, region de, rounded to the nearest ending in 0.99 in steps of 1, 2.5 % on exchange\nNo price that is shown moves by it.',
  )
  expect(await said('price', 'policy', 'shop', '--in-steps-of', '0.05', '--direction', 'up')).toContain(
    'rounded up ending in 0 in steps of 0.05, 2.5 %',
  )
  expect((await json('price', 'policy', 'shop', '--region', 'none')).region).toBeNull()
  expect(await said('price', 'policy')).toContain('shop: EUR with tax, no region')
  expect(await said('price', 'policy', 'shop', '--rounding', 'none', '--ends-in', '0.99')).toContain('--rounding goes without')
  expect(await said('price', 'policy', '--margin', '2')).toContain('which channel is missing')
  expect((await json('price', 'policy', 'shpo')).error).toMatchObject({ code: 'not_found', nearest: ['shop'] })
})

test('rates are set, listed and taken back', async () => {
  expect(await said('price', 'tax', 'de', 'standard', '19', '--from', '2026-01-01')).toBe(
    `de, standard: 19 % from ${shownAt('2026-01-01T00:00:00.000Z')}`,
  )
  expect(await said('price', 'tax', 'de', 'standard', '19.00', '--from', '2026-01-01')).toBe('It was so already.')
  expect(await said('price', 'taxes', '--region', 'de')).toMatch(/^de +standard +19 % +/m)
  expect(await said('price', 'exchange', 'EUR', 'CHF', '0.95')).toBe(
    '1 EUR is 0.95 CHF from now on; lists, floors and offers are converted by it, plain prices are not',
  )
  expect(await said('price', 'tax', 'fr', 'standard', '20')).toBe(
    'There is no region fr. "concord audience set region:fr" makes it; "concord audience list region" tells which there are.',
  )
  expect(await json('price', 'exchanges')).toMatchObject([{ from: 'EUR', to: 'CHF', rate: '0.95', actor: 'cli:test' }])
  expect(await said('price', 'tax', 'de', 'standard', 'none', '--from', '2026-01-01')).toBe('de, standard: rate taken back')
  expect(await said('price', 'taxes')).toBe('No tax rates.')
  expect(await said('price', 'exchange', 'EUR', 'XXQ', '2')).toContain('XXQ is no currency')
})

const STILL = '\nNo price that is shown moves by it.'

test('floors and ceilings are set, listed and ended', async () => {
  expect(await said('price', 'floor', '12.50', 'EUR', '--sku', 'MUG', '--basis', 'map')).toBe(`MUG: floor 12.50 EUR (map)${STILL}`)
  expect(await said('price', 'floor', '20%')).toBe(`all goods: floor 20% (margin)${STILL}`)
  expect(await said('price', 'ceiling', '99', 'EUR', '--sku', 'CUP', '--channel', 'shop')).toBe(
    `CUP in shop: ceiling 99 EUR (manual)${STILL}`,
  )
  expect(await json('price', 'limits', '--sku', 'MUG')).toMatchObject([
    { kind: 'floor', basis: 'map', amount: '12.5', currency: 'EUR', channel: null },
    { kind: 'floor', basis: 'margin', percent: '20', scope: 'all' },
  ])
  expect(await said('price', 'limits', '--channel', 'shop')).toMatch(/^ceiling +manual +99 EUR +CUP +shop /m)
  // Who thinks that no floor is left is told of those that go on.
  expect(await said('price', 'floor', 'none')).toContain(
    'It was so already.\nThere is still a floor of 20 % (margin); --basis margin ends it.',
  )
  expect(await said('price', 'floor', 'none', '--sku', 'MUG', '--basis', 'map')).toBe(`MUG: floor (map) ended${STILL}`)
  expect(await json('price', 'limits', '--sku', 'MUG')).toHaveLength(1)
  expect(await json('price', 'limits', '--sku', 'MUG', '--ended')).toHaveLength(2)
  expect(await said('price', 'floor', '12.50', '--sku', 'MUG')).toContain('no currency cannot be')
  expect(await said('price', 'limits', '--sku', 'MGU')).toContain('MUG')
})

test('goods are taxed by their category', async () => {
  expect(await said('price', 'tax-category', 'reduced', 'MUG', 'CUP')).toBe('2 of 2 taxed otherwise now: reduced')
  expect(await said('price', 'tax-category', 'reduced', 'MUG')).toBe('0 of 1 taxed otherwise now: reduced')
  expect(await said('price', 'tax-category', 'Reduced', 'MUG')).toContain('"Reduced" is no tax category')
})
