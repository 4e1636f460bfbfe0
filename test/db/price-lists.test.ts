import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonValue, Sql } from '../../db/connect.ts'
import { type PriceListCommands, priceListCommand } from '../../db/price-lists.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'

let sql: Sql
let shop: number
beforeAll(async () => {
  ;({ sql } = await freshDatabase())
  await layIn(sql, { MUG: {}, LID: {}, POT: {}, BOX: {} }, '10')
  await sql`update products set category = 'Kitchen' where handle in ('MUG', 'LID', 'POT')`
  shop = (await quietChannel(sql, 'shop')).channelId
})

const run = (name: keyof PriceListCommands, list: string, more: Record<string, JsonValue> = {}, actor = 'ana') =>
  priceListCommand(sql, name, { list, actor, ...more }) as Promise<Record<string, unknown>>
const set = (list: string, terms: Record<string, JsonValue>, actor?: string) => run('price_list_set_1', list, { terms }, actor)
const put = (list: string, entries: readonly Record<string, JsonValue>[], actor?: string) =>
  run('price_list_entries_1', list, { entries: [...entries] }, actor)
const approve = async (list: string, actor?: string) => run('price_list_approve_1', list, { version: await version(list) }, actor)
const version = async (list: string) => {
  const [row] = await sql<{ version: number }[]>`select price_list_version(${list}) as version`
  return row?.version ?? 0
}
const fixed = (sku: string, value: string, minQuantity = 1) => ({ sku, rule: 'fixed', value, minQuantity })
const shown = async (sku: string) => {
  const [row] = await sql<{ price: { regular: string; sale: { amount: string } | null } }[]>`
    select price from channel_price_2(array[${shop}::bigint], (select array_agg(id) from variants where sku = ${sku}), clock_timestamp())`
  return row?.price.sale?.amount ?? row?.price.regular
}
const feed = async (since: number) =>
  (
    await sql<
      { sku: string | null }[]
    >`select v.sku from change c left join variants v on v.id = c.variant_id where c.kind = 'price' and c.seq > ${since} order by 1`
  ).map(row => row.sku)
const feedEnd = async () => (await sql<{ seq: number }[]>`select coalesce(max(seq), 0)::bigint as seq from change`)[0]?.seq ?? 0

