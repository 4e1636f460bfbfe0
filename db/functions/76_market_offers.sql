-- What competitors ask. Versioned: another amount closes the one before; the same amount seen again is only seen later.

-- Takes in what was seen: cmd.offers [{sku, competitor, channel?, currency, amount (null: offered no more), shipping?, seenAt}]. The amount is with shipping. What was seen
-- earlier than what stands is left aside. Lines of goods or channels that nobody knows are told and left out; the others come in.
-- Answers {"outcome": "done", "new", "changed", "unchanged", "older", "wrong": [{line, field, value}]}.
create or replace function market_offers_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  at timestamptz;
  counted record;
begin
  if answer is not null then
    return answer;
  end if;
  -- Those who bring offers queue up behind each other, not behind those who write prices.
  perform pg_advisory_xact_lock(7312647, 1);
  at := command_now(cmd);
  with said as materialized (
    select x.ord, v.id as variant_id, x.o->>'sku' as sku, x.o->>'competitor' as competitor, c.id as channel_id, x.o->>'channel' as channel, x.o->>'currency' as currency,
      (x.o->>'amount')::numeric as amount, (x.o->>'shipping')::numeric as shipping, (x.o->>'seenAt')::timestamptz as seen_at
    from jsonb_array_elements(cmd->'offers') with ordinality x(o, ord) left join variants v on v.sku = x.o->>'sku' left join channels c on c.code = x.o->>'channel'
  ), wrong as (
    select ord, case when variant_id is null then 'sku' else 'channel' end as field, case when variant_id is null then sku else channel end as value
    from said where variant_id is null or channel is not null and channel_id is null
  ), fit as (
    select * from said where variant_id is not null and (channel is null or channel_id is not null)
  ), latest as materialized (
    -- Of one place, what was seen last; of lines with one instant the later.
    select distinct on (variant_id, competitor, coalesce(channel_id, 0), currency) * from fit
    order by variant_id, competitor, coalesce(channel_id, 0), currency, seen_at desc, ord desc
  ), beside as materialized (
    select l.*, m.id as stands, m.last_seen_at, case when m.id is null then case when l.amount is null then 'unchanged' else 'new' end
      when m.last_seen_at > l.seen_at then 'older'
      when (m.amount, m.shipping) is not distinct from (l.amount, l.shipping) then 'unchanged' else 'changed' end as becomes
    from latest l left join market_offers m on m.variant_id = l.variant_id and m.competitor = l.competitor and coalesce(m.channel_id, 0) = coalesce(l.channel_id, 0)
      and m.currency = l.currency and m.valid_to is null
  ), closed as (
    update market_offers m set valid_to = greatest(at, m.valid_from) from beside b where b.becomes = 'changed' and m.id = b.stands returning m.id
  ), again as (
    update market_offers m set last_seen_at = b.seen_at from beside b where b.becomes = 'unchanged' and m.id = b.stands and b.seen_at > m.last_seen_at returning m.id
  )
  select count(*) filter (where b.becomes = 'new')::int as new, count(*) filter (where b.becomes = 'changed')::int as changed, count(*) filter (where b.becomes = 'unchanged')::int as unchanged,
    -- Lines of one place that another line of it is later than.
    (count(*) filter (where b.becomes = 'older') + (select count(*) from fit) - count(*))::int as older,
    (select coalesce(jsonb_agg(jsonb_build_object('line', w.ord - 1, 'field', w.field, 'value', w.value) order by w.ord), '[]') from wrong w) as wrong,
    array_agg(b.variant_id) filter (where b.becomes in ('new', 'changed')) as v, array_agg(b.competitor) filter (where b.becomes in ('new', 'changed')) as k,
    array_agg(b.channel_id) filter (where b.becomes in ('new', 'changed')) as c, array_agg(b.currency) filter (where b.becomes in ('new', 'changed')) as y,
    array_agg(b.amount) filter (where b.becomes in ('new', 'changed')) as a, array_agg(b.shipping) filter (where b.becomes in ('new', 'changed')) as s,
    array_agg(b.seen_at) filter (where b.becomes in ('new', 'changed')) as t,
    coalesce(array_agg(distinct b.variant_id) filter (where b.becomes in ('new', 'changed') or b.seen_at > b.last_seen_at), '{}') as touched
  into counted from beside b;
  -- A statement of its own: what stood before is closed by now.
  insert into market_offers (variant_id, competitor, channel_id, currency, amount, shipping, seen_at, last_seen_at, actor, valid_from)
  select n.v, n.k, n.c, n.y, n.a, n.s, n.t, n.t, coalesce(cmd->>'actor', 'system'), at
  from unnest(counted.v, counted.k, counted.c, counted.y, counted.a, counted.s, counted.t) n(v, k, c, y, a, s, t);
  perform market_ask(counted.touched);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'new', counted.new, 'changed', counted.changed, 'unchanged', counted.unchanged, 'older', counted.older,
    'wrong', counted.wrong));
end $$;

-- Has the rules of SKUs judged anew, where there are rules at all.
create or replace function market_ask(p_variants bigint[]) returns void language sql as $$
  insert into market_work (variant_id)
  select distinct x.id from unnest(p_variants) x(id) where exists (select from market_rule_terms where valid_to is null and state = 'active')
  on conflict (variant_id) do update set asked = excluded.asked, taken_until = null
$$;
