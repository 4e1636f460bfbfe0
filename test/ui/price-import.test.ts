import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, type Visit, visit } from './stage.ts'

let stage: UiStage
let pricing: Person
let ana: Person
let web: Guarded
beforeAll(async () => {
  stage = await setUiStage()
  pricing = await stage.person('pricing')
  ana = await stage.person('operations')
  web = await guardedChannel(stage.sql, 'web', 100)
})
afterAll(() => close(stage.sql, 1))

const usual = { delimiter: 'comma', decimal: 'point', encoding: 'utf-8' }

/** Sends a file as a browser does and follows to the page that says what happened. */
async function upload(
  name: string,
  content: string,
  who = pricing,
  said: Readonly<Record<string, string>> = {},
): Promise<Visit & { to: string }> {
  const body = new FormData()
  for (const [field, value] of Object.entries({ _csrf: who.csrf, _key: crypto.randomUUID(), ...usual, ...said })) body.set(field, value)
  body.set('file', new File([content], name))
  const headers = { accept: 'text/html', cookie: who.cookie }
  const response = await stage.pages.request('/prices/import', { method: 'POST', headers, body })
  const to = response.headers.get('location') ?? ''
  const cookie = response.headers
    .getSetCookie()
    .map(one => one.split(';')[0])
    .join('; ')
  if (response.status !== 303) return { status: response.status, html: '', headers: response.headers, to }
  return { ...(await visit(stage, to, who, { cookie })), to }
}

const panel = (html: string, id: string): string => textOf(new RegExp(`id="${id}".*?</table>`, 's').exec(html)?.[0] ?? '')
const priceOf = async (sku: string): Promise<string[]> =>
  (
    await stage.sql<{ amount: string }[]>`
      select trim_scale(p.amount)::text as amount from prices p join variants v on v.id = p.variant_id where v.sku = ${sku} and p.superseded_at is null`
  ).map(row => row.amount)

test('a price file tells what it would change before anything changes, and is applied', async () => {
  const judged = await upload('autumn.csv', 'sku,currency,amount,channel\nMUG,EUR,13.90,\nMUG,EUR,14.50,shop\nPEN,EUR,12.5,\n')
  expect(judged.to).toMatch(/^\/prices\/import\/\d+$/)
  expect(flashOf(judged.html)).toBe('autumn.csv: 3 rows read, none is wrong. Nothing changed yet: apply it below.')
  expect(textOf(judged.html)).toContain('Rows 3 Change 1 New prices 1 Stay the same 1 Sent by pricing@example.org')
  expect(panel(judged.html, 'samples-changed')).toContain('2 MUG everyone EUR 12.50 EUR 13.90')
  expect(panel(judged.html, 'samples-new')).toContain('3 MUG shop – EUR 14.50')
  expect(textOf(judged.html)).toContain('No channel that publishes prices would show another one.')
  expect(await priceOf('MUG')).toEqual(['12.5'])
  const applied = await send(stage, `${judged.to}/apply`, pricing, {})
  expect(flashOf(applied.html)).toBe('autumn.csv: applied. The channels follow.')
  expect((await priceOf('MUG')).sort()).toEqual(['13.9', '14.5'])
  expect(flashOf((await send(stage, `${judged.to}/apply`, pricing, {})).html)).toContain('There is nothing of this file to apply')
})

test('a file of a German spreadsheet is read where its decimal comma is stated, and only there', async () => {
  const file = 'sku;currency;amount\nMUG;EUR;13,75\n'
  expect(textOf((await upload('guess.csv', file, pricing, { delimiter: 'semicolon' })).html)).toContain('13,75')
  const read = await upload('preise.csv', file, pricing, { delimiter: 'semicolon', decimal: 'comma' })
  expect(panel(read.html, 'samples-changed')).toContain('2 MUG everyone EUR 13.90 EUR 13.75')
  expect(textOf((await visit(stage, '/prices/import', pricing)).html)).toContain('Decimal mark of amounts')
})

