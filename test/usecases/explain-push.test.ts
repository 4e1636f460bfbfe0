import { beforeAll, describe, expect, test } from 'vitest'
import { holdLease, setAccountState } from '../../db/accounts.ts'
import { fillFeed } from '../../db/price-feeds.ts'
import { intend, markSent, noteResults, type SendResult } from '../../db/publications.ts'
import { tellQuota } from '../../db/quotas.ts'
import { changeChannel } from '../../src/usecases/channels.ts'
import type { Context } from '../../src/usecases/context.ts'
import { explainPush } from '../../src/usecases/explain-push.ts'
import { explainPushText } from '../../src/usecases/explain-push-text.ts'
import { forcePush } from '../../src/usecases/force.ts'
import { decideQuarantine } from '../../src/usecases/guard.ts'
import { showPublishing } from '../../src/usecases/publishing.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
let context: Context
beforeAll(async () => {
  const pace = { perCall: 1, inFlight: 10, bucket: { ratePerS: 5, burst: 10 }, latencyS: 0.2, takesDates: true, showsWithinS: 0 }
  context = { ...(await testContext(sql)), actor: 'user:ana', pushPaceOf: () => pace }
})

const told = (shop: Guarded, sku: string, field: 'stock' | 'price' = 'stock', at?: string) =>
  explainPush(context, sku, shop.code, field, { at })
const verdict = async (shop: Guarded, sku: string, field: 'stock' | 'price' = 'stock') =>
  (await told(shop, sku, field)).listings[0]?.verdict
const text = async (shop: Guarded, sku: string, field: 'stock' | 'price' = 'stock', at?: string) =>
  explainPushText(await told(shop, sku, field, at), () => 'T')

/** Sends what waits of a channel and answers with this. */
async function answer(shop: Guarded, how: Partial<SendResult>): Promise<void> {
  const lease = (await holdLease(sql, shop.accountId, 'test', 3_600_000))?.token ?? 0
  const rows = await sql<{ listing: number; field: 'stock' | 'price' }[]>`
    select listing_id as listing, field from publications where channel_id = ${shop.channelId} and waiting_since is not null`
  const out = await markSent(sql, shop.accountId, lease, [...rows])
  await noteResults(
    sql,
    shop.accountId,
    lease,
    (out?.send ?? []).map(({ listing, field }) => ({ listing, field, status: 'accepted', ...how })),
  )
}

describe('what was sent', () => {
  test('tells the change that it was based on, who made it, what was reckoned, and what the platform made of it', async () => {
    const shop = await guardedChannel(sql, 'sent', 1)
    const [sku = ''] = shop.skus
    await sql`select stock_change_2(${sql.json({ actor: 'user:bo', lines: [{ sku, location: 'main', quantity: 4, kind: 'receive' }] })})`
    await shop.push()
    const { listings, stock, isPast } = await told(shop, sku)
    expect(isPast).toBe(false)
    expect(stock).toEqual({ atp: 14, ahead: 0, buffer: 0, cap: null, stopSellingAt: 0, shown: 14, because: [] })
    expect(listings).toHaveLength(1)
    expect(listings[0]).toMatchObject({ wanted: { quantity: 14 }, shows: { quantity: 14 }, verdict: { code: 'unchanged' }, queue: null })
    expect(listings[0]?.pushes).toHaveLength(1)
    expect(listings[0]?.pushes[0]).toMatchObject({
      value: { quantity: 14 },
      outcome: 'applied',
      forcedBy: null,
      isAgain: false,
      intended: { why: { atp: 14, buffer: 0 } },
      causes: [{ what: 'movement', actor: 'user:bo', detail: { kind: 'receive', sku, location: 'main', onHand: 4 } }],
    })
    expect(await text(shop, sku)).toContain('receive of SENT-000000 at main: on hand +4 by user:bo')
  })

  test('a price tells its source and who set it', async () => {
    const shop = await guardedChannel(sql, 'priced', 1)
    const [sku = ''] = shop.skus
    await sql`select prices_set_1(${sql.json({ actor: 'user:cy', prices: [{ sku, currency: 'EUR', amount: '9' }] })})`
    await shop.push()
    const { listings, price } = await told(shop, sku, 'price')
    expect(price).toMatchObject({ currency: 'EUR', amount: '9', source: { kind: 'plain', audience: 'everyone' }, actor: 'user:cy' })
    expect(listings[0]?.pushes[0]).toMatchObject({
      value: { regular: '9' },
      outcome: 'applied',
      price: { actor: 'user:cy', source: { kind: 'plain' } },
    })
    expect(await text(shop, sku, 'price')).toContain('from the typed price for everyone, set by user:cy at T')
  })

  test('a push that a person asked for names them, and one after a failure says so', async () => {
    const shop = await guardedChannel(sql, 'asked', 1)
    const [sku = ''] = shop.skus
    await forcePush(context, null, shop.code, { field: 'stock' })
    expect((await told(shop, sku)).listings[0]).toMatchObject({ forcedBy: 'user:ana', verdict: { code: 'waiting' } })
    await answer(shop, { status: 'retry', words: 'busy', retryAt: new Date(0).toISOString() })
    await shop.push()
    const pushes = (await told(shop, sku)).listings[0]?.pushes
    expect(pushes?.map(({ outcome, forcedBy, isAgain, words }) => [outcome, forcedBy, isAgain, words])).toEqual([
      ['applied', 'user:ana', true, null],
      ['retry', 'user:ana', false, 'busy'],
    ])
    await forcePush(context, null, shop.code, { field: 'stock' })
    await shop.push()
    const [same] = (await told(shop, sku)).listings[0]?.pushes ?? []
    expect(same).toMatchObject({ before: { quantity: 10 }, value: { quantity: 10 }, forcedBy: 'user:ana', causes: [] })
  })
})

