-- The buffer by risk: what others sold, how late we learn of it, and what is kept back for it. The rule stands in src/domain/sync/risk-buffer.ts.

-- Adds up what each stock publication sold in the last days. What a platform fills from stock of its own does not count. Answers how many rows changed.
create or replace function demand_refresh_1(p_now timestamptz, p_days int) returns int language plpgsql as $$
declare
  n int;
begin
  -- One at a time: a second would only do the same again.
  perform pg_advisory_xact_lock(7312647, 9);
  with sold as (
    select coalesce(c.stock_lead_id, c.id) as scope_id, l.variant_id as sold_id, coalesce(p.variant_id, l.variant_id) as part_id,
      sum((l.ordered + l.substituted) * coalesce(p.quantity, 1)::bigint)::bigint as units,
      coalesce(sum((l.ordered + l.substituted) * coalesce(p.quantity, 1)::bigint) filter (where o.placed_at > p_now - interval '1 day'), 0)::bigint as recent,
      greatest(p_now - make_interval(days => p_days), min(c.created_at), min(v.created_at)) as since
    -- What a channel sold, whatever was handed over instead; what goes out in exchange nobody bought.
    from orders o join order_lines l on l.order_id = o.id and l.instead_of is null join channels c on c.id = o.channel_id left join order_line_parts p on p.order_line_id = l.id
      join variants v on v.id = l.variant_id
    where o.placed_at > p_now - make_interval(days => p_days) and o.placed_at <= p_now and o.state <> 'foreign' and o.exchange_of is null group by 1, 2, 3
  ), gone as (
    delete from demand d where not exists (select from sold s where (s.part_id, s.scope_id, s.sold_id) = (d.part_id, d.scope_id, d.sold_id)) returning 1
  ), kept as (
    insert into demand as d (scope_id, sold_id, part_id, units, recent, since) select scope_id, sold_id, part_id, units, recent, since from sold
    on conflict (part_id, scope_id, sold_id) do update set units = excluded.units, recent = excluded.recent, since = excluded.since
    where (d.units, d.recent) is distinct from (excluded.units, excluded.recent) or d.since < excluded.since - interval '6 hours' returning 1
  )
  select (select count(*) from gone) + (select count(*) from kept) into n;
  return n;
end $$;

-- Measures the lags of all channels: from intending a number to seeing that it is taken, over a day, with what still waits; from placing an order to booking it, over
-- a week, without what was already old when the channel was connected. An account in trouble, or one whose orders have not been looked at, is as late as that.
create or replace function channel_lags_measure_1(p_now timestamptz) returns void language sql as $$
  insert into channel_lags as k (channel_id, publish_s, intake_s, measured_at)
  select c.id,
    greatest(w.late, case when a.state = 'failing' then extract(epoch from p_now - a.state_since) end),
    greatest(i.late, case when a.covered_until < p_now - interval '5 minutes' then extract(epoch from p_now - a.covered_until) end), p_now
  from channels c join accounts a on a.id = c.account_id
  left join lateral (
    select percentile_cont(0.95) within group (order by extract(epoch from
      case when p.waiting_since is not null then p_now - p.waiting_since else greatest(p.accepted_at, p.applied_at) - p.intended_at end)) as late
    from publications p join listings y on y.id = p.listing_id where p.channel_id = coalesce(c.stock_lead_id, c.id) and p.field = 'stock' and y.state <> 'gone'
      -- What a person is asked about, or asked for himself, says nothing of how late the platform is.
      and case when p.waiting_since is not null then p.waiting_since <= p_now and p.forced_at is null
          and p.urgency <= coalesce((select d.lets_go from drifts d where d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null), 100)
        else p.sent_at is not null and p.accepted_at > p_now - interval '1 day' and p.accepted_at >= p.intended_at end
  ) w on true
  left join lateral (
    select percentile_cont(0.95) within group (order by extract(epoch from o.booked_at - o.placed_at)) as late from orders o
    where o.channel_id = c.id and o.placed_at > p_now - interval '7 days' and o.placed_at > c.created_at and o.booked_at >= o.placed_at
      and o.exchange_of is null
  ) i on true
  on conflict (channel_id) do update set publish_s = excluded.publish_s, intake_s = excluded.intake_s, measured_at = excluded.measured_at
$$;

-- Sets buffers by risk, in chunks of the caller's size; columns of equal length. Those that are the same stay. Answers how many units of how many SKUs moved.
create or replace function risk_buffers_set_1(
  p_channels bigint[], p_variants bigint[], p_units int[], p_tails float8[], p_means float8[], p_lags float8[]) returns int language plpgsql as $$
declare
  n int;
