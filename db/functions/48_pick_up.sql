-- Groups in the hands of people: picked from the shelf, made ready, handed over, put back. Each is one call: claim the key, lock, decide, write.

-- Locks the order of the group in cmd.groupId and the stock that it may move. Answers the group; null where there is none, or it is not at cmd.locationId.
create or replace function fulfilment_lock(cmd jsonb) returns fulfilment_groups language plpgsql as $$
declare
  g fulfilment_groups;
  variant_ids bigint[];
begin
  select * into g from fulfilment_groups where id = (cmd->>'groupId')::bigint and (cmd->>'locationId' is null or location_id = (cmd->>'locationId')::bigint);
  if g.id is null then
    return null;
  end if;
  perform 1 from orders where id = g.order_id for no key update;
  variant_ids := order_variants(g.order_id);
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  select * into g from fulfilment_groups where id = g.id;
  return g;
end $$;

-- The head of every command on a group: claims its key, then locks. Answers what the command is to answer at once (it was done before, or there is no such group), else null, and the group.
create or replace function fulfilment_claim(cmd jsonb, out answer jsonb, out g fulfilment_groups) language plpgsql as $$
begin
  answer := command_claim(cmd);
  if answer is null then
    g := fulfilment_lock(cmd);
    if g.id is null then
      answer := command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'group', 'value', cmd->'groupId'));
    end if;
  end if;
end $$;

-- How a group stands: {groupId, state, lines: [{lineId, open, picked, putBack}]}; `picked` of what is open, `putBack` what was picked and is not wanted any more.
create or replace function fulfilment_told(p_group bigint) returns jsonb language sql stable as $$
  select jsonb_build_object('groupId', g.id, 'state', g.state, 'lines', (select jsonb_agg(jsonb_build_object('lineId', l.order_line_id,
      'open', l.assigned - l.done - l.released, 'picked', least(greatest(l.picked - l.done, 0), l.assigned - l.done - l.released),
      'putBack', greatest(l.picked - (l.assigned - l.released), 0)) order by l.order_line_id)
    from fulfilment_lines l where l.group_id = g.id))
  from fulfilment_groups g where g.id = p_group
$$;

-- Brings the order to what its facts say, where that is another state. The caller holds its row.
create or replace function fulfilment_order_turn(p_order bigint, p_transition text, cmd jsonb) returns void language plpgsql as $$
begin
  if (select state from orders where id = p_order) <> order_state_2(p_order) then
    perform order_turn(p_order, p_transition, null, null, cmd);
  end if;
end $$;

-- A group comes into another state by a named transition.
create or replace function fulfilment_turn(g fulfilment_groups, p_transition text, p_state text, p_detail jsonb, cmd jsonb) returns void language plpgsql as $$
begin
  update fulfilment_groups set state = p_state, state_since = clock_timestamp() where id = g.id and state <> p_state;
  insert into order_events (order_id, group_id, transition, from_state, to_state, reason, detail, actor)
  values (g.order_id, g.id, p_transition, g.state, p_state, cmd->>'reason', p_detail, coalesce(cmd->>'actor', 'system'));
end $$;

-- Units of a group's line that cannot be taken from the shelf: not there (`short`), or there and unfit (`damaged`). The fact posts; what else lies free there
-- stands in for damaged ones, then other places of the channel do, unrouted; what nobody has is short. p_left: how many lie free on the shelf, where the
-- clerk looked. Answers how many units were promised anew.
create or replace function fulfilment_lose(g fulfilment_groups, p_line bigint, p_kind text, p_units int, p_variant bigint, p_left int, cmd jsonb) returns int
language plpgsql as $$
declare
  l order_lines;
  o orders;
  made record;
  r record;
  lost reservations;
  place record;
  missing int := p_units;
  gone int;
  gone_here int;
  take int;
  again int := 0;
