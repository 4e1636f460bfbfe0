-- Price lists: who approves, rejects and ends.

-- Approves a list that is a draft, or what waits on an approved one, terms and entries together: cmd.list, cmd.version (what was seen: refused when the list changed since),
-- cmd.why?, cmd.acceptHeld? (what the guard would hold of it may pass). On a list marked four eyes, nobody approves what they wrote. Answers {"outcome": "done", "terms"
-- (whether they changed), "entries", "version", "notLower" (as price_list_not_lower tells it), "guard" (as price_list_guard tells it), "unjudged" (the list speaks of
-- 20,000 SKUs or more)} | unknown | ended | stale {version} | nothing | own | below_floor {below} | too_many (acceptHeld of what is not judged).
create or replace function price_list_approve_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  list bigint;
  stands price_list_terms;
  fresh price_list_terms;
  below jsonb;
  put bigint[];
  removed bigint[];
  at timestamptz;
  guarded bigint[] := '{}';
  guard jsonb;
  unjudged boolean := false;
begin
  if answer is not null then
    return answer;
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  at := clock_timestamp();
  select id into list from price_lists where code = cmd->>'list';
  stands := price_list_stands(list);
  fresh := price_list_waits(list);
  if fresh.id is null and stands.state = 'draft' then
    fresh := stands;
  end if;
  select array_agg(id) filter (where valid_to is null), array_agg(id) filter (where valid_to = 'infinity') into put, removed
  from price_entries where list_id = list and valid_from is null and (valid_to is null or valid_to = 'infinity');
  if list is null or stands.state = 'ended' or (cmd->>'version')::bigint <> price_list_version(cmd->>'list') or coalesce(fresh.id, put[1], removed[1]) is null then
    return command_open(cmd, case
      when list is null then jsonb_build_object('outcome', 'unknown', 'field', 'list', 'value', cmd->'list')
      when stands.state = 'ended' then jsonb_build_object('outcome', 'ended')
      when (cmd->>'version')::bigint <> price_list_version(cmd->>'list') then jsonb_build_object('outcome', 'stale', 'version', price_list_version(cmd->>'list'))
      else jsonb_build_object('outcome', 'nothing') end);
  end if;
  if price_list_needs_another(cmd->>'list', stands, coalesce(cmd->>'actor', 'system')) then
    return command_open(cmd, jsonb_build_object('outcome', 'own'));
  end if;
  -- What was right when it was written may have become wrong.
  below := price_list_below(list, case when fresh.id is null then stands else fresh end, case when fresh.id is null then coalesce(put, '{}') end, command_now(cmd));
  if below is not null then
    return command_open(cmd, jsonb_build_object('outcome', 'below_floor', 'below', below));
  end if;
  -- Prices that are taken away by it show others, too: of what was said before as of what will be.
  if exists (select from channels where publish_prices) then
    guarded := price_list_variants(list);
  end if;
  -- As many as are looked for: there may be more.
  if cardinality(guarded) >= 20000 then
    if (cmd->>'acceptHeld')::boolean then
      return command_open(cmd, jsonb_build_object('outcome', 'too_many'));
    end if;
    guarded := '{}';
    unjudged := true;
  end if;

  update price_entries o set valid_to = at from price_entries w
  where w.id = any(put || removed) and o.list_id = list and o.scope = w.scope and coalesce(o.variant_id, o.product_id, 0) = coalesce(w.variant_id, w.product_id, 0)
    and coalesce(o.category, '') = coalesce(w.category, '') and o.min_quantity = w.min_quantity and o.valid_from is not null and o.valid_to is null;
  update price_entries set valid_from = at, approved_by = coalesce(cmd->>'actor', 'system'), valid_to = case when valid_to = 'infinity' then at end where id = any(put || removed);
  if fresh.id is not null then
    update price_list_terms set valid_to = at where list_id = list and valid_from = 'infinity' and valid_to = 'infinity';
    perform price_list_write(fresh, 'approved', false, at, cmd);
    perform price_list_changed(list, null);
    -- What is taken away does not stand any more.
    perform price_list_changed(list, coalesce(removed, '{}'));
  else
    perform price_list_changed(list, put || removed);
  end if;
  if cardinality(guarded) > 0 then
    guard := price_list_guard(price_list_stands(list), guarded, command_now(cmd), coalesce((cmd->>'acceptHeld')::boolean, false), coalesce(cmd->>'actor', 'system'));
  end if;
  return price_list_done(cmd, 'approve', jsonb_build_object('from', case when fresh.id is not null and stands.state = 'approved' then price_terms_told(stands) end,
      'to', price_terms_told(fresh), 'entries', coalesce(cardinality(put || removed), 0),
      'acceptHeld', case when guard is not null then (cmd->>'acceptHeld')::boolean end),
    jsonb_build_object('terms', fresh.id is not null, 'entries', coalesce(cardinality(put || removed), 0), 'notLower', price_list_not_lower(list, command_now(cmd)), 'guard', guard, 'unjudged', unjudged));
