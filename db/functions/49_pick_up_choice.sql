-- After a store failed, the buyer chooses: another store, to have it sent, or to be rid of it.

-- Units of an order that may be handed over otherwise than was meant: of lines to collect, what does not lie ready and is not on its way; with p_ready that as well. `why`: the reason why a buyer is asked
-- (rejected, short, damaged, late); null: nobody failed him (also where goods were sold ahead of their coming), and only people here may choose for him.
create or replace function order_choice_2(p_order bigint, p_now timestamptz, p_ready boolean) returns table (line_id bigint, units int, why text) language sql stable as $$
  select l.id, l.reserved + l.short - coalesce(f.stays, 0), case
      when e.reason is not null then case when e.reason in ('short', 'damaged', 'late') then e.reason else 'rejected' end
      when f.late then 'late' when l.short > 0 and coalesce(l.short_cause, '') not in ('backorder', 'preorder') then 'short' end
  from order_lines l
  left join lateral (
    select sum(x.assigned - x.done - x.released) filter (where g.state = 'sent' or g.state = 'ready' and not p_ready)::int as stays,
      bool_or(g.state in ('waiting', 'picking') and x.assigned > x.done + x.released and g.late_told_at <= p_now) as late
    from fulfilment_lines x join fulfilment_groups g on g.id = x.group_id where x.order_line_id = l.id) f on true
  left join lateral (
    select e.reason from routing_exclusions e join fulfilment_lines x on x.group_id = e.group_id and x.order_line_id = l.id and x.released > 0
    where e.order_id = p_order and e.at > coalesce(l.chosen_at, '-infinity') order by e.id desc limit 1) e on true
  where l.order_id = p_order and l.method = 'collect' and l.variant_id is not null and l.reserved + l.short > coalesce(f.stays, 0)
$$;

create or replace function order_choice(p_order bigint, p_now timestamptz) returns table (line_id bigint, units int, why text) language sql stable as $$
  select * from order_choice_2(p_order, p_now, false)
$$;

-- A store gave units of a group up, or lost them: whoever wanted to collect them is asked.
create or replace function choice_needed(g fulfilment_groups, p_why text, p_lines jsonb, cmd jsonb) returns void language sql as $$
  insert into order_events (order_id, group_id, transition, from_state, to_state, detail, actor)
  select g.order_id, g.id, 'choice_needed', x.state, x.state, jsonb_build_object('why', p_why, 'lines', p_lines, 'location', p.code), coalesce(cmd->>'actor', 'system')
  from fulfilment_groups x join locations p on p.id = x.location_id where x.id = g.id and g.method = 'collect' and jsonb_array_length(p_lines) > 0
$$;

-- Whether the platform of an order lets these units be cancelled: some take whole orders only (of which other places may have a part), some nothing. What goes out in exchange is ours
-- to cancel.
create or replace function order_cancellable(o orders, parts jsonb) returns boolean language sql stable as $$
  select case when o.exchange_of is not null then true else case coalesce((select k.cancels from channels c join accounts a on a.id = c.account_id join platforms k on k.platform = a.platform where c.id = o.channel_id), 'parts')
    when 'parts' then true when 'none' then false
    else (select sum(reserved + short + shipped) from order_lines where order_id = o.id) = (select sum((p->>'quantity')::int) from jsonb_array_elements(parts) p)
      and not exists (select from order_siblings(o) s join order_lines l on l.order_id = s and l.reserved + l.short + l.shipped > 0) end end
$$;

