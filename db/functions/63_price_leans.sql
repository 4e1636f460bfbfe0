-- Prices lean on the catalog: rules and margins on what a SKU costs, lists and limits on the category of its product. Whoever changes that changes prices.
-- What it was is noted in the audit, where a price of the past is explained from (catalog_said_at).

-- Whether any rule or margin leans on cost: else a cost that moves changes no price.
create or replace function price_leans_on_cost() returns boolean language sql stable as $$
  select exists (select from price_entries where over = 'cost' and valid_to is null) or exists (select from price_limits where basis = 'margin' and valid_to is null)
$$;

-- The catalog's cost moved: the prices of these SKUs are reckoned anew. (What receipts make of the average is told by cost_average.)
create or replace function variant_cost_moved() returns trigger language plpgsql as $$
begin
  insert into audit (actor, act, subject, detail)
  select 'catalog', 'variant.cost', m.sku, jsonb_build_object('from', jsonb_build_object('cost', trim_scale(f.cost)::text, 'currency', f.cost_currency),
    'to', jsonb_build_object('cost', trim_scale(m.cost)::text, 'currency', m.cost_currency))
  from moved m join former f on f.id = m.id where (m.cost, m.cost_currency) is distinct from (f.cost, f.cost_currency) order by m.id;
  if price_leans_on_cost() then
    perform price_changed(array(select m.id from moved m join former f on f.id = m.id
      where (m.cost, m.cost_currency) is distinct from (f.cost, f.cost_currency) order by m.id));
  end if;
  return null;
end $$;
create or replace trigger variant_cost_moved after update on variants referencing old table as former new table as moved for each statement execute function variant_cost_moved();

-- A product moved to another category, or out of all: the same, where any list or limit speaks of categories.
create or replace function product_category_moved() returns trigger language plpgsql as $$
begin
  insert into audit (actor, act, subject, detail)
  select 'catalog', 'product.category', m.handle, jsonb_build_object('from', jsonb_build_object('category', f.category), 'to', jsonb_build_object('category', m.category))
  from moved m join former f on f.id = m.id where m.category is distinct from f.category order by m.id;
  if exists (select from price_entries where scope = 'category' and valid_to is null) or exists (select from price_limits where scope = 'category' and valid_to is null) then
    perform price_changed(array(select v.id from moved m join former f on f.id = m.id join variants v on v.product_id = m.id
      where m.category is distinct from f.category order by v.id));
  end if;
  return null;
end $$;
create or replace trigger product_category_moved after update on products referencing old table as former new table as moved for each statement
  execute function product_category_moved();
