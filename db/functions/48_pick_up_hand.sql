-- Groups that leave: told to the buyer, handed over against the code or a paper that proves who it is, or given to a carrier.

-- All open units of a group lie together. cmd: groupId, locationId, all (true: picked without a word of each), bay, keepDays (how long they are kept; as the rule says when absent). What
-- buyers collect gets a code, and the platform is told where it can be. Answers {"outcome": "ready", "code", "collectBy", "act"} with fulfilment_told,
-- unknown, closed {state}, or not_picked {lineId, open, picked}.
create or replace function fulfilment_ready_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  head record := fulfilment_claim(cmd);
  g fulfilment_groups := head.g;
  o orders;
  item record;
  told jsonb;
  act bigint;
  rule record;
  until timestamptz;
begin
  if head.answer is not null then
    return head.answer;
  end if;
  if g.state not in ('waiting', 'picking') then
    return command_open(cmd, jsonb_build_object('outcome', 'closed', 'state', g.state));
  end if;
  select l.order_line_id, l.assigned - l.done - l.released as open, greatest(l.picked - l.done, 0) as picked into item from fulfilment_lines l
  where l.group_id = g.id and l.picked < l.assigned - l.released order by 1 limit 1;
  if found and not coalesce((cmd->>'all')::boolean, false) then
    return command_open(cmd, jsonb_build_object('outcome', 'not_picked', 'lineId', item.order_line_id, 'sku', order_line_sku(item.order_line_id), 'open', item.open, 'picked', item.picked));
  end if;
  update fulfilment_lines set picked = greatest(picked, assigned - released) where group_id = g.id and picked < assigned - released;
  select * into o from orders where id = g.order_id;
  select * into rule from pick_up_rule(o.channel_id, g.location_id);
  until := command_now(cmd) + make_interval(days => coalesce((cmd->>'keepDays')::int, rule.keep_days));
  update fulfilment_groups set ready_at = command_now(cmd), bay = coalesce(cmd->>'bay', bay), code_tries = 0,
    -- The first 32 bits of a random uuid; six digits can be told over a counter.
    code = case when method = 'collect' then coalesce(code, lpad((('x' || left(gen_random_uuid()::text, 8))::bit(32)::bigint % 1000000)::text, 6, '0')) end,
    collect_by = case when method = 'collect' then until end,
    remind_at = case when method = 'collect' then pick_up_remind_at(until, command_now(cmd), rule.remind_hours) end
  where id = g.id;
  perform fulfilment_turn(g, 'ready', 'ready', null, cmd);
  perform fulfilment_order_turn(g.order_id, 'ready', cmd);
  if g.method = 'collect' and (select coalesce(p.tells_ready, true) from channels c join accounts a on a.id = c.account_id left join platforms p on p.platform = a.platform
    where c.id = o.channel_id) then
    select jsonb_agg(jsonb_build_object('lineId', n.id, 'externalLineId', order_line_external(n.id), 'quantity', l.assigned - l.done - l.released) order by n.id) into told
    from fulfilment_lines l join order_lines n on n.id = l.order_line_id where l.group_id = g.id and l.assigned > l.done + l.released;
    act := order_act(o, 'ready', jsonb_build_object('lines', told, 'code', (select code from fulfilment_groups where id = g.id)), cmd);
  else
    insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  end if;
  select * into g from fulfilment_groups where id = g.id;
  return command_done(cmd, jsonb_build_object('outcome', 'ready', 'code', g.code, 'collectBy', g.collect_by, 'act', act) || fulfilment_told(g.id));
end $$;

-- Goods leave the location: the group's promises are settled, and an act tells the platform. cmd: groupId, locationId, lines [{lineId, quantity}] (all open ones when absent),
-- proof (`code` with cmd.code, or `identity`: the clerk has seen a paper with the name) and takenBy (buyer | other) where buyers collect, tracking {carrier, number, url?}
-- where it is sent. Five wrong codes, and only a paper helps. Answers {"outcome": "handed_over", "act"} with fulfilment_told, unknown, closed {state},
-- not_ready {state}, wrong_code {left}, code_locked, or too_many {lineId, asked, open}.
create or replace function fulfilment_hand_over_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  head record := fulfilment_claim(cmd);
  g fulfilment_groups := head.g;
  o orders;
  item record;
  sent jsonb := '[]';
  act bigint;
  c jsonb;
begin
  if head.answer is not null then
    return head.answer;
  end if;
  select * into o from orders where id = g.order_id;
  if g.state in ('done', 'cancelled', 'rejected') or o.state = 'held' then
    return command_open(cmd, jsonb_build_object('outcome', 'closed', 'state', case when g.state in ('done', 'cancelled', 'rejected') then g.state else o.state end));
  end if;
  if g.state <> 'ready' then
    return command_open(cmd, jsonb_build_object('outcome', 'not_ready', 'state', g.state));
  end if;
  if g.method = 'collect' and cmd->>'proof' = 'code' then
    if g.code_tries >= 5 then
      return command_open(cmd, jsonb_build_object('outcome', 'code_locked'));
    end if;
    if cmd->>'code' is distinct from g.code then
      update fulfilment_groups set code_tries = code_tries + 1 where id = g.id;
      return command_open(cmd, jsonb_build_object('outcome', 'wrong_code', 'left', 4 - g.code_tries));
    end if;
  end if;
  for item in
    select l.order_line_id, order_line_external(n.id) as external_line_id, l.assigned - l.done - l.released as open, coalesce((x->>'quantity')::int, l.assigned - l.done - l.released) as asked
    from fulfilment_lines l join order_lines n on n.id = l.order_line_id left join jsonb_array_elements(cmd->'lines') x on (x->>'lineId')::bigint = l.order_line_id
    where l.group_id = g.id and (cmd->'lines' is null or x is not null) order by 1
  loop
    continue when item.asked = 0;
    if item.asked > item.open then
      return command_open(cmd, jsonb_build_object('outcome', 'too_many', 'lineId', item.order_line_id, 'sku', order_line_sku(item.order_line_id), 'asked', item.asked, 'open', item.open));
    end if;
    sent := sent || jsonb_build_array(jsonb_build_object('lineId', item.order_line_id, 'externalLineId', item.external_line_id, 'quantity', item.asked));
  end loop;
  if jsonb_array_length(sent) = 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'closed', 'state', g.state));
  end if;
  c := cmd || jsonb_build_object('groupId', g.id, 'detail', jsonb_strip_nulls(jsonb_build_object('proof', cmd->'proof', 'takenBy', cmd->'takenBy')));
  for item in select (x->>'lineId')::bigint as id, (x->>'quantity')::int as quantity from jsonb_array_elements(sent) x loop
    perform fulfilment_unpromise(g, item.id, item.quantity, 'settle', c);
    update order_lines set reserved = reserved - item.quantity, shipped = shipped + item.quantity where id = item.id;
  end loop;
  act := order_act(o, 'ship', jsonb_build_object('lines', sent, 'tracking', cmd->'tracking'), cmd);
  perform order_turn(o.id, 'hand_over', null, jsonb_build_object('groupId', g.id), cmd);
  perform stock_changed(order_variants(o.id));
  return command_done(cmd, jsonb_build_object('outcome', 'handed_over', 'act', act, 'lines', sent) || (fulfilment_told(g.id) - 'lines'));
end $$;
