import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { setPriceLimits } from '../../src/usecases/price-limits.ts'
import { type Drifting, driftingChannel } from '../support/drifting.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let shop: Drifting
let ana: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
  shop = await driftingChannel(stage.sql, 'web', ['JAR', 'TUB', 'CUP'])
  await stage.sql`update accounts set platform = 'amazon' where id = ${shop.accountId}`
})
afterAll(() => close(stage.sql, 1))

const panel = (html: string): string => /<section[^>]*id="drift">.*?<\/section>\s*(?=<div class="columns even")/s.exec(html)?.[0] ?? ''
const drift = async () => panel((await visit(stage, '/channels/web', ana)).html)

test('a channel without differences says so, when it was looked at, and what is proven', async () => {
  const text = textOf(await drift())
  expect(text).toContain('No difference: the platform shows what the hub believes.')
  expect(text).toContain('Accepted, not proven yet none: all that was accepted was seen to show')
  expect(text).toContain('Proven or found lost within 600 s')
  const asked = await send(stage, '/channels/web/drift-check', ana, {})
  expect(flashOf(asked.html)).toContain('the whole account is being looked at')
  expect(textOf(await drift())).toContain('Check under way is about to begin')
})

test('where a person is asked, each difference stands with its likely cause and is decided on', async () => {
  const saved = await send(stage, '/channels/web/drift-policy', ana, { stock: 'hub', price: 'ask' })
  expect(flashOf(saved.html)).toContain('It holds for what is found from now on.')
  await setPriceLimits(stage.context, null, [{ kind: 'floor', basis: 'manual', sku: 'TUB', amount: '8', currency: 'EUR' }])
  await shop.read('JAR', { price: '12.5' })
  await shop.read('TUB', { price: '5' })
  await shop.read('CUP', { quantity: 8 })
  const text = textOf(await drift())
  expect(text).toMatch(/JAR price EUR 10\.00 EUR 12\.50 edited at the platform .* Ours goes out Take theirs/)
  expect(text).toMatch(/CUP stock 10 8 an order that is not known yet .* waits for orders/)
  const [tub] = await stage.sql<
    { id: number }[]
  >`select d.id from drifts d join listings l on l.id = d.listing_id where l.external_sku = 'TUB'`
  const refused = await send(stage, '/channels/web/drift-decide', ana, { drift: String(tub?.id), winner: 'platform' })
  expect(flashOf(refused.html)).toContain('TUB: the platform’s value was not taken in: it is below the floor.')
  const [jar] = await stage.sql<
    { id: number }[]
  >`select d.id from drifts d join listings l on l.id = d.listing_id where l.external_sku = 'JAR'`
  const done = await send(stage, '/channels/web/drift-decide', ana, { drift: String(jar?.id), winner: 'platform' })
  expect(flashOf(done.html)).toBe('JAR: the platform’s value becomes ours.')
  expect(textOf(await drift())).toContain('being taken in')
})

test('what becomes of orders that stay short is said on the page, and changed there', async () => {
  const short = async () =>
    textOf(/<section[^>]*id="short">.*?<\/section>/s.exec((await visit(stage, '/channels/web', ana)).html)?.[0] ?? '')
  expect(await short()).toContain(
    'Orders that stay short of stock wait for a person. That holds for all channels without a rule of their own.',
  )
  const refused = await send(stage, '/channels/web/short', ana, { becomes: 'cancel', afterMinutes: '200000' })
  expect(flashOf(refused.html)).toContain('After minutes: at most 100000.')
  await send(stage, '/channels/web/short', ana, { becomes: 'incoming', afterMinutes: '90' })
  expect(await short()).toContain('Orders that are short for 90 minutes wait for what is to come, the oldest first')
  await send(stage, '/channels/web/short', ana, { becomes: 'incoming', afterMinutes: '90', do: 'none' })
  expect(await short()).toContain('That holds for all channels')
})

test('who may not change channels sees it and decides nothing; nothing of it is left in English on a Chinese page', async () => {
  const reader = await stage.person('pricing')
  const page = panel((await visit(stage, '/channels/web', reader)).html)
  expect(textOf(page)).toContain('Prices: who wins a person')
  expect(page).not.toContain('drift-decide')
  expect(flashOf((await send(stage, '/channels/web/drift-check', reader, {})).html)).toContain('Not allowed')
  const chinese = await visit(stage, '/channels/web', { ...ana, cookie: `${ana.cookie}; concord_language=zh-CN` })
  expect(panel(chinese.html)).toContain('偏差')
  expect(englishLeft(panel(chinese.html))).toEqual([])
})
