import type { OrderState } from '../src/domain/orders/life.ts'
import type { JsonValue, Sql } from './connect.ts'

/** How what goes out is handed over: sent, collected later in a store, or over its counter at once. */
export const HAND_OVERS = ['ship', 'collect', 'counter'] as const
export type HandOver = (typeof HAND_OVERS)[number]

export type ExchangeAnswer =
  | {
      readonly outcome: 'exchanged'
      readonly return: number
      /** Our number of the order that goes out, and what people call it. */
      readonly replacement: number
      readonly number: string
      readonly state: OrderState
      readonly replacementState: OrderState
      readonly replayed?: true
    }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'too_many'; readonly lineId: number; readonly sku: string; readonly asked: number; readonly out: number }
  | { readonly outcome: 'paid_back'; readonly lineId: number; readonly sku: string; readonly asked: number; readonly left: number }
  | {
      readonly outcome: 'insufficient'
      readonly missing: readonly { readonly sku: string; readonly asked: number; readonly available: number }[]
    }
  | { readonly outcome: 'key_conflict' }

/** Takes goods back, or expects them, and has others go out for them; see functions/48_order_exchange.sql. */
export async function exchange(sql: Sql, cmd: JsonValue): Promise<{ readonly answer: ExchangeAnswer; readonly token: string }> {
  const [row] = await sql<{ answer: ExchangeAnswer; token: string }[]>`
    select order_exchange_1(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error('order_exchange_1 gave no row')
  return row
}

export type OrderExchange = {
  readonly returnId: number
  readonly returnState: 'announced' | 'received' | 'cancelled'
  readonly replacementId: number
  readonly number: string
  readonly state: OrderState
  /** It goes out only when the goods are back. */
  readonly waits: boolean
  /** Until when they are to be back. */
  readonly returnBy: Date | null
  /** How many units are to come back, and how many of them came. */
  readonly announced: number
  readonly came: number
  /** How many of the units that wait go out for those that came, once the others are overdue; null where a person has to say. */
  readonly goesOn: number | null
  /** What the buyer is to pay more (above 0) or is to get back (below), as decimal text in the order's currency. */
  readonly difference: string
  readonly actor: string
  readonly createdAt: Date
}

/** What went out in exchange for goods of an order, the first one first. */
export function orderExchanges(sql: Sql, orderId: number): Promise<OrderExchange[]> {
  return sql<OrderExchange[]>`
    select r.id as "returnId", r.state as "returnState", o.id as "replacementId", o.number, o.state, x.waits, x.return_by as "returnBy", l.announced, l.came,
      exchange_goes_on(o.id) as "goesOn",
      trim_scale(x.difference)::text as difference, x.actor, x.created_at as "createdAt"
    from returns r join exchanges x on x.return_id = r.id join orders o on o.id = x.replacement_id
    cross join lateral (select sum(greatest(announced, to_stock + unavailable + scrapped))::int as announced, sum(to_stock + unavailable + scrapped)::int as came
      from return_lines where return_id = r.id) l
    where r.order_id = ${orderId} order by r.id`
}

/** The order whose goods come back for this one; null where it is no exchange. */
export async function exchangedOrder(sql: Sql, orderId: number): Promise<{ readonly id: number; readonly number: string } | null> {
  const [row] = await sql<{ id: number; number: string }[]>`
    select b.id, b.number from orders o join orders b on b.id = o.exchange_of where o.id = ${orderId}`
  return row ?? null
}

/** Cancels what one order keeps for goods which were to be back by now and are not; null where there is none that no person has to decide. */
export async function endOverdueExchange(sql: Sql, now: Date): Promise<number | null> {
  const [row] = await sql<{ id: number | null }[]>`select exchange_end_overdue_1(${now}) as id`
  return row?.id ?? null
}

/** Ends one announced return whose units its platform has told to be back; null where there is none. */
export async function endToldReturn(sql: Sql, now: Date): Promise<number | null> {
  const [row] = await sql<{ id: number | null }[]>`select order_return_told_1(${now}) as id`
  return row?.id ?? null
}
