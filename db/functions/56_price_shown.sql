-- The price document that a channel should show.

-- Instants are whole seconds: some platforms keep no fraction of them, and what is read back must be what was sent.
-- Of variants in channels: {"currency", "regular", "sale": null | {"amount", "from", "to"}}; null where there is no regular price or it is held for a person (held says what
-- for). A sale is in force (from is null: it has begun) or the next one to come (sent ahead, where the platform takes dates); a sale price that is not lower than the regular one replaces it while
-- it is in force, and so does every sale where the platform shows none (platform_shows_sales). Where it takes no dates (platform_takes_sales), a sale has none and goes out when
-- it is in force; none is sent ahead. Where the platform has a field for it, the sale also has "reference": the lowest price of the 30 days before it began, by what was shown (for a sale to come
-- also by what is to be shown until then); null where nothing was. floor: the least that may be shown, where there is a floor. why: {regular, sale}, as price_resolve_1 tells
-- them; null where no reasons are asked for. What is known is what stands in the books now.
create or replace function channel_price_3(p_channels bigint[], p_variants bigint[], p_now timestamptz, p_reasons boolean)
returns table (channel_id bigint, variant_id bigint, price jsonb, why jsonb, held text, floor numeric) language plpgsql stable rows 20000 as $$
#variable_conflict use_column
declare
  c channels;
  next_at timestamptz; list_at timestamptz; plain_at timestamptz;
  remaining bigint[]; asked bigint[];
  s_variant bigint[]; s_amount numeric[]; s_from timestamptz[]; s_to timestamptz[]; s_why jsonb[];
  n_variant bigint[]; n_amount numeric[]; n_from timestamptz[]; n_to timestamptz[]; n_why jsonb[];
  f_variant bigint[]; f_amount numeric[];
  has_reference boolean;
  takes_dates boolean; shows_sales boolean;
  head text;
  old_work_mem text := current_setting('work_mem');
