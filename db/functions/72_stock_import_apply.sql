-- The next chunk of a judged stock file.

-- Which variants of a chunk cannot be written set by set: somebody is short of them, their units are told apart by lot, or bundles tie them to others.
create or replace function import_stock_special(variant_ids bigint[]) returns bigint[] language sql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  select coalesce(array_agg(id), '{}') from (
    select variant_id as id from order_lines where short > 0 and variant_id = any(variant_ids)
    union select p.variant_id from order_line_parts p join order_lines l on l.id = p.order_line_id and l.short > 0 where p.variant_id = any(variant_ids)
    union select id from variants where lot_tracked and id = any(variant_ids)
    union select id from variants where family is not null and id = any(variant_ids)
    union select bundle_id from bundle_flat where bundle_id = any(variant_ids)
    union select part_id from bundle_flat where part_id = any(variant_ids)) x
$$;

-- Writes those rows of a chunk whose balance the row alone decides: nothing promised gives way, and nobody waits for what is new. Answers the
-- variants that changed, the other rows, and counts.
create or replace function import_stock_write_plain(p_import bigint, p_after int, p_to int, p_special bigint[], p_reason text, cmd jsonb,
  out changed bigint[], out others int[], out written int
) language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
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
    from differing order by position
  )
  select (select array_agg(distinct variant_id) from differing), array_agg(position order by position) filter (where not plain), (select count(*) from differing)
    into changed, others, written from given;
end $$;

-- Applies the next p_limit rows of a judged stock file: one short statement, after which a crash loses nothing. cmd: actor. Answers {"state":
-- "applying" | "done", "applied", "rows", "ms"}; {"state": null | "refused" | …} when there is nothing to apply; {"state": "applied_before", "before"} for
-- differences that another import has applied. Rows that cannot apply any more (a difference takes more than there is by now) are left out, noted in
-- import_rows, and counted in summary.failed.
create or replace function import_stock_apply_1(p_import bigint, p_limit int, cmd jsonb) returns jsonb language plpgsql as $$
declare
  i imports;
  began timestamptz := clock_timestamp();
  last int;
  taken int;
  variant_ids bigint[];
  special bigint[];
  plain record;
  failed int := 0;
  touched bigint[];
  reason text;
begin
  select * into i from imports where id = p_import for update;
  if i.state is null or i.state not in ('judged', 'applying') then
    return jsonb_build_object('state', i.state, 'applied', i.applied, 'rows', i.rows);
  end if;
  if i.state = 'judged' then
    begin
      update imports set state = 'applying' where id = p_import;
    exception when unique_violation then
      return jsonb_build_object('state', 'applied_before', 'applied', 0, 'rows', i.rows, 'before', import_stock_before(i.content_hash));
    end;
  end if;
  cmd := cmd || jsonb_build_object('cause_kind', 'import', 'cause_id', p_import);
  reason := format('import %s (%s)', p_import, i.name);
  select max(position), count(*), array_agg(distinct variant_id) into last, taken, variant_ids
  from import_stock_rows where import_id = p_import and position > i.applied_to and position <= i.applied_to + p_limit;
  if taken > 0 then
    perform stock_lock(variant_ids);
    if exists (select from due where at <= command_now(cmd) and what in ('reservation', 'lot')) then
      perform stock_expire(variant_ids, cmd);
    end if;
    special := import_stock_special(variant_ids);
    select * into plain from import_stock_write_plain(p_import, i.applied_to, last, special, reason, cmd);
    touched := plain.changed;
    if plain.others is not null then
      failed := import_stock_write_others(p_import, plain.others, reason, cmd);
      touched := touched || array(select variant_id from import_stock_rows where import_id = p_import and position = any(plain.others));
    end if;
    if touched is not null then
      perform stock_changed(touched);
    end if;
  end if;
  if taken = p_limit then
    -- How far it came goes with what was written: a crash that takes the one takes the other, and the file goes on from there. So only the
    -- last chunk has to wait for the disk; it takes all before it along.
    perform set_config('synchronous_commit', 'off', true);
  end if;
  update imports set applied = applied + taken, applied_to = coalesce(last, applied_to),
    state = case when taken < p_limit then 'done' else 'applying' end, ended_at = case when taken < p_limit then clock_timestamp() end,
    summary = summary || jsonb_build_object('failed', coalesce((summary->>'failed')::int, 0) + failed)
  where id = p_import returning * into i;
  if i.state = 'done' then
    insert into audit (actor, act, subject, detail)
    values (coalesce(cmd->>'actor', 'system'), 'import', 'import:' || p_import, jsonb_build_object('kind', i.kind, 'file', i.name, 'rows', i.rows) || (i.summary - 'samples'));
  end if;
  return jsonb_build_object('state', i.state, 'applied', i.applied, 'rows', i.rows, 'failed', (i.summary->>'failed')::int,
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
  end loop;
  return failed;
end $$;
