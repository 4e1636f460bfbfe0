-- What waits to be collected: its buyer is reminded, may ask for more time, and when that is over it is put back, for sale again, and cancelled or sent instead. Each is one
-- statement that judges under the lock of the order, as handing over does: whoever comes first has it.

-- Tells buyers whose goods will not be kept much longer, and those whose goods are late; answers how many.
create or replace function pick_up_tell_1(p_now timestamptz, p_limit int) returns int language plpgsql as $$
declare
  told int;
  late int;
begin
  with due as (
    select g.id from fulfilment_groups g join orders o on o.id = g.order_id
    where g.state = 'ready' and g.remind_at <= p_now and o.state <> 'held' order by g.remind_at limit p_limit for update of g skip locked
  ), gone as (
    update fulfilment_groups g set remind_at = null from due where g.id = due.id returning g.id, g.order_id, g.collect_by
  )
  insert into order_events (order_id, group_id, transition, from_state, to_state, detail, actor)
  select order_id, id, 'remind', 'ready', 'ready', jsonb_build_object('collectBy', collect_by), 'rule' from gone where collect_by > p_now;
  get diagnostics told = row_count;
  with due as (
    select g.id from fulfilment_groups g join orders o on o.id = g.order_id
    where g.state in ('waiting', 'picking') and g.method = 'collect' and g.late_told_at is null and g.ready_by < p_now and o.state <> 'held'
      and g.ready_by + make_interval(mins => (select late_minutes from pick_up_rule(o.channel_id, g.location_id))) < p_now
    order by g.ready_by limit p_limit for update of g skip locked
  ), gone as (
    update fulfilment_groups g set late_told_at = p_now from due where g.id = due.id returning g.*
  )
  insert into order_events (order_id, group_id, transition, from_state, to_state, detail, actor)
  select g.order_id, g.id, 'choice_needed', g.state, g.state, jsonb_build_object('why', 'late', 'location', p.code, 'lines', (
    select jsonb_agg(jsonb_build_object('lineId', f.order_line_id, 'quantity', f.assigned - f.done - f.released) order by f.order_line_id)
    from fulfilment_lines f where f.group_id = g.id and f.assigned > f.done + f.released)), 'rule'
  from gone g join locations p on p.id = g.location_id;
  get diagnostics late = row_count;
  return told + late;
end $$;

-- A buyer asks for more time, or somebody gives it. cmd: groupId, orderId?, locationId? (it must be theirs), days (as the rule says when absent), counts (true: no oftener than
-- the rule allows). Also what is over, as long as nobody has put it back. Answers {"outcome": "kept", "collectBy"} with fulfilment_told, unknown, closed {state}, or used_up {most}.
create or replace function pick_up_keep_longer_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  g fulfilment_groups;
  rule record;
  until timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  -- The order's row first, as whoever hands over or puts back: they decide under it.
  perform 1 from orders where id = (select order_id from fulfilment_groups where id = (cmd->>'groupId')::bigint) for no key update;
  select * into g from fulfilment_groups where id = (cmd->>'groupId')::bigint and (cmd->>'locationId' is null or location_id = (cmd->>'locationId')::bigint)
    and (cmd->>'orderId' is null or order_id = (cmd->>'orderId')::bigint) for update;
  if g.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'group', 'value', cmd->'groupId'));
  end if;
  if g.method <> 'collect' or g.state <> 'ready' then
    return command_open(cmd, jsonb_build_object('outcome', 'closed', 'state', g.state));
  end if;
  select r.* into rule from orders o cross join lateral pick_up_rule(o.channel_id, g.location_id) r where o.id = g.order_id;
  if (cmd->>'counts')::boolean and g.extensions >= rule.extensions_most then
    return command_open(cmd, jsonb_build_object('outcome', 'used_up', 'most', rule.extensions_most));
  end if;
  until := greatest(g.collect_by, command_now(cmd)) + make_interval(days => coalesce((cmd->>'days')::int, rule.extend_days));
  update fulfilment_groups set collect_by = until, remind_at = pick_up_remind_at(until, command_now(cmd), rule.remind_hours),
    extensions = extensions + case when (cmd->>'counts')::boolean then 1 else 0 end where id = g.id;
  perform fulfilment_turn(g, 'keep_longer', g.state, jsonb_build_object('from', g.collect_by, 'collectBy', until), cmd);
  insert into change (kind, ref_id, channel_id) select 'order', o.id, o.channel_id from orders o where o.id = g.order_id;
  return command_done(cmd, jsonb_build_object('outcome', 'kept', 'collectBy', until) || fulfilment_told(g.id));
end $$;

-- When a buyer is reminded of what is kept until an instant; null: not at all, as it is too near, or the rule says so.
create or replace function pick_up_remind_at(p_until timestamptz, p_now timestamptz, p_hours int) returns timestamptz language sql immutable as $$
  select case when p_hours > 0 and p_until - make_interval(hours => p_hours) > p_now then p_until - make_interval(hours => p_hours) end
$$;

