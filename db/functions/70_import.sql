-- Files: staged in import_rows, judged whole, then applied in chunks. Body shapes: src/domain/catalog/row.ts.
-- imports.options.columns tells how the file calls our columns, for the errors.

-- Adds an error to staged rows that already may have some.
create or replace function import_row_error(errors jsonb, p_column text, p_value text, p_expected text) returns jsonb language sql immutable as $$
  select coalesce(errors, '[]') || jsonb_build_array(jsonb_build_object('column', p_column, 'value', coalesce(p_value, ''), 'expected', p_expected))
$$;

-- What the hub has now (`was`, null: nothing) and what a row would make of it (`wish`), for rows from p_from to p_to; equal when nothing would
-- change. A range, so that a chunk reads its own rows whatever plan is taken.
create or replace function import_compare(p_import bigint, p_kind text, p_from int, p_to int)
returns table (row_no int, was jsonb, wish jsonb) language plpgsql stable as $$
begin
  if p_kind = 'stock' then
    return query
      select r.row_no, case when b.variant_id is null then null else jsonb_build_object('onHand', b.on_hand) end,
        jsonb_build_object('onHand', r.body->'quantity')
      from import_rows r join variants v on v.sku = r.body->>'sku' join locations l on l.code = r.body->>'location'
      left join balances b on b.variant_id = v.id and b.location_id = l.id
      where r.import_id = p_import and r.errors is null and r.row_no between p_from and p_to;
  elsif p_kind = 'prices' then
    return query
      select r.row_no, case when p.id is null then null else jsonb_build_object('amount', p.amount, 'to', p.ends_at) end,
        jsonb_build_object('amount', (r.body->>'amount')::numeric, 'to', (r.body->>'to')::timestamptz)
      from import_rows r join variants v on v.sku = r.body->>'sku' left join channels c on c.code = r.body->>'channel'
      left join prices p on p.variant_id = v.id and p.currency = r.body->>'currency' and p.channel_id is not distinct from c.id
        and p.starts_at is not distinct from (r.body->>'from')::timestamptz and p.superseded_at is null
      where r.import_id = p_import and r.errors is null and r.row_no between p_from and p_to;
  else
    return query
      with given as (
        select r.row_no as no, r.body as b, v.id as variant_id, to_jsonb(v) as v, to_jsonb(p) as p
        from import_rows r left join variants v on v.sku = r.body->>'sku' left join products p on p.id = v.product_id
        where r.import_id = p_import and r.errors is null and r.row_no between p_from and p_to
      )
      select g.no, case when g.variant_id is null then null else
          jsonb_strip_nulls(jsonb_build_object('handle', g.p->'handle', 'title', g.p->'title', 'vendor', g.p->'vendor', 'category', g.p->'category',
            'variantTitle', g.v->'title', 'gtin', g.v->'gtin', 'gtinGiven', g.v->'gtin_given', 'options', g.v->'options', 'cost', g.v->'cost',
            'costCurrency', g.v->'cost_currency', 'weightGrams', g.v->'weight_grams', 'hazard', g.v->'hazard', 'status', g.v->'status'))
          || coalesce(price.was, '{}') || coalesce(stock.was, '{}') end,
        case when g.variant_id is null then '{}' else
          jsonb_strip_nulls(jsonb_build_object('handle', g.p->'handle', 'title', g.p->'title', 'vendor', g.p->'vendor', 'category', g.p->'category',
            'variantTitle', g.v->'title', 'gtin', g.v->'gtin', 'gtinGiven', g.v->'gtin_given', 'options', g.v->'options', 'cost', g.v->'cost',
            'costCurrency', g.v->'cost_currency', 'weightGrams', g.v->'weight_grams', 'hazard', g.v->'hazard', 'status', g.v->'status')) end
          || jsonb_strip_nulls(g.b - '{sku,derive,prices,stock,cost}'::text[] || jsonb_build_object('cost', (g.b->>'cost')::numeric))
          || coalesce(price.wish, '{}') || coalesce(stock.wish, '{}')
      from given g
      left join lateral (
        select jsonb_build_object('prices', jsonb_object_agg(key, amount)) as was, jsonb_build_object('prices', jsonb_object_agg(key, asked)) as wish
        from (select concat_ws(' from ', x->>'currency', left(x->>'from', 10)) as key, q.amount, (x->>'amount')::numeric as asked
          from jsonb_array_elements(g.b->'prices') x
          left join prices q on q.variant_id = g.variant_id and q.currency = x->>'currency' and q.channel_id is null and q.superseded_at is null
            and q.starts_at is not distinct from (x->>'from')::timestamptz) each
      ) price on g.b ? 'prices'
      left join lateral (
        select jsonb_build_object('onHand', jsonb_build_object(l.code, (select on_hand from balances b where b.variant_id = g.variant_id and b.location_id = l.id))) as was,
          jsonb_build_object('onHand', jsonb_build_object(l.code, g.b->'stock'->'quantity')) as wish
        from locations l where l.code = g.b->'stock'->>'location'
      ) stock on g.b ? 'stock';
  end if;
