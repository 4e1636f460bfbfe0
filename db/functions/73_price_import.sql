-- Price files: read into a table of their own (import_price_lines_N, unlogged: a file that was not read to its end is read again), compared with what stands, weighed
-- against floors and the guard, and applied in chunks (74_price_import_apply.sql). The table goes with the last step of the weighing: whoever drops one waits for the disk,
-- as that step does anyway.

-- Opens a price file for reading: the number of the import, and its table. Tables that a crash left behind go.
create or replace function import_price_begin_1(p_name text, p_actor text) returns bigint language plpgsql as $$
declare
  id bigint;
  left_over text;
begin
  -- What a crash loses of a file that is not judged yet is read again, so none of these steps waits for the disk; the last one does, and takes them along.
  perform set_config('synchronous_commit', 'off', true);
  for left_over in
    select c.relname from pg_class c left join imports i on i.id = substring(c.relname from 'import_price_lines_(\d+)$')::bigint
    where c.relname ~ '^import_price_lines_\d+$' and c.relkind = 'r' and (i.id is null or i.state <> 'staging' or i.created_at < clock_timestamp() - interval '1 day')
  loop
    execute format('drop table if exists %I', left_over);
  end loop;
  insert into imports (kind, name, content_hash, state, actor, weighed_to) values ('prices', p_name, '', 'staging', p_actor, 0) returning imports.id into id;
  execute format('create unlogged table %I (row_no int, min_quantity int default 1, amount numeric, starts_at timestamptz, ends_at timestamptz, sku text, currency text,
    channel text, list text)', 'import_price_lines_' || id);
  return id;
end $$;

-- Which lines of a file have to be looked at: all but those that say in plain words what stands already, which are most of them. Null where there is none; of lists, no line is
-- among them. One bare join, which a second core may share.
create or replace function import_price_differing(p_import bigint) returns tid[] language plpgsql
set work_mem = '64MB' set enable_nestloop = off set enable_mergejoin = off set jit = off
set max_parallel_workers_per_gather = 1 set parallel_setup_cost = 0 set parallel_tuple_cost = 0 set min_parallel_table_scan_size = '512kB' as $$
declare
  found_at tid[];
begin
  -- What "is true" is not hashed: the SKU alone tells nearly all apart.
  execute format($sql$
    select array_agg(l.ctid) from %I l where l.list is null and not exists (
      select from variants v join prices p on p.variant_id = v.id and p.superseded_at is null and p.channel_id is null and p.starts_at is null
      where v.sku = l.sku and l.channel is null and l.starts_at is null and (p.currency = l.currency) is true and (p.amount = l.amount) is true) $sql$, 'import_price_lines_' || p_import)
  into found_at;
  return found_at;
end $$;

-- Compares the lines of a file with what stands: what differs is kept in import_price_rows, what cannot be in import_rows. A pass over plain prices, and one over entries of
-- lists where there are any.
create or replace function import_price_compare(p_import bigint, p_lists boolean) returns void language plpgsql
set work_mem = '64MB' set enable_nestloop = off set enable_hashjoin = on set enable_mergejoin = off set enable_seqscan = on set jit = off as $$
declare
  has_plain boolean;
  differing tid[];
  is_few boolean := false;
