import type { Sql } from './connect.ts'

export type PriceLimitRow = {
  readonly id: number
  readonly kind: 'floor' | 'ceiling'
  readonly basis: 'manual' | 'map' | 'legal' | 'margin'
  /** Null: every channel. */
  readonly channel: string | null
  readonly scope: 'variant' | 'product' | 'category' | 'all'
  readonly sku: string | null
  /** A product's handle. */
  readonly product: string | null
  readonly category: string | null
  readonly currency: string | null
  /** As the channel shows prices, decimal text. */
  readonly amount: string | null
  /** Of a margin: percent of the net price. */
  readonly percent: string | null
  readonly since: Date
  /** Null: it holds. */
  readonly until: Date | null
  readonly actor: string
}

export type PriceLimitFilter = {
  /** All that speak of this SKU, by whatever scope. */
  readonly sku?: string | undefined
  /** All that hold in this channel, those of every channel too. */
  readonly channel?: string | undefined
  readonly kind?: 'floor' | 'ceiling' | undefined
  /** Those that ended, too. */
  readonly ended?: boolean | undefined
}

/** Floors and ceilings in the order of their ids, after the id. */
export function listPriceLimits(
  sql: Sql,
  { sku, channel, kind, ended }: PriceLimitFilter,
  after: number,
  limit: number,
): Promise<PriceLimitRow[]> {
  return sql<PriceLimitRow[]>`
    select l.id, l.kind, l.basis, c.code as channel, l.scope, v.sku, p.handle as product, l.category, l.currency, trim_scale(l.amount)::text as amount,
      trim_scale(l.percent)::text as percent, l.valid_from as since, l.valid_to as until, l.actor
    from price_limits l left join channels c on c.id = l.channel_id left join variants v on v.id = l.variant_id left join products p on p.id = l.product_id
    where l.id > ${after} and (${ended ?? false} or l.valid_to is null) and (${kind ?? null}::text is null or l.kind = ${kind ?? null})
      and (${channel ?? null}::text is null or c.code is null or c.code = ${channel ?? null})
      and (${sku ?? null}::text is null or exists (select from variants w join products q on q.id = w.product_id where w.sku = ${sku ?? null}
        and (l.scope = 'all' or l.variant_id = w.id or l.product_id = q.id or l.category = q.category)))
    order by l.id limit ${limit}`
}
