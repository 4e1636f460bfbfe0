-- What an order costs and how that comes about, as its channel states it (`StoredAmounts` in reads-orders.ts); null for orders that were booked before. Older programs
-- work on and leave it null. To undo by hand: drop the column.
alter table orders add column amounts jsonb;
create index orders_amiss on orders (booked_at) where amounts->'misfit'->>'isRounding' = 'false';
