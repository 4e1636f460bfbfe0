import type { Misfit } from '../src/domain/orders/amounts.ts'
import type { OrderAmounts } from '../src/values/order-amounts.ts'
import type { Sql } from './connect.ts'

/** `misfit` only where they do not add up. */
export type StoredAmounts = OrderAmounts & { readonly misfit?: Misfit }

export type OrderRow = {
  readonly id: number
  readonly channel: string
  readonly externalId: string
  readonly number: string
  readonly state: string
  readonly platformState: string
  readonly currency: string
  /** Decimal text. */
  readonly total: string | null
  readonly placedAt: Date
  /** By when the platform wants it shipped, where it says so. */
  readonly shipBy: Date | null
  readonly bookedAt: Date
  readonly updatedAt: Date
  readonly short: number
  /** The order whose goods come back for it; null where its channel sold it. */
  readonly exchangeOf: number | null
}

const columns = (sql: Sql) => sql`
  select o.id, c.code as channel, o.external_id as "externalId", o.number, o.state, o.platform_state as "platformState", o.currency, o.total,
    o.placed_at as "placedAt", o.ship_by as "shipBy", o.booked_at as "bookedAt", o.updated_at as "updatedAt", o.exchange_of as "exchangeOf",
    (select coalesce(sum(l.short), 0) from order_lines l where l.order_id = o.id) as short
  from orders o join channels c on c.id = o.channel_id`

export type OrderFilter = {
  readonly channel?: string | undefined
  readonly state?: string | undefined
  readonly externalId?: string | undefined
  /** Only orders with units that nobody has. */
  readonly short?: boolean | undefined
}

/** Orders, the newest booked first, before the id. */
export function listOrders(sql: Sql, filter: OrderFilter, before: number | null, limit: number): Promise<OrderRow[]> {
  return sql<OrderRow[]>`${columns(sql)}
    where (${before}::bigint is null or o.id < ${before}) and (${filter.channel ?? null}::text is null or c.code = ${filter.channel ?? null})
      and (${filter.state ?? null}::text is null or o.state = ${filter.state ?? null})
      and (${filter.externalId ?? null}::text is null or o.external_id = ${filter.externalId ?? null})
      and (${filter.short ?? false} is false or exists (select from order_lines l where l.order_id = o.id and l.short > 0))
    order by o.id desc limit ${limit}`
}

/** The order with this id of ours. */
export async function readOrder(sql: Sql, id: number): Promise<OrderRow | null> {
  const [row] = await sql<OrderRow[]>`${columns(sql)} where o.id = ${id}`
  return row ?? null
}

export type OrderLineRow = {
  readonly id: number
  readonly externalLineId: string
  /** The line that was sold, where this is handed over instead of units of it. */
  readonly insteadOf: number | null
  /** Our SKU; null while nobody knows which it is. */
  readonly matchedSku: string | null
  readonly sku: string
  readonly title: string
  readonly unitPrice: string | null
  readonly ordered: number
  /** Units of what was sold that are handed over by other lines. */
  readonly substituted: number
  readonly reserved: number
  readonly short: number
  readonly shipped: number
  readonly cancelled: number
  readonly returned: number
  readonly shortCause: string | null
}

/** What an order costs, as its channel states it; null where it was booked before the hub kept that, or the channel does not tell. */
export async function readAmounts(sql: Sql, orderId: number): Promise<StoredAmounts | null> {
  const [row] = await sql<{ amounts: StoredAmounts | null }[]>`select amounts from orders where id = ${orderId}`
  return row?.amounts ?? null
}

/** The lines of an order, in their order. */
export function readOrderLines(sql: Sql, orderId: number): Promise<OrderLineRow[]> {
  return sql<OrderLineRow[]>`
    select l.id, order_line_external(l.id) as "externalLineId", l.instead_of as "insteadOf", v.sku as "matchedSku", l.sku, l.title, l.unit_price as "unitPrice",
      l.ordered, l.substituted, l.reserved,
      l.short, l.shipped, l.cancelled, l.returned, l.short_cause as "shortCause"
    from order_lines l left join variants v on v.id = l.variant_id where l.order_id = ${orderId} order by l.id`
}

export type OrderActRow = {
  readonly id: number
  readonly kind: string
  readonly state: string
  readonly reason: string | null
  readonly actor: string
  readonly createdAt: Date
  readonly endedAt: Date | null
}

/** What was or is to be done at the platform for an order, in the order in which it was decided. */
export function readOrderActs(sql: Sql, orderId: number): Promise<OrderActRow[]> {
  return sql<OrderActRow[]>`
    select id, kind, state, reason, actor, created_at as "createdAt", ended_at as "endedAt" from acts where order_id = ${orderId} order by id`
}

/** The sealed personal data of an order. */
export async function readSealedPerson(sql: Sql, orderId: number): Promise<{ readonly key: Uint8Array; readonly body: Uint8Array } | null> {
  const [row] = await sql<{ key: Uint8Array; body: Uint8Array }[]>`
    select sealed_key as key, sealed_body as body from order_people where order_id = ${orderId}`
  return row ?? null
}

export type InboxShown = {
  readonly id: number
  readonly account: string
  readonly source: string
  readonly deliveryId: string
  readonly topic: string
  readonly state: string
  readonly reason: string | null
  readonly attempts: number
  readonly receivedAt: Date
  readonly doneAt: Date | null
}

/** Messages of a state, the newest first, before the id; never their bodies. */
export function listInbox(
  sql: Sql,
  filter: { readonly state: string; readonly account?: string | undefined },
  before: number | null,
  limit: number,
): Promise<InboxShown[]> {
  return sql<InboxShown[]>`
    select i.id, a.name as account, i.source, i.delivery_id as "deliveryId", i.topic, i.state, i.reason, i.attempts, i.received_at as "receivedAt",
      i.done_at as "doneAt"
    from inbox i join accounts a on a.id = i.account_id
    where i.state = ${filter.state} and (${before}::bigint is null or i.id < ${before})
      and (${filter.account ?? null}::text is null or a.name = ${filter.account ?? null})
    order by i.id desc limit ${limit}`
}
