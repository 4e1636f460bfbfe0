import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { cliOn } from './stage.ts'

let sql: Sql
let cli: ReturnType<typeof cliOn>
beforeAll(async () => {
  const database = await freshDatabase()
  sql = database.sql
  cli = cliOn(database.url)
  await layIn(sql, { TEA: { MAIN: 10 }, CUP: { MAIN: 3 } })
})

const json = async (...words: string[]) => {
  const ran = await cli([...words, '--json'])
  return { code: ran.code, body: JSON.parse(ran.out) }
}

test('a count goes from its start to the books', async () => {
  const { body: started } = await json('count', 'start', 'MAIN', '--note', 'shelf 4')
  const id = String(started.id)
  expect((await cli(['count', 'enter', id, 'TEA=7', 'CUP+=2', 'CUP+=1'])).out).toMatch(/TEA .* 7 .*\nCUP .* 2 .*\nCUP .* 3 /)
  expect((await cli(['count', 'show', id])).out).toMatch(/2 of 2 lines were counted\.\n.*\nCUP +– +Product CUP +3 +cli:test/)
  expect(await cli(['count', 'review', id])).toMatchObject({ code: 1, err: expect.stringContaining('was not handed in') })
  await cli(['count', 'submit', id])
  expect((await cli(['count', 'review', id])).out).toMatch(
    /2 lines: differing 1, not counted 0; 0 units found, 3 missing; .*\n.*\nTEA +– +7 +10 +-3/,
  )
  await cli(['count', 'recount', id, 'TEA'])
  await cli(['count', 'enter', id, 'TEA=8', '--at', new Date().toISOString()])
  await cli(['count', 'submit', id])
  expect(await cli(['count', 'approve', id])).toMatchObject({ code: 1, err: expect.stringContaining('choose a reason of the list') })
  expect(await json('count', 'approve', id, '--reason-code', 'miscount')).toMatchObject({
    code: 0,
    body: { state: 'approved', approved: 2, missing: 2 },
  })
  expect(await json('count', 'list', '--state', 'approved')).toMatchObject({ body: [{ id: started.id, note: 'shelf 4', counted: 2 }] })
})

test('a count is entered and approved in the name of persons, who are held to what they may do', async () => {
  for (const [name, role] of [
    ['ana', 'operations'],
    ['ben', 'clerk'],
    ['eve', 'admin'],
    ['off', 'admin'],
  ] as const)
    await cli(['user', 'add', `${name}@example.org`, '--role', role, '--generate'])
  await sql`update users set disabled_at = now() where email = 'off@example.org'`
  await layIn(sql, { PEA: { MAIN: 4 } })
  const id = String((await json('count', 'start', 'MAIN', 'PEA')).body.id)
  const enter = ['count', 'enter', id, 'PEA=3']
  expect((await cli([...enter, '--as', 'ana@example.org'])).code).toBe(0)
  expect((await cli(['count', 'show', id])).out).toMatch(/PEA .* 3 +user:ana@example\.org/)
  await cli(['count', 'submit', id, '--as', 'ben@example.org'])
  const approve = async (as: string) => {
    const { code, out, err } = await cli(['count', 'approve', id, '--as', as, '--reason-code', 'miscount'])
    return `${code} ${out}${err}`
  }
  expect(await approve('nobody@example.org')).toBe('1 There is no user nobody@example.org.\n')
  expect(await approve('off@example.org')).toBe('1 off@example.org is switched off: nothing is done in that name.\n')
  expect(await approve('ben@example.org')).toBe(
    '1 ben@example.org has the role clerk, which may not do this (stock:approve): admin or operations may.\n',
  )
  // She counted.
  expect(await approve('ana@example.org')).toMatch(/^1 Whoever counted or handed it in does not approve it/)
  expect(await approve('EVE@example.org')).toMatch(/^0 Count \d+ \(approved\): 1 line approved/)
  expect(await sql`select distinct actor from movements where cause_kind = 'count' and cause_id = ${id}`).toEqual([
    { actor: 'user:eve@example.org' },
  ])
})

test('a count is rejected, or cancelled', async () => {
  const { body: one } = await json('count', 'start', 'MAIN', 'TEA')
  await cli(['count', 'enter', String(one.id), 'TEA=1'])
  await cli(['count', 'submit', String(one.id)])
  expect((await json('count', 'reject', String(one.id))).body).toMatchObject({ state: 'cancelled', rejected: 1 })
  const { body: two } = await json('count', 'start', 'MAIN', 'TEA')
  expect((await cli(['count', 'cancel', String(two.id)])).out).toContain('is cancelled')
})

test.each([
  [['count', 'enter', '1', 'TEA'], 'is neither SKU=UNITS nor SKU+=UNITS'],
  [['count', 'approve', '1', '--uncounted', 'all'], '--uncounted is leave or zero'],
  [['count', 'review', '1', '--part', 'some'], '--part is one of'],
  [['reason', 'add', 'No Code', 'x', '--acts', 'adjust'], 'is no code'],
  [['reason', 'add', 'code', 'x', '--acts', 'burn'], '"burn" is no act'],
  [['stock', 'receive', 'TEA', 'MAIN', '1', '--cost', '1.50'], 'is no amount with its currency'],
  [['stock', 'return', 'TEA', 'MAIN', '1', '--to', 'sender'], '--to is stock or unavailable'],
  [['lot', 'track', 'TEA', 'maybe'], '"maybe" is neither on nor off'],
  [['lot', 'set', 'TEA', 'MAIN', 'L1', '--expires', 'soon'], '--expires "soon" is not a day'],
])('%j is wrong usage', async (words, complaint) => {
  expect(await cli(words)).toMatchObject({ code: 2, err: expect.stringContaining(complaint) })
})

