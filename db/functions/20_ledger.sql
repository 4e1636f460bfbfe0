-- The ledger: locking, posting, and what follows when stock changes under promises.
-- Lock order everywhere: order rows, then variants (by id), then publications (by listing id).

-- All stock decisions about a variant are taken under its row lock; rows in one fixed order, so that no two commands wait for each other.
create or replace function stock_lock(variant_ids bigint[]) returns void language plpgsql as $$
begin
  perform 1 from variants where id = any(variant_ids) order by id for no key update;
end $$;

-- Posts one movement and moves the balance with it.
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
  insert into movements (variant_id, location_id, kind, on_hand, reserved, unavailable, order_line_id, reservation_id, command_scope,
    command_key, reason, actor, occurred_at)
  values (p_variant, p_location, p_kind, p_on_hand, p_reserved, p_unavailable, p_line, p_reservation, cmd->>'scope', cmd->>'key',
    p_reason, coalesce(cmd->>'actor', 'system'), coalesce((cmd->>'occurred_at')::timestamptz, command_now(cmd)));
end $$;

-- Leaves one row in the change feed for each variant.
create or replace function stock_changed(variant_ids bigint[]) returns void language sql as $$
  insert into change (kind, variant_id) select 'stock', id from (select distinct unnest(variant_ids) as id order by 1) touched
$$;

-- Promises units of one variant at one location to an order line or a hold.
create or replace function stock_promise(
  p_variant bigint, p_location bigint, p_quantity int, p_basket text, p_line_no int, p_line bigint, p_channel bigint,
  p_expires timestamptz, cmd jsonb
) returns bigint language plpgsql as $$
declare
  reservation bigint;
begin
  insert into reservations (basket, line_no, order_line_id, channel_id, variant_id, location_id, quantity, asked, expires_at, actor)
  values (p_basket, p_line_no, p_line, p_channel, p_variant, p_location, p_quantity, p_quantity, p_expires, coalesce(cmd->>'actor', 'system'))
  returning id into reservation;
  perform stock_post(p_variant, p_location, 'reserve', 0, p_quantity, cmd, p_line, reservation);
  if p_expires is not null then
    insert into due (at, what, ref_id) values (p_expires, 'reservation', reservation);
  end if;
  return reservation;
end $$;

-- Ends `p_quantity` units of a reservation. Settle: they leave the location. Release, expire: they are free again. Lost: the units that
-- were promised do not exist.
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

-- Free units, oldest orders first: whoever is short gets what became free. Only open locations that serve the order's channel count.
create or replace function stock_fill_shorts(p_variant bigint, cmd jsonb) returns void language plpgsql as $$
declare
  line record;
  place record;
  missing int;
  take int;
begin
  for line in
    select l.id, l.order_id, l.short, o.channel_id from order_lines l join orders o on o.id = l.order_id
    where l.variant_id = p_variant and l.short > 0 order by o.placed_at, l.id for update of l
  loop
    missing := line.short;
    for place in
      select b.location_id, b.on_hand - b.reserved - b.unavailable as free
      from channel_locations c join balances b on b.location_id = c.location_id and b.variant_id = p_variant
      join locations p on p.id = c.location_id and p.active
      where c.channel_id = line.channel_id and c.valid_to is null and b.on_hand - b.reserved - b.unavailable > 0
      order by c.position
    loop
      exit when missing = 0;
      take := least(missing, place.free);
      perform stock_promise(p_variant, place.location_id, take, 'order:' || line.order_id, 0, line.id, line.channel_id, null, cmd);
      missing := missing - take;
    end loop;
    if missing < line.short then
      update order_lines set reserved = reserved + (line.short - missing), short = missing where id = line.id;
      insert into change (kind, ref_id) values ('order', line.order_id);
    end if;
  end loop;
end $$;

-- Locations opened, or came to serve a channel: what lies there goes to whoever is short of it.
create or replace function stock_fill_from(location_ids bigint[], cmd jsonb) returns void language plpgsql as $$
declare
  variant_ids bigint[];
  v bigint;
begin
  select coalesce(array_agg(x.variant_id order by x.variant_id), '{}') into variant_ids from (
    select variant_id from order_lines where short > 0 and variant_id is not null
    intersect
    select variant_id from balances where location_id = any(location_ids) and on_hand > 0) x;
  perform stock_lock(variant_ids);
  foreach v in array variant_ids loop
    perform stock_fill_shorts(v, cmd);
  end loop;
  if cardinality(variant_ids) > 0 then
    perform stock_changed(variant_ids);
  end if;
end $$;

-- A location holds less than it promised: holds give way first, then order lines, the newest first; those become short.
create or replace function stock_withdraw(p_variant bigint, p_location bigint, p_units int, p_cause text, cmd jsonb) returns void language plpgsql as $$
declare
  r reservations;
  missing int := p_units;
  take int;
begin
  for r in
    select * from reservations where variant_id = p_variant and location_id = p_location and state = 'open'
    order by (order_line_id is not null), id desc
  loop
    exit when missing = 0;
    take := least(missing, r.quantity);
    perform stock_unpromise(r.id, take, 'lost', cmd);
    if r.order_line_id is not null then
      update order_lines set reserved = reserved - take, short = short + take, short_cause = coalesce(short_cause, p_cause)
      where id = r.order_line_id;
      insert into change (kind, ref_id) select 'order', order_id from order_lines where id = r.order_line_id;
    end if;
    missing := missing - take;
  end loop;
end $$;

-- Sets what is physically at a location: facts always post. Promises beyond it become short; new units go to whoever is short.
create or replace function stock_set_on_hand(
  p_variant bigint, p_location bigint, p_on_hand int, p_kind text, p_reason text, cmd jsonb
) returns void language plpgsql as $$
declare
  b balances;
  hidden int;
begin
  select * into b from balances where variant_id = p_variant and location_id = p_location;
  if b is null then
    insert into balances (variant_id, location_id) values (p_variant, p_location) returning * into b;
  end if;
  if p_on_hand < b.reserved + b.unavailable then
    hidden := greatest(b.unavailable - p_on_hand, 0);
    perform stock_withdraw(p_variant, p_location, least(b.reserved, b.reserved + b.unavailable - hidden - p_on_hand), p_kind, cmd);
    if hidden > 0 then
      perform stock_post(p_variant, p_location, p_kind, 0, 0, cmd, null, null, p_reason, -hidden);
    end if;
  end if;
  if p_on_hand <> b.on_hand then
    perform stock_post(p_variant, p_location, p_kind, p_on_hand - b.on_hand, 0, cmd, null, null, p_reason);
  end if;
  -- Also after a loss: whoever lost a unit here may be served from elsewhere.
  perform stock_fill_shorts(p_variant, cmd);
end $$;

-- Ends holds whose time is over; under the lock of their variants.
create or replace function stock_expire(variant_ids bigint[], cmd jsonb) returns void language plpgsql as $$
declare
  r record;
  touched bigint[] := '{}';
  v bigint;
begin
  for r in
    select id, quantity, variant_id from reservations
    where state = 'open' and variant_id = any(variant_ids) and expires_at <= command_now(cmd) order by id
  loop
    perform stock_unpromise(r.id, r.quantity, 'expire', cmd);
    touched := touched || r.variant_id;
  end loop;
  foreach v in array (select coalesce(array_agg(distinct t order by t), '{}') from unnest(touched) t) loop
    perform stock_fill_shorts(v, cmd);
  end loop;
  if cardinality(touched) > 0 then
    perform stock_changed(touched);
  end if;
end $$;
