-- The guard's window: one definition, by which the lane is judged, and which a dry run, a price file and the answer of a command tell ahead.
-- A window holds the listings that left their baseline since it began. It begins its minutes ago, or when a person last approved what was held as too many: whoever
-- approved that saw how many had moved already, so what showed then is the baseline from there on. The approval of a fall says nothing about others.

-- The limits of a channel; where none were set, the defaults.
create or replace function guard_limits_of(p_channel bigint) returns guard_limits language plpgsql stable as $$
declare
  l guard_limits;
begin
  select * into l from guard_limits where channel_id = p_channel and valid_to is null;
  if l.id is null then
    l.channel_id := p_channel; l.changed_percent := 20; l.changed_least := 50; l.window_minutes := 60; l.drop_percent := 50;
    l.zero_listings := 200; l.zero_percent := 20; l.release_minutes := 30;
  end if;
  return l;
end $$;

-- How many listings of the channel may move within the window without breaking the limit: prices that change, or stock that goes to zero.
create or replace function guard_allowed(l guard_limits, p_field text, p_listings int) returns int language sql immutable as $$
  select case p_field
    when 'price' then case when l.changed_percent is not null then greatest(floor(p_listings * l.changed_percent / 100)::int, l.changed_least - 1) end
    else case when l.zero_listings is not null then greatest(floor(p_listings * l.zero_percent / 100)::int, l.zero_listings) end end
$$;

-- A channel's window for a field at an instant: since when it counts, how many listings have moved in it, how many may (null: as many as like), and how many are left.
-- p_adds: how many more are to be weighed. Where no more than these matter, listings are counted only until the limit lets all of them through: listings, allowed and left_over
-- are then the least that they are, which decides the same. Null: all are counted, to be told. Counts of the last minute are taken as they are.
drop function if exists guard_window(bigint, text, timestamptz);
create or replace function guard_window(p_channel bigint, p_field text, p_now timestamptz, p_adds int default null)
returns table (limits guard_limits, begins timestamptz, listings int, moved int, allowed int, left_over int) language plpgsql stable as $$
declare
  matter bigint;
begin
  limits := guard_limits_of(p_channel);
  begins := greatest(p_now - make_interval(mins => limits.window_minutes), (select max(q.decided_at) from quarantines q
    where q.channel_id = p_channel and q.field = p_field and q.decision = 'approved'
      and exists (select from quarantine_items i where i.quarantine_id = q.id and i.limit_name <> 'dropped')));
  select count(*) into moved from guard_moves m where m.channel_id = p_channel and m.field = p_field and m.moved_at > begins;
  select t.listings into listings from guard_tallies t where t.channel_id = p_channel and t.field = p_field and t.counted_at > clock_timestamp() - interval '1 minute';
  if not found then
    matter := guard_matter(limits, p_field, moved + p_adds);
    listings := case when matter <= 2000 then guard_count(p_channel, p_field, matter) else guard_count(p_channel, p_field, null) end;
  end if;
  allowed := guard_allowed(limits, p_field, listings);
  left_over := coalesce(allowed, 2147483647) - moved;
  return next;
end $$;

-- How many listings a channel needs, so that guard_allowed lets so many move; null: no number does, or nobody said how many.
create or replace function guard_matter(l guard_limits, p_field text, p_moves int) returns bigint language sql immutable as $$
  select case when p_moves <= coalesce(guard_allowed(l, p_field, 0), 2147483647) then 0
    else ceil(p_moves * 100.0 / nullif(case p_field when 'price' then l.changed_percent else l.zero_percent end, 0))::bigint end
$$;

-- How many listings of the channel the field is published of, of p_most at most (null: all). The few that are gone are taken off, so that the many are counted in the index.
create or replace function guard_count(p_channel bigint, p_field text, p_most bigint) returns int language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
  if p_most is null then
    return (select count(*) from publications p where p.channel_id = p_channel and p.field = p_field)
      - (select count(*) from listings l join publications p on p.listing_id = l.id and p.field = p_field and p.channel_id = p_channel where l.state = 'gone');
  end if;
  return (select count(*) from (select from publications p join listings l on l.id = p.listing_id and l.state <> 'gone' where p.channel_id = p_channel and p.field = p_field limit p_most) x);
end $$;

-- Counts the listings for guard_window, at most once a minute.
drop function if exists guard_listings_1(bigint, text, timestamptz);
create or replace function guard_listings_1(p_channel bigint, p_field text) returns int language plpgsql as $$
declare
  t guard_tallies;
begin
  select * into t from guard_tallies where channel_id = p_channel and field = p_field;
  if t.counted_at > clock_timestamp() - interval '1 minute' then
    return t.listings;
  end if;
  t.listings := guard_count(p_channel, p_field, null);
  insert into guard_tallies as g (channel_id, field, listings, counted_at) values (p_channel, p_field, t.listings, clock_timestamp())
  on conflict (channel_id, field) do update set listings = excluded.listings, counted_at = excluded.counted_at;
  return t.listings;
