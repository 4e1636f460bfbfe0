-- Goods arrive, from a supplier or from another location of ours.

-- The first part that cannot be put on a shelf as it says, as the outcome that names it: a lot of what is not told apart by lot, or a reason that is
-- not on the list. Null where there is none.
create or replace function parts_wrong(parts jsonb, acts text[]) returns jsonb language sql stable as $$
  select case when w.body->>'lot' is not null and not v.lot_tracked
      then jsonb_build_object('outcome', 'no_lots', 'line', w.ord - 1, 'sku', v.sku)
      else jsonb_build_object('outcome', 'unknown', 'line', w.ord - 1, 'field', 'reasonCode', 'value', w.body->>'reasonCode') end
  from jsonb_array_elements(parts) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
  where (w.body->>'lot' is not null and not v.lot_tracked) or (w.body->>'reasonCode' is not null and not exists (
    select from stock_reasons r where r.code = w.body->>'reasonCode' and r.active and r.acts && parts_wrong.acts))
  order by w.ord limit 1
$$;

-- Units come to lie at a location. For sale: whoever is short gets them first. Aside: they are on hand and unavailable at once, and serve nobody.
create or replace function stock_arrive(p_variant bigint, p_location bigint, p_units int, p_aside boolean, p_kind text, p_reason text, cmd jsonb) returns void
language plpgsql as $$
begin
  if p_aside then
    perform stock_post(p_variant, p_location, p_kind, p_units, 0, cmd, null, null, p_reason, p_units);
  else
    perform stock_set_on_hand(p_variant, p_location,
      coalesce((select on_hand from balances where variant_id = p_variant and location_id = p_location), 0) + p_units, p_kind, p_reason, cmd);
  end if;
end $$;

-- cmd: {id, lines?: [{sku, quantity, lot?, expiresAt?, unitCost?, currency?, to?: 'unavailable', reasonCode?}], close?, occurred_at?}. Everything that is
-- still to come when lines are absent; a SKU may stand in several lines. With close, what has not come by then will not come.
-- Answers {"outcome": "received", id, state, lines: [{sku, quantity, received, rest}], "warnings"?: as lots_over}, "not_on_delivery" {line, sku}, "no_lots" {line, sku},
-- "ended" {reference, state}, "unknown" {field, value, line?}; raises P0409 cost_currency.
create or replace function delivery_receive_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  taken record;
  d deliveries;
  parts jsonb := cmd->'lines';
  variant_ids bigint[];
  part record;
  lot bigint;
  arrived bigint[] := '{}';
  counts_for_cost boolean;
begin
  if answer is not null then
    return answer;
  end if;
  select * into taken from delivery_take(cmd);
  d := taken.d;
  parts := coalesce(parts, (select jsonb_agg(jsonb_build_object('sku', v.sku, 'quantity', delivery_rest(l)) order by l.id)
    from delivery_lines l join variants v on v.id = l.variant_id where l.delivery_id = d.id and delivery_rest(l) > 0));
  answer := coalesce(taken.outcome, delivery_wrong_line(d.id, parts), parts_wrong(parts, '{damage}'));
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  -- Closing concerns also the lines of which nothing came now.
  select array_agg(v.id) into variant_ids from variants v
  where v.sku in (select w->>'sku' from jsonb_array_elements(parts) w)
    or (coalesce((cmd->>'close')::boolean, false) and v.id in (select l.variant_id from delivery_lines l where l.delivery_id = d.id and delivery_rest(l) > 0));
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  select kind <> 'platform' into counts_for_cost from locations where id = d.location_id;

  for part in
    select v.id as variant_id, v.lot_tracked, l.id as line_id, (w.body->>'quantity')::int as quantity, w.body->>'lot' as lot,
      (w.body->>'expiresAt')::timestamptz as expires_at, coalesce((w.body->>'unitCost')::numeric, l.unit_cost) as unit_cost,
      coalesce(w.body->>'currency', l.cost_currency) as currency, w.body->>'to' as aside, w.body->>'reasonCode' as reason_code
    from jsonb_array_elements(parts) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
    join delivery_lines l on l.delivery_id = d.id and l.variant_id = v.id order by w.ord
  loop
    if part.unit_cost is not null and counts_for_cost then
      perform cost_average(part.variant_id, part.quantity, part.unit_cost, part.currency, cmd);
    end if;
    lot := case when part.lot is not null and part.lot_tracked then stock_lot(part.variant_id, d.location_id, part.lot, part.expires_at) end;
    arrived := arrived || lot;
    perform delivery_line_add(part.line_id, 0, part.quantity, 0, 'receive', cmd);
    perform stock_arrive(part.variant_id, d.location_id, part.quantity, coalesce(part.aside = 'unavailable', false), 'receive', 'delivery ' || d.reference,
      cmd || jsonb_strip_nulls(jsonb_build_object('cause_kind', 'delivery', 'cause_id', d.id, 'lot_id', lot, 'unit_cost', part.unit_cost,
        'cost_currency', part.currency, 'reason_code', part.reason_code)));
  end loop;
  if coalesce((cmd->>'close')::boolean, false) then
    perform delivery_line_add(l.id, 0, 0, delivery_rest(l), 'not_coming', cmd) from delivery_lines l where l.delivery_id = d.id and delivery_rest(l) > 0;
  end if;
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'received', 'id', d.id, 'state', delivery_settle(d.id, cmd),
    'lines', (select coalesce(jsonb_agg(jsonb_build_object('sku', v.sku, 'quantity', x.quantity, 'received', l.received, 'rest', delivery_rest(l)) order by x.first), '[]')
      from (select w.body->>'sku' as sku, sum((w.body->>'quantity')::int) as quantity, min(w.ord) as first
        from jsonb_array_elements(parts) with ordinality w(body, ord) group by 1) x
      join variants v on v.sku = x.sku join delivery_lines l on l.delivery_id = d.id and l.variant_id = v.id)) || lots_over(arrived, cmd));
end $$;
