-- Groups follow the promises that they stand on: whatever ends a promise of an order line, at whatever place and for whatever reason, ends it in the
-- group as well, in the same statement. Callers hold the lock of the line's variants.

-- Called after `p_units` promised units of a line ended at a location: they left (`settle`), or are promised there no longer (any other kind). Units that no
-- group has (they wait to be routed) go first where they are given up, and last where they leave. The group named in cmd.groupId gives first, then the one
-- that has most of them open; what was picked and given up is put back by hand.
create or replace function fulfilment_follow(p_line bigint, p_location bigint, p_units int, p_kind text, cmd jsonb) returns void language plpgsql as $$
declare
  g record;
  take int;
  missing int := p_units;
begin
  if not exists (select from fulfilment_lines where order_line_id = p_line) then
    return;
  end if;
  if p_kind <> 'settle' then
    select coalesce(sum(l.assigned - l.done - l.released), 0) into missing from fulfilment_lines l join fulfilment_groups x on x.id = l.group_id
    where l.order_line_id = p_line and coalesce(x.held_at, x.location_id) = p_location;
    missing := missing - (select coalesce(sum(units), 0) from order_line_promises(p_line) where location_id = p_location);
  end if;
  for g in
    select l.group_id, l.assigned - l.done - l.released as open from fulfilment_lines l join fulfilment_groups x on x.id = l.group_id
    where l.order_line_id = p_line and coalesce(x.held_at, x.location_id) = p_location and l.assigned > l.done + l.released
    order by (l.group_id = (cmd->>'groupId')::bigint) desc nulls last, open desc, l.group_id
  loop
    exit when missing <= 0;
    take := least(missing, g.open);
    update fulfilment_lines set done = done + case when p_kind = 'settle' then take else 0 end, released = released + case when p_kind = 'settle' then 0 else take end
    where group_id = g.group_id and order_line_id = p_line;
    missing := missing - take;
    perform fulfilment_end(g.group_id, cmd);
  end loop;
end $$;

-- Units of a group's line are promised no longer: they left (`settle`, the oldest promises first), or are free again (`release`, the youngest first). The caller writes the line.
create or replace function fulfilment_unpromise(g fulfilment_groups, p_line bigint, p_units int, p_kind text, cmd jsonb) returns void language plpgsql as $$
declare
  r record;
  take int;
  missing int := p_units;
begin
  for r in select id, units from order_line_promises(p_line) where location_id = g.location_id order by case p_kind when 'settle' then id else -id end loop
    exit when missing = 0;
    take := least(missing, r.units);
    perform stock_unpromise_item(r.id, take, p_kind, cmd);
    missing := missing - take;
  end loop;
  -- A group's open units are promised at its location: fewer of them is a defect of the books, and nothing of this may stay.
  if missing > 0 then
    raise exception 'group % has % units of line % open that are promised nowhere', g.id, missing, p_line;
  end if;
end $$;

-- A group of which nothing is open has ended: done if anything was handed over, else cancelled.
create or replace function fulfilment_end(p_group bigint, cmd jsonb) returns void language plpgsql as $$
declare
  g fulfilment_groups;
  ended text;
begin
  select * into g from fulfilment_groups where id = p_group;
  if g.state not in ('waiting', 'picking', 'ready') or exists (select from fulfilment_lines where group_id = p_group and assigned > done + released) then
    return;
  end if;
  ended := case when exists (select from fulfilment_lines where group_id = p_group and done > 0) then 'done' else 'cancelled' end;
  update fulfilment_groups set state = ended, state_since = clock_timestamp() where id = p_group;
  insert into order_events (order_id, group_id, transition, from_state, to_state, reason, detail, actor)
  values (g.order_id, p_group, case ended when 'done' then 'hand_over' else 'release' end, g.state, ended, cmd->>'reason', cmd->'detail', coalesce(cmd->>'actor', 'system'));
end $$;

-- Whatever put it there: a line of a group is a line of the group's order.
create or replace function fulfilment_lines_of_one_order() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  if exists (select from added a where (select l.order_id from order_lines l where l.id = a.order_line_id)
    is distinct from (select g.order_id from fulfilment_groups g where g.id = a.group_id)) then
    raise exception 'a fulfilment group holds lines of its own order only' using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
