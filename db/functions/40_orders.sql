-- Booking what channels sold. An order arrives as its whole present state and is brought to it; the same state twice changes nothing.

-- Brings one line to `p_open` promised-or-short units. More: promise what the channel's pool has (available first, then safety stock, which is
-- there for this), the rest is short. Fewer: shorts go first, then the newest promises.
create or replace function order_line_open(p_line bigint, p_open int, p_channel bigint, p_cause text, cmd jsonb) returns void language plpgsql as $$
declare
  l order_lines;
  place record;
  r record;
  missing int;
  take int;
begin
  select * into l from order_lines where id = p_line;
  if l.reserved + l.short > p_open then
    missing := l.reserved + l.short - p_open;
    take := least(missing, l.short);
    update order_lines set short = short - take where id = p_line;
    missing := missing - take;
    for r in select id, quantity from reservations where order_line_id = p_line and state = 'open' order by id desc loop
      exit when missing = 0;
      take := least(missing, r.quantity);
      perform stock_unpromise(r.id, take, 'release', cmd);
      update order_lines set reserved = reserved - take where id = p_line;
      missing := missing - take;
    end loop;
  elsif l.reserved + l.short < p_open then
    missing := p_open - l.reserved - l.short;
    if l.variant_id is not null then
      for place in
        select b.location_id, x.free from channel_locations c
        join balances b on b.location_id = c.location_id and b.variant_id = l.variant_id
        join locations p on p.id = c.location_id and p.active
        cross join lateral (values (1, b.on_hand - b.reserved - b.unavailable - b.safety_stock), (2, least(b.safety_stock, b.on_hand - b.reserved - b.unavailable))) x(round, free)
        where c.channel_id = p_channel and c.valid_to is null and x.free > 0
        -- One location that has all of it is better than a split; then the channel's own order of preference.
        order by x.round, (x.free >= missing) desc, c.position
      loop
        exit when missing = 0;
        take := least(missing, place.free);
        perform stock_promise(l.variant_id, place.location_id, take, 'order:' || l.order_id, 0, p_line, p_channel, null, cmd);
        update order_lines set reserved = reserved + take where id = p_line;
        missing := missing - take;
      end loop;
    end if;
    if missing > 0 then
      update order_lines set short = short + missing,
        short_cause = coalesce(short_cause, case when l.variant_id is null then 'unmatched' else p_cause end) where id = p_line;
    end if;
  end if;
end $$;

-- Hands over `p_units` more units of a line: promised ones first. Units that were short left all the same if the platform says so:
-- from where there are some, else they are found first, visibly.
create or replace function order_line_ship(p_line bigint, p_units int, p_channel bigint, cmd jsonb) returns void language plpgsql as $$
declare
  l order_lines;
  r record;
  place bigint;
  b balances;
  missing int := p_units;
  take int;
begin
  for r in select id, quantity from reservations where order_line_id = p_line and state = 'open' order by id loop
    exit when missing = 0;
    take := least(missing, r.quantity);
    perform stock_unpromise(r.id, take, 'settle', cmd);
    update order_lines set reserved = reserved - take, shipped = shipped + take where id = p_line;
    missing := missing - take;
  end loop;
  if missing > 0 then
    select * into l from order_lines where id = p_line;
    update order_lines set short = greatest(short - missing, 0), shipped = shipped + missing where id = p_line;
    if l.variant_id is not null then
      select c.location_id into place from channel_locations c
      left join balances x on x.location_id = c.location_id and x.variant_id = l.variant_id
      where c.channel_id = p_channel and c.valid_to is null
      order by coalesce(x.on_hand - x.reserved - x.unavailable, 0) desc, c.position limit 1;
      if place is not null then
        select * into b from balances where variant_id = l.variant_id and location_id = place;
        if coalesce(b.on_hand - b.reserved - b.unavailable, 0) < missing then
          perform stock_post(l.variant_id, place, 'adjust', missing - coalesce(b.on_hand - b.reserved - b.unavailable, 0), 0, cmd, p_line, null,
            'shipped, though not on the books');
        end if;
        perform stock_post(l.variant_id, place, 'ship', -missing, 0, cmd, p_line);
      end if;
    end if;
  end if;
