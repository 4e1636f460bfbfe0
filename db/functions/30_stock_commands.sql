-- What people, tills and files do to stock. Each is one call: claim the key, lock, decide, write.

-- cmd.lines: [{sku, location, quantity, kind, reason?, reasonCode?, lot?, expiresAt?, unitCost?, currency?, to?}], kind: receive (+), adjust (±), count (sets the
-- number), sale (-, at a till), return (+; to 'unavailable' puts it aside), safety (sets safety stock), damage (puts aside), restore (back for sale).
-- All lines or none. Answers {"outcome": "done", "lines": [{sku, location, onHand, reserved, unavailable, safetyStock, available}], "warnings"?: as lots_over} or {"outcome": "unknown",
-- "line", "field", "value"}. Raises P0409 adjust_below_zero, hide_beyond, lot_beyond, cost_currency, each with its numbers as detail. With cmd.occurred_at a
-- count is what was there at that instant: what happened since stays.
create or replace function stock_change_2(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  bad record;
  variant_ids bigint[];
  line record;
  b balances;
  c jsonb;
  counted int;
  hidden int;
  arrived bigint[] := '{}';
  done jsonb := '[]';
begin
  if answer is not null then
    return answer;
  end if;
  select l.ord, case when v.id is null then 'sku' when p.id is null then 'location'
    when l.body->>'lot' is not null and not v.lot_tracked then 'lot' else 'reasonCode' end as field into bad
  from jsonb_array_elements(cmd->'lines') with ordinality l(body, ord)
  left join variants v on v.sku = l.body->>'sku' left join locations p on p.code = l.body->>'location'
  where v.id is null or p.id is null or (l.body->>'lot' is not null and not v.lot_tracked) or (l.body->>'reasonCode' is not null
    and not exists (select from stock_reasons r where r.code = l.body->>'reasonCode' and r.active and l.body->>'kind' = any(r.acts)))
  order by l.ord limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'line', bad.ord - 1, 'field', bad.field,
      'value', cmd->'lines'->(bad.ord - 1)::int->>bad.field));
  end if;

  select array_agg(distinct v.id) into variant_ids
  from jsonb_array_elements(cmd->'lines') l join variants v on v.sku = l->>'sku';
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);

  for line in
    select l.ord, l.body->>'sku' as sku, l.body->>'location' as location, l.body->>'kind' as kind, l.body->>'reason' as reason, l.body->>'to' as target,
      (l.body->>'quantity')::int as quantity, v.id as variant_id, p.id as location_id, v.lot_tracked, l.body->>'lot' as lot,
      (l.body->>'expiresAt')::timestamptz as expires_at, l.body->>'reasonCode' as reason_code, (l.body->>'unitCost')::numeric as unit_cost, l.body->>'currency' as currency
    from jsonb_array_elements(cmd->'lines') with ordinality l(body, ord)
    join variants v on v.sku = l.body->>'sku' join locations p on p.code = l.body->>'location' order by l.ord
  loop
    insert into balances (variant_id, location_id) values (line.variant_id, line.location_id) on conflict do nothing;
    select * into b from balances where variant_id = line.variant_id and location_id = line.location_id;
    c := cmd - 'lines' || jsonb_strip_nulls(jsonb_build_object('reason_code', line.reason_code, 'unit_cost', line.unit_cost, 'cost_currency', line.currency));
    if line.lot_tracked and line.lot is not null then
      c := c || jsonb_strip_nulls(jsonb_build_object('lot_id', stock_line_lot(line.variant_id, line.location_id, line.lot, line.expires_at, line.kind, line.quantity)));
      if line.kind in ('receive', 'return') and line.quantity > 0 then
        arrived := arrived || (c->>'lot_id')::bigint;
      end if;
    end if;
    if line.unit_cost is not null and line.quantity > 0 and line.kind = 'receive' then
      perform cost_average(line.variant_id, line.quantity, line.unit_cost, line.currency, cmd);
    end if;
    case line.kind
      when 'count' then
        -- The number of an earlier instant has been moved on by what happened since; of a lot, it says nothing of the others.
        counted := line.quantity - case when cmd->>'occurred_at' is not null
          then count_book(line.variant_id, line.location_id, case when line.lot_tracked then line.lot end, (cmd->>'occurred_at')::timestamptz)
          when line.lot_tracked and line.lot is not null then (select quantity from lots where id = (c->>'lot_id')::bigint) else b.on_hand end;
        if line.lot_tracked and line.lot is not null then
          -- What was put aside of the lot is gone with the rest of it, rather than units of other lots.
          select greatest(counted, -quantity), unavailable - greatest(quantity + counted, 0) into counted, hidden from lots where id = (c->>'lot_id')::bigint;
          if hidden > 0 then
            perform stock_post(line.variant_id, line.location_id, 'count', 0, 0, c, null, null, line.reason, -hidden);
          end if;
        end if;
        perform stock_set_on_hand(line.variant_id, line.location_id, greatest(b.on_hand + counted, 0), 'count', line.reason, c);
        if counted = 0 or (line.lot_tracked and line.lot is null) then
          -- A count that agrees, or one of all lots, is known to have been made: an older number does not undo it.
          perform stock_note(line.variant_id, line.location_id, 'count', 0, 0, 0, 0, (c->>'lot_id')::bigint, c, null, null, line.reason);
        end if;
      when 'receive' then
        perform stock_set_on_hand(line.variant_id, line.location_id, b.on_hand + line.quantity, 'receive', line.reason, c);
      when 'adjust' then
        if b.on_hand + line.quantity < 0 then
          -- Nothing of the command may stay: the error takes back the lines before it.
          raise exception 'adjust_below_zero' using errcode = 'P0409',
            detail = jsonb_build_object('sku', line.sku, 'location', line.location, 'onHand', b.on_hand, 'asked', line.quantity)::text;
        end if;
        perform stock_set_on_hand(line.variant_id, line.location_id, b.on_hand + line.quantity, 'adjust', line.reason, c);
      when 'sale' then
        -- The goods left the shop: where the books had fewer, the missing ones are found first, visibly.
        if b.on_hand < line.quantity then
          perform stock_post(line.variant_id, line.location_id, 'adjust', line.quantity - b.on_hand, 0, c, null, null, 'sold, though not on the books');
        end if;
        perform stock_set_on_hand(line.variant_id, line.location_id, greatest(b.on_hand - line.quantity, 0), 'sale', line.reason, c);
      when 'return' then
        if line.target = 'unavailable' then
          perform stock_post(line.variant_id, line.location_id, 'return', line.quantity, 0, c, null, null, line.reason, line.quantity);
        else
          perform stock_set_on_hand(line.variant_id, line.location_id, b.on_hand + line.quantity, 'return', line.reason, c);
        end if;
      when 'damage' then
        perform stock_hide(line.variant_id, line.location_id, line.quantity, 'damage', line.reason, c);
      when 'restore' then
        perform stock_hide(line.variant_id, line.location_id, -line.quantity, 'restore', line.reason, c);
      when 'safety' then
        perform stock_safety(line.variant_id, line.location_id, line.quantity, c || jsonb_build_object('reason', line.reason));
    end case;
  end loop;

  select jsonb_agg(jsonb_build_object('sku', t.sku, 'location', t.location, 'onHand', x.on_hand, 'reserved', x.reserved,
    'unavailable', x.unavailable, 'safetyStock', x.safety_stock,
    'available', greatest(0, x.on_hand - x.reserved - x.unavailable - x.safety_stock)) order by t.first)
  into done
  from (select l.body->>'sku' as sku, l.body->>'location' as location, min(l.ord) as first
    from jsonb_array_elements(cmd->'lines') with ordinality l(body, ord) group by 1, 2) t
  join variants v on v.sku = t.sku join locations p on p.code = t.location
  join balances x on x.variant_id = v.id and x.location_id = p.id;
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'lines', done) || lots_over(arrived, cmd));
end $$;

