-- Routing: promises go where they are handed over best, and stand in groups from then on.

-- Promised units of an order's lines that no group has yet, by the location where they are promised. From the lines of the order outwards, each looked up by
-- itself (offset 0): before the tables were analyzed, all groups were read for each line.
create or replace function order_unrouted(p_order bigint) returns table (line_id bigint, location_id bigint, units int) language sql stable as $$
  select l.id, p.location_id, (p.units - coalesce(g.open, 0))::int
  from (select x.id, x.reserved from order_lines x where x.order_id = p_order offset 0) l
  cross join lateral (select x.location_id, sum(x.units) as units from order_line_promises(l.id) x group by 1) p
  left join lateral (
    select sum(f.open) as open from (select x.group_id, x.assigned - x.done - x.released as open from fulfilment_lines x where x.order_line_id = l.id offset 0) f
    where (select coalesce(x.held_at, x.location_id) from fulfilment_groups x where x.id = f.group_id) = p.location_id) g on true
  where l.reserved > 0 and p.units > coalesce(g.open, 0)
$$;

-- What a location has taken on for a day: orders, and units of them.
create or replace function location_load(p_location bigint, p_day date, out orders int, out units int) language sql stable as $$
  select count(distinct g.id)::int, coalesce(sum(f.assigned - f.released), 0)::int from fulfilment_groups g join fulfilment_lines f on f.group_id = g.id
  where g.location_id = p_location and g.work_on = p_day and f.assigned > f.released
$$;

-- What a location has taken on, by day, from two days ago on: {"2030-01-05": {"orders": 3, "units": 7}}; empty where it takes any number.
create or replace function location_loads(p_location bigint) returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg(x.day, jsonb_build_object('orders', x.orders, 'units', x.units)), '{}') from (
    select g.work_on as day, count(distinct g.id)::int as orders, sum(f.assigned - f.released)::int as units
    from fulfilment_groups g join fulfilment_lines f on f.group_id = g.id
    where g.location_id = p_location and g.work_on >= (clock_timestamp() - interval '2 days')::date and f.assigned > f.released
      and exists (select from location_services s where s.location_id = p_location and s.valid_to is null and (s.orders_per_day is not null or s.units_per_day is not null))
    group by 1) x
$$;

-- The first group that its location has no capacity left for, as a reason; null where all fit. Callers hold the locations' services.
create or replace function fulfilment_over_capacity(p_order bigint, p_groups jsonb) returns jsonb language sql stable as $$
  with wanted as (
    select (g->>'locationId')::bigint as location_id, (g->>'workOn')::date as day, count(*) filter (where not exists (
        select from fulfilment_groups x where x.order_id = p_order and x.location_id = (g->>'locationId')::bigint and x.method = coalesce(g->>'method', 'ship')
          and coalesce(x.collect_location_id, 0) = coalesce((g->>'collectLocationId')::bigint, 0) and x.work_on = (g->>'workOn')::date
          and x.state in ('waiting', 'picking', 'ready')))::int as orders,
      sum((select sum((l->>'quantity')::int) from jsonb_array_elements(g->'lines') l))::int as units
    from jsonb_array_elements(p_groups) g where g->>'workOn' is not null group by 1, 2)
  select jsonb_build_object('locationId', w.location_id, 'reason', 'full', 'day', w.day)
  from wanted w join location_services s on s.location_id = w.location_id and s.valid_to is null cross join lateral location_load(w.location_id, w.day) d
  where (w.orders > 0 and d.orders + w.orders > s.orders_per_day) or d.units + w.units > s.units_per_day
  order by w.location_id limit 1
$$;

-- Takes units that no group has away from where they are promised and promises them where they are wanted: first all are free, then all are promised anew,
-- so that places may be exchanged. Raises P0409 route_insufficient with what is missing. Answers whether anything moved.
create or replace function fulfilment_move(p_order bigint, p_groups jsonb, cmd jsonb) returns boolean language plpgsql as $$
declare
  item record;
  r record;
  made record;
  left_over int;
  take int;
  fit int;
  moved boolean := false;
  wants jsonb;