begin
  execute format('select exists (select from %I where list is null and channel is null and starts_at is null)', 'import_price_lines_' || p_import) into has_plain;
  if has_plain then
    differing := import_price_differing(p_import);
    -- Few are looked up one by one, many are compared whole.
    is_few := coalesce(cardinality(differing), 0) <= 5000;
    perform set_config('enable_nestloop', 'on', true), set_config('enable_hashjoin', 'off', true), set_config('enable_seqscan', 'off', true) where is_few;
  end if;
  execute format($sql$
    with x as materialized (
      select l.*, v.id as variant_id, c.id as channel_id, p.id as old, p.amount as was, p.ends_at as was_ends_at,
        v.id is null or l.channel is not null and (c.id is null or c.currency <> l.currency) as is_wrong
      from %1$I l left join variants v on v.sku = l.sku left join channels c on c.code = l.channel
      left join %2$s
      where %3$s and l.list is null and (v.id is null or l.channel is not null and (c.id is null or c.currency <> l.currency)
        or case when l.amount is null then p.id is not null else p.id is null or p.amount <> l.amount or p.ends_at is distinct from l.ends_at end)
    ), wrong as (
      insert into import_rows (import_id, row_no, body)
      select $1, row_no, jsonb_strip_nulls(jsonb_build_object('sku', sku, 'channel', channel, 'currency', currency)) from x where is_wrong
    )
    insert into import_price_rows (import_id, position, row_no, variant_id, channel_id, currency, amount, starts_at, ends_at, was, was_ends_at, is_new)
    select $1, row_number() over (order by variant_id, row_no), row_no, variant_id, channel_id, currency, amount, starts_at, ends_at, was, was_ends_at, old is null
    from x where not is_wrong $sql$, 'import_price_lines_' || p_import, case when is_few
    then $sql$lateral (
        select q.id, q.amount, q.ends_at from prices q
        where l.starts_at is null and q.variant_id = v.id and q.currency = l.currency and coalesce(q.channel_id, 0) = coalesce(c.id, 0) and q.starts_at is null and q.superseded_at is null
        union all
        select q.id, q.amount, q.ends_at from prices q
        where q.variant_id = v.id and q.currency = l.currency and coalesce(q.channel_id, 0) = coalesce(c.id, 0) and q.starts_at = l.starts_at and q.superseded_at is null
      ) p on true$sql$
    else $sql$prices p on p.variant_id = v.id and coalesce(p.starts_at, '-infinity') = coalesce(l.starts_at, '-infinity') and coalesce(p.channel_id, 0) = coalesce(c.id, 0)
        and p.currency = l.currency and p.superseded_at is null$sql$ end, case when is_few then 'l.ctid = any($2)' else 'true' end) using p_import, differing;
  if not p_lists then
    return;
  end if;
  perform set_config('enable_nestloop', 'off', true), set_config('enable_hashjoin', 'on', true), set_config('enable_seqscan', 'on', true);
  execute format($sql$
    with x as materialized (
      select l.*, v.id as variant_id, b.id as list_id, s.id as old, s.value as was, v.id is null or b.id is null or t.state = 'ended' or t.currency <> l.currency as is_wrong
      from %1$I l left join variants v on v.sku = l.sku left join price_lists b on b.code = l.list
      left join price_list_terms t on t.list_id = b.id and t.valid_to is null
      left join price_entries s on s.list_id = b.id and s.variant_id = v.id and s.min_quantity = l.min_quantity and s.scope = 'variant' and s.valid_from is not null
        and s.valid_to is null
      left join price_entries w on w.list_id = b.id and w.variant_id = v.id and w.min_quantity = l.min_quantity and w.scope = 'variant' and w.valid_from is null
        and (w.valid_to is null or w.valid_to = 'infinity')
      where l.list is not null and (v.id is null or b.id is null or t.state = 'ended' or t.currency <> l.currency or case
        -- What waits for approval is what the list will say.
        when w.id is not null then case when l.amount is null then w.valid_to is null else w.valid_to is not null or w.rule <> 'fixed' or w.value <> l.amount end
        when l.amount is null then s.id is not null
        else s.id is null or s.rule <> 'fixed' or s.value <> l.amount end)
    ), wrong as (
      insert into import_rows (import_id, row_no, body)
      select $1, row_no, jsonb_strip_nulls(jsonb_build_object('sku', sku, 'list', list, 'currency', currency)) from x where is_wrong
    )
    insert into import_price_rows (import_id, position, row_no, variant_id, list_id, min_quantity, currency, amount, was, is_new)
    select $1, (select count(*) from import_price_rows where import_id = $1) + row_number() over (order by list_id, variant_id, row_no), row_no, variant_id, list_id,
      min_quantity, currency, amount, was, old is null
    from x where not is_wrong $sql$, 'import_price_lines_' || p_import) using p_import;
end $$;

-- Says what is wrong with the rows that cannot be, and with those of a price that an earlier row of the file states otherwise. Answers how many lines are staged: one scan
-- counts them and finds those of SKUs that change.
drop function if exists import_price_judge_rows(bigint, jsonb);
create or replace function import_price_judge_rows(p_import bigint, names jsonb) returns int language plpgsql
set work_mem = '64MB' set enable_nestloop = off set enable_seqscan = on as $$
declare
  changing text[];
  of_changing tid[];
  staged int;
