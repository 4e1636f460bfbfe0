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
      case m.basis when 'margin' then price_of_margin(k.average, x.rate, m.percent, x.tax)
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

-- What a margin over a cost asks at least: of the cost in the channel's currency, with tax.
create or replace function price_of_margin(p_cost numeric, p_rate numeric, p_percent numeric, p_tax numeric) returns numeric language sql immutable parallel safe as $$
  select round(case p_tax when 0 then price_divide(round(p_cost * p_rate, 12) * 100, 100 - p_percent)
    else price_divide(round(p_cost * p_rate, 12) * 100, 100 - p_percent) * (100 + p_tax) / 100 end, 6)
$$;

-- The same as price_bounds_1 without what it comes from, for many. Of the margins that speak of a variant the greatest asks most, as all stand over one cost: only that is reckoned.
create or replace function price_clamps_1(p_channel bigint, p_variants bigint[], p_at timestamptz, p_known timestamptz)
returns table (variant_id bigint, floor numeric, ceiling numeric, unknown boolean) language plpgsql stable as $$
#variable_conflict use_column
declare
  c channels;
  region bigint;
  -- What speaks of all, and which other limits there are.
  all_floor numeric; all_ceiling numeric; all_percent numeric; all_unknown boolean;
  is_costed boolean; is_taxed boolean; is_narrow boolean; is_category boolean;
begin
  if cardinality(p_variants) = 0 or not price_has_limits(p_channel, p_known) then
    return;
  end if;
  select * into c from channels where id = p_channel;
  select p.region_id into region from channel_price_policies p where p.channel_id = p_channel and p.valid_from <= p_known and (p.valid_to is null or p.valid_to > p_known);
  select max(round(l.amount * r.rate, 6)) filter (where l.scope = 'all' and l.kind = 'floor'), min(round(l.amount * r.rate, 6)) filter (where l.scope = 'all' and l.kind = 'ceiling'),
    max(l.percent) filter (where l.scope = 'all'), coalesce(bool_or(l.scope = 'all' and l.basis <> 'margin' and r.rate is null), false),
    coalesce(bool_or(l.basis = 'margin'), false), coalesce(bool_or(l.scope <> 'all'), false), coalesce(bool_or(l.scope = 'category'), false)
  into all_floor, all_ceiling, all_percent, all_unknown, is_costed, is_narrow, is_category
  from price_limits l left join lateral (select exchange_rate_at(l.currency, c.currency, p_at, p_known) as rate where l.scope = 'all' and l.currency is not null) r on true
  where (l.channel_id is null or l.channel_id = p_channel) and l.valid_from <= p_known and (l.valid_to is null or l.valid_to > p_known);
  is_taxed := is_costed and c.tax_mode = 'inclusive' and region is not null;
  return query
  with narrow as materialized (
    select l.* from price_limits l where is_narrow and l.scope <> 'all' and (l.channel_id is null or l.channel_id = p_channel)
      and l.valid_from <= p_known and (l.valid_to is null or l.valid_to > p_known)
  ), want as materialized (
    select v.id, v.product_id, case when not is_taxed then null when p_known = 'infinity' then v.tax_category else tax_category_at(v.sku, v.tax_category, p_known) end as tax_category,
      case when not is_category then null when p_known = 'infinity' then p.category else product_category_at(p.handle, p.category, p_known) end as category,
      coalesce(k.average, case when s.currency is not null then s.cost end) as cost, case when k.average is null then s.currency else k.currency end as cost_currency
    from variants v left join products p on is_category and p.id = v.product_id
    cross join lateral (select case when is_costed and p_known < 'infinity' then catalog_said_at('variant.cost', v.sku, p_known) end as said) t
    cross join lateral (select case when t.said is null then v.cost else (t.said->>'cost')::numeric end as cost,
      case when t.said is null then v.cost_currency else t.said->>'currency' end as currency) s
    left join variant_costs k on is_costed and k.variant_id = v.id and k.valid_from <= p_known and (k.valid_to is null or k.valid_to > p_known)
    where v.id = any(p_variants)
  ), rate as materialized (
    select x.currency, exchange_rate_at(x.currency, c.currency, p_at, p_known) as rate
    from (select distinct cost_currency from want where is_costed union select distinct currency from narrow) x(currency) where x.currency is not null
  ), tax as materialized (
    select x.category, tax_percent_at(region, x.category, p_at, p_known) as percent from (select distinct tax_category from want where is_taxed) x(category)
  ), meant as materialized (
    select m.id, max(round(m.amount * r.rate, 6)) filter (where m.kind = 'floor') as floor, min(round(m.amount * r.rate, 6)) filter (where m.kind = 'ceiling') as ceiling,
      max(m.percent) as percent, bool_or(m.amount is not null and r.rate is null) as unknown
    from (
      select w.id, l.kind, l.amount, l.currency, l.percent from want w join narrow l on l.scope = 'variant' and l.variant_id = w.id
      union all select w.id, l.kind, l.amount, l.currency, l.percent from want w join narrow l on l.scope = 'product' and l.product_id = w.product_id
      union all select w.id, l.kind, l.amount, l.currency, l.percent from want w join narrow l on l.scope = 'category' and l.category = w.category
    ) m left join rate r on r.currency = m.currency group by m.id
  )
  select x.* from (
    select w.id, greatest(all_floor, m.floor, price_of_margin(w.cost, r.rate, greatest(all_percent, m.percent), x.tax)) as floor,
      least(all_ceiling, m.ceiling) as ceiling, all_unknown or coalesce(m.unknown, false)
        or (w.cost is not null and greatest(all_percent, m.percent) is not null and (r.rate is null or x.tax is null)) as unknown
    from want w left join meant m on m.id = w.id left join rate r on r.currency = w.cost_currency left join tax t on is_taxed and t.category = w.tax_category
    cross join lateral (select case when is_taxed then t.percent else 0 end as tax) x
    offset 0
  ) x where x.floor is not null or x.ceiling is not null or x.unknown;
end $$;