end $$;

-- Weighs values for listings of a channel against its window, in the order given. baseline: what the platform had when the window began, or what was approved since; null:
-- there is none to hold against. moves: it leaves the baseline. adds: and the window does not count it yet. limit_name: the limit it goes beyond, or null. p_ahead: the values
-- are not intended yet.
create or replace function guard_weighed(p_channel bigint, p_field text, p_listings bigint[], p_values jsonb[], p_ahead boolean, p_now timestamptz)
returns table (listing_id bigint, value jsonb, baseline jsonb, moves boolean, adds boolean, limit_name text) language plpgsql stable as $$
#variable_conflict use_column
declare
  w record;
  on_at timestamptz;
begin
  select * into w from guard_window(p_channel, p_field, p_now, cardinality(p_listings));
  select case p_field when 'stock' then stock_on_at else prices_on_at end into on_at from channels where id = p_channel;
  if p_field = 'stock' and (w.limits).zero_listings is null or p_field = 'price' and num_nonnulls((w.limits).changed_percent, (w.limits).drop_percent) = 0 then
    return query select u.id, u.v, null::jsonb, false, false, null::text from unnest(p_listings, p_values) u(id, v);
    return;
  end if;
  return query
  with known as (
    select u.ord, u.id, u.v, m.moved_at > w.begins as counted,
      a.value is not null and coalesce(case p_field when 'stock' then a.value = u.v else not price_differs(a.value, u.v, p_now) end, false) as approved,
      case
        -- Who turned the channel on had seen it; and what is intended for the first time just after that was never shown otherwise by us. A listing that came later was not seen.
        when not (p_ahead and u.v is distinct from p.intended) and (p.intended_at <= on_at or p.is_first and on_at > w.begins
          and exists (select from mappings s where s.listing_id = u.id and s.valid_to is null and s.valid_from <= on_at)) then null
        when m.since > w.begins then m.baseline
        when p_field = 'stock' then jsonb_build_object('quantity', p.expected)
        when a.approved_at > w.begins and a.value = p.accepted then a.value
        when on_at > w.begins then p.accepted
        else coalesce((select h.value from publication_history h where h.listing_id = u.id and h.field = 'price' and h.event in ('accepted', 'applied', 'read')
          and h.at <= w.begins order by h.id desc limit 1), p.accepted) end as base
    from unnest(p_listings, p_values) with ordinality u(id, v, ord)
    join publications p on p.listing_id = u.id and p.field = p_field
    left join guard_moves m on m.listing_id = u.id and m.field = p_field
    left join guard_approvals a on a.listing_id = u.id and a.field = p_field
  ), weighed as (
    select k.*, not k.approved and k.base is not null and case p_field
        when 'stock' then (k.v->>'quantity')::int = 0 and coalesce((k.base->>'quantity')::int, 0) > 0
        else price_differs(k.base, k.v, p_now) end as moves,
      not k.approved and p_field = 'price' and (w.limits).drop_percent is not null and k.base is not null and price_dropped(k.base, k.v, (w.limits).drop_percent) as drops
    from known k
  ), placed as (
    select x.*, x.moves and not x.drops and x.counted is not true as adds, count(*) filter (where x.moves and not x.drops and x.counted is not true) over (order by x.ord) as place
    from weighed x
  )
  select p.id, p.v, p.base, p.moves, p.adds, case
    when p.drops then 'dropped'
    when p.adds and p.place > w.left_over then case p_field when 'stock' then 'zeroed' else 'changed' end end
  from placed p order by p.ord;
end $$;

-- Judges what is about to go out, and forgets what left the window. The caller holds the tally and the publications.
create or replace function guard_judge_1(p_channel bigint, p_field text, p_listings bigint[], p_values jsonb[], p_now timestamptz)
returns table (listing_id bigint, value jsonb, baseline jsonb, moved boolean, limit_name text) language plpgsql as $$
declare
  w record;
begin
  select * into w from guard_window(p_channel, p_field, p_now, 0);
  delete from guard_moves m where m.channel_id = p_channel and m.field = p_field and m.moved_at <= w.begins;
  -- Once much has moved, the count that the next chunks ask for as well is kept.
  if coalesce(guard_matter(w.limits, p_field, w.moved + cardinality(p_listings)) > 2000, w.allowed is not null) then
    perform guard_listings_1(p_channel, p_field);
  end if;
  return query select g.listing_id, g.value, g.baseline, g.moves, g.limit_name from guard_weighed(p_channel, p_field, p_listings, p_values, false, p_now) g;
end $$;
