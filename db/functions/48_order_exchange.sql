-- The command that exchanges: the return, and the order that goes out for it, in one statement.

-- Promises a line at one place, else (null) wherever its channel sells from; one place that has all of it before a split. p_safety: from what a place keeps back as well.
-- Answers how many units nobody has. The caller holds the line's variants.
create or replace function exchange_promise(p_line bigint, p_channel bigint, p_place bigint, p_safety boolean, cmd jsonb) returns int language plpgsql as $$
declare
  l order_lines;
  made record;
  place record;
  missing int;
  take int;
begin
  select * into l from order_lines where id = p_line;
  select * into made from order_line_explosion(p_line);
  missing := l.ordered;
  for place in
    select p.id, x.fit from locations p left join channel_locations c on c.location_id = p.id and c.channel_id = p_channel and c.valid_to is null
    cross join lateral (select stock_fit(l.variant_id, p.id, made.part_ids, made.part_units, p_safety) as fit) x
    where p.active and p.kind <> 'platform' and x.fit > 0 and case when p_place is null then c.location_id is not null else p.id = p_place end
    order by (x.fit >= missing) desc, c.position
  loop
    exit when missing = 0;
    take := least(missing, place.fit);
    perform stock_promise_item(l.variant_id, made.part_ids, made.part_units, place.id, take, p_safety, 'order:' || l.order_id, 0, p_line, p_channel, null, cmd);
    missing := missing - take;
  end loop;
  update order_lines set reserved = ordered - missing where id = p_line;
  return missing;
end $$;

-- The order that goes out for what comes back of `o`, with its lines promised: all of them, else it raises P0409 with what is missing. cmd as below. Answers its row.
create or replace function exchange_order(o orders, p_return bigint, p_place bigint, cmd jsonb) returns orders language plpgsql as $$
declare
  made orders;
  item record;
  line bigint;
  missing int;
  lacking jsonb := '[]';
  hand_over text := cmd->'replacement'->>'handOver';
begin
  insert into orders (channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, total, placed_at, people_gone_at, exchange_of)
  select o.channel_id, 'exchange:' || p_return, o.number || '-X' || (select count(*) + 1 from orders where exchange_of = o.id), 'accepted', 'exchange', command_now(cmd), '',
    o.currency, greatest((cmd->>'difference')::numeric, 0), command_now(cmd), o.people_gone_at, o.id
  returning * into made;
  for item in
    select v.id, v.sku, case when starts_with(v.title, p.title) then v.title else concat_ws(' ', p.title, nullif(v.title, '')) end as title, sum((e->>'quantity')::int)::int as units,
      row_number() over (order by min(ord)) as n
    from jsonb_array_elements(cmd->'replacement'->'lines') with ordinality x(e, ord) join variants v on v.sku = e->>'sku' join products p on p.id = v.product_id
    group by v.id, v.sku, v.title, p.title order by n
  loop
    insert into order_lines (order_id, external_line_id, variant_id, sku, title, unit_price, ordered, method, collect_location_id)
    values (made.id, item.n::text, item.id, item.sku, item.title, 0, item.units, case hand_over when 'ship' then 'ship' else 'collect' end, p_place) returning id into line;
    perform order_line_freeze(line, item.id, null);
    -- What is handed over at once lies on the counter: nothing is kept back from it.
    missing := exchange_promise(line, o.channel_id, p_place, hand_over = 'counter', cmd);
    if missing > 0 then
      lacking := lacking || jsonb_build_object('sku', item.sku, 'asked', item.units, 'available', item.units - missing);
    end if;
  end loop;
  if lacking <> '[]' then
    raise exception 'exchange_insufficient' using errcode = 'P0409', detail = lacking::text;
  end if;
  return made;
end $$;

