import { expect, test } from 'vitest'
import { holdLease } from '../../db/accounts.ts'
import type { JsonValue } from '../../db/connect.ts'
import { intend, markSent, noteReads, noteResults } from '../../db/publications.ts'
import { waitingByLoss } from '../../db/waiting.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'

const { sql } = await freshDatabase()

const command = async (name: string, body: Readonly<Record<string, JsonValue>>): Promise<Record<string, unknown>> => {
  const [row] = await sql<{ answer: Record<string, unknown> }[]>`select ${sql(name)}(${sql.json(body)}) as answer`
  return row?.answer ?? {}
}
const price = (amount: string) => ({ currency: 'EUR', regular: amount, sale: null })
const publication = async (shop: Guarded) => {
  const [row] = await sql<
    { listing: number; intended: unknown; accepted: unknown; waits: boolean; looks: boolean; held: string | null; reason: string | null }[]
  >`
    select p.listing_id::int as listing, p.intended, p.accepted, p.waiting_since is not null as waits, p.check_at is not null as looks, p.held->>'code' as held, p.reason
    from publications p join listings l on l.id = p.listing_id where p.channel_id = ${shop.channelId} and p.field = 'price' order by l.external_sku limit 1`
  if (!row) throw new Error(`nothing is published in ${shop.code}`)
  return row
}
const send = async (shop: Guarded) => {
  const lease = await holdLease(sql, shop.accountId, 'test', 3_600_000)
  const out = await markSent(sql, shop.accountId, lease?.token ?? 0, await waitingByLoss(sql, shop.accountId, 10))
  return { lease: lease?.token ?? 0, sent: out?.send ?? [] }
}

const referenceOf = async (shop: Guarded, sku: string) => {
  const [row] = await sql<{ reference: string }[]>`
    select trim_scale(r.reference)::text as reference from variants v
    cross join lateral channel_price_2(array[${shop.channelId}::bigint], array[v.id], clock_timestamp()) s
    cross join lateral price_references_1(${shop.channelId}, array[v.id], array[null::timestamptz], array[s.why->'sale'], clock_timestamp()) r where v.sku = ${sku}`
  return row?.reference
}

test('an entry that is taken away together with other terms of its list is told, too', async () => {
  const shop = await guardedChannel(sql, 'taken', 2)
  const [one = '', other = ''] = shop.skus
  const by = (actor: string, body: Readonly<Record<string, JsonValue>>) => ({ actor, list: 'spring', ...body })
  const entries = (...said: JsonValue[]) => command('price_list_entries_1', by('ana', { entries: said }))
  await command('price_list_set_1', by('ana', { terms: { currency: 'EUR', fourEyes: true } }))
  const written = await entries({ sku: one, rule: 'fixed', value: '9' }, { sku: other, rule: 'fixed', value: '9' })
  await command('price_list_approve_1', by('bob', { version: Number(written.version) }))
  await entries({ sku: one, rule: 'remove' })
  const terms = await command('price_list_set_1', by('ana', { terms: { priority: 3 } }))
  const [before] = await sql<{ seq: number }[]>`select max(seq)::int as seq from change`
  expect(await command('price_list_approve_1', by('bob', { version: Number(terms.version) }))).toMatchObject({
    outcome: 'done',
    terms: true,
    entries: 1,
  })
  const told = await sql<{ sku: string }[]>`
    select distinct v.sku from change c join variants v on v.id = c.variant_id where c.kind = 'price' and c.seq > ${before?.seq ?? 0} order by v.sku`
  expect(told.map(row => row.sku)).toEqual([one, other])
})

test('a listing that becomes another SKU is sent its price, whatever showed when it was first seen', async () => {
  const shop = await guardedChannel(sql, 'rematched', 2)
  const [one = '', other = ''] = shop.skus
  await shop.setPrices('12', [one])
  await shop.push()
  const { listing } = await publication(shop)
  await command('listing_match_1', { actor: 'ana', listingId: listing, sku: other })
  await intend(sql, shop.accountId, null)
  expect(await publication(shop)).toMatchObject({ listing, intended: price('10'), accepted: price('12'), waits: true })
})

test('a price that the platform took and does not show yet is not forgotten when the old one is seen', async () => {
  const shop = await guardedChannel(sql, 'slow', 1)
  await shop.setPrices('12')
  await intend(sql, shop.accountId, null)
  const { lease, sent } = await send(shop)
  await noteResults(
    sql,
    shop.accountId,
    lease,
    sent.map(({ listing, field }) => ({ listing, field, status: 'accepted' })),
  )
  await shop.setPrices('10')
  await intend(sql, shop.accountId, null)
  const { listing } = await publication(shop)
  const [clock] = await sql<{ at: Date }[]>`select clock_timestamp() as at`
  await noteReads(sql, shop.accountId, 60_000, [{ listing, price: price('10'), at: clock?.at ?? new Date() }])
  // 12 will show in a moment: 10 has to be sent over it.
  expect(await publication(shop)).toMatchObject({ accepted: price('12'), waits: true, looks: true })
})

