import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { readPricePolicies } from '../../db/price-policies.ts'
import { guardedChannel } from '../support/guarded.ts'
import { priceList } from '../support/price-lists.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'
import { wrongs } from './stock-stage.ts'

let stage: UiStage
let pricing: Person
beforeAll(async () => {
  stage = await setUiStage()
  pricing = await stage.person('pricing')
})
afterAll(() => close(stage.sql, 1))

const row = (html: string, id: string): string => textOf(new RegExp(`<tr id="${id}".*?</tr>`, 's').exec(html)?.[0] ?? '')
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()

test('buyers are made and changed: a region, a group of channels, a tier and a partner in it', async () => {
  const fields = { code: '', name: '', tier: '' }
  const bad = await send(stage, '/prices/audiences', pricing, { ...fields, kind: 'region', code: 'Germany!' })
  expect(wrongs(bad.html)).toEqual(['“Germany!” is no code. Use small letters, digits and hyphens.'])
  const region = await send(stage, '/prices/audiences', pricing, { ...fields, kind: 'region', code: 'de', name: 'Germany' })
  expect(flashOf(region.html)).toBe('region de: saved.')
  await send(stage, '/prices/audiences', pricing, { ...fields, kind: 'group', code: 'shops', 'in:shop': 'yes' })
  await send(stage, '/prices/audiences', pricing, { ...fields, kind: 'tier', code: 'gold', name: 'Gold' })
  const { html } = await send(stage, '/prices/audiences', pricing, { ...fields, kind: 'partner', code: 'teehaus', tier: 'gold' })
  expect([row(html, 'region-de'), row(html, 'group-shops'), row(html, 'tier-gold'), row(html, 'partner-teehaus')]).toEqual([
    'de Germany –',
    'shops shops shop',
    'gold Gold 1',
    'teehaus teehaus gold',
  ])
})

test('a channel’s rounding stands with examples, and is refused at its field where it cannot be', async () => {
  const fields = { region: 'de', rounding: 'ending', ending: '0.99', step: '1', direction: 'nearest', exchangeMargin: '1.5', why: '' }
  const wrong = await send(stage, '/prices/channels/shop', pricing, { ...fields, ending: '1.99' })
  expect(wrongs(wrong.html)).toHaveLength(1)
  const set = await send(stage, '/prices/channels/shop', pricing, fields)
  expect(flashOf(set.html)).toBe('shop: saved. Its prices are worked out anew.')
  expect(row(set.html, 'policy-shop')).toContain(
    'de ends in 0.99, steps of 1, to the nearest 11.3046 → EUR 10.99 24.6 → EUR 24.99 99.02 → EUR 98.99 1.5',
  )
  expect((await readPricePolicies(stage.sql, 'shop'))[0]).toMatchObject({ region: 'de', exchangeMargin: '1.5' })
  expect(flashOf((await send(stage, '/prices/channels/shop', pricing, fields)).html)).toBe('shop: nothing changed.')
  // Of published prices it says which move.
  const web = await guardedChannel(stage.sql, 'web', 2)
  await priceList(stage.sql, {
    code: 'web-less',
    audience: 'channel',
    of: 'web',
    entries: [{ rule: 'percent', over: 'plain', value: '-5' }],
  })
  await web.push()
  const moved = await send(stage, '/prices/channels/web', pricing, { ...fields, region: '' })
  expect(flashOf(moved.html)).toBe(
    'web: saved. Its prices are worked out anew. web: 2 move, 0 held. WEB-000000: EUR 9.50 → EUR 9.99; WEB-000001: EUR 9.50 → EUR 9.99',
  )
})

test('tax and exchange rates are set, and what is no number is refused beside its field', async () => {
  const tax = { region: 'de', category: 'standard', percent: '19', from: '', why: '' }
  expect(wrongs((await send(stage, '/prices/rates/tax', pricing, { ...tax, percent: 'a lot' })).html)).toEqual([
    'Percent: “a lot” is not a number from 0 on. Enter for example 19.',
  ])
  const set = await send(stage, '/prices/rates/tax', pricing, tax)
  expect(flashOf(set.html)).toBe('de, standard: 19 %. Prices are worked out anew.')
  expect(textOf(set.html)).toMatch(/de standard 19 % .* pricing@example\.org/)
  const exchange = { from: 'eur', to: 'CHF', rate: '0.9423', since: '', why: '' }
  expect(wrongs((await send(stage, '/prices/rates/exchange', pricing, { ...exchange, to: 'XQZ' })).html)).toEqual([
    '“XQZ” is not a currency. Enter its three letters, for example EUR.',
  ])
  expect(flashOf((await send(stage, '/prices/rates/exchange', pricing, exchange)).html)).toBe(
    '1 EUR = 0.9423 CHF. Prices are worked out anew.',
  )
})

