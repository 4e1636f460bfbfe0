-- Buyers who want to be forgotten: the personal data of orders go for good, and what is told of them later brings none back. The row of order_people holds the order's own
-- key: without it no copy can be read. The link to follow the order, and who else may collect, go with it; books, ledger and statistics stay as they are.
-- cmd: orderIds. Answers {"outcome": "forgotten", "orders": how many of them there are}.
create or replace function orders_forget_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  order_ids bigint[] := array(select x::bigint from jsonb_array_elements_text(cmd->'orderIds') x);
  n int;
begin
  if answer is not null then
    return answer;
  end if;
  -- Whoever books one of them just now is done, or sees the mark.
  perform 1 from orders where id = any(order_ids) order by id for no key update;
  update orders set people_gone_at = clock_timestamp() where id = any(order_ids) and people_gone_at is null;
  delete from order_people where order_id = any(order_ids);
  update buyer_notices set state = 'dropped', due_at = null, ended_at = clock_timestamp(), last_trouble = 'nobody' where order_id = any(order_ids) and state = 'waiting';
  insert into audit (actor, act, subject) select cmd->>'actor', 'order.forget', 'order:' || id from orders where id = any(order_ids) order by id;
  get diagnostics n = row_count;
  return command_done(cmd, jsonb_build_object('outcome', 'forgotten', 'orders', n));
end $$;
