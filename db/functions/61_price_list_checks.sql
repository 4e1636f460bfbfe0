-- What a price list may not be: a circle, below a floor.

-- Refuses what was just written (it raises P0422 with the answer as its detail): lists that lean on each other in a circle or too deep, or typed
-- prices below a floor. p_entries: those that were written.
create or replace function price_list_refuse(p_list bigint, p_terms price_list_terms, p_entries bigint[], cmd jsonb) returns void language plpgsql as $$
declare
  path text[];
  below jsonb;
begin
  if exists (select from price_entries where id = any(p_entries) and base_list_id is not null) then
    path := price_list_circle(p_list);
    if path is not null then
      raise exception using errcode = 'P0422', message = 'cycle',
        detail = jsonb_build_object('outcome', case when path[cardinality(path)] = any(path[:cardinality(path) - 1]) then 'cycle' else 'too_deep' end, 'path', to_jsonb(path))::text;
    end if;
  end if;
  below := price_list_below(p_list, p_terms, p_entries, command_now(cmd));
  if below is not null then
    raise exception using errcode = 'P0422', message = 'below_floor', detail = jsonb_build_object('outcome', 'below_floor', 'below', below)::text;
  end if;
end $$;

-- A way from list to list that ends where it was already, or that has more than six lists (price_list_amounts_2 goes no further); null: there is none. Of what
-- stands and what waits.
create or replace function price_list_circle(p_list bigint) returns text[] language sql stable as $$
  with recursive edge as materialized (
    select distinct list_id, base_list_id from price_entries where base_list_id is not null and valid_to is null
  ), up as (
    select p_list as id, array[p_list] as path
    union all
    select e.list_id, e.list_id || u.path from up u join edge e on e.base_list_id = u.id where e.list_id <> all(u.path) and cardinality(u.path) < 7
  ), way as (
    select path, false as is_over from up
    union all
    select w.path || e.base_list_id, e.base_list_id = any(w.path) from way w join edge e on e.list_id = w.path[cardinality(w.path)]
    where not w.is_over and cardinality(w.path) < 7
  )
  select (select array_agg(l.code order by s.n) from unnest(w.path) with ordinality s(id, n) join price_lists l on l.id = s.id)
  from way w where w.is_over or cardinality(w.path) > 6 order by w.is_over desc, case when w.is_over then (w.path[1] = p_list)::int else 0 end desc, cardinality(w.path) limit 1
$$;

drop function if exists price_list_basis_clash(bigint, boolean);

-- Typed prices of a list (of some entries, or of all that stand or wait) that are below a floor in a channel that the list reaches in the channel's own currency and tax
-- display: [{sku, minQuantity, channel, amount, currency, floor, why}], at most 20; null: none. An entry for more than one variant counts where no closer one speaks.
create or replace function price_list_below(p_list bigint, t price_list_terms, p_entries bigint[], p_now timestamptz) returns jsonb language plpgsql stable as $$
declare
  c channels;
  ids bigint[];
  e_ids bigint[];
  found_below jsonb;
  answer jsonb := '[]';
begin
  if p_list is null or not exists (select from price_limits where kind = 'floor' and valid_to is null)
    or not exists (select from price_entries e where e.list_id = p_list and e.rule = 'fixed' and e.valid_to is null and (p_entries is null or e.id = any(p_entries))) then
    return null;
  end if;
  select array_agg(x.entry), array_agg(x.variant) into e_ids, ids from (
    select e.id as entry, e.variant_id as variant from price_entries e
    where e.list_id = p_list and e.scope = 'variant' and e.rule = 'fixed' and e.valid_to is null and (p_entries is null or e.id = any(p_entries))
    union all
    select e.id, v.id from price_entries e join products p on e.scope = 'all' or p.id = e.product_id or p.category = e.category join variants v on v.product_id = p.id
    where e.list_id = p_list and e.scope <> 'variant' and e.rule = 'fixed' and e.valid_to is null and (p_entries is null or e.id = any(p_entries))
      and not exists (select from price_entries n where n.list_id = p_list and n.valid_to is null
        and (n.variant_id = v.id or e.scope <> 'product' and n.product_id = p.id or e.scope = 'all' and n.category = p.category))) x;
  if ids is null then
    return null;
  end if;
  for c in select * from price_audience_channels(t.audience, t.audience_id) x
    where x.currency = t.currency and (t.tax_included is null or t.tax_included = (x.tax_mode = 'inclusive')) loop
    with bound as materialized (
      select * from price_bounds_1(c.id, array(select distinct unnest(ids)), greatest(t.starts_at, p_now), 'infinity')
    ), under as materialized (
      select e.id, b.variant_id, e.min_quantity, e.value, b.floor, b.floor_why from bound b
      join unnest(e_ids, ids) s(entry, variant) on s.variant = b.variant_id join price_entries e on e.id = s.entry where b.floor > e.value
    )
    select jsonb_agg(jsonb_build_object('sku', v.sku, 'minQuantity', u.min_quantity, 'channel', c.code, 'amount', trim_scale(u.value)::text, 'currency', c.currency,
      'floor', trim_scale(u.floor)::text, 'why', u.floor_why) order by u.id, v.sku)
    into found_below from (select * from under order by id, variant_id limit 20) u join variants v on v.id = u.variant_id;
    answer := answer || coalesce(found_below, '[]');
    exit when jsonb_array_length(answer) >= 20;
  end loop;
  return nullif(answer, '[]');
