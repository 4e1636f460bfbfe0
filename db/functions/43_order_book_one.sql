-- One order brought to the state that its channel states. Called by orders_book_1, which holds the locks.

create or replace function order_book_one_1(doc jsonb, p_channel bigint, cmd jsonb) returns jsonb language plpgsql as $$
declare
  o orders;
  was_new boolean;
  item record;
  m record;
  -- Of the units that are handed over as another SKU, those that count as sold.
  v_instead int;
  l order_lines;
  effect text := doc->>'effect';
  ours boolean;
  v_ordered int;
  v_cancelled int;
  v_shipped int;
  v_counted int;
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
    update orders set total = coalesce(total, (doc->>'total')::numeric), amounts = coalesce(amounts, doc->'amounts'), ship_by = coalesce(ship_by, (doc->>'shipBy')::timestamptz)
    where id = o.id and (total is null and doc->>'total' is not null or amounts is null and doc ? 'amounts' or ship_by is null and doc->>'shipBy' is not null);
    update order_lines known set unit_price = (told->>'unitPrice')::numeric, title = case when known.title = known.sku then told->>'title' else known.title end
    from jsonb_array_elements(doc->'lines') told
    where known.order_id = o.id and known.external_line_id = told->>'externalLineId' and known.unit_price is null and told->>'unitPrice' is not null;
    if (doc->>'stamp')::timestamptz < o.stamp then
      return jsonb_build_object('externalId', o.external_id, 'outcome', 'stale', 'orderId', o.id);
    end if;
    if (doc->>'stamp')::timestamptz = o.stamp and doc->>'hash' = o.content_hash
      and not exists (select from order_lines where order_id = o.id and variant_id is null) then
      perform order_keep_person(o.id, doc);
      -- A notification told less: what it is to be held for may come with the order itself.
      if effect not in ('ignore', 'foreign') and (exists (select from order_hold_causes(p_channel, doc))
        or exists (select from order_holds where order_id = o.id and by_rule and ended_at is null)) then
        perform order_holds_by_rule(o.id, p_channel, doc, cmd);
        perform order_touched(o.id, 'restate', cmd);
      end if;
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
      (x->>'returned')::int as returned, (x->>'unitPrice')::numeric as unit_price, x ? 'collectAt' as collects, x->>'collectAt' as place
    from jsonb_array_elements(doc->'lines') with ordinality e(x, ord) order by ord
  loop
    select * into m from order_line_match(p_channel, (doc->>'accountId')::bigint, item.ref, item.sku);
    insert into order_lines (order_id, external_line_id, variant_id, listing_id, sku, title, unit_price, ordered, method, collect_location_id)
    values (o.id, item.line_id, m.variant_id, m.listing_id, item.sku, item.title, item.unit_price, item.ordered, case when item.collects then 'collect' else 'ship' end,
      case when item.collects then order_collect_place((doc->>'accountId')::bigint, item.place) end)
    on conflict (order_id, external_line_id) do update set
      variant_id = coalesce(order_lines.variant_id, excluded.variant_id), listing_id = coalesce(order_lines.listing_id, excluded.listing_id),
      unit_price = coalesce(excluded.unit_price, order_lines.unit_price),
      method = case when item.collects and order_lines.chosen_at is null then 'collect' else order_lines.method end,
      -- What was chosen since stays, whatever the channel states.
      collect_location_id = case when order_lines.chosen_at is null then coalesce(excluded.collect_location_id, order_lines.collect_location_id)
        else order_lines.collect_location_id end
    returning * into l;
    -- Frozen before anything of it is promised; later changes of the bundle are none of this line's.
    if l.variant_id is not null and (l.short_cause = 'unmatched' or l.reserved + l.short + l.shipped + l.cancelled = 0)
      and not exists (select from order_line_parts where order_line_id = l.id) then
      perform order_line_freeze(l.id, l.variant_id, doc->>'basket');
    end if;
    seen := seen || l.id;
    if l.variant_id is null then
      unmatched := unmatched || to_jsonb(item.sku);
    else
      touched := touched || l.variant_id || array(select variant_id from order_line_parts where order_line_id = l.id);
      -- A line that was waiting for its match holds shorts that nobody could fill: they are asked for anew below.
      if l.short > 0 and l.short_cause = 'unmatched' then
        update order_lines set short = 0, short_cause = null where id = l.id;
      end if;
    end if;

    v_instead := 0;
    if l.substituted > 0 then
      touched := touched || order_variants(o.id);
      select * into item.ordered, item.cancelled, item.shipped, item.returned, v_instead
      from order_line_share(l.id, effect, ours, p_channel, cmd, item.ordered, item.cancelled, item.shipped, item.returned);
      select * into l from order_lines where id = l.id;
    end if;

    -- What left does not come back by being stated smaller, and an edited line may state fewer than have left.
    v_shipped := greatest(l.shipped, case effect when 'settle' then item.ordered - item.cancelled else item.shipped end);
    v_cancelled := case effect
      when 'cancel' then greatest(item.ordered - v_shipped, 0)
      when 'foreign' then least(item.cancelled, greatest(item.ordered - v_shipped, 0)) else item.cancelled end;
    if ours then
      v_cancelled := greatest(l.cancelled, v_cancelled);
    end if;
    v_ordered := greatest(item.ordered, v_shipped + v_cancelled);
    if effect in ('ignore', 'foreign') then
      -- Nothing is promised: unpaid, or shipped from stock that the platform holds.
      perform order_line_open(l.id, 0, p_channel, null, cmd);
      if effect = 'foreign' then
        perform order_line_held(l.id, (doc->>'accountId')::bigint, v_shipped - l.shipped, cmd);
      else
        v_shipped := l.shipped;
      end if;
      -- At once, so that the line's sum never exceeds what was ordered.
      update order_lines set ordered = greatest(item.ordered, v_shipped + v_cancelled), shipped = v_shipped, cancelled = v_cancelled
      where id = l.id;
      v_counted := 0;
    else
      -- In this order, so that the line's sum never exceeds what was ordered.
      if v_ordered > l.ordered then
        update order_lines set ordered = v_ordered where id = l.id;
      end if;
      if v_cancelled < l.cancelled then
        update order_lines set cancelled = v_cancelled where id = l.id;
      end if;
      if doc->>'basket' is not null and l.variant_id is not null then
        perform order_line_adopt(l.id, doc->>'basket', greatest(v_ordered - v_shipped - v_cancelled, 0), cmd);
        select * into l from order_lines where id = l.id;
      end if;
      if v_shipped > l.shipped then
        perform order_line_ship(l.id, least(v_shipped - l.shipped, l.reserved), p_channel, cmd);
        perform order_line_open(l.id, greatest(v_ordered - v_shipped - v_cancelled, 0), p_channel, 'over_available', cmd);
        select order_lines.shipped into l.shipped from order_lines where id = l.id;
        if v_shipped > l.shipped then
          perform order_line_ship(l.id, v_shipped - l.shipped, p_channel, cmd);
        end if;
      end if;
      perform order_line_open(l.id, greatest(v_ordered - v_shipped - v_cancelled, 0), p_channel, 'over_available', cmd);
      update order_lines set cancelled = v_cancelled, ordered = v_ordered
      where id = l.id and (cancelled, ordered) is distinct from (v_cancelled, v_ordered);
      if item.returned > l.returned then
        perform order_line_return(l.id, least(item.returned, v_shipped) - l.returned, p_channel, cmd);
      end if;
      v_counted := greatest(item.ordered - case effect when 'cancel' then item.ordered - v_shipped else item.cancelled end - item.returned + v_instead, 0);
    end if;
    select * into l from order_lines where id = l.id;
    if v_counted <> l.counted then
      if l.listing_id is not null then
        deltas := deltas || jsonb_build_array(jsonb_build_object('listing', l.listing_id, 'units', v_counted - l.counted, 'placedAt',
          case when was_new then doc->>'placedAt' else doc->>'stamp' end));
      end if;
      update order_lines set counted = v_counted where id = l.id;
    end if;
    shorts := shorts + l.short;
  end loop;

  -- Lines that the platform no longer has were edited away, with what is handed over instead of them.
  for l in
    select * from order_lines where order_id = o.id and not (coalesce(instead_of, id) = any(seen)) and order_lines.ordered > order_lines.shipped + order_lines.cancelled order by id
  loop
    perform order_line_open(l.id, 0, p_channel, null, cmd);
    v_counted := l.shipped;
    if l.substituted > 0 then
      v_counted := v_counted + (select sum(x.ordered - x.cancelled) from order_lines x where x.instead_of = l.id);
    elsif l.instead_of is not null then
      -- Counted is the line that was sold.
      select s.counted - (l.ordered - l.shipped - l.cancelled), s.counted, s.listing_id into v_counted, l.counted, l.listing_id from order_lines s where s.id = l.instead_of;
    end if;
    update order_lines set cancelled = order_lines.ordered - order_lines.shipped where id = l.id;
    update order_lines set counted = greatest(v_counted, 0) where id = coalesce(l.instead_of, l.id);
    if l.variant_id is not null then
      touched := touched || l.variant_id || array(select variant_id from order_line_parts where order_line_id = l.id);
    end if;
    if l.listing_id is not null and l.counted > v_counted then
      deltas := deltas || jsonb_build_array(jsonb_build_object('listing', l.listing_id, 'units', v_counted - l.counted, 'placedAt', doc->>'stamp'));
    end if;
  end loop;

  if effect not in ('ignore', 'foreign') then
    perform order_holds_by_rule(o.id, p_channel, doc, cmd);
  end if;
  perform order_turn(o.id, 'restate', effect, jsonb_build_object('platformState', doc->>'platformState'), cmd);
  update orders set platform_state = doc->>'platformState', stamp = (doc->>'stamp')::timestamptz, content_hash = doc->>'hash', number = doc->>'number',
    currency = doc->>'currency', total = coalesce((doc->>'total')::numeric, total), amounts = coalesce(doc->'amounts', amounts),
    ship_by = case when doc ? 'shipBy' then (doc->>'shipBy')::timestamptz else ship_by end
  where id = o.id;
  perform order_keep_person(o.id, doc);
  insert into change (kind, ref_id, channel_id) values ('order', o.id, p_channel);
  return jsonb_build_object('externalId', o.external_id, 'outcome', case when was_new then 'booked' else 'updated' end, 'orderId', o.id,
    'short', shorts, 'unmatched', unmatched, 'deltas', deltas, 'touched', to_jsonb(touched));
end $$;

