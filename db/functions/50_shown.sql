-- What a channel should show. The same rules stand in src/domain/inventory/availability.ts and src/domain/pricing/price.ts; a property test holds
-- them equal.

-- Available to promise and shown quantity of variants in channels: shown = clamp(ATP + ahead - buffer, 0, cap), 0 at or below "stop selling at".
-- ATP is the sum over the channel's locations; a bundle has its whole ones and, at each location, what its parts there make. Ahead: what may be sold though
-- it is not there, where channel and SKU allow it. Holds and lots whose time is over count as gone already. Each place holds an int; their sum may be
-- more, and is shown as the most that there is.
create or replace function channel_shown_2(p_channels bigint[], p_variants bigint[], p_now timestamptz)
returns table (channel_id bigint, variant_id bigint, atp int, ahead int, ahead_from timestamptz, buffer int, cap int, stop_selling_at int, shown int)
language plpgsql stable as $$
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
    select r.variant_id, r.location_id, sum(r.quantity) as units from reservations r
    where r.state = 'open' and r.variant_id = any(wanted) and r.expires_at <= p_now group by 1, 2
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
      case when p.buffer_percent > 0 then ceil(x.atp * p.buffer_percent / 100)::int else coalesce(p.buffer, 0) end as buffer, p.cap, coalesce(p.stop_selling_at, 0) as stop_selling_at
    from unnest(p_channels) c(id) cross join unnest(p_variants) v(id)
    left join channel_policies p on p.channel_id = c.id and p.valid_to is null
    left join whole w on w.channel_id = c.id and w.variant_id = v.id
    left join made m on m.channel_id = c.id and m.bundle_id = v.id
    left join ahead a on a.variant_id = v.id
    cross join lateral (select least(coalesce(w.units, 0) + coalesce(m.units, 0), 2147483647)::int as atp) x
  ) y;
end $$;

-- As called by the release before.
create or replace function channel_shown_1(p_channels bigint[], p_variants bigint[], p_now timestamptz)
returns table (channel_id bigint, variant_id bigint, atp int, buffer int, cap int, stop_selling_at int, shown int) language sql stable as $$
  select channel_id, variant_id, atp, buffer, cap, stop_selling_at, shown from channel_shown_2(p_channels, p_variants, p_now)
$$;

