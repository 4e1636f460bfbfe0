create sequence market_asked;

create table account_quotas (
  account_id bigint not null,
  told_at timestamp with time zone not null default clock_timestamp(),
  operation text not null,
  calls_left double precision not null,
  per_second double precision not null,
  burst double precision not null,
  open_at timestamp with time zone
);
alter table account_quotas add constraint account_quotas_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table account_quotas add constraint account_quotas_pkey PRIMARY KEY (account_id);

create table account_requests (
  id bigint not null generated always as identity,
  account_id bigint not null,
  kind text not null,
  state text not null default 'open'::text,
  answer jsonb,
  actor text not null,
  asked_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone
);
alter table account_requests add constraint account_requests_kind_check CHECK ((kind = ANY (ARRAY['test'::text, 'observe'::text, 'compare'::text, 'poll'::text])));
alter table account_requests add constraint account_requests_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'failed'::text])));
alter table account_requests add constraint account_requests_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table account_requests add constraint account_requests_pkey PRIMARY KEY (id);
CREATE INDEX account_requests_open ON public.account_requests USING btree (account_id, id) WHERE (state = 'open'::text);

create table accounts (
  id bigint not null generated always as identity,
  name text not null,
  platform text not null,
  settings jsonb not null default '{}'::jsonb,
  credentials bytea not null,
  webhook_secret bytea,
  webhook_token text not null,
  state text not null default 'active'::text,
  state_reason text,
  state_since timestamp with time zone not null default clock_timestamp(),
  retry_at timestamp with time zone,
  covered_until timestamp with time zone,
  polled_until timestamp with time zone,
  polled_at timestamp with time zone,
  observed_at timestamp with time zone,
  lease_owner text,
  lease_token bigint not null default 0,
  lease_until timestamp with time zone,
  created_at timestamp with time zone not null default clock_timestamp(),
  webhooks_since timestamp with time zone,
  returns_since timestamp with time zone not null default clock_timestamp()
);
alter table accounts add constraint accounts_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text));
alter table accounts add constraint accounts_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'failing'::text])));
alter table accounts add constraint accounts_pkey PRIMARY KEY (id);
alter table accounts add constraint accounts_name_key UNIQUE (name);
alter table accounts add constraint accounts_webhook_token_key UNIQUE (webhook_token);

create table acts (
  id bigint not null generated always as identity,
  account_id bigint not null,
  channel_id bigint not null,
  order_id bigint not null,
  kind text not null,
  key text not null,
  body jsonb not null,
  state text not null default 'intended'::text,
  reason_code text,
  reason text,
  attempts integer not null default 0,
  retry_at timestamp with time zone,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  sent_at timestamp with time zone,
  ended_at timestamp with time zone
);
alter table acts add constraint acts_kind_check CHECK ((kind = ANY (ARRAY['acknowledge'::text, 'ready'::text, 'ship'::text, 'cancel'::text, 'refund'::text])));
alter table acts add constraint acts_state_check CHECK ((state = ANY (ARRAY['intended'::text, 'sent'::text, 'unknown'::text, 'confirmed'::text, 'refused'::text])));
alter table acts add constraint acts_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table acts add constraint acts_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table acts add constraint acts_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table acts add constraint acts_pkey PRIMARY KEY (id);
alter table acts add constraint acts_key_key UNIQUE (key);
CREATE INDEX acts_by_order ON public.acts USING btree (order_id);
CREATE INDEX acts_open ON public.acts USING btree (account_id, id) WHERE (state = ANY (ARRAY['intended'::text, 'sent'::text, 'unknown'::text]));
CREATE INDEX acts_refused ON public.acts USING btree (ended_at) WHERE (state = 'refused'::text);
CREATE TRIGGER acts_notices AFTER UPDATE OF state ON public.acts FOR EACH ROW WHEN (((new.kind = 'refund'::text) AND (new.state = 'confirmed'::text) AND (old.state <> 'confirmed'::text))) EXECUTE FUNCTION buyer_notices_of_refund();

create table alert_attempts (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  at timestamp with time zone not null,
  took_ms integer not null,
  status integer,
  trouble text
);
alter table alert_attempts add constraint alert_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES alert_deliveries(id) ON DELETE CASCADE;
alter table alert_attempts add constraint alert_attempts_pkey PRIMARY KEY (id);
CREATE INDEX alert_attempts_by_delivery ON public.alert_attempts USING btree (delivery_id, id);
CREATE TRIGGER alert_attempts_append_only BEFORE UPDATE ON public.alert_attempts FOR EACH ROW EXECUTE FUNCTION alert_attempts_are_final();

create table alert_deliveries (
  id bigint not null generated always as identity,
  endpoint_id bigint not null,
  message_id text not null,
  alert_id bigint,
  event text not null,
  body text not null,
  state text not null default 'waiting'::text,
  attempts integer not null default 0,
  due_at timestamp with time zone,
  taken_by text,
  taken_until timestamp with time zone,
  last_status integer,
  last_trouble text,
  created_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone
);
alter table alert_deliveries add constraint alert_deliveries_check CHECK (((state = 'waiting'::text) = (due_at IS NOT NULL)));
alter table alert_deliveries add constraint alert_deliveries_event_check CHECK ((event = ANY (ARRAY['alert.opened'::text, 'alert.ended'::text, 'webhook.test'::text])));
alter table alert_deliveries add constraint alert_deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'failed'::text, 'dropped'::text])));
alter table alert_deliveries add constraint alert_deliveries_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alerts(id);
alter table alert_deliveries add constraint alert_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES alert_endpoints(id);
alter table alert_deliveries add constraint alert_deliveries_pkey PRIMARY KEY (id);
alter table alert_deliveries add constraint alert_deliveries_endpoint_id_message_id_key UNIQUE (endpoint_id, message_id);
CREATE INDEX alert_deliveries_by_alert ON public.alert_deliveries USING btree (alert_id);
CREATE INDEX alert_deliveries_due ON public.alert_deliveries USING btree (due_at) WHERE (state = 'waiting'::text);

create table alert_endpoints (
  id bigint not null generated always as identity,
  via text not null,
  address text not null,
  name text not null default ''::text,
  kinds text[] not null default '{}'::text[],
  language text not null default 'en'::text,
  state text not null default 'active'::text,
  state_since timestamp with time zone not null default clock_timestamp(),
  removed_at timestamp with time zone,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  tells_buyers boolean not null default false
);
alter table alert_endpoints add constraint alert_endpoints_language_check CHECK ((language = ANY (ARRAY['en'::text, 'zh-CN'::text])));
alter table alert_endpoints add constraint alert_endpoints_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'gone'::text])));
alter table alert_endpoints add constraint alert_endpoints_via_check CHECK ((via = ANY (ARRAY['webhook'::text, 'email'::text])));
alter table alert_endpoints add constraint alert_endpoints_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX alert_endpoints_address ON public.alert_endpoints USING btree (via, lower(address)) WHERE (removed_at IS NULL);

create table alert_limits (
  id bigint not null generated always as identity,
  kind text not null,
  channel_id bigint,
  amount numeric(18,4),
  quiet_s integer,
  off boolean not null default false,
  actor text not null,
  set_at timestamp with time zone not null default clock_timestamp()
);
alter table alert_limits add constraint alert_limits_amount_check CHECK ((amount >= (0)::numeric));
alter table alert_limits add constraint alert_limits_quiet_s_check CHECK (((quiet_s >= 0) AND (quiet_s <= 604800)));
alter table alert_limits add constraint alert_limits_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table alert_limits add constraint alert_limits_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX alert_limits_of_kind ON public.alert_limits USING btree (kind, COALESCE(channel_id, (0)::bigint));

create table alert_looks (
  one boolean not null default true,
  next_at timestamp with time zone not null
);
alter table alert_looks add constraint alert_looks_one_check CHECK (one);
alter table alert_looks add constraint alert_looks_pkey PRIMARY KEY (one);

create table alert_secrets (
  id bigint not null generated always as identity,
  endpoint_id bigint not null,
  secret bytea not null,
  made_at timestamp with time zone not null default clock_timestamp(),
  ends_at timestamp with time zone
);
alter table alert_secrets add constraint alert_secrets_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES alert_endpoints(id);
alter table alert_secrets add constraint alert_secrets_pkey PRIMARY KEY (id);
CREATE INDEX alert_secrets_by_endpoint ON public.alert_secrets USING btree (endpoint_id);

create table alerts (
  id bigint not null generated always as identity,
  kind text not null,
  subject text not null,
  channel_id bigint,
  account_id bigint,
  facts jsonb not null,
  since timestamp with time zone not null,
  opened_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  seen integer not null default 1,
  quiet_s integer not null,
  ended_at timestamp with time zone
);
alter table alerts add constraint alerts_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table alerts add constraint alerts_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table alerts add constraint alerts_pkey PRIMARY KEY (id);
CREATE INDEX alerts_ended ON public.alerts USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE UNIQUE INDEX alerts_open ON public.alerts USING btree (kind, subject) WHERE (ended_at IS NULL);

create table api_keys (
  id text not null,
  secret_hash text not null,
  name text not null,
  scopes text[] not null,
  created_by text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  expires_at timestamp with time zone,
  used_at timestamp with time zone,
  revoked_at timestamp with time zone
);
alter table api_keys add constraint api_keys_pkey PRIMARY KEY (id);

create table audit (
  id bigint not null generated always as identity,
  at timestamp with time zone not null default clock_timestamp(),
  actor text not null,
  act text not null,
  subject text not null,
  detail jsonb not null default '{}'::jsonb
);
alter table audit add constraint audit_pkey PRIMARY KEY (id);
CREATE INDEX audit_by_subject ON public.audit USING btree (subject, id);

create table balances (
  variant_id bigint not null,
  location_id bigint not null,
  on_hand integer not null default 0,
  reserved integer not null default 0,
  unavailable integer not null default 0,
  incoming integer not null default 0,
  safety_stock integer not null default 0,
  updated_at timestamp with time zone not null default clock_timestamp()
);
alter table balances add constraint balances_incoming_check CHECK ((incoming >= 0));
alter table balances add constraint balances_on_hand_check CHECK ((on_hand >= 0));
alter table balances add constraint balances_reserved_check CHECK ((reserved >= 0));
alter table balances add constraint balances_safety_stock_check CHECK ((safety_stock >= 0));
alter table balances add constraint balances_unavailable_check CHECK ((unavailable >= 0));
alter table balances add constraint reserved_within_on_hand CHECK (((reserved + unavailable) <= on_hand));
alter table balances add constraint balances_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table balances add constraint balances_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table balances add constraint balances_pkey PRIMARY KEY (variant_id, location_id);
CREATE INDEX balances_by_location ON public.balances USING btree (location_id, variant_id);

create table bundle_flat (
  bundle_id bigint not null,
  part_id bigint not null,
  quantity integer not null
);
alter table bundle_flat add constraint bundle_flat_quantity_check CHECK ((quantity > 0));
alter table bundle_flat add constraint bundle_flat_bundle_id_fkey FOREIGN KEY (bundle_id) REFERENCES variants(id);
alter table bundle_flat add constraint bundle_flat_part_id_fkey FOREIGN KEY (part_id) REFERENCES variants(id);
alter table bundle_flat add constraint bundle_flat_pkey PRIMARY KEY (bundle_id, part_id);
CREATE INDEX bundle_flat_by_part ON public.bundle_flat USING btree (part_id);

create table bundle_parts (
  id bigint not null generated always as identity,
  bundle_id bigint not null,
  part_id bigint not null,
  quantity integer not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table bundle_parts add constraint bundle_parts_check CHECK ((bundle_id <> part_id));
alter table bundle_parts add constraint bundle_parts_quantity_check CHECK ((quantity > 0));
alter table bundle_parts add constraint bundle_parts_bundle_id_fkey FOREIGN KEY (bundle_id) REFERENCES variants(id);
alter table bundle_parts add constraint bundle_parts_part_id_fkey FOREIGN KEY (part_id) REFERENCES variants(id);
alter table bundle_parts add constraint bundle_parts_pkey PRIMARY KEY (id);
CREATE INDEX bundle_parts_by_part ON public.bundle_parts USING btree (part_id) WHERE (valid_to IS NULL);
CREATE INDEX bundle_parts_history ON public.bundle_parts USING btree (bundle_id, valid_from);
CREATE UNIQUE INDEX bundle_parts_current ON public.bundle_parts USING btree (bundle_id, part_id) WHERE (valid_to IS NULL);

create table buyer_notices (
  id bigint not null generated always as identity,
  order_id bigint,
  group_id bigint,
  event_id bigint,
  act_id bigint,
  kind text not null,
  cause text not null,
  via text not null,
  endpoint_id bigint,
  user_id bigint,
  language text,
  message_id text not null,
  state text not null default 'waiting'::text,
  attempts integer not null default 0,
  due_at timestamp with time zone,
  taken_by text,
  taken_until timestamp with time zone,
  last_status integer,
  last_trouble text,
  created_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone
);
alter table buyer_notices add constraint buyer_notices_check CHECK (((state = 'waiting'::text) = (due_at IS NOT NULL)));
alter table buyer_notices add constraint buyer_notices_check1 CHECK (((order_id IS NULL) = (user_id IS NOT NULL)));
alter table buyer_notices add constraint buyer_notices_check2 CHECK (((via = 'webhook'::text) = (endpoint_id IS NOT NULL)));
alter table buyer_notices add constraint buyer_notices_language_check CHECK ((language = ANY (ARRAY['en'::text, 'zh-CN'::text])));
alter table buyer_notices add constraint buyer_notices_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'failed'::text, 'dropped'::text])));
alter table buyer_notices add constraint buyer_notices_via_check CHECK ((via = ANY (ARRAY['email'::text, 'webhook'::text])));
alter table buyer_notices add constraint buyer_notices_act_id_fkey FOREIGN KEY (act_id) REFERENCES acts(id);
alter table buyer_notices add constraint buyer_notices_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES alert_endpoints(id);
alter table buyer_notices add constraint buyer_notices_event_id_fkey FOREIGN KEY (event_id) REFERENCES order_events(id);
alter table buyer_notices add constraint buyer_notices_group_id_fkey FOREIGN KEY (group_id) REFERENCES fulfilment_groups(id);
alter table buyer_notices add constraint buyer_notices_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table buyer_notices add constraint buyer_notices_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
alter table buyer_notices add constraint buyer_notices_pkey PRIMARY KEY (id);
alter table buyer_notices add constraint buyer_notices_message_id_key UNIQUE (message_id);
CREATE INDEX buyer_notices_due ON public.buyer_notices USING btree (due_at) WHERE (state = 'waiting'::text);
CREATE INDEX buyer_notices_ended ON public.buyer_notices USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE UNIQUE INDEX buyer_notices_once ON public.buyer_notices USING btree (order_id, kind, cause, via, COALESCE(endpoint_id, (0)::bigint)) WHERE (order_id IS NOT NULL);

create table change (
  tx xid8 not null default pg_current_xact_id(),
  seq bigint not null generated always as identity,
  kind text not null,
  variant_id bigint,
  channel_id bigint,
  account_id bigint,
  ref_id bigint,
  at timestamp with time zone not null default clock_timestamp(),
  variant_ids bigint[]
);
alter table change add constraint change_kind_check CHECK ((kind = ANY (ARRAY['stock'::text, 'price'::text, 'listing'::text, 'channel'::text, 'order'::text, 'inbox'::text, 'act'::text])));
alter table change add constraint change_pkey PRIMARY KEY (tx, seq);

create table channel_group_members (
  id bigint not null generated always as identity,
  group_id bigint not null,
  channel_id bigint not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table channel_group_members add constraint channel_group_members_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table channel_group_members add constraint channel_group_members_group_id_fkey FOREIGN KEY (group_id) REFERENCES channel_groups(id);
alter table channel_group_members add constraint channel_group_members_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX channel_group_members_current ON public.channel_group_members USING btree (channel_id, group_id) WHERE (valid_to IS NULL);

create table channel_groups (
  id bigint not null generated always as identity,
  code text not null,
  name text not null,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table channel_groups add constraint channel_groups_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text));
alter table channel_groups add constraint channel_groups_pkey PRIMARY KEY (id);
alter table channel_groups add constraint channel_groups_code_key UNIQUE (code);

create table channel_lags (
  channel_id bigint not null,
  publish_s real,
  intake_s real,
  measured_at timestamp with time zone not null,
  compared_to timestamp with time zone
);
alter table channel_lags add constraint channel_lags_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table channel_lags add constraint channel_lags_pkey PRIMARY KEY (channel_id);

create table channel_locations (
  id bigint not null generated always as identity,
  channel_id bigint not null,
  location_id bigint not null,
  position integer not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table channel_locations add constraint channel_locations_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table channel_locations add constraint channel_locations_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table channel_locations add constraint channel_locations_pkey PRIMARY KEY (id);
CREATE INDEX channel_locations_by_location ON public.channel_locations USING btree (location_id) WHERE (valid_to IS NULL);
CREATE UNIQUE INDEX channel_locations_current ON public.channel_locations USING btree (channel_id, location_id) WHERE (valid_to IS NULL);

create table channel_notices (
  channel_id bigint not null,
  kinds text[] not null,
  by_email boolean not null,
  sender_name text,
  reply_to text,
  language text,
  actor text not null,
  set_at timestamp with time zone not null default clock_timestamp()
);
alter table channel_notices add constraint channel_notices_language_check CHECK ((language = ANY (ARRAY['en'::text, 'zh-CN'::text])));
alter table channel_notices add constraint channel_notices_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table channel_notices add constraint channel_notices_pkey PRIMARY KEY (channel_id);

create table channel_policies (
  id bigint not null generated always as identity,
  channel_id bigint not null,
  buffer integer not null default 0,
  cap integer,
  stop_selling_at integer not null default 0,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null,
  buffer_percent numeric(5,2) not null default 0,
  sell_ahead boolean not null default false,
  risk_margin numeric(18,6),
  risk_cancellation numeric(18,6)
);
alter table channel_policies add constraint channel_policies_buffer_check CHECK ((buffer >= 0));
alter table channel_policies add constraint channel_policies_buffer_percent_check CHECK (((buffer_percent >= (0)::numeric) AND (buffer_percent <= (100)::numeric)));
alter table channel_policies add constraint channel_policies_cap_check CHECK ((cap >= 0));
alter table channel_policies add constraint channel_policies_check CHECK (((buffer = 0) OR (buffer_percent = (0)::numeric)));
alter table channel_policies add constraint channel_policies_risk_cancellation_check CHECK ((risk_cancellation > (0)::numeric));
alter table channel_policies add constraint channel_policies_risk_margin_check CHECK ((risk_margin > (0)::numeric));
alter table channel_policies add constraint channel_policies_risk_whole CHECK (((risk_margin IS NULL) = (risk_cancellation IS NULL)));
alter table channel_policies add constraint channel_policies_stop_selling_at_check CHECK ((stop_selling_at >= 0));
alter table channel_policies add constraint channel_policies_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table channel_policies add constraint channel_policies_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX channel_policies_current ON public.channel_policies USING btree (channel_id) WHERE (valid_to IS NULL);

create table channel_price_policies (
  id bigint not null generated always as identity,
  channel_id bigint not null,
  region_id bigint,
  rounding text not null default 'digits'::text,
  rounding_step numeric(18,6),
  rounding_ending numeric(18,6),
  rounding_direction text not null default 'nearest'::text,
  exchange_margin_percent numeric(7,4) not null default 0,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table channel_price_policies add constraint channel_price_policies_check CHECK (((rounding = 'ending'::text) = ((rounding_step IS NOT NULL) AND (rounding_ending IS NOT NULL))));
alter table channel_price_policies add constraint channel_price_policies_check1 CHECK ((rounding_ending < rounding_step));
alter table channel_price_policies add constraint channel_price_policies_exchange_margin_percent_check CHECK ((exchange_margin_percent > ('-100'::integer)::numeric));
alter table channel_price_policies add constraint channel_price_policies_rounding_check CHECK ((rounding = ANY (ARRAY['none'::text, 'digits'::text, 'ending'::text])));
alter table channel_price_policies add constraint channel_price_policies_rounding_direction_check CHECK ((rounding_direction = ANY (ARRAY['nearest'::text, 'up'::text, 'down'::text])));
alter table channel_price_policies add constraint channel_price_policies_rounding_ending_check CHECK ((rounding_ending >= (0)::numeric));
alter table channel_price_policies add constraint channel_price_policies_rounding_step_check CHECK ((rounding_step > (0)::numeric));
alter table channel_price_policies add constraint channel_price_policies_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table channel_price_policies add constraint channel_price_policies_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(id);
alter table channel_price_policies add constraint channel_price_policies_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX channel_price_policies_current ON public.channel_price_policies USING btree (channel_id) WHERE (valid_to IS NULL);

create table channels (
  id bigint not null generated always as identity,
  account_id bigint not null,
  code text not null,
  name text not null,
  external_ref text not null,
  currency text not null,
  tax_mode text not null default 'inclusive'::text,
  zone text not null default 'UTC'::text,
  locale text not null default 'en'::text,
  stock_lead_id bigint,
  publish_stock boolean not null default false,
  publish_prices boolean not null default false,
  paused boolean not null default false,
  created_at timestamp with time zone not null default clock_timestamp(),
  stock_on_at timestamp with time zone,
  prices_on_at timestamp with time zone
);
alter table channels add constraint channels_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text));
alter table channels add constraint channels_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text));
alter table channels add constraint channels_tax_mode_check CHECK ((tax_mode = ANY (ARRAY['inclusive'::text, 'exclusive'::text])));
alter table channels add constraint channels_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table channels add constraint channels_stock_lead_id_fkey FOREIGN KEY (stock_lead_id) REFERENCES channels(id);
alter table channels add constraint channels_pkey PRIMARY KEY (id);
alter table channels add constraint channels_account_id_external_ref_key UNIQUE (account_id, external_ref);
alter table channels add constraint channels_code_key UNIQUE (code);
CREATE TRIGGER channel_turned_on BEFORE INSERT OR UPDATE ON public.channels FOR EACH ROW EXECUTE FUNCTION channel_turned_on();

create table checks (
  id bigint not null generated always as identity,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  violations integer not null,
  report jsonb not null
);
alter table checks add constraint checks_pkey PRIMARY KEY (id);