begin
  if cardinality(p_variants) > 1000 then
    perform set_config('work_mem', '64MB', true);
  end if;
  for c in select * from channels where id = any(p_channels) order by id loop
    has_reference := platform_takes_reference((select a.platform from accounts a where a.id = c.account_id));
    select platform_takes_sales(a.platform), platform_shows_sales(a.platform) into takes_dates, shows_sales from accounts a where a.id = c.account_id;
    s_variant := '{}'; s_amount := '{}'; s_from := '{}'; s_to := '{}'; s_why := '{}';
    if price_has_sales(p_variants, p_now) then
      select coalesce(array_agg(r.variant_id), '{}'), array_agg(r.amount), array_agg(null::timestamptz), array_agg(r.ends_at), array_agg(r.why)
      into s_variant, s_amount, s_from, s_to, s_why from price_resolve_2(c.id, p_variants, null, 1, 'sale', p_now, 'infinity', p_reasons or has_reference) r;
      select coalesce(array_agg(x.id), '{}') into remaining from (select unnest(p_variants) as id except select unnest(s_variant)) x;
      next_at := p_now;
      loop
        exit when cardinality(remaining) = 0;
        select min(t.starts_at) into list_at from price_list_terms t where t.kind = 'sale' and t.state = 'approved' and t.valid_to is null and t.starts_at > next_at
          -- Whom a list addresses does not depend on the instant.
          and exists (select from price_sources(c.id, null, 'sale', t.starts_at, 'infinity') s where s.list_id = t.list_id);
        select min(p.starts_at) into plain_at from prices p where p.variant_id = any(remaining) and p.currency = c.currency and (p.channel_id = c.id or p.channel_id is null)
          and p.superseded_at is null and p.starts_at > next_at;
        next_at := least(list_at, plain_at);
        exit when next_at is null;
        -- A plain price begins for its own SKU alone; a list may speak of any.
        asked := case when next_at = list_at then remaining else array(select distinct p.variant_id from prices p where p.variant_id = any(remaining) and p.currency = c.currency
          and (p.channel_id = c.id or p.channel_id is null) and p.superseded_at is null and p.starts_at = next_at) end;
        select array_agg(r.variant_id), array_agg(r.amount), array_agg(next_at), array_agg(r.ends_at), array_agg(r.why)
        into n_variant, n_amount, n_from, n_to, n_why from price_resolve_2(c.id, asked, null, 1, 'sale', next_at, 'infinity', p_reasons or has_reference) r;
        continue when n_variant is null;
        s_variant := s_variant || n_variant; s_amount := s_amount || n_amount; s_from := s_from || n_from; s_to := s_to || n_to; s_why := s_why || n_why;
        select coalesce(array_agg(x.id), '{}') into remaining from (select unnest(remaining) as id except select unnest(n_variant)) x;
      end loop;
    end if;
    f_variant := '{}'; f_amount := '{}';
    if has_reference and cardinality(s_variant) > 0 then
      select array_agg(f.variant_id), array_agg(f.reference) into f_variant, f_amount from price_references_1(c.id, s_variant, s_from, s_why, p_now) f;
    end if;
    -- A document without a sale is read from text: that is twice as fast as to build it.
    head := '{"currency": ' || to_jsonb(c.currency)::text || ', "sale": null, "regular": "';
    return query
    select c.id, r.variant_id,
      case when r.amount is null then null
        when s.amount is null or s.amount >= r.amount or not shows_sales or s.starts_at is not null and not takes_dates then (head || trim_scale(case when s.starts_at is null then coalesce(s.amount, r.amount) else r.amount end) || '"}')::jsonb
        else jsonb_build_object('currency', c.currency, 'regular', trim_scale(r.amount)::text, 'sale', jsonb_build_object('amount', trim_scale(s.amount)::text,
          'from', price_instant(date_trunc('second', s.starts_at)), 'to', case when takes_dates then price_instant(date_trunc('second', s.ends_at)) end)
          || case when has_reference then jsonb_build_object('reference', trim_scale(least(f.amount, case when s.starts_at is not null then r.amount end))::text) else '{}' end) end,
      case when not p_reasons then null when s.why is null then jsonb_build_object('regular', r.why) else jsonb_build_object('regular', r.why, 'sale', s.why) end,
      r.held, r.floor
    from price_resolve_2(c.id, p_variants, null, 1, 'regular', p_now, 'infinity', p_reasons) r
    left join unnest(s_variant, s_amount, s_from, s_to, s_why) s(variant_id, amount, starts_at, ends_at, why) on s.variant_id = r.variant_id
    left join unnest(f_variant, f_amount) f(variant_id, amount) on f.variant_id = r.variant_id;
  end loop;
  perform set_config('work_mem', old_work_mem, true);
end $$;

-- The same with its reasons.
create or replace function channel_price_2(p_channels bigint[], p_variants bigint[], p_now timestamptz)
returns table (channel_id bigint, variant_id bigint, price jsonb, why jsonb, held text, floor numeric) language sql stable as $$
  select * from channel_price_3(p_channels, p_variants, p_now, true)
$$;

-- Whether any sale, of now or to come, might speak of these variants: most of the time there is none, and nothing is looked for.
create or replace function price_has_sales(p_variants bigint[], p_now timestamptz) returns boolean language sql stable as $$
  select exists (select from price_list_terms where kind = 'sale' and state = 'approved' and valid_to is null and (ends_at is null or ends_at > p_now))
    or case when cardinality(p_variants) > 1000 then exists (select from prices where superseded_at is null and starts_at is not null)
      else exists (select from prices where superseded_at is null and starts_at is not null and variant_id = any(p_variants)) end
$$;

create or replace function price_instant(p_at timestamptz) returns text language sql stable as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

drop function if exists channel_price_1(bigint[], bigint[], timestamptz);
