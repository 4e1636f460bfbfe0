-- The guard, asked before anything is sent: what a change would do, and what a person let pass of it.

-- What variants' prices would do to what is intended now, listing by listing, in the channels whose prices are published. Called where the new prices stand already. changed:
-- it differs from what is intended now; adds, dropped: as guard_weighed tells them, so that parts of one change may be weighed one after the other and added up.
create or replace function price_guard_weighed_1(p_variants bigint[])
returns table (channel_id bigint, listing_id bigint, variant_id bigint, before jsonb, after jsonb, held text, changed boolean, adds boolean, dropped boolean) language sql stable as $$
  with told as materialized (
    select w.channel_id, w.listing_id, w.variant_id, w.intended, s.price, s.held
    from (select p.channel_id, p.listing_id, p.variant_id, p.intended from publications p join channels c on c.id = p.channel_id and c.publish_prices
      join listings l on l.id = p.listing_id and l.state <> 'gone' where p.field = 'price' and p.variant_id = any(p_variants)) w
    join channel_price_3((select array_agg(id) from channels where publish_prices), p_variants, clock_timestamp(), false) s on s.channel_id = w.channel_id and s.variant_id = w.variant_id
  ), weighed as materialized (
    select g.* from (select channel_id, array_agg(listing_id order by listing_id) as ids, array_agg(price order by listing_id) as vals from told where price is not null group by 1) t
    cross join lateral guard_weighed(t.channel_id, 'price', t.ids, t.vals, true, clock_timestamp()) g
  )
  select t.channel_id, t.listing_id, t.variant_id, t.intended, t.price, t.held,
    t.price is not null and price_promise(t.price, clock_timestamp()) <> price_promise(t.intended, clock_timestamp()),
    coalesce(g.adds, false), coalesce(g.limit_name = 'dropped', false)
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
