-- Stock files: staged row by row with names resolved, judged whole, applied in chunks. Most rows of a chunk are written set by set
-- (72_stock_import_apply.sql); the few that touch promises, lots or bundles go through stock_set_on_hand.

-- Stages rows. May be repeated: what is staged already is left alone. Rows come in the order of their numbers. Arrays of one length, or null where the
-- file has none of it. `p_wrong`: [{rowNo, body, errors}], what is wrong with some of these rows; those have no quantity.
create or replace function import_stock_stage_1(
  p_import bigint, p_rows int[], p_skus text[], p_locations text[], p_quantities int[], p_deltas boolean[], p_availables boolean[],
  p_instants timestamptz[], p_reasons text[], p_lots text[], p_expiries timestamptz[], p_wrong jsonb
) returns void language plpgsql set plan_cache_mode = force_generic_plan set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  update imports set staged_row = p_rows[cardinality(p_rows)], rows = rows + cardinality(p_rows)
  where id = p_import and state = 'staging' and coalesce(staged_row, 0) < p_rows[1];
  if not found then
    return;
  end if;
  insert into import_rows (import_id, row_no, body, errors)
  select p_import, (w->>'rowNo')::int, w->'body', w->'errors' from jsonb_array_elements(p_wrong) w;
  with given as materialized (
    select x.*, v.id as variant_id, l.id as location_id
    from unnest(p_rows, p_skus, p_locations, p_quantities, p_deltas, p_availables, p_instants, p_reasons, p_lots, p_expiries)
      x(row_no, sku, location, quantity, delta, available, occurred_at, reason, lot, lot_expires_at)
    left join variants v on v.sku = x.sku left join locations l on l.code = x.location
  ), known as (
    insert into import_stock_lines (import_id, row_no, variant_id, location_id, quantity, delta, available, occurred_at, reason, lot, lot_expires_at)
    select p_import, row_no, variant_id, location_id, quantity, coalesce(delta, false), coalesce(available, false), occurred_at, reason, lot, lot_expires_at
    from given where variant_id is not null and location_id is not null
  )
  insert into import_rows (import_id, row_no, body)
  select p_import, row_no, jsonb_strip_nulls(jsonb_build_object('sku', sku, 'location', location)) from given
  where variant_id is null or location_id is null
  on conflict do nothing;
end $$;

-- What is there (`was`; null: nothing yet) and what each row after position p_after up to p_to makes of it. Rows that a later count has overtaken
-- (`overtaken`) make nothing of it.
create or replace function import_stock_targets(p_import bigint, p_after int, p_to int) returns table (
  "position" int, row_no int, variant_id bigint, location_id bigint, quantity int, delta boolean, alone boolean, occurred_at timestamptz, reason text, lot text,
  lot_expires_at timestamptz, was int, held int, lot_was int, overtaken boolean, target bigint
) language sql stable as $$
  select r.position, r.row_no, r.variant_id, r.location_id, r.quantity, r.delta, r.alone, r.occurred_at, r.reason, r.lot, r.lot_expires_at, b.on_hand,
    coalesce(b.reserved + b.unavailable, 0), x.lot_was, x.overtaken,
    case when x.overtaken then b.on_hand
      when r.delta then coalesce(b.on_hand, 0) + r.quantity::bigint
      else greatest(0, r.quantity::bigint + x.since + case when r.available then coalesce(b.reserved + b.unavailable, 0) + x.kept_back else 0 end
        + case when r.lot is null then 0 else coalesce(b.on_hand, 0) - x.lot_was end) end
  from import_stock_rows r
  left join balances b on b.variant_id = r.variant_id and b.location_id = r.location_id
  cross join lateral (select
    case when r.occurred_at is null then false else exists (
      select from movements m where m.variant_id = r.variant_id and m.location_id = r.location_id and m.kind = 'count'
        and m.recorded_at > r.occurred_at - interval '1 minute' and m.occurred_at > r.occurred_at
        -- A count of one lot says nothing of the others: it is among what happened since.
        and case when r.lot is null then m.lot_id is null else m.lot_id = (
          select id from lots t where t.variant_id = r.variant_id and t.location_id = r.location_id and t.code = r.lot) end)
      -- A count that agreed with the books moved nothing.
      or exists (select from count_lines l join counts c on c.id = l.count_id
        where l.variant_id = r.variant_id and l.decision = 'approved' and l.counted_at > r.occurred_at and c.location_id = r.location_id
          and l.lot_code is not distinct from r.lot) end as overtaken,
    case when not r.available then 0 when r.occurred_at is null then coalesce(b.safety_stock, 0) else coalesce((
      select s.quantity from safety_stocks s where s.variant_id = r.variant_id and s.location_id = r.location_id and s.valid_from <= r.occurred_at
        and (s.valid_to is null or s.valid_to > r.occurred_at)), 0) end as kept_back,
    case when r.occurred_at is null then 0 else (
      select coalesce(sum(m.on_hand - case when r.available then m.reserved + m.unavailable else 0 end), 0)::bigint from movements m
      where m.variant_id = r.variant_id and m.location_id = r.location_id and m.recorded_at > r.occurred_at - interval '1 minute'
        -- A carry-forward stands for what was recorded before; nothing happened at its instant.
        and m.occurred_at > r.occurred_at and m.kind <> 'carry_forward' and (r.lot is null or m.lot_id = (
          select id from lots t where t.variant_id = r.variant_id and t.location_id = r.location_id and t.code = r.lot))) end as since,
    case when r.lot is null then 0 else coalesce((
      select t.quantity from lots t where t.variant_id = r.variant_id and t.location_id = r.location_id and t.code = r.lot), 0) end as lot_was
  ) x
  where r.import_id = p_import and r.position > p_after and r.position <= p_to
