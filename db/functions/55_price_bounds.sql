-- Floors and ceilings. The rule stands in src/domain/pricing/limits.ts; a property test holds them equal. To the 6 decimals that a unit price may have: what a rate
-- taken the other way round leaves behind these would lift a price by a cent.

-- Floor and ceiling of variants in a channel, as the channel shows prices, each with what it comes from: {basis, id, amount, currency} or, for a margin,
-- {basis, id, percent, cost, currency, tax}. Of several floors the highest, of several ceilings the lowest. A margin floor of a variant without a cost is none; where a
-- rate of exchange, or in a channel with a region that of its tax, is missing, unknown is true. Only variants with a limit are answered.
create or replace function price_bounds_1(p_channel bigint, p_variants bigint[], p_at timestamptz, p_known timestamptz)
returns table (variant_id bigint, floor numeric, floor_why jsonb, ceiling numeric, ceiling_why jsonb, unknown boolean) language plpgsql stable as $$
#variable_conflict use_column
declare
  c channels;
  region bigint;
begin
  if not exists (select from price_limits l where (l.channel_id is null or l.channel_id = p_channel) and l.valid_from <= p_known and (l.valid_to is null or l.valid_to > p_known)) then
    return;
  end if;
  select * into c from channels where id = p_channel;
  select p.region_id into region from channel_price_policies p where p.channel_id = p_channel and p.valid_from <= p_known and (p.valid_to is null or p.valid_to > p_known);
  return query
  with want as (
    select v.id, v.product_id, case when p_known = 'infinity' then v.tax_category else tax_category_at(v.sku, v.tax_category, p_known) end as tax_category,
      case when p_known = 'infinity' then p.category else product_category_at(p.handle, p.category, p_known) end as category
    from unnest(p_variants) w(id) join variants v on v.id = w.id join products p on p.id = v.product_id
  ), said as materialized (
    select l.*, case when l.currency is not null then exchange_rate_at(l.currency, c.currency, p_at, p_known) end as rate from price_limits l
    where (l.channel_id is null or l.channel_id = p_channel) and l.valid_from <= p_known and (l.valid_to is null or l.valid_to > p_known)
  ), meant as (
    select w.id as of_variant, w.tax_category, l.* from want w join said l on l.scope = 'variant' and l.variant_id = w.id
    union all select w.id, w.tax_category, l.* from want w join said l on l.scope = 'product' and l.product_id = w.product_id
    union all select w.id, w.tax_category, l.* from want w join said l on l.scope = 'category' and l.category = w.category
    union all select w.id, w.tax_category, l.* from want w join said l on l.scope = 'all'
  ), reckoned as (
    select m.of_variant, m.kind, m.basis, m.id,
      case m.basis when 'margin' then round(price_divide(round(k.average * x.rate, 12) * 100, 100 - m.percent) * (100 + x.tax) / 100, 6)
        else round(m.amount * m.rate, 6) end as amount,
      case m.basis when 'margin' then k.average is not null and (x.rate is null or x.tax is null) else m.rate is null end as unknown,
      case m.basis when 'margin' then jsonb_build_object('basis', m.basis, 'id', m.id, 'percent', trim_scale(m.percent)::text, 'cost', trim_scale(k.average)::text,
          'currency', k.currency, 'tax', trim_scale(x.tax)::text)
        else jsonb_build_object('basis', m.basis, 'id', m.id, 'amount', trim_scale(m.amount)::text, 'currency', m.currency) end as why
    from meant m
    left join lateral variant_cost_at(m.of_variant, p_known) k on m.basis = 'margin'
    left join lateral (select exchange_rate_at(k.currency, c.currency, p_at, p_known) as rate,
      case when c.tax_mode = 'inclusive' and region is not null then tax_percent_at(region, m.tax_category, p_at, p_known) else 0 end as tax) x on m.basis = 'margin' and k.average is not null
  )
  select r.of_variant, max(r.amount) filter (where r.kind = 'floor'), (array_agg(r.why order by r.amount desc nulls last, r.id) filter (where r.kind = 'floor'))[1],
    min(r.amount) filter (where r.kind = 'ceiling'), (array_agg(r.why order by r.amount nulls last, r.id) filter (where r.kind = 'ceiling'))[1], bool_or(r.unknown)
  from reckoned r where r.amount is not null or r.unknown group by r.of_variant;
end $$;

