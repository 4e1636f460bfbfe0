-- Price lists: what a list is, for whom and when. A list is a draft until it is approved, and ended for good; `live` is an approved one in its period.
-- On an approved list marked four eyes, changes wait: of its terms in a row that is in force from infinity to infinity, which no reader of any
-- instant takes for a fact; of its entries see 61_price_list_entries.sql. Every command writes one line of audit; its id is the version of the list.

create or replace function price_audience_id(p_audience text, p_code text) returns bigint language sql stable as $$
  select case p_audience
    when 'region' then (select id from regions where code = p_code)
    when 'group' then (select id from channel_groups where code = p_code)
    when 'channel' then (select id from channels where code = p_code)
    when 'tier' then (select id from partner_tiers where code = p_code)
    when 'partner' then (select id from partners where code = p_code) end
$$;

create or replace function price_audience_code(p_audience text, p_id bigint) returns text language sql stable as $$
  select case p_audience
    when 'region' then (select code from regions where id = p_id)
    when 'group' then (select code from channel_groups where id = p_id)
    when 'channel' then (select code from channels where id = p_id)
    when 'tier' then (select code from partner_tiers where id = p_id)
    when 'partner' then (select code from partners where id = p_id) end
$$;

-- The channels in which an audience buys; a partner may buy in any.
create or replace function price_audience_channels(p_audience text, p_id bigint) returns setof channels language sql stable as $$
  select c.* from channels c where case p_audience
    when 'region' then exists (select from channel_price_policies y where y.channel_id = c.id and y.region_id = p_id and y.valid_to is null)
    when 'group' then exists (select from channel_group_members m where m.channel_id = c.id and m.group_id = p_id and m.valid_to is null)
    when 'channel' then c.id = p_id
    else true end
  order by c.id
$$;

-- The terms that stand, and those that wait for approval (null: none).
create or replace function price_list_stands(p_list bigint) returns price_list_terms language sql stable as $$
  select t from price_list_terms t where t.list_id = p_list and t.valid_to is null
$$;
create or replace function price_list_waits(p_list bigint) returns price_list_terms language sql stable as $$
  select t from price_list_terms t where t.list_id = p_list and t.valid_from = 'infinity' and t.valid_to = 'infinity'
$$;

-- Terms as people state them.
create or replace function price_terms_told(t price_list_terms) returns jsonb language sql stable as $$
  select case when t.title is not null then jsonb_build_object('title', t.title, 'currency', t.currency, 'kind', t.kind,
    'audience', jsonb_build_object('kind', t.audience, 'code', price_audience_code(t.audience, t.audience_id)), 'priority', t.priority, 'taxIncluded', t.tax_included,
    'from', price_instant(t.starts_at), 'to', price_instant(t.ends_at), 'fourEyes', t.four_eyes) end
$$;

create or replace function price_list_version(p_code text) returns bigint language sql stable as $$
  select coalesce(max(id), 0) from audit where subject = 'price-list:' || p_code
$$;

-- What all commands on a list answer at the end: {"outcome": "done", …, "version"}, written to the audit with what it did.
create or replace function price_list_done(cmd jsonb, p_act text, p_detail jsonb, p_answer jsonb) returns jsonb language plpgsql as $$
declare
  version bigint;
begin
  insert into audit (actor, act, subject, detail)
  values (coalesce(cmd->>'actor', 'system'), 'price_list.' || p_act, 'price-list:' || (cmd->>'list'), 
    (select coalesce(jsonb_object_agg(d.key, d.value), '{}') from jsonb_each(p_detail || jsonb_build_object('why', cmd->'why')) d where d.value <> 'null'))
  returning id into version;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'version', version) || p_answer);
end $$;