test('units are received at a cost and in a lot, put aside, restored and given back, each with its reason', async () => {
  await layIn(sql, { JAM: { MAIN: 0 } })
  await cli(['lot', 'track', 'JAM', 'on'])
  await cli(['stock', 'receive', 'JAM', 'MAIN', '6', '--lot', 'J1', '--expires', '2099-01-01', '--cost', '1.50 EUR'])
  expect((await cli(['stock', 'damage', 'JAM', 'MAIN', '2', '--reason-code', 'damaged', '--lot', 'J1'])).out).toMatch(
    /JAM +MAIN +6 +0 +2 +4/,
  )
  expect((await cli(['stock', 'restore', 'JAM', 'MAIN', '1'])).out).toMatch(/JAM +MAIN +6 +0 +1 +5/)
  expect((await cli(['stock', 'sale', 'JAM', 'MAIN', '1'])).out).toMatch(/JAM +MAIN +5 +0 +1 +4/)
  expect((await cli(['stock', 'return', 'JAM', 'MAIN', '1', '--to', 'unavailable', '--lot', 'J1'])).out).toMatch(/JAM +MAIN +6 +0 +2 +4/)
  expect((await json('lot', 'list', 'JAM')).body.lots).toMatchObject([
    { lot: 'J1', quantity: 6, unavailable: 2, expiresAt: '2099-01-01T00:00:00.000Z' },
  ])
  expect(await sql`select average::text from variant_costs`).toEqual([{ average: '1.500000' }])
  expect(await json('stock', 'adjust', 'JAM', 'MAIN', '-1', '--reason-code', 'damaged')).toMatchObject({
    code: 1,
    body: { error: { code: 'invalid', field: 'lines.0.reasonCode' } },
  })
})

test('the reasons are listed, added, renamed and switched off', async () => {
  expect((await cli(['reason', 'list', '--act', 'count'])).out).toMatch(/booking-error +Booking error +adjust, count +on\nmiscount/)
  await cli(['reason', 'add', 'sample', 'Given away', '--acts', 'adjust,count'])
  expect((await cli(['reason', 'set', 'sample', '--name', 'Sample', '--off'])).out).toBe('sample: Sample (adjust, count), switched off\n')
  expect((await json('reason', 'list')).body.map((one: { code: string }) => one.code)).not.toContain('sample')
  expect((await json('reason', 'list', '--all')).body.map((one: { code: string }) => one.code)).toContain('sample')
  expect(await json('reason', 'set', 'nope', '--off')).toMatchObject({ code: 1, body: { error: { code: 'not_found' } } })
})

test('lots are switched on, listed, and told when they expire', async () => {
  expect((await cli(['lot', 'track', 'CUP', 'on'])).out).toContain('told apart by lot from now on')
  expect((await cli(['lot', 'set', 'CUP', 'MAIN', '', '--expires', '2026-12-01'])).out).toMatch(
    /CUP +MAIN +\(no name\) +3 +\d +2026-1[12]-\d\d \d\d:00:00\S+/,
  )
  expect((await json('lot', 'expiring', '--days', '10')).body).toMatchObject([{ sku: 'CUP', lot: '', quantity: 3 }])
  expect((await cli(['lot', 'expiring', '--days', '5'])).out).toBe('None.\n')
  await cli(['lot', 'set', 'CUP', 'MAIN', '', '--expires', 'never'])
  expect((await json('lot', 'list', 'CUP')).body).toMatchObject({ tracked: true, lots: [{ expiresAt: null, unavailable: 0 }] })
  expect((await cli(['lot', 'list', 'TEA'])).out).toContain('not told apart by lot')
})

test('units that came past their time are booked with a warning', async () => {
  await layIn(sql, { CURD: { MAIN: 0 } })
  await cli(['lot', 'track', 'CURD', 'on'])
  const came = ['stock', 'receive', 'CURD', 'MAIN', '6', '--lot', 'C1', '--expires', '2020-01-01']
  expect((await cli(came)).out).toMatch(/Warning: lot C1 of CURD expired on \S+ \S+: its units are on hand at MAIN, and are not sold\.\n$/)
  expect((await json(...came)).body.warnings).toMatchObject([{ code: 'expired', sku: 'CURD', lot: 'C1' }])
  await cli(['delivery', 'add', 'PO-C', 'CURD=2', '--location', 'MAIN', '--expected', '2026-12-01'])
  expect((await cli(['delivery', 'receive', 'PO-C', 'CURD=1', '--lot', 'C1'])).out).toContain('Warning: lot C1 of CURD expired on ')
  expect((await cli(['delivery', 'receive', 'PO-C', 'CURD=1', '--lot', 'C2', '--expires', '2099-01-01'])).out).not.toContain('Warning')
  expect(await cli(['stock', 'receive', 'CURD', 'MAIN', '6', '--expires', '2027-01-01'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('--expires needs the --lot that it belongs to'),
  })
})
