-- What a price file that differs does: weighed chunk by chunk in blocks of which nothing remains, then applied chunk by chunk.

-- Where a chunk ends that begins after p_after: about p_limit rows on, with all rows of its last SKU.
create or replace function import_price_chunk(p_import bigint, p_after int, p_limit int) returns int language plpgsql stable as $$
declare
  last_row import_price_rows;
begin
  select * into last_row from import_price_rows where import_id = p_import and position > p_after and position <= p_after + p_limit order by position desc limit 1;
  return (select max(position) from import_price_rows where import_id = p_import and position between last_row.position and last_row.position + 1000
    and variant_id = last_row.variant_id);
end $$;

-- Writes the rows after p_after up to p_to but p_except, as prices_set_2 and price_list_entries_1 do; what is the same by now stays. Answers the variants of plain prices that
-- changed, and what cannot be: [{row, column, value, expected}]; whoever calls undoes all of it then. Whoever means it to remain stands in the queue of the writers of prices.
create or replace function import_price_write(p_import bigint, p_after int, p_to int, p_except int[], cmd jsonb, out touched bigint[], out wrong jsonb)
language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  olds bigint[];
  todo int[];
  fresh bigint[];
  at timestamptz := clock_timestamp();
  now_at timestamptz := command_now(cmd);
  asked record;
  answer jsonb;
begin
  select array_agg(p.id) filter (where p.id is not null), array_agg(r.position) filter (where r.amount is not null), array_agg(distinct r.variant_id)
  into olds, todo, touched
  from import_price_rows r
  left join prices p on p.variant_id = r.variant_id and p.currency = r.currency and coalesce(p.channel_id, 0) = coalesce(r.channel_id, 0) and p.superseded_at is null
    and (r.starts_at is null and p.starts_at is null or p.starts_at = r.starts_at)
  where r.import_id = p_import and r.position > p_after and r.position <= p_to and r.list_id is null and r.row_no <> all(p_except)
    and case when r.amount is null then p.id is not null else p.id is null or p.amount <> r.amount or p.ends_at is distinct from r.ends_at end;
  if touched is not null then
    update prices set superseded_at = at where id = any(olds);
    with put as (
      insert into prices (variant_id, channel_id, currency, amount, starts_at, ends_at, actor)
      select variant_id, channel_id, currency, amount, starts_at, ends_at, coalesce(cmd->>'actor', 'system') from import_price_rows
      where import_id = p_import and position = any(todo) order by position returning id, starts_at, ends_at
    ), due_then as (
      insert into due (at, what, ref_id) select t, 'price', p.id from put p cross join unnest(array[p.starts_at, p.ends_at]) t where t > now_at
    )
    select coalesce(array_agg(id), '{}') into fresh from put;
    if exists (select from price_limits where kind = 'floor' and valid_to is null) then
      select jsonb_agg(jsonb_build_object('row', r.row_no, 'column', 'amount', 'value', b.told->>'amount', 'expected', price_below_words(b.told)) order by r.row_no)
      into wrong from price_plain_below(fresh, now_at) b join prices p on p.id = b.price_id
      join import_price_rows r on r.import_id = p_import and r.position = any(todo) and r.variant_id = p.variant_id and r.currency = p.currency
        and coalesce(r.channel_id, 0) = coalesce(p.channel_id, 0) and r.starts_at is not distinct from p.starts_at;
    end if;
    insert into change (kind, variant_id) select 'price', t from unnest(touched) t;
  end if;
  for asked in
    select l.code, l.id, jsonb_agg(jsonb_strip_nulls(jsonb_build_object('sku', v.sku, 'minQuantity', r.min_quantity,
      'rule', case when r.amount is null then 'remove' else 'fixed' end, 'value', trim_scale(r.amount)::text)) order by r.position) as entries
    from import_price_rows r join price_lists l on l.id = r.list_id join variants v on v.id = r.variant_id
    where r.import_id = p_import and r.position > p_after and r.position <= p_to and r.row_no <> all(p_except) group by 1, 2 order by 1
  loop
    answer := price_list_entries_1(jsonb_build_object('list', asked.code, 'entries', asked.entries, 'actor', cmd->'actor', 'why', cmd->'why') || case when cmd ? 'now'
      then jsonb_build_object('now', cmd->'now') else '{}' end);
    continue when answer->>'outcome' = 'done';
    if answer->>'outcome' = 'below_floor' then
      select coalesce(wrong, '[]') || jsonb_agg(distinct jsonb_build_object('row', r.row_no, 'column', 'amount', 'value', b->>'amount', 'expected', price_below_words(b)))
      into wrong from jsonb_array_elements(answer->'below') b join variants v on v.sku = b->>'sku'
      join import_price_rows r on r.import_id = p_import and r.position > p_after and r.position <= p_to and r.list_id = asked.id and r.variant_id = v.id
        and r.min_quantity = (b->>'minQuantity')::int;
    else
      select coalesce(wrong, '[]') || jsonb_agg(jsonb_build_object('row', r.row_no, 'column', 'list', 'value', asked.code, 'expected', 'a list that takes entries; this one is ' ||
        (answer->>'outcome'))) into wrong
      from import_price_rows r where r.import_id = p_import and r.position > p_after and r.position <= p_to and r.list_id = asked.id and r.row_no <> all(p_except);
    end if;
  end loop;
