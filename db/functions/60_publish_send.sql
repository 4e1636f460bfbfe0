-- Publishing: what goes out, and what the platform answered.

-- The only door to a call. items: [{listing, field, readSince?}]. Only what still waits, is switched on, stands above its floor and is within the guard's limits goes
-- out: {"send": [{listing, field, value, expected?, floor?, floorAhead?}], "held": [what guard_hold_1 answers]}; null when the lease is another's. With `readSince` a raise goes
-- out only over a conclusive look at the platform since that instant; showing less never waits for one. What is right only from an instant on that is less than p_ahead
-- away has inMs, how long until then: its call waits so long, and asks publications_still_1 once more.
create or replace function publications_send_3(p_account bigint, p_lease bigint, items jsonb, p_ahead interval) returns jsonb language plpgsql as $$
declare
  asked_at timestamptz := clock_timestamp();
  -- The last instant at which something of it begins to show.
  now_at timestamptz := asked_at;
  until_at timestamptz;
  k_listing bigint[]; k_field text[]; k_channel bigint[]; k_value jsonb[]; k_floor numeric[];
  -- What left its baseline; and what is held.
  m_listing bigint[] := '{}'; m_field text[] := '{}';
  h_listing bigint[]; h_value jsonb[]; h_before jsonb[]; h_limit text[]; j_listing bigint[]; j_baseline jsonb[];
  all_held jsonb := '[]';
  none bigint[] := '{}';
  t record;
  answer jsonb;
begin
  if not exists (select from accounts where id = p_account and lease_token = p_lease and lease_until > clock_timestamp()) then
    return null;
  end if;
  -- Who sends counts, one at a time for a channel and field: many small writes are one big one.
  for t in
    select distinct p.channel_id, p.field from publications p join jsonb_array_elements(items) i on p.listing_id = (i->>'listing')::bigint and p.field = i->>'field'
    where p.account_id = p_account and (p.field = 'price' or (p.expected > 0 and greatest((p.intended->>'quantity')::int - p.withheld, 0) = 0)) order by 1, 2
  loop
    insert into guard_tallies (channel_id, field) values (t.channel_id, t.field) on conflict do nothing;
    perform from guard_tallies where channel_id = t.channel_id and field = t.field for update;
  end loop;
  select array_agg(x.listing_id), array_agg(x.field), array_agg(x.channel_id), array_agg(x.value), array_agg(x.floor), max(x.not_before)
  into k_listing, k_field, k_channel, k_value, k_floor, until_at from (
    select p.listing_id, p.field, p.channel_id, p.floor, (p.intended_why->>'notBefore')::timestamptz as not_before, case when p.field = 'stock'
      then jsonb_build_object('quantity', greatest((p.intended->>'quantity')::int - p.withheld, 0)) else p.intended end as value
    from (select (i->>'listing')::bigint as listing_id, i->>'field' as field, (i->>'readSince')::timestamptz as read_since from jsonb_array_elements(items) i) i
    join publications p on i.listing_id = p.listing_id and i.field = p.field
    join channels c on c.id = p.channel_id join listings l on l.id = p.listing_id
    -- Looked up by what was asked: usually hardly anything waits, so the planner would go through all that does, for each chunk of it.
    where p.account_id = p_account and coalesce(p.waiting_since is not null, false) and p.state <> 'quarantined' and p.held is null and l.state <> 'gone' and not c.paused
      and case p.field when 'stock' then c.publish_stock else c.publish_prices end
      and not coalesce((p.intended_why->>'notBefore')::timestamptz > clock_timestamp() + p_ahead, false)
      and (i.read_since is null or p.read_at >= i.read_since or greatest((p.intended->>'quantity')::int - p.withheld, 0) < p.expected)
    order by p.listing_id, p.field for update of p
  ) x;
  now_at := greatest(now_at, until_at);
  -- A floor that has moved since the price was worked out holds from now on; the price that is right then follows by itself.
  for t in
    select u.channel_id, array_agg(distinct p.variant_id) as ids from unnest(k_listing, k_field, k_channel) u(listing_id, field, channel_id)
    join publications p on p.listing_id = u.listing_id and p.field = u.field where u.field = 'price' group by 1
  loop
    with bound as materialized (select * from price_bounds_1(t.channel_id, t.ids, now_at, 'infinity')), below as (
      update publications p set retry_at = clock_timestamp() + interval '1 second' from bound b
      where p.field = 'price' and p.channel_id = t.channel_id and p.variant_id = b.variant_id and p.listing_id = any(k_listing)
        and (b.unknown or price_below_floor(p.intended, b.floor, null))
        -- To take back a sale that was sent ahead shows nothing that is not shown already.
        and p.intended is distinct from p.accepted || '{"sale": null}' returning p.listing_id
    )
    select none || coalesce(array_agg(listing_id), '{}') into none from below;
  end loop;
  for t in
    select u.channel_id, u.field, array_agg(u.listing_id order by p.urgency, p.waiting_since, u.listing_id) as ids,
      array_agg(u.value order by p.urgency, p.waiting_since, u.listing_id) as vals
    from unnest(k_listing, k_field, k_channel, k_value) u(listing_id, field, channel_id, value)
    join publications p on p.listing_id = u.listing_id and p.field = u.field
    where (u.field = 'price' and u.listing_id <> all(none)) or (u.field = 'stock' and (u.value->>'quantity')::int = 0 and p.expected > 0)
    group by 1, 2 order by 1, 2
  loop
    select array_agg(j.listing_id) filter (where j.limit_name is not null), array_agg(j.value) filter (where j.limit_name is not null),
      array_agg(j.baseline) filter (where j.limit_name is not null), array_agg(j.limit_name) filter (where j.limit_name is not null),
      array_agg(j.listing_id) filter (where j.moved and j.limit_name is null), array_agg(j.baseline) filter (where j.moved and j.limit_name is null)
    into h_listing, h_value, h_before, h_limit, j_listing, j_baseline from guard_judge_1(t.channel_id, t.field, t.ids, t.vals, now_at) j;
    -- What goes is counted before an incident tells how many went.
    insert into guard_moves as g (listing_id, field, channel_id, baseline, since, moved_at)
    select u.id, t.field, t.channel_id, u.baseline, now_at, now_at from unnest(j_listing, j_baseline) u(id, baseline)
    on conflict (listing_id, field) do update set channel_id = excluded.channel_id, moved_at = excluded.moved_at,
      since = case when g.baseline = excluded.baseline then g.since else excluded.since end, baseline = excluded.baseline;
    if h_listing is not null then
      all_held := all_held || guard_hold_1(t.channel_id, t.field, h_listing, h_value, h_before, h_limit);
    end if;
    if j_listing is not null then
      m_listing := m_listing || j_listing;
      m_field := m_field || array_fill(t.field, array[cardinality(j_listing)]);
    end if;
  end loop;
  with moved as (
    update publications p set state = 'sent', sent = k.value, sent_at = clock_timestamp(), sent_own_orders = p.own_orders, sent_lease = p_lease,
      attempts = p.attempts + 1
    from unnest(k_listing, k_field, k_value) k(listing_id, field, value)
    where p.listing_id = k.listing_id and p.field = k.field and p.state <> 'quarantined' and (k.field = 'stock' or k.listing_id <> all(none))
    returning p.listing_id, p.field, p.sent, p.floor, p.floor_ahead, case when p.field = 'stock' then p.expected end as expected, ceil(extract(epoch from (p.intended_why->>'notBefore')::timestamptz - asked_at) * 1000)::int as in_ms
  ), noted as (
    insert into publication_history (listing_id, field, event, value) select listing_id, field, 'sent', sent from moved
  ), back as (
    -- What is at its baseline again does not count any more.
    delete from guard_moves g using moved m where g.listing_id = m.listing_id and g.field = m.field
      and not exists (select from unnest(m_listing, m_field) x(listing_id, field) where x.listing_id = m.listing_id and x.field = m.field)
  ), other as (
    delete from guard_approvals a using moved m where a.listing_id = m.listing_id and a.field = m.field and a.value <> m.sent
      and (a.field = 'stock' or price_differs(a.value, m.sent, now_at))
  )
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('listing', listing_id, 'field', field, 'floor', trim_scale(floor)::text, 'floorAhead', trim_scale(floor_ahead)::text,
      'expected', expected, 'inMs', case when in_ms > 0 then in_ms end))
    || jsonb_build_object('value', sent)), '[]') into answer from moved;
  return jsonb_build_object('send', answer, 'held', all_held);
