-- Which lists speak to a channel, and what a list asks for many variants at once.

-- The lists and plain prices that could give a channel's price at an instant, the strongest first. Who is addressed more closely goes first (partner, tier,
-- channel, group, region, everyone); then a dated plain price, a list, a plain price; then priority; then what began later. p_track: regular or sale.
create or replace function price_sources(p_channel bigint, p_partner bigint, p_track text, p_at timestamptz, p_known timestamptz)
returns table (list_id bigint, code text, level int, channel_id bigint, currency text, tax_included boolean, starts_at timestamptz, ends_at timestamptz)
language sql stable as $$
  select s.list_id, s.code, s.level, s.channel_id, s.currency, s.tax_included, s.starts_at, s.ends_at from (
    select t.list_id, l.code, r.level, null::bigint as channel_id, t.currency, t.tax_included, t.starts_at, t.ends_at, 1 as class, t.priority
    from price_list_terms t join price_lists l on l.id = t.list_id
    cross join lateral (select case t.audience
      when 'everyone' then 1
      when 'region' then case when exists (select from channel_price_policies p where p.channel_id = p_channel and p.region_id = t.audience_id
        and p.valid_from <= p_known and (p.valid_to is null or p.valid_to > p_known)) then 2 end
      when 'group' then case when exists (select from channel_group_members m where m.channel_id = p_channel and m.group_id = t.audience_id
        and m.valid_from <= p_known and (m.valid_to is null or m.valid_to > p_known)) then 3 end
      when 'channel' then case when t.audience_id = p_channel then 4 end
      when 'tier' then case when exists (select from partner_tier_members m where m.partner_id = p_partner and m.tier_id = t.audience_id
        and m.valid_from <= p_known and (m.valid_to is null or m.valid_to > p_known)) then 5 end
      when 'partner' then case when t.audience_id = p_partner then 6 end end as level) r
    where t.valid_from <= p_known and (t.valid_to is null or t.valid_to > p_known) and t.state = 'approved' and r.level is not null
      and t.kind = case p_track when 'sale' then 'sale' else 'price' end
      and (t.starts_at is null or t.starts_at <= p_at) and (t.ends_at is null or t.ends_at > p_at)
    union all
    select null, null, x.level, x.channel_id, c.currency, null, null, null, case p_track when 'sale' then 0 else 2 end, 0
    from channels c cross join (values (4, p_channel), (1, null)) x(level, channel_id) where c.id = p_channel
  ) s order by s.level desc, s.class, s.priority desc, s.starts_at desc nulls last, s.list_id
$$;

-- What a list asks for variants, in its own currency and tax basis, from the closest entry: of the variant, its product, its category, all; of several, that of
-- the greatest quantity that is reached. What a rule leans on is brought to the list's basis (p_taxed: with tax): cost has no tax, a plain price is as the channel shows
-- prices (p_shown_taxed; null: there is no channel, and all is taken as it stands), a list says its own or is as the channel. The tax is that of p_region; without a region
-- none is counted on cost. Variants without an entry, or whose base is not known (no cost, no rate of exchange or tax, not in the base list), are left out. p_depth ends a
-- chain of lists that lean on each other.
create or replace function price_list_amounts_2(p_list bigint, p_currency text, p_taxed boolean, p_shown_taxed boolean, p_region bigint, p_variants bigint[], p_quantity int,
  p_at timestamptz, p_known timestamptz, p_depth int default 0)
returns table (variant_id bigint, entry_id bigint, scope text, rule text, over text, base_list_id bigint, value numeric, base numeric, amount numeric)
language plpgsql stable as $$
#variable_conflict use_column
declare
  step text;
  overs text[];
  -- Whether what the step's entries lean on may stand in the other basis.
  is_restated boolean;
  remaining bigint[] := p_variants;
  h_hit bigint[]; h_variant bigint[]; h_entry bigint[]; h_rule text[]; h_over text[]; h_list bigint[]; h_value numeric[]; h_base numeric[]; h_amount numeric[];
