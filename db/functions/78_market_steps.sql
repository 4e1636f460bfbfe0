-- Judging and stepping. The rule itself stands in src/domain/pricing/market.ts: it reads market_facts_1, and what it decides is written by market_steps_1.

-- Takes SKUs to judge, the longest waiting first, for p_lease seconds: [variant, asked]. Whoever took them and died leaves them to others.
create or replace function market_take_1(p_limit int, p_lease int) returns table (variant_id bigint, asked bigint) language sql as $$
  update market_work w set taken_until = clock_timestamp() + make_interval(secs => p_lease)
  where w.variant_id in (select x.variant_id from market_work x where x.taken_until is null or x.taken_until < clock_timestamp() order by x.asked limit p_limit for update skip locked)
  returning w.variant_id, w.asked
$$;

-- The rules in force for variants: of each list, the one that speaks of a variant the most closely; of two the older.
create or replace function market_ruled(p_variants bigint[]) returns table (variant_id bigint, terms_id bigint) language sql stable as $$
  select distinct on (v.id, t.list_id) v.id, t.id
  from variants v join products p on p.id = v.product_id
  join market_rule_terms t on t.valid_to is null and t.state = 'active'
    and case t.scope when 'variant' then t.variant_id = v.id when 'product' then t.product_id = p.id when 'category' then t.category = p.category else true end
  where v.id = any(p_variants)
  order by v.id, t.list_id, array_position(array['variant', 'product', 'category', 'all'], t.scope), t.rule_id
$$;

-- What a rule's decisions about variants follow from, one document for each variant (see MarketFacts): terms t of the rule with this code.
create or replace function market_facts_of(t market_rule_terms, p_code text, p_variants bigint[], p_now timestamptz) returns table (variant_id bigint, facts jsonb) language plpgsql stable as $$
#variable_conflict use_column
declare
  terms price_list_terms := price_list_stands(t.list_id);
  channels bigint[];
  -- The first channel of the list's currency says the tax between the list and what its rules lean on.
  shown record;
  told jsonb;
begin
  select coalesce(array_agg(c.id), '{}') into channels from price_audience_channels(terms.audience, terms.audience_id) c;
  select c.tax_mode = 'inclusive' as taxed, y.region_id as region into shown from channels c left join channel_price_policies y on y.channel_id = c.id and y.valid_to is null
  where c.id = any(channels) order by c.currency <> terms.currency, c.id limit 1;
  told := jsonb_build_object('code', p_code, 'competitors', to_jsonb(t.competitors), 'mode', t.mode, 'value', trim_scale(t.value)::text, 'most', trim_scale(t.most)::text,
    'maxAgeMinutes', t.max_age_minutes, 'stepsPerDay', t.steps_per_day, 'warSteps', t.war_steps, 'warWindowMinutes', t.war_window_minutes);
  return query
  with want as materialized (
    select v.id, v.sku, (select s from market_steps s where s.list_id = t.list_id and s.variant_id = v.id order by s.id desc limit 1) as last
    from unnest(p_variants) w(id) join variants v on v.id = w.id
  ), asks as materialized (
    select a.variant_id, a.amount from price_list_amounts_2(t.list_id, terms.currency, coalesce(terms.tax_included, shown.taxed), shown.taxed, shown.region, p_variants, 1, p_now, 'infinity') a
  ), bound as materialized (
    select b.variant_id, max(b.floor) as floor, min(b.ceiling) as ceiling, bool_or(b.unknown) as unknown
    from channels c cross join lateral price_bounds_1(c.id, p_variants, greatest(terms.starts_at, p_now), 'infinity') b
    -- Where prices are converted or taxed first, limits hold the price when it is reckoned for the channel.
    where c.id = any(channels) and c.currency = terms.currency and (terms.tax_included is null or terms.tax_included = (c.tax_mode = 'inclusive')) group by 1
  ), offered as materialized (
    select w.id as variant_id, m.id, m.competitor, c.code as channel, m.amount, m.currency, m.last_seen_at, r.rate,
      (select o.amount from market_offers o where o.variant_id = m.variant_id and o.competitor = m.competitor and o.currency = m.currency
        and coalesce(o.channel_id, 0) = coalesce(m.channel_id, 0) and o.valid_from <= (w.last).at and (o.valid_to is null or o.valid_to > (w.last).at) order by o.id desc limit 1) as before
    from want w join market_offers m on m.variant_id = w.id and m.valid_to is null and m.amount is not null and (m.channel_id is null or m.channel_id = any(channels))
    left join channels c on c.id = m.channel_id cross join lateral (select exchange_rate_at(m.currency, terms.currency, p_now, 'infinity') as rate) r
  ), plain as (
    select p.variant_id, p.amount from prices p where p.variant_id = any(p_variants) and p.currency = terms.currency and p.channel_id is null and p.starts_at is null and p.superseded_at is null
  )
  select w.id, jsonb_build_object('rule', told, 'termsId', t.id, 'ruleId', t.rule_id, 'listId', t.list_id, 'list', (select code from price_lists where id = t.list_id),
    'sku', w.sku, 'currency', terms.currency, 'digits', currency_digits(terms.currency), 'fourEyes', terms.four_eyes,
    'ours', trim_scale(coalesce(a.amount, p.amount))::text, 'waiting', trim_scale(e.value)::text, 'entryId', n.id, 'waitingId', e.id,
    'floor', trim_scale(b.floor)::text, 'ceiling', trim_scale(b.ceiling)::text, 'limitUnknown', coalesce(b.unknown, false),
    'offers', (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'competitor', o.competitor, 'channel', o.channel, 'amount', trim_scale(round(o.amount * o.rate, 12))::text,
        'before', trim_scale(round(o.before * o.rate, 12))::text, 'stated', jsonb_build_object('amount', trim_scale(o.amount)::text, 'currency', o.currency), 'seenAt', o.last_seen_at) order by o.id), '[]')
      from offered o where o.variant_id = w.id),
    'steps', (select coalesce(jsonb_agg(market_step_told(s) order by s.id), '[]') from market_steps s where s.list_id = t.list_id and s.variant_id = w.id
      and s.at > p_now - greatest(interval '1 day', make_interval(mins => t.war_window_minutes))),
    'last', market_step_told(w.last), 'lastId', coalesce((w.last).id, 0),
    'stop', (select jsonb_build_object('competitor', s.competitor, 'at', s.at) from market_stops s where s.rule_id = t.rule_id and s.variant_id = w.id and s.resumed_at is null),
    'resumedAt', (select max(s.resumed_at) from market_stops s where s.rule_id = t.rule_id and s.variant_id = w.id))
  from want w left join asks a on a.variant_id = w.id left join plain p on p.variant_id = w.id left join bound b on b.variant_id = w.id
  left join price_entries n on n.list_id = t.list_id and n.scope = 'variant' and n.variant_id = w.id and n.min_quantity = 1 and n.valid_from is not null and n.valid_to is null
  left join price_entries e on e.list_id = t.list_id and e.scope = 'variant' and e.variant_id = w.id and e.min_quantity = 1 and e.rule = 'fixed' and e.valid_from is null and e.valid_to is null
  where terms.state <> 'ended' order by w.id;
