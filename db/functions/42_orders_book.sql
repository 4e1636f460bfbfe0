-- Booking what channels sold. An order arrives as its whole present state and is brought to it; the same state twice changes nothing.

-- The variants that booking may touch: what is sold and was sold, parts of bundles, and what a hold that is taken over keeps.
create or replace function orders_book_variants(p_orders jsonb, order_ids bigint[]) returns bigint[] language sql stable as $$
  with named as (
    select m.variant_id from jsonb_array_elements(p_orders) o
    join channels c on c.account_id = (o->>'accountId')::bigint and c.external_ref = o->>'channelRef'
    cross join jsonb_array_elements(o->'lines') l
    cross join lateral order_line_match(c.id, c.account_id, l->>'listingRef', l->>'sku') m
    union all
    select l.variant_id from order_lines l where l.order_id = any(order_ids)
    union all
    select p.variant_id from order_lines l
    cross join lateral (select variant_id from order_line_parts where order_line_id = l.id offset 0) p where l.order_id = any(order_ids)
    union all
    -- A hold that an order takes over may be of parts that its bundle has no longer.
    select r.variant_id from jsonb_array_elements(p_orders) o
    cross join lateral (select variant_id from reservations where basket = o->>'basket' offset 0) r
  )
  -- A bundle is made of its parts: holds and lots of those may be over, too.
  select coalesce(array_agg(x.id order by x.id), '{}') from (
    select variant_id as id from named where variant_id is not null
    union
    select f.part_id from bundle_flat f where f.bundle_id in (select variant_id from named)) x
$$;

-- Books orders as channels state them. Each: {accountId, channelRef, externalId, number, stamp, hash, fresh, effect, platformState, currency, total, amounts?, placedAt, shipBy?,
-- sealedKey, sealedBody (base64 or null), basket? (a hold that the order takes over), lines: [{externalLineId, listingRef, sku, title, ordered, cancelled, shipped, returned, unitPrice}]}.
-- Answers an array: {externalId, outcome, orderId, short, unmatched}, outcome one of booked, updated, exists, stale, reread, unknown_channel.
create or replace function orders_book_1(p_orders jsonb, cmd jsonb) returns jsonb language plpgsql as $$
declare
  doc jsonb;
  channel bigint;
  order_ids bigint[];
  variant_ids bigint[];
  locked bigint[] := '{}';
  answers jsonb := '[]';
  one jsonb;
  touched bigint[] := '{}';
  deltas jsonb := '[]';
begin
  -- Rows of orders first, in one fixed order, so that two messages about one order queue up here.
  insert into orders (channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, placed_at)
  select distinct on (c.id, o->>'externalId') c.id, o->>'externalId', o->>'number', 'received', o->>'platformState', '-infinity', '', o->>'currency', (o->>'placedAt')::timestamptz
  from jsonb_array_elements(p_orders) o
  join channels c on c.account_id = (o->>'accountId')::bigint and c.external_ref = o->>'channelRef'
  -- Somebody else's without a line tells that a known order went to another channel of the account; of one that never was here it tells nothing.
  where o->>'effect' <> 'foreign' or jsonb_array_length(o->'lines') > 0
  order by 1, 2
  on conflict (channel_id, external_id) do nothing;
  -- Each order is looked up by itself: as a join, on a table that was never analyzed, all orders of the channel were read for each of these.
  select coalesce(array_agg(x.id), '{}') into order_ids from jsonb_array_elements(p_orders) e
  join channels c on c.account_id = (e->>'accountId')::bigint and c.external_ref = e->>'channelRef'
  cross join lateral (select o.id from orders o where o.channel_id = c.id and o.external_id = e->>'externalId' limit 1) x;
  perform 1 from orders where id = any(order_ids) order by id for no key update;

  loop
    variant_ids := orders_book_variants(p_orders, order_ids) || locked;
    exit when variant_ids <@ locked;
    -- What is sold may have become another SKU while we waited.
    perform stock_lock(variant_ids);
    locked := variant_ids;
  end loop;
  perform stock_expire(variant_ids, cmd);

  for doc in select o from jsonb_array_elements(p_orders) with ordinality x(o, ord) order by ord loop
    select id into channel from channels where account_id = (doc->>'accountId')::bigint and external_ref = doc->>'channelRef';
    if channel is null then
      one := jsonb_build_object('externalId', doc->>'externalId', 'outcome', 'unknown_channel');
    elsif doc->>'effect' = 'foreign' and jsonb_array_length(doc->'lines') = 0
      and not exists (select from orders o where o.channel_id = channel and o.external_id = doc->>'externalId') then
      one := jsonb_build_object('externalId', doc->>'externalId', 'outcome', 'exists');
    else
      one := order_book_one_1(doc, channel, cmd);
      deltas := deltas || coalesce(one->'deltas', '[]');
      touched := touched || array(select t::bigint from jsonb_array_elements_text(coalesce(one->'touched', '[]')) t);
    end if;
    answers := answers || jsonb_build_array(one - 'deltas' - 'touched');
  end loop;

  if cardinality(touched) > 0 then
    perform stock_fill_all(touched, cmd);
    perform stock_changed(touched);
    -- One line may have got what another one gave up.
    select jsonb_agg(case when x.one->'short' > '0' then x.one || jsonb_build_object('short',
      (select sum(short) from order_lines where order_id = (x.one->>'orderId')::bigint)) else x.one end order by x.ord) into answers
    from jsonb_array_elements(answers) with ordinality x(one, ord);
  end if;
  if jsonb_array_length(deltas) > 0 then
    perform publication_own_orders(deltas, cmd);
  end if;
  return answers;
end $$;

-- Personal data, once it is told; the newest sealed text replaces an older one. None of a buyer who wants to be forgotten. The caller holds the order's row.
create or replace function order_keep_person(p_order bigint, doc jsonb) returns void language sql as $$
  insert into order_people (order_id, sealed_key, sealed_body, buyer_mark)
  select p_order, decode(doc->>'sealedKey', 'base64'), decode(doc->>'sealedBody', 'base64'), decode(doc->>'buyerMark', 'base64') where doc->>'sealedBody' is not null
    and exists (select from orders where id = p_order and people_gone_at is null)
  on conflict (order_id) do update set sealed_key = excluded.sealed_key, sealed_body = excluded.sealed_body, buyer_mark = excluded.buyer_mark
$$;

