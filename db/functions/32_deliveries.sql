-- What suppliers are expected to bring. At all times the bucket "incoming" of a balance holds what is still to come of its open deliveries
-- (and of transfers on their way): each change of a line moves it.

-- The first line whose SKU nobody knows, as the outcome that names it; null where all are known.
create or replace function lines_unknown_sku(lines jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('outcome', 'unknown', 'line', l.ord - 1, 'field', 'sku', 'value', l.body->>'sku')
  from jsonb_array_elements(lines) with ordinality l(body, ord)
  where not exists (select from variants v where v.sku = l.body->>'sku') order by l.ord limit 1
$$;

-- What is still to come of a line; more than was ordered may have come.
create or replace function delivery_rest(l delivery_lines) returns int language sql immutable as $$
  select greatest(0, l.ordered - l.received - l.cancelled)
$$;

-- Adds to what a line has ordered, received and cancelled, and moves what is expected with it.
create or replace function delivery_line_add(p_line bigint, p_ordered int, p_received int, p_cancelled int, p_kind text, cmd jsonb) returns void
language plpgsql as $$
declare
  before delivery_lines;
  after delivery_lines;
begin
  select * into before from delivery_lines where id = p_line;
  update delivery_lines set ordered = ordered + p_ordered, received = received + p_received, cancelled = cancelled + p_cancelled
  where id = p_line returning * into after;
  if delivery_rest(after) <> delivery_rest(before) then
    perform stock_expect(after.variant_id, (select location_id from deliveries where id = after.delivery_id), delivery_rest(after) - delivery_rest(before),
      p_kind, cmd || jsonb_build_object('cause_kind', 'delivery', 'cause_id', after.delivery_id));
  end if;
end $$;

-- Ends a delivery of which nothing is to come any more. Answers its state.
create or replace function delivery_settle(p_delivery bigint, cmd jsonb) returns text language plpgsql as $$
declare
  now_in text;
begin
  update deliveries d set ended_at = command_now(cmd),
    state = case when exists (select from delivery_lines where delivery_id = d.id and received > 0) then 'received' else 'cancelled' end
  where id = p_delivery and state = 'open'
    and not exists (select from delivery_lines l where l.delivery_id = d.id and delivery_rest(l) > 0);
  select state into now_in from deliveries where id = p_delivery;
  return now_in;
end $$;

-- When the day has come, whoever shows what is expected looks again: it has come, or is late.
create or replace function incoming_due(p_at timestamptz, variant_ids bigint[]) returns void language sql as $$
  insert into due (at, what, ref_id) select p_at, 'incoming', id from (select distinct unnest(variant_ids) as id order by 1) v where p_at is not null
$$;

-- The delivery of a command, locked; outcome: null, or why nothing can be done to it.
create or replace function delivery_take(cmd jsonb, out d deliveries, out outcome jsonb) language plpgsql as $$
begin
  select * into d from deliveries where id = (cmd->>'id')::bigint for update;
  if d.id is null then
    outcome := jsonb_build_object('outcome', 'unknown', 'field', 'id', 'value', cmd->>'id');
  elsif d.state <> 'open' then
    outcome := jsonb_build_object('outcome', 'ended', 'reference', d.reference, 'state', d.state);
  end if;
end $$;

-- cmd: {reference, supplier?, location, expectedAt, note?, lines: [{sku, quantity, unitCost?, currency?}]}, each SKU once.
-- Answers {"outcome": "created", id, reference}, "exists" {id, reference}, "unknown" {field, value, line?}; raises P0409 cost_currency.
create or replace function delivery_create_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  place bigint;
  delivery bigint;
  variant_ids bigint[];
  line record;
begin
  if answer is not null then
    return answer;
  end if;
  select id into place from locations where code = cmd->>'location';
  answer := coalesce(lines_unknown_sku(cmd->'lines'),
    case when place is null then jsonb_build_object('outcome', 'unknown', 'field', 'location', 'value', cmd->>'location') end);
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  insert into deliveries (reference, supplier, location_id, expected_at, note, actor)
  values (cmd->>'reference', cmd->>'supplier', place, (cmd->>'expectedAt')::timestamptz, cmd->>'note', coalesce(cmd->>'actor', 'system'))
  on conflict (reference) do nothing returning id into delivery;
  if delivery is null then
    return command_open(cmd, (select jsonb_build_object('outcome', 'exists', 'id', id, 'reference', reference) from deliveries where reference = cmd->>'reference'));
  end if;

  select array_agg(v.id) into variant_ids from jsonb_array_elements(cmd->'lines') l join variants v on v.sku = l->>'sku';
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  for line in
    select v.id as variant_id, (l.body->>'quantity')::int as quantity, (l.body->>'unitCost')::numeric as unit_cost, l.body->>'currency' as currency
    from jsonb_array_elements(cmd->'lines') with ordinality l(body, ord) join variants v on v.sku = l.body->>'sku' order by l.ord
  loop
    perform delivery_line_new(delivery, line.variant_id, line.quantity, line.unit_cost, line.currency, cmd);
  end loop;
  perform incoming_due((cmd->>'expectedAt')::timestamptz, variant_ids);
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'created', 'id', delivery, 'reference', cmd->>'reference'));
end $$;

