-- What stock cost: one weighted average for each variant, over everything that we own of it, wherever it is.

-- The units that an average stands for: on hand in our own locations, and on the way between them. What a platform holds is not told apart by cost.
create or replace function cost_units(p_variant bigint) returns bigint language sql stable as $$
  select coalesce((select sum(b.on_hand) from balances b join locations p on p.id = b.location_id
      where b.variant_id = p_variant and p.kind <> 'platform'), 0)::bigint
    + coalesce((select sum(l.sent - l.received - l.lost) from transfer_lines l
      where l.variant_id = p_variant and l.sent > l.received + l.lost), 0)::bigint
$$;

-- Refuses (P0409) a cost in another currency than that of the average: nothing here converts.
create or replace function cost_fits(p_variant bigint, p_currency text) returns void language plpgsql as $$
declare
  known text;
begin
  select currency into known from variant_costs where variant_id = p_variant and valid_to is null;
  if known <> p_currency then
    raise exception 'cost_currency' using errcode = 'P0409', detail = jsonb_build_object(
      'sku', (select sku from variants where id = p_variant), 'has', known, 'given', p_currency)::text;
  end if;
end $$;

-- Units come in at a cost, and on hand has not grown by them yet: the average becomes
-- (units before * average before + units * unit cost) / (units before + units), rounded half up to 6 decimals, as in src/domain/inventory/average-cost.ts.
-- Where no average is known, the catalog's cost in the same currency stands for what is there already, else the cost of what comes.
-- Under the lock of the variant.
create or replace function cost_average(p_variant bigint, p_units int, p_unit_cost numeric, p_currency text, cmd jsonb) returns void language plpgsql as $$
declare
  c variant_costs;
  units_before bigint := cost_units(p_variant);
  average_before numeric;
  average_after numeric;
  at timestamptz := command_now(cmd);
begin
  if p_units <= 0 then
    return;
  end if;
  perform cost_fits(p_variant, p_currency);
  select * into c from variant_costs where variant_id = p_variant and valid_to is null;
  average_before := coalesce(c.average, (select cost from variants where id = p_variant and cost_currency = p_currency), p_unit_cost);
  -- In whole millionths, because a quotient of numerics is rounded once by itself, and rounding that again to 6 decimals may differ by one.
  average_after := div(2000000 * (units_before * average_before + p_units * p_unit_cost) + units_before + p_units, 2 * (units_before + p_units)) * 0.000001;
  if average_after = c.average then
    return;
  end if;
  update variant_costs set valid_to = at where id = c.id;
  insert into variant_costs (variant_id, average, currency, valid_from, actor)
  values (p_variant, average_after, p_currency, at, coalesce(cmd->>'actor', 'system'));
end $$;
