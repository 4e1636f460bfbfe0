import type { Sql } from './connect.ts'
import { variantTitle } from './pages.ts'

/** At or below this many available units a listed SKU counts as "low" on the board and in the list of SKUs. */
export const LOW_STOCK = 3

/** One channel as the board shows it. Counts are fields (a listing's stock or price), instants are the database's. */
export type BoardChannel = {
  readonly code: string
  readonly name: string
  readonly platform: string
  readonly account: string
  readonly accountState: 'active' | 'paused' | 'failing'
  readonly accountReason: string | null
  readonly retryAt: Date | null
  readonly paused: boolean
  readonly publishStock: boolean
  readonly publishPrices: boolean
  /** The channel whose stock publication serves this one too. */
  readonly stockLead: string | null
  readonly waiting: number
  readonly sent: number
  readonly accepted: number
  readonly applied: number
  readonly refused: number
  /** Fields that the guard holds back until a person decides. */
  readonly held: number
  /** Fields that differ and stay so, because their switch is off. */
  readonly differing: number
  /** Since when the oldest field that may go out waits. */
  readonly oldestAt: Date | null
}

/** Every channel, by name. A field waits only when its switch is on; with the switch off it counts as differing. */
export async function boardChannels(sql: Sql): Promise<readonly BoardChannel[]> {
  return sql<BoardChannel[]>`
    with fields as (
      select p.channel_id,
        count(*) filter (where p.waiting_since is not null and x.published)::int as waiting,
        count(*) filter (where p.waiting_since is not null and not x.published)::int as differing,
        count(*) filter (where p.state = 'sent')::int as sent,
        count(*) filter (where p.state = 'accepted')::int as accepted,
        count(*) filter (where p.state = 'applied')::int as applied,
        count(*) filter (where p.state = 'refused')::int as refused,
        count(*) filter (where p.state = 'quarantined')::int as held,
        min(p.waiting_since) filter (where x.published) as oldest_at
      from publications p join channels c on c.id = p.channel_id
      cross join lateral (select case p.field when 'stock' then c.publish_stock else c.publish_prices end as published) x
      group by p.channel_id
    )
    select c.code, c.name, a.platform, a.name as account, a.state as "accountState", a.state_reason as "accountReason", a.retry_at as "retryAt",
      c.paused, c.publish_stock as "publishStock", c.publish_prices as "publishPrices", lead.code as "stockLead", coalesce(f.waiting, 0) as waiting, coalesce(f.sent, 0) as sent,
      coalesce(f.accepted, 0) as accepted, coalesce(f.applied, 0) as applied, coalesce(f.refused, 0) as refused, coalesce(f.held, 0) as held,
      coalesce(f.differing, 0) as differing, f.oldest_at as "oldestAt"
    from channels c join accounts a on a.id = c.account_id left join channels lead on lead.id = c.stock_lead_id left join fields f on f.channel_id = c.id
    order by c.name, c.id`
}

/**
 * What "at risk" means wherever it is said: units short, or at most LOW_STOCK available while a channel still shows some. `short`, `available`
 * and `shown` are the statement's own expressions.
 */
export function isAtRisk(sql: Sql, short: ReturnType<Sql>, available: ReturnType<Sql>, shown: ReturnType<Sql>) {
  return sql`(${short} > 0 or (${available} <= ${LOW_STOCK} and ${shown}))`
}

/** A SKU that needs an eye: units owed that nobody has, or few left while a channel still shows some. */
export type RiskySku = {
  readonly sku: string
  readonly title: string
  readonly available: number
  readonly short: number
  readonly shownIn: readonly { readonly channel: string; readonly quantity: number }[]
}

/** SKUs at risk, the most pressing first: shorts, then the fewest available. Sold-out SKUs that no channel shows any more are settled, not at risk. */
export async function riskySkus(sql: Sql, limit: number): Promise<readonly RiskySku[]> {
  return sql<RiskySku[]>`
    with short as (
      select variant_id, sum(short) as units from order_lines where short > 0 and variant_id is not null group by 1
    ), shown as (
      select p.variant_id, jsonb_agg(jsonb_build_object('channel', c.code, 'quantity', p.expected) order by c.code) as channels
      from publications p join channels c on c.id = p.channel_id where p.field = 'stock' and p.expected > 0 group by 1
    ), stock as (
      select b.variant_id, sum(greatest(0, b.on_hand - b.reserved - b.unavailable - b.safety_stock)) as available
      from balances b join locations l on l.id = b.location_id and l.kind <> 'platform' and l.active group by 1
    )
    select v.sku, ${variantTitle(sql)} as title, coalesce(stock.available, 0) as available, coalesce(short.units, 0) as short, coalesce(shown.channels, '[]') as "shownIn"
    from variants v join products p on p.id = v.product_id left join stock on stock.variant_id = v.id left join short on short.variant_id = v.id left join shown on shown.variant_id = v.id
    where v.status = 'active' and ${isAtRisk(sql, sql`coalesce(short.units, 0)`, sql`coalesce(stock.available, 0)`, sql`shown.variant_id is not null`)}
    order by (short.units is null), short.units desc, coalesce(stock.available, 0), v.sku limit ${limit}`
}

/** Whether some channel lists the variant `v`. */
export function isListed(sql: Sql) {
  return sql`exists (select from listings x where x.variant_id = v.id and x.state <> 'gone')`
}

/** The figures on top of the board. */
export type BoardTotals = {
  readonly orders24h: number
  readonly shortUnits: number
  readonly shortOrders: number
  readonly unmatched: number
  readonly refused: number
  readonly keptAside: number
  /** Incidents of the guard that wait for a decision. */
  readonly held: number
  /** Alerts that are open. */
  readonly alerts: number
  /** SKUs that some channel lists. */
  readonly listed: number
  /** Those of them that have nothing available. */
  readonly soldOut: number
}

/** Totals over all channels: orders booked in the last 24 hours, what is owed, and what waits for a person. */
export async function boardTotals(sql: Sql): Promise<BoardTotals> {
  const [row] = await sql<BoardTotals[]>`
    select
      (select count(*)::int from orders where booked_at > clock_timestamp() - interval '24 hours' and state <> 'foreign') as "orders24h",
      (select coalesce(sum(short), 0) from order_lines where short > 0) as "shortUnits",
      (select count(distinct order_id)::int from order_lines where short > 0) as "shortOrders",
      (select count(*)::int from listings where variant_id is null and state <> 'gone') as unmatched,
      (select count(*)::int from publications where state = 'refused') as refused,
      (select count(*)::int from inbox where state = 'refused') as "keptAside",
      (select count(*)::int from quarantines where decided_at is null) as held,
      (select count(*)::int from alerts where ended_at is null) as alerts,
      (select count(*)::int from variants v where v.status = 'active' and ${isListed(sql)}) as listed,
      (select count(*)::int from variants v where v.status = 'active' and ${isListed(sql)} and not exists (
        select from balances b join locations l on l.id = b.location_id and l.kind <> 'platform' and l.active
        where b.variant_id = v.id and b.on_hand - b.reserved - b.unavailable - b.safety_stock > 0)) as "soldOut"`
  if (row === undefined) throw new Error('a statement without a source answered no row')
  return row
}
