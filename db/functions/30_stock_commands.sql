-- What people, tills and files do to stock. Each is one call: claim the key, lock, decide, write.

-- cmd.lines: [{sku, location, quantity, kind, reason}], kind: receive (+), adjust (±), count (sets the number), sale (-, at a till), safety (sets safety stock).
-- All lines or none. Answers {"outcome": "done", "lines": [{sku, location, onHand, reserved, available}]}, {"outcome": "unknown", "sku"|"location", "line"},
-- {"outcome": "insufficient", …} when an adjust would take more than is there.
create or replace function stock_change_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  bad record;
  variant_ids bigint[];
  line record;
  b balances;
  done jsonb := '[]';
begin
  if answer is not null then
    return answer;
  end if;
  select l.ord, l.body->>'sku' as sku, l.body->>'location' as location, v.id as variant_id, p.id as location_id into bad
  from jsonb_array_elements(cmd->'lines') with ordinality l(body, ord)
  left join variants v on v.sku = l.body->>'sku' left join locations p on p.code = l.body->>'location'
  where v.id is null or p.id is null order by l.ord limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'line', bad.ord - 1,
      'field', case when bad.variant_id is null then 'sku' else 'location' end,
      'value', case when bad.variant_id is null then bad.sku else bad.location end));
  end if;

  select array_agg(distinct v.id) into variant_ids
  from jsonb_array_elements(cmd->'lines') l join variants v on v.sku = l->>'sku';
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);

  for line in
    select l.ord, l.body->>'sku' as sku, l.body->>'location' as location, l.body->>'kind' as kind, l.body->>'reason' as reason,
      (l.body->>'quantity')::int as quantity, v.id as variant_id, p.id as location_id
    from jsonb_array_elements(cmd->'lines') with ordinality l(body, ord)
    join variants v on v.sku = l.body->>'sku' join locations p on p.code = l.body->>'location' order by l.ord
  loop
    insert into balances (variant_id, location_id) values (line.variant_id, line.location_id) on conflict do nothing;
    select * into b from balances where variant_id = line.variant_id and location_id = line.location_id;
    case line.kind
      when 'count' then
        perform stock_set_on_hand(line.variant_id, line.location_id, line.quantity, 'count', line.reason, cmd);
      when 'receive' then
        perform stock_set_on_hand(line.variant_id, line.location_id, b.on_hand + line.quantity, 'receive', line.reason, cmd);
      when 'adjust' then
        if b.on_hand + line.quantity < 0 then
          -- Nothing of the command may stay: the error takes back the lines before it.
          raise exception 'adjust_below_zero' using errcode = 'P0409',
            detail = jsonb_build_object('sku', line.sku, 'location', line.location, 'onHand', b.on_hand, 'asked', line.quantity)::text;
        end if;
        perform stock_set_on_hand(line.variant_id, line.location_id, b.on_hand + line.quantity, 'adjust', line.reason, cmd);
      when 'sale' then
        -- The goods left the shop: where the books had fewer, the missing ones are found first, visibly.
        if b.on_hand < line.quantity then
          perform stock_post(line.variant_id, line.location_id, 'adjust', line.quantity - b.on_hand, 0, cmd, null, null, 'sold, though not on the books');
        end if;
        perform stock_set_on_hand(line.variant_id, line.location_id, greatest(b.on_hand - line.quantity, 0), 'sale', line.reason, cmd);
      when 'return' then
        perform stock_set_on_hand(line.variant_id, line.location_id, b.on_hand + line.quantity, 'return', line.reason, cmd);
      when 'safety' then
        update balances set safety_stock = line.quantity, updated_at = clock_timestamp()
        where variant_id = line.variant_id and location_id = line.location_id;
        insert into audit (actor, act, subject, detail)
        values (coalesce(cmd->>'actor', 'system'), 'safety_stock', line.sku, jsonb_build_object('location', line.location, 'from', b.safety_stock, 'to', line.quantity));
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
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'lines', done));
end $$;

-- Decides many requests in their order with one round trip. Each: {scope, key, hash, kind, actor, lines: [{sku, quantity, location?}], channel?, partial?, expiresAt?}.
-- Answers an array, one for each request: {"outcome": "reserved", "basket", "lines": [{sku, location, quantity}], "missing": []},
-- {"outcome": "insufficient", "missing": [{sku, asked, available}]}, {"outcome": "unknown", field, value}, {"outcome": "key_conflict"}, or a stored answer with "replayed".
create or replace function stock_reserve_1(requests jsonb) returns jsonb language plpgsql as $$
declare
  answers jsonb := '[]';
  variant_ids bigint[];
  request jsonb;
  answer jsonb;
  touched bigint[] := '{}';
