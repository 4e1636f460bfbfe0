-- What becomes of orders that stay short of stock, by rule of their channel; since when a line is short; and what a platform takes of cancellations.
-- An older program works on: it ends nothing by rule.
-- To undo by hand: drop the table, the trigger, its function and the columns.

-- Of a channel, else (none) of all. Versioned. Nothing written: they wait for a person.
create table short_rules (
  id bigint generated always as identity primary key,
  channel_id bigint references channels (id),
  -- incoming: what is to come waits for it, and the rest is cancelled.
  becomes text not null check (becomes in ('person', 'incoming', 'cancel')),
  -- How long a line is short before the rule acts.
  after_minutes integer not null check (after_minutes between 0 and 100000),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index short_rules_current on short_rules (coalesce(channel_id, 0)) where valid_to is null;

-- Since units came to be missing; null where that was before this release: since the order was booked.
alter table order_lines add column short_since timestamptz;
-- Filled in by db/functions/47_short_rules.sql.
create function order_line_short_since() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger order_lines_short_since before insert or update of short on order_lines for each row when (new.short > 0) execute function order_line_short_since();

-- whole: only an order as a whole.
alter table platforms add column cancels text not null default 'parts' check (cancels in ('none', 'whole', 'parts'));
update platforms set cancels = case platform when 'ebay' then 'none' else 'whole' end where platform in ('amazon', 'ebay', 'medusa');