end $$;

-- Gives variants without a SKU theirs: the one that the catalog has for the same product and options; else the plain one; else, where another
-- variant has that already, the marked one. Decided in the order of handle and options, so that the order of the rows does not matter.
create or replace function import_derive_skus(p_import bigint) returns void language sql as $$
  with open as (
    select r.row_no, r.body->>'handle' as handle, r.body->'options' as options, r.body->'derive'->>'plain' as plain, r.body->'derive'->>'marked' as marked
    from import_rows r where r.import_id = p_import and r.body ? 'derive'
  ), known as (
    select o.row_no, min(v.sku) as sku from open o join products p on p.handle = o.handle join variants v on v.product_id = p.id and v.options = o.options
    group by 1
  ), given as (
    select distinct body->>'sku' as sku from import_rows where import_id = p_import and not body ? 'derive'
  ), fresh as (
    select o.row_no, o.marked, o.plain, dense_rank() over (partition by o.plain order by o.handle, o.options::text) as turn,
      v.id is not null or g.sku is not null as taken
    from open o left join variants v on v.sku = o.plain left join given g on g.sku = o.plain where not exists (select from known k where k.row_no = o.row_no)
  ), chosen as (
    select row_no, sku from known union all select row_no, case when taken or turn > 1 then marked else plain end from fresh
  )
  update import_rows r set body = r.body || jsonb_build_object('sku', c.sku) from chosen c where r.import_id = p_import and r.row_no = c.row_no
$$;

-- Rules over the whole of a catalog file, and against the catalog.
create or replace function import_judge_catalog(p_import bigint, names jsonb) returns void language plpgsql as $$
declare
  field text;
begin
  perform import_derive_skus(p_import);
  -- Without a handle: the product that the SKU belongs to, or one of its own.
  update import_rows r set body = r.body || jsonb_build_object('handle', coalesce(x.handle, x.sku))
  from (select i.row_no, i.body->>'sku' as sku, p.handle from import_rows i left join variants v on v.sku = i.body->>'sku' left join products p on p.id = v.product_id
    where i.import_id = p_import and i.body->>'handle' is null and i.body->>'sku' is not null) x
  where r.import_id = p_import and r.row_no = x.row_no;
  -- A product has one title, vendor and category: stated once, they hold for all its rows; stated twice, they agree.
  foreach field in array '{title,vendor,category}'::text[] loop
    update import_rows r set
      body = r.body || jsonb_build_object(field, x.value),
      errors = case when r.body->>field <> x.value then import_row_error(r.errors, coalesce(names->>field, field), r.body->>field,
        format('%s, as row %s says for product %s', x.value, x.row_no, x.handle)) else r.errors end
    from (select distinct on (body->>'handle') body->>'handle' as handle, body->>field as value, row_no
      from import_rows where import_id = p_import and body->>field is not null order by body->>'handle', row_no) x
    where r.import_id = p_import and r.body->>'handle' = x.handle and r.body->>field is distinct from x.value;
  end loop;
  update import_rows r set errors = import_row_error(r.errors, coalesce(names->>'title', 'title'), '', 'a title, because product ' || (r.body->>'handle') || ' is new')
  where r.import_id = p_import and r.errors is null and r.body->>'title' is null and not exists (select from products p where p.handle = r.body->>'handle');

  update import_rows r set errors = import_row_error(r.errors, coalesce(names->>'handle', 'handle'), r.body->>'handle',
    format('%s, the product that SKU %s belongs to', p.handle, v.sku))
  from variants v join products p on p.id = v.product_id
  where r.import_id = p_import and v.sku = r.body->>'sku' and p.handle <> r.body->>'handle';
  update import_rows r set errors = import_row_error(r.errors, coalesce(names->>'sku', 'sku'), r.body->>'sku',
    format('%s, the SKU that the catalog has for product %s with these options', v.sku, p.handle))
  from products p join variants v on v.product_id = p.id
  where r.import_id = p_import and p.handle = r.body->>'handle' and r.body->'options' <> '{}' and v.options = r.body->'options' and v.sku <> r.body->>'sku'
    and not exists (select from variants o where o.sku = r.body->>'sku');
  update import_rows r set errors = import_row_error(r.errors, coalesce(names->>'quantity', 'quantity'), r.body->'stock'->>'quantity',
    'a location that exists; there is none of the code ' || (r.body->'stock'->>'location'))
  where r.import_id = p_import and r.body ? 'stock' and not exists (select from locations l where l.code = r.body->'stock'->>'location');