begin
  select * into l from order_lines where id = p_line;
  select * into o from orders where id = g.order_id;
  select * into made from order_line_explosion(p_line);
  if p_kind = 'damaged' then
    -- Promised before the others are given up, so that the group goes on with them.
    again := least(p_units, stock_fit(l.variant_id, g.location_id, made.part_ids, made.part_units, true));
    if again > 0 then
      perform stock_promise_item(l.variant_id, made.part_ids, made.part_units, g.location_id, again, true, 'order:' || l.order_id, 0, p_line, o.channel_id, null, cmd);
    end if;
  end if;
  for r in select id, units from order_line_promises(p_line) where location_id = g.location_id loop
    exit when missing = 0;
    take := least(missing, r.units);
    -- Of a bundle that is made of parts, the part that is meant; of one that lies there whole, the whole one.
    select s.* into lost from reservations s where s.id = r.id or s.pack = (select pack from reservations where id = r.id) order by s.variant_id = p_variant desc limit 1;
    perform stock_unpromise_item(lost.id, take, 'lost', cmd);
    gone := take * lost.per_unit;
    if p_kind = 'damaged' then
      perform stock_post(lost.variant_id, g.location_id, 'damage', 0, 0, cmd, p_line, null, 'damaged at the shelf', gone);
    else
      perform stock_post(lost.variant_id, g.location_id, 'adjust', -gone, 0, cmd, p_line, null, 'not found when picked');
    end if;
    missing := missing - take;
  end loop;
  -- A group's open units are promised at its location: fewer of them is a defect of the books, and nothing of this may stay.
  if missing > 0 then
    raise exception 'group % has % units of line % open that are promised nowhere', g.id, missing, p_line;
  end if;
  if p_kind = 'short' and p_left is not null then
    -- Where the clerk saw what is left, what the books have beyond that is not there either.
    select on_hand - reserved - unavailable - p_left into gone from balances where variant_id = p_variant and location_id = g.location_id;
    if gone > 0 then
      perform stock_post(p_variant, g.location_id, 'adjust', -gone, 0, cmd, null, null, 'not found when picked');
    end if;
  end if;
  missing := p_units - again;
  gone_here := missing;
  for place in
    select c.location_id, x.fit from channel_locations c join locations p on p.id = c.location_id and p.active
    cross join lateral (select stock_fit(l.variant_id, c.location_id, made.part_ids, made.part_units, true) as fit) x
    where c.channel_id = o.channel_id and c.valid_to is null and c.location_id <> g.location_id and x.fit > 0 order by (x.fit >= missing) desc, c.position
  loop
    exit when missing = 0;
    take := least(missing, place.fit);
    perform stock_promise_item(l.variant_id, made.part_ids, made.part_units, place.location_id, take, true, 'order:' || l.order_id, 0, p_line, o.channel_id, null, cmd);
    missing := missing - take;
    again := again + take;
  end loop;
  if p_kind = 'short' or again < p_units then
    -- The order is not routed to this place once more.
    insert into routing_exclusions (order_id, location_id, group_id, reason, actor)
    select g.order_id, g.location_id, g.id, p_kind, coalesce(cmd->>'actor', 'system')
    where not exists (select from routing_exclusions x where x.order_id = g.order_id and x.location_id = g.location_id and x.group_id = g.id);
  end if;
  update order_lines set reserved = reserved - missing, short = short + missing,
    short_cause = case when missing > 0 then coalesce(short_cause, case p_kind when 'damaged' then 'damage' else 'adjust' end) else short_cause end where id = p_line;
  -- A group that had nothing else has ended by now.
  insert into order_events (order_id, group_id, transition, from_state, to_state, reason, detail, actor)
  select g.order_id, g.id, case p_kind when 'damaged' then 'damaged_pick' else 'short_pick' end, x.state, x.state, cmd->>'reason', jsonb_build_object('lineId', p_line,
    'sku', (select sku from variants where id = p_variant), 'units', p_units, 'promisedAgain', again), coalesce(cmd->>'actor', 'system')
  from fulfilment_groups x where x.id = g.id;
  perform choice_needed(g, p_kind, jsonb_build_array(jsonb_build_object('lineId', p_line, 'quantity', gone_here)), cmd) where gone_here > 0;
  return again;
end $$;

