-- The end of a journey: goods of a transfer arrive, are lost, or are waited for.

-- The first line that names more than is under way, in all or of a lot, as the outcome that says so; null where there is none.
create or replace function transfer_over(p_transfer bigint, parts jsonb) returns jsonb language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object('outcome', 'over', 'line', x.first - 1, 'sku', x.sku, 'lot', x.lot, 'asked', x.asked, 'rest', x.rest))
  from (
    select w.sku, w.lot, w.asked, w.first, case when w.lot is null then w.rest
      else coalesce((select o.sent - o.ended from transfer_lots o where o.transfer_line_id = w.id and o.code = w.lot), 0) end as rest
    from (
      select v.sku, l.id, l.sent - l.received - l.lost as rest, o.lot, sum((w.body->>'quantity')::int) as asked, min(w.ord) as first
      from jsonb_array_elements(parts) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
      join transfer_lines l on l.transfer_id = p_transfer and l.variant_id = v.id
      -- Each part counts for its SKU and, where it names one, for its lot.
      cross join lateral (select null as lot union select w.body->>'lot') o group by v.sku, l.id, o.lot) w
  ) x where x.asked > x.rest order by x.first, x.lot nulls first limit 1
$$;

-- Everything that is under way, as parts.
create or replace function transfer_under_way(p_transfer bigint) returns jsonb language sql stable as $$
  select jsonb_agg(jsonb_build_object('sku', v.sku, 'quantity', l.sent - l.received - l.lost) order by l.id)
  from transfer_lines l join variants v on v.id = l.variant_id where l.transfer_id = p_transfer and l.sent > l.received + l.lost
$$;

-- Takes units off the lots that travel with a line, first expired first. A last row without code: units that were sent before lots were told apart.
create or replace function transfer_take_lots(p_line bigint, p_units int, p_lot text) returns table (code text, expires_at timestamptz, units int)
language plpgsql as $$
declare
  lot transfer_lots;
  missing int := p_units;
begin
  for lot in
    select * from transfer_lots o where o.transfer_line_id = p_line and o.sent > o.ended and (p_lot is null or o.code = p_lot) order by o.expires_at nulls last, o.id
  loop
    exit when missing = 0;
    code := lot.code;
    expires_at := lot.expires_at;
    units := least(missing, lot.sent - lot.ended);
    update transfer_lots o set ended = o.ended + units where o.id = lot.id;
    missing := missing - units;
    return next;
  end loop;
  if missing > 0 then
    code := null;
    expires_at := null;
    units := missing;
    return next;
  end if;
end $$;

-- Units of a SKU begin to be told apart by lot: those under way are of no lot in particular, where they have none yet. Under the lock of the variant.
create or replace function transfer_lots_begin(p_variant bigint) returns void language sql as $$
  insert into transfer_lots as o (transfer_line_id, code, sent, ended)
  select l.id, '', l.sent - coalesce(x.sent, 0), l.received + l.lost - coalesce(x.ended, 0) from transfer_lines l
  left join lateral (select sum(t.sent) as sent, sum(t.ended) as ended from transfer_lots t where t.transfer_line_id = l.id) x on true
  where l.variant_id = p_variant and l.sent > l.received + l.lost and l.sent > coalesce(x.sent, 0)
  on conflict (transfer_line_id, code) do update set sent = o.sent + excluded.sent, ended = o.ended + excluded.ended
$$;

-- cmd: {id, lines?: [{sku, quantity, lot?, to?: 'unavailable', reasonCode?}], occurred_at?}. Everything that is under way when lines are absent; a SKU may stand
-- in several lines. Lots arrive with their code and expiry. Never more than was sent.
-- Answers {"outcome": "received", id, state, lines: [{sku, quantity, received, lost, underWay}], "warnings"?: as lots_over}, "over" {line, sku, lot?, asked, rest}, "not_under_way"
-- {reference, state}, "ended" {reference, state}, "not_on_transfer" {line, sku}, "unknown" {field, value, line?}.
create or replace function transfer_receive_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  taken record;
  t transfers;
  parts jsonb;
  variant_ids bigint[];
  part record;
  lot record;
  lot_id bigint;
  arrived bigint[] := '{}';