create table commands (
  scope text not null,
  key text not null,
  kind text not null,
  body_hash text not null,
  answer jsonb,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table commands add constraint commands_pkey PRIMARY KEY (scope, key);
CREATE INDEX commands_by_age ON public.commands USING brin (created_at);

create table count_lines (
  id bigint not null generated always as identity,
  count_id bigint not null,
  variant_id bigint not null,
  lot_code text,
  counted integer,
  counted_at timestamp with time zone,
  counted_by text,
  book integer,
  decision text,
  posted integer,
  reason_code text
);
alter table count_lines add constraint count_lines_counted_check CHECK ((counted >= 0));
alter table count_lines add constraint count_lines_decision_check CHECK ((decision = ANY (ARRAY['approved'::text, 'rejected'::text])));
alter table count_lines add constraint count_lines_count_id_fkey FOREIGN KEY (count_id) REFERENCES counts(id);
alter table count_lines add constraint count_lines_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table count_lines add constraint count_lines_pkey PRIMARY KEY (id);
alter table count_lines add constraint count_lines_count_id_variant_id_lot_code_key UNIQUE NULLS NOT DISTINCT (count_id, variant_id, lot_code);
CREATE INDEX count_lines_by_count ON public.count_lines USING btree (count_id, id);
CREATE INDEX count_lines_by_variant ON public.count_lines USING btree (variant_id, counted_at) WHERE (decision = 'approved'::text);
CREATE INDEX count_lines_undecided ON public.count_lines USING btree (count_id, id) WHERE (decision IS NULL);

create table counts (
  id bigint not null generated always as identity,
  location_id bigint not null,
  scope text not null,
  state text not null default 'open'::text,
  note text,
  actor text not null,
  counters text[] not null default '{}'::text[],
  created_at timestamp with time zone not null default clock_timestamp(),
  submitted_at timestamp with time zone,
  submitted_by text,
  ended_at timestamp with time zone,
  ended_by text
);
alter table counts add constraint counts_scope_check CHECK ((scope = ANY (ARRAY['location'::text, 'skus'::text])));
alter table counts add constraint counts_state_check CHECK ((state = ANY (ARRAY['open'::text, 'review'::text, 'approved'::text, 'cancelled'::text])));
alter table counts add constraint counts_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table counts add constraint counts_pkey PRIMARY KEY (id);
CREATE INDEX counts_open ON public.counts USING btree (location_id) WHERE (state = ANY (ARRAY['open'::text, 'review'::text]));

create table deliveries (
  id bigint not null generated always as identity,
  reference text not null,
  supplier text,
  location_id bigint not null,
  expected_at timestamp with time zone not null,
  state text not null default 'open'::text,
  note text,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone
);
alter table deliveries add constraint deliveries_reference_check CHECK ((reference <> ''::text));
alter table deliveries add constraint deliveries_state_check CHECK ((state = ANY (ARRAY['open'::text, 'received'::text, 'cancelled'::text])));
alter table deliveries add constraint deliveries_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table deliveries add constraint deliveries_pkey PRIMARY KEY (id);
alter table deliveries add constraint deliveries_reference_key UNIQUE (reference);
CREATE INDEX deliveries_open ON public.deliveries USING btree (location_id, expected_at) WHERE (state = 'open'::text);

create table delivery_lines (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  variant_id bigint not null,
  ordered integer not null,
  received integer not null default 0,
  cancelled integer not null default 0,
  unit_cost numeric(18,6),
  cost_currency text
);
alter table delivery_lines add constraint delivery_lines_cancelled_check CHECK ((cancelled >= 0));
alter table delivery_lines add constraint delivery_lines_check CHECK ((cancelled <= ordered));
alter table delivery_lines add constraint delivery_lines_cost_currency_check CHECK ((cost_currency ~ '^[A-Z]{3}$'::text));
alter table delivery_lines add constraint delivery_lines_ordered_check CHECK ((ordered > 0));
alter table delivery_lines add constraint delivery_lines_received_check CHECK ((received >= 0));
alter table delivery_lines add constraint delivery_lines_unit_cost_check CHECK ((unit_cost >= (0)::numeric));
alter table delivery_lines add constraint delivery_lines_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES deliveries(id);
alter table delivery_lines add constraint delivery_lines_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table delivery_lines add constraint delivery_lines_pkey PRIMARY KEY (id);
alter table delivery_lines add constraint delivery_lines_delivery_id_variant_id_key UNIQUE (delivery_id, variant_id);
CREATE INDEX delivery_lines_coming ON public.delivery_lines USING btree (variant_id) WHERE (ordered > (received + cancelled));

create table demand (
  scope_id bigint not null,
  sold_id bigint not null,
  part_id bigint not null,
  units bigint not null,
  recent bigint not null,
  since timestamp with time zone not null
);
alter table demand add constraint demand_part_id_fkey FOREIGN KEY (part_id) REFERENCES variants(id);
alter table demand add constraint demand_scope_id_fkey FOREIGN KEY (scope_id) REFERENCES channels(id);
alter table demand add constraint demand_sold_id_fkey FOREIGN KEY (sold_id) REFERENCES variants(id);
alter table demand add constraint demand_pkey PRIMARY KEY (part_id, scope_id, sold_id);

create table drift_checks (
  id bigint not null generated always as identity,
  account_id bigint not null,
  actor text not null,
  asked_at timestamp with time zone not null default clock_timestamp(),
  began_at timestamp with time zone,
  ended_at timestamp with time zone,
  phase text not null default 'page'::text,
  place text,
  parent text,
  calls integer not null default 0,
  seen integer not null default 0,
  differs integer not null default 0,
  way text not null default 'search'::text,
  report_ms integer
);
alter table drift_checks add constraint drift_checks_phase_check CHECK ((phase = ANY (ARRAY['page'::text, 'family'::text, 'missed'::text, 'report'::text])));
alter table drift_checks add constraint drift_checks_way_check CHECK ((way = ANY (ARRAY['search'::text, 'report'::text])));
alter table drift_checks add constraint drift_checks_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table drift_checks add constraint drift_checks_pkey PRIMARY KEY (id);
CREATE INDEX drift_checks_by_account ON public.drift_checks USING btree (account_id, id DESC);
CREATE UNIQUE INDEX drift_checks_open ON public.drift_checks USING btree (account_id) WHERE (ended_at IS NULL);

create table drift_policies (
  id bigint not null generated always as identity,
  channel_id bigint not null,
  field text not null,
  winner text not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table drift_policies add constraint drift_policies_field_check CHECK ((field = ANY (ARRAY['stock'::text, 'price'::text])));
alter table drift_policies add constraint drift_policies_winner_check CHECK ((winner = ANY (ARRAY['hub'::text, 'platform'::text, 'ask'::text])));
alter table drift_policies add constraint drift_policies_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table drift_policies add constraint drift_policies_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX drift_policies_current ON public.drift_policies USING btree (channel_id, field) WHERE (valid_to IS NULL);

create table drifts (
  id bigint not null generated always as identity,
  account_id bigint not null,
  channel_id bigint not null,
  listing_id bigint not null,
  field text not null,
  cause text not null,
  state text not null default 'open'::text,
  believed jsonb,
  wanted jsonb,
  shown jsonb,
  units integer,
  explained integer not null default 0,
  right_at timestamp with time zone,
  modified_at timestamp with time zone,
  found_at timestamp with time zone not null,
  looked_at timestamp with time zone not null,
  settled boolean not null default false,
  lets_go integer,
  reason text,
  words text,
  winner text,
  decided_by text,
  decided_at timestamp with time zone,
  note text,
  taken_at timestamp with time zone,
  ended_at timestamp with time zone
);
alter table drifts add constraint drifts_cause_check CHECK ((cause = ANY (ARRAY['order'::text, 'edited'::text, 'lost'::text, 'gone'::text, 'unmapped'::text])));
alter table drifts add constraint drifts_check CHECK (((ended_at IS NOT NULL) = (state = ANY (ARRAY['repaired'::text, 'taken'::text, 'explained'::text, 'overtaken'::text, 'seen'::text]))));
alter table drifts add constraint drifts_field_check CHECK ((field = ANY (ARRAY['stock'::text, 'price'::text, 'listing'::text])));
alter table drifts add constraint drifts_state_check CHECK ((state = ANY (ARRAY['open'::text, 'held'::text, 'taking'::text, 'repaired'::text, 'taken'::text, 'explained'::text, 'overtaken'::text, 'seen'::text])));
alter table drifts add constraint drifts_winner_check CHECK ((winner = ANY (ARRAY['hub'::text, 'platform'::text])));
alter table drifts add constraint drifts_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table drifts add constraint drifts_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table drifts add constraint drifts_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listings(id);
alter table drifts add constraint drifts_pkey PRIMARY KEY (id);
CREATE INDEX drifts_by_channel ON public.drifts USING btree (channel_id, id DESC);
CREATE INDEX drifts_by_time ON public.drifts USING btree (found_at);
CREATE INDEX drifts_of_account ON public.drifts USING btree (account_id, id) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX drifts_open ON public.drifts USING btree (listing_id, field) WHERE (ended_at IS NULL);

create table due (
  id bigint not null generated always as identity,
  at timestamp with time zone not null,
  what text not null,
  ref_id bigint not null,
  told_at timestamp with time zone
);
alter table due add constraint due_what_check CHECK ((what = ANY (ARRAY['reservation'::text, 'price'::text, 'lot'::text, 'incoming'::text, 'terms'::text, 'list'::text, 'rates'::text, 'quarantine'::text, 'market'::text, 'order'::text])));
alter table due add constraint due_pkey PRIMARY KEY (id);
CREATE INDEX due_by_time ON public.due USING btree (at);
CREATE INDEX due_dates ON public.due USING btree (at) WHERE (what = ANY (ARRAY['price'::text, 'list'::text]));
CREATE UNIQUE INDEX due_market ON public.due USING btree (ref_id) WHERE (what = 'market'::text);

create table exchange_rates (
  id bigint not null generated always as identity,
  from_currency text not null,
  to_currency text not null,
  rate numeric(24,12) not null,
  starts_at timestamp with time zone not null,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  superseded_at timestamp with time zone
);
alter table exchange_rates add constraint exchange_rates_check CHECK ((from_currency <> to_currency));
alter table exchange_rates add constraint exchange_rates_from_currency_check CHECK ((from_currency ~ '^[A-Z]{3}$'::text));
alter table exchange_rates add constraint exchange_rates_rate_check CHECK ((rate > (0)::numeric));
alter table exchange_rates add constraint exchange_rates_to_currency_check CHECK ((to_currency ~ '^[A-Z]{3}$'::text));
alter table exchange_rates add constraint exchange_rates_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX exchange_rates_current ON public.exchange_rates USING btree (from_currency, to_currency, starts_at) WHERE (superseded_at IS NULL);

create table exchanges (
  replacement_id bigint not null,
  return_id bigint not null,
  waits boolean not null,
  return_by timestamp with time zone,
  difference numeric(18,6) not null,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table exchanges add constraint exchanges_check CHECK (((NOT waits) OR (return_by IS NOT NULL)));
alter table exchanges add constraint exchanges_replacement_id_fkey FOREIGN KEY (replacement_id) REFERENCES orders(id);
alter table exchanges add constraint exchanges_return_id_fkey FOREIGN KEY (return_id) REFERENCES returns(id);
alter table exchanges add constraint exchanges_pkey PRIMARY KEY (replacement_id);
alter table exchanges add constraint exchanges_return_id_key UNIQUE (return_id);
CREATE INDEX exchanges_return_by ON public.exchanges USING btree (return_by) WHERE (return_by IS NOT NULL);

create table feed_cursors (
  consumer text not null,
  tx xid8 not null,
  seq bigint not null,
  cluster text not null,
  moved_at timestamp with time zone not null default clock_timestamp()
);
alter table feed_cursors add constraint feed_cursors_pkey PRIMARY KEY (consumer);

create table fulfilment_groups (
  id bigint not null generated always as identity,
  order_id bigint not null,
  location_id bigint not null,
  method text not null,
  collect_location_id bigint,
  state text not null default 'waiting'::text,
  ready_by timestamp with time zone,
  deliver_by timestamp with time zone,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  state_since timestamp with time zone not null default clock_timestamp(),
  work_on date,
  code text,
  code_tries integer not null default 0,
  bay text,
  ready_at timestamp with time zone,
  collect_by timestamp with time zone,
  remind_at timestamp with time zone,
  extensions integer not null default 0,
  not_collected_at timestamp with time zone,
  late_told_at timestamp with time zone,
  held_at bigint
);
alter table fulfilment_groups add constraint fulfilment_groups_method_check CHECK ((method = ANY (ARRAY['ship'::text, 'collect'::text, 'ship_to_store'::text])));
alter table fulfilment_groups add constraint fulfilment_groups_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'picking'::text, 'ready'::text, 'sent'::text, 'done'::text, 'cancelled'::text, 'rejected'::text])));
alter table fulfilment_groups add constraint fulfilment_groups_collect_location_id_fkey FOREIGN KEY (collect_location_id) REFERENCES locations(id);
alter table fulfilment_groups add constraint fulfilment_groups_held_at_fkey FOREIGN KEY (held_at) REFERENCES locations(id);
alter table fulfilment_groups add constraint fulfilment_groups_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table fulfilment_groups add constraint fulfilment_groups_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table fulfilment_groups add constraint fulfilment_groups_pkey PRIMARY KEY (id);
CREATE INDEX fulfilment_groups_by_day ON public.fulfilment_groups USING btree (location_id, work_on) WHERE (work_on IS NOT NULL);
CREATE INDEX fulfilment_groups_by_location ON public.fulfilment_groups USING btree (location_id, state, ready_by) WHERE (state = ANY (ARRAY['waiting'::text, 'picking'::text, 'ready'::text]));
CREATE INDEX fulfilment_groups_by_order ON public.fulfilment_groups USING btree (order_id);
CREATE INDEX fulfilment_groups_collected ON public.fulfilment_groups USING btree (location_id, state_since) WHERE ((method = 'collect'::text) AND (state = ANY (ARRAY['done'::text, 'cancelled'::text])));
CREATE INDEX fulfilment_groups_coming ON public.fulfilment_groups USING btree (collect_location_id) WHERE (state = 'sent'::text);
CREATE INDEX fulfilment_groups_kept_until ON public.fulfilment_groups USING btree (collect_by) WHERE ((state = 'ready'::text) AND (method = 'collect'::text));
CREATE INDEX fulfilment_groups_to_be_late ON public.fulfilment_groups USING btree (ready_by) WHERE ((state = ANY (ARRAY['waiting'::text, 'picking'::text])) AND (method = 'collect'::text) AND (late_told_at IS NULL));
CREATE INDEX fulfilment_groups_to_remind ON public.fulfilment_groups USING btree (remind_at) WHERE ((state = 'ready'::text) AND (remind_at IS NOT NULL));
CREATE UNIQUE INDEX fulfilment_groups_open ON public.fulfilment_groups USING btree (order_id, location_id, method, COALESCE(collect_location_id, (0)::bigint)) WHERE (state = ANY (ARRAY['waiting'::text, 'picking'::text, 'ready'::text]));

create table fulfilment_lines (
  group_id bigint not null,
  order_line_id bigint not null,
  assigned integer not null,
  picked integer not null default 0,
  done integer not null default 0,
  released integer not null default 0
);
alter table fulfilment_lines add constraint fulfilment_lines_assigned_check CHECK ((assigned > 0));
alter table fulfilment_lines add constraint fulfilment_lines_check CHECK (((done + released) <= assigned));
alter table fulfilment_lines add constraint fulfilment_lines_done_check CHECK ((done >= 0));
alter table fulfilment_lines add constraint fulfilment_lines_picked_check CHECK ((picked >= 0));
alter table fulfilment_lines add constraint fulfilment_lines_released_check CHECK ((released >= 0));
alter table fulfilment_lines add constraint fulfilment_lines_group_id_fkey FOREIGN KEY (group_id) REFERENCES fulfilment_groups(id);
alter table fulfilment_lines add constraint fulfilment_lines_pkey PRIMARY KEY (group_id, order_line_id);
CREATE INDEX fulfilment_lines_by_line ON public.fulfilment_lines USING btree (order_line_id);
CREATE INDEX fulfilment_lines_put_back ON public.fulfilment_lines USING btree (group_id) WHERE (picked > (assigned - released));
CREATE TRIGGER fulfilment_lines_of_one_order AFTER INSERT ON public.fulfilment_lines REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION fulfilment_lines_of_one_order();

create table function_release (
  singleton boolean not null default true,
  release text,
  hash text,
  applied_at timestamp with time zone
);
alter table function_release add constraint function_release_singleton_check CHECK (singleton);
alter table function_release add constraint function_release_pkey PRIMARY KEY (singleton);

create table guard_approvals (
  listing_id bigint not null,
  field text not null,
  value jsonb not null,
  approved_by text not null,
  approved_at timestamp with time zone not null default clock_timestamp()
);
alter table guard_approvals add constraint guard_approvals_field_check CHECK ((field = ANY (ARRAY['stock'::text, 'price'::text])));
alter table guard_approvals add constraint guard_approvals_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listings(id);
alter table guard_approvals add constraint guard_approvals_pkey PRIMARY KEY (listing_id, field);

