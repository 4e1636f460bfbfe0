import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { bringMarketOffers } from '../../src/usecases/market-offers.ts'
import { repriceNext } from '../../src/usecases/reprice.ts'
import { priceList } from '../support/price-lists.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'
import { wrongs } from './stock-stage.ts'

let stage: UiStage
let pricing: Person
beforeAll(async () => {
  stage = await setUiStage()
  pricing = await stage.person('pricing')
  await priceList(stage.sql, { code: 'web', audience: 'channel', of: 'shop', entries: [] })
})
afterAll(() => close(stage.sql, 1))

const row = (html: string, id: string): string => textOf(new RegExp(`<tr id="${id}".*?</tr>`, 's').exec(html)?.[0] ?? '')
const rule = {
  ...{ code: 'mugs', list: 'web', scope: 'variant', of: 'MUG', mode: 'amount', value: '0.05', most: '', competitors: 'acme, bits' },
  ...{ stepsPerDay: '4', maxAgeMinutes: '1440', warSteps: '1', warWindowMinutes: '1440', why: 'the fair' },
}
const offer = { sku: 'MUG', competitor: 'acme', amount: '11.50', shipping: '', currency: 'EUR', channel: '' }
const reprice = () => repriceNext(stage.context, 100)

test('what a competitor asks is typed in, found by SKU and competitor, and told again with what it was before', async () => {
  expect(textOf((await visit(stage, '/prices/market/offers', pricing)).html)).toContain('npm run -s concord -- market import FILE')
  const wrong = async (fields: object) => wrongs((await send(stage, '/prices/market/offers', pricing, { ...offer, ...fields })).html)
  expect(await wrong({ sku: 'MUGG' })).toEqual([expect.stringContaining('There is no SKU MUGG.')])
  expect(await wrong({ currency: 'XQZ' })).toEqual(['“XQZ” is not a currency. Enter its three letters, for example EUR.'])
  expect(await wrong({ amount: '', shipping: '3' })).toEqual(['Who offers it no more asks no shipping: leave it empty.'])
  const first = await send(stage, '/prices/market/offers', pricing, offer)
  expect(flashOf(first.html)).toBe('MUG: what acme asks was taken in. Rules that follow it are judged anew.')
  expect(flashOf((await send(stage, '/prices/market/offers', pricing, offer)).html)).toBe('MUG: acme asked this already.')
  await send(stage, '/prices/market/offers', pricing, { ...offer, amount: '11', shipping: '0.5', channel: 'shop' })
  await send(stage, '/prices/market/offers', pricing, { ...offer, competitor: 'bits', amount: '11.80' })
  await send(stage, '/prices/market/offers', pricing, { ...offer, competitor: 'bits', amount: '' })
  const found = textOf((await visit(stage, '/prices/market/offers?sku=MUG', pricing)).html)
  expect(found).toMatch(
    /MUG acme anywhere EUR 11\.50 .* MUG acme shop EUR 11\.50 of it EUR 0\.50 shipping .* MUG bits anywhere offered no more/,
  )
  expect(found).not.toContain('EUR 11.80')
  const past = textOf((await visit(stage, '/prices/market/offers?sku=MUG&competitor=bits&past=yes', pricing)).html)
  expect(past).toMatch(/bits anywhere EUR 11\.80 .* past/)
  expect(past).not.toContain('acme')
})

