-- Accounts, channels, and which listing is which variant.

-- cmd: name, platform, settings, credentials (base64, sealed), webhookSecret (base64, sealed, or null), webhookToken,
-- channels [{code, name, ref, currency, zone, locale, taxMode}], locations [codes] or null for all of ours, stockPerAccount.
-- Answers {"outcome": "created", "accountId", "channels": [{id, code}]}, {"outcome": "taken", field, value}, {"outcome": "unknown", field, value}.
create or replace function account_create_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  account bigint;
  lead bigint;
  channel bigint;
  item jsonb;
  made jsonb := '[]';
  bad text;
begin
  if answer is not null then
    return answer;
  end if;
  if exists (select from accounts where name = cmd->>'name') then
    return command_open(cmd, jsonb_build_object('outcome', 'taken', 'field', 'name', 'value', cmd->>'name'));
  end if;
  select c->>'code' into bad from jsonb_array_elements(cmd->'channels') c join channels x on x.code = c->>'code' limit 1;
  if bad is not null then
    return command_open(cmd, jsonb_build_object('outcome', 'taken', 'field', 'code', 'value', bad));
  end if;
  if jsonb_typeof(cmd->'locations') = 'array' then
    select l into bad from jsonb_array_elements_text(cmd->'locations') l where not exists (select from locations where code = l) limit 1;
    if bad is not null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'locations', 'value', bad));
    end if;
  end if;
  insert into accounts (name, platform, settings, credentials, webhook_secret, webhook_token)
  values (cmd->>'name', cmd->>'platform', cmd->'settings', decode(cmd->>'credentials', 'base64'), decode(cmd->>'webhookSecret', 'base64'), cmd->>'webhookToken')
  returning id into account;
  for item in select c from jsonb_array_elements(cmd->'channels') with ordinality x(c, ord) order by ord loop
    insert into channels (account_id, code, name, external_ref, currency, zone, locale, tax_mode, stock_lead_id)
    values (account, item->>'code', item->>'name', item->>'ref', item->>'currency', coalesce(item->>'zone', 'UTC'), coalesce(item->>'locale', 'en'),
      coalesce(item->>'taxMode', 'inclusive'), case when (cmd->>'stockPerAccount')::boolean then lead end)
    returning id into channel;
    lead := coalesce(lead, channel);
    insert into channel_policies (channel_id, actor) values (channel, cmd->>'actor');
    insert into channel_locations (channel_id, location_id, position, actor)
    select channel, id, row_number() over (order by place), cmd->>'actor' from (
      select p.id, coalesce(w.ord, p.id) as place from locations p
      left join jsonb_array_elements_text(case when jsonb_typeof(cmd->'locations') = 'array' then cmd->'locations' else '[]' end) with ordinality w(code, ord) on w.code = p.code
      where p.kind <> 'platform' and (jsonb_typeof(cmd->'locations') is distinct from 'array' or w.code is not null)
    ) chosen;
    made := made || jsonb_build_array(jsonb_build_object('id', channel, 'code', item->>'code'));
  end loop;
  insert into account_requests (account_id, kind, actor) values (account, 'observe', cmd->>'actor');
  insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'account.create', cmd->>'name', jsonb_build_object('platform', cmd->>'platform'));
  insert into change (kind, account_id) values ('channel', account);
  return command_done(cmd, jsonb_build_object('outcome', 'created', 'accountId', account, 'channels', made));
end $$;

-- Changes how an account is reached: cmd.name, settings? (all of them), credentials?, webhookSecret? (base64, sealed). An account that failed is tried at once, unless the
-- platform asked to wait, and compared whole, because it may be another shop now. Lanes that see it open anew. Answers {"outcome": "done", "accountId"} or unknown.
create or replace function account_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  account bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select id into account from accounts where name = cmd->>'name' for no key update;
  if account is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'account', 'value', cmd->>'name'));
  end if;
  update accounts set settings = coalesce(cmd->'settings', settings), credentials = coalesce(decode(cmd->>'credentials', 'base64'), credentials),
    webhook_secret = coalesce(decode(cmd->>'webhookSecret', 'base64'), webhook_secret) where id = account;
  update accounts set state = 'active', state_since = clock_timestamp(), state_reason = null, retry_at = null
    where id = account and state = 'failing' and state_reason not like 'throttled:%';
  insert into account_requests (account_id, kind, actor) select account, 'compare', cmd->>'actor'
    where not exists (select from account_requests where account_id = account and kind = 'compare' and state = 'open');
  insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'account.set', cmd->>'name',
    jsonb_build_object('settings', cmd->'settings', 'credentials', case when cmd ? 'credentials' then 'changed' else 'kept' end));
  insert into change (kind, account_id) values ('channel', account);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'accountId', account));
end $$;

