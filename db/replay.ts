import type { Sql } from './connect.ts'

/** How far the hub is with what the platforms of a replay have done; all zero when it has nothing left to do. */
export type Pulse = {
  readonly orders: number
  /** Messages not yet understood, orders to be read again, requests to accounts. */
  readonly intake: number
  /** Fields that wait to be sent. */
  readonly waiting: number
  /** Fields under way, not yet read back, to be looked at, or withheld for orders that were not seen. */
  readonly unsettled: number
  readonly acts: number
  /** Order lines with units to be shipped. */
  readonly toShip: number
  readonly listings: number
  readonly observed: boolean
  /** Every order that any platform changed before this is known; null before the first poll. */
  readonly coveredUntil: Date | null
  /** Rows of the change feed that some lane has not passed. */
  readonly unread: number
}

/** One look at everything that a replay waits for. */
export async function readPulse(sql: Sql): Promise<Pulse> {
  const [row] = await sql<Pulse[]>`
    select
      (select count(*) from orders where content_hash <> '') as orders,
      (select count(*) from inbox where state = 'new') + (select count(*) from rereads)
        + (select count(*) from account_requests where state = 'open') as intake,
      p.waiting, p.unsettled, p.listings,
      (select count(*) from acts where state in ('intended', 'sent', 'unknown')) as acts,
      (select count(*) from order_lines where reserved > 0) as "toShip",
      (select bool_and(observed_at is not null) from accounts) as observed,
      (select case when bool_and(covered_until is not null) then min(covered_until) end from accounts) as "coveredUntil",
      (select count(*) from accounts a left join feed_cursors f on f.consumer = 'account:' || a.id
        join change c on (c.tx, c.seq) > (coalesce(f.tx, '0'::xid8), coalesce(f.seq, 0))
        where c.account_id is null or c.account_id = a.id) as unread
    from (select count(*) filter (where waiting_since is not null) as waiting,
        count(*) filter (where state in ('sent', 'accepted') or check_at is not null or withheld > 0) as unsettled,
        count(distinct listing_id) as listings from publications) p`
  if (!row) throw new Error('the database told nothing')
  return row
}

export type OpenOrder = { readonly id: number; readonly externalId: string; readonly platform: string; readonly shipments: number }

/** Orders with promised units that can be shipped, oldest first; `shipments`: how many times some of it was shipped before. */
export async function ordersToShip(sql: Sql): Promise<OpenOrder[]> {
  return sql<OpenOrder[]>`
    select o.id, o.external_id as "externalId", a.platform, (select count(*) from acts x where x.order_id = o.id and x.kind = 'ship') as shipments
    from orders o join channels c on c.id = o.channel_id join accounts a on a.id = c.account_id
    where o.state in ('accepted', 'routed', 'in_fulfilment') and exists (select from order_lines l where l.order_id = o.id and l.reserved > 0) order by o.id`
}

export type BookedLine = {
  readonly externalLineId: string
  readonly sku: string
  readonly reserved: number
  readonly shipped: number
  readonly returned: number
}

export type BookedOrder = {
  readonly id: number
  readonly shipments: number
  /** Acts that the platform has not answered. */
  readonly openActs: number
  readonly lines: readonly BookedLine[]
}

/** An order by the platform's own id, or null as long as it is not booked. */
export async function findBooked(sql: Sql, platform: string, externalId: string): Promise<BookedOrder | null> {
  const [row] = await sql<BookedOrder[]>`
    select o.id, (select count(*) from acts x where x.order_id = o.id and x.kind = 'ship') as shipments,
      (select count(*) from acts x where x.order_id = o.id and x.state in ('intended', 'sent', 'unknown')) as "openActs",
      (select jsonb_agg(jsonb_build_object('externalLineId', l.external_line_id, 'sku', l.sku, 'reserved', l.reserved, 'shipped', l.shipped,
        'returned', l.returned) order by l.id) from order_lines l where l.order_id = o.id) as lines
    from orders o join channels c on c.id = o.channel_id join accounts a on a.id = c.account_id
    where a.platform = ${platform} and o.external_id = ${externalId} and o.content_hash <> ''`
  return row ?? null
}

/** Makes an empty database on the server of this address and answers its own address. */
export async function createDatabase(server: Sql, serverUrl: string, name: string): Promise<string> {
  await server`create database ${server(name)}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** Drops a database that `createDatabase` made, whoever is still connected. */
export async function dropDatabase(server: Sql, name: string): Promise<void> {
  await server`drop database if exists ${server(name)} with (force)`
}

/** Databases whose names begin so with a digit next, sort before the name given, and have nobody connected: left by a replay that was killed. */
export async function databasesLeft(server: Sql, prefix: string, before: string): Promise<string[]> {
  const rows = await server<{ name: string }[]>`
    select datname as name from pg_database d where datname ~ ${`^${prefix}[0-9]`} and datname < ${before} collate "C"
      and not exists (select from pg_stat_activity a where a.datname = d.datname)`
  return rows.map(row => row.name)
}
