import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { putAudience } from '../../src/usecases/audiences.ts'
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
  const { sql } = stage
  await priceList(sql, { code: 'spring', kind: 'sale', entries: [{ rule: 'percent', over: 'plain', value: '-12' }] })
  await priceList(sql, {
    code: 'pens',
    kind: 'sale',
    audience: 'channel',
    of: 'shop',
    entries: [{ sku: 'PEN', rule: 'fixed', value: '9' }],
  })
  const policy = { actor: 'test', channel: 'shop', rounding: { kind: 'ending', step: '1', ending: '0.99', direction: 'nearest' } }
  await sql`select price_policy_set_1(${sql.json(policy)})`
  const floor = { kind: 'floor', basis: 'map', scope: 'variant', sku: 'ATTACK', amount: '11.50', percent: null, currency: 'EUR' }
  await sql`select price_limits_set_1(${sql.json({ actor: 'test', limits: [floor] })})`
  await sql`
    insert into publication_history (listing_id, field, event, value, at)
    select l.id, 'price', 'applied', jsonb_build_object('currency', 'EUR', 'regular', amount, 'sale', null), clock_timestamp() - make_interval(days => days)
    from listings l, (values (40, '9'), (20, '11'), (10, '12.5')) p(days, amount) where l.external_sku = 'MUG'`
})
afterAll(() => close(stage.sql, 1))

const part = (html: string, id: string): string =>
  textOf(new RegExp(`<section class="panel[^>]*id="${id}".*?</section>\\s*(?=<section class="panel|</div>)`, 's').exec(html)?.[0] ?? '')
const row = (html: string): string => textOf(/<tr id="price-in-shop".*?<\/tr>/s.exec(html)?.[0] ?? '')

test('each channel stands with what buyers pay, the sale, the lowest price of the 30 days before, and how far it got', async () => {
  const { html } = await visit(stage, '/skus/MUG/prices', pricing)
  // 12.50 less 12 percent is 11.00, which rounds to 10.99; 9 was shown within the 30 days before the sale began.
  expect(row(html)).toMatch(
    /^shop with tax EUR 10\.99 EUR 12\.50 EUR 10\.99 EUR 9\.00 EUR 9\.00 read .* differs Publishing of prices is off$/,
  )
})

test('a price is explained step by step: what won, the rule, the rounding, and what it went before', async () => {
  const why = part((await visit(stage, '/skus/MUG/prices', pricing)).html, 'why-shop')
  expect(why).toMatch(/Regular price The price typed for everyone · by test.* typed EUR 12\.50 shown EUR 12\.50/)
  expect(why).toMatch(
    /Sale List spring for everyone · by ana, .* the SKU’s own price EUR 12\.50 −12 % EUR 11\.00 rounded as the channel rounds EUR 10\.99 shown EUR 10\.99/,
  )
  const pen = part((await visit(stage, '/skus/PEN/prices', pricing)).html, 'why-shop')
  expect(pen).toMatch(
    /Sale List pens for channel shop · by ana, .* fixed on the list EUR 9\.00 shown EUR 9\.00 Goes before: List spring for everyone EUR 11\.00/,
  )
})

test('a price that gives way to its floor says which, and is rounded upwards', async () => {
  const why = part((await visit(stage, '/skus/ATTACK/prices', pricing)).html, 'why-shop')
  expect(why).toContain('lifted to its floor: minimum advertised price EUR 11.99 shown EUR 11.99')
  expect(why).toContain('Floor: EUR 11.50 (minimum advertised price 11.5 EUR)')
})

test('the past is told by what was known then, and what is no instant is said to be none', async () => {
  const past = await visit(stage, '/skus/MUG/prices?at=2020-01-01T00:00', pricing)
  expect(textOf(past.html)).toContain('As it was, by what was known then: 2020-01-01 00:00:00')
  const wrong = await visit(stage, '/skus/MUG/prices?at=soon', pricing)
  expect(textOf(wrong.html)).toContain('“soon” is no instant. Below is how it is now.')
  expect(row(wrong.html)).toContain('EUR 10.99')
})

test('what buyers were shown is drawn by channel, with the lowest of 30 days and the periods as numbers', async () => {
  const { html } = await visit(stage, '/skus/MUG/prices?days=30', pricing)
  const history = part(html, 'history')
  expect(history).toContain('Lowest of the last 30 days: EUR 9.00')
  expect(history).toMatch(/still EUR 12\.50 EUR 12\.50 .* EUR 11\.00 EUR 11\.00 .* EUR 9\.00 EUR 9\.00/)
  expect(html).toMatch(/<div class="chart" role="img" aria-label="Price in shop over time"><svg/)
})

