import decodeQR from 'qr/decode.js'
import { beforeAll, expect, test } from 'vitest'
import { forgetBuyer } from '../../db/people.ts'
import { purge } from '../../jobs/purge.ts'
import { holdOrder } from '../../src/usecases/change-order.ts'
import { serveLocation } from '../../src/usecases/routing-settings.ts'
import { sealPerson } from '../../src/usecases/seal-person.ts'
import { trackingPath } from '../../src/usecases/tracking-link.ts'
import { ask } from '../http/stage.ts'
import { book } from '../support/goods.ts'
import { jobDeps } from '../support/hub.ts'
import { actOn, groupOf } from '../support/pick-up.ts'
import { send, setUiStage, type UiStage } from './stage.ts'

let stage: UiStage
let link: string
let groupId: number
const read = (path: string, language = 'en') =>
  ask(stage.pages, `GET ${path}`, { headers: { 'accept-language': language, accept: 'text/html' } })

beforeAll(async () => {
  stage = await setUiStage()
  const { sql } = stage
  await sql`update locations set name = 'Berlin Mitte', kind = 'store', zone = 'Europe/Berlin' where code = 'berlin'`
  const week = Object.fromEntries([1, 2, 3, 4, 5].map(day => [String(day), [['09:00', '18:00']]]))
  await serveLocation(stage.context, null, 'berlin', {
    address: 'Torstr. 1',
    postalCode: '10119',
    hours: { ...week, 6: [['10:00', '16:00']] },
  })
  groupId = (await groupOf(sql, 'A-1', 'berlin')).groupId
  link = await trackingPath(stage.context, stage.orderId)
})

/** What a scanner reads off the QR code of a page. */
function scanned(html: string): string {
  const size = Number(/<svg class="qr" viewBox="0 0 (\d+) /.exec(html)?.[1])
  const scale = 4
  const width = size * scale
  const data = new Uint8Array(width * width * 4).fill(255)
  for (const [, x, y] of html.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let at = 0; at < scale * scale; at += 1) {
      const pixel = (Number(y) * scale + Math.floor(at / scale)) * width + Number(x) * scale + (at % scale)
      data.set([0, 0, 0], pixel * 4)
    }
  return decodeQR({ width, height: width, data })
}

test("the page is in the language that the buyer shopped in, else the browser's, else the channel's; the address goes before all", async () => {
  const { sql } = stage
  const lang = async (path: string, browser: string) => /<html lang="([^"]+)"/.exec((await read(path, browser)).text)?.[1]
  const shops = async (language: string | null) => {
    const { sealedKey, sealedBody } = await sealPerson(stage.context, { name: 'Ada', ...(language === null ? {} : { language }) })
    await sql`update order_people set sealed_key = decode(${sealedKey}, 'base64'), sealed_body = decode(${sealedBody}, 'base64') where order_id = ${stage.orderId}`
  }
  await shops('zh-CN')
  expect([await lang(link, 'en'), await lang(`${link}?language=en`, 'zh')]).toEqual(['zh-CN', 'en'])
  await shops('de-DE')
  expect([await lang(link, 'zh-TW,en;q=0.5'), await lang(link, 'de')]).toEqual(['zh-CN', 'en'])
  await sql`update channels set locale = 'zh-CN' where id = (select channel_id from orders where id = ${stage.orderId})`
  expect([await lang(link, 'de'), await lang(link, 'en')]).toEqual(['zh-CN', 'en'])
  await sql`update channels set locale = 'en' where id = (select channel_id from orders where id = ${stage.orderId})`
  await shops(null)
})

