-- The ledger: locking, posting, promising, and the two ways in which promises end.
-- Lock order everywhere: order rows, then rows of deliveries, transfers and counts, then variants (by id), then publications (by listing id).

-- All stock decisions about a variant are taken under one row lock: that of its family, or its own where no bundle ties it to others. Rows in one
-- fixed order, so that no two commands wait for each other.
create or replace function stock_lock(variant_ids bigint[]) returns void language plpgsql as $$
declare
  keys bigint[];
begin
  loop
    select array_agg(distinct coalesce(family, id)) into keys from variants where id = any(variant_ids);
    perform 1 from variants where id = any(keys) order by id for no key update;
    -- A bundle may have come about while we waited.
    exit when not exists (select from variants where id = any(variant_ids) and family is not null and not family = any(keys));
  end loop;
end $$;

-- Leaves one row in the change feed for each variant, and for each bundle that it is a part of.
create or replace function stock_changed(variant_ids bigint[]) returns void language sql as $$
  insert into change (kind, variant_id) select 'stock', id from (
    select unnest(variant_ids) as id union select bundle_id from bundle_flat where part_id = any(variant_ids) order by 1) touched
$$;

-- Posts one movement and moves the balance with it; one movement for each lot where units are told apart by lot. What it belongs to is read from
-- `cmd`: actor, occurred_at, lot_id, reason_code, cause_kind, cause_id, unit_cost, cost_currency.
create or replace function stock_post(
  p_variant bigint, p_location bigint, p_kind text, p_on_hand int, p_reserved int, cmd jsonb,
  p_line bigint default null, p_reservation bigint default null, p_reason text default null, p_unavailable int default 0
) returns void language plpgsql as $$
begin
  update balances set on_hand = on_hand + p_on_hand, reserved = reserved + p_reserved, unavailable = unavailable + p_unavailable,
    updated_at = clock_timestamp()
  where variant_id = p_variant and location_id = p_location;
  if not found then
    insert into balances (variant_id, location_id, on_hand, reserved, unavailable)
    values (p_variant, p_location, p_on_hand, p_reserved, p_unavailable);
  end if;
  if (p_on_hand <> 0 or p_unavailable <> 0) and (select lot_tracked from variants where id = p_variant) then
    perform stock_post_lots(p_variant, p_location, p_kind, p_on_hand, p_reserved, cmd, p_line, p_reservation, p_reason, p_unavailable);
    return;
  end if;
  perform stock_note(p_variant, p_location, p_kind, p_on_hand, p_reserved, p_unavailable, 0, null, cmd, p_line, p_reservation, p_reason);
end $$;

-- Writes one row of the ledger.
create or replace function stock_note(
  p_variant bigint, p_location bigint, p_kind text, p_on_hand int, p_reserved int, p_unavailable int, p_incoming int, p_lot bigint, cmd jsonb,
  p_line bigint, p_reservation bigint, p_reason text
) returns void language sql as $$
  insert into movements (variant_id, location_id, kind, on_hand, reserved, unavailable, incoming, lot_id, order_line_id, reservation_id, command_scope,
    command_key, reason, reason_code, cause_kind, cause_id, unit_cost, cost_currency, actor, occurred_at)
  values (p_variant, p_location, p_kind, p_on_hand, p_reserved, p_unavailable, p_incoming, p_lot, p_line, p_reservation, cmd->>'scope', cmd->>'key', p_reason,
    cmd->>'reason_code', cmd->>'cause_kind', (cmd->>'cause_id')::bigint, case when p_on_hand > 0 then (cmd->>'unit_cost')::numeric end,
    case when p_on_hand > 0 then cmd->>'cost_currency' end, coalesce(cmd->>'actor', 'system'),
    coalesce((cmd->>'occurred_at')::timestamptz, command_now(cmd)))
$$;