create table guard_limits (
  id bigint not null generated always as identity,
  channel_id bigint not null,
  changed_percent numeric(7,4) default 20,
  changed_least integer not null default 50,
  window_minutes integer not null default 60,
  drop_percent numeric(7,4) default 50,
  zero_listings integer default 200,
  zero_percent numeric(7,4) not null default 20,
  release_minutes integer not null default 30,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table guard_limits add constraint guard_limits_changed_least_check CHECK ((changed_least > 0));
alter table guard_limits add constraint guard_limits_changed_percent_check CHECK ((changed_percent >= (0)::numeric));
alter table guard_limits add constraint guard_limits_drop_percent_check CHECK (((drop_percent > (0)::numeric) AND (drop_percent < (100)::numeric)));
alter table guard_limits add constraint guard_limits_release_minutes_check CHECK (((release_minutes >= 1) AND (release_minutes <= 10080)));
alter table guard_limits add constraint guard_limits_window_minutes_check CHECK (((window_minutes >= 1) AND (window_minutes <= 10080)));
alter table guard_limits add constraint guard_limits_zero_listings_check CHECK ((zero_listings >= 0));
alter table guard_limits add constraint guard_limits_zero_percent_check CHECK ((zero_percent >= (0)::numeric));
alter table guard_limits add constraint guard_limits_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table guard_limits add constraint guard_limits_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX guard_limits_current ON public.guard_limits USING btree (channel_id) WHERE (valid_to IS NULL);

create table guard_moves (
  listing_id bigint not null,
  field text not null,
  channel_id bigint not null,
  baseline jsonb not null,
  since timestamp with time zone not null,
  moved_at timestamp with time zone not null
);
alter table guard_moves add constraint guard_moves_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table guard_moves add constraint guard_moves_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listings(id);
alter table guard_moves add constraint guard_moves_pkey PRIMARY KEY (listing_id, field);
CREATE INDEX guard_moves_window ON public.guard_moves USING btree (channel_id, field, moved_at);

create table guard_tallies (
  channel_id bigint not null,
  field text not null,
  listings integer not null default 0,
  counted_at timestamp with time zone not null default '-infinity'::timestamp with time zone
);
alter table guard_tallies add constraint guard_tallies_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table guard_tallies add constraint guard_tallies_pkey PRIMARY KEY (channel_id, field);

create table hold_rules (
  id bigint not null generated always as identity,
  channel_id bigint,
  rule text not null,
  above numeric(18,6),
  currency text,
  actor text not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone
);
alter table hold_rules add constraint hold_rules_above_check CHECK ((above >= (0)::numeric));
alter table hold_rules add constraint hold_rules_check CHECK (((rule = 'amount'::text) = ((above IS NOT NULL) AND (currency IS NOT NULL))));
alter table hold_rules add constraint hold_rules_rule_check CHECK ((rule = ANY (ARRAY['short'::text, 'address'::text, 'amount'::text])));
alter table hold_rules add constraint hold_rules_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table hold_rules add constraint hold_rules_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX hold_rules_open ON public.hold_rules USING btree (COALESCE(channel_id, (0)::bigint), rule, COALESCE(currency, ''::text)) WHERE (valid_to IS NULL);

create table import_price_guard (
  import_id bigint not null,
  channel_id bigint not null,
  changed integer not null,
  dropped integer not null,
  examples jsonb not null,
  adds integer not null default 0
);
alter table import_price_guard add constraint import_price_guard_pkey PRIMARY KEY (import_id, channel_id);

create table import_price_rows (
  import_id bigint not null,
  position integer not null,
  row_no integer not null,
  variant_id bigint not null,
  channel_id bigint,
  list_id bigint,
  min_quantity integer not null default 1,
  currency text not null,
  amount numeric(18,6),
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  was numeric(18,6),
  was_ends_at timestamp with time zone,
  is_new boolean not null
);
alter table import_price_rows add constraint import_price_rows_pkey PRIMARY KEY (import_id, "position");

create table import_rows (
  import_id bigint not null,
  row_no integer not null,
  body jsonb not null,
  errors jsonb,
  applied_at timestamp with time zone
);
alter table import_rows add constraint import_rows_import_id_fkey FOREIGN KEY (import_id) REFERENCES imports(id) ON DELETE CASCADE;
alter table import_rows add constraint import_rows_pkey PRIMARY KEY (import_id, row_no);
CREATE INDEX import_rows_open ON public.import_rows USING btree (import_id, row_no) WHERE ((applied_at IS NULL) AND (errors IS NULL));

create table import_stock_lines (
  import_id bigint not null,
  variant_id bigint not null,
  location_id bigint not null,
  occurred_at timestamp with time zone,
  lot_expires_at timestamp with time zone,
  row_no integer not null,
  quantity integer,
  delta boolean not null,
  available boolean not null,
  reason text,
  lot text
);

create table import_stock_rows (
  import_id bigint not null,
  variant_id bigint not null,
  location_id bigint not null,
  occurred_at timestamp with time zone,
  lot_expires_at timestamp with time zone,
  position integer not null,
  row_no integer not null,
  quantity integer not null,
  delta boolean not null,
  available boolean not null,
  alone boolean not null,
  reason text,
  lot text
);
alter table import_stock_rows add constraint import_stock_rows_pkey PRIMARY KEY (import_id, "position");

create table import_stock_segments (
  import_id bigint not null,
  first integer not null,
  last integer not null,
  is_applied boolean not null default false
);
alter table import_stock_segments add constraint import_stock_segments_pkey PRIMARY KEY (import_id, first);

create table imports (
  id bigint not null generated always as identity,
  kind text not null,
  name text not null,
  content_hash text not null,
  state text not null,
  options jsonb not null default '{}'::jsonb,
  rows integer not null default 0,
  applied integer not null default 0,
  summary jsonb not null default '{}'::jsonb,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  staged_row integer,
  touched_at timestamp with time zone,
  deltas boolean not null default false,
  again boolean not null default false,
  weighed_to integer,
  applied_to integer,
  decided_by text,
  decided_at timestamp with time zone
);
alter table imports add constraint imports_kind_check CHECK ((kind = ANY (ARRAY['catalog'::text, 'stock'::text, 'prices'::text])));
alter table imports add constraint imports_state_check CHECK ((state = ANY (ARRAY['staging'::text, 'judged'::text, 'waiting'::text, 'applying'::text, 'done'::text, 'refused'::text, 'rejected'::text])));
alter table imports add constraint imports_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX imports_deltas_once ON public.imports USING btree (content_hash) WHERE (deltas AND (NOT again) AND (state = ANY (ARRAY['applying'::text, 'done'::text])));

create table inbox (
  id bigint not null generated always as identity,
  account_id bigint not null,
  source text not null,
  delivery_id text not null,
  topic text not null,
  body bytea not null,
  state text not null default 'new'::text,
  reason text,
  attempts integer not null default 0,
  taken_until timestamp with time zone,
  received_at timestamp with time zone not null default clock_timestamp(),
  done_at timestamp with time zone
);
alter table inbox add constraint inbox_source_check CHECK ((source = ANY (ARRAY['webhook'::text, 'queue'::text, 'poll'::text, 'report'::text])));
alter table inbox add constraint inbox_state_check CHECK ((state = ANY (ARRAY['new'::text, 'done'::text, 'refused'::text, 'ignored'::text])));
alter table inbox add constraint inbox_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table inbox add constraint inbox_pkey PRIMARY KEY (id);
alter table inbox add constraint inbox_account_id_delivery_id_key UNIQUE (account_id, delivery_id);
CREATE INDEX inbox_arrivals ON public.inbox USING btree (account_id, received_at) WHERE (source <> 'poll'::text);
CREATE INDEX inbox_polled ON public.inbox USING btree (account_id, topic) WHERE (source = 'poll'::text);
CREATE INDEX inbox_refused ON public.inbox USING btree (id) WHERE (state = 'refused'::text);
CREATE INDEX inbox_waiting ON public.inbox USING btree (account_id, id) WHERE (state = 'new'::text);

create table installation (
  singleton boolean not null default true,
  generation uuid not null default gen_random_uuid(),
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table installation add constraint installation_singleton_check CHECK (singleton);
alter table installation add constraint installation_pkey PRIMARY KEY (singleton);

create table listings (
  id bigint not null generated always as identity,
  channel_id bigint not null,
  account_id bigint not null,
  external_id text not null,
  external_parent_id text,
  external_sku text not null,
  product_type text,
  gtin text,
  title text not null,
  state text not null default 'active'::text,
  variant_id bigint,
  shown_quantity integer,
  shown_price jsonb,
  observed_at timestamp with time zone not null default clock_timestamp()
);
alter table listings add constraint listings_state_check CHECK ((state = ANY (ARRAY['active'::text, 'inactive'::text, 'gone'::text])));
alter table listings add constraint listings_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table listings add constraint listings_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table listings add constraint listings_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table listings add constraint listings_pkey PRIMARY KEY (id);
alter table listings add constraint listings_channel_id_external_id_key UNIQUE (channel_id, external_id);
CREATE INDEX listings_by_parent ON public.listings USING btree (account_id, external_parent_id) WHERE ((external_parent_id IS NOT NULL) AND (variant_id IS NOT NULL));
CREATE INDEX listings_by_sku ON public.listings USING btree (account_id, external_sku);
CREATE INDEX listings_by_variant ON public.listings USING btree (variant_id) WHERE (variant_id IS NOT NULL);

create table location_services (
  id bigint not null generated always as identity,
  location_id bigint not null,
  latitude double precision,
  longitude double precision,
  address text,
  postal_code text,
  hours jsonb,
  cut_off text,
  lead_minutes integer not null default 0,
  holidays date[] not null default '{}'::date[],
  orders_per_day integer,
  units_per_day integer,
  ships boolean not null default true,
  collects boolean not null default false,
  ships_to text[],
  parcel_cost numeric(18,6),
  unit_cost numeric(18,6),
  priority integer not null default 0,
  transit_days integer not null default 2,
  transit_days_abroad integer not null default 5,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null,
  ships_hazards text[],
  hands_over_hazards text[],
  holidays_of text,
  open_days date[] not null default '{}'::date[]
);
alter table location_services add constraint location_services_cut_off_check CHECK ((cut_off ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'::text));
alter table location_services add constraint location_services_latitude_check CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision)));
alter table location_services add constraint location_services_lead_minutes_check CHECK (((lead_minutes >= 0) AND (lead_minutes <= 100000)));
alter table location_services add constraint location_services_longitude_check CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision)));
alter table location_services add constraint location_services_orders_per_day_check CHECK ((orders_per_day >= 0));
alter table location_services add constraint location_services_parcel_cost_check CHECK ((parcel_cost >= (0)::numeric));
alter table location_services add constraint location_services_transit_days_abroad_check CHECK (((transit_days_abroad >= 0) AND (transit_days_abroad <= 60)));
alter table location_services add constraint location_services_transit_days_check CHECK (((transit_days >= 0) AND (transit_days <= 60)));
alter table location_services add constraint location_services_unit_cost_check CHECK ((unit_cost >= (0)::numeric));
alter table location_services add constraint location_services_units_per_day_check CHECK ((units_per_day >= 0));
alter table location_services add constraint location_services_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table location_services add constraint location_services_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX location_services_current ON public.location_services USING btree (location_id) WHERE (valid_to IS NULL);

create table locations (
  id bigint not null generated always as identity,
  code text not null,
  name text not null,
  kind text not null,
  zone text not null default 'UTC'::text,
  country text,
  active boolean not null default true,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table locations add constraint locations_code_check CHECK ((code <> ''::text));
alter table locations add constraint locations_kind_check CHECK ((kind = ANY (ARRAY['warehouse'::text, 'store'::text, 'distributor'::text, 'platform'::text])));
alter table locations add constraint locations_pkey PRIMARY KEY (id);
alter table locations add constraint locations_code_key UNIQUE (code);

create table login_attempts (
  subject text not null,
  at timestamp with time zone not null default clock_timestamp()
);
CREATE INDEX login_attempts_recent ON public.login_attempts USING btree (subject, at);

create table lots (
  id bigint not null generated always as identity,
  variant_id bigint not null,
  location_id bigint not null,
  code text not null,
  expires_at timestamp with time zone,
  quantity integer not null default 0,
  unavailable integer not null default 0,
  expired boolean not null default false,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table lots add constraint lots_check CHECK (((unavailable >= 0) AND (unavailable <= quantity)));
alter table lots add constraint lots_quantity_check CHECK ((quantity >= 0));
alter table lots add constraint lots_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table lots add constraint lots_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table lots add constraint lots_pkey PRIMARY KEY (id);
alter table lots add constraint lots_variant_id_location_id_code_key UNIQUE (variant_id, location_id, code);
CREATE INDEX lots_expiring ON public.lots USING btree (variant_id, expires_at) WHERE ((NOT expired) AND (expires_at IS NOT NULL) AND (quantity > 0));

create table mappings (
  id bigint not null generated always as identity,
  listing_id bigint not null,
  variant_id bigint not null,
  matched_by text not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table mappings add constraint mappings_matched_by_check CHECK ((matched_by = ANY (ARRAY['sku'::text, 'gtin'::text, 'hand'::text])));
alter table mappings add constraint mappings_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listings(id);
alter table mappings add constraint mappings_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table mappings add constraint mappings_pkey PRIMARY KEY (id);
CREATE INDEX mappings_by_variant ON public.mappings USING btree (variant_id);
CREATE UNIQUE INDEX mappings_current ON public.mappings USING btree (listing_id) WHERE (valid_to IS NULL);

create table market_offers (
  id bigint not null generated always as identity,
  variant_id bigint not null,
  competitor text not null,
  channel_id bigint,
  currency text not null,
  amount numeric(18,6),
  shipping numeric(18,6),
  seen_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  actor text not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone
);
alter table market_offers add constraint market_offers_amount_check CHECK ((amount > (0)::numeric));
alter table market_offers add constraint market_offers_check CHECK ((last_seen_at >= seen_at));
alter table market_offers add constraint market_offers_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text));
alter table market_offers add constraint market_offers_shipping_check CHECK ((shipping >= (0)::numeric));
alter table market_offers add constraint market_offers_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table market_offers add constraint market_offers_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table market_offers add constraint market_offers_pkey PRIMARY KEY (id);
CREATE INDEX market_offers_history ON public.market_offers USING btree (variant_id, valid_from);
CREATE UNIQUE INDEX market_offers_current ON public.market_offers USING btree (variant_id, competitor, COALESCE(channel_id, (0)::bigint), currency) WHERE (valid_to IS NULL);

create table market_rule_terms (
  id bigint not null generated always as identity,
  rule_id bigint not null,
  list_id bigint not null,
  scope text not null,
  variant_id bigint,
  product_id bigint,
  category text,
  competitors text[],
  mode text not null,
  value numeric(18,6),
  most numeric(18,6),
  max_age_minutes integer not null default 1440,
  steps_per_day integer not null default 4,
  war_steps integer not null default 3,
  war_window_minutes integer not null default 1440,
  state text not null default 'active'::text,
  why text,
  actor text not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone
);
alter table market_rule_terms add constraint market_rule_terms_check CHECK ((((scope = 'variant'::text) = (variant_id IS NOT NULL)) AND ((scope = 'product'::text) = (product_id IS NOT NULL)) AND ((scope = 'category'::text) = (category IS NOT NULL))));
alter table market_rule_terms add constraint market_rule_terms_check1 CHECK (((mode = 'match'::text) = (value IS NULL)));
alter table market_rule_terms add constraint market_rule_terms_check2 CHECK (((mode = 'match'::text) OR (value > (0)::numeric)));
alter table market_rule_terms add constraint market_rule_terms_check3 CHECK (((mode <> ALL (ARRAY['percent'::text, 'within'::text])) OR (value < (100)::numeric)));
alter table market_rule_terms add constraint market_rule_terms_competitors_check CHECK ((cardinality(competitors) > 0));
alter table market_rule_terms add constraint market_rule_terms_max_age_minutes_check CHECK (((max_age_minutes >= 1) AND (max_age_minutes <= 525600)));
alter table market_rule_terms add constraint market_rule_terms_mode_check CHECK ((mode = ANY (ARRAY['amount'::text, 'percent'::text, 'within'::text, 'match'::text])));
alter table market_rule_terms add constraint market_rule_terms_most_check CHECK ((most > (0)::numeric));
alter table market_rule_terms add constraint market_rule_terms_scope_check CHECK ((scope = ANY (ARRAY['variant'::text, 'product'::text, 'category'::text, 'all'::text])));
alter table market_rule_terms add constraint market_rule_terms_state_check CHECK ((state = ANY (ARRAY['active'::text, 'ended'::text])));
alter table market_rule_terms add constraint market_rule_terms_steps_per_day_check CHECK (((steps_per_day >= 1) AND (steps_per_day <= 1000)));
alter table market_rule_terms add constraint market_rule_terms_war_steps_check CHECK (((war_steps >= 1) AND (war_steps <= 1000)));
alter table market_rule_terms add constraint market_rule_terms_war_window_minutes_check CHECK (((war_window_minutes >= 1) AND (war_window_minutes <= 43200)));
alter table market_rule_terms add constraint market_rule_terms_list_id_fkey FOREIGN KEY (list_id) REFERENCES price_lists(id);
alter table market_rule_terms add constraint market_rule_terms_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id);
alter table market_rule_terms add constraint market_rule_terms_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES market_rules(id);
alter table market_rule_terms add constraint market_rule_terms_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table market_rule_terms add constraint market_rule_terms_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX market_rule_terms_current ON public.market_rule_terms USING btree (rule_id) WHERE (valid_to IS NULL);

create table market_rules (
  id bigint not null generated always as identity,
  code text not null,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table market_rules add constraint market_rules_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text));
alter table market_rules add constraint market_rules_pkey PRIMARY KEY (id);
alter table market_rules add constraint market_rules_code_key UNIQUE (code);

create table market_steps (
  id bigint not null generated always as identity,
  list_id bigint not null,
  variant_id bigint not null,
  rule_id bigint not null,
  terms_id bigint not null,
  after_id bigint not null,
  at timestamp with time zone not null,
  from_amount numeric(18,6),
  to_amount numeric(18,6) not null,
  offer_id bigint not null,
  competitor text not null,
  is_answer boolean not null,
  target numeric(18,6) not null,
  clamp text,
  why text not null,
  waits boolean not null
);
alter table market_steps add constraint market_steps_clamp_check CHECK ((clamp = ANY (ARRAY['floor'::text, 'ceiling'::text, 'most'::text])));
alter table market_steps add constraint market_steps_to_amount_check CHECK ((to_amount > (0)::numeric));
alter table market_steps add constraint market_steps_list_id_fkey FOREIGN KEY (list_id) REFERENCES price_lists(id);
alter table market_steps add constraint market_steps_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES market_offers(id);
alter table market_steps add constraint market_steps_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES market_rules(id);
alter table market_steps add constraint market_steps_terms_id_fkey FOREIGN KEY (terms_id) REFERENCES market_rule_terms(id);
alter table market_steps add constraint market_steps_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table market_steps add constraint market_steps_pkey PRIMARY KEY (id);
CREATE INDEX market_steps_by_rule ON public.market_steps USING btree (rule_id, id);
CREATE INDEX market_steps_by_variant ON public.market_steps USING btree (variant_id, id);
CREATE INDEX market_steps_latest ON public.market_steps USING btree (list_id, variant_id, id);
CREATE UNIQUE INDEX market_steps_after ON public.market_steps USING btree (list_id, variant_id, after_id);

create table market_stops (
  id bigint not null generated always as identity,
  rule_id bigint not null,
  list_id bigint not null,
  variant_id bigint not null,
  competitor text not null,
  why jsonb not null,
  at timestamp with time zone not null,
  resumed_at timestamp with time zone,
  resumed_by text,
  note text
);
alter table market_stops add constraint market_stops_check CHECK (((resumed_at IS NULL) = (resumed_by IS NULL)));
alter table market_stops add constraint market_stops_list_id_fkey FOREIGN KEY (list_id) REFERENCES price_lists(id);
alter table market_stops add constraint market_stops_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES market_rules(id);
alter table market_stops add constraint market_stops_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table market_stops add constraint market_stops_pkey PRIMARY KEY (id);
CREATE INDEX market_stops_by_variant ON public.market_stops USING btree (variant_id, id);
CREATE UNIQUE INDEX market_stops_current ON public.market_stops USING btree (rule_id, variant_id) WHERE (resumed_at IS NULL);

create table market_work (
  variant_id bigint not null,
  asked bigint not null default nextval('market_asked'::regclass),
  taken_until timestamp with time zone
);
alter table market_work add constraint market_work_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table market_work add constraint market_work_pkey PRIMARY KEY (variant_id);
CREATE INDEX market_work_by_turn ON public.market_work USING btree (asked);

create table migration (
  name text not null,
  breaking boolean not null,
  hash text not null,
  release text not null,
  applied_at timestamp with time zone not null default clock_timestamp()
);
alter table migration add constraint migration_pkey PRIMARY KEY (name);

create table movements (
  id bigint not null generated always as identity,
  variant_id bigint not null,
  location_id bigint not null,
  kind text not null,
  on_hand integer not null default 0,
  reserved integer not null default 0,
  unavailable integer not null default 0,
  incoming integer not null default 0,
  order_line_id bigint,
  reservation_id bigint,
  command_scope text,
  command_key text,
  reason text,
  actor text not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  tx xid8 not null default pg_current_xact_id(),
  lot_id bigint,
  reason_code text,
  cause_kind text,
  cause_id bigint,
  unit_cost numeric(18,6),
  cost_currency text
) partition by RANGE (recorded_at);
alter table movements add constraint movements_pkey PRIMARY KEY (recorded_at, id);
CREATE INDEX movements_by_balance ON ONLY public.movements USING btree (variant_id, location_id, recorded_at DESC, id DESC);
CREATE INDEX movements_by_cause ON ONLY public.movements USING btree (cause_kind, cause_id) WHERE (cause_kind <> 'import'::text);
CREATE INDEX movements_by_order_line ON ONLY public.movements USING btree (order_line_id) WHERE (order_line_id IS NOT NULL);
CREATE TRIGGER movements_append_only BEFORE DELETE OR UPDATE ON public.movements FOR EACH ROW EXECUTE FUNCTION movements_are_final();

create table notice_templates (
  id bigint not null generated always as identity,
  channel_id bigint,
  kind text not null,
  language text not null,
  subject text not null,
  body text not null,
  actor text not null,
  set_at timestamp with time zone not null default clock_timestamp()
);
alter table notice_templates add constraint notice_templates_language_check CHECK ((language = ANY (ARRAY['en'::text, 'zh-CN'::text])));
alter table notice_templates add constraint notice_templates_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table notice_templates add constraint notice_templates_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX notice_templates_of_kind ON public.notice_templates USING btree (COALESCE(channel_id, (0)::bigint), kind, language);

create table order_collectors (
  order_id bigint not null,
  sealed_key bytea not null,
  sealed_body bytea not null
);
alter table order_collectors add constraint order_collectors_order_id_fkey FOREIGN KEY (order_id) REFERENCES order_people(order_id) ON DELETE CASCADE;
alter table order_collectors add constraint order_collectors_pkey PRIMARY KEY (order_id);

create table order_events (
  id bigint not null generated always as identity,
  order_id bigint not null,
  group_id bigint,
  transition text not null,
  from_state text,
  to_state text,
  reason text,
  detail jsonb,
  actor text not null,
  at timestamp with time zone not null default clock_timestamp()
);
alter table order_events add constraint order_events_group_id_fkey FOREIGN KEY (group_id) REFERENCES fulfilment_groups(id);
alter table order_events add constraint order_events_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table order_events add constraint order_events_pkey PRIMARY KEY (id);
CREATE INDEX order_events_by_group ON public.order_events USING btree (group_id, id) WHERE (group_id IS NOT NULL);
CREATE INDEX order_events_by_order ON public.order_events USING btree (order_id, id);
CREATE TRIGGER order_events_notices AFTER INSERT ON public.order_events REFERENCING NEW TABLE AS happened FOR EACH STATEMENT EXECUTE FUNCTION buyer_notices_of_events();

create table order_holds (
  id bigint not null generated always as identity,
  order_id bigint not null,
  kind text not null,
  reason text,
  by_rule boolean not null,
  actor text not null,
  put_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  ended_by text,
  end_reason text,
  by_channel boolean not null default false
);
alter table order_holds add constraint order_holds_kind_check CHECK ((kind = ANY (ARRAY['payment'::text, 'address'::text, 'fraud'::text, 'short'::text, 'return'::text, 'manual'::text])));
alter table order_holds add constraint order_holds_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table order_holds add constraint order_holds_pkey PRIMARY KEY (id);
CREATE INDEX order_holds_by_order ON public.order_holds USING btree (order_id);
CREATE UNIQUE INDEX order_holds_open ON public.order_holds USING btree (order_id, kind) WHERE (ended_at IS NULL);

create table order_line_parts (
  order_line_id bigint not null,
  variant_id bigint not null,
  quantity integer not null
);
alter table order_line_parts add constraint order_line_parts_quantity_check CHECK ((quantity > 0));
alter table order_line_parts add constraint order_line_parts_order_line_id_fkey FOREIGN KEY (order_line_id) REFERENCES order_lines(id);
alter table order_line_parts add constraint order_line_parts_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table order_line_parts add constraint order_line_parts_pkey PRIMARY KEY (order_line_id, variant_id);
CREATE INDEX order_line_parts_by_variant ON public.order_line_parts USING btree (variant_id);

create table order_lines (
  id bigint not null generated always as identity,
  order_id bigint not null,
  external_line_id text,
  variant_id bigint,
  listing_id bigint,
  sku text not null,
  title text not null,
  unit_price numeric(18,6),
  ordered integer not null,
  reserved integer not null default 0,
  short integer not null default 0,
  shipped integer not null default 0,
  cancelled integer not null default 0,
  returned integer not null default 0,
  short_cause text,
  counted integer not null default 0,
  method text not null default 'ship'::text,
  collect_location_id bigint,
  chosen_at timestamp with time zone,
  short_since timestamp with time zone,
  instead_of bigint,
  substituted integer not null default 0
);
alter table order_lines add constraint order_lines_cancelled_check CHECK ((cancelled >= 0));
alter table order_lines add constraint order_lines_check CHECK (((((reserved + short) + shipped) + cancelled) <= ordered));
alter table order_lines add constraint order_lines_check1 CHECK ((returned <= shipped));
alter table order_lines add constraint order_lines_counted_check CHECK ((counted >= 0));
alter table order_lines add constraint order_lines_method_check CHECK ((method = ANY (ARRAY['ship'::text, 'collect'::text])));
alter table order_lines add constraint order_lines_ordered_check CHECK (((ordered >= 0) AND ((ordered > 0) OR (substituted > 0) OR (instead_of IS NOT NULL))));
alter table order_lines add constraint order_lines_reserved_check CHECK ((reserved >= 0));
alter table order_lines add constraint order_lines_returned_check CHECK ((returned >= 0));
alter table order_lines add constraint order_lines_shipped_check CHECK ((shipped >= 0));
alter table order_lines add constraint order_lines_short_check CHECK ((short >= 0));
alter table order_lines add constraint order_lines_sold_check CHECK ((((external_line_id IS NULL) = (instead_of IS NOT NULL)) AND ((instead_of IS NULL) OR (substituted = 0))));
alter table order_lines add constraint order_lines_substituted_check CHECK ((substituted >= 0));
alter table order_lines add constraint order_lines_collect_location_id_fkey FOREIGN KEY (collect_location_id) REFERENCES locations(id);
alter table order_lines add constraint order_lines_instead_of_fkey FOREIGN KEY (instead_of) REFERENCES order_lines(id);
alter table order_lines add constraint order_lines_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listings(id);
alter table order_lines add constraint order_lines_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table order_lines add constraint order_lines_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table order_lines add constraint order_lines_pkey PRIMARY KEY (id);
alter table order_lines add constraint order_lines_order_id_external_line_id_key UNIQUE (order_id, external_line_id);
CREATE INDEX order_lines_instead_of ON public.order_lines USING btree (instead_of) WHERE (instead_of IS NOT NULL);
CREATE INDEX order_lines_short ON public.order_lines USING btree (variant_id, id) WHERE (short > 0);
CREATE INDEX order_lines_short_in_turn ON public.order_lines USING btree (id) WHERE (short > 0);
CREATE TRIGGER order_lines_short_since BEFORE INSERT OR UPDATE OF short ON public.order_lines FOR EACH ROW WHEN ((new.short > 0)) EXECUTE FUNCTION order_line_short_since();

