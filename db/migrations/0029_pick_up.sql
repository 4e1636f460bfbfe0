-- What the pick-up desk keeps: which store a clerk belongs to and the PIN that switches to them, the code that goods are handed over against, where a car
-- waits, until when goods are kept, and who else may collect. An older program works on: it reads and writes none of it.
-- To undo by hand: drop the table, the index and the columns.

alter table users add column location_id bigint constraint users_location_id_fkey references locations (id);
-- argon2id; opens the desk of the store only, on a device where somebody of that store has logged in.
alter table users add column pin_hash text;
create index users_by_location on users (location_id) where location_id is not null;

alter table fulfilment_groups add column code text;
alter table fulfilment_groups add column code_tries integer not null default 0;
-- Where the buyer waits with a car.
alter table fulfilment_groups add column bay text;
alter table fulfilment_groups add column ready_at timestamptz;
-- Goods are kept for the buyer until then.
alter table fulfilment_groups add column collect_by timestamptz;
create index fulfilment_lines_put_back on fulfilment_lines (group_id) where picked > assigned - released;

-- Who else may collect, named by the buyer; sealed like the buyer's own data, and gone with it.
create table order_collectors (
  order_id bigint primary key references order_people (order_id) on delete cascade,
  sealed_key bytea not null,
  sealed_body bytea not null
);

-- Whether the platform can be told that a buyer may collect.
alter table platforms add column tells_ready boolean not null default true;
update platforms set tells_ready = false where platform in ('ebay', 'vendure');
