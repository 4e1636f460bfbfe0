-- How channels state prices, and the rates they are converted and taxed by. Writers of prices queue up; nothing of stock waits for them.

-- Sets how a channel states prices; what is not in cmd stays: cmd.channel, region? (code or null), rounding? {kind, step?, ending?, direction?}, exchangeMargin? (percent).
-- The old version is closed, not changed. Answers {"outcome": "done", "changed"} or {"outcome": "unknown", field, value}.
create or replace function price_policy_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c channels;
  old channel_price_policies;
  fresh channel_price_policies;
  this timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  select * into c from channels where code = cmd->>'channel';
  if c.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
  end if;
  if cmd->>'region' is not null and not exists (select from regions where code = cmd->>'region') then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'region', 'value', cmd->>'region'));
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  this := clock_timestamp();
  select * into old from channel_price_policies where channel_id = c.id and valid_to is null;
  fresh := old;
  fresh.region_id := case when cmd ? 'region' then (select id from regions where code = cmd->>'region') else old.region_id end;
  fresh.exchange_margin_percent := coalesce((cmd->>'exchangeMargin')::numeric, old.exchange_margin_percent, 0);
  fresh.rounding := coalesce(cmd->'rounding'->>'kind', old.rounding, 'digits');
  fresh.rounding_step := case when cmd ? 'rounding' then (cmd->'rounding'->>'step')::numeric else old.rounding_step end;
  fresh.rounding_ending := case when cmd ? 'rounding' then (cmd->'rounding'->>'ending')::numeric else old.rounding_ending end;
  fresh.rounding_direction := case when cmd ? 'rounding' then coalesce(cmd->'rounding'->>'direction', 'nearest') else coalesce(old.rounding_direction, 'nearest') end;
  if old.id is not null and old is not distinct from fresh then
    return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', false));
  end if;
  update channel_price_policies set valid_to = this where id = old.id;
  insert into channel_price_policies (channel_id, region_id, rounding, rounding_step, rounding_ending, rounding_direction, exchange_margin_percent, valid_from, actor)
  values (c.id, fresh.region_id, fresh.rounding, fresh.rounding_step, fresh.rounding_ending, fresh.rounding_direction, fresh.exchange_margin_percent, this, cmd->>'actor');
  insert into audit (actor, act, subject, detail)
  values (cmd->>'actor', 'price_policy.set', c.code, jsonb_strip_nulls(jsonb_build_object('from', price_policy_shown(old), 'to', price_policy_shown(fresh), 'why', cmd->>'why')));
  insert into change (kind, account_id) values ('price', c.account_id);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', true));
end $$;

-- A policy as it is told; null where there is none.
create or replace function price_policy_shown(y channel_price_policies) returns jsonb language sql stable as $$
  select case when (y).rounding is null then null else jsonb_build_object('region', (select code from regions where id = (y).region_id),
    'rounding', jsonb_strip_nulls(jsonb_build_object('kind', (y).rounding, 'step', trim_scale((y).rounding_step)::text, 'ending', trim_scale((y).rounding_ending)::text,
      'direction', case when (y).rounding = 'ending' then (y).rounding_direction end)),
    'exchangeMargin', trim_scale((y).exchange_margin_percent)::text) end
$$;

-- Sets tax rates, all or none: cmd.rates [{region, category, percent, from}]; percent null takes back the rate of that instant, to the millisecond
-- (as lists tell it). A rate that is the same stays; one
-- that was wrong is superseded. Answers {"outcome": "done", "changed": n} or {"outcome": "unknown", line, field, value}.
create or replace function tax_rates_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  bad record;
  item record;
  old tax_rates;
  this timestamptz;
  starts timestamptz[] := '{}';
begin
  if answer is not null then
    return answer;
  end if;
  select x.ord, x.r->>'region' as region into bad from jsonb_array_elements(cmd->'rates') with ordinality x(r, ord)
  where not exists (select from regions g where g.code = x.r->>'region') order by x.ord limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'line', bad.ord - 1, 'field', 'region', 'value', bad.region));
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  for item in
    select g.id as region_id, g.code as region, x.r->>'category' as category, (x.r->>'percent')::numeric as percent, coalesce((x.r->>'from')::timestamptz, command_now(cmd)) as starts_at
    from jsonb_array_elements(cmd->'rates') with ordinality x(r, ord) join regions g on g.code = x.r->>'region' order by x.ord
  loop
    this := clock_timestamp();
    old := null;
    select * into old from tax_rates t where t.region_id = item.region_id and t.category = item.category and t.superseded_at is null
      and date_trunc('milliseconds', t.starts_at) = date_trunc('milliseconds', item.starts_at) order by t.starts_at desc limit 1;
    continue when old.percent is not distinct from item.percent;
    update tax_rates set superseded_at = this where id = old.id;
    if item.percent is not null then
      insert into tax_rates (region_id, category, percent, starts_at, actor, created_at) values (item.region_id, item.category, item.percent, item.starts_at, cmd->>'actor', this);
    end if;
    insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'tax_rate.set', item.region, jsonb_strip_nulls(jsonb_build_object('category', item.category,
      'startsAt', price_instant(item.starts_at), 'from', trim_scale(old.percent)::text, 'to', trim_scale(item.percent)::text, 'why', cmd->>'why')));
    starts := starts || item.starts_at;
  end loop;
  perform price_rates_changed(starts, cmd);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', cardinality(starts)));
