import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { tellQuota } from '../../db/quotas.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let web: Guarded
let ana: Person
let sku: string
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
  web = await guardedChannel(stage.sql, 'web', 4)
  await stage.sql`update accounts set platform = 'woocommerce' where id = ${web.accountId}`
  await stage.sql`update channels set name = 'Web shop' where code = 'web'`
  sku = web.skus[0] ?? ''
})
afterAll(() => close(stage.sql, 1))

const page = async (path: string, who = ana, headers: Record<string, string> = {}) => {
  const { status, html } = await visit(stage, path, who, headers)
  expect(status).toBe(200)
  return html
}
const part = (html: string, name: string): string =>
  new RegExp(`<section[^>]*id="${name}">.*?</section>\\s*(?=<section|<div|</div)`, 's').exec(html)?.[0] ?? ''

test('a channel tells how many values are in which state, what is left of the quota, and when the backlog is done', async () => {
  expect(textOf(await page('/channels/web'))).toContain('Calls left not told yet: the hub tells it while it runs')
  const [account] = await stage.sql<{ token: number }[]>`select lease_token as token from accounts where id = ${web.accountId}`
  const quota = { operation: 'products/batch', left: 3, ratePerS: 2, burst: 10, closedMs: 0 }
  await tellQuota(stage.sql, web.accountId, account?.token ?? 0, quota)
  await stage.sql`
    update publications p set state = 'refused', sent = p.intended, sent_at = clock_timestamp(), reason_code = 'bad_price', reason = 'too many digits'
    from variants v where v.id = p.variant_id and v.sku = ${sku} and p.field = 'price'`
  const text = textOf(await page('/channels/web'))
  expect(text).toContain('How far it got All values')
  expect(text).toMatch(/applied 4 .* 3 /)
  expect(text).toContain('Calls left 3 of 10 2 come back each second')
  expect(text).toContain('Waiting to be sent nothing')
  expect(text).toContain('Try 1 refused value again')
})

test('the refused are tried again by a button, and wait with a forecast; the same form sent twice counts once', async () => {
  const fields = { state: 'refused', _key: crypto.randomUUID() }
  const sent = await send(stage, '/channels/web/force', ana, fields)
  expect(flashOf(sent.html)).toBe('Web shop: 1 value waits to be sent now.')
  await send(stage, '/channels/web/force', ana, fields)
  expect(await stage.sql`select id from publication_forces`).toHaveLength(1)
  expect(textOf(await page('/channels/web'))).toMatch(/Waiting to be sent 1 value; 1 value of the account in 1 call done about 2/)
  expect(await web.push()).toBe(1)
  expect(textOf(await page('/channels/web'))).toMatch(/WEB-000000 price asked to be sent EUR 10\.00 operations@example\.org/)
})

test('a feed of prices is told with its size and since when, and one that is late with what happens', async () => {
  const [feed] = await stage.sql<{ id: number }[]>`
    insert into publication_feeds (account_id, state, external_id, begun_at) values (${web.accountId}, 'started', '5001', '2026-11-23T02:15:00Z') returning id`
  await stage.sql`update publications set feed_id = ${feed?.id ?? 0} where field = 'price' and channel_id = ${web.channelId}`
  expect(textOf(await page('/channels/web'))).toContain('One feed of 4 prices is under way since 2026-11-23 02:15:00')
  expect(textOf(await page('/channels/web', ana, { cookie: 'concord_language=zh-CN' }))).toContain(
    '一个包含 4 个价格的批量文件正在处理，开始于',
  )
  await stage.sql`update publication_feeds set state = 'late'`
  expect(textOf(await page('/channels/web'))).toContain('A feed of prices has no verdict for too long, its prices go one by one')
  await stage.sql`update publications set feed_id = null`
  await stage.sql`update publication_feeds set state = 'ended', ended_at = clock_timestamp(), outcome = 'done'`
  expect(await page('/channels/web')).not.toContain('feed of')
})

test('values are narrowed, sent now as a selection or one by one, and lead to why', async () => {
  const list = await page(`/channels/web/publications?q=${sku}&field=stock`)
  expect(textOf(list)).toMatch(/WEB-000000 stock applied .* 10 – 10/)
  expect(textOf(list)).not.toContain('WEB-000001')
  expect(list).toContain(`href="/channels/web/publications/${sku}?field=stock"`)
  expect(textOf(await page('/channels/web/publications?state=quarantined'))).toContain('No value is like that.')
  const all = await send(stage, '/channels/web/force', ana, { back: 'values', sku, field: 'stock', state: '', category: '' })
  expect(flashOf(all.html)).toBe('Web shop: 1 value waits to be sent now.')
  expect(textOf(all.html)).toContain('Values of Web shop')
  const one = await send(stage, '/channels/web/force', ana, { back: 'why', sku, field: 'price' })
  expect(textOf(one.html)).toContain(`Why ${sku} shows what it shows in Web shop`)
  await web.push()
})

