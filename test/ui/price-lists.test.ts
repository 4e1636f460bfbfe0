import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { guardedChannel } from '../support/guarded.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'
import { wrongs } from './stock-stage.ts'

let stage: UiStage
let pricing: Person
let ana: Person
beforeAll(async () => {
  stage = await setUiStage()
  pricing = await stage.person('pricing')
  ana = await stage.person('operations')
})
afterAll(() => close(stage.sql, 1))

const terms = {
  title: 'Summer',
  kind: 'sale',
  audience: 'channel:shop',
  currency: 'EUR',
  tax: '',
  priority: '0',
  from: '',
  to: '',
  why: '',
}
const entry = { scope: 'variant', of: 'MUG', rule: 'percent', over: 'plain', base: '', value: '−10', quantity: '1', why: 'season' }
const panel = (html: string, id: string): string =>
  textOf(new RegExp(`<section[^>]*id="${id}".*?</section>\\s*(?=<section|<div|</main)`, 's').exec(html)?.[0] ?? '')
const version = (html: string): string => /name="version" value="(\d+)"/.exec(html)?.[1] ?? ''

describe('a price list', () => {
  test('begins at local midnight of the zone that is chosen', async () => {
    const local = { ...terms, code: 'midnight', zone: 'Europe/Berlin', from: '2030-07-01T00:00', to: '2030-12-01T00:00' }
    await stage.sql`update channels set zone = 'Europe/Berlin' where code = 'shop'`
    const made = await send(stage, '/prices/lists/new', pricing, local)
    expect(textOf(made.html)).toContain('2030-06-30 22:00 – 2030-11-30 23:00')
    await send(stage, '/prices/lists/midnight/end', pricing, { why: '' })
  })

  test('says the next step where there is none', async () => {
    expect(textOf((await visit(stage, '/prices', pricing)).html)).toContain('No price list yet. Make one with “New price list”')
  })

  test.each([
    [{ code: 'Summer 27' }, '“Summer 27” is no code. Use small letters, digits and hyphens, for example summer-2027.'],
    [{ code: 'summer', priority: 'high' }, 'Priority: “high” is not a whole number. Enter for example 10.'],
    [{ code: 'summer', title: '' }, 'Title is missing. Fill it in and save again.'],
  ])('is refused at its field: %j', async (wrong, words) => {
    const page = await send(stage, '/prices/lists/new', pricing, { ...terms, ...wrong })
    expect(wrongs(page.html)).toEqual([words])
  })

  test('is made as a draft, gets an entry, is looked through before it is approved by another, and shows who did what', async () => {
    const made = await send(stage, '/prices/lists/new', pricing, { ...terms, code: 'summer', fourEyes: 'yes' })
    expect(flashOf(made.html)).toBe('List summer is a draft. Add its prices below.')
    expect(textOf(made.html)).toContain('No entry yet: a list without entries prices nothing.')

    const here = '/prices/lists/summer'
    const wrong = await send(stage, `${here}/entries`, pricing, { ...entry, of: 'MUGG' })
    expect(wrongs(wrong.html)).toEqual([
      'There is no SKU MUGG. Check the spelling, or look it up in the list, and try again. Did you mean MUG?',
    ])
    const set = await send(stage, `${here}/entries`, pricing, entry)
    expect(flashOf(set.html)).toContain('List summer: set for MUG')
    expect(textOf(set.html)).toContain('−10 % on the SKU’s own price')
    expect(textOf(set.html)).toContain('Your role may not approve prices. Ask somebody who may.')
    expect(set.html).not.toContain(`${here}/approve"`)

    const seen = await visit(stage, here, ana)
    const preview = textOf(/<div id="preview".*?<\/div>/s.exec(seen.html)?.[0] ?? '')
    // 12.50 less 10 percent, in the one channel that it is for; its prices are not published yet.
    expect(preview).toContain('1 SKU is priced anew. Nothing is sent by looking.')
    expect(preview).toMatch(/shop 1 0 0 0 1 MUG: EUR 12\.50 → EUR 12\.50 · sale 11\.25 not published/)

    const approved = await send(stage, `${here}/approve`, ana, { version: version(seen.html), why: 'as agreed' })
    expect(flashOf(approved.html)).toBe('List summer was approved. The channels follow.')
    expect(panel(approved.html, 'history')).toMatch(
      /operations@example\.org approved .* as agreed .* pricing@example\.org MUG .* −10 % on the SKU’s own price season/,
    )
    const list = await visit(stage, '/prices?show=live', pricing)
    expect(textOf(/<tr id="list-summer".*?<\/tr>/s.exec(list.html)?.[0] ?? '')).toMatch(
      /^summer Summer channel shop sale EUR from now on 0 1 .* live$/,
    )
    expect((await visit(stage, '/prices?show=ended', pricing)).html).not.toContain('list-summer')
  })

  test('names the SKUs that another list goes before', async () => {
    await send(stage, '/prices/lists/new', pricing, { ...terms, code: 'wide', audience: 'everyone' })
    const page = await send(stage, '/prices/lists/wide/entries', pricing, entry)
    const beaten = (html: string) => textOf(/<p[^>]*id="beaten-shop".*?<\/p>/s.exec(html)?.[0] ?? '')
    expect(beaten(page.html)).toBe('In shop 1 SKU of it shows another price, which goes before it: MUG ( summer EUR 11.25)')
    const chinese = await visit(stage, '/prices/lists/wide', pricing, { cookie: 'concord_language=zh-CN' })
    expect(beaten(chinese.html)).toContain('在 shop 中，此表有 1 个商品编码显示优先级更高的其他价格')
    await send(stage, '/prices/lists/wide/end', pricing, { why: '' })
  })

  test('marked four eyes is not approved by the writer, and the decision names the version that was seen', async () => {
    const here = '/prices/lists/summer'
    const set = await send(stage, `${here}/entries`, ana, { ...entry, value: '-20' })
    expect(flashOf(set.html)).toBe('List summer: set for MUG, waits for approval.')
    expect(textOf(set.html)).toContain('You wrote this. The list is marked four eyes: somebody else approves it.')
    expect(set.html).not.toContain(`action="${here}/approve"`)
    const own = await send(stage, `${here}/approve`, ana, { version: version(set.html) })
    expect(flashOf(own.html)).toBe('Not allowed You wrote this. The list is marked four eyes: somebody else approves it.')
    const admin = await stage.person('admin')
    const stale = await send(stage, `${here}/approve`, admin, { version: '1' })
    expect(flashOf(stale.html)).toContain('Changed meanwhile: load the page again')
    const rejected = await send(stage, `${here}/reject`, admin, { version: version(set.html) })
    expect(flashOf(rejected.html)).toBe('List summer: what waited was set aside.')
    expect(textOf(rejected.html)).toContain('−10 % on the SKU’s own price')
  })

  test('tells before its approval what the guard will hold when it begins, which can be let pass', async () => {
    const shop = await guardedChannel(stage.sql, 'guarded', 2)
    const here = '/prices/lists/winter'
    const later = { ...terms, code: 'winter', kind: 'price', audience: 'channel:guarded', from: '2098-12-01T00:00', zone: 'UTC' }
    await send(stage, '/prices/lists/new', pricing, later)
    await send(stage, `${here}/entries`, pricing, { ...entry, of: shop.skus[0] ?? '', rule: 'fixed', value: '4' })
    const seen = await visit(stage, here, ana)
    expect(textOf(/<div[^>]*id="ahead-guarded".*?<\/div>/s.exec(seen.html)?.[0] ?? '')).toMatch(
      /^The guard of guarded will hold 1 price when the list begins\. 2098-12-01 00:00:00 1 falls by more than 50 %\. GUARDED-000000: EUR 10\.00 → EUR 4\.00/,
    )
    const chinese = await visit(stage, here, ana, { cookie: 'concord_language=zh-CN' })
    expect(textOf(chinese.html)).toContain('价格表开始时，guarded 的防护将暂缓 1 个价格。')
    expect(textOf(seen.html)).toMatch(
      /Now no channel would show another price\. What would change at 2098-12-01 00:00:00 .*guarded 1 0 1 0 0 GUARDED-000000: EUR 10\.00 → EUR 4\.00 held back: drops too far/,
    )
    expect(textOf(chinese.html)).toMatch(/目前没有渠道会显示不同的价格。 届时的变化： 2098-12-01/)
    expect(seen.html).toContain('name="acceptHeld"')
    const done = await send(stage, `${here}/approve`, ana, { version: version(seen.html), acceptHeld: 'yes' })
    expect(flashOf(done.html)).toBe('List winter was approved. The channels follow.')
    expect([...(await stage.sql`select value->>'regular' as regular, approved_by from guard_approvals`)]).toEqual([
      { regular: '4', approved_by: 'user:operations@example.org' },
    ])
    await send(stage, '/prices/lists/winter/end', ana, { why: '' })
  })

  test('refuses a price below a floor with the arithmetic, beside the value', async () => {
    await stage.sql`select price_limits_set_1(${stage.sql.json({ actor: 'test', limits: [{ kind: 'floor', basis: 'manual', scope: 'variant', sku: 'PEN', amount: '9', percent: null, currency: 'EUR' }] })})`
    const page = await send(stage, '/prices/lists/summer/entries', pricing, { ...entry, of: 'PEN', rule: 'fixed', value: '8.50' })
    expect(wrongs(page.html)).toEqual(['PEN at EUR 8.50 is below its floor in shop: floor set by hand EUR 9.00. Nothing was changed.'])
  })

  test('is ended by whoever may approve, where it is marked four eyes', async () => {
    const refused = await send(stage, '/prices/lists/summer/end', pricing, { why: '' })
    expect(flashOf(refused.html)).toContain('Not allowed')
    const ended = await send(stage, '/prices/lists/summer/end', ana, { why: 'done with it' })
    expect(flashOf(ended.html)).toBe('List summer was ended. The channels follow.')
    expect(textOf(ended.html)).toContain('This list has ended. For new prices, make another.')
  })

  test('is read by a clerk, written by those who price, and never seen by strangers', async () => {
    const clerk = await stage.person('clerk')
    const page = await visit(stage, '/prices', clerk)
    expect(page.status).toBe(200)
    expect(page.html).not.toContain('/prices/lists/new')
    expect((await visit(stage, '/prices/lists/new', clerk)).status).toBe(403)
    expect((await visit(stage, '/prices', await stage.person('partner'))).status).toBe(403)
    expect((await send(stage, '/prices/lists/summer/approve', pricing, { version: '1' })).status).toBe(403)
  })
})

test('speaks one language at a time', async () => {
  const cookie = 'concord_language=zh-CN'
  for (const path of ['/prices', '/prices/lists/new', '/prices/lists/summer', '/held'])
    expect(englishLeft((await visit(stage, path, ana, { cookie })).html, ['done with it']), path).toEqual([])
})
