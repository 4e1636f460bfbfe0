-- Publishing: what is intended, what waits, and how each answer of a platform moves a field on.

-- Keeps `waiting_since`, `urgency` and `state` true to the numbers, whichever statement changed them.
create or replace function publication_waits() returns trigger language plpgsql as $$
declare
  target jsonb;
  differs boolean;
begin
  if new.field = 'stock' then
    target := jsonb_build_object('quantity', greatest((new.intended->>'quantity')::int - new.withheld, 0));
    differs := new.expected is null or new.expected <> (target->>'quantity')::int;
    -- Expected loss first: sold out, then too much shown on a scarce item, too much shown, back in stock, more of the same.
    new.urgency := case
      when (target->>'quantity')::int = 0 and coalesce(new.expected, 1) > 0 then 1
      when coalesce(new.expected, 2147483647) > (target->>'quantity')::int then case when (target->>'quantity')::int <= 5 then 2 else 3 end
      when coalesce(new.expected, 0) = 0 then 5 else 7 end;
  else
    target := new.intended;
    differs := new.accepted is null or new.accepted <> target;
    -- What is shown, or was sent ahead, stands below the floor of now: each sale there is a loss. Due at an instant that has come, it goes after what could be
    -- oversold and before everything else.
    new.urgency := case when num_nonnulls(new.floor, new.floor_ahead) > 0 and price_below_floor(new.accepted, new.floor, new.floor_ahead) then 0
      when new.intended_why ? 'turnedAt' then 4 else 6 end;
  end if;
  if new.held is not null and new.state <> 'sent' then
    -- There is no price that may be shown: what was intended before does not go out either.
    new.state := 'refused';
    new.reason_code := new.held->>'code';
    new.reason := new.held->>'words';
  elsif new.state = 'quarantined' then
    if differs and new.quarantined is not distinct from target then
      -- Just the value that is held back: until a person decides.
      new.waiting_since := null;
      return new;
    end if;
    -- The books say something else, or the platform has it: that is judged for itself.
    new.state := 'intended';
    new.reason := null;
    new.reason_code := null;
  end if;
  if new.quarantine_id is not null then
    update quarantine_items set left_at = clock_timestamp(), left_how = case when differs then 'changed' else 'shown' end
    where quarantine_id = new.quarantine_id and listing_id = new.listing_id and left_at is null;
    new.quarantine_id := null;
    new.quarantined := null;
  end if;
  if new.held is not null then
    new.waiting_since := null;
  elsif new.state = 'refused' and new.sent is not distinct from target then
    -- The platform said no to just this value: it is not asked again until the value or a person changes.
    new.waiting_since := null;
  elsif new.state = 'sent' then
    new.waiting_since := null;
  elsif differs then
    new.state := 'intended';
    new.waiting_since := coalesce(new.waiting_since, clock_timestamp());
  else
    new.waiting_since := null;
    new.retry_at := null;
    if new.state in ('intended', 'refused') then
      -- What the platform shows came to be what we want, without a call.
      new.state := case when new.applied is not null and (new.field = 'stock' or new.applied = target) then 'applied' else 'accepted' end;
      new.reason := null;
      new.reason_code := null;
    end if;
  end if;
  return new;
end $$;

create or replace trigger publication_waits before insert or update on publications for each row execute function publication_waits();

