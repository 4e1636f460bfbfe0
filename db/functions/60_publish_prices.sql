-- Publishing prices: what is intended, and why a price is held.

-- The price documents that listings of an account should show, as publications_intend_stock_1 does stock. Reasons are told of what is written only: to tell those of
-- all costs more than to reckon them.
create or replace function publications_intend_prices_1(p_account bigint, p_variants bigint[], p_now timestamptz) returns int language plpgsql as $$
declare
  n int;
  -- Prices are reckoned as of an instant that is just about to come.
  price_at timestamptz;
begin
  perform pg_advisory_xact_lock(7312646, p_account::int);
  -- Who waited for another meanwhile looks at the prices of now: a sale that began since would be taken back, and nothing would tell it again.
  p_now := greatest(p_now, clock_timestamp());
  price_at := price_reckoned_at(coalesce(p_variants, (select array_agg(distinct variant_id) from listings
    where account_id = p_account and variant_id is not null and state <> 'gone')), p_now);
  with candidates as (
    select l.id as listing_id, l.channel_id, l.variant_id, l.shown_price from listings l
    where l.account_id = p_account and l.variant_id is not null and l.state <> 'gone' and (p_variants is null or l.variant_id = any(p_variants))
  ), priced as materialized (
    select c.listing_id, c.channel_id, c.variant_id, c.shown_price, s.price, s.held, s.floor
    from candidates c
    join lateral (select * from channel_price_3(
      (select array_agg(distinct channel_id) from candidates), (select array_agg(distinct variant_id) from candidates), price_at, false) offset 0) s
      on s.channel_id = c.channel_id and s.variant_id = c.variant_id
    where s.price is not null or s.held is not null
  ), bound_ahead as materialized (
    -- What is sent ahead is held against the floor of its beginning.
    select x.channel_id, x.begins, b.variant_id, b.floor
    from (select channel_id, price->'sale'->>'from' as begins, array_agg(distinct variant_id) as ids from priced where price->'sale'->>'from' is not null group by 1, 2) x
    cross join lateral price_clamps_1(x.channel_id, x.ids, x.begins::timestamptz, 'infinity') b
  ), judged as materialized (
    -- Held, and a sale was sent ahead: it is taken back first, before the platform begins it by itself.
    select c.*, a.floor as floor_ahead, p.accepted, h.is_held, h.is_held and coalesce((p.accepted->'sale'->>'from')::timestamptz > p_now, false) as takes_back
    from priced c left join bound_ahead a on a.channel_id = c.channel_id and a.variant_id = c.variant_id and a.begins = c.price->'sale'->>'from'
    left join publications p on p.listing_id = c.listing_id and p.field = 'price'
    cross join lateral (select c.held is not null or price_below_floor(c.price, c.floor, a.floor) as is_held) h
  ), bound as materialized (
    select x.channel_id, b.* from (select channel_id, array_agg(distinct variant_id) as ids from judged where is_held and not takes_back group by 1) x
    cross join lateral price_bounds_1(x.channel_id, x.ids, price_at, 'infinity') b
  ), wanted as (
    select c.listing_id, c.channel_id, c.variant_id, case when c.takes_back then c.accepted || '{"sale": null}' else c.price end as intended,
      c.takes_back as withdrawn, c.shown_price as accepted, case when not c.takes_back then c.floor end as floor, case when not c.takes_back then c.floor_ahead end as floor_ahead,
      case when c.is_held and not c.takes_back
        then publication_held(c.channel_id, c.variant_id, coalesce(c.held, 'below_floor'), c.price, b.floor, b.floor_why, b.ceiling, b.ceiling_why) end as held
    from judged c left join bound b on c.is_held and b.channel_id = c.channel_id and b.variant_id = c.variant_id
    union all
    -- A price that was taken away does not go out any more, and a person hears what the platform goes on showing; a sale that was sent ahead is taken back.
    select c.listing_id, c.channel_id, c.variant_id, case when x.is_ahead then p.accepted || '{"sale": null}' end, true, c.shown_price, null, null,
      case when not x.is_ahead then publication_held(c.channel_id, c.variant_id, 'no_price', p.accepted, null, null, null, null) end
    from candidates c join publications p on p.listing_id = c.listing_id and p.field = 'price'
    cross join lateral (select coalesce((p.accepted->'sale'->>'from')::timestamptz > p_now, false) as is_ahead) x
    where not exists (select from priced x where x.listing_id = c.listing_id)
  ), current as materialized (
    -- What differs. What is held leaves what was intended before; where nothing was, what the platform shows.
    select x.* from (
      select w.*, case when w.held is null then w.intended else coalesce(p.intended, w.accepted) end as target, p.intended as before, p.floor as floor_before,
        p.floor_ahead as floor_ahead_before, p.held as held_before, p.intended_at
      from wanted w left join publications p on p.listing_id = w.listing_id and p.field = 'price'
    ) x
    where x.target is not null and (x.before is distinct from x.target
      or x.floor is distinct from x.floor_before or x.floor_ahead is distinct from x.floor_ahead_before or x.held is distinct from x.held_before)
  ), told as materialized (
    select s.channel_id, s.variant_id, s.why from channel_price_3(
      (select array_agg(distinct channel_id) from current where not withdrawn), (select array_agg(distinct variant_id) from current where not withdrawn), price_at, true) s
  ), turned as materialized (
    -- Prices that began or ended by their dates since the document was last reckoned.
    select d.listing_id, max(t.at) as at
    from (select * from current where before is distinct from target and intended_at is not null) d
    join price_turned_1((select array_agg(distinct variant_id) from current where before is distinct from target),
      (select min(least(intended_at, p_now)) from current where before is distinct from target and intended_at is not null), price_at) t
      on t.variant_id = d.variant_id and t.at > least(d.intended_at, p_now) group by d.listing_id
  ), changed as (
    insert into publications (listing_id, field, account_id, channel_id, variant_id, intended, intended_why, accepted, applied, applied_at, is_first, floor, floor_ahead, held)
    select c.listing_id, 'price', p_account, c.channel_id, c.variant_id, c.target,
      case when c.withdrawn then '{"withdrawn": true}' else told.why end || case when turned.at is not null then jsonb_build_object('turnedAt', price_instant(turned.at)) else '{}' end
        -- What was reckoned ahead does not show before it is right.
        || case when turned.at > p_now or price_at > p_now and not c.withdrawn and (c.before is null or price_rates_begin(p_now, price_at))
          then jsonb_build_object('notBefore', price_instant(coalesce(turned.at, price_at))) else '{}' end,
      c.accepted, c.accepted, case when c.accepted is not null then clock_timestamp() end, c.held is null, c.floor, c.floor_ahead, c.held
    from current c left join told on told.channel_id = c.channel_id and told.variant_id = c.variant_id left join turned on turned.listing_id = c.listing_id
    order by c.listing_id
    on conflict (listing_id, field) do update set
      intended = excluded.intended, variant_id = excluded.variant_id, floor = excluded.floor, floor_ahead = excluded.floor_ahead, held = excluded.held,
      intended_why = case when excluded.held is not null then publications.intended_why else excluded.intended_why
        || case when publications.waiting_since is not null and publications.intended_why ? 'turnedAt'
          then jsonb_build_object('turnedAt', publications.intended_why->'turnedAt') else '{}' end
        -- Where only a floor moved, the price still has to wait for its instant.
        || case when publications.intended = excluded.intended and (publications.intended_why->>'notBefore')::timestamptz > clock_timestamp()
          then jsonb_build_object('notBefore', publications.intended_why->'notBefore') else '{}' end end,
      intended_at = case when publications.intended = excluded.intended then publications.intended_at else greatest(clock_timestamp(), (excluded.intended_why->>'notBefore')::timestamptz) end,
      is_first = publications.is_first and publications.intended = excluded.intended,
      attempts = case when publications.intended = excluded.intended then publications.attempts else 0 end,
      -- What was held is asked anew: its reason was ours, not the platform's.
      state = case when publications.held is not null and excluded.held is null and publications.state = 'refused' then 'intended' else publications.state end,
      reason = case when publications.held is not null and excluded.held is null then null else publications.reason end,
      reason_code = case when publications.held is not null and excluded.held is null then null else publications.reason_code end
    returning listing_id, intended, intended_why, held
  )
  insert into publication_history (listing_id, field, event, value, why)
  select c.listing_id, 'price', case when c.held is null then 'intended' else 'held' end, c.intended, coalesce(c.held, c.intended_why)
  from changed c
  -- Where only a floor moved, there is nothing to tell. (Looked up by hash, however few are expected: a join of two such sets may be planned row by row.)
  where c.listing_id not in (select b.listing_id from current b where b.before is not distinct from b.target and b.held_before is not distinct from b.held);
  get diagnostics n = row_count;
  perform guard_dissolve_1(p_account);
  return n;
