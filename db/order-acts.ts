import type { JsonValue, Sql } from './connect.ts'

export type ActedLine = { readonly lineId: number; readonly externalLineId: string; readonly quantity: number }

export type OrderActAnswer =
  | {
      readonly outcome: 'shipped' | 'cancelled' | 'told' | 'refunded'
      readonly act: number
      readonly lines: readonly ActedLine[]
      readonly replayed?: true
      readonly token?: string
    }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'nothing_open'; readonly state: string }
  | { readonly outcome: 'not_reserved'; readonly lineId: number; readonly sku: string; readonly asked: number; readonly reserved: number }
  | { readonly outcome: 'too_many'; readonly lineId: number; readonly sku: string; readonly asked: number; readonly ordered: number }
  | { readonly outcome: 'total_unknown' }
  | {
      readonly outcome: 'too_much'
      readonly asked: string
      readonly paid: string
      readonly refunded: string
      readonly currency: string
      /** What it is too much of; the order as a whole where neither is told. */
      readonly lineId?: number
      readonly sku?: string
      readonly of?: 'shipping'
      /** Units of the line that were exchanged: none of the money is for them. */
      readonly exchanged?: number
    }
  | { readonly outcome: 'not_refused'; readonly kind: string; readonly state: string }
  | { readonly outcome: 'key_conflict' }

export type OrderActFunction = 'order_ship_1' | 'order_cancel_1' | 'order_tell_1' | 'order_refund_1' | 'order_ask_again_1'

/** Does something with an order, and leaves the act that tells the platform; see functions/44_order_acts.sql, 45_order_tell.sql and 48_order_ask_again.sql. */
export async function actOnOrder(sql: Sql, name: OrderActFunction, cmd: JsonValue): Promise<OrderActAnswer> {
  const [row] = await sql<{ answer: OrderActAnswer; token: string }[]>`
    select ${sql(name)}(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error(`${name} gave no row`)
  const { answer, token } = row
  return 'act' in answer ? { ...answer, token } : answer
}
