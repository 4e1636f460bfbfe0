-- Stock at full depth: lots, bundles, expected deliveries, transfers, counts, reasons, costs, terms of selling ahead, versioned safety stock.
-- An older program works on: it writes none of this, and the functions that it calls keep their contracts.
-- To undo by hand: drop what is created here; a ledger that already names lots or causes only loses those columns.

-- ---------------------------------------------------------------- commands

-- Rows come in the order of their instants: a summary of blocks finds the old ones, and costs a write nothing.
drop index commands_by_age;
create index commands_by_age on commands using brin (created_at);

-- ---------------------------------------------------------------- catalog

-- The variant whose row is locked in place of this one: all that bundles tie together is decided under one lock. Null: its own.
alter table variants add column family bigint references variants;
create index variants_by_family on variants (family) where family is not null;
-- Units of it are told apart by lot; see lots.
alter table variants add column lot_tracked boolean not null default false;

-- What a bundle consists of. Versioned: a row is closed, never changed. A part may be a bundle itself.
create table bundle_parts (
  id bigint generated always as identity primary key,
  bundle_id bigint not null references variants,
  part_id bigint not null references variants,
  quantity int not null check (quantity > 0),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null,
  check (bundle_id <> part_id)
);
create unique index bundle_parts_current on bundle_parts (bundle_id, part_id) where valid_to is null;
create index bundle_parts_by_part on bundle_parts (part_id) where valid_to is null;
create index bundle_parts_history on bundle_parts (bundle_id, valid_from);

-- The present explosion of each bundle down to what lies on shelves; derived from bundle_parts.
create table bundle_flat (
  bundle_id bigint not null references variants,
  part_id bigint not null references variants,
  quantity int not null check (quantity > 0),
  primary key (bundle_id, part_id)
);
create index bundle_flat_by_part on bundle_flat (part_id);

-- The explosion of a sold line, frozen when it was booked.
create table order_line_parts (
  order_line_id bigint not null references order_lines,
  variant_id bigint not null references variants,
  quantity int not null check (quantity > 0),
  primary key (order_line_id, variant_id)
);
create index order_line_parts_by_variant on order_line_parts (variant_id);

