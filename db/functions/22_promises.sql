-- Promises: units of a variant, or a bundle's parts as one pack, kept for a hold or an order line.

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
  else
    for mate in select id, per_unit from reservations where pack = r.pack order by id loop
      perform stock_unpromise(mate.id, p_units * mate.per_unit, case when p_kind = 'lost' and mate.id <> r.id then 'release' else p_kind end, cmd);
    end loop;
  end if;
  if r.order_line_id is not null then
    perform fulfilment_follow(r.order_line_id, r.location_id, p_units, p_kind, cmd || jsonb_strip_nulls(jsonb_build_object('groupId', parcel_of(r.id))));
  end if;
end $$;

-- The open promises of an order line in units of the item, one row for each pack; and the variants whose stock they hold.
-- Found by the line and then looked at (offset 0): before the table was analyzed, an index on all that is open seemed to be short.
create or replace function order_line_promises(p_line bigint) returns table (id bigint, units int, location_id bigint) language sql stable as $$
  select min(r.id), min(r.quantity / r.per_unit), min(r.location_id)
  from (select x.id, x.quantity, x.per_unit, x.location_id, x.pack, x.state from reservations x where x.order_line_id = p_line offset 0) r
  where r.state = 'open' group by coalesce(-r.pack, r.id) order by 1
$$;

-- The parts that a line was sold as; empty arrays for what is no bundle.
create or replace function order_line_explosion(p_line bigint, out part_ids bigint[], out part_units int[]) language sql stable as $$
  select coalesce(array_agg(variant_id order by variant_id), '{}'), coalesce(array_agg(quantity order by variant_id), '{}')
  from order_line_parts where order_line_id = p_line
$$;
