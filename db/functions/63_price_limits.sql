-- Floors and ceilings. Versioned: a row is closed, never changed.

-- Sets or ends them, all or none: cmd.limits [{kind, basis, channel?, scope, sku? | product? (handle) | category?, currency?, amount? | percent?}]; without amount and percent
-- it ends. What is the same stays. Whatever they speak of is reckoned anew: a price that stands beyond a moved limit goes out held by it.
-- Answers {"outcome": "done", "changed": n} or {"outcome": "unknown", line, field, value}.
create or replace function price_limits_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  bad record;
  item record;
  old price_limits;
  this timestamptz;
  changed int := 0;
  touched bigint[] := '{}';
  is_wide boolean := false;
begin
  if answer is not null then
    return answer;
  end if;
  select x.ord, case when x.l->>'channel' is not null and c.id is null then 'channel' else case x.l->>'scope' when 'variant' then 'sku' else x.l->>'scope' end end as field,
    case when x.l->>'channel' is not null and c.id is null then x.l->>'channel' else coalesce(x.l->>'sku', x.l->>'product', x.l->>'category') end as value into bad
  from jsonb_array_elements(cmd->'limits') with ordinality x(l, ord) left join channels c on c.code = x.l->>'channel'
  where (x.l->>'channel' is not null and c.id is null) or case x.l->>'scope'
    when 'variant' then not exists (select from variants v where v.sku = x.l->>'sku')
    when 'product' then not exists (select from products p where p.handle = x.l->>'product')
    when 'category' then not exists (select from products p where p.category = x.l->>'category') else false end
  order by x.ord limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'line', bad.ord - 1, 'field', bad.field, 'value', bad.value));
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  for item in
    select x.l->>'kind' as kind, x.l->>'basis' as basis, c.id as channel_id, x.l->>'channel' as channel, x.l->>'scope' as scope, v.id as variant_id, p.id as product_id,
      case when x.l->>'scope' = 'category' then x.l->>'category' end as category, x.l->>'currency' as currency, (x.l->>'amount')::numeric as amount,
      (x.l->>'percent')::numeric as percent, coalesce(x.l->>'sku', x.l->>'product', x.l->>'category', '*') as subject
    from jsonb_array_elements(cmd->'limits') with ordinality x(l, ord) left join channels c on c.code = x.l->>'channel'
    left join variants v on x.l->>'scope' = 'variant' and v.sku = x.l->>'sku' left join products p on x.l->>'scope' = 'product' and p.handle = x.l->>'product' order by x.ord
  loop
    this := clock_timestamp();
    old := null;
    select * into old from price_limits l where l.kind = item.kind and l.basis = item.basis and l.channel_id is not distinct from item.channel_id and l.scope = item.scope
      and l.variant_id is not distinct from item.variant_id and l.product_id is not distinct from item.product_id and l.category is not distinct from item.category
      and l.valid_to is null;
    -- Nothing to end, or the same again.
    continue when (old.amount, old.percent) is not distinct from (item.amount, item.percent) and (item.amount is null or old.currency = item.currency);
    update price_limits set valid_to = this where id = old.id;
    if item.amount is not null or item.percent is not null then
      insert into price_limits (kind, basis, channel_id, scope, variant_id, product_id, category, currency, amount, percent, valid_from, actor)
      values (item.kind, item.basis, item.channel_id, item.scope, item.variant_id, item.product_id, item.category, case when item.amount is not null then item.currency end,
        item.amount, item.percent, this, cmd->>'actor');
    end if;
    insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'price_limit.set', item.subject, jsonb_strip_nulls(jsonb_build_object('kind', item.kind,
      'basis', item.basis, 'scope', item.scope, 'channel', item.channel, 'why', cmd->>'why',
      'from', case when old.percent is not null then trim_scale(old.percent)::text || ' %' else trim_scale(old.amount)::text || ' ' || old.currency end,
      'to', case when item.percent is not null then trim_scale(item.percent)::text || ' %' else trim_scale(item.amount)::text || ' ' || item.currency end)));
    changed := changed + 1;
    if item.scope = 'all' then
      is_wide := true;
    elsif cardinality(touched) < 1000 then
      touched := touched || array(select v.id from variants v join products p on p.id = v.product_id
        where case item.scope when 'variant' then v.id = item.variant_id when 'product' then p.id = item.product_id else p.category = item.category end limit 1000);
    end if;
  end loop;
  if is_wide then
    insert into change (kind) values ('price');
  else
    perform price_changed(touched);
  end if;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', changed));
end $$;