$$;

-- Rules over the whole file. Each answers into import_rows what is wrong with a row.
create or replace function import_stock_judge_rows(p_import bigint, names jsonb, p_now timestamptz) returns void language plpgsql as $$
begin
  perform import_judge_names(p_import, 'stock', names);

  -- A number that stands for all of a SKU at a location stands alone; differences add up.
  insert into import_rows (import_id, row_no, body, errors)
  select p_import, x.row_no, '{}', import_row_error(null, coalesce(names->>'sku', 'sku'), v.sku, format(
    case when x.lot is null then 'each SKU and location once; row %s has it already' else 'each SKU, location and lot once; row %s has it already' end, x.first))
  from (
    select r.row_no, r.variant_id, r.lot, least(
        case when r.lot is null then min(r.row_no) filter (where not r.delta) over whole
          else least(min(r.row_no) filter (where not r.delta and r.lot is null) over whole, min(r.row_no) filter (where not r.delta) over each_lot) end,
        case when r.delta then null when r.lot is null then min(r.row_no) over whole
          else least(min(r.row_no) filter (where r.lot is null) over whole, min(r.row_no) over each_lot) end) as first
    from import_stock_rows r join (
      select variant_id, location_id from import_stock_rows where import_id = p_import group by 1, 2 having count(*) > 1 and not bool_and(delta)
    ) twice using (variant_id, location_id)
    where r.import_id = p_import
    window whole as (partition by r.variant_id, r.location_id), each_lot as (partition by r.variant_id, r.location_id, r.lot)
  ) x join variants v on v.id = x.variant_id
  where x.first < x.row_no
  on conflict (import_id, row_no) do update set errors = coalesce(import_rows.errors, '[]') || excluded.errors;

  -- A difference takes no more than there is, after the rows before it.
  insert into import_rows (import_id, row_no, body, errors)
  select p_import, x.row_no, '{}', import_row_error(null, coalesce(names->>'quantity', 'quantity'), x.quantity::text, format(
    '%s or more: %s has %s of %s', least(x.quantity - x.left_over, 0), l.code, x.left_over - x.quantity, case when x.lot is null then v.sku else v.sku || ', lot ' || x.lot end))
  from (
    select r.row_no, r.quantity, r.variant_id, r.location_id, r.lot,
      r.was + sum(r.quantity) over (partition by r.variant_id, r.location_id, r.lot order by r.row_no) as left_over
    from (select t.row_no, t.quantity::bigint, t.variant_id, t.location_id, t.lot, case when t.lot is null then coalesce(t.was, 0) else t.lot_was end as was
      from import_stock_targets(p_import, 0, 2147483647) t where t.delta and t.quantity is not null) r
  ) x join variants v on v.id = x.variant_id join locations l on l.id = x.location_id
  where x.left_over < 0 and x.quantity < 0
  on conflict (import_id, row_no) do update set errors = coalesce(import_rows.errors, '[]') || excluded.errors;

  insert into import_rows (import_id, row_no, body, errors)
  select p_import, r.row_no, '{}', import_row_error(null, coalesce(names->>'occurred_at', 'occurred_at'),
    to_char(r.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'an instant that has passed')
  from import_stock_rows r where r.import_id = p_import and r.occurred_at > p_now + interval '1 minute'
  on conflict (import_id, row_no) do update set errors = coalesce(import_rows.errors, '[]') || excluded.errors;

  insert into import_rows (import_id, row_no, body, errors)
  select p_import, r.row_no, '{}', import_row_error(null, coalesce(names->>'occurred_at', 'occurred_at'),
    to_char(r.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    format('an instant from %s on: what moved before is in the ledger no more', to_char(x.began at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
  from import_stock_rows r
  join (select max((detail->>'until')::timestamptz) as began from audit where subject = 'ledger' and act = 'ledger_detached') x on r.occurred_at < x.began
  where r.import_id = p_import
  on conflict (import_id, row_no) do update set errors = coalesce(import_rows.errors, '[]') || excluded.errors;

  insert into import_rows (import_id, row_no, body, errors)
  select p_import, r.row_no, '{}', case when not v.lot_tracked
      then import_row_error(null, coalesce(names->>'lot', 'lot'), r.lot, format('nothing: SKU %s is not told apart by lots', v.sku))
      else import_row_error(null, coalesce(names->>'expires_at', 'expires_at'), to_char(r.lot_expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        format('%s, as lot %s has it', to_char(t.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), r.lot)) end
  from import_stock_rows r join variants v on v.id = r.variant_id
  left join lots t on t.variant_id = r.variant_id and t.location_id = r.location_id and t.code = r.lot
  where r.import_id = p_import and r.lot is not null and (not v.lot_tracked or r.lot_expires_at <> t.expires_at)
  on conflict (import_id, row_no) do update set errors = coalesce(import_rows.errors, '[]') || excluded.errors;
end $$;

-- Judges a staged stock file whole. Any error: refused, nothing of it will apply. Answers as import_judge_1; also "overtaken", the rows that a later
-- count makes void. cmd: again (differences apply although this content was applied before), now.
create or replace function import_stock_judge_1(p_import bigint, cmd jsonb) returns jsonb language plpgsql set work_mem = '32MB' as $$
declare
  i imports;
  wrong int := 0;
  staged int;
  is_special boolean;
  difference jsonb := '{}';
begin
  select * into i from imports where id = p_import for update;
  if i.state is distinct from 'staging' then
    return i.summary || jsonb_build_object('state', i.state, 'rows', i.rows);
  end if;
  if i.rows > 10000 then
    -- Fresh rows have no statistics; without them each would be looked up by itself.
    perform set_config('enable_nestloop', 'off', true);
  end if;
  with moved as (
    delete from import_stock_lines where import_id = p_import returning *
  ), placed as (
    insert into import_stock_rows (import_id, position, row_no, variant_id, location_id, quantity, delta, available, alone, occurred_at, reason, lot, lot_expires_at)
    select p_import, row_number() over (order by variant_id, location_id, row_no), row_no, variant_id, location_id, coalesce(quantity, 0), delta, available,
      count(*) over (partition by variant_id, location_id) = 1, occurred_at, reason, lot, lot_expires_at
    from moved order by variant_id, location_id, row_no
    returning delta, alone, occurred_at, lot
  )
  select count(*), coalesce(bool_or(delta), false), coalesce(bool_or(delta or not alone or occurred_at is not null or lot is not null), false)
    into staged, i.deltas, is_special from placed;
  if exists (select from import_rows where import_id = p_import) then
    is_special := true;
    select staged + count(*) into staged from import_rows r
    where r.import_id = p_import and not exists (select from import_stock_rows s where s.import_id = p_import and s.row_no = r.row_no);
  end if;
  if staged <> i.rows then
    raise exception 'import % has % of % rows: the database was stopped hard while the file was read', p_import, staged, i.rows;
  end if;
  if is_special then
    perform import_stock_judge_rows(p_import, coalesce(i.options->'columns', '{}'), command_now(cmd));
    select count(*) into wrong from import_rows where import_id = p_import and errors is not null;
  end if;
  if wrong = 0 then
    insert into import_stock_segments (import_id, first, last)
    select p_import, min(position), max(position)
    from (select position, min(position) over (partition by variant_id) / 500 as segment from import_stock_rows where import_id = p_import) x group by segment;
    select jsonb_build_object('new', count(*) filter (where was is null), 'changed', count(*) filter (where was <> target),
      'unchanged', count(*) filter (where was = target), 'overtaken', count(*) filter (where overtaken)) into difference
    from import_stock_targets(p_import, 0, 2147483647);
    difference := difference || jsonb_build_object('samples', jsonb_strip_nulls(jsonb_build_object(
      'new', case when (difference->>'new')::int > 0 then import_stock_samples(p_import, true) end,
      'changed', case when (difference->>'changed')::int > 0 then import_stock_samples(p_import, false) end)));
  else
    delete from import_stock_rows where import_id = p_import;
  end if;
  update imports set state = case when wrong > 0 then 'refused' else 'judged' end, ended_at = case when wrong > 0 then clock_timestamp() end,
    deltas = i.deltas, again = coalesce((cmd->>'again')::boolean, false), summary = summary || difference || jsonb_build_object('errors', wrong)
  where id = p_import returning * into i;
  return i.summary || jsonb_build_object('state', i.state, 'rows', i.rows, 'before', case when i.deltas and not i.again then import_stock_before(i.content_hash) end);
end $$;

-- The import that has applied the same differences, as {id, name, at}; null when there is none.
create or replace function import_stock_before(p_hash text) returns jsonb language sql stable as $$
  select jsonb_build_object('id', id, 'name', name, 'at', created_at) from imports
  where content_hash = p_hash and deltas and not again and state in ('applying', 'done')
$$;

-- The first rows that make something new, or change something: [{row, sku, location, from, to}].
create or replace function import_stock_samples(p_import bigint, p_new boolean) returns jsonb language sql stable set enable_nestloop = on set enable_hashjoin = off
set enable_mergejoin = off as $$
  select jsonb_agg(jsonb_build_object('row', s.row_no, 'sku', v.sku, 'location', l.code,
    'from', case when s.was is not null then jsonb_build_object('onHand', s.was) end, 'to', jsonb_build_object('onHand', s.target)) order by s.position)
  from (select * from import_stock_targets(p_import, 0, 2147483647) t
    where case when p_new then t.was is null else t.was <> t.target end order by t.position limit 5) s
  join variants v on v.id = s.variant_id join locations l on l.id = s.location_id
$$;