end $$;

-- Other lists of the same kind, audience and priority whose periods overlap and that price a variant of this list, too: which of the two holds is settled (what began
-- later, then the older list), but hardly meant. wins: the code of the one that holds.
create or replace function price_list_overlaps(p_list bigint, p_now timestamptz) returns table (code text, state text, wins text) language plpgsql stable as $$
#variable_conflict use_column
declare
  t price_list_terms := price_list_stands(p_list);
begin
  if (price_list_waits(p_list)).id is not null then
    t := price_list_waits(p_list);
  end if;
  if (price_list_stands(p_list)).state = 'ended' or t.ends_at <= p_now then
    return;
  end if;
  return query
  select l.code, o.state,
    case when coalesce(o.starts_at, '-infinity') > coalesce(t.starts_at, '-infinity')
      or coalesce(o.starts_at, '-infinity') = coalesce(t.starts_at, '-infinity') and o.list_id < p_list then l.code else (select m.code from price_lists m where m.id = p_list) end
  from price_list_terms o join price_lists l on l.id = o.list_id
  where o.valid_to is null and o.state <> 'ended' and o.list_id <> p_list and o.kind = t.kind and o.audience = t.audience and o.audience_id is not distinct from t.audience_id
    and o.priority = t.priority and (o.ends_at is null or o.ends_at > p_now)
    and coalesce(o.starts_at, '-infinity') < coalesce(t.ends_at, 'infinity') and coalesce(t.starts_at, '-infinity') < coalesce(o.ends_at, 'infinity')
    and price_lists_share(p_list, o.list_id)
  order by l.code;
end $$;

-- Whether two lists price the same variant. What costs least to find out is asked first.
create or replace function price_lists_share(p_one bigint, p_other bigint) returns boolean language plpgsql stable as $$
declare
  scopes text[] := array(select distinct e.scope from price_entries e where e.list_id in (p_one, p_other) and e.rule <> 'none' and e.valid_to is null);
begin
  if not exists (select from price_entries e where e.list_id = p_one and e.rule <> 'none' and e.valid_to is null)
    or not exists (select from price_entries e where e.list_id = p_other and e.rule <> 'none' and e.valid_to is null) then
    return false;
  end if;
  if 'all' = any(scopes) or exists (
    select from price_entries a join price_entries b on b.list_id = p_other and b.scope = 'variant' and b.variant_id = a.variant_id and b.rule <> 'none' and b.valid_to is null
    where a.list_id = p_one and a.scope = 'variant' and a.rule <> 'none' and a.valid_to is null) then
    return true;
  end if;
  if not scopes && array['product', 'category'] then
    return false;
  end if;
  return exists (
    with said as materialized (
      select e.list_id, e.scope, coalesce(e.product_id, v.product_id) as product_id, coalesce(e.category, p.category) as category
      from price_entries e left join variants v on v.id = e.variant_id left join products p on p.id = coalesce(e.product_id, v.product_id)
      where e.list_id in (p_one, p_other) and e.rule <> 'none' and e.valid_to is null
    )
    select from said a join said b on b.list_id = p_other and b.product_id = a.product_id where a.list_id = p_one and 'product' in (a.scope, b.scope)
    union all
    select from said a join said b on b.list_id = p_other and b.category = a.category where a.list_id = p_one and 'category' in (a.scope, b.scope));
end $$;
