-- Who a buyer is at his platform, as a hash, so that his personal data can be found when he wants to be forgotten.
-- An older program works on: it writes no marks, and what it keeps is removed by its age alone.
-- To undo by hand: drop the column.

alter table order_people add column buyer_mark bytea;
create index order_people_by_buyer on order_people (buyer_mark) where buyer_mark is not null;
