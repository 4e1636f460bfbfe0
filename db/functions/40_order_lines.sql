-- What happens to one line of an order: promised, short, handed over, taken back. Callers hold the lock of its variant.

-- What a line is called when something of it is refused: our SKU, or what its channel calls it.
create or replace function order_line_sku(p_line bigint) returns text language sql stable as $$
  select coalesce(v.sku, l.sku) from order_lines l left join variants v on v.id = l.variant_id where l.id = p_line
$$;

-- Brings one line to `p_open` promised-or-short units. More: promise what the channel's pool has (available first, then safety stock, which is
-- there for this), the rest is short. Fewer: shorts go first, then the newest promises. A bundle is promised whole, as the parts that it was sold as.
create or replace function order_line_open(p_line bigint, p_open int, p_channel bigint, p_cause text, cmd jsonb) returns void language plpgsql as $$
declare
  l order_lines;
  made record;
  place record;
  r record;
  missing int;
  take int;
begin
  select * into l from order_lines where id = p_line;
  if l.reserved + l.short > p_open then
    missing := l.reserved + l.short - p_open;
    take := least(missing, l.short);
    update order_lines set short = short - take where id = p_line;
    missing := missing - take;
    for r in select id, units from order_line_promises(p_line) order by id desc loop
      exit when missing = 0;
      take := least(missing, r.units);
      perform stock_unpromise_item(r.id, take, 'release', cmd);
      update order_lines set reserved = reserved - take where id = p_line;
      missing := missing - take;
    end loop;
  elsif l.reserved + l.short < p_open then
    missing := p_open - l.reserved - l.short;
    if l.variant_id is not null then
      select * into made from order_line_explosion(p_line);
      for round in 1 .. 2 loop
        for place in
          select c.location_id, x.fit from channel_locations c join locations p on p.id = c.location_id and p.active
          cross join lateral (select stock_fit(l.variant_id, c.location_id, made.part_ids, made.part_units, round = 2) as fit) x
          where c.channel_id = p_channel and c.valid_to is null and x.fit > 0
          -- One location that has all of it is better than a split; then the channel's own order of preference.
          order by (x.fit >= missing) desc, c.position
        loop
          exit when missing = 0;
          take := least(missing, place.fit);
          perform stock_promise_item(l.variant_id, made.part_ids, made.part_units, place.location_id, take, round = 2, 'order:' || l.order_id, 0, p_line, p_channel,
            null, cmd);
          update order_lines set reserved = reserved + take where id = p_line;
          missing := missing - take;
        end loop;
        exit when missing = 0;
      end loop;
    end if;
    if missing > 0 then
      update order_lines set short = short + missing,
        short_cause = coalesce(short_cause, case when l.variant_id is null then 'unmatched' else coalesce(order_line_ahead(l.variant_id, command_now(cmd)), p_cause) end)
      where id = p_line;
    end if;
  end if;
end $$;

-- Why units that are not there could be sold all the same: the terms of selling ahead, or null.
create or replace function order_line_ahead(p_variant bigint, p_now timestamptz) returns text language sql stable as $$
  select kind from selling_terms where variant_id = p_variant and valid_to is null and (kind = 'backorder' or available_from > p_now)
$$;

-- A line that learns which of our SKUs it is keeps what a bundle consisted of at that moment; one that takes over a hold, what the hold is made of.
create or replace function order_line_freeze(p_line bigint, p_variant bigint, p_basket text) returns void language sql as $$
  with held as (
    select variant_id, per_unit from reservations
    where pack = (select min(pack) from reservations where basket = p_basket and state = 'open' and order_line_id is null and bundle_id = p_variant)
  )
  insert into order_line_parts (order_line_id, variant_id, quantity)
  select p_line, variant_id, per_unit from held
  union all
  select p_line, part_id, quantity from bundle_flat where bundle_id = p_variant and not exists (select from held)
  on conflict do nothing
$$;

-- Takes over what a hold keeps of the line's SKU, up to what is open: from now on it is promised to the order, without a gap in between. Of a bundle, only
-- what is made of the same parts that the line was sold as: by those it is returned.
create or replace function order_line_adopt(p_line bigint, p_basket text, p_open int, cmd jsonb) returns void language plpgsql as $$
declare
  l order_lines;
  r record;
  missing int;
  take int;
