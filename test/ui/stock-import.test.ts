import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { balance } from '../support/goods.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, type Visit, visit } from './stage.ts'

let stage: UiStage
let clerk: Person
beforeAll(async () => {
  stage = await setUiStage()
  clerk = await stage.person('clerk')
})
afterAll(() => close(stage.sql, 1))

const usual = { mode: 'absolute', basis: 'on_hand', location: '', occurredAt: '', delimiter: 'comma', encoding: 'utf-8' }

/** Sends a file as a browser does and follows to the page that says what happened. */
async function upload(
  name: string,
  content: string,
  fields: Readonly<Record<string, string>> = {},
  who = clerk,
): Promise<Visit & { to: string }> {
  const body = new FormData()
  for (const [field, value] of Object.entries({ _csrf: who.csrf, _key: crypto.randomUUID(), ...usual, ...fields })) body.set(field, value)
  body.set('file', new File([content], name))
  const response = await stage.pages.request('/stock/import', {
    method: 'POST',
    headers: { accept: 'text/html', cookie: who.cookie },
    body,
  })
  const to = response.headers.get('location') ?? ''
  const cookie = response.headers
    .getSetCookie()
    .map(one => one.split(';')[0])
    .join('; ')
  return response.status === 303
    ? { ...(await visit(stage, to, who, { cookie })), to }
    : { status: response.status, html: '', headers: response.headers, to }
}

describe('a stock file', () => {
  test('is judged first: the page tells the difference, and nothing changes until it is applied', async () => {
    const judged = await upload('evening.csv', 'sku,location,quantity\nMUG,berlin,33\nPEN,lyon,5\nMUG,lyon,4\n')
    expect(judged.to).toMatch(/^\/stock\/import\/\d+$/)
    expect(flashOf(judged.html)).toContain('evening.csv: 3 rows read, none is wrong. Nothing changed yet: apply it below.')
    const text = textOf(judged.html)
    expect(text).toContain('Change 1 New at their location 1 Stay the same 1')
    expect(text).toContain('2 MUG berlin 10 33')
    expect((await balance(stage.sql, 'MUG', 'berlin')).onHand).toBe(10)
    const applied = await send(stage, `${judged.to}/apply`, clerk, {})
    expect(flashOf(applied.html)).toContain('evening.csv: applied. The channels follow.')
    expect(textOf(applied.html)).toContain('3 of 3 rows')
    expect((await balance(stage.sql, 'MUG', 'berlin')).onHand).toBe(33)
    expect((await balance(stage.sql, 'PEN', 'lyon')).onHand).toBe(5)
    const [movement] = await stage.sql`select actor, cause_kind as cause from movements order by id desc limit 1`
    expect(movement).toMatchObject({ actor: 'user:clerk@example.org', cause: 'import' })
    const again = await send(stage, `${judged.to}/apply`, clerk, {})
    expect(flashOf(again.html)).toContain('There is nothing of this file to apply: it was refused, or is done.')
  })

  test('with wrong rows is refused whole, each with its row, its column and what would be right', async () => {
    const refused = await upload('bad.csv', 'sku;location;quantity\nMUG;berlin;many\nGHOST;berlin;3\n', { delimiter: 'semicolon' })
    expect(flashOf(refused.html)).toContain('bad.csv: 2 rows are wrong. Nothing changed; mend them in the file and send it again.')
    const errors = textOf(/id="errors".*?<\/section>/s.exec(refused.html)?.[0] ?? '')
    expect(errors).toContain('2 quantity many')
    expect(errors).toContain('3 sku GHOST')
    expect(refused.html).not.toContain('/apply"')
    expect((await balance(stage.sql, 'MUG', 'berlin')).onHand).toBe(33)
  })

  test('of differences applies once: the same file again is refused until somebody says that it happened again', async () => {
    const file = '{"sku":"MUG","quantity":-3}\n'
    const fields = { mode: 'delta', location: 'berlin' }
    const first = await upload('sold.ndjson', file, fields)
    await send(stage, `${first.to}/apply`, clerk, {})
    const second = await upload('sold.ndjson', file, fields)
    expect(textOf(second.html)).toContain('These differences were applied before, by file number')
    expect((await balance(stage.sql, 'MUG', 'berlin')).onHand).toBe(30)
    const third = await upload('sold.ndjson', file, { ...fields, again: 'yes' })
    await send(stage, `${third.to}/apply`, clerk, {})
    expect((await balance(stage.sql, 'MUG', 'berlin')).onHand).toBe(27)
  })

  test.each([
    [{ mode: 'delta', basis: 'available' }, 'Differences count what is physically there.'],
    [{ mode: 'delta', occurredAt: '2026-11-20T06:00' }, 'An instant goes with “what there is”'],
    [{ location: 'atlantis' }, 'There is no location atlantis.'],
  ])('with options that do not go together (%j) is refused', async (fields, words) => {
    expect(textOf((await upload('x.csv', 'sku,location,quantity\nMUG,berlin,1\n', fields)).html)).toContain(words)
  })

  test('that is empty, or too large for a form, is refused with the way to send it', async () => {
    expect(textOf((await upload('empty.csv', '')).html)).toContain('Choose a file that is not empty.')
    const large = await upload('large.csv', 'x'.repeat(33 * 1024 * 1024))
    expect(flashOf(large.html)).toContain(
      'A file sent here has at most 32 MB. Send a larger one with: npm run -s concord -- import stock FILE',
    )
    // More than other requests may have, and still read row by row.
    const two = await upload('two.csv', `sku,location,quantity,remark\nMUG,berlin,27,${'x'.repeat(2 * 1024 * 1024)}\n`, { ignore: 'yes' })
    expect(flashOf(two.html)).toContain('two.csv: ')
  })

  test('is listed with how far it is, in either language', async () => {
    const list = await visit(stage, '/stock/import', clerk)
    expect(textOf(list.html)).toContain('evening.csv')
    const chinese = { cookie: 'concord_language=zh-CN' }
    const [row] = await stage.sql<{ id: number }[]>`select id from imports where state = 'refused' order by id limit 1`
    const wrong = await visit(stage, `/stock/import/${row?.id}`, clerk, chinese)
    expect(textOf(wrong.html)).toContain('2 quantity many 整数，例如 12 3 sku GHOST 目录中的商品编码')
    for (const path of ['/stock/import', `/stock/import/${row?.id}`])
      expect(englishLeft((await visit(stage, path, clerk, chinese)).html)).toEqual([])
  })

  test('is not for those who may only look', async () => {
    const marketing = await stage.person('marketing')
    expect((await visit(stage, '/stock/import', marketing)).html).not.toContain('type="file"')
    expect((await upload('mine.csv', 'sku,location,quantity\nMUG,berlin,0\n', {}, marketing)).status).toBe(403)
    expect((await visit(stage, '/stock/import/99999', clerk)).status).toBe(404)
  })
})
