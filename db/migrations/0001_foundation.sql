-- The foundation: people, catalog, stock and its ledger, prices, channels, orders, publishing.
-- An older program does not exist. To undo by hand: drop the schema.

-- ---------------------------------------------------------------- the installation and its commands

create table installation (
  singleton boolean primary key default true check (singleton),
  -- Changes on every restore, so that a feed cursor from before is known to be void.
  generation uuid not null default gen_random_uuid(),
  created_at timestamptz not null default clock_timestamp()
);
insert into installation default values;

-- Answers of commands by the caller's own key. Scope is the API key, user or channel that asked.
create table commands (
  scope text not null,
  key text not null,
  kind text not null,
  body_hash text not null,
  answer jsonb,
  created_at timestamptz not null default clock_timestamp(),
  primary key (scope, key)
);
create index commands_by_age on commands (created_at);

-- ---------------------------------------------------------------- people and keys

create table users (
  id bigint generated always as identity primary key,
  email text not null,
  name text not null,
  role text not null check (role in ('admin', 'operations', 'pricing', 'marketing', 'clerk', 'partner')),
  password_hash text not null,
  language text not null default 'en' check (language in ('en', 'zh-CN')),
  disabled_at timestamptz,
  created_at timestamptz not null default clock_timestamp()
);
create unique index users_by_email on users (lower(email));

create table sessions (
  token_hash text primary key,
  user_id bigint not null references users,
  csrf_token text not null,
  created_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
create index sessions_by_user on sessions (user_id);

create table api_keys (
  id text primary key,
  secret_hash text not null,
  name text not null,
  scopes text[] not null,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  used_at timestamptz,
  revoked_at timestamptz
);

-- Failed logins by account and by address; survives a restart, so that waiting cannot be skipped by crashing us.
create table login_attempts (
  subject text not null,
  at timestamptz not null default clock_timestamp()
);
create index login_attempts_recent on login_attempts (subject, at);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  act text not null,
  subject text not null,
  detail jsonb not null default '{}'
);
create index audit_by_subject on audit (subject, id);

-- ---------------------------------------------------------------- catalog

create table products (
  id bigint generated always as identity primary key,
  handle text not null unique check (handle <> ''),
  title text not null,
  vendor text,
  category text,
  version int not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);

