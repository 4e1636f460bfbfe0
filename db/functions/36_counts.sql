-- Counts: somebody counts a location, or some SKUs there, without being told what the books say; somebody else looks at the differences and approves them.
-- What is posted is counted - book, both at the instant of counting, so that what was sold while people counted stays sold. The same rule in plain
-- terms: src/domain/inventory/count.ts.
-- Lock order: the count's row, then variants.

-- On hand by the books at an instant, of a SKU or of one lot of it, by what is known now. Units from before lots were told apart are of the lot of no name.
create or replace function count_book(p_variant bigint, p_location bigint, p_lot text, p_at timestamptz) returns int language plpgsql stable as $$
declare
  lot lots;
begin
  if p_lot is null then
    return stock_on_hand_at(p_variant, p_location, p_at);
  end if;
  select * into lot from lots where variant_id = p_variant and location_id = p_location and code = p_lot;
  return coalesce(lot.quantity, 0) - coalesce((
    select sum(m.on_hand) from movements m
    where m.variant_id = p_variant and m.location_id = p_location and m.recorded_at > p_at - interval '1 minute' and m.occurred_at > p_at
      -- Stands for what was recorded before; nothing happened at its instant.
      and m.kind <> 'carry_forward'
      and (m.lot_id = lot.id or (p_lot = '' and m.lot_id is null))), 0);
end $$;

-- The row of a count, locked. Null where there is none.
create or replace function count_lock(cmd jsonb) returns counts language plpgsql as $$
declare
  c counts;
begin
  select * into c from counts where id = (cmd->>'count')::bigint for update;
  return c;
end $$;

-- Why a count is not as the command needs it: it is not there, or in another state.
create or replace function count_refused(c counts, cmd jsonb) returns jsonb language sql as $$
  select case when c.id is null then jsonb_build_object('outcome', 'unknown', 'field', 'count', 'value', cmd->'count')
    else jsonb_build_object('outcome', 'state', 'state', c.state) end
$$;

-- The line of a SKU and a lot in a count; null where there is none. cmd: sku, lot.
create or replace function count_line(p_count bigint, line jsonb) returns count_lines language sql stable as $$
  select l from count_lines l join variants v on v.id = l.variant_id
  where l.count_id = p_count and v.sku = line->>'sku' and (l.lot_code is not distinct from line->>'lot' or (line->>'lot' is null and l.lot_code = ''))
$$;

-- Starts a count. cmd: location, skus (absent: all that lies there by the books), note. Answers {"outcome": "done", "count", "lines"} or unknown.
create or replace function count_start_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  place bigint;
  bad record;
  started bigint;
  lines int;
begin
  if answer is not null then
    return answer;
  end if;
  select id into place from locations where code = cmd->>'location';
  if place is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'location', 'value', cmd->'location'));
  end if;
  select s.sku, s.ord into bad from jsonb_array_elements_text(coalesce(cmd->'skus', '[]')) with ordinality s(sku, ord)
  where not exists (select from variants v where v.sku = s.sku) order by s.ord limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', bad.sku, 'line', bad.ord - 1));
  end if;
  -- Whether a SKU has lots must not change between this look and the lines: see lot_tracking_1.
  perform pg_advisory_xact_lock_shared(hashtextextended('lot tracking', 0));
  insert into counts (location_id, scope, note, actor)
  values (place, case when cmd->'skus' is null then 'location' else 'skus' end, cmd->>'note', coalesce(cmd->>'actor', 'system')) returning id into started;
  insert into count_lines (count_id, variant_id, lot_code)
  select started, v.id, case when v.lot_tracked then coalesce(l.code, '') end
  from (
    select variant_id as id from balances where cmd->'skus' is null and location_id = place and on_hand > 0
    union select w.id from jsonb_array_elements_text(coalesce(cmd->'skus', '[]')) s(sku) join variants w on w.sku = s.sku) x
  join variants v on v.id = x.id left join lots l on v.lot_tracked and l.variant_id = v.id and l.location_id = place and l.quantity > 0
  order by v.sku, l.code;
  get diagnostics lines = row_count;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'count', started, 'state', 'open', 'lines', lines));
end $$;

-- Notes what was counted. cmd: count, entries: [{sku, lot?, counted | add, countedAt?}]: `counted` states the number, `add` is what one more look at the
-- shelf found (+n, or -n to take a slip back). All entries or none. Answers {"outcome": "done", "lines": [{sku, lot, counted, countedAt}]}: never the book.
create or replace function count_enter_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c counts;
  e record;
  bad record;
  line count_lines;
  units int;
  instant timestamptz;
  shown jsonb := '[]';
