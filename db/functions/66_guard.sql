-- The guard: what of the outgoing difference goes beyond a channel's limits is held until a person has looked at it.
-- Lock order: the tally of channel and field, then publications by listing, then the incident.

-- The limits of a channel; where none were set, the defaults.
create or replace function guard_limits_of(p_channel bigint) returns guard_limits language plpgsql stable as $$
declare
  l guard_limits;
begin
  select * into l from guard_limits where channel_id = p_channel and valid_to is null;
  if l.id is null then
    l.channel_id := p_channel; l.changed_percent := 20; l.changed_least := 50; l.window_minutes := 60; l.drop_percent := 50;
    l.zero_listings := 200; l.zero_percent := 20; l.release_minutes := 30;
  end if;
  return l;
end $$;

-- How many listings of the channel may move within the window without breaking the limit: prices that change, or stock that goes to zero.
create or replace function guard_allowed(l guard_limits, p_field text, p_listings int) returns int language sql immutable as $$
  select case p_field
    when 'price' then case when l.changed_percent is not null then greatest(floor(p_listings * l.changed_percent / 100)::int, l.changed_least - 1) end
    else case when l.zero_listings is not null then greatest(floor(p_listings * l.zero_percent / 100)::int, l.zero_listings) end end
$$;

-- How many listings the channel publishes the field of; counted at most once a minute. What left the window is forgotten then.
create or replace function guard_listings_1(p_channel bigint, p_field text, p_window_begins timestamptz) returns int language plpgsql as $$
declare
  t guard_tallies;
begin
  select * into t from guard_tallies where channel_id = p_channel and field = p_field;
  if t.counted_at > clock_timestamp() - interval '1 minute' then
    return t.listings;
  end if;
  delete from guard_moves where channel_id = p_channel and field = p_field and moved_at <= p_window_begins;
  select count(*) into t.listings from publications p join listings l on l.id = p.listing_id and l.state <> 'gone' where p.channel_id = p_channel and p.field = p_field;
  insert into guard_tallies as g (channel_id, field, listings, counted_at) values (p_channel, p_field, t.listings, clock_timestamp())
  on conflict (channel_id, field) do update set listings = excluded.listings, counted_at = excluded.counted_at;
  return t.listings;
end $$;

-- Judges what is about to go out to a channel, in the order given. baseline: what the platform had when the window began, or what was approved since; null: there is
-- none to hold against. moved: it leaves the baseline. limit_name: the limit it goes beyond, or null. The caller holds the tally and the publications.
create or replace function guard_judge_1(p_channel bigint, p_field text, p_listings bigint[], p_values jsonb[], p_now timestamptz)
returns table (listing_id bigint, value jsonb, baseline jsonb, moved boolean, limit_name text) language plpgsql as $$
#variable_conflict use_column
declare
  l guard_limits := guard_limits_of(p_channel);
  begins timestamptz := p_now - make_interval(mins => l.window_minutes);
  on_at timestamptz;
  left_over int;
