import { expect, onTestFinished, test } from 'vitest'
import { close, connect } from '../../db/connect.ts'
import { intend } from '../../db/publications.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn, quietChannel } from '../support/goods.ts'
import { until } from '../support/until.ts'

// What listings should show is worked out while a person says that one of them is none of ours: worked out with the old match, written after it
// was taken away, its value would go out to a listing that is not ours.

test('a listing that is unmatched while intentions are worked out is published no more', async () => {
  const { sql, url } = await freshDatabase()
  await layIn(sql, { AAA: { main: 10 }, MUG: { main: 10 } })
  const { accountId } = await quietChannel(sql, 'shop')
  const seen = (sku: string) => ({ channelRef: 'shop', externalId: sku, sku, title: sku, state: 'active', quantity: 10, price: null })
  await sql`select listings_observe_1(${accountId}, ${sql.json(['AAA', 'MUG'].map(seen))}, 'test')`
  await intend(sql, accountId, null)
  const ids = await sql<{ id: number }[]>`select id from listings order by external_sku`
  const [first, mug] = ids.map(row => row.id)
  const other = connect(url, { max: 1, name: 'intends' })
  const blocker = connect(url, { max: 1 })
  const matcher = connect(url, { max: 1, name: 'matches' })
  onTestFinished(async () => {
    await Promise.all([other, blocker, matcher].map(one => close(one, 1)))
  })
  const waits = (name: string) => async () =>
    (
      await sql`select 1 from pg_stat_activity where application_name like ${`%${name}%`} and datname = current_database() and wait_event_type = 'Lock'`
    ).length === 1

  await change(
    sql,
    ['AAA', 'MUG'].map(sku => ({ sku, location: 'main', quantity: 8, kind: 'count' })),
  )
  await blocker.unsafe('begin')
  await blocker`select 1 from publications where listing_id = ${first ?? 0} for update`
  const intending = intend(other, accountId, null)
  await until('it waits for the first listing', waits('intends'))
  const matching = matcher`select listing_match_1(${sql.json({ actor: 'test', listingId: mug ?? 0, sku: null })})`.execute()
  await until('the match waits for it', waits('matches'))
  await blocker.unsafe('commit')
  await Promise.all([intending, matching])
  await intend(sql, accountId, null)
  expect(await sql`select listing_id from publications where listing_id = ${mug ?? 0}`).toEqual([])
})
