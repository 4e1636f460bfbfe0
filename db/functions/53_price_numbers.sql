-- Numbers of prices. The same rules stand in src/domain/pricing/numbers.ts; a property test holds them equal. Everything is decimal; what does not come
-- out even is rounded half up to 12 decimals, so that both get the same digits.

-- Digits after the point that a currency's amounts have (ISO 4217).
create or replace function currency_digits(p_currency text) returns int language sql immutable parallel safe as $$
  select case
    when p_currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then 0
    when p_currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
    when p_currency in ('CLF', 'UYW') then 4
    else 2 end
$$;

-- A unit price as text: with the digits of its currency at least, and up to 6 where it was stated so.
create or replace function price_text(p_amount numeric, p_currency text) returns text language sql immutable parallel safe as $$
  select round(p_amount, greatest(currency_digits(p_currency), least(6, scale(trim_scale(p_amount)))))::text
$$;

-- x / y to 12 decimals.
create or replace function price_divide(x numeric, y numeric) returns numeric language sql immutable parallel safe as $$
  select round(round(x, 24) / y, 12)
$$;

-- What a rule makes of its base, to 12 decimals.
create or replace function price_rule(p_rule text, p_value numeric, p_base numeric) returns numeric language sql immutable parallel safe as $$
  select case p_rule
    when 'fixed' then p_value
    when 'percent' then round(p_base * (100 + p_value) / 100, 12)
    when 'amount' then p_base + p_value
    when 'margin' then price_divide(p_base * 100, 100 - p_value) end
$$;

-- A price made to end as the channel wants: on a multiple of step, plus ending; never at nothing or below. nearest: of two as near, the upper.
-- (PL/pgSQL: six times as fast as SQL that names the rest in a from clause.)
create or replace function price_ending(x numeric, step numeric, ending numeric, direction text) returns numeric language plpgsql immutable parallel safe as $$
declare
  rest numeric := mod(mod(x - ending, step) + step, step);
begin
  return case
    when rest = 0 and x > 0 then x
    when direction = 'up' or x - rest <= 0 or (direction = 'nearest' and rest * 2 >= step) then x - rest + step
    else x - rest end;
end $$;

-- A reckoned price as a channel states it. rounding: none (6 decimals), digits (the currency's), ending. Never at nothing: at the least the smallest unit. First to 6 decimals:
-- what a rate or a tax taken there and back leaves behind these would lift a price to its next ending.
create or replace function price_rounded(x numeric, rounding text, step numeric, ending numeric, direction text, digits int) returns numeric
language sql immutable parallel safe as $$
  select case rounding
    when 'ending' then price_ending(round(x, 6), step, ending, direction)
    when 'none' then greatest(round(x, 6), 0.000001)
    else greatest(round(round(x, 6), digits), power(10::numeric, -digits)) end
$$;

-- x rounded up, or down, to digits.
create or replace function price_up(x numeric, digits int) returns numeric language sql immutable parallel safe as $$
  select ceil(x * power(10::numeric, digits)) / power(10::numeric, digits)
$$;
create or replace function price_down(x numeric, digits int) returns numeric language sql immutable parallel safe as $$
  select floor(x * power(10::numeric, digits)) / power(10::numeric, digits)
$$;

-- How many units of one currency another's unit is at an instant, by what was known then; null where no rate says so. The direct rate, else the inverse of the other.
create or replace function exchange_rate_at(p_from text, p_to text, p_at timestamptz, p_known timestamptz) returns numeric language sql stable as $$
  select case when p_from = p_to then 1 else (
    select case when from_currency = p_from then rate else price_divide(1, rate) end from exchange_rates
    where ((from_currency = p_from and to_currency = p_to) or (from_currency = p_to and to_currency = p_from)) and starts_at <= p_at
      and created_at <= p_known and (superseded_at is null or superseded_at > p_known)
    order by (from_currency = p_from) desc, starts_at desc, id desc limit 1) end
$$;

-- The tax percent of a category in a region at an instant; null where no rate says so.
create or replace function tax_percent_at(p_region bigint, p_category text, p_at timestamptz, p_known timestamptz) returns numeric language sql stable as $$
  select percent from tax_rates where region_id = p_region and category = p_category and starts_at <= p_at
    and created_at <= p_known and (superseded_at is null or superseded_at > p_known)
  order by starts_at desc, id desc limit 1
$$;

-- The tax category of a SKU as it was at an instant: before the first change since, if there was one.
create or replace function tax_category_at(p_sku text, p_category text, p_known timestamptz) returns text language sql stable as $$
  select case when p_known = 'infinity' then p_category
    else coalesce((select a.detail->>'from' from audit a where a.subject = p_sku and a.act = 'tax_category.set' and a.at > p_known order by a.id limit 1), p_category) end
$$;

-- What the catalog said of a SKU or a product at an instant, where it says something else since (variant.cost {cost, currency}, product.category {category}); null: what it says now.
create or replace function catalog_said_at(p_act text, p_subject text, p_known timestamptz) returns jsonb language sql stable as $$
  select a.detail->'from' from audit a where p_known < 'infinity' and a.subject = p_subject and a.act = p_act and a.at > p_known order by a.id limit 1
$$;

-- The category of a product as it was at an instant.
create or replace function product_category_at(p_handle text, p_category text, p_known timestamptz) returns text language sql stable as $$
  select case when p_known = 'infinity' then p_category
    else coalesce((select jsonb_build_array(c->>'category') from catalog_said_at('product.category', p_handle, p_known) c where c is not null), jsonb_build_array(p_category))->>0 end
$$;
