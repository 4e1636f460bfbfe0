-- The guard, asked before anything is sent: what a change would do, and what a person let pass of it.

-- What variants' prices would do to what is intended now, listing by listing, in the channels whose prices are published, at an instant that may
-- be to come. Called where the new prices stand already. changed: it differs from what is intended now; adds, dropped: as guard_weighed tells them, so that parts of one
-- change may be weighed one after the other and added up; limit_name: what the guard would hold it for, where this is all of the change.
drop function if exists price_guard_weighed_1(bigint[]);
create or replace function price_guard_weighed_1(p_variants bigint[], p_at timestamptz default clock_timestamp())
returns table (channel_id bigint, listing_id bigint, variant_id bigint, before jsonb, after jsonb, held text, changed boolean, adds boolean, dropped boolean, limit_name text)
language sql stable as $$
  with told as materialized (
    select w.channel_id, w.listing_id, w.variant_id, w.intended, s.price, s.held
    from (select p.channel_id, p.listing_id, p.variant_id, p.intended from publications p join channels c on c.id = p.channel_id and c.publish_prices
      join listings l on l.id = p.listing_id and l.state <> 'gone' where p.field = 'price' and p.variant_id = any(p_variants)) w
    join channel_price_3((select array_agg(id) from channels where publish_prices), p_variants, p_at, false) s on s.channel_id = w.channel_id and s.variant_id = w.variant_id
  ), weighed as materialized (
    select g.* from (select channel_id, array_agg(listing_id order by listing_id) as ids, array_agg(price order by listing_id) as vals from told where price is not null group by 1) t
    cross join lateral guard_weighed(t.channel_id, 'price', t.ids, t.vals, true, p_at) g
  )
  select t.channel_id, t.listing_id, t.variant_id, t.intended, t.price, t.held,
    t.price is not null and price_differs(t.price, t.intended, p_at),
    coalesce(g.adds, false), coalesce(g.limit_name = 'dropped', false), g.limit_name
  from told t left join weighed g on g.listing_id = t.listing_id
$$;

-- Stores values that a person let pass before they are intended: exactly these go out without being counted.
create or replace function guard_approve_documents_1(p_field text, p_listings bigint[], p_values jsonb[], p_actor text) returns int language plpgsql as $$
declare
  n int;
begin
  insert into guard_approvals (listing_id, field, value, approved_by)
  select distinct on (u.id) u.id, p_field, u.v, p_actor from unnest(p_listings, p_values) u(id, v) where u.v is not null order by u.id
  on conflict (listing_id, field) do update set value = excluded.value, approved_by = excluded.approved_by, approved_at = clock_timestamp();
  get diagnostics n = row_count;
  return n;
end $$;

-- What the guard would hold of an approved list's prices when they begin to show, of these SKUs of it: [{channel, at, listings, moved, allowed, windowMinutes, held, changed, dropped,
-- changedPercent?, dropPercent?, examples: [{sku, limit, before, after}], accepted}], of the channels in which something would be held; null: nowhere. Dates of a sale go out ahead, and
-- are judged as they do. p_accept: somebody takes it, so that just these values pass then.
create or replace function price_list_guard(t price_list_terms, p_variants bigint[], p_now timestamptz, p_accept boolean, p_actor text) returns jsonb language plpgsql as $$
declare
  at timestamptz := case when t.kind = 'price' then greatest(t.starts_at, p_now) else p_now end;
  told jsonb;
  ids bigint[];
  vals jsonb[];
begin
  with weighed as materialized (
    select w.*, bool_or(w.limit_name is not null) over (partition by w.channel_id) as is_held from price_guard_weighed_1(p_variants, at) w
  ), held as (
    select w.channel_id, count(*)::int as n, count(*) filter (where w.limit_name = 'changed')::int as changed, count(*) filter (where w.limit_name = 'dropped')::int as dropped,
      (array_agg(jsonb_build_object('sku', v.sku, 'limit', w.limit_name, 'before', w.before, 'after', w.after) order by w.limit_name desc, w.listing_id))[:5] as examples
    from weighed w join variants v on v.id = w.variant_id where w.limit_name is not null group by 1
  )
  select (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('channel', c.code, 'at', price_instant(at), 'listings', g.listings, 'moved', g.moved, 'allowed', g.allowed,
        'windowMinutes', (g.limits).window_minutes, 'held', h.n, 'changed', h.changed, 'dropped', h.dropped, 'changedPercent', trim_scale((g.limits).changed_percent)::text,
        'dropPercent', trim_scale((g.limits).drop_percent)::text, 'accepted', p_accept)) || jsonb_build_object('examples', to_jsonb(h.examples)) order by c.code)
      from held h join channels c on c.id = h.channel_id cross join lateral guard_window(h.channel_id, 'price', at) g),
    (select array_agg(w.listing_id) from weighed w where w.is_held and (w.changed or w.dropped)), (select array_agg(w.after) from weighed w where w.is_held and (w.changed or w.dropped))
  into told, ids, vals;
  if p_accept and ids is not null then
    perform guard_approve_documents_1('price', ids, vals, p_actor);
  end if;
  return told;
end $$;
