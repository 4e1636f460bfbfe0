import { pino } from 'pino'
import { expect, test } from 'vitest'
import { holdLease, unstick } from '../../db/accounts.ts'
import { type ActRow, dueActs, markActSent, noteAct } from '../../db/acts.ts'
import { close, connect, type Sql } from '../../db/connect.ts'
import { intend, markSent, noteReads, noteResults } from '../../db/publications.ts'
import { waitingByLoss } from '../../db/waiting.ts'
import { startTailer } from '../../jobs/tailer.ts'
import { freshDatabase } from '../support/database.ts'
import { book, change, layIn, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

// Histories in which a hub of this kind can come to show more than there is for good. Each is played step by step against the books; no
// platform is needed, because what it shows is what the test says it read.

type World = {
  readonly sql: Sql
  readonly url: string
  readonly accountId: number
  readonly listing: number
  readonly variant: number
  readonly token: number
}

async function world(quantity = 10): Promise<World> {
  const { sql, url } = await freshDatabase()
  await layIn(sql, { AAA: { main: quantity }, MUG: { main: quantity } })
  const { accountId } = await quietChannel(sql, 'shop')
  await sql`update channels set publish_stock = true, publish_prices = true`
  const seen = ['AAA', 'MUG'].map(sku => ({ channelRef: 'shop', externalId: sku, sku, title: sku, state: 'active', quantity, price: null }))
  await sql`select listings_observe_1(${accountId}, ${sql.json(seen)}, 'test')`
  await intend(sql, accountId, null)
  const lease = await holdLease(sql, accountId, 'a', 60_000)
  const [ids] = await sql<
    { listing: number; variant: number }[]
  >`select id as listing, variant_id as variant from listings where external_sku = 'MUG'`
  return { sql, url, accountId, listing: ids?.listing ?? 0, variant: ids?.variant ?? 0, token: lease?.token ?? 0 }
}

const count = (sql: Sql, quantity: number, sku = 'MUG'): Promise<unknown> =>
  change(sql, [{ sku, location: 'main', quantity, kind: 'count' }])

async function send({ sql, accountId, listing, token }: World, readSince?: Date): Promise<unknown[]> {
  const sent = await markSent(sql, accountId, token, [{ listing, field: 'stock', ...(readSince ? { readSince } : {}) }])
  return (sent?.send ?? []).map(one => one.value.quantity)
}

async function state({ sql, listing }: World): Promise<Record<string, unknown>> {
  const [row] = await sql`
    select (intended->>'quantity')::int as intended, expected, withheld, state, check_at is not null as doubtful, waiting_since is not null as waits
    from publications where listing_id = ${listing} and field = 'stock'`
  return { ...row }
}

async function now(sql: Sql): Promise<Date> {
  const [row] = await sql<{ at: Date }[]>`select clock_timestamp() as at`
  return row?.at ?? new Date(0)
}

test('a look that began earlier and is noted later does not hide what a newer one saw', async () => {
  const here = await world()
  const { sql, accountId, listing } = here
  const later = await now(sql)
  const earlier = new Date(later.getTime() - 5)
  const price = (regular: string) => ({ currency: 'EUR', regular, sale: null })
  // Somebody types 15 units and another price in at the platform; then the page comes that a slow check had asked for before.
  await noteReads(sql, accountId, 0, [{ listing, quantity: 15, price: price('7'), at: later }])
  expect(await state(here)).toMatchObject({ expected: 15, waits: true })
  await noteReads(sql, accountId, 0, [{ listing, quantity: 10, price: price('10'), at: earlier }])
  expect(await state(here)).toMatchObject({ expected: 15, withheld: 0, waits: true })
  expect(await sql`select shown, ended_at from drifts where field = 'stock'`).toEqual([{ shown: { quantity: 15 }, ended_at: null }])
  expect(await send(here, await now(sql))).toEqual([10])
})

test('of many intends at once none with an older view of the stock writes last', async () => {
  const w = await world()
  const other = connect(w.url, { max: 6 })
  for (let round = 0; round < repetitions('intends at once', 30, 500); round++) {
    const whole = [1, 2, 3].map(() => intend(other, w.accountId, null))
    const mine = count(w.sql, round % 2 === 0 ? 0 : 8).then(() => intend(w.sql, w.accountId, [w.variant]))
    await Promise.all([...whole, mine])
    expect(await state(w)).toMatchObject({ intended: round % 2 === 0 ? 0 : 8 })
  }
  await close(other, 1)
})

for (const how of ['its answer was lost', 'its process was killed'])
  test(`a raise that arrived although ${how}, and was sold from since, is not given back`, async () => {
    const w = await world(5)
    await count(w.sql, 10)
    await intend(w.sql, w.accountId, null)
    expect(await send(w)).toEqual([10])
    if (how === 'its process was killed') await unstick(w.sql, w.accountId, 0)
    else
      await noteResults(w.sql, w.accountId, w.token, [
        { listing: w.listing, field: 'stock', status: 'unknown', words: 'no answer', retryAt: new Date().toISOString() },
      ])
    // It arrived; then the platform sold two and shows 8.
    await noteReads(w.sql, w.accountId, 0, [{ listing: w.listing, quantity: 8, at: await now(w.sql) }])
    expect(await state(w)).toMatchObject({ expected: 8, withheld: 2, waits: false })
  })

test('a look that told nothing holds a raise back, and lets a lower number pass', async () => {
  const w = await world()
  await count(w.sql, 15)
  await intend(w.sql, w.accountId, null)
  const at = await now(w.sql)
  // While the platform is read (it shows 5: four sold that nobody knows, one that is just booked) an order comes in.
  await book(w.sql, w, 'shop', [{ id: 'V', lines: [{ sku: 'MUG', ordered: 1 }] }])
  await noteReads(w.sql, w.accountId, 0, [{ listing: w.listing, quantity: 5, at }])
  expect(await send(w, at)).toEqual([])
  expect((await waitingByLoss(w.sql, w.accountId, 10)).filter(row => row.field === 'stock')).toEqual([])
  await count(w.sql, 3)
  await intend(w.sql, w.accountId, null)
  expect(await send(w, at)).toEqual([2])
})

test('a write that goes live over an order is found, even when the old number looked right by chance', async () => {
  const w = await world(17)
  await count(w.sql, 13)
  await intend(w.sql, w.accountId, null)
  const within = 60_000
  expect(await send(w)).toEqual([13])
  // The platform sold all 17 before the 13 went live; the order is booked while the call is under way.
  await book(w.sql, w, 'shop', [{ id: 'ALL', lines: [{ sku: 'MUG', ordered: 17 }] }])
  await noteResults(w.sql, w.accountId, w.token, [{ listing: w.listing, field: 'stock', status: 'accepted', applied: false }])
  expect(await state(w)).toMatchObject({ intended: 0, expected: 0, state: 'accepted' })
  await noteReads(w.sql, w.accountId, within, [{ listing: w.listing, quantity: 0, at: await now(w.sql) }])
  expect(await state(w)).toMatchObject({ state: 'accepted', doubtful: true, waits: false })
  // Now it is live.
  await noteReads(w.sql, w.accountId, within, [{ listing: w.listing, quantity: 13, at: await now(w.sql) }])
  expect(await send(w)).toEqual([0])
})

test('the answer of a former holder of the lease counts for nothing', async () => {
  const w = await world()
  await count(w.sql, 12)
  await intend(w.sql, w.accountId, null)
  expect(await send(w)).toEqual([12])
  await w.sql`update accounts set lease_until = clock_timestamp()`
  const next = await holdLease(w.sql, w.accountId, 'b', 60_000)
  await unstick(w.sql, w.accountId, 0)
  await noteReads(w.sql, w.accountId, 0, [{ listing: w.listing, quantity: 12, at: await now(w.sql) }])
  await count(w.sql, 3)
  await intend(w.sql, w.accountId, null)
  expect(await send({ ...w, token: next?.token ?? 0 })).toEqual([3])
  await noteResults(w.sql, w.accountId, w.token, [{ listing: w.listing, field: 'stock', status: 'accepted', applied: true }])
  expect(await state(w)).toMatchObject({ state: 'sent', expected: 12 })
})

test('a late note does not open an act again that was confirmed', async () => {
  const w = await world()
  const [order] = await book(w.sql, w, 'shop', [{ id: 'A', lines: [{ sku: 'MUG', ordered: 2 }] }])
  await w.sql`select order_ship_1(${w.sql.json({ actor: 'test', orderId: order?.orderId ?? 0 })})`
  const [act] = (await dueActs(w.sql, w.accountId, 5)) as [ActRow]
  await markActSent(w.sql, act.id, w.token)
  await unstick(w.sql, w.accountId, 0)
  await noteAct(w.sql, { ...act, state: 'unknown', attempts: 1 }, 'confirmed', null, null)
  await noteAct(w.sql, { ...act, state: 'sent', attempts: 1 }, 'intended', { code: 'trouble', words: 'late' }, 0)
  expect((await w.sql`select state from acts`)[0]?.state).toBe('confirmed')
})

test('what was left in "sent" for longer than a call lasts is looked at again under the same lease', async () => {
  const w = await world()
  await count(w.sql, 4)
  await intend(w.sql, w.accountId, null)
  await send(w)
  expect(await unstick(w.sql, w.accountId, 13_000)).toBe(0)
  await w.sql`update publications set sent_at = sent_at - interval '14 seconds' where state = 'sent'`
  expect(await unstick(w.sql, w.accountId, 13_000)).toBe(1)
  expect(await state(w)).toMatchObject({ state: 'intended', doubtful: true, waits: true })
})

test('a platform whose clock is fast has its order looked for all the same', async () => {
  const w = await world()
  await count(w.sql, 20)
  await intend(w.sql, w.accountId, null)
  await send(w)
  await noteResults(w.sql, w.accountId, w.token, [{ listing: w.listing, field: 'stock', status: 'accepted', applied: true }])
  // Placed before our write by the true time, after it by the platform's: the write ran over it.
  const placed = new Date(Date.now() + 9_000).toISOString()
  await w.sql`update orders set placed_at = ${placed}`
  await book(w.sql, w, 'shop', [{ id: 'F', stamp: placed, lines: [{ sku: 'MUG', ordered: 4 }] }])
  expect(await state(w)).toMatchObject({ intended: 16, expected: 16, doubtful: true })
})

test('one stock of two marketplaces is published once, also for a SKU that only the second one lists', async () => {
  const { sql } = await freshDatabase()
  await layIn(sql, { MUG: { main: 10 }, CUP: { main: 4 } })
  const [made] = await sql<{ answer: { accountId: number } }[]>`select account_create_1(${sql.json({
    actor: 'test',
    name: 'amz',
    platform: 'none',
    settings: {},
    credentials: '',
    webhookSecret: '',
    webhookToken: 'x',
    locations: null,
    stockPerAccount: true,
    channels: [
      { code: 'de', name: 'de', ref: 'DE', currency: 'EUR' },
      { code: 'se', name: 'se', ref: 'SE', currency: 'SEK' },
    ],
  })}) as answer`
  const account = made?.answer.accountId ?? 0
  const listing = (channelRef: string, sku: string) => ({
    channelRef,
    externalId: sku,
    sku,
    title: sku,
    state: 'active',
    quantity: 99,
    price: null,
  })
  const published = () => sql`
    select c.code, l.external_sku as sku, (p.intended->>'quantity')::int as quantity from publications p join listings l on l.id = p.listing_id
    join channels c on c.id = l.channel_id where p.field = 'stock' order by 2`
  await sql`select listings_observe_1(${account}, ${sql.json([listing('SE', 'CUP'), listing('SE', 'MUG'), listing('DE', 'MUG')])}, 'test')`
  await intend(sql, account, null)
  expect((await published()).map(row => [row.code, row.sku, row.quantity])).toEqual([
    ['se', 'CUP', 4],
    ['de', 'MUG', 10],
  ])
  await sql`select listings_observe_1(${account}, ${sql.json([listing('DE', 'CUP')])}, 'test')`
  await intend(sql, account, null)
  expect((await published()).map(row => [row.code, row.sku])).toEqual([
    ['de', 'CUP'],
    ['de', 'MUG'],
  ])
})

test('an open transaction holds the cursor of the feed, never what lies beyond a page of it', async () => {
  const { sql } = await world()
  const stop = new AbortController()
  const tailer = startTailer(sql, pino({ level: 'silent' }), stop.signal, 20)
  let taken = 0
  let begun = false
  tailer.add({
    consumer: null,
    startOver: async () => {
      begun = true
    },
    take: async rows => {
      taken += rows.filter(row => row.refId === 7).length
    },
  })
  await until('it has begun', () => begun)
  // It stays open for as long as somebody else holds the lock.
  const door = await sql.reserve()
  await door`select pg_advisory_lock(7)`
  let isOver = false
  const open =
    sql`with first as (insert into change (kind, ref_id) values ('order', 1) returning 1) select pg_advisory_lock_shared(7) from first`.then(
      () => {
        isOver = true
      },
    )
  await until(
    'it is open',
    async () =>
      (
        await sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and backend_xid is not null`
      ).length > 0,
  )
  await sql`insert into change (kind, ref_id) select 'order', 7 from generate_series(1, 12000)`
  await until('all pages came', () => taken === 12_000)
  expect(isOver).toBe(false)
  await door`select pg_advisory_unlock(7)`
  door.release()
  await open
  stop.abort()
  await tailer.ended
})
