-- What price lists ask. An entry that waits for approval has no valid_from. Taking one away is an entry, too (rule none, never in force: valid_from =
-- valid_to), so that the history tells who did it; one that waits to be taken away has valid_to infinity.

-- Sets and takes away entries, all or none: cmd.list, cmd.entries [{sku | product | category | all, minQuantity?, rule, over?, baseList?, value?, why?}] with rule fixed, percent, amount,
-- margin, none (the list has no price here) or remove (what speaks less closely holds again); cmd.why?. What is the same stays. On a list marked four eyes they wait.
-- Answers {"outcome": "done", "changed", "waiting", "version"} | unknown {line?, field, value} | twice {line} | ended | cycle {path} | too_deep {path} |
-- below_floor {below}. ended {list?}: the list, or (list) one that an entry leans on.
create or replace function price_list_entries_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  list bigint;
  terms price_list_terms;
  said price_entries[];
  bad record;
  closed bigint[];
  todo bigint[];
  fresh bigint[];
  waits boolean;
  refused text;
  at timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  at := clock_timestamp();
  select id into list from price_lists where code = cmd->>'list';
  if list is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'list', 'value', cmd->'list'));
  end if;
  terms := price_list_stands(list);
  if terms.state = 'ended' then
    return command_open(cmd, jsonb_build_object('outcome', 'ended'));
  end if;
  waits := terms.four_eyes;
  select x.ord - 1 as line, x.e, y.field into bad
  from jsonb_array_elements(cmd->'entries') with ordinality x(e, ord)
  left join variants v on v.sku = x.e->>'sku' left join products p on p.handle = x.e->>'product' left join price_lists b on b.code = x.e->>'baseList'
  -- Categories are looked for only where one is named.
  cross join lateral (select case when x.e ? 'sku' and v.id is null then 'sku' when x.e ? 'product' and p.id is null then 'product' when x.e ? 'baseList' and b.id is null then 'baseList'
    when x.e ? 'category' then case when not exists (select from products q where q.category = x.e->>'category') then 'category' end end as field) y
  where y.field is not null order by x.ord limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'line', bad.line, 'field', bad.field, 'value', bad.e->bad.field));
  end if;
  select b.code into bad from jsonb_array_elements(cmd->'entries') x(e) join price_lists b on b.code = x.e->>'baseList'
  join price_list_terms t on t.list_id = b.id and t.valid_to is null and t.state = 'ended' limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'ended', 'list', bad.code));
  end if;
  select array_agg(row(null, list, case when v.id is not null then 'variant' when p.id is not null then 'product' when x.e ? 'category' then 'category' else 'all' end,
    v.id, p.id, x.e->>'category', coalesce((x.e->>'minQuantity')::int, 1), x.e->>'rule', x.e->>'over', b.id, (x.e->>'value')::numeric, coalesce(x.e->>'why', cmd->>'why'),
    coalesce(cmd->>'actor', 'system'), at, null, null, null)::price_entries order by x.ord)
  into said from jsonb_array_elements(cmd->'entries') with ordinality x(e, ord)
  left join variants v on v.sku = x.e->>'sku' left join products p on p.handle = x.e->>'product' left join price_lists b on b.code = x.e->>'baseList';
  select max(s.ord) - 1 as line into bad from unnest(said) with ordinality s(id, list_id, scope, variant_id, product_id, category, min_quantity, rule, over, base_list_id, value,
    why, actor, created_at, approved_by, valid_from, valid_to, ord)
  group by s.scope, s.variant_id, s.product_id, s.category, s.min_quantity having count(*) > 1 order by 1 limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'twice', 'line', bad.line));
  end if;

  -- Beside each, what stands and what waits of the same goods from the same quantity on.
  select array_agg(z.ord) filter (where z.is_new),
    coalesce(array_agg(z.stands) filter (where z.stands is not null and z.is_new and not waits), '{}') || coalesce(array_agg(z.waiting) filter (where z.waiting is not null and not (waits and z.is_same_as_waiting)), '{}')
  into todo, closed from (
    select s.ord, n.id as stands, w.id as waiting, w.is_same as is_same_as_waiting,
      case when n.id is null then s.rule <> 'remove' else not n.is_same end and not (waits and coalesce(w.is_same, false)) as is_new
    from (select u.*, o.ord from unnest(said) with ordinality o(id, list_id, scope, variant_id, product_id, category, min_quantity, rule, over, base_list_id, value,
        why, actor, created_at, approved_by, valid_from, valid_to, ord) cross join lateral (select o.scope, o.variant_id, o.product_id, o.category, o.min_quantity, o.rule, o.over, o.base_list_id, o.value) u) s
    left join lateral (
      select e.id, price_entry_same(s.rule, s.over, s.base_list_id, s.value, e) as is_same from price_entries e
      where s.scope = 'variant' and e.list_id = list and e.scope = 'variant' and e.variant_id = s.variant_id and e.min_quantity = s.min_quantity and e.valid_from is not null and e.valid_to is null
      union all
      select e.id, price_entry_same(s.rule, s.over, s.base_list_id, s.value, e) from price_entries e
      where s.scope <> 'variant' and e.list_id = list and e.scope <> 'variant' and e.scope = s.scope and coalesce(e.product_id, 0) = coalesce(s.product_id, 0)
        and coalesce(e.category, '') = coalesce(s.category, '') and e.min_quantity = s.min_quantity and e.valid_from is not null and e.valid_to is null
    ) n on true
    left join lateral (
      select e.id, price_entry_same(s.rule, s.over, s.base_list_id, s.value, e) as is_same from price_entries e
      where e.list_id = list and e.scope = s.scope and coalesce(e.variant_id, e.product_id, 0) = coalesce(s.variant_id, s.product_id, 0)
        and coalesce(e.category, '') = coalesce(s.category, '') and e.min_quantity = s.min_quantity and e.valid_from is null and e.valid_to is null
      union all
      select e.id, s.rule = 'remove' from price_entries e
      where e.list_id = list and e.valid_to = 'infinity' and e.scope = s.scope and coalesce(e.variant_id, e.product_id, 0) = coalesce(s.variant_id, s.product_id, 0)
        and coalesce(e.category, '') = coalesce(s.category, '') and e.min_quantity = s.min_quantity and e.valid_from is null
    ) w on true) z;
  if todo is null and cardinality(closed) = 0 then
    return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', 0, 'waiting', waits, 'version', price_list_version(cmd->>'list')));
  end if;

  begin
    update price_entries set valid_to = at where id = any(closed);
    with put as (
      insert into price_entries (list_id, scope, variant_id, product_id, category, min_quantity, rule, over, base_list_id, value, why, actor, created_at, valid_from, valid_to)
      select list, s.scope, s.variant_id, s.product_id, s.category, s.min_quantity, case s.rule when 'remove' then 'none' else s.rule end, s.over, s.base_list_id, s.value, s.why, s.actor, at,
        case when not waits then at end, case when s.rule = 'remove' then case when waits then 'infinity' else at end end
      from unnest(said) with ordinality s(id, list_id, scope, variant_id, product_id, category, min_quantity, rule, over, base_list_id, value,
        why, actor, created_at, approved_by, valid_from, valid_to, ord) where s.ord = any(todo) order by s.ord returning id
    )
    select coalesce(array_agg(id), '{}') into fresh from put;
    perform price_list_refuse(list, terms, fresh, cmd);
  exception when sqlstate 'P0422' then
    -- What was written is undone.
    get stacked diagnostics refused = pg_exception_detail;
    return command_open(cmd, refused::jsonb);
  end;
  if terms.state = 'approved' and not waits then
    perform price_list_changed(list, fresh);
  end if;
  return price_list_done(cmd, 'entries', jsonb_build_object('entries', greatest(cardinality(fresh), cardinality(closed)), 'waiting', case when waits then true end),
    jsonb_build_object('changed', greatest(cardinality(fresh), cardinality(closed)), 'waiting', waits));
end $$;

-- Whether an entry says what is stated; remove is never what an entry says.
create or replace function price_entry_same(p_rule text, p_over text, p_base bigint, p_value numeric, e price_entries) returns boolean language sql immutable as $$
  select p_rule = e.rule and p_over is not distinct from e.over and p_base is not distinct from e.base_list_id and p_value is not distinct from e.value
$$;