test('why nothing was sent stands with the numbers and what changed; why it was, with the change and who made it', async () => {
  await web.setStock(7, [sku])
  await web.push()
  await stage.sql`select channel_set_1('{"channel": "web", "cap": 5, "actor": "user:bo@example.org"}')`
  await web.push()
  await stage.sql`select stock_change_2(${stage.sql.json({ actor: 'user:bo@example.org', lines: [{ sku, location: 'main', quantity: 2, kind: 'receive' }] })})`
  const html = await page(`/channels/web/publications/${sku}?field=stock`)
  const text = textOf(html)
  expect(text).toContain('Nothing to send: the platform shows it')
  expect(text).toContain('Reckoned 9 can be sold · at most 5 = 5')
  expect(text).toMatch(/Changed since, without altering what is shown received · WEB-000000 · main · On hand \+2 · bo@example\.org/)
  expect(text).toMatch(/7 → 5 taken and seen to show .* rule of the channel changed · bo@example\.org/)
  const price = textOf(await page(`/channels/web/publications/${sku}?field=price`))
  expect(price).toContain('Reckoned EUR 10.00 · typed price · set by test')
})

test('what waits says why it stands where it does, and what is expected to be lost meanwhile', async () => {
  const other = web.skus[2] ?? ''
  await web.setStock(0, [other])
  await stage.sql`select publications_intend_1(${web.accountId}, null, clock_timestamp())`
  const path = `/channels/web/publications/${other}?field=stock`
  expect(textOf(await page(path))).toMatch(
    /Waits for its turn .* It is the next\. .* Stands there because it is sold out and still offered Lost per hour of waiting EUR \d+\.\d\d/,
  )
  expect(englishLeft(await page(path, ana, { cookie: 'concord_language=zh-CN' }), ['Web shop'])).toEqual([])
  await web.push()
})

test('what the guard holds leads to the incident; a moment that has passed tells how it was', async () => {
  const before = new Date().toISOString().slice(0, 19)
  await web.setPrices('2', [sku])
  await web.push()
  const html = await page(`/channels/web/publications/${sku}?field=price`)
  expect(textOf(html)).toContain('Not sent: the guard holds it until a person decides')
  expect(html).toMatch(/href="\/held\/\d+">Decide on the incident/)
  const then = textOf(await page(`/channels/web/publications/${sku}?field=price&at=${before}`))
  expect(then).toContain('As it was')
  expect(then).not.toContain('the guard holds it')
  expect(textOf(await page(`/channels/web/publications/${sku}?at=2040-01-01T00:00:00`))).toContain(
    'is no instant of the past. Now is shown instead.',
  )
  expect((await visit(stage, '/channels/web/publications/NOPE', ana)).status).toBe(404)
})

test('a paused channel sends nothing by hand, and a person who may not change channels has no button', async () => {
  await send(stage, '/channels/web/pause', ana, { paused: 'yes' })
  expect(flashOf((await send(stage, '/channels/web/force', ana, { sku })).html)).toContain(
    'Web shop or its account is paused, so nothing is sent. Resume it first.',
  )
  await send(stage, '/channels/web/pause', ana, { paused: 'no' })
  const reader = await stage.person('pricing')
  const html = await page('/channels/web/publications', reader)
  expect(html).not.toContain('/force')
  expect(flashOf((await send(stage, '/channels/web/force', reader, { sku })).html)).toContain('Not allowed')
})

test('everything is compared by a button that asks first', async () => {
  const asked = await send(stage, '/channels/web/reset', ana, {})
  expect(flashOf(asked.html)).toContain('Web shop: the whole account is being compared')
  expect(
    await stage.sql`select kind from account_requests where state = 'open' and account_id = ${web.accountId} and kind = 'compare'`,
  ).toHaveLength(1)
})

test('nothing of it is left in English on Chinese pages, and a SKU leads to why', async () => {
  const chinese = { cookie: 'concord_language=zh-CN' }
  const channel = await page('/channels/web', ana, chinese)
  expect(englishLeft(part(channel, 'publishing'))).toEqual([])
  for (const path of [`publications?q=${sku}`, `publications/${sku}?field=stock`, `publications/${sku}?field=price`])
    expect(englishLeft(await page(`/channels/web/${path}`, ana, chinese), ['Web shop'])).toEqual([])
  expect(await page(`/skus/${sku}`)).toContain(`href="/channels/web/publications/${sku}?field=price"`)
})