-- cmd: orderId, choice (store | ship | cancel), asked (true: only what the buyer is asked about), ready (true: also what lies ready, unless asked), store's {locationId, readyBy?, workOn?}. The units leave the groups that they are in
-- (what is picked of them is to be put back). store: promised there at once, all of them or nothing, in a group of their own. ship: routed anew. cancel: free again, and the platform is told.
-- Answers {"outcome": "chosen", "choice", "lines", "groups", "act"}, unknown, nothing_to_choose {state}, no_store {why: closed | failed | hazard | full}, insufficient {lineId, sku, asked, available}, or not_cancellable
-- (the platform takes no cancellation of this). A buyer goes only where his channel sells from.
create or replace function pick_up_choose_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  place bigint := (cmd->>'locationId')::bigint;
  how text := cmd->>'choice';
  also_ready boolean := coalesce((cmd->>'ready')::boolean, false) and not coalesce((cmd->>'asked')::boolean, false);
  variant_ids bigint[];
  parts jsonb;
  g record;
  wrong text;
  groups bigint[] := '{}';
  act bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId'));
  end if;
  variant_ids := order_variants(o.id);
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  select jsonb_agg(jsonb_build_object('lineId', l.id, 'externalLineId', order_line_external(l.id), 'quantity', c.units) order by l.id) into parts
  from order_choice_2(o.id, command_now(cmd), also_ready) c join order_lines l on l.id = c.line_id
  where o.state not in ('received', 'foreign') and (c.why is not null or not coalesce((cmd->>'asked')::boolean, false));
  if parts is null then
    return command_open(cmd, jsonb_build_object('outcome', 'nothing_to_choose', 'state', o.state));
  end if;
  if how = 'cancel' and not order_cancellable(o, parts) then
    return command_open(cmd, jsonb_build_object('outcome', 'not_cancellable'));
  end if;
  if how = 'store' then
    perform 1 from location_services where valid_to is null and location_id = place for no key update;
    wrong := case
      when not exists (select from locations p join location_services s on s.location_id = p.id and s.valid_to is null where p.id = place and p.active and s.collects) then 'closed'
      when coalesce((cmd->>'asked')::boolean, false) and not exists (select from channel_locations c where c.channel_id = o.channel_id and c.location_id = place and c.valid_to is null) then 'closed'
      when exists (select from routing_exclusions where order_id = o.id and location_id = place) then 'failed'
      when exists (select from variants v, location_services s where v.id = any(variant_ids) and v.hazard is not null and s.location_id = place and s.valid_to is null
        and not v.hazard = any(s.hands_over_hazards) and (v.id in (select variant_id from order_lines where id in (select (x->>'lineId')::bigint from jsonb_array_elements(parts) x))
          or v.id in (select variant_id from order_line_parts where order_line_id in (select (x->>'lineId')::bigint from jsonb_array_elements(parts) x)))) then 'hazard'
      when fulfilment_over_capacity(o.id, jsonb_build_array(jsonb_build_object('locationId', place, 'method', 'collect', 'workOn', cmd->>'workOn', 'lines', parts))) is not null then 'full' end;
    if wrong is not null then
      return command_open(cmd, jsonb_build_object('outcome', 'no_store', 'why', wrong));
    end if;
  end if;

  begin
    for g in
      select x.group_id, array_agg(x.order_line_id) as lines from fulfilment_lines x join fulfilment_groups y on y.id = x.group_id and (y.state in ('waiting', 'picking') or also_ready and y.state = 'ready')
      where x.order_line_id in (select (p->>'lineId')::bigint from jsonb_array_elements(parts) p) and x.assigned > x.done + x.released group by 1 order by 1
    loop
      update fulfilment_lines set released = assigned - done where group_id = g.group_id and order_line_id = any(g.lines);
      perform fulfilment_end(g.group_id, cmd || jsonb_build_object('reason', 'chosen otherwise'));
    end loop;
    update order_lines set chosen_at = command_now(cmd), method = case how when 'ship' then 'ship' else method end,
      collect_location_id = case how when 'store' then place when 'ship' then null else collect_location_id end
    where id in (select (p->>'lineId')::bigint from jsonb_array_elements(parts) p);
    if how = 'cancel' then
      perform order_unrouted_cancel(o, parts, cmd);
      act := order_act(o, 'cancel', jsonb_build_object('lines', parts, 'cause', 'customer', 'reason', cmd->>'reason'), cmd);
    elsif how = 'store' then
      perform order_promise_at(o, parts, place, cmd);
      -- What is held is not begun; it goes there once it is let go.
      if o.state <> 'held' then
        groups := groups || fulfilment_group_take(o.id, jsonb_build_object('locationId', place, 'method', 'collect', 'readyBy', cmd->>'readyBy', 'workOn', cmd->>'workOn',
          'lines', parts), cmd);
      end if;
    end if;
  exception when sqlstate 'P0409' then
    -- Nothing was moved.
    get stacked diagnostics answer = pg_exception_detail;
    return command_open(cmd, answer || jsonb_build_object('outcome', 'insufficient'));
  end;
  delete from routing_waits where order_id = o.id;
  perform order_turn(o.id, 'choose', null, jsonb_build_object('choice', how, 'lines', parts, 'location', (select code from locations where id = place)), cmd);
  perform stock_fill_all(variant_ids, stock_consequence(cmd));
  perform stock_changed(variant_ids);
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  return command_done(cmd, jsonb_build_object('outcome', 'chosen', 'choice', how, 'lines', parts, 'groups', to_jsonb(groups), 'act', act));
end $$;

