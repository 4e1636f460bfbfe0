-- What is lost while a value waits to be sent, so that pushes go in that order. The rules stand in src/domain/sync/stakes.ts and expected-loss.ts; a property test
-- holds them equal.

-- What is at stake with a SKU in a channel, by what is known of it (nulls where it is not): units expected to be sold in an hour and how well that is known, the margin of
-- one, and what cancelling one costs.
create or replace function stakes_of_1(p_units float8, p_days float8, p_recent float8, p_price float8, p_cost float8, p_margin float8, p_cancellation float8)
returns table (mean float8, shape float8, margin float8, cancellation float8) language sql immutable as $$
  select (0.125 + p_units) / (0.25 + p_days)
      * greatest(1, (p_recent + 3) / (p_units / greatest(p_days, 1) * least(p_days, 1) + 3)) / 24,
    0.125 + p_units, m.margin, coalesce(p_cancellation, 20 * m.margin)
  from (select coalesce(p_margin, case when p_price is null then 1 when p_cost is null then 0.3 * p_price else greatest(p_price - p_cost, 0.05 * p_price) end) as margin) m
$$;

-- E[(N - units)+], N negative binomial: how many are expected to be asked for beyond so many.
create or replace function units_beyond(p_units int, p_mean float8, p_shape float8) returns float8 language plpgsql immutable as $$
declare
  none float8;
  ratio float8;
  term float8;
  above float8 := 1;
  beyond float8 := p_mean;
begin
  if p_mean <= 0 then
    return 0;
  elsif p_units <= 0 then
    return p_mean;
  end if;
  none := p_shape * ln(1 + p_mean / p_shape);
  if none > 600 then
    return greatest(0, p_mean - p_units);
  end if;
  ratio := p_mean / (p_shape + p_mean);
  term := exp(-none);
  for n in 0..p_units - 1 loop
    above := above - term;
    exit when above < 1e-9;
    beyond := beyond - above;
    term := term * ((n + p_shape) / (n + 1)) * ratio;
  end loop;
  return greatest(0, beyond);
end $$;

-- Money lost in an hour in which a number (p_shown null: not known what the platform shows), or a price (null: none shown), waits.
create or replace function loss_of_stock(p_shown int, p_target int, p_mean float8, p_shape float8, p_margin float8, p_cancellation float8) returns float8
language plpgsql immutable as $$
declare
  more float8 := units_beyond(p_target, p_mean, p_shape) - case when p_shown is null then 0 else units_beyond(p_shown, p_mean, p_shape) end;
begin
  return case when more > 0 then p_cancellation * more else p_margin * (0 - more) end;
end $$;
create or replace function loss_of_price(p_shown float8, p_target float8, p_mean float8, p_margin float8) returns float8 language sql immutable as $$
  select case when p_shown is null then p_mean * p_margin when p_shown <= p_target then p_mean * (p_target - p_shown)
    else p_mean * p_margin * case when p_target <= 0 then 10 else least(10, power(p_shown / p_target, 3.63) - 1) end end
$$;

-- The amount of a price document that is in force at an instant.
create or replace function price_in_force(p_price jsonb, p_at timestamptz) returns float8 language sql stable as $$
  select (case when p_price->'sale'->>'amount' is not null and coalesce((p_price->'sale'->>'from')::timestamptz <= p_at, true)
    and coalesce((p_price->'sale'->>'to')::timestamptz > p_at, true) then p_price->'sale'->>'amount' else p_price->>'regular' end)::float8
$$;

-- What is lost in an hour in which a publication waits, in the currency of its account's first channel. What nothing was learnt of yet counts as new.
create or replace function publication_loss_1(p publications) returns float8 language plpgsql stable as $$
declare
  s stakes;
  shown float8;
  target float8;
  -- As a value: an expression that calls the clock would keep price_in_force from being part of its caller's.
  at timestamptz := clock_timestamp();
  begins timestamptz;
begin
  select * into s from stakes where channel_id = p.channel_id and variant_id = p.variant_id;
  if s.channel_id is null then
    select x.mean, x.shape, x.margin, x.cancellation, 1 into s.mean, s.shape, s.margin, s.cancellation, s.exchange
    from stakes_of_1(0, 0, 0, case p.field when 'price' then (p.intended->>'regular')::float8 end, null, null, null) x;
  end if;
  if p.field = 'stock' then
    return loss_of_stock(p.expected, greatest((p.intended->>'quantity')::int - p.withheld, 0), s.mean, s.shape, s.margin, s.cancellation);
  end if;
  begins := greatest(at, (p.intended_why->>'notBefore')::timestamptz);
  shown := price_in_force(p.accepted, at);
  target := price_in_force(p.intended, begins);
  return loss_of_price(shown * s.exchange, target * s.exchange, s.mean, s.margin);
end $$;

-- After publication_waits, by its name.
create or replace function publication_weighs() returns trigger language plpgsql as $$
begin
  new.loss := publication_loss_1(new);
  return new;
