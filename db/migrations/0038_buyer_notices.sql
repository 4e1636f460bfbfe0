-- What buyers are told of their orders: which notices each channel sends, the words of its letters, and one row for each notice and way until it is told or cannot be.
-- An older program works on: notices of what it does are written, and told as soon as a program of this release runs.
-- To undo by hand: drop the triggers, the tables and the columns.

-- No row: nothing is told.
create table channel_notices (
  channel_id bigint primary key references channels,
  kinds text[] not null,
  by_email boolean not null,
  -- Null: the channel's name.
  sender_name text,
  reply_to text,
  -- Null: by the channel's locale.
  language text check (language in ('en', 'zh-CN')),
  actor text not null,
  set_at timestamptz not null default clock_timestamp()
);

-- Letters in a merchant's own words. No channel: all of them.
create table notice_templates (
  id bigint generated always as identity primary key,
  channel_id bigint references channels,
  kind text not null,
  language text not null check (language in ('en', 'zh-CN')),
  subject text not null,
  body text not null,
  actor text not null,
  set_at timestamptz not null default clock_timestamp()
);
create unique index notice_templates_of_kind on notice_templates (coalesce(channel_id, 0), kind, language);

-- Of whom and of what; never a name, an address or a text: those are read at the moment of sending.
create table buyer_notices (
  id bigint generated always as identity primary key,
  -- Null: a sample, sent to whoever asked for it.
  order_id bigint references orders,
  group_id bigint references fulfilment_groups,
  event_id bigint references order_events,
  act_id bigint references acts,
  kind text not null,
  -- What it is told once of.
  cause text not null,
  via text not null check (via in ('email', 'webhook')),
  endpoint_id bigint references alert_endpoints,
  user_id bigint references users,
  language text check (language in ('en', 'zh-CN')),
  -- The same over all tries.
  message_id text not null unique,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'failed', 'dropped')),
  attempts int not null default 0,
  due_at timestamptz,
  taken_by text,
  taken_until timestamptz,
  last_status int,
  last_trouble text,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  check ((state = 'waiting') = (due_at is not null)),
  check ((order_id is null) = (user_id is not null)),
  check ((via = 'webhook') = (endpoint_id is not null))
);
create unique index buyer_notices_once on buyer_notices (order_id, kind, cause, via, coalesce(endpoint_id, 0)) where order_id is not null;
create index buyer_notices_due on buyer_notices (due_at) where state = 'waiting';
create index buyer_notices_ended on buyer_notices (ended_at) where ended_at is not null;

-- A webhook that is given what reaches the buyer: telephone, language, link and the letter's words.
alter table alert_endpoints add column tells_buyers boolean not null default false;

-- Where the platform tells its buyers itself and forbids others to.
alter table platforms add column tells_buyers boolean not null default false;
update platforms set tells_buyers = true where platform in ('amazon', 'ebay');

-- Filled in by db/functions/84_buyer_notices.sql.
create function buyer_notices_of_events() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger order_events_notices after insert on order_events referencing new table as happened for each statement execute function buyer_notices_of_events();
create function buyer_notices_of_refund() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger acts_notices after update of state on acts for each row when (new.kind = 'refund' and new.state = 'confirmed' and old.state <> 'confirmed')
  execute function buyer_notices_of_refund();
