-- What goes back of an order's money: by refunds, and by cancellations at platforms that pay back by themselves. An act tells it in its body:
-- refund {currency, amounts: {line: text}, shipping, total, whole?}.

-- What was paid for an order; null where nobody told. What is left of the total after a cancellation is no measure of it: the amounts are, for all that was ordered. For what goes
-- out in exchange its channel took nothing.
create or replace function order_paid(o orders) returns numeric language sql stable as $$
  select case when o.exchange_of is not null then 0
    else coalesce((o.amounts->>'paid')::numeric / 10::numeric ^ (o.amounts->>'digits')::int, (o.amounts->>'total')::numeric / 10::numeric ^ (o.amounts->>'digits')::int, o.total) end
$$;

-- What was paid beyond what an order costs now: units were taken off it at its platform after they were paid, and their money is with no line any more.
create or replace function order_overpaid(o orders) returns numeric language sql stable as $$
  select coalesce(greatest((o.amounts->>'paid')::numeric - (o.amounts->>'total')::numeric, 0) / 10::numeric ^ (o.amounts->>'digits')::int, 0)
$$;

-- What was to be paid for each line, and (null) for shipping and fees together; nothing where the order's amounts are not known.
create or replace function order_charges(o orders) returns table (ext text, paid numeric) language sql stable as $$
  select x.ext, x.minor / 10::numeric ^ (o.amounts->>'digits')::int from (
    select e.key as ext, (e.value->>'total')::numeric as minor from jsonb_each(o.amounts->'lines') e
    union all
    select null, (o.amounts->'shipping'->>'total')::numeric + (o.amounts->'fees'->>'total')::numeric where o.amounts is not null) x
$$;

-- What went or goes back, by line, and (null) of shipping and fees.
create or replace function order_backs(p_order bigint) returns table (ext text, amount numeric) language sql stable as $$
  select e.key, sum(e.value::numeric) from acts a cross join lateral jsonb_each_text(a.body->'refund'->'amounts') e
  where a.order_id = p_order and a.kind in ('refund', 'cancel') and a.state <> 'refused' group by 1
  union all
  select null, coalesce(sum((a.body->'refund'->>'shipping')::numeric), 0) from acts a
  where a.order_id = p_order and a.kind in ('refund', 'cancel') and a.state <> 'refused'
$$;

-- The other parts of what is one order at the platform: of an account whose channels are its places, each part has the platform's id, with its place in all but one.
create or replace function order_siblings(o orders) returns setof bigint language sql stable set enable_seqscan = off as $$
  select x.id from channels c join channels d on d.account_id = c.account_id and d.id <> c.id
  cross join lateral (select p.id from orders p where p.channel_id = d.id
    and p.external_id in (split_part(o.external_id, '@', 1), split_part(o.external_id, '@', 1) || '@' || d.external_ref) offset 0) x
  where c.id = o.channel_id
$$;

-- All that goes back; of an order of which another part was cancelled as the last one, whatever was paid.
create or replace function order_back_total(o orders) returns numeric language sql stable as $$
  select case when exists (select from order_siblings(o) s join acts a on a.order_id = s and a.kind = 'cancel' and a.state <> 'refused' and a.body->'refund'->'whole' = 'true')
    then order_paid(o) else (select coalesce(sum((a.body->'refund'->>'total')::numeric), 0) from acts a
      where a.order_id = o.id and a.kind in ('refund', 'cancel') and a.state <> 'refused') end
$$;

-- What cancelling units of an order ({lines: [{externalLineId, quantity}]}, cancelled in our books already) gives back by itself at its platform, as its act tells it: of the order as
-- a whole whatever has not gone back, of single units their share of their line, as far as it has not. Null: nothing, or nobody knows what was paid.
create or replace function order_cancel_pays(o orders, p_lines jsonb) returns jsonb language plpgsql stable set enable_seqscan = off as $$
declare
  k platforms;
  whole boolean;
  digits int := coalesce((o.amounts->>'digits')::int, 2);
  rest numeric := greatest(order_paid(o) - order_back_total(o), 0);
  amounts jsonb;
  total numeric;
begin
  select p.* into k from channels c join accounts a on a.id = c.account_id join platforms p on p.platform = a.platform where c.id = o.channel_id;
  whole := not exists (select from order_lines l where l.order_id = o.id and l.reserved + l.short + l.shipped > 0)
    and not exists (select from order_siblings(o) s join order_lines l on l.order_id = s and l.reserved + l.short + l.shipped > 0);
  if rest is null or not coalesce(case when whole then k.cancel_pays_whole else k.cancel_pays_parts end, false) then
    return null;
  end if;
  if whole then
    return (select jsonb_build_object('whole', true, 'currency', o.currency, 'total', round(rest, digits)::text,
        'amounts', coalesce(jsonb_object_agg(c.ext, round(c.left_over, digits)::text) filter (where c.ext is not null), '{}'),
        'shipping', max(round(c.left_over, digits)::text) filter (where c.ext is null))
      from (select x.ext, greatest(x.paid - coalesce(b.amount, 0), 0) as left_over
        from order_charges(o) x left join order_backs(o.id) b on b.ext is not distinct from x.ext) c);
  end if;
  with asked as (
    select p->>'externalLineId' as ext, (p->>'quantity')::int as units from jsonb_array_elements(p_lines) p
  ), shares as (
    -- Reckoned from all that was cancelled, so that the parts of a line never come to more than the line.
    select a.ext, l.id, least(round(x.paid * least(n.before + a.units, n.sold) / n.sold, digits) - round(x.paid * least(n.before, n.sold) / n.sold, digits),
      greatest(x.paid - coalesce(b.amount, 0), 0)) as share
    from asked a join order_lines l on l.order_id = o.id and l.external_line_id = a.ext
    join order_charges(o) x on x.ext = a.ext left join order_backs(o.id) b on b.ext = a.ext
    cross join lateral (select l.ordered + l.substituted as sold, coalesce(sum((p->>'quantity')::int), 0) as before from acts c cross join lateral jsonb_array_elements(c.body->'lines') p
      where c.order_id = o.id and c.kind = 'cancel' and c.state <> 'refused' and c.body ? 'refund' and p->>'externalLineId' = a.ext) n
  ), given as (
    select ext, least(share, greatest(rest - coalesce(sum(share) over (order by id rows between unbounded preceding and 1 preceding), 0), 0)) as amount from shares
  )
  select jsonb_object_agg(ext, round(amount, digits)::text), sum(amount) into amounts, total from given;
  return jsonb_build_object('currency', o.currency, 'amounts', amounts, 'shipping', null, 'total', round(total, digits)::text) where amounts is not null;
end $$;
