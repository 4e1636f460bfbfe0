-- How much a channel should show. The same rule stands in src/domain/inventory/availability.ts; a property test holds them equal.

-- Available to promise and shown quantity of variants in channels: shown = clamp(ATP + ahead - buffer, 0, cap), 0 at or below "stop selling at".
-- ATP is the sum over the channel's locations; a bundle has its whole ones and, at each location, what its parts there make. Ahead: what may be sold though
-- it is not there, where channel and SKU allow it. Holds and lots whose time is over count as gone already. Each place holds an int; their sum may be
-- more, and is shown as the most that there is.
create or replace function channel_shown_2(p_channels bigint[], p_variants bigint[], p_now timestamptz)
returns table (channel_id bigint, variant_id bigint, atp int, ahead int, ahead_from timestamptz, buffer int, cap int, stop_selling_at int, shown int)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  wanted bigint[] := p_variants;
  has_bundles boolean;
begin
  select array_agg(distinct f.part_id) || p_variants into wanted from bundle_flat f where f.bundle_id = any(p_variants);
  has_bundles := wanted is not null;
  wanted := coalesce(wanted, p_variants);
  return query
  with over as (
    -- In the order of the index on what ends: before the table was analyzed, all that is open of these was read.
    select w.id as variant_id, r.location_id, sum(r.quantity) as units from (select distinct x as id from unnest(wanted) x) w cross join lateral (
      select x.location_id, x.quantity from reservations x where x.state = 'open' and x.variant_id = w.id and x.expires_at <= p_now order by x.expires_at offset 0) r
    group by 1, 2
  ), gone as (
    select l.variant_id, l.location_id, sum(l.quantity - l.unavailable) as units from lots l
    where not l.expired and l.expires_at is not null and l.quantity > 0 and l.variant_id = any(wanted) and l.expires_at <= p_now group by 1, 2
  ), cell as (
    select b.variant_id, b.location_id,
      greatest(0, b.on_hand::bigint - (b.reserved - coalesce(e.units, 0)) - b.unavailable - coalesce(g.units, 0) - b.safety_stock) as free
    from balances b
    left join over e on e.variant_id = b.variant_id and e.location_id = b.location_id
    left join gone g on g.variant_id = b.variant_id and g.location_id = b.location_id
    where b.variant_id = any(wanted)
  ), pool as (
    select c.channel_id, c.location_id from channel_locations c join locations p on p.id = c.location_id and p.active
    where c.channel_id = any(p_channels) and c.valid_to is null
  ), whole as (
    select c.channel_id, b.variant_id, sum(b.free) as units from pool c join cell b on b.location_id = c.location_id group by 1, 2
  ), made as (
    select x.channel_id, x.bundle_id, sum(x.units) as units from (
      select c.channel_id, c.location_id, f.bundle_id, min(coalesce(b.free, 0) / f.quantity) as units
      from bundle_flat f cross join pool c left join cell b on b.variant_id = f.part_id and b.location_id = c.location_id
      where has_bundles and f.bundle_id = any(p_variants) group by 1, 2, 3) x group by 1, 2
  ), ahead as (
    select t.variant_id, t.available_from, greatest(0, t.quantity_limit - coalesce((
      select sum(l.short) from order_lines l where l.variant_id = t.variant_id and l.short > 0), 0))::int as units
    from selling_terms t where t.variant_id = any(p_variants) and t.valid_to is null and (t.kind = 'backorder' or t.available_from > p_now)
  )
  select y.channel_id, y.variant_id, y.atp, y.ahead, y.ahead_from, y.buffer, y.cap, y.stop_selling_at,
    case when y.atp + y.ahead::bigint <= y.stop_selling_at then 0
      else greatest(0, least(y.atp + y.ahead::bigint - y.buffer, coalesce(y.cap, 2147483647), 2147483647))::int end
  from (
    select c.id as channel_id, v.id as variant_id, x.atp, case when p.sell_ahead then coalesce(a.units, 0) else 0 end as ahead,
      case when p.sell_ahead then a.available_from end as ahead_from,
      -- A percentage keeps back whole units, rather one more than one less.
      case when p.buffer_percent > 0 then ceil(x.atp * p.buffer_percent / 100)::int else coalesce(k.units, p.buffer, 0) end as buffer, p.cap, coalesce(p.stop_selling_at, 0) as stop_selling_at
    from unnest(p_channels) c(id) cross join unnest(p_variants) v(id)
    left join channel_policies p on p.channel_id = c.id and p.valid_to is null
    left join risk_buffers k on k.channel_id = c.id and k.variant_id = v.id and k.valid_to is null and p.risk_margin is not null
    left join whole w on w.channel_id = c.id and w.variant_id = v.id
    left join made m on m.channel_id = c.id and m.bundle_id = v.id
    left join ahead a on a.variant_id = v.id
    cross join lateral (select least(coalesce(w.units, 0) + coalesce(m.units, 0), 2147483647)::int as atp) x
  ) y;
end $$;

drop function if exists channel_shown_1(bigint[], bigint[], timestamptz);