begin
  foreach step in array array['variant', 'product', 'category', 'all'] loop
    exit when cardinality(remaining) = 0 or p_depth > 5;
    -- What the step's entries lean on, so that nothing is looked up in vain; null: it has no entries.
    select array_agg(distinct coalesce(e.over, 'nothing')) into overs from price_entries e
    where e.list_id = p_list and e.scope = step and e.valid_from <= p_known and (e.valid_to is null or e.valid_to > p_known);
    continue when overs is null;
    is_restated := p_shown_taxed is not null and ('plain' = any(overs) and p_taxed <> p_shown_taxed or 'cost' = any(overs) and p_taxed and p_region is not null
      or 'list' = any(overs) and exists (select from price_list_terms t where t.list_id in (select e.base_list_id from price_entries e where e.list_id = p_list and e.scope = step
          and e.over = 'list' and e.valid_from <= p_known and (e.valid_to is null or e.valid_to > p_known))
        and t.valid_from <= p_known and (t.valid_to is null or t.valid_to > p_known) and coalesce(t.tax_included, p_shown_taxed) <> p_taxed));
    with hit as materialized (
      select w.id as variant_id, e.id, e.rule, e.over, e.base_list_id, e.value
      from unnest(remaining) w(id) join price_entries e on e.variant_id = w.id
      where step = 'variant' and e.list_id = p_list and e.scope = 'variant' and e.valid_from <= p_known and (e.valid_to is null or e.valid_to > p_known)
        and (p_quantity = 1 and e.min_quantity = 1 or p_quantity > 1 and e.min_quantity = (select max(f.min_quantity) from price_entries f where f.list_id = p_list
          and f.scope = 'variant' and f.variant_id = w.id and f.min_quantity <= p_quantity and f.valid_from <= p_known and (f.valid_to is null or f.valid_to > p_known)))
      union all
      select w.id, e.id, e.rule, e.over, e.base_list_id, e.value
      from unnest(remaining) w(id) join variants v on v.id = w.id join products p on p.id = v.product_id
      cross join lateral (
        select f.* from price_entries f where f.list_id = p_list and f.scope = step and f.min_quantity <= p_quantity
          and f.valid_from <= p_known and (f.valid_to is null or f.valid_to > p_known)
          and case step when 'product' then f.product_id = v.product_id when 'category' then f.category = case when p_known = 'infinity' then p.category else product_category_at(p.handle, p.category, p_known) end else true end
        order by f.min_quantity desc limit 1) e
      where step <> 'variant'
    ), cost as materialized (
      select h.variant_id, k.average, k.currency from hit h cross join lateral variant_cost_at(h.variant_id, p_known) k where 'cost' = any(overs) and h.over = 'cost'
    ), rate as materialized (
      select c.currency, exchange_rate_at(c.currency, p_currency, p_at, p_known) as rate from (select distinct currency from cost) c
    ), below as materialized (
      select g.base_list_id, a.variant_id, round(a.amount * g.rate, 12) as amount, g.taxed
      from (select h.base_list_id, t.currency, coalesce(t.tax_included, p_shown_taxed) as taxed, exchange_rate_at(t.currency, p_currency, p_at, p_known) as rate, array_agg(h.variant_id) as variants
        from hit h join price_list_terms t on t.list_id = h.base_list_id and t.valid_from <= p_known and (t.valid_to is null or t.valid_to > p_known) and t.state = 'approved'
        where 'list' = any(overs) and h.over = 'list' group by 1, 2, 3, 4) g
      cross join lateral price_list_amounts_2(g.base_list_id, g.currency, g.taxed, p_shown_taxed, p_region, g.variants, p_quantity, p_at, p_known, p_depth + 1) a
    ), stands as (
      select h.*, round(c.average * r.rate, 12) as base, p_taxed and p_region is null as taxed from hit h left join cost c on c.variant_id = h.variant_id left join rate r on r.currency = c.currency
      where 'cost' = any(overs) and h.over = 'cost'
      union all
      select h.*, p.amount, p_shown_taxed from hit h left join prices p on p.variant_id = h.variant_id and p.currency = p_currency and p.channel_id is null and p.starts_at is null
        and p.created_at <= p_known and (p.superseded_at is null or p.superseded_at > p_known)
      where 'plain' = any(overs) and h.over = 'plain'
      union all
      select h.*, b.amount, b.taxed from hit h left join below b on b.base_list_id = h.base_list_id and b.variant_id = h.variant_id where 'list' = any(overs) and h.over = 'list'
      union all
      select h.*, null, null from hit h where h.over is null
    ), tax as materialized (
      select x.category, tax_percent_at(p_region, x.category, p_at, p_known) as percent
      from (select distinct case when p_known = 'infinity' then v.tax_category else tax_category_at(v.sku, v.tax_category, p_known) end as category
        from hit h join variants v on v.id = h.variant_id where is_restated and h.over is not null) x
    ), taxed as materialized (
      select h.variant_id, t.percent from hit h join variants v on v.id = h.variant_id
      join tax t on t.category = case when p_known = 'infinity' then v.tax_category else tax_category_at(v.sku, v.tax_category, p_known) end where is_restated and h.over is not null
    ), based as (
      select s.variant_id, s.id, s.rule, s.over, s.base_list_id, s.value,
        case when not is_restated or s.taxed is null or s.taxed = p_taxed then s.base
          when p_taxed then round(s.base * (100 + x.percent) / 100, 12) else price_divide(s.base * 100, 100 + x.percent) end as base
      from stands s left join taxed x on is_restated and x.variant_id = s.variant_id
    ), priced as (
      select b.*, price_rule(b.rule, b.value, b.base) as amount from based b
    )
    select array_agg(y.variant_id), array_agg(y.variant_id) filter (where y.amount > 0), array_agg(y.id) filter (where y.amount > 0),
      array_agg(y.rule) filter (where y.amount > 0), array_agg(y.over) filter (where y.amount > 0), array_agg(y.base_list_id) filter (where y.amount > 0),
      array_agg(y.value) filter (where y.amount > 0), array_agg(y.base) filter (where y.amount > 0), array_agg(y.amount) filter (where y.amount > 0)
    into h_hit, h_variant, h_entry, h_rule, h_over, h_list, h_value, h_base, h_amount from priced y;
    -- What is found here is decided here: a base that is not known sends nobody on to a wider entry.
    select coalesce(array_agg(x.id), '{}') into remaining from (select unnest(remaining) as id except select unnest(h_hit)) x;
    return query select u.v, u.e, step, u.r, u.o, u.l, u.x, u.b, u.a
      from unnest(h_variant, h_entry, h_rule, h_over, h_list, h_value, h_base, h_amount) u(v, e, r, o, l, x, b, a);
  end loop;
