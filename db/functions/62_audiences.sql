-- For whom prices are: regions, channel groups, partner tiers, partners. None is ever deleted: versions of the past name them.

-- Makes one, or changes it; what is not in cmd stays: cmd.audience (region, group, tier, partner), cmd.code, name?, channels? (of a group: all its channels), tier? (of a
-- partner: its code, or null for none). A name that is not stated is the code. Answers {"outcome": "done", "made", "changed"} | unknown {field, value}.
create or replace function audience_put_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  kind text := cmd->>'audience';
  at timestamptz;
  before jsonb;
  after jsonb;
  bad text;
  accounts bigint[];
begin
  if answer is not null then
    return answer;
  end if;
  select w.code into bad from jsonb_array_elements_text(case when kind = 'group' then cmd->'channels' end) with ordinality w(code, n)
  where not exists (select from channels c where c.code = w.code) order by w.n limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channels', 'value', bad));
  end if;
  if kind = 'partner' and cmd->>'tier' is not null and not exists (select from partner_tiers where code = cmd->>'tier') then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'tier', 'value', cmd->'tier'));
  end if;
  perform pg_advisory_xact_lock(7312647, 0);
  at := clock_timestamp();
  before := audience_told(kind, cmd->>'code');
  case kind
    when 'region' then
      insert into regions (code, name) values (cmd->>'code', coalesce(cmd->>'name', cmd->>'code')) on conflict (code) do update set name = coalesce(cmd->>'name', regions.name);
    when 'group' then
      insert into channel_groups (code, name) values (cmd->>'code', coalesce(cmd->>'name', cmd->>'code')) on conflict (code) do update set name = coalesce(cmd->>'name', channel_groups.name);
    when 'tier' then
      insert into partner_tiers (code, name) values (cmd->>'code', coalesce(cmd->>'name', cmd->>'code')) on conflict (code) do update set name = coalesce(cmd->>'name', partner_tiers.name);
    when 'partner' then
      insert into partners (code, name) values (cmd->>'code', coalesce(cmd->>'name', cmd->>'code')) on conflict (code) do update set name = coalesce(cmd->>'name', partners.name);
  end case;
  if kind = 'group' and cmd ? 'channels' then
    with wanted as (
      select c.id, c.account_id from channels c where c.code in (select jsonb_array_elements_text(cmd->'channels'))
    ), gone as (
      update channel_group_members m set valid_to = at from channel_groups g
      where g.code = cmd->>'code' and m.group_id = g.id and m.valid_to is null and m.channel_id not in (select id from wanted) returning m.channel_id
    ), fresh as (
      insert into channel_group_members (group_id, channel_id, valid_from, actor)
      select g.id, w.id, at, coalesce(cmd->>'actor', 'system') from channel_groups g cross join wanted w where g.code = cmd->>'code'
        and not exists (select from channel_group_members m where m.group_id = g.id and m.channel_id = w.id and m.valid_to is null)
      returning channel_id
    )
    select array_agg(distinct c.account_id) into accounts from channels c where c.id in (select channel_id from gone union all select channel_id from fresh);
    -- What lists for the group ask holds there now, or no longer.
    insert into change (kind, account_id) select 'price', a from unnest(accounts) a;
  end if;
  if kind = 'partner' and cmd ? 'tier' and (before->>'tier') is distinct from (cmd->>'tier') then
    update partner_tier_members m set valid_to = at from partners p where p.code = cmd->>'code' and m.partner_id = p.id and m.valid_to is null;
    insert into partner_tier_members (partner_id, tier_id, valid_from, actor)
    select p.id, t.id, at, coalesce(cmd->>'actor', 'system') from partners p join partner_tiers t on t.code = cmd->>'tier' where p.code = cmd->>'code';
  end if;
  after := audience_told(kind, cmd->>'code');
  if before is distinct from after then
    insert into audit (actor, act, subject, detail)
    values (coalesce(cmd->>'actor', 'system'), 'audience.set', kind || ':' || (cmd->>'code'), jsonb_build_object('from', before, 'to', after));
  end if;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'made', before is null, 'changed', before is distinct from after));
end $$;

-- An audience as people state it: {name, channels?, tier?}; null where there is none of this code.
create or replace function audience_told(p_kind text, p_code text) returns jsonb language sql stable as $$
  select case p_kind
    when 'region' then (select jsonb_build_object('name', name) from regions where code = p_code)
    when 'group' then (select jsonb_build_object('name', g.name, 'channels', coalesce((select jsonb_agg(c.code order by c.code) from channel_group_members m
      join channels c on c.id = m.channel_id where m.group_id = g.id and m.valid_to is null), '[]')) from channel_groups g where g.code = p_code)
    when 'tier' then (select jsonb_build_object('name', name) from partner_tiers where code = p_code)
    when 'partner' then (select jsonb_build_object('name', p.name, 'tier', (select t.code from partner_tier_members m join partner_tiers t on t.id = m.tier_id
      where m.partner_id = p.id and m.valid_to is null)) from partners p where p.code = p_code) end
$$;
