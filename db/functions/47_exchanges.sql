-- Exchanges: what goes out for goods that come back. It is an order of the hub's own in the same channel, of which the platform knows nothing.

-- The part of what went out in exchange that its buyer has or is still to get. What was cancelled of it or came back is none; what came back for another exchange is, as far as that
-- one is. All its units count alike: nobody states what each is worth.
create or replace function exchange_part(p_replacement bigint) returns numeric language sql stable as $$
  -- weight: the part of the first that all of this order stands for.
  with recursive went as (
    select p_replacement as id, 1::numeric as weight
    union all
    select x.replacement_id, w.weight * c.units / nullif(s.units, 0) from went w join returns r on r.order_id = w.id join exchanges x on x.return_id = r.id
    cross join lateral (select sum(l.to_stock + l.unavailable + l.scrapped) as units from return_lines l where l.return_id = r.id) c
    cross join lateral (select sum(n.ordered) as units from order_lines n where n.order_id = w.id) s
  )
  select coalesce(sum(w.weight * n.part), 0) from went w cross join lateral (
    select sum(l.reserved + l.short + l.shipped - l.returned)::numeric / nullif(sum(l.ordered), 0) as part from order_lines l where l.order_id = w.id) n
$$;

-- Units that were exchanged, by the line that was sold (what was handed over as another SKU counts where it was sold), and what is to go back for the order as it was stated, also
-- where what went out was exchanged in turn: each exchange as far as its buyer has what went out for it, or is to get it. The return of the other units is as any other.
drop function if exists order_exchanged(bigint);
create or replace function order_exchanged_part(p_order bigint) returns table (line_id bigint, units numeric, to_go_back numeric) language sql stable as $$
  with recursive made as (
    select r.id, r.order_id, x.replacement_id, x.difference from returns r join exchanges x on x.return_id = r.id where r.order_id = p_order
    union all
    select r.id, r.order_id, x.replacement_id, x.difference from made m join returns r on r.order_id = m.replacement_id join exchanges x on x.return_id = r.id
  ), kept as (
    select m.id, m.order_id, greatest(-m.difference, 0) as less, exchange_part(m.replacement_id) as part from made m
  )
  -- Of what was announced and stays away, the buyer has both.
  select coalesce(n.instead_of, n.id), round(sum(k.part * greatest(l.announced, l.to_stock + l.unavailable + l.scrapped)), 12), (select sum(less * part) from kept)
  from kept k join return_lines l on l.return_id = k.id join order_lines n on n.id = l.order_line_id where k.order_id = p_order and k.part > 0 group by 1
$$;

-- What the lines cost that an order was sold as, for all that was ordered (null where nobody told), and what went or goes back for them.
create or replace function order_lines_paid(o orders) returns table (line_id bigint, ext text, ordered int, paid numeric, refunded numeric) language sql stable as $$
  select l.id, l.external_line_id, s.ordered, coalesce(c.paid, l.unit_price * s.ordered), coalesce(b.amount, 0)
  from order_lines l cross join lateral (select l.ordered + l.substituted as ordered) s
  left join order_charges(o) c on c.ext = l.external_line_id left join order_backs(o.id) b on b.ext = l.external_line_id where l.order_id = o.id and l.instead_of is null
$$;

-- The first line for which more would go back than its units that were not exchanged cost, and no difference was stated for it; null where there is none. asked: amounts by
-- the platform's id of the line.
create or replace function order_refund_exchanged(o orders, asked jsonb) returns jsonb language sql stable as $$
  with lines as (
    -- In whole minor units, in the buyer's favour; what is left over of a division that does not end is none.
    select p.line_id, x.units, ceil(round(x.to_go_back * d.minor, 3)) / d.minor as to_go_back, p.refunded, coalesce((asked->>p.ext)::numeric, 0) as asked,
      ceil(round(p.paid * greatest(p.ordered - x.units, 0) / p.ordered * d.minor, 3)) / d.minor as left_over
    from order_exchanged_part(o.id) x join order_lines_paid(o) p on p.line_id = x.line_id
    cross join (select 10::numeric ^ coalesce((o.amounts->>'digits')::int, 2) as minor) d
    where p.ordered > 0 and (p.paid is not null or x.units >= p.ordered)
  ), over as (
    select *, coalesce(left_over, 0) as most, greatest(refunded - coalesce(left_over, 0), 0) as before, greatest(refunded + asked - coalesce(left_over, 0), 0) as after from lines
  ), whole as (
    select sum(after) > max(to_go_back) and sum(after) > sum(before) as is_beyond from over
  )
  select jsonb_build_object('lineId', o.line_id, 'exchanged', trim_scale(round(o.units, 2)), 'asked', o.asked, 'paid', o.most + o.to_go_back, 'refunded', o.refunded)
  from over o, whole w where w.is_beyond and o.after > o.before order by o.line_id limit 1
$$;