-- A bundle is promised as its parts at one location: rows of one pack stand and fall together, each with per_unit units for each bundle.
-- (A pack's number comes from the same sequence as the ids.)
alter table reservations add column pack bigint;
alter table reservations add column bundle_id bigint;
alter table reservations add column per_unit int not null default 1 check (per_unit > 0);
-- Written only by functions that have looked both up under the lock; neither is ever deleted.
alter table reservations drop constraint reservations_variant_id_fkey, drop constraint reservations_location_id_fkey;
create index reservations_by_pack on reservations (pack) where pack is not null;

-- ---------------------------------------------------------------- stock

-- Units of a lot at a location. Their sums are those of the balance.
create table lots (
  id bigint generated always as identity primary key,
  variant_id bigint not null references variants,
  location_id bigint not null references locations,
  -- Empty: units of which nobody noted the lot.
  code text not null,
  expires_at timestamptz,
  quantity int not null default 0 check (quantity >= 0),
  unavailable int not null default 0 check (unavailable between 0 and quantity),
  -- Its units were moved to unavailable because their time is over.
  expired boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  unique (variant_id, location_id, code)
);
create index lots_expiring on lots (variant_id, expires_at) where not expired and expires_at is not null and quantity > 0;

alter table movements add column lot_id bigint;
alter table movements add column reason_code text;
-- What it belongs to: 'delivery' | 'transfer' | 'count' | 'import' and its id.
alter table movements add column cause_kind text;
alter table movements add column cause_id bigint;
-- What one received unit cost.
alter table movements add column unit_cost numeric(18, 6);
alter table movements add column cost_currency text;
create index movements_by_cause on movements (cause_kind, cause_id) where cause_kind is not null;

-- Why stock is adjusted, damaged or returned: the list that people choose from.
create table stock_reasons (
  code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null check (name <> ''),
  -- The acts that it may be chosen for.
  acts text[] not null check (cardinality(acts) > 0 and acts <@ array['adjust', 'damage', 'restore', 'return', 'transfer', 'count']),
  active boolean not null default true,
  created_at timestamptz not null default clock_timestamp()
);
insert into stock_reasons (code, name, acts) values
  ('found', 'Found', '{adjust}'), ('missing', 'Missing', '{adjust,transfer}'), ('theft', 'Theft', '{adjust,transfer}'),
  ('own-use', 'Own use', '{adjust}'), ('booking-error', 'Booking error', '{adjust,count}'), ('scrapped', 'Scrapped', '{adjust}'),
  ('damaged', 'Damaged', '{damage,return,transfer}'), ('quality-hold', 'Held for quality control', '{damage,return}'), ('recall', 'Recalled', '{damage}'),
  ('repaired', 'Repaired', '{restore}'), ('released', 'Released by quality control', '{restore}'),
  ('not-wanted', 'Not wanted', '{return}'), ('wrong-item', 'Wrong item', '{return}'), ('miscount', 'Miscounted before', '{count}');

-- Safety stock as it was set over time; balances.safety_stock is the present one.
create table safety_stocks (
  id bigint generated always as identity primary key,
  variant_id bigint not null references variants,
  location_id bigint not null references locations,
  quantity int not null check (quantity >= 0),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index safety_stocks_current on safety_stocks (variant_id, location_id) where valid_to is null;
create index safety_stocks_history on safety_stocks (variant_id, valid_from);
insert into safety_stocks (variant_id, location_id, quantity, valid_from, actor)
select variant_id, location_id, safety_stock, updated_at, 'system' from balances where safety_stock > 0;

-- The weighted average of what the units on hand cost, as it came to be. One currency for each variant.
create table variant_costs (
  id bigint generated always as identity primary key,
  variant_id bigint not null references variants,
  average numeric(18, 6) not null check (average >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index variant_costs_current on variant_costs (variant_id) where valid_to is null;
create index variant_costs_history on variant_costs (variant_id, valid_from);

-- Selling what is not there yet: up to quantity_limit units short at a time, promised for available_from where it is known. Versioned.
create table selling_terms (
  id bigint generated always as identity primary key,
  variant_id bigint not null references variants,
  kind text not null check (kind in ('backorder', 'preorder')),
  quantity_limit int not null check (quantity_limit > 0),
  available_from timestamptz,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null,
  check (kind <> 'preorder' or available_from is not null)
);
create unique index selling_terms_current on selling_terms (variant_id) where valid_to is null;

alter table channel_policies add column buffer_percent numeric(5, 2) not null default 0 check (buffer_percent between 0 and 100);
-- Whether the channel shows what may be sold ahead (selling_terms).
alter table channel_policies add column sell_ahead boolean not null default false;
alter table channel_policies add check (buffer = 0 or buffer_percent = 0);

-- Explaining a past instant asks which listings were a variant's then.
create index mappings_by_variant on mappings (variant_id);

-- ---------------------------------------------------------------- deliveries and transfers

-- Goods that a supplier is expected to bring to a location.
create table deliveries (
  id bigint generated always as identity primary key,
  reference text not null unique check (reference <> ''),
  supplier text,
  location_id bigint not null references locations,
  expected_at timestamptz not null,
  state text not null default 'open' check (state in ('open', 'received', 'cancelled')),
  note text,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index deliveries_open on deliveries (location_id, expected_at) where state = 'open';

create table delivery_lines (
  id bigint generated always as identity primary key,
  delivery_id bigint not null references deliveries,
  variant_id bigint not null references variants,
  ordered int not null check (ordered > 0),
  -- May be more than was ordered.
  received int not null default 0 check (received >= 0),
  -- Will not come any more.
  cancelled int not null default 0 check (cancelled >= 0),
  unit_cost numeric(18, 6) check (unit_cost >= 0),
  cost_currency text check (cost_currency ~ '^[A-Z]{3}$'),
  unique (delivery_id, variant_id),
  check (cancelled <= ordered)
);
create index delivery_lines_coming on delivery_lines (variant_id) where ordered > received + cancelled;

-- Goods on their way from one of our locations to another.
create table transfers (
  id bigint generated always as identity primary key,
  reference text not null unique check (reference <> ''),
  from_id bigint not null references locations,
  to_id bigint not null references locations,
  -- sent: some of it is on its way, or missing, or will follow. received: nothing is any more.
  state text not null default 'requested' check (state in ('requested', 'sent', 'received', 'cancelled')),
  expected_at timestamptz,
  note text,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz,
  ended_at timestamptz,
  check (from_id <> to_id)
);
create index transfers_open on transfers (to_id) where state in ('requested', 'sent');

create table transfer_lines (
  id bigint generated always as identity primary key,
  transfer_id bigint not null references transfers,
  variant_id bigint not null references variants,
  asked int not null check (asked > 0),
  -- Asked for, and not to be sent any more.
  cancelled int not null default 0 check (cancelled >= 0),
  sent int not null default 0 check (sent >= 0),
  received int not null default 0 check (received >= 0),
  lost int not null default 0 check (lost >= 0),
  unique (transfer_id, variant_id),
  check (sent + cancelled <= asked),
  check (received + lost <= sent)
);
create index transfer_lines_coming on transfer_lines (variant_id) where sent > received + lost;

-- Which lots travel with a line.
create table transfer_lots (
  id bigint generated always as identity primary key,
  transfer_line_id bigint not null references transfer_lines,
  code text not null,
  expires_at timestamptz,
  sent int not null check (sent > 0),
  ended int not null default 0 check (ended between 0 and sent),
  unique (transfer_line_id, code)
);

-- ---------------------------------------------------------------- counts

-- Somebody counts a location, or some SKUs there, without seeing what the books say.
create table counts (
  id bigint generated always as identity primary key,
  location_id bigint not null references locations,
  scope text not null check (scope in ('location', 'skus')),
  state text not null default 'open' check (state in ('open', 'review', 'approved', 'cancelled')),
  note text,
  actor text not null,
  -- Whoever entered a number, also one that was replaced since: they do not approve it.
  counters text[] not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  submitted_at timestamptz,
  submitted_by text,
  ended_at timestamptz,
  ended_by text
);
create index counts_open on counts (location_id) where state in ('open', 'review');

create table count_lines (
  id bigint generated always as identity primary key,
  count_id bigint not null references counts,
  variant_id bigint not null references variants,
  -- Null: of no lot in particular.
  lot_code text,
  -- Null: not counted yet.
  counted int check (counted >= 0),
  counted_at timestamptz,
  counted_by text,
  -- On hand by the books at counted_at, told to nobody before the count is handed in.
  book int,
  -- Approved lines post counted - book.
  decision text check (decision in ('approved', 'rejected')),
  posted int,
  reason_code text,
  unique nulls not distinct (count_id, variant_id, lot_code)
);
create index count_lines_by_count on count_lines (count_id, id);
-- What is known of a SKU from counts, also from those that moved nothing.
create index count_lines_by_variant on count_lines (variant_id, counted_at) where decision = 'approved';
-- A large count is decided about in many statements: each begins where the one before ended.
create index count_lines_undecided on count_lines (count_id, id) where decision is null;

-- ---------------------------------------------------------------- time, files

alter table due drop constraint due_what_check;
alter table due add constraint due_what_check check (what in ('reservation', 'price', 'lot', 'incoming', 'terms'));

-- Replaced by functions with another shape.
drop function if exists stock_promise(bigint, bigint, int, text, int, bigint, bigint, timestamptz, jsonb);
drop function if exists stock_withdraw(bigint, bigint, int, text, jsonb);
