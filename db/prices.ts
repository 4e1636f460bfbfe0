import type { BelowFloor } from '../src/domain/pricing/below-floor.ts'
import type { PriceEffect } from '../src/domain/pricing/effect.ts'
import type { JsonValue, Sql } from './connect.ts'

export type PriceAnswer =
  | { readonly outcome: 'done'; readonly changed: number; readonly channels?: readonly PriceEffect[]; readonly replayed?: true }
  | {
      readonly outcome: 'unknown' | 'mismatch'
      readonly line: number
      readonly field: string
      readonly value: unknown
      readonly expected?: string
    }
  | { readonly outcome: 'below_floor'; readonly below: readonly BelowFloor[] }
  | { readonly outcome: 'key_conflict' }

/** Sets or ends prices, all or none; see functions/57_plain_prices.sql for `cmd`. */
export async function setPriceRows(sql: Sql, cmd: JsonValue): Promise<PriceAnswer> {
  const [row] = await sql<{ answer: PriceAnswer }[]>`select prices_set_2(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('prices_set_2 gave no row')
  return row.answer
}

export type PriceRow = {
  readonly id: number
  readonly sku: string
  readonly channel: string | null
  readonly currency: string
  /** Decimal text. */
  readonly amount: string
  readonly startsAt: Date | null
  readonly endsAt: Date | null
  readonly actor: string
  readonly createdAt: Date
  /** When another row took its place; null: it stands. */
  readonly supersededAt: Date | null
}

const columns = (sql: Sql) => sql`
  select r.id, v.sku, c.code as channel, r.currency, r.amount, r.starts_at as "startsAt", r.ends_at as "endsAt", r.actor, r.created_at as "createdAt",
    r.superseded_at as "supersededAt"
  from prices r join variants v on v.id = r.variant_id left join channels c on c.id = r.channel_id`

export type PriceFilter = {
  readonly sku?: string | undefined
  readonly channel?: string | undefined
  readonly currency?: string | undefined
}

/** Prices that stand, in the order of their ids, after the id. */
export function listPrices(sql: Sql, filter: PriceFilter, after: number, limit: number): Promise<PriceRow[]> {
  return sql<PriceRow[]>`${columns(sql)}
    where r.id > ${after} and r.superseded_at is null and (${filter.sku ?? null}::text is null or v.sku = ${filter.sku ?? null})
      and (${filter.channel ?? null}::text is null or c.code = ${filter.channel ?? null})
      and (${filter.currency ?? null}::text is null or r.currency = ${filter.currency ?? null})
    order by r.id limit ${limit}`
}

/** Every price that a SKU ever had, the newest first, before the id. */
export function priceHistory(sql: Sql, sku: string, before: number | null, limit: number): Promise<PriceRow[]> {
  return sql<
    PriceRow[]
  >`${columns(sql)} where v.sku = ${sku} and (${before}::bigint is null or r.id < ${before}) order by r.id desc limit ${limit}`
}
