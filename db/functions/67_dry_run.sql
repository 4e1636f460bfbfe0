-- What a command would do in every channel, without doing it.

-- Carries out one of the commands below within a block of which nothing remains: no row, no key, no number but what sequences gave out. look: {limit, channel?, field?,
-- after?} says which examples are told (dry_run_told_1). Answers {"answer": what the command answered, "told": null where it was refused}.
create or replace function dry_run_1(p_name text, cmd jsonb, look jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb;
  told jsonb;
begin
  if p_name <> all(array['prices_set_1', 'prices_set_2', 'price_list_set_1', 'price_list_entries_1', 'price_list_approve_1', 'price_list_reject_1', 'price_list_end_1',
    'audience_put_1', 'price_policy_set_1', 'price_limits_set_1', 'tax_rates_set_1', 'tax_categories_set_1', 'exchange_rates_set_1', 'stock_change_2', 'variant_terms_1',
    'channel_set_1', 'bundle_set_1']) then
    raise exception '% cannot be dry run', p_name;
  end if;
  begin
    execute format('select %I($1)', p_name) into answer using cmd - 'key';
    if answer->>'outcome' = 'done' then
      told := dry_run_told_1(look);
    end if;
    raise exception using errcode = 'CN001', message = 'nothing of a dry run remains';
  exception when sqlstate 'CN001' then
    null;
  end;
  return jsonb_build_object('answer', answer, 'told', told);
end $$;

-- What this transaction has written would change in the channels: {"touched", "fields": [{channel, field, listings, changed, goes, refused, off, quarantined: {limit: n},
-- examples: [{listingId, sku, before, after, verdict, words?}], next}], "accounts": [{account, platform, scale, skus, families}]}. verdict: goes, refused (held between floor and ceiling),
-- off (the channel is not published), or the limit of the guard. Where more than 100,000 variants (look.most, in tests) are touched only
-- {"touched"}: it would hold locks for too long.
create or replace function dry_run_told_1(look jsonb) returns jsonb language plpgsql as $$
declare
  now_at timestamptz := clock_timestamp();
  touched bigint[];
  whole bigint[];
  told jsonb;
begin
  -- A list, a rate or a channel's policy may speak of any variant.
  select array_agg(distinct a.id) into whole from change f join accounts a on f.account_id = a.id or (f.account_id is null and f.variant_id is null)
  where f.tx = pg_current_xact_id() and (f.kind = 'channel' or f.kind = 'price' and f.variant_id is null);
  select coalesce(array_agg(distinct x.id), '{}') into touched from (
    select variant_id as id from change where tx = pg_current_xact_id() and variant_id is not null
    union all select variant_id from publications where account_id = any(whole)) x;
  if cardinality(touched) > coalesce((look->>'most')::int, 100000) then
    return jsonb_build_object('touched', cardinality(touched));
  end if;
  with pubs as materialized (
    select p.listing_id, p.field, p.channel_id, p.account_id, p.variant_id, p.intended, p.withheld, coalesce(c.stock_lead_id, c.id) as stock_channel, l.external_sku,
      l.external_parent_id as parent,
      not c.paused and case p.field when 'stock' then c.publish_stock else c.publish_prices end as on_air
    from publications p join channels c on c.id = p.channel_id join listings l on l.id = p.listing_id and l.state <> 'gone' where p.variant_id = any(touched)
  ), stock as materialized (
    select s.channel_id, s.variant_id, jsonb_build_object('quantity', s.shown) as shown
    from channel_shown_2((select array_agg(distinct stock_channel) from pubs where field = 'stock'), touched, now_at) s
  ), price as materialized (
    select s.* from channel_price_2((select array_agg(distinct channel_id) from pubs where field = 'price'), touched, now_at) s
  ), compared as (
    select p.*, s.shown as after, null::text as held from pubs p join stock s on s.channel_id = p.stock_channel and s.variant_id = p.variant_id
    where p.field = 'stock' and s.shown <> p.intended
    union all
    select p.*, s.price, case when s.variant_id is null then 'no_price' else s.held end from pubs p left join price s on s.channel_id = p.channel_id and s.variant_id = p.variant_id
    where p.field = 'price' and (s.variant_id is null or s.held is not null or price_promise(s.price, now_at) <> price_promise(p.intended, now_at))
  ), limits as materialized (
    select x.channel_id, x.field, l as limits, n.listings, guard_allowed(l, x.field, n.listings)
      - (select count(*)::int from guard_moves m where m.channel_id = x.channel_id and m.field = x.field and m.moved_at > now_at - make_interval(mins => l.window_minutes)) as left_over
    from (select distinct channel_id, field from compared) x cross join lateral guard_limits_of(x.channel_id) l
    cross join lateral (select count(*)::int as listings from publications p join listings l on l.id = p.listing_id and l.state <> 'gone'
      where p.channel_id = x.channel_id and p.field = x.field) n
  ), weighed as (
    select c.*, l.left_over, c.field = 'price' and c.held is null and price_dropped(c.intended, c.after, (l.limits).drop_percent) as drops,
      c.held is null and (c.field = 'price' or (c.intended->>'quantity')::int > 0 and (c.after->>'quantity')::int = 0)
        and not exists (select from guard_moves m where m.listing_id = c.listing_id and m.field = c.field
          and m.moved_at > now_at - make_interval(mins => (l.limits).window_minutes)) as counts
    from compared c join limits l on l.channel_id = c.channel_id and l.field = c.field
  ), judged as materialized (
    select w.*, case
      when w.held is not null then 'refused'
      when not w.on_air then 'off'
      when w.drops then 'dropped'
      when w.counts and count(*) filter (where w.counts and not coalesce(w.drops, false)) over (partition by w.channel_id, w.field order by w.listing_id) > w.left_over
        then case w.field when 'price' then 'changed' else 'zeroed' end
      else 'goes' end as verdict
    from weighed w
  ), summed as (
    select j.channel_id, j.field, count(*)::int as changed, count(*) filter (where verdict = 'goes')::int as goes, count(*) filter (where verdict = 'refused')::int as refused,
      count(*) filter (where verdict = 'off')::int as off, jsonb_strip_nulls(jsonb_build_object('changed', nullif(count(*) filter (where verdict = 'changed'), 0),
        'dropped', nullif(count(*) filter (where verdict = 'dropped'), 0), 'zeroed', nullif(count(*) filter (where verdict = 'zeroed'), 0))) as quarantined
    from judged j group by 1, 2
  )
  select jsonb_build_object('touched', cardinality(touched),
    'fields', coalesce((select jsonb_agg(jsonb_build_object('channel', c.code, 'field', s.field, 'listings', l.listings, 'changed', s.changed, 'goes', s.goes,
        'refused', s.refused, 'off', s.off, 'quarantined', s.quarantined, 'examples', coalesce(e.rows, '[]'), 'next', e.next) order by c.code, s.field)
      from summed s join channels c on c.id = s.channel_id join limits l on l.channel_id = s.channel_id and l.field = s.field
      cross join lateral (
        select jsonb_agg(x.told order by x.listing_id) filter (where x.place <= (look->>'limit')::int) as rows,
          max(x.listing_id) filter (where x.place = (look->>'limit')::int and x.more) as next
        from (
          select j.listing_id, row_number() over (order by j.listing_id) as place, count(*) over () > (look->>'limit')::int as more,
            jsonb_strip_nulls(jsonb_build_object('listingId', j.listing_id, 'sku', v.sku, 'verdict', j.verdict, 'words', case when j.held is not null then (
              select publication_held(j.channel_id, j.variant_id, j.held, null, b.floor, b.floor_why, b.ceiling, b.ceiling_why)->>'words'
              from (select 1) one left join price_bounds_1(j.channel_id, array[j.variant_id], now_at, 'infinity') b on true) end))
            || jsonb_build_object('before', j.intended, 'after', j.after) as told
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
