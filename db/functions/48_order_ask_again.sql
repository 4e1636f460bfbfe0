-- What a platform refused is asked for again, under the same key, after a person has mended there what it named. Only what has moved our books (ship, cancel): anything
-- else is simply asked for anew. cmd: orderId, actId. Answers {"outcome": "told", "act", "lines"}, unknown, or not_refused {kind, state}.
create or replace function order_ask_again_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  a acts;
begin
  if answer is not null then
    return answer;
  end if;
  select * into a from acts where id = (cmd->>'actId')::bigint and order_id = (cmd->>'orderId')::bigint for update;
  if a.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'act', 'value', cmd->>'actId'));
  end if;
  if a.state <> 'refused' or a.kind not in ('ship', 'cancel') then
    return command_open(cmd, jsonb_build_object('outcome', 'not_refused', 'kind', a.kind, 'state', a.state));
  end if;
  update acts set state = 'intended', reason_code = 'asked_again', retry_at = clock_timestamp(), ended_at = null where id = a.id;
  insert into change (kind, ref_id, channel_id) values ('order', a.order_id, a.channel_id);
  insert into change (kind, ref_id, account_id) values ('act', a.id, a.account_id);
  return command_done(cmd, jsonb_build_object('outcome', 'told', 'act', a.id, 'lines', a.body->'lines'));
end $$;