create table order_people (
  order_id bigint not null,
  sealed_key bytea not null,
  sealed_body bytea not null,
  purge_at timestamp with time zone,
  buyer_mark bytea
);
alter table order_people add constraint order_people_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table order_people add constraint order_people_pkey PRIMARY KEY (order_id);
CREATE INDEX order_people_by_buyer ON public.order_people USING btree (buyer_mark) WHERE (buyer_mark IS NOT NULL);

create table order_troubles (
  what text not null,
  ref_id bigint not null,
  order_id bigint not null,
  tries integer not null default 1,
  retry_at timestamp with time zone not null,
  trouble text not null,
  since timestamp with time zone not null
);
alter table order_troubles add constraint order_troubles_what_check CHECK ((what = ANY (ARRAY['not_collected'::text, 'late'::text, 'route'::text, 'exchange'::text, 'return'::text, 'short'::text, 'substitute'::text])));
alter table order_troubles add constraint order_troubles_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table order_troubles add constraint order_troubles_pkey PRIMARY KEY (what, ref_id);
CREATE INDEX order_troubles_told ON public.order_troubles USING btree (order_id) WHERE (tries >= 3);

create table orders (
  id bigint not null generated always as identity,
  channel_id bigint not null,
  external_id text not null,
  number text not null,
  state text not null,
  platform_state text not null,
  stamp timestamp with time zone not null,
  content_hash text not null,
  currency text not null,
  total numeric(18,6),
  placed_at timestamp with time zone not null,
  booked_at timestamp with time zone not null default clock_timestamp(),
  updated_at timestamp with time zone not null default clock_timestamp(),
  people_gone_at timestamp with time zone,
  amounts jsonb,
  ship_by timestamp with time zone,
  exchange_of bigint
);
alter table orders add constraint orders_state_check CHECK ((state = ANY (ARRAY['received'::text, 'accepted'::text, 'held'::text, 'routed'::text, 'in_fulfilment'::text, 'fulfilled'::text, 'cancelled'::text, 'returned'::text, 'foreign'::text])));
alter table orders add constraint orders_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table orders add constraint orders_exchange_of_fkey FOREIGN KEY (exchange_of) REFERENCES orders(id);
alter table orders add constraint orders_pkey PRIMARY KEY (id);
alter table orders add constraint orders_channel_id_external_id_key UNIQUE (channel_id, external_id);
CREATE INDEX orders_amiss ON public.orders USING btree (booked_at) WHERE (((amounts -> 'misfit'::text) ->> 'isRounding'::text) = 'false'::text);
CREATE INDEX orders_by_channel ON public.orders USING btree (channel_id, booked_at);
CREATE INDEX orders_by_exchange ON public.orders USING btree (exchange_of) WHERE (exchange_of IS NOT NULL);
CREATE INDEX orders_by_number ON public.orders USING btree (lower(number));
CREATE INDEX orders_by_placing ON public.orders USING btree (placed_at);
CREATE INDEX orders_by_time ON public.orders USING btree (booked_at DESC, id DESC);
CREATE INDEX orders_to_route ON public.orders USING btree (id) WHERE (state = ANY (ARRAY['accepted'::text, 'in_fulfilment'::text]));
CREATE INDEX orders_to_ship ON public.orders USING btree (ship_by) WHERE ((ship_by IS NOT NULL) AND (state = ANY (ARRAY['accepted'::text, 'held'::text, 'routed'::text, 'in_fulfilment'::text])));

create table partner_tier_members (
  id bigint not null generated always as identity,
  partner_id bigint not null,
  tier_id bigint not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table partner_tier_members add constraint partner_tier_members_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partners(id);
alter table partner_tier_members add constraint partner_tier_members_tier_id_fkey FOREIGN KEY (tier_id) REFERENCES partner_tiers(id);
alter table partner_tier_members add constraint partner_tier_members_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX partner_tier_members_current ON public.partner_tier_members USING btree (partner_id) WHERE (valid_to IS NULL);

create table partner_tiers (
  id bigint not null generated always as identity,
  code text not null,
  name text not null,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table partner_tiers add constraint partner_tiers_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text));
alter table partner_tiers add constraint partner_tiers_pkey PRIMARY KEY (id);
alter table partner_tiers add constraint partner_tiers_code_key UNIQUE (code);

create table partners (
  id bigint not null generated always as identity,
  code text not null,
  name text not null,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table partners add constraint partners_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text));
alter table partners add constraint partners_pkey PRIMARY KEY (id);
alter table partners add constraint partners_code_key UNIQUE (code);

create table pick_up_rules (
  id bigint not null generated always as identity,
  channel_id bigint,
  location_id bigint,
  keep_days integer not null,
  remind_hours integer not null,
  late_minutes integer not null,
  extend_days integer not null,
  extensions_most integer not null,
  becomes text not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table pick_up_rules add constraint pick_up_rules_becomes_check CHECK ((becomes = ANY (ARRAY['cancel'::text, 'ship'::text])));
alter table pick_up_rules add constraint pick_up_rules_check CHECK (((channel_id IS NULL) OR (location_id IS NULL)));
alter table pick_up_rules add constraint pick_up_rules_extend_days_check CHECK (((extend_days >= 1) AND (extend_days <= 60)));
alter table pick_up_rules add constraint pick_up_rules_extensions_most_check CHECK (((extensions_most >= 0) AND (extensions_most <= 10)));
alter table pick_up_rules add constraint pick_up_rules_keep_days_check CHECK (((keep_days >= 1) AND (keep_days <= 60)));
alter table pick_up_rules add constraint pick_up_rules_late_minutes_check CHECK (((late_minutes >= 0) AND (late_minutes <= 10000)));
alter table pick_up_rules add constraint pick_up_rules_remind_hours_check CHECK (((remind_hours >= 0) AND (remind_hours <= 240)));
alter table pick_up_rules add constraint pick_up_rules_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table pick_up_rules add constraint pick_up_rules_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table pick_up_rules add constraint pick_up_rules_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX pick_up_rules_current ON public.pick_up_rules USING btree (COALESCE(channel_id, (0)::bigint), COALESCE(location_id, (0)::bigint)) WHERE (valid_to IS NULL);

create table platforms (
  platform text not null,
  sale_dates boolean not null,
  sale_beside boolean not null,
  reference_price boolean not null,
  tells_ready boolean not null default true,
  tells_buyers boolean not null default false,
  cancels text not null default 'parts'::text,
  cancel_pays_whole boolean not null default false,
  cancel_pays_parts boolean not null default false
);
alter table platforms add constraint platforms_cancels_check CHECK ((cancels = ANY (ARRAY['none'::text, 'whole'::text, 'parts'::text])));
alter table platforms add constraint platforms_pkey PRIMARY KEY (platform);

create table postal_areas (
  country text not null,
  code text not null,
  latitude double precision not null,
  longitude double precision not null
);
alter table postal_areas add constraint postal_areas_code_check CHECK ((code ~ '^[A-Z0-9]{1,12}$'::text));
alter table postal_areas add constraint postal_areas_country_check CHECK ((country ~ '^[A-Z]{2}$'::text));
alter table postal_areas add constraint postal_areas_latitude_check CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision)));
alter table postal_areas add constraint postal_areas_longitude_check CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision)));
alter table postal_areas add constraint postal_areas_pkey PRIMARY KEY (country, code);

create table price_entries (
  id bigint not null generated always as identity,
  list_id bigint not null,
  scope text not null,
  variant_id bigint,
  product_id bigint,
  category text,
  min_quantity integer not null default 1,
  rule text not null,
  over text,
  base_list_id bigint,
  value numeric(18,6),
  why text,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  approved_by text,
  valid_from timestamp with time zone,
  valid_to timestamp with time zone
);
alter table price_entries add constraint price_entries_check CHECK ((((scope = 'variant'::text) = (variant_id IS NOT NULL)) AND ((scope = 'product'::text) = (product_id IS NOT NULL)) AND ((scope = 'category'::text) = (category IS NOT NULL))));
alter table price_entries add constraint price_entries_check1 CHECK (((rule = ANY (ARRAY['fixed'::text, 'none'::text])) = (over IS NULL)));
alter table price_entries add constraint price_entries_check2 CHECK ((((over = 'list'::text) = (base_list_id IS NOT NULL)) OR ((over IS NULL) AND (base_list_id IS NULL))));
alter table price_entries add constraint price_entries_check3 CHECK (((rule <> 'margin'::text) OR (over = 'cost'::text)));
alter table price_entries add constraint price_entries_check4 CHECK (((rule = 'none'::text) = (value IS NULL)));
alter table price_entries add constraint price_entries_check5 CHECK (((rule <> 'fixed'::text) OR (value > (0)::numeric)));
alter table price_entries add constraint price_entries_check6 CHECK (((rule <> 'margin'::text) OR (value < (100)::numeric)));
alter table price_entries add constraint price_entries_check7 CHECK (((rule <> 'percent'::text) OR (value > ('-100'::integer)::numeric)));
alter table price_entries add constraint price_entries_min_quantity_check CHECK ((min_quantity > 0));
alter table price_entries add constraint price_entries_over_check CHECK ((over = ANY (ARRAY['plain'::text, 'list'::text, 'cost'::text])));
alter table price_entries add constraint price_entries_rule_check CHECK ((rule = ANY (ARRAY['fixed'::text, 'percent'::text, 'amount'::text, 'margin'::text, 'none'::text])));
alter table price_entries add constraint price_entries_scope_check CHECK ((scope = ANY (ARRAY['variant'::text, 'product'::text, 'category'::text, 'all'::text])));
alter table price_entries add constraint price_entries_base_list_id_fkey FOREIGN KEY (base_list_id) REFERENCES price_lists(id);
alter table price_entries add constraint price_entries_list_id_fkey FOREIGN KEY (list_id) REFERENCES price_lists(id);
alter table price_entries add constraint price_entries_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id);
alter table price_entries add constraint price_entries_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table price_entries add constraint price_entries_pkey PRIMARY KEY (id);
CREATE INDEX price_entries_by_variant ON public.price_entries USING btree (variant_id, list_id) WHERE (scope = 'variant'::text);
CREATE INDEX price_entries_closed ON public.price_entries USING btree (list_id, valid_to) WHERE (valid_to IS NOT NULL);
CREATE INDEX price_entries_over ON public.price_entries USING btree (base_list_id) WHERE (base_list_id IS NOT NULL);
CREATE INDEX price_entries_ruled ON public.price_entries USING btree (list_id) WHERE ((scope <> 'variant'::text) OR (rule <> ALL (ARRAY['fixed'::text, 'none'::text])));
CREATE UNIQUE INDEX price_entries_variant ON public.price_entries USING btree (list_id, variant_id, min_quantity) INCLUDE (id, value) WHERE ((scope = 'variant'::text) AND (valid_from IS NOT NULL) AND (valid_to IS NULL));
CREATE UNIQUE INDEX price_entries_waiting ON public.price_entries USING btree (list_id, scope, COALESCE(variant_id, product_id, (0)::bigint), COALESCE(category, ''::text), min_quantity) WHERE ((valid_from IS NULL) AND (valid_to IS NULL));
CREATE UNIQUE INDEX price_entries_wide ON public.price_entries USING btree (list_id, scope, COALESCE(product_id, (0)::bigint), COALESCE(category, ''::text), min_quantity) WHERE ((scope <> 'variant'::text) AND (valid_from IS NOT NULL) AND (valid_to IS NULL));

create table price_limits (
  id bigint not null generated always as identity,
  kind text not null,
  basis text not null,
  channel_id bigint,
  scope text not null,
  variant_id bigint,
  product_id bigint,
  category text,
  currency text,
  amount numeric(18,6),
  percent numeric(7,4),
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table price_limits add constraint price_limits_amount_check CHECK ((amount > (0)::numeric));
alter table price_limits add constraint price_limits_basis_check CHECK ((basis = ANY (ARRAY['manual'::text, 'map'::text, 'legal'::text, 'margin'::text])));
alter table price_limits add constraint price_limits_check CHECK ((((scope = 'variant'::text) = (variant_id IS NOT NULL)) AND ((scope = 'product'::text) = (product_id IS NOT NULL)) AND ((scope = 'category'::text) = (category IS NOT NULL))));
alter table price_limits add constraint price_limits_check1 CHECK ((((basis = 'margin'::text) = (percent IS NOT NULL)) AND ((basis <> 'margin'::text) = (amount IS NOT NULL)) AND ((amount IS NULL) = (currency IS NULL))));
alter table price_limits add constraint price_limits_check2 CHECK (((basis <> 'margin'::text) OR (kind = 'floor'::text)));
alter table price_limits add constraint price_limits_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text));
alter table price_limits add constraint price_limits_kind_check CHECK ((kind = ANY (ARRAY['floor'::text, 'ceiling'::text])));
alter table price_limits add constraint price_limits_percent_check CHECK (((percent < (100)::numeric) AND (percent > ('-1000'::integer)::numeric)));
alter table price_limits add constraint price_limits_scope_check CHECK ((scope = ANY (ARRAY['variant'::text, 'product'::text, 'category'::text, 'all'::text])));
alter table price_limits add constraint price_limits_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table price_limits add constraint price_limits_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id);
alter table price_limits add constraint price_limits_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table price_limits add constraint price_limits_pkey PRIMARY KEY (id);
CREATE INDEX price_limits_by_variant ON public.price_limits USING btree (variant_id) WHERE (variant_id IS NOT NULL);
CREATE UNIQUE INDEX price_limits_current ON public.price_limits USING btree (kind, basis, COALESCE(channel_id, (0)::bigint), scope, COALESCE(variant_id, product_id, (0)::bigint), COALESCE(category, ''::text)) WHERE (valid_to IS NULL);

create table price_list_terms (
  id bigint not null generated always as identity,
  list_id bigint not null,
  title text not null,
  currency text not null,
  kind text not null,
  audience text not null,
  audience_id bigint,
  priority integer not null default 0,
  tax_included boolean,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  state text not null,
  four_eyes boolean not null default false,
  why text,
  actor text not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone
);
alter table price_list_terms add constraint price_list_terms_audience_check CHECK ((audience = ANY (ARRAY['everyone'::text, 'region'::text, 'group'::text, 'channel'::text, 'tier'::text, 'partner'::text])));
alter table price_list_terms add constraint price_list_terms_check CHECK ((ends_at > starts_at));
alter table price_list_terms add constraint price_list_terms_check1 CHECK (((audience = 'everyone'::text) = (audience_id IS NULL)));
alter table price_list_terms add constraint price_list_terms_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text));
alter table price_list_terms add constraint price_list_terms_kind_check CHECK ((kind = ANY (ARRAY['price'::text, 'sale'::text])));
alter table price_list_terms add constraint price_list_terms_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'approved'::text, 'ended'::text])));
alter table price_list_terms add constraint price_list_terms_list_id_fkey FOREIGN KEY (list_id) REFERENCES price_lists(id);
alter table price_list_terms add constraint price_list_terms_pkey PRIMARY KEY (id);
CREATE INDEX price_list_terms_history ON public.price_list_terms USING btree (list_id, valid_from);
CREATE UNIQUE INDEX price_list_terms_current ON public.price_list_terms USING btree (list_id) WHERE (valid_to IS NULL);

create table price_lists (
  id bigint not null generated always as identity,
  code text not null,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table price_lists add constraint price_lists_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text));
alter table price_lists add constraint price_lists_pkey PRIMARY KEY (id);
alter table price_lists add constraint price_lists_code_key UNIQUE (code);

create table prices (
  id bigint not null generated always as identity,
  variant_id bigint not null,
  channel_id bigint,
  currency text not null,
  amount numeric(18,6) not null,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  superseded_at timestamp with time zone
);
alter table prices add constraint prices_amount_check CHECK ((amount > (0)::numeric));
alter table prices add constraint prices_check CHECK (((ends_at IS NULL) OR (starts_at IS NOT NULL)));
alter table prices add constraint prices_check1 CHECK (((ends_at IS NULL) OR (ends_at > starts_at)));
alter table prices add constraint prices_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text));
alter table prices add constraint prices_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table prices add constraint prices_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table prices add constraint prices_pkey PRIMARY KEY (id);
CREATE INDEX prices_history ON public.prices USING btree (variant_id, created_at);
CREATE UNIQUE INDEX prices_dated ON public.prices USING btree (variant_id, currency, COALESCE(channel_id, (0)::bigint), starts_at) WHERE ((superseded_at IS NULL) AND (starts_at IS NOT NULL));
CREATE UNIQUE INDEX prices_regular ON public.prices USING btree (variant_id, currency, COALESCE(channel_id, (0)::bigint)) WHERE ((superseded_at IS NULL) AND (starts_at IS NULL));

create table products (
  id bigint not null generated always as identity,
  handle text not null,
  title text not null,
  vendor text,
  category text,
  version integer not null default 1,
  created_at timestamp with time zone not null default clock_timestamp(),
  updated_at timestamp with time zone not null default clock_timestamp()
);
alter table products add constraint products_handle_check CHECK ((handle <> ''::text));
alter table products add constraint products_pkey PRIMARY KEY (id);
alter table products add constraint products_handle_key UNIQUE (handle);
CREATE INDEX products_by_category ON public.products USING btree (category) WHERE (category IS NOT NULL);
CREATE TRIGGER product_category_moved AFTER UPDATE ON public.products REFERENCING OLD TABLE AS former NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION product_category_moved();

create table publication_feed_items (
  feed_id bigint not null,
  listing_id bigint not null,
  sku text not null,
  value jsonb not null,
  overtaken boolean not null default false,
  look_at timestamp with time zone
);
alter table publication_feed_items add constraint publication_feed_items_feed_id_fkey FOREIGN KEY (feed_id) REFERENCES publication_feeds(id);
alter table publication_feed_items add constraint publication_feed_items_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listings(id);
alter table publication_feed_items add constraint publication_feed_items_pkey PRIMARY KEY (feed_id, listing_id);
CREATE INDEX publication_feed_items_look ON public.publication_feed_items USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE INDEX publication_feed_items_overtaken ON public.publication_feed_items USING btree (listing_id) WHERE overtaken;

create table publication_feeds (
  id bigint not null generated always as identity,
  account_id bigint not null,
  state text not null default 'filling'::text,
  external_id text,
  items integer not null default 0,
  begun_at timestamp with time zone not null default clock_timestamp(),
  starting_at timestamp with time zone,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  outcome text,
  words text
);
alter table publication_feeds add constraint publication_feeds_check CHECK ((((state = 'ended'::text) = (ended_at IS NOT NULL)) AND ((ended_at IS NULL) = (outcome IS NULL))));
alter table publication_feeds add constraint publication_feeds_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'cancelled'::text, 'fatal'::text, 'refused'::text, 'lost'::text, 'empty'::text])));
alter table publication_feeds add constraint publication_feeds_state_check CHECK ((state = ANY (ARRAY['filling'::text, 'starting'::text, 'started'::text, 'late'::text, 'ended'::text])));
alter table publication_feeds add constraint publication_feeds_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table publication_feeds add constraint publication_feeds_pkey PRIMARY KEY (id);
CREATE INDEX publication_feeds_by_account ON public.publication_feeds USING btree (account_id, id);
CREATE UNIQUE INDEX publication_feeds_open ON public.publication_feeds USING btree (account_id) WHERE (ended_at IS NULL);

create table publication_forces (
  id bigint not null generated always as identity,
  channel_id bigint not null,
  fields text[] not null,
  variants bigint[],
  listing_id bigint,
  state text,
  category text,
  actor text not null,
  asked_at timestamp with time zone not null default clock_timestamp(),
  place bigint not null default 0,
  forced integer not null default 0,
  again integer not null default 0,
  under_way integer not null default 0,
  held integer not null default 0,
  ended_at timestamp with time zone
);
alter table publication_forces add constraint publication_forces_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table publication_forces add constraint publication_forces_pkey PRIMARY KEY (id);
CREATE INDEX publication_forces_open ON public.publication_forces USING btree (channel_id) WHERE (ended_at IS NULL);

create table publication_history (
  id bigint not null generated always as identity,
  listing_id bigint not null,
  field text not null,
  event text not null,
  value jsonb,
  why jsonb,
  at timestamp with time zone not null default clock_timestamp()
);
alter table publication_history add constraint publication_history_event_check CHECK ((event = ANY (ARRAY['intended'::text, 'sent'::text, 'accepted'::text, 'applied'::text, 'refused'::text, 'retry'::text, 'read'::text, 'order'::text, 'quarantined'::text, 'held'::text, 'forced'::text]))) NOT VALID;
alter table publication_history add constraint publication_history_pkey PRIMARY KEY (id);
CREATE INDEX publication_history_by_listing ON public.publication_history USING btree (listing_id, field, id DESC);
CREATE INDEX publication_history_orders ON public.publication_history USING btree (listing_id, at) WHERE (event = 'order'::text);
CREATE INDEX publication_history_refused ON public.publication_history USING btree (at) WHERE (event = 'refused'::text);

