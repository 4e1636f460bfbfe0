-- Alerts: what is wrong and what was, where it is told (signed webhooks, e-mail), and how each telling went.
-- An older program works on: it knows nothing of these tables.
-- To undo by hand: drop what is created here.

-- ---------------------------------------------------------------- what is wrong

-- From where on something is worth telling, where it differs from the program's own. No channel: the whole installation.
create table alert_limits (
  id bigint generated always as identity primary key,
  kind text not null,
  channel_id bigint references channels,
  -- Seconds or a count, by kind. Null: as it stands a step above.
  amount numeric(18, 4) check (amount >= 0),
  -- How long it must be over before that is told, seconds.
  quiet_s int check (quiet_s between 0 and 604800),
  off boolean not null default false,
  actor text not null,
  set_at timestamptz not null default clock_timestamp()
);
create unique index alert_limits_of_kind on alert_limits (kind, coalesce(channel_id, 0));

create table alerts (
  id bigint generated always as identity primary key,
  kind text not null,
  -- `channel:shop`, `account:shop`, `feed`.
  subject text not null,
  channel_id bigint references channels,
  account_id bigint references accounts,
  -- The numbers of the last look. No words of a platform and no data of a person: they leave the house.
  facts jsonb not null,
  since timestamptz not null,
  opened_at timestamptz not null,
  -- The last look that found it, and how many did.
  seen_at timestamptz not null,
  seen int not null default 1,
  quiet_s int not null,
  ended_at timestamptz
);
create unique index alerts_open on alerts (kind, subject) where ended_at is null;
create index alerts_ended on alerts (ended_at) where ended_at is not null;

-- ---------------------------------------------------------------- where it is told

create table alert_endpoints (
  id bigint generated always as identity primary key,
  via text not null check (via in ('webhook', 'email')),
  address text not null,
  name text not null default '',
  -- None: all kinds.
  kinds text[] not null default '{}',
  language text not null default 'en' check (language in ('en', 'zh-CN')),
  -- gone: it answered that it is there no more.
  state text not null default 'active' check (state in ('active', 'paused', 'gone')),
  state_since timestamptz not null default clock_timestamp(),
  removed_at timestamptz,
  actor text not null,
  created_at timestamptz not null default clock_timestamp()
);
create unique index alert_endpoints_address on alert_endpoints (via, lower(address)) where removed_at is null;

-- Sealed. Those that have not ended all sign, so that a receiver may change over in its own time.
create table alert_secrets (
  id bigint generated always as identity primary key,
  endpoint_id bigint not null references alert_endpoints,
  secret bytea not null,
  made_at timestamptz not null default clock_timestamp(),
  ends_at timestamptz
);
create index alert_secrets_by_endpoint on alert_secrets (endpoint_id);

-- ---------------------------------------------------------------- how the telling went

create table alert_deliveries (
  id bigint generated always as identity primary key,
  endpoint_id bigint not null references alert_endpoints,
  -- The same over all tries, and at all endpoints: who gets it twice knows it by this.
  message_id text not null,
  -- Null: a test that somebody asked for.
  alert_id bigint references alerts,
  event text not null check (event in ('alert.opened', 'alert.ended', 'webhook.test')),
  -- The very bytes that are signed.
  body text not null,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'failed', 'dropped')),
  -- Tries since it was written, or sent again by hand.
  attempts int not null default 0,
  due_at timestamptz,
  taken_by text,
  taken_until timestamptz,
  last_status int,
  last_trouble text,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  unique (endpoint_id, message_id),
  check ((state = 'waiting') = (due_at is not null))
);
create index alert_deliveries_due on alert_deliveries (due_at) where state = 'waiting';
create index alert_deliveries_by_alert on alert_deliveries (alert_id);

-- Every try, append-only: rows are added, and removed by age with their delivery.
create table alert_attempts (
  id bigint generated always as identity primary key,
  delivery_id bigint not null references alert_deliveries on delete cascade,
  at timestamptz not null,
  took_ms int not null,
  -- What HTTP or SMTP answered; null: nothing did.
  status int,
  trouble text
);
create index alert_attempts_by_delivery on alert_attempts (delivery_id, id);

create function alert_attempts_are_final() returns trigger language plpgsql as $$
begin
  raise exception 'the log of deliveries is append-only';
end $$;
create trigger alert_attempts_append_only before update on alert_attempts for each row execute function alert_attempts_are_final();

-- ---------------------------------------------------------------- what the looks ask for

create index publication_history_refused on publication_history (at) where event = 'refused';
create index inbox_arrivals on inbox (account_id, received_at) where source <> 'poll';
create index orders_by_channel on orders (channel_id, booked_at);
