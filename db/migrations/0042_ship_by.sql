-- By when a platform wants an order shipped, where it says so; null for orders that were booked before, until they change. Older programs work on and leave it as it is.
-- To undo by hand: drop the column.
alter table orders add column ship_by timestamptz;
create index orders_to_ship on orders (ship_by) where ship_by is not null and state in ('accepted', 'held', 'routed', 'in_fulfilment');
