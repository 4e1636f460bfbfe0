-- A location gives units of a group up: they are promised still, wait to be routed again, and not to this location.

-- cmd: {groupId, reason, lines?: [{lineId, quantity, missing?}]} (everything that is open when absent). missing: so many of them are not on the shelf: they leave the
-- books, and the line is short of them until there are others. Answers {"outcome": "rejected", "group", "orderId", "state", "lines": [{lineId, quantity, missing}]}, unknown,
-- ended {state}, over {lineId, asked, open}, or in_parts {lineId}: what is missing of a bundle is found by counting its parts.
create or replace function fulfilment_reject_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  g fulfilment_groups;
  o orders;
  variant_ids bigint[];
  parts jsonb;
  item record;
  r record;
  left_over int;
  take int;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (select order_id from fulfilment_groups where id = (cmd->>'groupId')::bigint) for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'group', 'value', cmd->>'groupId'));
  end if;
  variant_ids := order_variants(o.id);
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  select * into g from fulfilment_groups where id = (cmd->>'groupId')::bigint;
  if g.state not in ('waiting', 'picking', 'ready') then
    return command_open(cmd, jsonb_build_object('outcome', 'ended', 'state', g.state));
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('lineId', f.order_line_id, 'quantity', coalesce((x->>'quantity')::int, f.assigned - f.done - f.released),
    'missing', coalesce((x->>'missing')::int, 0)) order by f.order_line_id), '[]') into parts
  from fulfilment_lines f left join jsonb_array_elements(cmd->'lines') x on (x->>'lineId')::bigint = f.order_line_id
  where f.group_id = g.id and f.assigned > f.done + f.released and (cmd->'lines' is null or x is not null);
  select jsonb_build_object('outcome', 'over', 'lineId', (w->>'lineId')::bigint, 'sku', order_line_sku(f.order_line_id), 'asked', (w->>'quantity')::int, 'open', coalesce(f.assigned - f.done - f.released, 0)) into answer
  from (select w from jsonb_array_elements(cmd->'lines') w union all select p from jsonb_array_elements(parts) p) x
  left join fulfilment_lines f on f.group_id = g.id and f.order_line_id = (w->>'lineId')::bigint
  where coalesce((w->>'quantity')::int, 1) not between 1 and coalesce(f.assigned - f.done - f.released, 0)
    or coalesce((w->>'missing')::int, 0) not between 0 and coalesce((w->>'quantity')::int, f.assigned - f.done - f.released) limit 1;
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  select jsonb_build_object('outcome', 'in_parts', 'lineId', (w->>'lineId')::bigint) into answer from jsonb_array_elements(parts) w
  where (w->>'missing')::int > 0 and exists (select from order_line_parts where order_line_id = (w->>'lineId')::bigint) limit 1;
  if answer is not null then
    return command_open(cmd, answer);
  end if;

  for item in select (w->>'lineId')::bigint as line, (w->>'quantity')::int as quantity, (w->>'missing')::int as missing from jsonb_array_elements(parts) w loop
    update fulfilment_lines set released = released + item.quantity, picked = least(picked, assigned - released - item.quantity)
    where group_id = g.id and order_line_id = item.line;
    left_over := item.missing;
    for r in select p.id, p.units, l.variant_id from order_line_promises(item.line) p join order_lines l on l.id = item.line where p.location_id = g.location_id order by p.id desc loop
      exit when left_over = 0;
      take := least(left_over, r.units);
      perform stock_unpromise_item(r.id, take, 'lost', cmd);
      update order_lines set reserved = reserved - take, short = short + take, short_cause = coalesce(short_cause, 'adjust') where id = item.line;
      perform stock_post(r.variant_id, g.location_id, 'adjust', -take, 0, cmd, item.line, null, 'not on the shelf: ' || coalesce(cmd->>'reason', ''));
      left_over := left_over - take;
    end loop;
  end loop;
  insert into routing_exclusions (order_id, location_id, group_id, reason, actor)
  values (o.id, g.location_id, g.id, coalesce(cmd->>'reason', 'rejected'), coalesce(cmd->>'actor', 'system'));
  delete from routing_waits where order_id = o.id;
  if not exists (select from fulfilment_lines where group_id = g.id and assigned > done + released) then
    update fulfilment_groups set state = case when exists (select from fulfilment_lines where group_id = g.id and done > 0) then 'done' else 'rejected' end,
      state_since = clock_timestamp() where id = g.id;
  end if;
  insert into order_events (order_id, group_id, transition, from_state, to_state, reason, detail, actor)
  select o.id, g.id, 'reject', g.state, x.state, cmd->>'reason', jsonb_build_object('lines', parts), coalesce(cmd->>'actor', 'system') from fulfilment_groups x where x.id = g.id;
  perform choice_needed(g, case when cmd->>'reason' in ('short', 'damaged', 'late') then cmd->>'reason' else 'rejected' end,
    (select jsonb_agg(jsonb_build_object('lineId', w->'lineId', 'quantity', w->'quantity')) from jsonb_array_elements(parts) w), cmd);
  perform stock_fill_all(variant_ids, cmd);
  perform order_turn(o.id, 'reject', null, jsonb_build_object('group', g.id), cmd);
  if exists (select from jsonb_array_elements(parts) w where (w->>'missing')::int > 0) then
    perform stock_changed(variant_ids);
  end if;
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  return command_done(cmd, jsonb_build_object('outcome', 'rejected', 'group', g.id, 'orderId', o.id,
    'state', (select state from fulfilment_groups where id = g.id), 'lines', parts));
end $$;