begin
  if answer is not null then
    return answer;
  end if;
  c := count_lock(cmd);
  if c.id is null or c.state <> 'open' then
    return command_open(cmd, count_refused(c, cmd));
  end if;
  update counts set counters = counters || coalesce(cmd->>'actor', 'system') where id = c.id and not coalesce(cmd->>'actor', 'system') = any(counters);
  perform pg_advisory_xact_lock_shared(hashtextextended('lot tracking', 0));
  select x.ord, x.body, v.id, v.lot_tracked into bad
  from jsonb_array_elements(cmd->'entries') with ordinality x(body, ord) left join variants v on v.sku = x.body->>'sku'
  -- A minute for clocks that differ; what is so little ahead counts as now.
  where v.id is null or (x.body->>'lot' is not null and not v.lot_tracked) or (x.body->>'countedAt')::timestamptz > command_now(cmd) + interval '1 minute'
  order by x.ord limit 1;
  if found then
    return command_open(cmd, case
      when bad.id is null then jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', bad.body->'sku', 'line', bad.ord - 1)
      when bad.body->>'lot' is not null and not bad.lot_tracked then jsonb_build_object('outcome', 'no_lots', 'sku', bad.body->'sku', 'line', bad.ord - 1)
      else jsonb_build_object('outcome', 'future', 'value', bad.body->'countedAt', 'line', bad.ord - 1) end);
  end if;
  for e in
    select x.ord, x.body, v.id as variant_id, case when v.lot_tracked then coalesce(x.body->>'lot', '') end as lot
    from jsonb_array_elements(cmd->'entries') with ordinality x(body, ord) join variants v on v.sku = x.body->>'sku' order by x.ord
  loop
    select * into line from count_lines where count_id = c.id and variant_id = e.variant_id and lot_code is not distinct from e.lot;
    if line.decision is not null then
      raise exception 'decided' using errcode = 'P0409', detail = jsonb_build_object('sku', e.body->'sku', 'lot', e.lot, 'line', e.ord - 1)::text;
    end if;
    units := coalesce((e.body->>'counted')::int, coalesce(line.counted, 0) + (e.body->>'add')::int);
    if units < 0 then
      raise exception 'below_zero' using errcode = 'P0409', detail = jsonb_build_object('sku', e.body->'sku', 'lot', e.lot, 'line', e.ord - 1,
        'counted', coalesce(line.counted, 0), 'add', e.body->'add')::text;
    end if;
    instant := least(coalesce((e.body->>'countedAt')::timestamptz, command_now(cmd)), command_now(cmd));
    if e.body ? 'add' then
      instant := greatest(instant, line.counted_at);
    end if;
    insert into count_lines as l (count_id, variant_id, lot_code, counted, counted_at, counted_by, book)
    values (c.id, e.variant_id, e.lot, units, instant, coalesce(cmd->>'actor', 'system'), count_book(e.variant_id, c.location_id, e.lot, instant))
    on conflict (count_id, variant_id, lot_code)
    do update set counted = excluded.counted, counted_at = excluded.counted_at, counted_by = excluded.counted_by, book = excluded.book;
    shown := shown || jsonb_build_array(jsonb_build_object('sku', e.body->'sku', 'lot', e.lot, 'counted', units,
      'countedAt', to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
  end loop;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'count', c.id, 'state', c.state, 'lines', shown));
end $$;

-- Hands a count in for review. cmd: count.
create or replace function count_submit_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c counts;
begin
  if answer is not null then
    return answer;
  end if;
  c := count_lock(cmd);
  if c.id is null or c.state <> 'open' then
    return command_open(cmd, count_refused(c, cmd));
  end if;
  if not exists (select from count_lines where count_id = c.id and counted is not null) then
    return command_open(cmd, jsonb_build_object('outcome', 'nothing_counted'));
  end if;
  update counts set state = 'review', submitted_at = command_now(cmd), submitted_by = coalesce(cmd->>'actor', 'system') where id = c.id;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'count', c.id, 'state', 'review'));
end $$;

-- Sends lines back to be counted once more; the count is open again. cmd: count, lines: [{sku, lot?}].
create or replace function count_recount_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c counts;
  l record;
  line count_lines;
begin
  if answer is not null then
    return answer;
  end if;
  c := count_lock(cmd);
  if c.id is null or c.state <> 'review' then
    return command_open(cmd, count_refused(c, cmd));
  end if;
  for l in select x.ord, x.body from jsonb_array_elements(cmd->'lines') with ordinality x(body, ord) order by x.ord loop
    line := count_line(c.id, l.body);
    if line.id is null or line.decision is not null then
      raise exception '%', case when line.id is null then 'unknown_line' else 'decided' end using errcode = 'P0409',
        detail = jsonb_build_object('sku', l.body->'sku', 'lot', l.body->'lot', 'line', l.ord - 1)::text;
    end if;
    -- The number that is set aside is kept: a recount is how a difference can be made to go away.
    insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'count_line_recounted', 'count:' || c.id,
      jsonb_build_object('sku', l.body->'sku', 'lot', line.lot_code, 'counted', line.counted, 'countedAt', line.counted_at, 'countedBy', line.counted_by));
    update count_lines set counted = null, counted_at = null, counted_by = null, book = null where id = line.id;
  end loop;
  update counts set state = 'open', submitted_at = null, submitted_by = null where id = c.id;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'count', c.id, 'state', 'open'));
end $$;

-- Ends a count without posting anything. cmd: count. What was approved line by line stays: then the rest is rejected instead.
create or replace function count_cancel_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c counts;
begin
  if answer is not null then
    return answer;
  end if;
  c := count_lock(cmd);
  if c.id is null or c.state not in ('open', 'review') then
    return command_open(cmd, count_refused(c, cmd));
  end if;
  if exists (select from count_lines where count_id = c.id and decision = 'approved') then
    return command_open(cmd, jsonb_build_object('outcome', 'partly_posted'));
  end if;
  update counts set state = 'cancelled', ended_at = command_now(cmd), ended_by = coalesce(cmd->>'actor', 'system') where id = c.id;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'count', c.id, 'state', 'cancelled'));
end $$;
