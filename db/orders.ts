import type { JsonValue, Sql } from './connect.ts'
import { withPlansAtHand } from './own-connection.ts'
import type { StoredAmounts } from './reads-orders.ts'

/** An order on its way into the books: the channel's statement, our hash of it, and its personal data already sealed. */
export type OrderToBook = {
  readonly accountId: number
  readonly channelRef: string
  readonly externalId: string
  readonly number: string
  readonly stamp: string
  readonly hash: string
  /** Read from the platform just now: it wins over a stored one of the same instant. */
  readonly fresh: boolean
  readonly effect: string
  readonly platformState: string
  readonly currency: string
  readonly total: string | null
  readonly amounts?: StoredAmounts
  readonly placedAt: string
  /** What it is held for, by its platform's word. */
  readonly flags?: readonly { readonly kind: string; readonly reason: string }[]
  readonly noAddress?: boolean
  /** By when the platform wants it shipped; null: it does not say, absent: this message does not. */
  readonly shipBy?: string | null
  readonly sealedKey: string | null
  readonly sealedBody: string | null
  /** What tells again who the buyer is at the platform, in base64, where it tells. */
  readonly buyerMark?: string
  /** A hold that it takes over. */
  readonly basket?: string
  readonly lines: readonly Readonly<Record<string, unknown>>[]
}

export type Booked = {
  readonly externalId: string
  /** `refused`: the books do not take it, for `reason`; nothing of it was written. */
  readonly outcome: 'booked' | 'updated' | 'exists' | 'stale' | 'reread' | 'unknown_channel' | 'refused'
  readonly reason?: string
  readonly orderId?: number
  readonly short?: number
  readonly unmatched?: readonly string[]
  /** The transaction that booked it, for reads that must not be older. */
  readonly token?: string
}

/** A channel that sells from one location, which sends any number of orders anywhere, and by when one of this moment is ready there and delivered. */
export type PlainRoute = {
  readonly channelId: number
  readonly locationId: number
  readonly workOn?: string
  readonly readyBy?: string
  readonly deliverBy?: string
}

/**
 * Books many orders; answers in their order. New orders of what is plainly there are booked as one set; then the rest in one statement, all or none.
 * Killed or refused in between, whoever asks again finds the former booked already. `routes`: new orders of these channels stand in a group there at once.
 */
export function bookOrders(
  sql: Sql,
  orders: readonly OrderToBook[],
  actor: string,
  { now, routes = [] }: { readonly now?: Date; readonly routes?: readonly PlainRoute[] } = {},
): Promise<Booked[]> {
  const command = { actor, ...(now ? { now: now.toISOString() } : {}) }
  const mayBePlain = orders.some(order => order.effect === 'reserve' && order.basket === undefined)
  return withPlansAtHand(sql, async own => {
    const plain = mayBePlain
      ? await answersOf(own, 'orders_book_plain_1', orders, { ...command, routes: routes.map(route => ({ ...route })) })
      : orders.map(() => null)
    const rest = orders.filter((_, at) => plain[at] === null)
    const full = (rest.length > 0 ? await answersOf(own, 'orders_book_1', rest, command) : []).values()
    return plain.map(answer => {
      const booked = answer ?? full.next().value
      if (!booked) throw new Error('an order was booked without an answer')
      return booked
    })
  })
}

async function answersOf(
  sql: Sql,
  name: 'orders_book_1' | 'orders_book_plain_1',
  orders: readonly OrderToBook[],
  command: Readonly<Record<string, JsonValue>>,
): Promise<(Booked | null)[]> {
  const [row] = await sql<{ answer: (Booked | null)[]; token: string }[]>`
    select ${sql(name)}(${sql.json(orders as unknown as JsonValue)}, ${sql.json(command)}) as answer, pg_current_xact_id()::text as token`
  return row?.answer.map(one => one && { ...one, token: row.token }) ?? []
}

/** Notes orders that must be fetched from the platform again. */
export async function askReread(sql: Sql, accountId: number, externalIds: readonly string[]): Promise<void> {
  if (externalIds.length === 0) return
  await sql`
    insert into rereads (account_id, external_id) select ${accountId}, unnest(${externalIds as string[]}::text[])
    on conflict (account_id, external_id) do update set asked_at = clock_timestamp()`
}

export async function dueRereads(
  sql: Sql,
  accountId: number,
  limit: number,
): Promise<{ externalId: string; askedAt: Date; attempts: number }[]> {
  return sql<{ externalId: string; askedAt: Date; attempts: number }[]>`
    select external_id as "externalId", asked_at as "askedAt", attempts from rereads
    where account_id = ${accountId} and retry_at <= clock_timestamp() order by retry_at limit ${limit}`
}

/** The order was fetched and booked: done, unless it was asked for again meanwhile. */
export async function endReread(sql: Sql, accountId: number, externalId: string, askedAt: Date): Promise<void> {
  await sql`delete from rereads where account_id = ${accountId} and external_id = ${externalId} and asked_at <= ${askedAt} + interval '1 millisecond'`
}

export async function postponeReread(sql: Sql, accountId: number, externalId: string, ms: number): Promise<void> {
  await sql`
    update rereads set attempts = attempts + 1, retry_at = clock_timestamp() + make_interval(secs => ${ms / 1000}::float8)
    where account_id = ${accountId} and external_id = ${externalId}`
}
