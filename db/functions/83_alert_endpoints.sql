-- Where alerts are told, and what becomes of each delivery.

-- A new endpoint: cmd.via, address, name, kinds, language, tellsBuyers? and secret (base64, sealed; webhooks only). Answers {"outcome": "done", id} or {"outcome": "exists"}.
create or replace function alert_endpoint_add_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  made bigint;
begin
  if answer is not null then
    return answer;
  end if;
  insert into alert_endpoints (via, address, name, kinds, language, tells_buyers, actor)
  values (cmd->>'via', cmd->>'address', coalesce(cmd->>'name', ''), array(select jsonb_array_elements_text(coalesce(cmd->'kinds', '[]'))),
    coalesce(cmd->>'language', 'en'), coalesce((cmd->>'tellsBuyers')::boolean, false), cmd->>'actor')
  on conflict (via, lower(address)) where removed_at is null do nothing returning id into made;
  if made is null then
    return command_open(cmd, jsonb_build_object('outcome', 'exists'));
  end if;
  if cmd->>'secret' is not null then
    insert into alert_secrets (endpoint_id, secret) values (made, decode(cmd->>'secret', 'base64'));
  end if;
  insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'alert_endpoint.add', 'alert-endpoint:' || made, jsonb_build_object('via', cmd->>'via'));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'id', made));
end $$;

-- Changes an endpoint: cmd.id, via, and name?, kinds?, language?, tellsBuyers?, state? (active, paused). Answers done or unknown.
create or replace function alert_endpoint_change_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
begin
  if answer is not null then
    return answer;
  end if;
  update alert_endpoints set name = coalesce(cmd->>'name', name), language = coalesce(cmd->>'language', language), tells_buyers = coalesce((cmd->>'tellsBuyers')::boolean, tells_buyers),
    kinds = case when cmd ? 'kinds' then array(select jsonb_array_elements_text(cmd->'kinds')) else kinds end,
    state_since = case when coalesce(cmd->>'state', state) = state then state_since else clock_timestamp() end, state = coalesce(cmd->>'state', state)
  where id = (cmd->>'id')::bigint and via = cmd->>'via' and removed_at is null;
  if not found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown'));
  end if;
  insert into audit (actor, act, subject, detail)
  values (cmd->>'actor', 'alert_endpoint.change', 'alert-endpoint:' || (cmd->>'id'), cmd - 'scope' - 'key' - 'kind' - 'hash' - 'actor' - 'id' - 'via');
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'id', (cmd->>'id')::bigint));
end $$;

-- Takes an endpoint away: its secrets go, what waited for it is dropped, its log stays for its time. cmd.id, via.
create or replace function alert_endpoint_remove_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
begin
  if answer is not null then
    return answer;
  end if;
  update alert_endpoints set removed_at = clock_timestamp() where id = (cmd->>'id')::bigint and via = cmd->>'via' and removed_at is null;
  if not found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown'));
  end if;
  delete from alert_secrets where endpoint_id = (cmd->>'id')::bigint;
  update alert_deliveries set state = 'dropped', due_at = null, ended_at = clock_timestamp() where endpoint_id = (cmd->>'id')::bigint and state = 'waiting';
  update buyer_notices set state = 'dropped', due_at = null, ended_at = clock_timestamp() where endpoint_id = (cmd->>'id')::bigint and state = 'waiting';
  insert into audit (actor, act, subject) values (cmd->>'actor', 'alert_endpoint.remove', 'alert-endpoint:' || (cmd->>'id'));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'id', (cmd->>'id')::bigint));
end $$;

-- A new secret (cmd.secret, base64, sealed) for cmd.id; those before sign on for cmd.overlapS seconds.
create or replace function alert_secret_rotate_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  ends timestamptz := clock_timestamp() + make_interval(secs => (cmd->>'overlapS')::int);
begin
  if answer is not null then
    return answer;
  end if;
  perform 1 from alert_endpoints where id = (cmd->>'id')::bigint and via = 'webhook' and removed_at is null for update;
  if not found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown'));
  end if;
  delete from alert_secrets where endpoint_id = (cmd->>'id')::bigint and ends_at <= clock_timestamp();
  update alert_secrets set ends_at = least(ends_at, ends) where endpoint_id = (cmd->>'id')::bigint;
  insert into alert_secrets (endpoint_id, secret) values ((cmd->>'id')::bigint, decode(cmd->>'secret', 'base64'));
  insert into audit (actor, act, subject, detail)
  values (cmd->>'actor', 'alert_endpoint.rotate', 'alert-endpoint:' || (cmd->>'id'), jsonb_build_object('overlapS', cmd->'overlapS'));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'id', (cmd->>'id')::bigint, 'endsAt', alert_instant(ends)));