test('a buyer follows an order behind a link: where it is, then where and until when it is collected, against which code', async () => {
  const before = await read(link)
  expect(before.status).toBe(200)
  expect(before.text).toContain('Your order is confirmed')
  expect(before.text).toContain('Collect at Berlin Mitte')
  expect(before.text).not.toContain('class="qr"')

  const answer = await actOn(stage.sql, 'fulfilment_ready_1', groupId, { all: true, now: '2026-03-02T09:00:00Z' })
  if (answer.outcome !== 'ready' || answer.code === null) throw new Error(answer.outcome)
  const ready = await read(link)
  expect(ready.text).toContain('Ready for you to collect')
  expect(ready.text).toContain(`>${answer.code}<`)
  expect(scanned(ready.text)).toBe(`P${groupId}-${answer.code}`)
  // Seven days later, as the clock of the store shows it.
  const isThisYear = new Date().getUTCFullYear() === 2026
  expect(ready.text).toContain(isThisYear ? 'Mon 9 March at 10:00' : 'Mon, 9 March 2026 at 10:00')
  const kept = async (until: string) => stage.sql`update fulfilment_groups set collect_by = ${until}::timestamptz where id = ${groupId}`
  await kept('2999-03-05T09:00:00Z')
  expect([(await read(link)).text, (await read(link, 'zh-CN')).text]).toEqual([
    expect.stringContaining('Tue, 5 March 2999 at 10:00'),
    expect.stringContaining('2999年3月5日'),
  ])
  await kept('2026-03-09T09:00:00Z')
  expect(ready.text).toContain('Torstr. 1, 10119')
  expect(ready.text).toMatch(/Mon–Fri<\/span><span>09:00–18:00/)
  expect(ready.text).toMatch(/Sun<\/span><span>closed/)

  const chinese = await read(link, 'zh-CN,zh;q=0.9')
  expect(chinese.text).toContain('<html lang="zh-CN">')
  expect(chinese.text).toContain('可以取货了')
  expect((await read(`${link}?language=en`, 'zh-CN')).text).toContain('Ready for you to collect')
})

test('the page loads nothing but its own style, is told to no search engine, and leaves no trace of its address', async () => {
  const { text, headers } = await read(link)
  expect(text).not.toMatch(/<script|<iframe|https?:\/\/(?!www\.w3\.org)/)
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  )
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('x-robots-tag')).toBe('noindex, nofollow')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('set-cookie')).toBeNull()
  const token = link.split('/').at(-1) ?? ''
  expect(stage.logged()).toContain('GET /track/:token')
  expect(stage.logged()).not.toContain(token)
  const [kept] = await stage.sql`select 1 from tracking_links where encode(sealed_token, 'escape') like ${`%${token}%`}`
  expect(kept).toBeUndefined()
})

test('what was sent shows its carrier and number, and a link only where it leads to a web page', async () => {
  const { sql } = stage
  const [sent] = await book(sql, { accountId: stage.accountId }, 'shop', [{ id: 'T-1', lines: [{ sku: 'MUG', ordered: 2 }] }])
  const path = await trackingPath(stage.context, sent?.orderId ?? 0)
  const ship = (units: number, url: string) =>
    sql`select order_ship_1(${sql.json({
      ...{ scope: 'test', key: `t-${units}-${url}`, kind: 'ship', hash: url, actor: 'test', orderId: sent?.orderId ?? 0 },
      tracking: { carrier: 'DHL', number: '0034', url },
    })} || jsonb_build_object('lines', (select jsonb_agg(jsonb_build_object('lineId', id, 'quantity', 1)) from order_lines where order_id = ${sent?.orderId ?? 0})))`
  await ship(1, 'https://dhl.example/0034')
  expect((await read(path)).text).toContain('Part of it is with you or on its way')
  await ship(1, 'javascript:alert(1)')
  const { text } = await read(path)
  expect(text).toContain('DHL 0034')
  expect(text.match(/class="track-button"/g)).toHaveLength(1)
  expect(text).not.toContain('javascript:')
})

