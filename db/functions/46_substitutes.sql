-- Handing over another SKU instead of one that is short: by rule of the channel, else of all, in order of preference; by itself, or proposed to a person.

-- What a rule allows instead of a SKU in a channel, the preferred first.
create or replace function substitutes_of(p_variant bigint, p_channel bigint) returns table (substitute_id bigint, "position" int, automatic boolean, above_percent numeric)
language sql stable as $$
  select r.substitute_id, r.position, r.automatic, r.above_percent from substitution_rules r
  where r.valid_to is null and r.variant_id = p_variant and coalesce(r.channel_id, 0) = (
    select max(coalesce(x.channel_id, 0)) from substitution_rules x where x.valid_to is null and x.variant_id = p_variant and coalesce(x.channel_id, p_channel) = p_channel)
  order by r.position
$$;

-- Units of a SKU that lie free at a location, also made of their parts; p_safety: with what is kept back there.
create or replace function location_free(p_location bigint, p_variant bigint, p_safety boolean) returns int language sql stable as $$
  select stock_fit(p_variant, p_location, coalesce(array_agg(part_id), '{}'), coalesce(array_agg(quantity), '{}'), p_safety) from bundle_flat where bundle_id = p_variant
$$;

-- Units that an order of a channel may be given of a SKU that it was not sold: what other orders may be promised, too.
create or replace function channel_free(p_channel bigint, p_variant bigint) returns int language sql stable as $$
  select coalesce(sum(stock_fit(p_variant, c.location_id, m.ids, m.units, false)), 0)::int
  from channel_locations c join locations p on p.id = c.location_id and p.active
  cross join (select coalesce(array_agg(part_id), '{}') as ids, coalesce(array_agg(quantity), '{}') as units from bundle_flat where bundle_id = p_variant) m
  where c.channel_id = p_channel and c.valid_to is null
$$;

-- Whether a SKU is at most so many per cent dearer than another by their regular prices in a channel; not where either has none.
create or replace function substitute_within(p_channel bigint, p_variant bigint, p_substitute bigint, p_percent numeric, p_now timestamptz) returns boolean language plpgsql stable as $$
begin
  return p_percent is null or coalesce((
    select max(x.amount) filter (where x.variant_id = p_substitute) <= max(x.amount) filter (where x.variant_id = p_variant) * (1 + p_percent / 100)
    from price_resolve_2(p_channel, array[p_variant, p_substitute], null, 1, 'regular', p_now, 'infinity', false) x), false);
end $$;

-- Whether two SKUs cost the same by their regular prices in a channel, or nobody knows what one of them costs.
create or replace function variants_cost_alike(p_channel bigint, p_one bigint, p_other bigint, p_now timestamptz) returns boolean language plpgsql stable as $$
begin
  return p_one = p_other or coalesce((
    select max(x.amount) filter (where x.variant_id = p_one) = max(x.amount) filter (where x.variant_id = p_other)
    from price_resolve_2(p_channel, array[p_one, p_other], null, 1, 'regular', p_now, 'infinity', false) x), true);
end $$;

-- What may be handed over instead of a line's short units, the preferred first, and how much of it is there. What was handed over instead may be short in turn: the rules of what was sold
-- hold then, too. p_rules: only what goes by itself.
create or replace function order_line_substitutes(p_line bigint, p_now timestamptz, p_rules boolean) returns table (substitute_id bigint, sku text, free int, automatic boolean)
language sql stable as $$
  select s.substitute_id, v.sku, f.free, s.automatic
  from order_lines l join orders o on o.id = l.order_id join order_lines sold on sold.id = coalesce(l.instead_of, l.id)
  cross join lateral substitutes_of(sold.variant_id, o.channel_id) s join variants v on v.id = s.substitute_id
  cross join lateral (select channel_free(o.channel_id, s.substitute_id) as free) f
  where l.id = p_line and l.short > 0 and s.substitute_id <> l.variant_id and f.free > 0 and (s.automatic or not p_rules)
    and substitute_within(o.channel_id, sold.variant_id, s.substitute_id, s.above_percent, p_now)
  order by s.position
$$;

