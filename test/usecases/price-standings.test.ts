import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { channelDifferences, channelHead } from '../../db/pages-channel.ts'
import type { Context } from '../../src/usecases/context.ts'
import { explainPrice } from '../../src/usecases/explain-price.ts'
import { explainPriceText } from '../../src/usecases/explain-price-text.ts'
import { decideQuarantine } from '../../src/usecases/guard.ts'
import { resolvePrices } from '../../src/usecases/resolve-prices.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { contextOf } from './import-support.ts'

let sql: Sql
let context: Context
let shop: Guarded
let sku: string

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  shop = await guardedChannel(sql, 'shop', 3)
  sku = shop.skus[0] ?? ''
})

const stands = async () => {
  const { items } = await resolvePrices(context, { channel: 'shop', skus: [sku] })
  return { amount: items[0]?.amount, ...items[0]?.listings?.[0] }
}
const text = async () => explainPriceText(await explainPrice(context, sku), at => String(at).slice(0, 4))

test('a price that buyers see is told as such', async () => {
  expect(await stands()).toMatchObject({ amount: '10', stands: 'shown', shows: { regular: '10' }, incident: null, next: null })
})

test('what buyers see is as of when it was sent, where the platform was read before', async () => {
  await sql`update publications set read_at = clock_timestamp() - interval '1 hour' where field = 'price'`
  const began = new Date().toISOString()
  await shop.setPrices('10.5', [sku])
  await shop.push()
  const seen = await stands()
  expect(seen).toMatchObject({ stands: 'shown', shows: { regular: '10.5' } })
  expect(String(seen.readAt) > began).toBe(true)
  await shop.setPrices('10', [sku])
  await shop.push()
})

test('a price that the guard holds is not what buyers see: they see what was read, and who decides where is told', async () => {
  await shop.setPrices('4', [sku])
  await shop.push()
  const held = await stands()
  expect(held).toMatchObject({ amount: '4', stands: 'held', by: null, wanted: { regular: '4' }, shows: { regular: '10' } })
  expect(held.next).toContain(`concord guard show ${held.incident}`)
  expect(held.reason).toContain('falls by more than 50 %')
  const told = await text()
  expect(told).toContain('shop: by lists and rules 4.00 EUR with tax')
  expect(told).toContain('buyers see 10.00 EUR, as read at')
  expect(told).toMatch(/the new price is held by the guard \(incident \d+\) since \d{4}: 4\.00 EUR/)

  const head = await channelHead(sql, 'shop')
  expect(head).toMatchObject({ held: 1, pricesDiffer: 0 })
  expect(await channelDifferences(sql, head?.id ?? 0, 10)).toMatchObject([
    { sku, field: 'price', shown: { regular: '10' }, intended: { regular: '4' }, incident: held.incident, isRejected: false },
  ])
})

test('who asks for a time to come hears of the guard that holds the price now, and of a sale ahead, with the reason and the next step', async () => {
  const at = new Date(Date.now() + 86_400_000).toISOString()
  const explained = await explainPrice(context, sku, { channel: 'shop', at })
  expect(explained.channels).toMatchObject([{ amount: '4', listings: null, heldNow: [{ stands: 'held', wanted: { regular: '4' } }] }])
  const told = explainPriceText(explained, day => String(day).slice(0, 4))
  expect(told).toMatch(
    /as things stand now:\n {6}buyers see 10\.00 EUR, .+\n {6}the new price is held by the guard \(incident \d+\) since \d{4}: 4\.00 EUR\n {6}because: .+\n {6}next: decide: "concord guard show/,
  )
  expect((await explainPrice(context, shop.skus[1] ?? '', { at })).channels).toMatchObject([{ listings: null, heldNow: [] }])
  expect((await explainPrice(context, sku)).channels).toMatchObject([{ listings: [{ stands: 'held' }], heldNow: [] }])
})

test('and one that somebody rejected tells by whom, and how it goes out after all', async () => {
  const { incident } = await stands()
  await decideQuarantine({ ...context, actor: 'user:ben' }, null, incident ?? 0, { decision: 'reject' }, () => true)
  expect(await stands()).toMatchObject({ amount: '4', stands: 'rejected', by: 'user:ben', shows: { regular: '10' } })
  expect(await text()).toMatch(/the new price was rejected \(incident \d+ by user:ben\)/)
  expect(await text()).toContain(`next: set another price, or let it out after all: "concord guard approve ${incident}"`)
  expect(await channelDifferences(sql, shop.channelId, 10)).toMatchObject([{ sku, isRejected: true }])

  await decideQuarantine(context, null, incident ?? 0, { decision: 'approve' }, () => true)
  expect(await stands()).toMatchObject({ stands: 'under_way' })
  await shop.push()
  expect(await stands()).toMatchObject({ stands: 'shown', shows: { regular: '4' } })
})

test('where prices are not published the next step is to turn them on; of another instant, and for a quantity, nobody sees anything', async () => {
  await sql`update channels set publish_prices = false where code = 'shop'`
  await shop.setPrices('5', [sku])
  await shop.push()
  expect(await stands()).toMatchObject({
    amount: '5',
    stands: 'off',
    next: 'turn its prices on: "concord channel publish shop --prices on"',
  })
  const asked = (more: object) => resolvePrices(context, { channel: 'shop', skus: [sku], ...more })
  expect((await asked({ quantity: 5 })).items[0]?.listings).toBeNull()
  expect((await asked({ at: '2035-01-01T00:00:00Z' })).items[0]?.listings).toBeNull()
})
