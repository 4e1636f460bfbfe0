-- What a platform is told of an order while no stock moves: that it was accepted, that it may be collected, and money that goes back.

-- We tell that an order is accepted (`acknowledge`, open units), or that promised units of it may be collected (`ready`).
-- cmd: orderId, act, lines [{lineId, quantity}] (all of them when absent). Answers {"outcome": "told", "act", "lines"}, unknown, nothing_open,
-- or not_reserved {lineId, asked, reserved}. An order that is held is not told as accepted.
create or replace function order_tell_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  chosen jsonb;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId'));
  end if;
  if cmd->>'act' = 'acknowledge' and o.state = 'held' then
    return command_open(cmd, jsonb_build_object('outcome', 'nothing_open', 'state', o.state));
  end if;
  chosen := order_lines_chosen(o, cmd, cmd->>'act' = 'ready');
  if chosen ? 'outcome' then
    return command_open(cmd, chosen);
  end if;
  return command_done(cmd, jsonb_build_object('outcome', 'told', 'act', order_act(o, cmd->>'act', chosen, cmd)) || chosen);
end $$;

-- The first line of which more would go back than was paid for it, or `shipping` with the fees; null where there is none, or the order's amounts are not known.
create or replace function order_refund_beyond(o orders, asked jsonb, shipping numeric) returns jsonb language sql stable as $$
  with one as (
    select e.key as ext, e.value::numeric as asked from jsonb_each_text(asked) e
    union all
    select null, shipping where shipping is not null
  ), whole as (
    select one.ext, one.asked, c.paid, coalesce(b.amount, 0) as refunded
    from one join order_charges(o) c on c.ext is not distinct from one.ext left join order_backs(o.id) b on b.ext is not distinct from one.ext
  )
  select jsonb_build_object('asked', w.asked, 'paid', w.paid, 'refunded', w.refunded) || case when w.ext is null then '{"of": "shipping"}'
    else jsonb_build_object('lineId', (select l.id from order_lines l where l.order_id = o.id and l.external_line_id = w.ext)) end
  from whole w where w.refunded + w.asked > w.paid
    -- What is over of one or the other comes of what was taken off, as far as that goes.
    and order_overpaid(o) < (select sum(greatest(coalesce(b.amount, 0) + coalesce(x.asked, 0) - c.paid, 0)) from order_charges(o) c
      left join order_backs(o.id) b on b.ext is not distinct from c.ext left join one x on x.ext is not distinct from c.ext)
  order by w.ext limit 1
$$;

-- Money goes back to the buyer; the units that it is for stay where they are. cmd: orderId, lines [{lineId, quantity, amount}], shipping (null: none of it), cause, reason;
-- amounts as decimal text. Answers {"outcome": "refunded", "act", "lines"}, unknown, too_many {lineId, asked, ordered}, total_unknown,
-- or too_much {asked, paid, refunded, currency, lineId or of: 'shipping' where it is that alone}: with what was asked for before and not refused, and what cancellations give back by themselves, never more than was paid
-- for the order, and where its amounts are known never more than for the line, or for shipping and fees together; for a line of which units were `exchanged`, for the others.
create or replace function order_refund_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  o orders;
  item record;
  given jsonb := '[]';
  amounts jsonb := '{}';
  asked numeric := coalesce((cmd->>'shipping')::numeric, 0);
  paid numeric;
  before numeric;
  beyond jsonb;
  act bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into o from orders where id = (cmd->>'orderId')::bigint for no key update;
  if o.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'order', 'value', cmd->>'orderId'));
  end if;
  paid := order_paid(o);
  if paid is null then
    return command_open(cmd, jsonb_build_object('outcome', 'total_unknown'));
  end if;
  for item in
    -- Money goes back for what was sold, whatever was handed over instead.
    select min((w->>'lineId')::bigint) as asked_id, s.id, s.external_line_id, s.ordered + s.substituted as ordered, sum((w->>'quantity')::int)::int as quantity,
      sum((w->>'amount')::numeric)::text as amount
    from jsonb_array_elements(coalesce(cmd->'lines', '[]')) w left join order_lines l on l.id = (w->>'lineId')::bigint and l.order_id = o.id
    left join order_lines s on s.id = coalesce(l.instead_of, l.id) group by s.id order by 1
  loop
    if item.id is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'line', 'value', item.asked_id));
    end if;
    if item.quantity > item.ordered then
      return command_open(cmd, jsonb_build_object('outcome', 'too_many', 'lineId', item.id, 'sku', order_line_sku(item.id), 'asked', item.quantity, 'ordered', item.ordered));
    end if;
    given := given || jsonb_build_array(jsonb_build_object('lineId', item.id, 'externalLineId', item.external_line_id, 'quantity', item.quantity));
    amounts := amounts || jsonb_build_object(item.external_line_id, item.amount);
    asked := asked + item.amount::numeric;
  end loop;
  before := order_back_total(o);
  if before + asked > paid then
    beyond := jsonb_build_object('asked', asked, 'paid', paid, 'refunded', before);
  else
    beyond := coalesce(order_refund_beyond(o, amounts, (cmd->>'shipping')::numeric), order_refund_exchanged(o, amounts));
  end if;
  if beyond is not null then
    return command_open(cmd, beyond || jsonb_build_object('outcome', 'too_much', 'sku', order_line_sku((beyond->>'lineId')::bigint), 'asked', trim_scale((beyond->>'asked')::numeric)::text,
      'paid', trim_scale((beyond->>'paid')::numeric)::text, 'refunded', trim_scale((beyond->>'refunded')::numeric)::text, 'currency', o.currency));
  end if;
  act := order_act(o, 'refund', jsonb_build_object('lines', given, 'cause', cmd->>'cause', 'reason', cmd->>'reason', 'refund', jsonb_build_object(
    'currency', o.currency, 'amounts', amounts, 'shipping', cmd->>'shipping', 'total', asked::text)), cmd);
  return command_done(cmd, jsonb_build_object('outcome', 'refunded', 'act', act, 'lines', given));
end $$;
