import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { intend } from '../../db/publications.ts'
import type { Context } from '../../src/usecases/context.ts'
import { explainPrice } from '../../src/usecases/explain-price.ts'
import { explainPriceText } from '../../src/usecases/explain-price-text.ts'
import { setPriceLimits } from '../../src/usecases/price-limits.ts'
import { setPricePolicy, setTaxCategories } from '../../src/usecases/price-policies.ts'
import { setExchangeRates, setTaxRates } from '../../src/usecases/price-rates.ts'
import { resolvePrices } from '../../src/usecases/resolve-prices.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'
import { KEYS } from './import-support.ts'

let sql: Sql
let context: Context
let account: number
/** Before the floor, the tax category and the next sale were set. */
let earlier: string
const LONG_AGO = '2026-01-01T00:00:00Z'
const inDays = (days: number): string => new Date(Math.floor(Date.now() / 1000 + days * 86_400) * 1000).toISOString()
const [soon, later] = [inDays(7), inDays(9)]

async function instant(): Promise<string> {
  const [row] = await sql<{ at: string }[]>`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`
  return row?.at ?? ''
}

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = { sql, keyring: await readKeyring(KEYS), actor: 'user:ana' }
  await layIn(sql, { MUG: { a: 1 }, LID: { a: 1 }, BOX: { a: 1 } }, '20')
  await sql`update prices set superseded_at = clock_timestamp() where variant_id = (select id from variants where sku = 'BOX')`
  account = (await quietChannel(sql, 'shop', ['a'])).accountId
  await quietChannel(sql, 'alps', ['a'])
  await sql`update channels set currency = 'CHF' where code = 'alps'`
  await sql`insert into regions (code, name) values ('de', 'Germany'), ('ch', 'Switzerland')`
  await sql`insert into partners (code, name) values ('acme', 'Acme')`
  await sql`update variants set cost = 10, cost_currency = 'EUR' where sku = 'MUG'`
  await setPricePolicy(context, null, 'shop', { region: 'de', rounding: { kind: 'ending', step: '1', ending: '0.99' } })
  await setPricePolicy(context, null, 'alps', {
    region: 'ch',
    rounding: { kind: 'ending', step: '0.05', ending: '0' },
    exchangeMargin: '2',
  })
  await setTaxRates(context, null, [
    { region: 'de', category: 'standard', percent: '19', from: LONG_AGO },
    { region: 'de', category: 'reduced', percent: '7', from: LONG_AGO },
    { region: 'ch', category: 'standard', percent: '8.1', from: LONG_AGO },
  ])
  await setExchangeRates(context, null, [{ from: 'EUR', to: 'CHF', rate: '0.95', since: LONG_AGO }])
  await priceList(sql, { code: 'cost-plus', taxIncluded: false, entries: [{ rule: 'percent', over: 'cost', value: '25' }] })
  await priceList(sql, { code: 'wished', priority: 5, entries: [{ sku: 'LID', rule: 'margin', over: 'cost', value: '40' }] })
  await priceList(sql, {
    code: 'acme',
    audience: 'partner',
    of: 'acme',
    entries: [
      { sku: 'MUG', rule: 'fixed', value: '12' },
      { sku: 'MUG', rule: 'fixed', value: '11', minQuantity: 10 },
    ],
  })
  await sql`
    insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
    select c.id, c.account_id, 'x-1', 'MUG', 'Mug', v.id from channels c, variants v where c.code = 'shop' and v.sku = 'MUG'`
  await intend(sql, account, null)
  earlier = await instant()
  await setPriceLimits(context, null, [{ kind: 'floor', basis: 'map', sku: 'MUG', amount: '15.40', currency: 'EUR', channel: 'shop' }])
  await setTaxCategories(context, null, [{ sku: 'MUG', category: 'reduced' }])
  await priceList(sql, {
    code: 'week',
    kind: 'sale',
    startsAt: soon,
    endsAt: later,
    entries: [{ sku: 'MUG', rule: 'fixed', value: '15.50' }],
  })
  await intend(sql, account, null)
  await sql`
    insert into publication_history (listing_id, field, event, value)
    select listing_id, field, e, intended from publications, unnest(array['sent', 'applied']) e where field = 'price'`
})

const only = async (sku: string, asked: Parameters<typeof explainPrice>[2]) => {
  const [channel] = (await explainPrice(context, sku, { channel: 'shop', ...asked })).channels
  if (channel === undefined) throw new Error('no channel')
  return channel
}

