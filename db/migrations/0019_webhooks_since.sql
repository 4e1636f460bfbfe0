-- Since when a platform is subscribed to tell us of orders, so that one which never does is noticed.
-- An older program works on: it does not note it.
-- To undo by hand: drop the column.

alter table accounts add column webhooks_since timestamptz;
