import pino from 'pino'
import { expect, test } from 'vitest'
import { holdLease } from '../../db/accounts.ts'
import { fillFeed } from '../../db/price-feeds.ts'
import { intend } from '../../db/publications.ts'
import type { Lane } from '../../jobs/lane.ts'
import { makePriceFeed } from '../../jobs/price-feed.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel } from '../support/guarded.ts'
import { amazonByFeed } from '../support/price-feeds.ts'

const { sql } = await freshDatabase()

test('a feed whose prices all leave before it is handed over is handed over to nobody', async () => {
  const shop = await guardedChannel(sql, 'emptied', 40)
  const lease = (await holdLease(sql, shop.accountId, 'test', 3_600_000))?.token ?? 0
  await shop.setPrices('11', shop.skus.slice(0, 5))
  await intend(sql, shop.accountId, null)
  expect(await fillFeed(sql, shop.accountId, lease, 1_000, 100)).toMatchObject({ items: 5 })
  await sql`update channels set paused = true where id = ${shop.channelId}`
  const uploaded: unknown[] = []
  const feed = {
    upload: async (items: unknown) => {
      uploaded.push(items)
      return 'document'
    },
    start: async () => ({ status: 'started', feed: '1' }),
  }
  const lane = {
    deps: { sql, log: pino({ level: 'silent' }), random: Math.random },
    account: { row: { id: shop.accountId, name: 'emptied' }, leaseToken: lease, scale: 1, connector: amazonByFeed(), session: { feed } },
    signal: new AbortController().signal,
  } as unknown as Lane
  await makePriceFeed(lane).step()
  expect(uploaded).toEqual([])
  expect(await sql`select state, outcome from publication_feeds`).toEqual([{ state: 'ended', outcome: 'empty' }])
  expect(await sql`select count(*)::int as n from publications where feed_id is not null or state = 'sent'`).toEqual([{ n: 0 }])
})