create or replace function delivery_line_new(p_delivery bigint, p_variant bigint, p_units int, p_unit_cost numeric, p_currency text, cmd jsonb) returns void
language plpgsql as $$
begin
  -- Better told now than when the goods stand at the door.
  perform cost_fits(p_variant, (cost_now(p_variant)).currency, p_currency);
  insert into delivery_lines (delivery_id, variant_id, ordered, unit_cost, cost_currency) values (p_delivery, p_variant, p_units, p_unit_cost, p_currency);
  perform stock_expect(p_variant, (select location_id from deliveries where id = p_delivery), p_units, 'expected',
    cmd || jsonb_build_object('cause_kind', 'delivery', 'cause_id', p_delivery));
end $$;

-- cmd: {id, expectedAt?, supplier?, note?, lines?: [{sku, quantity, unitCost?, currency?}]}. quantity is what is ordered in all from now on; a SKU that is
-- not on the delivery yet is added. Answers {"outcome": "changed", id, state}, "too_few" {line, sku, least}, "ended" {state}, "unknown"; raises cost_currency.
create or replace function delivery_change_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  taken record;
  variant_ids bigint[];
  line record;
  due_at timestamptz := (cmd->>'expectedAt')::timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  select * into taken from delivery_take(cmd);
  answer := coalesce(taken.outcome, lines_unknown_sku(cmd->'lines'), (
    select jsonb_build_object('outcome', 'too_few', 'line', w.ord - 1, 'sku', v.sku, 'least', greatest(1, least(l.ordered, l.received + l.cancelled)))
    from jsonb_array_elements(cmd->'lines') with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
    join delivery_lines l on l.delivery_id = (cmd->>'id')::bigint and l.variant_id = v.id
    where (w.body->>'quantity')::int < least(l.ordered, l.received + l.cancelled) order by w.ord limit 1));
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  update deliveries set expected_at = coalesce(due_at, expected_at), supplier = coalesce(cmd->>'supplier', supplier), note = coalesce(cmd->>'note', note)
  where id = (taken.d).id;
  -- Another day concerns all lines, other units only their own.
  select array_agg(variant_id) into variant_ids from (
    select variant_id from delivery_lines where delivery_id = (taken.d).id and due_at is not null
    union
    select v.id from jsonb_array_elements(cmd->'lines') l join variants v on v.sku = l->>'sku') x;
  variant_ids := coalesce(variant_ids, '{}');
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  for line in
    select v.id as variant_id, (w.body->>'quantity')::int as quantity, (w.body->>'unitCost')::numeric as unit_cost, w.body->>'currency' as currency,
      l.id as line_id, l.ordered
    from jsonb_array_elements(cmd->'lines') with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
    left join delivery_lines l on l.delivery_id = (taken.d).id and l.variant_id = v.id order by w.ord
  loop
    if line.line_id is null then
      perform delivery_line_new((taken.d).id, line.variant_id, line.quantity, line.unit_cost, line.currency, cmd);
    else
      perform cost_fits(line.variant_id, (cost_now(line.variant_id)).currency, line.currency);
      update delivery_lines set unit_cost = coalesce(line.unit_cost, unit_cost), cost_currency = coalesce(line.currency, cost_currency) where id = line.line_id;
      perform delivery_line_add(line.line_id, line.quantity - line.ordered, 0, 0, 'expected', cmd);
    end if;
  end loop;
  perform incoming_due((select expected_at from deliveries where id = (taken.d).id), variant_ids);
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'changed', 'id', (taken.d).id, 'state', delivery_settle((taken.d).id, cmd)));
end $$;