-- Goods come back, and others go out for them. cmd: orderId, location (where they came, or are expected), received (somebody has looked at them), lines [{lineId, quantity}] or, received,
-- [{lineId, toStock, unavailable, scrapped}], replacement {lines [{sku, quantity}], handOver: ship | collect | counter, location}, waits, returnBy, difference, reason,
-- sealedKey and sealedBody (the buyer's data under a key of its own), noAddress.
-- Answers {"outcome": "exchanged", "return", "replacement", "number", "state", "replacementState"}, unknown {field, value}, too_many {lineId, asked, out},
-- paid_back {lineId, asked, left}: their money went back, or insufficient {missing: [{sku, asked, available}]}; but for the first, nothing is written.
create or replace function order_exchange_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  made orders;
  back bigint;
  place bigint;
  is_back boolean := (cmd->>'received')::boolean;
  names text[] := case when is_back then array['toStock', 'unavailable', 'scrapped'] else array['quantity'] end;
  variant_ids bigint[];
  locked bigint[] := '{}';
  state text;
  lacking text;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  answer := coalesce(order_return_refused(o, cmd, null, names), order_exchange_unpaid(o, cmd->'lines'),
    (select jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', e->>'sku') from jsonb_array_elements(cmd->'replacement'->'lines') e
      where not exists (select from variants v where v.sku = e->>'sku') limit 1));
  select id into place from locations where code = cmd->'replacement'->>'location' and active and kind <> 'platform';
  if answer is null and place is null and cmd->'replacement'->>'location' is not null then
    answer := jsonb_build_object('outcome', 'unknown', 'field', 'store', 'value', cmd->'replacement'->>'location');
  end if;
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  loop
    with named as (
      select v.id from jsonb_array_elements(cmd->'replacement'->'lines') e join variants v on v.sku = e->>'sku')
    select array_agg(distinct x.id) into variant_ids from (
      select id from named union all select f.part_id from bundle_flat f join named n on n.id = f.bundle_id union all select unnest(order_variants(o.id))) x;
    exit when variant_ids <@ locked;
    -- A bundle may have become other parts while we waited.
    perform stock_lock(variant_ids || locked);
    locked := variant_ids || locked;
  end loop;
  perform stock_expire(locked, cmd);
  begin
    insert into returns (order_id, state, location_id, reason, actor, ended_at, ended_by)
    select o.id, case when is_back then 'received' else 'announced' end, (select id from locations where code = cmd->>'location'), cmd->>'reason', coalesce(cmd->>'actor', 'system'),
      case when is_back then clock_timestamp() end, case when is_back then coalesce(cmd->>'actor', 'system') end returning id into back;
    if is_back then
      perform order_return_put(back, (select location_id from returns where id = back), cmd);
      -- Whoever is short of it has waited longer.
      perform stock_fill_all(locked || stock_expire_lots(locked, cmd), cmd);
    else
      insert into return_lines (return_id, order_line_id, announced)
      select back, (x->>'lineId')::bigint, sum((x->>'quantity')::int) from jsonb_array_elements(cmd->'lines') x group by 2 order by 2;
    end if;
    made := exchange_order(o, back, place, cmd);
  exception when sqlstate 'P0409' then
    -- Nothing came back, and nothing goes out.
    get stacked diagnostics lacking = pg_exception_detail;
    return command_open(cmd, jsonb_build_object('outcome', 'insufficient', 'missing', lacking::jsonb));
  end;
  insert into exchanges (replacement_id, return_id, waits, return_by, difference, actor)
  values (made.id, back, (cmd->>'waits')::boolean, (cmd->>'returnBy')::timestamptz, coalesce((cmd->>'difference')::numeric, 0), coalesce(cmd->>'actor', 'system'));
  -- None of a buyer whose data went meanwhile.
  insert into order_people (order_id, sealed_key, sealed_body, buyer_mark)
  select made.id, decode(cmd->>'sealedKey', 'base64'), decode(cmd->>'sealedBody', 'base64'), p.buyer_mark from order_people p where p.order_id = o.id and cmd->>'sealedBody' is not null;
  if cmd->'replacement'->>'handOver' = 'counter' then
    perform order_line_ship(l.id, l.ordered, o.channel_id, cmd) from order_lines l where l.order_id = made.id;
  else
    if (cmd->>'waits')::boolean then
      perform order_hold_put(made.id, 'return', null, true, cmd);
    end if;
    perform order_holds_by_rule(made.id, o.channel_id, jsonb_build_object('noAddress', coalesce(cmd->'noAddress', 'false'), 'currency', made.currency, 'total', made.total), cmd);
  end if;
  perform order_turn(made.id, 'restate', 'reserve', jsonb_build_object('exchangeOf', o.id, 'return', back), cmd);
  update orders set content_hash = 'exchange' where id = made.id returning * into made;
  state := order_turn(o.id, 'exchange', null, jsonb_build_object('return', back, 'replacement', made.id, 'lines', cmd->'lines'), cmd);
  insert into change (kind, ref_id, channel_id) select 'order', id, channel_id from orders where id in (o.id, made.id) order by id;
  perform stock_changed(locked);
  return command_done(cmd, jsonb_build_object('outcome', 'exchanged', 'return', back, 'replacement', made.id, 'number', made.number, 'state', state,
    'replacementState', made.state));
end $$;
