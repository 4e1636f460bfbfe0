-- What stock cost: one weighted average for each variant, over everything that we own of it, wherever it is.

-- The units that an average stands for: on hand in our own locations, and on the way between them. What a platform holds is not told apart by cost.
create or replace function cost_units(p_variant bigint) returns bigint language sql stable as $$
  select coalesce((select sum(b.on_hand) from balances b join locations p on p.id = b.location_id
      where b.variant_id = p_variant and p.kind <> 'platform'), 0)::bigint
    + coalesce((select sum(l.sent - l.received - l.lost) from transfer_lines l
      where l.variant_id = p_variant and l.sent > l.received + l.lost), 0)::bigint
$$;

-- Units come in at a cost, and on hand has not grown by them yet: the average becomes
-- (units before * average before + units * unit cost) / (units before + units), rounded half up to 6 decimals, as in src/domain/inventory/average-cost.ts.
-- Where no average is known, the catalog's cost in the same currency stands for what is there already, else the cost of what comes.
-- Under the lock of the variant. Another currency is refused (P0409), and takes the whole command back.
create or replace function cost_average(p_variant bigint, p_units int, p_unit_cost numeric, p_currency text, cmd jsonb) returns void language plpgsql as $$
declare
  c variant_costs;
  units_before bigint := cost_units(p_variant);
  average_before numeric;
  average_after numeric;
begin
  if p_units <= 0 then
    return;
  end if;
  select * into c from variant_costs where variant_id = p_variant and valid_to is null;
  if c.currency <> p_currency then
    raise exception 'cost_currency' using errcode = 'P0409', detail = jsonb_build_object(
      'sku', (select sku from variants where id = p_variant), 'has', c.currency, 'given', p_currency)::text;
  end if;
  average_before := coalesce(c.average, (select cost from variants where id = p_variant and cost_currency = p_currency), p_unit_cost);
  -- In whole millionths, because a quotient of numerics is rounded once by itself, and rounding that again to 6 decimals may differ by one.
  average_after := div(2000000 * (units_before * average_before + p_units * p_unit_cost) + units_before + p_units, 2 * (units_before + p_units)) * 0.000001;
  if average_after = c.average then
    return;
  end if;
  update variant_costs set valid_to = command_now(cmd) where id = c.id;
  insert into variant_costs (variant_id, average, currency, valid_from, actor)
  values (p_variant, average_after, p_currency, command_now(cmd), coalesce(cmd->>'actor', 'system'));
end $$;
