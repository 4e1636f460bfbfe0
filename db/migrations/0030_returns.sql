-- Goods that come back, at any location: announced, then received and looked at, each unit to stock, put aside, or thrown away.
-- Older programs know nothing of it, and go on booking what platforms say came back.
-- To undo by hand: drop the two tables.

create table returns (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders (id),
  state text not null check (state in ('announced', 'received', 'cancelled')),
  -- Where it is expected, later where it came.
  location_id bigint references locations (id),
  reason text,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  ended_by text
);
create index returns_by_order on returns (order_id, id);
create index returns_announced on returns (location_id, id) where state = 'announced';

create table return_lines (
  return_id bigint not null references returns (id),
  order_line_id bigint not null references order_lines (id),
  announced integer not null default 0 check (announced >= 0),
  to_stock integer not null default 0 check (to_stock >= 0),
  unavailable integer not null default 0 check (unavailable >= 0),
  scrapped integer not null default 0 check (scrapped >= 0),
  primary key (return_id, order_line_id)
);