-- The price document of variants in channels: {"currency", "regular", "sale": null | {"amount", "from", "to"}}; null where there is no regular price.
-- The channel's own price goes before everyone's. A dated price that is lower is a sale (in force, or the next one, sent ahead);
-- one that is not lower replaces the regular price while it is in force.
create or replace function channel_price_1(p_channels bigint[], p_variants bigint[], p_now timestamptz)
returns table (channel_id bigint, variant_id bigint, price jsonb) language sql stable as $$
  select c.id, v.id,
    case when regular.amount is null then null
      when dated.amount is null then jsonb_build_object('currency', c.currency, 'regular', trim_scale(regular.amount)::text, 'sale', null)
      when dated.amount >= regular.amount then jsonb_build_object('currency', c.currency,
        'regular', trim_scale(case when dated.starts_at <= p_now then dated.amount else regular.amount end)::text, 'sale', null)
      else jsonb_build_object('currency', c.currency, 'regular', trim_scale(regular.amount)::text, 'sale', jsonb_build_object(
        'amount', trim_scale(dated.amount)::text, 'from', to_char(dated.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'to', to_char(dated.ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) end
  from (select id, currency from channels where id = any(p_channels)) c cross join unnest(p_variants) v(id)
  left join lateral (
    select amount from prices p where p.variant_id = v.id and p.currency = c.currency and p.superseded_at is null and p.starts_at is null
      and (p.channel_id = c.id or p.channel_id is null) order by p.channel_id nulls last limit 1
  ) regular on true
  left join lateral (
    select amount, starts_at, ends_at from prices p where p.variant_id = v.id and p.currency = c.currency and p.superseded_at is null
      and p.starts_at is not null and (p.channel_id = c.id or p.channel_id is null) and (p.ends_at is null or p.ends_at > p_now)
    order by (p.starts_at <= p_now) desc, p.channel_id nulls last,
      case when p.starts_at <= p_now then p.starts_at end desc, p.starts_at, p.id limit 1
  ) dated on true
$$;

-- Sets prices: cmd.prices [{sku, channel?, currency, amount, from?, to?}]; amount null ends the price. All or none. A price that is the same stays.
-- Answers {"outcome": "done", "changed": n} or {"outcome": "unknown", line, field, value} or {"outcome": "mismatch", …} when the channel sells in another currency.
create or replace function prices_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  bad record;
  item record;
  old prices;
  fresh bigint;
  variant_ids bigint[];
  touched bigint[] := '{}';
begin
  if answer is not null then
    return answer;
  end if;
  select x.ord, l.* into bad from jsonb_array_elements(cmd->'prices') with ordinality x(p, ord)
  cross join lateral (select v.id as variant_id, c.id as channel_id, c.currency, x.p->>'sku' as sku, x.p->>'channel' as channel, x.p->>'currency' as asked
    from (select 1) one left join variants v on v.sku = x.p->>'sku' left join channels c on c.code = x.p->>'channel') l
  where l.variant_id is null or (l.channel is not null and (l.channel_id is null or l.currency <> l.asked)) order by x.ord limit 1;
  if found then
    return command_open(cmd, case
      when bad.variant_id is null then jsonb_build_object('outcome', 'unknown', 'line', bad.ord - 1, 'field', 'sku', 'value', bad.sku)
      when bad.channel_id is null then jsonb_build_object('outcome', 'unknown', 'line', bad.ord - 1, 'field', 'channel', 'value', bad.channel)
      else jsonb_build_object('outcome', 'mismatch', 'line', bad.ord - 1, 'field', 'currency', 'value', bad.asked, 'expected', bad.currency) end);
  end if;
  select array_agg(distinct v.id) into variant_ids from jsonb_array_elements(cmd->'prices') x join variants v on v.sku = x->>'sku';
  perform stock_lock(variant_ids);
  for item in
    select x.ord, v.id as variant_id, c.id as channel_id, x.p->>'currency' as currency, (x.p->>'amount')::numeric as amount,
      (x.p->>'from')::timestamptz as starts_at, (x.p->>'to')::timestamptz as ends_at
    from jsonb_array_elements(cmd->'prices') with ordinality x(p, ord)
    join variants v on v.sku = x.p->>'sku' left join channels c on c.code = x.p->>'channel' order by x.ord
  loop
    old := null;
    select * into old from prices p where p.variant_id = item.variant_id and p.currency = item.currency
      and p.channel_id is not distinct from item.channel_id and p.starts_at is not distinct from item.starts_at and p.superseded_at is null;
    continue when old.id is not null and old.amount = item.amount and old.ends_at is not distinct from item.ends_at;
    continue when old.id is null and item.amount is null;
    update prices set superseded_at = clock_timestamp() where id = old.id;
    if item.amount is not null then
      insert into prices (variant_id, channel_id, currency, amount, starts_at, ends_at, actor)
      values (item.variant_id, item.channel_id, item.currency, item.amount, item.starts_at, item.ends_at, coalesce(cmd->>'actor', 'system'))
      returning id into fresh;
      insert into due (at, what, ref_id)
      select t, 'price', fresh from unnest(array[item.starts_at, item.ends_at]) t where t > command_now(cmd);
    end if;
    touched := touched || item.variant_id;
  end loop;
  insert into change (kind, variant_id) select 'price', t from (select distinct unnest(touched) as t order by 1) x;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', cardinality(touched)));
end $$;

-- Carries out what is due by now, a bounded number at a time. Answers how many rows were taken.
create or replace function due_sweep_1(p_now timestamptz, p_limit int) returns int language plpgsql as $$
declare
  taken record;
begin
  with gone as (
    delete from due where id in (select id from due where at <= p_now order by at limit p_limit for update skip locked) returning what, ref_id
  )
  select count(*)::int as n,
    coalesce(array_agg(distinct coalesce(r.variant_id, l.variant_id)) filter (where r.state = 'open' or l.id is not null), '{}') as held,
    coalesce(array_agg(distinct p.variant_id) filter (where g.what = 'price'), '{}') as priced,
    coalesce(array_agg(distinct t.variant_id) filter (where g.what = 'terms'), '{}') as terms,
    -- What was expected by now: its ref_id is the variant (incoming_due).
    coalesce(array_agg(distinct g.ref_id) filter (where g.what = 'incoming'), '{}') as expected
  into taken
  from gone g left join reservations r on g.what = 'reservation' and r.id = g.ref_id left join prices p on g.what = 'price' and p.id = g.ref_id
  left join lots l on g.what = 'lot' and l.id = g.ref_id left join selling_terms t on g.what = 'terms' and t.id = g.ref_id;
  if cardinality(taken.held) > 0 then
    perform stock_lock(taken.held);
    perform stock_expire(taken.held, jsonb_build_object('now', p_now, 'actor', 'system'));
  end if;
  insert into change (kind, variant_id) select 'price', unnest(taken.priced);
  if cardinality(taken.terms || taken.expected) > 0 then
    perform stock_changed(taken.terms || taken.expected);
  end if;
  return taken.n;
end $$;
