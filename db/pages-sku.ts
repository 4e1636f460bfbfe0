import type { Sql } from './connect.ts'
import { cut, type Page, type Place, placeText, variantTitle } from './pages.ts'

export type SkuHead = {
  readonly id: number
  readonly sku: string
  readonly title: string
  readonly product: string
  readonly gtin: string | null
  readonly options: Readonly<Record<string, string>>
  readonly status: 'active' | 'archived'
  /** Its class of dangerous goods. */
  readonly hazard: string | null
  readonly version: number
  readonly short: number
}

/** The head of a SKU's page, or null where nobody knows the SKU. */
export async function skuHead(sql: Sql, sku: string): Promise<SkuHead | null> {
  const [row] = await sql<SkuHead[]>`
    select v.id, v.sku, ${variantTitle(sql)} as title, p.title as product, v.gtin_given as gtin, v.options, v.status, v.hazard, v.version,
      (select coalesce(sum(short), 0) from order_lines where variant_id = v.id and short > 0) as short
    from variants v join products p on p.id = v.product_id where v.sku = ${sku}`
  return row ?? null
}

export type LocationStock = {
  readonly code: string
  readonly name: string
  readonly kind: 'warehouse' | 'store' | 'distributor' | 'platform'
  readonly onHand: number
  readonly reserved: number
  readonly unavailable: number
  readonly safetyStock: number
  readonly incoming: number
  /** What the parts make of it there; null where it is no bundle. */
  readonly made: number | null
  /** With what the parts make. */
  readonly available: number
}

/** A SKU's balances, also at active locations that never had any, so that stock can be entered there. */
export async function skuStock(sql: Sql, variantId: number): Promise<readonly LocationStock[]> {
  return sql<LocationStock[]>`
    select l.code, l.name, l.kind, coalesce(b.on_hand, 0) as "onHand", coalesce(b.reserved, 0) as reserved, coalesce(b.unavailable, 0) as unavailable,
      coalesce(b.safety_stock, 0) as "safetyStock", coalesce(b.incoming, 0) as incoming,
      m.made, greatest(0, coalesce(b.on_hand - b.reserved - b.unavailable - b.safety_stock, 0)) + coalesce(m.made, 0) as available
    from locations l left join balances b on b.location_id = l.id and b.variant_id = ${variantId}
    cross join lateral (select min(trunc(greatest(0, coalesce(x.on_hand - x.reserved - x.unavailable - x.safety_stock, 0)) / f.quantity))::int as made
      from bundle_flat f left join balances x on x.variant_id = f.part_id and x.location_id = l.id where f.bundle_id = ${variantId}) m
    where l.active or b.on_hand > 0 order by (l.kind = 'platform'), l.id`
}

export type Movement = {
  readonly id: number
  readonly at: string
  readonly occurredAt: Date
  readonly kind: string
  readonly location: string
  readonly onHand: number
  readonly reserved: number
  readonly unavailable: number
  readonly incoming: number
  readonly reason: string | null
  /** The name of the reason that was chosen from the list. */
  readonly chosenReason: string | null
  readonly lot: string | null
  /** What it belongs to: `delivery`, `transfer`, `count` or `import`, with its id. */
  readonly causeKind: string | null
  readonly causeId: number | null
  readonly actor: string
  readonly orderId: number | null
  readonly orderNumber: string | null
}

/** A SKU's ledger, newest first, from behind `before`. */
export async function skuMovements(sql: Sql, variantId: number, before: Place | null, limit: number): Promise<Page<Movement>> {
  const earlier = before === null ? sql`` : sql`and (m.recorded_at, m.id) < (${before.at}::text::timestamptz, ${before.id})`
  const rows = await sql<Movement[]>`
    select m.id, m.recorded_at::text as at, m.occurred_at as "occurredAt", m.kind, l.code as location, m.on_hand as "onHand", m.reserved, m.unavailable,
      m.incoming, m.reason, coalesce(s.name, m.reason_code) as "chosenReason", nullif(t.code, '') as lot, m.cause_kind as "causeKind", m.cause_id as "causeId",
      m.actor, o.id as "orderId", o.number as "orderNumber"
    from balances b join locations l on l.id = b.location_id
    -- The newest of each location by its index, then the newest of those: a SKU that sells all day is not read whole.
    cross join lateral (select * from movements m where m.variant_id = b.variant_id and m.location_id = b.location_id ${earlier}
      order by m.recorded_at desc, m.id desc limit ${limit + 1}) m
    left join stock_reasons s on s.code = m.reason_code left join lots t on t.id = m.lot_id left join order_lines x on x.id = m.order_line_id left join orders o on o.id = x.order_id
    where b.variant_id = ${variantId}
    order by m.recorded_at desc, m.id desc limit ${limit + 1}`
  return cut(rows, limit, row => placeText(row))
}

export type PriceVersion = {
  readonly id: number
  readonly channel: string | null
  readonly currency: string
  readonly amount: string
  readonly startsAt: Date | null
  readonly endsAt: Date | null
  readonly actor: string
  readonly createdAt: Date
  readonly supersededAt: Date | null
}

/** All prices that a SKU has and had, those in force first, then the newest. */
export async function skuPrices(sql: Sql, variantId: number, limit: number): Promise<readonly PriceVersion[]> {
  return sql<PriceVersion[]>`
    select p.id, c.code as channel, p.currency, trim_scale(p.amount)::text as amount, p.starts_at as "startsAt", p.ends_at as "endsAt", p.actor,
      p.created_at as "createdAt", p.superseded_at as "supersededAt"
    from prices p left join channels c on c.id = p.channel_id where p.variant_id = ${variantId}
    order by (p.superseded_at is not null), p.superseded_at desc, c.code nulls first, p.currency, p.starts_at nulls first, p.id desc limit ${limit}`
}