-- The first line of which more units would be exchanged than are paid for: those for which all money went back already are not. Null where there is none.
create or replace function order_exchange_unpaid(o orders, p_lines jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('outcome', 'paid_back', 'lineId', w.id, 'sku', order_line_sku(w.id), 'asked', w.units, 'left', greatest(w.left_over, 0)) from (
    select p.line_id as id, a.units, (p.ordered - coalesce(ceil(x.units), 0) - coalesce(floor(greatest(p.refunded - coalesce(x.to_go_back, 0), 0) * p.ordered / nullif(p.paid, 0)), 0))::int as left_over
    from (select coalesce(n.instead_of, n.id) as id, sum(coalesce((e->>'quantity')::int, (e->>'toStock')::int + (e->>'unavailable')::int + (e->>'scrapped')::int)) as units
      from jsonb_array_elements(p_lines) e join order_lines n on n.id = (e->>'lineId')::bigint group by 1) a
    join order_lines_paid(o) p on p.line_id = a.id left join order_exchanged_part(o.id) x on x.line_id = a.id) w
  where w.units > w.left_over order by w.id limit 1
$$;

-- What goes out for a return, its row locked; null where nothing does. The caller holds the row of the order that came back, which is the older one.
create or replace function exchange_take(p_return bigint) returns bigint language plpgsql as $$
declare
  replacement bigint;
begin
  select replacement_id into replacement from exchanges where return_id = p_return;
  perform 1 from orders where id = replacement for no key update;
  return replacement;
end $$;

-- What waited for goods waits no longer. The caller holds its row.
create or replace function exchange_let_go(p_replacement bigint, cmd jsonb) returns void language plpgsql as $$
begin
  update order_holds set ended_at = clock_timestamp(), ended_by = coalesce(cmd->>'actor', 'system') where order_id = p_replacement and kind = 'return' and ended_at is null;
  if found then
    perform order_turn(p_replacement, 'let_go', null, '{"kinds": ["return"]}', cmd - 'reason');
  end if;
end $$;

-- Goods came back: what waits for them goes on where all came that was announced, else a person may decide until they are to be back. The caller holds both orders and their variants.
create or replace function exchange_came(p_replacement bigint, cmd jsonb) returns void language plpgsql as $$
declare
  told int;
  came int;
begin
  select sum(l.announced), sum(l.to_stock + l.unavailable + l.scrapped) into told, came
  from exchanges x join return_lines l on l.return_id = x.return_id where x.replacement_id = p_replacement;
  if came < told then
    update order_holds set reason = format('%s of %s units came back', came, told) where order_id = p_replacement and kind = 'return' and ended_at is null;
  else
    perform exchange_let_go(p_replacement, cmd);
  end if;
  insert into change (kind, ref_id, channel_id) select 'order', id, channel_id from orders where id = p_replacement;
end $$;

-- How many units of what waits go out for the goods that came back so far; null where a person has to say, because what came for what is plain only where one line came back for
-- one line, and comes to whole units.
create or replace function exchange_goes_on(p_replacement bigint) returns int language sql stable as $$
  select case when sum(c.came) = 0 then 0
    when count(*) = 1 and min(n.lines) = 1 and min(n.ordered) * sum(c.came) % sum(c.announced) = 0 then (min(n.ordered) * sum(c.came) / sum(c.announced))::int end
  from exchanges x cross join lateral (select l.announced, l.to_stock + l.unavailable + l.scrapped as came from return_lines l where l.return_id = x.return_id) c
  cross join lateral (select count(*) as lines, sum(l.ordered) as ordered from order_lines l where l.order_id = x.replacement_id) n where x.replacement_id = p_replacement and x.waits
$$;

-- Of what waits for goods all but `p_keep` units of each line are cancelled and free again, and those go on; nothing where it does not wait any more. The caller holds its row. Answers
-- whether it waited.
drop function if exists exchange_end(bigint, jsonb);
create or replace function exchange_end(p_replacement bigint, p_keep int, cmd jsonb) returns boolean language plpgsql as $$
declare
  o orders;
  parts jsonb;
  variant_ids bigint[];
begin
  if not exists (select from order_holds where order_id = p_replacement and kind = 'return' and ended_at is null) then
    return false;
  end if;
  select * into o from orders where id = p_replacement;
  variant_ids := order_variants(o.id);
  perform stock_lock(variant_ids);
  perform stock_expire(variant_ids, cmd);
  parts := order_lines_chosen(o, jsonb_build_object('lines',
    (select jsonb_agg(jsonb_build_object('lineId', l.id, 'quantity', l.reserved + l.short - p_keep)) from order_lines l where l.order_id = o.id)), false);
  -- A person may have cancelled as many before.
  if parts ? 'lines' then
    perform order_line_end((x->>'lineId')::bigint, (x->>'quantity')::int, o.channel_id, cmd) from jsonb_array_elements(parts->'lines') x;
    perform order_act(o, 'cancel', parts || jsonb_build_object('cause', 'other', 'reason', cmd->>'reason'), cmd);
    perform order_turn(o.id, 'cancel', null, parts || '{"cause": "other"}', cmd);
  end if;
  if p_keep > 0 then
    perform exchange_let_go(o.id, cmd);
  end if;
  perform stock_fill_all(variant_ids, cmd);
  perform stock_changed(variant_ids);
  return true;
end $$;

-- Ends one exchange that waits for goods which were to be back by now; what came back in time of them goes on. One that cannot be ended steps back behind the others. Answers its
-- replacement; null where there is none that no person has to decide, or none that nobody else has just now.
create or replace function exchange_end_overdue_1(p_now timestamptz) returns bigint language plpgsql as $$
declare
  overdue bigint;
  keep int;
begin
  loop
    select o.id into overdue from exchanges x join orders o on o.id = x.replacement_id
    where x.return_by <= p_now and x.waits and o.state = 'held' and exists (select from order_holds h where h.order_id = o.id and h.kind = 'return' and h.ended_at is null)
      and exchange_goes_on(o.id) is not null and not order_steps_back('exchange', o.id, p_now)
    order by x.return_by limit 1 for no key update of o skip locked;
    -- Some of it may have come while we took the row.
    keep := exchange_goes_on(overdue);
    if keep is null then
      return null;
    end if;
    begin
      perform exchange_end(overdue, keep, jsonb_build_object('actor', 'rule', 'now', p_now, 'reason', 'the goods did not come back in time'));
      return overdue;
    exception when raise_exception or internal_error or data_exception or integrity_constraint_violation then
      perform order_trouble_1('exchange', overdue, overdue, sqlerrm, p_now);
    end;
  end loop;
end $$;
