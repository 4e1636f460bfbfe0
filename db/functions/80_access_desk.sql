-- Clerks of a store: where they belong, and the PIN that switches to them at its desk.

-- cmd: email, location (code; null: to no store), pinHash (null: without a PIN; absent: as it was). Sessions end, as what they may do is another now. Answers
-- {"outcome": "done", "user"}, or {"outcome": "unknown", field, value}.
create or replace function user_desk_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  place bigint;
  u users;
begin
  if answer is not null then
    return answer;
  end if;
  select id into place from locations where code = cmd->>'location';
  if place is null and cmd->>'location' is not null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'location', 'value', cmd->'location'));
  end if;
  update users set location_id = place, pin_hash = case when cmd ? 'pinHash' then cmd->>'pinHash' else pin_hash end
  where lower(email) = lower(cmd->>'email') returning * into u;
  if u.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'email', 'value', cmd->'email'));
  end if;
  delete from sessions where user_id = u.id;
  insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'user_desk', 'user:' || u.id,
    jsonb_strip_nulls(jsonb_build_object('location', cmd->>'location', 'pin', case when cmd ? 'pinHash' then 'changed' end)));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'user', user_shown(u)));
end $$;
