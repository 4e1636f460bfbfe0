-- The buyer is here and waits, in a car or at a place of the store. cmd: groupId, locationId, bay (text; null: not any more). Answers {"outcome": "arrived"}, unknown, or
-- closed {state}.
create or replace function fulfilment_arrive_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  g fulfilment_groups;
begin
  if answer is not null then
    return answer;
  end if;
  select * into g from fulfilment_groups where id = (cmd->>'groupId')::bigint and (cmd->>'locationId' is null or location_id = (cmd->>'locationId')::bigint) for update;
  if g.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'group', 'value', cmd->'groupId'));
  end if;
  if g.method <> 'collect' or g.state not in ('waiting', 'picking', 'ready') then
    return command_open(cmd, jsonb_build_object('outcome', 'closed', 'state', g.state));
  end if;
  update fulfilment_groups set bay = cmd->>'bay' where id = g.id;
  perform fulfilment_turn(g, 'arrive', g.state, jsonb_build_object('bay', cmd->'bay'), cmd);
  return command_done(cmd, jsonb_build_object('outcome', 'arrived') || fulfilment_told(g.id));
end $$;
