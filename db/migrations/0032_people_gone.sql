-- A buyer who wants to be forgotten stays forgotten, whatever is told of his orders later. Older programs work on; what they book again brings his data back.
-- To undo by hand: drop the column.
alter table orders add column people_gone_at timestamptz;
