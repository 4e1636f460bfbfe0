-- Orders can be held, by rule or by a person; what is due may be the state of an order; orders of which all came back, or some was sent, say so.
-- Older programs work on: they hold nothing, and show the states as words.
-- To undo by hand: drop the two tables, and delete from due where what = 'order'.

create table order_holds (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders (id),
  kind text not null check (kind in ('payment', 'address', 'fraud', 'short', 'manual')),
  reason text,
  by_rule boolean not null,
  actor text not null,
  put_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  ended_by text,
  end_reason text
);
create unique index order_holds_open on order_holds (order_id, kind) where ended_at is null;
create index order_holds_by_order on order_holds (order_id);

-- What a channel's orders are held for (all channels': channel_id is null). Versioned.
create table hold_rules (
  id bigint generated always as identity primary key,
  channel_id bigint references channels (id),
  -- short: something of it is missing. address: it tells nowhere to send it. amount: its total is above a limit, in its own currency.
  rule text not null check (rule in ('short', 'address', 'amount')),
  above numeric(18, 6) check (above >= 0),
  currency text,
  actor text not null,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  check ((rule = 'amount') = (above is not null and currency is not null))
);
create unique index hold_rules_open on hold_rules (coalesce(channel_id, 0), rule, coalesce(currency, '')) where valid_to is null;

alter table due drop constraint due_what_check;
alter table due add constraint due_what_check
  check (what in ('reservation', 'price', 'lot', 'incoming', 'terms', 'list', 'rates', 'quarantine', 'market', 'order')) not valid;
alter table due validate constraint due_what_check;

update orders o set state = case when l.open > 0 then 'in_fulfilment' else 'returned' end
from (select order_id, sum(reserved + short) as open, sum(shipped) as shipped, sum(returned) as returned from order_lines group by 1) l
where l.order_id = o.id and l.shipped > 0 and (o.state = 'accepted' and l.open > 0 or o.state = 'fulfilled' and l.open = 0 and l.returned = l.shipped);