end $$;

-- Names in a stock or price file that the hub does not know.
create or replace function import_judge_names(p_import bigint, p_kind text, names jsonb) returns void language plpgsql as $$
begin
  update import_rows r set errors = import_row_error(r.errors, coalesce(names->>'sku', 'sku'), r.body->>'sku',
    case when x.near is null then 'a SKU of the catalog' else x.near || ' (capital and small letters differ)' end)
  from (select i.row_no, min(n.sku) as near from import_rows i left join variants v on v.sku = i.body->>'sku'
    left join variants n on lower(n.sku) = lower(i.body->>'sku')
    where i.import_id = p_import and v.id is null and i.body->>'sku' is not null group by 1) x
  where r.import_id = p_import and r.row_no = x.row_no;
  if p_kind = 'stock' then
    update import_rows r set errors = import_row_error(r.errors, coalesce(names->>'location', 'location'), r.body->>'location',
      'one of ' || coalesce((select string_agg(code, ', ' order by code) from (select code from locations order by code limit 20) l), 'your locations; there is none yet'))
    where r.import_id = p_import and r.body->>'location' is not null and not exists (select from locations l where l.code = r.body->>'location');
  else
    update import_rows r set errors = import_row_error(r.errors, coalesce(names->>'channel', 'channel'), r.body->>'channel',
      'one of ' || coalesce((select string_agg(code, ', ' order by code) from (select code from channels order by code limit 20) c), 'your channels; there is none yet'))
    where r.import_id = p_import and r.body->>'channel' is not null and not exists (select from channels c where c.code = r.body->>'channel');
    update import_rows r set errors = import_row_error(r.errors, coalesce(names->>'currency', 'currency'), r.body->>'currency',
      format('%s, the currency of channel %s', c.currency, c.code))
    from channels c where r.import_id = p_import and c.code = r.body->>'channel' and c.currency <> r.body->>'currency';
  end if;
end $$;

-- Judges a staged file whole. Any error: refused, nothing of it will apply. Answers {"state", "rows", "errors", "new", "changed", "unchanged",
-- "samples": {"new": […], "changed": […]}}; the difference only when there is no error.
create or replace function import_judge_1(p_import bigint) returns jsonb language plpgsql set random_page_cost = 1.1 as $$
declare
  i imports;
  names jsonb;
  wrong int;
  total int;
  difference jsonb := '{}';
begin
  select * into i from imports where id = p_import for update;
  if i.state is distinct from 'staging' then return i.summary || jsonb_build_object('state', i.state, 'rows', i.rows); end if;
  names := coalesce(i.options->'columns', '{}');
  -- Fresh rows have no statistics yet, and the plans below depend on them.
  analyze import_rows;
  if i.kind = 'catalog' then
    perform import_judge_catalog(p_import, names);
  else
    perform import_judge_names(p_import, i.kind, names);
  end if;
  update import_rows r set errors = import_row_error(r.errors, coalesce(names->>'sku', 'sku'), r.body->>'sku',
    format('each %s once; row %s has it already', case i.kind when 'catalog' then case when r.body ? 'derive' then 'combination of handle and options' else 'SKU' end
      when 'stock' then 'SKU and location' else 'SKU, channel, currency and beginning' end, d.first))
  from (select row_no, min(row_no) over (partition by body->>'sku',
      case i.kind when 'stock' then body->>'location' when 'prices' then concat_ws('|', coalesce(body->>'channel', ''), body->>'currency', coalesce(body->>'from', '')) end) as first
    from import_rows where import_id = p_import and body->>'sku' is not null) d
  where r.import_id = p_import and r.row_no = d.row_no and d.first < d.row_no;

  select count(*), count(*) filter (where errors is not null) into total, wrong from import_rows where import_id = p_import;
  if wrong = 0 then
    with judged as (
      select c.row_no, r.body->>'sku' as sku, c.was, c.wish, case when c.was is null then 'new' when c.was = c.wish then 'unchanged' else 'changed' end as effect
      from import_compare(p_import, i.kind, 0, 2147483647) c join import_rows r on r.import_id = p_import and r.row_no = c.row_no
    ), ranked as (
      select *, row_number() over (partition by effect order by row_no) as n from judged
    ), picked as (
      select effect, jsonb_agg(jsonb_build_object('row', row_no, 'sku', sku,
        'from', (select jsonb_object_agg(key, value) from jsonb_each(was) w where w.value is distinct from wish->w.key),
        'to', (select jsonb_object_agg(key, value) from jsonb_each(wish) w where w.value is distinct from was->w.key)) order by row_no) as samples
      from ranked where n <= 5 and effect <> 'unchanged' group by 1
    )
    select jsonb_build_object('new', count(*) filter (where effect = 'new'), 'changed', count(*) filter (where effect = 'changed'),
      'unchanged', count(*) filter (where effect = 'unchanged'),
      'samples', coalesce((select jsonb_object_agg(effect, samples) from picked), '{}')) into difference from judged;
  end if;
  update imports set rows = total, state = case when wrong > 0 then 'refused' else 'judged' end, ended_at = case when wrong > 0 then clock_timestamp() end,
    summary = summary || difference || jsonb_build_object('errors', wrong)
  where id = p_import returning * into i;
  return i.summary || jsonb_build_object('state', i.state, 'rows', total);