test('rows that cannot be are refused with row, column and what would be right, a floor with its arithmetic, in either language', async () => {
  const floor = { kind: 'floor', basis: 'map', scope: 'variant', sku: 'PEN', amount: '11.50', percent: null, currency: 'EUR' }
  await stage.sql`select price_limits_set_1(${stage.sql.json({ actor: 'test', limits: [floor] })})`
  const wrong = await upload('wrong.csv', 'sku,currency,amount,channel\nGHOST,EUR,9,\nMUG,CHF,9,shop\nMUG,EUR,cheap,\n')
  expect(flashOf(wrong.html)).toBe('wrong.csv: 3 rows are wrong. Nothing changed; mend them in the file and send it again.')
  expect(panel(wrong.html, 'errors')).toMatch(
    /2 sku GHOST a SKU of the catalog 3 currency CHF EUR, the currency of channel shop 4 amount cheap a number such as 12\.50/,
  )
  const below = await upload('below.csv', 'sku,currency,amount\nPEN,EUR,9\n')
  expect(panel(below.html, 'errors')).toMatch(/2 amount 9 at least 11\.50 EUR, the floor in channel shop: the minimum advertised price/)
  const chinese = await visit(stage, wrong.to, pricing, { cookie: 'concord_language=zh-CN' })
  expect(panel(chinese.html, 'errors')).toMatch(
    /2 sku GHOST 目录中的商品编码 3 currency CHF EUR，渠道 shop 的货币 4 amount cheap 数字，例如 12\.50/,
  )
  const odd = await upload(
    'odd.csv',
    'sku,currency,amount,channel,from,to\nMUG,EUR,-1,,,\nMUG,EUR,1.2345678,,,\nPEN,EUR,1234567890123,,,\nMUG,EUR,9,shop,2030-01-02,2030-01-01\n',
  )
  const heads = await upload('heads.csv', 'sku,currency,price\nMUG,EUR,9\n')
  const other = await upload('other.csv', 'sku;currency;amount\nMUG;EUR;9\n')
  expect(panel(other.html, 'errors')).toMatch(/1 file \S+ columns as chosen above; this file seems to use ";": choose that$/)
  expect(panel(heads.html, 'errors')).not.toContain('--ignore')
  for (const path of ['/prices/import', wrong.to, below.to, odd.to, heads.to, other.to])
    expect(englishLeft((await visit(stage, path, pricing, { cookie: 'concord_language=zh-CN' })).html), path).toEqual([])
})

test('what goes beyond the guard waits: it stands with its channels and numbers, and only somebody who may approve lets it through', async () => {
  const waits = await upload('all.csv', `sku,currency,amount\n${web.skus.map(sku => `${sku},EUR,8.8\n`).join('')}`)
  expect(flashOf(waits.html)).toContain('it would change more than the guard allows')
  expect(panel(waits.html, 'guard')).toMatch(
    /web 100 100 0 49 of 100 listings may change price within 60 min, and 0 already did WEB-\S+: EUR 10\.00 → EUR 8\.80/,
  )
  expect(waits.html).not.toContain('value="approve"')
  expect((await send(stage, `${waits.to}/decide`, pricing, { decision: 'approve', note: '' })).status).toBe(403)
  const list = textOf((await visit(stage, '/prices/import', pricing)).html)
  expect(list).toMatch(/all\.csv .* pricing@example\.org 100 0 waits for approval web/)
  const chinese = await visit(stage, waits.to, ana, { cookie: 'concord_language=zh-CN' })
  expect(englishLeft(chinese.html)).toEqual([])
  const looked = await visit(stage, waits.to, ana)
  expect(looked.html).toContain('value="approve"')
  const done = await send(stage, `${waits.to}/decide`, ana, { decision: 'approve', note: 'agreed with sales' })
  expect(flashOf(done.html)).toMatch(/^all\.csv: (applied|being applied)/)
  await expect.poll(async () => priceOf(web.skus[0] ?? '')).toEqual(['8.8'])
  expect(textOf((await visit(stage, waits.to, ana)).html)).toMatch(/Decided by operations@example\.org .*agreed with sales/)
  expect(flashOf((await send(stage, `${waits.to}/decide`, ana, { decision: 'reject', note: '' })).html)).toContain(
    'Somebody has decided on this already.',
  )
})

test('while a file is read its page tells how far it is, and a file that is gone says why', async () => {
  const [row] = await stage.sql<{ id: number }[]>`select import_price_begin_1('large.csv', 'user:pricing@example.org') as id`
  const reading = await visit(stage, `/prices/import/${row?.id}`, pricing)
  expect(textOf(reading.html)).toContain('The file is still being read.')
  expect(reading.html).toContain('hx-trigger="every 1s"')
  await stage.sql`update imports set rows = 300000, weighed_to = 500 where id = ${row?.id ?? 0}`
  await stage.sql`
    insert into import_price_rows (import_id, position, row_no, variant_id, currency, amount, is_new)
    select ${row?.id ?? 0}, 2000, 2000, id, 'EUR', 1, true from variants where sku = 'MUG'`
  expect(textOf((await visit(stage, `/prices/import/${row?.id}`, pricing)).html)).toContain('500 of 2,000 prices that differ are weighed')
  const gone = await visit(stage, '/prices/import/99999', pricing)
  expect(gone.status).toBe(404)
  expect(/<div id="import">.*/s.exec(gone.html)?.[0]).toContain('This file is no longer here')
})

test('a clerk sees the files without forms, others who may not read prices see nothing, and what is no file is refused', async () => {
  const clerk = await stage.person('clerk')
  const seen = await visit(stage, '/prices/import', clerk)
  expect(textOf(seen.html)).toContain('autumn.csv')
  expect(seen.html).not.toContain('type="file"')
  expect((await upload('mine.csv', 'sku,currency,amount\nMUG,EUR,1\n', clerk)).status).toBe(403)
  expect((await visit(stage, '/prices/import', await stage.person('partner'))).status).toBe(403)
  expect(textOf((await upload('empty.csv', '')).html)).toContain('Choose a file that is not empty.')
  expect(flashOf((await upload('large.csv', 'x'.repeat(33 * 1024 * 1024))).html)).toContain('-- import prices FILE')
})