begin
  if answer is not null then
    return answer;
  end if;
  select * into taken from transfer_take(cmd, 'under_way');
  t := taken.t;
  parts := coalesce(cmd->'lines', transfer_under_way(t.id));
  answer := coalesce(taken.outcome, transfer_wrong_line(t.id, parts), parts_wrong(parts, '{damage,transfer}'), transfer_over(t.id, parts));
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  select array_agg(v.id) into variant_ids from jsonb_array_elements(parts) l join variants v on v.sku = l->>'sku';
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);

  for part in
    select v.id as variant_id, v.lot_tracked, l.id as line_id, (w.body->>'quantity')::int as quantity, w.body->>'lot' as lot,
      coalesce(w.body->>'to' = 'unavailable', false) as aside, w.body->>'reasonCode' as reason_code
    from jsonb_array_elements(parts) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
    join transfer_lines l on l.transfer_id = t.id and l.variant_id = v.id
    -- Lots that are named arrive before others are chosen.
    order by (w.body->>'lot' is null), w.ord
  loop
    update transfer_lines set received = received + part.quantity where id = part.line_id;
    perform stock_expect(part.variant_id, t.to_id, -part.quantity, 'transfer_in', transfer_cause(cmd, t));
    for lot in select * from transfer_take_lots(part.line_id, part.quantity, part.lot) loop
      lot_id := case when part.lot_tracked then stock_lot(part.variant_id, t.to_id, lot.code, lot.expires_at) end;
      arrived := arrived || lot_id;
      perform stock_arrive(part.variant_id, t.to_id, lot.units, part.aside, 'transfer_in', 'transfer ' || t.reference,
        transfer_cause(cmd, t) || jsonb_strip_nulls(jsonb_build_object('lot_id', lot_id, 'reason_code', part.reason_code)));
    end loop;
  end loop;
  perform stock_changed(variant_ids);
  return command_done(cmd, transfer_ended(t.id, 'received', parts, cmd) || lots_over(arrived, cmd));
end $$;

-- What became of the parts, and the state after it.
create or replace function transfer_ended(p_transfer bigint, p_outcome text, parts jsonb, cmd jsonb) returns jsonb language plpgsql as $$
declare
  now_in text := transfer_settle(p_transfer, cmd);
begin
  return jsonb_build_object('outcome', p_outcome, 'id', p_transfer, 'state', now_in, 'lines', (
    select coalesce(jsonb_agg(jsonb_build_object('sku', v.sku, 'quantity', x.quantity, 'received', l.received, 'lost', l.lost,
      'underWay', l.sent - l.received - l.lost) order by x.first), '[]')
    from (select w.body->>'sku' as sku, sum((w.body->>'quantity')::int) as quantity, min(w.ord) as first
      from jsonb_array_elements(parts) with ordinality w(body, ord) group by 1) x
    join variants v on v.sku = x.sku join transfer_lines l on l.transfer_id = p_transfer and l.variant_id = v.id));
end $$;

-- What did not arrive: cmd {id, as: 'lost', lines?: [{sku, quantity, lot?}], reasonCode} or {id, as: 'coming', expectedAt}. Everything that is under way when
-- lines are absent.
-- Answers {"outcome": "lost", id, state, lines: as transfer_receive_1} or {"outcome": "coming", id, state}; refusals as transfer_receive_1.
create or replace function transfer_resolve_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  taken record;
  t transfers;
  parts jsonb;
  variant_ids bigint[];
  part record;
begin
  if answer is not null then
    return answer;
  end if;
  select * into taken from transfer_take(cmd, 'under_way');
  t := taken.t;
  parts := coalesce(cmd->'lines', transfer_under_way(t.id));
  answer := coalesce(taken.outcome, transfer_wrong_line(t.id, parts),
    case when cmd->>'as' = 'lost' and not exists (select from stock_reasons where code = cmd->>'reasonCode' and active and 'transfer' = any(acts))
      then jsonb_build_object('outcome', 'unknown', 'field', 'reasonCode', 'value', cmd->>'reasonCode') end,
    transfer_over(t.id, parts));
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  select array_agg(v.id) into variant_ids from jsonb_array_elements(parts) l join variants v on v.sku = l->>'sku';
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);

  if cmd->>'as' = 'coming' then
    update transfers set expected_at = (cmd->>'expectedAt')::timestamptz where id = t.id;
    perform incoming_due((cmd->>'expectedAt')::timestamptz, variant_ids);
    perform stock_changed(variant_ids);
    return command_done(cmd, jsonb_build_object('outcome', 'coming', 'id', t.id, 'state', t.state));
  end if;
  for part in
    select v.id as variant_id, l.id as line_id, (w.body->>'quantity')::int as quantity, w.body->>'lot' as lot
    from jsonb_array_elements(parts) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
    join transfer_lines l on l.transfer_id = t.id and l.variant_id = v.id order by (w.body->>'lot' is null), w.ord
  loop
    update transfer_lines set lost = lost + part.quantity where id = part.line_id;
    perform transfer_take_lots(part.line_id, part.quantity, part.lot);
    perform stock_expect(part.variant_id, t.to_id, -part.quantity, 'transfer_lost',
      transfer_cause(cmd, t) || jsonb_build_object('reason_code', cmd->>'reasonCode'));
  end loop;
  perform stock_changed(variant_ids);
  return command_done(cmd, transfer_ended(t.id, 'lost', parts, cmd));
end $$;
