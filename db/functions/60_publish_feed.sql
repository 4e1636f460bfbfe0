-- Publishing many prices as one feed. A field in a feed is `sent` under the feed's id, whoever holds the account; it waits for the feed's verdict.

-- Which prices may go by feed, at most p_limit: only what does no harm late. Never what stands below its floor or is due at an instant (urgency), never a sale that begins or
-- ends within p_clear, never what a person wants now, and never what failed before: that goes by itself.
create or replace function feed_candidates(p_account bigint, p_clear interval, p_limit int) returns table (listing_id bigint, sku text) language sql stable as $$
  select p.listing_id, l.external_sku
  from publications p join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id
  where p.account_id = p_account and p.waiting_since is not null and least(p.urgency, 2) = 2 and p.urgency = 6 and p.field = 'price' and p.state = 'intended' and p.attempts = 0
    and p.forced_at is null and p.reason_code is null and coalesce(p.retry_at <= clock_timestamp(), true) and not c.paused and c.publish_prices and l.state <> 'gone'
    and coalesce((p.intended_why->>'notBefore')::timestamptz <= clock_timestamp(), true)
    and not coalesce((p.intended->'sale'->>'from')::timestamptz between clock_timestamp() and clock_timestamp() + p_clear, false)
    and not coalesce((p.intended->'sale'->>'to')::timestamptz between clock_timestamp() and clock_timestamp() + p_clear, false)
    and p.urgency <= coalesce((select d.lets_go from drifts d where d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null), 100)
  -- What loses most while it waits, and what waits longest of the same, goes by itself meanwhile: the feed takes from the other end of the same index.
  order by least(p.urgency, 2) desc, p.loss, p.waiting_since desc limit p_limit
$$;

-- How large the backlog is, counted up to p_limit: calls that wait, and SKUs whose prices may go by feed. No row where less than p_least fields wait.
create or replace function feed_backlog_1(p_account bigint, p_clear interval, p_least int, p_limit int) returns table (calls int, feedable int) language sql stable as $$
  select (select count(distinct w.external_sku)::int from (select l.external_sku from publications p join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id
      where p.account_id = p_account and p.waiting_since is not null and not c.paused
        and case p.field when 'stock' then c.publish_stock else c.publish_prices end limit p_limit) w),
    (select count(distinct f.sku)::int from feed_candidates(p_account, p_clear, p_limit) f)
  where (select count(*) from (select from publications p where p.account_id = p_account and p.waiting_since is not null limit p_least) w) >= p_least
$$;

-- Notes at most p_limit more fields as sent in the account's feed that is being filled; begins one where none is open. The guard and floors judge them as any other
-- (publications_send_3). Answers {feed, items (SKUs in it), tried, held}; null: the lease is another's, or a feed is under way.
create or replace function feed_fill_1(p_account bigint, p_lease bigint, p_clear interval, p_limit int) returns jsonb language plpgsql as $$
declare
  f publication_feeds;
  asked jsonb;
  answer jsonb;
  n int;
begin
  if not exists (select from accounts where id = p_account and lease_token = p_lease and lease_until > clock_timestamp()) then
    return null;
  end if;
  select * into f from publication_feeds where account_id = p_account and ended_at is null for update;
  if f.id is null then
    insert into publication_feeds (account_id) values (p_account) returning * into f;
  elsif f.state <> 'filling' then
    return null;
  end if;
  select jsonb_agg(jsonb_build_object('listing', listing_id, 'field', 'price')) into asked from feed_candidates(p_account, p_clear, p_limit);
  if asked is not null then
    answer := publications_send_3(p_account, p_lease, asked, interval '0');
    with moved as (
      update publications p set feed_id = f.id from jsonb_array_elements(answer->'send') s where p.listing_id = (s->>'listing')::bigint and p.field = 'price'
      returning p.listing_id, p.sent
    )
    insert into publication_feed_items (feed_id, listing_id, sku, value) select f.id, m.listing_id, l.external_sku, m.sent from moved m join listings l on l.id = m.listing_id;
    update publication_feeds set items = (select count(distinct sku) from publication_feed_items where feed_id = f.id) where id = f.id returning items into n;
  end if;
  return jsonb_build_object('feed', f.id, 'items', coalesce(n, f.items), 'tried', coalesce(jsonb_array_length(asked), 0), 'held', coalesce(answer->'held', '[]'));