describe('a price list', () => {
  test('is a draft that shows nothing until it is approved; then its prices hold, and are told in the feed', async () => {
    const began = await feedEnd()
    expect(await set('base', {})).toEqual({ outcome: 'missing', field: 'currency' })
    expect(await set('base', { currency: 'EUR', audience: { kind: 'channel', code: 'shop' } })).toMatchObject({
      outcome: 'done',
      changed: true,
      made: true,
      state: 'draft',
      waiting: false,
    })
    expect(await put('base', [fixed('MUG', '8.90'), fixed('LID', '3')])).toMatchObject({ outcome: 'done', changed: 2, waiting: false })
    expect(await shown('MUG')).toBe('10')
    expect(await feed(began)).toEqual([])
    expect(await approve('base')).toMatchObject({ outcome: 'done', terms: true, entries: 0 })
    expect([await shown('MUG'), await shown('LID'), await shown('POT')]).toEqual(['8.9', '3', '10'])
    expect(await feed(began)).toEqual(['LID', 'MUG'])
    expect(await approve('base')).toEqual({ outcome: 'nothing' })
  })

  test('keeps every version of an entry; what is the same stays, and what is removed gives way to what speaks less closely', async () => {
    const began = await feedEnd()
    expect(await put('base', [{ category: 'Kitchen', rule: 'percent', over: 'plain', value: '-20' }])).toMatchObject({ changed: 1 })
    expect(await put('base', [fixed('MUG', '8.90'), fixed('LID', '4')])).toMatchObject({ changed: 1 })
    expect(await put('base', [fixed('MUG', '8.9')])).toMatchObject({ changed: 0 })
    expect([await shown('MUG'), await shown('LID'), await shown('POT'), await shown('BOX')]).toEqual(['8.9', '4', '8', '10'])
    expect(
      await put('base', [
        { sku: 'MUG', rule: 'remove' },
        { sku: 'LID', rule: 'none' },
        { sku: 'BOX', rule: 'remove' },
      ]),
    ).toMatchObject({ changed: 2 })
    expect([await shown('MUG'), await shown('LID')]).toEqual(['8', '10'])
    expect(new Set(await feed(began))).toEqual(new Set(['LID', 'MUG', 'POT']))
    const rows = await sql`
      select trim_scale(value)::text as value, rule, valid_from = valid_to as gone, valid_to is null as stands from price_entries e join variants v on v.id = e.variant_id
      where v.sku = 'MUG' order by e.id`
    expect(rows).toEqual([
      { value: '8.9', rule: 'fixed', gone: false, stands: false },
      { value: null, rule: 'none', gone: true, stands: false },
    ])
  })

  test('marked four eyes changes only when somebody else approves what was seen; meanwhile the approved prices hold', async () => {
    await set('vip', { currency: 'EUR', fourEyes: true, priority: 5, audience: { kind: 'channel', code: 'shop' } })
    await put('vip', [fixed('POT', '6'), fixed('POT', '5', 10)])
    expect(await approve('vip')).toEqual({ outcome: 'own' })
    const seen = await version('vip')
    await put('vip', [fixed('POT', '6.5')])
    expect(await run('price_list_approve_1', 'vip', { version: seen }, 'bob')).toEqual({ outcome: 'stale', version: await version('vip') })
    expect(await approve('vip', 'bob')).toMatchObject({ outcome: 'done', terms: true, entries: 2 })
    expect(await shown('POT')).toBe('6.5')

    expect(await put('vip', [fixed('POT', '7'), { sku: 'POT', minQuantity: 10, rule: 'remove' }])).toMatchObject({
      changed: 2,
      waiting: true,
    })
    expect(await set('vip', { priority: 6, to: '2099-01-01T00:00:00Z' })).toMatchObject({ waiting: true, state: 'approved' })
    expect(await set('vip', { priority: 6 })).toMatchObject({ changed: false, waiting: true })
    expect(await shown('POT')).toBe('6.5')
    expect(await approve('vip')).toEqual({ outcome: 'own' })
    expect(await approve('vip', 'bob')).toMatchObject({ terms: true, entries: 2 })
    expect(await shown('POT')).toBe('7')
    const [terms] =
      await sql`select priority, state, actor, four_eyes from price_list_terms t join price_lists l on l.id = t.list_id where code = 'vip' and valid_to is null`
    expect(terms).toEqual({ priority: 6, state: 'approved', actor: 'bob', four_eyes: true })
    expect(
      await sql`select 1 from price_entries e join price_lists l on l.id = e.list_id where code = 'vip' and e.valid_to is null and min_quantity = 10`,
    ).toEqual([])
    expect((await sql`select at from due where what = 'list'`).map(row => row.at)).toEqual([new Date('2099-01-01T00:00:00Z')])
  })

  test('lets whoever did not write what waits approve it, though they wrote earlier; what is rejected is gone', async () => {
    await put('vip', [fixed('POT', '9')], 'bob')
    expect(await approve('vip', 'bob')).toEqual({ outcome: 'own' })
    expect(await run('price_list_reject_1', 'vip', { why: 'too dear' })).toMatchObject({ outcome: 'done', terms: false, entries: 1 })
    expect(await approve('vip')).toEqual({ outcome: 'nothing' })
    await put('vip', [fixed('POT', '7.5')], 'ana')
    expect(await approve('vip', 'bob')).toMatchObject({ entries: 1 })
    expect(await shown('POT')).toBe('7.5')
    // Stated as it stands: what waits of it is withdrawn.
    await put('vip', [fixed('POT', '8')])
    expect(await put('vip', [fixed('POT', '7.5')])).toMatchObject({ changed: 1, waiting: true })
    expect(await approve('vip', 'bob')).toEqual({ outcome: 'nothing' })
  })

  test('is told to hold since it was approved, whatever waited or was rejected since', async () => {
    const since = async () => {
      const [row] = await sql<{ since: string }[]>`
        select one->>'since' as since from jsonb_array_elements(price_facts_1('POT', 'shop', null, 'infinity')->'lists') one where one->>'code' = 'vip'`
      return row?.since
    }
    const before = await since()
    expect(before).toEqual(expect.any(String))
    await set('vip', { title: 'Very important' })
    expect(await since()).toBe(before)
    await run('price_list_reject_1', 'vip')
    expect(await since()).toBe(before)
  })

  test('cannot lose its mark on the way to being approved by its writer', async () => {
    await set('sly', { currency: 'EUR', fourEyes: true })
    await set('sly', { fourEyes: false })
    expect(await approve('sly')).toEqual({ outcome: 'own' })
  })

  test('ends for good; an approved one marked four eyes only by who may approve', async () => {
    expect(await run('price_list_end_1', 'vip')).toEqual({ outcome: 'forbidden' })
    await put('vip', [fixed('POT', '1')])
    expect(await run('price_list_end_1', 'vip', { mayApprove: true })).toMatchObject({ outcome: 'done', changed: true })
    expect(await run('price_list_end_1', 'vip')).toMatchObject({ changed: false })
    expect(await shown('POT')).toBe('8')
    expect(await put('vip', [fixed('POT', '1')])).toEqual({ outcome: 'ended' })
    expect(await set('vip', { priority: 1 })).toEqual({ outcome: 'ended' })
  })

  test('names what nobody knows, and what is said twice', async () => {
    expect(await put('none', [])).toEqual({ outcome: 'unknown', field: 'list', value: 'none' })
    expect(await put('base', [fixed('MUG', '1'), fixed('MUGG', '1')])).toEqual({ outcome: 'unknown', field: 'sku', value: 'MUGG', line: 1 })
    expect(await put('base', [{ category: 'Kitchn', rule: 'none' }])).toMatchObject({ outcome: 'unknown', field: 'category', line: 0 })
    expect(await put('base', [{ all: true, rule: 'percent', over: 'list', baseList: 'x', value: '1' }])).toMatchObject({
      field: 'baseList',
      value: 'x',
    })
    expect(await put('base', [fixed('MUG', '1'), fixed('MUG', '2', 5), fixed('MUG', '3')])).toEqual({ outcome: 'twice', line: 2 })
    expect(await set('base', { audience: { kind: 'group', code: 'eu' } })).toEqual({ outcome: 'unknown', field: 'group', value: 'eu' })
    expect(await set('base', { from: '2026-12-08T00:00:00Z', to: '2026-12-01T00:00:00Z' })).toMatchObject({ outcome: 'period' })
  })
})