test('a price is told step by step, from what the list asks to what is shown', async () => {
  const { regular, amount, document } = await only('MUG', {})
  expect(regular?.steps).toEqual([
    { step: 'base', amount: '10', currency: 'EUR', by: 'cost' },
    { step: 'rule', amount: '12.5', currency: 'EUR', by: 'percent', value: '25' },
    { step: 'tax', amount: '13.375', currency: 'EUR', value: '7', how: 'added' },
    { step: 'rounding', amount: '12.99', currency: 'EUR', how: 'nearest, ending in 0.99 in steps of 1' },
    { step: 'floor', amount: '15.99', currency: 'EUR', by: 'map' },
  ])
  expect(regular?.source).toMatchObject({ kind: 'list', list: 'cost-plus', audience: 'everyone', level: 1 })
  expect([regular?.actor, regular?.entry?.scope, regular?.floor?.stated]).toEqual(['user:ana', 'all', '15.4 EUR'])
  expect(regular?.beaten.map(one => [one.source.kind, one.amount])).toEqual([['plain', '20']])
  expect([amount, JSON.parse(JSON.stringify(document))]).toEqual([
    '15.99',
    { regular: '15.99', sale: { amount: '15.5', from: soon, to: later } },
  ])
})

test('conversion, margin and Swiss rounding are told, too', async () => {
  const [alps] = (await explainPrice(context, 'MUG', { channel: 'alps' })).channels
  // The MUG is taxed as reduced now, and Switzerland has no such rate: the list without tax is passed over, and nothing is typed in francs.
  expect([alps?.amount, alps?.regular, alps?.noPrice]).toMatchObject([
    null,
    null,
    [
      { because: 'no_entry', source: { list: 'wished' } },
      { because: 'no_tax_rate', source: { list: 'cost-plus' } },
    ],
  ])
  const [then] = (await explainPrice(context, 'MUG', { channel: 'alps', at: earlier })).channels
  expect(then?.regular?.steps).toEqual([
    { step: 'base', amount: '10', currency: 'EUR', by: 'cost' },
    { step: 'rule', amount: '12.5', currency: 'EUR', by: 'percent', value: '25' },
    { step: 'conversion', amount: '12.1125', currency: 'CHF', value: '0.969' },
    { step: 'tax', amount: '13.0936125', currency: 'CHF', value: '8.1', how: 'added' },
    {
      step: 'rounding',
      amount: '13.1',
      currency: 'CHF',
      how: 'nearest, ending in 0 in steps of 0.05',
    },
  ])
})

test('a price of the past is told by what was known then: no floor, another tax, no sale to come', async () => {
  const then = await only('MUG', { at: earlier })
  expect([then.amount, then.regular?.floor, then.document]).toEqual(['14.99', null, { regular: '14.99', sale: null }])
  expect(then.published).toMatchObject([{ intended: { value: { regular: '14.99' } }, sent: null, readBack: null, shows: null }])
  const now = await only('MUG', {})
  expect(now.published).toMatchObject([
    {
      externalSku: 'MUG',
      intended: { value: { regular: '15.99' } },
      sent: { value: { regular: '15.99' } },
      readBack: { value: { regular: '15.99' } },
    },
  ])
  expect((await explainPrice(context, 'MUG', { at: earlier })).tense).toBe('past')
})

test('a price to come is told by what is known now', async () => {
  const { amount, isSale, sale } = await only('MUG', { at: soon })
  expect([amount, isSale, sale?.source.list]).toEqual(['15.5', true, 'week'])
  expect((await only('MUG', { at: later })).amount).toBe('15.99')
})

test('a partner has its own price, by quantity, and no channel shows it; a sale for others does not raise it', async () => {
  const of = async (quantity: number, at?: string) => {
    const { amount, regular, document } = await only('MUG', { partner: 'acme', quantity, ...(at === undefined ? {} : { at }) })
    return [amount, regular?.source.list, regular?.entry?.minQuantity, document]
  }
  expect(await of(1, earlier)).toEqual(['12', 'acme', 1, null])
  expect(await of(10, earlier)).toEqual(['11', 'acme', 10, null])
  await setPriceLimits(context, null, [{ kind: 'floor', basis: 'map', sku: 'MUG', channel: 'shop' }])
  expect(await of(1, soon)).toEqual(['12', 'acme', 1, null])
  await setPriceLimits(context, null, [{ kind: 'floor', basis: 'map', sku: 'MUG', amount: '15.40', currency: 'EUR', channel: 'shop' }])
})

