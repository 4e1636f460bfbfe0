import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { decideQuarantine } from '../../src/usecases/guard.ts'
import { effectWords } from '../../src/usecases/price-effect-text.ts'
import { setPriceLimits } from '../../src/usecases/price-limits.ts'
import { type PriceStated, setPrices } from '../../src/usecases/set-prices.ts'
import { freshDatabase } from '../support/database.ts'
import { quietChannel } from '../support/goods.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { priceList } from '../support/price-lists.ts'
import { contextOf } from './import-support.ts'

let sql: Sql
let context: Context
let shop: Guarded
const sku = (n: number): string => shop.skus[n] ?? ''

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  shop = await guardedChannel(sql, 'shop', 8)
  await quietChannel(sql, 'alps')
  await sql`update channels set currency = 'CHF' where code = 'alps'`
})

const set = (price: Partial<PriceStated> & { readonly sku: string }) =>
  setPrices(context, null, [{ currency: 'EUR', amount: '9', ...price }])
async function told(price: Partial<PriceStated> & { readonly sku: string }) {
  const { channels } = await set(price)
  const [effect] = channels
  return { effect, words: effect === undefined ? '' : effectWords(effect, at => String(at).slice(0, 10)), count: channels.length }
}

test('a price that simply goes out says so, in each channel of its currency', async () => {
  const { effect, words, count } = await told({ sku: sku(0) })
  expect(count).toBe(1)
  expect(effect).toMatchObject({ line: 0, sku: sku(0), channel: 'shop', outcome: 'goes', shows: { regular: '9' }, now: { regular: '10' } })
  expect(words).toBe('shop: shown from now on: 9.00 EUR')
  await shop.push()
  expect((await told({ sku: sku(0) })).effect).toMatchObject({ outcome: 'same' })
})

test('a list that goes before it is named, with what buyers pay by it and until when', async () => {
  await priceList(sql, {
    code: 'club',
    audience: 'channel',
    of: 'shop',
    endsAt: '2035-01-01T00:00:00Z',
    entries: [{ sku: sku(1), rule: 'fixed', value: '8.5' }],
  })
  const { effect, words } = await told({ sku: sku(1) })
  expect(effect?.over).toEqual({ track: 'regular', list: 'club', amount: '8.5', until: '2035-01-01T00:00:00.000Z' })
  expect(words).toBe('shop: shown from now on: 8.50 EUR; list club, goes before the typed price with 8.50 EUR until 2035-01-01')
})

test('so is a sale that is in force, and a price that was typed for the channel', async () => {
  await priceList(sql, { code: 'week', kind: 'sale', entries: [{ sku: sku(2), rule: 'fixed', value: '7' }] })
  expect((await told({ sku: sku(2) })).effect?.over).toEqual({ track: 'sale', list: 'week', amount: '7' })
  await set({ sku: sku(3), channel: 'shop', amount: '9.5' })
  expect((await told({ sku: sku(3) })).effect?.over).toEqual({ track: 'regular', channel: 'shop', amount: '9.5' })
})

test('a dated price is weighed at its beginning', async () => {
  const dated = { from: '2034-01-01T00:00:00Z', to: '2034-02-01T00:00:00Z' }
  expect((await told({ sku: sku(4), amount: '8', ...dated })).effect?.over).toBeUndefined()
  await priceList(sql, {
    code: 'loud',
    kind: 'sale',
    audience: 'channel',
    of: 'shop',
    entries: [{ sku: sku(5), rule: 'fixed', value: '7' }],
  })
  expect((await told({ sku: sku(5), amount: '8', ...dated })).effect?.over).toEqual({ track: 'sale', list: 'loud', amount: '7' })
})

test('one that the guard holds, or somebody rejected, says what buyers go on seeing', async () => {
  const first = await told({ sku: sku(6), amount: '4' })
  expect(first.effect).toMatchObject({ outcome: 'held', limit: 'dropped', now: { regular: '10' } })
  expect(first.words).toContain('4.00 EUR is held by the guard (it falls too far), buyers go on seeing 10.00 EUR')
  await shop.push()
  const again = await told({ sku: sku(6), amount: '4' })
  expect(again.effect).toMatchObject({ outcome: 'held', incident: expect.any(Number) })
  await decideQuarantine(context, null, again.effect?.incident ?? 0, { decision: 'reject' }, () => true)
  expect((await told({ sku: sku(6), amount: '4' })).words).toMatch(
    /4\.00 EUR was rejected \(incident \d+\), buyers go on seeing 10\.00 EUR/,
  )
})

test('a price that is ended leaves the platform showing the old one, and says so', async () => {
  const { effect, words } = await told({ sku: sku(7), amount: null })
  expect(effect).toMatchObject({ outcome: 'no_price', shows: null, now: { regular: '10' } })
  expect(words).toBe(
    'shop: no price is left and nothing goes out, buyers go on seeing 10.00 EUR; set another price, or end the listing at the platform',
  )
})

test('more decimals than the currency has are refused, with what would be right, unless the channel states unit prices', async () => {
  await expect(set({ sku: sku(0), amount: '1.999' })).rejects.toMatchObject({
    code: 'invalid',
    detail: { field: 'prices.0.amount', value: '1.999', expected: expect.stringContaining('at most 2 decimals, like 2.00') },
  })
  await sql`select price_policy_set_1(${sql.json({ actor: 'test', channel: 'shop', rounding: { kind: 'none' } })})`
  expect(await set({ sku: sku(0), channel: 'shop', amount: '9.999' })).toMatchObject({ changed: 1 })
})

test('a floor of a channel where the SKU is not listed does not refuse a price for everyone, and is told', async () => {
  await sql`insert into products (handle, title) values ('bare', 'Bare')`
  await sql`insert into variants (product_id, sku, title) select id, 'BARE', '' from products where handle = 'bare'`
  await setPriceLimits(context, null, [{ kind: 'floor', basis: 'manual', sku: 'BARE', channel: 'shop', amount: '20', currency: 'EUR' }])
  const { effect, words } = await told({ sku: 'BARE' })
  expect(effect).toMatchObject({ outcome: 'not_listed', floor: '20' })
  expect(words).toBe('shop: not listed there; it would be below its floor of 20.00 EUR, to which it is lifted when it is listed')
  await expect(set({ sku: 'BARE', channel: 'shop' })).rejects.toMatchObject({ code: 'below_floor' })
})
