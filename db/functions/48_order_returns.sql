-- Goods that come back to a location of ours, whichever they left from: announced, then received and looked at. What a platform tells of the same units afterwards
-- changes nothing, because a line knows how many of it came back.

-- Units of a line that are with the buyer, and not announced in another return.
create or replace function order_line_out(p_line bigint, p_return bigint) returns int language sql stable as $$
  select l.shipped - l.returned - coalesce((select sum(x.announced) from return_lines x join returns r on r.id = x.return_id
    where x.order_line_id = l.id and r.state = 'announced' and r.id is distinct from p_return), 0)::int
  from order_lines l where l.id = p_line
$$;

-- The order of a return, and its place. Answers null with both known, else the refusal.
create or replace function order_return_refused(o orders, cmd jsonb, p_return bigint, p_names text[]) returns jsonb language plpgsql stable as $$
declare
  item record;
begin
  if o.id is null then
    return jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId');
  end if;
  if cmd->>'location' is not null and not exists (select from locations where code = cmd->>'location' and active and kind <> 'platform') then
    return jsonb_build_object('outcome', 'unknown', 'field', 'location', 'value', cmd->>'location');
  end if;
  for item in
    select (x->>'lineId')::bigint as asked_id, l.id, sum((select sum((x->>n)::int) from unnest(p_names) n))::int as units
    from jsonb_array_elements(cmd->'lines') x left join order_lines l on l.id = (x->>'lineId')::bigint and l.order_id = o.id group by 1, 2 order by 1
  loop
    if item.id is null then
      return jsonb_build_object('outcome', 'unknown', 'field', 'line', 'value', item.asked_id);
    end if;
    if item.units > order_line_out(item.id, p_return) then
      return jsonb_build_object('outcome', 'too_many', 'lineId', item.id, 'sku', order_line_sku(item.id), 'asked', item.units, 'out', order_line_out(item.id, p_return));
    end if;
  end loop;
  return null;
end $$;

-- A buyer says that goods will come back. cmd: orderId, location (where they are expected, or null), lines [{lineId, quantity}], reason.
-- Answers {"outcome": "announced", "return"}, unknown {field, value}, or too_many {lineId, asked, out}.
create or replace function order_return_announce_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  made bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  answer := order_return_refused(o, cmd, null, array['quantity']);
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  insert into returns (order_id, state, location_id, reason, actor)
  values (o.id, 'announced', (select id from locations where code = cmd->>'location'), cmd->>'reason', coalesce(cmd->>'actor', 'system')) returning id into made;
  insert into return_lines (return_id, order_line_id, announced)
  select made, (x->>'lineId')::bigint, sum((x->>'quantity')::int) from jsonb_array_elements(cmd->'lines') x group by 2 order by 2;
  perform order_turn(o.id, 'announce', null, jsonb_build_object('return', made, 'lines', cmd->'lines'), cmd);
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  return command_done(cmd, jsonb_build_object('outcome', 'announced', 'return', made));
end $$;

-- Units of a line that came back lie at a place, of the lots of which its units left: nobody tells which came, so the first to expire of those that are out. What no lot tells of lies in
-- the lot of no name. p_aside: 1 where they are put aside.
create or replace function order_line_put(p_line bigint, p_variant bigint, p_place bigint, p_units int, p_aside int, cmd jsonb) returns void language plpgsql as $$
declare
  lot record;
  take int;
  missing int := p_units;
begin
  for lot in
    select x.code, x.expires_at, -sum(m.on_hand)::int as units from movements m join lots x on x.id = m.lot_id
    where m.order_line_id = p_line and m.variant_id = p_variant and m.kind in ('settle', 'ship', 'return') group by 1, 2 order by 2 nulls last, 1
  loop
    take := least(missing, lot.units);
    continue when take <= 0;
    perform stock_post(p_variant, p_place, 'return', take, 0, cmd || jsonb_build_object('lot_id', stock_lot(p_variant, p_place, lot.code, lot.expires_at)), p_line, null, null, take * p_aside);
    missing := missing - take;
  end loop;
  if missing > 0 then
    perform stock_post(p_variant, p_place, 'return', missing, 0, cmd, p_line, null, null, missing * p_aside);
  end if;
end $$;

-- Puts what came back where the look at it said, and notes it in the return. The caller holds the order's row and its variants.
create or replace function order_return_put(p_return bigint, p_place bigint, cmd jsonb) returns void language plpgsql as $$
declare
  item record;
  part record;
  aside int;
begin
  for item in
    select (x->>'lineId')::bigint as id, sum((x->>'toStock')::int)::int as to_stock, sum((x->>'unavailable')::int)::int as unavailable, sum((x->>'scrapped')::int)::int as scrapped
    from jsonb_array_elements(cmd->'lines') x group by 1 order by 1
  loop
    insert into return_lines (return_id, order_line_id, to_stock, unavailable, scrapped) values (p_return, item.id, item.to_stock, item.unavailable, item.scrapped)
    on conflict (return_id, order_line_id) do update set to_stock = excluded.to_stock, unavailable = excluded.unavailable, scrapped = excluded.scrapped;
    -- What is thrown away never was in stock again. One kind after the other: what a bundle left as is reckoned from what has come back before.
    foreach aside in array array[0, 1] loop
      for part in select c.variant_id, c.units from order_line_came(item.id, case aside when 0 then item.to_stock else item.unavailable end) c loop
        perform order_line_put(item.id, part.variant_id, p_place, part.units, aside, cmd);
      end loop;
    end loop;
    update order_lines set returned = returned + item.to_stock + item.unavailable + item.scrapped where id = item.id;
  end loop;