test('a typed price below its floor is refused beside the amount with the arithmetic, and a right one comes back to the page', async () => {
  const fields = { page: 'prices', target: 'base:EUR', amount: '11.20', from: '', to: '' }
  const refused = await send(stage, '/skus/ATTACK/price', pricing, { ...fields, sure: 'yes' })
  expect(wrongs(refused.html)).toEqual([
    'ATTACK at EUR 11.20 is below its floor in shop: minimum advertised price EUR 11.50. Nothing was changed.',
  ])
  expect(refused.html).toContain('value="11.20"')
  const set = await send(stage, '/skus/ATTACK/price', pricing, { ...fields, amount: '14', sure: 'yes' })
  expect(flashOf(set.html)).toContain('ATTACK: EUR 14.00 for Everyone, EUR.')
  expect(row(set.html)).toContain('EUR 14.00')
})

test('a price is rehearsed before it is set: what each channel would show, or why it would be refused, and only then the confirmation', async () => {
  const { sql } = stage
  await sql`update channels set publish_prices = true where code = 'shop'`
  const stands = () =>
    sql`select trim_scale(p.amount)::text as amount from prices p join variants v on v.id = p.variant_id where v.sku = 'PEN' and p.superseded_at is null`
  const fields = { page: 'prices', target: 'base:EUR', amount: '13.50', from: '', to: '' }
  const rehearsed = await send(stage, '/skus/PEN/price', pricing, fields)
  const panel = part(rehearsed.html, 'rehearsed')
  expect(panel).toMatch(
    /EUR 13\.50 for Everyone, EUR What it would do 1 SKU is priced anew\. Nothing is sent by looking\..* shop 1 1 0 0 0 PEN: EUR 12\.50/,
  )
  expect(rehearsed.html).toContain('Set this price')
  expect(await stands()).toEqual([{ amount: '12.5' }])
  expect(rehearsed.html).toMatch(/<input[^>]*type="hidden"[^>]*name="sure"[^>]*value="yes"/)
  // The form beside keeps what was typed, for another try.
  expect(/id="change-price".*/s.exec(rehearsed.html)?.[0]).toContain('value="13.50"')
  const set = await send(stage, '/skus/PEN/price', pricing, { ...fields, sure: 'yes' })
  expect(flashOf(set.html)).toContain('PEN: EUR 13.50 for Everyone, EUR.')
  expect(await stands()).toEqual([{ amount: '13.5' }])
  const same = textOf((await send(stage, '/skus/PEN/price', pricing, fields)).html)
  expect(same).toContain('It stands like this already')
  expect(same).not.toContain('Set this price')
  const below = textOf((await send(stage, '/skus/ATTACK/price', pricing, { ...fields, amount: '11.20' })).html)
  expect(below).toContain('It would be refused: ATTACK at EUR 11.20 is below its floor in shop')
  expect(below).not.toContain('Set this price')
  // What falls too far would be held back, and the rehearsal says so.
  const drop = part(
    (await send(stage, '/skus/MUG/price', pricing, { ...fields, target: 'channel:shop:EUR', amount: '2', from: '2026-01-01T00:00' })).html,
    'rehearsed',
  )
  expect(drop).toMatch(/shop 1 0 1 0 0 .* held back: drops too far/)
  await sql`update channels set publish_prices = false where code = 'shop'`
})

test('what cannot be a price is refused at its field before anything is rehearsed', async () => {
  const fields = { page: 'prices', target: 'base:EUR', amount: '14', from: '2031-01-02T00:00', to: '2031-01-01T00:00' }
  expect(wrongs((await send(stage, '/skus/PEN/price', pricing, fields)).html)).toEqual([
    'The end is not after the beginning. Choose a later end.',
  ])
  expect(wrongs((await send(stage, '/skus/PEN/price', pricing, { ...fields, from: '' })).html)).toEqual([
    'A price that ends needs a beginning too. Fill in “From”.',
  ])
  const odd = await visit(stage, '/skus/PEN/price?target=base:XXX&amount=soon', pricing)
  expect(textOf(odd.html)).toContain('It would be refused')
  const clerk = await stage.person('clerk')
  expect((await visit(stage, '/skus/PEN/price?target=base:EUR&amount=14', clerk)).status).toBe(403)
  const chinese = await visit(stage, '/skus/PEN/price?target=base:EUR&amount=14', pricing, { cookie: 'concord_language=zh-CN' })
  expect(englishLeft(chinese.html)).toEqual([])
})

