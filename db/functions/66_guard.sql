-- The guard: what of the outgoing difference goes beyond a channel's limits is held until a person has looked at it.
-- Lock order: the tally of channel and field, then publications by listing, then the incident.

-- Holds values back: opens the incident of the channel and field, or lets them join the open one. Answers {quarantine, channel, field, limit, items, opened}.
create or replace function guard_hold_1(p_channel bigint, p_field text, p_listings bigint[], p_values jsonb[], p_before jsonb[], p_limits text[]) returns jsonb language plpgsql as $$
declare
  w record;
  l guard_limits;
  c channels;
  q quarantines;
  opened boolean := false;
  about jsonb;
begin
  select * into c from channels where id = p_channel;
  perform guard_listings_1(p_channel, p_field);
  select * into w from guard_window(p_channel, p_field, clock_timestamp());
  l := w.limits;
  select * into q from quarantines where channel_id = p_channel and field = p_field and decided_at is null for update;
  if q.id is null then
    about := jsonb_build_object('limit', p_limits[1], 'windowMinutes', l.window_minutes, 'listings', w.listings, 'moved', w.moved);
    about := about || case p_limits[1]
      when 'dropped' then jsonb_build_object('percent', trim_scale(l.drop_percent))
      when 'changed' then jsonb_build_object('percent', trim_scale(l.changed_percent), 'least', l.changed_least, 'allowed', w.allowed)
      else jsonb_build_object('percent', trim_scale(l.zero_percent), 'most', l.zero_listings, 'allowed', w.allowed,
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
      when 'changed' then format('held by the guard of %s: %s of its %s listings may change price within %s minutes, %s already did; approve or reject incident %s',
        c.code, w.allowed, w.listings, l.window_minutes, w.moved, q.id)
      else format('held by the guard of %s: %s of its %s listings may go to zero within %s minutes, %s already did; approve or reject incident %s, or it goes out by itself',
        c.code, w.allowed, w.listings, l.window_minutes, w.moved, q.id) end
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
