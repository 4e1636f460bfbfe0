import type { Sql } from './connect.ts'

export type Via = 'webhook' | 'email'

/** Where alerts are told. `address` is a URL or an e-mail address; a URL may hold a key of its receiver. */
export type EndpointRow = {
  readonly id: number
  readonly via: Via
  readonly address: string
  readonly name: string
  /** None: all kinds. */
  readonly kinds: readonly string[]
  readonly language: 'en' | 'zh-CN'
  /** It is there to reach buyers: what it is told of orders holds their telephone and the letter's words. */
  readonly tellsBuyers: boolean
  readonly state: 'active' | 'paused' | 'gone'
  readonly stateSince: Date
  readonly createdAt: Date
  /** Until when each secret signs; null: it is the newest. */
  readonly secrets: readonly (string | null)[]
  readonly waiting: number
  readonly lastDone: Date | null
  readonly lastFailed: Date | null
}

/** Endpoints of one way, or the one with this id. Never a secret. */
export function listEndpoints(sql: Sql, via: Via, id: number | null = null): Promise<EndpointRow[]> {
  return sql<EndpointRow[]>`
    select e.id, e.via, e.address, e.name, e.kinds, e.language, e.tells_buyers as "tellsBuyers", e.state, e.state_since as "stateSince", e.created_at as "createdAt",
      (select coalesce(jsonb_agg(alert_instant(s.ends_at) order by s.id desc), '[]') from alert_secrets s
        where s.endpoint_id = e.id and (s.ends_at is null or s.ends_at > clock_timestamp())) as secrets,
      d.waiting, d."lastDone", d."lastFailed"
    from alert_endpoints e cross join lateral (
      select count(*) filter (where state = 'waiting')::int as waiting, max(ended_at) filter (where state = 'done') as "lastDone",
        (select max(t.at) from alert_deliveries x join alert_attempts t on t.delivery_id = x.id
          where x.endpoint_id = e.id and t.trouble is not null) as "lastFailed"
      from (select state, ended_at from alert_deliveries where endpoint_id = e.id union all select state, ended_at from buyer_notices where endpoint_id = e.id)) d
    where e.via = ${via} and e.removed_at is null and (${id}::bigint is null or e.id = ${id}) order by e.id`
}

export type DeliveryRow = {
  readonly id: number
  readonly endpoint: number
  readonly via: Via
  readonly messageId: string
  readonly alert: number | null
  readonly event: 'alert.opened' | 'alert.ended' | 'webhook.test'
  readonly state: 'waiting' | 'done' | 'failed' | 'dropped'
  readonly attempts: number
  readonly dueAt: Date | null
  readonly lastStatus: number | null
  readonly lastTrouble: string | null
  readonly createdAt: Date
  readonly endedAt: Date | null
}

export type DeliveryFilter = {
  readonly id?: number | undefined
  readonly endpoint?: number | undefined
  readonly state?: DeliveryRow['state'] | undefined
  readonly since?: Date | undefined
}

/** Deliveries, the newest first, before the id. */
export function listDeliveries(sql: Sql, filter: DeliveryFilter, before: number | null, limit: number): Promise<DeliveryRow[]> {
  return sql<DeliveryRow[]>`
    select d.id, d.endpoint_id as endpoint, e.via, d.message_id as "messageId", d.alert_id as alert, d.event, d.state, d.attempts, d.due_at as "dueAt",
      d.last_status as "lastStatus", d.last_trouble as "lastTrouble", d.created_at as "createdAt", d.ended_at as "endedAt"
    from alert_deliveries d join alert_endpoints e on e.id = d.endpoint_id
    where (${before}::bigint is null or d.id < ${before}) and (${filter.id ?? null}::bigint is null or d.id = ${filter.id ?? null})
      and (${filter.endpoint ?? null}::bigint is null or d.endpoint_id = ${filter.endpoint ?? null})
      and (${filter.state ?? null}::text is null or d.state = ${filter.state ?? null})
      and (${filter.since ?? null}::timestamptz is null or d.created_at >= ${filter.since ?? null})
    order by d.id desc limit ${limit}`
}