test('a rate is taken back by its row, and the one before it holds again', async () => {
  const { sql } = stage
  const own = { region: 'de', category: 'books', from: '', why: '' }
  await send(stage, '/prices/rates/tax', pricing, { ...own, percent: '5', from: '2026-01-01T00:00' })
  // Set for now: its beginning has microseconds, which the page does not.
  const both = await send(stage, '/prices/rates/tax', pricing, { ...own, percent: '7' })
  const stood = () => sql<{ id: number; percent: string }[]>`
    select t.id, trim_scale(t.percent)::text as percent from tax_rates t where t.category = 'books' and t.superseded_at is null order by starts_at`
  const [before, newest] = await stood()
  expect(row(both.html, `tax-${before?.id}`)).toContain('followed by another')
  expect(row(both.html, `tax-${newest?.id}`)).toContain('holds')
  const from = new RegExp(`<tr id="tax-${newest?.id}".*?name="from" value="([^"]+)"`, 's').exec(both.html)?.[1] ?? ''
  const taken = await send(stage, '/prices/rates/tax/end', pricing, { ...own, from, why: 'wrong' })
  expect(flashOf(taken.html)).toBe('de, books: the rate was taken back. Prices are worked out anew.')
  expect(row(taken.html, `tax-${before?.id}`)).toContain('holds')
  expect(await stood()).toEqual([before])
  expect(flashOf((await send(stage, '/prices/rates/tax/end', pricing, { ...own, from })).html)).toBe(
    'It was taken back already; nothing changed.',
  )
  const html = (await send(stage, '/prices/rates/exchange', pricing, { from: 'EUR', to: 'SEK', rate: '11.2', since: '', why: '' })).html
  const since = /<tr id="exchange-\d+">(?:(?!<\/tr>).)*SEK(?:(?!<\/tr>).)*name="since" value="([^"]+)"/s.exec(html)?.[1] ?? ''
  const gone = await send(stage, '/prices/rates/exchange/end', pricing, { from: 'EUR', to: 'SEK', since, why: '' })
  expect(flashOf(gone.html)).toBe('EUR to SEK: the rate was taken back. Prices are worked out anew.')
  expect(await sql`select from exchange_rates where to_currency = 'SEK' and superseded_at is null`).toHaveLength(0)
  expect((await send(stage, '/prices/rates/tax/end', await stage.person('clerk'), own)).status).toBe(403)
})

test('floors and ceilings are set, found by SKU, and ended', async () => {
  const fields = { kind: 'floor', basis: 'margin', scope: 'all', of: '', value: '15 %', currency: 'EUR', channel: '', why: '' }
  expect(wrongs((await send(stage, '/prices/limits', pricing, { ...fields, scope: 'variant', of: 'MUGG' })).html)).toEqual([
    'There is no SKU MUGG. Check the spelling, or look it up in the list, and try again. Did you mean MUG?',
  ])
  expect(wrongs((await send(stage, '/prices/limits', pricing, { ...fields, kind: 'ceiling' })).html)).toEqual([
    'A margin gives a floor, not a ceiling. Choose another basis.',
  ])
  expect(flashOf((await send(stage, '/prices/limits', pricing, fields)).html)).toBe('Set for all goods. Prices are worked out anew.')
  const own = { ...fields, basis: 'map', scope: 'variant', of: 'MUG', value: '11.5', channel: 'shop' }
  await send(stage, '/prices/limits', pricing, own)
  const mug = textOf((await visit(stage, '/prices/limits?sku=MUG', pricing)).html)
  expect(mug).toMatch(/all goods floor margin over cost 15 % every channel .* MUG floor minimum advertised price EUR 11\.50 shop/)
  expect(textOf((await visit(stage, '/prices/limits?sku=PEN', pricing)).html)).not.toContain('EUR 11.50')
  const ended = await send(stage, '/prices/limits/end', pricing, own)
  expect(flashOf(ended.html)).toBe('Ended for MUG. Prices are worked out anew.')
  expect(textOf(ended.html)).not.toContain('EUR 11.50')
})

test('what begins and ends stands in the order of time, with when each channel shows it', async () => {
  expect(textOf((await visit(stage, '/prices/calendar', pricing)).html)).toContain('Nothing begins or ends in the next 30 days.')
  const { sql } = stage
  await sql`update channels set publish_prices = true where code = 'shop'`
  const [begin, end] = [inDays(2), inDays(5)]
  await priceList(sql, {
    code: 'flash',
    kind: 'sale',
    startsAt: begin,
    endsAt: end,
    entries: [{ rule: 'percent', over: 'plain', value: '-10' }],
  })
  await priceList(sql, { code: 'far', kind: 'sale', startsAt: inDays(45), entries: [{ rule: 'percent', over: 'plain', value: '-10' }] })
  await sql`select prices_set_1(${sql.json({ actor: 'test', prices: [{ sku: 'PEN', currency: 'EUR', amount: '9', channel: 'shop', from: inDays(1), to: inDays(3) }] })})`
  const { html } = await visit(stage, '/prices/calendar', pricing)
  const text = textOf(html)
  expect(text).toMatch(/begins Price of PEN EUR 9\.00 shop .* begins flash .* sale · Entries 1 everyone .* ends Price of PEN .* ends flash/)
  expect(text).toContain('shop: 3, within a second')
  expect(text).not.toContain('far')
})

test('is read by a clerk without forms, and speaks one language at a time', async () => {
  const clerk = await stage.person('clerk')
  const cookie = 'concord_language=zh-CN'
  for (const path of ['channels', 'rates', 'limits', 'audiences', 'calendar']) {
    const page = await visit(stage, `/prices/${path}`, clerk)
    expect(page.status, path).toBe(200)
    expect(page.html, path).not.toContain('hx-post')
    expect(englishLeft((await visit(stage, `/prices/${path}`, pricing, { cookie })).html, ['Title of flash']), path).toEqual([])
  }
  expect((await send(stage, '/prices/limits', clerk, { kind: 'floor' })).status).toBe(403)
})
