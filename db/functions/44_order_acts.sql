-- What we do with orders: ship and cancel. Stock follows at once, an act tells the platform.

-- The variants whose stock an order may move: those of its lines, and the parts of what was sold as a bundle.
create or replace function order_variants(p_order bigint) returns bigint[] language sql stable as $$
  select coalesce(array_agg(x.id), '{}') from (
    select variant_id as id from order_lines where order_id = p_order and variant_id is not null
    union
    select p.variant_id from order_lines l join order_line_parts p on p.order_line_id = l.id where l.order_id = p_order) x
$$;

-- An act for the platform of an order; a cancellation tells what it gives back by itself. Where units are handed over as another SKU, `lines` are the platform's and `goods` what they are.
-- What goes out in exchange is no order of its platform, which is told nothing: there the act says what was done, and has ended. Answers its id.
create or replace function order_act(o orders, p_kind text, p_body jsonb, cmd jsonb) returns bigint language plpgsql set enable_seqscan = off as $$
declare
  act bigint;
  back jsonb;
  is_own boolean := o.exchange_of is not null;
begin
  if p_body ? 'lines' and exists (select from order_lines where order_id = o.id and substituted > 0) then
    p_body := p_body || jsonb_build_object('lines', coalesce(order_lines_told(p_body->'lines'), '[]'), 'goods', p_body->'lines');
  end if;
  back := case when p_kind = 'cancel' and not is_own then order_cancel_pays(o, p_body->'lines') end;
  insert into acts (account_id, channel_id, order_id, kind, key, body, actor, state, ended_at)
  select c.account_id, c.id, o.id, p_kind, p_kind || '-' || o.id || '-' || gen_random_uuid(),
    p_body || case when back is null then '{}' else jsonb_build_object('refund', back) end, coalesce(cmd->>'actor', 'system'),
    case when is_own then 'confirmed' else 'intended' end, case when is_own then clock_timestamp() end
  from channels c where c.id = o.channel_id returning id into act;
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  insert into change (kind, ref_id, account_id) select 'act', act, account_id from acts where id = act and not is_own;
  return act;
end $$;

-- The lines that a command names ({lines: [{lineId, quantity}]}; all that is open when absent), for acts. `p_promised`: of what is promised alone, else of what is short,
-- too. Answers {"lines": [{lineId, externalLineId, quantity}]}, or why not: nothing_open {state}, not_reserved {lineId, sku, asked, reserved}.
create or replace function order_lines_chosen(o orders, cmd jsonb, p_promised boolean) returns jsonb language plpgsql stable as $$
declare
  item record;
  chosen jsonb := '[]';
begin
  for item in
    select l.id, order_line_external(l.id) as external_line_id, x.open, coalesce((w->>'quantity')::int, x.open) as quantity
    from order_lines l cross join lateral (select case when p_promised then l.reserved else l.reserved + l.short end as open) x
    left join jsonb_array_elements(cmd->'lines') w on (w->>'lineId')::bigint = l.id
    where l.order_id = o.id and (cmd->'lines' is null or w is not null) order by l.id
  loop
    continue when item.quantity <= 0;
    if item.quantity > item.open then
      return jsonb_build_object('outcome', 'not_reserved', 'lineId', item.id, 'sku', order_line_sku(item.id), 'asked', item.quantity, 'reserved', item.open);
    end if;
    chosen := chosen || jsonb_build_array(jsonb_build_object('lineId', item.id, 'externalLineId', item.external_line_id, 'quantity', item.quantity));
  end loop;
  if jsonb_array_length(chosen) = 0 then
    return jsonb_build_object('outcome', 'nothing_open', 'state', o.state);
  end if;
  return jsonb_build_object('lines', chosen);
end $$;

-- We ship: promised units leave, and an act tells the platform. cmd: orderId, lines [{lineId, quantity}] (all open ones when absent), tracking {carrier, number, url?}.
-- Answers {"outcome": "shipped", "act", "lines"}, unknown, nothing_open {state} (also what is held), or not_reserved {lineId, asked, reserved}.
create or replace function order_ship_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  chosen jsonb;
  variant_ids bigint[];
  act bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId'));
  end if;
  variant_ids := order_variants(o.id);
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  chosen := case when o.state = 'held' then jsonb_build_object('outcome', 'nothing_open', 'state', o.state) else order_lines_chosen(o, cmd, true) end;
  if chosen ? 'outcome' then
    return command_open(cmd, chosen);
  end if;
  perform order_line_ship((x->>'lineId')::bigint, (x->>'quantity')::int, o.channel_id, cmd) from jsonb_array_elements(chosen->'lines') x;
  act := order_act(o, 'ship', chosen || jsonb_build_object('tracking', cmd->'tracking'), cmd);
  perform order_turn(o.id, 'ship', null, chosen, cmd);
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'shipped', 'act', act) || chosen);
end $$;

-- We cancel what is still open: promises are free again, and an act tells the platform. cmd: orderId, lines [{lineId, quantity}] or all, cause (why, in the
-- field's words), reason (in a person's). Of more than is open, what is open.
create or replace function order_cancel_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  asked jsonb;
  chosen jsonb;
  variant_ids bigint[];
  act bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId'));
  end if;
  variant_ids := order_variants(o.id);
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  select jsonb_agg(x || jsonb_build_object('quantity', greatest(least((x->>'quantity')::int, l.reserved + l.short), 0))) into asked
  from jsonb_array_elements(cmd->'lines') x join order_lines l on l.id = (x->>'lineId')::bigint;
  chosen := order_lines_chosen(o, case when cmd ? 'lines' then cmd || jsonb_build_object('lines', coalesce(asked, '[]')) else cmd end, false);
  if chosen ? 'outcome' then
    return command_open(cmd, chosen);
  end if;
  perform order_line_end((x->>'lineId')::bigint, (x->>'quantity')::int, o.channel_id, cmd) from jsonb_array_elements(chosen->'lines') x;
  act := order_act(o, 'cancel', chosen || jsonb_build_object('cause', cmd->>'cause', 'reason', cmd->>'reason'), cmd);
  perform order_turn(o.id, 'cancel', null, chosen || jsonb_build_object('cause', cmd->>'cause'), cmd);
  perform stock_fill_all(variant_ids, cmd);
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'cancelled', 'act', act) || chosen);
end $$;

-- Cancels open units of a line: those that are short first, then the newest promises.
create or replace function order_line_end(p_line bigint, p_units int, p_channel bigint, cmd jsonb) returns void language plpgsql as $$
begin
  perform order_line_open(p_line, (select reserved + short - p_units from order_lines where id = p_line), p_channel, null, cmd);
  update order_lines set cancelled = cancelled + p_units where id = p_line;
end $$;