begin
  select coalesce(array_agg(distinct v.id), '{}') into variant_ids
  from jsonb_array_elements(requests) r cross join jsonb_array_elements(r->'lines') l
  -- Each SKU by itself, here and below: as a join, the whole catalog was read for each batch and for each request.
  cross join lateral (select id from variants where sku = l->>'sku' limit 1) v;
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, coalesce(requests->0, '{}'));
  for request in select r from jsonb_array_elements(requests) with ordinality x(r, ord) order by ord loop
    answer := stock_reserve_one_1(request);
    answers := answers || jsonb_build_array(answer - 'touched');
    if answer ? 'touched' then
      touched := touched || array(select t::bigint from jsonb_array_elements_text(answer->'touched') t);
    end if;
  end loop;
  if cardinality(touched) > 0 then
    perform stock_changed(touched);
  end if;
  return answers;
end $$;

create or replace function stock_reserve_one_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  basket text := 'hold:' || (cmd->>'scope') || ':' || coalesce(cmd->>'key', gen_random_uuid()::text);
  channel bigint;
  only_at bigint;
  line record;
  place record;
  missing int;
  free int;
  take int;
  plan_line int[] := '{}';
  plan_variant bigint[] := '{}';
  plan_location bigint[] := '{}';
  plan_quantity int[] := '{}';
  lacking jsonb := '[]';
  expires timestamptz := (cmd->>'expiresAt')::timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  if cmd->>'channel' is not null then
    select id into channel from channels where code = cmd->>'channel';
    if channel is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
    end if;
  end if;

  for line in
    select l.ord, l.body->>'sku' as sku, (l.body->>'quantity')::int as quantity, l.body->>'location' as location,
      (select id from variants where sku = l.body->>'sku') as variant_id
    from jsonb_array_elements(cmd->'lines') with ordinality l(body, ord) order by l.ord
  loop
    if line.variant_id is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', line.sku, 'line', line.ord - 1));
    end if;
    only_at := null;
    if line.location is not null then
      select id into only_at from locations where code = line.location;
      if only_at is null then
        return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'location', 'value', line.location, 'line', line.ord - 1));
      end if;
    end if;
    missing := line.quantity;
    for place in
      select b.location_id, b.on_hand - b.reserved - b.unavailable - b.safety_stock as free
      from balances b join locations p on p.id = b.location_id
      left join channel_locations c on c.channel_id = channel and c.location_id = b.location_id and c.valid_to is null
      where b.variant_id = line.variant_id and p.active and p.kind <> 'platform'
        and b.on_hand - b.reserved - b.unavailable - b.safety_stock > 0
        and (only_at is null or b.location_id = only_at)
        and (channel is null or c.channel_id is not null)
      -- One location that has all of it is better than a split.
      order by (b.on_hand - b.reserved - b.unavailable - b.safety_stock >= line.quantity) desc, c.position nulls last, b.location_id
    loop
      exit when missing = 0;
      select place.free - coalesce(sum(q), 0) into free
      from unnest(plan_variant, plan_location, plan_quantity) p(v, l, q) where v = line.variant_id and l = place.location_id;
      take := least(missing, free);
      if take > 0 then
        plan_line := plan_line || line.ord::int;
        plan_variant := plan_variant || line.variant_id;
        plan_location := plan_location || place.location_id;
        plan_quantity := plan_quantity || take;
        missing := missing - take;
      end if;
    end loop;
    if missing > 0 then
      lacking := lacking || jsonb_build_array(jsonb_build_object('sku', line.sku, 'asked', line.quantity, 'available', line.quantity - missing));
    end if;
  end loop;

  if cardinality(plan_line) = 0 or (jsonb_array_length(lacking) > 0 and not coalesce((cmd->>'partial')::boolean, false)) then
    -- Not final: the same key may succeed after a receipt.
    return command_open(cmd, jsonb_build_object('outcome', 'insufficient', 'missing', lacking));
  end if;
  for i in 1 .. cardinality(plan_line) loop
    perform stock_promise(plan_variant[i], plan_location[i], plan_quantity[i], basket, plan_line[i], null, channel, expires, cmd);
  end loop;
  answer := jsonb_build_object('outcome', 'reserved', 'basket', basket, 'expiresAt', cmd->>'expiresAt', 'missing', lacking,
    'lines', (select jsonb_agg(jsonb_build_object('sku', (select sku from variants where id = x.v_id),
        'location', (select code from locations where id = x.l_id), 'quantity', x.q) order by x.n)
      from unnest(plan_line, plan_variant, plan_location, plan_quantity) x(n, v_id, l_id, q)));
  return command_done(cmd, answer) || jsonb_build_object('touched', to_jsonb(plan_variant));