end $$;

-- Both at once, as called by the release before: publications are locked in one order first.
create or replace function publications_intend_1(p_account bigint, p_variants bigint[], p_now timestamptz) returns int language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7312646, p_account::int);
  perform from publications where account_id = p_account and (p_variants is null or variant_id = any(p_variants)) order by listing_id, field for update;
  return publications_intend_stock_1(p_account, p_variants, p_now) + publications_intend_prices_1(p_account, p_variants, p_now);
end $$;

-- Which exchange rates the limits of a variant in a channel lack, with the command that enters each; null: none.
create or replace function publication_lacks(c channels, v variants) returns text language sql stable as $$
  select string_agg(format('no exchange rate from %s to %s is known ("concord price exchange %s %s RATE")', x.currency, c.currency, x.currency, c.currency), ', ' order by x.currency)
  from (select distinct coalesce(l.currency, k.currency) as currency from price_limits l left join lateral variant_cost_at(v.id, 'infinity') k on l.basis = 'margin'
    where l.valid_to is null and (l.channel_id is null or l.channel_id = c.id)
      and (l.scope = 'all' or l.variant_id = v.id or l.product_id = v.product_id or l.category = (select p.category from products p where p.id = v.product_id))) x
  where x.currency is not null and exchange_rate_at(x.currency, c.currency, clock_timestamp(), 'infinity') is null
