-- What a command would do in every channel, without doing it.

-- Carries out one of the commands below within a block of which nothing remains: no row, no key, no number but what sequences gave out. look: {limit, channel?, field?,
-- after?} says which examples are told (dry_run_told_1). Answers {"answer": what the command answered, "told": null where it was refused}.
-- The command runs twice: once to learn of which SKUs it speaks, then after what they would show without it was worked out, for what others changed and nobody has sent yet,
-- and what is due by now, is not this command's doing. Who writes prices waits meanwhile, so that both looks see the same books. Of a change that begins or ends later, told.turns says
-- what each channel would change then (67_dry_run_turns.sql), told.fallsAway what would change then without it and will not, and told.later at how many more instants something may.
create or replace function dry_run_1(p_name text, cmd jsonb, look jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb;
  told jsonb;
  reach record;
  now_at timestamptz;
  without record;
  last_due bigint;
  instants timestamptz[] := '{}';
  later int := 0;
  turns jsonb := '[]';
  stands jsonb;
begin
  if p_name <> all(array['prices_set_1', 'prices_set_2', 'price_list_set_1', 'price_list_entries_1', 'price_list_approve_1', 'price_list_reject_1', 'price_list_end_1',
    'audience_put_1', 'price_policy_set_1', 'price_limits_set_1', 'tax_rates_set_1', 'tax_categories_set_1', 'exchange_rates_set_1', 'stock_change_2', 'variant_terms_1',
    'channel_set_1', 'bundle_set_1', 'guard_limits_set_1']) then
    raise exception '% cannot be dry run', p_name;
  end if;
  if p_name <> all(array['stock_change_2', 'variant_terms_1', 'bundle_set_1', 'guard_limits_set_1']) then
    perform pg_advisory_xact_lock(7312647, 0);
  end if;
  cmd := cmd - 'key';
  select coalesce(max(id), 0) into last_due from due;
  instants := dry_run_period(cmd, clock_timestamp());
  begin
    execute format('select %I($1)', p_name) into answer using cmd;
    if answer->>'outcome' = 'done' and p_name = 'guard_limits_set_1' then
      told := dry_run_limits(look, cmd->>'channel', clock_timestamp());
    elsif answer->>'outcome' = 'done' then
      select * into reach from dry_run_reach();
      if 'price' = any(reach.fields) and look->>'after' is null and coalesce(look->>'field', 'price') = 'price' then
        instants := dry_run_instants(cmd, last_due, clock_timestamp(), instants);
      else
        instants := '{}';
      end if;
    end if;
    raise exception using errcode = 'CN001', message = 'nothing of a dry run remains';
  exception when sqlstate 'CN001' then
    null;
  end;
  if answer->>'outcome' is distinct from 'done' or told is not null then
    return jsonb_build_object('answer', answer, 'told', told);
  end if;
  if cardinality(reach.touched) > coalesce((look->>'most')::int, 100000) then
    return jsonb_build_object('answer', answer, 'told', jsonb_build_object('touched', cardinality(reach.touched)));
  end if;
  now_at := clock_timestamp();
  select array_agg(d.channel_id) as channels, array_agg(d.variant_id) as variants, array_agg(d.field) as fields, array_agg(d.document) as documents, array_agg(d.held) as helds
  into without from dry_run_documents(reach.touched, reach.fields, now_at) d;
  -- Each instant is looked at twice, before the change and after it; of many SKUs, or many instants, only the first.
  later := cardinality(instants);
  instants := instants[:least(4, 40000 / greatest(cardinality(reach.touched), 1))];
  later := later - cardinality(instants);
  if cardinality(instants) > 0 then
    select coalesce(jsonb_agg(to_jsonb(t)), '[]') into turns from dry_run_turns(reach.touched, instants) t;
  end if;
  begin
    execute format('select %I($1)', p_name) into answer using cmd;
    if answer->>'outcome' = 'done' then
      told := dry_run_told_2(look, reach.touched, reach.fields, without.channels, without.variants, without.fields, without.documents, without.helds, now_at);
      if cardinality(instants) > 0 then
        select coalesce(jsonb_agg(to_jsonb(t)), '[]') into stands from dry_run_turns(reach.touched, instants) t;
        told := told || jsonb_build_object('turns', dry_run_then(look, instants, stands, turns), 'fallsAway', dry_run_falls(look, instants, stands, turns));
      end if;
      told := jsonb_build_object('turns', '[]'::jsonb, 'fallsAway', '[]'::jsonb) || told || jsonb_build_object('later', later);
    end if;
    raise exception using errcode = 'CN001', message = 'nothing of a dry run remains';
  exception when sqlstate 'CN001' then
    null;
  end;
  return jsonb_build_object('answer', answer, 'told', told);
end $$;

drop function if exists dry_run_told_1(jsonb);

-- What the limits of a channel that stand now would let pass, and what they would hold, of all that waits to go out there or is held already; told as dry_run_told_2 does, of each
-- field that the channel shows. Nothing else is changed by limits: what they would let pass stays held until a person decides.
create or replace function dry_run_limits(look jsonb, p_channel text, now_at timestamptz) returns jsonb language sql stable as $$
  with c as (
    select * from channels where code = p_channel
  ), shown as (
    select f.field, case f.field when 'stock' then c.publish_stock else c.publish_prices end and not c.paused as on_air from c cross join unnest(array['price', 'stock']) f(field)
    where exists (select from publications p where p.channel_id = c.id and p.field = f.field)
  ), waits as materialized (
    select p.listing_id, p.field, p.variant_id, case p.field when 'stock' then jsonb_build_object('quantity', p.expected) else p.accepted end as before,
      case p.field when 'stock' then jsonb_build_object('quantity', greatest((p.intended->>'quantity')::int - p.withheld, 0)) else p.intended end as after
    from c join publications p on p.channel_id = c.id join listings l on l.id = p.listing_id and l.state <> 'gone'
    where p.waiting_since is not null or p.state = 'quarantined'
  ), weighed as materialized (
    select o.field, g.listing_id, g.limit_name
    from (select field, array_agg(listing_id order by listing_id) as ids, array_agg(after order by listing_id) as vals from waits group by 1) o
    cross join c cross join lateral guard_weighed(c.id, o.field, o.ids, o.vals, false, now_at) g
  ), judged as materialized (
    select w.*, case when not s.on_air then 'off' else coalesce(g.limit_name, 'goes') end as verdict
    from waits w join shown s on s.field = w.field left join weighed g on g.listing_id = w.listing_id and g.field = w.field
  )
  select jsonb_build_object('touched', (select count(distinct variant_id) from waits), 'accounts', '[]'::jsonb,
    'fields', coalesce((select jsonb_agg(jsonb_build_object('channel', c.code, 'field', s.field, 'listings', l.listings, 'moved', l.moved, 'allowed', l.allowed,
        'windowMinutes', (l.limits).window_minutes, 'refused', 0, 'changed', j.changed, 'goes', j.goes, 'off', j.off, 'quarantined', j.quarantined,
        'examples', coalesce(e.rows, '[]'), 'next', e.next) order by s.field)
      from c cross join shown s cross join lateral guard_window(c.id, s.field, now_at) l
      cross join lateral (select count(*) as changed, count(*) filter (where verdict = 'goes') as goes, count(*) filter (where verdict = 'off') as off,
          jsonb_strip_nulls(jsonb_build_object('changed', nullif(count(*) filter (where verdict = 'changed'), 0), 'dropped', nullif(count(*) filter (where verdict = 'dropped'), 0),
            'zeroed', nullif(count(*) filter (where verdict = 'zeroed'), 0))) as quarantined
        from judged where judged.field = s.field) j
      cross join lateral (select jsonb_agg(x.told order by x.listing_id) filter (where x.place <= (look->>'limit')::int) as rows,
          max(x.listing_id) filter (where x.place = (look->>'limit')::int and x.more) as next
        from (select w.listing_id, row_number() over (order by w.listing_id) as place, count(*) over () > (look->>'limit')::int as more,
            jsonb_build_object('listingId', w.listing_id, 'sku', v.sku, 'verdict', w.verdict, 'before', w.before, 'after', w.after) as told
          from judged w join variants v on v.id = w.variant_id
          where w.field = s.field and w.listing_id > coalesce((look->>'after')::bigint, 0) and c.code = coalesce(look->>'channel', c.code) and s.field = coalesce(look->>'field', s.field)
          order by w.listing_id limit (look->>'limit')::int + 1) x) e), '[]'))
$$;

-- Of which variants, and of which fields, what this transaction has written speaks. A list, a rate or a channel's policy may speak of any variant.
create or replace function dry_run_reach(out touched bigint[], out fields text[]) language sql stable as $$
  with mine as materialized (
    select f.* from change f where f.tx = pg_current_xact_id()
  ), whole as (
    select distinct a.id from mine f join accounts a on f.account_id = a.id or (f.account_id is null and f.variant_id is null)
    where f.kind = 'channel' or f.kind = 'price' and f.variant_id is null
  )
  select coalesce((select array_agg(distinct x.id) from (select unnest(coalesce(variant_ids, array[variant_id])) as id from mine
      union all select variant_id from publications where account_id in (select id from whole)) x where x.id is not null), '{}'),
    array_remove(array[case when exists (select from mine where kind <> 'stock') then 'price' end, case when exists (select from mine where kind <> 'price') then 'stock' end], null)
$$;

-- What the channels that publish these variants should show of them: {"quantity"} or a price; held says why there is no price.
create or replace function dry_run_documents(p_variants bigint[], p_fields text[], p_now timestamptz)
returns table (channel_id bigint, variant_id bigint, field text, document jsonb, held text) language plpgsql stable as $$
#variable_conflict use_column
begin
  if 'stock' = any(p_fields) then
    return query select s.channel_id, s.variant_id, 'stock', jsonb_build_object('quantity', s.shown), null::text
    from channel_shown_2((select array_agg(distinct coalesce(c.stock_lead_id, c.id)) from publications p join channels c on c.id = p.channel_id
      where p.field = 'stock' and p.variant_id = any(p_variants)), p_variants, p_now) s;
  end if;
  if 'price' = any(p_fields) then
    return query select s.channel_id, s.variant_id, 'price', s.price, s.held
    from channel_price_3((select array_agg(distinct p.channel_id) from publications p where p.field = 'price' and p.variant_id = any(p_variants)), p_variants, p_now, false) s;
  end if;
end $$;

-- What this transaction has written would change in the channels beside what they would show without it: {"touched", "fields": [{channel, field, listings, changed, goes, refused,
-- off, quarantined: {limit: n}, examples: [{listingId, sku, before, after, verdict, words?}], next}], "accounts": [{account, platform, scale, skus, families}]}. verdict: goes,
-- refused (held between floor and ceiling), off (the channel is not published), or the limit of the guard, which goes by what the platform has.
create or replace function dry_run_told_2(look jsonb, touched bigint[], p_fields text[], w_channels bigint[], w_variants bigint[], w_fields text[],
  w_documents jsonb[], w_helds text[], now_at timestamptz) returns jsonb language plpgsql as $$
declare
  told jsonb;
begin
  with pubs as materialized (
    select p.listing_id, p.field, p.channel_id, p.account_id, p.variant_id, p.intended, p.withheld, case p.field when 'stock' then coalesce(c.stock_lead_id, c.id) else c.id end as by_channel,
      l.external_sku, l.external_parent_id as parent,
      not c.paused and case p.field when 'stock' then c.publish_stock else c.publish_prices end as on_air
    from publications p join channels c on c.id = p.channel_id join listings l on l.id = p.listing_id and l.state <> 'gone' where p.variant_id = any(touched) and p.field = any(p_fields)
  ), without as materialized (
    select * from unnest(w_channels, w_variants, w_fields, w_documents, w_helds) w(channel_id, variant_id, field, document, held)
  ), stands as materialized (
    select d.* from dry_run_documents(touched, p_fields, now_at) d
  ), both_ways as (
    -- What is held, or has no price, leaves what was intended before.
    select p.*, s.document as after, case when p.field = 'price' then case when s.variant_id is null then 'no_price' else s.held end end as held, coalesce(w.document, p.intended) as before,
      case when p.field = 'price' then case when w.variant_id is null then 'no_price' else w.held end end as was_held
    from pubs p left join stands s on s.channel_id = p.by_channel and s.variant_id = p.variant_id and s.field = p.field
    left join without w on w.channel_id = p.by_channel and w.variant_id = p.variant_id and w.field = p.field
  ), compared as (
    select b.* from both_ways b where case when b.held is not null then b.held is distinct from b.was_held
      when b.field = 'stock' then b.after <> b.before else price_differs(b.after, b.before, now_at) end
  ), outgoing as materialized (
    select channel_id, field, array_agg(listing_id order by listing_id) as ids, array_agg(value order by listing_id) as vals from (
      select c.*, case c.field when 'stock' then jsonb_build_object('quantity', greatest((c.after->>'quantity')::int - c.withheld, 0)) else c.after end as value
      from compared c where c.held is null and c.on_air) x group by 1, 2
  ), weighed as materialized (
    select o.field, g.listing_id, g.limit_name from outgoing o cross join lateral guard_weighed(o.channel_id, o.field, o.ids, o.vals, true, now_at) g
  ), judged as materialized (
    select c.*, case when c.held is not null then 'refused' when not c.on_air then 'off' else coalesce(w.limit_name, 'goes') end as verdict
    from compared c left join weighed w on w.listing_id = c.listing_id and w.field = c.field
  ), summed as (
    select j.channel_id, j.field, count(*)::int as changed, count(*) filter (where verdict = 'goes')::int as goes, count(*) filter (where verdict = 'refused')::int as refused,
      count(*) filter (where verdict = 'off')::int as off, jsonb_strip_nulls(jsonb_build_object('changed', nullif(count(*) filter (where verdict = 'changed'), 0),
        'dropped', nullif(count(*) filter (where verdict = 'dropped'), 0), 'zeroed', nullif(count(*) filter (where verdict = 'zeroed'), 0))) as quarantined
    from judged j group by 1, 2
  )
  select jsonb_build_object('touched', cardinality(touched),
    'fields', coalesce((select jsonb_agg(jsonb_build_object('channel', c.code, 'field', s.field, 'listings', l.listings, 'moved', l.moved, 'allowed', l.allowed, 'windowMinutes', (l.limits).window_minutes, 'changed', s.changed, 'goes', s.goes,
        'refused', s.refused, 'off', s.off, 'quarantined', s.quarantined, 'examples', coalesce(e.rows, '[]'), 'next', e.next) order by c.code, s.field)
      from summed s join channels c on c.id = s.channel_id cross join lateral guard_window(s.channel_id, s.field, now_at) l
      cross join lateral (
        select jsonb_agg(x.told order by x.listing_id) filter (where x.place <= (look->>'limit')::int) as rows,
          max(x.listing_id) filter (where x.place = (look->>'limit')::int and x.more) as next
        from (
          select j.listing_id, row_number() over (order by j.listing_id) as place, count(*) over () > (look->>'limit')::int as more,
            jsonb_strip_nulls(jsonb_build_object('listingId', j.listing_id, 'sku', v.sku, 'verdict', j.verdict, 'words', case when j.held is not null then (
              select publication_held(j.channel_id, j.variant_id, j.held, j.before, b.floor, b.floor_why, b.ceiling, b.ceiling_why)->>'words'
              from (select 1) one left join price_bounds_1(j.channel_id, array[j.variant_id], now_at, 'infinity') b on true) end))
            || jsonb_build_object('before', j.before, 'after', j.after) as told
          from judged j join variants v on v.id = j.variant_id
          where j.channel_id = s.channel_id and j.field = s.field and j.listing_id > coalesce((look->>'after')::bigint, 0)
            and c.code = coalesce(look->>'channel', c.code) and s.field = coalesce(look->>'field', s.field)
          order by j.listing_id limit (look->>'limit')::int + 1) x) e), '[]'),
    'accounts', coalesce((select jsonb_agg(jsonb_build_object('account', a.name, 'platform', a.platform, 'scale', coalesce((a.settings->>'scale')::numeric, 1),
        'skus', x.skus, 'families', x.sizes) order by a.name)
      from (select account_id, sum(size)::int as skus, jsonb_agg(size) as sizes from (
        select account_id, parent, count(distinct external_sku)::int as size from judged where verdict = 'goes' group by 1, 2) f group by 1) x join accounts a on a.id = x.account_id), '[]'))
  into told;
  return told;
end $$;
