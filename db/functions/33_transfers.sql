-- Goods on their way from one of our locations to another. What is under way is on hand nowhere and incoming at its goal. A transfer's state follows
-- from its numbers (src/domain/inventory/transfer.ts repeats the rule; a test holds the two equal).

-- The state by the numbers of the lines: what will still be sent, what is under way.
create or replace function transfer_settle(p_transfer bigint, cmd jsonb) returns text language plpgsql as $$
declare
  total record;
  now_in text;
begin
  select sum(asked - cancelled - sent) as waiting, sum(sent) as sent, sum(sent - received - lost) as under_way into total
  from transfer_lines where transfer_id = p_transfer;
  now_in := case
    when total.sent = 0 then case when total.waiting > 0 then 'requested' else 'cancelled' end
    when total.waiting > 0 or total.under_way > 0 then 'sent'
    else 'received' end;
  update transfers set state = now_in, ended_at = case when now_in in ('received', 'cancelled') then command_now(cmd) end where id = p_transfer;
  return now_in;
end $$;

-- The transfer of a command, locked; outcome: null, or why the act is not possible. `needs`: 'waiting' units that were not sent yet, or units 'under_way'.
create or replace function transfer_take(cmd jsonb, needs text, out t transfers, out outcome jsonb) language plpgsql as $$
declare
  units bigint;
begin
  select * into t from transfers where id = (cmd->>'id')::bigint for update;
  if t.id is null then
    outcome := jsonb_build_object('outcome', 'unknown', 'field', 'id', 'value', cmd->>'id');
    return;
  end if;
  if t.state in ('received', 'cancelled') then
    outcome := jsonb_build_object('outcome', 'ended', 'reference', t.reference, 'state', t.state);
    return;
  end if;
  select sum(case needs when 'waiting' then asked - cancelled - sent else sent - received - lost end) into units from transfer_lines where transfer_id = t.id;
  if units = 0 then
    outcome := jsonb_build_object('outcome', case needs when 'waiting' then 'all_sent' else 'not_under_way' end, 'reference', t.reference, 'state', t.state);
  end if;
end $$;

-- The first line that names what is not part of the transfer, as the outcome that says so; null where there is none.
create or replace function transfer_wrong_line(p_transfer bigint, lines jsonb) returns jsonb language sql stable as $$
  select coalesce(lines_unknown_sku(lines), (
    select jsonb_build_object('outcome', 'not_on_transfer', 'line', w.ord - 1, 'sku', v.sku)
    from jsonb_array_elements(lines) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
    where not exists (select from transfer_lines l where l.transfer_id = p_transfer and l.variant_id = v.id) order by w.ord limit 1))
$$;

-- cmd: {reference?, from, to, expectedAt?, note?, lines: [{sku, quantity}]}, each SKU once. Promises nothing: what is not free when it is sent stays.
-- Answers {"outcome": "requested", id, reference}, "exists" {id, reference}, "unknown" {field, value, line?}.
create or replace function transfer_request_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  transfer bigint;
  place_from bigint;
  place_to bigint;
  name text;
begin
  if answer is not null then
    return answer;
  end if;
  select id into place_from from locations where code = cmd->>'from';
  select id into place_to from locations where code = cmd->>'to';
  answer := coalesce(lines_unknown_sku(cmd->'lines'), case
    when place_from is null then jsonb_build_object('outcome', 'unknown', 'field', 'from', 'value', cmd->>'from')
    when place_to is null then jsonb_build_object('outcome', 'unknown', 'field', 'to', 'value', cmd->>'to') end);
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  transfer := nextval(pg_get_serial_sequence('transfers', 'id'));
  name := coalesce(cmd->>'reference', 'T-' || transfer);
  insert into transfers (id, reference, from_id, to_id, expected_at, note, actor) overriding system value
  values (transfer, name, place_from, place_to, (cmd->>'expectedAt')::timestamptz, cmd->>'note', coalesce(cmd->>'actor', 'system'))
  on conflict (reference) do nothing;
  if not found then
    return command_open(cmd, (select jsonb_build_object('outcome', 'exists', 'id', id, 'reference', reference) from transfers where reference = name));
  end if;
  insert into transfer_lines (transfer_id, variant_id, asked)
  select transfer, v.id, (l.body->>'quantity')::int
  from jsonb_array_elements(cmd->'lines') with ordinality l(body, ord) join variants v on v.sku = l.body->>'sku' order by l.ord;
  return command_done(cmd, jsonb_build_object('outcome', 'requested', 'id', transfer, 'reference', name));
end $$;

-- cmd: {id}. What was not sent yet will not be. Answers {"outcome": "changed", id, state}, "all_sent" {state}, "ended" {state}, "unknown".
create or replace function transfer_cancel_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  taken record;
begin
  if answer is not null then
    return answer;
  end if;
  select * into taken from transfer_take(cmd, 'waiting');
  if taken.outcome is not null then
    return command_open(cmd, taken.outcome);
  end if;
  update transfer_lines set cancelled = asked - sent where transfer_id = (taken.t).id;
  return command_done(cmd, jsonb_build_object('outcome', 'changed', 'id', (taken.t).id, 'state', transfer_settle((taken.t).id, cmd)));
end $$;

-- cmd: {id, lines?: [{sku, quantity, lot?}], expectedAt?}; everything that was not sent yet when lines are absent. All lines or none, and only units that
-- are neither promised nor unavailable. Units of a lot that is not named leave first expired, first out.
-- Answers {"outcome": "sent", id, state}, "insufficient" {missing: [{sku, location, lot?, asked, available}]} (not final: the same key may succeed later),
-- "over" {line, sku, asked, rest}, "all_sent", "ended", "not_on_transfer" {line, sku}, "no_lots" {line, sku}, "unknown".
create or replace function transfer_send_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  taken record;
  t transfers;
  parts jsonb := cmd->'lines';
  variant_ids bigint[];
  part record;
