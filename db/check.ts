import { EXCHANGE_RULES } from './check-exchanges.ts'
import { GUARD_RULES } from './check-guard.ts'
import { INCOMING_RULES } from './check-incoming.ts'
import type { Sql } from './connect.ts'

/** One way in which the books contradict themselves: what, and up to 20 examples. */
export type Finding = {
  readonly rule: string
  readonly violations: number
  readonly examples: readonly Readonly<Record<string, unknown>>[]
}

type Row = Readonly<Record<string, unknown>>
type Rule = { readonly rule: string; readonly find: (sql: Sql) => Promise<readonly Row[]> }

/**
 * Every rule is one statement that answers the rows which break it, with the numbers that contradict each other. A statement sees one
 * snapshot, so the check may run beside the busiest hub.
 */
const RULES: readonly Rule[] = [
  {
    rule: 'the sums of the ledger equal the balances',
    find: sql => sql`
      select v.sku, p.code as location, b.on_hand, m.on_hand as ledger_on_hand, b.reserved, m.reserved as ledger_reserved, b.unavailable,
        m.unavailable as ledger_unavailable, b.incoming, m.incoming as ledger_incoming
      from balances b full join (
        select variant_id, location_id, sum(on_hand) as on_hand, sum(reserved) as reserved, sum(unavailable) as unavailable, sum(incoming) as incoming
        from movements group by 1, 2) m using (variant_id, location_id)
      left join variants v on v.id = variant_id left join locations p on p.id = location_id
      where (coalesce(b.on_hand, 0), coalesce(b.reserved, 0), coalesce(b.unavailable, 0), coalesce(b.incoming, 0))
        is distinct from (coalesce(m.on_hand, 0), coalesce(m.reserved, 0), coalesce(m.unavailable, 0), coalesce(m.incoming, 0))`,
  },
  {
    rule: 'reserved equals the open reservations',
    find: sql => sql`
      select v.sku, p.code as location, b.reserved, r.open from balances b full join (
        select variant_id, location_id, sum(quantity) as open from reservations where state = 'open' group by 1, 2) r using (variant_id, location_id)
      left join variants v on v.id = variant_id left join locations p on p.id = location_id
      where coalesce(b.reserved, 0) <> coalesce(r.open, 0)`,
  },
  {
    rule: 'no bucket is negative and nothing is promised that is not there',
    find: sql => sql`
      select v.sku, p.code as location, b.on_hand, b.reserved, b.unavailable from balances b join variants v on v.id = b.variant_id
      join locations p on p.id = b.location_id
      where b.on_hand < 0 or b.reserved < 0 or b.unavailable < 0 or b.incoming < 0 or b.reserved + b.unavailable > b.on_hand`,
  },
  {
    rule: 'an order line adds up, and what it has reserved is what is promised to it',
    find: sql => sql`
      select o.number, l.sku, l.ordered, l.reserved, l.short, l.shipped, l.cancelled, l.returned, coalesce(r.open, 0) as promised
      from order_lines l join orders o on o.id = l.order_id
      left join (
        -- Of a bundle, its parts stand for one unit together.
        select order_line_id, sum(units) as open from (
          select order_line_id, min(quantity / per_unit) as units from reservations where state = 'open' group by order_line_id, coalesce(-pack, id)) p group by 1
      ) r on r.order_line_id = l.id
      where l.reserved <> coalesce(r.open, 0) or l.returned > l.shipped
        or (o.state not in ('received', 'foreign') and l.ordered <> l.reserved + l.short + l.shipped + l.cancelled)`,
  },
  {
    rule: 'what is handed over instead of a line is what the line says',
    find: sql => sql`
      select o.number, l.sku, l.substituted, coalesce(x.units, 0) as by_other_lines, x.orders from order_lines l join orders o on o.id = l.order_id
      left join lateral (select sum(s.ordered) as units, count(*) filter (where s.order_id <> l.order_id) as orders from order_lines s where s.instead_of = l.id) x on true
      where l.instead_of is null and (l.substituted <> coalesce(x.units, 0) or x.orders > 0)`,
  },
  {
    rule: 'the state of an order is what its facts say',
    find: sql => sql`
      select o.number, o.state, order_state_2(o.id) as facts from orders o
      where o.content_hash <> '' and o.state <> order_state_2(o.id) and not exists (select from due d where d.what = 'order' and d.ref_id = o.id)`,
  },
  {
    rule: 'what groups of an order have open at a location is promised to it there',
    find: sql => sql`
      select o.number, l.sku, p.code as location, g.open as in_groups, coalesce(r.units, 0) as promised from (
        select f.order_line_id, coalesce(x.held_at, x.location_id) as location_id, sum(f.assigned - f.done - f.released) as open from fulfilment_lines f join fulfilment_groups x on x.id = f.group_id
        where x.state in ('waiting', 'picking', 'ready', 'sent') group by 1, 2) g
      join order_lines l on l.id = g.order_line_id join orders o on o.id = l.order_id join locations p on p.id = g.location_id
      left join lateral (select sum(units) as units from order_line_promises(l.id) where location_id = g.location_id) r on true
      where g.open > coalesce(r.units, 0)`,
  },
  {
    rule: 'a fulfilment group that has ended has nothing open',
    find: sql => sql`
      select g.id as "group", g.state, sum(f.assigned - f.done - f.released) as open from fulfilment_groups g
      left join fulfilment_lines f on f.group_id = g.id group by 1, 2
      -- What was cancelled on its way to a store is on its way still.
      having g.state <> 'sent' and (g.state in ('waiting', 'picking', 'ready')) <> (coalesce(sum(f.assigned - f.done - f.released), 0) > 0)`,
  },
  {
    rule: 'nobody is short of what is free for them',
    find: sql => sql`
      select o.number, l.sku, l.short, sum(stock_fit(l.variant_id, c.location_id, m.part_ids, m.part_units, true)) as free
      from order_lines l join orders o on o.id = l.order_id cross join lateral order_line_explosion(l.id) m
      join channel_locations c on c.channel_id = o.channel_id and c.valid_to is null
      join locations p on p.id = c.location_id and p.active
      where l.short > 0 and l.variant_id is not null
        and not exists (select from lots x where x.variant_id = l.variant_id and not x.expired and x.expires_at <= clock_timestamp())
        and not exists (select from reservations r where r.variant_id = l.variant_id and r.state = 'open' and r.expires_at <= clock_timestamp())
      group by 1, 2, 3 having sum(stock_fit(l.variant_id, c.location_id, m.part_ids, m.part_units, true)) > 0`,
  },
  {
    rule: 'the parts of a promised bundle stand and fall together',
    find: sql => sql`
      select b.sku as bundle, r.pack, array_agg(v.sku || ' ' || r.quantity || '/' || r.per_unit || ' ' || r.state) as parts
      from reservations r join variants v on v.id = r.variant_id join variants b on b.id = r.bundle_id
      where r.pack is not null group by b.sku, r.pack
      having count(distinct r.quantity / r.per_unit) > 1 or bool_or(r.quantity % r.per_unit <> 0) or count(distinct (r.location_id, r.order_line_id, r.basket)) > 1`,
  },
  {
    rule: 'lots add up to the balances, and each to its movements',
    find: sql => sql`
      select v.sku, p.code as location, b.on_hand, x.quantity as in_lots, b.unavailable, x.unavailable as unavailable_in_lots
      from balances b join variants v on v.id = b.variant_id and v.lot_tracked join locations p on p.id = b.location_id
      left join (select variant_id, location_id, sum(quantity) as quantity, sum(unavailable) as unavailable from lots group by 1, 2) x using (variant_id, location_id)
      where (b.on_hand, b.unavailable) is distinct from (coalesce(x.quantity, 0), coalesce(x.unavailable, 0))
      union all
      select v.sku, p.code, l.quantity, coalesce(m.on_hand, 0), l.unavailable, coalesce(m.unavailable, 0)
      from lots l join variants v on v.id = l.variant_id and v.lot_tracked join locations p on p.id = l.location_id
      left join (select lot_id, sum(on_hand) as on_hand, sum(unavailable) as unavailable from movements where lot_id is not null group by 1) m on m.lot_id = l.id
      where (l.quantity, l.unavailable) is distinct from (coalesce(m.on_hand, 0), coalesce(m.unavailable, 0))`,
  },
  {
    rule: 'safety stock is the last version of it',
    find: sql => sql`
      select v.sku, p.code as location, b.safety_stock, coalesce(s.quantity, 0) as version from balances b join variants v on v.id = b.variant_id
      join locations p on p.id = b.location_id left join safety_stocks s on s.variant_id = b.variant_id and s.location_id = b.location_id and s.valid_to is null
      where b.safety_stock <> coalesce(s.quantity, 0)`,
  },
  {
    rule: 'every value that a platform took is in the history',
    find: sql => sql`
      select c.code as channel, l.external_sku, p.field, p.accepted from publications p join listings l on l.id = p.listing_id
      join channels c on c.id = p.channel_id
      where p.accepted_at is not null and not exists (
        select from publication_history h where h.listing_id = p.listing_id and h.field = p.field and h.value = p.accepted
          and h.event in ('accepted', 'applied', 'read'))`,
  },
  {
    rule: 'what is intended is what the books say, wherever the feed was read',
    find: sql => sql`
      with unread as (
        select distinct v.id as variant_id, f.account_id, c.kind in ('channel') or v.id is null as whole from change c
        cross join lateral unnest(coalesce(c.variant_ids, array[c.variant_id])) v(id)
        join (select a.id as account_id, f.tx, f.seq from accounts a left join feed_cursors f on f.consumer = 'account:' || a.id) f
          on f.tx is null or (c.tx, c.seq) > (f.tx, f.seq)
        where c.kind in ('stock', 'price', 'listing', 'channel')
      ), settled as materialized (
        select p.channel_id, coalesce(c.stock_lead_id, c.id) as scope_id, c.code, p.variant_id, p.field, p.intended
        from publications p join channels c on c.id = p.channel_id join accounts a on a.id = p.account_id
        join listings l on l.id = p.listing_id and l.state <> 'gone'
        where not exists (select from unread u where u.account_id = p.account_id and (u.whole or u.variant_id = p.variant_id))
          and not exists (select from reservations r where r.variant_id = p.variant_id and r.state = 'open' and r.expires_at <= clock_timestamp())
          and exists (select from feed_cursors f where f.consumer = 'account:' || p.account_id) and a.state <> 'paused'
      ), books as (
        -- Channel by channel: asked listing by listing, a large one takes minutes.
        select x.channel_id, s.variant_id, 'stock' as field, jsonb_build_object('quantity', s.shown) as value
        from (select channel_id, scope_id, array_agg(distinct variant_id) as ids from settled where field = 'stock' group by 1, 2) x
        cross join lateral channel_shown_2(array[x.scope_id], x.ids, clock_timestamp()) s
        union all
        select x.channel_id, m.variant_id, 'price', m.price
        from (select channel_id, array_agg(distinct variant_id) as ids from settled where field = 'price' group by 1) x
        cross join lateral channel_price_3(array[x.channel_id], x.ids, clock_timestamp(), false) m
      )
      select t.code as channel, v.sku, t.field, t.intended, b.value as books
      from settled t join books b on b.channel_id = t.channel_id and b.variant_id = t.variant_id and b.field = t.field
      join variants v on v.id = t.variant_id where t.intended <> coalesce(b.value, t.intended)`,
  },
  {
    rule: 'nothing is left between sent and answered',
    find: sql => sql`
      select c.code as channel, l.external_sku, p.field, p.sent_at from publications p join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id
      join accounts a on a.id = p.account_id
      where p.state = 'sent' and p.sent_at < clock_timestamp() - interval '1 minute' and a.lease_until > clock_timestamp()
        and not exists (select from publication_feeds f where f.id = p.feed_id and f.ended_at is null)`,
  },
  {
    rule: 'every reader of the change feed moves on',
    find: sql => sql`
      select f.consumer, f.moved_at, c.at as unread_since from feed_cursors f join accounts a on f.consumer = 'account:' || a.id and a.lease_until > clock_timestamp()
      join lateral (select min(at) as at from change where (change.tx, change.seq) > (f.tx, f.seq)
        and change.tx < pg_snapshot_xmin(pg_current_snapshot())) c on c.at < clock_timestamp() - interval '1 minute'`,
  },
  {
    rule: 'every movement has its row in the change feed',
    find: sql => sql`
      select v.sku, m.kind, m.recorded_at from movements m join variants v on v.id = m.variant_id
      where m.recorded_at > clock_timestamp() - interval '24 hours' and m.recorded_at > (select min(at) + interval '1 minute' from change)
        and not exists (select from change c where c.tx = m.tx and c.variant_id = m.variant_id and c.kind = 'stock')
        and not exists (select from change c where c.tx = m.tx and m.variant_id = any(c.variant_ids) and c.kind = 'stock')`,
  },
  {
    rule: 'a published field belongs to a matched listing of its variant and channel',
    find: sql => sql`
      select c.code as channel, l.external_sku, p.field from publications p join listings l on l.id = p.listing_id join channels c on c.id = l.channel_id
      where l.variant_id is distinct from p.variant_id or l.channel_id <> p.channel_id or l.account_id <> p.account_id
        or not exists (select from mappings m where m.listing_id = l.id and m.variant_id = l.variant_id and m.valid_to is null)`,
  },
  {
    rule: 'nothing is an orphan',
    find: sql => sql`
      select 'reservation' as what, r.id from reservations r where r.order_line_id is not null and not exists (select from order_lines l where l.id = r.order_line_id)
      union all
      select 'order without lines', o.id from orders o where o.state in ('accepted', 'held', 'routed', 'in_fulfilment', 'fulfilled', 'returned') and not exists (select from order_lines l where l.order_id = o.id)
      union all
      select 'order begun and never booked', o.id from orders o where o.content_hash = '' and o.booked_at < clock_timestamp() - interval '5 minutes'
      union all
      select 'hold that nothing ends', r.id from reservations r where r.state = 'open' and r.expires_at < clock_timestamp() - interval '5 minutes'`,
  },
  {
    rule: 'a command that was begun has its answer',
    find: sql => sql`select scope, key, kind from commands where answer is null and created_at < clock_timestamp() - interval '5 minutes'`,
  },
  ...INCOMING_RULES,
  ...EXCHANGE_RULES,
  ...GUARD_RULES,
]

const EXAMPLES = 20

/** Runs every rule; answers one finding per rule, with zero violations where it holds. */
export async function runRules(sql: Sql): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { rule, find } of RULES) {
    const rows = await find(sql)
    findings.push({ rule, violations: rows.length, examples: rows.slice(0, EXAMPLES) })
  }
  return findings
}

/** Keeps a check's outcome for the console. */
export async function keepCheck(sql: Sql, startedAt: Date, findings: readonly Finding[]): Promise<void> {
  const violations = findings.reduce((sum, finding) => sum + finding.violations, 0)
  await sql`
    insert into checks (started_at, ended_at, violations, report)
    values (${startedAt}, clock_timestamp(), ${violations}, ${sql.json(JSON.parse(JSON.stringify(findings)))})`
}