end $$;

create or replace function market_step_told(s market_steps) returns jsonb language sql stable as $$
  select case when s.id is not null then jsonb_build_object('at', s.at, 'from', trim_scale(s.from_amount)::text, 'to', trim_scale(s.to_amount)::text, 'competitor', s.competitor, 'isAnswer', s.is_answer) end
$$;

-- The facts of all rules in force for variants.
create or replace function market_facts_1(p_variants bigint[], p_now timestamptz) returns table (variant_id bigint, facts jsonb) language sql stable as $$
  select f.variant_id, f.facts from (select u.terms_id, array_agg(u.variant_id order by u.variant_id) as variants from market_ruled(p_variants) u group by 1) g
  join market_rule_terms t on t.id = g.terms_id join market_rules r on r.id = t.rule_id cross join lateral market_facts_of(t, r.code, g.variants, p_now) f
  order by t.list_id, f.variant_id
$$;

-- The same for a dry run of a rule as it stands (p_said null) or as it is stated, of the SKUs after one; `ruledBy` is the rule that decides there now, where it is another.
create or replace function market_try_1(p_rule text, p_said jsonb, p_after bigint, p_limit int, p_now timestamptz) returns table (variant_id bigint, facts jsonb) language plpgsql stable as $$
#variable_conflict use_column
declare
  of_rule bigint := (select id from market_rules where code = p_rule);
  t market_rule_terms;
  ids bigint[];
begin
  if p_said is null then
    select * into t from market_rule_terms x where x.rule_id = of_rule and x.valid_to is null;
  else
    t := market_rule_read(of_rule, p_said, 'dry-run', p_now);
  end if;
  ids := array(select market_rule_variants(t, p_after, p_limit));
  return query select f.variant_id, f.facts || jsonb_build_object('ruledBy', (select r.code from market_ruled(array[f.variant_id]) u join market_rule_terms x on x.id = u.terms_id
      join market_rules r on r.id = x.rule_id where x.list_id = t.list_id and x.rule_id is distinct from t.rule_id
      -- A stated rule that speaks more closely would decide itself.
      and array_position(array['variant', 'product', 'category', 'all'], x.scope) <= array_position(array['variant', 'product', 'category', 'all'], t.scope)))
    from market_facts_of(t, p_rule, ids, p_now) f;
end $$;
