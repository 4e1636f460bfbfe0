-- Booking what is plainly there: the same decision as orders_book_1 for nearly all new orders, as sets instead of line by line.

-- Takes the orders that orders_book_1 takes. Plain is an order that was never here, asks only to be promised stock that is sent, and is held for nothing, and of whose SKUs (no bundle, no part of one, no
-- lots, no promise or hold whose time is over) the first location of the channel's pool that has units for one of these orders has them for all.
-- Answers an array: what orders_book_1 would for a plain order, null for any other one, of which nothing is written: it is to be asked about those.
-- cmd.routes: [{channelId, locationId, workOn?, readyBy?, deliverBy?}], channels that sell from that one location: their plain orders need no choice and are routed in this statement,
-- as fulfilment_route_plain_1 would next, but without locking and writing everything twice.
-- Locks as orders_book_1 does: rows of orders, variants, publications.
-- Planned once, perhaps while its tables were still empty: so it, and the checks of foreign keys that it sets off, never read a table through.
create or replace function orders_book_plain_1(p_orders jsonb, cmd jsonb) returns jsonb language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  now_at timestamptz := command_now(cmd);
  who text := coalesce(cmd->>'actor', 'system');
  -- One element for each order that may be plain, without its lines.
  d_doc int[];
  d_channel bigint[];
  d_told jsonb[];
  -- One for each of their lines, in their order; without an order where it was here before.
  l_doc int[];
  l_told jsonb[];
  l_channel bigint[];
  l_listing bigint[];
  l_variant bigint[];
  l_order bigint[];
  l_units int[];
  l_location bigint[];
  -- One for each route.
  r_channel bigint[];
  r_location bigint[];
  r_code text[];
  r_told jsonb[];
  odd int[];
  answers jsonb;
  deltas jsonb;
