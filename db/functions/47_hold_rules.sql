-- What orders are held for by rule: each change is a new version. What a rule held before stays held until somebody lets it go.

-- cmd: {rule, channel (a code, or null for all), above?, currency?: of amounts}, or {end: id}. Answers {"outcome": "changed", "id"}, same {id}, or unknown.
create or replace function hold_rule_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  channel bigint;
  was hold_rules;
  made bigint;
begin
  if answer is not null then
    return answer;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('hold_rules', 0));
  if cmd ? 'end' then
    update hold_rules set valid_to = clock_timestamp() where id = (cmd->>'end')::bigint and valid_to is null returning * into was;
    if was.id is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'rule', 'value', cmd->>'end'));
    end if;
    made := was.id;
  else
    if cmd->>'channel' is not null then
      select id into channel from channels where code = cmd->>'channel';
      if channel is null then
        return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
      end if;
    end if;
    select * into was from hold_rules where valid_to is null and rule = cmd->>'rule' and channel_id is not distinct from channel
      and currency is not distinct from cmd->>'currency';
    if was.id is not null and was.above is not distinct from (cmd->>'above')::numeric then
      return command_done(cmd, jsonb_build_object('outcome', 'same', 'id', was.id));
    end if;
    update hold_rules set valid_to = clock_timestamp() where id = was.id;
    insert into hold_rules (channel_id, rule, above, currency, actor)
    values (channel, cmd->>'rule', (cmd->>'above')::numeric, cmd->>'currency', coalesce(cmd->>'actor', 'system')) returning id into made;
  end if;
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), case when cmd ? 'end' then 'hold_rule_ended' else 'hold_rule_set' end,
    'hold_rule:' || made, cmd - '{key,hash,scope,kind,actor}'::text[]);
  return command_done(cmd, jsonb_build_object('outcome', 'changed', 'id', made));
end $$;
