-- Goods that are sent to the store where their buyer collects them are on their way until they come there: a group may be `sent`, and its promises are at the place that
-- stands for the way. Older programs work on: they know no group that is sent, and their check calls its open units a contradiction.
-- To undo by hand: bring parcels that are on their way to their stores, then drop the column and restore the check of states.

alter table fulfilment_groups drop constraint fulfilment_groups_state_check;
alter table fulfilment_groups add constraint fulfilment_groups_state_check
  check (state in ('waiting', 'picking', 'ready', 'sent', 'done', 'cancelled', 'rejected')) not valid;
alter table fulfilment_groups validate constraint fulfilment_groups_state_check;

-- Where its open units are promised; null: at its location.
alter table fulfilment_groups add column held_at bigint references locations;
create index fulfilment_groups_coming on fulfilment_groups (collect_location_id) where state = 'sent';
