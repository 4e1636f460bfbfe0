import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
const cli = cliOn(url)

test('a price that cannot be on time is refused with the forecast as text and as JSON, and set with --accept-window', async () => {
  const skus = Array.from({ length: 12 }, (_, n) => `LATE-${n}`)
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: 1 }])))
  const { accountId, channelId } = await quietChannel(sql, 'market')
  await sql`update accounts set platform = 'amazon' where id = ${accountId}`
  await sql`update channels set publish_prices = true where id = ${channelId}`
  await sql`
      insert into listings (account_id, channel_id, external_id, external_sku, title, variant_id)
      select ${accountId}, ${channelId}, sku, sku, sku, id from variants where sku = any(${skus}::text[])`
  const set = (sku: string, ...more: string[]) => ['price', 'set', sku, '9', 'EUR', '--channel', 'market', '--from', '2031-05-01', ...more]
  for (const sku of skus.slice(1)) await cli(set(sku, '--accept-window'))
  const refused = await cli(set('LATE-0'))
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('give --accept-window to take that window')
  expect(refused.err).toMatch(/market: 12 listings, 12 calls, until .* \(2\.2 s later\); dates of sales are sent ahead/)
  expect(JSON.parse((await cli([...set('LATE-0'), '--json'])).out)).toMatchObject({
    error: { code: 'late_flip', forecast: [{ channel: 'market', isOnTime: false }] },
  })
  expect((await cli(set('LATE-0', '--accept-window'))).out).toContain('LATE-0: 9 EUR in market\n')
})
