-- What is not collected: how long it is kept, when its buyer is reminded, and what becomes of it, by rules; and what a buyer chose after a store failed.
-- Older programs work on: they keep what is ready for good, and route a line as its channel states it. What has waited beyond its time by now is kept three days more.
-- To undo by hand: drop the table, the four indexes and the five columns.

-- Of a location, else of a channel, else (neither) of all. Versioned. Nothing written: pick_up_rule() says what holds.
create table pick_up_rules (
  id bigint generated always as identity primary key,
  channel_id bigint references channels (id),
  location_id bigint references locations (id),
  keep_days integer not null check (keep_days between 1 and 60),
  -- Hours before the end at which the buyer is reminded; 0: never.
  remind_hours integer not null check (remind_hours between 0 and 240),
  -- Minutes after its promise at which a group that is not ready counts as late.
  late_minutes integer not null check (late_minutes between 0 and 10000),
  extend_days integer not null check (extend_days between 1 and 60),
  -- How often a buyer may ask for more time himself.
  extensions_most integer not null check (extensions_most between 0 and 10),
  -- What becomes of it: cancelled and paid back, or sent instead.
  becomes text not null check (becomes in ('cancel', 'ship')),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null,
  check (channel_id is null or location_id is null)
);
create unique index pick_up_rules_current on pick_up_rules (coalesce(channel_id, 0), coalesce(location_id, 0)) where valid_to is null;

-- When the buyer is reminded; null once he was.
alter table fulfilment_groups add column remind_at timestamptz;
alter table fulfilment_groups add column extensions integer not null default 0;
alter table fulfilment_groups add column not_collected_at timestamptz;
alter table fulfilment_groups add column late_told_at timestamptz;
update fulfilment_groups set collect_by = greatest(collect_by, clock_timestamp() + interval '3 days'), remind_at = greatest(collect_by, clock_timestamp() + interval '3 days') - interval '1 day'
where state = 'ready' and method = 'collect' and collect_by is not null;
create index fulfilment_groups_kept_until on fulfilment_groups (collect_by) where state = 'ready' and method = 'collect';
create index fulfilment_groups_to_remind on fulfilment_groups (remind_at) where state = 'ready' and remind_at is not null;
create index fulfilment_groups_to_be_late on fulfilment_groups (ready_by) where state in ('waiting', 'picking') and method = 'collect' and late_told_at is null;
-- Who came and who did not, by place and time.
create index fulfilment_groups_collected on fulfilment_groups (location_id, state_since) where method = 'collect' and state in ('done', 'cancelled');

-- Somebody here chose another way or place than the channel stated; what the channel states of it later does not undo that.
alter table order_lines add column chosen_at timestamptz;