end $$;

-- Goods came back, and somebody looked at them. cmd: orderId, returnId (null: nobody had announced them), location, lines [{lineId, toStock, unavailable, scrapped}], reason.
-- Answers {"outcome": "received", "return", "state"}, unknown {field, value}, too_many {lineId, asked, out}, or ended {state}.
create or replace function order_return_receive_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  r returns;
  place bigint;
  replacement bigint;
  variant_ids bigint[];
  state text;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if cmd->>'returnId' is not null then
    select * into r from returns where id = (cmd->>'returnId')::bigint and order_id = o.id;
    if r.id is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'return', 'value', cmd->>'returnId'));
    elsif r.state <> 'announced' then
      return command_open(cmd, jsonb_build_object('outcome', 'ended', 'state', r.state));
    end if;
  end if;
  answer := order_return_refused(o, cmd, r.id, array['toStock', 'unavailable', 'scrapped']);
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  select id into place from locations where code = cmd->>'location';
  replacement := exchange_take(r.id);
  variant_ids := order_variants(o.id) || order_variants(replacement);
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  if r.id is null then
    insert into returns (order_id, state, location_id, reason, actor) values (o.id, 'received', place, cmd->>'reason', coalesce(cmd->>'actor', 'system')) returning * into r;
  end if;
  update returns set state = 'received', location_id = place, ended_at = clock_timestamp(), ended_by = coalesce(cmd->>'actor', 'system') where id = r.id;
  perform order_return_put(r.id, place, cmd);
  state := order_turn(o.id, 'return', null, jsonb_build_object('return', r.id, 'location', cmd->>'location', 'lines', cmd->'lines'), cmd);
  perform exchange_came(replacement, cmd);
  perform stock_fill_all(variant_ids || stock_expire_lots(variant_ids, cmd), cmd);
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'received', 'return', r.id, 'state', state));
end $$;

-- Goods that were announced will not come: neither goes out what waits for them. cmd: orderId, returnId, reason. Answers {"outcome": "cancelled", "return"}, unknown, or
-- ended {state}.
create or replace function order_return_cancel_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  r returns;
  replacement bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  select * into r from returns where id = (cmd->>'returnId')::bigint and order_id = o.id;
  if r.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'return', 'value', cmd->>'returnId'));
  elsif r.state <> 'announced' then
    return command_open(cmd, jsonb_build_object('outcome', 'ended', 'state', r.state));
  end if;
  replacement := exchange_take(r.id);
  update returns set state = 'cancelled', ended_at = clock_timestamp(), ended_by = coalesce(cmd->>'actor', 'system') where id = r.id;
  perform order_turn(o.id, 'announce', null, jsonb_build_object('return', r.id, 'cancelled', true), cmd);
  perform exchange_end(replacement, 0, cmd || '{"reason": "the goods do not come back"}');
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  return command_done(cmd, jsonb_build_object('outcome', 'cancelled', 'return', r.id));
end $$;

-- Announced returns of which nothing is with the buyer any more: their platform told that the units are back.
create or replace function returns_told_back() returns table (id bigint, order_id bigint) language sql stable as $$
  select r.id, r.order_id from returns r
  where r.state = 'announced' and not exists (select from return_lines l where l.return_id = r.id and order_line_out(l.order_line_id, r.id) > 0)
$$;

-- Ends one such return as received, so that what waits for its goods goes on. Stock is where the platform's word has put it. One that cannot be ended steps back behind the others. Answers
-- its number; null where there is none, or none whose order nobody else has just now.
create or replace function order_return_told_1(p_now timestamptz) returns bigint language plpgsql set enable_seqscan = off as $$
declare
  cmd jsonb := jsonb_build_object('actor', 'rule', 'now', p_now);
  o orders;
  back bigint;
  replacement bigint;
begin
  loop
    select * into o from orders x
    where x.id = any(array(select t.order_id from returns_told_back() t where not order_steps_back('return', t.id, p_now))) order by x.id limit 1 for no key update skip locked;
    -- Two of one order may stand for the same units: one after the other.
    select min(t.id) into back from returns_told_back() t where t.order_id = o.id and not order_steps_back('return', t.id, p_now);
    if back is null then
      return null;
    end if;
    begin
      replacement := exchange_take(back);
      perform stock_lock(order_variants(replacement));
      update returns set state = 'received', ended_at = clock_timestamp(), ended_by = 'rule' where id = back;
      update return_lines set to_stock = announced where return_id = back;
      perform order_turn(o.id, 'return', null, jsonb_build_object('return', back), cmd);
      perform exchange_came(replacement, cmd);
      insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
      return back;
    exception when raise_exception or internal_error or data_exception or integrity_constraint_violation then
      perform order_trouble_1('return', back, o.id, sqlerrm, p_now);
    end;
  end loop;
end $$;
