-- One price, with its reasons. The same rule stands in src/domain/pricing/resolve.ts; a property test holds them equal.

-- The price of variants in a channel (for a partner, null: for everybody; of a quantity) at an instant, by what was known at another (usually the same). p_track: regular or
-- sale. The strongest source that has a price wins (price_sources); it is converted to the channel's currency, brought to the channel's tax display, rounded, and
-- last held between floor and ceiling. amount is null where it is held for a person: why.held says what for. Variants without a price are left out.
-- why: {list | plain, level, entry, rule, over, value, base, asked, currency, rate, tax, reckoned, floor, ceiling, held}, what does not apply left out.
create or replace function price_resolve_1(
  p_channel bigint, p_variants bigint[], p_partner bigint, p_quantity int, p_track text, p_at timestamptz, p_known timestamptz
) returns table (variant_id bigint, amount numeric, level int, starts_at timestamptz, ends_at timestamptz, why jsonb) language plpgsql stable as $$
#variable_conflict use_column
declare
  c channels;
  policy channel_price_policies;
  s record;
  digits int;
  rate numeric;
  remaining bigint[] := p_variants;
  found_ids bigint[];
  -- What was found: by variant, before rounding, and how it came about.
  r_variant bigint[] := '{}'; r_amount numeric[] := '{}'; r_typed boolean[] := '{}'; r_level int[] := '{}'; r_from timestamptz[] := '{}'; r_to timestamptz[] := '{}';
  r_why jsonb[] := '{}';
  f_amount numeric[]; f_typed boolean[]; f_from timestamptz[]; f_to timestamptz[]; f_why jsonb[];
begin
  -- Of many, how they are found depends on how many they are.
  perform set_config('plan_cache_mode', case when cardinality(p_variants) > 1000 then 'force_custom_plan' else 'auto' end, true);
  select * into c from channels where id = p_channel;
  select * into policy from channel_price_policies p where p.channel_id = p_channel and p.valid_from <= p_known and (p.valid_to is null or p.valid_to > p_known);
  digits := currency_digits(c.currency);
  for s in select * from price_sources(p_channel, p_partner, p_track, p_at, p_known) loop
    exit when cardinality(remaining) = 0;
    if s.list_id is null then
      select array_agg(p.variant_id), array_agg(p.amount), array_agg(true), array_agg(p.starts_at), array_agg(p.ends_at),
        array_agg(jsonb_build_object('plain', p.id, 'level', s.level, 'asked', trim_scale(p.amount)::text, 'currency', c.currency))
      into found_ids, f_amount, f_typed, f_from, f_to, f_why
      from unnest(remaining) w(id) join prices p on p.variant_id = w.id
      where p.currency = c.currency and p.channel_id is not distinct from s.channel_id and p.created_at <= p_known and (p.superseded_at is null or p.superseded_at > p_known)
        and case p_track when 'sale' then p.starts_at <= p_at and (p.ends_at is null or p.ends_at > p_at)
            -- Of those in force that which began last.
            and not exists (select from prices q where q.variant_id = p.variant_id and q.currency = p.currency and q.channel_id is not distinct from p.channel_id
              and q.created_at <= p_known and (q.superseded_at is null or q.superseded_at > p_known) and q.starts_at > p.starts_at and q.starts_at <= p_at
              and (q.ends_at is null or q.ends_at > p_at))
          else p.starts_at is null end;
    else
      rate := case when s.currency = c.currency then 1
        else round(exchange_rate_at(s.currency, c.currency, p_at, p_known) * (100 + coalesce(policy.exchange_margin_percent, 0)) / 100, 12) end;
      continue when rate is null;
      select array_agg(a.variant_id), array_agg(a.shown), array_agg(a.rule = 'fixed' and s.currency = c.currency and a.tax is null), array_agg(s.starts_at), array_agg(s.ends_at),
        array_agg(jsonb_build_object('list', s.code, 'level', s.level, 'entry', a.entry_id, 'rule', a.rule, 'asked', trim_scale(a.amount)::text, 'currency', s.currency)
          || case when a.rule = 'fixed' then '{}' else jsonb_build_object('over', a.over, 'value', trim_scale(a.value)::text, 'base', trim_scale(a.base)::text) end
          || case when s.currency = c.currency then '{}' else jsonb_build_object('rate', trim_scale(rate)::text) end
          || case when a.tax is null then '{}' else jsonb_build_object('tax', trim_scale(a.tax)::text) end)
      into found_ids, f_amount, f_typed, f_from, f_to, f_why
      from (
        select l.*, t.percent as tax, case
          when t.percent is null then round(l.amount * rate, 12)
          when c.tax_mode = 'inclusive' then round(round(l.amount * rate, 12) * (100 + t.percent) / 100, 12)
          else price_divide(round(l.amount * rate, 12) * 100, 100 + t.percent) end as shown
        from price_list_amounts_1(s.list_id, s.currency, remaining, p_quantity, p_at, p_known) l
        left join variants v on v.id = l.variant_id and s.tax_included <> (c.tax_mode = 'inclusive')
        left join lateral (select tax_percent_at(policy.region_id, case when p_known = 'infinity' then v.tax_category
          -- As it was before the first change since.
          else coalesce((select a.detail->>'from' from audit a where a.subject = v.sku and a.act = 'tax_category.set' and a.at > p_known order by a.id limit 1), v.tax_category) end, p_at, p_known) as percent) t on v.id is not null
        -- Where it must be taxed or untaxed and no rate is known, it is no price.
        where v.id is null or t.percent is not null
      ) a;
    end if;
    continue when found_ids is null;
    r_variant := r_variant || found_ids; r_amount := r_amount || f_amount; r_typed := r_typed || f_typed; r_from := r_from || f_from; r_to := r_to || f_to; r_why := r_why || f_why;
    r_level := r_level || array_fill(s.level, array[cardinality(found_ids)]);
    select coalesce(array_agg(x.id), '{}') into remaining from (select unnest(remaining) as id except select unnest(found_ids)) x;
  end loop;
  return query
  with found as (
    select u.*, case when u.typed then round(u.asked, 6)
      else price_rounded(u.asked, coalesce(policy.rounding, 'digits'), policy.rounding_step, policy.rounding_ending, policy.rounding_direction, digits) end as rounded
    from unnest(r_variant, r_amount, r_typed, r_level, r_from, r_to, r_why) u(variant_id, asked, typed, level, starts_at, ends_at, why)
  ), bound as materialized (
    select * from price_bounds_1(p_channel, r_variant, p_at, p_known)
  )
  select f.variant_id, e.amount, f.level, f.starts_at, f.ends_at,
    f.why || case when f.typed or f.asked = f.rounded then '{}' else jsonb_build_object('reckoned', trim_scale(f.asked)::text) end
    || case when e.held is not null then jsonb_build_object('held', e.held) else '{}' end
    || case when b.floor > f.rounded then jsonb_build_object('floor', b.floor_why) else '{}' end
    || case when b.ceiling < f.rounded or e.held is not null and b.ceiling is not null then jsonb_build_object('ceiling', b.ceiling_why) else '{}' end
  from found f left join bound b on b.variant_id = f.variant_id
  cross join lateral price_held_1(f.rounded, b.floor, b.ceiling, b.unknown, coalesce(policy.rounding, 'digits'), policy.rounding_step, policy.rounding_ending, digits) e;
  perform set_config('plan_cache_mode', 'auto', true);