begin
  if answer is not null then
    return answer;
  end if;
  select * into taken from transfer_take(cmd, 'waiting');
  t := taken.t;
  parts := coalesce(parts, (select jsonb_agg(jsonb_build_object('sku', v.sku, 'quantity', l.asked - l.cancelled - l.sent) order by l.id)
    from transfer_lines l join variants v on v.id = l.variant_id where l.transfer_id = t.id and l.asked > l.cancelled + l.sent));
  answer := coalesce(taken.outcome, transfer_wrong_line(t.id, parts), parts_wrong(parts, '{}'), (
    select jsonb_build_object('outcome', 'over', 'line', min(w.ord) - 1, 'sku', v.sku, 'asked', sum((w.body->>'quantity')::int), 'rest', l.asked - l.cancelled - l.sent)
    from jsonb_array_elements(parts) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
    join transfer_lines l on l.transfer_id = t.id and l.variant_id = v.id
    group by v.sku, l.id having sum((w.body->>'quantity')::int) > l.asked - l.cancelled - l.sent order by min(w.ord) limit 1));
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  select array_agg(v.id) into variant_ids from jsonb_array_elements(parts) l join variants v on v.sku = l->>'sku';
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  answer := transfer_missing(t.from_id, parts);
  if answer is not null then
    -- Not final: the same key may succeed after a receipt.
    return command_open(cmd, jsonb_build_object('outcome', 'insufficient', 'missing', answer));
  end if;

  for part in
    select v.id as variant_id, v.lot_tracked, l.id as line_id, (w.body->>'quantity')::int as quantity, w.body->>'lot' as lot
    from jsonb_array_elements(parts) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
    join transfer_lines l on l.transfer_id = t.id and l.variant_id = v.id
    -- Lots that are named leave before others are chosen.
    order by (w.body->>'lot' is null), w.ord
  loop
    if part.lot_tracked then
      perform transfer_send_lots(t, part.line_id, part.variant_id, part.quantity, part.lot, cmd);
    else
      perform stock_post(part.variant_id, t.from_id, 'transfer_out', -part.quantity, 0, transfer_cause(cmd, t), null, null, 'transfer ' || t.reference);
    end if;
    update transfer_lines set sent = sent + part.quantity where id = part.line_id;
    perform stock_expect(part.variant_id, t.to_id, part.quantity, 'transfer_sent', transfer_cause(cmd, t));
  end loop;
  update transfers set sent_at = coalesce(sent_at, command_now(cmd)), expected_at = coalesce((cmd->>'expectedAt')::timestamptz, expected_at) where id = t.id;
  perform incoming_due(coalesce((cmd->>'expectedAt')::timestamptz, t.expected_at), variant_ids);
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'sent', 'id', t.id, 'state', transfer_settle(t.id, cmd)));
end $$;

create or replace function transfer_cause(cmd jsonb, t transfers) returns jsonb language sql immutable as $$
  select cmd || jsonb_build_object('cause_kind', 'transfer', 'cause_id', t.id)
$$;

-- What is not free of the parts: by SKU, and by lot where one is named. Null where nothing is missing.
create or replace function transfer_missing(p_location bigint, parts jsonb) returns jsonb language sql stable as $$
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('sku', x.sku, 'location', p.code, 'lot', x.lot, 'asked', x.asked, 'available', x.available))
    order by x.first, x.lot nulls first)
  from locations p, (
    select w.sku, w.lot, w.asked, w.first, coalesce(case
        when w.lot is null then (select b.on_hand - b.reserved - b.unavailable from balances b where b.variant_id = w.id and b.location_id = p_location)
        else (select o.quantity - o.unavailable from lots o where o.variant_id = w.id and o.location_id = p_location and o.code = w.lot) end, 0) as available
    from (
      select v.id, v.sku, l.lot, sum((w.body->>'quantity')::int) as asked, min(w.ord) as first
      from jsonb_array_elements(parts) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
      -- Each part counts for its SKU and, where it names one, for its lot.
      cross join lateral (select null as lot union select w.body->>'lot') l group by v.id, l.lot) w
  ) x where p.id = p_location and x.asked > x.available
$$;

-- Units leave lot by lot, and the lots travel with the line.
create or replace function transfer_send_lots(t transfers, p_line bigint, p_variant bigint, p_units int, p_lot text, cmd jsonb) returns void language plpgsql as $$
declare
  lot record;
  missing int := p_units;
  take int;
begin
  for lot in
    select id, code, expires_at, quantity - unavailable as room from lots
    where variant_id = p_variant and location_id = t.from_id and quantity > unavailable and (p_lot is null or code = p_lot) order by expires_at nulls last, id
  loop
    exit when missing = 0;
    take := least(missing, lot.room);
    perform stock_post(p_variant, t.from_id, 'transfer_out', -take, 0, transfer_cause(cmd, t) || jsonb_build_object('lot_id', lot.id), null, null,
      'transfer ' || t.reference);
    insert into transfer_lots as o (transfer_line_id, code, expires_at, sent) values (p_line, lot.code, lot.expires_at, take)
    on conflict (transfer_line_id, code) do update set sent = o.sent + take, expires_at = coalesce(o.expires_at, excluded.expires_at);
    missing := missing - take;
  end loop;
  if missing > 0 then
    raise exception 'the lots of variant % at location % do not add up: % units are in none', p_variant, t.from_id, missing;
  end if;
end $$;
