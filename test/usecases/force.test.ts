import { describe, expect, test } from 'vitest'
import { forceStep } from '../../db/force.ts'
import { channelDifferences, channelHead } from '../../db/pages-channel.ts'
import { intend, noteReads } from '../../db/publications.ts'
import { waitingByLoss } from '../../db/waiting.ts'
import { changeChannel } from '../../src/usecases/channels.ts'
import { forcePush, resetChannel } from '../../src/usecases/force.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)

const waiting = async ({ channelId }: Guarded) => {
  const rows = await sql<{ sku: string; field: string }[]>`
    select v.sku, p.field from publications p join variants v on v.id = p.variant_id
    where p.channel_id = ${channelId} and p.waiting_since is not null order by v.sku, p.field`
  return rows.map(row => `${row.sku} ${row.field}`)
}
const sends = async ({ channelId }: Guarded, sku: string, field: string) => {
  const rows = await sql`
    select h.id from publication_history h join listings l on l.id = h.listing_id join variants v on v.id = l.variant_id
    where l.channel_id = ${channelId} and v.sku = ${sku} and h.field = ${field} and h.event = 'sent'`
  return rows.length
}
const refuse = (shop: Guarded, sku: string) => sql`
  update publications p set state = 'refused', sent = p.intended, reason_code = 'invalid', reason = 'no', attempts = 3
  from variants v where v.id = p.variant_id and v.sku = ${sku} and p.channel_id = ${shop.channelId} and p.field = 'price'`

