-- What others sell before a channel can know of it, and what each channel keeps back for that.

-- Where both are set, the channel's buffer is by risk: margin of a unit that is held back, and what cancelling an accepted one costs.
alter table channel_policies add column risk_margin numeric(18, 6) check (risk_margin > 0);
alter table channel_policies add column risk_cancellation numeric(18, 6) check (risk_cancellation > 0);
alter table channel_policies add constraint channel_policies_risk_whole check ((risk_margin is null) = (risk_cancellation is null));

-- What each stock publication (a channel, or the channels that it leads) sold lately of a SKU, by the stock that was drawn on: a bundle's parts.
create table demand (
  scope_id bigint not null references channels,
  sold_id bigint not null references variants,
  part_id bigint not null references variants,
  units bigint not null,
  -- Of them in the last day.
  recent bigint not null,
  -- Looked at from this instant on.
  since timestamptz not null,
  primary key (part_id, scope_id, sold_id)
);

-- How old what a channel shows is, and what we know of its orders: 95 of 100 are faster. Null: not measured yet.
create table channel_lags (
  channel_id bigint primary key references channels,
  publish_s real,
  intake_s real,
  measured_at timestamptz not null
);

-- The buffer of a SKU in a channel whose buffer is by risk. Versions are closed, not changed.
create table risk_buffers (
  channel_id bigint not null references channels,
  variant_id bigint not null references variants,
  units int not null check (units >= 0),
  -- The probability that more is sold unseen in one lag, the units expected to be sold unseen, and the lag, seconds.
  tail real not null,
  mean real not null,
  lag_s real not null,
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  primary key (channel_id, variant_id, valid_from)
);
create unique index risk_buffers_current on risk_buffers (channel_id, variant_id) where valid_to is null;
create index risk_buffers_held on risk_buffers (variant_id) where valid_to is null and units > 0;

-- How often more was sold unseen than was kept back, beside how often that was expected: windows of one lag each, by the day in which they ended.
create table risk_outcomes (
  channel_id bigint not null references channels,
  day date not null,
  windows bigint not null,
  predicted double precision not null,
  realised bigint not null,
  primary key (channel_id, day)
);
alter table channel_lags add column compared_to timestamptz;
create index orders_by_placing on orders (placed_at);
