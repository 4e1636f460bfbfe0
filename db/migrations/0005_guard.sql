-- The guard before every call: limits per channel, incidents with what they hold back, what was approved; floors beside what is intended.
-- An older program works on: it sends through the same door, which now holds back what goes beyond a limit.
-- To undo by hand: drop what is created here, and let go what is quarantined.

-- ---------------------------------------------------------------- limits

-- Versioned: a row is closed, never changed. No row: the defaults stand.
create table guard_limits (
  id bigint generated always as identity primary key,
  channel_id bigint not null references channels,
  -- More than this part of a channel's listings, and at least so many, change price within the window. Null: turned off.
  changed_percent numeric(7, 4) default 20 check (changed_percent >= 0),
  changed_least int not null default 50 check (changed_least > 0),
  window_minutes int not null default 60 check (window_minutes between 1 and 10080),
  -- A single price falls by more than this. Null: turned off.
  drop_percent numeric(7, 4) default 50 check (drop_percent > 0 and drop_percent < 100),
  -- Stock goes to zero for more listings than this, and for more than this part of them, within the window. Null: turned off.
  zero_listings int default 200 check (zero_listings >= 0),
  zero_percent numeric(7, 4) not null default 20 check (zero_percent >= 0),
  -- Zeroes that are held go out by themselves after so long: to show nothing is the safe side.
  release_minutes int not null default 30 check (release_minutes between 1 and 10080),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index guard_limits_current on guard_limits (channel_id) where valid_to is null;

-- ---------------------------------------------------------------- incidents

-- One row for each time that a limit was broken; while it is open, what goes beyond a limit of that channel and field joins it.
create table quarantines (
  id bigint generated always as identity primary key,
  channel_id bigint not null references channels,
  field text not null check (field in ('stock', 'price')),
  -- What broke first, and the numbers: {limit, listings, moved, allowed, windowMinutes, …}.
  why jsonb not null,
  opened_at timestamptz not null default clock_timestamp(),
  -- Grows with everything that joins, so that who decides can say what was seen.
  revision int not null default 0,
  -- released: by time. dissolved: nothing of it was left to decide on.
  decision text check (decision in ('approved', 'rejected', 'released', 'dissolved')),
  decided_at timestamptz,
  decided_by text,
  note text,
  check ((decision is null) = (decided_at is null) and (decision is null) = (decided_by is null))
);
create unique index quarantines_open on quarantines (channel_id, field) where decided_at is null;

create table quarantine_items (
  quarantine_id bigint not null references quarantines,
  listing_id bigint not null references listings,
  limit_name text not null check (limit_name in ('changed', 'dropped', 'zeroed')),
  before jsonb not null,
  value jsonb not null,
  at timestamptz not null default clock_timestamp(),
  -- approved and released went out; changed: the books say something else since; shown: the platform has what is intended.
  left_at timestamptz,
  left_how text check (left_how in ('approved', 'released', 'changed', 'shown')),
  primary key (quarantine_id, listing_id),
  check ((left_at is null) = (left_how is null))
);
create index quarantine_items_held on quarantine_items (quarantine_id, listing_id) where left_at is null;

-- ---------------------------------------------------------------- what moved, and what was approved

-- Listings whose outgoing value left the baseline, and when last: they count against the limit for as long as the window lasts.
create table guard_moves (
  listing_id bigint not null references listings,
  field text not null,
  channel_id bigint not null references channels,
  baseline jsonb not null,
  since timestamptz not null,
  moved_at timestamptz not null,
  primary key (listing_id, field)
);
create index guard_moves_window on guard_moves (channel_id, field, moved_at);

-- A value that a person let pass: exactly this one.
create table guard_approvals (
  listing_id bigint not null references listings,
  field text not null check (field in ('stock', 'price')),
  value jsonb not null,
  approved_by text not null,
  approved_at timestamptz not null default clock_timestamp(),
  primary key (listing_id, field)
);

-- One row for each channel and field: who judges or decides holds it. And how many listings there are, counted at most once a minute.
create table guard_tallies (
  channel_id bigint not null references channels,
  field text not null,
  listings int not null default 0,
  counted_at timestamptz not null default '-infinity',
  primary key (channel_id, field)
);

-- ---------------------------------------------------------------- beside what is intended

alter table publications
  add column quarantine_id bigint references quarantines,
  -- The value that is held back.
  add column quarantined jsonb,
  -- What is intended was never anything else yet.
  add column is_first boolean not null default false,
  -- The least that may be shown now, and of a sale to come at its beginning; null: no floor.
  add column floor numeric,
  add column floor_ahead numeric,
  -- Why the books have no price that may be shown: {code, floor, ceiling}.
  add column held jsonb;
alter table publications add constraint publications_not_below_floor check (field <> 'price' or held is not null or (
  (floor is null or ((intended->>'regular')::numeric >= floor
    and (intended->'sale'->>'amount' is null or intended->'sale'->>'from' is not null or (intended->'sale'->>'amount')::numeric >= floor)))
  and (floor_ahead is null or intended->'sale'->>'from' is null or (intended->'sale'->>'amount')::numeric >= floor_ahead)));
create index publications_by_channel on publications (channel_id, field);
create index publications_quarantined on publications (quarantine_id, listing_id) where quarantine_id is not null;

-- Since when the channel is published: who turned it on had seen the difference.
alter table channels add column stock_on_at timestamptz, add column prices_on_at timestamptz;

alter table publication_history drop constraint publication_history_event_check;
alter table publication_history add constraint publication_history_event_check
  check (event in ('intended', 'sent', 'accepted', 'applied', 'refused', 'retry', 'read', 'order', 'quarantined', 'held')) not valid;

alter table due drop constraint due_what_check;
alter table due add constraint due_what_check check (what in ('reservation', 'price', 'lot', 'incoming', 'terms', 'list', 'rates', 'quarantine'));