-- The same as price_bounds_1 without what it comes from, for many: floor and ceiling of variants in a channel. Of several floors the highest, of several ceilings the lowest. A margin floor of a variant without a
-- cost is none; where a rate is missing, unknown is true. Only variants with a limit are answered.
create or replace function price_clamps_1(p_channel bigint, p_variants bigint[], p_at timestamptz, p_known timestamptz)
returns table (variant_id bigint, floor numeric, ceiling numeric, unknown boolean) language plpgsql stable as $$
#variable_conflict use_column
declare
  c channels;
  region bigint;
begin
  if cardinality(p_variants) = 0 then
    return;
  end if;
  select * into c from channels where id = p_channel;
  select p.region_id into region from channel_price_policies p where p.channel_id = p_channel and p.valid_from <= p_known and (p.valid_to is null or p.valid_to > p_known);
  return query
  with said as materialized (
    select l.*, case when l.currency is not null then exchange_rate_at(l.currency, c.currency, p_at, p_known) end as rate from price_limits l
    where (l.channel_id is null or l.channel_id = p_channel) and l.valid_from <= p_known and (l.valid_to is null or l.valid_to > p_known)
  ), want as materialized (
    select v.id, v.product_id, case when p_known = 'infinity' then v.tax_category else tax_category_at(v.sku, v.tax_category, p_known) end as tax_category, case when not d.scoped then null when p_known = 'infinity' then p.category else product_category_at(p.handle, p.category, p_known) end as category,
      coalesce(k.average, case when s.currency is not null then s.cost end) as cost, case when k.average is null then s.currency else k.currency end as cost_currency
    from (select exists (select from said where scope = 'category') as scoped, exists (select from said where basis = 'margin') as costed) d
    cross join unnest(p_variants) w(id) join variants v on v.id = w.id left join products p on d.scoped and p.id = v.product_id
    cross join lateral (select case when d.costed and p_known < 'infinity' then catalog_said_at('variant.cost', v.sku, p_known) end as said) t
    cross join lateral (select case when t.said is null then v.cost else (t.said->>'cost')::numeric end as cost,
      case when t.said is null then v.cost_currency else t.said->>'currency' end as currency) s
    left join variant_costs k on d.costed and k.variant_id = v.id and k.valid_from <= p_known and (k.valid_to is null or k.valid_to > p_known)
  ), cost_rate as materialized (
    select x.currency, exchange_rate_at(x.currency, c.currency, p_at, p_known) as rate
    from (select distinct cost_currency from want) x(currency) where x.currency is not null and exists (select from said where basis = 'margin')
  ), tax as materialized (
    select x.category, case when c.tax_mode = 'inclusive' and region is not null then tax_percent_at(region, x.category, p_at, p_known) else 0 end as percent
    from (select distinct tax_category from want) x(category) where exists (select from said where basis = 'margin')
  ), meant as (
    select w.id as of_variant, l.id as limit_id from want w join said l on l.scope = 'variant' and l.variant_id = w.id
    union all select w.id, l.id from want w join said l on l.scope = 'product' and l.product_id = w.product_id
    union all select w.id, l.id from want w join said l on l.scope = 'category' and l.category = w.category
  ), reckoned as (
    select w.id as of_variant, l.kind, round(l.amount * l.rate, 6) as amount, l.rate is null as unknown
    from meant m join said l on l.id = m.limit_id join want w on w.id = m.of_variant where l.basis <> 'margin'
    union all
    select w.id, l.kind, round(price_divide(round(w.cost * r.rate, 12) * 100, 100 - l.percent) * (100 + t.percent) / 100, 6), w.cost is not null and (r.rate is null or t.percent is null)
    from meant m join said l on l.id = m.limit_id join want w on w.id = m.of_variant left join cost_rate r on r.currency = w.cost_currency join tax t on t.category = w.tax_category
    where l.basis = 'margin'
    union all
    select w.id, l.kind, round(l.amount * l.rate, 6), l.rate is null from said l cross join want w where l.scope = 'all' and l.basis <> 'margin'
    union all
    select w.id, l.kind, round(price_divide(round(w.cost * r.rate, 12) * 100, 100 - l.percent) * (100 + t.percent) / 100, 6), w.cost is not null and (r.rate is null or t.percent is null)
    from said l cross join want w left join cost_rate r on r.currency = w.cost_currency join tax t on t.category = w.tax_category where l.scope = 'all' and l.basis = 'margin'
  )
  select r.of_variant, max(r.amount) filter (where r.kind = 'floor'), min(r.amount) filter (where r.kind = 'ceiling'), bool_or(r.unknown)
  from reckoned r where r.amount is not null or r.unknown group by r.of_variant;
end $$;
