-- Orders that wait although nothing of them is missing, or because something is: a held order is not routed and not told as accepted, its stock stays
-- promised. Held by rule or by a person, let go by a person.

-- Puts a hold on an order that has something open. What no hand has taken up yet is not to be: those groups end, their units wait to be routed. The caller
-- holds the order's row and its variants, and turns the order.
create or replace function order_hold_put(p_order bigint, p_kind text, p_reason text, p_by_rule boolean, cmd jsonb) returns bigint language plpgsql as $$
declare
  hold bigint;
  g bigint;
begin
  insert into order_holds (order_id, kind, reason, by_rule, actor) values (p_order, p_kind, p_reason, p_by_rule, coalesce(cmd->>'actor', 'system'))
  on conflict (order_id, kind) where ended_at is null do nothing returning id into hold;
  for g in select id from fulfilment_groups where order_id = p_order and state = 'waiting' order by id loop
    update fulfilment_lines set released = assigned - done where group_id = g;
    perform fulfilment_end(g, cmd);
  end loop;
  return hold;
end $$;

-- What an order is to be held for by what its channel states: {kind, reason} of the channel's own `flags`, `noAddress` and amounts by our rules.
create or replace function order_hold_causes(p_channel bigint, doc jsonb) returns table (kind text, reason text) language sql stable as $$
  select f->>'kind', f->>'reason' from jsonb_array_elements(doc->'flags') f
  union all
  select case r.rule when 'amount' then 'fraud' else r.rule end, case r.rule when 'amount' then 'above ' || trim_scale(r.above) || ' ' || r.currency end
  from hold_rules r where r.valid_to is null and (r.channel_id is null or r.channel_id = p_channel)
    and case r.rule when 'address' then doc->>'noAddress' = 'true' when 'amount' then doc->>'currency' = r.currency and (doc->>'total')::numeric > r.above else false end
$$;

-- Puts the holds on an order that its channel states; each kind once in its life, so that what a person let go stays let go. What the channel flagged and flags no more ends by itself,
-- as a rule's hold for an address that is told by now; flagged again, it is held again.
create or replace function order_holds_by_rule(p_order bigint, p_channel bigint, doc jsonb, cmd jsonb) returns void language plpgsql as $$
declare
  h record;
  hold bigint;
begin
  update order_holds k set ended_at = clock_timestamp(), ended_by = 'channel' where k.order_id = p_order and k.ended_at is null and (
    k.by_channel and doc ? 'flags' and not exists (select from jsonb_array_elements(doc->'flags') f where f->>'kind' = k.kind)
    or k.kind = 'address' and k.by_rule and doc->'noAddress' = 'false');
  if found then
    perform pick_up_kept_on(p_order, cmd);
  end if;
  for h in
    select distinct on (x.kind) x.kind, x.reason from (
      select kind, reason from order_hold_causes(p_channel, doc)
      union all
      select 'short', null where exists (select from hold_rules r where r.rule = 'short' and r.valid_to is null and (r.channel_id is null or r.channel_id = p_channel))
        and exists (select from order_lines where order_id = p_order and short > 0)) x
    where not exists (select from order_holds k where k.order_id = p_order and k.kind = x.kind and (k.ended_at is null or k.ended_by <> 'channel'))
      and exists (select from order_lines where order_id = p_order and reserved + short > 0)
    order by x.kind, x.reason
  loop
    hold := order_hold_put(p_order, h.kind, h.reason, true, cmd);
    update order_holds set by_channel = true where id = hold and exists (select from jsonb_array_elements(doc->'flags') f where f->>'kind' = h.kind);
  end loop;
end $$;

-- What is missing has come: a rule's hold for it ends by itself. Called under the lock of variants.
create or replace function order_hold_filled(p_order bigint, cmd jsonb) returns void language plpgsql as $$
begin
  update order_holds set ended_at = clock_timestamp(), ended_by = 'system'
  where order_id = p_order and kind = 'short' and by_rule and ended_at is null
    and not exists (select from order_lines where order_id = p_order and short > 0);
  if found then
    perform pick_up_kept_on(p_order, cmd);
    perform order_touched(p_order, 'fill', cmd);
  end if;
end $$;

-- A person holds an order. cmd: orderId, hold (its kind), reason. Answers {"outcome": "held", "state"}, unknown, nothing_open {state}, or already_held {kind}.
create or replace function order_hold_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId'));
  end if;
  perform stock_lock(order_variants(o.id));
  if not exists (select from order_lines where order_id = o.id and reserved + short > 0) then
    return command_open(cmd, jsonb_build_object('outcome', 'nothing_open', 'state', o.state));
  end if;
  if order_hold_put(o.id, cmd->>'hold', cmd->>'reason', false, cmd) is null then
    return command_open(cmd, jsonb_build_object('outcome', 'already_held', 'kind', cmd->>'hold'));
  end if;
  perform order_turn(o.id, 'hold', null, jsonb_build_object('kind', cmd->>'hold'), cmd);
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  return command_done(cmd, jsonb_build_object('outcome', 'held', 'state', 'held'));
end $$;

-- A person lets an order go. cmd: orderId, hold (its kind; all of them when absent), reason. Answers {"outcome": "let_go", "state", "kinds"}, unknown, or not_held {state}.
create or replace function order_let_go_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  kinds text[];
  state text;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId'));
  end if;
  perform stock_lock(order_variants(o.id));
  with ended as (
    update order_holds set ended_at = clock_timestamp(), ended_by = coalesce(cmd->>'actor', 'system'), end_reason = cmd->>'reason'
    where order_id = o.id and ended_at is null and (cmd->>'hold' is null or kind = cmd->>'hold') returning kind
  )
  select array_agg(kind order by kind) into kinds from ended;
  if kinds is null then
    return command_open(cmd, jsonb_build_object('outcome', 'not_held', 'state', o.state));
  end if;
  perform pick_up_kept_on(o.id, cmd);
  state := order_turn(o.id, 'let_go', null, jsonb_build_object('kinds', kinds), cmd);
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  return command_done(cmd, jsonb_build_object('outcome', 'let_go', 'state', state, 'kinds', to_jsonb(kinds)));
end $$;
