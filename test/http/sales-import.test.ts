import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bindClerk } from '../../src/usecases/clerk-pin.ts'
import { cliOn } from '../cli/stage.ts'
import { balance, layIn } from '../support/goods.ts'
import { ask, logIn, setStage } from './stage.ts'

const stage = await setStage()
await layIn(stage.sql, { TEA: { shop: 9 }, CUP: { shop: 5 } })
const key = await stage.key('stock:write')

const send = async (csv: string, query = '', { type = 'text/csv', auth = key } = {}) =>
  ask(stage.app, `POST /v1/imports/sales${query}`, { key: auth, body: csv, headers: { 'content-type': type } })
const HEAD = 'till,receipt,location,sku,quantity,sold_at'
const DAY = [
  HEAD,
  'T1,1,shop,TEA,2,2026-01-02T10:00:00Z',
  'T1,1,shop,CUP,1,2026-01-02T10:00:00Z',
  'T1,2,shop,TEA,-1,',
  'T2,1,shop,TEA,1,',
  'T2,1,shop,NONE,1,',
  'T2,2,shop,TEA,two,',
  'T2,3,shop,TEA,1,2999-01-01T00:00:00Z',
].join('\n')
const WRONG = [
  { row: 6, column: 'sku', till: 'T2', receipt: '1', code: 'unknown_sku', values: ['NONE'], words: 'There is no SKU NONE.' },
  { row: 7, column: 'quantity', till: 'T2', receipt: '2', code: 'bad_quantity', values: ['two'], words: '"two" is no number of units' },
  { row: 8, column: 'sold_at', till: 'T2', receipt: '3', code: 'future' },
]
const onHand = async () => [(await balance(stage.sql, 'TEA', 'shop')).onHand, (await balance(stage.sql, 'CUP', 'shop')).onHand]

test("a till's file is judged without being booked, then booked once however often it is sent, and what cannot be is told by row and column", async () => {
  const tried = await send(DAY, '?dryRun=true')
  expect([tried.status, tried.body]).toMatchObject([200, { booked: 2, known: 0, refused: 3, errors: WRONG }])
  expect(await onHand()).toEqual([9, 5])
  const first = await send(DAY)
  expect([first.status, first.body]).toMatchObject([200, { booked: 2, known: 0, refused: 3, errors: WRONG }])
  expect(first.headers.get('concord-token')).toMatch(/\S/)
  expect(await onHand()).toEqual([8, 4])
  expect((await send(DAY)).body).toMatchObject({ booked: 0, known: 2, refused: 3 })
  // The same receipt, by itself and with other units: another sale under a number that is known.
  const sale = { till: 'T1', receipt: '1', location: 'shop', lines: [{ sku: 'TEA', quantity: 7 }] }
  expect((await ask(stage.app, 'POST /v1/stock/sale', { key, body: sale })).status).toBe(409)
  expect(await onHand()).toEqual([8, 4])
})

test('the command line judges the same file without booking it, by --dry-run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'concord-till-'))
  try {
    const path = join(folder, 'till.csv')
    await writeFile(path, `${DAY}\nT2,4,shop,TEA,1,\n`)
    const tried = await cliOn(stage.url)(['import', 'sales', path, '--dry-run'])
    expect(tried).toMatchObject({ code: 1, err: '' })
    expect(tried.out).toMatch(/^1 receipt would be booked, 2 booked before, 3 refused\./)
    expect(tried.out).toMatch(/6 +sku +T2 +1 +There is no SKU NONE\./)
    expect(await onHand()).toEqual([8, 4])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a file larger than a request otherwise may be is read as a stream', async () => {
  const csv = [HEAD, ...Array.from({ length: 40 }, (_, n) => `T3,${n % 2},shop,TEA,1,${' '.repeat(40_000)}`)].join('\n')
  expect(csv.length).toBeGreaterThan(1_000_000)
  expect((await send(csv)).body).toMatchObject({ booked: 2, refused: 0 })
  // More units than the books knew of: they were found and sold.
  expect(await onHand()).toEqual([0, 4])
})

test('a receipt of two places, of a number that is too long, or of more lines than a sale has is refused, and its values are cut', async () => {
  const rows = Array.from({ length: 501 }, () => 'T4,9,shop,CUP,1,')
  const answer = await send([HEAD, 'T4,1,shop,CUP,1,', 'T4,1,depot,CUP,1,', `${'T'.repeat(5_000)},1,shop,CUP,1,`, ...rows].join('\n'))
  expect(answer.body).toMatchObject({
    ...{ booked: 0, refused: 3 },
    errors: [
      { row: 3, column: 'location' },
      { row: 4, column: 'till' },
      { row: 505, column: 'receipt' },
    ],
  })
  expect(answer.text).not.toContain('T'.repeat(102))
})

test('a clerk books receipts of their own store, by file or one by one, a clerk without a store none, a key those of all', async () => {
  await stage.sql`insert into locations (code, name, kind) values ('depot', 'depot', 'store')`
  const { cookie, csrf } = await logIn(stage.app, await stage.user('clerk'))
  const headers = { cookie, 'x-csrf-token': csrf }
  const sell = (receipt: string, location: string) =>
    ask(stage.app, 'POST /v1/stock/sale', { headers, body: { till: 'T6', receipt, location, lines: [{ sku: 'CUP', quantity: 1 }] } })
  const file = async () => {
    const rows = [HEAD, 'T6,1,shop,CUP,1,', 'T6,2,depot,CUP,1,']
    return (await ask(stage.app, 'POST /v1/imports/sales', { headers: { ...headers, 'content-type': 'text/csv' }, body: rows.join('\n') }))
      .body
  }
  const before = (await onHand())[1] ?? 0
  expect((await sell('1', 'shop')).body).toMatchObject({ status: 403, errors: [{ field: 'location' }] })
  expect(await file()).toMatchObject({ booked: 0, refused: 2, errors: [{ row: 2, column: 'location' }, { row: 3 }] })
  await bindClerk(stage.context, null, 'clerk@example.org', { location: 'shop' })
  const other = await logIn(stage.app, 'clerk@example.org')
  Object.assign(headers, { cookie: other.cookie, 'x-csrf-token': other.csrf })
  expect((await sell('2', 'depot')).body).toMatchObject({ status: 403, errors: [{ field: 'location', expected: 'shop' }] })
  expect(await file()).toMatchObject({ booked: 1, refused: 1, errors: [{ row: 3, column: 'location', receipt: '2' }] })
  expect([(await sell('3', 'shop')).status, (await onHand())[1]]).toEqual([200, before - 2])
  const body = { till: 'T6', receipt: '2', location: 'depot', lines: [{ sku: 'CUP', quantity: -1 }] }
  expect((await ask(stage.app, 'POST /v1/stock/sale', { key, body })).status).toBe(200)
})

test('another kind of body, another scope, a file without its columns and one that is no text are refused, and book nothing', async () => {
  const before = await onHand()
  expect((await send(DAY, '', { type: 'application/json' })).status).toBe(415)
  expect((await send(DAY, '', { auth: await stage.key('stock:read') })).status).toBe(403)
  const lacking = await send('till,receipt,sku,quantity\nT5,1,TEA,1\n')
  expect([lacking.status, lacking.body]).toMatchObject([422, { code: 'invalid', errors: [{ field: 'file' }] }])
  expect((await send('')).status).toBe(422)
  expect((await send(`${HEAD}\nT5,1,shop,TEA,1,\nT5,2,shop,"TEA,1,\n`)).body).toMatchObject({ errors: [{ field: 'file' }] })
  expect(await onHand()).toEqual(before)
})