begin
  select case p_field when 'stock' then stock_on_at else prices_on_at end into on_at from channels where id = p_channel;
  if p_field = 'stock' and l.zero_listings is null or p_field = 'price' and l.changed_percent is null and l.drop_percent is null then
    return query select u.id, u.v, null::jsonb, false, null::text from unnest(p_listings, p_values) u(id, v);
    return;
  end if;
  left_over := coalesce(guard_allowed(l, p_field, guard_listings_1(p_channel, p_field, begins)), 2147483647)
    - (select count(*)::int from guard_moves m where m.channel_id = p_channel and m.field = p_field and m.moved_at > begins);
  return query
  with known as (
    select u.ord, u.id, u.v, m.moved_at > begins as counted,
      coalesce(case p_field when 'stock' then a.value = u.v else price_promise(a.value, p_now) = price_promise(u.v, p_now) end, false) as approved,
      case
        -- Who turned the channel on had seen it; and what is intended for the first time just after that was never shown otherwise by us.
        when p.intended_at <= on_at or p.is_first and on_at > begins then null
        when m.since > begins then m.baseline
        when p_field = 'stock' then jsonb_build_object('quantity', p.expected)
        when a.approved_at > begins and a.value = p.accepted then a.value
        when on_at > begins then p.accepted
        else coalesce((select h.value from publication_history h where h.listing_id = u.id and h.field = 'price' and h.event in ('accepted', 'applied', 'read')
          and h.at <= begins order by h.id desc limit 1), p.accepted) end as base
    from unnest(p_listings, p_values) with ordinality u(id, v, ord)
    join publications p on p.listing_id = u.id and p.field = p_field
    left join guard_moves m on m.listing_id = u.id and m.field = p_field
    left join guard_approvals a on a.listing_id = u.id and a.field = p_field
  ), weighed as (
    select k.*, not k.approved and k.base is not null and case p_field
        when 'stock' then (k.v->>'quantity')::int = 0 and coalesce((k.base->>'quantity')::int, 0) > 0
        else price_promise(k.base, p_now) <> price_promise(k.v, p_now) end as moves,
      not k.approved and p_field = 'price' and l.drop_percent is not null and k.base is not null and price_dropped(k.base, k.v, l.drop_percent) as drops
    from known k
  ), placed as (
    select w.*, count(*) filter (where w.moves and not w.drops and w.counted is not true) over (order by w.ord) as place from weighed w
  )
  select p.id, p.v, p.base, p.moves, case
    when p.drops then 'dropped'
    when p.moves and p.counted is not true and p.place > left_over then case p_field when 'stock' then 'zeroed' else 'changed' end end
  from placed p order by p.ord;
end $$;

-- Holds values back: opens the incident of the channel and field, or lets them join the open one. Answers {quarantine, channel, field, limit, items, opened}.
create or replace function guard_hold_1(p_channel bigint, p_field text, p_listings bigint[], p_values jsonb[], p_before jsonb[], p_limits text[]) returns jsonb language plpgsql as $$
declare
  l guard_limits := guard_limits_of(p_channel);
  c channels;
  q quarantines;
  opened boolean := false;
  about jsonb;
begin
  select * into c from channels where id = p_channel;
  select * into q from quarantines where channel_id = p_channel and field = p_field and decided_at is null for update;
  if q.id is null then
    about := jsonb_build_object('limit', p_limits[1], 'windowMinutes', l.window_minutes,
      'listings', (select listings from guard_tallies where channel_id = p_channel and field = p_field),
      'moved', (select count(*) from guard_moves where channel_id = p_channel and field = p_field and moved_at > clock_timestamp() - make_interval(mins => l.window_minutes)));
    about := about || case p_limits[1]
      when 'dropped' then jsonb_build_object('percent', trim_scale(l.drop_percent))
      when 'changed' then jsonb_build_object('percent', trim_scale(l.changed_percent), 'least', l.changed_least, 'allowed', guard_allowed(l, p_field, (about->>'listings')::int))
      else jsonb_build_object('percent', trim_scale(l.zero_percent), 'most', l.zero_listings, 'allowed', guard_allowed(l, p_field, (about->>'listings')::int),
        'releaseMinutes', l.release_minutes) end;
    insert into quarantines (channel_id, field, why) values (p_channel, p_field, about) returning * into q;
    opened := true;
    if p_field = 'stock' then
      insert into due (at, what, ref_id) values (q.opened_at + make_interval(mins => l.release_minutes), 'quarantine', q.id);
    end if;
    insert into audit (actor, act, subject, detail) values ('system', 'quarantine.open', c.code, about || jsonb_build_object('quarantine', q.id, 'field', p_field));
  end if;
  insert into quarantine_items (quarantine_id, listing_id, limit_name, before, value)
  select q.id, u.id, u.name, u.before, u.v from unnest(p_listings, p_values, p_before, p_limits) u(id, v, before, name) order by u.id
  on conflict (quarantine_id, listing_id) do update set limit_name = excluded.limit_name, before = excluded.before, value = excluded.value, at = clock_timestamp(),
    left_at = null, left_how = null;
  update quarantines set revision = revision + 1 where id = q.id;
  update publications p set state = 'quarantined', quarantine_id = q.id, quarantined = u.v, reason_code = 'quarantined', retry_at = null,
    reason = case u.name
      when 'dropped' then format('held by the guard of %s: falls by more than %s %%; approve or reject incident %s', c.code, trim_scale(l.drop_percent), q.id)
      when 'changed' then format('held by the guard of %s: more than %s %% of its listings changed price within %s minutes; approve or reject incident %s',
        c.code, trim_scale(l.changed_percent), l.window_minutes, q.id)
      else format('held by the guard of %s: more than %s listings and %s %% went to zero within %s minutes; approve or reject incident %s, or it goes out by itself',
        c.code, l.zero_listings, trim_scale(l.zero_percent), l.window_minutes, q.id) end
  from unnest(p_listings, p_values, p_limits) u(id, v, name) where p.listing_id = u.id and p.field = p_field;
  insert into publication_history (listing_id, field, event, value, why)
  select u.id, p_field, 'quarantined', u.v, jsonb_build_object('quarantine', q.id, 'limit', u.name, 'before', u.before)
  from unnest(p_listings, p_values, p_before, p_limits) u(id, v, before, name);
  return jsonb_build_object('quarantine', q.id, 'channel', c.code, 'field', p_field, 'limit', p_limits[1], 'items', cardinality(p_listings), 'opened', opened);