end $$;

-- The same where no channel is known: what a rule leans on is taken as it stands. (For programs of the release before.)
create or replace function price_list_amounts_1(p_list bigint, p_currency text, p_variants bigint[], p_quantity int, p_at timestamptz, p_known timestamptz, p_depth int default 0)
returns table (variant_id bigint, entry_id bigint, scope text, rule text, over text, base_list_id bigint, value numeric, base numeric, amount numeric) language sql stable as $$
  select * from price_list_amounts_2(p_list, p_currency, null, null, null, p_variants, p_quantity, p_at, p_known, p_depth)
$$;

-- What a variant cost by what was known at an instant: the average of receipts, else what the catalog says.
create or replace function variant_cost_at(p_variant bigint, p_known timestamptz) returns table (average numeric, currency text) language sql stable as $$
  select x.average, x.currency from (
    select c.average, c.currency, 1 as n from variant_costs c where c.variant_id = p_variant and c.valid_from <= p_known and (c.valid_to is null or c.valid_to > p_known)
    union all
    select s.cost, s.currency, 2 from variants v
    cross join lateral (select case when p_known < 'infinity' then catalog_said_at('variant.cost', v.sku, p_known) end as said) c
    cross join lateral (select case when c.said is null then v.cost else (c.said->>'cost')::numeric end as cost,
      case when c.said is null then v.cost_currency else c.said->>'currency' end as currency) s
    where v.id = p_variant and s.cost is not null and s.currency is not null
  ) x order by x.n limit 1
$$;