end $$;

-- Sets exchange rates, all or none: cmd.rates [{from, to, rate, since}]: one unit of `from` is so many of `to`, from an instant on; rate null takes it back.
-- Answers {"outcome": "done", "changed": n}.
create or replace function exchange_rates_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  item record;
  old exchange_rates;
  this timestamptz;
  starts timestamptz[] := '{}';
begin
  if answer is not null then
    return answer;
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  for item in
    select x.r->>'from' as from_currency, x.r->>'to' as to_currency, (x.r->>'rate')::numeric as rate, coalesce((x.r->>'since')::timestamptz, command_now(cmd)) as starts_at
    from jsonb_array_elements(cmd->'rates') with ordinality x(r, ord) order by x.ord
  loop
    this := clock_timestamp();
    old := null;
    select * into old from exchange_rates e where e.from_currency = item.from_currency and e.to_currency = item.to_currency
      and e.superseded_at is null and date_trunc('milliseconds', e.starts_at) = date_trunc('milliseconds', item.starts_at) order by e.starts_at desc limit 1;
    continue when old.rate is not distinct from item.rate;
    update exchange_rates set superseded_at = this where id = old.id;
    if item.rate is not null then
      insert into exchange_rates (from_currency, to_currency, rate, starts_at, actor, created_at)
      values (item.from_currency, item.to_currency, item.rate, item.starts_at, cmd->>'actor', this);
    end if;
    insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'exchange_rate.set', item.from_currency || '/' || item.to_currency,
      jsonb_strip_nulls(jsonb_build_object('startsAt', price_instant(item.starts_at), 'from', trim_scale(old.rate)::text, 'to', trim_scale(item.rate)::text, 'why', cmd->>'why')));
    starts := starts || item.starts_at;
  end loop;
  perform price_rates_changed(starts, cmd);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', cardinality(starts)));
end $$;

-- Rates that hold from these instants on were set or taken back: whatever they speak of is reckoned anew, now (sales to come are sent ahead) and then.
create or replace function price_rates_changed(p_starts timestamptz[], cmd jsonb) returns void language plpgsql as $$
begin
  if cardinality(p_starts) > 0 then
    insert into due (at, what, ref_id) select distinct s, 'rates', 0 from unnest(p_starts) s where s > command_now(cmd);
    insert into change (kind) values ('price');
  end if;
end $$;

-- Says how goods are taxed, all or none: cmd.lines [{sku, category}]. Answers {"outcome": "done", "changed": n} or {"outcome": "unknown", line, field, value}.
create or replace function tax_categories_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  bad record;
  touched bigint[];
begin
  if answer is not null then
    return answer;
  end if;
  select x.ord, x.l->>'sku' as sku into bad from jsonb_array_elements(cmd->'lines') with ordinality x(l, ord)
  where not exists (select from variants v where v.sku = x.l->>'sku') order by x.ord limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'line', bad.ord - 1, 'field', 'sku', 'value', bad.sku));
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  with said as (
    select v.id, v.sku, v.tax_category as before, x.l->>'category' as category from jsonb_array_elements(cmd->'lines') x(l) join variants v on v.sku = x.l->>'sku'
    where v.tax_category <> x.l->>'category'
  ), moved as (
    update variants v set tax_category = s.category from said s where v.id = s.id returning v.id
  ), noted as (
    -- What it was is read from here when a price of the past is explained.
    insert into audit (actor, act, subject, detail)
    select cmd->>'actor', 'tax_category.set', sku, jsonb_strip_nulls(jsonb_build_object('from', before, 'to', category, 'why', cmd->>'why')) from said order by sku
  )
  select coalesce(array_agg(id order by id), '{}') into touched from moved;
  perform price_changed(touched);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', cardinality(touched)));
end $$;

-- The prices of these variants may be others now: one row for each in the feed, or one for all where they are many.
create or replace function price_changed(p_variants bigint[]) returns void language plpgsql as $$
begin
  if cardinality(p_variants) >= 1000 then
    insert into change (kind) values ('price');
  else
    insert into change (kind, variant_id) select 'price', t from (select distinct unnest(p_variants) as t order by 1) x;
  end if;
end $$;
