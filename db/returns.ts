import type { JsonValue, Sql } from './connect.ts'

/** Units that came back, as a platform's report of returns tells them. */
export type ReturnToTake = {
  /** The platform's own name for it; it is taken once. */
  readonly key: string
  readonly orderId: string
  /** The platform's id of the line; null where it tells the SKU alone. */
  readonly lineId: string | null
  readonly sku: string | null
  readonly units: number
  /** The day they arrived: 2026-11-23. */
  readonly on: string
}

export type ReturnTaken = {
  readonly key: string
  /** `before`: it arrived before the account's returns are read. `not_shipped`: no so many units of the line have left that were not told to be back (`free`). */
  readonly outcome: 'booked' | 'exists' | 'before' | 'foreign' | 'unknown_order' | 'unknown_line' | 'not_shipped'
  readonly free: number | null
}

/** Takes returns back into stock, each once by its key, in one statement; answers in their order. */
export async function takeReturns(sql: Sql, accountId: number, returns: readonly ReturnToTake[], actor: string): Promise<ReturnTaken[]> {
  if (returns.length === 0) return []
  const [row] = await sql<{ answer: ReturnTaken[] }[]>`
    select returns_take_1(${accountId}, ${sql.json(returns as unknown as JsonValue)}, ${sql.json({ actor })}) as answer`
  return row?.answer ?? []
}

/** These returns are in the books now: what was kept aside of them is done. */
export async function settleReturns(sql: Sql, accountId: number, deliveryIds: readonly string[]): Promise<void> {
  if (deliveryIds.length === 0) return
  await sql`
    update inbox set state = 'done', reason = 'understood since', done_at = clock_timestamp()
    where account_id = ${accountId} and source = 'report' and delivery_id = any(${deliveryIds as string[]}::text[]) and state = 'refused'`
}
