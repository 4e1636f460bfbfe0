-- Publishing: what is intended, what waits, and how each answer of a platform moves a field on.

-- Keeps `waiting_since`, `urgency` and `state` true to the numbers, whichever statement changed them.
create or replace function publication_waits() returns trigger language plpgsql as $$
declare
  target jsonb;
  differs boolean;
begin
  if new.field = 'stock' then
    target := jsonb_build_object('quantity', greatest((new.intended->>'quantity')::int - new.withheld, 0));
    differs := new.expected is null or new.expected <> (target->>'quantity')::int;
    -- Expected loss first: sold out, then too much shown on a scarce item, too much shown, back in stock, more of the same.
    new.urgency := case
      when (target->>'quantity')::int = 0 and coalesce(new.expected, 1) > 0 then 1
      when coalesce(new.expected, 2147483647) > (target->>'quantity')::int then case when (target->>'quantity')::int <= 5 then 2 else 3 end
      when coalesce(new.expected, 0) = 0 then 5 else 7 end;
  else
    target := new.intended;
    differs := new.accepted is null or new.accepted <> target;
    -- Due at an instant that has come, it goes after what could be oversold and before everything else.
    new.urgency := case when new.intended_why ? 'turnedAt' then 4 else 6 end;
  end if;
  if new.state = 'refused' and new.sent is not distinct from target then
    -- The platform said no to just this value: it is not asked again until the value or a person changes.
    new.waiting_since := null;
  elsif new.state = 'sent' then
    new.waiting_since := null;
  elsif differs then
    if new.state <> 'quarantined' then
      new.state := 'intended';
    end if;
    new.waiting_since := coalesce(new.waiting_since, clock_timestamp());
  else
    new.waiting_since := null;
    new.retry_at := null;
    if new.state in ('intended', 'refused') then
      -- What the platform shows came to be what we want, without a call.
      new.state := case when new.applied is not null and (new.field = 'stock' or new.applied = target) then 'applied' else 'accepted' end;
      new.reason := null;
      new.reason_code := null;
    end if;
  end if;
  return new;
end $$;
create or replace trigger publication_waits before insert or update on publications for each row execute function publication_waits();

-- Recomputes what the listings of an account should show, for some variants or (null) for all, and notes what changed. Answers the number of
-- changed fields. One at a time per account: of two at once the one with the older view could write last.
-- Where one stock serves several channels it is published once per SKU: on the leading channel's listing, else on the first that there is.
create or replace function publications_intend_1(p_account bigint, p_variants bigint[], p_now timestamptz) returns int language plpgsql as $$
declare
  n int;