end $$;

-- Whether somebody else must approve: the list is (or, as a draft, ever was) marked four eyes, and the actor wrote what is to be approved.
create or replace function price_list_needs_another(p_code text, stands price_list_terms, p_actor text) returns boolean language sql stable as $$
  select case stands.state
    when 'draft' then exists (select from price_list_terms t where t.list_id = stands.list_id and t.four_eyes)
      and exists (select from audit a where a.subject = 'price-list:' || p_code and a.act in ('price_list.set', 'price_list.entries') and a.actor = p_actor)
    else exists (select from audit a where a.subject = 'price-list:' || p_code and a.act in ('price_list.set', 'price_list.entries') and a.actor = p_actor
      and (a.detail->>'waiting')::boolean
      and a.id > (select max(d.id) from audit d where d.subject = 'price-list:' || p_code and d.act in ('price_list.approve', 'price_list.reject'))) end
$$;

-- Sets aside what waits on a list: cmd.list, cmd.version?, cmd.why?. What stands goes on. Answers {"outcome": "done", "terms", "entries", "version"} | unknown | stale | nothing.
create or replace function price_list_reject_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  list bigint;
  n_terms int;
  n_entries int;
begin
  if answer is not null then
    return answer;
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  select id into list from price_lists where code = cmd->>'list';
  if list is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'list', 'value', cmd->'list'));
  end if;
  if (cmd->>'version')::bigint <> price_list_version(cmd->>'list') then
    return command_open(cmd, jsonb_build_object('outcome', 'stale', 'version', price_list_version(cmd->>'list')));
  end if;
  select w.terms, w.entries into n_terms, n_entries from price_list_withdraw(list, clock_timestamp()) w;
  if n_terms + n_entries = 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'nothing'));
  end if;
  return price_list_done(cmd, 'reject', jsonb_build_object('terms', n_terms > 0, 'entries', n_entries), jsonb_build_object('terms', n_terms > 0, 'entries', n_entries));
end $$;

-- Closes whatever waits.
create or replace function price_list_withdraw(p_list bigint, p_at timestamptz, out terms int, out entries int) language plpgsql as $$
begin
  update price_list_terms set valid_to = p_at where list_id = p_list and valid_from = 'infinity' and valid_to = 'infinity';
  get diagnostics terms = row_count;
  update price_entries set valid_to = p_at where list_id = p_list and valid_from is null and (valid_to is null or valid_to = 'infinity');
  get diagnostics entries = row_count;
end $$;

-- Ends a list for good: cmd.list, cmd.why?, cmd.mayApprove (an approved list marked four eyes is ended by those who may approve: what stood without it was approved before).
-- Answers {"outcome": "done", "changed", "version"} | unknown | forbidden.
create or replace function price_list_end_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  list bigint;
  stands price_list_terms;
  at timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  at := clock_timestamp();
  select id into list from price_lists where code = cmd->>'list';
  stands := price_list_stands(list);
  if list is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'list', 'value', cmd->'list'));
  end if;
  if stands.state = 'ended' then
    return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', false, 'version', price_list_version(cmd->>'list')));
  end if;
  if stands.state = 'approved' and stands.four_eyes and not coalesce((cmd->>'mayApprove')::boolean, false) then
    return command_open(cmd, jsonb_build_object('outcome', 'forbidden'));
  end if;
  perform price_list_withdraw(list, at);
  perform price_list_write(stands, 'ended', false, at, cmd);
  if stands.state = 'approved' then
    perform price_list_changed(list, null);
  end if;
  return price_list_done(cmd, 'end', jsonb_build_object('from', price_terms_told(stands)), jsonb_build_object('changed', true));
end $$;
