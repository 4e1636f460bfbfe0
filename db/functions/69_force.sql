-- Pushes by a person's word: what is intended is sent now, whether the platform has it already or has said no to it. Guard, floors, dates, switches and the order of danger
-- hold as ever: forced fields wait with the others, only without the pause after a failure.

-- cmd: channel (code), field? (both, unless told), skus? [], listing?, state?, category?. Notes the wish; publication_force_step_1 carries it out. Answers {"outcome": "done", force}, or
-- {"outcome": "unknown" (field, value) | "paused" | "off" (field?)}.
create or replace function publication_force_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c channels;
  a accounts;
  bad text;
  n bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into c from channels where code = cmd->>'channel' for no key update;
  if c.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
  end if;
  select * into a from accounts where id = c.account_id;
  if c.paused or a.state = 'paused' then
    return command_open(cmd, jsonb_build_object('outcome', 'paused', 'what', case when c.paused then 'channel' else 'account' end, 'account', a.name));
  end if;
  if (case cmd->>'field' when 'stock' then not c.publish_stock when 'price' then not c.publish_prices else not (c.publish_stock or c.publish_prices) end) then
    return command_open(cmd, jsonb_build_object('outcome', 'off', 'field', cmd->>'field'));
  end if;
  select s into bad from jsonb_array_elements_text(cmd->'skus') s where not exists (select from variants where sku = s) limit 1;
  if bad is not null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', bad));
  end if;
  if cmd ? 'listing' and not exists (select from listings where id = (cmd->>'listing')::bigint and channel_id = c.id) then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'listing', 'value', cmd->>'listing'));
  end if;
  insert into publication_forces (channel_id, fields, variants, listing_id, state, category, actor)
  values (c.id, array(select f from unnest(array['stock', 'price']) f where f = coalesce(cmd->>'field', f) and case f when 'stock' then c.publish_stock else c.publish_prices end),
    case when cmd ? 'skus' then array(select v.id from variants v join jsonb_array_elements_text(cmd->'skus') s on v.sku = s) end,
    (cmd->>'listing')::bigint, cmd->>'state', cmd->>'category', cmd->>'actor')
  returning id into n;
  insert into audit (actor, act, subject, detail)
  values (cmd->>'actor', 'channel.force', c.code, (cmd - 'scope' - 'key' - 'kind' - 'hash' - 'actor' - 'channel' - 'now') || jsonb_build_object('force', n));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'force', n));
end $$;

-- Whether it waits for nothing but a person's word: the platform has the value.
create or replace function publication_waits_by_word(p publications) returns boolean language sql immutable as $$
  select p.forced_at is not null and coalesce(case p.field when 'stock' then p.expected = greatest((p.intended->>'quantity')::int - p.withheld, 0) else p.accepted = p.intended end, false)
$$;

-- How a field stands for people: what is held or refused first, then what the platform shows and should not.
create or replace function publication_stands(p_state text, p_drifting boolean) returns text language sql immutable as $$
  select case when p_state in ('quarantined', 'refused') then p_state when p_drifting then 'drifting' else p_state end
$$;
create or replace function publication_drifts(p_listing bigint, p_field text) returns boolean language sql stable as $$
  select exists (select from drifts where listing_id = p_listing and field = p_field and ended_at is null)
$$;

-- The listings of a wish after a place, at most p_limit.
create or replace function publication_force_next(f publication_forces, p_limit int) returns bigint[] language sql stable as $$
  select array(
    select distinct p.listing_id from publications p join listings l on l.id = p.listing_id
    where p.channel_id = f.channel_id and p.field = any(f.fields) and p.listing_id > f.place and l.state <> 'gone'
      and (f.listing_id is null or p.listing_id = f.listing_id) and (f.variants is null or p.variant_id = any(f.variants))
      -- publication_stands, without asking it of each.
      and case when f.state is null then true when f.state in ('quarantined', 'refused') then p.state = f.state
        when f.state <> 'drifting' and p.state <> f.state or p.state in ('quarantined', 'refused') then false
        else (f.state = 'drifting') = exists (select from drifts d where d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null) end
      and (f.category is null or exists (select from variants v join products d on d.id = v.product_id where v.id = p.variant_id and d.category = f.category))
    order by p.listing_id limit p_limit)
$$;

-- Carries a wish on by at most p_limit listings. Answers whether there may be more.
create or replace function publication_force_step_1(p_force bigint, p_limit int) returns boolean language plpgsql as $$
declare
  f publication_forces;
  listings bigint[];
  r record;
begin
  select * into f from publication_forces where id = p_force and ended_at is null for update;
  if f.id is null then
    return false;
  end if;
  listings := publication_force_next(f, p_limit);
  perform from publications where listing_id = any(listings) and field = any(f.fields) order by listing_id, field for update;
  with picked as (
    select p.listing_id, p.field, p.state = 'refused' as again, p.state = 'sent' as under_way,
      p.state = 'quarantined' or p.held is not null or exists (select from drifts d where d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null and d.lets_go < p.urgency) as held
    from publications p where p.listing_id = any(listings) and p.field = any(f.fields)
      and (f.state is null or publication_stands(p.state, publication_drifts(p.listing_id, p.field)) = f.state)
  ), put as (
    update publications p set state = case when x.again then 'intended' else p.state end, sent = case when x.again then null else p.sent end, attempts = 0,
      -- Of what may have arrived nothing is repeated before the platform was read.
      retry_at = case when p.reason_code = 'unknown' then p.retry_at end, forced_at = clock_timestamp(), forced_by = f.actor
    from picked x where p.listing_id = x.listing_id and p.field = x.field and not x.under_way and not x.held
    returning p.listing_id, p.field, p.intended
  ), noted as (
    insert into publication_history (listing_id, field, event, value, why)
    select listing_id, field, 'forced', intended, jsonb_build_object('actor', f.actor, 'force', f.id) from put
  )
  select count(*) filter (where not under_way and not held)::int as forced, count(*) filter (where again and not held)::int as again,
    count(*) filter (where under_way)::int as under_way, count(*) filter (where held)::int as held into r from picked;
  update publication_forces set place = coalesce(listings[cardinality(listings)], place), forced = forced + r.forced, again = again + r.again,
    under_way = under_way + r.under_way, held = held + r.held, ended_at = case when cardinality(listings) < p_limit then clock_timestamp() end
  where id = f.id;
  return cardinality(listings) = p_limit;
end $$;

-- A full compare of the channel's account by a person's word; an open one is joined. cmd: channel (code). Answers {"outcome": "done", request} or unknown.
create or replace function channel_reset_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c channels;
  n bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select * into c from channels where code = cmd->>'channel' for no key update;
  if c.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
  end if;
  select id into n from account_requests where account_id = c.account_id and kind = 'compare' and state = 'open' order by id limit 1;
  if n is null then
    insert into account_requests (account_id, kind, actor) values (c.account_id, 'compare', cmd->>'actor') returning id into n;
    insert into change (kind, account_id) values ('channel', c.account_id);
  end if;
  insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'channel.reset', c.code, jsonb_build_object('request', n));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'request', n));
end $$;
