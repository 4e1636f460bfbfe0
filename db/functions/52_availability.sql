-- What there is to promise by location, now and on a date. The rule of the date stands in src/domain/inventory/dated.ts too; a property test holds
-- the two equal.

-- The balances of variants (p_locations null: everywhere) as they are at an instant: holds whose time is over by p_now count as released, and lots
-- whose time is over by p_lots_at as put aside.
create or replace function balances_at_1(p_locations bigint[], p_variants bigint[], p_now timestamptz, p_lots_at timestamptz)
returns table (variant_id bigint, location_id bigint, on_hand int, reserved int, unavailable int, incoming int, safety_stock int, free bigint)
language sql stable as $$
  with held as (
    select r.variant_id, r.location_id, sum(r.quantity)::int as units from reservations r
    where r.state = 'open' and r.variant_id = any(p_variants) and r.expires_at <= p_now group by 1, 2
  ), gone as (
    select l.variant_id, l.location_id, sum(l.quantity - l.unavailable)::int as units from lots l
    where not l.expired and l.quantity > 0 and l.variant_id = any(p_variants) and l.expires_at <= p_lots_at group by 1, 2
  )
  select b.variant_id, b.location_id, b.on_hand, b.reserved - coalesce(h.units, 0), b.unavailable + coalesce(g.units, 0), b.incoming, b.safety_stock,
    b.on_hand::bigint - (b.reserved - coalesce(h.units, 0)) - (b.unavailable + coalesce(g.units, 0)) - b.safety_stock
  from balances b
  left join held h on h.variant_id = b.variant_id and h.location_id = b.location_id
  left join gone g on g.variant_id = b.variant_id and g.location_id = b.location_id
  where b.variant_id = any(p_variants) and (p_locations is null or b.location_id = any(p_locations))
$$;

-- What is on its way to our locations and expected by an instant, also what should have come already.
create or replace function incoming_by_1(p_variants bigint[], p_on timestamptz)
returns table (variant_id bigint, location_id bigint, expected_at timestamptz, kind text, line_id bigint, reference text, units int)
language sql stable as $$
  select l.variant_id, d.location_id, d.expected_at, 'delivery', l.id, d.reference, l.ordered - l.received - l.cancelled
  from delivery_lines l join deliveries d on d.id = l.delivery_id and d.state = 'open'
  where l.variant_id = any(p_variants) and l.ordered > l.received + l.cancelled and d.expected_at <= p_on
  union all
  select l.variant_id, t.to_id, t.expected_at, 'transfer', l.id, t.reference, l.sent - l.received - l.lost
  from transfer_lines l join transfers t on t.id = l.transfer_id and t.state = 'sent'
  where l.variant_id = any(p_variants) and l.sent > l.received + l.lost and t.expected_at <= p_on
$$;

-- Units of variants that orders are short of, also as parts of bundles.
create or replace function units_short_1(p_variants bigint[]) returns table (variant_id bigint, units bigint) language sql stable as $$
  select x.variant_id, sum(x.units)::bigint from (
    select l.variant_id, l.short::bigint as units from order_lines l where l.short > 0 and l.variant_id = any(p_variants)
    union all
    select p.variant_id, l.short::bigint * p.quantity from order_line_parts p join order_lines l on l.id = p.order_line_id
    where l.short > 0 and p.variant_id = any(p_variants)) x
  group by 1
$$;

-- What pools of locations can promise on a date. p_pools and p_locations are pairs: a channel with its locations, or a location with itself. What is
-- expected by p_on counts at its location, less what orders are short of already: they are served from what comes first. A bundle: the whole ones,
-- and at each location as many as its parts make.
create or replace function pool_atp_on_1(p_pools bigint[], p_locations bigint[], p_variants bigint[], p_now timestamptz, p_on timestamptz)
returns table (pool_id bigint, variant_id bigint, atp int) language sql stable as $$
  with pool as (
    select * from unnest(p_pools, p_locations) x(pool_id, location_id)
  ), item as (
    select v as item_id, v as variant_id, null::int as per_unit from unnest(p_variants) v
    union all
    select f.bundle_id, f.part_id, f.quantity from bundle_flat f where f.bundle_id = any(p_variants)
  ), needed as (
    select array_agg(distinct i.variant_id) as ids from item i
  ), ordered as (
    select p.pool_id, p.location_id, c.variant_id, c.units,
      sum(c.units) over (partition by p.pool_id, c.variant_id order by c.expected_at, c.kind, c.line_id) as so_far
    from needed n cross join lateral incoming_by_1(n.ids, p_on) c join pool p on p.location_id = c.location_id
  ), arriving as (
    select o.pool_id, o.location_id, o.variant_id, sum(least(o.units, greatest(0, o.so_far - coalesce(s.units, 0)))) as units
    from ordered o left join (select u.* from needed n cross join lateral units_short_1(n.ids) u) s on s.variant_id = o.variant_id group by 1, 2, 3
  ), place as (
    select p.pool_id, p.location_id, i.item_id, i.per_unit, greatest(0, coalesce(b.free, 0) + coalesce(a.units, 0)) as free
    from pool p cross join item i
    left join (select x.* from needed n cross join lateral balances_at_1(p_locations, n.ids, p_now, greatest(p_now, p_on)) x) b
      on b.location_id = p.location_id and b.variant_id = i.variant_id
    left join arriving a on a.pool_id = p.pool_id and a.location_id = p.location_id and a.variant_id = i.variant_id
  ), made as (
    select l.pool_id, l.item_id, coalesce(max(l.free) filter (where l.per_unit is null), 0) + coalesce(min(trunc(l.free / l.per_unit)), 0) as units
    from place l group by l.pool_id, l.location_id, l.item_id
  )
  select m.pool_id, m.item_id, least(sum(m.units), 2147483647)::int from made m group by 1, 2
$$;
