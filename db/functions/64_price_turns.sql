-- Before a change that begins or ends at an instant is accepted.

-- What turns at instants, with what stands in the books already: p_claims [{at, sku, channel? (null: all), currency}] of dated prices, or [{at, list, audience?, audienceCode?}] of a
-- list with what stands and what waits on it (its audience, where it is about to be another). A row for each instant and account: how many listings at most (of channels that
-- publish prices), in which channels, and how many SKUs of each parent. Instants that are over are left out, and accounts that the claims do not speak of.
create or replace function price_turns_1(p_claims jsonb)
returns table (at timestamptz, account text, platform text, scale numeric, listings int, families int[], channels jsonb) language sql stable as $$
  with claim as materialized (
    select (c->>'at')::timestamptz as at, c->>'sku' as sku, c->>'channel' as channel, c->>'currency' as currency, c->>'list' as list, c->>'audience' as audience,
      c->>'audienceCode' as audience_code
    from jsonb_array_elements(p_claims) c where (c->>'at')::timestamptz > clock_timestamp()
  ), booked as materialized (
    -- What begins or ends within a second of it goes out together with it.
    select i.at, d.what, d.ref_id from (select distinct c.at from claim c) i
    join due d on d.at > i.at - interval '1 second' and d.at < i.at + interval '1 second' and d.what in ('price', 'list')
  ), list as (
    select c.at, true as is_claimed, l.id as list_id, coalesce(c.audience, w.audience, s.audience) as audience,
      case when c.audience is not null then price_audience_id(c.audience, c.audience_code) when w.id is not null then w.audience_id else s.audience_id end as audience_id
    from claim c join price_lists l on l.code = c.list cross join lateral price_list_stands(l.id) s cross join lateral price_list_waits(l.id) w
    union
    select b.at, false, b.ref_id, s.audience, s.audience_id from booked b cross join lateral price_list_stands(b.ref_id) s where b.what = 'list' and s.state = 'approved'
  ), spoken as (
    select e.list_id, e.variant_id from price_entries e where e.list_id in (select x.list_id from list x) and e.valid_to is null and e.scope = 'variant'
    union
    select e.list_id, v.id from price_entries e join products p on e.scope = 'all' or p.id = e.product_id or p.category = e.category
    join variants v on v.product_id = p.id
    where e.list_id in (select x.list_id from list x) and e.valid_to is null and e.scope <> 'variant'
  ), turning as (
    select c.at, true as is_claimed, h.id as channel_id, v.id as variant_id from claim c join variants v on v.sku = c.sku
    join channels h on h.currency = c.currency and (c.channel is null or h.code = c.channel)
    union
    select b.at, false, h.id, p.variant_id from booked b join prices p on b.what = 'price' and p.id = b.ref_id and p.superseded_at is null
    join channels h on h.currency = p.currency and (p.channel_id is null or h.id = p.channel_id)
    union
    select g.at, g.is_claimed, g.channel_id, w.id from (
      select l.at, l.is_claimed, l.list_id, l.audience, l.audience_id, h.id as channel_id, array_agg(distinct s.variant_id) as ids from list l join spoken s on s.list_id = l.list_id
      cross join lateral price_audience_channels(l.audience, l.audience_id) h where l.audience not in ('tier', 'partner') group by 1, 2, 3, 4, 5, 6) g
    cross join lateral (select case when (price_list_waits(g.list_id)).id is null then price_list_stands(g.list_id) else price_list_waits(g.list_id) end as terms) t
    cross join lateral (
      select unnest(g.ids) as id
      -- What another source goes before stays as it is; of a list that prices very many SKUs, nobody looks that closely.
      except select b.variant_id from price_beaten(t.terms, g.audience, g.audience_id, g.channel_id, case when cardinality(g.ids) <= 20000 then g.ids else '{}' end,
        case when (t.terms).ends_at <= g.at then g.at - interval '1 millisecond' else g.at end) b) w
  ), listing as materialized (
    select t.at, c.account_id, c.code as channel, l.id, l.external_sku, l.external_parent_id, bool_or(t.is_claimed) as is_claimed from turning t
    join channels c on c.id = t.channel_id and c.publish_prices and not c.paused
    join listings l on l.channel_id = t.channel_id and l.variant_id = t.variant_id and l.state <> 'gone'
    group by 1, 2, 3, 4, 5, 6
  ), family as (
    select f.at, f.account_id, array_agg(f.n) as sizes from (
      select x.at, x.account_id, x.external_parent_id, count(distinct x.external_sku)::int as n, bool_or(x.is_claimed) as is_claimed
      from listing x group by 1, 2, 3) f group by 1, 2 having bool_or(f.is_claimed)
  ), channel as (
    select y.at, y.account_id, sum(y.n)::int as n, jsonb_agg(jsonb_build_object('channel', y.channel, 'listings', y.n) order by y.channel) as told from (
      select x.at, x.account_id, x.channel, count(*)::int as n from listing x group by 1, 2, 3) y group by 1, 2
  )
  select f.at, a.name, a.platform, coalesce((a.settings->>'scale')::numeric, 1), c.n, f.sizes, c.told
  from family f join channel c using (at, account_id) join accounts a on a.id = f.account_id order by f.at, a.name
$$;