end $$;

-- Applies the next chunk of a judged file: one short statement, after which a crash loses nothing. Only rows that still differ are written.
-- cmd: actor. Answers {"state": "applying" | "done", "applied", "rows", "ms"}; {"state": null | "refused" | …} when there is nothing to apply.
create or replace function import_apply_1(p_import bigint, p_limit int, cmd jsonb) returns jsonb language plpgsql set random_page_cost = 1.1 as $$
declare
  i imports;
  chunk int[];
  differing int[];
  answer jsonb;
  lines jsonb;
  began timestamptz := clock_timestamp();
begin
  select * into i from imports where id = p_import for update;
  -- A program of the release before takes up a price file of this one.
  if i.weighed_to is not null then return import_price_apply_1(p_import, p_limit, cmd); end if;
  if i.state is null or i.state not in ('judged', 'applying') then
    return jsonb_build_object('state', i.state, 'applied', i.applied, 'rows', i.rows);
  end if;
  cmd := cmd || jsonb_build_object('kind', 'import');
  select array_agg(row_no order by row_no) into chunk from (
    select row_no from import_rows where import_id = p_import and applied_at is null and errors is null order by row_no limit p_limit) next;
  if chunk is null then
    update imports set state = 'done', ended_at = clock_timestamp() where id = p_import;
    insert into audit (actor, act, subject, detail)
    values (coalesce(cmd->>'actor', 'system'), 'import', 'import:' || p_import, jsonb_build_object('kind', i.kind, 'file', i.name, 'rows', i.rows) || (i.summary - 'samples'));
    return jsonb_build_object('state', 'done', 'applied', i.applied, 'rows', i.rows, 'ms', 0);
  end if;
  select array_agg(c.row_no order by c.row_no) into differing from import_compare(p_import, i.kind, chunk[1], chunk[cardinality(chunk)]) c where c.was is null or c.was <> c.wish;
  if differing is not null then
    if i.kind = 'catalog' then
      perform import_apply_catalog(p_import, differing);
      select jsonb_agg(x || jsonb_build_object('sku', r.body->>'sku') order by r.row_no) into lines
      from import_rows r cross join jsonb_array_elements(r.body->'prices') x where r.import_id = p_import and r.row_no = any(differing);
    elsif i.kind = 'prices' then
      select jsonb_agg(r.body order by r.row_no) into lines from import_rows r where r.import_id = p_import and r.row_no = any(differing);
    end if;
    if lines is not null then
      answer := prices_set_1(cmd || jsonb_build_object('prices', lines));
      if answer->>'outcome' <> 'done' then
        raise exception 'import % cannot set prices: %', p_import, answer;
      end if;
    end if;
    -- A count that finds what is on the books changes nothing, and leaves no trace.
    select jsonb_agg(jsonb_build_object('sku', v.sku, 'location', l.code, 'quantity', s.quantity, 'kind', 'count',
      'reason', coalesce(r.body->>'reason', format('import %s (%s)', p_import, i.name))) order by r.row_no) into lines
    from import_rows r
    cross join lateral (select (coalesce(r.body->'stock'->>'quantity', r.body->>'quantity'))::int as quantity,
      coalesce(r.body->'stock'->>'location', r.body->>'location') as location) s
    join variants v on v.sku = r.body->>'sku' join locations l on l.code = s.location left join balances b on b.variant_id = v.id and b.location_id = l.id
    where r.import_id = p_import and r.row_no = any(differing) and i.kind <> 'prices' and b.on_hand is distinct from s.quantity;
    if lines is not null then
      answer := stock_change_2(cmd || jsonb_build_object('lines', lines));
      if answer->>'outcome' <> 'done' then
        raise exception 'import % cannot set stock: %', p_import, answer;
      end if;
    end if;
  end if;
  update import_rows set applied_at = clock_timestamp() where import_id = p_import and row_no = any(chunk);
  update imports set state = 'applying', applied = applied + cardinality(chunk) where id = p_import returning * into i;
  return jsonb_build_object('state', i.state, 'applied', i.applied, 'rows', i.rows, 'ms', extract(epoch from clock_timestamp() - began) * 1000);
