-- Products, variants and locations.

-- Puts products with their variants, all or none. cmd.mode: `create` (nothing of it may exist), `add` (the product exists, its variants do not),
-- `put` (whatever exists is brought to what is stated, as a file does; what is not stated stays).
-- cmd.products: [{handle, title, vendor, category, variants: [{sku, title, gtin, gtinGiven, options, cost, costCurrency, weightGrams, hazard, status}]}].
-- Answers {"outcome": "done", "created": n, "changed": n} or {"outcome": "unknown", field, value}. What exists already, and
-- must not, is raised as P0409 `exists` with {field, value}: by then rows may be written, and none may stay.
create or replace function catalog_put_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  mode text := cmd->>'mode';
  p jsonb;
  v jsonb;
  owner bigint;
  other text;
  fresh int := 0;
  changed int := 0;
  n int;
  is_new_sku boolean := false;
begin
  if answer is not null then
    return answer;
  end if;
  for p in select x from jsonb_array_elements(cmd->'products') with ordinality e(x, ord) order by ord loop
    owner := null;
    if mode = 'add' then
      select id into owner from products where handle = p->>'handle';
      if owner is null then
        return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'handle', 'value', p->>'handle'));
      end if;
    else
      insert into products (handle, title, vendor, category) values (p->>'handle', p->>'title', p->>'vendor', p->>'category')
      on conflict (handle) do nothing returning id into owner;
      if owner is not null then
        fresh := fresh + 1;
      elsif mode = 'create' then
        raise exception 'exists' using errcode = 'P0409', detail = jsonb_build_object('field', 'handle', 'value', p->>'handle')::text;
      else
        update products set title = coalesce(p->>'title', title), vendor = case when p ? 'vendor' then p->>'vendor' else vendor end,
          category = case when p ? 'category' then p->>'category' else category end, version = version + 1, updated_at = clock_timestamp()
        where handle = p->>'handle' and (title, vendor, category) is distinct from (coalesce(p->>'title', title),
          case when p ? 'vendor' then p->>'vendor' else vendor end, case when p ? 'category' then p->>'category' else category end);
        get diagnostics n = row_count;
        changed := changed + n;
        select id into owner from products where handle = p->>'handle';
      end if;
    end if;
    for v in select x from jsonb_array_elements(p->'variants') with ordinality e(x, ord) order by ord loop
      insert into variants (product_id, sku, title, gtin, gtin_given, options, cost, cost_currency, weight_grams, hazard, status)
      values (owner, v->>'sku', coalesce(v->>'title', p->>'title', v->>'sku'), v->>'gtin', v->>'gtinGiven', coalesce(v->'options', '{}'), (v->>'cost')::numeric,
        v->>'costCurrency', (v->>'weightGrams')::int, v->>'hazard', coalesce(v->>'status', 'active'))
      on conflict (sku) do nothing;
      if found then
        fresh := fresh + 1;
        is_new_sku := true;
        continue;
      end if;
      select case when mode = 'put' then nullif(o.handle, p->>'handle') else o.handle end into other
      from variants x join products o on o.id = x.product_id where x.sku = v->>'sku';
      if other is not null then
        raise exception 'exists' using errcode = 'P0409',
          detail = jsonb_build_object('field', 'sku', 'value', v->>'sku', 'product', other)::text;
      end if;
      changed := changed + variant_patch(v);
    end loop;
  end loop;
  if is_new_sku then
    perform inbox_reopen_unmatched(null);
  end if;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'created', fresh, 'changed', changed));
end $$;

-- Brings one variant to what `v` states; what it does not state stays. Answers 1 when that changed anything.
create or replace function variant_patch(v jsonb) returns int language plpgsql as $$
declare
  old variants;
  new variants;