-- What has not come will not come: cmd {id, act: 'cancel' | 'close', lines?: [{sku, quantity?}]}; everything that is still to come when lines are absent.
-- Closing needs something to have come. Answers {"outcome": "changed", id, state}, "over" {line, sku, asked, rest}, "nothing_received", "not_on_delivery"
-- {line, sku}, "ended" {state}, "unknown".
create or replace function delivery_end_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  taken record;
  wanted jsonb := cmd->'lines';
  variant_ids bigint[];
  line record;
begin
  if answer is not null then
    return answer;
  end if;
  select * into taken from delivery_take(cmd);
  wanted := coalesce(wanted, (select jsonb_agg(jsonb_build_object('sku', v.sku) order by l.id) from delivery_lines l join variants v on v.id = l.variant_id
    where l.delivery_id = (taken.d).id and delivery_rest(l) > 0));
  answer := coalesce(taken.outcome,
    case when cmd->>'act' = 'close' and not exists (select from delivery_lines where delivery_id = (taken.d).id and received > 0)
      then jsonb_build_object('outcome', 'nothing_received', 'reference', (taken.d).reference) end,
    delivery_wrong_line((taken.d).id, wanted));
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  select array_agg(v.id) into variant_ids from jsonb_array_elements(wanted) l join variants v on v.sku = l->>'sku';
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  for line in
    select w.ord, v.sku, l.id, delivery_rest(l) as rest, coalesce((w.body->>'quantity')::int, delivery_rest(l)) as quantity
    from jsonb_array_elements(wanted) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
    join delivery_lines l on l.delivery_id = (taken.d).id and l.variant_id = v.id order by w.ord
  loop
    if line.quantity > line.rest or line.rest = 0 then
      -- Nothing of the command may stay: the error takes back the lines before it.
      raise exception 'over' using errcode = 'P0409',
        detail = jsonb_build_object('line', line.ord - 1, 'sku', line.sku, 'asked', line.quantity, 'rest', line.rest)::text;
    end if;
    perform delivery_line_add(line.id, 0, 0, line.quantity, 'not_coming', cmd);
  end loop;
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'changed', 'id', (taken.d).id, 'state', delivery_settle((taken.d).id, cmd)));
end $$;

-- The first line that names what is not on the delivery, as the outcome that says so; null where there is none.
create or replace function delivery_wrong_line(p_delivery bigint, lines jsonb) returns jsonb language sql stable as $$
  select coalesce(lines_unknown_sku(lines), (
    select jsonb_build_object('outcome', 'not_on_delivery', 'line', w.ord - 1, 'sku', v.sku)
    from jsonb_array_elements(lines) with ordinality w(body, ord) join variants v on v.sku = w.body->>'sku'
    where not exists (select from delivery_lines l where l.delivery_id = p_delivery and l.variant_id = v.id) order by w.ord limit 1))
$$;
