import type { OrderState } from '../src/domain/orders/life.ts'
import type { JsonValue, Sql } from './connect.ts'

/** What a person may hold an order for. */
export const HELD_BY_HAND = ['payment', 'address', 'fraud', 'short', 'manual'] as const
/** `return`: goods that are to come back first. */
export const HOLD_KINDS = [...HELD_BY_HAND, 'return'] as const
export type HoldKind = (typeof HOLD_KINDS)[number]

export type OrderChangeAnswer =
  | { readonly outcome: 'held' | 'let_go'; readonly state: OrderState; readonly replayed?: true }
  | {
      readonly outcome: 'announced' | 'received' | 'cancelled'
      readonly return: number
      readonly state?: OrderState
      readonly replayed?: true
    }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'nothing_open' | 'not_held' | 'ended'; readonly state: string }
  | { readonly outcome: 'already_held'; readonly kind: HoldKind }
  | { readonly outcome: 'too_many'; readonly lineId: number; readonly sku: string; readonly asked: number; readonly out: number }
  | { readonly outcome: 'key_conflict' }

export type OrderChangeFunction =
  | 'order_hold_1'
  | 'order_let_go_1'
  | 'order_return_announce_1'
  | 'order_return_receive_1'
  | 'order_return_cancel_1'

/** Changes an order here, where the platform is told nothing; see functions/47_order_holds.sql and 48_order_returns.sql. */
export async function changeOrder(
  sql: Sql,
  name: OrderChangeFunction,
  cmd: JsonValue,
): Promise<{ readonly answer: OrderChangeAnswer; readonly token: string }> {
  const [row] = await sql<{ answer: OrderChangeAnswer; token: string }[]>`
    select ${sql(name)}(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row
}

export type OrderEvent = {
  readonly id: number
  readonly groupId: number | null
  readonly transition: string
  readonly fromState: string | null
  readonly toState: string | null
  readonly reason: string | null
  readonly detail: Readonly<Record<string, unknown>> | null
  readonly actor: string
  readonly at: Date
}

/** What happened to an order and its groups, in the order in which it did. */
export function orderEvents(sql: Sql, orderId: number): Promise<OrderEvent[]> {
  return sql<OrderEvent[]>`
    select id, group_id as "groupId", transition, from_state as "fromState", to_state as "toState", reason, detail, actor, at from order_events
    where order_id = ${orderId} order by id`
}

export type OrderHold = {
  readonly id: number
  readonly kind: HoldKind
  readonly reason: string | null
  readonly byRule: boolean
  readonly actor: string
  readonly putAt: Date
  readonly endedAt: Date | null
  readonly endedBy: string | null
  readonly endReason: string | null
}

/** Why an order was and is held, the first one first. */
export function orderHolds(sql: Sql, orderId: number): Promise<OrderHold[]> {
  return sql<OrderHold[]>`
    select id, kind, reason, by_rule as "byRule", actor, put_at as "putAt", ended_at as "endedAt", ended_by as "endedBy", end_reason as "endReason"
    from order_holds where order_id = ${orderId} order by id`
}

export type OrderGroup = {
  readonly id: number
  readonly location: string
  readonly method: string
  readonly state: string
  readonly readyBy: Date | null
  readonly deliverBy: Date | null
  /** Until when it is kept for its buyer; null where it does not wait to be collected. */
  readonly collectBy: Date | null
  readonly lines: readonly {
    readonly lineId: number
    readonly assigned: number
    readonly picked: number
    readonly done: number
    readonly released: number
    /** Units that were picked and are no longer to be handed over: they go back to the shelf. */
    readonly toPutBack: number
  }[]
}

/** What is handed over together, from where and how, the first one first. */
export function orderGroups(sql: Sql, orderId: number): Promise<OrderGroup[]> {
  return sql<OrderGroup[]>`
    select g.id, p.code as location, g.method, g.state, g.ready_by as "readyBy", g.deliver_by as "deliverBy", g.collect_by as "collectBy",
      (select jsonb_agg(jsonb_build_object('lineId', l.order_line_id, 'assigned', l.assigned, 'picked', l.picked, 'done', l.done, 'released', l.released,
        'toPutBack', greatest(0, l.picked - (l.assigned - l.released))) order by l.order_line_id) from fulfilment_lines l where l.group_id = g.id) as lines
    from fulfilment_groups g join locations p on p.id = g.location_id where g.order_id = ${orderId} order by g.id`
}

export type OrderReturn = {
  readonly id: number
  readonly state: 'announced' | 'received' | 'cancelled'
  readonly location: string | null
  readonly reason: string | null
  readonly actor: string
  readonly createdAt: Date
  readonly endedAt: Date | null
  readonly lines: readonly {
    readonly lineId: number
    readonly announced: number
    readonly toStock: number
    readonly unavailable: number
    readonly scrapped: number
  }[]
}

/** What came back of an order, or is said to come, the first one first. */
export function orderReturns(sql: Sql, orderId: number): Promise<OrderReturn[]> {
  return sql<OrderReturn[]>`
    select r.id, r.state, p.code as location, r.reason, r.actor, r.created_at as "createdAt", r.ended_at as "endedAt",
      (select jsonb_agg(jsonb_build_object('lineId', l.order_line_id, 'announced', l.announced, 'toStock', l.to_stock, 'unavailable', l.unavailable,
        'scrapped', l.scrapped) order by l.order_line_id) from return_lines l where l.return_id = r.id) as lines
    from returns r left join locations p on p.id = r.location_id where r.order_id = ${orderId} order by r.id`
}
