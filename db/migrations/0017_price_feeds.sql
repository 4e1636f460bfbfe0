-- Many prices as one document that a platform works through in its own time.
-- An older program works on: it starts no feed and looks at none; what is in one goes on when a newer program holds the account.
-- To undo by hand: update publications set feed_id = null, drop what is created here.

create table publication_feeds (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  -- filling: fields are noted as sent, the platform has nothing. starting: it may have it. started: it has it. late: waited for no more, its items went by themselves.
  state text not null default 'filling' check (state in ('filling', 'starting', 'started', 'late', 'ended')),
  external_id text,
  items int not null default 0,
  begun_at timestamptz not null default clock_timestamp(),
  starting_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  -- refused: the platform would not take it. lost: it cannot be told whether it did. empty: nothing was left to send.
  outcome text check (outcome in ('done', 'cancelled', 'fatal', 'refused', 'lost', 'empty')),
  words text,
  check ((state = 'ended') = (ended_at is not null) and (ended_at is null) = (outcome is null))
);
create unique index publication_feeds_open on publication_feeds (account_id) where ended_at is null;
create index publication_feeds_by_account on publication_feeds (account_id, id);

create table publication_feed_items (
  feed_id bigint not null references publication_feeds,
  listing_id bigint not null references listings,
  -- The platform's, as it was then: it orders the document, so that a verdict finds its field.
  sku text not null,
  value jsonb not null,
  -- It went by itself meanwhile, and the feed may come over it: looked at again until that cannot be any more.
  overtaken boolean not null default false,
  look_at timestamptz,
  primary key (feed_id, listing_id)
);
create index publication_feed_items_overtaken on publication_feed_items (listing_id) where overtaken;
create index publication_feed_items_look on publication_feed_items (look_at) where look_at is not null;

-- The feed that a price is under way in.
alter table publications add column feed_id bigint;
create index publications_in_feed on publications (feed_id, listing_id) where feed_id is not null;