-- Cancels units that no group has: those that are short first.
create or replace function order_unrouted_cancel(o orders, parts jsonb, cmd jsonb) returns void language plpgsql as $$
declare
  item record;
  take int;
begin
  for item in select l.id, (p->>'quantity')::int as units, l.short from jsonb_array_elements(parts) p join order_lines l on l.id = (p->>'lineId')::bigint order by 1 loop
    take := least(item.units, item.short);
    perform order_unrouted_free(o.id, item.id, item.units - take, cmd);
    update order_lines set short = short - take, reserved = reserved - (item.units - take), cancelled = cancelled + item.units where id = item.id;
  end loop;
end $$;

-- Promises units that no group has, and those that are short, at one place, whatever promised them before. Raises P0409 with what is missing there.
create or replace function order_promise_at(o orders, parts jsonb, p_place bigint, cmd jsonb) returns void language plpgsql as $$
declare
  item record;
  made record;
  fit int;
begin
  -- First all are free, then all are promised anew.
  perform order_unrouted_free(o.id, l.id, (p->>'quantity')::int - least((p->>'quantity')::int, l.short), cmd)
  from jsonb_array_elements(parts) p join order_lines l on l.id = (p->>'lineId')::bigint;
  for item in select l.id, l.variant_id, l.sku, (p->>'quantity')::int as units, l.short from jsonb_array_elements(parts) p join order_lines l on l.id = (p->>'lineId')::bigint order by 1 loop
    select * into made from order_line_explosion(item.id);
    fit := stock_fit(item.variant_id, p_place, made.part_ids, made.part_units, false);
    if fit < item.units then
      raise exception 'not enough there' using errcode = 'P0409',
        detail = jsonb_build_object('lineId', item.id, 'sku', item.sku, 'asked', item.units, 'available', fit)::text;
    end if;
    perform stock_promise_item(item.variant_id, made.part_ids, made.part_units, p_place, item.units, false, 'order:' || o.id, 0, item.id, o.channel_id, null, cmd);
    update order_lines set reserved = reserved + least(item.units, item.short), short = short - least(item.units, item.short) where id = item.id;
  end loop;
end $$;

-- Takes promises of so many units of a line away that no group has.
create or replace function order_unrouted_free(p_order bigint, p_line bigint, p_units int, cmd jsonb) returns void language plpgsql as $$
declare
  place record;
  r record;
  here int;
  take int;
  missing int := p_units;
begin
  for place in select location_id, units from order_unrouted(p_order) where line_id = p_line order by location_id loop
    here := least(place.units, missing);
    missing := missing - here;
    for r in select id, units from order_line_promises(p_line) where location_id = place.location_id order by id desc loop
      exit when here = 0;
      take := least(here, r.units);
      perform stock_unpromise_item(r.id, take, 'release', cmd);
      here := here - take;
    end loop;
  end loop;
  if missing > 0 then
    raise exception 'line % has % units that are promised nowhere', p_line, missing;
  end if;
end $$;
