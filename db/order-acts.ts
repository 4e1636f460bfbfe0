import type { JsonValue, Sql } from './connect.ts'

export type ActedLine = { readonly lineId: number; readonly externalLineId: string; readonly quantity: number }

export type OrderActAnswer =
  | {
      readonly outcome: 'shipped' | 'cancelled'
      readonly act: number
      readonly lines: readonly ActedLine[]
      readonly replayed?: true
      readonly token?: string
    }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'nothing_open'; readonly state: string }
  | { readonly outcome: 'not_reserved'; readonly lineId: number; readonly asked: number; readonly reserved: number }
  | { readonly outcome: 'key_conflict' }

/** Ships or cancels open units of an order, and leaves the act that tells the platform; see functions/44_order_acts.sql. */
export async function actOnOrder(sql: Sql, name: 'order_ship_1' | 'order_cancel_1', cmd: JsonValue): Promise<OrderActAnswer> {
  const [row] = await sql<{ answer: OrderActAnswer; token: string }[]>`
    select ${sql(name)}(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error(`${name} gave no row`)
  const { answer, token } = row
  return answer.outcome === 'shipped' || answer.outcome === 'cancelled' ? { ...answer, token } : answer
}
