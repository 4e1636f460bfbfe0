import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonValue, Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { type Explained, explain } from '../../src/usecases/explain.ts'
import { explainText } from '../../src/usecases/explain-text.ts'
import { freshDatabase } from '../support/database.ts'
import { book, change, layIn, quietChannel, reserve } from '../support/goods.ts'
import { contextOf } from './import-support.ts'

let sql: Sql
let context: Context
let channel: { accountId: number; channelId: number }
/** Instants of the story, by name: the database's clock after each act. */
const when: Record<string, string> = {}

const call = (name: string, cmd: Readonly<Record<string, JsonValue>>) =>
  sql.unsafe(`select ${name}($1::text::jsonb) as answer`, [JSON.stringify({ actor: 'user:ana', ...cmd })])
const mark = async (name: string) => {
  const [row] = await sql<{ at: string }[]>`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`
  when[name] = row?.at ?? ''
}
const at = (name: string, sku = 'MUG'): Promise<Explained> => explain(context, sku, { at: when[name] ?? '' })
const brief = (explained: Explained) =>
  explained.chain.map(({ result: { atp, ahead, buffer, shown, because } }) => [atp, ahead, buffer, shown, ...because])

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  await mark('before')
  await layIn(sql, { MUG: { main: 10, shop: 4 }, BOX: { main: 30 }, SET: { main: 1 } })
  channel = await quietChannel(sql, 'woo', ['main', 'shop'])
  await sql`
    insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
    select ${channel.channelId}, ${channel.accountId}, 'x-' || sku, sku, sku, id from variants where sku = 'MUG'`
  await sql`select publications_intend_1(${channel.accountId}, null, clock_timestamp())`
  await mark('opened')
  await book(sql, channel, 'woo', [{ id: 'A-1', lines: [{ sku: 'MUG', ordered: 3 }] }])
  await reserve(sql, [{ key: 'basket', expiresAt: '2030-01-01T00:00:00Z', lines: [{ sku: 'MUG', quantity: 2, location: 'shop' }] }])
  await mark('promised')
  await call('channel_set_1', { channel: 'woo', bufferPercent: 12.5, cap: 7, stopSellingAt: 1 })
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 2, kind: 'safety' }])
  await sql`select publications_intend_1(${channel.accountId}, null, clock_timestamp())`
  await mark('ruled')
  await sql`
    insert into publication_history (listing_id, field, event, value, why) select id, 'stock', event, value::jsonb, why::jsonb from listings,
      (values (1, 'sent', '{"quantity": 6}', null), (2, 'accepted', '{"quantity": 6}', null), (3, 'read', '{"quantity": 5}', '{"expected": 6}'),
        (4, 'order', '{"quantity": 3}', '{"units": 2, "alreadySeen": 0}')) e(n, event, value, why) order by n`
  await mark('sent')
  await call('location_put_1', { mode: 'change', code: 'shop', active: false })
  await call('bundle_set_1', {
    sku: 'SET',
    parts: [
      { sku: 'MUG', quantity: 2 },
      { sku: 'BOX', quantity: 4 },
    ],
  })
  await mark('closed')
  await call('stock_end_hold_1', { basket: 'hold:test:basket', end: 'settle', scope: 'test' })
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 3, kind: 'count' }])
  await call('bundle_set_1', { sku: 'SET', parts: [{ sku: 'BOX', quantity: 5 }] })
  await call('variant_terms_1', { sku: 'MUG', terms: { kind: 'backorder', limit: 9 } })
  await call('channel_set_1', { channel: 'woo', sellAhead: true, stopSellingAt: 0 })
  await mark('ended')
  await book(sql, channel, 'woo', [{ id: 'A-2', lines: [{ sku: 'MUG', ordered: 4 }] }])
  await mark('short')
})

