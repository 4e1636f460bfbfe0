-- When prices turn: the instants at which they begin and end by their dates.

-- Of some variants, the last instant by now, after p_since, at which a price began or ended by its dates: a dated plain price, or a list that speaks of them.
create or replace function price_turned_1(p_variants bigint[], p_since timestamptz, p_now timestamptz) returns table (variant_id bigint, at timestamptz)
language sql stable as $$
  with lists as materialized (
    select t.list_id, b.at, bool_or(e.scope <> 'variant') as is_wide
    from price_list_terms t cross join lateral (values (t.starts_at), (t.ends_at)) b(at)
    join price_entries e on e.list_id = t.list_id and e.valid_from is not null and e.valid_to is null
    where t.valid_to is null and t.state = 'approved' and b.at > p_since and b.at <= p_now group by 1, 2
  )
  select x.variant_id, max(x.at) from (
    select p.variant_id, b.at from unnest(p_variants) v(id)
    join prices p on p.variant_id = v.id and p.superseded_at is null and p.starts_at is not null
    cross join lateral (values (p.starts_at), (p.ends_at)) b(at) where b.at > p_since and b.at <= p_now
    union all
    select v.id, l.at from lists l cross join unnest(p_variants) v(id) where l.is_wide
    union all
    select e.variant_id, l.at from lists l join price_entries e on e.list_id = l.list_id and e.scope = 'variant' and e.valid_from is not null and e.valid_to is null
    where not l.is_wide and e.variant_id = any(p_variants)
  ) x group by x.variant_id
$$;

-- Takes prices that begin or end by now (by this database's clock) off what is due, and tells the feed of them: each SKU of its own, or, for a list that speaks of
-- more than some thousand SKUs or of more than SKUs, everything. Answers how many rows were taken.
create or replace function due_prices_1(p_limit int) returns int language plpgsql as $$
declare
  taken int;
begin
  with gone as (
    delete from due where id in (
      select id from due where at <= clock_timestamp() and what in ('price', 'list', 'rates') order by at limit p_limit for update skip locked)
    returning what, ref_id
  ), lists as (
    select g.ref_id as list_id, count(e.id) > 5000 or bool_or(e.scope <> 'variant') as is_wide
    from (select distinct ref_id from gone where what = 'list') g
    left join price_entries e on e.list_id = g.ref_id and e.valid_from is not null and e.valid_to is null group by 1
  ), touched as (
    select p.variant_id from gone g join prices p on g.what = 'price' and p.id = g.ref_id
    union
    select e.variant_id from lists l join price_entries e on e.list_id = l.list_id and e.scope = 'variant' and e.valid_from is not null and e.valid_to is null
    where not l.is_wide
  ), told as (
    insert into change (kind, variant_id)
    select 'price', variant_id from touched
    union all
    select 'price', null where exists (select from lists where is_wide) or exists (select from gone where what = 'rates')
  )
  select count(*)::int into taken from gone;
  return taken;
end $$;

-- Whole milliseconds until the next thing is due, 0 for what is due already; null when nothing is.
create or replace function due_next_1() returns int language sql volatile as $$
  select case when min(at) is not null then least(greatest(ceil(extract(epoch from min(at) - clock_timestamp()) * 1000), 0), 2147483647)::int end from due
$$;

-- What an account's lane makes room for: the next instant within p_within ms at which prices begin or end, how far away it is, and how many listings of the
-- account turn at most (a list may speak of any: all of them). No row where there is none.
create or replace function due_turns_1(p_account bigint, p_within int) returns table (in_ms int, listings int) language sql volatile as $$
  with soon as materialized (
    select at, what, ref_id from due where at <= clock_timestamp() + make_interval(secs => p_within / 1000.0) and what in ('price', 'list')
  ), next as (
    select s.* from soon s where s.at < (select min(at) from soon) + interval '1 second'
  ), turning as (
    select p.variant_id from next n join prices p on n.what = 'price' and p.id = n.ref_id
    union
    select e.variant_id from next n join price_entries e on n.what = 'list' and e.list_id = n.ref_id and e.scope = 'variant' and e.valid_from is not null and e.valid_to is null
  ), counted as (
    select case when exists (select from next n join price_entries e on n.what = 'list' and e.list_id = n.ref_id and e.scope <> 'variant'
        and e.valid_from is not null and e.valid_to is null)
      then (select count(*) from listings where account_id = p_account and state <> 'gone' and variant_id is not null)
      else (select count(*) from turning t join listings l on l.variant_id = t.variant_id and l.account_id = p_account and l.state <> 'gone') end::int as n
  )
  select greatest(ceil(extract(epoch from (select min(at) from next) - clock_timestamp()) * 1000), 0)::int, n from counted where n > 0
$$;
