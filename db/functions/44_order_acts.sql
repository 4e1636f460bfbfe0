-- What we do with orders: ship and cancel. Stock follows at once, an act tells the platform.

-- The variants whose stock an order may move: those of its lines, and the parts of what was sold as a bundle.
create or replace function order_variants(p_order bigint) returns bigint[] language sql stable as $$
  select coalesce(array_agg(x.id), '{}') from (
    select variant_id as id from order_lines where order_id = p_order and variant_id is not null
    union
    select p.variant_id from order_lines l join order_line_parts p on p.order_line_id = l.id where l.order_id = p_order) x
$$;

-- We ship: promised units leave, and an act tells the platform. cmd: orderId, lines [{lineId, quantity}] (all open ones when absent), tracking {carrier, number, url?}.
-- Answers {"outcome": "shipped", "act", "lines"}, unknown, nothing_open, or not_reserved {lineId, asked, reserved}.
create or replace function order_ship_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  item record;
  sent jsonb := '[]';
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
  for item in
    select l.id, l.external_line_id, l.reserved, coalesce((x->>'quantity')::int, l.reserved) as quantity
    from order_lines l left join jsonb_array_elements(cmd->'lines') x on (x->>'lineId')::bigint = l.id
    where l.order_id = o.id and (cmd->'lines' is null or x is not null) order by l.id
  loop
    continue when item.quantity = 0;
    if item.quantity > item.reserved then
      return command_open(cmd, jsonb_build_object('outcome', 'not_reserved', 'lineId', item.id, 'asked', item.quantity, 'reserved', item.reserved));
    end if;
    sent := sent || jsonb_build_array(jsonb_build_object('lineId', item.id, 'externalLineId', item.external_line_id, 'quantity', item.quantity));
  end loop;
  if jsonb_array_length(sent) = 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'nothing_open', 'state', o.state));
  end if;
  for item in select (x->>'lineId')::bigint as id, (x->>'quantity')::int as quantity from jsonb_array_elements(sent) x loop
    perform order_line_ship(item.id, item.quantity, o.channel_id, cmd);
  end loop;
  insert into acts (account_id, channel_id, order_id, kind, key, body, actor)
  select c.account_id, c.id, o.id, 'ship', 'ship-' || o.id || '-' || gen_random_uuid(),
    jsonb_build_object('lines', sent, 'tracking', cmd->'tracking'), coalesce(cmd->>'actor', 'system')
  from channels c where c.id = o.channel_id returning id into act;
  update orders set state = case when exists (select from order_lines where order_id = o.id and reserved + short > 0) then 'accepted' else 'fulfilled' end,
    updated_at = clock_timestamp() where id = o.id;
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  insert into change (kind, ref_id, account_id) select 'act', act, account_id from acts where id = act;
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'shipped', 'act', act, 'lines', sent));
end $$;

-- We cancel what is still open: promises are free again, and an act tells the platform. cmd: orderId, lines [{lineId, quantity}] or all, cause (why, in the
-- field's words), reason (in a person's).
create or replace function order_cancel_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  item record;
  ended jsonb := '[]';
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
  for item in
    select l.id, l.external_line_id, l.reserved + l.short as open, coalesce((x->>'quantity')::int, l.reserved + l.short) as quantity
    from order_lines l left join jsonb_array_elements(cmd->'lines') x on (x->>'lineId')::bigint = l.id
    where l.order_id = o.id and (cmd->'lines' is null or x is not null) order by l.id
  loop
    continue when item.quantity <= 0 or item.open = 0;
    perform order_line_open(item.id, greatest(item.open - item.quantity, 0), o.channel_id, null, cmd);
    update order_lines set cancelled = cancelled + least(item.quantity, item.open) where id = item.id;
    ended := ended || jsonb_build_array(jsonb_build_object('lineId', item.id, 'externalLineId', item.external_line_id, 'quantity', least(item.quantity, item.open)));
  end loop;
  if jsonb_array_length(ended) = 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'nothing_open', 'state', o.state));
  end if;
  insert into acts (account_id, channel_id, order_id, kind, key, body, actor)
  select c.account_id, c.id, o.id, 'cancel', 'cancel-' || o.id || '-' || gen_random_uuid(),
    jsonb_build_object('lines', ended, 'cause', cmd->>'cause', 'reason', cmd->>'reason'), coalesce(cmd->>'actor', 'system')
  from channels c where c.id = o.channel_id returning id into act;
  update orders set state = case
      when exists (select from order_lines where order_id = o.id and reserved + short > 0) then 'accepted'
      when exists (select from order_lines where order_id = o.id and shipped > 0) then 'fulfilled' else 'cancelled' end,
    updated_at = clock_timestamp() where id = o.id;
  perform stock_fill_all(variant_ids, cmd);
  insert into change (kind, ref_id, channel_id) values ('order', o.id, o.channel_id);
  insert into change (kind, ref_id, account_id) select 'act', act, account_id from acts where id = act;
  perform stock_changed(variant_ids);
  return command_done(cmd, jsonb_build_object('outcome', 'cancelled', 'act', act, 'lines', ended));
end $$;
