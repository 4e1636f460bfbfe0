import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
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
  textOf(new RegExp(`<section class="panel"[^>]*id="${id}".*?</section>\\s*(?=<section class="panel"|</div>)`, 's').exec(html)?.[0] ?? '')
const row = (html: string): string => textOf(/<tr id="price-in-shop".*?<\/tr>/s.exec(html)?.[0] ?? '')

test('each channel stands with what buyers pay, the sale, the lowest price of the 30 days before, and how far it got', async () => {
  const { html } = await visit(stage, '/skus/MUG/prices', pricing)
  // 12.50 less 12 percent is 11.00, which rounds to 10.99; 9 was shown within the 30 days before the sale began.
  expect(row(html)).toMatch(/^shop with tax EUR 10\.99 EUR 12\.50 EUR 10\.99 EUR 9\.00 EUR 12\.50 /)
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
  const refused = await send(stage, '/skus/ATTACK/price', pricing, fields)
  expect(wrongs(refused.html)).toEqual([
    'ATTACK at EUR 11.20 is below its floor in shop: minimum advertised price EUR 11.50. Nothing was changed.',
  ])
  expect(refused.html).toContain('value="11.20"')
  const set = await send(stage, '/skus/ATTACK/price', pricing, { ...fields, amount: '14' })
  expect(flashOf(set.html)).toContain('ATTACK: EUR 14.00 for Everyone, EUR.')
  expect(row(set.html)).toContain('EUR 14.00')
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
