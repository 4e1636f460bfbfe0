import { beforeAll, expect, test } from 'vitest'
import { shownAt } from '../../src/cli/instants.ts'
import { parseInstant } from '../../src/values/instant.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

// The clock of the command line stands at 2026-11-22T12:00:00Z.
const SOON = '2026-11-22T12:01:01Z'
const NEARLY = '2026-11-22T12:00:59Z'

const { sql, url } = await freshDatabase()
const cli = cliOn(url)
beforeAll(async () => {
  await layIn(sql, { TEA: { MAIN: 20, SHOP: 0 } })
  await cli(['delivery', 'add', 'PO-1', 'TEA=5', '--location', 'MAIN', '--expected', '2026-11-20T08:00Z'])
  await cli(['transfer', 'add', 'TEA=4', '--from', 'MAIN', '--to', 'SHOP', '--reference', 'T-1'])
  await cli(['transfer', 'send', 'T-1', '--expected', '2026-12-01'])
})

const onHand = async () => {
  const [row] = await sql<{ units: number }[]>`select sum(on_hand)::int as units from balances`
  return row?.units
}

test.each([
  [-3, ['stock', 'adjust', 'TEA', 'MAIN', '-3']],
  [7, ['stock', 'receive', 'TEA', 'MAIN', '7']],
  [-1, ['stock', 'sale', 'TEA', 'MAIN', '1']],
  [2, ['stock', 'return', 'TEA', 'MAIN', '2']],
  [-2, ['sale', 'TEA=2', '--till', 'T1', '--receipt', '4711', '--location', 'MAIN']],
  [5, ['delivery', 'receive', 'PO-1']],
  [4, ['transfer', 'receive', 'T-1']],
])('%i units are not booked in the future by %j, but a minute of clocks that differ is forgiven', async (units, words) => {
  const before = await onHand()
  const refused = await cli([...words, '--at', SOON, '--json'])
  expect(refused.code).toBe(1)
  expect(JSON.parse(refused.out)).toMatchObject({
    error: { code: 'invalid', field: 'occurredAt', message: '--at 2026-11-22T12:01:01.000Z is in the future.' },
  })
  expect(await onHand()).toBe(before)
  expect(await cli([...words, '--at', NEARLY])).toMatchObject({ code: 0 })
  expect(await onHand()).toBe((before ?? 0) + units)
})

test('the usage of each stock verb tells of --at, except of safety stock, which holds from now on', async () => {
  for (const verb of ['set', 'adjust', 'receive', 'sale', 'damage', 'restore', 'return'])
    expect((await cli(['help', 'stock', verb])).out).toContain('[--at INSTANT]')
  expect((await cli(['help', 'stock', 'safety'])).out).not.toContain('--at')
  expect(await cli(['stock', 'safety', 'TEA', 'MAIN', '2', '--at', NEARLY])).toMatchObject({
    code: 2,
    err: expect.stringContaining("Unknown option '--at'"),
  })
})

test('why safety stock was set is kept with who set it', async () => {
  await cli(['stock', 'safety', 'TEA', 'MAIN', '2', '--reason', 'the window display'])
  await cli(['stock', 'safety', 'TEA', 'MAIN', '3'])
  expect(await sql`select actor, subject, detail from audit where act = 'safety_stock' order by id`).toEqual([
    { actor: 'cli:test', subject: 'TEA', detail: { location: 'MAIN', from: 0, to: 2, reason: 'the window display' } },
    { actor: 'cli:test', subject: 'TEA', detail: { location: 'MAIN', from: 2, to: 3 } },
  ])
})

test.each([
  ['2026-11-22T12:00:05.250Z', 'UTC', '2026-11-22 12:00:05Z'],
  ['2026-11-22T12:00:05Z', 'Europe/Berlin', '2026-11-22 13:00:05+01:00'],
  ['2026-07-22T22:30:00Z', 'Europe/Berlin', '2026-07-23 00:30:00+02:00'],
  ['2026-11-22T12:00:00.123456Z', 'Asia/Kolkata', '2026-11-22 17:30:00+05:30'],
])('%s is shown in %s as %s, and read back as the same', (at, zone, shown) => {
  expect(shownAt(at, zone)).toBe(shown)
  expect(parseInstant(shown)).toBe(`${at.slice(0, 19)}Z`)
})

test('people are shown instants in one way, programs ISO 8601 in UTC', async () => {
  await cli(['count', 'start', 'MAIN'])
  await cli(['bundle', 'set', 'SET', 'TEA=2'])
  await cli(['stock', 'receive', 'TEA', 'MAIN', '1', '--cost', '4.20 EUR'])
  for (const words of [
    'delivery list',
    'transfer list',
    'count list',
    'stock history TEA',
    'stock cost TEA',
    'stock value',
    'explain TEA',
  ]) {
    const [shown, json] = [(await cli(words.split(' '))).out, (await cli([...words.split(' '), '--json'])).out]
    expect(shown, words).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)/)
    expect(shown, words).not.toMatch(/\d\dT\d\d:/)
    expect(json, words).toMatch(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"/)
  }
})

test('by when a store has it ready is shown as all instants are, not by the clock of that store', async () => {
  await quietChannel(sql, 'web', ['MAIN'])
  await sql`update locations set zone = 'Asia/Kolkata' where code = 'MAIN'`
  await sql`insert into location_services (location_id, collects, actor) select id, true, 'test' from locations where code = 'MAIN'`
  const words = ['pick-up', 'stores', 'TEA', '--channel', 'web']
  const [store] = JSON.parse((await cli([...words, '--json'])).out) as { readyBy: string }[]
  const shown = shownAt(store?.readyBy ?? '')
  expect((await cli(words)).out).toContain(shown)
  expect(shown).not.toContain('+05:30')
})
