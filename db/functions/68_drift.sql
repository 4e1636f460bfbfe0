-- Drift: what a platform shows and should not, noted by whoever reads it, with its likely cause.

-- Takes in what the platform shows (publications_read_1), and notes each value of a published field that is not what we took it to show. items as there, with
-- modifiedAt? (when the platform says that the listing was changed). Answers how many there were.
create or replace function publications_read_2(p_account bigint, p_apply_within_ms int, items jsonb) returns int language plpgsql as $$
declare
  ids bigint[] := array(select (i->>'listing')::bigint from jsonb_array_elements(items) i);
  before publications[];
  seen jsonb;
  began timestamptz;
  d record;
  is_lost boolean;
  n int := 0;
begin
  select array_agg(x.p) into before from (select p from publications p where p.listing_id = any(ids) order by p.listing_id, p.field for update of p) x;
  select jsonb_object_agg(id, observed_at) into seen from listings where id = any(ids);
  began := clock_timestamp();
  perform publications_read_1(p_account, p_apply_within_ms, items);
  for d in
    select b.listing_id, b.field, b.channel_id, b.sent_at, b.accepted_at, b.applied_at, b.read_at, b.intended, h.value as shown, i.at, i.modified_at,
      case b.field when 'stock' then jsonb_build_object('quantity', h.why->'expected') else h.why->'expected' end as believed,
      case b.field when 'stock' then (h.value->>'quantity')::int - (h.why->>'expected')::int end as units
    from unnest(before) b
    join (select (i->>'listing')::bigint as listing_id, (i->>'at')::timestamptz as at, (i->>'modifiedAt')::timestamptz as modified_at from jsonb_array_elements(items) i) i
      on i.listing_id = b.listing_id
    join channels c on c.id = b.channel_id
    -- Whoever writes to the history of a field holds its row, which is ours now: the last event is of this reading, or older than it.
    cross join lateral (select event, value, why, at from publication_history h where h.listing_id = b.listing_id and h.field = b.field order by h.id desc limit 1) h
    where h.event = 'read' and h.at >= began and jsonb_typeof(h.why->'expected') <> 'null' and not h.why ? 'sent'
      -- Just what we sent last: the answer was lost, the write was not.
      and not (b.field = 'price' and coalesce(h.value = b.sent and b.sent_at > coalesce(b.accepted_at, '-infinity'), false))
      -- A feed came over what went by itself while it was under way: our own doing.
      and not (b.field = 'price' and exists (select from publication_feed_items o where o.listing_id = b.listing_id and o.overtaken))
      and case b.field when 'stock' then c.publish_stock else c.publish_prices end
  loop
    -- More than our books say, by no more than orders that crossed our last write: it went over them, which was in doubt since, and is mended now.
    continue when d.units > 0 and d.units <= (select coalesce(sum((o.why->>'units')::int - (o.why->>'alreadySeen')::int), 0) from publication_history o
      where o.listing_id = d.listing_id and o.field = 'stock' and o.event = 'order' and o.at >= d.sent_at - interval '10 seconds');
    -- Accepted and never proven, or the platform's own stamp is older than our write: what we wrote is not there.
    is_lost := d.accepted_at is not null
      and (coalesce(d.applied_at, '-infinity') < d.accepted_at or coalesce(d.modified_at < d.sent_at - interval '5 seconds', false));
    update drifts set state = 'taken', lets_go = null, ended_at = clock_timestamp()
    where listing_id = d.listing_id and field = d.field and ended_at is null and taken_at is not null;
    insert into drifts as o (account_id, channel_id, listing_id, field, cause, believed, wanted, shown, units, right_at, modified_at, found_at, looked_at)
    values (p_account, d.channel_id, d.listing_id, d.field, case when is_lost then 'lost' when d.units < 0 then 'order' else 'edited' end, d.believed, d.intended, d.shown, d.units,
      case when is_lost then d.applied_at else greatest(d.applied_at, d.read_at, (seen->>d.listing_id::text)::timestamptz) end, d.modified_at, d.at, d.at)
    on conflict (listing_id, field) where ended_at is null do update set cause = excluded.cause, wanted = excluded.wanted, shown = excluded.shown,
      units = o.units + excluded.units, modified_at = excluded.modified_at, looked_at = excluded.looked_at, settled = false, state = 'open', lets_go = null, words = null, reason = null,
      winner = null, decided_by = null, decided_at = null, taken_at = null;
    -- Somebody set it back.
    update drifts set state = 'overtaken', ended_at = clock_timestamp()
    where listing_id = d.listing_id and field = d.field and ended_at is null and case field when 'stock' then units + explained = 0 else shown = believed end;
    perform drift_judge_1(o.id) from drifts o where o.listing_id = d.listing_id and o.field = d.field and o.ended_at is null;
    n := n + 1;
  end loop;
  return n;