end $$;

-- Takes out of a feed what cannot wait for it, and before the platform has it whatever changed or may not go any more: what stands below a floor that moved, what turned at an instant, what may not be shown any more. It goes by itself at once; where
-- the platform may have the feed already, the feed's value is taken for shown, and looked at again after the verdict. Answers how many.
create or replace function feed_release_1(p_feed bigint) returns int language plpgsql as $$
declare
  f publication_feeds;
  ids bigint[];
  n int;
begin
  -- Whoever hands the feed over waits meanwhile: what leaves while it is filled must not stand in its document.
  select * into f from publication_feeds where id = p_feed and ended_at is null for update;
  if f.id is null then
    return 0;
  end if;
  ids := array(select p.listing_id from publications p
    where p.feed_id = f.id and p.field = 'price' and p.state = 'sent'
      and (p.held is not null or price_below_floor(p.sent, p.floor, p.floor_ahead) or p.intended is distinct from p.sent and p.intended_why ? 'turnedAt'
        or f.state = 'filling' and (p.intended is distinct from p.sent
          or not exists (select from channels c where c.id = p.channel_id and c.publish_prices and not c.paused)))
    order by p.listing_id for update of p);
  with leaving as (
    update publications p set state = 'intended', feed_id = null, sent_lease = null, retry_at = null,
      accepted = case when f.state = 'filling' then p.accepted else p.sent end
    where p.listing_id = any(ids) and p.field = 'price' returning p.listing_id, p.sent, f.state
  ), never as (
    delete from publication_feed_items i using leaving x where i.feed_id = p_feed and i.listing_id = x.listing_id and x.state = 'filling'
  ), overtaken as (
    update publication_feed_items i set overtaken = true from leaving x where i.feed_id = p_feed and i.listing_id = x.listing_id and x.state <> 'filling'
  ), told as (
    insert into publication_history (listing_id, field, event, value, why)
    select listing_id, 'price', 'retry', sent, jsonb_build_object('code', 'overtaken', 'words', 'its price could not wait for the feed that it was in') from leaving
  )
  select count(*) into n from leaving;
  update publication_feeds set items = (select count(distinct sku) from publication_feed_items where feed_id = p_feed) where id = p_feed and n > 0 and state = 'filling';
  return n;
end $$;

-- From here on the platform may have it. False: the lease is another's, or the feed is not being filled.
create or replace function feed_starting_1(p_account bigint, p_lease bigint, p_feed bigint) returns boolean language sql as $$
  with moved as (
    update publication_feeds f set state = 'starting', starting_at = clock_timestamp() from accounts a
    where f.id = p_feed and f.state = 'filling' and a.id = p_account and a.lease_token = p_lease and a.lease_until > clock_timestamp() returning 1
  )
  select exists (select from moved)
$$;

-- What became of the start, whoever holds the account now: p_external is the platform's id; null: nothing happened, and it may be tried again.
create or replace function feed_started_1(p_feed bigint, p_external text) returns void language sql as $$
  update publication_feeds set state = case when p_external is null then 'filling' else 'started' end, external_id = p_external,
    starting_at = case when p_external is not null then starting_at end, started_at = case when p_external is not null then clock_timestamp() end
  where id = p_feed and state = 'starting'
$$;

-- Verdicts, as publications_result_1 takes them; only of what is still in the feed. False: the lease is another's.
create or replace function feed_verdicts_1(p_account bigint, p_lease bigint, p_feed bigint, results jsonb) returns boolean language plpgsql as $$
begin
  if not exists (select from accounts where id = p_account and lease_token = p_lease and lease_until > clock_timestamp()) then
    return false;
  end if;
  perform from publications p join jsonb_array_elements(results) r on p.listing_id = (r->>'listing')::bigint and p.field = 'price'
  where p.feed_id = p_feed order by p.listing_id for update of p;
  -- They were sent under whichever lease was then; whoever has the feed now answers for them.
  update publications p set sent_lease = p_lease from jsonb_array_elements(results) r
  where p.feed_id = p_feed and p.listing_id = (r->>'listing')::bigint and p.field = 'price' and p.state = 'sent';
  perform publications_result_1(p_account, p_lease, coalesce((select jsonb_agg(r) from jsonb_array_elements(results) r
    where exists (select from publications p where p.feed_id = p_feed and p.listing_id = (r->>'listing')::bigint and p.field = 'price')), '[]'));
  update publications p set feed_id = null from jsonb_array_elements(results) r
  where p.feed_id = p_feed and p.listing_id = (r->>'listing')::bigint and p.field = 'price';
  return true;