end $$;

-- Takes back units to the location that they left from (else the channel's first).
create or replace function order_line_return(p_line bigint, p_units int, p_channel bigint, cmd jsonb) returns void language plpgsql as $$
declare
  variant bigint;
  place bigint;
begin
  update order_lines set returned = returned + p_units where id = p_line returning variant_id into variant;
  if variant is null then
    return;
  end if;
  select location_id into place from movements
  where order_line_id = p_line and kind in ('settle', 'ship') order by recorded_at desc, id desc limit 1;
  if place is null then
    select location_id into place from channel_locations where channel_id = p_channel and valid_to is null order by position limit 1;
  end if;
  if place is not null then
    perform stock_post(variant, place, 'return', p_units, 0, cmd, p_line);
    perform stock_fill_shorts(variant, cmd);
  end if;
end $$;

-- Our SKU behind a sold line: the matched listing by the platform's id, then by its SKU within the account, then our own SKU of that name.
create or replace function order_line_match(p_channel bigint, p_account bigint, p_ref text, p_sku text)
returns table (listing_id bigint, variant_id bigint) language sql stable as $$
  select l.id, l.variant_id from (
    select id, variant_id, 1 as rank from listings where channel_id = p_channel and external_id = p_ref and p_ref is not null
    union all
    select id, variant_id, case when channel_id = p_channel then 2 else 3 end from listings where account_id = p_account and external_sku = p_sku
    union all
    select null, id, 4 from variants where sku = p_sku
  ) l order by (l.variant_id is null), l.rank limit 1
$$;

-- What the platform's own counter did because of its orders, applied to our model of what it shows. deltas: [{listing, units, placedAt}].
-- Units that a read had found missing before we knew of the order (withheld) are that order: they change nothing twice.
-- An order placed before our last write took effect may have been overwritten by it: the platform is looked at again.
create or replace function publication_own_orders(deltas jsonb, cmd jsonb) returns void language plpgsql as $$
declare
  d record;
  p publications;
  from_withheld int;
begin
  for d in
    select stock.listing_id, sum(x.units)::int as units, min(x.placed) as placed
    from (select (e->>'listing')::bigint as listing_id, (e->>'units')::int as units, (e->>'placedAt')::timestamptz as placed
      from jsonb_array_elements(deltas) e) x
    join listings sold on sold.id = x.listing_id
    join listings twin on twin.account_id = sold.account_id and twin.external_sku = sold.external_sku
    join publications stock on stock.listing_id = twin.id and stock.field = 'stock'
    group by stock.listing_id having sum(x.units) <> 0 order by stock.listing_id
  loop
    select * into p from publications where listing_id = d.listing_id and field = 'stock' for update;
    continue when p.expected is null;
    from_withheld := greatest(least(p.withheld, d.units), 0);
    update publications set
      withheld = withheld - from_withheld,
      expected = greatest(expected - (d.units - from_withheld), 0),
      own_orders = own_orders + 1,
      check_at = case
        when d.units < 0 or expected < d.units - from_withheld
          or d.placed <= coalesce(greatest(sent_at, accepted_at, applied_at), '-infinity') + interval '5 seconds'
        then least(coalesce(check_at, 'infinity'), command_now(cmd) + interval '1 second') else check_at end
    where listing_id = d.listing_id and field = 'stock';
    insert into publication_history (listing_id, field, event, value, why)
    values (d.listing_id, 'stock', 'order', jsonb_build_object('quantity', greatest(p.expected - (d.units - from_withheld), 0)),
      jsonb_build_object('units', d.units, 'alreadySeen', from_withheld));
  end loop;
end $$;

-- Books orders as channels state them. Each: {accountId, channelRef, externalId, number, stamp, hash, fresh, effect, platformState, currency, total, placedAt,
-- sealedKey, sealedBody (base64 or null), lines: [{externalLineId, listingRef, sku, title, ordered, cancelled, shipped, returned, unitPrice}]}.
-- Answers an array: {externalId, outcome, orderId, short, unmatched}, outcome one of booked, updated, exists, stale, reread, unknown_channel.
create or replace function orders_book_1(p_orders jsonb, cmd jsonb) returns jsonb language plpgsql as $$
declare
  doc jsonb;
  channel bigint;
  variant_ids bigint[];
  answers jsonb := '[]';
  one jsonb;
  touched bigint[] := '{}';
  deltas jsonb := '[]';
  v bigint;
begin
  -- Rows of orders first, in one fixed order, so that two messages about one order queue up here.
  insert into orders (channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, placed_at)
  select distinct on (c.id, o->>'externalId') c.id, o->>'externalId', o->>'number', 'received', o->>'platformState', '-infinity', '', o->>'currency', (o->>'placedAt')::timestamptz
  from jsonb_array_elements(p_orders) o
  join channels c on c.account_id = (o->>'accountId')::bigint and c.external_ref = o->>'channelRef'
  order by 1, 2
  on conflict (channel_id, external_id) do nothing;
  perform 1 from orders o
  join (select distinct c.id as channel_id, e->>'externalId' as external_id from jsonb_array_elements(p_orders) e
    join channels c on c.account_id = (e->>'accountId')::bigint and c.external_ref = e->>'channelRef') x
    on x.channel_id = o.channel_id and x.external_id = o.external_id
  order by o.channel_id, o.external_id for no key update of o;

  select coalesce(array_agg(distinct m.variant_id) filter (where m.variant_id is not null), '{}') into variant_ids from (
    select m.variant_id from jsonb_array_elements(p_orders) o
    join channels c on c.account_id = (o->>'accountId')::bigint and c.external_ref = o->>'channelRef'
    cross join jsonb_array_elements(o->'lines') l
    cross join lateral order_line_match(c.id, c.account_id, l->>'listingRef', l->>'sku') m
    union all
    select l.variant_id from jsonb_array_elements(p_orders) o
    join channels c on c.account_id = (o->>'accountId')::bigint and c.external_ref = o->>'channelRef'
    join orders x on x.channel_id = c.id and x.external_id = o->>'externalId'
    join order_lines l on l.order_id = x.id
  ) m;
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);

  for doc in select o from jsonb_array_elements(p_orders) with ordinality x(o, ord) order by ord loop
    select id into channel from channels where account_id = (doc->>'accountId')::bigint and external_ref = doc->>'channelRef';
    if channel is null then
      one := jsonb_build_object('externalId', doc->>'externalId', 'outcome', 'unknown_channel');
    else
      one := order_book_one_1(doc, channel, cmd);
      deltas := deltas || coalesce(one->'deltas', '[]');
      touched := touched || array(select t::bigint from jsonb_array_elements_text(coalesce(one->'touched', '[]')) t);
    end if;
    answers := answers || jsonb_build_array(one - 'deltas' - 'touched');
  end loop;

  if jsonb_array_length(deltas) > 0 then
    perform publication_own_orders(deltas, cmd);
  end if;
  if cardinality(touched) > 0 then
    foreach v in array (select array_agg(distinct t order by t) from unnest(touched) t) loop
      perform stock_fill_shorts(v, cmd);
    end loop;
    perform stock_changed(touched);
  end if;
  return answers;