$$;

-- Why a price is held, for a person: {code, floor, ceiling, words}.
create or replace function publication_held(p_channel bigint, p_variant bigint, p_code text, p_price jsonb, p_floor numeric, p_floor_why jsonb, p_ceiling numeric, p_ceiling_why jsonb)
returns jsonb language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object('code', p_code, 'sku', v.sku, 'channel', c.code, 'currency', c.currency, 'floor', trim_scale(p_floor)::text,
    'floorWhy', p_floor_why, 'ceiling', trim_scale(p_ceiling)::text, 'ceilingWhy', p_ceiling_why, 'words', case p_code
      when 'floor_above_ceiling' then format('%s has no price in %s: its floor of %s %s (%s) leaves none below its ceiling of %s %s (%s); lower the floor or raise the ceiling',
        v.sku, c.code, trim_scale(p_floor), c.currency, p_floor_why->>'basis', trim_scale(p_ceiling), c.currency, p_ceiling_why->>'basis')
      when 'limit_unknown' then format('%s has no price in %s: one of its floors or ceilings cannot be reckoned, as %s; enter the rate', v.sku, c.code,
        coalesce(publication_lacks(c, v), format('an exchange rate to %s or the tax rate of its category (%s) is missing', c.currency, v.tax_category)))
      when 'no_price' then format('%s has no price in %s any more%s; set a price', v.sku, c.code,
        case when p_price->>'regular' is not null
          then format(': the platform goes on showing %s %s', trim_scale((p_price->>'regular')::numeric), p_price->>'currency') else '' end)
      else format('%s has no price in %s: %s %s would be below its floor of %s %s; set the price anew', v.sku, c.code, trim_scale(price_least(p_price)), c.currency,
        trim_scale(p_floor), c.currency) end))
  from channels c cross join variants v where c.id = p_channel and v.id = p_variant
$$;
