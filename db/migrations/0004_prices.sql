-- Prices at full depth: price lists with rules, audiences, rounding, taxes, exchange rates, floors and ceilings.
-- An older program works on: it knows the plain prices, whose table and contracts stay.
-- To undo by hand: drop what is created here.

-- ---------------------------------------------------------------- for whom

-- A tax and price region: Germany, the EU, the west coast.
create table regions (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  created_at timestamptz not null default clock_timestamp()
);

create table channel_groups (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  created_at timestamptz not null default clock_timestamp()
);

-- Versioned: a row is closed, never changed.
create table channel_group_members (
  id bigint generated always as identity primary key,
  group_id bigint not null references channel_groups,
  channel_id bigint not null references channels,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index channel_group_members_current on channel_group_members (channel_id, group_id) where valid_to is null;

create table partner_tiers (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  created_at timestamptz not null default clock_timestamp()
);

-- A distributor or reseller.
create table partners (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  created_at timestamptz not null default clock_timestamp()
);

-- The tier of a partner. Versioned.
create table partner_tier_members (
  id bigint generated always as identity primary key,
  partner_id bigint not null references partners,
  tier_id bigint not null references partner_tiers,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null
);
create unique index partner_tier_members_current on partner_tier_members (partner_id) where valid_to is null;

-- ---------------------------------------------------------------- how a channel states prices

-- Versioned. No row: rounded to the currency's digits, no margin on exchange, no region.
create table channel_price_policies (
  id bigint generated always as identity primary key,
  channel_id bigint not null references channels,
  region_id bigint references regions,
  -- none: up to 6 decimals; digits: the currency's; ending: multiples of step, plus ending (0.99 in steps of 1; 0.05 and 1 with ending 0).
  rounding text not null default 'digits' check (rounding in ('none', 'digits', 'ending')),
  rounding_step numeric(18, 6) check (rounding_step > 0),
  rounding_ending numeric(18, 6) check (rounding_ending >= 0),
  rounding_direction text not null default 'nearest' check (rounding_direction in ('nearest', 'up', 'down')),
  -- Added to every converted price, against the rate moving.
  exchange_margin_percent numeric(7, 4) not null default 0 check (exchange_margin_percent > -100),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null,
  check ((rounding = 'ending') = (rounding_step is not null and rounding_ending is not null)),
  check (rounding_ending < rounding_step)
);
create unique index channel_price_policies_current on channel_price_policies (channel_id) where valid_to is null;

alter table variants add column tax_category text not null default 'standard' check (tax_category ~ '^[a-z][a-z0-9-]{0,39}$');

-- Percent on the net price, by region and the category of the goods, from an instant on. A row that was wrong is superseded, never changed.
create table tax_rates (
  id bigint generated always as identity primary key,
  region_id bigint not null references regions,
  category text not null default 'standard' check (category ~ '^[a-z][a-z0-9-]{0,39}$'),
  percent numeric(7, 4) not null check (percent >= 0 and percent < 1000),
  starts_at timestamptz not null,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  superseded_at timestamptz
);
create unique index tax_rates_current on tax_rates (region_id, category, starts_at) where superseded_at is null;

-- How many units of to_currency one unit of from_currency is, from an instant on. Used both ways.
create table exchange_rates (
  id bigint generated always as identity primary key,
  from_currency text not null check (from_currency ~ '^[A-Z]{3}$'),
  to_currency text not null check (to_currency ~ '^[A-Z]{3}$'),
  rate numeric(24, 12) not null check (rate > 0),
  starts_at timestamptz not null,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  superseded_at timestamptz,
  check (from_currency <> to_currency)
);
create unique index exchange_rates_current on exchange_rates (from_currency, to_currency, starts_at) where superseded_at is null;

-- ---------------------------------------------------------------- price lists

create table price_lists (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  created_at timestamptz not null default clock_timestamp()
);

-- What a list is, for whom and when. Versioned: a row is closed, never changed.
create table price_list_terms (
  id bigint generated always as identity primary key,
  list_id bigint not null references price_lists,
  title text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- sale: shown as a reduction of the regular price where it is lower.
  kind text not null check (kind in ('price', 'sale')),
  audience text not null check (audience in ('everyone', 'region', 'group', 'channel', 'tier', 'partner')),
  -- The region, channel group, channel, partner tier or partner; null for everyone.
  audience_id bigint,
  priority int not null default 0,
  -- Null: as the channel that shows it.
  tax_included boolean,
  starts_at timestamptz,
  ends_at timestamptz,
  state text not null check (state in ('draft', 'approved', 'ended')),
  -- Who wrote it does not approve it; entries written later wait for approval, too.
  four_eyes boolean not null default false,
  why text,
  actor text not null,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  check (ends_at > starts_at),
  check ((audience = 'everyone') = (audience_id is null))
);
create unique index price_list_terms_current on price_list_terms (list_id) where valid_to is null;
create index price_list_terms_history on price_list_terms (list_id, valid_from);

-- What a list asks, for a variant, a product, a category or all, from a quantity on. Versioned. In force from valid_from (null: waits for approval) to valid_to.
create table price_entries (
  id bigint generated always as identity primary key,
  list_id bigint not null references price_lists,
  scope text not null check (scope in ('variant', 'product', 'category', 'all')),
  variant_id bigint references variants,
  product_id bigint references products,
  category text,
  min_quantity int not null default 1 check (min_quantity > 0),
  -- fixed: value is the price; percent: over a base, value percent more (or less); amount: value more (or less); margin: the cost is (100 - value) percent
  -- of it; none: the list has no price here any more.
  rule text not null check (rule in ('fixed', 'percent', 'amount', 'margin', 'none')),
  over text check (over in ('plain', 'list', 'cost')),
  base_list_id bigint references price_lists,
  value numeric(18, 6),
  why text,
  actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  approved_by text,
  valid_from timestamptz,
  valid_to timestamptz,
  check ((scope = 'variant') = (variant_id is not null) and (scope = 'product') = (product_id is not null) and (scope = 'category') = (category is not null)),
  check ((rule in ('fixed', 'none')) = (over is null)),
  check ((over = 'list') = (base_list_id is not null) or over is null and base_list_id is null),
  check (rule <> 'margin' or over = 'cost'),
  check ((rule = 'none') = (value is null)),
  check (rule <> 'fixed' or value > 0),
  check (rule <> 'margin' or value < 100),
  check (rule <> 'percent' or value > -100)
);
create unique index price_entries_variant on price_entries (list_id, variant_id, min_quantity) where scope = 'variant' and valid_from is not null and valid_to is null;
create unique index price_entries_wide on price_entries (list_id, scope, coalesce(product_id, 0), coalesce(category, ''), min_quantity)
  where scope <> 'variant' and valid_from is not null and valid_to is null;
create unique index price_entries_waiting on price_entries (list_id, scope, coalesce(variant_id, product_id, 0), coalesce(category, ''), min_quantity)
  where valid_from is null and valid_to is null;
-- Whether a list does more than name prices of variants.
create index price_entries_ruled on price_entries (list_id) where scope <> 'variant' or rule not in ('fixed', 'none');
create index price_entries_by_variant on price_entries (variant_id, list_id) where scope = 'variant';
create index price_entries_over on price_entries (base_list_id) where base_list_id is not null;
create index price_entries_closed on price_entries (list_id, valid_to) where valid_to is not null;

-- ---------------------------------------------------------------- floors and ceilings

-- Versioned. A floor is the least that may be shown, a ceiling the most; of several floors the highest holds, of several ceilings the lowest.
create table price_limits (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('floor', 'ceiling')),
  -- margin: the cost is at most (100 - percent) percent of the net price. The others are amounts as the channel shows them.
  basis text not null check (basis in ('manual', 'map', 'legal', 'margin')),
  -- Null: every channel.
  channel_id bigint references channels,
  scope text not null check (scope in ('variant', 'product', 'category', 'all')),
  variant_id bigint references variants,
  product_id bigint references products,
  category text,
  currency text check (currency ~ '^[A-Z]{3}$'),
  amount numeric(18, 6) check (amount > 0),
  percent numeric(7, 4) check (percent < 100 and percent > -1000),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null,
  check ((scope = 'variant') = (variant_id is not null) and (scope = 'product') = (product_id is not null) and (scope = 'category') = (category is not null)),
  check ((basis = 'margin') = (percent is not null) and (basis <> 'margin') = (amount is not null) and (amount is null) = (currency is null)),
  check (basis <> 'margin' or kind = 'floor')
);
create unique index price_limits_current on price_limits (kind, basis, coalesce(channel_id, 0), scope, coalesce(variant_id, product_id, 0), coalesce(category, ''))
  where valid_to is null;
create index price_limits_by_variant on price_limits (variant_id) where variant_id is not null;

-- ---------------------------------------------------------------- what is due, and what changed

alter table due drop constraint due_what_check;
alter table due add constraint due_what_check check (what in ('reservation', 'price', 'lot', 'incoming', 'terms', 'list', 'rates'));

create index products_by_category on products (category) where category is not null;