end $$;

-- What a price below a floor should have been, with the arithmetic of the floor (as src/domain/pricing/below-floor.ts tells it).
create or replace function price_below_words(told jsonb) returns text language sql stable as $$
  select format('at least %s %s, the floor in channel %s: ', f.least, told->>'currency', told->>'channel') || case when w->>'basis' = 'margin'
    then format('cost %s %s%s / (100 %% − %s %%)%s = %s %s', price_text((w->>'cost')::numeric, w->>'currency'), w->>'currency', case when w->>'currency' <> told->>'currency' then ', exchanged to ' || (told->>'currency') else '' end,
      w->>'percent', case when coalesce(w->>'tax', '0') <> '0' then format(' + %s %% tax', w->>'tax') else '' end, f.least, told->>'currency')
    else format('%s, %s %s', case w->>'basis' when 'map' then 'the minimum advertised price' when 'legal' then 'the legal minimum' else 'the floor set by hand' end,
      price_text((w->>'amount')::numeric, w->>'currency'), w->>'currency') || case when w->>'currency' <> told->>'currency' then format(' = %s %s', f.least, told->>'currency') else '' end end
  -- What was reckoned has more digits than money has: the least that can be paid.
  from (select told->'why' as w, price_text(case when told->'why'->>'basis' <> 'margin' and told->'why'->>'currency' = told->>'currency' then (told->>'floor')::numeric
    else ceil((told->>'floor')::numeric * 10::numeric ^ currency_digits(told->>'currency')) / 10::numeric ^ currency_digits(told->>'currency') end, told->>'currency') as least) f
$$;

-- Counts the listings of the channels that the file touches, at most once a minute: uncounted, each chunk that is weighed would count them for itself. Last in a transaction,
-- because the lanes wait for the tally.
create or replace function import_price_tally(p_import bigint) returns void language plpgsql as $$
begin
  perform guard_listings_1(c.id, 'price')
  from (select id from channels where publish_prices order by id) c
  where exists (select from import_price_rows r join publications p on p.variant_id = r.variant_id and p.field = 'price' and p.channel_id = c.id where r.import_id = p_import);
end $$;

-- Weighs the next rows of a file that was compared: whether they are below a floor, and what they would do to the listings of the channels. Nothing of the writing remains,
-- and its locks are gone with it: of these prices alone, or, where it writes entries of lists, of the queue of the writers of prices.
-- Answers as import_price_judge_1 and {"ms"}: state "staging" while there is more; then "refused", "judged", or "waiting" with
-- "guard": [{channel, listings, changed, dropped, limit?, allowed?, moved?, percent?, examples}].
create or replace function import_price_weigh_1(p_import bigint, p_limit int, cmd jsonb) returns jsonb language plpgsql as $$
declare
  i imports;
  began timestamptz := clock_timestamp();
  upto int;
  written record;
  told record;
  found_at jsonb := '[]';
  wrong int;
