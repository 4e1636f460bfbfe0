-- What follows when stock changes under promises: free units go to whoever is short, missing ones are taken from whoever was promised last.

-- What a command says of its own movements is not said of those that follow from them: they happen when it is decided, for no reason of a list.
create or replace function stock_consequence(cmd jsonb) returns jsonb language sql immutable as $$
  select cmd - array['occurred_at', 'reason_code', 'lot_id', 'unit_cost', 'cost_currency']
$$;

-- Free units, oldest orders first: whoever is short gets what became free, also as a part of a bundle. Only open locations that serve the order's
-- channel count.
create or replace function stock_fill_shorts(p_variant bigint, cmd jsonb) returns void language plpgsql as $$
declare
  line record;
  made record;
  place record;
  missing int;
  take int;
begin
  cmd := stock_consequence(cmd);
  for line in
    select l.id, l.variant_id, l.order_id, l.short, o.channel_id from order_lines l join orders o on o.id = l.order_id
    where l.short > 0 and l.id in (
      select w.id from order_lines w where w.variant_id = p_variant and w.short > 0
      union all
      select p.order_line_id from order_line_parts p join order_lines w on w.id = p.order_line_id and w.short > 0 where p.variant_id = p_variant)
    order by o.placed_at, l.id for update of l
  loop
    missing := line.short;
    select * into made from order_line_explosion(line.id);
    for place in
      select c.location_id, x.fit from channel_locations c
      join locations p on p.id = c.location_id and p.active
      cross join lateral (select stock_fit(line.variant_id, c.location_id, made.part_ids, made.part_units, true) as fit) x
      where c.channel_id = line.channel_id and c.valid_to is null and x.fit > 0
      order by c.position
    loop
      exit when missing = 0;
      take := least(missing, place.fit);
      perform stock_promise_item(line.variant_id, made.part_ids, made.part_units, place.location_id, take, true, 'order:' || line.order_id, 0, line.id,
        line.channel_id, null, cmd);
      missing := missing - take;
    end loop;
    if missing < line.short then
      update order_lines set reserved = reserved + (line.short - missing), short = missing where id = line.id;
      insert into change (kind, ref_id) values ('order', line.order_id);
      perform order_hold_filled(line.order_id, cmd);
      if cardinality(made.part_ids) > 0 then
        perform stock_changed(made.part_ids);
      end if;
    end if;
  end loop;
end $$;

-- The same for several variants.
create or replace function stock_fill_all(variant_ids bigint[], cmd jsonb) returns void language plpgsql as $$
declare
  v bigint;
begin
  foreach v in array (select coalesce(array_agg(distinct t order by t), '{}') from unnest(variant_ids) t) loop
    perform stock_fill_shorts(v, cmd);
  end loop;
end $$;

-- Locations opened, or came to serve a channel: what lies there goes to whoever is short of it.
create or replace function stock_fill_from(location_ids bigint[], cmd jsonb) returns void language plpgsql as $$
declare
  variant_ids bigint[];
begin
  select coalesce(array_agg(x.variant_id order by x.variant_id), '{}') into variant_ids from (
    (select variant_id from order_lines where short > 0 and variant_id is not null
     union
     select p.variant_id from order_line_parts p join order_lines l on l.id = p.order_line_id and l.short > 0)
    intersect
    select variant_id from balances where location_id = any(location_ids) and on_hand > 0) x;
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  perform stock_fill_all(variant_ids, cmd);
  if cardinality(variant_ids) > 0 then
    perform stock_changed(variant_ids);
  end if;
end $$;

-- A location holds less than it promised: holds give way first, then order lines, the newest first; those become short. A bundle that loses a part
-- gives back its others: their variants are answered, for whoever is short of them. Of goods on their way to a store, whose parcel has the lot that is missing (cmd.lot_id) goes first.
create or replace function stock_withdraw_from(p_variant bigint, p_location bigint, p_units int, p_cause text, cmd jsonb) returns bigint[] language plpgsql as $$
declare
  r reservations;
  missing int := p_units;
  take int;
  freed bigint[] := '{}';
  gone bigint := (select (cmd->>'lot_id')::bigint from locations where id = p_location and kind = 'platform');
begin
  cmd := stock_consequence(cmd);
  for r in
    select * from reservations where variant_id = p_variant and location_id = p_location and state = 'open'
    order by (order_line_id is not null), case when gone is not null then exists (select from parcel_holds(parcel_of(id), p_location) h where h.lot_id = gone) end desc, id desc
  loop
    exit when missing <= 0;
    take := least((missing + r.per_unit - 1) / r.per_unit, r.quantity / r.per_unit);
    perform stock_unpromise_item(r.id, take, 'lost', cmd);
    if r.order_line_id is not null then
      update order_lines set reserved = reserved - take, short = short + take, short_cause = coalesce(short_cause, p_cause)
      where id = r.order_line_id;
      insert into change (kind, ref_id) select 'order', order_id from order_lines where id = r.order_line_id;
      perform order_touched((select order_id from order_lines where id = r.order_line_id), 'lose', cmd);
    end if;
    if r.pack is not null then
      freed := freed || array(select variant_id from reservations where pack = r.pack);
    end if;
    missing := missing - take * r.per_unit;
  end loop;
  if cardinality(freed) > 0 then
    perform stock_changed(freed);
  end if;
  return freed;