end $$;

create or replace function order_book_one_1(doc jsonb, p_channel bigint, cmd jsonb) returns jsonb language plpgsql as $$
declare
  o orders;
  was_new boolean;
  item record;
  m record;
  l order_lines;
  effect text := doc->>'effect';
  ours boolean;
  ordered int;
  cancelled int;
  shipped int;
  counted int;
  deltas jsonb := '[]';
  touched bigint[] := '{}';
  unmatched jsonb := '[]';
  shorts int := 0;
  seen bigint[] := '{}';
begin
  select * into o from orders where channel_id = p_channel and external_id = doc->>'externalId';
  was_new := o.content_hash = '';
  if not was_new then
    -- What an earlier message did not tell is taken from this one, whatever its age.
    update orders set total = coalesce(total, (doc->>'total')::numeric) where id = o.id and total is null and doc->>'total' is not null;
    if (doc->>'stamp')::timestamptz < o.stamp then
      return jsonb_build_object('externalId', o.external_id, 'outcome', 'stale', 'orderId', o.id);
    end if;
    if (doc->>'stamp')::timestamptz = o.stamp and doc->>'hash' = o.content_hash
      and not exists (select from order_lines where order_id = o.id and variant_id is null) then
      perform order_keep_person(o.id, doc);
      return jsonb_build_object('externalId', o.external_id, 'outcome', 'exists', 'orderId', o.id);
    end if;
    if (doc->>'stamp')::timestamptz = o.stamp and doc->>'hash' <> o.content_hash and not coalesce((doc->>'fresh')::boolean, false) then
      return jsonb_build_object('externalId', o.external_id, 'outcome', 'reread', 'orderId', o.id);
    end if;
  end if;
  -- What we cancelled ourselves stays cancelled while the platform has not taken notice.
  ours := exists (select from acts where order_id = o.id and kind = 'cancel' and state <> 'refused');

  for item in
    select x->>'externalLineId' as line_id, x->>'listingRef' as ref, x->>'sku' as sku, x->>'title' as title,
      (x->>'ordered')::int as ordered, (x->>'cancelled')::int as cancelled, (x->>'shipped')::int as shipped,
      (x->>'returned')::int as returned, (x->>'unitPrice')::numeric as unit_price
    from jsonb_array_elements(doc->'lines') with ordinality e(x, ord) order by ord
  loop
    select * into m from order_line_match(p_channel, (doc->>'accountId')::bigint, item.ref, item.sku);
    insert into order_lines (order_id, external_line_id, variant_id, listing_id, sku, title, unit_price, ordered)
    values (o.id, item.line_id, m.variant_id, m.listing_id, item.sku, item.title, item.unit_price, item.ordered)
    on conflict (order_id, external_line_id) do update set
      variant_id = coalesce(order_lines.variant_id, excluded.variant_id), listing_id = coalesce(order_lines.listing_id, excluded.listing_id),
      unit_price = coalesce(excluded.unit_price, order_lines.unit_price)
    returning * into l;
    seen := seen || l.id;
    if l.variant_id is null then
      unmatched := unmatched || to_jsonb(item.sku);
    else
      touched := touched || l.variant_id;
      -- A line that was waiting for its match holds shorts that nobody could fill: they are asked for anew below.
      if l.short > 0 and l.short_cause = 'unmatched' then
        update order_lines set short = 0, short_cause = null where id = l.id;
      end if;
    end if;

    shipped := case effect when 'settle' then item.ordered - item.cancelled else item.shipped end;
    shipped := greatest(l.shipped, shipped);
    cancelled := case effect when 'cancel' then item.ordered - shipped else item.cancelled end;
    if ours then
      cancelled := greatest(l.cancelled, cancelled);
    end if;
    ordered := greatest(item.ordered, shipped + cancelled);
    if effect in ('ignore', 'foreign') then
      -- Nothing is promised: unpaid, or shipped from stock that the platform holds.
      update order_lines set ordered = order_book_one_1.ordered where id = l.id;
      perform order_line_open(l.id, 0, p_channel, null, cmd);
      counted := 0;
      if effect = 'foreign' then
        update order_lines set shipped = greatest(order_lines.shipped, item.shipped), cancelled = least(item.cancelled, item.ordered - item.shipped) where id = l.id;
      end if;
    else
      -- In this order, so that the line's sum never exceeds what was ordered.
      if ordered > l.ordered then
        update order_lines set ordered = order_book_one_1.ordered where id = l.id;
      end if;
      if cancelled < l.cancelled then
        update order_lines set cancelled = order_book_one_1.cancelled where id = l.id;
      end if;
      if shipped > l.shipped then
        perform order_line_ship(l.id, least(shipped - l.shipped, l.reserved), p_channel, cmd);
        perform order_line_open(l.id, greatest(ordered - shipped - cancelled, 0), p_channel, 'over_available', cmd);
        select order_lines.shipped into l.shipped from order_lines where id = l.id;
        if shipped > l.shipped then
          perform order_line_ship(l.id, shipped - l.shipped, p_channel, cmd);
        end if;
      end if;
      perform order_line_open(l.id, greatest(ordered - shipped - cancelled, 0), p_channel, 'over_available', cmd);
      update order_lines set cancelled = order_book_one_1.cancelled, ordered = order_book_one_1.ordered where id = l.id;
      if item.returned > l.returned then
        perform order_line_return(l.id, least(item.returned, shipped) - l.returned, p_channel, cmd);
      end if;
      counted := greatest(item.ordered - case effect when 'cancel' then item.ordered - shipped else item.cancelled end - item.returned, 0);
    end if;
    select * into l from order_lines where id = l.id;
    if counted <> l.counted then
      if l.listing_id is not null then
        deltas := deltas || jsonb_build_array(jsonb_build_object('listing', l.listing_id, 'units', counted - l.counted, 'placedAt',
          case when was_new then doc->>'placedAt' else doc->>'stamp' end));
      end if;
      update order_lines set counted = order_book_one_1.counted where id = l.id;
    end if;
    shorts := shorts + l.short;
  end loop;

  -- Lines that the platform no longer has were edited away.
  for l in select * from order_lines where order_id = o.id and not (id = any(seen)) and order_lines.ordered > order_lines.shipped + order_lines.cancelled loop
    perform order_line_open(l.id, 0, p_channel, null, cmd);
    update order_lines set cancelled = order_lines.ordered - order_lines.shipped, counted = order_lines.shipped where id = l.id;
    if l.variant_id is not null then
      touched := touched || l.variant_id;
    end if;
    if l.listing_id is not null and l.counted > l.shipped then
      deltas := deltas || jsonb_build_array(jsonb_build_object('listing', l.listing_id, 'units', l.shipped - l.counted, 'placedAt', doc->>'stamp'));
    end if;
  end loop;

  update orders set
    state = case
      when effect = 'ignore' then 'received' when effect = 'foreign' then 'foreign'
      when not exists (select from order_lines x where x.order_id = o.id and x.reserved + x.short > 0)
        then case when exists (select from order_lines x where x.order_id = o.id and x.shipped > 0) then 'fulfilled' else 'cancelled' end
      else 'accepted' end,
    platform_state = doc->>'platformState', stamp = (doc->>'stamp')::timestamptz, content_hash = doc->>'hash', number = doc->>'number',
    currency = doc->>'currency', total = coalesce((doc->>'total')::numeric, total), updated_at = clock_timestamp()
  where id = o.id;
  perform order_keep_person(o.id, doc);
  insert into change (kind, ref_id, channel_id) values ('order', o.id, p_channel);
  return jsonb_build_object('externalId', o.external_id, 'outcome', case when was_new then 'booked' else 'updated' end, 'orderId', o.id,
    'short', shorts, 'unmatched', unmatched, 'deltas', deltas, 'touched', to_jsonb(touched));