describe('an instant of the past', () => {
  test('shows what was on hand, promised and kept back then, and by which rules', async () => {
    expect(brief(await at('opened'))).toEqual([[14, 0, 0, 14]])
    expect(brief(await at('promised'))).toEqual([[9, 0, 0, 9]])
    // 7 + 2 less a safety stock of 2: 12.5 % of 7, rounded up, is 1; the cap of 7 does not bite.
    expect(brief(await at('ruled'))).toEqual([[7, 0, 1, 6, 'buffer']])
    const { chain } = await at('ruled')
    expect(chain[0]?.steps.filter(step => step.units !== 0)).toEqual([
      { step: 'on_hand', units: 14 },
      { step: 'reserved', units: -5 },
      { step: 'safety', units: -2 },
      { step: 'buffer', units: -1 },
    ])
    expect(chain[0]).toMatchObject({ bufferPercent: '12.5', cap: 7, stopSellingAt: 1, policyActor: 'user:ana', terms: null })
    expect((await at('before')).chain).toEqual([])
  })

  test('names each promise that was open then: whose, since when, until when', async () => {
    const { reservations } = await at('promised')
    expect(reservations.map(({ since, ...one }) => ({ ...one, isKnown: since.getTime() <= Date.parse(when.promised ?? '') }))).toEqual([
      {
        ...{
          sku: 'MUG',
          location: 'main',
          quantity: 3,
          orderId: expect.any(Number),
          orderNumber: 'A-1',
          channel: 'woo',
          basket: expect.stringMatching(/^order:/),
        },
        ...{ until: null, bundle: null, isOver: false, isKnown: true },
      },
      {
        ...{ sku: 'MUG', location: 'shop', quantity: 2, orderId: null, orderNumber: null, channel: null, basket: 'hold:test:basket' },
        ...{ until: new Date('2030-01-01T00:00:00Z'), bundle: null, isOver: false, isKnown: true },
      },
    ])
    expect((await at('opened')).reservations).toEqual([])
    expect((await at('ended')).reservations.map(one => [one.orderNumber, one.quantity])).toEqual([['A-1', 3]])
  })

  test('leaves out a location that was closed then, and only then', async () => {
    expect(brief(await at('sent'))).toEqual([[7, 0, 1, 6, 'buffer']])
    const closed = await at('closed')
    expect(brief(closed)).toEqual([[5, 0, 1, 4, 'buffer']])
    expect(closed.chain[0]?.pool.map(place => [place.location, place.active])).toEqual([
      ['main', true],
      ['shop', false],
    ])
  })

  test('shows a bundle with its parts of then, what each allowed and which one limited', async () => {
    const { chain, isBundle, locations } = await at('closed', 'SET')
    expect(isBundle).toBe(true)
    // One lies there whole; of 5 mugs, 2 sets of two; of 30 boxes, 7 of four.
    expect(chain[0]?.result.atp).toBe(3)
    expect(locations[0]?.parts).toEqual([
      { sku: 'MUG', perUnit: 2, available: 5, allows: 2, limits: true },
      { sku: 'BOX', perUnit: 4, available: 30, allows: 7, limits: false },
    ])
    expect((await at('sent', 'SET')).isBundle).toBe(false)
    expect((await at('ended', 'SET')).locations[0]).toMatchObject({ available: 7, made: 6, parts: [{ sku: 'BOX', perUnit: 5, allows: 6 }] })
  })

  test('shows what could be sold ahead, less what orders were short of then', async () => {
    // 3 on hand, all promised; 2 of safety stock are not there.
    expect(brief(await at('ended'))).toEqual([[0, 9, 0, 7, 'ahead', 'cap']])
    expect(brief(await at('short'))).toEqual([[0, 5, 0, 5, 'ahead']])
    expect((await at('ended')).chain[0]?.steps.reduce((sum, step) => sum + step.units, 0)).toBe(7)
  })

  test('tells what was intended, sent, accepted and read back by then, with own orders counted off', async () => {
    const published = async (name: string) => (await at(name)).chain[0]?.published[0]
    expect(await published('opened')).toMatchObject({
      intended: { value: { quantity: 14 } },
      sent: null,
      accepted: null,
      readBack: null,
      shows: null,
    })
    expect(await published('ruled')).toMatchObject({ intended: { value: { quantity: 6 }, why: { atp: 7, buffer: 1 } }, sent: null })
    expect(await published('sent')).toMatchObject({
      ...{
        externalSku: 'MUG',
        sent: { value: { quantity: 6 } },
        accepted: { value: { quantity: 6 } },
        readBack: { value: { quantity: 5 } },
      },
      ...{ shows: 3, ownUnits: 2 },
    })
  })

  test('is told of one channel or one location', async () => {
    const one = await explain(context, 'MUG', { at: when.promised ?? '', location: 'shop' })
    expect(one.locations.map(place => [place.location, place.available])).toEqual([['shop', 2]])
    expect(one.chain.map(link => link.result.atp)).toEqual([2])
    expect(one.reservations.map(promise => promise.quantity)).toEqual([2])
    await expect(explain(context, 'MUG', { channel: 'ebay' })).rejects.toThrow('there is no channel ebay')
    await expect(explain(context, 'MUG', { at: '2126-01-01' })).rejects.toMatchObject({ code: 'invalid', detail: { field: 'at' } })
  })
})

test('as text, it can be read aloud', async () => {
  const lines = explainText(await at('sent'), () => '<instant>').split('\n')
  expect(lines).toEqual([
    'MUG  Product MUG',
    'as it was at <instant>, by what was recorded then',
    '',
    'main: on hand 10 − reserved 3 − unavailable 0 − safety stock 2 = 5 available to promise',
    '    3 for order A-1 (woo) since <instant>',
    'shop: on hand 4 − reserved 2 − unavailable 0 − safety stock 0 = 2 available to promise',
    '    2 held as hold:test:basket since <instant> until <instant>',
    '',
    'woo: shows 6',
    '    pool main 5 + shop 2 = 7',
    '    − buffer 1 (12.5 % of 7), cap 7, stop selling at 1',
    '    rule of <instant> by user:ana',
    '    listing MUG (x-MUG): intended 6 at <instant>, sent 6 at <instant>, accepted 6 at <instant>, read back 5 at <instant>',
    '      the platform shows 3 after 2 sold there since',
  ])
})