create table publications (
  listing_id bigint not null,
  field text not null,
  account_id bigint not null,
  channel_id bigint not null,
  variant_id bigint not null,
  intended jsonb not null,
  intended_why jsonb not null default '{}'::jsonb,
  intended_at timestamp with time zone not null default clock_timestamp(),
  sent jsonb,
  sent_at timestamp with time zone,
  sent_lease bigint,
  accepted jsonb,
  accepted_at timestamp with time zone,
  applied jsonb,
  applied_at timestamp with time zone,
  state text not null default 'intended'::text,
  reason_code text,
  reason text,
  attempts integer not null default 0,
  retry_at timestamp with time zone,
  check_at timestamp with time zone,
  waiting_since timestamp with time zone,
  urgency integer not null default 5,
  expected integer,
  withheld integer not null default 0,
  withheld_at timestamp with time zone,
  read_at timestamp with time zone,
  own_orders integer not null default 0,
  sent_own_orders integer not null default 0,
  quarantine_id bigint,
  quarantined jsonb,
  is_first boolean not null default false,
  floor numeric,
  floor_ahead numeric,
  held jsonb,
  forced_at timestamp with time zone,
  forced_by text,
  loss double precision not null default 0,
  feed_id bigint
);
alter table publications add constraint publications_field_check CHECK ((field = ANY (ARRAY['stock'::text, 'price'::text])));
alter table publications add constraint publications_not_below_floor CHECK (((field <> 'price'::text) OR (held IS NOT NULL) OR (((floor IS NULL) OR ((((intended ->> 'regular'::text))::numeric >= floor) AND ((((intended -> 'sale'::text) ->> 'amount'::text) IS NULL) OR (((intended -> 'sale'::text) ->> 'from'::text) IS NOT NULL) OR ((((intended -> 'sale'::text) ->> 'amount'::text))::numeric >= floor)))) AND ((floor_ahead IS NULL) OR (((intended -> 'sale'::text) ->> 'from'::text) IS NULL) OR ((((intended -> 'sale'::text) ->> 'amount'::text))::numeric >= floor_ahead)))));
alter table publications add constraint publications_state_check CHECK ((state = ANY (ARRAY['intended'::text, 'sent'::text, 'accepted'::text, 'applied'::text, 'refused'::text, 'quarantined'::text])));
alter table publications add constraint publications_withheld_check CHECK ((withheld >= 0));
alter table publications add constraint publications_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table publications add constraint publications_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table publications add constraint publications_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listings(id);
alter table publications add constraint publications_quarantine_id_fkey FOREIGN KEY (quarantine_id) REFERENCES quarantines(id);
alter table publications add constraint publications_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table publications add constraint publications_pkey PRIMARY KEY (listing_id, field);
CREATE INDEX publications_by_channel ON public.publications USING btree (channel_id, field);
CREATE INDEX publications_by_loss ON public.publications USING btree (account_id, LEAST(urgency, 2), loss DESC, waiting_since) WHERE (waiting_since IS NOT NULL);
CREATE INDEX publications_by_variant ON public.publications USING btree (variant_id);
CREATE INDEX publications_in_feed ON public.publications USING btree (feed_id, listing_id) WHERE (feed_id IS NOT NULL);
CREATE INDEX publications_quarantined ON public.publications USING btree (quarantine_id, listing_id) WHERE (quarantine_id IS NOT NULL);
CREATE INDEX publications_to_check ON public.publications USING btree (account_id, check_at) WHERE (check_at IS NOT NULL);
CREATE INDEX publications_unproven ON public.publications USING btree (channel_id, accepted_at) WHERE ((accepted_at IS NOT NULL) AND ((applied_at IS NULL) OR (applied_at < accepted_at)));
CREATE INDEX publications_waiting ON public.publications USING btree (account_id, urgency, waiting_since) WHERE (waiting_since IS NOT NULL);
CREATE INDEX publications_withheld ON public.publications USING btree (account_id, withheld_at) WHERE (withheld > 0);
CREATE TRIGGER publication_first_price AFTER INSERT ON public.publications FOR EACH ROW WHEN (((new.field = 'price'::text) AND (new.accepted IS NOT NULL))) EXECUTE FUNCTION publication_first_price();
CREATE TRIGGER publication_leaves BEFORE DELETE ON public.publications FOR EACH ROW WHEN ((old.quarantine_id IS NOT NULL)) EXECUTE FUNCTION publication_leaves();
CREATE TRIGGER publication_waits BEFORE INSERT OR UPDATE ON public.publications FOR EACH ROW EXECUTE FUNCTION publication_waits();
CREATE TRIGGER publication_weighs BEFORE INSERT OR UPDATE ON public.publications FOR EACH ROW WHEN ((new.waiting_since IS NOT NULL)) EXECUTE FUNCTION publication_weighs();

create table quarantine_items (
  quarantine_id bigint not null,
  listing_id bigint not null,
  limit_name text not null,
  before jsonb not null,
  value jsonb not null,
  at timestamp with time zone not null default clock_timestamp(),
  left_at timestamp with time zone,
  left_how text
);
alter table quarantine_items add constraint quarantine_items_check CHECK (((left_at IS NULL) = (left_how IS NULL)));
alter table quarantine_items add constraint quarantine_items_left_how_check CHECK ((left_how = ANY (ARRAY['approved'::text, 'released'::text, 'changed'::text, 'shown'::text])));
alter table quarantine_items add constraint quarantine_items_limit_name_check CHECK ((limit_name = ANY (ARRAY['changed'::text, 'dropped'::text, 'zeroed'::text])));
alter table quarantine_items add constraint quarantine_items_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listings(id);
alter table quarantine_items add constraint quarantine_items_quarantine_id_fkey FOREIGN KEY (quarantine_id) REFERENCES quarantines(id);
alter table quarantine_items add constraint quarantine_items_pkey PRIMARY KEY (quarantine_id, listing_id);
CREATE INDEX quarantine_items_held ON public.quarantine_items USING btree (quarantine_id, listing_id) WHERE (left_at IS NULL);

create table quarantines (
  id bigint not null generated always as identity,
  channel_id bigint not null,
  field text not null,
  why jsonb not null,
  opened_at timestamp with time zone not null default clock_timestamp(),
  revision integer not null default 0,
  decision text,
  decided_at timestamp with time zone,
  decided_by text,
  note text
);
alter table quarantines add constraint quarantines_check CHECK ((((decision IS NULL) = (decided_at IS NULL)) AND ((decision IS NULL) = (decided_by IS NULL))));
alter table quarantines add constraint quarantines_decision_check CHECK ((decision = ANY (ARRAY['approved'::text, 'rejected'::text, 'released'::text, 'dissolved'::text])));
alter table quarantines add constraint quarantines_field_check CHECK ((field = ANY (ARRAY['stock'::text, 'price'::text])));
alter table quarantines add constraint quarantines_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table quarantines add constraint quarantines_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX quarantines_open ON public.quarantines USING btree (channel_id, field) WHERE (decided_at IS NULL);

create table regions (
  id bigint not null generated always as identity,
  code text not null,
  name text not null,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table regions add constraint regions_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text));
alter table regions add constraint regions_pkey PRIMARY KEY (id);
alter table regions add constraint regions_code_key UNIQUE (code);

create table rereads (
  account_id bigint not null,
  external_id text not null,
  asked_at timestamp with time zone not null default clock_timestamp(),
  attempts integer not null default 0,
  retry_at timestamp with time zone not null default clock_timestamp()
);
alter table rereads add constraint rereads_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table rereads add constraint rereads_pkey PRIMARY KEY (account_id, external_id);

create table reservations (
  id bigint not null generated always as identity,
  basket text not null,
  line_no integer not null default 0,
  order_line_id bigint,
  channel_id bigint,
  variant_id bigint not null,
  location_id bigint not null,
  quantity integer not null,
  asked integer not null,
  state text not null default 'open'::text,
  expires_at timestamp with time zone,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  pack bigint,
  bundle_id bigint,
  per_unit integer not null default 1
);
alter table reservations add constraint reservations_asked_check CHECK ((asked > 0));
alter table reservations add constraint reservations_check CHECK (((state = 'open'::text) = (quantity > 0)));
alter table reservations add constraint reservations_per_unit_check CHECK ((per_unit > 0));
alter table reservations add constraint reservations_quantity_check CHECK ((quantity >= 0));
alter table reservations add constraint reservations_state_check CHECK ((state = ANY (ARRAY['open'::text, 'settled'::text, 'released'::text, 'expired'::text, 'lost'::text])));
alter table reservations add constraint reservations_pkey PRIMARY KEY (id);
CREATE INDEX reservations_by_basket ON public.reservations USING btree (basket);
CREATE INDEX reservations_by_line ON public.reservations USING btree (order_line_id) WHERE (order_line_id IS NOT NULL);
CREATE INDEX reservations_by_pack ON public.reservations USING btree (pack) WHERE (pack IS NOT NULL);
CREATE INDEX reservations_expiring ON public.reservations USING btree (variant_id, expires_at) WHERE ((state = 'open'::text) AND (expires_at IS NOT NULL));
CREATE INDEX reservations_open ON public.reservations USING btree (variant_id, location_id) WHERE (state = 'open'::text);

create table return_lines (
  return_id bigint not null,
  order_line_id bigint not null,
  announced integer not null default 0,
  to_stock integer not null default 0,
  unavailable integer not null default 0,
  scrapped integer not null default 0
);
alter table return_lines add constraint return_lines_announced_check CHECK ((announced >= 0));
alter table return_lines add constraint return_lines_scrapped_check CHECK ((scrapped >= 0));
alter table return_lines add constraint return_lines_to_stock_check CHECK ((to_stock >= 0));
alter table return_lines add constraint return_lines_unavailable_check CHECK ((unavailable >= 0));
alter table return_lines add constraint return_lines_order_line_id_fkey FOREIGN KEY (order_line_id) REFERENCES order_lines(id);
alter table return_lines add constraint return_lines_return_id_fkey FOREIGN KEY (return_id) REFERENCES returns(id);
alter table return_lines add constraint return_lines_pkey PRIMARY KEY (return_id, order_line_id);

create table returns (
  id bigint not null generated always as identity,
  order_id bigint not null,
  state text not null,
  location_id bigint,
  reason text,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  ended_by text
);
alter table returns add constraint returns_state_check CHECK ((state = ANY (ARRAY['announced'::text, 'received'::text, 'cancelled'::text])));
alter table returns add constraint returns_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table returns add constraint returns_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table returns add constraint returns_pkey PRIMARY KEY (id);
CREATE INDEX returns_announced ON public.returns USING btree (location_id, id) WHERE (state = 'announced'::text);
CREATE INDEX returns_by_order ON public.returns USING btree (order_id, id);

create table returns_taken (
  account_id bigint not null,
  key text not null,
  order_id bigint not null,
  line text not null,
  units integer not null,
  taken_at timestamp with time zone not null default clock_timestamp()
);
alter table returns_taken add constraint returns_taken_units_check CHECK ((units > 0));
alter table returns_taken add constraint returns_taken_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table returns_taken add constraint returns_taken_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table returns_taken add constraint returns_taken_pkey PRIMARY KEY (account_id, key);
CREATE INDEX returns_taken_by_order ON public.returns_taken USING btree (order_id, line);

create table risk_buffers (
  channel_id bigint not null,
  variant_id bigint not null,
  units integer not null,
  tail real not null,
  mean real not null,
  lag_s real not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone
);
alter table risk_buffers add constraint risk_buffers_units_check CHECK ((units >= 0));
alter table risk_buffers add constraint risk_buffers_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table risk_buffers add constraint risk_buffers_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table risk_buffers add constraint risk_buffers_pkey PRIMARY KEY (channel_id, variant_id, valid_from);
CREATE INDEX risk_buffers_held ON public.risk_buffers USING btree (variant_id) WHERE ((valid_to IS NULL) AND (units > 0));
CREATE UNIQUE INDEX risk_buffers_current ON public.risk_buffers USING btree (channel_id, variant_id) WHERE (valid_to IS NULL);

create table risk_outcomes (
  channel_id bigint not null,
  day date not null,
  windows bigint not null,
  predicted double precision not null,
  realised bigint not null
);
alter table risk_outcomes add constraint risk_outcomes_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table risk_outcomes add constraint risk_outcomes_pkey PRIMARY KEY (channel_id, day);

create table routing_decisions (
  id bigint not null generated always as identity,
  order_id bigint not null,
  rules_id bigint,
  outcome text not null,
  group_ids bigint[] not null default '{}'::bigint[],
  body jsonb not null,
  actor text not null,
  at timestamp with time zone not null default clock_timestamp()
);
alter table routing_decisions add constraint routing_decisions_outcome_check CHECK ((outcome = ANY (ARRAY['routed'::text, 'unplaced'::text])));
alter table routing_decisions add constraint routing_decisions_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table routing_decisions add constraint routing_decisions_rules_id_fkey FOREIGN KEY (rules_id) REFERENCES routing_rules(id);
alter table routing_decisions add constraint routing_decisions_pkey PRIMARY KEY (id);
CREATE INDEX routing_decisions_by_order ON public.routing_decisions USING btree (order_id, id);
CREATE INDEX routing_decisions_by_time ON public.routing_decisions USING btree (at);

create table routing_exclusions (
  id bigint not null generated always as identity,
  order_id bigint not null,
  location_id bigint not null,
  group_id bigint,
  reason text not null,
  actor text not null,
  at timestamp with time zone not null default clock_timestamp()
);
alter table routing_exclusions add constraint routing_exclusions_group_id_fkey FOREIGN KEY (group_id) REFERENCES fulfilment_groups(id);
alter table routing_exclusions add constraint routing_exclusions_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table routing_exclusions add constraint routing_exclusions_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table routing_exclusions add constraint routing_exclusions_pkey PRIMARY KEY (id);
CREATE INDEX routing_exclusions_by_location ON public.routing_exclusions USING btree (location_id, at);
CREATE INDEX routing_exclusions_by_order ON public.routing_exclusions USING btree (order_id);

create table routing_rules (
  id bigint not null generated always as identity,
  channel_id bigint,
  version integer not null,
  body jsonb not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table routing_rules add constraint routing_rules_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table routing_rules add constraint routing_rules_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX routing_rules_current ON public.routing_rules USING btree (COALESCE(channel_id, (0)::bigint)) WHERE (valid_to IS NULL);
CREATE UNIQUE INDEX routing_rules_version ON public.routing_rules USING btree (COALESCE(channel_id, (0)::bigint), version);

create table routing_waits (
  order_id bigint not null,
  until timestamp with time zone not null,
  tries integer not null default 1
);
alter table routing_waits add constraint routing_waits_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
alter table routing_waits add constraint routing_waits_pkey PRIMARY KEY (order_id);

create table safety_stocks (
  id bigint not null generated always as identity,
  variant_id bigint not null,
  location_id bigint not null,
  quantity integer not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table safety_stocks add constraint safety_stocks_quantity_check CHECK ((quantity >= 0));
alter table safety_stocks add constraint safety_stocks_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table safety_stocks add constraint safety_stocks_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table safety_stocks add constraint safety_stocks_pkey PRIMARY KEY (id);
CREATE INDEX safety_stocks_history ON public.safety_stocks USING btree (variant_id, valid_from);
CREATE UNIQUE INDEX safety_stocks_current ON public.safety_stocks USING btree (variant_id, location_id) WHERE (valid_to IS NULL);

create table selling_terms (
  id bigint not null generated always as identity,
  variant_id bigint not null,
  kind text not null,
  quantity_limit integer not null,
  available_from timestamp with time zone,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table selling_terms add constraint selling_terms_check CHECK (((kind <> 'preorder'::text) OR (available_from IS NOT NULL)));
alter table selling_terms add constraint selling_terms_kind_check CHECK ((kind = ANY (ARRAY['backorder'::text, 'preorder'::text])));
alter table selling_terms add constraint selling_terms_quantity_limit_check CHECK ((quantity_limit > 0));
alter table selling_terms add constraint selling_terms_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table selling_terms add constraint selling_terms_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX selling_terms_current ON public.selling_terms USING btree (variant_id) WHERE (valid_to IS NULL);

create table sessions (
  token_hash text not null,
  user_id bigint not null,
  csrf_token text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  seen_at timestamp with time zone not null default clock_timestamp(),
  expires_at timestamp with time zone not null
);
alter table sessions add constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
alter table sessions add constraint sessions_pkey PRIMARY KEY (token_hash);
CREATE INDEX sessions_by_user ON public.sessions USING btree (user_id);

create table short_rules (
  id bigint not null generated always as identity,
  channel_id bigint,
  becomes text not null,
  after_minutes integer not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table short_rules add constraint short_rules_after_minutes_check CHECK (((after_minutes >= 0) AND (after_minutes <= 100000)));
alter table short_rules add constraint short_rules_becomes_check CHECK ((becomes = ANY (ARRAY['person'::text, 'incoming'::text, 'cancel'::text])));
alter table short_rules add constraint short_rules_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table short_rules add constraint short_rules_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX short_rules_current ON public.short_rules USING btree (COALESCE(channel_id, (0)::bigint)) WHERE (valid_to IS NULL);

create table stakes (
  channel_id bigint not null,
  variant_id bigint not null,
  mean double precision not null,
  shape double precision not null,
  margin double precision not null,
  cancellation double precision not null,
  exchange double precision not null
);
alter table stakes add constraint stakes_cancellation_check CHECK ((cancellation >= (0)::double precision));
alter table stakes add constraint stakes_exchange_check CHECK ((exchange > (0)::double precision));
alter table stakes add constraint stakes_margin_check CHECK ((margin >= (0)::double precision));
alter table stakes add constraint stakes_mean_check CHECK ((mean >= (0)::double precision));
alter table stakes add constraint stakes_shape_check CHECK ((shape > (0)::double precision));
alter table stakes add constraint stakes_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table stakes add constraint stakes_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table stakes add constraint stakes_pkey PRIMARY KEY (channel_id, variant_id);

create table stock_reasons (
  code text not null,
  name text not null,
  acts text[] not null,
  active boolean not null default true,
  created_at timestamp with time zone not null default clock_timestamp()
);
alter table stock_reasons add constraint stock_reasons_acts_check CHECK (((cardinality(acts) > 0) AND (acts <@ ARRAY['adjust'::text, 'damage'::text, 'restore'::text, 'return'::text, 'transfer'::text, 'count'::text])));
alter table stock_reasons add constraint stock_reasons_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text));
alter table stock_reasons add constraint stock_reasons_name_check CHECK ((name <> ''::text));
alter table stock_reasons add constraint stock_reasons_pkey PRIMARY KEY (code);

create table substitution_rules (
  id bigint not null generated always as identity,
  channel_id bigint,
  variant_id bigint not null,
  substitute_id bigint not null,
  position integer not null,
  automatic boolean not null,
  above_percent numeric(7,2),
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table substitution_rules add constraint substitution_rules_above_percent_check CHECK ((above_percent >= (0)::numeric));
alter table substitution_rules add constraint substitution_rules_check CHECK ((variant_id <> substitute_id));
alter table substitution_rules add constraint substitution_rules_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels(id);
alter table substitution_rules add constraint substitution_rules_substitute_id_fkey FOREIGN KEY (substitute_id) REFERENCES variants(id);
alter table substitution_rules add constraint substitution_rules_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table substitution_rules add constraint substitution_rules_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX substitution_rules_current ON public.substitution_rules USING btree (variant_id, COALESCE(channel_id, (0)::bigint), substitute_id) WHERE (valid_to IS NULL);

create table tax_rates (
  id bigint not null generated always as identity,
  region_id bigint not null,
  category text not null default 'standard'::text,
  percent numeric(7,4) not null,
  starts_at timestamp with time zone not null,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  superseded_at timestamp with time zone
);
alter table tax_rates add constraint tax_rates_category_check CHECK ((category ~ '^[a-z][a-z0-9-]{0,39}$'::text));
alter table tax_rates add constraint tax_rates_percent_check CHECK (((percent >= (0)::numeric) AND (percent < (1000)::numeric)));
alter table tax_rates add constraint tax_rates_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions(id);
alter table tax_rates add constraint tax_rates_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX tax_rates_current ON public.tax_rates USING btree (region_id, category, starts_at) WHERE (superseded_at IS NULL);

create table tracking_links (
  order_id bigint not null,
  token_hash bytea not null,
  sealed_token bytea not null,
  actor text not null,
  made_at timestamp with time zone not null default clock_timestamp()
);
alter table tracking_links add constraint tracking_links_order_id_fkey FOREIGN KEY (order_id) REFERENCES order_people(order_id) ON DELETE CASCADE;
alter table tracking_links add constraint tracking_links_pkey PRIMARY KEY (order_id);
alter table tracking_links add constraint tracking_links_token_hash_key UNIQUE (token_hash);

create table transfer_lines (
  id bigint not null generated always as identity,
  transfer_id bigint not null,
  variant_id bigint not null,
  asked integer not null,
  cancelled integer not null default 0,
  sent integer not null default 0,
  received integer not null default 0,
  lost integer not null default 0
);
alter table transfer_lines add constraint transfer_lines_asked_check CHECK ((asked > 0));
alter table transfer_lines add constraint transfer_lines_cancelled_check CHECK ((cancelled >= 0));
alter table transfer_lines add constraint transfer_lines_check CHECK (((sent + cancelled) <= asked));
alter table transfer_lines add constraint transfer_lines_check1 CHECK (((received + lost) <= sent));
alter table transfer_lines add constraint transfer_lines_lost_check CHECK ((lost >= 0));
alter table transfer_lines add constraint transfer_lines_received_check CHECK ((received >= 0));
alter table transfer_lines add constraint transfer_lines_sent_check CHECK ((sent >= 0));
alter table transfer_lines add constraint transfer_lines_transfer_id_fkey FOREIGN KEY (transfer_id) REFERENCES transfers(id);
alter table transfer_lines add constraint transfer_lines_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table transfer_lines add constraint transfer_lines_pkey PRIMARY KEY (id);
alter table transfer_lines add constraint transfer_lines_transfer_id_variant_id_key UNIQUE (transfer_id, variant_id);
CREATE INDEX transfer_lines_coming ON public.transfer_lines USING btree (variant_id) WHERE (sent > (received + lost));

create table transfer_lots (
  id bigint not null generated always as identity,
  transfer_line_id bigint not null,
  code text not null,
  expires_at timestamp with time zone,
  sent integer not null,
  ended integer not null default 0
);
alter table transfer_lots add constraint transfer_lots_check CHECK (((ended >= 0) AND (ended <= sent)));
alter table transfer_lots add constraint transfer_lots_sent_check CHECK ((sent > 0));
alter table transfer_lots add constraint transfer_lots_transfer_line_id_fkey FOREIGN KEY (transfer_line_id) REFERENCES transfer_lines(id);
alter table transfer_lots add constraint transfer_lots_pkey PRIMARY KEY (id);
alter table transfer_lots add constraint transfer_lots_transfer_line_id_code_key UNIQUE (transfer_line_id, code);

create table transfers (
  id bigint not null generated always as identity,
  reference text not null,
  from_id bigint not null,
  to_id bigint not null,
  state text not null default 'requested'::text,
  expected_at timestamp with time zone,
  note text,
  actor text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  sent_at timestamp with time zone,
  ended_at timestamp with time zone
);
alter table transfers add constraint transfers_check CHECK ((from_id <> to_id));
alter table transfers add constraint transfers_reference_check CHECK ((reference <> ''::text));
alter table transfers add constraint transfers_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'sent'::text, 'received'::text, 'cancelled'::text])));
alter table transfers add constraint transfers_from_id_fkey FOREIGN KEY (from_id) REFERENCES locations(id);
alter table transfers add constraint transfers_to_id_fkey FOREIGN KEY (to_id) REFERENCES locations(id);
alter table transfers add constraint transfers_pkey PRIMARY KEY (id);
alter table transfers add constraint transfers_reference_key UNIQUE (reference);
CREATE INDEX transfers_open ON public.transfers USING btree (to_id) WHERE (state = ANY (ARRAY['requested'::text, 'sent'::text]));