describe('lists that lean on each other', () => {
  const over = (baseList: string) => [{ all: true, rule: 'percent', over: 'list', baseList, value: '-5' }]

  test('form no circle and no chain of more than six', async () => {
    for (const n of [1, 2, 3, 4, 5, 6, 7]) await set(`step-${n}`, { currency: 'EUR' })
    expect(await put('step-1', over('step-1'))).toEqual({ outcome: 'cycle', path: ['step-1', 'step-1'] })
    for (const n of [2, 3, 4, 5, 6]) expect(await put(`step-${n}`, over(`step-${n - 1}`))).toMatchObject({ outcome: 'done' })
    expect(await put('step-1', over('step-3'))).toEqual({ outcome: 'cycle', path: ['step-1', 'step-3', 'step-2', 'step-1'] })
    const chain = ['step-7', 'step-6', 'step-5', 'step-4', 'step-3', 'step-2', 'step-1']
    expect(await put('step-7', over('step-6'))).toEqual({ outcome: 'too_deep', path: chain })
    expect(await put('step-1', over('step-7'))).toMatchObject({ outcome: 'too_deep' })
  })

  test('may state prices with tax the one and without the other', async () => {
    await set('net', { currency: 'EUR', taxIncluded: false })
    expect(await put('net', over('step-1'))).toMatchObject({ outcome: 'done', changed: 1 })
    expect(await set('step-1', { taxIncluded: true })).toMatchObject({ outcome: 'done', changed: true })
  })
})