-- Moves what is expected at a location.
create or replace function stock_expect(p_variant bigint, p_location bigint, p_units int, p_kind text, cmd jsonb) returns void language plpgsql as $$
begin
  insert into balances (variant_id, location_id, incoming) values (p_variant, p_location, greatest(p_units, 0))
  on conflict (variant_id, location_id) do update set incoming = balances.incoming + p_units, updated_at = clock_timestamp();
  perform stock_note(p_variant, p_location, p_kind, 0, 0, 0, p_units, null, cmd, null, null, null);
end $$;

-- What was on hand at an instant, by when things happened and by what is known of it now.
create or replace function stock_on_hand_at(p_variant bigint, p_location bigint, p_at timestamptz) returns int language sql stable as $$
  select coalesce((select on_hand from balances where variant_id = p_variant and location_id = p_location), 0)
    - coalesce((select sum(on_hand) from movements
      -- Nothing is recorded before it happened, save for the spread of two clocks.
      where variant_id = p_variant and location_id = p_location and recorded_at > p_at - interval '1 minute' and occurred_at > p_at), 0)::int
$$;

-- ---------------------------------------------------------------- promises

-- Promises units of one variant at one location to an order line or a hold. A pack ties the parts of a bundle together.
create or replace function stock_promise_row(
  p_variant bigint, p_location bigint, p_quantity int, p_basket text, p_line_no int, p_line bigint, p_channel bigint,
  p_expires timestamptz, p_pack bigint, p_bundle bigint, p_per_unit int, cmd jsonb
) returns void language plpgsql as $$
declare
  reservation bigint;
begin
  insert into reservations (basket, line_no, order_line_id, channel_id, variant_id, location_id, quantity, asked, expires_at, pack, bundle_id, per_unit, actor)
  values (p_basket, p_line_no, p_line, p_channel, p_variant, p_location, p_quantity, p_quantity, p_expires, p_pack, p_bundle, p_per_unit,
    coalesce(cmd->>'actor', 'system'))
  returning id into reservation;
  perform stock_post(p_variant, p_location, 'reserve', 0, p_quantity, cmd, p_line, reservation);
  if p_expires is not null then
    insert into due (at, what, ref_id) values (p_expires, 'reservation', reservation);
  end if;
end $$;

-- How many units of an item can be promised at a location: those that lie there whole and, for a bundle, those that its parts there make.
create or replace function stock_fit(p_variant bigint, p_location bigint, part_ids bigint[], part_units int[], with_safety boolean) returns int
language sql stable as $$
  select greatest(0, coalesce((select on_hand - reserved - unavailable - case when with_safety then 0 else safety_stock end from balances
      where variant_id = p_variant and location_id = p_location), 0))
    + coalesce((select min(greatest(0, coalesce(b.on_hand - b.reserved - b.unavailable - case when with_safety then 0 else b.safety_stock end, 0)) / p.units)
      from unnest(part_ids, part_units) p(id, units) left join balances b on b.variant_id = p.id and b.location_id = p_location), 0)
$$;

-- Promises units of an item at a location that has them: whole ones first, the rest of a bundle as its parts.
create or replace function stock_promise_item(
  p_variant bigint, part_ids bigint[], part_units int[], p_location bigint, p_units int, with_safety boolean,
  p_basket text, p_line_no int, p_line bigint, p_channel bigint, p_expires timestamptz, cmd jsonb
) returns void language plpgsql as $$
declare
  whole int := p_units;
  pack bigint;
begin
  if cardinality(part_ids) > 0 then
    whole := least(p_units, stock_fit(p_variant, p_location, '{}', '{}', with_safety));
  end if;
  if whole > 0 then
    perform stock_promise_row(p_variant, p_location, whole, p_basket, p_line_no, p_line, p_channel, p_expires, null, null, 1, cmd);
  end if;
  if whole < p_units then
    pack := nextval('reservations_id_seq');
    for i in 1 .. cardinality(part_ids) loop
      perform stock_promise_row(part_ids[i], p_location, (p_units - whole) * part_units[i], p_basket, p_line_no, p_line, p_channel, p_expires, pack, p_variant,
        part_units[i], cmd);
    end loop;
  end if;
