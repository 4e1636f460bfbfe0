import { ENDED_STATES } from '../src/domain/orders/life.ts'
import type { Sql } from './connect.ts'

/** Deletes at most `limit` rows whose time is over at `now`; answers how many. Short statements: nobody waits for them. */
export type Removal = (sql: Sql, now: Date, limit: number) => Promise<number>

/** How long things are kept, days. What explains stock, orders and prices is never removed here. */
export const KEPT_DAYS = {
  inbox: 30,
  commands: 30,
  /** Waiting times after wrong passwords are at most an hour long. */
  loginAttempts: 1,
  publicationHistory: 180,
  /** Prices that platforms took or showed: sales are measured by them, and authorities ask. */
  pricesShown: 1095,
  /** Also what was asked to be sent now; that it was asked stands in the audit. */
  requests: 30,
  importRows: 30,
  /** Lines of the list of imports; what an import did stands in the audit. */
  imports: 365,
  /** Amounts of competitors that others followed, and that no step went by. */
  marketOffers: 180,
  checks: 90,
  /** What platforms showed and should not, after it ended; and checks of whole accounts. */
  drifts: 180,
  driftChecks: 90,
  /** Alerts, after they ended. */
  alerts: 180,
  /** What was told of alerts, with every try. */
  deliveries: 90,
  /** Personal data after an order's end; Amazon's policy says 30 days after delivery. */
  peopleByPlatform: { amazon: 30 } as Readonly<Record<string, number>>,
  people: 180,
  /** Personal data of orders that never ended, after they were placed. */
  peopleOfOpenOrders: 365,
} as const

const DAY_MS = 86_400_000
const before = (now: Date, days: number): Date => new Date(now.getTime() - days * DAY_MS)

