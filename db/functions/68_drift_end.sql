-- Drift: what became of it.

-- Looks at the open drifts of an account: numbers that orders have explained meanwhile, what was repaired, and what is no more. A number is judged once all orders until
-- its look are known. Answers how many it looked at; not all at once, when they are many.
create or replace function drift_settle_1(p_account bigint) returns int language plpgsql as $$
declare
  covered timestamptz := (select covered_until from accounts where id = p_account);
  x record;
  d drifts;
  p publications;
  l listings;
  n int := 0;
begin
  for x in
    select o.id, o.listing_id, o.field from drifts o join listings y on y.id = o.listing_id left join publications q on q.listing_id = o.listing_id and q.field = o.field
    where o.account_id = p_account and o.ended_at is null and case when o.cause = 'gone' then y.state <> 'gone'
      when o.cause = 'unmapped' then y.variant_id is not null or y.state = 'gone'
      else q.listing_id is null or y.state = 'gone' or (o.field = 'stock' and not o.settled and covered >= o.looked_at) or o.taken_at is not null
        or (q.waiting_since is null and q.state in ('accepted', 'applied') and o.state in ('open', 'held') and (o.settled or o.field = 'price')) end
    order by o.listing_id, o.field limit 500
  loop
    n := n + 1;
    select * into p from publications where listing_id = x.listing_id and field = x.field for update;
    select * into d from drifts where id = x.id and ended_at is null for update;
    continue when not found;
    select * into l from listings where id = d.listing_id;
    if d.field = 'listing' then
      if d.cause = 'gone' and l.state <> 'gone' or d.cause = 'unmapped' and (l.variant_id is not null or l.state = 'gone') then
        perform drift_end(d.id, 'overtaken', null);
      end if;
      continue;
    end if;
    if p.listing_id is null or l.state = 'gone' then
      perform drift_end(d.id, 'overtaken', 'it is not published any more');
      continue;
    end if;
    if d.field = 'stock' and not d.settled and covered >= d.looked_at then
      select coalesce(sum(case when d.units < 0 then (h.why->>'alreadySeen')::int else least((h.why->>'units')::int, 0) end), 0) into d.explained
      from publication_history h where h.listing_id = d.listing_id and h.field = 'stock' and h.event = 'order' and h.at >= d.found_at;
      if d.units + d.explained = 0 or sign(d.units + d.explained) <> sign(d.units) then
        update drifts set explained = d.explained, settled = true where id = d.id;
        perform drift_end(d.id, 'explained', null);
        continue;
      end if;
      update drifts set explained = d.explained, settled = true, cause = case cause when 'order' then 'edited' else cause end where id = d.id;
      perform drift_judge_1(d.id);
      select * into d from drifts where id = d.id;
    end if;
    if d.taken_at is not null then
      -- What we want has been reckoned with it.
      if p.waiting_since is null or p.intended_at > d.taken_at then
        perform drift_end(d.id, 'taken', null);
      end if;
    elsif d.state in ('open', 'held') and (d.settled or d.field = 'price') and p.waiting_since is null and p.state in ('accepted', 'applied') and p.applied_at >= coalesce(p.accepted_at, p.applied_at) then
      perform drift_end(d.id, case when greatest(p.accepted_at, p.sent_at) > d.found_at then 'repaired' else 'overtaken' end, null);
    end if;
  end loop;
  return n;
end $$;

create or replace function drift_end(p_drift bigint, p_state text, p_words text) returns void language sql as $$
  update drifts set state = p_state, words = coalesce(p_words, words), lets_go = null, ended_at = clock_timestamp() where id = p_drift and ended_at is null
$$;

-- Where the stock of a channel is the platform's own: its one location, which serves no channel of another account. Null: it is not.
create or replace function drift_own_location(p_channel bigint) returns bigint language sql stable as $$
  select min(o.location_id) from channel_locations o join channels c on c.id = o.channel_id join locations p on p.id = o.location_id and p.active
  where o.channel_id = (select coalesce(stock_lead_id, id) from channels where id = p_channel) and o.valid_to is null
  having count(*) = 1 and not exists (select from channel_locations x join channels y on y.id = x.channel_id
    where x.location_id = min(o.location_id) and x.valid_to is null and y.account_id <> min(c.account_id))
