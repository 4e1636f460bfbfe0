-- Everything that one price follows from, for the rule in src/domain/pricing: with it the reasons are told, now or of the past.

-- Null where there is no such SKU, channel or partner. Numbers are text, instants ISO 8601.
create or replace function price_facts_1(p_sku text, p_channel text, p_partner text, p_known timestamptz) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'channel', jsonb_build_object('id', c.id, 'currency', c.currency, 'taxInclusive', c.tax_mode = 'inclusive', 'region', y.region_id,
      'takesReference', (select platform_takes_reference(a.platform) from accounts a where a.id = c.account_id),
      'exchangeMargin', trim_scale(coalesce(y.exchange_margin_percent, 0))::text,
      'rounding', case when y.id is null then null else jsonb_build_object('kind', y.rounding, 'step', trim_scale(y.rounding_step)::text, 'ending', trim_scale(y.rounding_ending)::text, 'direction', y.rounding_direction) end,
      'groups', coalesce((select jsonb_agg(m.group_id) from channel_group_members m where m.channel_id = c.id and m.valid_from <= p_known and (m.valid_to is null or m.valid_to > p_known)), '[]')),
    'partner', case when r.id is null then null else jsonb_build_object('id', r.id, 'tier', (
      select m.tier_id from partner_tier_members m where m.partner_id = r.id and m.valid_from <= p_known and (m.valid_to is null or m.valid_to > p_known))) end,
    'variant', jsonb_build_object('product', v.product_id, 'category', p.category_then, 'taxCategory', tax_category_at(v.sku, v.tax_category, p_known), 'cost', (
      select jsonb_build_object('amount', trim_scale(k.average)::text, 'currency', k.currency) from variant_cost_at(v.id, p_known) k)),
    'plain', coalesce((select jsonb_agg(jsonb_build_object('id', q.id, 'channel', q.channel_id, 'currency', q.currency, 'amount', trim_scale(q.amount)::text, 'startsAt', q.starts_at, 'endsAt', q.ends_at,
        'since', price_typed_since(q.id), 'actor', q.actor) order by q.id)
      from prices q where q.variant_id = v.id and q.created_at <= p_known and (q.superseded_at is null or q.superseded_at > p_known)), '[]'),
    'lists', coalesce((select jsonb_agg(jsonb_build_object('id', t.list_id, 'code', l.code, 'title', t.title, 'kind', t.kind, 'currency', t.currency, 'audience', t.audience, 'audienceId', t.audience_id,
        'audienceCode', case t.audience when 'region' then (select g.code from regions g where g.id = t.audience_id) when 'group' then (select g.code from channel_groups g where g.id = t.audience_id)
          when 'channel' then (select g.code from channels g where g.id = t.audience_id) when 'tier' then (select g.code from partner_tiers g where g.id = t.audience_id)
          when 'partner' then (select g.code from partners g where g.id = t.audience_id) end,
        -- Approved without a break since then: another title or end does not interrupt it.
        'since', (select min(o.valid_from) from price_list_terms o where o.list_id = t.list_id and o.state = 'approved' and o.valid_from >= coalesce((
          select max(d.valid_to) from price_list_terms d where d.list_id = t.list_id and d.state <> 'approved' and d.valid_from < 'infinity' and d.valid_to <= p_known), '-infinity')),
        'approvedBy', (select a.actor from audit a where a.subject = 'price-list:' || l.code and a.act = 'price_list.approve' and a.at <= p_known order by a.id desc limit 1),
        'priority', t.priority, 'taxIncluded', t.tax_included, 'startsAt', t.starts_at, 'endsAt', t.ends_at, 'entries', coalesce((
          select jsonb_agg(jsonb_build_object('id', e.id, 'scope', e.scope, 'minQuantity', e.min_quantity, 'rule', e.rule, 'over', e.over, 'baseList', e.base_list_id, 'value', trim_scale(e.value)::text,
            'since', e.valid_from, 'actor', e.actor, 'approvedBy', e.approved_by, 'market', case when e.actor = 'repricer' then (
              select jsonb_build_object('rule', m.code, 'words', s.why) from market_steps s join market_rules m on m.id = s.rule_id
              where s.list_id = e.list_id and s.variant_id = e.variant_id and s.to_amount = e.value order by s.id desc limit 1) end) order by e.id)
          from price_entries e where e.list_id = t.list_id and e.valid_from <= p_known and (e.valid_to is null or e.valid_to > p_known)
            and (e.scope = 'all' or e.variant_id = v.id or e.product_id = v.product_id or e.category = p.category_then)), '[]')) order by t.list_id)
      from price_list_terms t join price_lists l on l.id = t.list_id
      where t.state = 'approved' and t.valid_from <= p_known and (t.valid_to is null or t.valid_to > p_known)), '[]'),
    'exchangeRates', coalesce((select jsonb_agg(jsonb_build_object('id', x.id, 'from', x.from_currency, 'to', x.to_currency, 'rate', trim_scale(x.rate)::text, 'startsAt', x.starts_at))
      from exchange_rates x where x.created_at <= p_known and (x.superseded_at is null or x.superseded_at > p_known)), '[]'),
    'taxRates', coalesce((select jsonb_agg(jsonb_build_object('id', x.id, 'region', x.region_id, 'category', x.category, 'percent', trim_scale(x.percent)::text, 'startsAt', x.starts_at))
      from tax_rates x where x.region_id = y.region_id and x.created_at <= p_known and (x.superseded_at is null or x.superseded_at > p_known)), '[]'),
    'limits', coalesce((select jsonb_agg(jsonb_build_object('id', x.id, 'kind', x.kind, 'basis', x.basis, 'amount', trim_scale(x.amount)::text, 'currency', x.currency, 'percent', trim_scale(x.percent)::text,
        'since', x.valid_from, 'actor', x.actor) order by x.id)
      from price_limits x where (x.channel_id is null or x.channel_id = c.id) and x.valid_from <= p_known and (x.valid_to is null or x.valid_to > p_known)
        and (x.scope = 'all' or x.variant_id = v.id or x.product_id = v.product_id or x.category = p.category_then)), '[]'))
  from variants v join (select q.id, product_category_at(q.handle, q.category, p_known) as category_then from products q) p on p.id = v.product_id cross join channels c
  left join channel_price_policies y on y.channel_id = c.id and y.valid_from <= p_known and (y.valid_to is null or y.valid_to > p_known)
  left join partners r on r.code = p_partner
  where v.sku = p_sku and c.code = p_channel and (p_partner is null or r.id is not null)
$$;