-- Turns a channel's switches: cmd.channel (code), publishStock?, publishPrices?, paused?. Policies: buffer? (units), bufferPercent? (of what is available),
-- bufferRisk? ({margin, cancellation}, decimal text; of the three the one given last holds), cap?, stopSellingAt?, sellAhead?. Pool: locations? (codes, in order).
-- Old versions of policy and pool are closed, not changed. Answers {"outcome": "done"} or unknown.
create or replace function channel_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c channels;
  y channel_policies;
  bad text;
  is_other boolean;
begin
  if answer is not null then
    return answer;
  end if;
  select * into c from channels where code = cmd->>'channel' for no key update;
  if c.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
  end if;
  if cmd ? 'locations' then
    select l into bad from jsonb_array_elements_text(cmd->'locations') l where not exists (select from locations where code = l and kind <> 'platform') limit 1;
    if bad is not null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'locations', 'value', bad));
    end if;
    update channel_locations set valid_to = clock_timestamp() where channel_id = c.id and valid_to is null;
    insert into channel_locations (channel_id, location_id, position, actor)
    select c.id, p.id, w.ord, cmd->>'actor' from jsonb_array_elements_text(cmd->'locations') with ordinality w(code, ord) join locations p on p.code = w.code;
    perform stock_fill_from(array(select location_id from channel_locations where channel_id = c.id and valid_to is null), cmd);
  end if;
  if cmd ?| array['buffer', 'bufferPercent', 'bufferRisk', 'cap', 'stopSellingAt', 'sellAhead'] then
    update channel_policies set valid_to = clock_timestamp() where channel_id = c.id and valid_to is null returning * into y;
    is_other := cmd ?| array['buffer', 'bufferPercent', 'bufferRisk'];
    insert into channel_policies (channel_id, buffer, buffer_percent, risk_margin, risk_cancellation, cap, stop_selling_at, sell_ahead, actor)
    values (c.id, coalesce((cmd->>'buffer')::int, case when is_other then 0 end, y.buffer, 0),
      coalesce((cmd->>'bufferPercent')::numeric, case when is_other then 0 end, y.buffer_percent, 0),
      case when is_other then (cmd->'bufferRisk'->>'margin')::numeric else y.risk_margin end,
      case when is_other then (cmd->'bufferRisk'->>'cancellation')::numeric else y.risk_cancellation end, case when cmd ? 'cap' then (cmd->>'cap')::int else y.cap end,
      coalesce((cmd->>'stopSellingAt')::int, y.stop_selling_at, 0), coalesce((cmd->>'sellAhead')::boolean, y.sell_ahead, false), cmd->>'actor');
  end if;
  update channels set publish_stock = coalesce((cmd->>'publishStock')::boolean, publish_stock),
    publish_prices = coalesce((cmd->>'publishPrices')::boolean, publish_prices), paused = coalesce((cmd->>'paused')::boolean, paused)
  where id = c.id;
  -- A channel that comes back is compared whole: what happened meanwhile may be older than the feed.
  if (c.paused and not coalesce((cmd->>'paused')::boolean, true)) then
    insert into account_requests (account_id, kind, actor) values (c.account_id, 'compare', cmd->>'actor');
  end if;
  insert into audit (actor, act, subject, detail)
  values (cmd->>'actor', 'channel.set', c.code, cmd - 'scope' - 'key' - 'kind' - 'hash' - 'actor' - 'channel');
  insert into change (kind, channel_id, account_id) values ('channel', c.id, c.account_id);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'channel', c.code));
end $$;

-- Orders that were kept aside because nobody knew what was sold are taken up again: of one account, or (null) of all.
create or replace function inbox_reopen_unmatched(p_account bigint) returns void language sql as $$
  with kept as (
    select id from inbox where state = 'refused' and reason like 'unmatched:%' and (p_account is null or account_id = p_account) order by id for update
  ), again as (
    update inbox set state = 'new', reason = null, attempts = 0, taken_until = null where id in (select id from kept) returning account_id
  )
  insert into change (kind, account_id) select distinct 'inbox', account_id from again
$$;

-- Notes listings as the platform shows them. rows: [{channelRef, externalId, parentId, sku, productType, gtin, title, state, quantity, price}].
-- New ones are matched by SKU, then by GTIN where exactly one variant has it. Nothing was intended for what was gone, so its return is told in the
-- feed. Answers {"seen", "new", "matched"}.
create or replace function listings_observe_1(p_account bigint, rows jsonb, p_actor text) returns jsonb language plpgsql as $$
declare
  seen int;
  fresh int;
  matched int;
