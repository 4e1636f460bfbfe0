-- Orders are routed: what a location can do, the rules that choose, every decision with what lost and why, and where an order must not go again.
-- Older programs work on: they route nothing.
-- To undo by hand: drop the five tables, the column and the index.

-- What a location does for orders, versioned. Nothing stated: it sends everything everywhere at any hour, and hands nothing out.
create table location_services (
  id bigint generated always as identity primary key,
  location_id bigint not null references locations (id),
  latitude double precision check (latitude between -90 and 90),
  longitude double precision check (longitude between -180 and 180),
  address text,
  postal_code text,
  -- {"1": [["09:00", "18:00"]], …}: by ISO weekday in the location's zone; a weekday that is missing is closed. Null: always open.
  hours jsonb,
  -- Local time until which work of the same day is begun.
  cut_off text check (cut_off ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  lead_minutes integer not null default 0 check (lead_minutes between 0 and 100000),
  -- Days on which it is closed beside its hours.
  holidays date[] not null default '{}',
  orders_per_day integer check (orders_per_day >= 0),
  units_per_day integer check (units_per_day >= 0),
  ships boolean not null default true,
  collects boolean not null default false,
  -- Countries that it sends to; null: all.
  ships_to text[],
  -- What one parcel, and one unit handled, cost there.
  parcel_cost numeric(18,6) check (parcel_cost >= 0),
  unit_cost numeric(18,6) check (unit_cost >= 0),
  priority integer not null default 0,
  transit_days integer not null default 2 check (transit_days between 0 and 60),
  transit_days_abroad integer not null default 5 check (transit_days_abroad between 0 and 60),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index location_services_current on location_services (location_id) where valid_to is null;

-- Rules of routing, versioned: of a channel, or (without one) of all that have none of their own.
create table routing_rules (
  id bigint generated always as identity primary key,
  channel_id bigint references channels (id),
  version integer not null,
  body jsonb not null,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index routing_rules_current on routing_rules (coalesce(channel_id, 0)) where valid_to is null;
create unique index routing_rules_version on routing_rules (coalesce(channel_id, 0), version);

-- Every decision: the candidates, their scores, why each lost, and what was chosen; append-only.
create table routing_decisions (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders (id),
  rules_id bigint references routing_rules (id),
  outcome text not null check (outcome in ('routed', 'unplaced')),
  group_ids bigint[] not null default '{}',
  body jsonb not null,
  actor text not null,
  at timestamptz not null default clock_timestamp()
);
create index routing_decisions_by_order on routing_decisions (order_id, id);
create index routing_decisions_by_time on routing_decisions (at);

-- A location that gave units of an order up does not get that order again.
create table routing_exclusions (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders (id),
  location_id bigint not null references locations (id),
  group_id bigint references fulfilment_groups (id),
  reason text not null,
  actor text not null,
  at timestamptz not null default clock_timestamp()
);
create index routing_exclusions_by_order on routing_exclusions (order_id);
create index routing_exclusions_by_location on routing_exclusions (location_id, at);

-- Orders of which nothing can be placed now are looked at again later, not at every look.
create table routing_waits (
  order_id bigint primary key references orders (id),
  until timestamptz not null,
  tries integer not null default 1
);

-- The day whose capacity a group takes, by the location's calendar.
alter table fulfilment_groups add column work_on date;
create index fulfilment_groups_by_day on fulfilment_groups (location_id, work_on) where work_on is not null;
create index orders_to_route on orders (id) where state in ('accepted', 'in_fulfilment');
