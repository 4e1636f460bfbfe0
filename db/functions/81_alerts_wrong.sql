-- What is wrong now. Each kind is one function of (instant, limits) and one line in alerts_wrong; limits are those of the program
-- (src/domain/sync/alert-kinds.ts) unless the installation or the channel has its own.

-- The limit in force. No row: nobody wants to be told.
create or replace function alert_limit_of(p_usual jsonb, p_kind text, p_channel bigint) returns table (amount numeric, quiet_s int) language sql stable as $$
  select coalesce(c.amount, i.amount, (u->>'amount')::numeric), coalesce(c.quiet_s, i.quiet_s, (u->>'quietS')::int)
  from (select p_usual->p_kind as u) usual
  left join alert_limits i on i.kind = p_kind and i.channel_id is null
  left join alert_limits c on c.kind = p_kind and c.channel_id = p_channel
  where u is not null and not coalesce(c.off, i.off, false)
$$;

create or replace function alert_instant(p_at timestamptz) returns text language sql immutable as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

create or replace function alert_seconds(p_from timestamptz, p_to timestamptz) returns bigint language sql immutable as $$
  select floor(extract(epoch from p_to - p_from))::bigint
$$;

-- The oldest value that may go out waits for longer than the limit, in seconds.
create or replace function alert_late(p_now timestamptz, p_usual jsonb)
returns table (channel_id bigint, account_id bigint, subject text, since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  select c.id, a.id, 'channel:' || c.code, w.oldest, l.quiet_s, jsonb_build_object('seconds', alert_seconds(w.oldest, p_now), 'limit', l.amount,
    'waiting', w.n, 'oldest', alert_instant(w.oldest), 'account', a.state)
  from (
    select p.channel_id, min(p.waiting_since) as oldest, count(*) as n from publications p join channels c on c.id = p.channel_id join listings y on y.id = p.listing_id
    where p.waiting_since is not null and not c.paused and case p.field when 'stock' then c.publish_stock else c.publish_prices end
      and not publication_waits_by_word(p) and y.state <> 'gone'
      and p.urgency <= coalesce((select d.lets_go from drifts d where d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null), 100) group by p.channel_id
  ) w join channels c on c.id = w.channel_id join accounts a on a.id = c.account_id cross join lateral alert_limit_of(p_usual, 'channel_late', c.id) l
  where a.state <> 'paused' and extract(epoch from p_now - w.oldest) > l.amount
$$;

-- So many fields were refused within the hour that had not been in the day before: one that is refused again and again counts once.
create or replace function alert_refusals(p_now timestamptz, p_usual jsonb)
returns table (channel_id bigint, account_id bigint, subject text, since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  select c.id, c.account_id, 'channel:' || c.code, r.since, l.quiet_s,
    jsonb_build_object('refused', r.n, 'limit', l.amount, 'withinSeconds', 3600)
  from (
    select l.channel_id, count(*) as n, min(f.first_at) as since from (
      select listing_id, min(at) as first_at from publication_history
      where event = 'refused' and at > p_now - interval '25 hours' and at <= p_now group by listing_id, field having min(at) > p_now - interval '1 hour'
    ) f join listings l on l.id = f.listing_id group by l.channel_id
  ) r join channels c on c.id = r.channel_id cross join lateral alert_limit_of(p_usual, 'refusals', c.id) l
  where not c.paused and r.n >= l.amount
$$;

-- An account fails for longer than the limit, in seconds: `credentials` where the platform refuses them, `account_failing` for all else. Its own words
-- stay in the house.
create or replace function alert_failing(p_now timestamptz, p_usual jsonb)
returns table (kind text, account_id bigint, subject text, since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  select k.kind, a.id, 'account:' || a.name, a.state_since, l.quiet_s, jsonb_build_object('seconds', alert_seconds(a.state_since, p_now), 'limit', l.amount,
    'trouble', case when k.word in ('auth', 'down', 'throttled') then k.word else 'other' end, 'platform', a.platform)
  from accounts a
  cross join lateral (select split_part(a.state_reason, ':', 1) as word, case when a.state_reason like 'auth:%' then 'credentials' else 'account_failing' end as kind) k
  cross join lateral alert_limit_of(p_usual, k.kind, null) l
  where a.state = 'failing' and extract(epoch from p_now - a.state_since) >= l.amount
$$;

-- The platform told us nothing, while looking brought orders that it should have told: for longer than the limit, in seconds. An order that was
-- told may take some minutes until it is booked. What was last told is kept for some weeks only; an open alert remembers it. Where nothing was ever told, since
-- when it should have been, or a week.
create or replace function alert_webhook_silent(p_now timestamptz, p_usual jsonb)
returns table (account_id bigint, subject text, since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  select a.id, 'account:' || a.name, o.first, l.quiet_s,
    jsonb_build_object('seconds', alert_seconds(t.last, p_now), 'limit', l.amount, 'last', case when not t.never then alert_instant(t.last) end, 'orders', o.n)
  from accounts a cross join lateral alert_limit_of(p_usual, 'webhook_silent', null) l
  cross join lateral (select coalesce((select max(received_at) from inbox where account_id = a.id and source not in ('poll', 'report')),
    (select (x.facts->>'last')::timestamptz from alerts x where x.kind = 'webhook_silent' and x.subject = 'account:' || a.name and x.ended_at is null)) as told) w
  cross join lateral (select coalesce(w.told, greatest(a.webhooks_since, p_now - interval '7 days')) as last, w.told is null as never
    where w.told is not null or a.webhooks_since is not null) t
  cross join lateral (select min(o.booked_at) as first, count(*) as n from channels c join orders o on o.channel_id = c.id
    where c.account_id = a.id and o.booked_at > t.last + interval '10 minutes') o
  where a.state <> 'paused' and t.last is not null and o.n > 0 and extract(epoch from p_now - o.first) >= l.amount
$$;

-- No order for longer than the limit, in seconds, in a channel that had ten in such a time: over four weeks, and on a week's worth of days of them.
create or replace function alert_orders_silent(p_now timestamptz, p_usual jsonb)
returns table (channel_id bigint, account_id bigint, subject text, since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  select c.id, a.id, 'channel:' || c.code, t.last, l.quiet_s, jsonb_build_object('seconds', alert_seconds(t.last, p_now), 'limit', l.amount,
    'last', alert_instant(t.last), 'perDay', round(o.n / 28.0, 1))
  from channels c join accounts a on a.id = c.account_id cross join lateral alert_limit_of(p_usual, 'orders_silent', c.id) l
  cross join lateral (select max(booked_at) as last from orders where channel_id = c.id and booked_at <= p_now) t
  cross join lateral (select count(*) as n, count(distinct booked_at::date) as days from orders
    where t.last < p_now - make_interval(secs => l.amount::float8) and channel_id = c.id and booked_at > t.last - interval '28 days' and booked_at <= t.last) o
  where not c.paused and a.state <> 'paused' and (c.publish_stock or c.publish_prices) and l.amount > 0
    and o.days >= 7 and o.n >= 10 * 28 * 86400 / l.amount
$$;

-- The feed's horizon is held back for longer than the limit, in seconds, by a transaction that writes and does not end: in this cluster, whichever
-- database it works on. Who it is can be seen where our role may (pg_read_all_stats); that it is, in the feed itself.
create or replace function alert_feed_held(p_now timestamptz, p_usual jsonb) returns table (since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  with holder as (
    select * from (
      select pid, null::text as prepared, datname::text as database, usename::text as role, application_name as application, state, xact_start as since, age(backend_xid) as age
      from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
      union all
      select null, gid, database::text, owner::text, null, 'prepared', prepared, age(transaction) from pg_prepared_xacts
    ) all_of_them order by age desc limit 1
  ), seen as (
    select at as since from change where tx >= pg_snapshot_xmin(pg_current_snapshot()) order by tx, seq limit 1
  )
  select s.since, l.quiet_s, jsonb_build_object('seconds', alert_seconds(s.since, p_now), 'limit', l.amount) || case when h.since is null then jsonb_build_object('pid', null)
    else jsonb_strip_nulls(jsonb_build_object('pid', h.pid, 'prepared', h.prepared, 'database', h.database, 'role', h.role, 'application', h.application, 'state', h.state)) end
  from alert_limit_of(p_usual, 'feed_held', null) l left join holder h on true left join seen w on true
  cross join lateral (select coalesce(h.since, w.since) as since) s
  where s.since is not null and extract(epoch from p_now - s.since) >= l.amount
$$;

-- So many values of a channel were found within a day that differ from what we left there. What an order explains is none, nor is a listing that nobody knows.
create or replace function alert_drift(p_now timestamptz, p_usual jsonb)
returns table (channel_id bigint, account_id bigint, subject text, since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  select c.id, c.account_id, 'channel:' || c.code, d.since, l.quiet_s, jsonb_build_object('found', d.n, 'open', d.open, 'limit', l.amount, 'withinSeconds', 86400,
    'edited', d.edited, 'lost', d.lost, 'gone', d.gone)
  from (
    select x.channel_id, count(*) as n, count(*) filter (where x.ended_at is null) as open, min(x.found_at) as since, count(*) filter (where x.cause = 'edited') as edited,
      count(*) filter (where x.cause = 'lost') as lost, count(*) filter (where x.cause = 'gone') as gone
    from drifts x where x.found_at > p_now - interval '1 day' and x.found_at <= p_now and x.cause not in ('order', 'unmapped') and x.state <> 'explained' group by x.channel_id
  ) d join channels c on c.id = d.channel_id cross join lateral alert_limit_of(p_usual, 'drift', c.id) l
  where not c.paused and d.n >= l.amount
$$;

-- A feed of prices is under way for longer than the limit, in seconds: what is in it waits for the platform. One that is waited for no more (late) has given its prices to
-- single calls, and is still told while the platform may come over them.
create or replace function alert_price_feed_late(p_now timestamptz, p_usual jsonb)
returns table (account_id bigint, subject text, since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  select a.id, 'account:' || a.name, f.begun_at, l.quiet_s, jsonb_build_object('seconds', alert_seconds(f.begun_at, p_now), 'limit', l.amount, 'prices', f.items,
    'feed', f.external_id, 'state', f.state)
  from publication_feeds f join accounts a on a.id = f.account_id cross join lateral alert_limit_of(p_usual, 'price_feed_late', null) l
  where f.ended_at is null and a.state <> 'paused' and extract(epoch from p_now - f.begun_at) >= l.amount
$$;

-- What was asked for orders: refused within a day and not asked for again (`acts_refused`, from so many on), or waiting for longer than the limit, in seconds (`acts_late`).
-- After a refused ship or cancel our books have moved, and only the same act asked again mends that; anything else is also mended by another of its kind.
create or replace function alert_acts(p_now timestamptz, p_usual jsonb)
returns table (kind text, channel_id bigint, account_id bigint, subject text, since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  select 'acts_refused', c.id, c.account_id, 'channel:' || c.code, r.since, l.quiet_s,
    jsonb_build_object('refused', r.n, 'order', r.number, 'act', r.kind, 'limit', l.amount, 'withinSeconds', 86400)
  from (
    select x.channel_id, count(*) as n, min(x.ended_at) as since, (array_agg(o.number order by x.ended_at desc))[1] as number, (array_agg(x.kind order by x.ended_at desc))[1] as kind
    from acts x join orders o on o.id = x.order_id where x.state = 'refused' and x.ended_at > p_now - interval '1 day' and x.ended_at <= p_now
      and (x.kind in ('ship', 'cancel') or not exists (select from acts y where y.order_id = x.order_id and y.kind = x.kind and y.id > x.id and y.state <> 'refused'))
    group by x.channel_id
  ) r join channels c on c.id = r.channel_id cross join lateral alert_limit_of(p_usual, 'acts_refused', c.id) l
  where r.n >= l.amount
  union all
  select 'acts_late', c.id, c.account_id, 'channel:' || c.code, w.since, l.quiet_s,
    jsonb_build_object('seconds', alert_seconds(w.since, p_now), 'limit', l.amount, 'waiting', w.n, 'order', w.number, 'act', w.kind)
  from (
    select x.channel_id, count(*) as n, min(case when x.reason_code = 'asked_again' then x.retry_at else x.created_at end) as since, (array_agg(o.number order by x.id))[1] as number, (array_agg(x.kind order by x.id))[1] as kind
    from acts x join orders o on o.id = x.order_id where x.state in ('intended', 'sent', 'unknown') group by x.channel_id
  ) w join channels c on c.id = w.channel_id join accounts a on a.id = c.account_id cross join lateral alert_limit_of(p_usual, 'acts_late', c.id) l
  where a.state = 'active' and extract(epoch from p_now - w.since) > l.amount
$$;

-- What a platform wants shipped within less than the limit, in seconds, or wanted before now, and has not left.
create or replace function alert_ship_by(p_now timestamptz, p_usual jsonb)
returns table (channel_id bigint, account_id bigint, subject text, since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  select c.id, c.account_id, 'channel:' || c.code, w.first - make_interval(secs => l.amount), l.quiet_s, jsonb_build_object('orders', w.n, 'order', w.number,
    'seconds', alert_seconds(p_now, w.first), 'late', w.late, 'limit', l.amount)
  from channels c cross join lateral alert_limit_of(p_usual, 'ship_by', c.id) l
  cross join lateral (select count(*) as n, min(o.ship_by) as first, count(*) filter (where o.ship_by <= p_now) as late, (array_agg(o.number order by o.ship_by, o.id))[1] as number
    from orders o where o.channel_id = c.id and o.state in ('accepted', 'held', 'routed', 'in_fulfilment') and o.ship_by < p_now + make_interval(secs => l.amount)
      and exists (select from order_lines x where x.order_id = o.id and x.reserved + x.short > 0)) w
  where w.n > 0
$$;

-- A new kind is one more line here.
create or replace function alerts_wrong(p_now timestamptz, p_usual jsonb)
returns table (kind text, subject text, channel_id bigint, account_id bigint, since timestamptz, quiet_s int, facts jsonb) language sql stable as $$
  select 'channel_late', subject, channel_id, account_id, since, quiet_s, facts from alert_late(p_now, p_usual)
  union all select 'refusals', subject, channel_id, account_id, since, quiet_s, facts from alert_refusals(p_now, p_usual)
  union all select 'drift', subject, channel_id, account_id, since, quiet_s, facts from alert_drift(p_now, p_usual)
  union all select kind, subject, null, account_id, since, quiet_s, facts from alert_failing(p_now, p_usual)
  union all select 'webhook_silent', subject, null, account_id, since, quiet_s, facts from alert_webhook_silent(p_now, p_usual)
  union all select 'orders_silent', subject, channel_id, account_id, since, quiet_s, facts from alert_orders_silent(p_now, p_usual)
  union all select 'price_feed_late', subject, null, account_id, since, quiet_s, facts from alert_price_feed_late(p_now, p_usual)
  union all select kind, subject, channel_id, account_id, since, quiet_s, facts from alert_acts(p_now, p_usual)
  union all select 'ship_by', subject, channel_id, account_id, since, quiet_s, facts from alert_ship_by(p_now, p_usual)
  union all select 'feed_held', 'feed', null, null, since, quiet_s, facts from alert_feed_held(p_now, p_usual)
$$;