export type AttemptRow = {
  readonly at: Date
  readonly tookMs: number
  readonly status: number | null
  readonly trouble: string | null
}

/** What was sent, and every try of it in order; null: there is no such delivery. */
export async function readTries(sql: Sql, id: number): Promise<{ readonly body: string; readonly tries: readonly AttemptRow[] } | null> {
  const [row] = await sql<{ body: string }[]>`select body from alert_deliveries where id = ${id}`
  if (row === undefined) return null
  const tries = await sql<AttemptRow[]>`
    select at, took_ms as "tookMs", status, trouble from alert_attempts where delivery_id = ${id} order by id`
  return { body: row.body, tries }
}

/** A delivery that is this worker's until its lease ends. */
export type Claimed = {
  readonly id: number
  readonly endpoint: number
  readonly via: Via
  readonly address: string
  readonly language: 'en' | 'zh-CN'
  readonly messageId: string
  readonly event: DeliveryRow['event']
  readonly body: string
  /** Tries before this one. */
  readonly attempts: number
  /** Those that sign now, sealed, in base64; the newest first. */
  readonly secrets: readonly string[]
  readonly at: Date
}

/** Takes what is due at the instant, at most `limit`; nobody else gets it for `leaseMs`. Those that were tried least go first. */
export function claimDeliveries(sql: Sql, owner: string, leaseMs: number, limit: number, now: Date | null = null): Promise<Claimed[]> {
  return sql<Claimed[]>`
    with clock as (select coalesce(${now}::timestamptz, clock_timestamp()) as at), due as (
      select d.id from alert_deliveries d join alert_endpoints e on e.id = d.endpoint_id cross join clock
      where d.state = 'waiting' and d.due_at <= clock.at and (d.taken_until is null or d.taken_until <= clock.at) and e.state = 'active' and e.removed_at is null
      order by d.attempts, d.due_at limit ${limit} for update of d skip locked)
    update alert_deliveries d set taken_by = ${owner}, taken_until = clock.at + make_interval(secs => ${leaseMs / 1000}::float8)
    from due cross join clock, alert_endpoints e where d.id = due.id and e.id = d.endpoint_id
    returning d.id, e.id as endpoint, e.via, e.address, e.language, d.message_id as "messageId", d.event, d.body, d.attempts,
      array(select encode(s.secret, 'base64') from alert_secrets s where s.endpoint_id = e.id and (s.ends_at is null or s.ends_at > clock.at)
        order by s.id desc) as secrets, clock.at`
}

/** How a try went. `again`: in `retryMs`; null: that was the last one. */
export type Tried = {
  readonly outcome: 'done' | 'again' | 'gone'
  readonly status: number | null
  readonly trouble: string | null
  readonly tookMs: number
  readonly retryMs: number | null
}

/** Notes a try as of `now` (null: the database's clock); answers the delivery's state, or null when it is no more. */
export async function noteTry(sql: Sql, id: number, owner: string, tried: Tried, now: Date | null): Promise<DeliveryRow['state'] | null> {
  const { tookMs, outcome, status, trouble, retryMs } = tried
  const [row] = await sql<{ state: DeliveryRow['state'] | null }[]>`
    select alert_attempt_1(${id}, ${owner}, ${tookMs}, ${outcome}, ${status}, ${trouble}, ${retryMs}, ${now}) as state`
  return row?.state ?? null
}

/** Gives back what was claimed and not tried to its end, so that another need not wait for the lease. */
export async function releaseDelivery(sql: Sql, id: number, owner: string): Promise<void> {
  await sql`update alert_deliveries set taken_by = null, taken_until = null where id = ${id} and taken_by = ${owner} and state = 'waiting'`
}