end $$;

-- Incidents of an account of which nothing is left: the books say something else, or the platform has it.
create or replace function guard_dissolve_1(p_account bigint) returns void language sql as $$
  update quarantines q set decision = 'dissolved', decided_at = clock_timestamp(), decided_by = 'system'
  where q.decided_at is null and q.channel_id in (select id from channels where account_id = p_account)
    and not exists (select from quarantine_items i where i.quarantine_id = q.id and i.left_at is null)
$$;

-- A person decides: cmd.quarantine, cmd.decision (approve or reject), cmd.revision? (what was seen), cmd.note?. What is approved goes out with the next chunks; a rejected
-- incident may still be approved later. Answers {"outcome": "done", held}, unknown, moved {revision} when something joined since, or decided {decision, by}.
create or replace function quarantine_decide_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  q quarantines;
begin
  if answer is not null then
    return answer;
  end if;
  select * into q from quarantines where id = (cmd->>'quarantine')::bigint;
  perform from guard_tallies where channel_id = q.channel_id and field = q.field for update;
  select * into q from quarantines where id = (cmd->>'quarantine')::bigint for update;
  if q.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown'));
  end if;
  if q.decision is not null and not (q.decision = 'rejected' and cmd->>'decision' = 'approve') then
    return command_open(cmd, jsonb_build_object('outcome', 'decided', 'decision', q.decision, 'by', q.decided_by));
  end if;
  if (cmd->>'revision')::int <> q.revision then
    return command_open(cmd, jsonb_build_object('outcome', 'moved', 'revision', q.revision));
  end if;
  update quarantines set decision = case cmd->>'decision' when 'approve' then 'approved' else 'rejected' end, decided_at = clock_timestamp(),
    decided_by = coalesce(cmd->>'actor', 'system'), note = coalesce(cmd->>'note', note) where id = q.id;
  if cmd->>'decision' = 'approve' then
    insert into due (at, what, ref_id) values (clock_timestamp(), 'quarantine', q.id);
  end if;
  insert into audit (actor, act, subject, detail)
  select coalesce(cmd->>'actor', 'system'), 'quarantine.' || (cmd->>'decision'), c.code,
    jsonb_strip_nulls(jsonb_build_object('quarantine', q.id, 'field', q.field, 'revision', q.revision, 'note', cmd->>'note'))
  from channels c where c.id = q.channel_id;
  return command_done(cmd, jsonb_build_object('outcome', 'done',
    'held', (select count(*) from quarantine_items where quarantine_id = q.id and left_at is null)));
end $$;

-- Lets go what was approved, at most so many at a time; stock that nobody decided on is released when its time has come. Answers how many are left.
create or replace function guard_release_1(p_quarantine bigint, p_now timestamptz, p_limit int) returns int language plpgsql as $$
declare
  q quarantines;
  release boolean;
  ids bigint[];
