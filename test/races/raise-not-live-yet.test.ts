import { expect, test } from 'vitest'
import { holdLease } from '../../db/accounts.ts'
import { databaseNow } from '../../db/listings.ts'
import { intend, markSent, noteReads, noteResults } from '../../db/publications.ts'
import { changeChannel } from '../../src/usecases/channels.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const APPLY_WITHIN_MS = 600_000

test('raise-not-live-yet: a platform that still shows the number before our raise has not sold the difference', async () => {
  await layIn(sql, { MUG: { main: 5 } })
  const { accountId, channelId } = await quietChannel(sql, 'slow')
  await changeChannel(await testContext(sql), 'slow', { publishStock: true }, null)
  const [row] = await sql<{ id: number }[]>`
    insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id, shown_quantity)
    select ${channelId}, ${accountId}, 'MUG', 'MUG', 'MUG', id, 5 from variants where sku = 'MUG' returning id`
  const listing = row?.id ?? 0
  const lease = (await holdLease(sql, accountId, 'test', 60_000))?.token ?? 0
  const shown = async (): Promise<unknown> => {
    const [now] =
      await sql`select intended->'quantity' as intended, expected, withheld from publications where listing_id = ${listing} and field = 'stock'`
    return now
  }
  const count = async (quantity: number): Promise<void> => {
    await change(sql, [{ sku: 'MUG', location: 'main', quantity, kind: 'count' }])
    await intend(sql, accountId, null)
  }

  await count(50)
  expect(await markSent(sql, accountId, lease, [{ listing, field: 'stock' }])).toMatchObject({ send: [{ value: { quantity: 50 } }] })
  await noteResults(sql, accountId, lease, [{ listing, field: 'stock', status: 'accepted', checkAt: new Date().toISOString() }])
  await count(49)
  await noteReads(sql, accountId, APPLY_WITHIN_MS, [{ listing, quantity: 5, at: await databaseNow(sql) }])

  expect(await shown()).toEqual({ intended: 49, expected: 50, withheld: 0 })
  expect(await markSent(sql, accountId, lease, [{ listing, field: 'stock' }])).toMatchObject({ send: [{ value: { quantity: 49 } }] })

  // It arrives. From when on it was shown is what the lag is measured by: a later look proves it once more, and moves nothing.
  await noteResults(sql, accountId, lease, [{ listing, field: 'stock', status: 'accepted', checkAt: new Date().toISOString() }])
  const since = async () =>
    (await sql`select state, applied_at as at from publications where listing_id = ${listing} and field = 'stock'`)[0]
  const look = async (laterMs: number) =>
    noteReads(sql, accountId, APPLY_WITHIN_MS, [{ listing, quantity: 49, at: new Date((await databaseNow(sql)).getTime() + laterMs) }])
  await look(1_000)
  const first = await since()
  expect(first).toMatchObject({ state: 'applied', at: expect.any(Date) })
  await look(2_000)
  expect(await since()).toEqual(first)
})