-- Units are taken from the shelf. cmd: groupId, locationId (the clerk's store, else any), lines [{lineId, picked, short, damaged, sku, left}], each number of units optional;
-- sku names the part of a bundle that is short or damaged, left how many of it lie free on the shelf. Answers {"outcome": "picked", groupId, state, lines, promisedAgain}, unknown,
-- closed {state} (also `held`: its order is), too_many {lineId, asked, open}, or part_needed {lineId, parts}.
create or replace function fulfilment_pick_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  head record := fulfilment_claim(cmd);
  g fulfilment_groups := head.g;
  item record;
  parts text[];
  variant bigint;
  again int := 0;
begin
  if head.answer is not null then
    return head.answer;
  end if;
  if g.state not in ('waiting', 'picking') or (select state from orders where id = g.order_id) = 'held' then
    return command_open(cmd, jsonb_build_object('outcome', 'closed', 'state', case when g.state in ('waiting', 'picking') then 'held' else g.state end));
  end if;
  -- Judged as a whole before anything is written.
  for item in
    -- What left without a word of its picking, as its platform told, is not to be picked any more.
    select x->>'lineId' as asked_id, l.order_line_id, l.assigned - l.released - greatest(l.picked, l.done) as open, n.variant_id, x->>'sku' as sku,
      coalesce((x->>'picked')::int, 0) + coalesce((x->>'short')::int, 0) + coalesce((x->>'damaged')::int, 0) as units, x ? 'short' or x ? 'damaged' as loses
    from jsonb_array_elements(cmd->'lines') x left join fulfilment_lines l on l.group_id = g.id and l.order_line_id = (x->>'lineId')::bigint
    left join order_lines n on n.id = l.order_line_id
  loop
    if item.order_line_id is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'line', 'value', item.asked_id));
    end if;
    if item.units > item.open then
      return command_open(cmd, jsonb_build_object('outcome', 'too_many', 'lineId', item.order_line_id, 'sku', order_line_sku(item.order_line_id), 'asked', item.units, 'open', greatest(item.open, 0)));
    end if;
    parts := array(select v.sku from order_line_parts p join variants v on v.id = p.variant_id where p.order_line_id = item.order_line_id order by 1);
    if item.loses and cardinality(parts) > 0 and (item.sku is null or not item.sku = any(parts || (select sku from variants where id = item.variant_id))) then
      return command_open(cmd, jsonb_build_object('outcome', 'part_needed', 'lineId', item.order_line_id, 'parts', parts));
    end if;
  end loop;
  if g.state = 'waiting' then
    perform fulfilment_turn(g, 'pick', 'picking', null, cmd);
    g.state := 'picking';
    perform fulfilment_order_turn(g.order_id, 'pick', cmd);
  end if;
  for item in
    select (x->>'lineId')::bigint as line_id, coalesce((x->>'picked')::int, 0) as picked, coalesce((x->>'short')::int, 0) as short, (x->>'left')::int as remaining,
      coalesce((x->>'damaged')::int, 0) as damaged, x->>'sku' as sku from jsonb_array_elements(cmd->'lines') x order by 1
  loop
    update fulfilment_lines set picked = greatest(fulfilment_lines.picked, done) + item.picked where group_id = g.id and order_line_id = item.line_id and item.picked > 0;
    select case when exists (select from order_line_parts p where p.order_line_id = item.line_id) then (select id from variants where sku = item.sku) else l.variant_id end
    into variant from order_lines l where l.id = item.line_id;
    if item.damaged > 0 then
      again := again + fulfilment_lose(g, item.line_id, 'damaged', item.damaged, variant, null, cmd);
    end if;
    if item.short > 0 then
      again := again + fulfilment_lose(g, item.line_id, 'short', item.short, variant, item.remaining, cmd);
    end if;
  end loop;
  if jsonb_path_exists(cmd->'lines', '$[*] ? (@.short > 0 || @.damaged > 0)') then
    perform fulfilment_order_turn(g.order_id, 'lose', cmd);
    perform stock_fill_all(order_variants(g.order_id), stock_consequence(cmd));
    perform stock_changed(order_variants(g.order_id));
  end if;
  insert into change (kind, ref_id, channel_id) select 'order', o.id, o.channel_id from orders o where o.id = g.order_id;
  return command_done(cmd, jsonb_build_object('outcome', 'picked', 'promisedAgain', again) || fulfilment_told(g.id));
end $$;

-- Picked units go back to the shelf: those that are not wanted any more, or of a group that is still being picked. cmd: groupId, locationId, lines [{lineId, quantity}].
-- Answers {"outcome": "put_back", …} as fulfilment_told, unknown, or too_many {lineId, asked, open}.
create or replace function fulfilment_put_back_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  head record := fulfilment_claim(cmd);
  g fulfilment_groups := head.g;
  item record;
begin
  if head.answer is not null then
    return head.answer;
  end if;
  for item in
    select x->'lineId' as asked_id, (x->>'quantity')::int as asked, l.order_line_id,
      case when g.state in ('waiting', 'picking') then greatest(l.picked - l.done, 0) else greatest(l.picked - (l.assigned - l.released), 0) end as open
    from jsonb_array_elements(cmd->'lines') x left join fulfilment_lines l on l.group_id = g.id and l.order_line_id = (x->>'lineId')::bigint
  loop
    if item.order_line_id is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'line', 'value', item.asked_id));
    end if;
    if item.asked > item.open then
      return command_open(cmd, jsonb_build_object('outcome', 'too_many', 'lineId', item.order_line_id, 'sku', order_line_sku(item.order_line_id), 'asked', item.asked, 'open', item.open));
    end if;
  end loop;
  update fulfilment_lines l set picked = l.picked - x.units
  from (select (e->>'lineId')::bigint as line_id, sum((e->>'quantity')::int)::int as units from jsonb_array_elements(cmd->'lines') e group by 1) x
  where l.group_id = g.id and l.order_line_id = x.line_id;
  perform fulfilment_turn(g, 'put_back', g.state, jsonb_build_object('lines', cmd->'lines'), cmd);
  insert into change (kind, ref_id, channel_id) select 'order', o.id, o.channel_id from orders o where o.id = g.order_id;
  return command_done(cmd, jsonb_build_object('outcome', 'put_back') || fulfilment_told(g.id));
end $$;