$$;

-- Takes the platform's value in as ours: a price as the typed price of the channel, units as an adjustment at the platform's own location. All or nothing: where our
-- books would then still want something else, nothing is written. Answers {"outcome": "taken" | "refused" | "over", words?}; refused is held for a person.
create or replace function drift_take_1(p_drift bigint, p_actor text) returns jsonb language plpgsql as $$
declare
  d drifts;
  v variants;
  c channels;
  place text;
  by_units int;
  shown int;
  answer jsonb;
  refused text;
  code text;
begin
  select * into d from drifts where id = p_drift and ended_at is null and taken_at is null and state = 'taking' and (settled or field = 'price');
  if d.id is null then
    return '{"outcome": "over"}';
  end if;
  select x.* into v from variants x join listings l on l.variant_id = x.id where l.id = d.listing_id;
  select * into c from channels where id = d.channel_id;
  begin
    if d.field = 'price' then
      if d.shown->>'currency' <> c.currency then
        raise exception using errcode = 'P0422', message = format('%s sells in %s, and the platform shows %s', c.code, c.currency, d.shown->>'currency'), hint = 'currency';
      elsif jsonb_typeof(d.shown->'sale') = 'object' and d.shown->'sale' is distinct from d.wanted->'sale' then
        raise exception using errcode = 'P0422', message = format('the platform shows a sale of %s %s, which cannot be taken in as a typed price: enter it as a price list', d.shown->'sale'->>'amount', c.currency), hint = 'sale';
      end if;
      answer := prices_set_2(jsonb_build_object('actor', p_actor, 'prices', jsonb_build_array(
        jsonb_build_object('sku', v.sku, 'channel', c.code, 'currency', c.currency, 'amount', d.shown->'regular'))));
      if answer->>'outcome' <> 'done' then
        raise exception using errcode = 'P0422', message = case answer->>'outcome'
          when 'below_floor' then format('%s %s is below its floor of %s %s', d.shown->>'regular', c.currency, answer->'below'->0->>'floor', c.currency)
          else format('%s %s cannot be set', d.shown->>'regular', c.currency) end, hint = case answer->>'outcome' when 'below_floor' then 'below_floor' else 'elsewhere' end;
      elsif not exists (select from channel_price_2(array[c.id], array[v.id], clock_timestamp()) s where s.price = d.shown and s.held is null) then
        raise exception using errcode = 'P0422', message = format('a price list, rule or conversion decides what %s costs in %s: a typed price would not show', v.sku, c.code), hint = 'elsewhere';
      end if;
    else
      select l.code into place from locations l where l.id = drift_own_location(c.id);
      if place is null then
        raise exception using errcode = 'P0422', message = format('the stock that %s shows is not its own: it has several locations, or shares its one with others; count there instead', c.code), hint = 'shared';
      elsif exists (select from bundle_flat f where f.bundle_id = v.id) then
        raise exception using errcode = 'P0422', message = format('%s is a bundle: its number follows from its parts; count them instead', v.sku), hint = 'bundle';
      end if;
      by_units := d.units + d.explained;
      perform stock_lock(array[v.id]);
      select s.shown into shown from channel_shown_2(array[coalesce(c.stock_lead_id, c.id)], array[v.id], clock_timestamp()) s;
      perform stock_change_2(jsonb_build_object('actor', p_actor, 'lines', jsonb_build_array(
        jsonb_build_object('sku', v.sku, 'location', place, 'quantity', by_units, 'kind', 'adjust', 'reason', format('%s shows it: drift %s', c.code, d.id)))));
      if shown + by_units is distinct from (select s.shown from channel_shown_2(array[coalesce(c.stock_lead_id, c.id)], array[v.id], clock_timestamp()) s) then
        raise exception using errcode = 'P0422', message = format('the buffer, cap or promises of %s would show another number than the platform does', c.code), hint = 'rule';
      end if;
    end if;
    update drifts set taken_at = clock_timestamp(), winner = 'platform', decided_by = coalesce(decided_by, p_actor), decided_at = coalesce(decided_at, clock_timestamp())
    where id = d.id and ended_at is null and taken_at is null and state = 'taking' and looked_at = d.looked_at;
    if not found then
      raise exception using errcode = 'P0422', message = 'over', hint = 'over';
    end if;
    insert into audit (actor, act, subject, detail) values (p_actor, 'drift.take', v.sku,
      jsonb_build_object('drift', d.id, 'channel', c.code, 'field', d.field, 'shown', d.shown, 'wanted', d.wanted) || case when place is null then '{}' else jsonb_build_object('location', place, 'units', by_units) end);
  exception
    when sqlstate 'P0422' then
      get stacked diagnostics refused = message_text, code = pg_exception_hint;
    when sqlstate 'P0409' then
      refused := format('there are not so many units at %s: count there instead', place);
      code := 'too_few';
  end;
  if refused = 'over' then
    return '{"outcome": "over"}';
  elsif refused is not null then
    update drifts set state = 'held', lets_go = 3, winner = null, decided_by = null, decided_at = null, words = refused, reason = code where id = d.id and ended_at is null and taken_at is null;
    return jsonb_build_object('outcome', 'refused', 'words', refused, 'reason', code);
  end if;
  return '{"outcome": "taken"}';