end $$;

-- Writes products and variants of some rows; what is equal keeps its version. Products are locked before variants, each in the order of their ids.
-- Names are gathered first: `= any(array)` is found by index however large the catalog is.
create or replace function import_apply_catalog(p_import bigint, p_rows int[]) returns void language plpgsql as $$
declare
  handles text[];
  skus text[];
  known text[];
begin
  select array_agg(distinct body->>'handle'), array_agg(body->>'sku') into handles, skus
  from import_rows where import_id = p_import and row_no = any(p_rows);
  select coalesce(array_agg(handle), '{}') into known from products where handle = any(handles);
  insert into products (handle, title, vendor, category)
  select distinct on (r.body->>'handle') r.body->>'handle', r.body->>'title', r.body->>'vendor', r.body->>'category'
  from import_rows r where r.import_id = p_import and r.row_no = any(p_rows) and r.body->>'handle' <> all(known)
  order by r.body->>'handle', r.row_no on conflict (handle) do nothing;
  perform 1 from products where handle = any(handles) order by id for no key update;
  update products p set title = x.title, vendor = x.vendor, category = x.category, version = p.version + 1, updated_at = clock_timestamp()
  from (select distinct on (q.id) q.id, coalesce(r.body->>'title', q.title) as title, coalesce(r.body->>'vendor', q.vendor) as vendor,
      coalesce(r.body->>'category', q.category) as category
    from import_rows r join (select * from products where handle = any(handles)) q on q.handle = r.body->>'handle'
    where r.import_id = p_import and r.row_no = any(p_rows) and r.body->>'handle' = any(known) order by q.id, r.row_no) x
  where p.id = x.id and (p.title, p.vendor, p.category) is distinct from (x.title, x.vendor, x.category);

  perform stock_lock((select coalesce(array_agg(id), '{}') from variants where sku = any(skus)));
  select coalesce(array_agg(sku), '{}') into known from variants where sku = any(skus);
  update variants v set title = x.title, gtin = x.gtin, gtin_given = x.gtin_given, options = x.options, cost = x.cost, cost_currency = x.cost_currency,
    weight_grams = x.weight_grams, hazard = x.hazard, status = x.status, version = v.version + 1, updated_at = clock_timestamp()
  from (select o.id, coalesce(b->>'variantTitle', o.title) as title, coalesce(b->>'gtin', o.gtin) as gtin, coalesce(b->>'gtinGiven', o.gtin_given) as gtin_given,
      coalesce(b->'options', o.options) as options, coalesce((b->>'cost')::numeric, o.cost) as cost, coalesce(b->>'costCurrency', o.cost_currency) as cost_currency,
      coalesce((b->>'weightGrams')::int, o.weight_grams) as weight_grams, coalesce(b->>'hazard', o.hazard) as hazard, coalesce(b->>'status', o.status) as status
    from (select body as b from import_rows where import_id = p_import and row_no = any(p_rows) and body->>'sku' = any(known)) r
    join (select * from variants where sku = any(known)) o on o.sku = b->>'sku') x
  where v.id = x.id and (v.title, v.gtin, v.gtin_given, v.options, v.cost, v.cost_currency, v.weight_grams, v.hazard, v.status)
    is distinct from (x.title, x.gtin, x.gtin_given, x.options, x.cost, x.cost_currency, x.weight_grams, x.hazard, x.status);

  insert into variants (product_id, sku, title, gtin, gtin_given, options, cost, cost_currency, weight_grams, hazard, status)
  select p.id, b->>'sku', coalesce(b->>'variantTitle', p.title), b->>'gtin', b->>'gtinGiven', coalesce(b->'options', '{}'), (b->>'cost')::numeric,
    b->>'costCurrency', (b->>'weightGrams')::int, b->>'hazard', coalesce(b->>'status', 'active')
  from (select row_no, body as b from import_rows where import_id = p_import and row_no = any(p_rows) and body->>'sku' <> all(known)) r
  join (select * from products where handle = any(handles)) p on p.handle = b->>'handle' order by r.row_no;
  if found then
    perform inbox_reopen_unmatched(null);
  end if;
end $$;
