-- Deciding about a count that was handed in.

-- Posts what one line found. The lot that was counted gives first what is not for sale of it, because stock_post would otherwise take from other lots.
create or replace function count_post(c counts, line count_lines, p_delta int, cmd jsonb) returns int language plpgsql as $$
declare
  b balances;
  lot lots;
  posted int;
  hidden int;
begin
  select * into b from balances where variant_id = line.variant_id and location_id = c.location_id;
  if line.lot_code is null then
    posted := greatest(coalesce(b.on_hand, 0) + p_delta, 0) - coalesce(b.on_hand, 0);
  else
    perform stock_lot(line.variant_id, c.location_id, line.lot_code, null);
    select * into lot from lots where variant_id = line.variant_id and location_id = c.location_id and code = line.lot_code;
    posted := greatest(lot.quantity + p_delta, 0) - lot.quantity;
    cmd := cmd || jsonb_build_object('lot_id', lot.id);
    hidden := lot.unavailable - (lot.quantity + posted);
    if hidden > 0 then
      perform stock_post(line.variant_id, c.location_id, 'count', 0, 0, cmd, null, null, null, -hidden);
    end if;
  end if;
  if posted <> 0 then
    perform stock_set_on_hand(line.variant_id, c.location_id, coalesce(b.on_hand, 0) + posted, 'count', null, cmd);
  end if;
  return posted;
end $$;

-- Whether a line differs from what the books say of the instant at which it was counted.
create or replace function count_delta(c counts, line count_lines) returns int language sql stable as $$
  select coalesce(line.counted, 0) - count_book(line.variant_id, c.location_id, line.lot_code, coalesce(line.counted_at, c.submitted_at))
$$;

-- Approves or rejects. cmd: count, decision ('approved' | 'rejected'), lines: [{sku, lot?, reasonCode?}] (absent: all that is left, and the count ends),
-- reasonCode (needed where something differs), uncounted ('leave' | 'zero': what nobody counted is not there), own (may approve what they counted
-- themselves), limit (most lines of one call that are posted). Answers {"outcome": "done", "state", "more", "approved", "rejected", "found", "missing"}; while
-- `more` is true the same command is called again: its key is not used up, and there are no sums yet. Other outcomes: unknown, state, own,
-- unknown_reason, and by error (P0409): unknown_line, decided, not_counted, reason_missing.
create or replace function count_decide_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c counts;
  l record;
  line count_lines;
  ids bigint[] := '{}';
  codes jsonb := '{}';
  code text;
  with_zero boolean := cmd->>'uncounted' = 'zero';
  most int := coalesce((cmd->>'limit')::int, 100);