begin
  perform pg_advisory_xact_lock(7312646, p_account::int);
  with candidates as (
    select l.id as listing_id, l.channel_id, l.variant_id, l.shown_quantity, l.shown_price, coalesce(c.stock_lead_id, c.id) as stock_channel,
      row_number() over (partition by l.external_sku, coalesce(c.stock_lead_id, c.id), case when c.stock_lead_id is null then l.id end,
        exists (select from listings own where own.account_id = l.account_id and own.external_sku = l.external_sku and own.channel_id = c.stock_lead_id
          and own.variant_id is not null and own.state <> 'gone')
        order by l.channel_id) as turn,
      c.stock_lead_id is not null and exists (select from listings own where own.account_id = l.account_id and own.external_sku = l.external_sku
        and own.channel_id = c.stock_lead_id and own.variant_id is not null and own.state <> 'gone') as is_led
    from listings l join channels c on c.id = l.channel_id
    where l.account_id = p_account and l.variant_id is not null and l.state <> 'gone' and (p_variants is null or l.variant_id = any(p_variants))
  ), ceded as (
    delete from publications p using candidates c where p.listing_id = c.listing_id and p.field = 'stock' and (c.is_led or c.turn > 1)
  ), wanted as (
    select c.listing_id, 'stock' as field, c.channel_id, c.variant_id, jsonb_build_object('quantity', s.shown) as intended,
      jsonb_build_object('atp', s.atp, 'buffer', s.buffer, 'cap', s.cap, 'stopSellingAt', s.stop_selling_at)
        || case when s.ahead > 0 then jsonb_build_object('ahead', s.ahead) else '{}' end as why,
      c.shown_quantity as expected, null::jsonb as accepted
    from candidates c
    join lateral (select * from channel_shown_2(
      (select array_agg(distinct stock_channel) from candidates), (select array_agg(distinct variant_id) from candidates), p_now) offset 0) s
      on s.channel_id = c.stock_channel and s.variant_id = c.variant_id
    where not c.is_led and c.turn = 1
    union all
    select c.listing_id, 'price', c.channel_id, c.variant_id, s.price, s.why, null, c.shown_price
    from candidates c
    join lateral (select * from channel_price_2(
      (select array_agg(distinct channel_id) from candidates), (select array_agg(distinct variant_id) from candidates), p_now) offset 0) s
      on s.channel_id = c.channel_id and s.variant_id = c.variant_id
    where s.price is not null
  ), current as (
    select w.*, p.intended as before, coalesce(p.own_orders, 0) as own_orders from wanted w left join publications p on p.listing_id = w.listing_id and p.field = w.field
  ), turned as materialized (
    -- Prices that began or ended by their dates since the document was last reckoned.
    select p.listing_id, jsonb_build_object('turnedAt', price_instant(max(t.at))) as why
    from (select * from current where field = 'price' and before is distinct from intended) d join publications p on p.listing_id = d.listing_id and p.field = 'price'
    join price_turned_1((select array_agg(distinct variant_id) from current where field = 'price' and before is distinct from intended),
      (select min(o.intended_at) from current x join publications o on o.listing_id = x.listing_id and o.field = 'price' where x.before is distinct from x.intended), p_now) t
      on t.variant_id = d.variant_id and t.at > p.intended_at group by p.listing_id
  ), changed as (
    insert into publications (listing_id, field, account_id, channel_id, variant_id, intended, intended_why, expected, accepted, applied, applied_at, own_orders)
    select current.listing_id, field, p_account, channel_id, variant_id, intended,
      current.why || coalesce(turned.why, '{}'), expected, accepted,
      case when field = 'stock' and expected is not null then jsonb_build_object('quantity', expected) else accepted end,
      case when expected is not null or accepted is not null then clock_timestamp() end, own_orders
    from current left join turned on turned.listing_id = current.listing_id and field = 'price' where before is distinct from intended order by current.listing_id, field
    on conflict (listing_id, field) do update set
      intended = excluded.intended, intended_why = excluded.intended_why
        || case when publications.waiting_since is not null and publications.intended_why ? 'turnedAt'
          then jsonb_build_object('turnedAt', publications.intended_why->'turnedAt') else '{}' end, variant_id = excluded.variant_id, intended_at = clock_timestamp(), attempts = 0,
      -- A raise may be waiting for a look at the platform; showing less never does.
      retry_at = case when publications.field = 'stock' and (excluded.intended->>'quantity')::int - publications.withheld < publications.expected
        then null else publications.retry_at end
    -- An order that was booked since we read has set a newer number; its own change row brings us here again.
    where publications.own_orders = excluded.own_orders
    returning listing_id, field, intended, intended_why
  )
  insert into publication_history (listing_id, field, event, value, why)
  select listing_id, field, 'intended', intended, intended_why from changed;
  get diagnostics n = row_count;
  return n;
end $$;