end $$;

-- Personal data, once it is told; the newest sealed text replaces an older one.
create or replace function order_keep_person(p_order bigint, doc jsonb) returns void language sql as $$
  insert into order_people (order_id, sealed_key, sealed_body)
  select p_order, decode(doc->>'sealedKey', 'base64'), decode(doc->>'sealedBody', 'base64') where doc->>'sealedBody' is not null
  on conflict (order_id) do update set sealed_key = excluded.sealed_key, sealed_body = excluded.sealed_body
$$;

-- We ship: promised units leave, and an act tells the platform. cmd: orderId, lines [{lineId, quantity}] (all open ones when absent), tracking {carrier, number, url?}.
-- Answers {"outcome": "shipped", "act", "lines"}, unknown, nothing_open, or not_reserved {lineId, asked, reserved}.
create or replace function order_ship_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  item record;
  sent jsonb := '[]';
  variant_ids bigint[];
  act bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId'));
  end if;
  select array_agg(distinct variant_id) into variant_ids from order_lines where order_id = o.id and variant_id is not null;
  perform stock_lock(coalesce(variant_ids, '{}'));
  for item in
    select l.id, l.external_line_id, l.reserved, coalesce((x->>'quantity')::int, l.reserved) as quantity
    from order_lines l left join jsonb_array_elements(cmd->'lines') x on (x->>'lineId')::bigint = l.id
    where l.order_id = o.id and (cmd->'lines' is null or x is not null) order by l.id
  loop
    continue when item.quantity = 0;
    if item.quantity > item.reserved then
      return command_open(cmd, jsonb_build_object('outcome', 'not_reserved', 'lineId', item.id, 'asked', item.quantity, 'reserved', item.reserved));
    end if;
    sent := sent || jsonb_build_array(jsonb_build_object('lineId', item.id, 'externalLineId', item.external_line_id, 'quantity', item.quantity));
  end loop;
  if jsonb_array_length(sent) = 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'nothing_open', 'state', o.state));
  end if;
  for item in select (x->>'lineId')::bigint as id, (x->>'quantity')::int as quantity from jsonb_array_elements(sent) x loop
    perform order_line_ship(item.id, item.quantity, o.channel_id, cmd);
  end loop;
  insert into acts (account_id, channel_id, order_id, kind, key, body, actor)
  select c.account_id, c.id, o.id, 'ship', 'ship-' || o.id || '-' || gen_random_uuid(),
    jsonb_build_object('lines', sent, 'tracking', cmd->'tracking'), coalesce(cmd->>'actor', 'system')
  from channels c where c.id = o.channel_id returning id into act;
  update orders set state = case when exists (select from order_lines where order_id = o.id and reserved + short > 0) then 'accepted' else 'fulfilled' end,
    updated_at = clock_timestamp() where id = o.id;
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  insert into change (kind, ref_id, account_id) select 'act', act, account_id from acts where id = act;
  perform stock_changed(coalesce(variant_ids, '{}'));
  return command_done(cmd, jsonb_build_object('outcome', 'shipped', 'act', act, 'lines', sent));
