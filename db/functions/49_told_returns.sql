-- Takes back what a platform tells in a report of returns. Each: {key, orderId, lineId or null, sku or null, units, on (the day it arrived)}. What was taken of a key is
-- taken once; of more units under it, those that are more. Answers an array in their order: {key, outcome, free (units that left and were not told to be back)}, outcome one of booked, exists, before, foreign,
-- unknown_order, unknown_line, not_shipped.
create or replace function returns_take_1(p_account bigint, p_returns jsonb, cmd jsonb) returns jsonb language plpgsql as $$
declare
  told record;
  l order_lines;
  order_ids bigint[];
  variant_ids bigint[];
  locked bigint[] := '{}';
  touched bigint[] := '{}';
  since date := (select returns_since::date from accounts where id = p_account);
  v_shipped int;
  v_returned int;
  v_before int;
  v_more int;
  v_left int;
  outcome text;
  answers jsonb := '[]';
begin
  -- Orders first, in one fixed order, then what was sold by them: as booking does.
  select coalesce(array_agg(distinct o.id), '{}') into order_ids from jsonb_array_elements(p_returns) e join channels c on c.account_id = p_account
  cross join lateral (select x.id from orders x where x.channel_id = c.id and x.external_id = e->>'orderId' limit 1) o;
  perform 1 from orders where id = any(order_ids) order by id for no key update;
  loop
    variant_ids := orders_book_variants('[]', order_ids) || locked;
    exit when variant_ids <@ locked;
    perform stock_lock(variant_ids);
    locked := variant_ids;
  end loop;
  perform stock_expire(variant_ids, cmd);

  for told in
    select e->>'key' as key, e->>'lineId' as line_id, e->>'sku' as sku, coalesce(e->>'lineId', 'sku:' || (e->>'sku')) as line, (e->>'units')::int as units,
      (e->>'on')::date as arrived, o.id as order_id, o.channel_id, o.state
    from jsonb_array_elements(p_returns) with ordinality x(e, ord)
    left join lateral (select f.* from orders f join channels c on c.id = f.channel_id where c.account_id = p_account and f.external_id = e->>'orderId' limit 1) o on true
    order by ord
  loop
    v_shipped := null;
    v_before := (select coalesce(sum(units), 0) from returns_taken where order_id = told.order_id and line = told.line);
    v_more := told.units - coalesce((select units from returns_taken where account_id = p_account and key = told.key), 0);
    if v_more <= 0 then
      outcome := 'exists';
    elsif told.arrived < since then
      outcome := 'before';
    elsif told.order_id is null then
      outcome := 'unknown_order';
    elsif told.state = 'foreign' then
      outcome := 'foreign';
    else
      -- The line that is named; where none is, all of that SKU. What was handed over instead of it comes back as what it is.
      select sum(x.shipped), sum(x.returned) into v_shipped, v_returned from order_lines_meant(told.order_id, told.line_id, told.sku) x;
      outcome := case when v_shipped is null then 'unknown_line' when v_shipped - v_before < v_more then 'not_shipped' else 'booked' end;
    end if;
    if outcome = 'booked' then
      insert into returns_taken (account_id, key, order_id, line, units) values (p_account, told.key, told.order_id, told.line, told.units)
      on conflict (account_id, key) do update set units = excluded.units, taken_at = clock_timestamp();
      -- What a person has received of them already is theirs.
      v_left := greatest(v_before + v_more - v_returned, 0);
      for l in
        select * from order_lines_meant(told.order_id, told.line_id, told.sku) x where x.shipped > x.returned and v_left > 0 order by x.id
      loop
        exit when v_left = 0;
        perform order_line_return(l.id, least(v_left, l.shipped - l.returned), told.channel_id, cmd);
        v_left := v_left - least(v_left, l.shipped - l.returned);
        touched := touched || l.variant_id || array(select variant_id from order_line_parts where order_line_id = l.id);
      end loop;
      perform order_turn(told.order_id, 'return', null, jsonb_build_object('return', told.key, 'units', told.units, 'on', told.arrived), cmd);
      insert into change (kind, ref_id, channel_id) values ('order', told.order_id, told.channel_id);
    end if;
    answers := answers || jsonb_build_array(jsonb_build_object('key', told.key, 'outcome', outcome, 'free', v_shipped - v_before));
  end loop;

  touched := array_remove(touched, null);
  if cardinality(touched) > 0 then
    perform stock_fill_all(touched, cmd);
    perform stock_changed(touched);
  end if;
  return answers;
end $$;
