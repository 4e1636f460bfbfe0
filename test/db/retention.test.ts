import { pino } from 'pino'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { KEPT_DAYS } from '../../db/retention.ts'
import { purge, trim } from '../../jobs/purge.ts'
import { freshDatabase } from '../support/database.ts'

const now = new Date('2026-11-22T12:00:00Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
const log = pino({ level: 'silent' })

let sql: Sql
beforeAll(async () => {
  sql = (await freshDatabase()).sql
  await sql`insert into accounts (name, platform, credentials, webhook_token) values ('woo', 'woocommerce', '', 'w'), ('amz', 'amazon', '', 'a')`
  await sql`insert into channels (account_id, code, name, external_ref, currency)
    select id, name, name, 'shop', 'EUR' from accounts`
})

describe('the purge', () => {
  test('removes messages that are done or ignored for 30 days, and no other', async () => {
    const message = (id: string, state: string, done: Date | null) =>
      sql`insert into inbox (account_id, source, delivery_id, topic, body, state, done_at, received_at)
        values (1, 'webhook', ${id}, 'order.updated', '', ${state}, ${done}, ${daysAgo(400)})`
    await message('old-done', 'done', daysAgo(31))
    await message('old-ignored', 'ignored', daysAgo(31))
    await message('young-done', 'done', daysAgo(29))
    await message('old-refused', 'refused', daysAgo(200))
    await message('waiting', 'new', null)
    expect((await purge({ sql, log }, now))['inbox messages']).toBe(2)
    expect((await sql`select delivery_id from inbox order by id`).map(row => row.delivery_id)).toEqual([
      'young-done',
      'old-refused',
      'waiting',
    ])
  })

  test('forgets the answers of commands after 30 days, but never those of a channel', async () => {
    await sql`insert into commands (scope, key, kind, body_hash, created_at) values
      ('key:ck_1', 'old', 'x', '', ${daysAgo(31)}), ('key:ck_1', 'young', 'x', '', ${daysAgo(29)}), ('channel:woo', 'old', 'x', '', ${daysAgo(400)})`
    await purge({ sql, log }, now)
    expect((await sql`select scope, key from commands order by scope, key`).map(row => `${row.scope} ${row.key}`)).toEqual([
      'channel:woo old',
      'key:ck_1 young',
    ])
  })

  test('ends sessions at their time, and forgets wrong passwords after a day', async () => {
    await sql`insert into users (email, name, role, password_hash) values ('a@example.org', 'A', 'clerk', '')`
    await sql`insert into sessions (token_hash, user_id, csrf_token, expires_at) values ('over', 1, '', ${now}), ('open', 1, '', ${daysAgo(-1)})`
    await sql`insert into login_attempts (subject, at) values ('a', ${hoursAgo(25)}), ('a', ${hoursAgo(23)})`
    const removed = await purge({ sql, log }, now)
    expect([removed.sessions, removed['login attempts']]).toEqual([1, 1])
    expect([...(await sql`select token_hash from sessions`)]).toEqual([{ token_hash: 'open' }])
  })

  test("shreds personal data by the platform's rule after the order's end, and at last for orders that never end", async () => {
    const order = async (channel: number, name: string, state: string, updated: Date, placed: Date, purgeAt: Date | null = null) => {
      await sql`with o as (
          insert into orders (channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, placed_at, updated_at)
          values (${channel}, ${name}, ${name}, ${state}, '', ${updated}, 'x', 'EUR', ${placed}, ${updated}) returning id)
        insert into order_people (order_id, sealed_key, sealed_body, purge_at) select id, '', '', ${purgeAt}::timestamptz from o`
    }
    await order(2, 'amazon shipped 31 days ago', 'fulfilled', daysAgo(31), daysAgo(40))
    await order(2, 'amazon shipped 29 days ago', 'fulfilled', daysAgo(29), daysAgo(40))
    await order(2, 'amazon open for 100 days', 'accepted', daysAgo(100), daysAgo(100))
    await order(2, 'amazon open for 366 days', 'accepted', daysAgo(1), daysAgo(366))
    await order(1, 'shop shipped 31 days ago', 'fulfilled', daysAgo(31), daysAgo(40))
    await order(1, 'shop cancelled 181 days ago', 'cancelled', daysAgo(181), daysAgo(190))
    await order(1, 'shop, asked to be forgotten', 'accepted', daysAgo(2), daysAgo(2), now)
    expect((await purge({ sql, log }, now))['personal data of orders']).toBe(4)
    const left = await sql`select o.number from order_people p join orders o on o.id = p.order_id order by o.id`
    expect(left.map(row => row.number)).toEqual(['amazon shipped 29 days ago', 'amazon open for 100 days', 'shop shipped 31 days ago'])
    expect(await sql`select from orders`).toHaveLength(7)
  })

  test('thins old history, and keeps what explains the number that is shown now', async () => {
    await sql`insert into products (handle, title) values ('mug', 'Mug')`
    await sql`insert into variants (product_id, sku, title) values (1, 'MUG', 'Mug')`
    await sql`insert into listings (channel_id, account_id, external_id, external_sku, title) values (1, 1, '7', 'MUG', 'Mug')`
    await sql`insert into publications (listing_id, field, account_id, channel_id, variant_id, intended, accepted, accepted_at)
      values (1, 'stock', 1, 1, 1, '{"quantity": 5}', '{"quantity": 5}', ${daysAgo(300)})`
    const old = daysAgo(KEPT_DAYS.publicationHistory + 1)
    await sql`insert into publication_history (listing_id, field, event, value, at) values
      (1, 'stock', 'accepted', '{"quantity": 9}', ${old}), (1, 'stock', 'accepted', '{"quantity": 5}', ${old}),
      (1, 'stock', 'read', '{"quantity": 5}', ${old}), (1, 'stock', 'read', '{"quantity": 4}', ${old}), (1, 'stock', 'read', '{"quantity": 3}', ${old}),
      (1, 'stock', 'retry', null, ${old}), (1, 'stock', 'retry', null, ${daysAgo(1)}), (1, 'stock', 'sent', '{"quantity": 8}', ${old})`
    expect((await purge({ sql, log }, now))['history of publications']).toBe(3)
    const left = await sql`select event, (value->>'quantity')::int as quantity from publication_history order by id`
    expect(left.map(row => [row.event, row.quantity])).toEqual([
      ['accepted', 5],
      ['read', 5],
      ['read', 3],
      ['retry', null],
      ['sent', 8],
    ])
  })

  test('keeps the prices that platforms took or showed for three years, and what was intended of them for half a year', async () => {
    const event = (name: string, days: number) =>
      sql`insert into publication_history (listing_id, field, event, value, at) values (1, 'price', ${name}, '{"regular": "9"}', ${daysAgo(days)})`
    for (const days of [KEPT_DAYS.pricesShown + 1, KEPT_DAYS.pricesShown - 1, 1])
      for (const name of ['applied', 'intended']) await event(name, days)
    expect((await purge({ sql, log }, now))['history of publications']).toBe(3)
    const left =
      await sql`select event, (extract(epoch from ${now} - at) / 86400)::int as days from publication_history where field = 'price' order by id`
    expect(left.map(row => [row.event, row.days])).toEqual([
      ['applied', KEPT_DAYS.pricesShown - 1],
      ['applied', 1],
      ['intended', 1],
    ])
  })

  test('removes the rows of price files that ended, files of long ago, and offers that were followed by others and that no step went by', async () => {
    const file = async (kind: string, state: string, days: number, deltas = false): Promise<number> =>
      (
        await sql<{ id: number }[]>`
          insert into imports (kind, name, content_hash, state, actor, created_at, ended_at, deltas)
          values (${kind}, 'f', ${state + days}, ${state}, 'x', ${daysAgo(days)}, ${state === 'waiting' ? null : daysAgo(days)}, ${deltas}) returning id`
      )[0]?.id ?? 0
    const [rejected, waiting, young] = [
      await file('prices', 'rejected', 31),
      await file('prices', 'waiting', 20),
      await file('prices', 'done', 29),
    ]
    const [forgotten, differences] = [await file('prices', 'done', 366), await file('stock', 'done', 366, true)]
    const lost = 999_999
    for (const id of [rejected, waiting, young, lost])
      await sql`insert into import_price_rows (import_id, position, row_no, variant_id, currency, is_new) values (${id}, 1, 2, 1, 'EUR', true)`
    await sql`insert into products (handle, title) values ('offered', 'Offered')`
    await sql`insert into variants (product_id, sku, title) select id, 'OFFERED', '' from products where handle = 'offered'`
    const offer = (competitor: string, amount: number, until: Date | null) => sql`
      insert into market_offers (variant_id, competitor, currency, amount, seen_at, last_seen_at, actor, valid_from, valid_to)
      select id, ${competitor}, 'EUR', ${amount}, ${daysAgo(400)}, ${daysAgo(400)}, 'x', ${daysAgo(400)}, ${until} from variants where sku = 'OFFERED'`
    await offer('acme', 1, daysAgo(181))
    await offer('acme', 2, daysAgo(179))
    await offer('acme', 3, null)
    await offer('bits', 4, daysAgo(200))
    await sql`insert into price_lists (code) values ('web')`
    await sql`insert into market_rules (code) values ('mugs')`
    await sql`
      insert into market_rule_terms (rule_id, list_id, scope, mode, actor) select r.id, l.id, 'all', 'match', 'x' from market_rules r, price_lists l where l.code = 'web'`
    await sql`
      insert into market_steps (list_id, variant_id, rule_id, terms_id, after_id, at, to_amount, offer_id, competitor, is_answer, target, why, waits)
      select t.list_id, o.variant_id, t.rule_id, t.id, 0, ${daysAgo(300)}, 4, o.id, 'bits', false, 4, '', false from market_rule_terms t, market_offers o where o.competitor = 'bits'`
    const removed = await purge({ sql, log }, now)
    expect([removed['rows of price files'], removed.imports, removed['offers of the market']]).toEqual([2, 1, 1])
    expect((await sql`select import_id as id from import_price_rows order by id`).map(row => row.id)).toEqual([waiting, young])
    expect((await sql`select id from imports order by id`).map(row => row.id)).toEqual([rejected, waiting, young, differences])
    expect((await sql`select amount::int as n from market_offers order by 1`).map(row => row.n)).toEqual([2, 3, 4])
    expect(forgotten).toBeGreaterThan(0)
    await sql`delete from import_price_rows`
    await sql`delete from imports`
    await sql`alter table imports alter column id restart`
  })

  test('removes requests, staged rows and reports when they are over and old, and keeps the last report', async () => {
    await sql`insert into account_requests (account_id, kind, state, actor, asked_at, ended_at) values
      (1, 'poll', 'done', 'x', ${daysAgo(40)}, ${daysAgo(31)}), (1, 'poll', 'failed', 'x', ${daysAgo(40)}, ${daysAgo(29)}), (1, 'poll', 'open', 'x', ${daysAgo(90)}, null)`
    await sql`insert into imports (kind, name, content_hash, state, actor, created_at, ended_at) values
      ('stock', 'a', '', 'done', 'x', ${daysAgo(40)}, ${daysAgo(31)}), ('stock', 'b', '', 'applying', 'x', ${daysAgo(40)}, null)`
    await sql`insert into import_rows (import_id, row_no, body) values (1, 1, '{}'), (1, 2, '{}'), (2, 1, '{}')`
    await sql`insert into import_stock_rows (import_id, position, row_no, variant_id, location_id, quantity, delta, available, alone)
      values (1, 1, 2, 1, 1, 5, false, false, true), (2, 1, 2, 1, 1, 5, false, false, true)`
    await sql`insert into publication_forces (channel_id, fields, actor, asked_at, ended_at) values
      (1, '{stock}', 'x', ${daysAgo(40)}, ${daysAgo(31)}), (1, '{stock}', 'x', ${daysAgo(40)}, ${daysAgo(29)}), (1, '{stock}', 'x', ${daysAgo(90)}, null)`
    const removed = await purge({ sql, log }, now)
    expect([removed['requests to accounts'], removed['rows of imports'], removed['rows of stock files']]).toEqual([1, 2, 1])
    expect(removed['wishes to send now']).toBe(1)
    expect(await sql`select import_id as id from import_stock_rows`).toEqual([{ id: 2 }])
    expect(await sql`select from imports`).toHaveLength(2)
    await sql`insert into checks (started_at, ended_at, violations, report) values
      (${daysAgo(100)}, ${daysAgo(100)}, 0, '{}'), (${daysAgo(95)}, ${daysAgo(95)}, 1, '{}')`
    expect((await purge({ sql, log }, now))['reports of checks']).toBe(1)
    expect((await sql`select violations from checks`).map(row => row.violations)).toEqual([1])
  })

  test('takes as many parts as it needs, and a second purge finds nothing', async () => {
    await sql`insert into login_attempts (subject, at) select 's' || n, ${daysAgo(3)} from generate_series(1, 2500) n`
    expect((await purge({ sql, log }, now))['login attempts']).toBe(2500)
    expect(Object.values(await purge({ sql, log }, now)).reduce((sum, count) => sum + count, 0)).toBe(0)
  })

  test('goes on past what it cannot remove, and then says what that was', async () => {
    await sql`alter table inbox rename to inbox_away`
    await sql`insert into login_attempts (subject, at) values ('s', ${daysAgo(3)})`
    try {
      const failure = await purge({ sql, log }, now).catch((error: unknown) => error)
      expect((failure as AggregateError).errors.map((error: Error) => error.message)).toEqual([
        'inbox messages could not be removed',
        'text of refused messages could not be removed',
      ])
      expect(await sql`select from login_attempts where subject = 's'`).toHaveLength(0)
    } finally {
      await sql`alter table inbox_away rename to inbox`
    }
  })
})

describe('the purge of alerts', () => {
  test('removes differences half a year after they ended, none that is open, and the checks before the last of each account', async () => {
    await sql`insert into listings (account_id, channel_id, external_id, external_sku, title) values (1, 1, 'd1', 'd1', ''), (1, 1, 'd2', 'd2', ''), (1, 1, 'd3', 'd3', '')`
    const drift = (listing: string, state: string, ended: Date | null) =>
      sql`insert into drifts (account_id, channel_id, listing_id, field, cause, state, found_at, looked_at, ended_at)
        select 1, 1, id, 'stock', 'edited', ${state}, ${daysAgo(400)}, ${daysAgo(400)}, ${ended} from listings where external_id = ${listing}`
    await drift('d1', 'repaired', daysAgo(KEPT_DAYS.drifts + 1))
    await drift('d2', 'repaired', daysAgo(KEPT_DAYS.drifts - 1))
    await drift('d3', 'held', null)
    await sql`insert into drift_checks (account_id, actor, asked_at, ended_at) values (1, 'a', ${daysAgo(200)}, ${daysAgo(200)}), (1, 'b', ${daysAgo(100)}, ${daysAgo(100)})`
    const removed = await purge({ sql, log }, now)
    expect([removed['differences that ended'], removed['drift checks']]).toEqual([1, 1])
    expect((await sql`select state from drifts order by id`).map(row => row.state)).toEqual(['repaired', 'held'])
    expect((await sql`select actor from drift_checks`).map(row => row.actor)).toEqual(['b'])
  })

  test('keeps what is open with all that was told of it, removes what was told long ago, and alerts that ended before that', async () => {
    await sql`insert into alert_endpoints (via, address, actor, removed_at) values
      ('webhook', 'https://here.example.org/', 'test', null), ('webhook', 'https://gone.example.org/', 'test', ${daysAgo(100)})`
    const alert = (subject: string, ended: Date | null) => sql`
      with a as (insert into alerts (kind, subject, facts, since, opened_at, seen_at, quiet_s, ended_at)
        values ('channel_late', ${subject}, '{}', ${daysAgo(300)}, ${daysAgo(300)}, ${daysAgo(300)}, 0, ${ended}) returning id)
      insert into alert_deliveries (endpoint_id, message_id, alert_id, event, body, state, ended_at)
      select e.id, ${subject}, a.id, 'alert.opened', '', 'done', ${ended ?? daysAgo(300)} from a, alert_endpoints e where e.removed_at is null`
    await alert('open', null)
    await alert('old', daysAgo(181))
    await alert('older than its log', daysAgo(91))
    await alert('young', daysAgo(89))
    await sql`insert into alert_attempts (delivery_id, at, took_ms) select id, ${now}, 1 from alert_deliveries`
    const removed = await purge({ sql, log }, now)
    expect([removed['deliveries of alerts'], removed['alerts that ended'], removed['endpoints that were removed']]).toEqual([2, 1, 1])
    expect((await sql`select subject from alerts order by id`).map(row => row.subject)).toEqual(['open', 'older than its log', 'young'])
    expect((await sql`select message_id from alert_deliveries order by id`).map(row => row.message_id)).toEqual(['open', 'young'])
    expect(await sql`select 1 from alert_attempts`).toHaveLength(2)
  })
})

describe('trimming the feed', () => {
  beforeEach(async () => {
    await sql`truncate change, feed_cursors`
    // One row for each 10 hours, oldest first: 90, 80, … 0 hours old.
    await sql`insert into change (tx, kind, ref_id, at)
      select (100 + n)::text::xid8, 'stock', n, ${now}::timestamptz - make_interval(hours => 90 - 10 * n) from generate_series(0, 9) n`
  })
  const cursor = (consumer: string, tx: number, moved: Date) =>
    sql`insert into feed_cursors (consumer, tx, seq, cluster, moved_at)
      values (${consumer}, ${String(tx)}::xid8, ${Number.MAX_SAFE_INTEGER}, 'c', ${moved})`
  const left = async () => (await sql`select tx::text::int as n from change order by change.tx`).map(row => (row.n as number) - 100)

  test('keeps 48 hours, and all older rows that a living reader has not passed', async () => {
    await cursor('account:1', 102, hoursAgo(1))
    await cursor('account:2', 109, hoursAgo(0))
    expect(await trim({ sql, log }, now)).toBe(3)
    expect(await left()).toEqual([3, 4, 5, 6, 7, 8, 9])
    await sql`update feed_cursors set tx = '109' where consumer = 'account:1'`
    expect(await trim({ sql, log }, now)).toBe(2)
    expect(await left()).toEqual([5, 6, 7, 8, 9])
  })

  test('does not wait for a paused channel: its cursor is forgotten, and it starts over when it is back', async () => {
    await cursor('account:1', 101, hoursAgo(49))
    await cursor('account:2', 109, hoursAgo(0))
    expect(await trim({ sql, log }, now)).toBe(5)
    expect(await left()).toEqual([5, 6, 7, 8, 9])
    expect((await sql`select consumer from feed_cursors`).map(row => row.consumer)).toEqual(['account:2'])
  })

  test('with no reader at all keeps 48 hours', async () => {
    expect(await trim({ sql, log }, now)).toBe(5)
    expect(await trim({ sql, log }, now)).toBe(0)
  })
})