end $$;

-- A person decides: cmd.drift, cmd.winner (hub: ours goes out; platform: theirs becomes ours; seen: only of listings), note?. Answers {"outcome": "done" | "unknown" |
-- "over" {state} | "cannot" {field}}.
create or replace function drift_decide_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  d drifts;
begin
  if answer is not null then
    return answer;
  end if;
  select * into d from drifts where id = (cmd->>'drift')::bigint for update;
  if d.id is null then
    return command_open(cmd, '{"outcome": "unknown"}');
  elsif d.ended_at is not null or d.taken_at is not null then
    return command_open(cmd, jsonb_build_object('outcome', 'over', 'state', d.state));
  elsif (d.field = 'listing') <> (cmd->>'winner' = 'seen') then
    return command_open(cmd, jsonb_build_object('outcome', 'cannot', 'field', d.field));
  end if;
  update drifts set state = case cmd->>'winner' when 'hub' then 'open' when 'platform' then 'taking' else 'seen' end,
    lets_go = case cmd->>'winner' when 'platform' then 0 end, winner = nullif(cmd->>'winner', 'seen'), decided_by = cmd->>'actor', decided_at = clock_timestamp(),
    note = cmd->>'note', words = null, reason = null, ended_at = case cmd->>'winner' when 'seen' then clock_timestamp() end
  where id = d.id;
  insert into audit (actor, act, subject, detail)
  select cmd->>'actor', 'drift.decide', coalesce(v.sku, l.external_sku), jsonb_strip_nulls(jsonb_build_object('drift', d.id, 'channel', c.code, 'field', d.field,
    'winner', cmd->'winner', 'shown', d.shown, 'wanted', d.wanted, 'note', cmd->'note'))
  from listings l join channels c on c.id = d.channel_id left join variants v on v.id = l.variant_id where l.id = d.listing_id;
  return command_done(cmd, '{"outcome": "done"}');
end $$;

-- Who wins in a channel: cmd.channel, stock?, price?. Answers {"outcome": "done"} | unknown | "shared" (its stock is not its own).
create or replace function drift_policy_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c channels;
  f text;
begin
  if answer is not null then
    return answer;
  end if;
  select * into c from channels where code = cmd->>'channel' for no key update;
  if c.id is null then
    return command_open(cmd, '{"outcome": "unknown"}');
  elsif cmd->>'stock' = 'platform' and drift_own_location(c.id) is null then
    return command_open(cmd, '{"outcome": "shared"}');
  end if;
  foreach f in array array['stock', 'price'] loop
    continue when cmd->>f is null or cmd->>f = coalesce((select winner from drift_policies where channel_id = c.id and field = f and valid_to is null), 'hub');
    update drift_policies set valid_to = clock_timestamp() where channel_id = c.id and field = f and valid_to is null;
    insert into drift_policies (channel_id, field, winner, actor) values (c.id, f, cmd->>f, cmd->>'actor');
    insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'drift.policy', c.code, jsonb_build_object('field', f, 'winner', cmd->f));
  end loop;
  return command_done(cmd, '{"outcome": "done"}');
end $$;