end $$;
create or replace trigger publication_weighs before insert or update on publications for each row when (new.waiting_since is not null)
  execute function publication_weighs();

-- Learns what is at stake with each SKU in each channel that lists it, by the demand of the last days and by what it costs and is sold at. What moved by less than a
-- tenth stays. Answers how many changed.
create or replace function stakes_learn_1(p_now timestamptz, p_days int) returns int language plpgsql as $$
declare
  n int;
begin
  -- One at a time, as in demand_refresh_1.
  perform pg_advisory_xact_lock(7312647, 10);
  with sold as materialized (
    select d.scope_id, d.sold_id, max(d.units::float8 / coalesce(f.quantity, 1)) as units, max(d.recent::float8 / coalesce(f.quantity, 1)) as recent, min(d.since) as since
    from demand d left join bundle_flat f on f.bundle_id = d.sold_id and f.part_id = d.part_id group by 1, 2
  ), channel as materialized (
    select c.id, c.created_at, s.id as scope_id, coalesce(exchange_rate_at(c.currency, a.currency, p_now, 'infinity'), 1)::float8 as exchange, a.currency,
      (y.risk_margin * coalesce(exchange_rate_at(s.currency, a.currency, p_now, 'infinity'), 1))::float8 as margin,
      (y.risk_cancellation * coalesce(exchange_rate_at(s.currency, a.currency, p_now, 'infinity'), 1))::float8 as cancellation
    from channels c join channels s on s.id = coalesce(c.stock_lead_id, c.id)
    join (select distinct on (account_id) account_id, currency from channels order by account_id, id) a on a.account_id = c.account_id
    left join channel_policies y on y.channel_id = s.id and y.valid_to is null
  ), rates as materialized (
    select x.currency, c.currency as of_account, exchange_rate_at(x.currency, c.currency, p_now, 'infinity')::float8 as rate
    from (select currency from variant_costs where valid_to is null union select cost_currency from variants where cost is not null) x, (select distinct currency from channel) c
  ), listed as materialized (
    select l.channel_id, l.variant_id, min((coalesce(p.intended, l.shown_price)->>'regular')::float8) as price from listings l
    left join publications p on p.listing_id = l.id and p.field = 'price' where l.variant_id is not null and l.state <> 'gone' group by 1, 2
  ), fresh as (
    select l.channel_id, l.variant_id, x.*, c.exchange from listed l join channel c on c.id = l.channel_id join variants v on v.id = l.variant_id
    left join sold d on d.scope_id = c.scope_id and d.sold_id = l.variant_id
    left join variant_costs k on k.variant_id = v.id and k.valid_to is null
    left join rates r on r.currency = coalesce(k.currency, v.cost_currency) and r.of_account = c.currency
    cross join lateral stakes_of_1(coalesce(d.units, 0),
      least(p_days::float8, greatest(0, extract(epoch from p_now - coalesce(d.since, greatest(c.created_at, v.created_at))) / 86400)), coalesce(d.recent, 0),
      l.price * c.exchange, coalesce(k.average, v.cost)::float8 * r.rate, c.margin, c.cancellation) x
  )
  insert into stakes as s (channel_id, variant_id, mean, shape, margin, cancellation, exchange)
  select channel_id, variant_id, mean, shape, margin, cancellation, exchange from fresh f
  where not exists (select from stakes o where o.channel_id = f.channel_id and o.variant_id = f.variant_id and abs(o.mean - f.mean) <= 0.1 * o.mean
    and abs(o.margin - f.margin) <= 0.1 * o.margin and abs(o.cancellation - f.cancellation) <= 0.1 * o.cancellation and abs(o.exchange - f.exchange) <= 0.1 * o.exchange)
  on conflict (channel_id, variant_id) do update set mean = excluded.mean, shape = excluded.shape, margin = excluded.margin, cancellation = excluded.cancellation,
    exchange = excluded.exchange;
  get diagnostics n = row_count;
  return n;
end $$;

-- Weighs what waits of these listings anew: rates were learnt, or a sale began by its dates. What is being changed just now is weighed by that.
create or replace function publications_weigh_2(p_listings bigint[]) returns void language sql as $$
  with moved as (
    select p.listing_id, p.field, publication_loss_1(p) as loss from publications p where p.listing_id = any(p_listings) and p.waiting_since is not null
    order by p.listing_id, p.field for update of p skip locked
  )
  update publications p set loss = m.loss from moved m
  where p.listing_id = m.listing_id and p.field = m.field and abs(p.loss - m.loss) > 0.01 * greatest(p.loss, m.loss);
$$;

-- As called by the release before: so many listings after one. Answers the last listing looked at; null: there are no more.
create or replace function publications_weigh_1(p_after bigint, p_most int) returns bigint language plpgsql as $$
declare
  ids bigint[];
begin
  select array_agg(listing_id) into ids from (
    select distinct listing_id from publications where waiting_since is not null and listing_id > p_after order by listing_id limit p_most) x;
  perform publications_weigh_2(ids);
  return ids[cardinality(ids)];
end $$;
