-- Which of our SKUs was sold, and what a platform's own counter did because of its orders.

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
  own_listings bigint[];
  own_units int[];
  own_placed timestamptz[];
  lead_channels bigint[];
  sold_variants bigint[];
begin
  select array_agg(listing_id order by listing_id), array_agg(units order by listing_id), array_agg(placed order by listing_id)
  into own_listings, own_units, own_placed from (
    select stock.listing_id, sum(x.units)::int as units, min(x.placed) as placed
    from (select (e->>'listing')::bigint as listing_id, (e->>'units')::int as units, (e->>'placedAt')::timestamptz as placed
      from jsonb_array_elements(deltas) e) x
    join listings sold on sold.id = x.listing_id
    join listings twin on twin.account_id = sold.account_id and twin.external_sku = sold.external_sku
    join publications stock on stock.listing_id = twin.id and stock.field = 'stock'
    group by stock.listing_id having sum(x.units) <> 0) d;
  if own_listings is null then
    return;
  end if;
  perform 1 from publications where listing_id = any(own_listings) and field = 'stock' order by listing_id for update;
  select array_agg(distinct coalesce(c.stock_lead_id, c.id)), array_agg(distinct p.variant_id) into lead_channels, sold_variants
  from publications p join channels c on c.id = p.channel_id where p.listing_id = any(own_listings) and p.field = 'stock' and p.expected is not null;

  with own as materialized (
    select p.at, p.listing_id, d.units, d.placed, p.expected, greatest(least(p.withheld, d.units), 0) as from_withheld, coalesce(c.stock_lead_id, c.id) as lead, p.variant_id
    from unnest(own_listings, own_units, own_placed) d(listing_id, units, placed)
    cross join lateral (select x.ctid as at, x.* from publications x where x.listing_id = d.listing_id and x.field = 'stock' offset 0) p
    join channels c on c.id = p.channel_id where p.expected is not null
  ), shown as materialized (
    select channel_id, variant_id, shown from channel_shown_2(lead_channels, sold_variants, command_now(cmd))
  ), noted as (
    insert into publication_history (listing_id, field, event, value, why)
    select listing_id, 'stock', 'order', jsonb_build_object('quantity', greatest(expected - (units - from_withheld), 0)),
      jsonb_build_object('units', units, 'alreadySeen', from_withheld) from own order by listing_id
  )
  update publications p set
    -- In the same statement as our model of the platform: between the two, a push would see a number that is too high.
    intended = jsonb_build_object('quantity', s.shown),
    withheld = p.withheld - o.from_withheld,
    expected = greatest(p.expected - (o.units - o.from_withheld), 0),
    own_orders = p.own_orders + 1,
    check_at = case
      when o.units < 0 or p.expected < o.units - o.from_withheld
        or o.placed <= coalesce(greatest(p.sent_at, p.accepted_at, p.applied_at), '-infinity') + interval '5 seconds'
        -- By our own clock too: the platform's may be wrong.
        or greatest(p.sent_at, p.accepted_at) > clock_timestamp() - interval '1 minute'
      then least(coalesce(p.check_at, 'infinity'), command_now(cmd) + interval '1 second') else p.check_at end
  -- Each row is where we locked it: before the table was analyzed, all of a channel were compared with each of these.
  from own o join shown s on s.channel_id = o.lead and s.variant_id = o.variant_id where p.ctid = o.at;
end $$;

-- Our location behind the place where a channel says that the buyer collects: by our code or name, else the store of the channel that stands for that place.
create or replace function order_collect_place(p_account bigint, p_place text) returns bigint language sql stable as $$
  select id from (
    select id, 1 as rank, 0 as position from locations where active and p_place in (code, name)
    union all
    select p.id, case p.kind when 'store' then 2 else 3 end, x.position from channels c join channel_locations x on x.channel_id = c.id and x.valid_to is null
    join locations p on p.id = x.location_id and p.active where c.account_id = p_account and c.external_ref = p_place
  ) l order by rank, position, id limit 1
$$;
