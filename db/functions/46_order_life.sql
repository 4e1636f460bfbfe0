-- The state of an order is reckoned from its facts, here and nowhere else; every change of it leaves an event. Which transitions there are:
-- src/domain/orders/life.ts. Lock order: the order's row, then variants.

-- The states that follow from what is known, of many orders. p_effect: what their channel asks just now, null where nobody asks anew.
create or replace function order_states(p_orders bigint[], p_effect text default null) returns table (id bigint, state text) language sql stable as $$
  select o.id, case
    when p_effect = 'ignore' then 'received'
    when p_effect = 'foreign' then 'foreign'
    when p_effect is null and o.state in ('received', 'foreign') then o.state
    when l.open = 0 then case when l.shipped = 0 then 'cancelled' when l.returned = l.shipped then 'returned' else 'fulfilled' end
    when exists (select from order_holds h where h.order_id = o.id and h.ended_at is null) then 'held'
    -- Found by the order and then looked at (offset 0): before the table was analyzed, all groups that wait were read.
    when l.shipped > 0 or exists (select from (select x.state from fulfilment_groups x where x.order_id = o.id offset 0) g where g.state in ('picking', 'ready', 'sent')) then 'in_fulfilment'
    -- A group has no more open than is promised at its place: equal sums leave nothing that waits to be routed.
    when l.short = 0 and l.reserved = (select coalesce(sum(f.assigned - f.done - f.released), 0)
      from (select x.id, x.state from fulfilment_groups x where x.order_id = o.id offset 0) g join fulfilment_lines f on f.group_id = g.id where g.state = 'waiting') then 'routed'
    else 'accepted' end
  from orders o cross join lateral (
    select coalesce(sum(x.reserved + x.short), 0) as open, coalesce(sum(x.reserved), 0) as reserved, coalesce(sum(x.short), 0) as short,
      coalesce(sum(x.shipped), 0) as shipped, coalesce(sum(x.returned), 0) as returned
    from order_lines x where x.order_id = o.id) l
  where o.id = any(p_orders)
$$;

create or replace function order_state_2(p_order bigint, p_effect text default null) returns text language sql stable as $$
  select state from order_states(array[p_order], p_effect)
$$;

-- Brings an order to the state that its facts say, and tells why in its events. The caller holds the order's row and, where units moved, has written them.
-- Nothing is written of `restate` without a new state: a channel states the same many times. Answers the state.
create or replace function order_turn(p_order bigint, p_transition text, p_effect text, p_detail jsonb, cmd jsonb) returns text language plpgsql as $$
declare
  o orders;
  now_is text := order_state_2(p_order, p_effect);
  begun boolean;
begin
  select * into o from orders where id = p_order;
  -- A row that was only laid down to be locked has no state yet.
  begun := o.content_hash <> '';
  update orders set state = now_is, updated_at = clock_timestamp() where id = p_order;
  if now_is in ('cancelled', 'fulfilled', 'returned', 'foreign', 'received') then
    update order_holds set ended_at = clock_timestamp(), ended_by = 'system' where order_id = p_order and ended_at is null;
  end if;
  if not (p_transition = 'restate' and begun and o.state = now_is) then
    insert into order_events (order_id, transition, from_state, to_state, reason, detail, actor)
    values (p_order, case when begun then p_transition else 'book' end, case when begun then o.state end, now_is, cmd->>'reason', p_detail, coalesce(cmd->>'actor', 'system'));
  end if;
  return now_is;
end $$;

-- Stock changed under an order: its state may be another one. Whoever calls holds variants, so it must not wait for the order's row: where
-- somebody else has that, it is due to be looked at once more.
create or replace function order_touched(p_order bigint, p_transition text, cmd jsonb) returns void language plpgsql as $$
declare
  was text;
begin
  select state into was from orders where id = p_order for no key update skip locked;
  if not found then
    insert into due (at, what, ref_id) values (clock_timestamp(), 'order', p_order);
  elsif order_state_2(p_order) <> was then
    perform order_turn(p_order, p_transition, null, null, cmd);
    insert into change (kind, ref_id, channel_id) select 'order', id, channel_id from orders where id = p_order;
  end if;
end $$;

-- What order_touched could not look at.
create or replace function orders_settle(order_ids bigint[], p_now timestamptz) returns void language plpgsql as $$
declare
  one bigint;
begin
  for one in select id from orders where id = any(order_ids) order by id for no key update loop
    perform order_touched(one, 'settle', jsonb_build_object('now', p_now, 'actor', 'system'));
  end loop;
end $$;
