-- Lots: units of one variant at one location, told apart by code and expiry. First expired, first out.

-- The lot of a code, made when it is new. What its expiry is, is said once.
create or replace function stock_lot(p_variant bigint, p_location bigint, p_code text, p_expires timestamptz) returns bigint language plpgsql as $$
declare
  lot lots;
begin
  select * into lot from lots where variant_id = p_variant and location_id = p_location and code = coalesce(p_code, '');
  if lot.id is null then
    insert into lots (variant_id, location_id, code, expires_at) values (p_variant, p_location, coalesce(p_code, ''), p_expires) returning * into lot;
    if p_expires is not null then
      insert into due (at, what, ref_id) values (p_expires, 'lot', lot.id);
    end if;
  elsif lot.expires_at is null and p_expires is not null then
    update lots set expires_at = p_expires where id = lot.id;
    insert into due (at, what, ref_id) values (p_expires, 'lot', lot.id);
  end if;
  return lot.id;
end $$;

-- What a command that laid units into these lots should say of them: {"warnings": [{code: "expired", sku, location, lot, expiredAt}]} where the time of some
-- is over already, so that their units are not sold; else {}.
create or replace function lots_over(lot_ids bigint[], cmd jsonb) returns jsonb language sql stable as $$
  select case when count(*) = 0 then '{}' else jsonb_build_object('warnings', jsonb_agg(jsonb_build_object('code', 'expired', 'sku', v.sku, 'location', p.code, 'lot', l.code,
    'expiredAt', to_char(l.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by v.sku, p.code, l.code)) end
  from lots l join variants v on v.id = l.variant_id join locations p on p.id = l.location_id
  where l.id = any(lot_ids) and l.expires_at <= command_now(cmd)
$$;

-- The parcel to a store (a group) whose goods a promise holds while they are on their way; null of all other promises.
create or replace function parcel_of(p_reservation bigint) returns bigint language sql stable as $$
  select m.cause_id from reservations r join locations p on p.id = r.location_id and p.kind = 'platform'
  join movements m on m.order_line_id = r.order_line_id and m.reservation_id = r.id and m.location_id = r.location_id and m.kind = 'reserve' and m.cause_kind = 'group'
  where r.id = p_reservation limit 1
$$;

-- What is in a parcel, by lot: what was carried onto the way for it, and has not left that yet, off it or (somebody shipped the order) by the promises that were made for it.
create or replace function parcel_holds(p_group bigint, p_way bigint) returns table (variant_id bigint, lot_id bigint, units int) language sql stable as $$
  with carried as (
    select m.variant_id, m.lot_id, m.on_hand, m.reservation_id from movements m where m.cause_kind = 'group' and m.cause_id = p_group and m.location_id = p_way
  ), moved as (
    select c.variant_id, c.lot_id, c.on_hand from carried c where c.on_hand <> 0
    union all
    select m.variant_id, m.lot_id, m.on_hand from fulfilment_lines f join movements m on m.order_line_id = f.order_line_id
    where f.group_id = p_group and m.location_id = p_way and m.kind = 'settle' and m.reservation_id in (select c.reservation_id from carried c)
  )
  select m.variant_id, m.lot_id, sum(m.on_hand)::int from moved m group by 1, 2 having sum(m.on_hand) > 0 order by 1, 2
$$;

-- Posts a change of on hand or unavailable lot by lot, one movement each. `cmd.lot_id` names the lot that goes first, then what lies in the parcel that a promise is of; without them
-- units leave first expired, first out, are put aside in the same order, and arrive in the lot of no name.
create or replace function stock_post_lots(
  p_variant bigint, p_location bigint, p_kind text, p_on_hand int, p_reserved int, cmd jsonb,
  p_line bigint, p_reservation bigint, p_reason text, p_unavailable int
) returns void language plpgsql as $$
declare
  lot record;
  named bigint := (cmd->>'lot_id')::bigint;
  missing int := greatest(abs(p_on_hand), abs(p_unavailable));
  take int;
  reserved_too int := p_reserved;
begin
  if p_on_hand > 0 then
    named := coalesce(named, stock_lot(p_variant, p_location, '', null));
    -- More units of a lot whose time is over: those for sale, also those that lie there already, are put aside with the next look at the clock.
    update lots set quantity = quantity + p_on_hand, unavailable = unavailable + p_unavailable,
      expired = p_unavailable > 0 and (expired or (quantity = unavailable and coalesce(expires_at <= command_now(cmd), false))) where id = named;
    perform stock_note(p_variant, p_location, p_kind, p_on_hand, p_reserved, p_unavailable, 0, named, cmd, p_line, p_reservation, p_reason);
    return;
  end if;
  for lot in
    select l.id, case when x.of_parcel then x.inside else x.room - x.inside end as room
    from lots l left join parcel_holds(parcel_of(p_reservation), p_location) h on h.lot_id = l.id and h.variant_id = l.variant_id
    -- Leaves from, or is put aside of, what is for sale; else comes of what is put aside.
    cross join lateral (select case when p_unavailable >= 0 then l.quantity - l.unavailable else l.unavailable end as room) r
    cross join lateral (select r.room, least(r.room, coalesce(h.units, 0)) as inside, t.of_parcel from (values (true), (false)) t(of_parcel)) x
    where l.variant_id = p_variant and l.location_id = p_location
    -- Back for sale: rather what is not past its time. Away for good: rather what is.
    order by (l.id = named) desc nulls last, x.of_parcel desc, case when p_unavailable < 0 then l.expired = (p_on_hand = 0) end, l.expires_at nulls last, l.id
  loop
    exit when missing = 0;
    take := least(missing, lot.room);
    continue when take <= 0;
    update lots set quantity = quantity + sign(p_on_hand)::int * take, unavailable = unavailable + sign(p_unavailable)::int * take,
      expired = expired and (p_unavailable >= 0 or p_kind <> 'restore') where id = lot.id;
    perform stock_note(p_variant, p_location, p_kind, sign(p_on_hand)::int * take, reserved_too, sign(p_unavailable)::int * take, 0, lot.id, cmd, p_line,
      p_reservation, p_reason);
    reserved_too := 0;
    missing := missing - take;
  end loop;
  if missing > 0 then
    raise exception 'the lots of variant % at location % do not add up: % units are in none', p_variant, p_location, missing;
  end if;
end $$;

-- Puts aside what is past its time. Answers the variants that it changed, and those of which promises became free.
create or replace function stock_expire_lots(variant_ids bigint[], cmd jsonb) returns bigint[] language plpgsql as $$
declare
  lot record;
  b balances;
  touched bigint[] := '{}';
begin
  for lot in
    select id, variant_id, location_id, code, quantity - unavailable as units from lots
    where variant_id = any(variant_ids) and not expired and expires_at is not null and quantity > 0 and expires_at <= command_now(cmd) order by id
  loop
    if lot.units > 0 then
      select * into b from balances where variant_id = lot.variant_id and location_id = lot.location_id;
      touched := touched || lot.variant_id;
      if lot.units > b.on_hand - b.reserved - b.unavailable then
        touched := touched || stock_withdraw_from(lot.variant_id, lot.location_id, lot.units - (b.on_hand - b.reserved - b.unavailable), 'expired',
          cmd || jsonb_build_object('lot_id', lot.id));
      end if;
      perform stock_post(lot.variant_id, lot.location_id, 'lot_expired', 0, 0, (cmd - 'reason_code' - 'unit_cost' - 'cost_currency') || jsonb_build_object('lot_id', lot.id), null, null,
        'lot ' || lot.code || ' expired', lot.units);
    end if;
    update lots set expired = true where id = lot.id;
  end loop;
  return touched;
end $$;
