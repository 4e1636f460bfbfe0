-- Plain prices: what a person typed for a SKU, for everyone or one channel, for good or for a period.

-- Sets prices: cmd.prices [{sku, channel?, currency, amount, from?, to?}]; amount null ends the price. All or none. A price that is the same stays.
-- Answers {"outcome": "done", "changed": n} or {"outcome": "unknown", line, field, value} or {"outcome": "mismatch", …} when the channel sells in another currency.
create or replace function prices_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  bad record;
  item record;
  old prices;
  fresh bigint;
  variant_ids bigint[];
  touched bigint[] := '{}';
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
  select array_agg(distinct v.id) into variant_ids from jsonb_array_elements(cmd->'prices') x join variants v on v.sku = x->>'sku';
  perform stock_lock(variant_ids);
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
      values (item.variant_id, item.channel_id, item.currency, item.amount, item.starts_at, item.ends_at, coalesce(cmd->>'actor', 'system'))
      returning id into fresh;
      insert into due (at, what, ref_id)
      select t, 'price', fresh from unnest(array[item.starts_at, item.ends_at]) t where t > command_now(cmd);
    end if;
    touched := touched || item.variant_id;
  end loop;
  insert into change (kind, variant_id) select 'price', t from (select distinct unnest(touched) as t order by 1) x;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', cardinality(touched)));
end $$;
