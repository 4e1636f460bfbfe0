-- The next chunk of a judged stock file.

-- Which variants of a chunk cannot be written set by set: somebody is short of them, their units are told apart by lot, or bundles tie them to others.
create or replace function import_stock_special(variant_ids bigint[]) returns bigint[] language plpgsql stable
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  return (select coalesce(array_agg(id), '{}') from (
    select variant_id as id from order_lines where short > 0 and variant_id = any(variant_ids)
    union select p.variant_id from order_line_parts p join order_lines l on l.id = p.order_line_id and l.short > 0 where p.variant_id = any(variant_ids)
    union select id from variants where lot_tracked and id = any(variant_ids)
    union select id from variants where family is not null and id = any(variant_ids)
    union select bundle_id from bundle_flat where bundle_id = any(variant_ids)
    union select part_id from bundle_flat where part_id = any(variant_ids)) x);
end $$;

-- Writes those rows of a chunk whose balance the row alone decides: nothing promised gives way, and nobody waits for what is new. Answers the
-- variants that changed, the other rows, and counts. One plan for all chunks: to make it again takes as long as to write some hundred rows.
create or replace function import_stock_write_plain(p_import bigint, p_after int, p_to int, p_special bigint[], p_reason text, cmd jsonb,
  out changed bigint[], out others int[], out written int
) language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  -- Read once: in the statement they would be worked out for every row.
  at timestamptz := command_now(cmd);
  scope text := cmd->>'scope';
  key text := cmd->>'key';
  actor text := coalesce(cmd->>'actor', 'system');
begin
  with given as materialized (
    select t.*, alone and lot is null and target >= held and target between 0 and 2147483647 and not variant_id = any(p_special) as plain
    from import_stock_targets(p_import, p_after, p_to) t
  ), differing as materialized (
    select * from given where plain and target is distinct from coalesce(was, 0)
  ), raised as (
    update balances b set on_hand = d.target, updated_at = clock_timestamp()
    from differing d where d.was is not null and b.variant_id = d.variant_id and b.location_id = d.location_id
  ), begun as (
    insert into balances (variant_id, location_id, on_hand) select variant_id, location_id, target from given where plain and was is null
  ), posted as (
    insert into movements (variant_id, location_id, kind, on_hand, command_scope, command_key, reason, cause_kind, cause_id, actor, occurred_at)
    select variant_id, location_id, case when delta then 'adjust' else 'count' end, target - coalesce(was, 0), scope, key,
      coalesce(reason, p_reason), 'import', p_import, actor, coalesce(occurred_at, at)
    from differing
  )
  select (select array_agg(distinct variant_id) from differing), array_agg(position order by position) filter (where not plain), (select count(*) from differing)
    into changed, others, written from given;
end $$;

-- Takes segments of a file that nobody else has under way, neighbours up to p_limit rows, and marks them applied; nulls when there are none.
create or replace function import_stock_take(p_import bigint, p_limit int, out after int, out upto int) language plpgsql as $$
declare
  s record;
begin
  for s in
    select first, last from import_stock_segments where import_id = p_import and not is_applied order by first
    limit greatest(1, p_limit / 500) for update skip locked
  loop
    exit when s.first <> upto + 1 or s.last > after + greatest(p_limit, 500) + 500;
    after := coalesce(after, s.first - 1);
    upto := s.last;
    update import_stock_segments set is_applied = true where import_id = p_import and first = s.first;
  end loop;
end $$;

-- Locks variants as stock_lock does. Where no bundle ties any to others, each is its own family: one look at the table instead of three.
create or replace function import_stock_lock(variant_ids bigint[]) returns void language plpgsql as $$
begin
  if not exists (select from variants where family is not null) then
    perform 1 from variants where id = any(variant_ids) order by id for no key update;
    -- The first bundle may have come about while we waited.
    if not exists (select from variants where family is not null) then
      return;
    end if;
  end if;
  perform stock_lock(variant_ids);
end $$;

-- Applies the next rows of a judged stock file, about p_limit: one short statement, after which a crash loses nothing. May be called by several at
-- once. cmd: actor. Answers {"state": "applying" | "done", "applied", "rows", "took", "ms", "busy"}; took 0: the rest is under way elsewhere; busy:
-- the database works for others too. {"state": null | "refused" | …} when there is nothing to apply; {"state": "applied_before", "before"} for
-- differences that another import has applied. Rows that do not fit any more (a difference takes more than there is by now) are left out, noted in
-- import_rows, and counted in summary.failed.
create or replace function import_stock_apply_1(p_import bigint, p_limit int, cmd jsonb) returns jsonb language plpgsql as $$
declare
  i imports;
  began timestamptz := clock_timestamp();
  part record;
  variant_ids bigint[];
  plain record;
  failed int := 0;
  touched bigint[];
  reason text;