test('a price whose answer was lost is looked for until it would have come to show, though the one before is wanted again', async () => {
  const shop = await guardedChannel(sql, 'lost', 1)
  await shop.setPrices('12')
  await intend(sql, shop.accountId, null)
  const { lease, sent } = await send(shop)
  await noteResults(
    sql,
    shop.accountId,
    lease,
    sent.map(({ listing, field }) => ({ listing, field, status: 'unknown' })),
  )
  await shop.setPrices('10')
  await intend(sql, shop.accountId, null)
  const { listing } = await publication(shop)
  const reads = async (amount: string) => {
    const [clock] = await sql<{ at: Date }[]>`select clock_timestamp() as at`
    await noteReads(sql, shop.accountId, 60_000, [{ listing, price: price(amount), at: clock?.at ?? new Date() }])
    return publication(shop)
  }
  expect(await reads('10')).toMatchObject({ accepted: price('10'), waits: false, looks: true })
  expect(await reads('12')).toMatchObject({ accepted: price('12'), intended: price('10'), waits: true })
})

test('a price that was taken away before it went out stays at home, until there is one again', async () => {
  const shop = await guardedChannel(sql, 'withdrawn', 1)
  const [sku = ''] = shop.skus
  const set = (amount: string | null) => command('prices_set_2', { actor: 'ana', prices: [{ sku, currency: 'EUR', amount }] })
  await set('9')
  await intend(sql, shop.accountId, null)
  await set(null)
  await intend(sql, shop.accountId, null)
  expect(await publication(shop)).toMatchObject({
    held: 'no_price',
    waits: false,
    reason: `${sku} has no price in withdrawn any more: the platform goes on showing 10 EUR; set a price`,
  })
  expect((await send(shop)).sent).toEqual([])
  await set('9.5')
  await intend(sql, shop.accountId, null)
  expect((await send(shop)).sent).toMatchObject([{ value: price('9.5') }])
})

test('a sale that was sent ahead is taken back where no price is left, before the platform begins it by itself', async () => {
  const shop = await guardedChannel(sql, 'ahead', 1)
  const [sku = ''] = shop.skus
  const from = new Date(Date.now() + 3_600_000).toISOString()
  const set = (...prices: JsonValue[]) => command('prices_set_2', { actor: 'ana', prices })
  await set({ sku, currency: 'EUR', amount: '8', from })
  await shop.push()
  expect(await publication(shop)).toMatchObject({ accepted: { regular: '10', sale: { amount: '8' } } })
  await set({ sku, currency: 'EUR', amount: null, from }, { sku, currency: 'EUR', amount: null })
  expect(await shop.push()).toBe(1)
  expect(await publication(shop)).toMatchObject({ accepted: price('10'), waits: false })
  await intend(sql, shop.accountId, null)
  expect(await publication(shop)).toMatchObject({ held: 'no_price', waits: false })
})

test('a sale that was sent ahead is taken back where its price is held, even where what is shown stands below the floor', async () => {
  const shop = await guardedChannel(sql, 'torn', 1)
  const [sku = ''] = shop.skus
  const from = new Date(Date.now() + 3_600_000).toISOString()
  await command('prices_set_2', { actor: 'ana', prices: [{ sku, currency: 'EUR', amount: '8', from }] })
  await shop.push()
  const limit = (kind: string, amount: string) =>
    sql`insert into price_limits (kind, basis, channel_id, scope, currency, amount, actor) values (${kind}, 'manual', ${shop.channelId}, 'all', 'EUR', ${amount}, 'test')`
  await limit('floor', '11')
  await limit('ceiling', '10')
  expect(await shop.push()).toBe(1)
  expect(await publication(shop)).toMatchObject({ accepted: price('10'), waits: false })
  await intend(sql, shop.accountId, null)
  expect(await publication(shop)).toMatchObject({ held: 'floor_above_ceiling', waits: false })
  // Prices for everyone are held against the floors of every channel.
  await sql`update price_limits set valid_to = clock_timestamp() where channel_id = ${shop.channelId}`
})

