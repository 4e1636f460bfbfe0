import { refusalOf } from './catalog.ts'
import type { JsonValue, Sql } from './connect.ts'
import type { ExpiredOnArrival } from './lots.ts'

export type StockLine = {
  readonly sku: string
  readonly location: string
  readonly onHand: number
  readonly reserved: number
  readonly unavailable: number
  readonly safetyStock: number
  /** What may be promised there: never below 0. */
  readonly available: number
}

export type StockAnswer =
  | {
      readonly outcome: 'done'
      readonly lines: readonly StockLine[]
      readonly warnings?: readonly ExpiredOnArrival[]
      readonly replayed?: true
      readonly token: string
    }
  | { readonly outcome: 'unknown'; readonly line: number; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'below_zero'; readonly sku: string; readonly location: string; readonly onHand: number; readonly asked: number }
  | {
      readonly outcome: 'hide_beyond'
      readonly sku: string
      readonly location: string
      readonly kind: string
      readonly asked: number
      readonly available: number
    }
  | {
      readonly outcome: 'lot_beyond'
      readonly sku: string
      readonly location: string
      readonly lot: string
      readonly kind: string
      readonly asked: number
      readonly available: number
    }
  | { readonly outcome: 'cost_currency'; readonly sku: string; readonly has: string; readonly given: string }
  | { readonly outcome: 'key_conflict' }

const RAISED = new Map([
  ['adjust_below_zero', 'below_zero'],
  ['hide_beyond', 'hide_beyond'],
  ['lot_beyond', 'lot_beyond'],
  ['cost_currency', 'cost_currency'],
])

/** Changes stock, all lines or none; see functions/30_stock_commands.sql for `cmd`. */
export async function changeStockRows(sql: Sql, cmd: JsonValue): Promise<StockAnswer> {
  try {
    const [row] = await sql<{ answer: StockAnswer; token: string }[]>`
      select stock_change_2(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
    if (row === undefined) throw new Error('stock_change_2 gave no row')
    return row.answer.outcome === 'done' ? { ...row.answer, token: row.token } : row.answer
  } catch (error) {
    const found = refusalOf(error)
    const outcome = RAISED.get(found?.message ?? '')
    if (outcome === undefined) throw error
    return { outcome, ...found?.detail } as StockAnswer
  }
}

/** What a key was used for; null: for nothing yet. */
export async function knownCommand(sql: Sql, scope: string, key: string): Promise<{ readonly kind: string; readonly hash: string } | null> {
  const [row] = await sql<
    { kind: string; hash: string }[]
  >`select kind, body_hash as hash from commands where scope = ${scope} and key = ${key}`
  return row ?? null
}

export type BalanceRow = StockLine & {
  readonly variantId: number
  readonly locationId: number
  readonly incoming: number
  readonly updatedAt: Date
}

// Holds whose time is over count as released already, though the sweep may not have come by.
const columns = (sql: Sql) => sql`
  select b.variant_id as "variantId", b.location_id as "locationId", v.sku, p.code as location, b.on_hand as "onHand", b.reserved - x.over as reserved,
    b.unavailable, b.incoming, b.safety_stock as "safetyStock", greatest(0, b.on_hand - b.reserved + x.over - b.unavailable - b.safety_stock) as available,
    b.updated_at as "updatedAt"
  from balances b join variants v on v.id = b.variant_id join locations p on p.id = b.location_id
  cross join lateral (select coalesce(sum(r.quantity), 0)::int as over from reservations r
    where r.variant_id = b.variant_id and r.location_id = b.location_id and r.state = 'open' and r.expires_at <= clock_timestamp()) x`

/** The balances of one SKU, by location; empty when it never had stock. */
export function balancesOfSku(sql: Sql, sku: string): Promise<BalanceRow[]> {
  return sql<BalanceRow[]>`${columns(sql)} where v.sku = ${sku} order by p.code`
}

/** The balances at one location, in the order of variants, after the variant's id. */
export function balancesAt(sql: Sql, location: string, after: number, limit: number): Promise<BalanceRow[]> {
  return sql<BalanceRow[]>`${columns(sql)} where p.code = ${location} and b.variant_id > ${after} order by b.variant_id limit ${limit}`
}
