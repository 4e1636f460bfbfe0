import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { bindClerk } from '../../src/usecases/clerk-pin.ts'
import { logIn } from '../http/stage.ts'
import { balance } from '../support/goods.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let clerk: Person
beforeAll(async () => {
  stage = await setUiStage()
  await bindClerk(stage.context, null, await stage.user('clerk'), { location: 'berlin' })
  clerk = await logIn(stage.app, 'clerk@example.org')
})
afterAll(() => close(stage.sql, 1))

const DAY = 'till,receipt,location,sku,quantity\nT1,1,berlin,MUG,2\nT1,2,berlin,MUG,-1\nT2,1,berlin,GHOST,1\n'
const onHand = async () => (await balance(stage.sql, 'MUG', 'berlin')).onHand

/** Sends a file as a browser does; a refusal is followed to the page that says it. */
async function upload(content: string, deed: 'look' | 'book', more: Readonly<Record<string, string>> = {}, name = 'till.csv', who = clerk) {
  const body = new FormData()
  const fields = { _csrf: who.csrf, _key: crypto.randomUUID(), delimiter: 'comma', encoding: 'utf-8', do: deed, ...more }
  for (const [field, value] of Object.entries(fields)) body.set(field, value)
  body.set('file', new File([content], name))
  const { language = 'en' } = more
  const cookie = `${who.cookie}; concord_language=${language}`
  const response = await stage.pages.request('/stock/sales', { method: 'POST', headers: { accept: 'text/html', cookie }, body })
  if (response.status === 200) return response.text()
  const flash = response.headers
    .getSetCookie()
    .map(one => one.split(';')[0])
    .join('; ')
  return (await visit(stage, response.headers.get('location') ?? '', who, { cookie: flash })).html
}

test("a till's file is looked at without being booked, then booked once however often it is sent, and what is wrong stands there by row and column", async () => {
  expect((await visit(stage, '/stock/sales', clerk)).html).toContain('enctype="multipart/form-data"')
  const before = await onHand()
  const looked = await upload(DAY, 'look')
  expect(textOf(looked)).toContain('till.csv Nothing was booked. Receipts that would be: 2. Booked before: 0. Wrong: 1.')
  expect(textOf(/id="result".*?<\/section>/s.exec(looked)?.[0] ?? '')).toMatch(/T2 1 4 sku There is no SKU GHOST\./)
  expect(await onHand()).toBe(before)
  expect(textOf(await upload(DAY, 'book'))).toContain('Receipts booked: 2. Booked before: 0. Wrong, and left out: 1.')
  expect(await onHand()).toBe(before - 1)
  const again = await upload(DAY, 'book', { language: 'zh-CN' })
  expect(textOf(again)).toContain('已入账小票：0；此前已入账：2；有误并跳过：1。')
  expect(textOf(again)).toMatch(/T2 1 4 sku 没有商品编码 GHOST。/)
  expect(englishLeft(again)).toEqual([])
  expect(await onHand()).toBe(before - 1)
})

test('a clerk books no receipt of another store; the office does', async () => {
  const day = 'till,receipt,location,sku,quantity\nL1,1,lyon,MUG,1\n'
  const there = async () => (await balance(stage.sql, 'MUG', 'lyon')).onHand
  const before = await there()
  expect(textOf(await upload(day, 'book'))).toMatch(
    /Receipts booked: 0\. .*L1 1 2 location Not of lyon: a clerk of berlin books receipts of berlin\./,
  )
  expect(await there()).toBe(before)
  expect(textOf(await upload(day, 'look', { language: 'zh-CN' }))).toContain('不属于 lyon：berlin 的店员只能为 berlin 的小票入账。')
  expect(textOf(await upload(day, 'book', {}, 'till.csv', await stage.person('operations')))).toContain('Receipts booked: 1.')
  expect(await there()).toBe(before - 1)
})

test('the answer to a form shows in the navigation what waits for a person, as every page does', async () => {
  await stage.sql`insert into alerts (kind, subject, facts, since, opened_at, seen_at, quiet_s) values ('drift', 'shop', '{}', now(), now(), now(), 0)`
  const badge = (html: string) => /<b class="badge"[^>]*>(\d+)<\/b>/.exec(html)?.[1]
  const ana = await stage.person('operations')
  // A count serves all pages for a second.
  await expect.poll(async () => badge(await upload(DAY, 'look', {}, 'till.csv', ana)), { interval: 100 }).toBe('1')
})

test('what is no such file books nothing and says why, as does whoever may not book', async () => {
  const before = await onHand()
  expect(flashOf(await upload('till;receipt\nT1;9\n', 'book'))).toContain('Nothing of the file was booked.')
  expect(flashOf(await upload('{}', 'book', {}, 'till.json'))).toContain('A file of receipts is CSV.')
  expect(flashOf(await upload('', 'book'))).toContain('Choose a file that is not empty.')
  expect(textOf(await upload('till;receipt;location;sku;quantity\nT3;1;berlin;MUG;1\n', 'look', { delimiter: 'semicolon' }))).toContain(
    'Receipts that would be: 1.',
  )
  const pricing = await stage.person('pricing')
  expect((await visit(stage, '/stock/sales', pricing)).status).toBe(403)
  expect((await visit(stage, '/stock', pricing)).html).not.toContain('href="/stock/sales"')
  expect(await onHand()).toBe(before)
})