begin
  select coalesce(jsonb_agg(jsonb_build_object('line', w.line, 'place', w.place, 'missing', w.units - coalesce(u.units, 0)) order by w.line, w.place), '[]') into wants
  from (select (l->>'lineId')::bigint as line, (g->>'locationId')::bigint as place, sum((l->>'quantity')::int)::int as units
    from jsonb_array_elements(p_groups) g cross join lateral jsonb_array_elements(g->'lines') l group by 1, 2) w
  left join order_unrouted(p_order) u on u.line_id = w.line and u.location_id = w.place where w.units > coalesce(u.units, 0);
  for item in
    select u.line_id, u.location_id, least(u.spare, greatest(0, m.missing - coalesce(sum(u.spare) over (partition by u.line_id order by u.location_id
      rows between unbounded preceding and 1 preceding), 0)))::int as units
    from (select x.line_id, x.location_id, x.units - coalesce((select sum((l->>'quantity')::int) from jsonb_array_elements(p_groups) g
        cross join lateral jsonb_array_elements(g->'lines') l where (g->>'locationId')::bigint = x.location_id and (l->>'lineId')::bigint = x.line_id), 0) as spare
      from order_unrouted(p_order) x) u
    join (select (w->>'line')::bigint as line_id, sum((w->>'missing')::int) as missing from jsonb_array_elements(wants) w group by 1) m on m.line_id = u.line_id
    where u.spare > 0
  loop
    left_over := item.units;
    for r in select p.id, p.units from order_line_promises(item.line_id) p where p.location_id = item.location_id order by p.id desc loop
      exit when left_over <= 0;
      take := least(left_over, r.units);
      perform stock_unpromise_item(r.id, take, 'release', cmd);
      left_over := left_over - take;
    end loop;
  end loop;
  for item in
    select (w->>'line')::bigint as line_id, (w->>'place')::bigint as place, (w->>'missing')::int as units, l.variant_id, l.order_id, o.channel_id
    from jsonb_array_elements(wants) w join order_lines l on l.id = (w->>'line')::bigint join orders o on o.id = l.order_id
  loop
    select * into made from order_line_explosion(item.line_id);
    fit := stock_fit(item.variant_id, item.place, made.part_ids, made.part_units, false);
    if fit < item.units then
      raise exception 'route_insufficient' using errcode = 'P0409',
        detail = jsonb_build_object('lineId', item.line_id, 'locationId', item.place, 'reason', 'stock', 'asked', item.units, 'available', fit)::text;
    end if;
    perform stock_promise_item(item.variant_id, made.part_ids, made.part_units, item.place, item.units, false, 'order:' || item.order_id, 0, item.line_id,
      item.channel_id, null, cmd);
    moved := true;
  end loop;
  return moved;
end $$;

-- Puts units into the open group of their order, location and method; there is one at most. One that was packed already is picked again.
create or replace function fulfilment_group_take(p_order bigint, g jsonb, cmd jsonb) returns bigint language plpgsql as $$
declare
  x fulfilment_groups;
  how text := coalesce(g->>'method', 'ship');
begin
  select * into x from fulfilment_groups where order_id = p_order and location_id = (g->>'locationId')::bigint and method = how
    and coalesce(collect_location_id, 0) = coalesce((g->>'collectLocationId')::bigint, 0) and state in ('waiting', 'picking', 'ready');
  if x.id is null then
    insert into fulfilment_groups (order_id, location_id, method, collect_location_id, ready_by, deliver_by, work_on, actor)
    values (p_order, (g->>'locationId')::bigint, how, (g->>'collectLocationId')::bigint, (g->>'readyBy')::timestamptz, (g->>'deliverBy')::timestamptz,
      (g->>'workOn')::date, coalesce(cmd->>'actor', 'system')) returning * into x;
    insert into order_events (order_id, group_id, transition, to_state, detail, actor)
    values (p_order, x.id, 'route', 'waiting', jsonb_build_object('lines', g->'lines'), coalesce(cmd->>'actor', 'system'));
  else
    update fulfilment_groups set state = case state when 'ready' then 'picking' else state end,
      state_since = case state when 'ready' then clock_timestamp() else state_since end, ready_by = greatest(ready_by, (g->>'readyBy')::timestamptz),
      late_told_at = null,
      deliver_by = greatest(deliver_by, (g->>'deliverBy')::timestamptz) where id = x.id;
    insert into order_events (order_id, group_id, transition, from_state, to_state, detail, actor) values (p_order, x.id, 'extend', x.state,
      case x.state when 'ready' then 'picking' else x.state end, jsonb_build_object('lines', g->'lines'), coalesce(cmd->>'actor', 'system'));
  end if;
  insert into fulfilment_lines (group_id, order_line_id, assigned)
  select x.id, (l->>'lineId')::bigint, sum((l->>'quantity')::int) from jsonb_array_elements(g->'lines') l group by 2
  on conflict (group_id, order_line_id) do update set assigned = fulfilment_lines.assigned + excluded.assigned;
  return x.id;
