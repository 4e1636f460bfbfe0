-- One price, with its reasons. The same rule stands in src/domain/pricing/resolve.ts; a property test holds them equal.

-- The price of variants in a channel (for a partner, null: for everybody; of a quantity) at an instant, by what was known at another (usually the same). p_track: regular or
-- sale. The strongest source that has a price wins (price_sources); it is converted to the channel's currency, brought to the channel's tax display, rounded, and
-- last held between floor and ceiling. amount is null where it is held for a person: held says what for. Variants without a price are left out.
-- why: {list | plain, level, entry, asked, currency, reckoned, floor, ceiling, held}, what does not apply left out; the rule in the domain tells the rest. Where no reasons
-- are asked for it is null: of many, to write them costs more than to reckon the prices.
create or replace function price_resolve_2(
  p_channel bigint, p_variants bigint[], p_partner bigint, p_quantity int, p_track text, p_at timestamptz, p_known timestamptz, p_reasons boolean
) returns table (variant_id bigint, amount numeric, level int, starts_at timestamptz, ends_at timestamptz, floor numeric, held text, why jsonb) language plpgsql stable as $$
#variable_conflict use_column
declare
  c channels;
  policy channel_price_policies;
  s record;
  rate numeric;
  remaining bigint[] := p_variants;
  -- The sources, the strongest first, and a run of short lists that only name prices of variants: those are looked through together.
  s_list bigint[] := '{}'; s_code text[] := '{}'; s_level int[] := '{}'; s_from timestamptz[] := '{}'; s_to timestamptz[] := '{}'; s_currency text[] := '{}';
  s_taxed boolean[] := '{}'; s_rate numeric[] := '{}'; s_plain bigint[] := '{}'; s_simple boolean[] := '{}'; s_dense boolean[] := '{}';
  run int[] := '{}';
  -- What was found: by variant, from which source and row, as asked there.
  r_variant bigint[] := '{}'; r_source int[] := '{}'; r_row bigint[] := '{}'; r_asked numeric[] := '{}'; r_fixed boolean[] := '{}';
  f_variant bigint[]; f_source int[]; f_row bigint[]; f_asked numeric[]; f_fixed boolean[];
  missed bigint[];
  is_bulk boolean;
  old_plans text := current_setting('plan_cache_mode');
  old_work_mem text := current_setting('work_mem');
