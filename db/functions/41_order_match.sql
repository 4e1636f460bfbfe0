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
      -- In the same statement as our model of the platform: between the two, a push would see a number that is too high.
      intended = (select jsonb_build_object('quantity', shown) from channel_shown_2(array[(select coalesce(stock_lead_id, id) from channels where id = p.channel_id)],
        array[p.variant_id], command_now(cmd))),
      withheld = withheld - from_withheld,
      expected = greatest(expected - (d.units - from_withheld), 0),
      own_orders = own_orders + 1,
      check_at = case
        when d.units < 0 or expected < d.units - from_withheld
          or d.placed <= coalesce(greatest(sent_at, accepted_at, applied_at), '-infinity') + interval '5 seconds'
          -- By our own clock too: the platform's may be wrong.
          or greatest(sent_at, accepted_at) > clock_timestamp() - interval '1 minute'
        then least(coalesce(check_at, 'infinity'), command_now(cmd) + interval '1 second') else check_at end
    where listing_id = d.listing_id and field = 'stock';
    insert into publication_history (listing_id, field, event, value, why)
    values (d.listing_id, 'stock', 'order', jsonb_build_object('quantity', greatest(p.expected - (d.units - from_withheld), 0)),
      jsonb_build_object('units', d.units, 'alreadySeen', from_withheld));
  end loop;
end $$;