/** What is removed, by name. Refused messages stay: each is an order or a change that a person has still to look at. */
export const removals: Readonly<Record<string, Removal>> = {
  'inbox messages': async (sql, now, limit) => {
    const { count } = await sql`
      delete from inbox where id in (
        select id from inbox where state in ('done', 'ignored') and done_at < ${before(now, KEPT_DAYS.inbox)} limit ${limit} for update skip locked)`
    return count
  },
  // A channel's own keys guard against its messages of any age, and receipts against a till's files; they stay.
  'answers of commands': async (sql, now, limit) => {
    const { count } = await sql`
      delete from commands where (scope, key) in (
        select scope, key from commands where created_at < ${before(now, KEPT_DAYS.commands)} and scope not like 'channel:%' and scope not like 'till:%'
        order by created_at limit ${limit} for update skip locked)`
    return count
  },
  sessions: async (sql, now, limit) => {
    const { count } = await sql`
      delete from sessions where token_hash in (select token_hash from sessions where expires_at <= ${now} limit ${limit} for update skip locked)`
    return count
  },
  'login attempts': async (sql, now, limit) => {
    const { count } = await sql`
      delete from login_attempts where ctid in (
        select ctid from login_attempts where at < ${before(now, KEPT_DAYS.loginAttempts)} limit ${limit} for update skip locked)`
    return count
  },
  // What a person has still to look at stays as a line of the list; what buyers' data may be in it does not outlive its rule.
  'text of refused messages': async (sql, now, limit) => {
    const { count } = await sql`
      update inbox set body = '' where id in (
        select i.id from inbox i join accounts a on a.id = i.account_id
        where i.state = 'refused' and length(i.body) > 0 and i.received_at < ${now}::timestamptz - make_interval(days =>
          coalesce((${sql.json(KEPT_DAYS.peopleByPlatform)} ->> a.platform)::int, ${KEPT_DAYS.people}))
        order by i.id limit ${limit} for update of i skip locked)`
    return count
  },
  // The row holds the order's own key: without it no copy of the sealed text can be read, wherever it is. An order ends when nothing of it is to be done any more: what
  // is told of it later, or comes back, makes that no later.
  'personal data of orders': async (sql, now, limit) => {
    const { count } = await sql`
      delete from order_people where order_id in (
        select p.order_id from order_people p join orders o on o.id = p.order_id
        join channels c on c.id = o.channel_id join accounts a on a.id = c.account_id
        cross join lateral (select coalesce((${sql.json(KEPT_DAYS.peopleByPlatform)} ->> a.platform)::int, ${KEPT_DAYS.people}) as days) rule
        where p.purge_at <= ${now}
          or o.state = any(${[...ENDED_STATES]}::text[]) and o.placed_at < ${now}::timestamptz - make_interval(days => rule.days)
            and coalesce((select max(e.at) from order_events e where e.order_id = o.id and e.group_id is null and e.to_state = any(${[...ENDED_STATES]}::text[])
              and (e.from_state is null or not e.from_state = any(${[...ENDED_STATES]}::text[]))), o.updated_at) < ${now}::timestamptz - make_interval(days => rule.days)
          or o.placed_at < ${before(now, KEPT_DAYS.peopleOfOpenOrders)}
        limit ${limit} for update of p skip locked)`
    return count
  },
  // What was last heard of each kind stays, and what a platform shows now stays explained, however old it is.
  'history of publications': async (sql, now, limit) => {
    const { count } = await sql`
      delete from publication_history where id in (
        select h.id from publication_history h where h.at < ${before(now, KEPT_DAYS.publicationHistory)}
          and (h.field <> 'price' or h.event not in ('accepted', 'applied', 'read') or h.at < ${before(now, KEPT_DAYS.pricesShown)})
          and exists (select from publication_history n
            where n.listing_id = h.listing_id and n.field = h.field and n.event = h.event and n.id > h.id)
          and not exists (select from publications p where p.listing_id = h.listing_id and p.field = h.field and p.accepted = h.value)
        order by h.id limit ${limit})`
    return count
  },
  'requests to accounts': async (sql, now, limit) => {
    const { count } = await sql`
      delete from account_requests where id in (
        select id from account_requests where state <> 'open' and ended_at < ${before(now, KEPT_DAYS.requests)} limit ${limit})`
    return count
  },
  'wishes to send now': async (sql, now, limit) => {
    const { count } = await sql`
      delete from publication_forces where id in (
        select id from publication_forces where ended_at < ${before(now, KEPT_DAYS.requests)} order by id limit ${limit})`
    return count
  },
  'rows of imports': async (sql, now, limit) => {
    const { count } = await sql`
      delete from import_rows where (import_id, row_no) in (
        select r.import_id, r.row_no from import_rows r join imports i on i.id = r.import_id
        where i.state in ('done', 'refused', 'rejected') and coalesce(i.ended_at, i.created_at) < ${before(now, KEPT_DAYS.importRows)} limit ${limit})`
    return count
  },
  'rows of price files': async (sql, now, limit) => {
    const { count } = await sql`
      delete from import_price_rows where (import_id, position) in (
        select r.import_id, r.position from import_price_rows r left join imports i on i.id = r.import_id
        where i.id is null or i.state in ('done', 'refused', 'rejected') and coalesce(i.ended_at, i.created_at) < ${before(now, KEPT_DAYS.importRows)}
        limit ${limit})`
    return count
  },
  imports: async (sql, now, limit) => {
    const { count } = await sql`
      delete from imports where id in (
        select i.id from imports i where i.state in ('done', 'refused', 'rejected') and coalesce(i.ended_at, i.created_at) < ${before(now, KEPT_DAYS.imports)}
          -- Differences of stock are due once, however old their file is.
          and not coalesce(i.deltas, false) and not exists (select from import_rows r where r.import_id = i.id) and not exists (select from import_price_rows r where r.import_id = i.id)
          and not exists (select from import_stock_rows r where r.import_id = i.id)
        order by i.id limit ${limit})`
    return count
  },
  // What stands stays, however long ago it was seen, and so does what explains a step of ours.
  'offers of the market': async (sql, now, limit) => {
    const { count } = await sql`
      delete from market_offers where id in (
        select o.id from market_offers o where o.valid_to < ${before(now, KEPT_DAYS.marketOffers)}
          and not exists (select from market_steps s where s.offer_id = o.id) order by o.id limit ${limit})`
    return count
  },
  'rows of stock files': async (sql, now, limit) => {
    const { count } = await sql`
      delete from import_stock_rows where (import_id, position) in (
        select r.import_id, r.position from import_stock_rows r join imports i on i.id = r.import_id
        where i.state in ('done', 'refused') and coalesce(i.ended_at, i.created_at) < ${before(now, KEPT_DAYS.importRows)} limit ${limit})`
    return count
  },
  'reports of checks': async (sql, now, limit) => {
    const { count } = await sql`
      delete from checks where id in (
        select id from checks where ended_at < ${before(now, KEPT_DAYS.checks)} and id <> (select max(id) from checks) limit ${limit})`
    return count
  },
  'differences that ended': async (sql, now, limit) => {
    const { count } = await sql`
      delete from drifts where id in (select id from drifts where ended_at < ${before(now, KEPT_DAYS.drifts)} order by id limit ${limit})`
    return count
  },
  // The last one of each account stays: from it the next is due.
  'drift checks': async (sql, now, limit) => {
    const { count } = await sql`
      delete from drift_checks where id in (
        select k.id from drift_checks k where k.ended_at < ${before(now, KEPT_DAYS.driftChecks)}
          and exists (select from drift_checks n where n.account_id = k.account_id and n.ended_at is not null and n.id > k.id) limit ${limit})`
    return count
  },
  // The log of an alert that is open stays: who was told that it opened is told when it ends.
  'deliveries of alerts': async (sql, now, limit) => {
    const { count } = await sql`
      delete from alert_deliveries where id in (
        select d.id from alert_deliveries d left join alerts x on x.id = d.alert_id
        where d.state <> 'waiting' and d.ended_at < ${before(now, KEPT_DAYS.deliveries)} and (d.alert_id is null or x.ended_at is not null) limit ${limit})`
    return count
  },
  'notices to buyers': async (sql, now, limit) => {
    const { count } = await sql`
      delete from buyer_notices where id in (
        select id from buyer_notices where state <> 'waiting' and ended_at < ${before(now, KEPT_DAYS.deliveries)} order by ended_at limit ${limit})`
    return count
  },
  'alerts that ended': async (sql, now, limit) => {
    const { count } = await sql`
      delete from alerts where id in (
        select x.id from alerts x where x.ended_at < ${before(now, KEPT_DAYS.alerts)}
          and not exists (select from alert_deliveries d where d.alert_id = x.id) limit ${limit})`
    return count
  },
  'endpoints that were removed': async (sql, now, limit) => {
    const { count } = await sql`
      delete from alert_endpoints where id in (
        select e.id from alert_endpoints e where e.removed_at < ${before(now, KEPT_DAYS.deliveries)}
          and not exists (select from alert_deliveries d where d.endpoint_id = e.id)
          and not exists (select from buyer_notices n where n.endpoint_id = e.id) limit ${limit})`
    return count
  },
}

/** How long the change feed reaches back, hours. A reader that was away longer compares everything instead. */
export const FEED_KEPT_HOURS = 48

/** Forgets cursors that have not moved for longer than the feed reaches back: they hold nothing back, and their readers start over. */
export async function forgetDeadCursors(sql: Sql, now: Date): Promise<string[]> {
  const rows = await sql<{ consumer: string }[]>`
    delete from feed_cursors where moved_at < ${feedStart(now)} returning consumer`
  return rows.map(row => row.consumer)
}

/**
 * Deletes at most `limit` rows from the feed's old end: older than it is kept, and passed by every cursor that moved within that time. A
 * reader that is behind but alive keeps its rows; one that stopped (a paused channel) does not.
 */
export const trimFeed: Removal = async (sql, now, limit) => {
  const { count } = await sql`
    delete from change where (tx, seq) in (
      select c.tx, c.seq from change c where c.at < ${feedStart(now)}
        and not exists (select from feed_cursors f where f.moved_at >= ${feedStart(now)} and (f.tx, f.seq) < (c.tx, c.seq))
      order by c.tx, c.seq limit ${limit})`
  return count
}

const feedStart = (now: Date): Date => new Date(now.getTime() - FEED_KEPT_HOURS * 3_600_000)
