-- What the hub could not do of itself about an order, so that it steps back behind the others, longer each time, and a person sees it.
-- An older program works on: it neither steps back nor tells.
-- To undo by hand: drop the table.
create table order_troubles (
  what text not null check (what in ('not_collected', 'late', 'route')),
  -- A group; an order where it is to be routed.
  ref_id bigint not null,
  order_id bigint not null references orders,
  tries integer not null default 1,
  retry_at timestamptz not null,
  trouble text not null,
  since timestamptz not null,
  primary key (what, ref_id)
);
create index order_troubles_told on order_troubles (order_id) where tries >= 3;
