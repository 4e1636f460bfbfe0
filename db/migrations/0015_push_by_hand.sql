-- Pushes by a person's word, and what is left of a platform's quota.
-- An older program works on: it sends what is forced as anything else that waits, and tells no quota.
-- To undo by hand: drop what is created here, after forced_at was set to null; the check of events may stay.

-- Sent although the platform has it already; taken off by the answer to the call.
alter table publications add column forced_at timestamptz, add column forced_by text;

-- What a person wants sent now: a selection of a channel's fields. Its place moves on in the same transaction as the fields, so it goes on where it was cut short.
create table publication_forces (
  id bigint generated always as identity primary key,
  channel_id bigint not null references channels,
  fields text[] not null,
  -- Null: all of the channel.
  variants bigint[],
  listing_id bigint,
  state text,
  category text,
  actor text not null,
  asked_at timestamptz not null default clock_timestamp(),
  -- The last listing that was looked at.
  place bigint not null default 0,
  forced int not null default 0,
  -- Of those: the platform had refused the value, and is asked again.
  again int not null default 0,
  -- Under way already; and held: by the guard, by a difference that is to be decided, or because no price may be shown.
  under_way int not null default 0,
  held int not null default 0,
  ended_at timestamptz
);
create index publication_forces_open on publication_forces (channel_id) where ended_at is null;

-- What the holder of an account's lease last told of its bucket for pushes.
create table account_quotas (
  account_id bigint primary key references accounts,
  told_at timestamptz not null default clock_timestamp(),
  operation text not null,
  -- Calls that could start at once, and how many come back each second up to the burst; nothing starts before open_at.
  calls_left float8 not null,
  per_second float8 not null,
  burst float8 not null,
  open_at timestamptz
);

alter table publication_history drop constraint publication_history_event_check;
alter table publication_history add constraint publication_history_event_check check (event in
  ('intended', 'sent', 'accepted', 'applied', 'refused', 'retry', 'read', 'order', 'quarantined', 'held', 'forced')) not valid;
