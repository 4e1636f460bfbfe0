-- What buyers are told: written in the statement of what happened, told later by whoever claims it.

-- Which notice an event is, if any. p_of_order: it is the order's own, not one of its groups'. p_method: of the group that it is about.
create or replace function buyer_notice_of(p_transition text, p_of_order boolean, p_method text, p_from text, p_to text) returns text language sql immutable as $$
  select case
    when not p_of_order then case
      when p_transition = 'ready' and p_method = 'collect' then 'ready'
      when p_transition = 'remind' then 'reminder'
      when p_transition = 'keep_longer' then 'extended'
      when p_transition = 'not_collected' then 'not_collected'
      when p_transition = 'choice_needed' then 'choice_needed'
      when p_transition in ('short_pick', 'damaged_pick') and p_method <> 'collect' then 'short' end
    when p_transition = 'substitute' then 'substituted'
    when p_transition = 'ship' or p_transition = 'hand_over' and p_method = 'ship' then 'shipped'
    when p_transition = 'cancel' or p_to = 'cancelled' and p_transition <> 'not_collected' and p_from is not null and p_from not in ('received', 'cancelled') then 'cancelled'
    when p_to in ('accepted', 'routed', 'in_fulfilment') and (p_from is null or p_from in ('received', 'held')) then 'confirmed'
  end
$$;

-- The ways on which a notice of a channel goes: by e-mail, and by each webhook that was given its kind.
create or replace function buyer_notice_ways(p_channel bigint, p_kind text) returns table (via text, endpoint_id bigint) language sql stable as $$
  select w.via, w.endpoint_id from channel_notices s cross join lateral (
    select 'email' as via, null::bigint as endpoint_id where s.by_email
    union all
    select 'webhook', p.id from alert_endpoints p where p.via = 'webhook' and p.removed_at is null and p.state = 'active' and 'order.' || p_kind = any(p.kinds)) w
  where s.channel_id = p_channel and p_kind = any(s.kinds)
$$;

-- What an event is told once of: the order that is confirmed, also where it was held in between; the group that is short; the choice that is open, which began
-- with the group or when the buyer chose last, or when it was ready or more came to it after all: who was told that his goods are late is not told once more when
-- they are given up. All else is told each time that it happens.
create or replace function buyer_notice_cause(p_kind text, p_event bigint, p_order bigint, p_group bigint) returns text language sql stable set enable_seqscan = off as $$
  select case p_kind
    when 'confirmed' then 'order'
    when 'short' then 'group:' || p_group
    when 'choice_needed' then 'choice:' || p_group || ':' || coalesce((select max(e.id) from order_events e where e.order_id = p_order and e.id < p_event
      and (e.group_id is null and e.transition = 'choose' or e.group_id = p_group and e.transition in ('ready', 'extend'))), 0)
    else 'event:' || p_event end
$$;

-- An order that was placed long before we heard of it is not confirmed. Nobody is told where the buyer is to be forgotten.
create or replace function buyer_notices_of_events() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  -- Most hubs book far more orders than they tell buyers of.
  if not exists (select from channel_notices where kinds <> '{}') then
    return null;
  end if;
  insert into buyer_notices (order_id, group_id, event_id, kind, cause, via, endpoint_id, message_id, due_at)
  select e.order_id, g.id, e.id, n.kind, buyer_notice_cause(n.kind, e.id, e.order_id, g.id), w.via,
    w.endpoint_id, alert_message_id(), clock_timestamp()
  from happened e join orders o on o.id = e.order_id
  left join fulfilment_groups g on g.id = coalesce(e.group_id, case e.transition when 'hand_over' then (e.detail->>'groupId')::bigint end)
  cross join lateral (select buyer_notice_of(e.transition, e.group_id is null, g.method, e.from_state, e.to_state) as kind) n
  cross join lateral buyer_notice_ways(o.channel_id, n.kind) w
  where n.kind is not null and o.people_gone_at is null and (n.kind <> 'confirmed' or o.placed_at > clock_timestamp() - interval '2 days')
  order by e.id on conflict do nothing;
  return null;
end $$;

-- Money went back at the platform.
create or replace function buyer_notices_of_refund() returns trigger language plpgsql as $$
begin
  insert into buyer_notices (order_id, act_id, kind, cause, via, endpoint_id, message_id, due_at)
  select o.id, new.id, 'refunded', 'act:' || new.id, w.via, w.endpoint_id, alert_message_id(), clock_timestamp()
  from orders o cross join lateral buyer_notice_ways(o.channel_id, 'refunded') w where o.id = new.order_id and o.people_gone_at is null
  on conflict do nothing;
  return null;
end $$;

-- Notes a try, as alert_attempt_1 does: p_outcome `done`, `drop` (there is nobody to tell, or it is no longer so), `again` (in p_retry_ms; null: that was the last one)
-- or `gone` (the endpoint is there no more). Answers the state; null: it is another worker's by now.
create or replace function buyer_notice_try_1(p_notice bigint, p_owner text, p_outcome text, p_status int, p_trouble text, p_retry_ms int, p_now timestamptz)
returns text language plpgsql as $$
declare
  at_now timestamptz := coalesce(p_now, clock_timestamp());
  is_last boolean := p_outcome <> 'again' or p_retry_ms is null;
  n buyer_notices;
begin
  select * into n from buyer_notices where id = p_notice for update;
  if n.id is null or n.state <> 'waiting' or (p_outcome = 'again' and n.taken_by is distinct from p_owner) then
    return n.state;
  end if;
  update buyer_notices set attempts = attempts + 1, taken_by = null, taken_until = null, last_status = p_status, last_trouble = p_trouble,
    state = case when p_outcome = 'done' then 'done' when p_outcome in ('drop', 'gone') then 'dropped' when is_last then 'failed' else 'waiting' end,
    due_at = case when not is_last then at_now + make_interval(secs => p_retry_ms / 1000.0) end, ended_at = case when is_last then at_now end
  where id = n.id returning * into n;
  if p_outcome = 'gone' then
    update alert_endpoints set state = 'gone', state_since = at_now where id = n.endpoint_id;
    update buyer_notices set state = 'dropped', due_at = null, ended_at = at_now where endpoint_id = n.endpoint_id and state = 'waiting';
  end if;
  return n.state;
end $$;

-- A notice is told once more by a person's word: as the same message where nobody took it, as a new one where somebody did. What is no longer so is dropped as ever.
-- cmd: orderId, notice. Answers {"outcome": "done", notice}, unknown, waiting (it is being told), or gone (its webhook is no more).
create or replace function buyer_notice_again_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  n buyer_notices;
begin
  if answer is not null then
    return answer;
  end if;
  select * into n from buyer_notices where id = (cmd->>'notice')::bigint and order_id = (cmd->>'orderId')::bigint for update;
  if n.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'notice', 'value', cmd->'notice'));
  end if;
  if n.state = 'waiting' then
    return command_open(cmd, jsonb_build_object('outcome', 'waiting'));
  end if;
  if n.endpoint_id is not null and not exists (select from alert_endpoints e where e.id = n.endpoint_id and e.state = 'active' and e.removed_at is null) then
    return command_open(cmd, jsonb_build_object('outcome', 'gone'));
  end if;
  update buyer_notices set state = 'waiting', due_at = clock_timestamp(), ended_at = null, attempts = 0, last_status = null, last_trouble = null,
    message_id = case n.state when 'done' then alert_message_id() else message_id end where id = n.id;
  insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'notice.again', 'order:' || n.order_id, jsonb_build_object('notice', n.id, 'kind', n.kind));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'notice', n.id));
end $$;