test('a rule is rehearsed SKU by SKU before it is set, then steps with its reason and the steps that are left of the day', async () => {
  expect(wrongs((await send(stage, '/prices/market/rules', pricing, { ...rule, value: '' })).html)).toEqual([
    'Say by how much: an amount, or percent.',
  ])
  expect(wrongs((await send(stage, '/prices/market/rules', pricing, { ...rule, mode: 'match' })).html)).toEqual([
    'The same price needs no value: leave it empty.',
  ])
  expect(wrongs((await send(stage, '/prices/market/rules', pricing, { ...rule, warSteps: '0' })).html)).toEqual([
    'Stops after answers: “0” is not a whole number from 1 to 1000.',
  ])
  const rehearsed = await send(stage, '/prices/market/rules', pricing, rule)
  expect(row(rehearsed.html, 'tried-MUG')).toBe('MUG EUR 12.50 EUR 11.45 4 acme asks EUR 11.50, aim EUR 11.45')
  expect(await stage.sql`select from market_rules`).toHaveLength(0)
  const unknown = await send(stage, '/prices/market/rules', pricing, { ...rule, of: 'GHOST' })
  expect(textOf(unknown.html)).toContain('It would be refused: There is no SKU GHOST.')
  const set = await send(stage, '/prices/market/rules', pricing, { ...rule, sure: 'yes' })
  expect(flashOf(set.html)).toBe('Rule mugs is set. Its SKUs are judged anew now.')
  await reprice()
  const { html } = await visit(stage, '/prices/market/rules/mugs', pricing)
  expect(row(html, 'tried-MUG')).toBe('MUG EUR 11.45 stays 3 It is there already. acme asks EUR 11.50, aim EUR 11.45')
  expect(textOf(/id="steps".*?<\/table>/s.exec(html)?.[0] ?? '')).toMatch(
    /MUG mugs EUR 12\.50 → EUR 11\.45 acme asks EUR 11\.50, aim EUR 11\.45$/,
  )
  expect(textOf(html)).toContain('Competitors acme, bits')
  expect(row((await visit(stage, '/prices/market', pricing)).html, 'rule-mugs')).toBe(
    'mugs MUG 0.05 below the lowest offer acme, bits web follows',
  )
})

test('a price war stops the rule for the SKU: it stands on top with why, and goes on when somebody lets it', async () => {
  const bring = async (amount: string) => {
    await bringMarketOffers(stage.context, null, [{ sku: 'MUG', competitor: 'acme', channel: 'shop', currency: 'EUR', amount }])
    await reprice()
  }
  await bring('11.30')
  await bring('11.10')
  const stopped = await visit(stage, '/prices/market', pricing)
  const [stop] = await stage.sql<{ id: number }[]>`select id from market_stops where resumed_at is null`
  expect(row(stopped.html, `stop-${stop?.id}`)).toMatch(
    /^MUG mugs 1 step down within 1,440 min, each after acme went down after ours It stays at EUR 11\.25; they ask EUR 11\.10\. .* Let it go on$/,
  )
  expect(row(stopped.html, 'rule-mugs')).toContain('stopped for 1')
  const one = await visit(stage, '/prices/market/rules/mugs', pricing)
  expect(row(one.html, 'tried-MUG')).toContain('It is stopped until somebody lets it go on.')
  const cookie = 'concord_language=zh-CN'
  for (const path of [
    '/prices/market',
    '/prices/market/rules/mugs',
    '/prices/market/offers',
    `/prices/market/rehearse?${new URLSearchParams(rule)}`,
  ])
    expect(englishLeft((await visit(stage, path, pricing, { cookie })).html, ['Title of web']), path).toEqual([])
  const goes = await send(stage, '/prices/market/rules/mugs/resume', pricing, { sku: 'MUG', why: 'spoken with them' })
  expect(flashOf(goes.html)).toBe('mugs goes on for MUG.')
  expect(goes.html).not.toContain('id="stops"')
})

test('a rule is changed and ended; a clerk reads all of it without a form', async () => {
  const changed = await send(stage, '/prices/market/rules', pricing, { ...rule, mode: 'percent', value: '2 %', most: '12', sure: 'yes' })
  expect(textOf(changed.html)).toMatch(/Follows 2 % below the lowest offer .* never above 12/)
  const clerk = await stage.person('clerk')
  for (const path of ['/prices/market', '/prices/market/rules/mugs', '/prices/market/offers']) {
    const seen = await visit(stage, path, clerk)
    expect(seen.status, path).toBe(200)
    expect(seen.html, path).not.toContain('hx-post')
  }
  expect((await visit(stage, `/prices/market/rehearse?${new URLSearchParams(rule)}`, clerk)).status).toBe(403)
  expect((await send(stage, '/prices/market/rules', clerk, rule)).status).toBe(403)
  const ended = await send(stage, '/prices/market/rules/mugs/end', pricing, { why: '' })
  expect(flashOf(ended.html)).toBe('Rule mugs has ended. The prices that it wrote stay in its list.')
  expect(ended.html).not.toContain('id="rule-form"')
  expect(row((await visit(stage, '/prices/market', pricing)).html, 'rule-mugs')).toBe('')
  expect(row((await visit(stage, '/prices/market?ended=yes', pricing)).html, 'rule-mugs')).toContain('ended')
  expect((await visit(stage, '/prices/market/rules/none', pricing)).status).toBe(404)
})