end $$;

-- We cancel what is still open: promises are free again, and an act tells the platform. cmd: orderId, lines [{lineId, quantity}] or all, reason.
create or replace function order_cancel_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  item record;
  ended jsonb := '[]';
  variant_ids bigint[];
  act bigint;
  v bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId'));
  end if;
  select array_agg(distinct variant_id) into variant_ids from order_lines where order_id = o.id and variant_id is not null;
  perform stock_lock(coalesce(variant_ids, '{}'));
  for item in
    select l.id, l.external_line_id, l.reserved + l.short as open, coalesce((x->>'quantity')::int, l.reserved + l.short) as quantity
    from order_lines l left join jsonb_array_elements(cmd->'lines') x on (x->>'lineId')::bigint = l.id
    where l.order_id = o.id and (cmd->'lines' is null or x is not null) order by l.id
  loop
    continue when item.quantity <= 0 or item.open = 0;
    perform order_line_open(item.id, greatest(item.open - item.quantity, 0), o.channel_id, null, cmd);
    update order_lines set cancelled = cancelled + least(item.quantity, item.open) where id = item.id;
    ended := ended || jsonb_build_array(jsonb_build_object('lineId', item.id, 'externalLineId', item.external_line_id, 'quantity', least(item.quantity, item.open)));
  end loop;
  if jsonb_array_length(ended) = 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'nothing_open', 'state', o.state));
  end if;
  insert into acts (account_id, channel_id, order_id, kind, key, body, actor)
  select c.account_id, c.id, o.id, 'cancel', 'cancel-' || o.id || '-' || gen_random_uuid(),
    jsonb_build_object('lines', ended, 'reason', cmd->>'reason'), coalesce(cmd->>'actor', 'system')
  from channels c where c.id = o.channel_id returning id into act;
  update orders set state = case
      when exists (select from order_lines where order_id = o.id and reserved + short > 0) then 'accepted'
      when exists (select from order_lines where order_id = o.id and shipped > 0) then 'fulfilled' else 'cancelled' end,
    updated_at = clock_timestamp() where id = o.id;
  foreach v in array coalesce(variant_ids, '{}') loop
    perform stock_fill_shorts(v, cmd);
  end loop;
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  insert into change (kind, ref_id, account_id) select 'act', act, account_id from acts where id = act;
  perform stock_changed(coalesce(variant_ids, '{}'));
  return command_done(cmd, jsonb_build_object('outcome', 'cancelled', 'act', act, 'lines', ended));
end $$;
