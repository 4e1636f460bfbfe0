import { expect, test } from 'vitest'
import { shownAt } from '../../src/cli/instants.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
await layIn(sql, { MUG: { berlin: 10, hamburg: 4 }, CUP: { berlin: 1 } })
await quietChannel(sql, 'shop')
const cli = cliOn(url)
const json = async (...words: string[]) => {
  const ran = await cli([...words, '--json'])
  return { code: ran.code, body: JSON.parse(ran.out) }
}

test('a policy is set and shown: units or a percentage, a cap, the locations', async () => {
  const set = await cli(['channel', 'set', 'shop', '--buffer', '10%', '--cap', '12', '--stop-selling-at', '1', '--sell-ahead', 'on'])
  expect(set.out.trim()).toBe('shop: buffer 10 %, cap 12, stops selling at 1, sells ahead; from berlin, hamburg')
  expect((await json('channel', 'set', 'shop', '--buffer', '3', '--cap', 'none', '--locations', 'hamburg,berlin')).body).toMatchObject({
    ...{ buffer: 3, bufferPercent: 0, cap: null, stopSellingAt: 1, sellAhead: true },
    locations: ['hamburg', 'berlin'],
  })
  expect((await json('channel', 'set', 'shop')).body).toMatchObject({ buffer: 3 })
  expect((await json('channel', 'set', 'shop', '--buffer', '101%')).body.error).toMatchObject({ code: 'invalid', field: 'bufferPercent' })
  expect((await cli(['channel', 'set', 'shop', '--buffer', '2.5'])).err).toContain(
    '--buffer 2.5 is no number of units, no percentage such as 10% or 2.5%, and no risk such as risk:4/96',
  )
  expect((await json('channel', 'set', 'none')).body.error).toMatchObject({ code: 'not_found', value: 'none' })
})

test('a buffer by risk is set, shown with what it asks for, and ended by the next rule', async () => {
  expect((await cli(['channel', 'risk', 'shop'])).out).toContain(
    'shop: its buffer is not by risk; "concord channel set shop --buffer risk:',
  )
  expect((await cli(['channel', 'set', 'shop', '--buffer', 'risk:4/96'])).out).toContain(
    'shop: buffer by risk (margin 4, cancellation 96), no cap',
  )
  expect((await json('channel', 'set', 'shop')).body).toMatchObject({ buffer: 0, bufferRisk: { margin: '4', cancellation: '96' } })
  const { out } = await cli(['channel', 'risk', 'shop'])
  expect(out).toContain('4 % accepted')
  expect(out).toContain('not compared with what happened yet')
  expect((await json('channel', 'set', 'shop', '--buffer', 'risk:0/96')).body.error).toMatchObject({
    code: 'invalid',
    field: 'bufferRisk.margin',
  })
  await cli(['channel', 'set', 'shop', '--buffer', '3'])
  expect((await json('channel', 'risk', 'shop')).body).toMatchObject({ accepted: null, skus: 0 })
  expect((await json('channel', 'risk', 'none')).body.error).toMatchObject({ code: 'not_found' })
})

test('terms are agreed and ended', async () => {
  expect((await cli(['terms', 'MUG', 'backorder', '--limit', '20'])).out.trim()).toBe('MUG: backorder of up to 20 units')
  expect((await cli(['terms', 'MUG', 'backorder', '--limit', '20'])).out.trim()).toBe(
    'MUG: backorder of up to 20 units. It was so already.',
  )
  expect((await json('terms', 'CUP', 'preorder', '--limit', '5')).body.error).toMatchObject({ code: 'invalid', field: 'availableFrom' })
  expect((await cli(['terms', 'CUP', 'preorder', '--limit', '5', '--from', '2027-03-01'])).out.trim()).toBe(
    `CUP: preorder of up to 5 units, available from ${shownAt('2027-03-01T00:00:00.000Z')}`,
  )
  expect((await json('terms', 'CUP', 'none')).body).toMatchObject({ terms: null, changed: true })
  expect((await cli(['terms', 'CUP', 'soon'])).code).toBe(2)
})

test('availability is told by location and channel, and on a date', async () => {
  const all = await json('availability', 'MUG', 'CUP')
  expect(all.body.items[1]).toMatchObject({
    sku: 'MUG',
    channels: [{ channel: 'shop', atp: 14, ahead: 20, buffer: 3, shown: 31 }],
    locations: [
      { location: 'berlin', available: 10 },
      { location: 'hamburg', available: 4 },
    ],
  })
  await sql`
    with d as (insert into deliveries (reference, location_id, expected_at, actor)
      select 'PO-7', id, '2026-12-20T08:00:00Z', 'test' from locations where code = 'berlin' returning id)
    insert into delivery_lines (delivery_id, variant_id, ordered) select d.id, v.id, 6 from d, variants v where v.sku = 'CUP'`
  const text = await cli(['availability', 'CUP', '--channel', 'shop', '--on', '2026-12-24'])
  expect(text.out).toMatch(/shop +1 +0 +3 +none +1 +0 +not listed +7/)
  expect(text.out).toContain(`${shownAt('2026-12-20T08:00:00Z')}  6      CUP  berlin  delivery PO-7`)
  expect((await json('availability', 'MUG', '--location', 'hamburg')).body.items[0]).not.toHaveProperty('channels')
  expect((await json('availability', 'MUG', 'NOPE')).body.error).toMatchObject({ code: 'not_found', value: 'NOPE' })
  expect((await json('availability', 'MUG', '--on', '2020-01-01')).body.error).toMatchObject({ code: 'invalid', field: 'on' })
})

test('a number of a channel where the SKU is not listed says so', async () => {
  const listed = async (): Promise<unknown> => (await json('availability', 'MUG', '--channel', 'shop')).body.items[0].channels[0].listed
  expect([await listed(), (await cli(['availability', 'MUG'])).out]).toEqual([false, expect.stringMatching(/^shop .* not listed$/m)])
  await sql`
    insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
    select c.id, c.account_id, 'x-MUG', 'MUG', 'Mug', v.id from channels c, variants v where c.code = 'shop' and v.sku = 'MUG'`
  expect([await listed(), (await cli(['availability', 'MUG'])).out]).toEqual([true, expect.stringMatching(/^shop .* yes$/m)])
  await sql`update listings set state = 'gone'`
  expect(await listed()).toBe(false)
})

test('a channel or location that is not there is told, rather than left out', async () => {
  expect((await json('availability', 'MUG', '--channel', 'shpo')).body.error).toMatchObject({
    code: 'not_found',
    field: 'channel',
    nearest: ['shop'],
  })
  expect((await json('availability', 'MUG', '--location', 'belin')).body.error).toMatchObject({ field: 'location', nearest: ['berlin'] })
})
