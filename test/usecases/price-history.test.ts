import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { intend } from '../../db/publications.ts'
import { explainPrice } from '../../src/usecases/explain-price.ts'
import { explainPriceText } from '../../src/usecases/explain-price-text.ts'
import { shownPrices } from '../../src/usecases/price-history.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { cliOn } from '../cli/stage.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'
import { KEYS } from './import-support.ts'

// Concord takes up a shop that shows 12.00, lowers it to 10.00, and plans a sale at 8.00. `shop` is at a platform that has a field for the reference
// price, `plain` at one that has not.
let sql: Sql
let url: string
let context: Parameters<typeof shownPrices>[0]
let account: number
const ago = (days: number): string => new Date(Math.floor(Date.now() / 1000 - days * 86_400) * 1000).toISOString()

/** As the platform took what was to be shown, so many days ago. */
const taken = (days: number) => sql`
  insert into publication_history (listing_id, field, event, value, at)
  select listing_id, field, 'applied', intended, ${ago(days)}::text::timestamptz from publications where field = 'price'`
const reference = async (channel: string): Promise<unknown> => {
  const [row] = await sql<{ sale: unknown }[]>`
    select p.intended->'sale' as sale from publications p join channels c on c.id = p.channel_id where c.code = ${channel} and p.field = 'price'`
  return row?.sale
}
const intendAll = async (): Promise<void> => {
  for (const id of [account, account + 1]) await intend(sql, id, null)
}

beforeAll(async () => {
  const database = await freshDatabase()
  ;({ sql, url } = database)
  context = { sql, keyring: await readKeyring(KEYS), actor: 'user:ana' }
  await layIn(sql, { MUG: { a: 1 } }, '12')
  account = (await quietChannel(sql, 'shop', ['a'])).accountId
  await quietChannel(sql, 'plain', ['a'])
  await sql`update accounts set platform = 'memory' where name = 'shop'`
  await sql`
    insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id, shown_price)
    select c.id, c.account_id, 'x-' || c.code, 'MUG', 'Mug', v.id, '{"currency": "EUR", "regular": "12", "sale": null}'::jsonb from channels c, variants v`
  await intendAll()
  await sql`update publication_history set at = ${ago(60)}::text::timestamptz`
  await setPrices(context, null, [{ sku: 'MUG', currency: 'EUR', amount: '10' }])
  await intendAll()
  await taken(20)
})

test('what a platform showed before the hub wrote to it is the first price in the history', async () => {
  const { listings, lowest } = await shownPrices(context, 'MUG', { channel: 'shop' })
  expect(listings.map(one => [one.channel, one.externalId, one.currency])).toEqual([['shop', 'x-shop', 'EUR']])
  expect(listings[0]?.periods.map(one => [one.amount, one.isSale, one.to === null, one.confirmedAt !== null])).toEqual([
    ['10', false, true, true],
    ['12', false, false, true],
  ])
  expect(lowest).toEqual([{ channel: 'shop', currency: 'EUR', amount: '10' }])
  const before = await shownPrices(context, 'MUG', { channel: 'shop', to: ago(30) })
  expect(before.listings[0]?.periods.map(one => one.amount)).toEqual(['12'])
})

test('a sale that is planned is measured by the lowest of the 30 days before, where the platform has a field for it', async () => {
  const [from, to] = [ago(-2), ago(-9)]
  await setPrices(context, null, [{ sku: 'MUG', currency: 'EUR', amount: '8', from, to }])
  await intendAll()
  expect(await reference('shop')).toEqual({ amount: '8', from, to, reference: '10' })
  expect(await reference('plain')).toEqual({ amount: '8', from, to })
  const { channels } = await explainPrice(context, 'MUG')
  expect(channels.map(one => [one.channel, one.reduction?.reference, JSON.parse(JSON.stringify(one.document?.sale))])).toEqual([
    ['shop', '10', { amount: '8', from, to, reference: '10' }],
    ['plain', '10', { amount: '8', from, to }],
  ])
  expect(explainPriceText(await explainPrice(context, 'MUG'), at => new Date(at).toISOString())).toContain(
    `    in the 30 days before the sale, from ${from}, the lowest price was 10.00`,
  )
})

test('a lower price that is to be shown until then counts, too', async () => {
  await setPrices(context, null, [{ sku: 'MUG', currency: 'EUR', amount: '9.5' }])
  await intendAll()
  expect(await reference('shop')).toMatchObject({ reference: '9.5' })
  await setPrices(context, null, [{ sku: 'MUG', currency: 'EUR', amount: '10' }])
})

test('a sale that is on is measured by what was before it began; what shows since changes nothing', async () => {
  // It began five days ago, though it came into the books just now: that is when the reduction began, and nothing was lower before.
  await priceList(sql, { code: 'week', kind: 'sale', startsAt: ago(5), entries: [{ sku: 'MUG', rule: 'fixed', value: '7' }] })
  await intendAll()
  expect(await reference('shop')).toEqual({ amount: '7', from: null, to: null, reference: '10' })
  await sql`update price_entries set valid_from = ${ago(6)}::text::timestamptz`
  await sql`update price_list_terms set valid_from = ${ago(6)}::text::timestamptz`
  await taken(5)
  await intendAll()
  expect(await reference('shop')).toMatchObject({ reference: '10' })
  expect((await shownPrices(context, 'MUG', { channel: 'shop' })).lowest).toEqual([{ channel: 'shop', currency: 'EUR', amount: '7' }])
})

test('what is sent has whole seconds, as some platforms keep no more', async () => {
  const { at } = await shownPrices(context, 'MUG')
  const day = at.slice(0, 10)
  await sql`update price_list_terms set starts_at = ${`${day}T00:00:00.7Z`}::text::timestamptz + interval '3 days', ends_at = ${`${day}T23:59:59.999Z`}::text::timestamptz + interval '3 days'`
  await sql`update prices set superseded_at = clock_timestamp() where starts_at is not null`
  await intendAll()
  const sale = (await reference('plain')) as { from: string; to: string }
  expect([sale.from.slice(10), sale.to.slice(10)]).toEqual(['T00:00:00.000Z', 'T23:59:59.000Z'])
  const { channels } = await explainPrice(context, 'MUG', { channel: 'plain' })
  expect(JSON.parse(JSON.stringify(channels[0]?.document?.sale))).toEqual(sale)
})

test('the command line tells the same', async () => {
  const cli = cliOn(url)
  const { out } = await cli(['price', 'history', 'MUG', '--channel', 'shop'])
  expect(out).toMatch(/^shop +x-shop +7\.00 EUR +sale, before 10\.00 +.+ +now +seen$/m)
  expect(out).toMatch(/^shop +x-shop +12\.00 EUR /m)
  expect(out).toContain('shop: lowest of the last 30 days 7.00 EUR')
  expect(JSON.parse((await cli(['price', 'history', 'MUG', '--json'])).out).listings).toHaveLength(2)
  expect((await cli(['price', 'history', 'MUG', '--channel', 'shpo'])).err).toContain('shop')
})

test.each([
  ['NOPE', {}, 'there is no SKU NOPE'],
  ['MUG', { channel: 'none' }, 'There is no channel none.'],
  ['MUG', { from: 'soon' }, '"soon" is no instant'],
  ['MUG', { from: '2026-02-01', to: '2026-01-01' }, 'is not after'],
])('what cannot be asked is refused: %s %j', async (sku, asked, words) => {
  await expect(shownPrices(context, sku, asked)).rejects.toThrow(words)
})
