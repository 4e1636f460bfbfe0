-- What a buyer pays. The same rule stands in src/domain/pricing/effective.ts; a property test holds them equal.

-- Of variants in a channel (for a partner, null: for everybody; of a quantity) at an instant, by what was known at another: the price in force of the regular one and the
-- sale. A sale that is not lower replaces the regular price, unless that is a partner's or a tier's own and the sale is for others, or it is of a greater quantity.
-- sale is the sale's amount where it applies. why: {regular, sale}, as price_resolve_1 tells them. amount is null where the price is held (held says what for); variants without
-- a regular price are left out.
create or replace function price_effective_1(p_channel bigint, p_variants bigint[], p_partner bigint, p_quantity int, p_at timestamptz, p_known timestamptz)
returns table (variant_id bigint, amount numeric, regular numeric, sale numeric, sale_from timestamptz, sale_to timestamptz, why jsonb, held text)
language sql stable as $$
  select r.variant_id, case when r.amount is null then null when a.applies then s.amount else r.amount end, r.amount, case when a.applies then s.amount end,
    case when a.applies then s.starts_at end, case when a.applies then s.ends_at end,
    jsonb_build_object('regular', r.why) || case when s.why is null then '{}' else jsonb_build_object('sale', s.why) end, r.why->>'held'
  from price_resolve_1(p_channel, p_variants, p_partner, p_quantity, 'regular', p_at, p_known) r
  left join price_resolve_1(p_channel, p_variants, p_partner, p_quantity, 'sale', p_at, p_known) s on s.variant_id = r.variant_id
  left join price_entries e on e.id = (r.why->>'entry')::bigint
  cross join lateral (select coalesce(r.amount is not null and (s.amount < r.amount
    or s.amount is not null and not (r.level >= 5 and s.level < 5 or coalesce(e.min_quantity, 1) > 1)), false) as applies) a
$$;
