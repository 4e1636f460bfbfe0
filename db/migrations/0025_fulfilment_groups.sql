-- Orders get a life of their own (held, routed, in fulfilment, returned), what is handed over together stands in fulfilment groups, and a line
-- knows whether it is sent or collected. Older programs work on: they make no groups and write the states that they know.
-- To undo by hand: drop the three tables and the two columns, and set orders of the new states to accepted or fulfilled.

alter table orders drop constraint orders_state_check;
alter table orders add constraint orders_state_check
  check (state in ('received', 'accepted', 'held', 'routed', 'in_fulfilment', 'fulfilled', 'cancelled', 'returned', 'foreign')) not valid;
alter table orders validate constraint orders_state_check;

alter table order_lines add column method text not null default 'ship' constraint order_lines_method_check check (method in ('ship', 'collect'));
-- Where the buyer wants to collect it, where the channel told.
alter table order_lines add column collect_location_id bigint constraint order_lines_collect_location_id_fkey references locations (id);

-- Lines of one order that are handed over together, from one location, one way. Its open units are promised at that location.
create table fulfilment_groups (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders (id),
  location_id bigint not null references locations (id),
  method text not null check (method in ('ship', 'collect', 'ship_to_store')),
  -- ship_to_store: where the buyer collects what the location sends there.
  collect_location_id bigint references locations (id),
  state text not null default 'waiting' check (state in ('waiting', 'picking', 'ready', 'done', 'cancelled', 'rejected')),
  ready_by timestamptz,
  deliver_by timestamptz,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  state_since timestamptz not null default clock_timestamp()
);
create index fulfilment_groups_by_order on fulfilment_groups (order_id);
create unique index fulfilment_groups_open on fulfilment_groups (order_id, location_id, method, coalesce(collect_location_id, 0))
  where state in ('waiting', 'picking', 'ready');
create index fulfilment_groups_by_location on fulfilment_groups (location_id, state, ready_by) where state in ('waiting', 'picking', 'ready');

-- assigned = open + done + released: open units are promised at the group's location, released ones were cancelled, lost or given to another group.
create table fulfilment_lines (
  group_id bigint not null references fulfilment_groups (id),
  order_line_id bigint not null references order_lines (id),
  assigned integer not null check (assigned > 0),
  picked integer not null default 0 check (picked >= 0),
  done integer not null default 0 check (done >= 0),
  released integer not null default 0 check (released >= 0),
  primary key (group_id, order_line_id),
  check (done + released <= assigned)
);
create index fulfilment_lines_by_line on fulfilment_lines (order_line_id);

-- What happened to an order and its groups, by named transitions; append-only.
create table order_events (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders (id),
  group_id bigint references fulfilment_groups (id),
  transition text not null,
  from_state text,
  to_state text,
  reason text,
  detail jsonb,
  actor text not null,
  at timestamptz not null default clock_timestamp()
);
create index order_events_by_order on order_events (order_id, id);
create index order_events_by_group on order_events (group_id, id) where group_id is not null;
