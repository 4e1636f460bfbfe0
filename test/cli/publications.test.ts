import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel } from '../support/guarded.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
const shop = await guardedChannel(sql, 'shop', 3)
const cli = cliOn(url)
const [a = '', b = ''] = shop.skus

test('how far each value got is listed, with counts and the backlog', async () => {
  await shop.setPrices('2', [a])
  await shop.push()
  const listed = await cli(['publication', 'list', 'shop', '--state', 'quarantined'])
  expect(listed.out).toMatch(
    /^shop: stock published, prices published\nstock applied: 3\nprice applied: 2\nprice quarantined: 1, the oldest since 2\d{3}-/,
  )
  expect(listed.out).toContain('quota: not known of this platform\nbacklog: nothing waits')
  // What hinders a value, and what to do, stands below it.
  expect(listed.out).toMatch(
    /^SHOP-000000 +price +quarantined .* 2\.00 EUR .*\n {4}held by .* falls by more than 50 %.*\n {4}decide: "concord guard show \d+"/m,
  )
  expect(listed.out).not.toContain('SHOP-000001')
  const data = JSON.parse((await cli(['publication', 'list', 'shop', '--sku', b, '--json'])).out)
  expect(data.items.map((row: { field: string; stands: string }) => [row.field, row.stands])).toEqual([
    ['price', 'applied'],
    ['stock', 'applied'],
  ])
  expect((await cli(['publication', 'list', 'shop', '--state', 'lost'])).err).toMatch(/--state is one of intended, sent/)
})

test('a selection is sent now, what is held stays, and nothing is meant by nothing', async () => {
  expect((await cli(['publication', 'force', 'shop'])).err).toMatch(/say which: --sku, --state or --category; or --all/)
  const one = await cli(['publication', 'force', 'shop', '--sku', a, '--sku', b])
  expect(one.out).toBe(
    'shop: 3 fields wait to be sent now\n1 are held and do not go: "concord publication list shop --state quarantined", "concord drift list --held"\n',
  )
  expect((await cli(['publication', 'list', 'shop', '--state', 'intended'])).out).toContain(
    'backlog: 3 fields, 3 of the whole account in 2 calls',
  )
  await cli(['channel', 'pause', 'shop'])
  const paused = await cli(['publication', 'force', 'shop', '--all'])
  expect([paused.code, paused.err]).toEqual([1, 'shop: its channel is paused, so nothing is sent: "concord channel resume shop" first.\n'])
  await cli(['channel', 'resume', 'shop'])
  expect(await shop.push()).toBe(3)
})

test('why a value was sent, and why another was not, is told', async () => {
  const sent = await cli(['publication', 'explain', 'shop', b])
  expect(sent.out).toMatch(/^SHOP-000001 {2}SHOP-000001\nstock in shop, now, 2/)
  expect(sent.out).toContain('nothing to send: the platform shows it, as read back at 2')
  expect(sent.out).toContain('reckoned: 10 can be sold = 10')
  expect(sent.out).toMatch(/ {2}sent:\n {4}2\S+ \S+ {2}10, taken at 2\S+ \S+\n {6}because cli\S* asked for it/)
  const held = await cli(['publication', 'explain', 'shop', a, '--field', 'price'])
  expect(held.out).toMatch(
    /not sent: the guard holds it since .* \(incident (\d+)\): held by the guard of shop: .* Next: "concord guard show \1"/,
  )
})

test('a channel is compared as a whole by the hub that holds its account', async () => {
  const asked = await cli(['channel', 'reset', 'shop', '--wait', '0'])
  expect([asked.code, asked.out]).toEqual([1, 'No answer yet. The hub answers it when it runs (npm start); ask again then.\n'])
  expect(await sql`select kind from account_requests where state = 'open' and kind = 'compare'`).toHaveLength(1)
})