-- Recomputes what the listings of an account should show, for some variants or (null) for all, and notes what changed. Answers the number of
-- changed fields. One at a time per account: of two at once the one with the older view could write last.
-- Where one stock serves several channels it is published once per SKU: on the leading channel's listing, else on the first that there is.
create or replace function publications_intend_1(p_account bigint, p_variants bigint[], p_now timestamptz) returns int language plpgsql as $$
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
    select l.id as listing_id, l.channel_id, l.variant_id, l.shown_quantity, l.shown_price, coalesce(c.stock_lead_id, c.id) as stock_channel,
      row_number() over (partition by l.external_sku, coalesce(c.stock_lead_id, c.id), case when c.stock_lead_id is null then l.id end,
        exists (select from listings own where own.account_id = l.account_id and own.external_sku = l.external_sku and own.channel_id = c.stock_lead_id
          and own.variant_id is not null and own.state <> 'gone')
        order by l.channel_id) as turn,
      c.stock_lead_id is not null and exists (select from listings own where own.account_id = l.account_id and own.external_sku = l.external_sku
        and own.channel_id = c.stock_lead_id and own.variant_id is not null and own.state <> 'gone') as is_led
    from listings l join channels c on c.id = l.channel_id
    where l.account_id = p_account and l.variant_id is not null and l.state <> 'gone' and (p_variants is null or l.variant_id = any(p_variants))
  ), priced as materialized (
    select c.listing_id, c.channel_id, c.variant_id, c.shown_price, s.price, s.why, s.held
    from candidates c
    join lateral (select * from channel_price_2(
      (select array_agg(distinct channel_id) from candidates), (select array_agg(distinct variant_id) from candidates), price_at) offset 0) s
      on s.channel_id = c.channel_id and s.variant_id = c.variant_id
    where s.price is not null or s.held is not null
  ), bound as materialized (
    select x.channel_id, b.* from (select channel_id, array_agg(distinct variant_id) as ids from priced group by 1) x
    cross join lateral price_bounds_1(x.channel_id, x.ids, price_at, 'infinity') b
  ), bound_ahead as materialized (
    -- What is sent ahead is held against the floor of its beginning.
    select x.channel_id, x.begins, b.variant_id, b.floor
    from (select channel_id, price->'sale'->>'from' as begins, array_agg(distinct variant_id) as ids from priced where price->'sale'->>'from' is not null group by 1, 2) x
    cross join lateral price_bounds_1(x.channel_id, x.ids, x.begins::timestamptz, 'infinity') b
  ), ceded as (
    delete from publications p using candidates c where p.listing_id = c.listing_id and p.field = 'stock' and (c.is_led or c.turn > 1)
  ), wanted as (
    select c.listing_id, 'stock' as field, c.channel_id, c.variant_id, jsonb_build_object('quantity', s.shown) as intended,
      jsonb_build_object('atp', s.atp, 'buffer', s.buffer, 'cap', s.cap, 'stopSellingAt', s.stop_selling_at)
        || case when s.ahead > 0 then jsonb_build_object('ahead', s.ahead) else '{}' end as why,
      c.shown_quantity as expected, null::jsonb as accepted, null::numeric as floor, null::numeric as floor_ahead, null::jsonb as held
    from candidates c
    join lateral (select * from channel_shown_2(
      (select array_agg(distinct stock_channel) from candidates), (select array_agg(distinct variant_id) from candidates), p_now) offset 0) s
      on s.channel_id = c.stock_channel and s.variant_id = c.variant_id
    where not c.is_led and c.turn = 1
    union all
    select c.listing_id, 'price', c.channel_id, c.variant_id, case when x.takes_back then p.accepted || '{"sale": null}' else c.price end,
      case when x.takes_back then '{"withdrawn": true}' else c.why end, null, c.shown_price, case when not x.takes_back then b.floor end, case when not x.takes_back then a.floor end,
      case when x.is_held and not x.takes_back
        then publication_held(c.channel_id, c.variant_id, coalesce(c.held, 'below_floor'), c.price, b.floor, b.floor_why, b.ceiling, b.ceiling_why) end
    from priced c left join bound b on b.channel_id = c.channel_id and b.variant_id = c.variant_id
    left join bound_ahead a on a.channel_id = c.channel_id and a.variant_id = c.variant_id and a.begins = c.price->'sale'->>'from'
    left join publications p on p.listing_id = c.listing_id and p.field = 'price'
    cross join lateral (select h.is_held, h.is_held and coalesce((p.accepted->'sale'->>'from')::timestamptz > p_now, false) as takes_back
      -- Held, and a sale was sent ahead: it is taken back first, before the platform begins it by itself.
      from (select c.held is not null or price_below_floor(c.price, b.floor, a.floor) as is_held) h) x
    union all
    -- A price that was taken away does not go out any more, and a person hears what the platform goes on showing; a sale that was sent ahead is taken back.
    select c.listing_id, 'price', c.channel_id, c.variant_id, case when x.is_ahead then p.accepted || '{"sale": null}' end, '{"withdrawn": true}', null, c.shown_price, null, null,
      case when not x.is_ahead then publication_held(c.channel_id, c.variant_id, 'no_price', p.accepted, null, null, null, null) end
    from candidates c join publications p on p.listing_id = c.listing_id and p.field = 'price'
    cross join lateral (select coalesce((p.accepted->'sale'->>'from')::timestamptz > p_now, false) as is_ahead) x
    where not exists (select from priced x where x.listing_id = c.listing_id)
  ), current as (
    -- What is held leaves what was intended before; where nothing was, what the platform shows.
    select w.listing_id, w.field, w.channel_id, w.variant_id, case when w.held is null then w.intended else coalesce(p.intended, w.accepted) end as intended, w.why,
      w.expected, w.accepted, w.floor, w.floor_ahead, w.held, p.intended as before, p.floor as floor_before, p.floor_ahead as floor_ahead_before, p.held as held_before,
      coalesce(p.own_orders, 0) as own_orders
    from wanted w left join publications p on p.listing_id = w.listing_id and p.field = w.field
  ), turned as materialized (
    -- Prices that began or ended by their dates since the document was last reckoned.
    select p.listing_id, max(t.at) as at
    from (select * from current where field = 'price' and before is distinct from intended) d join publications p on p.listing_id = d.listing_id and p.field = 'price'
    join price_turned_1((select array_agg(distinct variant_id) from current where field = 'price' and before is distinct from intended),
      (select min(least(o.intended_at, p_now)) from current x join publications o on o.listing_id = x.listing_id and o.field = 'price' where x.before is distinct from x.intended), price_at) t
      on t.variant_id = d.variant_id and t.at > least(p.intended_at, p_now) group by p.listing_id
  ), changed as (
    insert into publications (listing_id, field, account_id, channel_id, variant_id, intended, intended_why, expected, accepted, applied, applied_at, own_orders,
      is_first, floor, floor_ahead, held)
    select current.listing_id, field, p_account, channel_id, variant_id, intended,
      current.why || case when turned.at is not null then jsonb_build_object('turnedAt', price_instant(turned.at)) else '{}' end
        -- What was reckoned ahead does not show before it is right.
        || case when turned.at > p_now or field = 'price' and price_at > p_now and not current.why ? 'withdrawn' and (before is null or price_rates_begin(p_now, price_at))
          then jsonb_build_object('notBefore', price_instant(coalesce(turned.at, price_at))) else '{}' end,
      expected, accepted,
      case when field = 'stock' and expected is not null then jsonb_build_object('quantity', expected) else accepted end,
      case when expected is not null or accepted is not null then clock_timestamp() end, own_orders, held is null, floor, floor_ahead, held
    from current left join turned on turned.listing_id = current.listing_id and field = 'price'
    where intended is not null and (before is distinct from intended
      or field = 'price' and (floor is distinct from floor_before or floor_ahead is distinct from floor_ahead_before or held is distinct from held_before))
    order by current.listing_id, field
    on conflict (listing_id, field) do update set
      intended = excluded.intended, variant_id = excluded.variant_id, floor = excluded.floor, floor_ahead = excluded.floor_ahead, held = excluded.held,
      intended_why = case when excluded.held is not null then publications.intended_why else excluded.intended_why
        || case when publications.waiting_since is not null and publications.intended_why ? 'turnedAt'
          then jsonb_build_object('turnedAt', publications.intended_why->'turnedAt') else '{}' end end,
      intended_at = case when publications.intended = excluded.intended then publications.intended_at else greatest(clock_timestamp(), (excluded.intended_why->>'notBefore')::timestamptz) end,
      is_first = publications.is_first and publications.intended = excluded.intended,
      attempts = case when publications.intended = excluded.intended then publications.attempts else 0 end,
      -- What was held is asked anew: its reason was ours, not the platform's.
      state = case when publications.held is not null and excluded.held is null and publications.state = 'refused' then 'intended' else publications.state end,
      reason = case when publications.held is not null and excluded.held is null then null else publications.reason end,
      reason_code = case when publications.held is not null and excluded.held is null then null else publications.reason_code end,
      -- A raise may be waiting for a look at the platform; showing less never does.
      retry_at = case when publications.field = 'stock' and (excluded.intended->>'quantity')::int - publications.withheld < publications.expected
        then null else publications.retry_at end
    -- An order that was booked since we read has set a newer number; its own change row brings us here again.
    where publications.own_orders = excluded.own_orders
    returning listing_id, field, intended, intended_why, held
  )
  insert into publication_history (listing_id, field, event, value, why)
  select c.listing_id, c.field, case when c.held is null then 'intended' else 'held' end, c.intended, coalesce(c.held, c.intended_why)
  from changed c join current b on b.listing_id = c.listing_id and b.field = c.field
  where b.before is distinct from c.intended or b.held_before is distinct from c.held;
  get diagnostics n = row_count;
  perform guard_dissolve_1(p_account);
  return n;
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

-- What is published no more is not held back either.
create or replace function publication_leaves() returns trigger language plpgsql as $$
begin
  update quarantine_items set left_at = clock_timestamp(), left_how = 'changed'
  where quarantine_id = old.quarantine_id and listing_id = old.listing_id and left_at is null;
  return old;
end $$;
create or replace trigger publication_leaves before delete on publications for each row when (old.quarantine_id is not null) execute function publication_leaves();
