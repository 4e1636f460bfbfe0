-- Drift: checks of a whole account, each difference that was found with its likely cause, and who wins: per channel and field.
-- An older program works on: what it reads from a platform is taken in as before, without a note of the difference.
-- To undo by hand: drop what is created here.

-- One row for each pass over an account. Its place moves on in the same transaction in which what was read there is taken in.
create table drift_checks (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  actor text not null,
  asked_at timestamptz not null default clock_timestamp(),
  began_at timestamptz,
  ended_at timestamptz,
  phase text not null default 'page' check (phase in ('page', 'family', 'missed')),
  -- In the words of the connector; null: the beginning of the phase, or of the parent.
  place text,
  -- Of phase `family`: the parent whose variations are read, or were read last.
  parent text,
  calls int not null default 0,
  seen int not null default 0,
  differs int not null default 0
);
create unique index drift_checks_open on drift_checks (account_id) where ended_at is null;
create index drift_checks_by_account on drift_checks (account_id, id desc);

-- Versioned: a row is closed, never changed. No row: the hub wins.
create table drift_policies (
  id bigint generated always as identity primary key,
  channel_id bigint not null references channels,
  field text not null check (field in ('stock', 'price')),
  winner text not null check (winner in ('hub', 'platform', 'ask')),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index drift_policies_current on drift_policies (channel_id, field) where valid_to is null;

create table drifts (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  channel_id bigint not null references channels,
  listing_id bigint not null references listings,
  -- listing: it is gone from the platform, or new there and nobody knows what it is.
  field text not null check (field in ('stock', 'price', 'listing')),
  cause text not null check (cause in ('order', 'edited', 'lost', 'gone', 'unmapped')),
  -- held: until a person decides. taking: the platform's value is being taken in as ours.
  state text not null default 'open' check (state in ('open', 'held', 'taking', 'repaired', 'taken', 'explained', 'overtaken', 'seen')),
  -- What the platform showed by our books, what we wanted it to show, and what it shows.
  believed jsonb,
  wanted jsonb,
  shown jsonb,
  -- Of stock: units more (+) or fewer (-) than believed; and how many of them orders have explained.
  units int,
  explained int not null default 0,
  -- The last time that it was seen right, and when the platform says it was changed.
  right_at timestamptz,
  modified_at timestamptz,
  found_at timestamptz not null,
  -- The look that the value is of: orders until then may explain a number.
  looked_at timestamptz not null,
  -- All orders until the look are known: what they do not explain was something else.
  settled boolean not null default false,
  -- What we want does not go out meanwhile, unless it is more urgent: up to this urgency it does. Null: it goes out.
  lets_go int,
  -- Why the platform's value was not taken in: a word for programs, and for people.
  reason text,
  words text,
  winner text check (winner in ('hub', 'platform')),
  decided_by text,
  decided_at timestamptz,
  note text,
  -- The platform's value is in our books; what we want is reckoned anew.
  taken_at timestamptz,
  ended_at timestamptz,
  check ((ended_at is not null) = (state in ('repaired', 'taken', 'explained', 'overtaken', 'seen')))
);
create unique index drifts_open on drifts (listing_id, field) where ended_at is null;
create index drifts_of_account on drifts (account_id, id) where ended_at is null;
create index drifts_by_channel on drifts (channel_id, id desc);

create index listings_by_parent on listings (account_id, external_parent_id) where external_parent_id is not null and variant_id is not null;
-- Accepted and not proven yet.
create index publications_unproven on publications (channel_id, accepted_at) where accepted_at is not null and (applied_at is null or applied_at < accepted_at);
