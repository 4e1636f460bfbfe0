import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { Sql } from '../../db/connect.ts'
import { databaseNow, endObservation, observeListings } from '../../db/listings.ts'
import { intend, noteGone, noteReads } from '../../db/publications.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn, quietChannel } from '../support/goods.ts'

// A compare walks over all listings of an account while single listings are looked at, too. Their answers come in any order; a listing that is
// there must never be taken for gone, for nothing is published to what is gone.

const shown = { channelRef: 'shop', parentId: null, productType: null, gtin: null, state: 'active', quantity: 10, price: null } as const

async function stage(): Promise<{ sql: Sql; accountId: number; mug: number; observe: (skus: readonly string[]) => Promise<unknown> }> {
  const { sql } = await freshDatabase()
  await layIn(sql, { MUG: { main: 10 }, PEN: { main: 10 } })
  const { accountId } = await quietChannel(sql, 'shop')
  const observe = (skus: readonly string[]) =>
    observeListings(
      sql,
      accountId,
      skus.map(sku => ({ ...shown, externalId: sku, sku, title: sku })),
      'test',
    )
  await observe(['MUG', 'PEN'])
  await intend(sql, accountId, null)
  await sql`update listings set observed_at = observed_at - interval '1 minute'`
  const [listing] = await sql<{ id: number }[]>`select id from listings where external_sku = 'MUG'`
  return { sql, accountId, mug: listing?.id ?? 0, observe }
}

const before = (instant: Date) => new Date(instant.getTime() - 5)
const after = (instant: Date) => new Date(instant.getTime() + 5)

const statesOf = async (sql: Sql) =>
  Object.fromEntries(
    (await sql<{ sku: string; state: string }[]>`select external_sku as sku, state from listings`).map(l => [l.sku, l.state]),
  )

/** The reader of the account has read the feed to its end. */
const readToTheEnd = (sql: Sql, accountId: number) => sql`
  insert into feed_cursors (consumer, tx, seq, cluster) select 'account:' || ${accountId}::bigint, tx, seq, 'test' from change order by tx desc, seq desc limit 1
  on conflict (consumer) do update set tx = excluded.tx, seq = excluded.seq`

const told = (sql: Sql) => sql`
  select v.sku, c.account_id as account from change c join variants v on v.id = c.variant_id where c.kind = 'listing'
    and (c.tx, c.seq) > (select tx, seq from feed_cursors) order by 1`

const wronglyIntended = async (sql: Sql) =>
  (await runRules(sql)).find(finding => finding.rule.startsWith('what is intended is what the books say'))?.examples

test('a look that began before a compare and is noted during it does not make the listing gone', async () => {
  const { sql, accountId, mug, observe } = await stage()
  const compareBegan = await databaseNow(sql)
  const lookBegan = before(compareBegan)
  await observe(['MUG', 'PEN'])
  await noteReads(sql, accountId, 0, [{ listing: mug, quantity: 10, at: lookBegan }])
  expect(await endObservation(sql, accountId, compareBegan)).toBe(0)
  expect(await statesOf(sql)).toEqual({ MUG: 'active', PEN: 'active' })
})

test('a listing that no page of a compare showed is gone, though an older look is noted during it', async () => {
  const { sql, accountId, mug, observe } = await stage()
  const compareBegan = await databaseNow(sql)
  const lookBegan = before(compareBegan)
  await observe(['PEN'])
  await noteReads(sql, accountId, 0, [{ listing: mug, quantity: 10, at: lookBegan }])
  expect(await endObservation(sql, accountId, compareBegan)).toBe(1)
  expect(await statesOf(sql)).toEqual({ MUG: 'gone', PEN: 'active' })
})

test('a look that missed a listing which was seen since leaves it alone; a later one that misses it tells the feed', async () => {
  const { sql, accountId, mug, observe } = await stage()
  const lookBegan = await databaseNow(sql)
  await observe(['MUG'])
  await readToTheEnd(sql, accountId)
  expect(await noteGone(sql, [{ listing: mug, at: lookBegan }])).toEqual([])
  expect((await statesOf(sql)).MUG).toBe('active')
  expect(await noteGone(sql, [{ listing: mug, at: after(await databaseNow(sql)) }])).toEqual([mug])
  expect((await statesOf(sql)).MUG).toBe('gone')
  expect(await told(sql)).toEqual([{ sku: 'MUG', account: accountId }])
})

test('what was gone and is seen again is told in the feed, for nothing was intended for it meanwhile', async () => {
  const { sql, accountId, mug, observe } = await stage()
  await noteGone(sql, [{ listing: mug, at: await databaseNow(sql) }])
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 4, kind: 'count' }])
  await intend(sql, accountId, null)
  await readToTheEnd(sql, accountId)
  await observe(['MUG', 'PEN'])
  expect(await told(sql)).toEqual([{ sku: 'MUG', account: accountId }])
  // The reader is behind, so nothing is wrong yet.
  expect(await wronglyIntended(sql)).toEqual([])
  const [variant] = await sql<{ id: number }[]>`select id from variants where sku = 'MUG'`
  await intend(sql, accountId, [variant?.id ?? 0])
  await readToTheEnd(sql, accountId)
  expect(await wronglyIntended(sql)).toEqual([])
  expect(await sql`select intended from publications where listing_id = ${mug} and field = 'stock'`).toEqual([
    { intended: { quantity: 4 } },
  ])
})
