-- Time passes without writes.

-- Carries out what is due by now, a bounded number at a time. Answers how many rows were taken.
create or replace function due_sweep_1(p_now timestamptz, p_limit int) returns int language plpgsql as $$
declare
  taken record;
  quarantine bigint;
  priced int := due_prices_take(p_now, p_now, p_limit);
begin
  with gone as (
    delete from due where id in (select id from due where at <= p_now and what not in ('price', 'list', 'rates') order by at limit p_limit - priced for update skip locked)
    returning what, ref_id
  )
  select count(*)::int as n,
    coalesce(array_agg(distinct coalesce(r.variant_id, l.variant_id)) filter (where r.state = 'open' or l.id is not null), '{}') as held,
    coalesce(array_agg(distinct t.variant_id) filter (where g.what = 'terms'), '{}') as terms,
    -- What was expected by now: its ref_id is the variant (incoming_due).
    coalesce(array_agg(distinct g.ref_id) filter (where g.what = 'incoming'), '{}') as expected,
    coalesce(array_agg(distinct g.ref_id) filter (where g.what = 'quarantine'), '{}') as quarantines,
    coalesce(array_agg(distinct g.ref_id) filter (where g.what = 'market'), '{}') as market,
    coalesce(array_agg(distinct g.ref_id) filter (where g.what = 'order'), '{}') as orders
  into taken
  from gone g left join reservations r on g.what = 'reservation' and r.id = g.ref_id
  left join lots l on g.what = 'lot' and l.id = g.ref_id left join selling_terms t on g.what = 'terms' and t.id = g.ref_id;
  -- Rows of orders before those of variants.
  perform orders_settle(taken.orders, p_now);
  if cardinality(taken.held) > 0 then
    perform stock_lock(taken.held);
    perform stock_expire(taken.held, jsonb_build_object('now', p_now, 'actor', 'system'));
  end if;
  if cardinality(taken.terms || taken.expected) > 0 then
    perform stock_changed(taken.terms || taken.expected);
  end if;
  -- Rules that follow the market may step again, or their offer grew too old.
  perform market_ask(taken.market);
  foreach quarantine in array taken.quarantines loop
    -- A bounded number of what is let go; the rest is due at once.
    if guard_release_1(quarantine, p_now, 500) > 0 then
      insert into due (at, what, ref_id) values (p_now, 'quarantine', quarantine);
    end if;
  end loop;
  return priced + taken.n;
end $$;