-- Short lines for which a rule hands over something else that is there. Not of what was sold ahead, nor of what a person holds: held for being short is no reason to wait.
create or replace function order_lines_substitutable(p_now timestamptz) returns table (order_id bigint, line_id bigint, placed_at timestamptz) language sql stable set enable_seqscan = off as $$
  with ruled as materialized (
    select distinct variant_id from substitution_rules where valid_to is null and automatic
  ), waits as materialized (
    select l.id, l.order_id, l.variant_id as sold, l.variant_id, l.short_cause from ruled r join order_lines l on l.variant_id = r.variant_id and l.short > 0 where l.instead_of is null
    union all
    select l.id, l.order_id, s.variant_id, l.variant_id, l.short_cause from order_lines l join order_lines s on s.id = l.instead_of join ruled r on r.variant_id = s.variant_id
    where l.instead_of is not null and l.short > 0
  ), lines as materialized (
    select w.*, o.channel_id, o.placed_at from waits w join orders o on o.id = w.order_id
    where coalesce(w.short_cause, '') not in ('backorder', 'preorder') and o.state in ('accepted', 'routed', 'in_fulfilment', 'held')
      and not exists (select from order_holds h where h.order_id = o.id and h.ended_at is null and h.kind <> 'short')
  ), there as materialized (
    select p.sold, p.channel_id, s.substitute_id from (select distinct sold, channel_id from lines) p cross join lateral substitutes_of(p.sold, p.channel_id) s
    where s.automatic and channel_free(p.channel_id, s.substitute_id) > 0 and substitute_within(p.channel_id, p.sold, s.substitute_id, s.above_percent, p_now)
  )
  select l.order_id, l.id, l.placed_at from lines l
  where exists (select from there t where t.sold = l.sold and t.channel_id = l.channel_id and t.substitute_id <> l.variant_id)
$$;

-- Hands over so many short units of a line as another SKU, of which so many are free: they are promised at once. Answers the line that they are now.
-- The caller holds the order and the locks of all SKUs, and turns the order.
create or replace function order_line_substitute(p_line bigint, p_variant bigint, p_units int, p_channel bigint, cmd jsonb) returns bigint language plpgsql as $$
declare
  l order_lines;
  made bigint;
begin
  select * into l from order_lines where id = p_line;
  -- What a line hands over instead of another may go over to a third SKU: the line that was sold is not touched by that.
  update order_lines set short = short - p_units, ordered = ordered - p_units, substituted = substituted + case when instead_of is null then p_units else 0 end where id = p_line;
  insert into order_lines (order_id, instead_of, variant_id, sku, title, unit_price, ordered, method, collect_location_id, chosen_at)
  select l.order_id, coalesce(l.instead_of, l.id), v.id, v.sku, 
    case when starts_with(v.title, p.title) then v.title else concat_ws(' ', p.title, nullif(v.title, '')) end, l.unit_price, p_units, l.method,
    l.collect_location_id, l.chosen_at
  from variants v join products p on p.id = v.product_id where v.id = p_variant returning id into made;
  perform order_line_freeze(made, p_variant, null);
  perform order_line_open(made, p_units, p_channel, 'over_available', cmd);
  return made;
end $$;

-- Notes what is handed over as another SKU ([{lineId, quantity, sku, instead, soldLineId}]), and lets the order go on. The caller holds it.
create or replace function order_substituted(p_order bigint, p_lines jsonb, cmd jsonb) returns void language plpgsql as $$
begin
  delete from routing_waits where order_id = p_order;
  perform order_hold_filled(p_order, cmd);
  perform order_turn(p_order, 'substitute', null, jsonb_build_object('lines', p_lines), cmd);
  insert into change (kind, ref_id, channel_id) select 'order', id, channel_id from orders where id = p_order;
end $$;

-- What such a line is, as events tell it.
create or replace function order_line_instead_told(p_line bigint) returns jsonb language sql stable as $$
  select jsonb_build_object('lineId', l.id, 'quantity', l.ordered, 'sku', l.sku, 'soldLineId', s.id, 'instead', coalesce(v.sku, s.sku))
  from order_lines l join order_lines s on s.id = l.instead_of left join variants v on v.id = s.variant_id where l.id = p_line
$$;

-- A SKU and what it is made of, for locks.
create or replace function variant_goods(p_variants bigint[]) returns bigint[] language sql stable as $$
  select coalesce(array_agg(x.id), '{}') from (select unnest(p_variants) as id union select part_id from bundle_flat where bundle_id = any(p_variants)) x
$$;

