-- Goods that one location sends to the store where their buyer collects them. A parcel is a group of its own (`ship_to_store`): once it is sent its goods are neither here nor
-- there, and still promised to its buyer, at a place that stands for the way (`groups.held_at`). They come to the store with the parcel: what is wanted still is promised there
-- and made ready like anything else, what was cancelled on the way is free there.

-- Where goods are that are on their way to a store. Nobody sells from it.
create or replace function parcel_way() returns bigint language plpgsql as $$
declare
  place bigint;
begin
  select id into place from locations where code = '(on the way)';
  if place is null then
    insert into locations (code, name, kind, active) values ('(on the way)', 'On the way to a store', 'platform', false)
    on conflict (code) do update set code = excluded.code returning id into place;
  end if;
  return place;
end $$;

-- Units of a SKU go from one location to another, lot by lot where they are told apart (p_lot: of that one); what is put aside stays put aside. Nothing of it may be promised.
create or replace function stock_carry(p_variant bigint, p_from bigint, p_to bigint, p_units int, p_lot bigint, p_reason text, cmd jsonb) returns void language plpgsql as $$
declare
  part record;
  missing int := p_units;
  take int;
begin
  for part in
    select l.id as lot_id, l.code, l.expires_at, x.aside, case when x.aside then l.unavailable else l.quantity - l.unavailable end as room
    from lots l cross join (values (false), (true)) x(aside)
    where (select lot_tracked from variants where id = p_variant) and l.variant_id = p_variant and l.location_id = p_from and (p_lot is null or l.id = p_lot)
    union all
    select null, null, null, x.aside, case when x.aside then b.unavailable else b.on_hand - b.unavailable end
    from balances b cross join (values (false), (true)) x(aside)
    where not (select lot_tracked from variants where id = p_variant) and b.variant_id = p_variant and b.location_id = p_from
    order by aside, expires_at nulls last, lot_id
  loop
    exit when missing = 0;
    take := least(missing, part.room);
    continue when take <= 0;
    perform stock_post(p_variant, p_from, 'transfer_out', -take, 0, cmd || jsonb_strip_nulls(jsonb_build_object('lot_id', part.lot_id)), null, null, p_reason,
      case when part.aside then -take else 0 end);
    perform stock_post(p_variant, p_to, 'transfer_in', take, 0, case when part.lot_id is null then cmd
      else cmd || jsonb_build_object('lot_id', stock_lot(p_variant, p_to, part.code, part.expires_at)) end, null, null, p_reason, case when part.aside then take else 0 end);
    missing := missing - take;
  end loop;
  if missing > 0 then
    raise exception 'location % has % units of variant % too few to be carried away', p_from, missing, p_variant;
  end if;
end $$;

-- Promises what a parcel holds for its buyer where it is now. parts: [{lineId, quantity}].
create or replace function parcel_promise(g fulfilment_groups, parts jsonb, p_place bigint, cmd jsonb) returns void language sql as $$
  select stock_promise_item(l.variant_id, made.part_ids, made.part_units, p_place, (x->>'quantity')::int, true, 'order:' || o.id, 0, l.id, o.channel_id, null, cmd)
  from jsonb_array_elements(parts) x join order_lines l on l.id = (x->>'lineId')::bigint join orders o on o.id = l.order_id
  cross join lateral order_line_explosion(l.id) made where o.id = g.order_id order by l.id
$$;

