-- What a price list will hardly be meant to do: be passed over, raise a price by a sale, or ask more of whoever buys more.

-- The SKUs of which entries of a list speak that stand or wait, at most 20,000.
create or replace function price_list_variants(p_list bigint) returns bigint[] language sql stable as $$
  with said as materialized (select * from price_entries e where e.list_id = p_list and e.valid_to is null and e.rule <> 'none')
  select coalesce(array_agg(x.id), '{}') from (
    select v.id from variants v join products p on p.id = v.product_id
    where exists (select from said where scope = 'all') or v.id in (select variant_id from said where scope = 'variant') or v.product_id in (select product_id from said where scope = 'product')
      or p.category in (select category from said where scope = 'category')
    limit 20000) x
$$;

-- Where rules of a list lean on what cannot be brought to its tax basis in a channel that shows the list's own: on cost, in a region without a rate (without a region no tax
-- is counted on cost), or on a list of the other basis. See price_list_gaps.
create or replace function price_list_base_gaps(p_list bigint, t price_list_terms, p_now timestamptz) returns jsonb language sql stable as $$
  with leaning as materialized (
    -- Null: as the channel shows prices.
    select e.scope, e.variant_id, e.product_id, e.category, e.over = 'cost' as is_cost, case when e.over = 'list' then b.tax_included else false end as taxed
    from price_entries e left join price_list_terms b on b.list_id = e.base_list_id and b.valid_to is null
    where e.list_id = p_list and e.valid_to is null and e.over in ('cost', 'list')
  ), goods as materialized (
    (select v.id, v.tax_category, l.is_cost, l.taxed from leaning l join variants v on v.id = l.variant_id where l.scope = 'variant' limit 20000) union
    (select v.id, v.tax_category, l.is_cost, l.taxed from leaning l join variants v on v.product_id = l.product_id where l.scope = 'product' limit 20000) union
    (select v.id, v.tax_category, l.is_cost, l.taxed from leaning l join products p on p.category = l.category join variants v on v.product_id = p.id where l.scope = 'category' limit 20000) union
    (select v.id, v.tax_category, l.is_cost, l.taxed from (select distinct is_cost, taxed from leaning where scope = 'all') l cross join variants v limit 20000)
  ), found as (
    select c.code, r.code as region, case when r.id is not null then g.tax_category end as category, count(distinct g.id)::int as skus
    from price_audience_channels(t.audience, t.audience_id) c left join channel_price_policies y on y.channel_id = c.id and y.valid_to is null left join regions r on r.id = y.region_id
    join goods g on coalesce(g.taxed, c.tax_mode = 'inclusive') <> (c.tax_mode = 'inclusive') and (r.id is not null or not g.is_cost)
    -- Else the whole list is passed over.
    where coalesce(t.tax_included, c.tax_mode = 'inclusive') = (c.tax_mode = 'inclusive')
      and (r.id is null or tax_percent_at(r.id, g.tax_category, greatest(t.starts_at, p_now), 'infinity') is null)
    group by 1, 2, 3
  )
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('channel', f.code, 'because', case when f.region is null then 'no_region' else 'no_tax_rate' end, 'region', f.region,
    'category', f.category, 'skus', f.skus)) order by f.code, f.category), '[]') from found f
$$;

-- Where a list will be passed over, as its tax basis, or that of what its rules lean on, is not that of a channel and the tax is not known:
-- [{channel, because: no_region | no_tax_rate, region?, category?, skus}].
create or replace function price_list_gaps(p_list bigint, p_now timestamptz) returns jsonb language plpgsql stable as $$
declare
  t price_list_terms := price_list_stands(p_list);
  ids bigint[];
  answer jsonb;
begin
  if (price_list_waits(p_list)).id is not null then
    t := price_list_waits(p_list);
  end if;
  if t.state = 'ended' or t.ends_at <= p_now then
    return '[]';
  elsif t.tax_included is null then
    return price_list_base_gaps(p_list, t, p_now);
  end if;
  ids := price_list_variants(p_list);
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('channel', x.code, 'because', case when x.region_id is null then 'no_region' else 'no_tax_rate' end, 'region', x.region,
    'category', x.category, 'skus', x.skus)) order by x.code, x.category) into answer from (
    select c.code, y.region_id, r.code as region, case when y.region_id is not null then v.tax_category end as category, count(*)::int as skus
    from price_audience_channels(t.audience, t.audience_id) c left join channel_price_policies y on y.channel_id = c.id and y.valid_to is null left join regions r on r.id = y.region_id
    cross join unnest(ids) w(id) join variants v on v.id = w.id
    where t.tax_included <> (c.tax_mode = 'inclusive')
      and (c.currency = t.currency or exchange_rate_at(t.currency, c.currency, greatest(t.starts_at, p_now), 'infinity') is not null)
      and (y.region_id is null or tax_percent_at(y.region_id, v.tax_category, greatest(t.starts_at, p_now), 'infinity') is null)
    group by 1, 2, 3, 4) x;
  return coalesce(answer, '[]') || price_list_base_gaps(p_list, t, p_now);