-- The lot of a line. Units that a person takes out of a lot or moves within it must be there (raises P0409 lot_beyond); a sale is a fact, whatever
-- lot the till names.
create or replace function stock_line_lot(
  p_variant bigint, p_location bigint, p_code text, p_expires timestamptz, p_kind text, p_units int
) returns bigint language plpgsql as $$
declare
  lot lots;
  room int;
begin
  select * into lot from lots where variant_id = p_variant and location_id = p_location and code = p_code;
  if p_kind in ('damage', 'restore') or (p_kind = 'adjust' and p_units < 0) then
    room := coalesce(case when p_kind = 'restore' then lot.unavailable else lot.quantity - lot.unavailable end, 0);
    if abs(p_units) > room then
      raise exception 'lot_beyond' using errcode = 'P0409', detail = jsonb_build_object('sku', (select sku from variants where id = p_variant),
        'location', (select code from locations where id = p_location), 'lot', p_code, 'kind', p_kind, 'asked', abs(p_units), 'available', room)::text;
    end if;
  end if;
  if lot.id is null and p_kind <> 'sale' then
    return stock_lot(p_variant, p_location, p_code, p_expires);
  end if;
  if p_expires is not null and p_kind <> 'sale' then
    perform stock_lot(p_variant, p_location, p_code, p_expires);
  end if;
  return lot.id;
end $$;

-- As called by the release before: the same for its kinds.
create or replace function stock_change_1(cmd jsonb) returns jsonb language sql as $$ select stock_change_2(cmd) $$;

-- How many units a location keeps back from every promise, and why (cmd.reason); the versions before it are kept.
create or replace function stock_safety(p_variant bigint, p_location bigint, p_units int, cmd jsonb) returns void language plpgsql as $$
declare
  was int;
begin
  select safety_stock into was from balances where variant_id = p_variant and location_id = p_location;
  if was = p_units then
    return;
  end if;
  update balances set safety_stock = p_units, updated_at = clock_timestamp() where variant_id = p_variant and location_id = p_location;
  update safety_stocks set valid_to = clock_timestamp() where variant_id = p_variant and location_id = p_location and valid_to is null;
  insert into safety_stocks (variant_id, location_id, quantity, actor) values (p_variant, p_location, p_units, coalesce(cmd->>'actor', 'system'));
  insert into audit (actor, act, subject, detail)
  select coalesce(cmd->>'actor', 'system'), 'safety_stock', v.sku, jsonb_build_object('location', p.code, 'from', was, 'to', p_units)
    || jsonb_strip_nulls(jsonb_build_object('reason', cmd->'reason'))
  from variants v, locations p where v.id = p_variant and p.id = p_location;
end $$;
