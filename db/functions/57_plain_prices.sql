-- Plain prices: what a person typed for a SKU, for everyone or one channel, for good or for a period.

-- Sets prices: cmd.prices [{sku, channel?, currency, amount, from?, to?}]; amount null ends the price. All or none. A price that is the same stays.
-- Answers {"outcome": "done", "changed": n, "channels"? (with cmd.tell: as prices_told tells them)} | unknown {line, field, value} | mismatch {line, field, value, expected} (the channel sells in another currency) |
-- below_floor {below: [{line, sku, channel, amount, currency, floor, why}]} (why as price_bounds_1 tells it).
create or replace function prices_set_2(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  bad record;
  item record;
  old prices;
  fresh bigint;
  written bigint[] := '{}';
  lines int[] := '{}';
  touched bigint[] := '{}';
  below jsonb;
  refused text;
begin
  if answer is not null then
    return answer;
  end if;
  select x.ord, l.* into bad from jsonb_array_elements(cmd->'prices') with ordinality x(p, ord)
  cross join lateral (select v.id as variant_id, c.id as channel_id, c.currency, x.p->>'sku' as sku, x.p->>'channel' as channel, x.p->>'currency' as asked
    from (select 1) one left join variants v on v.sku = x.p->>'sku' left join channels c on c.code = x.p->>'channel') l
  where l.variant_id is null or (l.channel is not null and (l.channel_id is null or l.currency <> l.asked)) order by x.ord limit 1;
  if found then
    return command_open(cmd, case
      when bad.variant_id is null then jsonb_build_object('outcome', 'unknown', 'line', bad.ord - 1, 'field', 'sku', 'value', bad.sku)
      when bad.channel_id is null then jsonb_build_object('outcome', 'unknown', 'line', bad.ord - 1, 'field', 'channel', 'value', bad.channel)
      else jsonb_build_object('outcome', 'mismatch', 'line', bad.ord - 1, 'field', 'currency', 'value', bad.asked, 'expected', bad.currency) end);
  end if;
  -- Writers of prices queue up; reservations do not wait for them.
  perform pg_advisory_xact_lock(7312647, 0);
  begin
    for item in
      select x.ord, v.id as variant_id, c.id as channel_id, x.p->>'currency' as currency, (x.p->>'amount')::numeric as amount,
        (x.p->>'from')::timestamptz as starts_at, (x.p->>'to')::timestamptz as ends_at
      from jsonb_array_elements(cmd->'prices') with ordinality x(p, ord)
      join variants v on v.sku = x.p->>'sku' left join channels c on c.code = x.p->>'channel' order by x.ord
    loop
      old := null;
      select * into old from prices p where p.variant_id = item.variant_id and p.currency = item.currency
        and p.channel_id is not distinct from item.channel_id and p.starts_at is not distinct from item.starts_at and p.superseded_at is null;
      continue when old.id is not null and old.amount = item.amount and old.ends_at is not distinct from item.ends_at;
      continue when old.id is null and item.amount is null;
      update prices set superseded_at = clock_timestamp() where id = old.id;
      if item.amount is not null then
        insert into prices (variant_id, channel_id, currency, amount, starts_at, ends_at, actor)
        values (item.variant_id, item.channel_id, item.currency, item.amount, item.starts_at, item.ends_at, coalesce(cmd->>'actor', 'system')) returning id into fresh;
        insert into due (at, what, ref_id)
        select t, 'price', fresh from unnest(array[item.starts_at, item.ends_at]) t where t > command_now(cmd);
        written := written || fresh;
        lines := lines || (item.ord - 1)::int;
      end if;
      touched := touched || item.variant_id;
    end loop;
    select jsonb_agg(jsonb_build_object('line', lines[array_position(written, b.price_id)]) || b.told order by array_position(written, b.price_id), b.told->>'channel')
    into below from price_plain_below(written, command_now(cmd)) b;
    if below is not null then
      raise exception using errcode = 'P0422', message = 'below_floor', detail = below::text;
    end if;
  exception when sqlstate 'P0422' then
    -- What was written is undone.
    get stacked diagnostics refused = pg_exception_detail;
    return command_open(cmd, jsonb_build_object('outcome', 'below_floor', 'below', refused::jsonb));
  end;
  insert into change (kind, variant_id) select 'price', t from (select distinct unnest(touched) as t order by 1) x;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', cardinality(touched)) || case when (cmd->>'tell')::boolean
    then jsonb_build_object('channels', prices_told(cmd, command_now(cmd))) else '{}' end);
end $$;

-- Which of these plain prices are below a floor, in every channel that they are typed for, and of those for everyone where the SKU is listed: elsewhere nobody sees
-- them, and a floor lifts them when they are listed. told: {sku, channel, amount, currency, floor, why}.
create or replace function price_plain_below(p_prices bigint[], p_now timestamptz) returns table (price_id bigint, told jsonb) language plpgsql stable as $$
#variable_conflict use_column
declare
  reached record;
begin
  if not exists (select from price_limits where kind = 'floor' and valid_to is null) then
    return;
  end if;
  for reached in
    select c.id, c.code, greatest(p.starts_at, p_now) as at, array_agg(p.id) as ids, array_agg(p.variant_id) as variants
    from prices p join channels c on c.id = p.channel_id or p.channel_id is null and c.currency = p.currency
    where p.id = any(p_prices)
      -- A channel with a price of its own does not show that of everyone.
      and not (p.channel_id is null and p.starts_at is null and exists (select from prices q where q.variant_id = p.variant_id and q.channel_id = c.id
        and q.currency = p.currency and q.starts_at is null and q.superseded_at is null))
      and (p.channel_id is not null or exists (select from listings l where l.channel_id = c.id and l.variant_id = p.variant_id and l.state <> 'gone'))
    group by 1, 2, 3 order by 1, 3
  loop
    return query
    select p.id, jsonb_build_object('sku', v.sku, 'channel', reached.code, 'amount', trim_scale(p.amount)::text, 'currency', p.currency,
      'floor', trim_scale(b.floor)::text, 'why', b.floor_why)
    from price_bounds_1(reached.id, reached.variants, reached.at, 'infinity') b
    join prices p on p.id = any(reached.ids) and p.variant_id = b.variant_id join variants v on v.id = p.variant_id
    where b.floor > p.amount;
  end loop;
end $$;

-- As called by the release before, which knows no floors: the first price below one is answered as a value that cannot be.
create or replace function prices_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := prices_set_2(cmd);
  first_one jsonb := answer->'below'->0;
begin
  if answer->>'outcome' = 'below_floor' then
    return jsonb_build_object('outcome', 'mismatch', 'line', first_one->'line', 'field', 'amount', 'value', first_one->'amount',
      'expected', format('at least %s %s', first_one->>'floor', first_one->>'currency'));
  end if;
  return answer;
end $$;
