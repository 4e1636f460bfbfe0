-- Something the hub does of itself about an order failed, whatever it was: it is tried again later and later, an hour apart at the most. What failed last a day ago begins anew.
create or replace function order_trouble_1(p_what text, p_ref bigint, p_order bigint, p_trouble text, p_now timestamptz) returns void language sql as $$
  insert into order_troubles as t (what, ref_id, order_id, retry_at, trouble, since) values (p_what, p_ref, p_order, p_now + interval '10 seconds', p_trouble, p_now)
  on conflict (what, ref_id) do update set trouble = excluded.trouble,
    tries = case when t.retry_at < p_now - interval '1 day' then 1 else t.tries + 1 end,
    since = case when t.retry_at < p_now - interval '1 day' then p_now else t.since end,
    retry_at = p_now + case when t.retry_at < p_now - interval '1 day' then interval '10 seconds' else least(interval '1 hour', interval '10 seconds' * 2 ^ least(t.tries, 9)) end
$$;

-- Whether it has stepped back at an instant.
create or replace function order_steps_back(p_what text, p_ref bigint, p_now timestamptz) returns boolean language sql stable as $$
  select exists (select from order_troubles t where t.what = p_what and t.ref_id = p_ref and t.retry_at > p_now)
$$;
