import { expect, test } from 'vitest'
import { holdLease } from '../../db/accounts.ts'
import { sweepDue, sweepPrices } from '../../db/due.ts'
import { intend, markSent, stillToSend, turnedWork } from '../../db/publications.ts'
import { waitingByLoss } from '../../db/waiting.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel } from '../support/guarded.ts'
import { until } from '../support/until.ts'

const { sql } = await freshDatabase()

const setSale = async (sku: string, from: string, amount: string | null): Promise<void> => {
  await sql`select prices_set_2(${sql.json({ actor: 'ana', prices: [{ sku, currency: 'EUR', amount, from }] })})`
}

/** A channel whose platform has a sale of its first SKU that begins at some second, and what a lane does with it. */
async function turning(code: string) {
  const shop = await guardedChannel(sql, code, 2)
  const [sku = ''] = shop.skus
  const [clock] = await sql<{ at: Date }[]>`select date_trunc('second', clock_timestamp()) + interval '6 seconds' as at`
  const from = clock?.at.toISOString() ?? ''
  await setSale(sku, from, '8')
  await shop.push()
  const lease = (await holdLease(sql, shop.accountId, 'test', 3_600_000))?.token ?? 0
  const msLeft = async (): Promise<number> => {
    const [row] = await sql<{ ms: number }[]>`select (extract(epoch from ${from}::timestamptz - clock_timestamp()) * 1000)::float8 as ms`
    return row?.ms ?? 0
  }
  const begun = () => until('it has begun', async () => (await msLeft()) <= 0, 15_000)
  const turned = () => turnedWork(sql, shop.accountId, 10)
  /** Notes it as sent as soon as that may be. */
  const noteAhead = async () => {
    await until('it is close', async () => (await msLeft()) < 2_900, 15_000)
    await intend(sql, shop.accountId, null)
    const work = await until('it is told', async () => (rows => (rows.length > 0 ? rows : null))(await turned()), 15_000)
    return (await markSent(sql, shop.accountId, lease, work ?? []))?.send ?? []
  }
  return { ...shop, sku, from, lease, msLeft, begun, turned, noteAhead }
}

test('a price that begins at an instant is reckoned and noted as sent ahead of it, and no call may leave before', async () => {
  const shop = await turning('ahead')
  expect(await shop.turned()).toEqual([])
  await until('it is close', async () => (await shop.msLeft()) < 2_900, 15_000)
  expect(await sweepPrices(sql, 10)).toBeGreaterThan(0)
  await intend(sql, shop.accountId, null)
  const read = async () =>
    (
      await sql<{ intended: unknown; notBefore: string }[]>`
    select p.intended, p.intended_why->>'notBefore' as "notBefore" from publications p join variants v on v.id = p.variant_id
    where p.channel_id = ${shop.channelId} and p.field = 'price' and v.sku = ${shop.sku}`
    )[0]
  expect(await read()).toMatchObject({ intended: { regular: '10', sale: { amount: '8', from: null } }, notBefore: shop.from })
  // What changes in between waits for the instant as well.
  await sql`select prices_set_2(${sql.json({ actor: 'ana', prices: [{ sku: shop.sku, currency: 'EUR', amount: '9.5' }] })})`
  await intend(sql, shop.accountId, null)
  expect(await read()).toMatchObject({ intended: { regular: '9.5', sale: { amount: '8', from: null } }, notBefore: shop.from })
  // Nor does a floor that moves let it go sooner.
  await sql`insert into price_limits (kind, basis, channel_id, scope, currency, amount, actor) values ('floor', 'manual', ${shop.channelId}, 'all', 'EUR', 5, 'test')`
  await intend(sql, shop.accountId, null)
  if ((await shop.msLeft()) > 50) expect(await read()).toMatchObject({ notBefore: shop.from })
  // The other loop leaves it alone, and so does a program that knows no waiting.
  expect(await waitingByLoss(sql, shop.accountId, 10)).toEqual([])
  const send = await shop.noteAhead()
  expect(send).toMatchObject([{ field: 'price', value: { sale: { amount: '8', from: null } } }])
  expect(send[0]?.inMs).toBeGreaterThan(0)
  expect(send[0]?.inMs).toBeLessThanOrEqual(2_000)
  // Asked too early there is nothing to go.
  const early = await stillToSend(sql, shop.accountId, shop.lease, send)
  if ((await shop.msLeft()) > 0) expect(early).toEqual([])
  await shop.begun()
  expect(await stillToSend(sql, shop.accountId, shop.lease, send)).toHaveLength(1)
})