create table users (
  id bigint not null generated always as identity,
  email text not null,
  name text not null,
  role text not null,
  password_hash text not null,
  language text not null default 'en'::text,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null default clock_timestamp(),
  location_id bigint,
  pin_hash text
);
alter table users add constraint users_language_check CHECK ((language = ANY (ARRAY['en'::text, 'zh-CN'::text])));
alter table users add constraint users_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'operations'::text, 'pricing'::text, 'marketing'::text, 'clerk'::text, 'partner'::text])));
alter table users add constraint users_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations(id);
alter table users add constraint users_pkey PRIMARY KEY (id);
CREATE INDEX users_by_location ON public.users USING btree (location_id) WHERE (location_id IS NOT NULL);
CREATE UNIQUE INDEX users_by_email ON public.users USING btree (lower(email));

create table variant_costs (
  id bigint not null generated always as identity,
  variant_id bigint not null,
  average numeric(18,6) not null,
  currency text not null,
  valid_from timestamp with time zone not null default clock_timestamp(),
  valid_to timestamp with time zone,
  actor text not null
);
alter table variant_costs add constraint variant_costs_average_check CHECK ((average >= (0)::numeric));
alter table variant_costs add constraint variant_costs_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text));
alter table variant_costs add constraint variant_costs_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variants(id);
alter table variant_costs add constraint variant_costs_pkey PRIMARY KEY (id);
CREATE INDEX variant_costs_history ON public.variant_costs USING btree (variant_id, valid_from);
CREATE UNIQUE INDEX variant_costs_current ON public.variant_costs USING btree (variant_id) WHERE (valid_to IS NULL);

create table variants (
  id bigint not null generated always as identity,
  product_id bigint not null,
  sku text not null,
  title text not null,
  gtin text,
  gtin_given text,
  options jsonb not null default '{}'::jsonb,
  cost numeric(18,6),
  cost_currency text,
  weight_grams integer,
  status text not null default 'active'::text,
  version integer not null default 1,
  created_at timestamp with time zone not null default clock_timestamp(),
  updated_at timestamp with time zone not null default clock_timestamp(),
  family bigint,
  lot_tracked boolean not null default false,
  tax_category text not null default 'standard'::text,
  hazard text
);
alter table variants add constraint variants_cost_check CHECK ((cost >= (0)::numeric));
alter table variants add constraint variants_cost_currency_check CHECK ((cost_currency ~ '^[A-Z]{3}$'::text));
alter table variants add constraint variants_gtin_check CHECK ((gtin ~ '^[0-9]{14}$'::text));
alter table variants add constraint variants_hazard_check CHECK ((hazard ~ '^[1-9]([.][1-6])?$'::text));
alter table variants add constraint variants_sku_check CHECK ((sku <> ''::text));
alter table variants add constraint variants_status_check CHECK ((status = ANY (ARRAY['active'::text, 'archived'::text])));
alter table variants add constraint variants_tax_category_check CHECK ((tax_category ~ '^[a-z][a-z0-9-]{0,39}$'::text));
alter table variants add constraint variants_weight_grams_check CHECK ((weight_grams >= 0));
alter table variants add constraint variants_family_fkey FOREIGN KEY (family) REFERENCES variants(id);
alter table variants add constraint variants_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id);
alter table variants add constraint variants_pkey PRIMARY KEY (id);
alter table variants add constraint variants_sku_key UNIQUE (sku);
CREATE INDEX variants_by_family ON public.variants USING btree (family) WHERE (family IS NOT NULL);
CREATE INDEX variants_by_gtin ON public.variants USING btree (gtin) WHERE (gtin IS NOT NULL);
CREATE INDEX variants_by_product ON public.variants USING btree (product_id);
CREATE INDEX variants_lot_tracked ON public.variants USING btree (id) WHERE lot_tracked;
CREATE TRIGGER variant_cost_moved AFTER UPDATE ON public.variants REFERENCING OLD TABLE AS former NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION variant_cost_moved();