describe('why nothing was sent', () => {
  test('a change that the cap takes up alters nothing: the numbers, and the change, are named', async () => {
    const shop = await guardedChannel(sql, 'capped', 1)
    const [sku = ''] = shop.skus
    await changeChannel(context, shop.code, { buffer: 1, cap: 8 }, null)
    await shop.push()
    await sql`select stock_change_2(${sql.json({ actor: 'user:bo', lines: [{ sku, location: 'main', quantity: 5, kind: 'receive' }] })})`
    expect(await shop.push()).toBe(0)
    const { stock, listings } = await told(shop, sku)
    expect(stock).toEqual({ atp: 15, ahead: 0, buffer: 1, cap: 8, stopSellingAt: 0, shown: 8, because: ['buffer', 'cap'] })
    expect(listings[0]).toMatchObject({
      verdict: { code: 'unchanged' },
      unaltered: [{ what: 'movement', actor: 'user:bo', detail: { kind: 'receive', onHand: 5 } }],
      pushes: [{ value: { quantity: 8 }, before: null, causes: [{ what: 'policy', actor: 'user:ana', detail: { buffer: 1, cap: 8 } }] }],
    })
    const words = await text(shop, sku)
    expect(words).toContain('nothing to send: the platform shows it, as read back at T')
    expect(words).toContain('reckoned: 15 can be sold − 1 kept back, at most 8 = 8')
    expect(words).toContain(
      'changed since, without altering what is shown:\n    T  receive of CAPPED-000000 at main: on hand +5 by user:bo',
    )
  })

  test('held by the guard, then rejected: the incident and the next step', async () => {
    const shop = await guardedChannel(sql, 'kept', 1)
    const [sku = ''] = shop.skus
    await shop.setPrices('2')
    await shop.push()
    const held = await verdict(shop, sku, 'price')
    expect(held).toMatchObject({ code: 'quarantined', reason: expect.stringContaining('falls by more than 50 %') })
    expect(await text(shop, sku, 'price')).toContain(`(incident ${held?.ref}): held by the guard of kept`)
    await decideQuarantine(context, null, held?.ref ?? 0, { decision: 'reject' }, () => true)
    expect(await verdict(shop, sku, 'price')).toMatchObject({ code: 'rejected', by: 'user:ana', ref: held?.ref })
  })

  test('refused by the platform, with its words', async () => {
    const shop = await guardedChannel(sql, 'refused', 1)
    const [sku = ''] = shop.skus
    await shop.setPrices('9')
    await intend(sql, shop.accountId, null)
    await answer(shop, { status: 'rejected', code: 'bad_price', words: 'the price has too many digits' })
    expect(await verdict(shop, sku, 'price')).toMatchObject({ code: 'refused', reason: 'the price has too many digits' })
    expect(await text(shop, sku, 'price')).toContain('Next: mend that, then "concord publication force refused --sku REFUSED-000000"')
  })

  test('in a feed with others: what changed since waits for its verdicts', async () => {
    const shop = await guardedChannel(sql, 'feed', 1)
    const [sku = ''] = shop.skus
    await shop.setPrices('9')
    await intend(sql, shop.accountId, null)
    const lease = await holdLease(sql, shop.accountId, 'test', 3_600_000)
    expect(await fillFeed(sql, shop.accountId, lease?.token ?? 0, 3_600_000, 10)).toMatchObject({ items: 1 })
    expect(await verdict(shop, sku, 'price')).toMatchObject({ code: 'in_feed', since: expect.any(String) })
    expect(await text(shop, sku, 'price')).toContain('under way in a feed with many others')
  })

  test('observed, paused, in trouble, no hub, tried again later: each with its reason, the one that decides first', async () => {
    const shop = await guardedChannel(sql, 'stopped', 1)
    const [sku = ''] = shop.skus
    await shop.setStock(7)
    await intend(sql, shop.accountId, null)
    const set = (how: Record<string, unknown>) =>
      sql`update publications set ${sql(how)} where channel_id = ${shop.channelId} and field = 'stock'`
    const later = new Date(Date.now() + 60_000)
    expect(await verdict(shop, sku)).toMatchObject({ code: 'waiting' })
    await set({ retry_at: later, reason: 'the platform was busy', attempts: 2 })
    expect(await verdict(shop, sku)).toMatchObject({
      code: 'retry',
      reason: 'the platform was busy',
      until: expect.any(String),
      attempts: 2,
    })
    await sql`update accounts set lease_until = clock_timestamp() where id = ${shop.accountId}`
    expect(await verdict(shop, sku)).toMatchObject({ code: 'no_hub' })
    await setAccountState(sql, shop.accountId, 'failing', 'auth: the key was revoked', later)
    expect(await verdict(shop, sku)).toMatchObject({ code: 'trouble', reason: 'auth: the key was revoked', until: later.toISOString() })
    await changeChannel(context, shop.code, { publishStock: false }, null)
    expect(await verdict(shop, sku)).toMatchObject({ code: 'observed' })
    await changeChannel(context, shop.code, { paused: true }, null)
    expect(await verdict(shop, sku)).toMatchObject({ code: 'paused' })
    await setAccountState(sql, shop.accountId, 'paused', 'moving house', null)
    expect(await verdict(shop, sku)).toMatchObject({ code: 'account_paused', reason: 'moving house' })
  })

  test('waiting for the quota: how many go first, and about when its turn is at the rate that is left', async () => {
    const shop = await guardedChannel(sql, 'queue', 30)
    const last = shop.skus.at(-1) ?? ''
    await shop.setStock(0, shop.skus.slice(0, 20))
    await shop.setStock(12, [last])
    await intend(sql, shop.accountId, null)
    const lease = (await holdLease(sql, shop.accountId, 'test', 3_600_000))?.token ?? 0
    await tellQuota(sql, shop.accountId, lease, { operation: 'patch', left: 1, ratePerS: 2, burst: 10, closedMs: 0 })
    const { listings, at } = await told(shop, last)
    const [one] = listings
    // 21 calls, 1 at once and 2 a second: 10 s, then 0.2 s for the call and 0.1 s of ours.
    const aboutAt = new Date(Date.parse(at) + 10_300).toISOString()
    expect(one?.queue).toMatchObject({ ahead: 20, calls: 21, aboutAt, because: 'loss', currency: 'EUR' })
    expect(one?.queue?.lossPerHour).toBeLessThan(0.005)
    expect(await text(shop, last)).toContain('20 SKUs go first (about 0 EUR are lost an hour); for the quota its call is over about T')
    // Nothing was learnt yet: a new SKU sells half a unit a day, and twenty margins are lost with each that is cancelled.
    expect((await told(shop, shop.skus[0] ?? '')).listings[0]?.queue).toMatchObject({
      because: 'sold_out',
      lossPerHour: expect.closeTo(0.4165, 3),
    })
    expect(await text(shop, shop.skus[0] ?? '')).toContain(
      'it is the next (it is sold out and still offered; about 0.42 EUR are lost an hour)',
    )
    const now = new Date(at)
    const standing = await showPublishing(context, shop.code, now)
    expect(standing.quota).toMatchObject({ operation: 'patch', callsLeft: 1, perSecond: 2, burst: 10, openAt: null })
    expect(standing.backlog).toEqual({ fields: 21, accountFields: 21, calls: 21, doneAt: new Date(now.getTime() + 10_300), waitsFor: null })
    expect(standing.counts.map(({ field, stands, count }) => [field, stands, count])).toEqual([
      ['stock', 'applied', 9],
      ['stock', 'intended', 21],
      ['price', 'applied', 30],
    ])
    await changeChannel(context, shop.code, { paused: true }, null)
    expect((await showPublishing(context, shop.code)).backlog).toMatchObject({ fields: 0, doneAt: null, waitsFor: 'channel' })
  })

  test('not listed, matched to none or to another SKU', async () => {
    const shop = await guardedChannel(sql, 'strange', 2)
    const [sku = '', other = ''] = shop.skus
    await sql`update listings set variant_id = null where external_sku = ${sku}`
    await sql`delete from publications p using variants v where v.id = p.variant_id and v.sku = ${sku}`
    expect((await told(shop, sku)).absent).toMatchObject({ code: 'unmatched', externalSku: sku, sku: null })
    expect(await text(shop, sku)).toContain('is matched to no SKU: match it on /channels/strange in the console')
    await sql`update listings set variant_id = (select id from variants where sku = ${other}) where external_sku = ${sku}`
    expect((await told(shop, sku)).absent).toMatchObject({ code: 'unmatched', sku: other })
    await sql`update listings set state = 'gone' where external_sku = ${sku}`
    expect((await told(shop, sku)).absent).toEqual({ code: 'unlisted' })
    await expect(explainPush(context, 'NO-SUCH', shop.code, 'stock')).rejects.toMatchObject({ code: 'not_found' })
    await expect(explainPush(context, sku, 'nowhere', 'stock')).rejects.toMatchObject({ code: 'not_found' })
  })
})

