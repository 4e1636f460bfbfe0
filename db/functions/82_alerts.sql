-- Alerts: opened, refreshed and ended by looking; what is to be told of it is written in the same statement.

-- Looks once, as of the instant (null: now). What is wrong opens an alert or refreshes the open one; what has not been wrong for its quiet time ends. Each
-- endpoint that wants the kind gets one delivery when it opens, and one when it ends if it was told that it opened. One look at a time: null when
-- another is under way. Answers {opened, ended, told}.
create or replace function alerts_look_1(p_now timestamptz, p_usual jsonb) returns jsonb language plpgsql as $$
declare
  at_now timestamptz := coalesce(p_now, clock_timestamp());
  answer jsonb;
begin
  if not pg_try_advisory_xact_lock(7312651) then
    return null;
  end if;
  with wrong as materialized (
    select * from alerts_wrong(at_now, p_usual)
  ), seen as (
    insert into alerts (kind, subject, channel_id, account_id, facts, since, opened_at, seen_at, quiet_s)
    select kind, subject, channel_id, account_id, facts, since, at_now, at_now, quiet_s from wrong
    on conflict (kind, subject) where ended_at is null do update set facts = excluded.facts, seen_at = at_now, seen = alerts.seen + 1, quiet_s = excluded.quiet_s
    returning alerts.*, (xmax = 0) as is_new
  ), ended as (
    update alerts a set ended_at = at_now where ended_at is null and seen_at <= at_now - make_interval(secs => quiet_s)
      and not exists (select from wrong w where w.kind = a.kind and w.subject = a.subject)
    returning a.*
  ), events as materialized (
    select id, kind, 'alert.opened' as event, alert_message('alert.opened', at_now, s.id, s.kind, s.subject, s.since, s.opened_at, null, s.facts) as body,
      alert_message_id() as message_id from seen s where is_new
    union all
    select id, kind, 'alert.ended', alert_message('alert.ended', at_now, e.id, e.kind, e.subject, e.since, e.opened_at, e.ended_at, e.facts), alert_message_id() from ended e
  ), told as (
    insert into alert_deliveries (endpoint_id, message_id, alert_id, event, body, due_at, created_at)
    select p.id, v.message_id, v.id, v.event, v.body, at_now, at_now from events v join alert_endpoints p on p.state = 'active' and p.removed_at is null
      and (p.kinds = '{}' or v.kind = any (p.kinds))
      and (v.event = 'alert.opened' or exists (select from alert_deliveries o where o.alert_id = v.id and o.endpoint_id = p.id and o.event = 'alert.opened'))
    returning 1
  )
  select jsonb_build_object('opened', (select count(*) from events where event = 'alert.opened'), 'ended', (select count(*) from ended),
    'told', (select count(*) from told)) into answer;
  return answer;
end $$;

create or replace function alert_message_id() returns text language sql volatile as $$
  select 'msg_' || replace(gen_random_uuid()::text, '-', '')
$$;

-- What leaves the house: {type, timestamp, data}.
create or replace function alert_message(p_event text, p_at timestamptz, p_alert bigint, p_kind text, p_subject text, p_since timestamptz, p_opened timestamptz,
  p_ended timestamptz, p_facts jsonb) returns text language sql stable as $$
  select jsonb_build_object('type', p_event, 'timestamp', alert_instant(p_at), 'data', jsonb_build_object('alert', p_alert, 'kind', p_kind, 'subject', p_subject,
    'since', alert_instant(p_since), 'openedAt', alert_instant(p_opened), 'endedAt', alert_instant(p_ended), 'facts', p_facts))::text
$$;

-- From where on a kind is told: cmd.alert (the kind), channel? (code; else the installation), amount?, quietS?, off?; usual: true takes our own limit away.
-- Answers {"outcome": "done"} or unknown.
create or replace function alert_limit_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  channel bigint;
begin
  if answer is not null then
    return answer;
  end if;
  if cmd->>'channel' is not null then
    select id into channel from channels where code = cmd->>'channel';
    if channel is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
    end if;
  end if;
  if (cmd->>'usual')::boolean then
    delete from alert_limits where kind = cmd->>'alert' and channel_id is not distinct from channel;
  else
    insert into alert_limits as l (kind, channel_id, amount, quiet_s, off, actor)
    values (cmd->>'alert', channel, (cmd->>'amount')::numeric, (cmd->>'quietS')::int, coalesce((cmd->>'off')::boolean, false), cmd->>'actor')
    on conflict (kind, coalesce(channel_id, 0)) do update set amount = coalesce(excluded.amount, l.amount), quiet_s = coalesce(excluded.quiet_s, l.quiet_s),
      off = coalesce((cmd->>'off')::boolean, l.off), actor = excluded.actor, set_at = clock_timestamp();
  end if;
  insert into audit (actor, act, subject, detail)
  values (cmd->>'actor', 'alert.limit', cmd->>'alert', cmd - 'scope' - 'key' - 'kind' - 'hash' - 'actor' - 'alert');
  return command_done(cmd, jsonb_build_object('outcome', 'done'));
end $$;