test('a partner and a quantity are priced with their reasons, and all breaks stand in a table', async () => {
  const { sql } = stage
  await putAudience(stage.context, null, 'partner', 'teehaus', { name: 'Teehaus' })
  await priceList(sql, {
    code: 'teehaus-prices',
    audience: 'partner',
    of: 'teehaus',
    entries: [
      { sku: 'MUG', rule: 'fixed', value: '10.5' },
      { sku: 'MUG', rule: 'fixed', value: '9.75', minQuantity: 10 },
    ],
  })
  await priceList(sql, { code: 'many', entries: [{ sku: 'MUG', rule: 'fixed', value: '10.25', minQuantity: 50 }] })
  const { html } = await visit(stage, '/skus/MUG/prices?partner=teehaus&quantity=12', pricing)
  expect(textOf(html)).toContain('What teehaus pays for each of 12')
  expect(row(html)).toMatch(/^shop with tax EUR 9\.75 EUR 9\.75/)
  expect(part(html, 'why-shop')).toContain('List teehaus-prices for partner teehaus')
  const rowOf = (partner: string): string => textOf(new RegExp(`<tr id="breaks-shop-${partner}".*?</tr>`, 's').exec(html)?.[0] ?? '')
  expect(part(html, 'breaks')).toContain('Channel Buyer from 1 from 10 from 12 from 50')
  expect(rowOf('teehaus')).toBe(
    'shop teehaus EUR 10.50 list teehaus-prices EUR 9.75 list teehaus-prices EUR 9.75 list teehaus-prices EUR 9.75 list teehaus-prices',
  )
  // Anybody pays the typed price less the spring sale, and from 50 on the price of the list.
  expect(rowOf('')).toMatch(/^shop anybody (EUR 10\.99 list spring · sale ){3}EUR 10\.25 list many$/)
  const wrong = textOf((await visit(stage, '/skus/MUG/prices?partner=nobody&quantity=1', pricing)).html)
  expect(wrong).toContain('There is no partner nobody: below is what anybody pays.')
  expect(textOf((await visit(stage, '/skus/MUG/prices?quantity=-3', pricing)).html)).toContain('“-3” is no quantity')
})

test('how a SKU is taxed is told with the rates of it, and changed', async () => {
  const { sql } = stage
  await putAudience(stage.context, null, 'region', 'de', { name: 'Germany' })
  await sql`select tax_rates_set_1(${sql.json({ actor: 'test', rates: [{ region: 'de', category: 'reduced', percent: '7' }] })})`
  expect(part((await visit(stage, '/skus/MUG/prices', pricing)).html, 'taxed')).toContain(
    'standard Rates of it now – No region has a rate of it',
  )
  expect(wrongs((await send(stage, '/skus/MUG/tax', pricing, { category: 'Reduced!', why: '' })).html)).toEqual([
    '“Reduced!” is no tax category. Use small letters, digits and hyphens, for example reduced.',
  ])
  const set = await send(stage, '/skus/MUG/tax', pricing, { category: 'reduced', why: 'books' })
  expect(flashOf(set.html)).toBe('MUG is taxed as reduced. Prices are worked out anew.')
  expect(part(set.html, 'taxed')).toContain('reduced Rates of it now de 7 %')
  expect((await send(stage, '/skus/MUG/tax', await stage.person('clerk'), { category: 'standard' })).status).toBe(403)
})

test('is seen by a clerk without the form, and speaks one language at a time', async () => {
  const clerk = await stage.person('clerk')
  const page = await visit(stage, '/skus/MUG/prices', clerk)
  expect(page.status).toBe(200)
  expect(page.html).not.toContain('name="amount"')
  expect((await visit(stage, '/skus/MUG/prices', await stage.person('partner'))).status).toBe(403)
  expect((await visit(stage, '/skus/NONE/prices', clerk)).status).toBe(404)
  expect(englishLeft((await visit(stage, '/skus/MUG/prices', pricing, { cookie: 'concord_language=zh-CN' })).html)).toEqual([])
})

test('of an instant to come it is told what the guard holds now, with the next step', async () => {
  const web = await guardedChannel(stage.sql, 'web', 2)
  const [sku = ''] = web.skus
  await web.setPrices('4', [sku])
  await web.push()
  const rowIn = (html: string): string => textOf(/<tr id="price-in-web".*?<\/tr>/s.exec(html)?.[0] ?? '')
  const there = `/skus/${sku}/prices?at=2098-01-01T00:00`
  expect(rowIn((await visit(stage, there, pricing)).html)).toMatch(/As things stand now: .*is held back/)
  expect(rowIn((await visit(stage, there, pricing, { cookie: 'concord_language=zh-CN' })).html)).toContain('按目前情况：')
  expect(rowIn((await visit(stage, `/skus/${sku}/prices`, pricing)).html)).not.toContain('As things stand now')
})
