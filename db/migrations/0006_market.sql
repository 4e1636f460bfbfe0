-- Market prices: what competitors ask, rules that follow them, each step, and where a rule stopped.
-- An older program works on: it knows nothing of these tables.
-- To undo by hand: drop what is created here, and delete what is due of 'market'.

-- What a competitor asks for goods of ours. Versioned: an amount is closed, never changed; seen again, it is only seen later.
create table market_offers (
  id bigint generated always as identity primary key,
  variant_id bigint not null references variants,
  competitor text not null,
  -- The channel of ours where it is met; null: anywhere.
  channel_id bigint references channels,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- With shipping, where it was stated; null: offered no more.
  amount numeric(18, 6) check (amount > 0),
  shipping numeric(18, 6) check (shipping >= 0),
  -- When it was first and last seen there.
  seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  actor text not null,
  -- In our books.
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  check (last_seen_at >= seen_at)
);
create unique index market_offers_current on market_offers (variant_id, competitor, coalesce(channel_id, 0), currency) where valid_to is null;
create index market_offers_history on market_offers (variant_id, valid_from);

create table market_rules (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  created_at timestamptz not null default clock_timestamp()
);

-- What a rule does, for which goods, into which list. Versioned: a row is closed, never changed.
create table market_rule_terms (
  id bigint generated always as identity primary key,
  rule_id bigint not null references market_rules,
  list_id bigint not null references price_lists,
  scope text not null check (scope in ('variant', 'product', 'category', 'all')),
  variant_id bigint references variants,
  product_id bigint references products,
  category text,
  -- Null: any.
  competitors text[] check (cardinality(competitors) > 0),
  -- amount, percent: below the lowest offer by value; within: at most value percent away from it; match: the same.
  mode text not null check (mode in ('amount', 'percent', 'within', 'match')),
  value numeric(18, 6),
  -- Never above this, in the list's currency; null: only the ceilings hold.
  most numeric(18, 6) check (most > 0),
  -- Offers that were last seen longer ago do not count.
  max_age_minutes int not null default 1440 check (max_age_minutes between 1 and 525600),
  -- For one SKU within any 24 hours.
  steps_per_day int not null default 4 check (steps_per_day between 1 and 1000),
  -- So many steps down in answer to one competitor within the window, and the rule stops.
  war_steps int not null default 3 check (war_steps between 1 and 1000),
  war_window_minutes int not null default 1440 check (war_window_minutes between 1 and 43200),
  state text not null default 'active' check (state in ('active', 'ended')),
  why text,
  actor text not null,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  check ((scope = 'variant') = (variant_id is not null) and (scope = 'product') = (product_id is not null) and (scope = 'category') = (category is not null)),
  check ((mode = 'match') = (value is null)),
  check (mode = 'match' or value > 0),
  check (mode not in ('percent', 'within') or value < 100)
);
create unique index market_rule_terms_current on market_rule_terms (rule_id) where valid_to is null;

-- Every step of a price, and what it followed. Each comes after exactly one other, so that nobody steps twice from the same place.
create table market_steps (
  id bigint generated always as identity primary key,
  list_id bigint not null references price_lists,
  variant_id bigint not null references variants,
  rule_id bigint not null references market_rules,
  terms_id bigint not null references market_rule_terms,
  -- The step before; 0: the first.
  after_id bigint not null,
  at timestamptz not null,
  -- Null: the list asked nothing before.
  from_amount numeric(18, 6),
  to_amount numeric(18, 6) not null check (to_amount > 0),
  offer_id bigint not null references market_offers,
  competitor text not null,
  -- A step down, after the same competitor went down after our step before.
  is_answer boolean not null,
  -- What the market alone would have made of it, and what held it.
  target numeric(18, 6) not null,
  clamp text check (clamp in ('floor', 'ceiling', 'most')),
  why text not null,
  -- Written to a list marked four eyes: waits for approval.
  waits boolean not null
);
create unique index market_steps_after on market_steps (list_id, variant_id, after_id);
create index market_steps_latest on market_steps (list_id, variant_id, id);
create index market_steps_by_variant on market_steps (variant_id, id);
create index market_steps_by_rule on market_steps (rule_id, id);

-- Where a rule stopped for a SKU, because it and a competitor's were chasing each other.
create table market_stops (
  id bigint generated always as identity primary key,
  rule_id bigint not null references market_rules,
  list_id bigint not null references price_lists,
  variant_id bigint not null references variants,
  competitor text not null,
  -- The numbers: {steps, windowMinutes, price, offer, target}.
  why jsonb not null,
  at timestamptz not null,
  resumed_at timestamptz,
  resumed_by text,
  note text,
  check ((resumed_at is null) = (resumed_by is null))
);
create unique index market_stops_current on market_stops (rule_id, variant_id) where resumed_at is null;
create index market_stops_by_variant on market_stops (variant_id, id);

-- SKUs whose rules have something new to judge. `asked` is drawn anew with each reason, so that nobody takes away what came meanwhile.
create sequence market_asked;
create table market_work (
  variant_id bigint primary key references variants,
  asked bigint not null default nextval('market_asked'),
  taken_until timestamptz
);
create index market_work_by_turn on market_work (asked);

alter table due drop constraint due_what_check;
alter table due add constraint due_what_check check (what in ('reservation', 'price', 'lot', 'incoming', 'terms', 'list', 'rates', 'quarantine', 'market'));
-- At most one instant of a SKU: when a step is free again, or the offer that it followed grows too old.
create unique index due_market on due (ref_id) where what = 'market';