test('what was changed or came to stand below its floor between its noting and its instant does not go out', async () => {
  const shop = await turning('changed')
  const send = await shop.noteAhead()
  expect(send).toHaveLength(1)
  await sql`insert into price_limits (kind, basis, channel_id, scope, currency, amount, actor) values ('floor', 'manual', ${shop.channelId}, 'all', 'EUR', 9, 'test')`
  await shop.begun()
  expect(await stillToSend(sql, shop.accountId, shop.lease, send)).toEqual([])
  await sql`update price_limits set valid_to = clock_timestamp() where channel_id = ${shop.channelId}`
  expect(await stillToSend(sql, shop.accountId, shop.lease, send)).toHaveLength(1)
  expect(await stillToSend(sql, shop.accountId, shop.lease + 1, send)).toBeNull()
  await setSale(shop.sku, shop.from, null)
  await intend(sql, shop.accountId, null)
  expect(await stillToSend(sql, shop.accountId, shop.lease, send)).toEqual([])
})

test('a sale that was sent ahead counts as no change for the guard when it begins', async () => {
  const shop = await turning('quiet')
  await sql`delete from guard_moves where channel_id = ${shop.channelId}`
  await shop.age('2 hours')
  await shop.noteAhead()
  expect(await sql`select listing_id from guard_moves where channel_id = ${shop.channelId}`).toEqual([])
})

test('the sweep takes prices at their instant as the one ahead of it does', async () => {
  const shop = await guardedChannel(sql, 'swept', 1)
  const from = '2031-05-01T00:00:00.000Z'
  await setSale(shop.skus[0] ?? '', from, '8')
  await sweepDue(sql, new Date('2031-04-30T23:59:58Z'), 1_000)
  const told = async () =>
    (
      await sql<
        { n: number }[]
      >`select count(*)::int as n from change c join variants v on v.id = c.variant_id where c.kind = 'price' and v.sku = ${shop.skus[0] ?? ''}`
    )[0]?.n ?? 0
  const before = await told()
  await sweepDue(sql, new Date(from), 1_000)
  expect((await told()) - before).toBe(1)
})

test('of two instants that are close the first is told first, though it was written down later, and the second when the first has come', async () => {
  const shop = await guardedChannel(sql, 'close', 2)
  const [one = '', two = ''] = shop.skus
  const at = (s: number) => new Date(Date.parse('2032-01-01T00:00:00Z') + s * 1_000)
  const take = async (now: Date, ahead: Date): Promise<string[]> => {
    const [head] = await sql<{ seq: string }[]>`select coalesce(max(seq), 0)::text as seq from change`
    await sql`select due_prices_take(${now}, ${ahead}, 1000)`
    const rows = await sql<{ sku: string }[]>`
      select v.sku from change c join variants v on v.id = c.variant_id where c.kind = 'price' and c.seq > ${head?.seq ?? '0'}::bigint and v.sku = any(${[...shop.skus]}) order by 1`
    return rows.map(row => row.sku)
  }
  await setSale(two, at(11).toISOString(), '8')
  await sweepDue(sql, at(0), 1_000)
  expect(await take(at(7), at(9))).toEqual([])
  expect(await take(at(9), at(12))).toEqual([two])
  await setSale(one, at(10).toISOString(), '8')
  expect(await take(at(9), at(12))).toEqual([one])
  expect(await take(at(9), at(12))).toEqual([])
  expect(await take(at(10), at(13))).toEqual([two])
  expect(await take(at(11), at(14))).toEqual([])
})
