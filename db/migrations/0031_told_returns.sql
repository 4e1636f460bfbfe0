-- Returns that a platform tells in a report of its own: each is taken once, by its key there, however often the report tells it.
-- An older program works on: it reads no such report, and what a person takes up again of one it leaves alone.
-- To undo by hand: drop the table and the column, delete what came by reports from the inbox, and put the former check of its source back.

create table returns_taken (
  account_id bigint not null references accounts,
  -- The platform's own name for it: order, return and line.
  key text not null,
  order_id bigint not null references orders,
  -- What it is of: the platform's id of the line, or `sku:` and the SKU where it told no more.
  line text not null,
  units int not null check (units > 0),
  taken_at timestamptz not null default clock_timestamp(),
  primary key (account_id, key)
);
create index returns_taken_by_order on returns_taken (order_id, line);

-- What came back before that day was counted in by people.
alter table accounts add column returns_since timestamptz not null default clock_timestamp();
update accounts set returns_since = clock_timestamp() + interval '1 day';

alter table inbox drop constraint inbox_source_check;
alter table inbox add constraint inbox_source_check check (source in ('webhook', 'queue', 'poll', 'report')) not valid;
alter table inbox validate constraint inbox_source_check;