begin
  is_bulk := cardinality(p_variants) > 1000;
  if is_bulk then
    -- How many are found depends on how many are asked for; and many fit into memory that few do not need.
    perform set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '64MB', true);
  end if;
  select * into c from channels where id = p_channel;
  select * into policy from channel_price_policies p where p.channel_id = p_channel and p.valid_from <= p_known and (p.valid_to is null or p.valid_to > p_known);
  for s in select * from price_sources(p_channel, p_partner, p_track, p_at, p_known) loop
    rate := case when s.currency = c.currency then 1
      else round(exchange_rate_at(s.currency, c.currency, p_at, p_known) * (100 + coalesce(policy.exchange_margin_percent, 0)) / 100, 12) end;
    continue when rate is null;
    s_list := s_list || s.list_id; s_code := s_code || s.code; s_level := s_level || s.level; s_from := s_from || s.starts_at; s_to := s_to || s.ends_at;
    s_currency := s_currency || s.currency; s_taxed := s_taxed || coalesce(s.tax_included <> (c.tax_mode = 'inclusive'), false); s_rate := s_rate || rate;
    s_plain := s_plain || s.channel_id;
    s_simple := s_simple || (s.list_id is not null and p_quantity = 1 and not exists (select from price_entries e where e.list_id = s.list_id
      and (e.scope <> 'variant' or e.rule not in ('fixed', 'none')) and e.valid_from <= p_known and (e.valid_to is null or e.valid_to > p_known)));
    -- A list that prices many is looked through by itself: after it few are left. Of those that price few, one look through all is cheaper.
    s_dense := s_dense || (is_bulk and p_known = 'infinity' and s_simple[cardinality(s_simple)] and (select count(*) from (select from price_entries e
      where e.list_id = s.list_id and e.scope = 'variant' and e.valid_from is not null and e.valid_to is null limit 5001) x) > 5000);
  end loop;

  for n in 1 .. cardinality(s_list) loop
    exit when cardinality(remaining) = 0;
    if s_dense[n] then
      -- All of it stands in the index (a simple list without a value says none): entries of one list may lie scattered over the whole table.
      select array_agg(e.variant_id) filter (where e.id is not null), array_agg(e.id) filter (where e.id is not null), array_agg(e.value) filter (where e.id is not null),
        coalesce(array_agg(w.id) filter (where e.id is null), '{}') into f_variant, f_row, f_asked, missed
      from unnest(remaining) w(id) left join price_entries e on e.variant_id = w.id
        and e.list_id = s_list[n] and e.scope = 'variant' and e.min_quantity = 1 and e.value is not null and e.valid_from is not null and e.valid_to is null
        and (not s_taxed[n] or exists (select from variants v where v.id = e.variant_id and tax_percent_at(policy.region_id, v.tax_category, p_at, p_known) is not null));
      continue when f_variant is null;
      r_variant := r_variant || f_variant; r_row := r_row || f_row; r_asked := r_asked || f_asked;
      r_source := r_source || array_fill(n, array[cardinality(f_variant)]); r_fixed := r_fixed || array_fill(true, array[cardinality(f_variant)]);
      remaining := missed;
      continue;
    elsif s_simple[n] then
      run := run || n;
      continue when s_simple[n + 1] and not s_dense[n + 1];
      -- Of each variant the entry of the strongest list of the run; the number of the source stands above that of the row.
      select array_agg(e.variant_id), array_agg((k.best >> 48)::int), array_agg(e.id), array_agg(e.value), array_agg(true)
      into f_variant, f_source, f_row, f_asked, f_fixed
      from (
        select min((l.n::bigint << 48) | e.id) as best
        from unnest(run) l(n) join price_entries e on e.list_id = s_list[l.n] join unnest(remaining) w(id) on w.id = e.variant_id
        where e.scope = 'variant' and e.min_quantity = 1 and e.rule = 'fixed' and e.valid_from <= p_known and (e.valid_to is null or e.valid_to > p_known)
          -- Where it must be taxed or untaxed and no rate is known, it is no price.
          and (not s_taxed[l.n] or exists (select from variants v where v.id = e.variant_id and tax_percent_at(policy.region_id, tax_category_at(v.sku, v.tax_category, p_known), p_at, p_known) is not null))
        group by e.variant_id) k
      join price_entries e on e.id = k.best & 281474976710655;
      run := '{}';
    elsif s_list[n] is not null then
      select array_agg(l.variant_id), array_agg(n), array_agg(l.entry_id), array_agg(l.amount), array_agg(l.rule = 'fixed') into f_variant, f_source, f_row, f_asked, f_fixed
      from price_list_amounts_2(s_list[n], s_currency[n], s_taxed[n] <> (c.tax_mode = 'inclusive'), c.tax_mode = 'inclusive', policy.region_id, remaining, p_quantity, p_at, p_known) l
      where not s_taxed[n] or exists (select from variants v where v.id = l.variant_id and tax_percent_at(policy.region_id, tax_category_at(v.sku, v.tax_category, p_known), p_at, p_known) is not null);
    else
      -- A channel that is "not distinct" is taken for one in thousands, and all prices would be held against each of the few that are asked for.
      select array_agg(p.variant_id), array_agg(n), array_agg(p.id), array_agg(p.amount), array_agg(true) into f_variant, f_source, f_row, f_asked, f_fixed
      from unnest(remaining) w(id) join prices p on p.variant_id = w.id
      where p.currency = c.currency and case when s_plain[n] is null then p.channel_id is null else p.channel_id = s_plain[n] end and p.created_at <= p_known and (p.superseded_at is null or p.superseded_at > p_known)
        and case p_track when 'sale' then p.starts_at <= p_at and (p.ends_at is null or p.ends_at > p_at)
            -- Of those in force that which began last.
            and not exists (select from prices q where q.variant_id = p.variant_id and q.currency = p.currency and q.channel_id is not distinct from p.channel_id
              and q.created_at <= p_known and (q.superseded_at is null or q.superseded_at > p_known) and q.starts_at > p.starts_at and q.starts_at <= p_at
              and (q.ends_at is null or q.ends_at > p_at))
          else p.starts_at is null end;
    end if;
    continue when f_variant is null;
    r_variant := r_variant || f_variant; r_source := r_source || f_source; r_row := r_row || f_row; r_asked := r_asked || f_asked; r_fixed := r_fixed || f_fixed;
    select coalesce(array_agg(x.id), '{}') into remaining from (select unnest(remaining) as id except select unnest(f_variant)) x;
  end loop;

  return query
  with source as materialized (
    select u.*, u.list_id is null or u.rate = 1 and u.currency = c.currency and not u.taxed as as_shown
    from unnest(s_list, s_code, s_level, s_from, s_to, s_currency, s_taxed, s_rate) with ordinality u(list_id, code, level, starts_at, ends_at, currency, taxed, rate, n)
  ), tax as materialized (
    select x.category, tax_percent_at(policy.region_id, x.category, p_at, p_known) as percent
    from (select distinct case when p_known = 'infinity' then v.tax_category else tax_category_at(v.sku, v.tax_category, p_known) end as category from variants v where true = any(s_taxed) and v.id = any(r_variant)) x
  ), taxed as materialized (
    -- Once for all: planned for few, it was found anew for each price, and each time among all of them.
    select v.id, t.percent from unnest(r_variant) w(id) join variants v on v.id = w.id join tax t on t.category = case when p_known = 'infinity' then v.tax_category else tax_category_at(v.sku, v.tax_category, p_known) end where true = any(s_taxed)
  ), found as (
    select u.variant_id, u.entry_id, u.asked, s.*, u.fixed and s.as_shown as typed,
      case when s.as_shown then u.asked
        when not s.taxed then round(u.asked * s.rate, 12)
        when c.tax_mode = 'inclusive' then round(round(u.asked * s.rate, 12) * (100 + t.percent) / 100, 12)
        else price_divide(round(u.asked * s.rate, 12) * 100, 100 + t.percent) end as reckoned
    from unnest(r_variant, r_source, r_row, r_asked, r_fixed) u(variant_id, source, entry_id, asked, fixed) join source s on s.n = u.source
    left join taxed t on s.taxed and t.id = u.variant_id
  ), stated as (
    select f.*, b.floor, b.ceiling, b.unknown, case when f.typed then round(f.reckoned, 6)
      else price_rounded(f.reckoned, coalesce(policy.rounding, 'digits'), policy.rounding_step, policy.rounding_ending, policy.rounding_direction, currency_digits(c.currency)) end as rounded
    from (select * from found offset 0) f left join price_clamps_1(p_channel, r_variant, p_at, p_known) b on b.variant_id = f.variant_id
  ), kept as (
    select f.*, case when not f.is_out then f.rounded else price_within(f.rounded, f.floor, f.ceiling, f.unknown, coalesce(policy.rounding, 'digits'), policy.rounding_step,
      policy.rounding_ending, currency_digits(c.currency)) end as amount
    from (select x.*, coalesce(x.unknown or x.floor > x.rounded or x.ceiling < x.rounded or x.floor > x.ceiling, false) as is_out from (select * from stated offset 0) x offset 0) f offset 0
  )
  select f.variant_id, f.amount, f.level, case when f.list_id is null then p.starts_at else f.starts_at end, case when f.list_id is null then p.ends_at else f.ends_at end,
    f.floor, case when f.amount is null then case when f.unknown then 'limit_unknown' else 'floor_above_ceiling' end end,
    case
      when not p_reasons then null
      when f.typed and not f.is_out and f.list_id is not null
        then jsonb_build_object('list', f.code, 'level', f.level, 'entry', f.entry_id, 'asked', trim_scale(f.asked)::text, 'currency', f.currency)
      when f.typed and not f.is_out then jsonb_build_object('plain', f.entry_id, 'level', f.level, 'asked', trim_scale(f.asked)::text, 'currency', f.currency)
      else jsonb_strip_nulls(jsonb_build_object('list', f.code, case when f.list_id is null then 'plain' else 'entry' end, f.entry_id, 'level', f.level,
        'asked', trim_scale(f.asked)::text, 'currency', f.currency, 'reckoned', trim_scale(f.reckoned)::text,
        'held', case when f.amount is null then case when f.unknown then 'limit_unknown' else 'floor_above_ceiling' end end,
        'floor', case when f.floor > f.rounded or f.amount is null then trim_scale(f.floor)::text end,
        'ceiling', case when f.ceiling < f.rounded or f.amount is null then trim_scale(f.ceiling)::text end)) end
  from kept f left join prices p on p_track = 'sale' and f.list_id is null and p.id = f.entry_id;
  if is_bulk then
    perform set_config('plan_cache_mode', old_plans, true), set_config('work_mem', old_work_mem, true);
  end if;