-- Makes a list (a draft), or changes its terms: cmd.list, cmd.terms {title?, currency?, kind?, audience? {kind, code?}, priority?, taxIncluded?, from?, to?, fourEyes?}, cmd.why?,
-- cmd.version? (refused as stale when it changed since). What is not stated stays. A draft, and an approved list without four eyes, is changed at once.
-- Answers {"outcome": "done", "changed", "made", "state", "waiting", "version"} | missing {field} | unknown {field, value} | period {from, to} | ended | stale {version} |
-- below_floor {below}.
create or replace function price_list_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  said jsonb := cmd->'terms';
  list bigint;
  stands price_list_terms;
  base price_list_terms;
  fresh price_list_terms;
  below jsonb;
  waits boolean;
  at timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  at := clock_timestamp();
  select id into list from price_lists where code = cmd->>'list';
  if cmd->>'version' is not null and (cmd->>'version')::bigint <> price_list_version(cmd->>'list') then
    return command_open(cmd, jsonb_build_object('outcome', 'stale', 'version', price_list_version(cmd->>'list')));
  end if;
  stands := price_list_stands(list);
  if stands.state = 'ended' then
    return command_open(cmd, jsonb_build_object('outcome', 'ended'));
  end if;
  base := price_list_waits(list);
  if base.id is null then
    base := stands;
  end if;
  fresh := base;
  if list is null then
    if said->>'currency' is null then
      return command_open(cmd, jsonb_build_object('outcome', 'missing', 'field', 'currency'));
    end if;
    fresh.title := cmd->>'list'; fresh.kind := 'price'; fresh.audience := 'everyone'; fresh.priority := 0; fresh.state := 'draft'; fresh.four_eyes := false;
  end if;
  fresh.title := coalesce(said->>'title', fresh.title);
  fresh.currency := coalesce(said->>'currency', fresh.currency);
  fresh.kind := coalesce(said->>'kind', fresh.kind);
  fresh.priority := coalesce((said->>'priority')::int, fresh.priority);
  fresh.four_eyes := coalesce((said->>'fourEyes')::boolean, fresh.four_eyes);
  fresh.tax_included := case when said ? 'taxIncluded' then (said->>'taxIncluded')::boolean else fresh.tax_included end;
  fresh.starts_at := case when said ? 'from' then (said->>'from')::timestamptz else fresh.starts_at end;
  fresh.ends_at := case when said ? 'to' then (said->>'to')::timestamptz else fresh.ends_at end;
  if said ? 'audience' then
    fresh.audience := said->'audience'->>'kind';
    fresh.audience_id := price_audience_id(fresh.audience, said->'audience'->>'code');
    if fresh.audience <> 'everyone' and fresh.audience_id is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', fresh.audience, 'value', said->'audience'->'code'));
    end if;
  end if;
  if fresh.ends_at <= fresh.starts_at then
    return command_open(cmd, jsonb_build_object('outcome', 'period', 'from', price_instant(fresh.starts_at), 'to', price_instant(fresh.ends_at)));
  end if;
  if price_terms_told(fresh) = price_terms_told(base) then
    return command_done(cmd, jsonb_build_object('outcome', 'done', 'changed', false, 'made', false, 'state', stands.state,
      'waiting', base.id <> stands.id, 'version', price_list_version(cmd->>'list')));
  end if;
  below := case when (fresh.currency, fresh.tax_included, fresh.audience, fresh.audience_id) is distinct from (base.currency, base.tax_included, base.audience, base.audience_id)
    then price_list_below(list, fresh, null, command_now(cmd)) end;
  if below is not null then
    return command_open(cmd, jsonb_build_object('outcome', 'below_floor', 'below', below));
  end if;

  if list is null then
    insert into price_lists (code) values (cmd->>'list') returning id into list;
  end if;
  waits := coalesce(stands.state = 'approved' and stands.four_eyes, false);
  fresh.list_id := list;
  perform price_list_write(fresh, case when waits then 'draft' else fresh.state end, waits, at, cmd);
  if fresh.state = 'approved' and not waits then
    perform price_list_changed(list, null);
  end if;
  return price_list_done(cmd, 'set', jsonb_build_object('from', price_terms_told(base), 'to', price_terms_told(fresh), 'waiting', case when waits then true end),
    jsonb_build_object('changed', true, 'made', stands.id is null, 'state', coalesce(stands.state, 'draft'), 'waiting', waits));
end $$;

-- Puts terms in place of those that stand, or (p_waits) of those that wait; what is approved becomes due at its beginning and its end.
create or replace function price_list_write(t price_list_terms, p_state text, p_waits boolean, p_at timestamptz, cmd jsonb) returns void language plpgsql as $$
begin
  update price_list_terms set valid_to = p_at
  where list_id = t.list_id and case when p_waits then valid_from = 'infinity' and valid_to = 'infinity' else valid_to is null end;
  insert into price_list_terms (list_id, title, currency, kind, audience, audience_id, priority, tax_included, starts_at, ends_at, state, four_eyes, why, actor, valid_from, valid_to)
  values (t.list_id, t.title, t.currency, t.kind, t.audience, t.audience_id, t.priority, t.tax_included, t.starts_at, t.ends_at, p_state, t.four_eyes, cmd->>'why',
    coalesce(cmd->>'actor', 'system'), case when p_waits then 'infinity' else p_at end, case when p_waits then 'infinity'::timestamptz end);
  if p_state = 'approved' then
    insert into due (at, what, ref_id)
    select x, 'list', t.list_id from unnest(array[t.starts_at, t.ends_at]) x where x > command_now(cmd)
      and not exists (select from due d where d.at = x and d.what = 'list' and d.ref_id = t.list_id);
  end if;
end $$;

-- Notes that a list's prices changed, those of some entries or (null) of all: one row of change for each variant where they are few, else one for all.
create or replace function price_list_changed(p_list bigint, p_entries bigint[]) returns void language plpgsql as $$
declare
  touched bigint[];
begin
  if exists (select from price_entries e where e.list_id = p_list and e.scope = 'all'
    and case when p_entries is null then e.valid_from is not null and e.valid_to is null else e.id = any(p_entries) end) then
    touched := null;
  else
    select coalesce(array_agg(x.id order by x.id), '{}') into touched from (
      select e.variant_id as id from price_entries e where e.list_id = p_list and e.scope = 'variant'
        and case when p_entries is null then e.valid_from is not null and e.valid_to is null else e.id = any(p_entries) end
      union
      select v.id from price_entries e join variants v on v.product_id = e.product_id where e.list_id = p_list and e.scope = 'product'
        and case when p_entries is null then e.valid_from is not null and e.valid_to is null else e.id = any(p_entries) end
      union
      select v.id from price_entries e join products p on p.category = e.category join variants v on v.product_id = p.id where e.list_id = p_list and e.scope = 'category'
        and case when p_entries is null then e.valid_from is not null and e.valid_to is null else e.id = any(p_entries) end
      limit 1000) x;
  end if;
  if touched is null or cardinality(touched) >= 1000 then
    insert into change (kind) values ('price');
  else
    insert into change (kind, variant_id) select 'price', t from unnest(touched) t;
  end if;
end $$;
