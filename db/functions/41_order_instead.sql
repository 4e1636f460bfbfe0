-- Units of a sold line that are handed over as another SKU stand in a line of their own (instead_of): it is promised, routed, picked, handed over and taken back as any line. The platform
-- knows the sold line alone: what it states of that is shared out here, and what it is told is brought together.

-- The id under which the platform knows a line: what is handed over instead of a line is part of that.
create or replace function order_line_external(p_line bigint) returns text language sql stable as $$
  select coalesce(l.external_line_id, (select s.external_line_id from order_lines s where s.id = l.instead_of)) from order_lines l where l.id = p_line
$$;

-- The lines of an order that a platform means by its id of a line, or by the SKU that it sold: with what was handed over instead.
create or replace function order_lines_meant(p_order bigint, p_external text, p_sku text) returns setof order_lines language sql stable as $$
  select l.* from order_lines l where l.order_id = p_order and coalesce(l.instead_of, l.id) in (
    select s.id from order_lines s
    where s.order_id = p_order and s.instead_of is null and case when p_external is null then s.sku = p_sku else s.external_line_id = p_external end)
$$;

-- Lines of an act ([{lineId, externalLineId, quantity}]) as the platform knows them: each of its lines once.
create or replace function order_lines_told(p_lines jsonb) returns jsonb language sql stable as $$
  select jsonb_agg(jsonb_build_object('lineId', x.id, 'externalLineId', x.external_line_id, 'quantity', x.units) order by x.id) from (
    select s.id, s.external_line_id, sum((w->>'quantity')::int) as units
    from jsonb_array_elements(p_lines) w join order_lines l on l.id = (w->>'lineId')::bigint join order_lines s on s.id = coalesce(l.instead_of, l.id) group by s.id) x
$$;

-- Gives units that a line hands over instead of another back to that: p_open of those that are still open, p_ended of those that were cancelled.
create or replace function order_line_give_back(p_line bigint, p_open int, p_ended int, p_channel bigint, cmd jsonb) returns void language plpgsql as $$
declare
  l order_lines;
begin
  select * into l from order_lines where id = p_line;
  perform order_line_open(p_line, l.reserved + l.short - p_open, p_channel, null, cmd);
  update order_lines set cancelled = cancelled - p_ended, ordered = ordered - p_open - p_ended where id = p_line;
  update order_lines set ordered = ordered + p_open + p_ended, substituted = substituted - p_open - p_ended where id = l.instead_of;
end $$;

-- What a channel states of a line (in and out: what is left of that for the line itself) of which units are handed over as another SKU. Units that left are of the line itself as far as
-- those were promised; what is no longer wanted is given back to the line, the newest first, and is the line's to cancel. p_counted: what of those units counts as sold.
-- The caller holds the order and the locks of all its SKUs.
create or replace function order_line_share(p_line bigint, p_effect text, p_ours boolean, p_channel bigint, cmd jsonb,
  inout p_ordered int, inout p_cancelled int, inout p_shipped int, inout p_returned int, out p_counted int) returns record language plpgsql as $$
declare
  l order_lines;
  r order_lines;
  others record;
  v_shipped int;
  v_cancelled int;
  left_over int;
  take int;
begin
  select * into l from order_lines where id = p_line;
  select sum(reserved + short)::int as open, sum(shipped)::int as shipped, sum(cancelled)::int as cancelled, sum(returned)::int as returned into others
  from order_lines where instead_of = p_line;
  v_shipped := greatest(l.shipped + others.shipped, case p_effect when 'settle' then p_ordered - p_cancelled else p_shipped end);
  if p_effect in ('ignore', 'foreign') then
    -- Nothing is promised: all of it is the sold SKU's again.
    left_over := others.open;
  else
    left_over := least(greatest(v_shipped - l.shipped - others.shipped - l.reserved, 0), others.open);
    for r in select * from order_lines where instead_of = p_line and reserved + short > 0 order by id loop
      exit when left_over = 0;
      take := least(left_over, r.reserved + r.short);
      perform order_line_ship(r.id, take, p_channel, cmd);
      left_over := left_over - take;
    end loop;
    v_cancelled := case p_effect when 'cancel' then greatest(p_ordered - v_shipped, 0) else p_cancelled end;
    if p_ours then
      v_cancelled := greatest(l.cancelled + others.cancelled, v_cancelled);
    end if;
    select greatest(sum(reserved + short)::int - greatest(p_ordered - v_shipped - v_cancelled, 0), 0) into left_over from order_lines where instead_of = p_line;
    -- What we cancelled and the platform did not is wanted again.
    others.cancelled := greatest(others.cancelled - v_cancelled, 0);
    for r in select * from order_lines where instead_of = p_line and cancelled > 0 order by id desc loop
      exit when others.cancelled = 0;
      take := least(others.cancelled, r.cancelled);
      perform order_line_give_back(r.id, 0, take, p_channel, cmd);
      others.cancelled := others.cancelled - take;
    end loop;
  end if;
  for r in select * from order_lines where instead_of = p_line and reserved + short > 0 order by id desc loop
    exit when left_over = 0;
    take := least(left_over, r.reserved + r.short);
    perform order_line_give_back(r.id, take, 0, p_channel, cmd);
    left_over := left_over - take;
  end loop;
  if p_effect not in ('ignore', 'foreign') then
    select sum(shipped)::int as shipped, sum(returned)::int as returned into others from order_lines where instead_of = p_line;
    left_over := least(p_returned, v_shipped) - l.returned - others.returned - greatest(v_shipped - others.shipped - l.returned, 0);
    for r in select * from order_lines where instead_of = p_line and shipped > returned order by id loop
      exit when left_over <= 0;
      take := least(left_over, r.shipped - r.returned);
      perform order_line_return(r.id, take, p_channel, cmd);
      left_over := left_over - take;
    end loop;
  end if;
  select greatest(p_ordered - sum(ordered)::int, 0), greatest(p_cancelled - sum(cancelled)::int, 0), greatest(p_shipped - sum(shipped)::int, 0),
    greatest(p_returned - sum(returned)::int, 0), sum(ordered - cancelled - returned)::int
  into p_ordered, p_cancelled, p_shipped, p_returned, p_counted from order_lines where instead_of = p_line;
end $$;