test('who was passed over is told with why', async () => {
  const { regular } = await only('LID', {})
  expect(regular?.passedOver.map(one => [one.source.list, one.because])).toEqual([
    ['wished', 'no_cost'],
    ['cost-plus', 'no_cost'],
  ])
  expect([regular?.amount, regular?.source.kind]).toEqual(['20', 'plain'])
})

test('the text says the same', async () => {
  const words = explainPriceText(await explainPrice(context, 'MUG', { channel: 'shop' }), at => new Date(at).toISOString().slice(0, 10))
  const [since, start, end] = [earlier, soon, later].map(at => at.slice(0, 10))
  const [, when, , ...lines] = words.split('\n')
  expect(when).toBe(`now, ${since}`)
  expect(lines).toEqual([
    'shop: by lists and rules 15.99 EUR with tax',
    '    what buyers see was not read yet',
    `    publishing of prices is off: nothing is sent since ${since}: 15.99 EUR, sale 15.50 from ${start} until ${end}`,
    '    next: turn its prices on: "concord channel publish shop --prices on"',
    `    regular 15.99: list cost-plus for everyone, since ${since} by user:ana`,
    '        its cost: 10.00 EUR',
    '        + 25 % (for all) = 12.50 EUR',
    '        7 % tax added = 13.375 EUR',
    '        rounded nearest, ending in 0.99 in steps of 1 = 12.99 EUR',
    '        lifted to its floor (map) = 15.99 EUR',
    '        floor 15.40 (map 15.40 EUR)',
    '      beats the price that was typed for everyone: 20.00',
    `    next sale 15.50 from ${start} until ${end}`,
    `    in the 30 days before the sale, from ${start}, the lowest price was 15.99`,
    expect.stringMatching(/^ {4}listing MUG \(x-1\): intended 15\.99, sale 15\.50 from .+, sent .+, accepted .+, read back 15\.99/),
  ])
  const none = explainPriceText(await explainPrice(context, 'BOX', { channel: 'shop' }), String)
  expect(none).toContain(
    'shop: by lists and rules no price\n    nothing gives a price\n      passed over list wished for everyone, priority 5: it does not speak of this SKU',
  )
})

test('many SKUs are resolved at once, as they are explained', async () => {
  const found = await resolvePrices(context, { channel: 'shop', skus: ['LID', 'MUG', 'BOX'], at: soon })
  expect(found.items.map(({ sku, amount, regular, sale, held }) => [sku, amount, regular, sale?.amount ?? null, held])).toEqual([
    ['LID', '20', '20', null, null],
    ['MUG', '15.5', '15.99', '15.5', null],
    ['BOX', null, null, null, null],
  ])
  expect(found.items[1]?.why).toMatchObject({ regular: { list: 'cost-plus', floor: '15.4' }, sale: { list: 'week' } })
  const then = await resolvePrices(context, { channel: 'shop', skus: ['MUG'], at: earlier })
  expect(then.items[0]?.amount).toBe('14.99')
})

test.each([
  [{ channel: 'none' }, 'There is no channel none.'],
  [{ partner: 'none' }, 'There is no partner none.'],
  [{ quantity: 0 }, 'A quantity of 0 has no price.'],
  [{ at: 'tomorrow' }, '"tomorrow" is no instant'],
])('what cannot be asked is refused: %j', async (asked, words) => {
  await expect(explainPrice(context, 'MUG', asked)).rejects.toThrow(words)
  await expect(resolvePrices(context, { channel: 'shop', skus: ['MUG'], ...asked })).rejects.toThrow(words)
})

test('a floor that was reckoned is told as the least that can be paid, with the exact one beside it', async () => {
  await sql`insert into price_limits (kind, basis, scope, percent, actor) values ('floor', 'margin', 'all', 40, 'user:ana')`
  const text = explainPriceText(await explainPrice(context, 'MUG', { channel: 'shop' }), String)
  expect(text).toMatch(/floor 17\.84, exactly 17\.83\d+ \(margin 40 % over a cost of 10\.00 EUR/)
  const [, paid = '', exact = ''] = /floor (\S+), exactly (\S+) /.exec(text) ?? []
  expect(Number(paid)).toBeGreaterThan(Number(exact))
  expect(Number(paid) - Number(exact)).toBeLessThan(0.01)
})
