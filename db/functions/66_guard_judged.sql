-- The guard, asked before anything is sent: what a change would do, and what a person let pass of it.

-- What variants' prices would do to what is intended now, listing by listing, in the channels whose prices are published. Called where the new prices stand already.
create or replace function price_guard_documents_1(p_variants bigint[])
returns table (channel_id bigint, listing_id bigint, variant_id bigint, before jsonb, after jsonb, held text, changed boolean, dropped boolean) language sql stable as $$
  with wanted as (
    select p.channel_id, p.listing_id, p.variant_id, p.intended from publications p join channels c on c.id = p.channel_id and c.publish_prices
    join listings l on l.id = p.listing_id and l.state <> 'gone'
    where p.field = 'price' and p.variant_id = any(p_variants)
  ), limits as (
    select x.id, (guard_limits_of(x.id)).drop_percent from (select distinct channel_id as id from wanted) x
  )
  select w.channel_id, w.listing_id, w.variant_id, w.intended, s.price, s.held,
    s.price is not null and price_promise(s.price, clock_timestamp()) <> price_promise(w.intended, clock_timestamp()),
    s.price is not null and m.drop_percent is not null and price_dropped(w.intended, s.price, m.drop_percent)
  from wanted w join limits m on m.id = w.channel_id
  join channel_price_2((select array_agg(id) from limits), (select array_agg(distinct variant_id) from wanted), clock_timestamp()) s
    on s.channel_id = w.channel_id and s.variant_id = w.variant_id
$$;

-- The same by channel, with the limit that it would break (null: none): called within a transaction in which the new prices stand, of which nothing need remain.
create or replace function price_guard_judge_1(p_variants bigint[])
returns table (channel_id bigint, listings int, changed int, dropped int, limit_broken text) language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with told as (
    select d.channel_id as id, count(*) filter (where d.changed)::int as changed, count(*) filter (where d.dropped)::int as dropped
    from price_guard_documents_1(p_variants) d group by 1
  ), counted as (
    select t.*, m as limits,
      (select count(*)::int from publications p join listings l on l.id = p.listing_id and l.state <> 'gone' where p.channel_id = t.id and p.field = 'price') as listings,
      (select count(*)::int from guard_moves g where g.channel_id = t.id and g.field = 'price' and g.moved_at > clock_timestamp() - make_interval(mins => m.window_minutes)) as moved
    from told t cross join lateral guard_limits_of(t.id) m
  )
  select c.id, c.listings, c.changed, c.dropped, case when c.dropped > 0 then 'dropped' when c.changed > 0 and c.changed + c.moved > guard_allowed(c.limits, 'price', c.listings) then 'changed' end
  from counted c order by c.id;
end $$;

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