begin
  select coalesce(array_agg(channel), '{}'), array_agg(p.id), array_agg(p.code), array_agg(told) into r_channel, r_location, r_code, r_told
  from (select (r->>'channelId')::bigint as channel, (r->>'locationId')::bigint as location, r as told from jsonb_array_elements(cmd->'routes') r) r
  join locations p on p.id = r.location;

  with doc as (
    select o, ord::int, o->'lines' as lines, c.id as channel, c.account_id from jsonb_array_elements(p_orders) with ordinality x(o, ord)
    join channels c on c.account_id = (o->>'accountId')::bigint and c.external_ref = o->>'channelRef'
    where o->>'effect' = 'reserve' and o->>'basket' is null and jsonb_array_length(o->'lines') > 0
      and not exists (select from order_hold_causes(c.id, o))
  ), line as (
    select d.ord, n::int, d.channel, l as told, m.listing_id, m.variant_id,
      (l->>'cancelled')::int = 0 and (l->>'shipped')::int = 0 and (l->>'returned')::int = 0 and not l ? 'collectAt' as is_open
    from doc d cross join lateral jsonb_array_elements(d.lines) with ordinality x(l, n)
    -- Nearly all are matched by the platform's id, which comes first.
    left join lateral (
      select x.id as listing_id, x.variant_id from listings x where x.channel_id = d.channel and x.external_id = l->>'listingRef' and x.variant_id is not null
      union all
      select o.listing_id, o.variant_id from order_line_match(d.channel, d.account_id, l->>'listingRef', l->>'sku') o
      limit 1) m on true
  ), plain as (
    -- Of an order that is told twice, the first one.
    select min(ord) as ord from doc group by channel, o->>'externalId'
    intersect select ord from line group by ord having bool_and(is_open and variant_id is not null)
  ), docs as (
    select array_agg(ord order by ord) as ords, array_agg(channel order by ord) as channels, array_agg(o - 'lines' order by ord) as tolds from doc where ord in (select ord from plain)
  ), lines as (
    select array_agg(ord order by ord, n) as ords, array_agg(told order by ord, n) as tolds, array_agg(channel order by ord, n) as channels,
      array_agg(listing_id order by ord, n) as listings, array_agg(variant_id order by ord, n) as variants, array_agg((told->>'ordered')::int order by ord, n) as units
    from line where ord in (select ord from plain)
  )
  select d.ords, d.channels, d.tolds, l.ords, l.tolds, l.channels, l.listings, l.variants, l.units
  into d_doc, d_channel, d_told, l_doc, l_told, l_channel, l_listing, l_variant, l_units from docs d, lines l;
  if l_doc is null then
    return (select jsonb_agg(null::jsonb) from jsonb_array_elements(p_orders));
  end if;

  with made as (
    insert into orders (channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, total, amounts, placed_at, ship_by)
    select channel, o->>'externalId', o->>'number', case when channel = any(r_channel) then 'routed' else 'accepted' end, o->>'platformState', (o->>'stamp')::timestamptz,
      o->>'hash', o->>'currency', (o->>'total')::numeric, o->'amounts', (o->>'placedAt')::timestamptz, (o->>'shipBy')::timestamptz
    from unnest(d_channel, d_told) d(channel, o) order by 1, 2 on conflict (channel_id, external_id) do nothing returning id, channel_id, external_id
  ), found as (
    select d.doc, m.id from unnest(d_doc, d_channel, d_told) d(doc, channel, o) join made m on m.channel_id = d.channel and m.external_id = d.o->>'externalId'
  )
  select array_agg(m.id order by l.n) into l_order from unnest(l_doc) with ordinality l(doc, n) left join found m on m.doc = l.doc;

  perform stock_lock(l_variant);

  -- From here on nobody else moves this stock. What keeps an order from being plain:
  with line as (
    select l.* from unnest(l_doc, l_channel, l_listing, l_variant, l_order, l_units) with ordinality l(doc, channel, listing, variant, order_id, units, n)
  ), sold as (
    select variant, channel, sum(units) as units, min(units) as least from line group by variant, channel
  ), place as materialized (
    select s.*, c.location_id, c.fit from sold s
    left join lateral (
      select c.location_id, b.on_hand - b.reserved - b.unavailable - b.safety_stock as fit from channel_locations c join locations p on p.id = c.location_id and p.active
      join balances b on b.location_id = c.location_id and b.variant_id = s.variant
      where c.channel_id = s.channel and c.valid_to is null and b.on_hand - b.reserved - b.unavailable - b.safety_stock >= s.least
      order by c.position limit 1) c on true
  ), scarce as (
    -- Two channels may draw on one location.
    select variant from place group by variant, location_id having sum(units) > coalesce(min(fit), 0)
    union select id from variants where id = any(l_variant) and (family is not null or lot_tracked)
    union select variant_id from reservations where state = 'open' and expires_at <= now_at and variant_id = any(l_variant)
  )
  -- What fits all of them fits each: no place before it has as much as the smallest.
  select array_agg(p.location_id order by l.n), coalesce(array_agg(distinct l.doc) filter (where l.order_id is null or l.variant in (select variant from scarce)
    or p.location_id <> r.location
    -- What is sold may have become another SKU while we waited.
    or l.listing is not null and not exists (select from listings x where x.id = l.listing and x.variant_id = l.variant)), '{}')
  into l_location, odd
  from line l join place p on p.variant = l.variant and p.channel = l.channel left join unnest(r_channel, r_location) r(channel, location) on r.channel = l.channel;
  if cardinality(odd) > 0 then
    delete from orders where id in (select x.id from unnest(l_doc, l_order) x(doc, id) where x.doc = any(odd));
  end if;

  with line as materialized (
    select l.*, nextval('order_lines_id_seq') as id, nextval('reservations_id_seq') as reservation
    from unnest(l_doc, l_told, l_channel, l_listing, l_variant, l_order, l_units, l_location) with ordinality l(doc, told, channel, listing, variant, order_id, units, location, n)
    where not l.doc = any(odd)
  ), doc as materialized (
    select d.doc, d.channel, d.o, l.order_id, r.location, r.code, r.told, case when r.channel is not null then nextval('fulfilment_groups_id_seq') end as group_id,
      case when r.channel is not null then nextval('routing_decisions_id_seq') end as decision
    from unnest(d_doc, d_channel, d_told) d(doc, channel, o) join (select distinct doc, order_id from line) l on l.doc = d.doc
    left join unnest(r_channel, r_location, r_code, r_told) r(channel, location, code, told) on r.channel = d.channel
  ), lines as (
    insert into order_lines (id, order_id, external_line_id, variant_id, listing_id, sku, title, unit_price, ordered, reserved, counted) overriding system value
    select id, order_id, told->>'externalLineId', variant, listing, told->>'sku', told->>'title', (told->>'unitPrice')::numeric, units, units, units from line order by n
  ), kept as (
    insert into reservations (id, basket, line_no, order_line_id, channel_id, variant_id, location_id, quantity, asked, actor) overriding system value
    select reservation, 'order:' || order_id, 0, id, channel, variant, location, units, units, who from line order by n
  ), noted as (
    insert into movements (variant_id, location_id, kind, reserved, order_line_id, reservation_id, command_scope, command_key, actor, occurred_at)
    select variant, location, 'reserve', units, id, reservation, cmd->>'scope', cmd->>'key', who, coalesce((cmd->>'occurred_at')::timestamptz, now_at) from line order by n
  ), moved as (
    update balances b set reserved = b.reserved + c.units, updated_at = clock_timestamp()
    from (select variant, location, sum(units)::int as units from line group by 1, 2) c where b.variant_id = c.variant and b.location_id = c.location
  ), people as (
    insert into order_people (order_id, sealed_key, sealed_body, buyer_mark)
    select order_id, decode(o->>'sealedKey', 'base64'), decode(o->>'sealedBody', 'base64'), decode(o->>'buyerMark', 'base64') from doc where o->>'sealedBody' is not null
  ), grouped as (
    insert into fulfilment_groups (id, order_id, location_id, method, ready_by, deliver_by, work_on, actor) overriding system value
    select group_id, order_id, location, 'ship', (told->>'readyBy')::timestamptz, (told->>'deliverBy')::timestamptz, (told->>'workOn')::date, 'routing'
    from doc where group_id is not null order by group_id
  ), filled as (
    insert into fulfilment_lines (group_id, order_line_id, assigned)
    select d.group_id, l.id, l.units from line l join doc d on d.doc = l.doc where d.group_id is not null order by l.n
  ), decided as (
    insert into routing_decisions (id, order_id, outcome, group_ids, body, actor) overriding system value
    select decision, order_id, 'routed', array[group_id], jsonb_build_object('only', code), 'routing' from doc where group_id is not null order by decision
  ), begun as (
    insert into order_events (order_id, transition, from_state, to_state, detail, actor)
    select order_id, 'book', null, 'accepted', jsonb_build_object('platformState', o->>'platformState'), who from doc
    union all
    select order_id, 'route', 'accepted', 'routed', jsonb_build_object('groups', jsonb_build_array(group_id), 'decision', decision), 'routing' from doc where group_id is not null
    order by 1, 3 nulls first
  ), told as (
    insert into change (kind, ref_id, channel_id, variant_id)
    select 'order', order_id, channel, null from doc
    union all select 'stock', null, null, variant from (select distinct variant from line order by 1) x
  )
  select (select jsonb_agg(x.answer order by d.ord) from generate_series(1, jsonb_array_length(p_orders)) d(ord)
      left join (
        select doc, jsonb_build_object('externalId', o->>'externalId', 'outcome', 'booked', 'orderId', order_id, 'short', 0, 'unmatched', '[]'::jsonb) as answer from doc
      ) x on x.doc = d.ord),
    (select jsonb_agg(jsonb_build_object('listing', l.listing, 'units', l.units, 'placedAt', d.o->>'placedAt') order by l.n)
      from line l join doc d on d.doc = l.doc where l.listing is not null)
  into answers, deltas;
  if deltas is not null then
    perform publication_own_orders(deltas, cmd);
  end if;
  return answers;
end $$;