describe('what is sent by a person’s word', () => {
  test('goes out though the platform has it, once, and not again after it was taken', async () => {
    const shop = await guardedChannel(sql, 'equal', 3)
    const [sku = '', other = ''] = shop.skus
    expect(await shop.push()).toBe(0)
    const done = await forcePush(context, 'k-1', 'equal', { skus: [sku] })
    expect(done).toMatchObject({ channel: 'equal', forced: 2, again: 0, underWay: 0, held: 0, endedAt: expect.any(Date) })
    expect(await waiting(shop)).toEqual([`${sku} price`, `${sku} stock`])
    expect(await shop.push()).toBe(2)
    expect([await sends(shop, sku, 'price'), await sends(shop, sku, 'stock'), await sends(shop, other, 'stock')]).toEqual([1, 1, 0])
    expect(await waiting(shop)).toEqual([])
    expect(await shop.push()).toBe(0)
    const [row] = await sql`
      select why from publication_history h join listings l on l.id = h.listing_id where l.external_sku = ${sku} and l.channel_id = ${shop.channelId} and event = 'forced' limit 1`
    expect(row?.why).toEqual({ actor: 'user:test', force: done.id })
    const [audit] = await sql`select actor, detail from audit where act = 'channel.force' and subject = 'equal'`
    expect(audit).toEqual({ actor: 'user:test', detail: { skus: [sku], force: done.id } })
  })

  test('counts once under one key, and another wish under it is refused', async () => {
    const shop = await guardedChannel(sql, 'keyed', 2)
    const first = await forcePush(context, 'k-2', 'keyed', { field: 'price' })
    expect(first.forced).toBe(2)
    await shop.push()
    expect(await forcePush(context, 'k-2', 'keyed', { field: 'price' })).toEqual(first)
    expect(await waiting(shop)).toEqual([])
    await expect(forcePush(context, 'k-2', 'keyed', { field: 'stock' })).rejects.toMatchObject({ code: 'conflict' })
  })

  test('of many answers soon with what is done so far; asked again under the key, it tells how far it is', async () => {
    const shop = await guardedChannel(sql, 'many', 300)
    const soon = await forcePush(context, 'k-many', 'many', { field: 'price' }, 0)
    expect(soon).toMatchObject({ forced: 250, endedAt: null })
    expect(await forcePush(context, 'k-many', 'many', { field: 'price' }, 0)).toMatchObject({
      ...{ id: soon.id, forced: 300, endedAt: expect.any(Date) },
    })
    expect((await waiting(shop)).length).toBe(300)
  })

  test('gives refused values another try, only those of the state and the category that is named', async () => {
    const shop = await guardedChannel(sql, 'refusing', 4)
    const [a = '', b = '', c = ''] = shop.skus
    for (const sku of [a, b]) await refuse(shop, sku)
    await sql`update products set category = 'tea' where handle = ${b}`
    expect(await waiting(shop)).toEqual([])
    expect(await forcePush(context, null, 'refusing', { state: 'refused', category: 'tea' })).toMatchObject({ forced: 1, again: 1 })
    expect(await waiting(shop)).toEqual([`${b} price`])
    expect(await forcePush(context, null, 'refusing', { state: 'refused' })).toMatchObject({ forced: 1, again: 1 })
    expect(await waiting(shop)).toEqual([`${a} price`, `${b} price`])
    expect(await shop.push()).toBe(2)
    expect(await sends(shop, c, 'price')).toBe(0)
    const rows = await sql`select state, forced_at, reason from publications where channel_id = ${shop.channelId} and field = 'price'`
    expect(rows).toEqual(Array.from({ length: 4 }, () => ({ state: 'applied', forced_at: null, reason: null })))
  })

  test('leaves what the guard holds, what is under way and what may have arrived as it is', async () => {
    const shop = await guardedChannel(sql, 'careful', 4)
    const [held = '', under = '', lost = '', free = ''] = shop.skus
    await shop.setPrices('2', [held])
    expect(await shop.push()).toBe(0)
    const set = (sku: string, how: Record<string, unknown>) => sql`
      update publications p set ${sql(how)} from variants v where v.id = p.variant_id and v.sku = ${sku} and p.channel_id = ${shop.channelId} and p.field = 'price'`
    await set(under, { state: 'sent', sent_at: new Date() })
    const retry = new Date(Date.now() + 3_600_000)
    await set(lost, {
      state: 'intended',
      reason_code: 'unknown',
      accepted: sql.json({ currency: 'EUR', regular: '9', sale: null }),
      retry_at: retry,
    })
    expect(await forcePush(context, null, 'careful', { field: 'price' })).toMatchObject({ forced: 2, underWay: 1, held: 1 })
    expect(await waiting(shop)).toEqual([`${lost} price`, `${free} price`])
    const [row] =
      await sql`select p.retry_at from publications p join variants v on v.id = p.variant_id where v.sku = ${lost} and p.field = 'price'`
    expect(row?.retry_at).toEqual(retry)
  })

  test('a call whose answer was lost is not repeated when reading shows that it had arrived', async () => {
    const shop = await guardedChannel(sql, 'lost', 1)
    const [sku = ''] = shop.skus
    await forcePush(context, null, 'lost', { field: 'stock' })
    const [work] = await waitingByLoss(sql, shop.accountId, 10)
    await sql`update publications set state = 'sent', sent = '{"quantity": 10}', sent_at = clock_timestamp() where channel_id = ${shop.channelId} and field = 'stock'`
    await sql`select account_unstick_2(${shop.accountId}, interval '0', '{}')`
    expect(await waiting(shop)).toEqual([`${sku} stock`])
    await noteReads(sql, shop.accountId, 60_000, [{ listing: work?.listing ?? 0, quantity: 10, at: new Date(Date.now() + 1_000) }])
    expect(await waiting(shop)).toEqual([])
  })

  test('a whole channel goes in parts, on from where it was cut short, and what is urgent goes first', async () => {
    const shop = await guardedChannel(sql, 'whole', 30)
    const [sku = ''] = shop.skus.slice(-1)
    const [made] = await sql<{ answer: { force: number } }[]>`
      select publication_force_1(${sql.json({ actor: 'user:ana', channel: 'whole' })}) as answer`
    const force = made?.answer.force ?? 0
    expect(await forceStep(sql, force, 10)).toBe(true)
    expect(await waiting(shop)).toHaveLength(20)
    // Whoever asked is gone; the holder of the account goes on.
    while (await forceStep(sql, force, 10));
    expect(await waiting(shop)).toHaveLength(60)
    expect(await forceStep(sql, force, 10)).toBe(false)
    await shop.setStock(0, [sku])
    await sql`select publications_intend_stock_1(${shop.accountId}, null, clock_timestamp())`
    const [first] = await waitingByLoss(sql, shop.accountId, 1)
    expect(first).toMatchObject({ externalSku: sku, field: 'stock', target: 0 })
    expect(await shop.push()).toBe(60)
  })

  test('is no difference and no delay where the platform has the value: nobody is told of it', async () => {
    const shop = await guardedChannel(sql, 'calm', 2)
    const [sku = ''] = shop.skus
    await forcePush(context, null, 'calm', {})
    const late = (now: string) => sql`
      select facts from alert_late(${now}, '{"channel_late": {"amount": 300, "quietS": 0}}') where channel_id = ${shop.channelId}`
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
    const head = async () => channelHead(sql, 'calm')
    expect(await late(inAnHour)).toEqual([])
    expect(await head()).toMatchObject({ stockDiffers: 0, pricesDiffer: 0 })
    expect(await channelDifferences(sql, shop.channelId, 10)).toEqual([])
    await shop.setStock(7, [sku])
    await intend(sql, shop.accountId, null)
    expect(await late(inAnHour)).toMatchObject([{ facts: { waiting: 1 } }])
    expect(await head()).toMatchObject({ stockDiffers: 1, pricesDiffer: 0 })
    expect(await channelDifferences(sql, shop.channelId, 10)).toMatchObject([
      { sku, field: 'stock', shown: { quantity: 10 }, intended: { quantity: 7 } },
    ])
  })

  test('is refused where nothing can be sent, with the next step', async () => {
    const shop = await guardedChannel(sql, 'shut', 1)
    await expect(forcePush(context, null, 'nowhere', {})).rejects.toMatchObject({ code: 'not_found', detail: { field: 'channel' } })
    await expect(forcePush(context, null, 'shut', { skus: ['NO-SUCH'] })).rejects.toMatchObject({
      code: 'not_found',
      detail: { field: 'sku', value: 'NO-SUCH' },
    })
    await changeChannel(context, 'shut', { publishPrices: false }, null)
    await expect(forcePush(context, null, 'shut', { field: 'price' })).rejects.toThrow('turn the switch on first')
    expect(await forcePush(context, null, 'shut', {})).toMatchObject({ forced: 1 })
    await changeChannel(context, 'shut', { paused: true }, null)
    await expect(forcePush(context, null, 'shut', {})).rejects.toThrow('"concord channel resume shut" first')
    await changeChannel(context, 'shut', { paused: false }, null)
    expect(await waiting(shop)).toHaveLength(1)
  })
})

test('a reset asks for one compare of the account, is kept in the audit, and counts once under its key', async () => {
  const shop = await guardedChannel(sql, 'again', 1)
  await sql`update account_requests set state = 'done', ended_at = now() where account_id = ${shop.accountId}`
  const id = await resetChannel(context, 'r-1', 'again')
  expect(await resetChannel(context, 'r-1', 'again')).toBe(id)
  expect(await resetChannel(context, 'r-2', 'again')).toBe(id)
  const rows = await sql`select id, kind, actor from account_requests where account_id = ${shop.accountId} and state = 'open'`
  expect(rows).toEqual([{ id, kind: 'compare', actor: 'user:test' }])
  expect(await sql`select detail from audit where act = 'channel.reset' and subject = 'again'`).toEqual([
    { detail: { request: id } },
    { detail: { request: id } },
  ])
  await expect(resetChannel(context, null, 'nowhere')).rejects.toMatchObject({ code: 'not_found' })
})