end $$;
drop function if exists price_list_tax_bases(bigint, price_list_terms, timestamptz);

-- Where a sale that stands is not lower than the regular price at its beginning, so that it raises it or does nothing: {count, examples: [{sku, channel, currency, regular, sale}]};
-- null: nowhere.
create or replace function price_list_not_lower(p_list bigint, p_now timestamptz) returns jsonb language plpgsql stable as $$
declare
  t price_list_terms := price_list_stands(p_list);
  partner bigint;
  c channels;
  ids bigint[];
  n int;
  found_here jsonb;
  total int := 0;
  examples jsonb := '[]';
begin
  if t.kind is distinct from 'sale' or t.state <> 'approved' or t.ends_at <= p_now then
    return null;
  end if;
  partner := case t.audience when 'partner' then t.audience_id when 'tier' then (select m.partner_id from partner_tier_members m where m.tier_id = t.audience_id and m.valid_to is null limit 1) end;
  ids := price_list_variants(p_list);
  for c in select * from price_audience_channels(t.audience, t.audience_id) loop
    with low as materialized (
      select v.sku, r.amount as regular, s.amount as sale from price_resolve_1(c.id, ids, partner, 1, 'sale', greatest(t.starts_at, p_now), 'infinity') s
      join price_resolve_1(c.id, ids, partner, 1, 'regular', greatest(t.starts_at, p_now), 'infinity') r on r.variant_id = s.variant_id and r.amount <= s.amount
      join variants v on v.id = s.variant_id where s.why->>'list' = (select code from price_lists where id = p_list)
    )
    select count(*), (select jsonb_agg(jsonb_build_object('sku', x.sku, 'channel', c.code, 'currency', c.currency, 'regular', trim_scale(x.regular)::text, 'sale', trim_scale(x.sale)::text)
      order by x.sku) from (select * from low order by sku limit 5) x) into n, found_here from low;
    total := total + n;
    examples := examples || coalesce(found_here, '[]');
  end loop;
  return case when total > 0 then jsonb_build_object('count', total, 'examples', (select jsonb_agg(e) from (select e from jsonb_array_elements(examples) e limit 5) x)) end;
end $$;

-- Where a larger quantity costs more than a smaller one, by entries that stand or will: {count, examples: [{of, rule, minQuantity, value, fewer, fewerValue}]}, of the same goods and
-- the same kind of rule over the same; of is a SKU, product or category, or null for all. Null: nowhere.
create or replace function price_list_dearer_breaks(p_list bigint) returns jsonb language sql stable as $$
  with said as materialized (
    -- What waits takes the place of what stands.
    select distinct on (e.scope, e.variant_id, e.product_id, e.category, e.min_quantity) e.*
    from price_entries e where e.list_id = p_list and e.valid_to is null
    order by e.scope, e.variant_id, e.product_id, e.category, e.min_quantity, (e.valid_from is null) desc
  ), step as (
    select s.*, lag(s.min_quantity) over w as fewer, lag(s.value) over w as fewer_value
    from said s where s.value is not null window w as (partition by s.scope, s.variant_id, s.product_id, s.category, s.rule, s.over, s.base_list_id order by s.min_quantity)
  ), dearer as (
    select s.*, coalesce(v.sku, p.handle, s.category) as of, row_number() over (order by v.sku, p.handle, s.category, s.min_quantity) as n
    from step s left join variants v on v.id = s.variant_id left join products p on p.id = s.product_id where s.value > s.fewer_value
  )
  select case when count(*) > 0 then jsonb_build_object('count', count(*), 'examples', jsonb_agg(jsonb_build_object('of', d.of, 'rule', d.rule, 'minQuantity', d.min_quantity,
    'value', trim_scale(d.value)::text, 'fewer', d.fewer, 'fewerValue', trim_scale(d.fewer_value)::text) order by d.n) filter (where d.n <= 5)) end from dearer d
$$;
