-- What becomes of a basket that was promised: it ends, lasts longer, or moves.

-- The open items of a basket, one row for each pack: in units of the item (a bundle, or what lies on the shelf).
create or replace function hold_items(p_basket text) returns table (id bigint, variant_id bigint, units int, location_id bigint) language sql stable as $$
  select min(r.id), min(coalesce(r.bundle_id, r.variant_id)), min(r.quantity / r.per_unit), min(r.location_id) from reservations r
  where r.basket = p_basket and r.state = 'open' and r.order_line_id is null group by coalesce(-r.pack, r.id) order by 1
$$;

-- Ends a hold: cmd.basket, cmd.end in (release, settle), cmd.lines optional [{sku, quantity}] for a part of it.
-- Answers {"outcome": "released"|"settled", "lines": […]}, {"outcome": "unknown"} or {"outcome": "ended"} when nothing of it is open any more.
create or replace function stock_end_hold_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  variant_ids bigint[];
  r record;
  take int;
  wanted jsonb;
  ended jsonb := '[]';
  kind text := cmd->>'end';
begin
  if answer is not null then
    return answer;
  end if;
  select array_agg(distinct variant_id) into variant_ids from reservations where basket = cmd->>'basket' and order_line_id is null;
  if variant_ids is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'basket', 'value', cmd->>'basket'));
  end if;
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  select jsonb_object_agg(sku, quantity) into wanted
  from (select l->>'sku' as sku, sum((l->>'quantity')::int) as quantity from jsonb_array_elements(cmd->'lines') l group by 1) w;
  for r in
    select i.id, i.units, v.sku, p.code from hold_items(cmd->>'basket') i join variants v on v.id = i.variant_id join locations p on p.id = i.location_id order by i.id
  loop
    take := case when wanted is null then r.units else least(r.units, coalesce((wanted->>r.sku)::int, 0)) end;
    continue when take <= 0;
    perform stock_unpromise_item(r.id, take, kind, cmd);
    if wanted is not null then
      wanted := wanted || jsonb_build_object(r.sku, (wanted->>r.sku)::int - take);
    end if;
    ended := ended || jsonb_build_array(jsonb_build_object('sku', r.sku, 'location', r.code, 'quantity', take));
  end loop;
  if jsonb_array_length(ended) = 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'ended', 'basket', cmd->>'basket'));
  end if;
  perform stock_fill_all(variant_ids, cmd);
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', case kind when 'settle' then 'settled' else 'released' end, 'lines', ended));
end $$;

-- Lets what is open of a hold last for cmd.expiresInS seconds from now on, or until cmd.expiresAt (neither: until it is ended by somebody). Answers {"outcome": "extended", "expiresAt"}, unknown or ended.
create or replace function stock_extend_hold_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  variant_ids bigint[];
  until_text text;
  until timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  select array_agg(distinct variant_id) into variant_ids from reservations where basket = cmd->>'basket' and order_line_id is null;
  if variant_ids is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'basket', 'value', cmd->>'basket'));
  end if;
  perform stock_lock(variant_ids);
  -- What is over cannot be brought back: somebody else may have it already.
  perform stock_expire(variant_ids, cmd);
  until_text := hold_end(cmd, command_now(cmd));
  until := until_text::timestamptz;
  with longer as (
    update reservations set expires_at = until where basket = cmd->>'basket' and state = 'open' and order_line_id is null returning id
  )
  insert into due (at, what, ref_id) select until, 'reservation', id from longer where until is not null;
  if not exists (select from hold_items(cmd->>'basket')) then
    return command_open(cmd, jsonb_build_object('outcome', 'ended', 'basket', cmd->>'basket'));
  end if;
  return command_done(cmd, jsonb_build_object('outcome', 'extended', 'expiresAt', until_text));
end $$;