test('of a moment that has passed: how it stood then, by what had happened, and what came after', async () => {
  const shop = await guardedChannel(sql, 'past', 1)
  const [sku = ''] = shop.skus
  const clock = async () =>
    (await sql<{ at: string }[]>`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`)[0]?.at ?? ''
  await shop.setStock(6)
  await intend(sql, shop.accountId, null)
  const waited = await clock()
  await shop.push()
  const shown = await clock()
  await changeChannel(context, shop.code, { paused: true }, null)
  await shop.setStock(3)
  await intend(sql, shop.accountId, null)
  const paused = await clock()
  expect((await told(shop, sku, 'stock', waited)).listings[0]).toMatchObject({
    verdict: { code: 'waiting' },
    wanted: { quantity: 6 },
    pushes: [],
    after: { event: 'sent', value: { quantity: 6 } },
  })
  const then = await told(shop, sku, 'stock', shown)
  expect(then).toMatchObject({ isPast: true, stock: { shown: 6 } })
  expect(then.listings[0]).toMatchObject({
    verdict: { code: 'unchanged' },
    shows: { quantity: 6 },
    pushes: [{ value: { quantity: 6 }, outcome: 'applied' }],
  })
  expect((await told(shop, sku, 'stock', paused)).listings[0]).toMatchObject({
    verdict: { code: 'paused' },
    wanted: { quantity: 3 },
    shows: { quantity: 6 },
    after: null,
  })
  expect(await text(shop, sku, 'stock', waited)).toContain('waited to be sent since T')
})