begin
  select * into i from imports where id = p_import for update;
  if i.state is distinct from 'staging' then
    return i.summary || jsonb_build_object('state', i.state, 'rows', i.rows, 'ms', 0);
  end if;
  if exists (select from channels where publish_prices) or exists (select from price_limits where kind = 'floor' and valid_to is null) then
    upto := import_price_chunk(p_import, i.weighed_to, p_limit);
  end if;
  if upto is not null then
    for turn in 1..2 loop
      begin
        -- Writers of other prices neither wait nor are waited for. Where one has the same price in hand, this gives way at once, and queues up with nothing in hand.
        if turn = 1 then
          perform set_config('lock_timeout', '20ms', true);
        else
          perform pg_advisory_xact_lock(7312647, 0);
        end if;
        select * into written from import_price_write(p_import, i.weighed_to, upto, '{}', cmd);
        -- A chunk is few of what there is: looked up one by one, also by a session that has planned none of it yet. That ends with the block.
        perform set_config('plan_cache_mode', 'force_generic_plan', true);
        select coalesce(jsonb_agg(jsonb_build_object('channel', x.channel_id, 'changed', x.changed, 'adds', x.adds, 'dropped', x.dropped, 'examples', (
            select jsonb_agg(jsonb_build_object('sku', v.sku) || e.told order by e.ord)
            from unnest(x.variants[:5], x.told[:5]) with ordinality e(variant, told, ord) join variants v on v.id = e.variant))), '[]')
        into found_at from (
          select d.channel_id, count(*) filter (where d.changed) as changed, count(*) filter (where d.adds) as adds, count(*) filter (where d.dropped) as dropped,
            array_agg(d.variant_id order by d.dropped desc, d.listing_id) filter (where d.changed or d.dropped) as variants,
            array_agg(jsonb_build_object('before', d.before, 'after', d.after, 'dropped', d.dropped) order by d.dropped desc, d.listing_id)
              filter (where d.changed or d.dropped) as told
          from price_guard_weighed_1(array(select distinct r.variant_id from import_price_rows r where r.import_id = p_import and r.position > i.weighed_to and r.position <= upto)) d
          where (i.summary->>'errors')::int = 0 group by 1 having bool_or(d.changed or d.dropped)) x;
        raise exception using errcode = 'CN001', message = 'nothing of what is weighed remains';
      exception
        when sqlstate 'CN001' then
          exit;
        when lock_not_available or unique_violation or deadlock_detected then
          if turn = 2 then
            raise;
          end if;
      end;
    end loop;
    insert into import_rows (import_id, row_no, body, errors)
    select p_import, (w->>'row')::int, '{}', jsonb_agg(jsonb_build_object('column', coalesce(i.options->'columns'->>(w->>'column'), w->>'column'), 'value', w->'value', 'expected', w->'expected'))
    from jsonb_array_elements(written.wrong) w group by 2
    on conflict (import_id, row_no) do update set errors = coalesce(import_rows.errors, '[]') || excluded.errors;
    insert into import_price_guard as g (import_id, channel_id, changed, adds, dropped, examples)
    select p_import, (f->>'channel')::bigint, (f->>'changed')::int, (f->>'adds')::int, (f->>'dropped')::int, f->'examples' from jsonb_array_elements(found_at) f
    on conflict (import_id, channel_id) do update set changed = g.changed + excluded.changed, adds = g.adds + excluded.adds, dropped = g.dropped + excluded.dropped,
      -- What drops too far says most.
      examples = (select jsonb_agg(e order by ord) from (select e, ord from (
        select e, row_number() over (order by (e->>'dropped')::boolean desc, n, m) as ord from (
          select e, 1 as n, ord as m from jsonb_array_elements(g.examples) with ordinality a(e, ord)
          union all select e, 2, ord from jsonb_array_elements(excluded.examples) with ordinality b(e, ord)) both_of) y where ord <= 5) z);
    perform set_config('synchronous_commit', 'off', true);
    update imports set weighed_to = upto where id = p_import;
    perform import_price_tally(p_import);
    return i.summary || jsonb_build_object('state', 'staging', 'rows', i.rows, 'weighed', upto, 'ms', extract(epoch from clock_timestamp() - began) * 1000);
  end if;
  execute format('drop table if exists %I', 'import_price_lines_' || p_import);
  select count(*) into wrong from import_rows where import_id = p_import;
  if wrong > 0 then
    delete from import_price_rows where import_id = p_import;
    update imports set state = 'refused', ended_at = clock_timestamp(), summary = summary - array['new', 'changed', 'unchanged', 'samples'] || jsonb_build_object('errors', wrong)
    where id = p_import returning * into i;
    return i.summary || jsonb_build_object('state', i.state, 'rows', i.rows, 'ms', 0);
  end if;
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('channel', c.code, 'listings', n.listings, 'changed', g.changed, 'dropped', g.dropped, 'limit', b.name,
      'allowed', case b.name when 'changed' then n.allowed end, 'moved', case b.name when 'changed' then n.moved end, 'windowMinutes', case b.name when 'changed' then (n.limits).window_minutes end,
      'percent', case b.name when 'changed' then trim_scale((n.limits).changed_percent) when 'dropped' then trim_scale((n.limits).drop_percent) end))
    || jsonb_build_object('examples', (select jsonb_agg(e - 'dropped') from jsonb_array_elements(g.examples) e)) order by c.code) as preview, bool_or(b.name is not null) as breaks
  into told
  from import_price_guard g join channels c on c.id = g.channel_id cross join lateral guard_window(c.id, 'price', clock_timestamp()) n
  cross join lateral (select case when g.dropped > 0 then 'dropped' when g.adds > n.left_over then 'changed' end as name) b
  where g.import_id = p_import;
  update imports set state = case when told.breaks then 'waiting' else 'judged' end, summary = summary || jsonb_build_object('guard', coalesce(told.preview, '[]'))
  where id = p_import returning * into i;
  delete from import_price_guard where import_id = p_import;
  return i.summary || jsonb_build_object('state', i.state, 'rows', i.rows, 'ms', 0);
