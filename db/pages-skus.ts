import type { Sql } from './connect.ts'
import { contains, cut, type Page, variantTitle } from './pages.ts'
import { isAtRisk, isListed } from './pages-board.ts'

export type SkuFilter = 'all' | 'risk' | 'soldout' | 'unmatched' | 'refused'

/** One line of the list of SKUs. Quantities are base units over our own locations. */
export type SkuRow = {
  readonly sku: string
  readonly title: string
  readonly gtin: string | null
  readonly onHand: number
  readonly reserved: number
  /** Of a bundle also what its parts make. */
  readonly available: number
  readonly short: number
  readonly refused: number
  readonly shownIn: readonly { readonly channel: string; readonly quantity: number | null }[]
  readonly prices: readonly { readonly currency: string; readonly amount: string }[]
}

/**
 * Active SKUs in alphabetical order, from behind `after`. `search` is found in SKU, title or GTIN. `risk`: as on the board;
 * `soldout`: listed somewhere and nothing available; `unmatched`: no listing anywhere; `refused`: a channel said no to its stock or price.
 */
export async function skuList(
  sql: Sql,
  wanted: { readonly search: string; readonly filter: SkuFilter; readonly after: string; readonly limit: number },
): Promise<Page<SkuRow>> {
  const { search, filter, after, limit } = wanted
  const shown: ReturnType<Sql> = sql`exists (select from publications p where p.variant_id = v.id and p.field = 'stock' and p.expected > 0)`
  const rows = await sql<SkuRow[]>`
    with page as (
      select v.id, v.sku, ${variantTitle(sql)} as title, v.gtin_given as gtin, s.on_hand, s.reserved, s.available, o.short
      from variants v join products p on p.id = v.product_id
      cross join lateral (select coalesce(sum(b.on_hand), 0) as on_hand, coalesce(sum(b.reserved), 0) as reserved,
          coalesce(sum(greatest(0, b.on_hand - b.reserved - b.unavailable - b.safety_stock)), 0) + ${madeOfParts(sql)} as available
        from balances b join locations l on l.id = b.location_id and l.kind <> 'platform' and l.active where b.variant_id = v.id) s
      cross join lateral (select coalesce(sum(short), 0) as short from order_lines where variant_id = v.id and short > 0) o
      where v.status = 'active' and v.sku > ${after}
        and (${search} = '' or v.sku ilike ${contains(search)} or v.title ilike ${contains(search)} or p.title ilike ${contains(search)} or v.gtin like ${contains(search)})
        and (${filter} <> 'risk' or ${isAtRisk(sql, sql`o.short`, sql`s.available`, shown)})
        and (${filter} <> 'soldout' or (s.available = 0 and ${isListed(sql)}))
        and (${filter} <> 'unmatched' or not ${isListed(sql)})
        and (${filter} <> 'refused' or exists (select from publications p where p.variant_id = v.id and p.state = 'refused'))
      order by v.sku limit ${limit + 1}
    )
    select page.sku, page.title, page.gtin, page.on_hand as "onHand", page.reserved, page.available, page.short,
      (select count(*)::int from publications p where p.variant_id = page.id and p.state = 'refused') as refused,
      coalesce((select jsonb_agg(jsonb_build_object('channel', c.code, 'quantity', p.expected) order by c.code)
        from publications p join channels c on c.id = p.channel_id where p.variant_id = page.id and p.field = 'stock'), '[]') as "shownIn",
      coalesce((select jsonb_agg(jsonb_build_object('currency', x.currency, 'amount', trim_scale(x.amount)::text) order by x.currency)
        from prices x where x.variant_id = page.id and x.channel_id is null and x.starts_at is null and x.superseded_at is null), '[]') as prices
    from page order by page.sku`
  return cut(rows, limit, row => row.sku)
}

/** How many of variant `v` its parts make, location by location; 0 where it is no bundle. */
const madeOfParts = (sql: Sql) => sql`coalesce((
  select sum(x.units) from (
    select min(trunc(greatest(0, coalesce(b.on_hand - b.reserved - b.unavailable - b.safety_stock, 0)) / f.quantity)) as units
    from bundle_flat f cross join locations l left join balances b on b.location_id = l.id and b.variant_id = f.part_id
    where f.bundle_id = v.id and l.active and l.kind <> 'platform' group by l.id) x), 0)`
