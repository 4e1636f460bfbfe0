-- What channels showed, and the lowest of it before a reduction began. The same rule stands in src/domain/pricing/history.ts; a property test holds them equal.

-- What a platform shows when its listing is first taken up is the first price that we know it to show.
create or replace function publication_first_price() returns trigger language plpgsql as $$
begin
  insert into publication_history (listing_id, field, event, value) values (new.listing_id, new.field, 'read', new.accepted);
  return null;
end $$;
create or replace trigger publication_first_price after insert on publications for each row when (new.field = 'price' and new.accepted is not null)
  execute function publication_first_price();

-- Whether a platform takes the dates of a sale, and begins and ends it by itself, by what its connector declares (saleDates). Most do.
create or replace function platform_takes_sales(p_platform text) returns boolean language sql stable parallel safe as $$
  select coalesce((select p.sale_dates from platforms p where p.platform = p_platform), true)
$$;

-- Whether a platform can show a sale that is in force beside the regular price, by what its connector declares (saleBeside). Most do.
create or replace function platform_shows_sales(p_platform text) returns boolean language sql stable parallel safe as $$
  select coalesce((select p.sale_beside from platforms p where p.platform = p_platform), true)
$$;

-- Whether a platform has a field for the price that a sale is measured by, by what its connector declares (referencePrice). Hardly any does.
create or replace function platform_takes_reference(p_platform text) returns boolean language sql stable parallel safe as $$
  select coalesce((select p.reference_price from platforms p where p.platform = p_platform), false)
$$;

-- The lowest price that a channel applied to each variant, in any of its listings, in the 30 days before an instant (p_before, in the order of the variants), by what was
-- shown up to p_now. What was accepted counts from then on; what it took the place of, until another price was seen to show. Variants that showed nothing are left out.
create or replace function price_lowest_1(p_channel bigint, p_variants bigint[], p_before timestamptz[], p_now timestamptz)
returns table (variant_id bigint, amount numeric) language sql stable as $$
  with want as (
    -- 30 days are 720 hours, whatever clocks do.
    select w.variant_id, least(w.before, p_now) as until, w.before - interval '720 hours' as since from unnest(p_variants, p_before) w(variant_id, before)
  ), listed as (
    select w.*, m.listing_id, m.valid_from, coalesce(m.valid_to, 'infinity') as valid_to
    from want w join mappings m on m.variant_id = w.variant_id join listings l on l.id = m.listing_id and l.channel_id = p_channel
    union all
    -- What nobody ever mapped is what it is now.
    select w.*, l.id, '-infinity', 'infinity' from want w join listings l on l.variant_id = w.variant_id and l.channel_id = p_channel
    where not exists (select from mappings m where m.listing_id = l.id)
  ), step as (
    select g.variant_id, g.since, h.value, h.at, least(g.until, g.valid_to, min(case when h.event <> 'accepted' then h.at end)
      over (partition by g.variant_id, g.listing_id, g.valid_from order by h.id rows between 1 following and unbounded following)) as until
    from listed g join publication_history h on h.listing_id = g.listing_id and h.field = 'price' and h.event in ('accepted', 'applied', 'read')
      and h.at < g.until and h.at >= g.valid_from and h.at < g.valid_to
    where h.value->>'currency' = (select currency from channels where id = p_channel)
  ), period as (
    select s.variant_id, greatest(s.at, s.since) as since, s.until, (s.value->>'regular')::numeric as regular, (s.value->'sale'->>'amount')::numeric as sale,
      coalesce((s.value->'sale'->>'from')::timestamptz, '-infinity') as sale_from, coalesce((s.value->'sale'->>'to')::timestamptz, 'infinity') as sale_to
    from step s where s.until > greatest(s.at, s.since)
  )
  select p.variant_id, min(least(
    -- The regular price showed unless the sale was on all the time.
    case when p.sale is null or p.sale_from > p.since or p.sale_to < p.until then p.regular end,
    case when p.sale_from < p.until and p.sale_to > p.since then p.sale end))
  from period p group by p.variant_id
$$;

-- Since when a plain price has been in the books: another end, written while it was in force or before, prolongs it; it does not begin anew.
create or replace function price_typed_since(p_price bigint) returns timestamptz language sql stable as $$
  with recursive term as (
    select p.* from prices p where p.id = p_price
    union all
    select q.* from term r cross join lateral (
      select q.* from prices q where q.variant_id = r.variant_id and q.channel_id is not distinct from r.channel_id and q.currency = r.currency and q.starts_at = r.starts_at
        and q.id < r.id order by q.id desc limit 1) q
    where q.amount = r.amount and q.superseded_at between r.created_at - interval '1 minute' and r.created_at and (q.ends_at is null or q.ends_at >= r.created_at)
  )
  select min(created_at) from term
$$;

-- The price that each sale is measured by: the lowest of the 30 days before it began. A sale begins at its start (p_from; null: it has begun), or when it came into the books
-- where that was later: with its list's approval, its entry, its typed price. why: as price_resolve_1 tells it.
create or replace function price_references_1(p_channel bigint, p_variants bigint[], p_from timestamptz[], p_why jsonb[], p_now timestamptz)
returns table (variant_id bigint, reference numeric) language sql stable as $$
  with sale as (
    select s.variant_id, s.starts_at, e.list_id, e.valid_from, (s.why->>'plain')::bigint as plain_id
    from unnest(p_variants, p_from, p_why) s(variant_id, starts_at, why) left join price_entries e on e.id = (s.why->>'entry')::bigint
  ), list as (
    select x.list_id, t.starts_at, (select min(o.valid_from) from price_list_terms o where o.list_id = x.list_id and o.state = 'approved' and o.valid_from >= coalesce((
      select max(d.valid_to) from price_list_terms d where d.list_id = x.list_id and d.state <> 'approved' and d.valid_from < 'infinity'), '-infinity')) as since
    from (select distinct list_id from sale where list_id is not null) x join price_list_terms t on t.list_id = x.list_id and t.valid_to is null
  ), began as (
    -- Whole seconds, as platforms are told: what shows from the beginning of that second on is the sale itself.
    select s.variant_id, date_trunc('second', coalesce(s.starts_at, greatest(l.starts_at, l.since, s.valid_from, p.starts_at,
      case when exists (select from prices q where q.variant_id = p.variant_id and q.starts_at = p.starts_at and q.id < p.id) then price_typed_since(p.id) else p.created_at end))) as at
    from sale s left join list l on l.list_id = s.list_id left join prices p on p.id = s.plain_id
  )
  select w.variant_id, w.amount
  from (select array_agg(variant_id order by variant_id) as variants, array_agg(at order by variant_id) as befores from began) b
  cross join lateral price_lowest_1(p_channel, b.variants, b.befores, p_now) w
$$;