end $$;

-- Ends `p_quantity` units of one row. Settle: they leave the location. Release, expire: they are free again. Lost: the units that were promised
-- do not exist.
create or replace function stock_unpromise(p_reservation bigint, p_quantity int, p_kind text, cmd jsonb) returns void language plpgsql as $$
declare
  r reservations;
begin
  update reservations set
    quantity = quantity - p_quantity,
    state = case when quantity > p_quantity then 'open'
      else case p_kind when 'settle' then 'settled' when 'release' then 'released' when 'expire' then 'expired' else 'lost' end end,
    ended_at = case when quantity > p_quantity then null else clock_timestamp() end
  where id = p_reservation returning * into r;
  perform stock_post(r.variant_id, r.location_id, p_kind, case when p_kind = 'settle' then -p_quantity else 0 end, -p_quantity, cmd,
    r.order_line_id, r.id);
end $$;

-- Ends `p_units` units of the item that a row stands for: of a bundle, all parts of the pack. What is lost is lost of this row; the other parts are
-- free again.
create or replace function stock_unpromise_item(p_reservation bigint, p_units int, p_kind text, cmd jsonb) returns void language plpgsql as $$
declare
  r reservations;
  mate record;
begin
  select * into r from reservations where id = p_reservation;
  if r.pack is null then
    perform stock_unpromise(r.id, p_units, p_kind, cmd);
    return;
  end if;
  for mate in select id, per_unit from reservations where pack = r.pack order by id loop
    perform stock_unpromise(mate.id, p_units * mate.per_unit, case when p_kind = 'lost' and mate.id <> r.id then 'release' else p_kind end, cmd);
  end loop;
end $$;

-- The open promises of an order line in units of the item, one row for each pack; and the variants whose stock they hold.
create or replace function order_line_promises(p_line bigint) returns table (id bigint, units int, location_id bigint) language sql stable as $$
  select min(r.id), min(r.quantity / r.per_unit), min(r.location_id) from reservations r
  where r.order_line_id = p_line and r.state = 'open' group by coalesce(-r.pack, r.id) order by 1
$$;

-- The parts that a line was sold as; empty arrays for what is no bundle.
create or replace function order_line_explosion(p_line bigint, out part_ids bigint[], out part_units int[]) language sql stable as $$
  select coalesce(array_agg(variant_id order by variant_id), '{}'), coalesce(array_agg(quantity order by variant_id), '{}')
  from order_line_parts where order_line_id = p_line
$$;

-- ---------------------------------------------------------------- what becomes free, what is missing

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
-- gives back its others: their variants are answered, for whoever is short of them.
create or replace function stock_withdraw_from(p_variant bigint, p_location bigint, p_units int, p_cause text, cmd jsonb) returns bigint[] language plpgsql as $$
declare
  r reservations;
  missing int := p_units;
  take int;
  freed bigint[] := '{}';
begin
  for r in
    select * from reservations where variant_id = p_variant and location_id = p_location and state = 'open'
    order by (order_line_id is not null), id desc
  loop
    exit when missing <= 0;
    take := least((missing + r.per_unit - 1) / r.per_unit, r.quantity / r.per_unit);
    perform stock_unpromise_item(r.id, take, 'lost', cmd);
    if r.order_line_id is not null then
      update order_lines set reserved = reserved - take, short = short + take, short_cause = coalesce(short_cause, p_cause)
      where id = r.order_line_id;
      insert into change (kind, ref_id) select 'order', order_id from order_lines where id = r.order_line_id;
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
  perform stock_fill_all(freed || p_variant, cmd);
end $$;

-- Ends holds and lots whose time is over; under the lock of their variants.
create or replace function stock_expire(variant_ids bigint[], cmd jsonb) returns void language plpgsql as $$
declare
  r record;
  touched bigint[] := '{}';
begin
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
