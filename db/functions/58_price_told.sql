-- What typed prices come to, channel by channel: told with the answer of the command that set them.

-- For each price of cmd.prices and each channel that it reaches: {line, sku, channel, currency, amount, outcome, shows, now, readAt, over?, incident?, decision?, limit?, words?, floor?}.
-- shows: what the lists and rules say from now on; now: what the platform showed when it was read. outcome: goes, same (it shows that already), held (by the guard, or it will be),
-- limited (no price lies between floor and ceiling), no_price (none is left: the platform goes on showing what it shows), off, paused, or not_listed (floor: it would be below that).
-- over: what goes before it at its beginning, {track, list? (else a typed price), channel?, amount, until}. Called where the new prices stand, before anything is intended.
create or replace function prices_told(cmd jsonb, p_now timestamptz) returns jsonb language plpgsql stable as $$
declare
  ids bigint[];
  answer jsonb;
begin
  select array_agg(distinct v.id) into ids from jsonb_array_elements(cmd->'prices') x(p) join variants v on v.sku = x.p->>'sku';
  with line as materialized (
    select (x.ord - 1)::int as line, v.id as variant_id, v.sku, c.id as channel_id, c.code as channel, c.currency, (x.p->>'amount')::numeric as amount,
      (x.p->>'from')::timestamptz as starts_at, greatest((x.p->>'from')::timestamptz, p_now) as at, q.id as price_id, c.publish_prices, c.paused or a.state = 'paused' as paused
    from jsonb_array_elements(cmd->'prices') with ordinality x(p, ord) join variants v on v.sku = x.p->>'sku'
    join channels c on c.code = x.p->>'channel' or x.p->>'channel' is null and c.currency = x.p->>'currency' join accounts a on a.id = c.account_id
    left join prices q on q.variant_id = v.id and q.currency = x.p->>'currency' and q.superseded_at is null and q.starts_at is not distinct from (x.p->>'from')::timestamptz
      and q.channel_id is not distinct from case when x.p->>'channel' is not null then c.id end
  ), wins as materialized (
    select g.channel_id, g.at, e.* from (select channel_id, at, array_agg(distinct variant_id) as of from line group by 1, 2) g
    cross join lateral price_effective_1(g.channel_id, g.of, null, 1, g.at, 'infinity') e
  ), over as (
    select l.line, l.channel_id, w.amount as wins, case when l.starts_at is null then case when w.why->'regular'->>'plain' is distinct from l.price_id::text then 'regular' when w.sale is not null then 'sale' end
      when w.why->'sale'->>'plain' is distinct from l.price_id::text then 'sale' end as track, w.why, w.sale_to
    from line l join wins w on w.channel_id = l.channel_id and w.at = l.at and w.variant_id = l.variant_id where l.price_id is not null
  ), shown as materialized (
    select * from channel_price_2((select array_agg(distinct channel_id) from line), ids, p_now)
  ), listed as materialized (
    select x.id as listing_id, x.channel_id, x.variant_id, coalesce(p.accepted, x.shown_price) as accepted, p.applied, p.read_at, coalesce(p.applied_at, x.observed_at) as applied_at,
      s.price, s.held, p.state, p.quarantined, p.quarantine_id, coalesce(price_promise(coalesce(p.accepted, x.shown_price), p_now) = price_promise(s.price, p_now), false) as is_same
    from listings x left join publications p on p.listing_id = x.id and p.field = 'price' left join shown s on s.channel_id = x.channel_id and s.variant_id = x.variant_id
    where x.state <> 'gone' and x.variant_id = any(ids) and x.channel_id in (select channel_id from line)
  ), weighed as materialized (
    select w.* from (select channel_id, array_agg(listing_id order by listing_id) as ids, array_agg(price order by listing_id) as vals from listed where price is not null and not is_same and state is not null group by 1) g
    cross join lateral guard_weighed(g.channel_id, 'price', g.ids, g.vals, true, p_now) w
  ), told as (
    select l.*, d.*, w.limit_name, o.track, o.why as over_why, o.wins, o.sale_to, coalesce(q.id, open.id) as incident, q.decision as incident_decision,
      row_number() over (partition by l.line, l.channel_id order by w.limit_name is null, d.is_same, d.listing_id) as place,
      case when d.listing_id is null then 'not_listed' when d.held is not null then 'limited' when d.price is null then 'no_price' when d.is_same then 'same'
        when not l.publish_prices then 'off' when l.paused then 'paused' when q.id is not null or w.limit_name is not null then 'held' else 'goes' end as outcome
    from line l left join (select listing_id, channel_id as of_channel, variant_id as of_variant, accepted, applied, read_at, applied_at, price, held, is_same, state, quarantined,
        quarantine_id from listed) d on d.of_channel = l.channel_id and d.of_variant = l.variant_id
    left join weighed w on w.listing_id = d.listing_id
    -- Just the value that waits already, or that somebody rejected.
    left join quarantines q on q.id = d.quarantine_id and d.state = 'quarantined' and d.quarantined = d.price
    left join quarantines open on w.limit_name is not null and open.channel_id = l.channel_id and open.field = 'price' and open.decided_at is null
    left join over o on o.line = l.line and o.channel_id = l.channel_id and o.track is not null
  )
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('line', t.line, 'sku', t.sku, 'channel', t.channel, 'currency', t.currency, 'amount', trim_scale(t.amount)::text,
      'outcome', t.outcome, 'limit', t.limit_name, 'incident', case when t.outcome = 'held' then t.incident end, 'decision', case when t.outcome = 'held' then t.incident_decision end,
      'words', case when t.outcome = 'limited' then publication_held(t.channel_id, t.variant_id, t.held, null, b.floor, b.floor_why, b.ceiling, b.ceiling_why)->>'words' end,
      'floor', case when t.outcome = 'not_listed' and b.floor > t.amount then trim_scale(b.floor)::text end,
      'over', case when t.track is not null then jsonb_build_object('track', t.track, 'list', t.over_why->t.track->>'list',
        'channel', (select c.code from prices p join channels c on c.id = p.channel_id where p.id = (t.over_why->t.track->>'plain')::bigint), 'amount', trim_scale(t.wins)::text,
        'until', price_instant(case when t.track = 'sale' then t.sale_to else (select s.ends_at from price_list_terms s join price_lists k on k.id = s.list_id
          where k.code = t.over_why->t.track->>'list' and s.valid_to is null) end)) end))
    || jsonb_build_object('shows', t.price, 'now', coalesce(t.applied, t.accepted), 'readAt', price_instant(greatest(t.read_at, t.applied_at))) order by t.line, t.channel_id)
  into answer from told t
  left join lateral price_bounds_1(t.channel_id, array[t.variant_id], t.at, 'infinity') b on t.outcome in ('limited', 'not_listed')
  where t.place = 1;
  return coalesce(answer, '[]');
end $$;