begin
  select * into i from imports where id = p_import;
  if i.state = 'judged' then
    begin
      update imports set state = 'applying', touched_at = clock_timestamp() where id = p_import and state = 'judged';
    exception when unique_violation then
      return jsonb_build_object('state', 'applied_before', 'applied', 0, 'rows', i.rows, 'before', import_stock_before(i.content_hash));
    end;
  elsif i.state is distinct from 'applying' then
    return jsonb_build_object('state', i.state, 'applied', i.applied, 'rows', i.rows);
  end if;
  select * into part from import_stock_take(p_import, p_limit);
  if part.upto is null then
    if exists (select from import_stock_segments where import_id = p_import and not is_applied) then
      return jsonb_build_object('state', 'applying', 'applied', i.applied, 'rows', i.rows, 'took', 0, 'ms', 0);
    end if;
    update imports set state = 'done', ended_at = clock_timestamp() where id = p_import and state = 'applying' returning * into i;
    if found then
      insert into audit (actor, act, subject, detail)
      values (coalesce(cmd->>'actor', 'system'), 'import', 'import:' || p_import, jsonb_build_object('kind', i.kind, 'file', i.name, 'rows', i.rows) || (i.summary - 'samples'));
    else
      select * into i from imports where id = p_import;
    end if;
    return jsonb_build_object('state', i.state, 'applied', i.applied, 'rows', i.rows, 'took', 0, 'ms', 0);
  end if;
  cmd := cmd || jsonb_build_object('cause_kind', 'import', 'cause_id', p_import);
  reason := format('import %s (%s)', p_import, i.name);
  select array_agg(distinct variant_id) into variant_ids from import_stock_rows where import_id = p_import and position > part.after and position <= part.upto;
  perform import_stock_lock(variant_ids);
  if exists (select from due where at <= command_now(cmd) and what in ('reservation', 'lot')) then
    perform stock_expire(variant_ids, cmd);
  end if;
  select * into plain from import_stock_write_plain(p_import, part.after, part.upto, import_stock_special(variant_ids), reason, cmd);
  touched := plain.changed;
  if plain.others is not null then
    failed := import_stock_write_others(p_import, plain.others, reason, cmd);
    touched := touched || array(select variant_id from import_stock_rows where import_id = p_import and position = any(plain.others));
  end if;
  if touched is not null then
    perform stock_changed(touched);
  end if;
  -- What was applied and the mark that it was are lost together or not at all, and a file that goes on finds its open segments. So only its end has to
  -- wait for the disk; that takes all before it along.
  perform set_config('synchronous_commit', 'off', true);
  -- Last, because whoever applies beside us waits for it.
  update imports set applied = applied + part.upto - part.after, touched_at = clock_timestamp(),
    summary = case when failed = 0 then summary else summary || jsonb_build_object('failed', coalesce((summary->>'failed')::int, 0) + failed) end
  where id = p_import returning * into i;
  return jsonb_build_object('state', i.state, 'applied', i.applied, 'rows', i.rows, 'took', part.upto - part.after, 'busy', exists (
    select from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and state = 'active' and pid <> pg_backend_pid()
      and query not like '%import_stock_apply_1%'),
    'ms', extract(epoch from clock_timestamp() - began) * 1000);
end $$;

-- Writes rows one by one, in their order. Answers how many of them could not be written.
create or replace function import_stock_write_others(p_import bigint, p_positions int[], p_reason text, cmd jsonb) returns int language plpgsql as $$
declare
  no int;
  t record;
  own jsonb;
  failed int := 0;
  lot lots;
begin
  foreach no in array p_positions loop
    select * into t from import_stock_targets(p_import, no - 1, no);
    if t.target < 0 or t.target > 2147483647 or (t.delta and t.lot is not null and t.lot_was + t.quantity < 0) then
      failed := failed + 1;
      insert into import_rows (import_id, row_no, body, errors)
      select p_import, t.row_no, '{}', import_row_error(null, 'quantity', t.quantity::text, format('a number that fits what there is when it is applied: %s has %s of %s',
        l.code, case when t.lot is null then coalesce(t.was, 0) else t.lot_was end, case when t.lot is null then v.sku else v.sku || ', lot ' || t.lot end))
      from variants v, locations l where v.id = t.variant_id and l.id = t.location_id;
      continue;
    end if;
    own := case when t.occurred_at is null then cmd else cmd || jsonb_build_object('occurred_at', t.occurred_at) end;
    if t.lot is not null and not t.overtaken then
      own := own || jsonb_build_object('lot_id', stock_lot(t.variant_id, t.location_id, t.lot, t.lot_expires_at));
      select * into lot from lots where id = (own->>'lot_id')::bigint;
      -- What was put aside of the lot is gone with the rest of it, rather than units of other lots.
      if lot.unavailable > greatest(0, lot.quantity + t.target - coalesce(t.was, 0)) then
        perform stock_post(t.variant_id, t.location_id, 'count', 0, 0, own, null, null, coalesce(t.reason, p_reason),
          (greatest(0, lot.quantity + t.target - coalesce(t.was, 0)) - lot.unavailable)::int);
      end if;
    end if;
    perform stock_set_on_hand(t.variant_id, t.location_id, t.target::int, case when t.delta then 'adjust' else 'count' end, coalesce(t.reason, p_reason), own);
    if t.lot is null and not t.delta and not t.overtaken and t.target is distinct from t.was and (select lot_tracked from variants where id = t.variant_id) then
      -- Its movements name the lots that gave or took; this one says that all were counted.
      perform stock_note(t.variant_id, t.location_id, 'count', 0, 0, 0, 0, null, own, null, null, coalesce(t.reason, p_reason));
    end if;
  end loop;
  return failed;
end $$;
