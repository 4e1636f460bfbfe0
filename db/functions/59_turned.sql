-- When prices turn: the instants at which they begin and end by their dates.

-- Of some variants, the instants by now, after p_since, at which a price began or ended by its dates: a dated plain price, or a list that speaks of them.
create or replace function price_turnings(p_variants bigint[], p_since timestamptz, p_now timestamptz) returns table (variant_id bigint, at timestamptz)
language sql stable as $$
  with lists as materialized (
    select t.list_id, b.at, bool_or(e.scope <> 'variant') as is_wide
    from price_list_terms t cross join lateral (values (t.starts_at), (t.ends_at)) b(at)
    join price_entries e on e.list_id = t.list_id and e.valid_from is not null and e.valid_to is null
    where t.valid_to is null and t.state = 'approved' and b.at > p_since and b.at <= p_now group by 1, 2
  )
  select p.variant_id, b.at from unnest(p_variants) v(id)
  join prices p on p.variant_id = v.id and p.superseded_at is null and p.starts_at is not null
  cross join lateral (values (p.starts_at), (p.ends_at)) b(at) where b.at > p_since and b.at <= p_now
  union all
  select v.id, l.at from lists l cross join unnest(p_variants) v(id) where l.is_wide
  union all
  select e.variant_id, l.at from lists l join price_entries e on e.list_id = l.list_id and e.scope = 'variant' and e.valid_from is not null and e.valid_to is null
  where not l.is_wide and e.variant_id = any(p_variants)
$$;

-- The last of them.
create or replace function price_turned_1(p_variants bigint[], p_since timestamptz, p_now timestamptz) returns table (variant_id bigint, at timestamptz) language sql stable as $$
  select variant_id, max(at) from price_turnings(p_variants, p_since, p_now) group by variant_id
$$;

-- So long before prices begin or end what shows then is reckoned, so that at the instant only the calls are left to make (publications_send_3 lets none start before).
create or replace function price_ahead() returns interval language sql immutable as $$
  select interval '3 seconds'
$$;

-- The instant as of which the prices of variants are reckoned: the first at which some of them are just about to begin or end, else now.
create or replace function price_reckoned_at(p_variants bigint[], p_now timestamptz) returns timestamptz language sql stable as $$
  select coalesce(min(b.at), p_now) from price_turnings(p_variants, p_now, p_now + price_ahead()) b
$$;

-- Whether a rate of exchange or of tax begins after the one instant, by the other.
create or replace function price_rates_begin(p_since timestamptz, p_by timestamptz) returns boolean language sql stable as $$
  select exists (select from exchange_rates where superseded_at is null and starts_at > p_since and starts_at <= p_by)
    or exists (select from tax_rates where superseded_at is null and starts_at > p_since and starts_at <= p_by)
$$;

-- Takes prices that begin or end by the instant off what is due, and tells the feed of them: each SKU of its own, or, for a list that speaks of more than some thousand
-- SKUs or of more than SKUs, everything. What begins or ends by its dates at the next instant, by p_ahead, is told already and stays due until then: of two instants that are
-- close, the later is told when the first has come. Answers how many rows were taken or told.
create or replace function due_prices_take(p_now timestamptz, p_ahead timestamptz, p_limit int) returns int language plpgsql as $$
declare
  taken int;
begin
  -- An instant that was put in between goes first.
  update due set told_at = null where told_at is not null and what in ('price', 'list') and at > (select min(at) from due where at > p_now and what in ('price', 'list'));
  with over as (
    delete from due where id in (
      select id from due where at <= p_now and what in ('price', 'list', 'rates') order by at limit p_limit for update skip locked)
    returning what, ref_id, told_at
  ), soon as (
    update due set told_at = clock_timestamp() where id in (
      select id from due where at > p_now and at <= p_ahead and what in ('price', 'list') and told_at is null
        and at = (select min(at) from due where at > p_now and what in ('price', 'list')) limit p_limit for update skip locked)
    returning what, ref_id
  ), gone as materialized (
    select what, ref_id from over where told_at is null union all select what, ref_id from soon
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
  select (select count(*) from over)::int + (select count(*) from soon)::int into taken;
  return taken;
end $$;

-- The same by this database's clock, a moment ahead.
create or replace function due_prices_1(p_limit int) returns int language sql as $$
  select due_prices_take(clock_timestamp(), clock_timestamp() + price_ahead(), p_limit)
$$;

-- Whole milliseconds until the next thing is to be carried out, 0 for what is due already; null when nothing is.
create or replace function due_next_1() returns int language sql volatile as $$
  select case when min(x.at) is not null then least(greatest(ceil(extract(epoch from min(x.at) - clock_timestamp()) * 1000), 0), 2147483647)::int end
  from (select min(at) as at from due
    union all
    select min(d.at) - price_ahead() from due d where d.what in ('price', 'list') and d.told_at is null
      and d.at = (select min(at) from due where what in ('price', 'list'))) x
$$;

-- What an account's lane makes room for: the next instant within p_within ms at which prices begin or end, how far away it is, and how many listings of the
-- account turn at most (a list may speak of any: all of them), counted up to p_most (null: all). No row where there is none.
create or replace function due_turns_2(p_account bigint, p_within int, p_most int) returns table (in_ms int, listings int) language sql volatile as $$
  with soon as materialized (
    select at, what, ref_id from due where at <= clock_timestamp() + make_interval(secs => p_within / 1000.0) and what in ('price', 'list')
  ), next as materialized (
    select s.* from soon s where s.at < (select min(at) from soon) + interval '1 second'
  ), wide as materialized (
    select from next n join price_entries e on n.what = 'list' and e.list_id = n.ref_id and e.scope <> 'variant' and e.valid_from is not null and e.valid_to is null limit 1
  ), counted as materialized (
    select count(*)::int as n from (
      select from listings where account_id = p_account and state <> 'gone' and variant_id is not null and exists (select from wide)
      union all
      -- By the SKU alone: the account's index, looked through for each of many SKUs, would take minutes.
      select from (
        select p.variant_id from next n join prices p on n.what = 'price' and p.id = n.ref_id
        union all
        select e.variant_id from next n join price_entries e on n.what = 'list' and e.list_id = n.ref_id and e.scope = 'variant' and e.valid_from is not null and e.valid_to is null
      ) t join listings l on l.variant_id = t.variant_id and l.account_id + 0 = p_account and l.state <> 'gone' where not exists (select from wide)
      limit p_most
    ) x
  )
  select greatest(ceil(extract(epoch from (select min(at) from next) - clock_timestamp()) * 1000), 0)::int, n from counted where n > 0
$$;

-- As called by the release before.
create or replace function due_turns_1(p_account bigint, p_within int) returns table (in_ms int, listings int) language sql volatile as $$
  select * from due_turns_2(p_account, p_within, null)
$$;