end $$;

-- cmd: {orderId, expect?: {lines: [{lineId, units}]} (all that was unrouted when it was read), groups: [{locationId, method?, collectLocationId?, readyBy?, deliverBy?, workOn?,
-- lines: [{lineId, quantity}]}], rulesId?, decision}. Moves promises as needed, makes or extends open groups, and keeps the decision.
-- Answers {"outcome": "routed", "groups": [ids], "decision": id}, unknown, stale {state | unrouted}: what was read is no more so, or insufficient {missing: {locationId, reason:
-- stock | full | closed, …}}; of the last two nothing is done.
create or replace function fulfilment_route_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  variant_ids bigint[];
  unrouted jsonb;
  wrong jsonb;
  groups bigint[] := '{}';
  decision bigint;
  g jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId'));
  end if;
  if o.state not in ('accepted', 'routed', 'in_fulfilment') then
    return command_open(cmd, jsonb_build_object('outcome', 'stale', 'state', o.state));
  end if;
  variant_ids := order_variants(o.id);
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  -- Capacity is counted under this lock. It comes after those of stock, and whoever changes a location's services takes no other.
  perform 1 from location_services where valid_to is null and (orders_per_day is not null or units_per_day is not null)
    and location_id in (select (x->>'locationId')::bigint from jsonb_array_elements(cmd->'groups') x) order by location_id for no key update;

  select coalesce(jsonb_agg(jsonb_build_object('lineId', u.line_id, 'units', u.units) order by u.line_id), '[]') into unrouted
  from (select line_id, sum(x.units)::int as units from order_unrouted(o.id) x group by 1) u;
  if exists (
      select from jsonb_array_elements(cmd->'expect'->'lines') e full join jsonb_array_elements(unrouted) u on u->'lineId' = e->'lineId'
      where e->'units' is distinct from u->'units' and cmd->'expect'->'lines' is not null)
    or exists (
      select from (select (l->>'lineId')::bigint as line, sum((l->>'quantity')::int) as units from jsonb_array_elements(cmd->'groups') x
        cross join lateral jsonb_array_elements(x->'lines') l group by 1) w
      left join jsonb_array_elements(unrouted) u on (u->>'lineId')::bigint = w.line where w.units > coalesce((u->>'units')::int, 0)) then
    return command_open(cmd, jsonb_build_object('outcome', 'stale', 'unrouted', unrouted));
  end if;
  select coalesce(
    (select jsonb_build_object('locationId', (x->>'locationId')::bigint, 'reason', 'closed') from jsonb_array_elements(cmd->'groups') x
      where not exists (select from locations p where p.id = (x->>'locationId')::bigint and p.active and p.kind <> 'platform') limit 1),
    fulfilment_over_capacity(o.id, cmd->'groups')) into wrong;
  if wrong is not null then
    return command_open(cmd, jsonb_build_object('outcome', 'insufficient', 'missing', wrong));
  end if;

  begin
    if fulfilment_move(o.id, cmd->'groups', cmd) then
      perform stock_changed(variant_ids);
    end if;
  exception when sqlstate 'P0409' then
    -- All that was moved is where it was.
    get stacked diagnostics answer = pg_exception_detail;
    return command_open(cmd, jsonb_build_object('outcome', 'insufficient', 'missing', answer));
  end;
  for g in select x from jsonb_array_elements(cmd->'groups') x loop
    groups := groups || fulfilment_group_take(o.id, g, cmd);
  end loop;
  insert into routing_decisions (order_id, rules_id, outcome, group_ids, body, actor)
  values (o.id, (cmd->>'rulesId')::bigint, 'routed', groups, coalesce(cmd->'decision', '{}'), coalesce(cmd->>'actor', 'system')) returning id into decision;
  delete from routing_waits where order_id = o.id;
  -- Units that became free by the move go to whoever is short of them; this order's own are routed next.
  perform stock_fill_all(variant_ids, cmd);
  perform order_turn(o.id, 'route', null, jsonb_build_object('groups', to_jsonb(groups), 'decision', decision), cmd);
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  return command_done(cmd, jsonb_build_object('outcome', 'routed', 'groups', to_jsonb(groups), 'decision', decision));
end $$;