begin
  perform pg_advisory_xact_lock(7312647, 9);
  with asked as (
    select * from unnest(p_channels, p_variants, p_units, p_tails, p_means, p_lags) x(channel_id, variant_id, units, tail, mean, lag_s)
  ), fresh as (
    select a.* , b.units as was from asked a left join risk_buffers b on b.channel_id = a.channel_id and b.variant_id = a.variant_id and b.valid_to is null
    -- What the risk is told to be follows it, but not every breath of it.
    where b.units is distinct from a.units or abs(b.tail - a.tail) > 0.1 * greatest(b.tail, a.tail) or abs(b.lag_s - a.lag_s) > 0.2 * greatest(b.lag_s, a.lag_s)
  ), closed as (
    update risk_buffers b set valid_to = clock_timestamp() from fresh f where b.channel_id = f.channel_id and b.variant_id = f.variant_id and b.valid_to is null
    returning b.channel_id
  ), told as (
    insert into change (kind, variant_id) select distinct 'stock', variant_id from fresh where units <> coalesce(was, 0) returning 1
  )
  insert into risk_buffers (channel_id, variant_id, units, tail, mean, lag_s, valid_from)
  select f.channel_id, f.variant_id, f.units, f.tail, f.mean, f.lag_s, clock_timestamp() + interval '1 microsecond'
  from fresh f, (select count(*) from closed) done, (select count(*) from told) known;
  get diagnostics n = row_count;
  return n;
end $$;

-- Closes the buffers of channels that keep nothing back by risk any more.
create or replace function risk_buffers_end_1() returns int language plpgsql as $$
declare
  n int;
begin
  perform pg_advisory_xact_lock(7312647, 9);
  update risk_buffers b set valid_to = clock_timestamp() where b.valid_to is null
    and not exists (select from channel_policies y where y.channel_id = b.channel_id and y.valid_to is null and y.risk_margin is not null);
  get diagnostics n = row_count;
  return n;
end $$;

-- Compares the risk that was accepted with what happened, a day or more at once: windows of one lag, one after the other, in which others sold more than was kept
-- back, beside how many were expected. Answers how many channels were compared.
create or replace function risk_compare_1(p_now timestamptz) returns int language plpgsql as $$
declare
  n int;
begin
  perform pg_advisory_xact_lock(7312647, 9);
  with span as (
    select k.channel_id, greatest(coalesce(k.compared_to, y.valid_from), p_now - interval '3 days') as began,
      -- Orders come late: what was placed in the last lag may not be booked yet.
      p_now - make_interval(secs => coalesce((select max(lag_s) from risk_buffers b where b.channel_id = k.channel_id and b.valid_to is null), 0)) as ended
    from channel_lags k join channel_policies y on y.channel_id = k.channel_id and y.valid_to is null and y.risk_margin is not null
  ), due as (
    select * from span where ended >= began + interval '1 day'
  ), held as (
    select d.channel_id, d.began, b.variant_id, b.units, b.tail, greatest(b.lag_s, 1)::float8 as lag_s,
      floor(extract(epoch from d.ended - d.began) / greatest(b.lag_s, 1))::bigint as windows
    from due d join risk_buffers b on b.channel_id = d.channel_id and b.valid_to is null and b.valid_from < d.ended
  ), sold as (
    select d.channel_id, coalesce(p.variant_id, l.variant_id) as variant_id, o.placed_at, (l.ordered + l.substituted) * coalesce(p.quantity, 1)::bigint as units
    from due d join orders o on o.placed_at >= d.began and o.placed_at < d.ended and o.state <> 'foreign'
      join channels c on c.id = o.channel_id and coalesce(c.stock_lead_id, c.id) <> d.channel_id
      join order_lines l on l.order_id = o.id and l.instead_of is null left join order_line_parts p on p.order_line_id = l.id
  ), over as (
    select channel_id, count(*) as n from (
      select h.channel_id, h.variant_id, floor(extract(epoch from s.placed_at - h.began) / h.lag_s)::bigint as at
      from held h join sold s on s.channel_id = h.channel_id and s.variant_id = h.variant_id
      group by h.channel_id, h.variant_id, h.units, h.windows, 3
      having sum(s.units) > h.units and floor(extract(epoch from min(s.placed_at) - min(h.began)) / min(h.lag_s)) < h.windows) x group by 1
  ), noted as (
    insert into risk_outcomes as r (channel_id, day, windows, predicted, realised)
    select h.channel_id, (p_now at time zone 'UTC')::date, sum(h.windows), sum(h.windows * h.tail::float8), coalesce(min(o.n), 0)
    from held h left join over o on o.channel_id = h.channel_id group by 1
    on conflict (channel_id, day) do update set windows = r.windows + excluded.windows, predicted = r.predicted + excluded.predicted, realised = r.realised + excluded.realised
    returning channel_id
  )
  update channel_lags k set compared_to = d.ended from due d, (select count(*) from noted) done where k.channel_id = d.channel_id;
  get diagnostics n = row_count;
  return n;
end $$;