end $$;

-- Who wins, by the channel's rule: what was lost is written again, and what orders may explain waits for them; the rest is repaired, taken in, or held for a person.
-- What sells at a loss or sells what is not there (urgency up to 3) is repaired at once where a person would be asked.
create or replace function drift_judge_1(p_drift bigint) returns void language sql as $$
  update drifts d set state = case when d.cause = 'order' then 'open' else case r.winner when 'platform' then 'taking' when 'ask' then 'held' else 'open' end end,
    lets_go = case r.winner when 'platform' then 0 when 'ask' then 3 end
  from (select coalesce((select w.winner from drift_policies w join drifts o on o.channel_id = w.channel_id and o.field = w.field
    where o.id = p_drift and w.valid_to is null), 'hub') as winner) r
  where d.id = p_drift and d.winner is null and d.cause in ('order', 'edited')
$$;

-- One call of a check: takes in what it showed and moves the check on. items: as for listings_observe_1, with at and modifiedAt. p_calls: the check's calls before
-- this one: who finds another number was overtaken. moved: {phase, place, parent}. Answers how many differ; null: overtaken, nothing was taken in.
create or replace function drift_look_1(p_check bigint, p_calls int, p_apply_within_ms int, items jsonb, moved jsonb, p_actor text) returns int language plpgsql as $$
declare
  k drift_checks;
  slow jsonb;
  quick jsonb;
  strange jsonb;
  n int;
  m int := 0;
begin
  select * into k from drift_checks where id = p_check and ended_at is null and calls = p_calls for update;
  if k.id is null then
    return null;
  end if;
  -- Most values are what they should be, and proven: of them no more is written than that they were seen.
  with item as (
    select e, l.id, l.state, l.external_sku, jsonb_typeof(e->'quantity') = 'number' as counts, jsonb_typeof(e->'price') = 'object' as costs
    from jsonb_array_elements(items) e join channels c on c.account_id = k.account_id and c.external_ref = e->>'channelRef'
    left join listings l on l.channel_id = c.id and l.external_id = e->>'externalId'
  ), judged as (
    select item.*, case when counts then jsonb_build_object('quantity', e->'quantity') else '{}' end || case when costs then jsonb_build_object('price', e->'price') else '{}' end
        || jsonb_build_object('listing', id, 'at', e->'at', 'modifiedAt', e->'modifiedAt') as x,
      exists (select from publications p where p.listing_id = item.id and case p.field when 'stock' then counts else costs end
        and (p.state in ('sent', 'accepted') or p.check_at is not null or coalesce(p.reason_code, '') = 'unknown' or coalesce(p.applied_at < p.accepted_at, p.accepted_at is not null)
          or case p.field when 'stock' then p.expected is distinct from (e->>'quantity')::int else p.accepted is distinct from e->'price' end)) as is_slow
    from item
  )
  select jsonb_agg(x) filter (where id is not null and is_slow), jsonb_agg(x) filter (where id is not null and not is_slow),
    jsonb_agg(e || jsonb_build_object('isNew', id is null)) filter (where id is null or state <> e->>'state' or external_sku <> e->>'sku')
  into slow, quick, strange from judged;
  if slow is not null then
    m := publications_read_2(k.account_id, p_apply_within_ms, slow);
  end if;
  update listings l set shown_quantity = coalesce((x->>'quantity')::int, l.shown_quantity), shown_price = coalesce(x->'price', l.shown_price),
    observed_at = greatest(l.observed_at, (x->>'at')::timestamptz)
  from jsonb_array_elements(coalesce(quick, '[]')) x where l.id = (x->>'listing')::bigint;
  if strange is not null then
    perform listings_observe_1(k.account_id, strange, p_actor);
    insert into drifts (account_id, channel_id, listing_id, field, cause, shown, found_at, looked_at, settled)
    select k.account_id, l.channel_id, l.id, 'listing', 'unmapped', jsonb_build_object('title', l.title), (e->>'at')::timestamptz, (e->>'at')::timestamptz, true
    from jsonb_array_elements(strange) e join channels c on c.account_id = k.account_id and c.external_ref = e->>'channelRef'
    join listings l on l.channel_id = c.id and l.external_id = e->>'externalId' where (e->>'isNew')::boolean and l.variant_id is null
    on conflict (listing_id, field) where ended_at is null do nothing;
    get diagnostics n = row_count;
    m := m + n;
  end if;
  update drift_checks set calls = calls + 1, seen = seen + jsonb_array_length(items), differs = differs + m, phase = moved->>'phase', place = moved->>'place',
    parent = moved->>'parent' where id = k.id;
  return m;