end $$;

-- Sets what is physically at a location: facts always post. Promises beyond it become short; new units go to whoever is short.
create or replace function stock_set_on_hand(
  p_variant bigint, p_location bigint, p_on_hand int, p_kind text, p_reason text, cmd jsonb
) returns void language plpgsql as $$
declare
  b balances;
  hidden int;
  freed bigint[] := '{}';
begin
  select * into b from balances where variant_id = p_variant and location_id = p_location;
  if b is null then
    insert into balances (variant_id, location_id) values (p_variant, p_location) returning * into b;
  end if;
  if p_on_hand < b.reserved + b.unavailable then
    hidden := greatest(b.unavailable - p_on_hand, 0);
    freed := stock_withdraw_from(p_variant, p_location, least(b.reserved, b.reserved + b.unavailable - hidden - p_on_hand), p_kind, cmd);
    if hidden > 0 then
      perform stock_post(p_variant, p_location, p_kind, 0, 0, cmd, null, null, p_reason, -hidden);
    end if;
  end if;
  if p_on_hand <> b.on_hand then
    perform stock_post(p_variant, p_location, p_kind, p_on_hand - b.on_hand, 0, cmd, null, null, p_reason);
    -- What arrives may be past its time already.
    if p_on_hand > b.on_hand then
      freed := freed || stock_expire_lots(array[p_variant], cmd);
    end if;
  end if;
  -- Also after a loss: whoever lost a unit here may be served from elsewhere.
  perform stock_fill_all(freed || p_variant, cmd);
end $$;

-- Puts units aside (damaged, held) or, with fewer than 0, back for sale. Promises on what is put aside give way. Raises P0409 hide_beyond where there
-- are not so many to move.
create or replace function stock_hide(p_variant bigint, p_location bigint, p_units int, p_kind text, p_reason text, cmd jsonb) returns void language plpgsql as $$
declare
  b balances;
  freed bigint[] := '{}';
begin
  select * into b from balances where variant_id = p_variant and location_id = p_location;
  if p_units > coalesce(b.on_hand - b.unavailable, 0) or -p_units > coalesce(b.unavailable, 0) then
    raise exception 'hide_beyond' using errcode = 'P0409', detail = jsonb_build_object(
      'sku', (select sku from variants where id = p_variant), 'location', (select code from locations where id = p_location),
      'kind', p_kind, 'asked', abs(p_units), 'available', case when p_units > 0 then coalesce(b.on_hand - b.unavailable, 0) else coalesce(b.unavailable, 0) end)::text;
  end if;
  if p_units > b.on_hand - b.reserved - b.unavailable then
    freed := stock_withdraw_from(p_variant, p_location, p_units - (b.on_hand - b.reserved - b.unavailable), p_kind, cmd);
  end if;
  perform stock_post(p_variant, p_location, p_kind, 0, 0, cmd, null, null, p_reason, p_units);
  -- What is brought back may be past its time: that is for nobody.
  if p_units < 0 then
    freed := freed || stock_expire_lots(array[p_variant], cmd);
  end if;
  perform stock_fill_all(freed || p_variant, cmd);
end $$;

-- Ends holds and lots whose time is over; under the lock of their variants.
create or replace function stock_expire(variant_ids bigint[], cmd jsonb) returns void language plpgsql as $$
declare
  r record;
  touched bigint[] := '{}';
begin
  -- It happens now, and is nobody's command.
  cmd := jsonb_strip_nulls(jsonb_build_object('now', cmd->'now', 'actor', 'system'));
  for r in
    with over as (
      select id, pack from reservations where state = 'open' and variant_id = any(variant_ids) and expires_at <= command_now(cmd)
    )
    select s.id, s.quantity, s.variant_id from reservations s where s.id in (select id from over)
    union
    -- The other parts of a bundle have the same end.
    select s.id, s.quantity, s.variant_id from over join reservations s on s.pack = over.pack where s.state = 'open'
    order by 1
  loop
    perform stock_unpromise(r.id, r.quantity, 'expire', cmd);
    touched := touched || r.variant_id;
  end loop;
  touched := touched || stock_expire_lots(variant_ids, cmd);
  if cardinality(touched) > 0 then
    perform stock_fill_all(touched, cmd);
    perform stock_changed(touched);
  end if;
end $$;
