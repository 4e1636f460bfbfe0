-- What happens to one line of an order: promised, short, handed over, taken back. Callers hold the lock of its variant.

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


-- Units that the platform shipped from stock that it holds for us. That stock is a location of its own, in no channel's pool; what it holds is the
-- platform's to say, so units that leave it without being on our books are found first, visibly.
create or replace function order_line_held(p_line bigint, p_account bigint, p_units int, cmd jsonb) returns void language plpgsql as $$
declare
  place bigint;
  variant bigint;
  there int;
begin
  select variant_id into variant from order_lines where id = p_line;
  if p_units = 0 or variant is null then
    return;
  end if;
  insert into locations (code, name, kind) select name || '-held', 'Held by ' || name, 'platform' from accounts where id = p_account
  on conflict (code) do nothing;
  select p.id into place from locations p join accounts a on p.code = a.name || '-held' where a.id = p_account;
  select on_hand into there from balances where variant_id = variant and location_id = place;
  if coalesce(there, 0) < p_units then
    perform stock_post(variant, place, 'adjust', p_units - coalesce(there, 0), 0, cmd, p_line, null, 'held by the platform, not on our books');
  end if;
  perform stock_post(variant, place, 'ship', -p_units, 0, cmd, p_line);
end $$;
