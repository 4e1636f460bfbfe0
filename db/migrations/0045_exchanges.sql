-- Exchanges: goods that come back, and an order of the hub's own that goes out for them.
-- An older program works on: it routes and hands over what goes out like any order, and shows it as one of its channel.
-- To undo by hand: drop the table, the column and the rows of order_holds of the kind `return`.

-- Whose goods come back for it; null: its channel sold it.
alter table orders add column exchange_of bigint references orders (id);
create index orders_by_exchange on orders (exchange_of) where exchange_of is not null;

create table exchanges (
  replacement_id bigint primary key references orders (id),
  return_id bigint not null unique references returns (id),
  -- It goes out only when the goods are back: held, with its stock promised.
  waits boolean not null,
  -- Until when the goods are to be back. What waits for them is cancelled then.
  return_by timestamptz,
  -- What the buyer is to pay more (above 0), or is to get back (below), as somebody stated it.
  difference numeric(18,6) not null,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  check (not waits or return_by is not null)
);
create index exchanges_return_by on exchanges (return_by) where return_by is not null;

alter table order_holds drop constraint order_holds_kind_check;
alter table order_holds add constraint order_holds_kind_check check (kind in ('payment', 'address', 'fraud', 'short', 'return', 'manual'));