test('a new link ends the old one, and both end with the data of the buyer', async () => {
  const { sql, context } = stage
  const person = await stage.person('operations')
  const said = await send(stage, `/orders/${stage.orderId}/tracking-link`, person, { renew: 'yes' })
  expect(said.html).toContain('the old one leads nowhere any more')
  expect((await read(link)).status).toBe(404)
  expect(await trackingPath(context, stage.orderId)).not.toBe(link)
  const shown = await ask(stage.pages, `GET /orders/${stage.orderId}`, { headers: { cookie: person.cookie } })
  const current = /href="(\/track\/[\w-]{24})"/.exec(shown.text)?.[1] ?? ''
  expect((await read(current)).status).toBe(200)
  // Who may not see buyers' data does not see the link, which opens the code.
  const clerk = await ask(stage.pages, `GET /orders/${stage.orderId}`, { headers: { cookie: (await stage.person('clerk')).cookie } })
  expect(clerk.text).not.toContain('/track/')

  await sql`update order_people set buyer_mark = '\\x01' where order_id = ${stage.orderId}`
  await forgetBuyer(sql, stage.accountId, Buffer.from([1]))
  expect((await read(current)).status).toBe(404)
  await expect(trackingPath(context, stage.orderId)).rejects.toMatchObject({ code: 'conflict' })
  await expect(trackingPath(context, 999_999)).rejects.toMatchObject({ code: 'not_found' })
})

test('by the age of its order a link ends as the personal data do', async () => {
  const { sql, context } = stage
  await holdOrder(context, 'h', stage.shortOrderId, { kind: 'manual' })
  const path = await trackingPath(context, stage.shortOrderId)
  expect((await read(path)).text).toContain('We are checking something')
  await sql`update orders set placed_at = now() - interval '366 days' where id = ${stage.shortOrderId}`
  await purge(jobDeps(context), new Date())
  expect((await read(path)).status).toBe(404)
})

test('the API answers the link to whoever may see buyers’ data', async () => {
  const [made] = await book(stage.sql, { accountId: stage.accountId }, 'shop', [{ id: 'T-2', lines: [{ sku: 'MUG', ordered: 1 }] }])
  const route = `POST /v1/orders/${made?.orderId}/tracking-link`
  expect((await ask(stage.app, route, { key: await stage.key('orders:write'), body: {} })).status).toBe(403)
  const key = await stage.key('orders:people')
  const first = await ask(stage.app, route, { key, body: {} })
  expect(first.body).toMatchObject({ path: expect.stringMatching(/^\/track\/[\w-]{24}$/), url: null })
  expect((await ask(stage.app, route, { key, body: {} })).body).toEqual(first.body)
})

test('whoever guesses links is stopped, and a buyer at the same address is not', async () => {
  const pages = stage.another({ ui: stage.ui, trustProxy: true })
  const [made] = await book(stage.sql, { accountId: stage.accountId }, 'shop', [{ id: 'T-3', lines: [{ sku: 'MUG', ordered: 1 }] }])
  const good = await trackingPath(stage.context, made?.orderId ?? 0)
  const guess = (from: string, path = `/track/${'x'.repeat(24)}`) => ask(pages, `GET ${path}`, { headers: { 'x-forwarded-for': from } })
  for (let at = 0; at < 20; at += 1) expect((await guess('10.0.0.9')).status).toBe(404)
  const stopped = await guess('10.0.0.9')
  expect(stopped.body).toMatchObject({ status: 429, code: 'too_many' })
  expect((await guess('::ffff:10.0.0.9')).status).toBe(429)
  expect((await guess('10.0.0.9', good)).status).toBe(200)
  expect((await guess('10.0.0.10')).status).toBe(404)
})

test('addresses of one /64 guess as one', async () => {
  const pages = stage.another({ ui: stage.ui, trustProxy: true })
  const guess = (from: string) => ask(pages, `GET /track/${'x'.repeat(24)}`, { headers: { 'x-forwarded-for': from } })
  for (let at = 0; at < 20; at += 1) expect((await guess(`2001:db8:0:7::${(at + 1).toString(16)}`)).status).toBe(404)
  expect((await guess('2001:0DB8:0:7:a:b:c:d')).status).toBe(429)
  expect((await guess('2001:db8:0:8::1')).status).toBe(404)
})