end $$;

-- Of what was noted as sent ahead, at its instant: what is still right and may go out now, as [{listing, field}]; null when the lease is another's. The rest has not left.
create or replace function publications_still_1(p_account bigint, p_lease bigint, items jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb;
begin
  if not exists (select from accounts where id = p_account and lease_token = p_lease and lease_until > clock_timestamp()) then
    return null;
  end if;
  with asked as materialized (
    select p.listing_id, p.field, p.channel_id, p.variant_id, p.sent, p.floor from jsonb_array_elements(items) i
    join publications p on p.listing_id = (i->>'listing')::bigint and p.field = i->>'field'
    join channels c on c.id = p.channel_id
    where p.account_id = p_account and p.field = 'price' and p.state = 'sent' and p.sent_lease = p_lease and p.sent = p.intended and p.held is null
      and not c.paused and c.publish_prices and coalesce((p.intended_why->>'notBefore')::timestamptz <= clock_timestamp(), true)
  ), bound as materialized (
    select x.channel_id, b.* from (select channel_id, array_agg(distinct variant_id) as ids from asked group by 1) x
    cross join lateral price_bounds_1(x.channel_id, x.ids, clock_timestamp(), 'infinity') b
  )
  select coalesce(jsonb_agg(jsonb_build_object('listing', a.listing_id, 'field', a.field)), '[]') into answer
  from asked a left join bound b on b.channel_id = a.channel_id and b.variant_id = a.variant_id
  where not coalesce(b.unknown or price_below_floor(a.sent, b.floor, null), false);
  return answer;
end $$;

-- As called by the release before, whose calls leave at once.
create or replace function publications_send_2(p_account bigint, p_lease bigint, items jsonb) returns jsonb language sql as $$
  select publications_send_3(p_account, p_lease, items, interval '0')
$$;
-- Releases before that called it.
drop function if exists publications_send_1(bigint, bigint, jsonb);

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
