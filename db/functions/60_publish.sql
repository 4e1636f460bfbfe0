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
    -- What is shown, or was sent ahead, stands below the floor of now: each sale there is a loss. Due at an instant that has come, it goes after what could be
    -- oversold and before everything else.
    new.urgency := case when num_nonnulls(new.floor, new.floor_ahead) > 0 and price_below_floor(new.accepted, new.floor, new.floor_ahead) then 0
      when new.intended_why ? 'turnedAt' then 4 else 6 end;
  end if;
  -- A person wants it sent although the platform has it: until a call was answered, or its lost answer was found by reading.
  if new.forced_at is not null and tg_op = 'UPDATE' and (old.state = 'sent' and new.state in ('accepted', 'applied', 'refused')
    or old.reason_code = 'unknown' and new.applied = new.sent and new.read_at is distinct from old.read_at) then
    new.forced_at := null;
    new.forced_by := null;
  end if;
  differs := differs or new.forced_at is not null;
  if new.held is not null and new.state <> 'sent' then
    -- There is no price that may be shown: what was intended before does not go out either.
    new.state := 'refused';
    new.reason_code := new.held->>'code';
    new.reason := new.held->>'words';
  elsif new.state = 'quarantined' then
    if differs and new.quarantined is not distinct from target then
      -- Just the value that is held back: until a person decides.
      new.waiting_since := null;
      return new;
    end if;
    -- The books say something else, or the platform has it: that is judged for itself.
    new.state := 'intended';
    new.reason := null;
    new.reason_code := null;
  end if;
  if new.quarantine_id is not null then
    update quarantine_items set left_at = clock_timestamp(), left_how = case when differs then 'changed' else 'shown' end
    where quarantine_id = new.quarantine_id and listing_id = new.listing_id and left_at is null;
    new.quarantine_id := null;
    new.quarantined := null;
  end if;
  if new.held is not null then
    new.waiting_since := null;
  elsif new.state = 'refused' and new.sent is not distinct from target then
    -- The platform said no to just this value: it is not asked again until the value or a person changes.
    new.waiting_since := null;
  elsif new.state = 'sent' then
    new.waiting_since := null;
  elsif differs then
    new.state := 'intended';
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

-- What listings of an account should show is reckoned by field: a change of stock says nothing of prices, nor the other way round. For some variants or (null) for all; each
-- notes what changed and answers the number of changed fields. Prices: 60_publish_prices.sql. One at a time per account: of two at once the one with the older view could
-- write last. Each is a statement of its own, as publications are locked by listing and then by field.

-- Stock. Where one stock serves several channels it is published once per SKU: on the leading channel's listing, else on the first that there is.
create or replace function publications_intend_stock_1(p_account bigint, p_variants bigint[], p_now timestamptz) returns int language plpgsql as $$
declare
  n int;
begin
  perform pg_advisory_xact_lock(7312646, p_account::int);
  p_now := greatest(p_now, clock_timestamp());
  with candidates as (
    select l.id as listing_id, l.channel_id, l.variant_id, l.shown_quantity, coalesce(c.stock_lead_id, c.id) as stock_channel,
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
  ), current as (
    select c.listing_id, c.channel_id, c.variant_id, jsonb_build_object('quantity', s.shown) as intended,
      jsonb_build_object('atp', s.atp, 'buffer', s.buffer, 'cap', s.cap, 'stopSellingAt', s.stop_selling_at)
        || case when s.ahead > 0 then jsonb_build_object('ahead', s.ahead) else '{}' end as why,
      c.shown_quantity as expected, p.intended as before, coalesce(p.own_orders, 0) as own_orders
    from candidates c
    join lateral (select * from channel_shown_2(
      (select array_agg(distinct stock_channel) from candidates), (select array_agg(distinct variant_id) from candidates), p_now) offset 0) s
      on s.channel_id = c.stock_channel and s.variant_id = c.variant_id
    left join publications p on p.listing_id = c.listing_id and p.field = 'stock'
    where not c.is_led and c.turn = 1
  ), changed as (
    insert into publications (listing_id, field, account_id, channel_id, variant_id, intended, intended_why, expected, applied, applied_at, own_orders, is_first)
    select listing_id, 'stock', p_account, channel_id, variant_id, intended, why, expected,
      case when expected is not null then jsonb_build_object('quantity', expected) end, case when expected is not null then clock_timestamp() end, own_orders, true
    from current where intended is not null and before is distinct from intended
    order by listing_id
    on conflict (listing_id, field) do update set
      intended = excluded.intended, variant_id = excluded.variant_id, intended_why = excluded.intended_why,
      intended_at = case when publications.intended = excluded.intended then publications.intended_at else clock_timestamp() end,
      is_first = publications.is_first and publications.intended = excluded.intended,
      attempts = case when publications.intended = excluded.intended then publications.attempts else 0 end,
      -- A raise may be waiting for a look at the platform; showing less never does.
      retry_at = case when (excluded.intended->>'quantity')::int - publications.withheld < publications.expected then null else publications.retry_at end
    -- An order that was booked since we read has set a newer number; its own change row brings us here again.
    where publications.own_orders = excluded.own_orders
    returning listing_id, intended, intended_why
  )
  insert into publication_history (listing_id, field, event, value, why)
  select c.listing_id, 'stock', 'intended', c.intended, c.intended_why from changed c;
  get diagnostics n = row_count;
  perform guard_dissolve_1(p_account);
  return n;
end $$;

-- What is published no more is not held back either.
create or replace function publication_leaves() returns trigger language plpgsql as $$
begin
  update quarantine_items set left_at = clock_timestamp(), left_how = 'changed'
  where quarantine_id = old.quarantine_id and listing_id = old.listing_id and left_at is null;
  return old;
end $$;
create or replace trigger publication_leaves before delete on publications for each row when (old.quarantine_id is not null) execute function publication_leaves();
