-- The ledger: locking and posting.
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
      where variant_id = p_variant and location_id = p_location and recorded_at > p_at - interval '1 minute' and occurred_at > p_at
        -- Stands for what was recorded before; nothing happened at its instant.
        and kind <> 'carry_forward'), 0)::int
$$;