create table variants (
  id bigint generated always as identity primary key,
  product_id bigint not null references products,
  sku text not null unique check (sku <> ''),
  title text not null,
  -- 14 digits, left-padded; gtin_given is as it came.
  gtin text check (gtin ~ '^[0-9]{14}$'),
  gtin_given text,
  options jsonb not null default '{}',
  cost numeric(18, 6) check (cost >= 0),
  cost_currency text check (cost_currency ~ '^[A-Z]{3}$'),
  weight_grams int check (weight_grams >= 0),
  status text not null default 'active' check (status in ('active', 'archived')),
  version int not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create index variants_by_product on variants (product_id);
create index variants_by_gtin on variants (gtin) where gtin is not null;

create table locations (
  id bigint generated always as identity primary key,
  code text not null unique check (code <> ''),
  name text not null,
  -- `platform`: stock that a marketplace holds and ships; never in a pool of ours.
  kind text not null check (kind in ('warehouse', 'store', 'distributor', 'platform')),
  zone text not null default 'UTC',
  country text,
  active boolean not null default true,
  created_at timestamptz not null default clock_timestamp()
);

-- ---------------------------------------------------------------- stock

create table balances (
  variant_id bigint not null references variants,
  location_id bigint not null references locations,
  on_hand int not null default 0 check (on_hand >= 0),
  reserved int not null default 0 check (reserved >= 0),
  unavailable int not null default 0 check (unavailable >= 0),
  incoming int not null default 0 check (incoming >= 0),
  safety_stock int not null default 0 check (safety_stock >= 0),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (variant_id, location_id),
  constraint reserved_within_on_hand check (reserved + unavailable <= on_hand)
) with (fillfactor = 70);
create index balances_by_location on balances (location_id, variant_id);

-- The ledger: append-only, one row for each change of a balance. Partitioned by month, so that old months can be detached.
create table movements (
  id bigint generated always as identity,
  variant_id bigint not null,
  location_id bigint not null,
  kind text not null,
  on_hand int not null default 0,
  reserved int not null default 0,
  unavailable int not null default 0,
  incoming int not null default 0,
  -- What caused it: an order line, a reservation, a command.
  order_line_id bigint,
  reservation_id bigint,
  command_scope text,
  command_key text,
  reason text,
  actor text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  -- The transaction, so that a check can find the change row that must have come with it.
  tx xid8 not null default pg_current_xact_id(),
  primary key (recorded_at, id)
) partition by range (recorded_at);
create table movements_default partition of movements default;
create index movements_by_balance on movements (variant_id, location_id, recorded_at desc, id desc);
create index movements_by_order_line on movements (order_line_id) where order_line_id is not null;

create function movements_are_final() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only: follow a movement by another';
end $$;
create trigger movements_append_only before update or delete on movements
  for each row execute function movements_are_final();

-- A promise on stock at a named location, for a basket (hold) or an order line.
create table reservations (
  id bigint generated always as identity primary key,
  -- Groups what was asked for together: `order:<id>` or `hold:<scope>:<key>`.
  basket text not null,
  line_no int not null default 0,
  order_line_id bigint,
  channel_id bigint,
  variant_id bigint not null references variants,
  location_id bigint not null references locations,
  -- Units still promised; 0 when it ended.
  quantity int not null check (quantity >= 0),
  asked int not null check (asked > 0),
  state text not null default 'open' check (state in ('open', 'settled', 'released', 'expired', 'lost')),
  expires_at timestamptz,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  check ((state = 'open') = (quantity > 0))
);
create index reservations_open on reservations (variant_id, location_id) where state = 'open';
-- Most open promises belong to orders and never expire; what does must not be looked for among them.
create index reservations_expiring on reservations (variant_id, expires_at) where state = 'open' and expires_at is not null;
create index reservations_by_basket on reservations (basket);
create index reservations_by_line on reservations (order_line_id) where order_line_id is not null;

-- Time passes without writes: what is to happen, and when.
create table due (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  what text not null check (what in ('reservation', 'price')),
  ref_id bigint not null
);
create index due_by_time on due (at);

-- What was touched, for whoever shows it elsewhere. Read by the tailer in the order (tx, seq); see DESIGN 3.3.
create table change (
  tx xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  kind text not null check (kind in ('stock', 'price', 'listing', 'channel', 'order', 'inbox', 'act')),
  variant_id bigint,
  channel_id bigint,
  account_id bigint,
  ref_id bigint,
  at timestamptz not null default clock_timestamp(),
  primary key (tx, seq)
);

create table feed_cursors (
  consumer text primary key,
  tx xid8 not null,
  seq bigint not null,
  -- System identifier, database and generation: a cursor of another cluster is void.
  cluster text not null,
  moved_at timestamptz not null default clock_timestamp()
);

-- ---------------------------------------------------------------- accounts, channels, listings

create table accounts (
  id bigint generated always as identity primary key,
  name text not null unique check (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  platform text not null,
  settings jsonb not null default '{}',
  credentials bytea not null,
  webhook_secret bytea,
  -- Unguessable part of the address that receives its webhooks.
  webhook_token text not null unique,
  state text not null default 'active' check (state in ('active', 'paused', 'failing')),
  state_reason text,
  state_since timestamptz not null default clock_timestamp(),
  retry_at timestamptz,
  -- All orders that the platform changed before this instant are known to us.
  covered_until timestamptz,
  -- Where the next poll begins. Ahead of covered_until while an order that a poll met is not understood.
  polled_until timestamptz,
  polled_at timestamptz,
  observed_at timestamptz,
  lease_owner text,
  lease_token bigint not null default 0,
  lease_until timestamptz,
  created_at timestamptz not null default clock_timestamp()
);

create table channels (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  -- The platform's marketplace or shop id.
  external_ref text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  tax_mode text not null default 'inclusive' check (tax_mode in ('inclusive', 'exclusive')),
  zone text not null default 'UTC',
  locale text not null default 'en',
  -- The channel whose stock publication serves this one too; null: it publishes its own stock.
  stock_lead_id bigint references channels,
  publish_stock boolean not null default false,
  publish_prices boolean not null default false,
  paused boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  unique (account_id, external_ref)
);

-- How much of what is available a channel shows. Versioned: a row is closed, never changed.
create table channel_policies (
  id bigint generated always as identity primary key,
  channel_id bigint not null references channels,
  buffer int not null default 0 check (buffer >= 0),
  cap int check (cap >= 0),
  stop_selling_at int not null default 0 check (stop_selling_at >= 0),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index channel_policies_current on channel_policies (channel_id) where valid_to is null;

-- The pool of locations that serve a channel, in order of preference. Versioned.
create table channel_locations (
  id bigint generated always as identity primary key,
  channel_id bigint not null references channels,
  location_id bigint not null references locations,
  position int not null,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index channel_locations_current on channel_locations (channel_id, location_id) where valid_to is null;
create index channel_locations_by_location on channel_locations (location_id) where valid_to is null;

create table listings (
  id bigint generated always as identity primary key,
  channel_id bigint not null references channels,
  account_id bigint not null references accounts,
  external_id text not null,
  external_parent_id text,
  external_sku text not null,
  product_type text,
  gtin text,
  title text not null,
  state text not null default 'active' check (state in ('active', 'inactive', 'gone')),
  variant_id bigint references variants,
  -- What the platform showed when it was last looked at.
  shown_quantity int,
  shown_price jsonb,
  observed_at timestamptz not null default clock_timestamp(),
  unique (channel_id, external_id)
);
create index listings_by_variant on listings (variant_id) where variant_id is not null;
create index listings_by_sku on listings (account_id, external_sku);

-- Which listing was which variant, when, and who said so.
create table mappings (
  id bigint generated always as identity primary key,
  listing_id bigint not null references listings,
  variant_id bigint not null references variants,
  matched_by text not null check (matched_by in ('sku', 'gtin', 'hand')),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index mappings_current on mappings (listing_id) where valid_to is null;

-- ---------------------------------------------------------------- prices

-- A price of one variant: for everyone (channel null) or one channel; without a period the regular price, with one a sale price.
-- Versioned: replaced rows are closed by superseded_at.
create table prices (
  id bigint generated always as identity primary key,
  variant_id bigint not null references variants,
  channel_id bigint references channels,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric(18, 6) not null check (amount > 0),
  starts_at timestamptz,
  ends_at timestamptz,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  superseded_at timestamptz,
  check (ends_at is null or starts_at is not null),
  check (ends_at is null or ends_at > starts_at)
);
create unique index prices_regular on prices (variant_id, currency, coalesce(channel_id, 0)) where superseded_at is null and starts_at is null;
create unique index prices_dated on prices (variant_id, currency, coalesce(channel_id, 0), starts_at) where superseded_at is null and starts_at is not null;
create index prices_history on prices (variant_id, created_at);

-- ---------------------------------------------------------------- orders

create table orders (
  id bigint generated always as identity primary key,
  channel_id bigint not null references channels,
  external_id text not null,
  number text not null,
  -- received: known, nothing promised yet. accepted: stock promised (or short). fulfilled, cancelled, foreign.
  state text not null check (state in ('received', 'accepted', 'fulfilled', 'cancelled', 'foreign')),
  platform_state text not null,
  stamp timestamptz not null,
  content_hash text not null,
  currency text not null,
  total numeric(18, 6),
  placed_at timestamptz not null,
  booked_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (channel_id, external_id)
);
create index orders_by_time on orders (booked_at desc, id desc);

create table order_lines (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders,
  external_line_id text not null,
  -- Null: nobody knows yet which of our SKUs this is; the whole line is short until the listing is matched.
  variant_id bigint references variants,
  listing_id bigint references listings,
  sku text not null,
  title text not null,
  unit_price numeric(18, 6),
  ordered int not null check (ordered > 0),
  reserved int not null default 0 check (reserved >= 0),
  short int not null default 0 check (short >= 0),
  shipped int not null default 0 check (shipped >= 0),
  cancelled int not null default 0 check (cancelled >= 0),
  returned int not null default 0 check (returned >= 0),
  -- Why units of it were short, the first time.
  short_cause text,
  -- Units that the platform has taken off its own number for this line, by its last word.
  counted int not null default 0 check (counted >= 0),
  unique (order_id, external_line_id),
  check (reserved + short + shipped + cancelled <= ordered),
  check (returned <= shipped)
);
create index order_lines_short on order_lines (variant_id, id) where short > 0;

create table order_people (
  order_id bigint primary key references orders,
  -- A data key of its own, sealed with the installation's; deleting it shreds the rest.
  sealed_key bytea not null,
  sealed_body bytea not null,
  purge_at timestamptz
);

-- What came in from outside, taken once, kept until understood. Bodies are sealed.
create table inbox (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  source text not null check (source in ('webhook', 'queue', 'poll')),
  delivery_id text not null,
  topic text not null,
  body bytea not null,
  state text not null default 'new' check (state in ('new', 'done', 'refused', 'ignored')),
  reason text,
  attempts int not null default 0,
  taken_until timestamptz,
  received_at timestamptz not null default clock_timestamp(),
  done_at timestamptz,
  unique (account_id, delivery_id)
);
create index inbox_waiting on inbox (account_id, id) where state = 'new';
create index inbox_refused on inbox (id) where state = 'refused';
-- What polls kept aside, by the order's id.
create index inbox_polled on inbox (account_id, topic) where source = 'poll';

-- Orders to be fetched again from the platform, because what we have of them is not enough.
create table rereads (
  account_id bigint not null references accounts,
  external_id text not null,
  asked_at timestamptz not null default clock_timestamp(),
  attempts int not null default 0,
  retry_at timestamptz not null default clock_timestamp(),
  primary key (account_id, external_id)
);

-- ---------------------------------------------------------------- publishing

-- What each listing should show, field by field, and how far that got. Stock is compared with `expected`, our model of what the
-- platform shows now: the last value it took less its own orders since.
create table publications (
  listing_id bigint not null references listings,
  field text not null check (field in ('stock', 'price')),
  account_id bigint not null references accounts,
  channel_id bigint not null references channels,
  variant_id bigint not null references variants,
  intended jsonb not null,
  intended_why jsonb not null default '{}',
  intended_at timestamptz not null default clock_timestamp(),
  sent jsonb,
  sent_at timestamptz,
  -- The lease it was sent under: only that holder's answer counts.
  sent_lease bigint,
  accepted jsonb,
  accepted_at timestamptz,
  applied jsonb,
  applied_at timestamptz,
  state text not null default 'intended' check (state in ('intended', 'sent', 'accepted', 'applied', 'refused', 'quarantined')),
  reason_code text,
  reason text,
  attempts int not null default 0,
  retry_at timestamptz,
  -- When the platform should next be looked at for this field; null when there is no need.
  check_at timestamptz,
  -- Since when it waits to be sent; null when nothing waits.
  waiting_since timestamptz,
  urgency int not null default 5,
  -- Stock only.
  expected int,
  withheld int not null default 0 check (withheld >= 0),
  withheld_at timestamptz,
  read_at timestamptz,
  -- Counts our own changes of `expected` by the channel's orders, so that a call's answer can tell what happened meanwhile.
  own_orders int not null default 0,
  sent_own_orders int not null default 0,
  primary key (listing_id, field)
) with (fillfactor = 70);
create index publications_waiting on publications (account_id, urgency, waiting_since) where waiting_since is not null;
create index publications_to_check on publications (account_id, check_at) where check_at is not null;
create index publications_by_variant on publications (variant_id);
create index publications_withheld on publications (account_id, withheld_at) where withheld > 0;

-- What happened to each field, append-only: explains what was shown, when and why.
create table publication_history (
  id bigint generated always as identity primary key,
  listing_id bigint not null,
  field text not null,
  event text not null check (event in ('intended', 'sent', 'accepted', 'applied', 'refused', 'retry', 'read', 'order')),
  value jsonb,
  why jsonb,
  at timestamptz not null default clock_timestamp()
);
create index publication_history_orders on publication_history (listing_id, at) where event = 'order';
create index publication_history_by_listing on publication_history (listing_id, field, id desc);

-- Things to be done at a platform that are neither absolute nor repeatable: one row each, with our key.
create table acts (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  channel_id bigint not null references channels,
  order_id bigint not null references orders,
  kind text not null check (kind in ('acknowledge', 'ship', 'cancel')),
  key text not null unique,
  body jsonb not null,
  state text not null default 'intended' check (state in ('intended', 'sent', 'unknown', 'confirmed', 'refused')),
  reason_code text,
  reason text,
  attempts int not null default 0,
  retry_at timestamptz,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz,
  ended_at timestamptz
);
create index acts_open on acts (account_id, id) where state in ('intended', 'sent', 'unknown');
create index acts_by_order on acts (order_id);

-- What a person asks of an account that only the holder of its lease may do.
create table account_requests (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  kind text not null check (kind in ('test', 'observe', 'compare', 'poll')),
  state text not null default 'open' check (state in ('open', 'done', 'failed')),
  answer jsonb,
  actor text not null,
  asked_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index account_requests_open on account_requests (account_id, id) where state = 'open';

-- ---------------------------------------------------------------- imports and checks

-- A file is staged and judged whole before its first row applies; a crash while it applies is resumed at the first open row.
create table imports (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('catalog', 'stock', 'prices')),
  name text not null,
  -- The file's own hash: the same file twice is recognised.
  content_hash text not null,
  state text not null check (state in ('staging', 'judged', 'applying', 'done', 'refused')),
  options jsonb not null default '{}',
  rows int not null default 0,
  applied int not null default 0,
  summary jsonb not null default '{}',
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);

create table import_rows (
  import_id bigint not null references imports on delete cascade,
  row_no int not null,
  body jsonb not null,
  errors jsonb,
  applied_at timestamptz,
  primary key (import_id, row_no)
);
create index import_rows_open on import_rows (import_id, row_no) where applied_at is null and errors is null;

create table checks (
  id bigint generated always as identity primary key,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  violations int not null,
  report jsonb not null
);
