-- How long goods wait for whoever collects them, and what becomes of what nobody fetched. Of a location; where it has none, of the channel; else of all.

create or replace function pick_up_rule(p_channel bigint, p_location bigint, out keep_days int, out remind_hours int, out late_minutes int, out extend_days int,
  out extensions_most int, out becomes text) language sql stable as $$
  select coalesce(r.keep_days, 7), coalesce(r.remind_hours, 24), coalesce(r.late_minutes, 60), coalesce(r.extend_days, 3), coalesce(r.extensions_most, 1),
    coalesce(r.becomes, 'cancel')
  from (select 1) one left join lateral (
    select * from pick_up_rules x where x.valid_to is null and coalesce(x.channel_id, p_channel) = p_channel and coalesce(x.location_id, p_location) = p_location
    order by x.location_id nulls last, x.channel_id nulls last limit 1) r on true
$$;

-- cmd: {location? | channel? (codes; neither: of all), rule: {keepDays?, remindHours?, lateMinutes?, extendDays?, extensionsMost?, becomes?}}; what is absent is as it was there,
-- or as the rule of all has it. rule null: none of its own any more. What is ready keeps the time that its buyer was told. Answers {"outcome": "changed"} or unknown.
create or replace function pick_up_rule_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  channel bigint;
  place bigint;
  was record;
  s jsonb := cmd->'rule';
begin
  if answer is not null then
    return answer;
  end if;
  select id into channel from channels where code = cmd->>'channel';
  select id into place from locations where code = cmd->>'location' and kind <> 'platform';
  if (cmd->>'channel' is not null and channel is null) or (cmd->>'location' is not null and place is null) then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', case when cmd->>'location' is null then 'channel' else 'location' end,
      'value', coalesce(cmd->>'location', cmd->>'channel')));
  end if;
  perform pg_advisory_xact_lock(hashtextextended('pick_up_rules', coalesce(channel, 0) - coalesce(place, 0)));
  select * into was from pick_up_rules where valid_to is null and channel_id is not distinct from channel and location_id is not distinct from place;
  if not found then
    select * into was from pick_up_rule(coalesce(channel, 0), coalesce(place, 0));
  end if;
  update pick_up_rules set valid_to = clock_timestamp() where valid_to is null and channel_id is not distinct from channel and location_id is not distinct from place;
  if jsonb_typeof(s) = 'object' then
    insert into pick_up_rules (channel_id, location_id, keep_days, remind_hours, late_minutes, extend_days, extensions_most, becomes, actor)
    values (channel, place, coalesce((s->>'keepDays')::int, was.keep_days), coalesce((s->>'remindHours')::int, was.remind_hours),
      coalesce((s->>'lateMinutes')::int, was.late_minutes), coalesce((s->>'extendDays')::int, was.extend_days),
      coalesce((s->>'extensionsMost')::int, was.extensions_most), coalesce(s->>'becomes', was.becomes), coalesce(cmd->>'actor', 'system'));
  end if;
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'pick_up_rule',
    coalesce('location:' || (cmd->>'location'), 'channel:' || (cmd->>'channel'), 'all'), s);
  return command_done(cmd, jsonb_build_object('outcome', 'changed'));
end $$;