-- Moves open promises of a basket (a hold, or an order's) to another location in one step: cmd.basket, cmd.to, cmd.sku (everything when absent), cmd.quantity
-- (of the SKU; all when absent). All of it or nothing. Answers {"outcome": "moved", "to", "lines"}, unknown, closed {location}, ended, or insufficient {missing}.
create or replace function stock_move_promise_2(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  only_variant bigint;
  target bigint;
  variant_ids bigint[];
  r record;
  mate record;
  take int;
  left_over int := (cmd->>'quantity')::int;
  moved jsonb := '[]';
  lacking jsonb := '[]';
  pack_too bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select id into only_variant from variants where sku = cmd->>'sku';
  select id into target from locations where code = cmd->>'to';
  if target is null or (cmd->>'sku' is not null and only_variant is null) then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', case when target is null then 'to' else 'sku' end,
      'value', case when target is null then cmd->>'to' else cmd->>'sku' end));
  end if;
  if not exists (select from locations where id = target and active and kind <> 'platform') then
    return command_open(cmd, jsonb_build_object('outcome', 'closed', 'location', cmd->>'to'));
  end if;
  select array_agg(distinct variant_id) into variant_ids from reservations where basket = cmd->>'basket';
  if cmd->>'basket' ~ '^order:[0-9]{1,18}$' then
    -- A line of it may get units of what it was short of at any moment.
    perform 1 from orders where id = substr(cmd->>'basket', 7)::bigint for no key update;
    variant_ids := variant_ids || order_variants(substr(cmd->>'basket', 7)::bigint);
  end if;
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);

  select coalesce(jsonb_agg(jsonb_build_object('sku', v.sku, 'location', cmd->>'to', 'asked', x.needed, 'available', x.free) order by v.sku), '[]') into lacking
  from (
    select s.variant_id, sum(s.per_unit * m.units)::int as needed,
      greatest(0, coalesce((select on_hand - reserved - unavailable - safety_stock from balances where variant_id = s.variant_id and location_id = target), 0)) as free
    from stock_moving(cmd->>'basket', only_variant, target, left_over) m join reservations o on o.id = m.id
    join reservations s on s.id = o.id or s.pack = o.pack group by 1) x
  join variants v on v.id = x.variant_id where x.free < x.needed;
  if jsonb_array_length(lacking) > 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'insufficient', 'missing', lacking));
  end if;
  for r in select m.*, v.sku, p.code from stock_moving(cmd->>'basket', only_variant, target, left_over) m
    join variants v on v.id = m.variant_id join locations p on p.id = m.location_id order by m.id
  loop
    pack_too := null;
    if (select pack from reservations where id = r.id) is not null then
      pack_too := nextval('reservations_id_seq');
    end if;
    for mate in select s.* from reservations o join reservations s on s.id = o.id or s.pack = o.pack where o.id = r.id order by s.id loop
      perform stock_unpromise(mate.id, r.units * mate.per_unit, 'release', cmd);
      perform stock_promise_row(mate.variant_id, target, r.units * mate.per_unit, mate.basket, mate.line_no, mate.order_line_id, mate.channel_id, mate.expires_at,
        pack_too, mate.bundle_id, mate.per_unit, cmd);
    end loop;
    perform fulfilment_follow(o.order_line_id, r.location_id, r.units, 'move', cmd) from reservations o where o.id = r.id and o.order_line_id is not null;
    moved := moved || jsonb_build_object('sku', r.sku, 'from', r.code, 'quantity', r.units);
  end loop;
  if jsonb_array_length(moved) = 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'ended', 'basket', cmd->>'basket'));
  end if;
  if cmd->>'basket' ~ '^order:' then
    perform order_touched(substr(cmd->>'basket', 7)::bigint, 'move', cmd);
  end if;
  perform stock_fill_all(variant_ids, cmd);
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'moved', 'to', cmd->>'to', 'lines', moved));
end $$;

-- Which items of a basket a move concerns, and how many units of each; the oldest promises first.
create or replace function stock_moving(p_basket text, p_variant bigint, p_target bigint, p_units int)
returns table (id bigint, variant_id bigint, location_id bigint, units int) language sql stable as $$
  select x.id, x.variant_id, x.location_id, least(x.units, p_units - x.before)::int from (
    select i.*, coalesce(sum(i.units) over (order by i.id rows between unbounded preceding and 1 preceding), 0) as before from (
      select min(r.id) as id, min(coalesce(r.bundle_id, r.variant_id)) as variant_id, min(r.location_id) as location_id, min(r.quantity / r.per_unit) as units
      from reservations r where r.basket = p_basket and r.state = 'open' and r.location_id <> p_target
        and (p_variant is null or coalesce(r.bundle_id, r.variant_id) = p_variant)
      group by coalesce(-r.pack, r.id)) i) x
  where p_units is null or x.before < p_units
$$;

-- As called by the release before.
create or replace function stock_move_promise_1(cmd jsonb) returns jsonb language sql as $$ select stock_move_promise_2(cmd) - 'lines' $$;