-- A person hands over another SKU instead of short units of a line, whatever the rules say. cmd: orderId, lineId, sku, quantity (absent: as many as are short and there), reason,
-- locationId (it is to lie free there, on the shelf before the clerk; absent: wherever the channel sells from).
-- Answers {"outcome": "substituted", "line", "sku", "quantity"}, unknown {field, value}, nothing_short {state}, unmatched, same_sku {sku}, over {asked, short}, or
-- not_enough {sku, asked, free}.
create or replace function order_substitute_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  l order_lines;
  substitute bigint;
  variant_ids bigint[];
  free int;
  units int;
  made bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  select id into substitute from variants where sku = cmd->>'sku';
  if o.id is null or substitute is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', case when o.id is null then 'order' else 'sku' end,
      'value', case when o.id is null then cmd->'orderId' else cmd->'sku' end));
  end if;
  variant_ids := order_variants(o.id) || variant_goods(array[substitute]);
  perform stock_lock(variant_ids);
  -- What is free by now goes to whoever is short of it first.
  perform stock_expire(variant_ids, cmd);
  perform stock_fill_all(variant_ids, stock_consequence(cmd));
  select * into l from order_lines where id = (cmd->>'lineId')::bigint and order_id = o.id;
  free := channel_free(o.channel_id, substitute);
  if cmd->>'locationId' is not null then
    free := least(free, location_free((cmd->>'locationId')::bigint, substitute, false));
  end if;
  units := coalesce((cmd->>'quantity')::int, least(l.short, greatest(free, 1)));
  answer := case
    when l.id is null then jsonb_build_object('outcome', 'unknown', 'field', 'line', 'value', cmd->'lineId')
    when l.variant_id is null then jsonb_build_object('outcome', 'unmatched')
    when substitute in (l.variant_id, (select variant_id from order_lines where id = l.instead_of)) then jsonb_build_object('outcome', 'same_sku', 'sku', cmd->'sku')
    when l.short = 0 then jsonb_build_object('outcome', 'nothing_short', 'state', o.state)
    when units > l.short then jsonb_build_object('outcome', 'over', 'asked', units, 'short', l.short)
    when units > free then jsonb_build_object('outcome', 'not_enough', 'sku', cmd->'sku', 'asked', units, 'free', free) end;
  if answer is not null then
    perform stock_changed(variant_ids);
    return command_open(cmd, answer);
  end if;
  made := order_line_substitute(l.id, substitute, units, o.channel_id, cmd);
  perform order_substituted(o.id, jsonb_build_array(order_line_instead_told(made)), cmd);
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'substituted', 'line', made, 'sku', cmd->'sku', 'quantity', units));
end $$;

-- Hands over by rule what is there instead of what is short, of at most so many orders, the oldest first. Judged anew under the locks of the orders and of all SKUs, in one statement: any
-- number of processes may look at once. One that breaks steps back behind the others. Answers how many orders.
create or replace function orders_substitute_1(p_now timestamptz, p_limit int) returns int language plpgsql as $$
declare
  cmd jsonb := jsonb_build_object('actor', 'rule', 'now', p_now, 'reason', 'short of stock');
  order_ids bigint[];
  variant_ids bigint[];
  item record;
  line record;
  s record;
  made jsonb;
  missing int;
  take int;
  one bigint;
  served int := 0;
begin
  select array_agg(x.id) into order_ids from (
    select id from orders where id = any(array(
      select order_id from order_lines_substitutable(p_now) where not order_steps_back('substitute', order_id, p_now) group by order_id order by min(placed_at), order_id limit p_limit))
    order by id for no key update skip locked) x;
  if order_ids is null then
    return 0;
  end if;
  select array_agg(distinct v) into variant_ids from (
    select unnest(order_variants(i)) as v from unnest(order_ids) i
    union
    select unnest(variant_goods(array_agg(distinct r.substitute_id))) from order_lines l join substitution_rules r on r.variant_id = l.variant_id and r.valid_to is null
    where l.order_id = any(order_ids)) x;
  perform stock_lock(variant_ids);
  -- What is free by now goes to whoever is short of it first.
  perform stock_expire(variant_ids, cmd);
  perform stock_fill_all(variant_ids, stock_consequence(cmd));
  for item in
    select x.order_id, array_agg(x.line_id) as lines from order_lines_substitutable(p_now) x where x.order_id = any(order_ids) group by 1 order by min(x.placed_at), 1
  loop
    made := '[]';
    begin
      for line in
        select l.id, l.short, o.channel_id from order_lines l join orders o on o.id = l.order_id where l.id = any(item.lines) order by l.id
      loop
        missing := line.short;
        -- A rule that came in between is not locked for: its turn is next.
        for s in select * from order_line_substitutes(line.id, p_now, true) x where x.substitute_id = any(variant_ids) loop
          exit when missing = 0;
          take := least(missing, s.free);
          one := order_line_substitute(line.id, s.substitute_id, take, line.channel_id, cmd);
          made := made || jsonb_build_array(order_line_instead_told(one));
          missing := missing - take;
        end loop;
      end loop;
      if made <> '[]' then
        perform order_substituted(item.order_id, made, cmd);
        served := served + 1;
      end if;
    exception when raise_exception or internal_error or data_exception or integrity_constraint_violation then
      perform order_trouble_1('substitute', item.order_id, item.order_id, sqlerrm, p_now);
    end;
  end loop;
  perform stock_changed(variant_ids);
  return served;
end $$;