describe('a typed price below a floor', () => {
  beforeAll(async () => {
    await sql`insert into regions (code, name) values ('de', 'Germany')`
    await sql`insert into tax_rates (region_id, percent, starts_at, actor) select id, 19, '2020-01-01', 'test' from regions`
    await sql`insert into channel_price_policies (channel_id, region_id, actor) select ${shop}, id, 'test' from regions`
    await sql`update variants set cost = 5.6, cost_currency = 'EUR' where sku = 'BOX'`
    await sql`
      insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
      select c.id, c.account_id, 'box', 'BOX', 'BOX', v.id from channels c cross join variants v where c.id = ${shop} and v.sku = 'BOX'`
    await sql`
      insert into price_limits (kind, basis, scope, variant_id, percent, actor) select 'floor', 'margin', 'variant', id, 20, 'test' from variants where sku = 'BOX'`
  })
  const below = { outcome: 'below_floor', below: [{ sku: 'BOX', channel: 'shop', amount: '8.32', currency: 'EUR', floor: '8.33' }] }

  test('is refused with its arithmetic, in a list and as a plain price; nothing is left of it', async () => {
    expect(await put('base', [fixed('POT', '4'), fixed('BOX', '8.32', 3)])).toMatchObject({
      ...below,
      below: [{ ...below.below[0], minQuantity: 3, why: { basis: 'margin', percent: '20', cost: '5.6', currency: 'EUR', tax: '19' } }],
    })
    expect(await shown('POT')).toBe('8')
    expect(await put('base', [fixed('BOX', '8.33')])).toMatchObject({ outcome: 'done' })
    const plain = async (name: 'prices_set_1' | 'prices_set_2', amount: string, from: string | null = null) => {
      const prices = [
        { sku: 'POT', currency: 'EUR', amount: '11' },
        { sku: 'BOX', currency: 'EUR', amount, from },
      ]
      const [row] = await sql<{ answer: unknown }[]>`select ${sql(name as string)}(${sql.json({ actor: 'ana', prices })}) as answer`
      return row?.answer
    }
    expect(await plain('prices_set_2', '8.32')).toMatchObject({ outcome: 'below_floor', below: [{ ...below.below[0], line: 1 }] })
    expect(await plain('prices_set_2', '8.32', '2026-12-01T00:00:00Z')).toMatchObject({ outcome: 'below_floor' })
    expect(await plain('prices_set_1', '8.32')).toEqual({
      outcome: 'mismatch',
      line: 1,
      field: 'amount',
      value: '8.32',
      expected: 'at least 8.33 EUR',
    })
    expect(await sql`select p.id from prices p join variants v on v.id = p.variant_id where sku = 'POT' and amount = 11`).toEqual([])
    expect(await plain('prices_set_2', '8.33')).toEqual({ outcome: 'done', changed: 2 })
  })

  test('of an entry for all counts only where nothing closer speaks', async () => {
    expect(await put('base', [{ all: true, rule: 'fixed', value: '2' }])).toMatchObject({ outcome: 'done' })
    expect(await put('base', [{ sku: 'BOX', rule: 'remove' }])).toMatchObject({ outcome: 'done' })
  })

  test('is refused when it is approved, or when its list would come to reach the channel', async () => {
    await quietChannel(sql, 'free')
    await sql`insert into price_limits (kind, basis, channel_id, scope, variant_id, currency, amount, actor)
      select 'floor', 'map', ${shop}, 'variant', id, 'EUR', 6, 'test' from variants where sku = 'LID'`
    await set('far', { currency: 'EUR', audience: { kind: 'channel', code: 'free' } })
    expect(await put('far', [fixed('LID', '5')])).toMatchObject({ outcome: 'done' })
    expect(await set('far', { audience: { kind: 'everyone' } })).toMatchObject({
      outcome: 'below_floor',
      below: [{ channel: 'shop', floor: '6', why: { basis: 'map' } }],
    })
    // Without its own tax display it is no typed price there.
    expect(await set('far', { audience: { kind: 'everyone' }, taxIncluded: false })).toMatchObject({ outcome: 'done' })
    await sql`insert into price_limits (kind, basis, scope, currency, amount, actor) values ('floor', 'manual', 'all', 'EUR', 5.5, 'test')`
    await set('far', { audience: { kind: 'channel', code: 'free' } })
    await set('far', { title: 'Far away' })
    expect(await set('far', { taxIncluded: null })).toMatchObject({ outcome: 'below_floor', below: [{ channel: 'free', floor: '5.5' }] })
    expect(await approve('far')).toMatchObject({ outcome: 'done' })
  })
})

test('lists that overlap are named, with the one that holds', async () => {
  const week = { currency: 'EUR', kind: 'sale', audience: { kind: 'channel', code: 'free' } }
  await set('week-1', { ...week, from: '2098-12-01T00:00:00Z', to: '2098-12-08T00:00:00Z' })
  await set('week-2', { ...week, from: '2098-12-07T00:00:00Z', to: '2098-12-14T00:00:00Z' })
  await put('week-1', [{ product: 'MUG', rule: 'percent', over: 'plain', value: '-5' }])
  const overlaps = async (code: string) =>
    (await sql`select o.* from price_lists l, price_list_overlaps(l.id, clock_timestamp()) o where l.code = ${code}`).map(row => ({
      ...row,
    }))
  expect(await overlaps('week-1')).toEqual([])
  await put('week-2', [{ category: 'Kitchen', rule: 'percent', over: 'plain', value: '-7' }])
  expect(await overlaps('week-1')).toEqual([{ code: 'week-2', state: 'draft', wins: 'week-2' }])
  expect(await overlaps('week-2')).toEqual([{ code: 'week-1', state: 'draft', wins: 'week-2' }])
  await set('week-2', { from: '2098-12-08T00:00:00Z' })
  expect(await overlaps('week-1')).toEqual([])
  await set('week-2', { from: '2098-12-01T00:00:00Z' })
  expect(await overlaps('week-2')).toEqual([{ code: 'week-1', state: 'draft', wins: 'week-1' }])
  await set('week-2', { priority: 1 })
  expect(await overlaps('week-2')).toEqual([])
})
