-- A hold that an order's channel asks for ends when the channel asks for it no more. An older program works on and ends none by itself.
-- To undo by hand: drop the column.
alter table order_holds add column by_channel boolean not null default false;
