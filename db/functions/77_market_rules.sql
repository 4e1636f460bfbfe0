-- Rules that follow the market, and where a person lets a stopped one go on. Terms are versioned: a row is closed, never changed.

-- Terms out of what a person states: {list, scope, sku? | product? | category?, competitors?, mode, value?, most?, maxAgeMinutes, stepsPerDay, warSteps, warWindowMinutes, state, why?}.
create or replace function market_rule_read(p_rule bigint, p_said jsonb, p_actor text, p_at timestamptz) returns market_rule_terms language sql stable as $$
  select row(null, p_rule, l.id, p_said->>'scope', v.id, p.id, case when p_said->>'scope' = 'category' then p_said->>'category' end,
    case when jsonb_typeof(p_said->'competitors') = 'array' then array(select jsonb_array_elements_text(p_said->'competitors')) end, p_said->>'mode', (p_said->>'value')::numeric, (p_said->>'most')::numeric,
    (p_said->>'maxAgeMinutes')::int, (p_said->>'stepsPerDay')::int, (p_said->>'warSteps')::int, (p_said->>'warWindowMinutes')::int, coalesce(p_said->>'state', 'active'),
    p_said->>'why', p_actor, p_at, null)::market_rule_terms
  from (values (1)) one left join price_lists l on l.code = p_said->>'list' left join variants v on p_said->>'scope' = 'variant' and v.sku = p_said->>'sku'
  left join products p on p_said->>'scope' = 'product' and p.handle = p_said->>'product'
$$;

-- What a rule names and nobody knows: {"outcome": "unknown", field, value}; ended, where its list was ended; null: nothing.
create or replace function market_rule_refusal(p_said jsonb) returns jsonb language sql stable as $$
  select case
    when not exists (select from price_lists where code = p_said->>'list') then jsonb_build_object('outcome', 'unknown', 'field', 'list', 'value', p_said->'list')
    when p_said->>'scope' = 'variant' and not exists (select from variants where sku = p_said->>'sku') then jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', p_said->'sku')
    when p_said->>'scope' = 'product' and not exists (select from products where handle = p_said->>'product') then jsonb_build_object('outcome', 'unknown', 'field', 'product', 'value', p_said->'product')
    when p_said->>'scope' = 'category' and not exists (select from products where category = p_said->>'category') then jsonb_build_object('outcome', 'unknown', 'field', 'category', 'value', p_said->'category')
    when coalesce(p_said->>'state', 'active') = 'active' and (select t.state from price_lists l join price_list_terms t on t.list_id = l.id and t.valid_to is null where l.code = p_said->>'list') = 'ended'
      then jsonb_build_object('outcome', 'ended', 'list', p_said->'list') end
$$;

-- The variants that terms speak of and that somebody offers.
create or replace function market_rule_variants(t market_rule_terms, p_after bigint, p_limit int) returns setof bigint language sql stable as $$
  select v.id from variants v join products p on p.id = v.product_id
  where v.id > p_after and exists (select from market_offers m where m.variant_id = v.id and m.valid_to is null and m.amount is not null)
    and case t.scope when 'variant' then v.id = t.variant_id when 'product' then p.id = t.product_id when 'category' then p.category = t.category else true end
  order by v.id limit p_limit
$$;

-- Makes a rule or changes it: cmd.rule (its code), cmd.terms (see market_rule_read). Its SKUs are judged anew.
-- Answers {"outcome": "done", "made", "changed"} | unknown {field, value} | ended {list}.
create or replace function market_rule_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  rule bigint;
  old market_rule_terms;
  fresh market_rule_terms;
  refusal jsonb;
  made boolean;
  at timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  refusal := market_rule_refusal(cmd->'terms');
  if refusal is not null then
    return command_open(cmd, refusal);
  end if;
  at := command_now(cmd);
  insert into market_rules (code) values (cmd->>'rule') on conflict do nothing;
  made := found;
  select id into rule from market_rules where code = cmd->>'rule';
  select * into old from market_rule_terms where rule_id = rule and valid_to is null;
  fresh := market_rule_read(rule, cmd->'terms', coalesce(cmd->>'actor', 'system'), at);
  -- What tells a version apart: everything but its number, its reason, who and when.
  if to_jsonb(old) - '{id,why,actor,valid_from,valid_to}'::text[] = to_jsonb(fresh) - '{id,why,actor,valid_from,valid_to}'::text[] then
    return command_done(cmd, jsonb_build_object('outcome', 'done', 'made', false, 'changed', false));
  end if;
  update market_rule_terms set valid_to = greatest(at, valid_from) where id = old.id;
  insert into market_rule_terms (rule_id, list_id, scope, variant_id, product_id, category, competitors, mode, value, most, max_age_minutes, steps_per_day, war_steps,
    war_window_minutes, state, why, actor, valid_from)
  values (rule, fresh.list_id, fresh.scope, fresh.variant_id, fresh.product_id, fresh.category, fresh.competitors, fresh.mode, fresh.value, fresh.most, fresh.max_age_minutes,
    fresh.steps_per_day, fresh.war_steps, fresh.war_window_minutes, fresh.state, fresh.why, fresh.actor, at);
  insert into audit (actor, act, subject, detail) values (fresh.actor, 'market_rule.set', 'market-rule:' || (cmd->>'rule'),
    jsonb_strip_nulls(jsonb_build_object('from', market_rule_told(old), 'to', market_rule_told(fresh), 'why', fresh.why)));
  perform market_ask(array(select market_rule_variants(fresh, 0, 2147483647) union select market_rule_variants(old, 0, 2147483647) where old.id is not null));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'made', made, 'changed', true));
end $$;

-- Terms as people state them.
create or replace function market_rule_told(t market_rule_terms) returns jsonb language sql stable as $$
  select case when t.list_id is not null then jsonb_build_object('list', (select code from price_lists where id = t.list_id), 'scope', t.scope,
    'sku', (select sku from variants where id = t.variant_id), 'product', (select handle from products where id = t.product_id), 'category', t.category,
    'competitors', to_jsonb(t.competitors), 'mode', t.mode, 'value', trim_scale(t.value)::text, 'most', trim_scale(t.most)::text, 'maxAgeMinutes', t.max_age_minutes,
    'stepsPerDay', t.steps_per_day, 'warSteps', t.war_steps, 'warWindowMinutes', t.war_window_minutes, 'state', t.state) end
$$;

-- A person lets a rule go on that stopped for a SKU: cmd.rule, cmd.sku, cmd.why?. Answers {"outcome": "done"} | unknown {field, value} | not_stopped.
create or replace function market_resume_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  rule bigint;
  variant bigint;
  actor text := coalesce(cmd->>'actor', 'system');
begin
  if answer is not null then
    return answer;
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  select id into rule from market_rules where code = cmd->>'rule';
  select id into variant from variants where sku = cmd->>'sku';
  if rule is null or variant is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', case when rule is null then 'rule' else 'sku' end,
      'value', case when rule is null then cmd->'rule' else cmd->'sku' end));
  end if;
  update market_stops set resumed_at = greatest(command_now(cmd), at), resumed_by = actor, note = cmd->>'why' where rule_id = rule and variant_id = variant and resumed_at is null;
  if not found then
    return command_open(cmd, jsonb_build_object('outcome', 'not_stopped'));
  end if;
  insert into audit (actor, act, subject, detail)
  values (actor, 'market.resumed', cmd->>'sku', jsonb_strip_nulls(jsonb_build_object('rule', cmd->'rule', 'why', cmd->'why')));
  perform market_ask(array[variant]);
  return command_done(cmd, jsonb_build_object('outcome', 'done'));
end $$;
