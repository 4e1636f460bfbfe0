-- What the lanes do beside sending: noting what an order poll covers, and taking up what was left under way.

-- All orders before the instant are known: what was withheld for unseen orders before it, and was not booked, is free to be shown.
create or replace function account_covered_1(p_account bigint, p_until timestamptz) returns void language plpgsql as $$
begin
  update accounts set covered_until = greatest(coalesce(covered_until, '-infinity'), p_until), polled_at = clock_timestamp() where id = p_account;
  update publications set withheld = 0 where (listing_id, field) in (
    select listing_id, field from publications where account_id = p_account and withheld > 0 and withheld_at <= p_until order by listing_id for update);
end $$;

-- What was left in `sent` for longer than any call lasts, or (age 0) by a former holder of the lease: it is read from the platform first; an act
-- is unknown. p_busy: listings whose calls the caller has under way or waiting for their turn: those are not lost. Answers how many were found.
create or replace function account_unstick_2(p_account bigint, p_age interval, p_busy bigint[]) returns int language plpgsql as $$
declare
  n int;
  m int;
begin
  update publications set state = 'intended', reason_code = 'unknown', reason = 'the answer was lost', check_at = clock_timestamp(), retry_at = clock_timestamp()
  where (listing_id, field) in (
    select listing_id, field from publications where account_id = p_account and state = 'sent' and sent_at <= clock_timestamp() - p_age
      and listing_id <> all(p_busy)
      -- What is in a feed waits for its verdict, whoever holds the account.
      and feed_id is null
    order by listing_id, field for update);
  get diagnostics n = row_count;
  update acts set state = 'unknown', retry_at = clock_timestamp() where account_id = p_account and state = 'sent' and sent_at <= clock_timestamp() - p_age;
  get diagnostics m = row_count;
  return n + m;
end $$;

-- As called by the release before.
create or replace function account_unstick_1(p_account bigint, p_age interval) returns int language sql as $$
  select account_unstick_2(p_account, p_age, '{}')
$$;