-- The parcel leaves. cmd: groupId, locationId (the clerk's, else any), tracking {carrier, number, url?}. Answers {"outcome": "sent"} with fulfilment_told, unknown, not_ready {state},
-- or closed {state} (also `held`, and what goes to no store).
create or replace function parcel_send_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  head record := fulfilment_claim(cmd);
  g fulfilment_groups := head.g;
  item record;
  part record;
  parts jsonb;
  c jsonb;
  way bigint;
begin
  if head.answer is not null then
    return head.answer;
  end if;
  if g.method <> 'ship_to_store' or g.state not in ('waiting', 'picking', 'ready') or (select state from orders where id = g.order_id) = 'held' then
    return command_open(cmd, jsonb_build_object('outcome', 'closed', 'state', case when g.state in ('waiting', 'picking', 'ready') and g.method = 'ship_to_store' then 'held' else g.state end));
  end if;
  if g.state <> 'ready' then
    return command_open(cmd, jsonb_build_object('outcome', 'not_ready', 'state', g.state));
  end if;
  way := parcel_way();
  c := cmd || jsonb_build_object('cause_kind', 'group', 'cause_id', g.id);
  -- From now on its promises are looked for on the way.
  update fulfilment_groups set held_at = way where id = g.id;
  parts := coalesce(pick_up_open(g.id), '[]');
  for item in select (x->>'lineId')::bigint as id, (x->>'quantity')::int as units from jsonb_array_elements(parts) x order by 1 loop
    for part in
      select r.variant_id, sum(least(p.take, p.units) * r.per_unit)::int as units
      from (select x.id, x.units, item.units - coalesce(sum(x.units) over (order by x.id desc rows between unbounded preceding and 1 preceding), 0) as take
        from order_line_promises(item.id) x where x.location_id = g.location_id) p
      join reservations r on (r.id = p.id or r.pack = (select y.pack from reservations y where y.id = p.id)) and r.state = 'open' where p.take > 0 group by 1 order by 1
    loop
      -- Noted before the promises end: they tell what is taken out of the shelf, whole sets or their parts.
      c := jsonb_set(c, '{carried}', coalesce(c->'carried', '[]') || jsonb_build_array(jsonb_build_object('variantId', part.variant_id, 'units', part.units)));
    end loop;
    perform fulfilment_unpromise(g, item.id, item.units, 'release', c);
    for part in select (x->>'variantId')::bigint as variant_id, (x->>'units')::int as units from jsonb_array_elements(c->'carried') x loop
      perform stock_carry(part.variant_id, g.location_id, way, part.units, null, 'sent to the store', c - 'carried');
    end loop;
    c := c - 'carried';
  end loop;
  perform parcel_promise(g, parts, way, c);
  perform fulfilment_turn(g, 'send', 'sent', jsonb_strip_nulls(jsonb_build_object('tracking', nullif(cmd->'tracking', 'null'), 'to', (select code from locations where id = g.collect_location_id))), cmd);
  perform stock_changed(order_variants(g.order_id));
  insert into change (kind, ref_id, channel_id) select 'order', o.id, o.channel_id from orders o where o.id = g.order_id;
  return command_done(cmd, jsonb_build_object('outcome', 'sent') || fulfilment_told(g.id));
end $$;

-- The parcel is there; or (cmd.lost) it never comes. cmd: groupId, locationId (the clerk's: the store that it goes to, else any), lost, readyBy?. What its buyer still wants stands in
-- a group of the store, to be put ready; the rest is free there. What is lost leaves the books, and the order is short of it.
-- Answers {"outcome": "received", "group" (null: nothing was wanted any more)} with fulfilment_told, unknown, or closed {state}: it is not on its way.
create or replace function parcel_receive_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  head record := fulfilment_claim(cmd - 'locationId');
  g fulfilment_groups := head.g;
  item record;
  part record;
  c jsonb;
  parts jsonb;
  there bigint;
  is_lost boolean := coalesce((cmd->>'lost')::boolean, false);
begin
  if head.answer is not null then
    return head.answer;
  end if;
  if (cmd->>'locationId')::bigint <> g.collect_location_id then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'group', 'value', cmd->'groupId'));
  end if;
  if g.state <> 'sent' then
    return command_open(cmd, jsonb_build_object('outcome', 'closed', 'state', g.state));
  end if;
  c := cmd || jsonb_build_object('cause_kind', 'group', 'cause_id', g.id);
  parts := coalesce(pick_up_open(g.id), '[]');
  -- The parcel has ended before its promises do, and what was cancelled on the way is put back there.
  update fulfilment_lines set done = case when is_lost then done else assigned - released end, released = case when is_lost then assigned - done else released end,
    picked = least(picked, case when is_lost then done else assigned - released end) where group_id = g.id;
  for item in select (x->>'lineId')::bigint as id, (x->>'quantity')::int as units from jsonb_array_elements(parts) x order by 1 loop
    for part in
      -- Its own promises first: more than one parcel may have units of a line.
      select p.id, least(p.units, item.units - coalesce(sum(p.units) over (order by p.is_own desc, p.id rows between unbounded preceding and 1 preceding), 0))::int as take
      from (select x.*, coalesce(parcel_of(x.id) = g.id, false) as is_own from order_line_promises(item.id) x where x.location_id = g.held_at) p
    loop
      continue when part.take <= 0;
      perform stock_unpromise_item(part.id, part.take, 'release', c);
    end loop;
    if is_lost then
      update order_lines set reserved = reserved - item.units, short = short + item.units, short_cause = coalesce(short_cause, 'adjust') where id = item.id;
    end if;
  end loop;
  for part in
    select h.variant_id, h.lot_id, least(h.units, b.on_hand - b.reserved, coalesce(l.quantity, h.units)) as units, coalesce(l.unavailable, 0) as aside
    from parcel_holds(g.id, g.held_at) h join balances b on b.variant_id = h.variant_id and b.location_id = g.held_at left join lots l on l.id = h.lot_id
  loop
    -- What somebody shipped from the order's page meanwhile is not there any more.
    continue when part.units <= 0;
    if is_lost then
      -- What expired on the way was put aside there.
      perform stock_post(part.variant_id, g.held_at, 'adjust', -x.units, 0, c || jsonb_strip_nulls(jsonb_build_object('lot_id', part.lot_id)), null, null, 'lost on the way to the store', -x.aside)
      from (select least(part.units, part.aside) as aside) p cross join lateral (values (p.aside, p.aside), (part.units - p.aside, 0)) x(units, aside) where x.units > 0;
    else
      perform stock_carry(part.variant_id, g.held_at, g.collect_location_id, part.units, part.lot_id, 'came to the store', c);
    end if;
  end loop;
  perform fulfilment_turn(g, case when is_lost then 'lose' else 'receive' end, case when is_lost then 'cancelled' else 'done' end, jsonb_build_object('lines', parts), cmd);
  if not is_lost and jsonb_array_length(parts) > 0 then
    perform parcel_promise(g, parts, g.collect_location_id, c);
    there := fulfilment_group_take(g.order_id, jsonb_build_object('locationId', g.collect_location_id, 'method', 'collect', 'readyBy', cmd->'readyBy', 'lines', parts), cmd);
  end if;
  perform fulfilment_order_turn(g.order_id, case when is_lost then 'lose' else 'receive' end, cmd);
  perform stock_fill_all(order_variants(g.order_id), stock_consequence(cmd));
  perform stock_changed(order_variants(g.order_id));
  insert into change (kind, ref_id, channel_id) select 'order', o.id, o.channel_id from orders o where o.id = g.order_id;
  return command_done(cmd, jsonb_build_object('outcome', 'received', 'group', there) || fulfilment_told(g.id));
end $$;