end $$;

-- The feed is waited for no more: at most p_limit of its fields go by themselves, and are looked at when it ends after all. Answers how many.
create or replace function feed_late_1(p_account bigint, p_lease bigint, p_feed bigint, p_limit int) returns int language plpgsql as $$
declare
  n int := 0;
begin
  update publication_feeds f set state = 'late' from accounts a
  where f.id = p_feed and f.state in ('started', 'late') and a.id = p_account and a.lease_token = p_lease and a.lease_until > clock_timestamp();
  if not found then
    return 0;
  end if;
  with leaving as (
    update publications set state = 'intended', feed_id = null, sent_lease = null, retry_at = null where (listing_id, field) in (
      select listing_id, field from publications where feed_id = p_feed and state = 'sent' order by listing_id limit p_limit for update)
    returning listing_id, sent
  ), overtaken as (
    update publication_feed_items i set overtaken = true from leaving x where i.feed_id = p_feed and i.listing_id = x.listing_id
  ), told as (
    insert into publication_history (listing_id, field, event, value, why)
    select listing_id, 'price', 'retry', sent, jsonb_build_object('code', 'feed_late', 'words', 'the feed that it was in had no verdict for too long') from leaving
  )
  select count(*) into n from leaving;
  return n;
end $$;

-- The feed is over. Of what is left in it nothing is known; what went by itself meanwhile is looked at from now on.
create or replace function feed_end_1(p_account bigint, p_lease bigint, p_feed bigint, p_outcome text, p_words text) returns boolean language plpgsql as $$
begin
  -- As all do who move a feed on: the feed before its prices.
  perform from publication_feeds where id = p_feed for update;
  if not feed_verdicts_1(p_account, p_lease, p_feed, coalesce((select jsonb_agg(jsonb_build_object('listing', listing_id, 'field', 'price', 'status', 'unknown',
      'words', 'the platform did not say what became of it', 'retryAt', clock_timestamp())) from publications where feed_id = p_feed), '[]')) then
    return false;
  end if;
  delete from publication_feed_items where feed_id = p_feed and not overtaken;
  update publication_feed_items set look_at = clock_timestamp() where feed_id = p_feed;
  update publication_feeds set state = 'ended', ended_at = clock_timestamp(), outcome = p_outcome, words = p_words where id = p_feed and ended_at is null;
  return true;
end $$;

-- Looks again at what went by itself while its feed was under way, until the feed's value can come over it no more.
create or replace function feed_looks_1(p_account bigint, p_within interval) returns void language plpgsql as $$
begin
  -- Prices in their order before what a feed knows of them, as everywhere.
  perform from publications where field = 'price' and listing_id in (select i.listing_id from publication_feed_items i
    join publication_feeds f on f.id = i.feed_id where f.account_id = p_account and i.look_at <= clock_timestamp()) order by listing_id for update;
  with due as (
    select i.feed_id, i.listing_id, f.ended_at from publication_feed_items i join publication_feeds f on f.id = i.feed_id
    where f.account_id = p_account and i.look_at <= clock_timestamp() order by i.listing_id for update of i
  ), looked as (
    update publications p set check_at = clock_timestamp() from due d where p.listing_id = d.listing_id and p.field = 'price'
  ), over as (
    delete from publication_feed_items i using due d where i.feed_id = d.feed_id and i.listing_id = d.listing_id and d.ended_at + p_within < clock_timestamp()
  )
  update publication_feed_items i set look_at = clock_timestamp() + p_within / 20 from due d
  where i.feed_id = d.feed_id and i.listing_id = d.listing_id and d.ended_at + p_within >= clock_timestamp();
end $$;
