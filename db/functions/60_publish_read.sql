-- Publishing: what was seen at the platform.

-- The look told nothing: the platform is looked at again after the pause, and until then nothing goes out but what shows less.
create or replace function publication_look_again(p_listing bigint, p_pause interval) returns void language sql as $$
  update publications set check_at = clock_timestamp() + p_pause,
    retry_at = case when greatest((intended->>'quantity')::int - withheld, 0) >= coalesce(expected, -1) then clock_timestamp() + p_pause else retry_at end
  where listing_id = p_listing and field = 'stock'
$$;

-- Takes in what the platform shows. items: [{listing, quantity?, price?, at}], `at` is the database's instant when the read began; quantity null: not managed there.
-- Fewer than our model says: orders that we have not seen; they are withheld from what we show until they are booked or an order poll
-- that covers the instant of the read has found none. More: our model was wrong, the truth is taken and what we intend goes out.
create or replace function publications_read_1(p_account bigint, p_apply_within_ms int, items jsonb) returns void language plpgsql as $$
declare
  r record;
  p publications;
  settled boolean;
begin
  for r in
    select (i->>'listing')::bigint as listing_id, f.field, (i->>'quantity')::int as quantity, i->'price' as price, (i->>'at')::timestamptz as at
    from jsonb_array_elements(items) i cross join (values ('stock'), ('price')) f(field)
    where (f.field = 'stock' and i ? 'quantity') or (f.field = 'price' and i ? 'price') order by 1, 2
  loop
    select * into p from publications where listing_id = r.listing_id and field = r.field for update;
    -- A write whose call or answer came after the look began may show in it or not. And a look that began later has told more: a check's page may be long under way.
    continue when p.listing_id is null or p.state = 'sent' or coalesce(greatest(p.sent_at, p.accepted_at, p.read_at) > r.at, false);
    if r.field = 'price' then
      continue when r.price is null or jsonb_typeof(r.price) = 'null';
      if p.sent_at > coalesce(p.accepted_at, '-infinity') and p.state <> 'refused' and p.sent is distinct from p.accepted and p.sent is distinct from r.price
        and clock_timestamp() < p.sent_at + make_interval(secs => p_apply_within_ms / 1000.0) then
        -- What was sent last has no answer: it may have arrived and come to show yet, whatever is wanted since.
        update publications set check_at = clock_timestamp() + make_interval(secs => p_apply_within_ms / 20000.0), read_at = r.at
        where listing_id = r.listing_id and field = r.field;
      elsif r.price = p.accepted and p.accepted is not null then
        update publications set applied = r.price, applied_at = clock_timestamp(), check_at = null, read_at = r.at,
          state = case when state = 'accepted' then 'applied' else state end where listing_id = r.listing_id and field = r.field;
        if p.state = 'accepted' then
          insert into publication_history (listing_id, field, event, value) values (r.listing_id, r.field, 'applied', r.price);
        end if;
      elsif p.accepted_at is not null and (p.state = 'accepted' or coalesce(p.applied_at, '-infinity') < p.accepted_at) and clock_timestamp() < p.accepted_at + make_interval(secs => p_apply_within_ms / 1000.0) then
        -- Accepted is not applied yet, whatever is intended since: what shows may be the old price, and the accepted one come over it yet.
        update publications set check_at = clock_timestamp() + make_interval(secs => p_apply_within_ms / 20000.0), read_at = r.at
        where listing_id = r.listing_id and field = r.field;
      else
        update publications set accepted = r.price, applied = r.price, applied_at = clock_timestamp(), check_at = null, read_at = r.at
        where listing_id = r.listing_id and field = r.field;
        insert into publication_history (listing_id, field, event, value, why)
        values (r.listing_id, r.field, 'read', r.price, jsonb_build_object('expected', p.accepted));
      end if;
      continue;
    end if;
    continue when r.quantity is null;
    settled := p.expected is not null and r.quantity = p.expected;
    if p.reason_code = 'unknown' and r.quantity = (p.sent->>'quantity')::int then
      -- The call whose answer was lost did arrive.
      update publications set expected = r.quantity, accepted = p.sent, accepted_at = coalesce(accepted_at, clock_timestamp()),
        applied = p.sent, applied_at = clock_timestamp(), check_at = null, read_at = r.at, reason_code = null, reason = null
      where listing_id = r.listing_id and field = 'stock';
      insert into publication_history (listing_id, field, event, value) values (r.listing_id, 'stock', 'applied', p.sent);
    elsif p.reason_code = 'unknown' and r.quantity < greatest((p.sent->>'quantity')::int, p.expected) then
      -- It arrived and some were sold since, or it did not arrive: what is missing from the higher of the two is taken for sold.
      update publications set withheld = withheld + greatest((p.sent->>'quantity')::int, p.expected) - r.quantity, withheld_at = r.at,
        expected = r.quantity, applied = jsonb_build_object('quantity', r.quantity), applied_at = clock_timestamp(), check_at = null, read_at = r.at,
        reason_code = null, reason = null
      where listing_id = r.listing_id and field = 'stock';
      insert into publication_history (listing_id, field, event, value, why)
      values (r.listing_id, 'stock', 'read', jsonb_build_object('quantity', r.quantity), jsonb_build_object('expected', p.expected, 'sent', p.sent->'quantity'));
    elsif settled and p.accepted_at is not null and coalesce(p.applied_at, '-infinity') < p.accepted_at
      and clock_timestamp() < p.accepted_at + make_interval(secs => p_apply_within_ms / 1000.0) and r.quantity <> (p.accepted->>'quantity')::int then
      -- Just what our model says, but not the value that is still to go live: by chance the old number may be equal, and the write come over it
      -- yet. Good enough to act on, and looked at again until the time for applying is over.
      update publications set check_at = clock_timestamp() + make_interval(secs => p_apply_within_ms / 20000.0), read_at = r.at
      where listing_id = r.listing_id and field = 'stock';
    elsif settled then
      -- Since when it is shown; a later look proves it once more, and says nothing of how late it was.
      update publications set applied = jsonb_build_object('quantity', r.quantity),
        applied_at = case when p.state = 'applied' and p.applied_at >= p.accepted_at then p.applied_at else clock_timestamp() end, check_at = null, read_at = r.at,
        state = case when state = 'accepted' then 'applied' else state end where listing_id = r.listing_id and field = 'stock';
      if p.state = 'accepted' then
        insert into publication_history (listing_id, field, event, value) values (r.listing_id, 'stock', 'applied', jsonb_build_object('quantity', r.quantity));
      end if;
    elsif exists (select from publication_history h where h.listing_id = r.listing_id and h.field = 'stock' and h.event = 'order' and h.at >= r.at) then
      -- An order was booked while the read was under way: it cannot be told which of them the number includes.
      perform publication_look_again(r.listing_id, interval '500 milliseconds');
    elsif p.accepted_at is not null and coalesce(p.applied_at, '-infinity') < p.accepted_at
      and clock_timestamp() < p.accepted_at + make_interval(secs => p_apply_within_ms / 1000.0) and r.quantity <> (p.accepted->>'quantity')::int then
      -- Accepted is not applied yet, whatever is intended since: the old value may still show, and what it lacks was not sold. Where just the
      -- accepted value shows, it did apply, over a sale or a cancellation of the meantime: that is mended now, not when the time is over.
      perform publication_look_again(r.listing_id, make_interval(secs => p_apply_within_ms / 20000.0));
    else
      update publications set state = case when state = 'accepted' then 'applied' else state end,
        withheld = withheld + greatest(coalesce(p.expected, r.quantity) - r.quantity, 0),
        withheld_at = case when coalesce(p.expected, r.quantity) > r.quantity then r.at else withheld_at end,
        expected = r.quantity, applied = jsonb_build_object('quantity', r.quantity), applied_at = clock_timestamp(), check_at = null, read_at = r.at
      where listing_id = r.listing_id and field = 'stock';
      insert into publication_history (listing_id, field, event, value, why)
      values (r.listing_id, 'stock', 'read', jsonb_build_object('quantity', r.quantity), jsonb_build_object('expected', p.expected));
    end if;
  end loop;
  update listings l set shown_quantity = case when l.observed_at > (i->>'at')::timestamptz then l.shown_quantity else coalesce((i->>'quantity')::int, l.shown_quantity) end,
    shown_price = case when jsonb_typeof(i->'price') = 'object' and not coalesce(l.observed_at > (i->>'at')::timestamptz, false) then i->'price' else l.shown_price end,
    -- A look that began before a whole pass and is noted during it must not make the listing look unseen by that pass: it would be taken for gone.
    observed_at = greatest(l.observed_at, (i->>'at')::timestamptz)
  from jsonb_array_elements(items) i where l.id = (i->>'listing')::bigint;
end $$;
