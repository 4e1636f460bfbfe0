-- Idempotency: who asks twice with one key gets the first answer. `cmd` carries scope, key, kind, hash, actor and (in tests) now.

-- Null: the command is the caller's to carry out. Otherwise the stored answer, or {"outcome": "key_conflict"} when the key was used with another body.
create or replace function command_claim(cmd jsonb) returns jsonb language plpgsql as $$
declare
  found_row commands;
begin
  if cmd->>'key' is null then
    return null;
  end if;
  insert into commands (scope, key, kind, body_hash)
  values (cmd->>'scope', cmd->>'key', cmd->>'kind', cmd->>'hash')
  on conflict do nothing;
  if found then
    return null;
  end if;
  select * into found_row from commands where scope = cmd->>'scope' and key = cmd->>'key';
  if found_row.body_hash is distinct from cmd->>'hash' or found_row.kind is distinct from cmd->>'kind' then
    return jsonb_build_object('outcome', 'key_conflict');
  end if;
  return found_row.answer || jsonb_build_object('replayed', true);
end $$;

-- Stores the answer of a claimed command and hands it back.
create or replace function command_done(cmd jsonb, answer jsonb) returns jsonb language plpgsql as $$
begin
  if cmd->>'key' is not null then
    update commands set answer = command_done.answer where scope = cmd->>'scope' and key = cmd->>'key';
  end if;
  return answer;
end $$;

-- Gives the key back: the answer is not final, the same key may succeed later (insufficient stock, a refusal that can be mended).
create or replace function command_open(cmd jsonb, answer jsonb) returns jsonb language plpgsql as $$
begin
  if cmd->>'key' is not null then
    delete from commands where scope = cmd->>'scope' and key = cmd->>'key';
  end if;
  return answer;
end $$;

-- The instant a command is judged at: the database's, unless a test passes one in.
create or replace function command_now(cmd jsonb) returns timestamptz language sql stable as $$
  select coalesce((cmd->>'now')::timestamptz, clock_timestamp())
$$;