end $$;

-- A person decides on a price file that waits: cmd.import, cmd.decision (approve or reject), cmd.note?. What is approved applies, and the guard lets exactly what it makes pass.
-- Answers {"outcome": "done", state}, unknown, or decided {state, by}.
create or replace function import_decide_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  i imports;
begin
  if answer is not null then
    return answer;
  end if;
  select * into i from imports where id = (cmd->>'import')::bigint for update;
  if i.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown'));
  end if;
  if i.state <> 'waiting' then
    return command_open(cmd, jsonb_build_object('outcome', 'decided', 'state', i.state, 'by', i.decided_by));
  end if;
  update imports set state = case cmd->>'decision' when 'approve' then 'applying' else 'rejected' end, decided_by = coalesce(cmd->>'actor', 'system'),
    decided_at = clock_timestamp(), touched_at = clock_timestamp(), applied_to = 0, ended_at = case when cmd->>'decision' <> 'approve' then clock_timestamp() end,
    summary = i.summary || jsonb_strip_nulls(jsonb_build_object('decision', jsonb_build_object('by', coalesce(cmd->>'actor', 'system'), 'note', cmd->'note')))
  where id = i.id returning * into i;
  insert into audit (actor, act, subject, detail)
  values (i.decided_by, 'import.' || (cmd->>'decision'), 'import:' || i.id, jsonb_strip_nulls(jsonb_build_object('file', i.name, 'guard', i.summary->'guard', 'note', cmd->'note')));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'state', i.state));
end $$;

-- Ends a price file of which all is applied. Answers as import_price_apply_1.
create or replace function import_price_done(p_import bigint, p_began timestamptz, cmd jsonb) returns jsonb language plpgsql as $$
declare
  i imports;
