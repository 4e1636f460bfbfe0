-- A buyer at the counter names the number of the order, in whatever letters; a store's desk looked through all orders for it.
-- An older program works on. To undo by hand: drop index orders_by_number.
create index orders_by_number on orders (lower(number));