end $$;

-- What a check did not see and a look by name did not find: gone.
create or replace function drift_gone_1(p_check bigint, p_listings bigint[], p_at timestamptz) returns void language sql as $$
  with noted as (
    insert into drifts (account_id, channel_id, listing_id, field, cause, believed, right_at, found_at, looked_at, settled)
    select l.account_id, l.channel_id, l.id, 'listing', 'gone', jsonb_build_object('title', l.title), l.observed_at, p_at, p_at, true
    from listings l where l.id = any(p_listings) and l.state = 'gone' on conflict (listing_id, field) where ended_at is null do nothing returning 1
  )
  update drift_checks set differs = differs + (select count(*) from noted) where id = p_check
$$;

-- A part of the platform's report of a channel, which shows no instant before p_at: what is there just as our books say, and proven, counts as seen then. All else is
-- left to be looked at by name. items: {sku, state, quantity, regular}, null where it does not tell. moved as above. Answers how many were seen; null: overtaken.
create or replace function drift_report_1(p_check bigint, p_calls int, p_channel text, p_at timestamptz, items jsonb, moved jsonb) returns int language plpgsql as $$
declare
  k drift_checks;
  n int;
begin
  select * into k from drift_checks where id = p_check and ended_at is null and calls = p_calls for update;
  if k.id is null then
    return null;
  end if;
  update listings l set shown_quantity = case when l.observed_at < p_at then coalesce((i->>'quantity')::int, l.shown_quantity) else l.shown_quantity end,
    observed_at = greatest(l.observed_at, p_at)
  from jsonb_array_elements(items) i
  where l.account_id = k.account_id and l.external_sku = i->>'sku' and l.state = coalesce(i->>'state', l.state) and l.state <> 'gone'
    and l.channel_id = (select c.id from channels c where c.account_id = k.account_id and c.external_ref = p_channel)
    and not exists (select from publications p where p.listing_id = l.id
      and (p.state in ('sent', 'accepted') or p.check_at is not null or coalesce(p.reason_code, '') = 'unknown' or coalesce(p.applied_at < p.accepted_at, p.accepted_at is not null)
        or case p.field when 'stock' then p.expected is distinct from (i->>'quantity')::int
          -- Of a sale a report says nothing.
          else coalesce(jsonb_typeof(p.accepted->'sale'), 'null') <> 'null' or (p.accepted->>'regular')::numeric is distinct from (i->>'regular')::numeric end));
  get diagnostics n = row_count;
  update drift_checks set seen = seen + n, phase = moved->>'phase', place = moved->>'place', parent = moved->>'parent' where id = k.id;
  return n;
end $$;