end $$;

-- A rounded price held between its floor and ceiling. Clamped up, it is rounded up the channel's way, where the ceiling lets it, else to the currency's digits;
-- clamped down, it is rounded down to the digits, as no ending may lift it. held: floor_above_ceiling, or limit_unknown.
create or replace function price_held_1(p_price numeric, p_floor numeric, p_ceiling numeric, p_unknown boolean, p_rounding text, p_step numeric, p_ending numeric, p_digits int,
  out amount numeric, out held text) language plpgsql immutable as $$
declare
  lifted numeric;
begin
  if p_unknown then
    held := 'limit_unknown';
  elsif p_floor > p_ceiling then
    held := 'floor_above_ceiling';
  elsif p_price < p_floor then
    lifted := case p_rounding when 'ending' then price_ending(p_floor, p_step, p_ending, 'up') when 'none' then price_up(p_floor, 6) else price_up(p_floor, p_digits) end;
    if lifted > p_ceiling then
      lifted := price_up(p_floor, p_digits);
    end if;
    if lifted > p_ceiling then
      held := 'floor_above_ceiling';
    else
      amount := lifted;
    end if;
  elsif p_price > p_ceiling then
    lifted := price_down(p_ceiling, p_digits);
    if lifted < p_floor or lifted <= 0 then
      held := 'floor_above_ceiling';
    else
      amount := lifted;
    end if;
  else
    amount := p_price;
  end if;
end $$;

-- Floor and ceiling of variants in a channel, as the channel shows prices, each with what it comes from: {basis, id, amount, currency} or, for a margin,
-- {basis, id, percent, cost, currency, tax}. Of several floors the highest, of several ceilings the lowest. A margin floor of a variant without a cost is none; where a
-- rate of exchange is missing, unknown is true. Only variants with a limit are answered.
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
    select v.id, v.product_id, case when p_known = 'infinity' then v.tax_category
      -- As it was before the first change since.
      else coalesce((select a.detail->>'from' from audit a where a.subject = v.sku and a.act = 'tax_category.set' and a.at > p_known order by a.id limit 1), v.tax_category) end as tax_category, p.category
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
      case m.basis when 'margin' then round(price_divide(round(k.average * x.rate, 12) * 100, 100 - m.percent) * (100 + x.tax) / 100, 12)
        else round(m.amount * m.rate, 12) end as amount,
      case m.basis when 'margin' then k.average is not null and x.rate is null else m.rate is null end as unknown,
      case m.basis when 'margin' then jsonb_build_object('basis', m.basis, 'id', m.id, 'percent', trim_scale(m.percent)::text, 'cost', trim_scale(k.average)::text,
          'currency', k.currency, 'tax', trim_scale(x.tax)::text)
        else jsonb_build_object('basis', m.basis, 'id', m.id, 'amount', trim_scale(m.amount)::text, 'currency', m.currency) end as why
    from meant m
    left join lateral variant_cost_at(m.of_variant, p_known) k on m.basis = 'margin'
    left join lateral (select exchange_rate_at(k.currency, c.currency, p_at, p_known) as rate,
      case c.tax_mode when 'inclusive' then coalesce(tax_percent_at(region, m.tax_category, p_at, p_known), 0) else 0 end as tax) x on m.basis = 'margin' and k.average is not null
  )
  select r.of_variant, max(r.amount) filter (where r.kind = 'floor'), (array_agg(r.why order by r.amount desc nulls last, r.id) filter (where r.kind = 'floor'))[1],
    min(r.amount) filter (where r.kind = 'ceiling'), (array_agg(r.why order by r.amount nulls last, r.id) filter (where r.kind = 'ceiling'))[1], bool_or(r.unknown)
  from reckoned r where r.amount is not null or r.unknown group by r.of_variant;
end $$;
