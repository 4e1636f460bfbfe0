import type { Sql } from './connect.ts'

export type PlaceChoice = {
  readonly code: string
  readonly name: string
  readonly kind: 'warehouse' | 'store' | 'distributor' | 'platform'
}

/** All open locations, those that are ours first; for lists to choose from, and for the names of codes. */
export function placeChoices(sql: Sql): Promise<PlaceChoice[]> {
  return sql<PlaceChoice[]>`select code, name, kind from locations where active order by (kind = 'platform'), id`
}

/** The name of each location, closed ones too, by code. */
export async function placeNames(sql: Sql): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ code: string; name: string }[]>`select code, name from locations`
  return new Map(rows.map(row => [row.code, row.name]))
}

/**
 * The SKU that somebody typed or scanned: exactly as it is, else by its GTIN (however many zeros the scanner puts in front), else without regard to
 * capitals where only one fits. Null where nothing fits.
 */
export async function scannedSku(sql: Sql, typed: string): Promise<string | null> {
  const gtin = /^\d{8,14}$/.test(typed) ? typed.padStart(14, '0') : null
  const rows = await sql<{ sku: string; rank: number }[]>`
    select sku, 1 as rank from variants where sku = ${typed}
    union all select sku, 2 from variants where gtin = ${gtin}::text
    union all select sku, 3 from variants where lower(sku) = lower(${typed}) and sku <> ${typed}
    order by rank, sku limit 2`
  const [first, second] = rows
  if (first === undefined || (first.rank > 1 && second?.rank === first.rank)) return null
  return first.sku
}

/** What a form about a SKU needs to know of it. */
export type Movable = {
  readonly lotTracked: boolean
  readonly isBundle: boolean
  /** The average cost of one unit as decimal text, and its currency; null where no cost is known. */
  readonly cost: string | null
  /** The currency that a cost is stated in: the SKU's, else that of the first channel. */
  readonly currency: string | null
}

/** Null for an unknown SKU. */
export async function movable(sql: Sql, sku: string): Promise<Movable | null> {
  const [row] = await sql<Movable[]>`
    select v.lot_tracked as "lotTracked", exists (select from bundle_flat f where f.bundle_id = v.id) as "isBundle",
      trim_scale(a.average)::text as cost, coalesce(a.currency, v.cost_currency, (select currency from channels order by id limit 1)) as currency
    from variants v left join variant_costs a on a.variant_id = v.id and a.valid_to is null where v.sku = ${sku}`
  return row ?? null
}

export type StockTotals = {
  readonly deliveriesOpen: number
  readonly deliveriesLate: number
  readonly transfersOpen: number
  readonly transfersLate: number
  readonly countsOpen: number
  readonly countsReview: number
  readonly lotsExpired: number
  readonly lotsExpiring: number
}

/** What waits for somebody in the stock room, at `now`; lots that expire before `until`. */
export async function stockTotals(sql: Sql, now: Date, until: Date): Promise<StockTotals> {
  const [row] = await sql<StockTotals[]>`
    select d.*, t.*, c.*, l.* from
      (select count(*)::int as "deliveriesOpen", count(*) filter (where expected_at < ${now})::int as "deliveriesLate" from deliveries where state = 'open') d,
      (select count(*)::int as "transfersOpen", count(*) filter (where state = 'sent' and expected_at < ${now} and exists (
          select from transfer_lines x where x.transfer_id = t.id and x.sent > x.received + x.lost))::int as "transfersLate"
        from transfers t where state in ('requested', 'sent')) t,
      (select count(*) filter (where state = 'open')::int as "countsOpen", count(*) filter (where state = 'review')::int as "countsReview"
        from counts where state in ('open', 'review')) c,
      (select count(*) filter (where l.expires_at <= ${now})::int as "lotsExpired", count(*) filter (where l.expires_at > ${now})::int as "lotsExpiring"
        from lots l join variants v on v.id = l.variant_id and v.lot_tracked where l.quantity > 0 and l.expires_at < ${until}) l`
  if (row === undefined) throw new Error('the totals of the stock room gave no row')
  return row
}