end $$;

-- Something to see whether cmd.id (via cmd.via) gets it. Answers {"outcome": "done", delivery}, unknown, or {"outcome": "not_active", state}.
create or replace function alert_test_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  e alert_endpoints;
  made bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into e from alert_endpoints where id = (cmd->>'id')::bigint and via = cmd->>'via' and removed_at is null for share;
  if e.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown'));
  end if;
  if e.state <> 'active' then
    return command_open(cmd, jsonb_build_object('outcome', 'not_active', 'state', e.state));
  end if;
  insert into alert_deliveries (endpoint_id, message_id, event, body, due_at)
  values (e.id, alert_message_id(), 'webhook.test', jsonb_build_object('type', 'webhook.test', 'timestamp', alert_instant(clock_timestamp()),
    'data', jsonb_build_object('endpoint', e.id))::text, clock_timestamp()) returning id into made;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'delivery', made));
end $$;

-- Sends again, under the same message ids: cmd.delivery, or all of cmd.id (via cmd.via) that were written since cmd.since. What still waits is
-- sent at once. Answers {"outcome": "done", deliveries: how many}, unknown or not_active.
create or replace function alert_replay_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  e alert_endpoints;
  n int;
begin
  if answer is not null then
    return answer;
  end if;
  select p.* into e from alert_endpoints p where removed_at is null
    and p.id = coalesce((cmd->>'id')::bigint, (select endpoint_id from alert_deliveries where id = (cmd->>'delivery')::bigint)) for share;
  if e.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown'));
  end if;
  if e.state <> 'active' then
    return command_open(cmd, jsonb_build_object('outcome', 'not_active', 'state', e.state));
  end if;
  -- One that is under way just now is not given to a second worker.
  update alert_deliveries set state = 'waiting', attempts = 0, due_at = clock_timestamp(), ended_at = null
  where endpoint_id = e.id and (id = (cmd->>'delivery')::bigint or cmd->>'delivery' is null and created_at >= (cmd->>'since')::timestamptz);
  get diagnostics n = row_count;
  insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'alert_endpoint.replay', 'alert-endpoint:' || e.id,
    jsonb_strip_nulls(jsonb_build_object('delivery', cmd->'delivery', 'since', cmd->'since', 'deliveries', n)));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'deliveries', n));
end $$;

-- Notes a try of p_owner: p_outcome `done`, `again` (in p_retry_ms; null: that was the last one) or `gone` (the endpoint is there no more: it ends, and what
-- waits for it is dropped). Who has lost the delivery to another worker adds to the log only, unless it got through. p_now null: the clock's. Answers the
-- delivery's state.
create or replace function alert_attempt_1(p_delivery bigint, p_owner text, p_took_ms int, p_outcome text, p_status int, p_trouble text, p_retry_ms int,
  p_now timestamptz) returns text language plpgsql as $$
declare
  at_now timestamptz := coalesce(p_now, clock_timestamp());
  is_last boolean := p_outcome <> 'again' or p_retry_ms is null;
  d alert_deliveries;
begin
  select * into d from alert_deliveries where id = p_delivery for update;
  if d.id is null then
    return null;
  end if;
  insert into alert_attempts (delivery_id, at, took_ms, status, trouble)
  values (d.id, at_now - make_interval(secs => p_took_ms / 1000.0), p_took_ms, p_status, p_trouble);
  if d.state <> 'waiting' or (p_outcome = 'again' and d.taken_by is distinct from p_owner) then
    return d.state;
  end if;
  update alert_deliveries set attempts = attempts + 1, taken_by = null, taken_until = null, last_status = p_status, last_trouble = p_trouble,
    state = case when p_outcome = 'done' then 'done' when p_outcome = 'gone' then 'dropped' when is_last then 'failed' else 'waiting' end,
    due_at = case when not is_last then at_now + make_interval(secs => p_retry_ms / 1000.0) end, ended_at = case when is_last then at_now end
  where id = d.id returning * into d;
  if p_outcome = 'gone' then
    update alert_endpoints set state = 'gone', state_since = at_now where id = d.endpoint_id;
    update alert_deliveries set state = 'dropped', due_at = null, ended_at = at_now where endpoint_id = d.endpoint_id and state = 'waiting';
  end if;
  return d.state;
end $$;