-- Before a call: notes what goes out. items: [{listing, field, readSince?}]. Only what still waits, is switched on and may go is answered:
-- [{listing, field, value}] with the value to send; null when the lease is another's. With `readSince` a raise goes out only over a
-- conclusive look at the platform since that instant; showing less never waits for one.
create or replace function publications_send_1(p_account bigint, p_lease bigint, items jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb;
begin
  if not exists (select from accounts where id = p_account and lease_token = p_lease and lease_until > clock_timestamp()) then
    return null;
  end if;
  with asked as (
    select (i->>'listing')::bigint as listing_id, i->>'field' as field, (i->>'readSince')::timestamptz as read_since from jsonb_array_elements(items) i
  ), locked as (
    select p.listing_id, p.field, case when p.field = 'stock'
      then jsonb_build_object('quantity', greatest((p.intended->>'quantity')::int - p.withheld, 0)) else p.intended end as value
    from publications p join asked i on i.listing_id = p.listing_id and i.field = p.field
    join channels c on c.id = p.channel_id join listings l on l.id = p.listing_id
    where p.account_id = p_account and p.waiting_since is not null and p.state <> 'quarantined' and l.state <> 'gone' and not c.paused
      and case p.field when 'stock' then c.publish_stock else c.publish_prices end
      and (i.read_since is null or p.read_at >= i.read_since or greatest((p.intended->>'quantity')::int - p.withheld, 0) < p.expected)
    order by p.listing_id, p.field for update of p
  ), moved as (
    update publications p set state = 'sent', sent = l.value, sent_at = clock_timestamp(), sent_own_orders = p.own_orders, sent_lease = p_lease,
      attempts = p.attempts + 1
    from locked l where p.listing_id = l.listing_id and p.field = l.field returning p.listing_id, p.field, p.sent
  ), noted as (
    insert into publication_history (listing_id, field, event, value) select listing_id, field, 'sent', sent from moved
  )
  select coalesce(jsonb_agg(jsonb_build_object('listing', listing_id, 'field', field, 'value', sent)), '[]') into answer from moved;
  return answer;
end $$;

-- After a call. items: [{listing, field, status, applied?, code?, words?, retryAt?, checkAt?}], status one of accepted, rejected, retry, unknown.
-- Unknown: the call may have arrived; the platform is read before anything else. The answer of a former holder of the lease counts for nothing:
-- its successor has looked for itself.
create or replace function publications_result_1(p_account bigint, p_lease bigint, items jsonb) returns void language plpgsql as $$
begin
  with result as (
    select (i->>'listing')::bigint as listing_id, i->>'field' as field, i->>'status' as status, coalesce((i->>'applied')::boolean, false) as applied,
      i->>'code' as code, i->>'words' as words, (i->>'retryAt')::timestamptz as retry_at, (i->>'checkAt')::timestamptz as check_at
    from jsonb_array_elements(items) i
  ), locked as (
    select p.listing_id, p.field from publications p join result r on r.listing_id = p.listing_id and r.field = p.field
    where p.account_id = p_account and p.state = 'sent' and p.sent_lease = p_lease order by p.listing_id, p.field for update of p
  ), moved as (
    update publications p set
      state = case r.status when 'accepted' then case when r.applied then 'applied' else 'accepted' end when 'rejected' then 'refused' else 'intended' end,
      accepted = case when r.status = 'accepted' then p.sent else p.accepted end,
      accepted_at = case when r.status = 'accepted' then clock_timestamp() else p.accepted_at end,
      applied = case when r.status = 'accepted' and r.applied then p.sent else p.applied end,
      applied_at = case when r.status = 'accepted' and r.applied then clock_timestamp() else p.applied_at end,
      -- Orders of the channel that were booked while the call was under way: taken as sold after it took effect, and looked at again.
      expected = case when p.field = 'stock' and r.status = 'accepted' then greatest((p.sent->>'quantity')::int - case when p.own_orders > p.sent_own_orders
        then coalesce((select sum((h.why->>'units')::int - (h.why->>'alreadySeen')::int)::int from publication_history h
          where h.listing_id = p.listing_id and h.field = 'stock' and h.event = 'order' and h.at >= p.sent_at), 0) else 0 end, 0) else p.expected end,
      check_at = case when r.status = 'unknown' then clock_timestamp()
        when p.field = 'stock' and p.own_orders > p.sent_own_orders then least(coalesce(r.check_at, 'infinity'), clock_timestamp() + interval '1 second')
        -- A doubt that was there before the call is not settled by it.
        when r.status = 'accepted' then least(r.check_at, p.check_at) else p.check_at end,
      attempts = case when r.status = 'accepted' then 0 else p.attempts end,
      retry_at = case when r.status in ('retry', 'unknown') then r.retry_at end,
      reason_code = case when r.status = 'accepted' then null else coalesce(r.code, r.status) end,
      reason = case when r.status = 'accepted' then null else r.words end
    from locked l join result r on r.listing_id = l.listing_id and r.field = l.field
    where p.listing_id = l.listing_id and p.field = l.field
    returning p.listing_id, p.field, p.sent, r.status, r.applied, r.words, r.code
  )
  insert into publication_history (listing_id, field, event, value, why)
  select listing_id, field, case status when 'accepted' then case when applied then 'applied' else 'accepted' end when 'rejected' then 'refused' else 'retry' end,
    sent, case when status = 'accepted' then null else jsonb_build_object('code', code, 'words', words) end
  from moved;
end $$;

-- The look told nothing: the platform is looked at again after the pause, and until then nothing is shown that is more.
create or replace function publication_look_again(p_listing bigint, p_pause interval) returns void language sql as $$
  update publications set check_at = clock_timestamp() + p_pause,
    retry_at = case when greatest((intended->>'quantity')::int - withheld, 0) > coalesce(expected, -1) then clock_timestamp() + p_pause else retry_at end
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
    continue when p.listing_id is null or p.state = 'sent' or (p.sent_at is not null and p.sent_at > r.at);
    if r.field = 'price' then
      continue when r.price is null or jsonb_typeof(r.price) = 'null';
      if r.price = p.accepted and p.accepted is not null then
        update publications set applied = r.price, applied_at = clock_timestamp(), check_at = null, read_at = r.at,
          state = case when state = 'accepted' then 'applied' else state end where listing_id = r.listing_id and field = r.field;
        if p.state = 'accepted' then
          insert into publication_history (listing_id, field, event, value) values (r.listing_id, r.field, 'applied', r.price);
        end if;
      elsif p.accepted_at is not null and p.state = 'accepted' and clock_timestamp() < p.accepted_at + make_interval(secs => p_apply_within_ms / 1000.0) then
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
      update publications set applied = jsonb_build_object('quantity', r.quantity), applied_at = clock_timestamp(), check_at = null, read_at = r.at,
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
  update listings l set shown_quantity = coalesce((i->>'quantity')::int, l.shown_quantity),
    shown_price = case when jsonb_typeof(i->'price') = 'object' then i->'price' else l.shown_price end,
    -- A look that began before a whole pass and is noted during it must not make the listing look unseen by that pass: it would be taken for gone.
    observed_at = greatest(l.observed_at, (i->>'at')::timestamptz)
  from jsonb_array_elements(items) i where l.id = (i->>'listing')::bigint;
end $$;
