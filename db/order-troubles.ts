import type { Sql } from './connect.ts'
import { isOfSurroundings } from './once-more.ts'

/** What the hub does of itself about an order: ends a group that nobody came for, routes it. */
export type Undertaking = { readonly what: 'not_collected' | 'route'; readonly refId: number; readonly orderId: number }

/**
 * Does something about one order of many. Where it fails for a reason of its own, that is noted, so that it steps back behind the others and a person sees it after some tries, and null is
 * answered; where the surroundings fail, it throws.
 */
export async function steppingBack<T>(
  sql: Sql,
  { what, refId, orderId }: Undertaking,
  act: () => Promise<T>,
  at?: Date,
): Promise<T | null> {
  try {
    return await act()
  } catch (error) {
    if (isOfSurroundings(error)) throw error
    const words = (error instanceof Error ? error.message : String(error)).replaceAll('\u0000', '')
    await sql`select order_trouble_1(${what}, ${refId}, ${orderId}, ${words}, coalesce(${at ?? null}::timestamptz, clock_timestamp()))`
    return null
  }
}