begin
  update imports set state = 'done', applied = rows, ended_at = clock_timestamp() where id = p_import returning * into i;
  insert into audit (actor, act, subject, detail)
  values (coalesce(cmd->>'actor', 'system'), 'import', 'import:' || p_import,
    jsonb_build_object('kind', i.kind, 'file', i.name, 'rows', i.rows) || (i.summary - array['samples', 'guard']));
  return jsonb_build_object('state', 'done', 'applied', i.rows, 'rows', i.rows, 'ms', extract(epoch from clock_timestamp() - p_began) * 1000);
end $$;

-- Applies the next rows of a judged or approved price file, about p_limit: one short statement, after which a crash loses nothing. cmd: actor. Answers {"state": "applying" |
-- "done", "applied", "rows", "ms"}; {"state": …} when there is nothing to apply. Rows that cannot be any more (a floor moved) are left out, noted in import_rows, and counted
-- in summary.failed.
create or replace function import_price_apply_1(p_import bigint, p_limit int, cmd jsonb) returns jsonb language plpgsql as $$
declare
  i imports;
  began timestamptz := clock_timestamp();
  upto int;
  is_last boolean;
  variant_ids bigint[];
  written record;
  bad jsonb := '[]';
  not_these int[] := '{}';
begin
  select * into i from imports where id = p_import for update;
  if i.state is null or i.state not in ('judged', 'applying') then
    return jsonb_build_object('state', i.state, 'applied', i.applied, 'rows', i.rows);
  end if;
  upto := import_price_chunk(p_import, coalesce(i.applied_to, 0), p_limit);
  if upto is null then
    return import_price_done(p_import, began, cmd);
  end if;
  is_last := not exists (select from import_price_rows where import_id = p_import and position > upto);
  cmd := cmd || jsonb_build_object('why', format('import %s (%s)', p_import, i.name));
  perform pg_advisory_xact_lock(7312647, 0);
  loop
    begin
      select * into written from import_price_write(p_import, coalesce(i.applied_to, 0), upto, not_these, cmd);
      exit when written.wrong is null;
      raise exception using errcode = 'CN001', message = 'once more without them';
    exception when sqlstate 'CN001' then
      bad := bad || written.wrong;
      not_these := not_these || array(select distinct (w->>'row')::int from jsonb_array_elements(written.wrong) w);
    end;
  end loop;
  if i.decided_by is not null then
    select array_agg(distinct variant_id) into variant_ids from import_price_rows where import_id = p_import and position > coalesce(i.applied_to, 0) and position <= upto;
    perform guard_approve_documents_1('price', d.listings, d.documents, i.decided_by)
    from (select array_agg(listing_id) as listings, array_agg(after) as documents from price_guard_weighed_1(variant_ids) where changed or dropped) d where d.listings is not null;
  end if;
  if cardinality(not_these) > 0 then
    insert into import_rows (import_id, row_no, body, errors)
    select p_import, (w->>'row')::int, '{}', jsonb_agg(w - 'row') from jsonb_array_elements(bad) w group by 2 on conflict (import_id, row_no) do nothing;
  end if;
  -- What was applied and how far are lost together or not at all, so only the end has to wait for the disk; that takes all before it along.
  if not is_last then
    perform set_config('synchronous_commit', 'off', true);
  end if;
  update imports set state = 'applying', applied_to = upto, touched_at = clock_timestamp(),
    applied = rows - (select count(*) from import_price_rows where import_id = p_import and position > upto),
    summary = case when cardinality(not_these) = 0 then summary
      else summary || jsonb_build_object('failed', coalesce((summary->>'failed')::int, 0) + cardinality(not_these)) end
  where id = p_import returning * into i;
  if is_last then
    return import_price_done(p_import, began, cmd);
  end if;
  return jsonb_build_object('state', i.state, 'applied', i.applied, 'rows', i.rows, 'ms', extract(epoch from clock_timestamp() - began) * 1000);
end $$;
