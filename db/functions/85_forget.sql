-- Orders with what went out in exchange for them, and what that went out for.
create or replace function orders_family(p_orders bigint[]) returns bigint[] language sql stable as $$
  with recursive family as (
    select unnest(p_orders) as id
    union
    select x.id from family f cross join lateral (
      select o.exchange_of as id from orders o where o.id = f.id and o.exchange_of is not null
      union all
      select o.id from orders o where o.exchange_of = f.id) x)
  select array(select id from family order by id)
$$;

-- Buyers who want to be forgotten: the personal data of orders go for good, and what is told of them later brings none back. The row of order_people holds the order's own
-- key: without it no copy can be read. The link to follow the order, and who else may collect, go with it; books, ledger and statistics stay as they are.
-- What was exchanged goes with what went out for it, whichever of them is named. cmd: orderIds. Answers {"outcome": "forgotten", "orders": how many of them there are}.
create or replace function orders_forget_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  order_ids bigint[] := '{}';
  family bigint[];
  n int;
begin
  if answer is not null then
    return answer;
  end if;
  loop
    family := orders_family(array(select x::bigint from jsonb_array_elements_text(cmd->'orderIds') x));
    -- Something may have been exchanged while we waited.
    exit when family <@ order_ids;
    order_ids := family;
    -- Whoever books one of them just now is done, or sees the mark.
    perform 1 from orders where id = any(order_ids) order by id for no key update;
  end loop;
  update orders set people_gone_at = clock_timestamp() where id = any(order_ids) and people_gone_at is null;
  delete from order_people where order_id = any(order_ids);
  update buyer_notices set state = 'dropped', due_at = null, ended_at = clock_timestamp(), last_trouble = 'nobody' where order_id = any(order_ids) and state = 'waiting';
  insert into audit (actor, act, subject) select cmd->>'actor', 'order.forget', 'order:' || id from orders where id = any(order_ids) order by id;
  get diagnostics n = row_count;
  return command_done(cmd, jsonb_build_object('outcome', 'forgotten', 'orders', n));
end $$;