end $$;

-- Ends a hold: cmd.basket, cmd.end in (release, settle), cmd.lines optional [{sku, quantity}] for a part of it.
-- Answers {"outcome": "released"|"settled", "lines": […]}, {"outcome": "unknown"} or {"outcome": "ended"} when nothing of it is open any more.
create or replace function stock_end_hold_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  variant_ids bigint[];
  r record;
  v bigint;
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
    select s.id, s.quantity, s.variant_id, x.sku, p.code from reservations s
    join variants x on x.id = s.variant_id join locations p on p.id = s.location_id
    where s.basket = cmd->>'basket' and s.state = 'open' and s.order_line_id is null order by s.id
  loop
    take := case when wanted is null then r.quantity else least(r.quantity, coalesce((wanted->>r.sku)::int, 0)) end;
    continue when take <= 0;
    perform stock_unpromise(r.id, take, kind, cmd);
    if wanted is not null then
      wanted := wanted || jsonb_build_object(r.sku, (wanted->>r.sku)::int - take);
    end if;
    ended := ended || jsonb_build_array(jsonb_build_object('sku', r.sku, 'location', r.code, 'quantity', take));
  end loop;
  if jsonb_array_length(ended) = 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'ended', 'basket', cmd->>'basket'));
  end if;
  foreach v in array variant_ids loop
    perform stock_fill_shorts(v, cmd);
  end loop;
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', case kind when 'settle' then 'settled' else 'released' end, 'lines', ended));
end $$;

-- Moves an open promise of a basket to another location, in one step: cmd.basket, cmd.sku, cmd.to, cmd.quantity (all when absent).
create or replace function stock_move_promise_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  variant bigint;
  target bigint;
  free int;
  wanted int;
  r reservations;
  take int;
begin
  if answer is not null then
    return answer;
  end if;
  select id into variant from variants where sku = cmd->>'sku';
  select id into target from locations where code = cmd->>'to';
  if variant is null or target is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', case when variant is null then 'sku' else 'to' end,
      'value', case when variant is null then cmd->>'sku' else cmd->>'to' end));
  end if;
  perform stock_lock(array[variant]);
  perform stock_expire(array[variant], cmd);
  select coalesce((cmd->>'quantity')::int, sum(quantity)) into wanted from reservations
  where basket = cmd->>'basket' and variant_id = variant and state = 'open' and location_id <> target;
  if wanted is null then
    return command_open(cmd, jsonb_build_object('outcome', 'ended', 'basket', cmd->>'basket'));
  end if;
  select on_hand - reserved - unavailable - safety_stock into free from balances where variant_id = variant and location_id = target;
  if coalesce(free, 0) < wanted then
    return command_open(cmd, jsonb_build_object('outcome', 'insufficient', 'missing', jsonb_build_array(jsonb_build_object(
      'sku', cmd->>'sku', 'location', cmd->>'to', 'asked', wanted, 'available', greatest(coalesce(free, 0), 0)))));
  end if;
  for r in select * from reservations
    where basket = cmd->>'basket' and variant_id = variant and state = 'open' and location_id <> target order by id
  loop
    exit when wanted = 0;
    take := least(wanted, r.quantity);
    perform stock_unpromise(r.id, take, 'release', cmd || jsonb_build_object('reason', 'moved'));
    perform stock_promise(variant, target, take, r.basket, r.line_no, r.order_line_id, r.channel_id, r.expires_at, cmd);
    wanted := wanted - take;
  end loop;
  perform stock_fill_shorts(variant, cmd);
  perform stock_changed(array[variant]);
  return command_done(cmd, jsonb_build_object('outcome', 'moved', 'to', cmd->>'to'));
end $$;
