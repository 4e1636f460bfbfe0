-- What stock cost: one weighted average for each variant, over everything that we own of it, wherever it is.

-- The units that an average stands for: on hand in our own locations, and on the way between them. What a platform holds is not told apart by cost.
-- (PL/pgSQL, because a function of SQL that is not inlined is planned anew for each call.)
create or replace function cost_units(p_variant bigint) returns bigint language plpgsql stable as $$
declare
  units bigint;
begin
  select coalesce(sum(x.units), 0) into units from (
    select b.on_hand as units from balances b join locations p on p.id = b.location_id and p.kind <> 'platform' where b.variant_id = p_variant
    union all
    select l.sent - l.received - l.lost from transfer_lines l where l.variant_id = p_variant and l.sent > l.received + l.lost) x;
  return units;
end $$;

-- Refuses (P0409) a cost in another currency than that of the average: nothing here converts.
create or replace function cost_fits(p_variant bigint, p_has text, p_given text) returns void language plpgsql as $$
begin
  if p_has <> p_given then
    raise exception 'cost_currency' using errcode = 'P0409', detail = jsonb_build_object(
      'sku', (select sku from variants where id = p_variant), 'has', p_has, 'given', p_given)::text;
  end if;
end $$;

-- The average now and its currency; a row of nulls where no receipt has said yet what a unit cost.
create or replace function cost_now(p_variant bigint) returns variant_costs language plpgsql stable as $$
declare
  c variant_costs;
begin
  select * into c from variant_costs where variant_id = p_variant and valid_to is null;
  return c;
end $$;

-- Units come in at a cost, and on hand has not grown by them yet: the average becomes
-- (units before * average before + units * unit cost) / (units before + units), rounded half up to 6 decimals, as in src/domain/inventory/average-cost.ts.
-- Where no average is known, the catalog's cost in the same currency stands for what is there already, else the cost of what comes.
-- Under the lock of the variant.
create or replace function cost_average(p_variant bigint, p_units int, p_unit_cost numeric, p_currency text, cmd jsonb) returns void language plpgsql as $$
declare
  c variant_costs := cost_now(p_variant);
  units_before bigint;
  average_before numeric := c.average;
  average_after numeric;
  at timestamptz := command_now(cmd);
begin
  if p_units <= 0 then
    return;
  end if;
  perform cost_fits(p_variant, c.currency, p_currency);
  if average_before is null then
    average_before := coalesce((select cost from variants where id = p_variant and cost_currency = p_currency), p_unit_cost);
  end if;
  units_before := cost_units(p_variant);
  -- In whole millionths, because a quotient of numerics is rounded once by itself, and rounding that again to 6 decimals may differ by one.
  average_after := div(2000000 * (units_before * average_before + p_units * p_unit_cost) + units_before + p_units, 2 * (units_before + p_units)) * 0.000001;
  if average_after = c.average then
    return;
  end if;
  if c.id is not null then
    update variant_costs set valid_to = at where id = c.id;
  end if;
  insert into variant_costs (variant_id, average, currency, valid_from, actor)
  values (p_variant, average_after, p_currency, at, coalesce(cmd->>'actor', 'system'));
  if price_leans_on_cost() then
    perform price_changed(array[p_variant]);
  end if;
end $$;
