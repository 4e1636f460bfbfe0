-- Prices that begin or end at an instant are told a moment ahead of it, and stay due until it has come.
-- To undo by hand: drop what is created here.

alter table due add column told_at timestamptz;
create index due_dates on due (at) where what in ('price', 'list');
