-- The list of reasons that people choose from. Nothing is ever taken off it, because the ledger names its codes: a reason is switched off.

-- Whether a reason may be chosen for an act: adjust, damage, restore, return, transfer, count.
create or replace function reason_fits(p_code text, p_act text) returns boolean language sql stable as $$
  select exists (select from stock_reasons where code = p_code and active and p_act = any(acts))
$$;

-- Adds a reason (mode add: code, name, acts) or changes one (mode change: code and any of name, acts, active).
-- Answers {"outcome": "done"}, {"outcome": "exists"} or {"outcome": "unknown"}.
create or replace function reason_put_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  stated text[] := (select array_agg(distinct a order by a) from jsonb_array_elements_text(cmd->'acts') a);
begin
  if answer is not null then
    return answer;
  end if;
  if cmd->>'mode' = 'add' then
    insert into stock_reasons (code, name, acts, active)
    values (cmd->>'code', cmd->>'name', stated, coalesce((cmd->>'active')::boolean, true)) on conflict do nothing;
    if not found then
      return command_open(cmd, jsonb_build_object('outcome', 'exists', 'value', cmd->'code'));
    end if;
  else
    update stock_reasons set name = coalesce(cmd->>'name', name), acts = coalesce(stated, acts), active = coalesce((cmd->>'active')::boolean, active)
    where code = cmd->>'code';
    if not found then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'value', cmd->'code'));
    end if;
  end if;
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'reason_' || (cmd->>'mode'), 'reason:' || (cmd->>'code'),
    jsonb_strip_nulls(jsonb_build_object('name', cmd->'name', 'acts', cmd->'acts', 'active', cmd->'active')));
  return command_done(cmd, jsonb_build_object('outcome', 'done'));
end $$;
