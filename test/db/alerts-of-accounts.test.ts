import { beforeEach, expect, test } from 'vitest'
import { type AlertRow, listAlerts, lookForAlerts } from '../../db/alerts.ts'
import { ALERT_KINDS } from '../../src/domain/sync/alert-kinds.ts'
import { setAlertLimit } from '../../src/usecases/alert-limits.ts'
import { alertText } from '../../src/usecases/alert-text.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'

const { sql } = await freshDatabase()
const context = { sql, keyring: await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`), actor: 'test' }
await layIn(sql, { MUG: { a: 9 } })
const shop = await quietChannel(sql, 'shop')

const MIN = 60_000
const H = 60 * MIN
const start = Date.now()
const at = (ms: number) => new Date(start + ms)
const look = (ms: number) => lookForAlerts(sql, ALERT_KINDS, at(ms))
const open = () => listAlerts(sql, { open: true }, null, 50)
const only = (rows: readonly AlertRow[]): AlertRow => {
  const [row] = rows
  if (row === undefined || rows.length > 1) throw new Error(`${rows.length} alerts: ${rows.map(one => one.kind).join(' ')}`)
  return row
}

beforeEach(async () => {
  await sql`delete from alerts`
  // The horizon is the cluster's: what other tests write just now would be told as well.
  await setAlertLimit(context, null, 'feed_held', null, { off: true })
})

test('a price feed that is under way for long, also once it is waited for no more; over when it has ended', async () => {
  await sql`insert into publication_feeds (account_id, state, external_id, items, begun_at) values (${shop.accountId}, 'started', '50001', 700, ${at(0)})`
  await look(80 * MIN)
  expect(await open()).toEqual([])
  await look(95 * MIN)
  expect(only(await open())).toMatchObject({
    ...{ kind: 'price_feed_late', subject: 'account:shop', since: at(0) },
    facts: { prices: 700, feed: '50001', state: 'started', seconds: 95 * 60, limit: 5_400 },
  })
  expect(alertText('price_feed_late', 'account:shop', (await open())[0]?.facts ?? {}, 'en').text).toMatch(
    /^700 prices are under way as one document for 95 min \(50001/,
  )
  await sql`update publication_feeds set state = 'late'`
  await look(96 * MIN)
  expect(alertText('price_feed_late', 'account:shop', (await open())[0]?.facts ?? {}, 'en').text).toMatch(/went out one by one meanwhile/)
  await sql`update publication_feeds set state = 'ended', ended_at = ${at(96 * MIN)}, outcome = 'lost'`
  expect(await look(97 * MIN)).toMatchObject({ ended: 1 })
})

test('a webhook that never worked is told once looking has brought orders for an hour; not before it was asked for, nor where it is not', async () => {
  const order = (ms: number, id: string) => sql`
    insert into orders (channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, placed_at, booked_at)
    values (${shop.channelId}, ${id}, ${id}, 'accepted', 'new', ${at(ms)}, '', 'EUR', ${at(ms)}, ${at(ms)})`
  await order(-9 * H, 'before')
  await order(-7 * H, 'polled')
  await look(0)
  expect(await open()).toEqual([])
  await sql`update accounts set webhooks_since = ${at(-8 * H)}`
  await look(0)
  const alert = only(await open())
  expect(alert).toMatchObject({
    ...{ kind: 'webhook_silent', subject: 'account:shop', since: at(-7 * H) },
    facts: { orders: 1, last: null, seconds: 8 * 3_600 },
  })
  expect(alertText(alert.kind, alert.subject, alert.facts, 'en').text).toBe(
    'The platform has never told anything, for 8 h now; 1 orders were found by looking meanwhile, later than they could have been.',
  )
  expect(alertText(alert.kind, alert.subject, alert.facts, 'zh-CN').text).toContain('从未')
  await sql`insert into inbox (account_id, source, delivery_id, topic, body, state, received_at) values (${shop.accountId}, 'webhook', 'w', 'order.created', '', 'done', ${at(MIN)})`
  expect(await look(2 * MIN)).toMatchObject({ ended: 1 })
  // What was received weeks ago is not kept; old orders, which it told, are none that were found by looking.
  await sql`delete from inbox`
  await sql`update accounts set webhooks_since = ${at(-90 * 24 * H)}`
  await sql`update orders set booked_at = ${at(-40 * 24 * H)}`
  await look(3 * MIN)
  expect(await open()).toEqual([])
})
