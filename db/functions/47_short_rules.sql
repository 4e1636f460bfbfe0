-- What becomes of orders that stay short of stock, by rule of their channel, else of all: a person decides; what is to come waits for it, and the rest is cancelled; or all of it
-- is cancelled. What was sold ahead by the terms of its SKU, what is held, and what is matched to no SKU waits for a person in any case.

create or replace function order_line_short_since() returns trigger language plpgsql as $$
begin
  -- More is missing than before: from now on.
  if tg_op = 'INSERT' or new.short > old.short then
    new.short_since := clock_timestamp();
  end if;
  return new;
end $$;

create or replace function short_rule(p_channel bigint, out becomes text, out after_minutes int) language sql stable as $$
  select coalesce(r.becomes, 'person'), coalesce(r.after_minutes, 0)
  from (select 1) one left join lateral (
    select * from short_rules x where x.valid_to is null and coalesce(x.channel_id, p_channel) = p_channel order by x.channel_id nulls last limit 1) r on true
$$;

-- cmd: {channel? (a code; absent: of all), rule: {becomes, afterMinutes} or null: none of its own any more}. Answers {"outcome": "changed"} or unknown.
create or replace function short_rule_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  channel bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select id into channel from channels where code = cmd->>'channel';
  if cmd->>'channel' is not null and channel is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
  end if;
  perform pg_advisory_xact_lock(hashtextextended('short_rules', coalesce(channel, 0)));
  update short_rules set valid_to = clock_timestamp() where valid_to is null and channel_id is not distinct from channel;
  if jsonb_typeof(cmd->'rule') = 'object' then
    insert into short_rules (channel_id, becomes, after_minutes, actor)
    values (channel, cmd->'rule'->>'becomes', (cmd->'rule'->>'afterMinutes')::int, coalesce(cmd->>'actor', 'system'));
  end if;
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'short_rule', coalesce('channel:' || (cmd->>'channel'), 'all'), cmd->'rule');
  return command_done(cmd, jsonb_build_object('outcome', 'changed'));
end $$;

-- What the rules end by an instant: whole short units of a line, unless a rule hands over another SKU instead. Where a platform cancels whole orders only, orders of which nothing else is left to be had.
create or replace function short_over(p_now timestamptz) returns table (order_id bigint, line_id bigint, external_line_id text, units int, becomes text, after_minutes int)
language sql stable set enable_seqscan = off as $$
  with ruled as materialized (
    select c.id, r.becomes, r.after_minutes, coalesce(k.cancels, 'parts') as cancels
    from channels c join accounts a on a.id = c.account_id left join platforms k on k.platform = a.platform cross join lateral short_rule(c.id) r
  ), waits as materialized (
    -- Who is cancelled in any case takes nothing of what is to come from those after it.
    select l.id, l.order_id, order_line_external(l.id) as external_line_id, l.variant_id, l.short, l.short_cause, coalesce(l.short_since, o.booked_at) as since, o.channel_id, o.state, r.becomes,
      -- What goes out in exchange is ours to cancel.
      r.after_minutes, case when o.exchange_of is null then r.cancels else 'parts' end as cancels, sum(case when r.becomes = 'cancel' then 0 else l.short end) over (partition by l.variant_id order by l.id) as upto
    from order_lines l join orders o on o.id = l.order_id join ruled r on r.id = o.channel_id
    where l.short > 0 and l.variant_id is not null and exists (select from ruled x where x.becomes <> 'person')
  ), over as (
    select w.* from waits w
    where w.becomes <> 'person' and w.cancels <> 'none' and w.since + make_interval(mins => w.after_minutes) <= p_now
      and w.state in ('accepted', 'routed', 'in_fulfilment') and coalesce(w.short_cause, '') not in ('backorder', 'preorder')
      and w.id not in (select s.line_id from order_lines_substitutable(p_now) s)
      and (w.becomes = 'cancel' or not exists (select from order_line_parts x where x.order_line_id = w.id)
        -- From suppliers, and under way from other locations.
        and w.upto > (select coalesce(sum(b.incoming), 0) from balances b where b.variant_id = w.variant_id
          and exists (select from channel_locations c where c.channel_id = w.channel_id and c.location_id = b.location_id and c.valid_to is null)))
  )
  select v.order_id, v.id, v.external_line_id, v.short, v.becomes, v.after_minutes from over v
  where v.cancels = 'parts' or (select sum(x.reserved + x.short + x.shipped) from order_lines x where x.order_id = v.order_id)
    = (select sum(x.short) from over x where x.order_id = v.order_id)
$$;

-- Ends what the rules end by an instant, of at most so many orders: cancelled here and at the platform, each with the reason. Judged anew under the locks of the orders and their
-- SKUs, in one statement: any number of processes may look at once. One that cannot be ended steps back behind the others. Answers how many orders.
create or replace function orders_end_short_1(p_now timestamptz, p_limit int) returns int language plpgsql as $$
declare
  cmd jsonb := jsonb_build_object('actor', 'rule', 'now', p_now);
  order_ids bigint[];
  variant_ids bigint[];
  item record;
  o orders;
  ended int := 0;
begin
  select array_agg(x.id) into order_ids from (
    select id from orders where id = any(array(select order_id from short_over(p_now) where not order_steps_back('short', order_id, p_now) order by order_id limit p_limit)) order by id for no key update skip locked) x;
  if order_ids is null then
    return 0;
  end if;
  select array_agg(distinct v) into variant_ids from unnest(order_ids) i, unnest(order_variants(i)) v;
  perform stock_lock(variant_ids);
  -- What is free by now goes to whoever is short of it first.
  perform stock_expire(variant_ids, cmd);
  perform stock_fill_all(variant_ids, stock_consequence(cmd));
  for item in
    select s.order_id, min(s.becomes) as becomes, min(s.after_minutes) as minutes,
      jsonb_agg(jsonb_build_object('lineId', s.line_id, 'externalLineId', s.external_line_id, 'quantity', s.units) order by s.line_id) as lines
    from short_over(p_now) s where s.order_id = any(order_ids) group by s.order_id order by s.order_id
  loop
    select * into o from orders where id = item.order_id;
    cmd := cmd || jsonb_build_object('reason', format('short of stock for %s minutes%s', item.minutes, case item.becomes when 'incoming' then ', and nothing is to come for it' else '' end));
    begin
      perform order_line_end((x->>'lineId')::bigint, (x->>'quantity')::int, o.channel_id, cmd) from jsonb_array_elements(item.lines) x;
      perform order_act(o, 'cancel', jsonb_build_object('lines', item.lines, 'cause', 'stock', 'reason', cmd->>'reason'), cmd);
      perform order_turn(o.id, 'cancel', null, jsonb_build_object('lines', item.lines, 'cause', 'stock', 'becomes', item.becomes), cmd);
      ended := ended + 1;
    exception when raise_exception or internal_error or data_exception or integrity_constraint_violation then
      -- It is this order's: the others do not wait for it.
      perform order_trouble_1('short', o.id, o.id, sqlerrm, p_now);
    end;
  end loop;
  perform stock_changed(variant_ids);
  return ended;
end $$;