begin
  -- All are locked, so that none becomes gone between this look and the update below.
  with known as (
    select l.state, l.variant_id from jsonb_array_elements(rows) r join channels c on c.account_id = p_account and c.external_ref = r->>'channelRef'
    join listings l on l.channel_id = c.id and l.external_id = r->>'externalId' order by l.id for no key update of l
  )
  insert into change (kind, variant_id, account_id)
  select distinct 'listing', variant_id, p_account from known where state = 'gone' and variant_id is not null;

  with incoming as (
    select distinct on (c.id, r->>'externalId') c.id as channel_id, r->>'externalId' as external_id, r->>'parentId' as parent_id, r->>'sku' as sku, r->>'productType' as product_type,
      r->>'gtin' as gtin, r->>'title' as title, r->>'state' as state, (r->>'quantity')::int as quantity,
      case when jsonb_typeof(r->'price') = 'object' then r->'price' end as price
    from jsonb_array_elements(rows) r join channels c on c.account_id = p_account and c.external_ref = r->>'channelRef' order by 1, 2
  ), put as (
    insert into listings (channel_id, account_id, external_id, external_parent_id, external_sku, product_type, gtin, title, state, shown_quantity, shown_price)
    select channel_id, p_account, external_id, parent_id, sku, product_type, gtin, title, state, quantity, price from incoming
    on conflict (channel_id, external_id) do update set external_parent_id = excluded.external_parent_id, external_sku = excluded.external_sku,
      product_type = coalesce(excluded.product_type, listings.product_type), gtin = excluded.gtin, title = excluded.title, state = excluded.state,
      shown_quantity = excluded.shown_quantity, shown_price = excluded.shown_price, observed_at = clock_timestamp()
    returning id, (xmax = 0) as is_new
  )
  select count(*), count(*) filter (where is_new) into seen, fresh from put;

  with candidates as (
    select l.id, l.external_sku, l.gtin from listings l join channels c on c.id = l.channel_id
    join jsonb_array_elements(rows) r on c.external_ref = r->>'channelRef' and l.external_id = r->>'externalId'
    where l.account_id = p_account and l.variant_id is null and not exists (select from mappings m where m.listing_id = l.id)
  ), found as (
    select c.id, coalesce(s.id, g.id) as variant_id, case when s.id is not null then 'sku' else 'gtin' end as matched_by
    from candidates c left join variants s on s.sku = c.external_sku
    left join lateral (select min(v.id) as id from variants v where v.gtin = lpad(c.gtin, 14, '0') having count(*) = 1) g on s.id is null
    where coalesce(s.id, g.id) is not null
  ), mapped as (
    insert into mappings (listing_id, variant_id, matched_by, actor) select id, variant_id, matched_by, p_actor from found returning listing_id, variant_id
  ), put as (
    update listings l set variant_id = m.variant_id from mapped m where l.id = m.listing_id returning l.variant_id
  ), noted as (
    insert into change (kind, variant_id, account_id) select distinct 'listing', variant_id, p_account from put
  )
  select count(*) into matched from put;
  if matched > 0 then
    perform inbox_reopen_unmatched(p_account);
  end if;
  return jsonb_build_object('seen', seen, 'new', fresh, 'matched', matched);
end $$;

-- A person says which variant a listing is (cmd.listingId, cmd.sku), or that it is none (sku null). The old mapping is closed.
create or replace function listing_match_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  l listings;
  variant bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into l from listings where id = (cmd->>'listingId')::bigint for no key update;
  if l.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'listing', 'value', cmd->>'listingId'));
  end if;
  -- What is to be shown is worked out under this lock: begun before, it would bring back what is deleted below.
  perform pg_advisory_xact_lock(7312646, l.account_id::int);
  if cmd->>'sku' is not null then
    select id into variant from variants where sku = cmd->>'sku';
    if variant is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', cmd->>'sku'));
    end if;
  end if;
  if l.variant_id is distinct from variant then
    update mappings set valid_to = clock_timestamp() where listing_id = l.id and valid_to is null;
    if variant is not null then
      insert into mappings (listing_id, variant_id, matched_by, actor) values (l.id, variant, 'hand', cmd->>'actor');
    end if;
    -- The platform goes on showing what it last took; where that is not known for sure, anything may show there.
    update listings set variant_id = variant,
      shown_price = case when known.price_is_sure is null then shown_price when known.price_is_sure then known.price end,
      shown_quantity = case when known.quantity_is_sure is null then shown_quantity when known.quantity_is_sure then known.quantity end
    from (select max(p.accepted::text) filter (where p.field = 'price')::jsonb as price, max(p.expected) filter (where p.field = 'stock') as quantity,
        bool_and(p.state not in ('sent', 'accepted') and p.reason_code is distinct from 'unknown') filter (where p.field = 'price') as price_is_sure,
        bool_and(p.state <> 'sent' and p.reason_code is distinct from 'unknown') filter (where p.field = 'stock') as quantity_is_sure
      from publications p where p.listing_id = l.id) known where id = l.id;
    -- What was to be shown for the other variant must never go out.
    delete from publications where (listing_id, field) in (
      select listing_id, field from publications where listing_id = l.id order by listing_id, field for update);
    insert into change (kind, variant_id, account_id) select 'listing', v, l.account_id from unnest(array[l.variant_id, variant]) v where v is not null;
    perform inbox_reopen_unmatched(l.account_id);
    insert into audit (actor, act, subject, detail)
    values (cmd->>'actor', 'listing.match', l.external_sku, jsonb_build_object('listing', l.id, 'sku', cmd->>'sku'));
  end if;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'listingId', l.id, 'sku', cmd->>'sku'));
end $$;