begin
  select * into old from variants where sku = v->>'sku' for no key update;
  new := old;
  new.title := coalesce(v->>'title', old.title);
  if v ? 'gtin' then
    new.gtin := v->>'gtin';
    new.gtin_given := v->>'gtinGiven';
  end if;
  if jsonb_typeof(v->'options') = 'object' then
    new.options := v->'options';
  end if;
  if v ? 'cost' then
    new.cost := (v->>'cost')::numeric;
    new.cost_currency := v->>'costCurrency';
  end if;
  if v ? 'weightGrams' then
    new.weight_grams := (v->>'weightGrams')::int;
  end if;
  if v ? 'hazard' then
    new.hazard := v->>'hazard';
  end if;
  new.status := coalesce(v->>'status', old.status);
  if new is not distinct from old then
    return 0;
  end if;
  update variants set title = new.title, gtin = new.gtin, gtin_given = new.gtin_given, options = new.options, cost = new.cost,
    cost_currency = new.cost_currency, weight_grams = new.weight_grams, hazard = new.hazard, status = new.status, version = version + 1, updated_at = clock_timestamp()
  where id = old.id;
  return 1;
end $$;

-- Changes one product: cmd.handle, cmd.version (what the caller has seen, or absent), cmd.set {title?, vendor?, category?}.
-- Answers {"outcome": "done", "version"}, {"outcome": "unknown", field, value} or {"outcome": "stale", "version"}.
create or replace function product_change_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  s jsonb := cmd->'set';
  p products;
begin
  if answer is not null then
    return answer;
  end if;
  select * into p from products where handle = cmd->>'handle' for no key update;
  if p.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'handle', 'value', cmd->>'handle'));
  end if;
  if p.version <> coalesce((cmd->>'version')::int, p.version) then
    return command_open(cmd, jsonb_build_object('outcome', 'stale', 'version', p.version));
  end if;
  update products set title = coalesce(s->>'title', title), vendor = case when s ? 'vendor' then s->>'vendor' else vendor end,
    category = case when s ? 'category' then s->>'category' else category end, version = version + 1, updated_at = clock_timestamp()
  where id = p.id returning * into p;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'version', p.version));
end $$;

-- Changes one variant: cmd.sku, cmd.version (or absent), cmd.set as a variant of catalog_put_1. Answers like product_change_1.
create or replace function variant_change_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  v variants;
begin
  if answer is not null then
    return answer;
  end if;
  select * into v from variants where sku = cmd->>'sku' for no key update;
  if v.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', cmd->>'sku'));
  end if;
  if v.version <> coalesce((cmd->>'version')::int, v.version) then
    return command_open(cmd, jsonb_build_object('outcome', 'stale', 'version', v.version));
  end if;
  perform variant_patch((cmd->'set') || jsonb_build_object('sku', v.sku));
  select * into v from variants where id = v.id;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'version', v.version));
end $$;

-- A new location (cmd.mode `create`) or a change of one: cmd.code, name, place (its kind), zone, country, active. A location that opens or closes changes what
-- every channel shows of the goods that lie there.
create or replace function location_put_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  old locations;
begin
  if answer is not null then
    return answer;
  end if;
  if cmd->>'mode' = 'create' then
    insert into locations (code, name, kind, zone, country, active)
    values (cmd->>'code', cmd->>'name', cmd->>'place', coalesce(cmd->>'zone', 'UTC'), cmd->>'country', coalesce((cmd->>'active')::boolean, true))
    on conflict (code) do nothing;
    if not found then
      return command_open(cmd, jsonb_build_object('outcome', 'exists', 'field', 'code', 'value', cmd->>'code'));
    end if;
    return command_done(cmd, jsonb_build_object('outcome', 'done'));
  end if;
  select * into old from locations where code = cmd->>'code' for no key update;
  if old.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'code', 'value', cmd->>'code'));
  end if;
  update locations set name = coalesce(cmd->>'name', name), zone = coalesce(cmd->>'zone', zone),
    country = case when cmd ? 'country' then cmd->>'country' else country end, active = coalesce((cmd->>'active')::boolean, active)
  where id = old.id;
  if old.active <> coalesce((cmd->>'active')::boolean, old.active) then
    insert into change (kind, variant_id) select 'stock', variant_id from balances where location_id = old.id and on_hand > 0;
    if not old.active then
      perform stock_fill_from(array[old.id], cmd);
    end if;
    insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'location_switched', old.code, jsonb_build_object('active', cmd->'active'));
  end if;
  return command_done(cmd, jsonb_build_object('outcome', 'done'));
end $$;
