-- The page on which a buyer follows an order, behind a link that nobody can guess: only a hash of its token finds it, and the sealed token writes it into letters.
-- A link goes with the buyer's personal data, by age or on request. An older program works on: it makes no links.
-- To undo by hand: drop the table.

create table tracking_links (
  order_id bigint primary key references order_people (order_id) on delete cascade,
  token_hash bytea not null unique,
  sealed_token bytea not null,
  actor text not null,
  made_at timestamptz not null default clock_timestamp()
);