begin
  select * into l from order_lines where id = p_line;
  missing := p_open - l.reserved - l.short;
  for r in
    select min(id) as id, min(quantity / per_unit) as units, min(pack) as pack from reservations
    where basket = p_basket and state = 'open' and order_line_id is null and coalesce(bundle_id, variant_id) = l.variant_id
    group by coalesce(-pack, id)
    having min(pack) is null or array_agg((variant_id, per_unit) order by variant_id)
      = array(select (variant_id, quantity) from order_line_parts where order_line_id = p_line order by variant_id)
    -- Of what lies where the buyer collects it first.
    order by (min(location_id) = l.collect_location_id) desc nulls last, 1
  loop
    exit when missing <= 0;
    take := least(missing, r.units);
    perform stock_adopt_item(r.id, take, p_line, 'order:' || l.order_id);
    update order_lines set reserved = reserved + take where id = p_line;
    missing := missing - take;
  end loop;
end $$;

-- Gives `p_units` units that a row of a hold stands for to an order line; the rest stays with the hold.
create or replace function stock_adopt_item(p_reservation bigint, p_units int, p_line bigint, p_basket text) returns void language plpgsql as $$
declare
  r reservations;
  mate reservations;
  pack_too bigint;
begin
  select * into r from reservations where id = p_reservation;
  if r.pack is not null and r.quantity > p_units * r.per_unit then
    pack_too := nextval('reservations_id_seq');
  end if;
  for mate in select * from reservations where id = r.id or pack = r.pack order by id loop
    if mate.quantity = p_units * mate.per_unit then
      update reservations set order_line_id = p_line, basket = p_basket, line_no = 0, expires_at = null where id = mate.id;
    else
      update reservations set quantity = quantity - p_units * per_unit where id = mate.id;
      insert into reservations (basket, line_no, order_line_id, channel_id, variant_id, location_id, quantity, asked, pack, bundle_id, per_unit, actor)
      values (p_basket, 0, p_line, mate.channel_id, mate.variant_id, mate.location_id, p_units * mate.per_unit, p_units * mate.per_unit, pack_too, mate.bundle_id,
        mate.per_unit, mate.actor);
    end if;
  end loop;
end $$;

-- Hands over `p_units` more units of a line: promised ones first. Units that were short left all the same if the platform says so:
-- from where there are some, else they are found first, visibly.
create or replace function order_line_ship(p_line bigint, p_units int, p_channel bigint, cmd jsonb) returns void language plpgsql as $$
declare
  l order_lines;
  r record;
  missing int := p_units;
  take int;
begin
  for r in select id, units from order_line_promises(p_line) loop
    exit when missing = 0;
    take := least(missing, r.units);
    perform stock_unpromise_item(r.id, take, 'settle', cmd);
    update order_lines set reserved = reserved - take, shipped = shipped + take where id = p_line;
    missing := missing - take;
  end loop;
  if missing > 0 then
    select * into l from order_lines where id = p_line;
    update order_lines set short = greatest(short - missing, 0), shipped = shipped + missing where id = p_line;
    if l.variant_id is not null then
      perform order_line_left(p_line, coalesce(x.variant_id, l.variant_id), missing * coalesce(x.quantity, 1), p_channel, cmd)
      from (select 1) one left join order_line_parts x on x.order_line_id = p_line;
    end if;
  end if;
end $$;

-- Units that left though they were promised to nobody.
create or replace function order_line_left(p_line bigint, p_variant bigint, p_units int, p_channel bigint, cmd jsonb) returns void language plpgsql as $$
declare
  place bigint;
  free int;
begin
  select c.location_id, coalesce(x.on_hand - x.reserved - x.unavailable, 0) into place, free from channel_locations c
  left join balances x on x.location_id = c.location_id and x.variant_id = p_variant
  where c.channel_id = p_channel and c.valid_to is null
  order by coalesce(x.on_hand - x.reserved - x.unavailable, 0) desc, c.position limit 1;
  if place is not null then
    if free < p_units then
      perform stock_post(p_variant, place, 'adjust', p_units - free, 0, cmd, p_line, null, 'shipped, though not on the books');
    end if;
    perform stock_post(p_variant, place, 'ship', -p_units, 0, cmd, p_line);
  end if;
end $$;

