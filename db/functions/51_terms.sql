-- Terms of selling what is not there yet. Versioned: a row is closed, never changed.

-- What is in force for a variant: {"kind", "limit", "availableFrom"} or null.
create or replace function terms_shown(p_variant bigint) returns jsonb language sql stable as $$
  select jsonb_build_object('kind', kind, 'limit', quantity_limit,
    'availableFrom', to_char(available_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
  from selling_terms where variant_id = p_variant and valid_to is null
$$;

-- Sets them: cmd.sku, cmd.terms {kind: backorder | preorder, limit, availableFrom?}; null ends them. What is the same stays as it is.
-- Answers {"outcome": "done", "changed": bool, "terms": … or null} or {"outcome": "unknown", "value"}.
create or replace function variant_terms_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  variant bigint;
  old selling_terms;
  fresh bigint;
  stated_kind text := cmd->'terms'->>'kind';
  stated_limit int := (cmd->'terms'->>'limit')::int;
  stated_from timestamptz := (cmd->'terms'->>'availableFrom')::timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  select id into variant from variants where sku = cmd->>'sku';
  if variant is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'value', cmd->>'sku'));
  end if;
  perform stock_lock(array[variant]);
  select * into old from selling_terms where variant_id = variant and valid_to is null;
  if (old.kind, old.quantity_limit, old.available_from) is not distinct from (stated_kind, stated_limit, stated_from) then
    return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', false, 'terms', terms_shown(variant)));
  end if;
  update selling_terms set valid_to = clock_timestamp() where id = old.id;
  if stated_kind is not null then
    insert into selling_terms (variant_id, kind, quantity_limit, available_from, actor)
    values (variant, stated_kind, stated_limit, stated_from, coalesce(cmd->>'actor', 'system')) returning id into fresh;
    -- On that day a pre-order ends, and no channel tells the day any more.
    if stated_from > command_now(cmd) then
      insert into due (at, what, ref_id) values (stated_from, 'terms', fresh);
    end if;
  end if;
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'selling_terms', cmd->>'sku',
    jsonb_build_object('from', case when old.id is null then null else jsonb_build_object('kind', old.kind, 'limit', old.quantity_limit,
      'availableFrom', old.available_from) end, 'to', terms_shown(variant)));
  perform stock_changed(array[variant]);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', true, 'terms', terms_shown(variant)));
end $$;