-- What was ready while its order was held could not be collected: once it is let go its buyer has the days of an extension left, at least.
create or replace function pick_up_kept_on(p_order bigint, cmd jsonb) returns void language sql as $$
  update fulfilment_groups g set collect_by = n.until, remind_at = pick_up_remind_at(n.until, command_now(cmd), n.remind_hours)
  from (
    select x.id, command_now(cmd) + make_interval(days => r.extend_days) as until, r.remind_hours
    from fulfilment_groups x join orders o on o.id = x.order_id cross join lateral pick_up_rule(o.channel_id, x.location_id) r
    where x.order_id = p_order and x.state = 'ready' and x.method = 'collect'
      and not exists (select from order_holds h where h.order_id = p_order and h.ended_at is null)) n
  where g.id = n.id and g.collect_by < n.until
$$;

-- What of a group is still to be handed over, as an act tells it.
create or replace function pick_up_open(p_group bigint) returns jsonb language sql stable as $$
  select jsonb_agg(jsonb_build_object('lineId', n.id, 'externalLineId', order_line_external(n.id), 'quantity', f.assigned - f.done - f.released) order by n.id)
  from fulfilment_lines f join order_lines n on n.id = f.order_line_id where f.group_id = p_group and f.assigned > f.done + f.released
$$;

-- Groups whose time is over, and what the rule says becomes of them. What is held is kept; what its platform would not cancel waits for a person.
create or replace function pick_up_over(p_now timestamptz, p_limit int) returns table (group_id bigint, order_id bigint, becomes text) language sql stable as $$
  select g.id, o.id, r.becomes from fulfilment_groups g join orders o on o.id = g.order_id cross join lateral pick_up_rule(o.channel_id, g.location_id) r
  where g.state = 'ready' and g.method = 'collect' and g.collect_by <= p_now and o.state <> 'held' and not order_steps_back('not_collected', g.id, p_now)
    and (r.becomes <> 'cancel' or order_cancellable(o, pick_up_open(g.id))) order by g.collect_by limit p_limit
$$;

-- Nobody came for a group. Its units are promised to its buyer no longer and free again (the desk shows what to put back), and a cancellation tells the platform, which gives the
-- money back; or (cmd.ship) they are sent instead: promised still, and routed anew. cmd: groupId, ship, now?.
-- Answers {"outcome": "not_collected", "becomes", "act", "lines"}, unknown, or not_over {state, collectBy}: it was handed over, kept longer, is held, or its platform would not cancel it.
create or replace function pick_up_not_collected_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  head record := fulfilment_claim(cmd);
  g fulfilment_groups := head.g;
  o orders;
  item record;
  parts jsonb;
  detail jsonb;
  act bigint;
begin
  if head.answer is not null then
    return head.answer;
  end if;
  select * into o from orders where id = g.order_id;
  if g.state <> 'ready' or g.method <> 'collect' or g.collect_by > command_now(cmd) or o.state = 'held' then
    return command_open(cmd, jsonb_build_object('outcome', 'not_over', 'state', case when o.state = 'held' then o.state else g.state end, 'collectBy', g.collect_by));
  end if;
  parts := pick_up_open(g.id);
  if not (cmd->>'ship')::boolean and not order_cancellable(o, parts) then
    return command_open(cmd, jsonb_build_object('outcome', 'not_over', 'state', g.state, 'collectBy', g.collect_by));
  end if;
  detail := jsonb_build_object('becomes', case when (cmd->>'ship')::boolean then 'ship' else 'cancel' end, 'lines', parts);
  update fulfilment_lines set released = assigned - done where group_id = g.id;
  update fulfilment_groups set not_collected_at = command_now(cmd), remind_at = null where id = g.id;
  perform fulfilment_turn(g, 'not_collected', case when exists (select from fulfilment_lines where group_id = g.id and done > 0) then 'done' else 'cancelled' end, detail, cmd);
  if (cmd->>'ship')::boolean then
    update order_lines set method = 'ship', collect_location_id = null, chosen_at = command_now(cmd)
    where id in (select (x->>'lineId')::bigint from jsonb_array_elements(parts) x);
    delete from routing_waits where order_id = o.id;
    insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  else
    for item in select (x->>'lineId')::bigint as id, (x->>'quantity')::int as units from jsonb_array_elements(parts) x loop
      perform fulfilment_unpromise(g, item.id, item.units, 'release', cmd);
      update order_lines set reserved = reserved - item.units, cancelled = cancelled + item.units where id = item.id;
    end loop;
    act := order_act(o, 'cancel', jsonb_build_object('lines', parts, 'cause', 'customer', 'reason', 'not collected'), cmd);
  end if;
  perform order_turn(o.id, 'not_collected', null, detail || jsonb_build_object('group', g.id), cmd);
  perform stock_fill_all(order_variants(o.id), stock_consequence(cmd));
  perform stock_changed(order_variants(o.id));
  return command_done(cmd, jsonb_build_object('outcome', 'not_collected', 'becomes', detail->'becomes', 'act', act, 'lines', parts));
end $$;
