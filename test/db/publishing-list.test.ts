import { expect, test } from 'vitest'
import { listPublishing, publishingCounts } from '../../db/publishing.ts'
import { forcePush, STANDS } from '../../src/usecases/force.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel } from '../support/guarded.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()

test('a list of one state, and what is sent by it, is what counts as it, whatever stands beside it', async () => {
  const shop = await guardedChannel(sql, 'shop', 24)
  // Every state, with and without an open difference.
  const states = ['intended', 'sent', 'accepted', 'applied', 'refused', 'quarantined']
  await sql`alter table publications disable trigger user`
  await sql`update publications set state = (${states}::text[])[1 + listing_id % 6]`
  await sql`alter table publications enable trigger user`
  await sql`
    insert into drifts (account_id, channel_id, listing_id, field, cause, state, found_at, looked_at)
    select account_id, channel_id, listing_id, field, 'edited', 'open', clock_timestamp(), clock_timestamp() from publications where listing_id % 12 < 6`
  const all = await listPublishing(sql, shop.channelId, {}, [0, ''], 100)
  expect(all).toHaveLength(48)
  const counts = await publishingCounts(sql, shop.channelId)
  for (const state of STANDS) {
    const listed = await listPublishing(sql, shop.channelId, { state }, [0, ''], 100)
    expect(listed).toEqual(all.filter(row => row.stands === state))
    expect(listed).toHaveLength(counts.filter(one => one.stands === state).reduce((sum, one) => sum + one.count, 0))
    expect(listed.length).toBeGreaterThan(0)
  }
  const [last] = all.slice(20, 21)
  expect(await listPublishing(sql, shop.channelId, {}, [last?.listingId ?? 0, last?.field ?? ''], 100)).toEqual(all.slice(21))
  const sku = shop.skus[3] ?? ''
  expect(await listPublishing(sql, shop.channelId, { sku, field: 'price' }, [0, ''], 9)).toEqual(
    all.filter(row => row.sku === sku && row.field === 'price'),
  )
  // Forced is what stands so when it is asked; what is forced may stand otherwise then.
  const drifting = all.filter(row => row.stands === 'drifting')
  const done = await forcePush(await testContext(sql), null, 'shop', { state: 'drifting' })
  expect(done.forced + done.underWay + done.held).toBe(drifting.length)
})