test('a sale that is prolonged is measured by the price before it began, not by itself', async () => {
  const shop = await guardedChannel(sql, 'longer', 1)
  const [sku = ''] = shop.skus
  await sql`update mappings set valid_from = valid_from - interval '90 days' where listing_id in (select id from listings where channel_id = ${shop.channelId})`
  await shop.age('10 days')
  const from = new Date(Date.now() - 5 * 86_400_000).toISOString()
  const reference = async (days: number, amount: string) => {
    const to = new Date(Date.now() + days * 86_400_000).toISOString()
    await command('prices_set_2', { actor: 'ana', prices: [{ sku, currency: 'EUR', amount, from, to }] })
    await shop.push()
    const measured = await referenceOf(shop, sku)
    // The next change comes a day later.
    await sql`update prices set created_at = created_at - interval '1 day', superseded_at = superseded_at - interval '1 day' where starts_at = ${from}`
    await shop.age('1 day')
    return measured
  }
  expect([await reference(1, '8'), await reference(2, '8'), await reference(2, '7')]).toEqual(['10', '10', '8'])
})

test('a sale whose list waited for another person to prolong it is measured by the price before it began', async () => {
  const shop = await guardedChannel(sql, 'waited', 1)
  const [sku = ''] = shop.skus
  const by = (actor: string, body: Readonly<Record<string, JsonValue>>) =>
    command(`price_list_${body.act}_1`, { actor, list: 'week', ...body })
  const past = async () => {
    await sql`update mappings set valid_from = valid_from - interval '9 days' where listing_id in (select id from listings where channel_id = ${shop.channelId})`
    await sql`update price_entries set valid_from = valid_from - interval '1 day' where list_id = (select id from price_lists where code = 'week')`
    await sql`
      update price_list_terms set valid_from = valid_from - interval '1 day', valid_to = valid_to - interval '1 day'
      where list_id = (select id from price_lists where code = 'week')`
    await shop.age('1 day')
  }
  await past()
  const made = await by('ana', { act: 'set', terms: { currency: 'EUR', kind: 'sale', fourEyes: true } })
  expect(made).toMatchObject({ outcome: 'done' })
  const written = await by('ana', { act: 'entries', entries: [{ sku, rule: 'fixed', value: '8' }] })
  expect(await by('bob', { act: 'approve', version: Number(written.version) })).toMatchObject({ outcome: 'done' })
  await shop.push()
  await past()
  const longer = await by('ana', { act: 'set', terms: { to: new Date(Date.now() + 5 * 86_400_000).toISOString() } })
  expect(await by('bob', { act: 'approve', version: Number(longer.version) })).toMatchObject({ outcome: 'done', terms: true })
  await shop.push()
  expect(await referenceOf(shop, sku)).toBe('10')
})

test('a cost that names no currency is no cost: neither way of reckoning floors holds the price back', async () => {
  const shop = await guardedChannel(sql, 'costless', 1)
  const [sku = ''] = shop.skus
  await sql`update variants set cost = 6, cost_currency = null where sku = ${sku}`
  await command('price_limits_set_1', { actor: 'ana', limits: [{ kind: 'floor', basis: 'margin', scope: 'variant', sku, percent: '20' }] })
  const rows = await sql`
    select s.price->>'regular' as regular, s.held from variants v
    cross join lateral channel_price_2(array[${shop.channelId}::bigint], array[v.id], clock_timestamp()) s where v.sku = ${sku}`
  expect(rows).toMatchObject([{ regular: '10', held: null }])
})

test('a dry run tells where a price that is taken away leaves none', async () => {
  const shop = await guardedChannel(sql, 'tried', 1)
  const [sku = ''] = shop.skus
  const [row] = await sql<{ told: { fields: readonly unknown[] } }[]>`
    select dry_run_1('prices_set_2', ${sql.json({ actor: 'ana', prices: [{ sku, currency: 'EUR', amount: null }] })}, '{"limit": 5}')->'told' as told`
  expect(row?.told.fields).toMatchObject([
    { channel: 'tried', field: 'price', refused: 1, examples: [{ sku, verdict: 'refused', after: null }] },
  ])
})

test('a sale that has begun is not taken back by one who asked before it and was let in after', async () => {
  const shop = await guardedChannel(sql, 'late', 1)
  const [sku = ''] = shop.skus
  const from = new Date(Date.now() - 1_000).toISOString()
  await command('prices_set_2', { actor: 'ana', prices: [{ sku, currency: 'EUR', amount: '8', from }] })
  await intend(sql, shop.accountId, null)
  await sql`select publications_intend_1(${shop.accountId}, null, clock_timestamp() - interval '1 minute')`
  expect(await publication(shop)).toMatchObject({ intended: { regular: '10', sale: { amount: '8', from: null } } })
})
