import type { Sql } from './connect.ts'

export type OrderInBooks = {
  readonly platform: string
  readonly externalId: string
  readonly state: string
  readonly lines: readonly LineInBooks[]
}

export type LineInBooks = {
  readonly externalLineId: string
  readonly sku: string
  /** The SKU of ours that the line was matched to. */
  readonly matched: string | null
  readonly ordered: number
  readonly reserved: number
  readonly short: number
  readonly shipped: number
  readonly cancelled: number
  readonly returned: number
}

export type StockInBooks = {
  readonly sku: string
  readonly onHand: number
  readonly reserved: number
  /** Sums of the ledger by what caused the movement; handed over is positive. */
  readonly opening: number
  readonly adjusted: number
  readonly returnedToStock: number
  readonly handedOver: number
  /** What no cause above explains. */
  readonly other: number
}

export type ShortInBooks = {
  readonly platform: string
  readonly order: string
  readonly sku: string
  readonly ordered: number
  /** Units of the line that are still short. */
  readonly short: number
  readonly cause: string
  /** The last order of another channel that was promised units of this SKU before this line was booked. */
  readonly takenBy: { readonly platform: string; readonly order: string; readonly units: number } | null
}

export type ListingInBooks = {
  readonly platform: string
  readonly channelRef: string
  readonly sku: string
  readonly quantity: number | null
  readonly stockState: string | null
  readonly price: string | null
  readonly priceState: string | null
}

export type ActInBooks = {
  readonly platform: string
  readonly externalId: string
  readonly kind: string
  readonly key: string
  readonly state: string
  readonly reason: string | null
  readonly lines: readonly { readonly externalLineId: string; readonly quantity: number }[]
}

export type Leftover = { readonly what: string; readonly n: number; readonly example: string | null }

export type Books = {
  readonly orders: readonly OrderInBooks[]
  readonly stock: readonly StockInBooks[]
  readonly shorts: readonly ShortInBooks[]
  readonly listings: readonly ListingInBooks[]
  readonly acts: readonly ActInBooks[]
  readonly leftovers: readonly Leftover[]
  /** How orders reached the hub: messages by source, and how many told nothing new or were refused. */
  readonly arrivals: Readonly<Record<string, number>>
}

/** Everything that a replay's report compares, by plain statements over the tables: nothing here uses the hub's own counters. */
export async function readBooks(sql: Sql): Promise<Books> {
  const orders = await sql<OrderInBooks[]>`
    select a.platform, o.external_id as "externalId", o.state, (select coalesce(jsonb_agg(jsonb_build_object('externalLineId', l.external_line_id,
        'sku', l.sku, 'matched', v.sku, 'ordered', l.ordered, 'reserved', l.reserved, 'short', l.short, 'shipped', l.shipped,
        'cancelled', l.cancelled, 'returned', l.returned) order by l.id), '[]')
      from order_lines l left join variants v on v.id = l.variant_id where l.order_id = o.id) as lines
    from orders o join channels c on c.id = o.channel_id join accounts a on a.id = c.account_id order by o.id`
  const stock = await sql<StockInBooks[]>`
    select v.sku, b.on_hand as "onHand", b.reserved, coalesce(m.opening, 0) as opening, coalesce(m.adjusted, 0) as adjusted,
      coalesce(m."returnedToStock", 0) as "returnedToStock", coalesce(m."handedOver", 0) as "handedOver", coalesce(m.other, 0) as other
    from (select variant_id, sum(on_hand) as on_hand, sum(reserved) as reserved from balances group by 1) b join variants v on v.id = b.variant_id
    left join (select variant_id,
        sum(on_hand) filter (where kind = 'count') as opening,
        sum(on_hand) filter (where kind = 'adjust') as adjusted,
        sum(on_hand) filter (where kind = 'return') as "returnedToStock",
        -sum(on_hand) filter (where kind in ('settle', 'ship')) as "handedOver",
        sum(on_hand) filter (where kind not in ('count', 'adjust', 'return', 'settle', 'ship')) as other
      from movements group by 1) m on m.variant_id = b.variant_id
    order by v.sku`
  const shorts = await sql<ShortInBooks[]>`
    select a.platform, o.external_id as "order", l.sku, l.ordered, l.short, l.short_cause as cause, taken.by as "takenBy"
    from order_lines l join orders o on o.id = l.order_id join channels c on c.id = o.channel_id join accounts a on a.id = c.account_id
    left join lateral (
      select jsonb_build_object('platform', a2.platform, 'order', o2.external_id, 'units', m.reserved) as by
      from movements m join order_lines l2 on l2.id = m.order_line_id join orders o2 on o2.id = l2.order_id
      join channels c2 on c2.id = o2.channel_id join accounts a2 on a2.id = c2.account_id
      -- An order waits for the SKU's lock after its row is made: the one that had it may be told a moment later.
      where m.variant_id = l.variant_id and m.kind = 'reserve' and a2.id <> a.id and m.recorded_at <= o.booked_at + interval '1 second'
      order by m.recorded_at desc, m.id desc limit 1) taken on true
    where l.short_cause is not null order by o.id, l.id`
  const listings = await sql<ListingInBooks[]>`
    select a.platform, c.external_ref as "channelRef", l.external_sku as sku, (s.intended->>'quantity')::int as quantity, s.state as "stockState",
      p.intended->>'regular' as price, p.state as "priceState"
    from listings l join channels c on c.id = l.channel_id join accounts a on a.id = l.account_id
    left join publications s on s.listing_id = l.id and s.field = 'stock'
    left join publications p on p.listing_id = l.id and p.field = 'price' order by l.id`
  const acts = await sql<ActInBooks[]>`
    select a.platform, o.external_id as "externalId", x.kind, x.key, x.state, x.reason, (select coalesce(jsonb_agg(jsonb_build_object(
        'externalLineId', e->>'externalLineId', 'quantity', (e->>'quantity')::int)), '[]') from jsonb_array_elements(x.body->'lines') e) as lines
    from acts x join orders o on o.id = x.order_id join accounts a on a.id = x.account_id order by x.id`
  return { orders, stock, shorts, listings, acts, leftovers: await readLeftovers(sql), arrivals: await readArrivals(sql) }
}

async function readLeftovers(sql: Sql): Promise<Leftover[]> {
  return sql<Leftover[]>`
    -- A message may be sent late once more while the books are read: it is being taken in.
    select 'messages not understood' as what, count(*) as n, min(reason) as example from inbox
      where state = 'refused' or state = 'new' and received_at < clock_timestamp() - interval '5 seconds' having count(*) > 0
    union all
    select 'orders to be read again', count(*), min(external_id) from rereads having count(*) > 0
    union all
    select 'fields that are not applied', count(*), min(l.external_sku || ': ' || p.field || ' is ' || p.state || coalesce(', ' || p.reason, ''))
      from publications p join listings l on l.id = p.listing_id where p.state <> 'applied' having count(*) > 0
    union all
    select 'listings of no SKU, or gone', count(*), min(external_sku) from listings where variant_id is null or state = 'gone' having count(*) > 0`
}

async function readArrivals(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql<{ key: string; n: number }[]>`
    select a.platform || '/' || i.source || '/' || i.state as key, count(*) as n from inbox i join accounts a on a.id = i.account_id group by 1 order by 1`
  return Object.fromEntries(rows.map(row => [row.key, row.n]))
}