end $$;

-- The same with its reasons.
create or replace function price_resolve_1(
  p_channel bigint, p_variants bigint[], p_partner bigint, p_quantity int, p_track text, p_at timestamptz, p_known timestamptz
) returns table (variant_id bigint, amount numeric, level int, starts_at timestamptz, ends_at timestamptz, floor numeric, held text, why jsonb) language sql stable as $$
  select * from price_resolve_2(p_channel, p_variants, p_partner, p_quantity, p_track, p_at, p_known, true)
$$;

-- A rounded price kept between its floor and ceiling. Clamped up, it is rounded up the channel's way, where the ceiling lets it, else to the currency's digits;
-- clamped down, it is rounded down to the digits, as no ending may lift it. Null where no price can be right, or the limit is not known: it is held for a person.
create or replace function price_within(p_price numeric, p_floor numeric, p_ceiling numeric, p_unknown boolean, p_rounding text, p_step numeric, p_ending numeric, p_digits int)
returns numeric language plpgsql immutable parallel safe as $$
declare
  lifted numeric;
begin
  if p_unknown or p_floor > p_ceiling then
    return null;
  elsif p_price < p_floor then
    lifted := case p_rounding when 'ending' then price_ending(p_floor, p_step, p_ending, 'up') when 'none' then price_up(p_floor, 6) else price_up(p_floor, p_digits) end;
    if lifted > p_ceiling then
      lifted := price_up(p_floor, p_digits);
    end if;
    return case when lifted > p_ceiling then null else lifted end;
  elsif p_price > p_ceiling then
    lifted := price_down(p_ceiling, p_digits);
    return case when lifted < p_floor or lifted <= 0 then null else lifted end;
  end if;
  return p_price;
end $$;

-- Whether any floor or ceiling speaks to a channel: most of the time none does, and nothing is reckoned.
create or replace function price_has_limits(p_channel bigint, p_known timestamptz) returns boolean language sql stable as $$
  select exists (select from price_limits l where (l.channel_id is null or l.channel_id = p_channel) and l.valid_from <= p_known and (l.valid_to is null or l.valid_to > p_known))
$$;
