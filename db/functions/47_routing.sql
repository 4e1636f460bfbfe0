-- Orders of a channel that sells from one location need no choice: what waits stands in one group there. cmd: {channelId, locationId, readyBy?, deliverBy?, workOn?,
-- limit}. Orders with a group, a line to collect, an exclusion, or promises elsewhere are left to the router. Answers how many were routed.
create or replace function fulfilment_route_plain_1(cmd jsonb) returns int language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  place bigint := (cmd->>'locationId')::bigint;
  who text := coalesce(cmd->>'actor', 'system');
  order_ids bigint[];
  variant_ids bigint[];
  -- One element for each line that waits.
  l_order bigint[];
  l_line bigint[];
  l_units int[];
begin
  select coalesce(array_agg(x.id), '{}') into order_ids from (
    select o.id from orders o where o.state = 'accepted' and o.channel_id = (cmd->>'channelId')::bigint
      and exists (select from order_lines l where l.order_id = o.id and l.reserved > 0)
      and not exists (select from order_lines l where l.order_id = o.id and l.method <> 'ship' and l.reserved > 0)
      and not exists (select from fulfilment_groups g where g.order_id = o.id)
      and not exists (select from routing_exclusions e where e.order_id = o.id)
    order by o.id limit (cmd->>'limit')::int for no key update skip locked) x;
  if cardinality(order_ids) = 0 then
    return 0;
  end if;
  select array_agg(variant_id) into variant_ids from (
    select l.variant_id from order_lines l where l.order_id = any(order_ids) and l.variant_id is not null
    union select p.variant_id from order_lines l join order_line_parts p on p.order_line_id = l.id where l.order_id = any(order_ids)) x;
  perform stock_lock(variant_ids);
  -- What is promised still, now that nobody moves it.
  select array_agg(x.o order by x.o, x.line_id), array_agg(x.line_id order by x.o, x.line_id), array_agg(x.units order by x.o, x.line_id) into l_order, l_line, l_units
  from (select o, u.*, bool_and(u.location_id = place) over (partition by o) as is_plain from unnest(order_ids) o cross join lateral order_unrouted(o) u) x
  where x.is_plain;
  if l_order is null then
    return 0;
  end if;
  select array_agg(distinct o) into order_ids from unnest(l_order) o;

  with made as (
    insert into fulfilment_groups (order_id, location_id, method, ready_by, deliver_by, work_on, actor)
    select o, place, 'ship', (cmd->>'readyBy')::timestamptz, (cmd->>'deliverBy')::timestamptz, (cmd->>'workOn')::date, who
    from unnest(order_ids) o order by 1 returning id, order_id
  ), filled as (
    insert into fulfilment_lines (group_id, order_line_id, assigned)
    select m.id, l.line, l.units from unnest(l_order, l_line, l_units) l(order_id, line, units) join made m on m.order_id = l.order_id
  )
  insert into routing_decisions (order_id, outcome, group_ids, body, actor)
  select order_id, 'routed', array[id], jsonb_build_object('only', (select code from locations where id = place)), who from made;

  -- As order_turn does, of many: none of these can have ended by being routed, so there are no holds to end.
  with turned as materialized (
    select o.id, o.state as was, s.state as now_is, d.group_ids, d.id as decision
    from order_states(order_ids) s join orders o on o.id = s.id
    cross join lateral (select r.id, r.group_ids from routing_decisions r where r.order_id = s.id order by r.id desc limit 1) d
  ), moved as (
    update orders o set state = t.now_is, updated_at = clock_timestamp() from turned t where o.id = t.id
  ), noted as (
    insert into order_events (order_id, transition, from_state, to_state, detail, actor)
    select id, 'route', was, now_is, jsonb_build_object('groups', to_jsonb(group_ids), 'decision', decision), who from turned order by id
  )
  insert into change (kind, ref_id, channel_id) select 'order', id, (cmd->>'channelId')::bigint from turned order by id;
  return cardinality(order_ids);
end $$;

-- Nothing of an order could be placed: kept once for as long as it stays so, and looked at again later and later. cmd: {orderId, rulesId?, decision}.
create or replace function routing_unplaced_1(cmd jsonb) returns void language plpgsql as $$
declare
  o bigint := (cmd->>'orderId')::bigint;
begin
  insert into routing_decisions (order_id, rules_id, outcome, body, actor)
  select o, (cmd->>'rulesId')::bigint, 'unplaced', cmd->'decision', coalesce(cmd->>'actor', 'system')
  where not exists (select from routing_waits where order_id = o);
  insert into routing_waits as w (order_id, until) values (o, clock_timestamp() + interval '1 minute')
  on conflict (order_id) do update set tries = w.tries + 1, until = clock_timestamp() + least(interval '1 hour', interval '1 minute' * 2 ^ least(w.tries, 6));
end $$;

-- Groups that nobody has begun within the hours that their channel's rules (or those of all) allow give their units up, as if their location had rejected them.
create or replace function fulfilment_late_1(p_limit int) returns int language plpgsql as $$
declare
  late record;
  ended int := 0;
begin
  if not exists (select from routing_rules where valid_to is null and body->>'lateAfterHours' is not null) then
    return 0;
  end if;
  for late in
    select g.id, g.order_id from fulfilment_groups g join orders o on o.id = g.order_id
    join lateral (select body from routing_rules r where r.valid_to is null and coalesce(r.channel_id, o.channel_id) = o.channel_id
      order by r.channel_id nulls last limit 1) r on true
    where g.state = 'waiting' and o.state <> 'held' and r.body->>'lateAfterHours' is not null and not order_steps_back('late', g.id, clock_timestamp())
      and least(coalesce(g.ready_by, g.created_at), case when g.method <> 'collect' then o.ship_by end) < clock_timestamp() - make_interval(hours => (r.body->>'lateAfterHours')::int)
      -- Only where somebody else could do it.
      and exists (select from channel_locations c where c.channel_id = o.channel_id and c.valid_to is null and c.location_id <> g.location_id
        and not exists (select from routing_exclusions e where e.order_id = o.id and e.location_id = c.location_id))
    order by g.id limit p_limit
  loop
    begin
      perform fulfilment_reject_1(jsonb_build_object('groupId', late.id, 'reason', 'late', 'actor', 'routing'));
      ended := ended + 1;
    exception when raise_exception or internal_error or data_exception or integrity_constraint_violation then
      -- It is this group's: the others do not wait for it.
      perform order_trouble_1('late', late.id, late.order_id, sqlerrm, clock_timestamp());
    end;
  end loop;
  return ended;
end $$;
