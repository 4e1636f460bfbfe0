import type { ActCause } from '../src/values/act-cause.ts'
import type { Sql } from './connect.ts'

/** What a platform can be asked to do with an order. */
export type ActName = 'acknowledge' | 'ready' | 'ship' | 'cancel' | 'refund'

export type ActRow = {
  readonly id: number
  readonly orderId: number
  readonly kind: ActName
  readonly key: string
  readonly state: 'intended' | 'sent' | 'unknown'
  readonly attempts: number
  readonly externalOrderId: string
  readonly channelRef: string
  readonly createdAt: Date
  readonly body: {
    readonly lines: readonly { readonly externalLineId: string; readonly quantity: number }[]
    readonly tracking?: { readonly carrier: string; readonly number: string; readonly url?: string } | null
    readonly cause?: ActCause | null
    readonly reason?: string | null
    readonly code?: string | null
    /** Decimal text; `amounts` by the platform's id of a line. */
    readonly refund?: {
      readonly currency: string
      readonly amounts: Readonly<Record<string, string>>
      readonly shipping: string | null
      readonly total: string
      /** Only with a cancellation: all of the order, and all that was paid. */
      readonly whole?: true
    }
  }
}

/** Acts that are to be done or resolved now, oldest first; one at a time per order, in the order in which they were decided. */
export async function dueActs(sql: Sql, accountId: number, limit: number): Promise<ActRow[]> {
  return sql<ActRow[]>`
    select a.id, a.order_id as "orderId", a.kind, a.key, a.state, a.attempts, o.external_id as "externalOrderId", c.external_ref as "channelRef",
      a.created_at as "createdAt", a.body
    from acts a join orders o on o.id = a.order_id join channels c on c.id = a.channel_id
    where a.account_id = ${accountId} and a.state in ('intended', 'unknown') and (a.retry_at is null or a.retry_at <= clock_timestamp())
      and not exists (select from acts b where b.order_id = a.order_id and b.id < a.id and b.state in ('intended', 'sent', 'unknown'))
    order by a.id limit ${limit}`
}

/** Notes that an act is about to go out. False: the lease is gone or the act is no longer waiting; it must not be sent. */
export async function markActSent(sql: Sql, id: number, leaseToken: number): Promise<boolean> {
  const rows = await sql`
    update acts a set state = 'sent', sent_at = clock_timestamp(), attempts = a.attempts + 1 from accounts x
    where a.id = ${id} and a.state = 'intended' and x.id = a.account_id and x.lease_token = ${leaseToken} and x.lease_until > clock_timestamp() returning a.id`
  return rows.length > 0
}

/** Where an act stood when it was taken up: a note counts only if nobody has moved it since. */
export type ActStand = { readonly id: number; readonly state: 'intended' | 'sent' | 'unknown'; readonly attempts: number }

/**
 * Notes how an act ended or how it goes on, unless somebody else has moved it meanwhile. An act that was sent with an unknown outcome is only
 * ever resolved by reading.
 */
export async function noteAct(
  sql: Sql,
  stand: ActStand,
  state: 'intended' | 'unknown' | 'confirmed' | 'refused',
  reason: { readonly code: string; readonly words: string } | null,
  retryInMs: number | null,
): Promise<void> {
  await sql`
    with moved as (
      update acts set state = ${state}, reason_code = ${reason?.code ?? null}, reason = ${reason?.words ?? null},
        retry_at = case when ${retryInMs}::float8 is null then null else clock_timestamp() + make_interval(secs => ${(retryInMs ?? 0) / 1000}::float8) end,
        ended_at = case when ${state} in ('confirmed', 'refused') then clock_timestamp() end
      where id = ${stand.id} and state = ${stand.state} and attempts = ${stand.attempts} returning order_id)
    insert into change (kind, ref_id) select 'order', order_id from moved`
}