begin
  if answer is not null then
    return answer;
  end if;
  c := count_lock(cmd);
  if c.id is null or c.state <> 'review' then
    return command_open(cmd, count_refused(c, cmd));
  end if;
  if cmd->>'decision' = 'approved' and not coalesce((cmd->>'own')::boolean, false) and cmd->>'actor' = any(c.counters || c.submitted_by) then
    return command_open(cmd, jsonb_build_object('outcome', 'own'));
  end if;
  select r.code into code from (select cmd->>'reasonCode' union select x->>'reasonCode' from jsonb_array_elements(coalesce(cmd->'lines', '[]')) x) r(code)
  where r.code is not null and not reason_fits(r.code, 'count') limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown_reason', 'value', code));
  end if;

  if cmd->'lines' is null then
    select coalesce(array_agg(id order by id), '{}') into ids from (
      select id from count_lines where count_id = c.id and decision is null and (counted is not null or with_zero) order by id limit 10 * most) x;
  end if;
  for l in select x.ord, x.body from jsonb_array_elements(coalesce(cmd->'lines', '[]')) with ordinality x(body, ord) order by x.ord loop
    line := count_line(c.id, l.body);
    if line.id is null or line.decision is not null or (cmd->>'decision' = 'approved' and line.counted is null and not with_zero) then
      raise exception '%', case when line.id is null then 'unknown_line' when line.decision is not null then 'decided' else 'not_counted' end
        using errcode = 'P0409', detail = jsonb_build_object('sku', l.body->'sku', 'lot', l.body->'lot', 'line', l.ord - 1)::text;
    end if;
    ids := ids || line.id;
    codes := codes || jsonb_build_object(line.id::text, l.body->'reasonCode');
  end loop;

  if cmd->>'decision' = 'approved' then
    perform count_approve(c, ids, case when cmd->'lines' is null then most end, codes, cmd - 'lines');
  else
    update count_lines set decision = 'rejected', reason_code = coalesce(codes->>id::text, cmd->>'reasonCode') where id = any(ids);
  end if;

  if exists (select from count_lines where count_id = c.id and decision is null and (cmd->'lines' is not null or counted is not null or with_zero)) then
    if cmd->'lines' is null then
      return command_open(cmd, jsonb_build_object('outcome', 'done', 'count', c.id, 'state', c.state, 'more', true));
    end if;
  else
    update counts set ended_at = command_now(cmd), ended_by = coalesce(cmd->>'actor', 'system'),
      state = case when exists (select from count_lines where count_id = c.id and decision = 'approved') then 'approved' else 'cancelled' end
    where id = c.id returning * into c;
  end if;
  select jsonb_build_object('outcome', 'done', 'count', c.id, 'state', c.state, 'more', false,
    'approved', count(*) filter (where decision = 'approved'), 'rejected', count(*) filter (where decision = 'rejected'),
    'found', coalesce(sum(posted) filter (where posted > 0), 0), 'missing', coalesce(-sum(posted) filter (where posted < 0), 0)) into answer
  from count_lines where count_id = c.id;
  return command_done(cmd, answer);
end $$;

-- Approves lines. Those that agree with the books need no lock on stock; of those that differ, at most `p_most` are posted (null: all).
create or replace function count_approve(c counts, ids bigint[], p_most int, codes jsonb, cmd jsonb) returns void language plpgsql as $$
declare
  variant_ids bigint[];
  differing bigint[];
  line count_lines;
  delta int;
  code text;
begin
  with looked as materialized (
    select l.id, count_delta(c, l) as delta from count_lines l where l.id = any(ids)
  ), agreeing as (
    update count_lines l set decision = 'approved', posted = 0, counted = coalesce(l.counted, 0), book = coalesce(l.counted, 0),
      counted_at = coalesce(l.counted_at, c.submitted_at)
    from looked where looked.id = l.id and looked.delta = 0
  )
  select coalesce(array_agg(id order by id), '{}') into differing from (select id from looked where looked.delta <> 0 order by id limit p_most) x;
  if differing = '{}' then
    return;
  end if;
  select array_agg(distinct variant_id) into variant_ids from count_lines where id = any(differing);
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  for line in select * from count_lines where id = any(differing) order by id loop
    -- Once more, as it is under the lock.
    delta := count_delta(c, line);
    code := coalesce(codes->>line.id::text, cmd->>'reasonCode');
    if delta <> 0 and code is null then
      raise exception 'reason_missing' using errcode = 'P0409', detail = jsonb_build_object(
        'sku', (select sku from variants where id = line.variant_id), 'lot', line.lot_code)::text;
    end if;
    line.counted_at := coalesce(line.counted_at, c.submitted_at);
    update count_lines set decision = 'approved', counted = coalesce(line.counted, 0), counted_at = line.counted_at, reason_code = code,
      book = coalesce(line.counted, 0) - delta,
      posted = case when delta = 0 then 0 else count_post(c, line, delta, cmd || jsonb_build_object('occurred_at', line.counted_at,
        'reason_code', code, 'cause_kind', 'count', 'cause_id', c.id)) end
    where id = line.id;
  end loop;
  -- A lot whose time is over and which was found to hold more: put aside at once.
  perform stock_expire(variant_ids, cmd);
  perform stock_changed(variant_ids);
end $$;