begin
  select * into q from quarantines where id = p_quarantine;
  perform from guard_tallies where channel_id = q.channel_id and field = q.field for update;
  select * into q from quarantines where id = p_quarantine;
  release := q.decision is null and q.field = 'stock' and q.opened_at + make_interval(mins => coalesce((q.why->>'releaseMinutes')::int, 30)) <= p_now;
  if not coalesce(release or q.decision in ('approved', 'released'), false) then
    return 0;
  end if;
  select array_agg(x.listing_id) into ids from (
    select p.listing_id from publications p where p.quarantine_id = q.id and p.field = q.field order by p.listing_id limit p_limit for update) x;
  if release then
    update quarantines set decision = 'released', decided_at = clock_timestamp(), decided_by = 'system' where id = q.id and decision is null returning * into q;
    insert into audit (actor, act, subject, detail)
    select 'system', 'quarantine.release', c.code, jsonb_build_object('quarantine', q.id, 'field', q.field) from channels c where c.id = q.channel_id;
  end if;
  if ids is null then
    return 0;
  end if;
  insert into guard_approvals (listing_id, field, value, approved_by)
  select p.listing_id, p.field, p.quarantined, q.decided_by from publications p where p.listing_id = any(ids) and p.field = q.field order by 1
  on conflict (listing_id, field) do update set value = excluded.value, approved_by = excluded.approved_by, approved_at = clock_timestamp();
  delete from guard_moves where listing_id = any(ids) and field = q.field;
  update quarantine_items set left_at = clock_timestamp(), left_how = q.decision where quarantine_id = q.id and listing_id = any(ids) and left_at is null;
  update publications set state = 'intended', reason = null, reason_code = null where listing_id = any(ids) and field = q.field and quarantine_id = q.id;
  return (select count(*) from publications where quarantine_id = q.id and field = q.field);
end $$;

-- The instant a channel's field is turned on: what is intended then was seen.
create or replace function channel_turned_on() returns trigger language plpgsql as $$
begin
  if new.publish_stock and (tg_op = 'INSERT' or not old.publish_stock) then
    new.stock_on_at := clock_timestamp();
  end if;
  if new.publish_prices and (tg_op = 'INSERT' or not old.publish_prices) then
    new.prices_on_at := clock_timestamp();
  end if;
  return new;
end $$;
create or replace trigger channel_turned_on before insert or update on channels for each row execute function channel_turned_on();

-- Sets a channel's limits: cmd.channel, and of changedPercent, changedLeast, windowMinutes, dropPercent, zeroListings, zeroPercent, releaseMinutes those that change
-- (null turns changedPercent, dropPercent, zeroListings off). Answers {"outcome": "done", limits} or unknown.
create or replace function guard_limits_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  l guard_limits;
  c bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select id into c from channels where code = cmd->>'channel' for no key update;
  if c is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
  end if;
  l := guard_limits_of(c);
  if cmd ? 'changedPercent' then l.changed_percent := (cmd->>'changedPercent')::numeric; end if;
  if cmd ? 'dropPercent' then l.drop_percent := (cmd->>'dropPercent')::numeric; end if;
  if cmd ? 'zeroListings' then l.zero_listings := (cmd->>'zeroListings')::int; end if;
  update guard_limits set valid_to = clock_timestamp() where channel_id = c and valid_to is null;
  insert into guard_limits (channel_id, changed_percent, changed_least, window_minutes, drop_percent, zero_listings, zero_percent, release_minutes, actor)
  values (c, l.changed_percent, coalesce((cmd->>'changedLeast')::int, l.changed_least), coalesce((cmd->>'windowMinutes')::int, l.window_minutes), l.drop_percent,
    l.zero_listings, coalesce((cmd->>'zeroPercent')::numeric, l.zero_percent), coalesce((cmd->>'releaseMinutes')::int, l.release_minutes), coalesce(cmd->>'actor', 'system'));
  insert into audit (actor, act, subject, detail)
  values (coalesce(cmd->>'actor', 'system'), 'guard.set', cmd->>'channel', cmd - 'scope' - 'key' - 'kind' - 'hash' - 'actor' - 'channel');
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'channel', cmd->>'channel'));
end $$;