-- What units of a line consist of when they come back: of a bundle, the parts that it was sold as, or the whole one as far as whole ones are all that left.
create or replace function order_line_came(p_line bigint, p_units int) returns table (variant_id bigint, units int) language sql stable as $$
  with sold as (
    select l.variant_id as id, exists (select from order_line_parts p where p.order_line_id = l.id) as is_bundle from order_lines l where l.id = p_line
  ), whole as (
    -- What left as a whole bundle and has not come back yet.
    select case when s.is_bundle then least(p_units, greatest(0, -coalesce(sum(m.on_hand), 0)))::int else p_units end as units
    from sold s left join movements m on m.order_line_id = p_line and m.variant_id = s.id and m.kind in ('settle', 'ship', 'return') group by s.is_bundle
  )
  select x.id, x.units from (
    select s.id, w.units from sold s, whole w where s.id is not null
    union all
    select p.variant_id, (p_units - w.units) * p.quantity from order_line_parts p, whole w where p.order_line_id = p_line) x
  where x.units > 0 order by 1
$$;

-- Where units of a line are back that left from a location: there; of those that were on their way to a store, in the store.
create or replace function order_line_home(p_line bigint, p_location bigint) returns bigint language sql stable as $$
  select coalesce((select g.collect_location_id from fulfilment_lines f join fulfilment_groups g on g.id = f.group_id
    where f.order_line_id = p_line and g.held_at = p_location order by g.id desc limit 1), p_location)
$$;

-- Takes back units to the location and lot that they left from (else the channel's first location).
create or replace function order_line_return(p_line bigint, p_units int, p_channel bigint, cmd jsonb) returns void language plpgsql as $$
declare
  item record;
  went record;
  left_over int;
  take int;
begin
  update order_lines set returned = returned + p_units where id = p_line;
  for item in select variant_id as id, units from order_line_came(p_line, p_units) loop
    left_over := item.units;
    -- Not more to any place and lot than left there, the last first; what no movement tells of goes to the channel's first location.
    for went in
      select x.location_id, x.lot_id, x.units from (
        select order_line_home(p_line, m.location_id) as location_id, m.lot_id, -sum(m.on_hand)::int as units, max(m.id) filter (where m.on_hand < 0) as last from movements m
        where m.order_line_id = p_line and m.variant_id = item.id and m.kind in ('settle', 'ship', 'return') group by 1, 2 having sum(m.on_hand) < 0
        union all
        select (select location_id from channel_locations where channel_id = p_channel and valid_to is null order by position limit 1), null, item.units, null) x
      order by x.last desc nulls last
    loop
      exit when left_over = 0 or went.location_id is null;
      take := least(left_over, went.units);
      perform stock_post(item.id, went.location_id, 'return', take, 0, cmd || jsonb_strip_nulls(jsonb_build_object('lot_id', (
        select case l.location_id when went.location_id then l.id else stock_lot(item.id, went.location_id, l.code, l.expires_at) end from lots l where l.id = went.lot_id))), p_line);
      left_over := left_over - take;
    end loop;
    perform stock_expire_lots(array[item.id], cmd);
    perform stock_fill_shorts(item.id, cmd);
  end loop;
end $$;

-- Units that the platform shipped from stock that it holds for us. That stock is a location of its own, in no channel's pool; what it holds is the
-- platform's to say, so units that leave it without being on our books are found first, visibly.
create or replace function order_line_held(p_line bigint, p_account bigint, p_units int, cmd jsonb) returns void language plpgsql as $$
declare
  place bigint;
  variant bigint;
  there int;
begin
  select variant_id into variant from order_lines where id = p_line;
  if p_units = 0 or variant is null then
    return;
  end if;
  insert into locations (code, name, kind) select name || '-held', 'Held by ' || name, 'platform' from accounts where id = p_account
  on conflict (code) do nothing;
  select p.id into place from locations p join accounts a on p.code = a.name || '-held' where a.id = p_account;
  select on_hand into there from balances where variant_id = variant and location_id = place;
  if coalesce(there, 0) < p_units then
    perform stock_post(variant, place, 'adjust', p_units - coalesce(there, 0), 0, cmd, p_line, null, 'held by the platform, not on our books');
  end if;
  perform stock_post(variant, place, 'ship', -p_units, 0, cmd, p_line);
end $$;