create function account_covered_1(p_account bigint, p_until timestamp with time zone) returns void plpgsql volatile;
create function account_create_1(cmd jsonb) returns jsonb plpgsql volatile;
create function account_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function account_unstick_1(p_account bigint, p_age interval) returns integer sql volatile;
create function account_unstick_2(p_account bigint, p_age interval, p_busy bigint[]) returns integer plpgsql volatile;
create function alert_acts(p_now timestamp with time zone, p_usual jsonb) returns TABLE(kind text, channel_id bigint, account_id bigint, subject text, since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function alert_attempt_1(p_delivery bigint, p_owner text, p_took_ms integer, p_outcome text, p_status integer, p_trouble text, p_retry_ms integer, p_now timestamp with time zone) returns text plpgsql volatile;
create function alert_attempts_are_final() returns trigger plpgsql volatile;
create function alert_drift(p_now timestamp with time zone, p_usual jsonb) returns TABLE(channel_id bigint, account_id bigint, subject text, since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function alert_endpoint_add_1(cmd jsonb) returns jsonb plpgsql volatile;
create function alert_endpoint_change_1(cmd jsonb) returns jsonb plpgsql volatile;
create function alert_endpoint_remove_1(cmd jsonb) returns jsonb plpgsql volatile;
create function alert_failing(p_now timestamp with time zone, p_usual jsonb) returns TABLE(kind text, account_id bigint, subject text, since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function alert_feed_held(p_now timestamp with time zone, p_usual jsonb) returns TABLE(since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function alert_instant(p_at timestamp with time zone) returns text sql immutable;
create function alert_late(p_now timestamp with time zone, p_usual jsonb) returns TABLE(channel_id bigint, account_id bigint, subject text, since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function alert_limit_of(p_usual jsonb, p_kind text, p_channel bigint) returns TABLE(amount numeric, quiet_s integer) sql stable;
create function alert_limit_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function alert_message(p_event text, p_at timestamp with time zone, p_alert bigint, p_kind text, p_subject text, p_since timestamp with time zone, p_opened timestamp with time zone, p_ended timestamp with time zone, p_facts jsonb) returns text sql stable;
create function alert_message_id() returns text sql volatile;
create function alert_orders_silent(p_now timestamp with time zone, p_usual jsonb) returns TABLE(channel_id bigint, account_id bigint, subject text, since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function alert_price_feed_late(p_now timestamp with time zone, p_usual jsonb) returns TABLE(account_id bigint, subject text, since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function alert_refusals(p_now timestamp with time zone, p_usual jsonb) returns TABLE(channel_id bigint, account_id bigint, subject text, since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function alert_replay_1(cmd jsonb) returns jsonb plpgsql volatile;
create function alert_seconds(p_from timestamp with time zone, p_to timestamp with time zone) returns bigint sql immutable;
create function alert_secret_rotate_1(cmd jsonb) returns jsonb plpgsql volatile;
create function alert_ship_by(p_now timestamp with time zone, p_usual jsonb) returns TABLE(channel_id bigint, account_id bigint, subject text, since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function alert_test_1(cmd jsonb) returns jsonb plpgsql volatile;
create function alert_webhook_silent(p_now timestamp with time zone, p_usual jsonb) returns TABLE(account_id bigint, subject text, since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function alerts_look_1(p_now timestamp with time zone, p_usual jsonb) returns jsonb plpgsql volatile;
create function alerts_wrong(p_now timestamp with time zone, p_usual jsonb) returns TABLE(kind text, subject text, channel_id bigint, account_id bigint, since timestamp with time zone, quiet_s integer, facts jsonb) sql stable;
create function audience_put_1(cmd jsonb) returns jsonb plpgsql volatile;
create function audience_told(p_kind text, p_code text) returns jsonb sql stable;
create function balances_at_1(p_locations bigint[], p_variants bigint[], p_now timestamp with time zone, p_lots_at timestamp with time zone) returns TABLE(variant_id bigint, location_id bigint, on_hand integer, reserved integer, unavailable integer, incoming integer, safety_stock integer, free bigint) sql stable;
create function bundle_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function buyer_notice_again_1(cmd jsonb) returns jsonb plpgsql volatile;
create function buyer_notice_cause(p_kind text, p_event bigint, p_order bigint, p_group bigint) returns text sql stable;
create function buyer_notice_of(p_transition text, p_of_order boolean, p_method text, p_from text, p_to text) returns text sql immutable;
create function buyer_notice_try_1(p_notice bigint, p_owner text, p_outcome text, p_status integer, p_trouble text, p_retry_ms integer, p_now timestamp with time zone) returns text plpgsql volatile;
create function buyer_notice_ways(p_channel bigint, p_kind text) returns TABLE(via text, endpoint_id bigint) sql stable;
create function buyer_notices_of_events() returns trigger plpgsql volatile;
create function buyer_notices_of_refund() returns trigger plpgsql volatile;
create function catalog_put_1(cmd jsonb) returns jsonb plpgsql volatile;
create function catalog_said_at(p_act text, p_subject text, p_known timestamp with time zone) returns jsonb sql stable;
create function channel_free(p_channel bigint, p_variant bigint) returns integer sql stable;
create function channel_lags_measure_1(p_now timestamp with time zone) returns void sql volatile;
create function channel_notices_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function channel_price_2(p_channels bigint[], p_variants bigint[], p_now timestamp with time zone) returns TABLE(channel_id bigint, variant_id bigint, price jsonb, why jsonb, held text, floor numeric) sql stable;
create function channel_price_3(p_channels bigint[], p_variants bigint[], p_now timestamp with time zone, p_reasons boolean) returns TABLE(channel_id bigint, variant_id bigint, price jsonb, why jsonb, held text, floor numeric) plpgsql stable;
create function channel_reset_1(cmd jsonb) returns jsonb plpgsql volatile;
create function channel_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function channel_shown_2(p_channels bigint[], p_variants bigint[], p_now timestamp with time zone) returns TABLE(channel_id bigint, variant_id bigint, atp integer, ahead integer, ahead_from timestamp with time zone, buffer integer, cap integer, stop_selling_at integer, shown integer) plpgsql stable;
create function channel_turned_on() returns trigger plpgsql volatile;
create function choice_needed(g fulfilment_groups, p_why text, p_lines jsonb, cmd jsonb) returns void sql volatile;
create function command_claim(cmd jsonb) returns jsonb plpgsql volatile;
create function command_done(cmd jsonb, answer jsonb) returns jsonb plpgsql volatile;
create function command_now(cmd jsonb) returns timestamp with time zone sql stable;
create function command_open(cmd jsonb, answer jsonb) returns jsonb plpgsql volatile;
create function cost_average(p_variant bigint, p_units integer, p_unit_cost numeric, p_currency text, cmd jsonb) returns void plpgsql volatile;
create function cost_fits(p_variant bigint, p_has text, p_given text) returns void plpgsql volatile;
create function cost_now(p_variant bigint) returns variant_costs plpgsql stable;
create function cost_units(p_variant bigint) returns bigint plpgsql stable;
create function count_approve(c counts, ids bigint[], p_most integer, codes jsonb, cmd jsonb) returns void plpgsql volatile;
create function count_book(p_variant bigint, p_location bigint, p_lot text, p_at timestamp with time zone) returns integer plpgsql stable;
create function count_cancel_1(cmd jsonb) returns jsonb plpgsql volatile;
create function count_decide_1(cmd jsonb) returns jsonb plpgsql volatile;
create function count_delta(c counts, line count_lines) returns integer sql stable;
create function count_enter_1(cmd jsonb) returns jsonb plpgsql volatile;
create function count_line(p_count bigint, line jsonb) returns count_lines sql stable;
create function count_lock(cmd jsonb) returns counts plpgsql volatile;
create function count_post(c counts, line count_lines, p_delta integer, cmd jsonb) returns integer plpgsql volatile;
create function count_recount_1(cmd jsonb) returns jsonb plpgsql volatile;
create function count_refused(c counts, cmd jsonb) returns jsonb sql volatile;
create function count_start_1(cmd jsonb) returns jsonb plpgsql volatile;
create function count_submit_1(cmd jsonb) returns jsonb plpgsql volatile;
create function currency_digits(p_currency text) returns integer sql immutable;
create function delivery_change_1(cmd jsonb) returns jsonb plpgsql volatile;
create function delivery_create_1(cmd jsonb) returns jsonb plpgsql volatile;
create function delivery_end_1(cmd jsonb) returns jsonb plpgsql volatile;
create function delivery_line_add(p_line bigint, p_ordered integer, p_received integer, p_cancelled integer, p_kind text, cmd jsonb) returns void plpgsql volatile;
create function delivery_line_new(p_delivery bigint, p_variant bigint, p_units integer, p_unit_cost numeric, p_currency text, cmd jsonb) returns void plpgsql volatile;
create function delivery_receive_1(cmd jsonb) returns jsonb plpgsql volatile;
create function delivery_rest(l delivery_lines) returns integer sql immutable;
create function delivery_settle(p_delivery bigint, cmd jsonb) returns text plpgsql volatile;
create function delivery_take(cmd jsonb, OUT d deliveries, OUT outcome jsonb) returns record plpgsql volatile;
create function delivery_wrong_line(p_delivery bigint, lines jsonb) returns jsonb sql stable;
create function demand_refresh_1(p_now timestamp with time zone, p_days integer) returns integer plpgsql volatile;
create function drift_decide_1(cmd jsonb) returns jsonb plpgsql volatile;
create function drift_end(p_drift bigint, p_state text, p_words text) returns void sql volatile;
create function drift_gone_1(p_check bigint, p_listings bigint[], p_at timestamp with time zone) returns void sql volatile;
create function drift_judge_1(p_drift bigint) returns void sql volatile;
create function drift_look_1(p_check bigint, p_calls integer, p_apply_within_ms integer, items jsonb, moved jsonb, p_actor text) returns integer plpgsql volatile;
create function drift_own_location(p_channel bigint) returns bigint sql stable;
create function drift_policy_1(cmd jsonb) returns jsonb plpgsql volatile;
create function drift_report_1(p_check bigint, p_calls integer, p_channel text, p_at timestamp with time zone, items jsonb, moved jsonb) returns integer plpgsql volatile;
create function drift_settle_1(p_account bigint) returns integer plpgsql volatile;
create function drift_take_1(p_drift bigint, p_actor text) returns jsonb plpgsql volatile;
create function dry_run_1(p_name text, cmd jsonb, look jsonb) returns jsonb plpgsql volatile;
create function dry_run_documents(p_variants bigint[], p_fields text[], p_now timestamp with time zone) returns TABLE(channel_id bigint, variant_id bigint, field text, document jsonb, held text) plpgsql stable;
create function dry_run_falls(look jsonb, p_instants timestamp with time zone[], p_stands jsonb, p_without jsonb) returns jsonb sql stable;
create function dry_run_instants(cmd jsonb, p_due bigint, p_now timestamp with time zone, p_before timestamp with time zone[]) returns timestamp with time zone[] sql stable;
create function dry_run_limits(look jsonb, p_channel text, now_at timestamp with time zone) returns jsonb sql stable;
create function dry_run_period(cmd jsonb, p_now timestamp with time zone) returns timestamp with time zone[] sql stable;
create function dry_run_reach(OUT touched bigint[], OUT fields text[]) returns record sql stable;
create function dry_run_then(look jsonb, p_instants timestamp with time zone[], p_stands jsonb, p_without jsonb) returns jsonb plpgsql volatile;
create function dry_run_told_2(look jsonb, touched bigint[], p_fields text[], w_channels bigint[], w_variants bigint[], w_fields text[], w_documents jsonb[], w_helds text[], now_at timestamp with time zone) returns jsonb plpgsql volatile;
create function dry_run_turns(p_variants bigint[], p_instants timestamp with time zone[]) returns TABLE(n integer, channel_id bigint, variant_id bigint, before jsonb, was_held text, after jsonb, held text) sql stable;
create function due_next_1() returns integer sql volatile;
create function due_prices_1(p_limit integer) returns integer sql volatile;
create function due_prices_take(p_now timestamp with time zone, p_ahead timestamp with time zone, p_limit integer) returns integer plpgsql volatile;
create function due_sweep_1(p_now timestamp with time zone, p_limit integer) returns integer plpgsql volatile;
create function due_turns_1(p_account bigint, p_within integer) returns TABLE(in_ms integer, listings integer) sql volatile;
create function due_turns_2(p_account bigint, p_within integer, p_most integer) returns TABLE(in_ms integer, listings integer) sql volatile;
create function exchange_came(p_replacement bigint, cmd jsonb) returns void plpgsql volatile;
create function exchange_end(p_replacement bigint, p_keep integer, cmd jsonb) returns boolean plpgsql volatile;
create function exchange_end_overdue_1(p_now timestamp with time zone) returns bigint plpgsql volatile;
create function exchange_goes_on(p_replacement bigint) returns integer sql stable;
create function exchange_let_go(p_replacement bigint, cmd jsonb) returns void plpgsql volatile;
create function exchange_order(o orders, p_return bigint, p_place bigint, cmd jsonb) returns orders plpgsql volatile;
create function exchange_part(p_replacement bigint) returns numeric sql stable;
create function exchange_promise(p_line bigint, p_channel bigint, p_place bigint, p_safety boolean, cmd jsonb) returns integer plpgsql volatile;
create function exchange_rate_at(p_from text, p_to text, p_at timestamp with time zone, p_known timestamp with time zone) returns numeric sql stable;
create function exchange_rates_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function exchange_take(p_return bigint) returns bigint plpgsql volatile;
create function feed_backlog_1(p_account bigint, p_clear interval, p_least integer, p_limit integer) returns TABLE(calls integer, feedable integer) sql stable;
create function feed_candidates(p_account bigint, p_clear interval, p_limit integer) returns TABLE(listing_id bigint, sku text) sql stable;
create function feed_end_1(p_account bigint, p_lease bigint, p_feed bigint, p_outcome text, p_words text) returns boolean plpgsql volatile;
create function feed_fill_1(p_account bigint, p_lease bigint, p_clear interval, p_limit integer) returns jsonb plpgsql volatile;
create function feed_late_1(p_account bigint, p_lease bigint, p_feed bigint, p_limit integer) returns integer plpgsql volatile;
create function feed_looks_1(p_account bigint, p_within interval) returns void plpgsql volatile;
create function feed_release_1(p_feed bigint) returns integer plpgsql volatile;
create function feed_started_1(p_feed bigint, p_external text) returns void sql volatile;
create function feed_starting_1(p_account bigint, p_lease bigint, p_feed bigint) returns boolean sql volatile;
create function feed_verdicts_1(p_account bigint, p_lease bigint, p_feed bigint, results jsonb) returns boolean plpgsql volatile;
create function fulfilment_arrive_1(cmd jsonb) returns jsonb plpgsql volatile;
create function fulfilment_claim(cmd jsonb, OUT answer jsonb, OUT g fulfilment_groups) returns record plpgsql volatile;
create function fulfilment_end(p_group bigint, cmd jsonb) returns void plpgsql volatile;
create function fulfilment_follow(p_line bigint, p_location bigint, p_units integer, p_kind text, cmd jsonb) returns void plpgsql volatile;
create function fulfilment_group_take(p_order bigint, g jsonb, cmd jsonb) returns bigint plpgsql volatile;
create function fulfilment_hand_over_1(cmd jsonb) returns jsonb plpgsql volatile;
create function fulfilment_late_1(p_limit integer) returns integer plpgsql volatile;
create function fulfilment_lines_of_one_order() returns trigger plpgsql volatile;
create function fulfilment_lock(cmd jsonb) returns fulfilment_groups plpgsql volatile;
create function fulfilment_lose(g fulfilment_groups, p_line bigint, p_kind text, p_units integer, p_variant bigint, p_left integer, cmd jsonb) returns integer plpgsql volatile;
create function fulfilment_move(p_order bigint, p_groups jsonb, cmd jsonb) returns boolean plpgsql volatile;
create function fulfilment_order_turn(p_order bigint, p_transition text, cmd jsonb) returns void plpgsql volatile;
create function fulfilment_over_capacity(p_order bigint, p_groups jsonb) returns jsonb sql stable;
create function fulfilment_pick_1(cmd jsonb) returns jsonb plpgsql volatile;
create function fulfilment_put_back_1(cmd jsonb) returns jsonb plpgsql volatile;
create function fulfilment_ready_1(cmd jsonb) returns jsonb plpgsql volatile;
create function fulfilment_reject_1(cmd jsonb) returns jsonb plpgsql volatile;
create function fulfilment_route_1(cmd jsonb) returns jsonb plpgsql volatile;
create function fulfilment_route_plain_1(cmd jsonb) returns integer plpgsql volatile;
create function fulfilment_told(p_group bigint) returns jsonb sql stable;
create function fulfilment_turn(g fulfilment_groups, p_transition text, p_state text, p_detail jsonb, cmd jsonb) returns void plpgsql volatile;
create function fulfilment_unpromise(g fulfilment_groups, p_line bigint, p_units integer, p_kind text, cmd jsonb) returns void plpgsql volatile;
create function guard_allowed(l guard_limits, p_field text, p_listings integer) returns integer sql immutable;
create function guard_approve_documents_1(p_field text, p_listings bigint[], p_values jsonb[], p_actor text) returns integer plpgsql volatile;
create function guard_count(p_channel bigint, p_field text, p_most bigint) returns integer plpgsql stable;
create function guard_dissolve_1(p_account bigint) returns void sql volatile;
create function guard_hold_1(p_channel bigint, p_field text, p_listings bigint[], p_values jsonb[], p_before jsonb[], p_limits text[]) returns jsonb plpgsql volatile;
create function guard_judge_1(p_channel bigint, p_field text, p_listings bigint[], p_values jsonb[], p_now timestamp with time zone) returns TABLE(listing_id bigint, value jsonb, baseline jsonb, moved boolean, limit_name text) plpgsql volatile;
create function guard_limits_of(p_channel bigint) returns guard_limits plpgsql stable;
create function guard_limits_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function guard_listings_1(p_channel bigint, p_field text) returns integer plpgsql volatile;
create function guard_matter(l guard_limits, p_field text, p_moves integer) returns bigint sql immutable;
create function guard_release_1(p_quarantine bigint, p_now timestamp with time zone, p_limit integer) returns integer plpgsql volatile;
create function guard_weighed(p_channel bigint, p_field text, p_listings bigint[], p_values jsonb[], p_ahead boolean, p_now timestamp with time zone) returns TABLE(listing_id bigint, value jsonb, baseline jsonb, moves boolean, adds boolean, limit_name text) plpgsql stable;
create function guard_window(p_channel bigint, p_field text, p_now timestamp with time zone, p_adds integer DEFAULT NULL::integer) returns TABLE(limits guard_limits, begins timestamp with time zone, listings integer, moved integer, allowed integer, left_over integer) plpgsql stable;
create function hold_end(wish jsonb, from_at timestamp with time zone) returns text sql stable;
create function hold_items(p_basket text) returns TABLE(id bigint, variant_id bigint, units integer, location_id bigint) sql stable;
create function hold_rule_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function import_apply_1(p_import bigint, p_limit integer, cmd jsonb) returns jsonb plpgsql volatile;
create function import_apply_catalog(p_import bigint, p_rows integer[]) returns void plpgsql volatile;
create function import_compare(p_import bigint, p_kind text, p_from integer, p_to integer) returns TABLE(row_no integer, was jsonb, wish jsonb) plpgsql stable;
create function import_decide_1(cmd jsonb) returns jsonb plpgsql volatile;
create function import_derive_skus(p_import bigint) returns void sql volatile;
create function import_judge_1(p_import bigint) returns jsonb plpgsql volatile;
create function import_judge_catalog(p_import bigint, names jsonb) returns void plpgsql volatile;
create function import_judge_names(p_import bigint, p_kind text, names jsonb) returns void plpgsql volatile;
create function import_price_apply_1(p_import bigint, p_limit integer, cmd jsonb) returns jsonb plpgsql volatile;
create function import_price_begin_1(p_name text, p_actor text) returns bigint plpgsql volatile;
create function import_price_chunk(p_import bigint, p_after integer, p_limit integer) returns integer plpgsql stable;
create function import_price_compare(p_import bigint, p_lists boolean) returns void plpgsql volatile;
create function import_price_differing(p_import bigint) returns tid[] plpgsql volatile;
create function import_price_done(p_import bigint, p_began timestamp with time zone, cmd jsonb) returns jsonb plpgsql volatile;
create function import_price_judge_1(p_import bigint, p_lines integer, p_lists boolean) returns jsonb plpgsql volatile;
create function import_price_judge_rows(p_import bigint, names jsonb) returns integer plpgsql volatile;
create function import_price_samples(p_import bigint, p_new boolean) returns jsonb sql stable;
create function import_price_tally(p_import bigint) returns void plpgsql volatile;
create function import_price_weigh_1(p_import bigint, p_limit integer, cmd jsonb) returns jsonb plpgsql volatile;
create function import_price_write(p_import bigint, p_after integer, p_to integer, p_except integer[], cmd jsonb, OUT touched bigint[], OUT wrong jsonb) returns record plpgsql volatile;
create function import_row_error(errors jsonb, p_column text, p_value text, p_expected text) returns jsonb sql immutable;
create function import_stock_apply_1(p_import bigint, p_limit integer, cmd jsonb) returns jsonb plpgsql volatile;
create function import_stock_before(p_hash text) returns jsonb sql stable;
create function import_stock_judge_1(p_import bigint, cmd jsonb) returns jsonb plpgsql volatile;
create function import_stock_judge_rows(p_import bigint, names jsonb, p_now timestamp with time zone) returns void plpgsql volatile;
create function import_stock_lock(variant_ids bigint[]) returns void plpgsql volatile;
create function import_stock_samples(p_import bigint, p_new boolean) returns jsonb sql stable;
create function import_stock_special(variant_ids bigint[]) returns bigint[] plpgsql stable;
create function import_stock_stage_1(p_import bigint, p_rows integer[], p_skus text[], p_locations text[], p_quantities integer[], p_deltas boolean[], p_availables boolean[], p_instants timestamp with time zone[], p_reasons text[], p_lots text[], p_expiries timestamp with time zone[], p_wrong jsonb) returns void plpgsql volatile;
create function import_stock_take(p_import bigint, p_limit integer, OUT after integer, OUT upto integer) returns record plpgsql volatile;
create function import_stock_targets(p_import bigint, p_after integer, p_to integer) returns TABLE("position" integer, row_no integer, variant_id bigint, location_id bigint, quantity integer, delta boolean, alone boolean, occurred_at timestamp with time zone, reason text, lot text, lot_expires_at timestamp with time zone, was integer, held integer, lot_was integer, overtaken boolean, target bigint) sql stable;
create function import_stock_write_others(p_import bigint, p_positions integer[], p_reason text, cmd jsonb) returns integer plpgsql volatile;
create function import_stock_write_plain(p_import bigint, p_after integer, p_to integer, p_special bigint[], p_reason text, cmd jsonb, OUT changed bigint[], OUT others integer[], OUT written integer) returns record plpgsql volatile;
create function inbox_reopen_unmatched(p_account bigint) returns void sql volatile;
create function incoming_by_1(p_variants bigint[], p_on timestamp with time zone) returns TABLE(variant_id bigint, location_id bigint, expected_at timestamp with time zone, kind text, line_id bigint, reference text, units integer) sql stable;
create function incoming_due(p_at timestamp with time zone, variant_ids bigint[]) returns void sql volatile;
create function key_add_1(cmd jsonb) returns jsonb plpgsql volatile;
create function key_revoke_1(cmd jsonb) returns jsonb plpgsql volatile;
create function ledger_detach_1(cmd jsonb) returns jsonb plpgsql volatile;
create function ledger_starts() returns timestamp with time zone sql stable;
create function lines_unknown_sku(lines jsonb) returns jsonb sql stable;
create function listing_match_1(cmd jsonb) returns jsonb plpgsql volatile;
create function listings_observe_1(p_account bigint, rows jsonb, p_actor text) returns jsonb plpgsql volatile;
create function location_free(p_location bigint, p_variant bigint, p_safety boolean) returns integer sql stable;
create function location_load(p_location bigint, p_day date, OUT orders integer, OUT units integer) returns record sql stable;
create function location_loads(p_location bigint) returns jsonb sql stable;
create function location_put_1(cmd jsonb) returns jsonb plpgsql volatile;
create function location_serve_1(cmd jsonb) returns jsonb plpgsql volatile;
create function login_begin_1(p_subjects text[], p_limits integer[], p_window_s integer, p_now timestamp with time zone) returns timestamp with time zone plpgsql volatile;
create function loss_of_price(p_shown double precision, p_target double precision, p_mean double precision, p_margin double precision) returns double precision sql immutable;
create function loss_of_stock(p_shown integer, p_target integer, p_mean double precision, p_shape double precision, p_margin double precision, p_cancellation double precision) returns double precision plpgsql immutable;
create function lot_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function lot_tracking_1(cmd jsonb) returns jsonb plpgsql volatile;
create function lots_over(lot_ids bigint[], cmd jsonb) returns jsonb sql stable;
create function market_ask(p_variants bigint[]) returns void sql volatile;
create function market_entries(p_list text, p_turns jsonb) returns jsonb sql volatile;
create function market_facts_1(p_variants bigint[], p_now timestamp with time zone) returns TABLE(variant_id bigint, facts jsonb) sql stable;
create function market_facts_of(t market_rule_terms, p_code text, p_variants bigint[], p_now timestamp with time zone) returns TABLE(variant_id bigint, facts jsonb) plpgsql stable;
create function market_idle_1(p_variants bigint[], p_asked bigint[]) returns void sql volatile;
create function market_offers_1(cmd jsonb) returns jsonb plpgsql volatile;
create function market_resume_1(cmd jsonb) returns jsonb plpgsql volatile;
create function market_rule_read(p_rule bigint, p_said jsonb, p_actor text, p_at timestamp with time zone) returns market_rule_terms sql stable;
create function market_rule_refusal(p_said jsonb) returns jsonb sql stable;
create function market_rule_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function market_rule_told(t market_rule_terms) returns jsonb sql stable;
create function market_rule_variants(t market_rule_terms, p_after bigint, p_limit integer) returns SETOF bigint sql stable;
create function market_ruled(p_variants bigint[]) returns TABLE(variant_id bigint, terms_id bigint) sql stable;
create function market_step_told(s market_steps) returns jsonb sql stable;
create function market_steps_1(cmd jsonb) returns jsonb plpgsql volatile;
create function market_take_1(p_limit integer, p_lease integer) returns TABLE(variant_id bigint, asked bigint) sql volatile;
create function market_try_1(p_rule text, p_said jsonb, p_after bigint, p_limit integer, p_now timestamp with time zone) returns TABLE(variant_id bigint, facts jsonb) plpgsql stable;
create function movements_are_final() returns trigger plpgsql volatile;
create function notice_sample_1(cmd jsonb) returns jsonb plpgsql volatile;
create function notice_template_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_act(o orders, p_kind text, p_body jsonb, cmd jsonb) returns bigint plpgsql volatile;
create function order_ask_again_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_back_total(o orders) returns numeric sql stable;
create function order_backs(p_order bigint) returns TABLE(ext text, amount numeric) sql stable;
create function order_book_one_1(doc jsonb, p_channel bigint, cmd jsonb) returns jsonb plpgsql volatile;
create function order_cancel_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_cancel_pays(o orders, p_lines jsonb) returns jsonb plpgsql stable;
create function order_cancellable(o orders, parts jsonb) returns boolean sql stable;
create function order_charges(o orders) returns TABLE(ext text, paid numeric) sql stable;
create function order_choice(p_order bigint, p_now timestamp with time zone) returns TABLE(line_id bigint, units integer, why text) sql stable;
create function order_choice_2(p_order bigint, p_now timestamp with time zone, p_ready boolean) returns TABLE(line_id bigint, units integer, why text) sql stable;
create function order_collect_place(p_account bigint, p_place text) returns bigint sql stable;
create function order_exchange_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_exchange_unpaid(o orders, p_lines jsonb) returns jsonb sql stable;
create function order_exchanged_part(p_order bigint) returns TABLE(line_id bigint, units numeric, to_go_back numeric) sql stable;
create function order_hold_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_hold_causes(p_channel bigint, doc jsonb) returns TABLE(kind text, reason text) sql stable;
create function order_hold_filled(p_order bigint, cmd jsonb) returns void plpgsql volatile;
create function order_hold_put(p_order bigint, p_kind text, p_reason text, p_by_rule boolean, cmd jsonb) returns bigint plpgsql volatile;
create function order_holds_by_rule(p_order bigint, p_channel bigint, doc jsonb, cmd jsonb) returns void plpgsql volatile;
create function order_keep_person(p_order bigint, doc jsonb) returns void sql volatile;
create function order_let_go_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_line_adopt(p_line bigint, p_basket text, p_open integer, cmd jsonb) returns void plpgsql volatile;
create function order_line_ahead(p_variant bigint, p_now timestamp with time zone) returns text sql stable;
create function order_line_came(p_line bigint, p_units integer) returns TABLE(variant_id bigint, units integer) sql stable;
create function order_line_end(p_line bigint, p_units integer, p_channel bigint, cmd jsonb) returns void plpgsql volatile;
create function order_line_explosion(p_line bigint, OUT part_ids bigint[], OUT part_units integer[]) returns record sql stable;
create function order_line_external(p_line bigint) returns text sql stable;
create function order_line_freeze(p_line bigint, p_variant bigint, p_basket text) returns void sql volatile;
create function order_line_give_back(p_line bigint, p_open integer, p_ended integer, p_channel bigint, cmd jsonb) returns void plpgsql volatile;
create function order_line_held(p_line bigint, p_account bigint, p_units integer, cmd jsonb) returns void plpgsql volatile;
create function order_line_home(p_line bigint, p_location bigint) returns bigint sql stable;
create function order_line_instead_told(p_line bigint) returns jsonb sql stable;
create function order_line_left(p_line bigint, p_variant bigint, p_units integer, p_channel bigint, cmd jsonb) returns void plpgsql volatile;
create function order_line_match(p_channel bigint, p_account bigint, p_ref text, p_sku text) returns TABLE(listing_id bigint, variant_id bigint) sql stable;
create function order_line_open(p_line bigint, p_open integer, p_channel bigint, p_cause text, cmd jsonb) returns void plpgsql volatile;
create function order_line_out(p_line bigint, p_return bigint) returns integer sql stable;
create function order_line_promises(p_line bigint) returns TABLE(id bigint, units integer, location_id bigint) sql stable;
create function order_line_put(p_line bigint, p_variant bigint, p_place bigint, p_units integer, p_aside integer, cmd jsonb) returns void plpgsql volatile;
create function order_line_return(p_line bigint, p_units integer, p_channel bigint, cmd jsonb) returns void plpgsql volatile;
create function order_line_share(p_line bigint, p_effect text, p_ours boolean, p_channel bigint, cmd jsonb, INOUT p_ordered integer, INOUT p_cancelled integer, INOUT p_shipped integer, INOUT p_returned integer, OUT p_counted integer) returns record plpgsql volatile;
create function order_line_ship(p_line bigint, p_units integer, p_channel bigint, cmd jsonb) returns void plpgsql volatile;
create function order_line_short_since() returns trigger plpgsql volatile;
create function order_line_sku(p_line bigint) returns text sql stable;
create function order_line_substitute(p_line bigint, p_variant bigint, p_units integer, p_channel bigint, cmd jsonb) returns bigint plpgsql volatile;
create function order_line_substitutes(p_line bigint, p_now timestamp with time zone, p_rules boolean) returns TABLE(substitute_id bigint, sku text, free integer, automatic boolean) sql stable;
create function order_lines_chosen(o orders, cmd jsonb, p_promised boolean) returns jsonb plpgsql stable;
create function order_lines_meant(p_order bigint, p_external text, p_sku text) returns SETOF order_lines sql stable;
create function order_lines_paid(o orders) returns TABLE(line_id bigint, ext text, ordered integer, paid numeric, refunded numeric) sql stable;
create function order_lines_substitutable(p_now timestamp with time zone) returns TABLE(order_id bigint, line_id bigint, placed_at timestamp with time zone) sql stable;
create function order_lines_told(p_lines jsonb) returns jsonb sql stable;
create function order_overpaid(o orders) returns numeric sql stable;
create function order_paid(o orders) returns numeric sql stable;
create function order_promise_at(o orders, parts jsonb, p_place bigint, cmd jsonb) returns void plpgsql volatile;
create function order_refund_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_refund_beyond(o orders, asked jsonb, shipping numeric) returns jsonb sql stable;
create function order_refund_exchanged(o orders, asked jsonb) returns jsonb sql stable;
create function order_return_announce_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_return_cancel_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_return_put(p_return bigint, p_place bigint, cmd jsonb) returns void plpgsql volatile;
create function order_return_receive_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_return_refused(o orders, cmd jsonb, p_return bigint, p_names text[]) returns jsonb plpgsql stable;
create function order_return_told_1(p_now timestamp with time zone) returns bigint plpgsql volatile;
create function order_ship_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_siblings(o orders) returns SETOF bigint sql stable;
create function order_state_2(p_order bigint, p_effect text DEFAULT NULL::text) returns text sql stable;
create function order_states(p_orders bigint[], p_effect text DEFAULT NULL::text) returns TABLE(id bigint, state text) sql stable;
create function order_steps_back(p_what text, p_ref bigint, p_now timestamp with time zone) returns boolean sql stable;
create function order_substitute_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_substituted(p_order bigint, p_lines jsonb, cmd jsonb) returns void plpgsql volatile;
create function order_tell_1(cmd jsonb) returns jsonb plpgsql volatile;
create function order_touched(p_order bigint, p_transition text, cmd jsonb) returns void plpgsql volatile;
create function order_trouble_1(p_what text, p_ref bigint, p_order bigint, p_trouble text, p_now timestamp with time zone) returns void sql volatile;
create function order_turn(p_order bigint, p_transition text, p_effect text, p_detail jsonb, cmd jsonb) returns text plpgsql volatile;
create function order_unrouted(p_order bigint) returns TABLE(line_id bigint, location_id bigint, units integer) sql stable;
create function order_unrouted_cancel(o orders, parts jsonb, cmd jsonb) returns void plpgsql volatile;
create function order_unrouted_free(p_order bigint, p_line bigint, p_units integer, cmd jsonb) returns void plpgsql volatile;
create function order_variants(p_order bigint) returns bigint[] sql stable;
create function orders_book_1(p_orders jsonb, cmd jsonb) returns jsonb plpgsql volatile;
create function orders_book_plain_1(p_orders jsonb, cmd jsonb) returns jsonb plpgsql volatile;
create function orders_book_variants(p_orders jsonb, order_ids bigint[]) returns bigint[] sql stable;
create function orders_end_short_1(p_now timestamp with time zone, p_limit integer) returns integer plpgsql volatile;
create function orders_family(p_orders bigint[]) returns bigint[] sql stable;
create function orders_forget_1(cmd jsonb) returns jsonb plpgsql volatile;
create function orders_settle(order_ids bigint[], p_now timestamp with time zone) returns void plpgsql volatile;
create function orders_substitute_1(p_now timestamp with time zone, p_limit integer) returns integer plpgsql volatile;
create function parcel_holds(p_group bigint, p_way bigint) returns TABLE(variant_id bigint, lot_id bigint, units integer) sql stable;
create function parcel_of(p_reservation bigint) returns bigint sql stable;
create function parcel_promise(g fulfilment_groups, parts jsonb, p_place bigint, cmd jsonb) returns void sql volatile;
create function parcel_receive_1(cmd jsonb) returns jsonb plpgsql volatile;
create function parcel_send_1(cmd jsonb) returns jsonb plpgsql volatile;
create function parcel_way() returns bigint plpgsql volatile;
create function parts_wrong(parts jsonb, acts text[]) returns jsonb sql stable;
create function pick_up_choose_1(cmd jsonb) returns jsonb plpgsql volatile;
create function pick_up_keep_longer_1(cmd jsonb) returns jsonb plpgsql volatile;
create function pick_up_kept_on(p_order bigint, cmd jsonb) returns void sql volatile;
create function pick_up_not_collected_1(cmd jsonb) returns jsonb plpgsql volatile;
create function pick_up_open(p_group bigint) returns jsonb sql stable;
create function pick_up_over(p_now timestamp with time zone, p_limit integer) returns TABLE(group_id bigint, order_id bigint, becomes text) sql stable;
create function pick_up_remind_at(p_until timestamp with time zone, p_now timestamp with time zone, p_hours integer) returns timestamp with time zone sql immutable;
create function pick_up_rule(p_channel bigint, p_location bigint, OUT keep_days integer, OUT remind_hours integer, OUT late_minutes integer, OUT extend_days integer, OUT extensions_most integer, OUT becomes text) returns record sql stable;
create function pick_up_rule_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function pick_up_tell_1(p_now timestamp with time zone, p_limit integer) returns integer plpgsql volatile;
create function platform_shows_sales(p_platform text) returns boolean sql stable;
create function platform_takes_reference(p_platform text) returns boolean sql stable;
create function platform_takes_sales(p_platform text) returns boolean sql stable;
create function pool_atp_on_1(p_pools bigint[], p_locations bigint[], p_variants bigint[], p_now timestamp with time zone, p_on timestamp with time zone) returns TABLE(pool_id bigint, variant_id bigint, atp integer) sql stable;
create function postal_areas_put_1(cmd jsonb) returns jsonb plpgsql volatile;
create function postal_point(p_country text, p_code text) returns TABLE(latitude double precision, longitude double precision) sql stable;
create function price_ahead() returns interval sql immutable;
create function price_audience_channels(p_audience text, p_id bigint) returns SETOF channels sql stable;
create function price_audience_code(p_audience text, p_id bigint) returns text sql stable;
create function price_audience_id(p_audience text, p_code text) returns bigint sql stable;
create function price_beaten(t price_list_terms, p_audience text, p_audience_id bigint, p_channel bigint, p_variants bigint[], p_at timestamp with time zone) returns TABLE(variant_id bigint, list text, amount numeric) plpgsql stable;
create function price_below_floor(p_price jsonb, p_floor numeric, p_floor_ahead numeric) returns boolean sql immutable;
create function price_below_words(told jsonb) returns text sql stable;
create function price_bounds_1(p_channel bigint, p_variants bigint[], p_at timestamp with time zone, p_known timestamp with time zone) returns TABLE(variant_id bigint, floor numeric, floor_why jsonb, ceiling numeric, ceiling_why jsonb, unknown boolean) plpgsql stable;
create function price_changed(p_variants bigint[]) returns void plpgsql volatile;
create function price_clamps_1(p_channel bigint, p_variants bigint[], p_at timestamp with time zone, p_known timestamp with time zone) returns TABLE(variant_id bigint, floor numeric, ceiling numeric, unknown boolean) plpgsql stable;
create function price_differs(p_one jsonb, p_other jsonb, p_at timestamp with time zone) returns boolean sql stable;
create function price_divide(x numeric, y numeric) returns numeric sql immutable;
create function price_down(x numeric, digits integer) returns numeric sql immutable;
create function price_dropped(p_before jsonb, p_after jsonb, p_percent numeric) returns boolean sql stable;
create function price_effective_1(p_channel bigint, p_variants bigint[], p_partner bigint, p_quantity integer, p_at timestamp with time zone, p_known timestamp with time zone) returns TABLE(variant_id bigint, amount numeric, regular numeric, sale numeric, sale_from timestamp with time zone, sale_to timestamp with time zone, why jsonb, held text) sql stable;
create function price_ending(x numeric, step numeric, ending numeric, direction text) returns numeric plpgsql immutable;
create function price_entry_same(p_rule text, p_over text, p_base bigint, p_value numeric, e price_entries) returns boolean sql immutable;
create function price_facts_1(p_sku text, p_channel text, p_partner text, p_known timestamp with time zone) returns jsonb sql stable;
create function price_guard_weighed_1(p_variants bigint[], p_at timestamp with time zone DEFAULT clock_timestamp()) returns TABLE(channel_id bigint, listing_id bigint, variant_id bigint, before jsonb, after jsonb, held text, changed boolean, adds boolean, dropped boolean, limit_name text) sql stable;
create function price_has_limits(p_channel bigint, p_known timestamp with time zone) returns boolean sql stable;
create function price_has_sales(p_variants bigint[], p_now timestamp with time zone) returns boolean sql stable;
create function price_in_force(p_price jsonb, p_at timestamp with time zone) returns double precision sql stable;
create function price_instant(p_at timestamp with time zone) returns text sql stable;
create function price_leans_on_cost() returns boolean sql stable;
create function price_least(p_price jsonb) returns numeric sql immutable;
create function price_limits_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function price_list_amounts_1(p_list bigint, p_currency text, p_variants bigint[], p_quantity integer, p_at timestamp with time zone, p_known timestamp with time zone, p_depth integer DEFAULT 0) returns TABLE(variant_id bigint, entry_id bigint, scope text, rule text, over text, base_list_id bigint, value numeric, base numeric, amount numeric) sql stable;
create function price_list_amounts_2(p_list bigint, p_currency text, p_taxed boolean, p_shown_taxed boolean, p_region bigint, p_variants bigint[], p_quantity integer, p_at timestamp with time zone, p_known timestamp with time zone, p_depth integer DEFAULT 0) returns TABLE(variant_id bigint, entry_id bigint, scope text, rule text, over text, base_list_id bigint, value numeric, base numeric, amount numeric) plpgsql stable;
create function price_list_approve_1(cmd jsonb) returns jsonb plpgsql volatile;
create function price_list_base_gaps(p_list bigint, t price_list_terms, p_now timestamp with time zone) returns jsonb sql stable;
create function price_list_beaten(p_list bigint, p_now timestamp with time zone) returns jsonb plpgsql stable;
create function price_list_below(p_list bigint, t price_list_terms, p_entries bigint[], p_now timestamp with time zone) returns jsonb plpgsql stable;
create function price_list_changed(p_list bigint, p_entries bigint[]) returns void plpgsql volatile;
create function price_list_circle(p_list bigint) returns text[] sql stable;
create function price_list_dearer_breaks(p_list bigint) returns jsonb sql stable;
create function price_list_done(cmd jsonb, p_act text, p_detail jsonb, p_answer jsonb) returns jsonb plpgsql volatile;
create function price_list_end_1(cmd jsonb) returns jsonb plpgsql volatile;
create function price_list_entries_1(cmd jsonb) returns jsonb plpgsql volatile;
create function price_list_gaps(p_list bigint, p_now timestamp with time zone) returns jsonb plpgsql stable;
create function price_list_guard(t price_list_terms, p_variants bigint[], p_now timestamp with time zone, p_accept boolean, p_actor text) returns jsonb plpgsql volatile;
create function price_list_needs_another(p_code text, stands price_list_terms, p_actor text) returns boolean sql stable;
create function price_list_not_lower(p_list bigint, p_now timestamp with time zone) returns jsonb plpgsql stable;
create function price_list_overlaps(p_list bigint, p_now timestamp with time zone) returns TABLE(code text, state text, wins text) plpgsql stable;
create function price_list_refuse(p_list bigint, p_terms price_list_terms, p_entries bigint[], cmd jsonb) returns void plpgsql volatile;
create function price_list_reject_1(cmd jsonb) returns jsonb plpgsql volatile;
create function price_list_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function price_list_stands(p_list bigint) returns price_list_terms sql stable;
create function price_list_variants(p_list bigint) returns bigint[] sql stable;
create function price_list_version(p_code text) returns bigint sql stable;
create function price_list_waits(p_list bigint) returns price_list_terms sql stable;
create function price_list_withdraw(p_list bigint, p_at timestamp with time zone, OUT terms integer, OUT entries integer) returns record plpgsql volatile;
create function price_list_write(t price_list_terms, p_state text, p_waits boolean, p_at timestamp with time zone, cmd jsonb) returns void plpgsql volatile;
create function price_lists_share(p_one bigint, p_other bigint) returns boolean plpgsql stable;
create function price_lowest_1(p_channel bigint, p_variants bigint[], p_before timestamp with time zone[], p_now timestamp with time zone) returns TABLE(variant_id bigint, amount numeric) sql stable;
create function price_of_margin(p_cost numeric, p_rate numeric, p_percent numeric, p_tax numeric) returns numeric sql immutable;
create function price_plain_below(p_prices bigint[], p_now timestamp with time zone) returns TABLE(price_id bigint, told jsonb) plpgsql stable;
create function price_policy_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function price_policy_shown(y channel_price_policies) returns jsonb sql stable;
create function price_promise(p_price jsonb, p_at timestamp with time zone) returns jsonb sql stable;
create function price_rates_begin(p_since timestamp with time zone, p_by timestamp with time zone) returns boolean sql stable;
create function price_rates_changed(p_starts timestamp with time zone[], cmd jsonb) returns void plpgsql volatile;
create function price_reckoned_at(p_variants bigint[], p_now timestamp with time zone) returns timestamp with time zone sql stable;
create function price_references_1(p_channel bigint, p_variants bigint[], p_from timestamp with time zone[], p_why jsonb[], p_now timestamp with time zone) returns TABLE(variant_id bigint, reference numeric) sql stable;
create function price_resolve_1(p_channel bigint, p_variants bigint[], p_partner bigint, p_quantity integer, p_track text, p_at timestamp with time zone, p_known timestamp with time zone) returns TABLE(variant_id bigint, amount numeric, level integer, starts_at timestamp with time zone, ends_at timestamp with time zone, floor numeric, held text, why jsonb) sql stable;
create function price_resolve_2(p_channel bigint, p_variants bigint[], p_partner bigint, p_quantity integer, p_track text, p_at timestamp with time zone, p_known timestamp with time zone, p_reasons boolean) returns TABLE(variant_id bigint, amount numeric, level integer, starts_at timestamp with time zone, ends_at timestamp with time zone, floor numeric, held text, why jsonb) plpgsql stable;
create function price_rounded(x numeric, rounding text, step numeric, ending numeric, direction text, digits integer) returns numeric sql immutable;
create function price_rule(p_rule text, p_value numeric, p_base numeric) returns numeric sql immutable;
create function price_sources(p_channel bigint, p_partner bigint, p_track text, p_at timestamp with time zone, p_known timestamp with time zone) returns TABLE(list_id bigint, code text, level integer, channel_id bigint, currency text, tax_included boolean, starts_at timestamp with time zone, ends_at timestamp with time zone) sql stable;
create function price_terms_told(t price_list_terms) returns jsonb sql stable;
create function price_text(p_amount numeric, p_currency text) returns text sql immutable;
create function price_turned_1(p_variants bigint[], p_since timestamp with time zone, p_now timestamp with time zone) returns TABLE(variant_id bigint, at timestamp with time zone) sql stable;
create function price_turnings(p_variants bigint[], p_since timestamp with time zone, p_now timestamp with time zone) returns TABLE(variant_id bigint, at timestamp with time zone) sql stable;
create function price_turns_1(p_claims jsonb) returns TABLE(at timestamp with time zone, account text, platform text, scale numeric, listings integer, families integer[], channels jsonb) sql stable;
create function price_typed_since(p_price bigint) returns timestamp with time zone sql stable;
create function price_up(x numeric, digits integer) returns numeric sql immutable;
create function price_within(p_price numeric, p_floor numeric, p_ceiling numeric, p_unknown boolean, p_rounding text, p_step numeric, p_ending numeric, p_digits integer) returns numeric plpgsql immutable;
create function prices_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function prices_set_2(cmd jsonb) returns jsonb plpgsql volatile;
create function prices_told(cmd jsonb, p_now timestamp with time zone) returns jsonb plpgsql stable;
create function product_category_at(p_handle text, p_category text, p_known timestamp with time zone) returns text sql stable;
create function product_category_moved() returns trigger plpgsql volatile;
create function product_change_1(cmd jsonb) returns jsonb plpgsql volatile;
create function publication_drifts(p_listing bigint, p_field text) returns boolean sql stable;
create function publication_first_price() returns trigger plpgsql volatile;
create function publication_force_1(cmd jsonb) returns jsonb plpgsql volatile;
create function publication_force_next(f publication_forces, p_limit integer) returns bigint[] sql stable;
create function publication_force_step_1(p_force bigint, p_limit integer) returns boolean plpgsql volatile;
create function publication_held(p_channel bigint, p_variant bigint, p_code text, p_price jsonb, p_floor numeric, p_floor_why jsonb, p_ceiling numeric, p_ceiling_why jsonb) returns jsonb sql stable;
create function publication_lacks(c channels, v variants) returns text sql stable;
create function publication_leaves() returns trigger plpgsql volatile;
create function publication_look_again(p_listing bigint, p_pause interval) returns void sql volatile;
create function publication_loss_1(p publications) returns double precision plpgsql stable;
create function publication_own_orders(deltas jsonb, cmd jsonb) returns void plpgsql volatile;
create function publication_stands(p_state text, p_drifting boolean) returns text sql immutable;
create function publication_waits() returns trigger plpgsql volatile;
create function publication_waits_by_word(p publications) returns boolean sql immutable;
create function publication_weighs() returns trigger plpgsql volatile;
create function publications_intend_1(p_account bigint, p_variants bigint[], p_now timestamp with time zone) returns integer plpgsql volatile;
create function publications_intend_prices_1(p_account bigint, p_variants bigint[], p_now timestamp with time zone) returns integer plpgsql volatile;
create function publications_intend_stock_1(p_account bigint, p_variants bigint[], p_now timestamp with time zone) returns integer plpgsql volatile;
create function publications_read_1(p_account bigint, p_apply_within_ms integer, items jsonb) returns void plpgsql volatile;
create function publications_read_2(p_account bigint, p_apply_within_ms integer, items jsonb) returns integer plpgsql volatile;
create function publications_result_1(p_account bigint, p_lease bigint, items jsonb) returns void plpgsql volatile;
create function publications_send_2(p_account bigint, p_lease bigint, items jsonb) returns jsonb sql volatile;
create function publications_send_3(p_account bigint, p_lease bigint, items jsonb, p_ahead interval) returns jsonb plpgsql volatile;
create function publications_still_1(p_account bigint, p_lease bigint, items jsonb) returns jsonb plpgsql volatile;
create function publications_weigh_1(p_after bigint, p_most integer) returns bigint plpgsql volatile;
create function publications_weigh_2(p_listings bigint[]) returns void sql volatile;
create function quarantine_decide_1(cmd jsonb) returns jsonb plpgsql volatile;
create function reason_fits(p_code text, p_act text) returns boolean sql stable;
create function reason_put_1(cmd jsonb) returns jsonb plpgsql volatile;
create function returns_take_1(p_account bigint, p_returns jsonb, cmd jsonb) returns jsonb plpgsql volatile;
create function returns_told_back() returns TABLE(id bigint, order_id bigint) sql stable;
create function risk_buffers_end_1() returns integer plpgsql volatile;
create function risk_buffers_set_1(p_channels bigint[], p_variants bigint[], p_units integer[], p_tails double precision[], p_means double precision[], p_lags double precision[]) returns integer plpgsql volatile;
create function risk_compare_1(p_now timestamp with time zone) returns integer plpgsql volatile;
create function routing_rules_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function routing_unplaced_1(cmd jsonb) returns void plpgsql volatile;
create function short_over(p_now timestamp with time zone) returns TABLE(order_id bigint, line_id bigint, external_line_id text, units integer, becomes text, after_minutes integer) sql stable;
create function short_rule(p_channel bigint, OUT becomes text, OUT after_minutes integer) returns record sql stable;
create function short_rule_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function stakes_learn_1(p_now timestamp with time zone, p_days integer) returns integer plpgsql volatile;
create function stakes_of_1(p_units double precision, p_days double precision, p_recent double precision, p_price double precision, p_cost double precision, p_margin double precision, p_cancellation double precision) returns TABLE(mean double precision, shape double precision, margin double precision, cancellation double precision) sql immutable;
create function stock_adopt_item(p_reservation bigint, p_units integer, p_line bigint, p_basket text) returns void plpgsql volatile;
create function stock_arrive(p_variant bigint, p_location bigint, p_units integer, p_aside boolean, p_kind text, p_reason text, cmd jsonb) returns void plpgsql volatile;
create function stock_carry(p_variant bigint, p_from bigint, p_to bigint, p_units integer, p_lot bigint, p_reason text, cmd jsonb) returns void plpgsql volatile;
create function stock_change_1(cmd jsonb) returns jsonb sql volatile;
create function stock_change_2(cmd jsonb) returns jsonb plpgsql volatile;
create function stock_changed(variant_ids bigint[]) returns void sql volatile;
create function stock_consequence(cmd jsonb) returns jsonb sql immutable;
create function stock_end_hold_1(cmd jsonb) returns jsonb plpgsql volatile;
create function stock_expect(p_variant bigint, p_location bigint, p_units integer, p_kind text, cmd jsonb) returns void plpgsql volatile;
create function stock_expire(variant_ids bigint[], cmd jsonb) returns void plpgsql volatile;
create function stock_expire_lots(variant_ids bigint[], cmd jsonb) returns bigint[] plpgsql volatile;
create function stock_extend_hold_1(cmd jsonb) returns jsonb plpgsql volatile;
create function stock_fill_all(variant_ids bigint[], cmd jsonb) returns void plpgsql volatile;
create function stock_fill_from(location_ids bigint[], cmd jsonb) returns void plpgsql volatile;
create function stock_fill_shorts(p_variant bigint, cmd jsonb) returns void plpgsql volatile;
create function stock_fit(p_variant bigint, p_location bigint, part_ids bigint[], part_units integer[], with_safety boolean) returns integer sql stable;
create function stock_hide(p_variant bigint, p_location bigint, p_units integer, p_kind text, p_reason text, cmd jsonb) returns void plpgsql volatile;
create function stock_line_lot(p_variant bigint, p_location bigint, p_code text, p_expires timestamp with time zone, p_kind text, p_units integer) returns bigint plpgsql volatile;
create function stock_lock(variant_ids bigint[]) returns void plpgsql volatile;
create function stock_lot(p_variant bigint, p_location bigint, p_code text, p_expires timestamp with time zone) returns bigint plpgsql volatile;
create function stock_move_promise_1(cmd jsonb) returns jsonb sql volatile;
create function stock_move_promise_2(cmd jsonb) returns jsonb plpgsql volatile;
create function stock_moving(p_basket text, p_variant bigint, p_target bigint, p_units integer) returns TABLE(id bigint, variant_id bigint, location_id bigint, units integer) sql stable;
create function stock_note(p_variant bigint, p_location bigint, p_kind text, p_on_hand integer, p_reserved integer, p_unavailable integer, p_incoming integer, p_lot bigint, cmd jsonb, p_line bigint, p_reservation bigint, p_reason text) returns void sql volatile;
create function stock_on_hand_at(p_variant bigint, p_location bigint, p_at timestamp with time zone) returns integer sql stable;
create function stock_post(p_variant bigint, p_location bigint, p_kind text, p_on_hand integer, p_reserved integer, cmd jsonb, p_line bigint DEFAULT NULL::bigint, p_reservation bigint DEFAULT NULL::bigint, p_reason text DEFAULT NULL::text, p_unavailable integer DEFAULT 0) returns void plpgsql volatile;
create function stock_post_lots(p_variant bigint, p_location bigint, p_kind text, p_on_hand integer, p_reserved integer, cmd jsonb, p_line bigint, p_reservation bigint, p_reason text, p_unavailable integer) returns void plpgsql volatile;
create function stock_promise_item(p_variant bigint, part_ids bigint[], part_units integer[], p_location bigint, p_units integer, with_safety boolean, p_basket text, p_line_no integer, p_line bigint, p_channel bigint, p_expires timestamp with time zone, cmd jsonb) returns void plpgsql volatile;
create function stock_promise_row(p_variant bigint, p_location bigint, p_quantity integer, p_basket text, p_line_no integer, p_line bigint, p_channel bigint, p_expires timestamp with time zone, p_pack bigint, p_bundle bigint, p_per_unit integer, cmd jsonb) returns void plpgsql volatile;
create function stock_reserve_1(requests jsonb) returns jsonb sql volatile;
create function stock_reserve_2(requests jsonb) returns jsonb plpgsql volatile;
create function stock_reserve_places(p_bundle bigint, p_units integer, p_location bigint, p_channel bigint, p_prefer jsonb, c_variant bigint[], c_location bigint[], c_code text[], c_free integer[], f_bundle bigint[], f_part bigint[], f_units integer[]) returns TABLE(location bigint, code text, own integer, own_cell integer, made integer) sql stable;
create function stock_reserve_plain_1(p_no integer[], p_lines integer[], p_scope text[], p_key text[], p_hash text[], p_actor text[], p_seconds double precision[], p_until text[], p_sku text[], p_quantity integer[], p_place text[], p_kind text, p_now timestamp with time zone, OUT places text[], OUT ends text[]) returns record plpgsql volatile;
create function stock_reserve_told(answer jsonb, request jsonb) returns jsonb sql immutable;
create function stock_safety(p_variant bigint, p_location bigint, p_units integer, cmd jsonb) returns void plpgsql volatile;
create function stock_set_on_hand(p_variant bigint, p_location bigint, p_on_hand integer, p_kind text, p_reason text, cmd jsonb) returns void plpgsql volatile;
create function stock_unpromise(p_reservation bigint, p_quantity integer, p_kind text, cmd jsonb) returns void plpgsql volatile;
create function stock_unpromise_item(p_reservation bigint, p_units integer, p_kind text, cmd jsonb) returns void plpgsql volatile;
create function stock_withdraw_from(p_variant bigint, p_location bigint, p_units integer, p_cause text, cmd jsonb) returns bigint[] plpgsql volatile;
create function substitute_within(p_channel bigint, p_variant bigint, p_substitute bigint, p_percent numeric, p_now timestamp with time zone) returns boolean plpgsql stable;
create function substitutes_of(p_variant bigint, p_channel bigint) returns TABLE(substitute_id bigint, "position" integer, automatic boolean, above_percent numeric) sql stable;
create function substitution_rules_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function tax_categories_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function tax_category_at(p_sku text, p_category text, p_known timestamp with time zone) returns text sql stable;
create function tax_percent_at(p_region bigint, p_category text, p_at timestamp with time zone, p_known timestamp with time zone) returns numeric sql stable;
create function tax_rates_set_1(cmd jsonb) returns jsonb plpgsql volatile;
create function terms_shown(p_variant bigint) returns jsonb sql stable;
create function transfer_cancel_1(cmd jsonb) returns jsonb plpgsql volatile;
create function transfer_cause(cmd jsonb, t transfers) returns jsonb sql immutable;
create function transfer_ended(p_transfer bigint, p_outcome text, parts jsonb, cmd jsonb) returns jsonb plpgsql volatile;
create function transfer_lots_begin(p_variant bigint) returns void sql volatile;
create function transfer_missing(p_location bigint, parts jsonb) returns jsonb sql stable;
create function transfer_over(p_transfer bigint, parts jsonb) returns jsonb sql stable;
create function transfer_receive_1(cmd jsonb) returns jsonb plpgsql volatile;
create function transfer_request_1(cmd jsonb) returns jsonb plpgsql volatile;
create function transfer_resolve_1(cmd jsonb) returns jsonb plpgsql volatile;
create function transfer_send_1(cmd jsonb) returns jsonb plpgsql volatile;
create function transfer_send_lots(t transfers, p_line bigint, p_variant bigint, p_units integer, p_lot text, cmd jsonb) returns void plpgsql volatile;
create function transfer_settle(p_transfer bigint, cmd jsonb) returns text plpgsql volatile;
create function transfer_take(cmd jsonb, needs text, OUT t transfers, OUT outcome jsonb) returns record plpgsql volatile;
create function transfer_take_lots(p_line bigint, p_units integer, p_lot text) returns TABLE(code text, expires_at timestamp with time zone, units integer) plpgsql volatile;
create function transfer_under_way(p_transfer bigint) returns jsonb sql stable;
create function transfer_wrong_line(p_transfer bigint, lines jsonb) returns jsonb sql stable;
create function units_beyond(p_units integer, p_mean double precision, p_shape double precision) returns double precision plpgsql immutable;
create function units_short_1(p_variants bigint[]) returns TABLE(variant_id bigint, units bigint) sql stable;
create function user_add_1(cmd jsonb) returns jsonb plpgsql volatile;
create function user_change_1(cmd jsonb) returns jsonb plpgsql volatile;
create function user_desk_1(cmd jsonb) returns jsonb plpgsql volatile;
create function user_shown(u users) returns jsonb sql stable;
create function variant_change_1(cmd jsonb) returns jsonb plpgsql volatile;
create function variant_cost_at(p_variant bigint, p_known timestamp with time zone) returns TABLE(average numeric, currency text) sql stable;
create function variant_cost_moved() returns trigger plpgsql volatile;
create function variant_goods(p_variants bigint[]) returns bigint[] sql stable;
create function variant_patch(v jsonb) returns integer plpgsql volatile;
create function variant_terms_1(cmd jsonb) returns jsonb plpgsql volatile;
create function variants_cost_alike(p_channel bigint, p_one bigint, p_other bigint, p_now timestamp with time zone) returns boolean plpgsql stable;
