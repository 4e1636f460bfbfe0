-- Telling the units of a SKU apart by lot, and what is known of a lot. Lots themselves are kept by 21_lots.sql.

-- Switches lots on or off for a SKU. cmd: sku, on. On: all units become the lot of no name. Off: lots are forgotten; what was put aside, because it
-- expired or otherwise, stays aside until somebody restores it. Answers {"outcome": "done", "on", "changed"}, unknown, or {"outcome": "counting", "counts"}
-- while a count of it is under way: its lines are by lot, or they are not.
create or replace function lot_tracking_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  v variants;
  busy jsonb;
  part record;
  lot bigint;
  wanted boolean := (cmd->>'on')::boolean;
begin
  if answer is not null then
    return answer;
  end if;
  select * into v from variants where sku = cmd->>'sku';
  if v.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', cmd->'sku'));
  end if;
  perform pg_advisory_xact_lock(hashtextextended('lot tracking', 0));
  select jsonb_agg(distinct c.id) into busy from count_lines l join counts c on c.id = l.count_id
  where l.variant_id = v.id and l.decision is null and c.state in ('open', 'review');
  if busy is not null then
    return command_open(cmd, jsonb_build_object('outcome', 'counting', 'counts', busy));
  end if;
  perform stock_lock(array[v.id]);
  perform stock_expire(array[v.id], cmd);
  select * into v from variants where id = v.id;
  if v.lot_tracked = wanted then
    return command_done(cmd, jsonb_build_object('outcome', 'done', 'on', wanted, 'changed', false));
  end if;
  -- Two movements for each lot: its units come out of what has no lot, or go back there. The balance stays.
  if wanted then
    for part in select location_id, on_hand as quantity, unavailable from balances where variant_id = v.id and on_hand > 0 order by location_id loop
      perform stock_lot(v.id, part.location_id, '', null);
      update lots set quantity = part.quantity, unavailable = part.unavailable, expires_at = null, expired = false
      where variant_id = v.id and location_id = part.location_id and code = '' returning id into lot;
      perform stock_note(v.id, part.location_id, 'lot_tracking', -part.quantity, 0, -part.unavailable, 0, null, cmd, null, null, null);
      perform stock_note(v.id, part.location_id, 'lot_tracking', part.quantity, 0, part.unavailable, 0, lot, cmd, null, null, null);
    end loop;
    perform transfer_lots_begin(v.id);
  else
    for part in select id, location_id, quantity, unavailable from lots where variant_id = v.id and quantity > 0 order by id loop
      update lots set quantity = 0, unavailable = 0 where id = part.id;
      perform stock_note(v.id, part.location_id, 'lot_tracking', -part.quantity, 0, -part.unavailable, 0, part.id, cmd, null, null, null);
      perform stock_note(v.id, part.location_id, 'lot_tracking', part.quantity, 0, part.unavailable, 0, null, cmd, null, null, null);
    end loop;
  end if;
  update variants set lot_tracked = wanted, version = version + 1, updated_at = command_now(cmd) where id = v.id;
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'lot_tracking', v.sku, jsonb_build_object('on', wanted));
  perform stock_changed(array[v.id]);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'on', wanted, 'changed', true));
end $$;

-- States when a lot expires. cmd: sku, location, lot, expiresAt (null: it does not). What was put aside because its time was over comes back for sale when
-- it is not over any more; what was put aside for another reason stays aside. Answers {"outcome": "done", …the lot} or unknown {field, value}.
create or replace function lot_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  variant bigint;
  place bigint;
  lot lots;
  stated timestamptz := (cmd->>'expiresAt')::timestamptz;
  was timestamptz;
  back int;
begin
  if answer is not null then
    return answer;
  end if;
  select id into variant from variants where sku = cmd->>'sku';
  select id into place from locations where code = cmd->>'location';
  if variant is null or place is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', case when variant is null then 'sku' else 'location' end,
      'value', case when variant is null then cmd->'sku' else cmd->'location' end));
  end if;
  perform stock_lock(array[variant]);
  perform stock_expire(array[variant], cmd);
  select * into lot from lots where variant_id = variant and location_id = place and code = cmd->>'lot';
  if lot.id is null or not (select lot_tracked from variants where id = variant) then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'lot', 'value', cmd->'lot'));
  end if;
  was := lot.expires_at;
  if was is distinct from stated then
    if lot.expired and (stated is null or stated > command_now(cmd)) then
      -- What expiry put aside, less what was restored or thrown away since; what was put aside for another reason stays, and what left of that before
      -- counts for nothing: the sum begins anew wherever it would fall below 0.
      select coalesce((array_agg(x.so_far order by x.recorded_at desc, x.id desc))[1] - least(min(x.so_far), 0), 0) into back from (
        select m.recorded_at, m.id, sum(m.unavailable) over (order by m.recorded_at, m.id) as so_far from movements m
        where m.variant_id = variant and m.location_id = place and m.lot_id = lot.id and (m.kind = 'lot_expired' or m.unavailable < 0)) x;
      back := least(back, lot.unavailable);
      update lots set expires_at = stated, expired = false where id = lot.id;
      if back > 0 then
        perform stock_hide(variant, place, -back, 'restore', 'lot ' || lot.code || ' has not expired', cmd || jsonb_build_object('lot_id', lot.id));
      end if;
    else
      update lots set expires_at = stated where id = lot.id;
    end if;
    if stated is not null then
      insert into due (at, what, ref_id) values (stated, 'lot', lot.id);
    end if;
    perform stock_expire(array[variant], cmd);
    insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'lot_expiry', cmd->>'sku',
      jsonb_build_object('location', cmd->'location', 'lot', cmd->'lot', 'from', was, 'to', stated));
    perform stock_changed(array[variant]);
  end if;
  select * into lot from lots where id = lot.id;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'quantity', lot.quantity, 'unavailable', lot.unavailable, 'expired', lot.expired));
end $$;
