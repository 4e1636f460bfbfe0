-- What is lost while a value waits to be sent, and what that is reckoned with: pushes go in that order. An older program goes on by kind and age.

-- Of a SKU in a channel: units expected to be sold in an hour and how well that is known (the shape of its distribution), what is lost with one that is not sold and with
-- one that has to be cancelled, in the currency of the account's first channel, and how many units of that one of the channel's own currency is.
create table stakes (
  channel_id bigint not null references channels,
  variant_id bigint not null references variants,
  mean double precision not null check (mean >= 0),
  shape double precision not null check (shape > 0),
  margin double precision not null check (margin >= 0),
  cancellation double precision not null check (cancellation >= 0),
  exchange double precision not null check (exchange > 0),
  primary key (channel_id, variant_id)
);

-- Money expected to be lost in an hour in which it waits.
alter table publications add column loss double precision not null default 0;
create index publications_by_loss on publications (account_id, (least(urgency, 2)), loss desc, waiting_since) where waiting_since is not null;