begin
  if exists (select from import_rows where import_id = p_import and errors is null) then
    perform import_judge_names(p_import, 'prices', names);
    update import_rows r set errors = import_row_error(r.errors, coalesce(names->>'list', 'list'), r.body->>'list',
      'one of ' || coalesce((select string_agg(code, ', ' order by code) from (select code from price_lists order by code limit 20) l), 'your price lists; there is none yet'))
    where r.import_id = p_import and r.body ? 'list' and not exists (select from price_lists b where b.code = r.body->>'list');
    update import_rows r set errors = case when t.state = 'ended'
      then import_row_error(r.errors, coalesce(names->>'list', 'list'), b.code, 'a list that has not ended')
      else import_row_error(r.errors, coalesce(names->>'currency', 'currency'), r.body->>'currency', format('%s, the currency of price list %s', t.currency, b.code)) end
    from price_lists b join price_list_terms t on t.list_id = b.id and t.valid_to is null
    where r.import_id = p_import and b.code = r.body->>'list' and (t.state = 'ended' or t.currency <> r.body->>'currency');
  end if;
  -- Only of SKUs of which a row changes something: twice what stands already is no contradiction.
  perform set_config('enable_nestloop', 'on', true) where (select count(*) from import_price_rows where import_id = p_import) <= 5000;
  select array_agg(v.sku) into changing from import_price_rows k join variants v on v.id = k.variant_id where k.import_id = p_import;
  execute format('select count(*), array_agg(l.ctid) filter (where l.sku = any($1)) from %I l', 'import_price_lines_' || p_import) into staged, of_changing using changing;
  perform set_config('enable_seqscan', 'off', true) where cardinality(of_changing) <= 5000;
  execute format($sql$
    insert into import_rows (import_id, row_no, body, errors)
    select $1, x.row_no, '{}', import_row_error(null, coalesce($2->>'sku', 'sku'), x.sku, format('each SKU, %%s once; row %%s has it already',
      case when x.list is null then 'channel, currency and beginning' else 'list and min_quantity' end, x.first))
    from (
      select l.row_no, l.sku, l.list, min(l.row_no) over (partition by l.sku, l.channel, l.list, case when l.list is null then l.currency end, l.starts_at, l.min_quantity) as first
      from %1$I l where l.ctid = any($3)
    ) x where x.first < x.row_no
    on conflict (import_id, row_no) do update set errors = coalesce(import_rows.errors, '[]') || excluded.errors $sql$, 'import_price_lines_' || p_import)
    using p_import, names, of_changing;
  return staged;
end $$;

-- Judges what was read of a file, of which p_lines lines were staged (p_lists: some of them of lists). It is to be weighed, also where rows are wrong: what is
-- below a floor is then told with them, and the file refused. Answers as import_judge_1, with "state": "staging" where it is to be weighed.
create or replace function import_price_judge_1(p_import bigint, p_lines int, p_lists boolean) returns jsonb language plpgsql as $$
declare
  i imports;
  staged int;
  wrong int;
  difference jsonb := '{}';
begin
  select * into i from imports where id = p_import for update;
  if i.state is distinct from 'staging' or i.rows > 0 then
    return i.summary || jsonb_build_object('state', i.state, 'rows', i.rows);
  end if;
  perform set_config('synchronous_commit', 'off', true);
  select count(*) into wrong from import_rows where import_id = p_import;
  i.rows := p_lines + wrong;
  perform import_price_compare(p_import, p_lists);
  staged := import_price_judge_rows(p_import, coalesce(i.options->'columns', '{}'));
  if staged <> p_lines then
    raise exception 'import % has % of % rows: a connection was lost while the file was read', p_import, staged, p_lines;
  end if;
  select count(*) into wrong from import_rows where import_id = p_import;
  if wrong > 0 then
    -- What is wrong cannot be weighed; what a later row contradicts stays, as the first that said it.
    delete from import_price_rows k using import_rows r where k.import_id = p_import and r.import_id = p_import and r.row_no = k.row_no;
  else
    select jsonb_build_object('new', count(*) filter (where is_new), 'changed', count(*) filter (where not is_new), 'unchanged', i.rows - count(*)) into difference
    from import_price_rows where import_id = p_import;
    difference := difference || jsonb_build_object('samples', jsonb_strip_nulls(jsonb_build_object('new', import_price_samples(p_import, true),
      'changed', import_price_samples(p_import, false))));
  end if;
  update imports set rows = i.rows, summary = summary || difference || jsonb_build_object('errors', wrong)
  where id = p_import returning * into i;
  perform import_price_tally(p_import);
  return i.summary || jsonb_build_object('state', i.state, 'rows', i.rows);
end $$;

-- The first rows that make something new, or change something: [{row, sku, from, to}].
create or replace function import_price_samples(p_import bigint, p_new boolean) returns jsonb language sql stable as $$
  select jsonb_agg(jsonb_build_object('row', s.row_no, 'sku', v.sku,
    'from', case when not s.is_new then jsonb_strip_nulls(jsonb_build_object('amount', trim_scale(s.was)::text, 'to', price_instant(s.was_ends_at))) end,
    'to', jsonb_strip_nulls(jsonb_build_object('amount', coalesce(trim_scale(s.amount)::text, 'none'), 'currency', s.currency, 'channel', c.code, 'list', l.code,
      'minQuantity', nullif(s.min_quantity, 1), 'from', price_instant(s.starts_at), 'to', price_instant(s.ends_at)))) order by s.row_no)
  from (select * from import_price_rows where import_id = p_import and is_new = p_new order by row_no limit 5) s
  join variants v on v.id = s.variant_id left join channels c on c.id = s.channel_id left join price_lists l on l.id = s.list_id
$$;
