-- People and keys: what they may try, and what is done to them.

-- Notes an attempt to log in before the password is looked at, so that a hundred tries at once count as a hundred. Answers null, or the
-- instant from which one more is allowed; then nothing is noted. Subjects: `account:…`, `address:…`, each with its limit within the window.
create or replace function login_begin_1(p_subjects text[], p_limits int[], p_window_s int, p_now timestamptz) returns timestamptz language plpgsql as $$
declare
  s record;
  oldest timestamptz;
  wait_until timestamptz;
begin
  for s in select subject from unnest(p_subjects) subject order by subject loop
    perform pg_advisory_xact_lock(hashtextextended('login ' || s.subject, 0));
  end loop;
  for s in select * from unnest(p_subjects, p_limits) x(subject, most) loop
    -- The attempt that must grow old before there is room for one more.
    select at into oldest from login_attempts where subject = s.subject and at > p_now - make_interval(secs => p_window_s)
    order by at desc offset s.most - 1 limit 1;
    if oldest is not null then
      wait_until := greatest(wait_until, oldest + make_interval(secs => p_window_s));
    end if;
  end loop;
  if wait_until is null then
    insert into login_attempts (subject, at) select unnest(p_subjects), p_now;
  end if;
  return wait_until;
end $$;

-- A new user: cmd.email, name, role, passwordHash, language. Answers {"outcome": "done", "user": {…}} or {"outcome": "exists"}.
create or replace function user_add_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  u users;
begin
  if answer is not null then
    return answer;
  end if;
  insert into users (email, name, role, password_hash, language)
  values (cmd->>'email', cmd->>'name', cmd->>'role', cmd->>'passwordHash', coalesce(cmd->>'language', 'en'))
  on conflict (lower(email)) do nothing returning * into u;
  if u.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'exists', 'field', 'email', 'value', cmd->>'email'));
  end if;
  insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'user_added', 'user:' || u.id, jsonb_build_object('role', u.role));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'user', user_shown(u)));
end $$;

create or replace function user_shown(u users) returns jsonb language sql stable as $$
  select jsonb_build_object('id', u.id, 'email', u.email, 'name', u.name, 'role', u.role, 'language', u.language,
    'disabled', u.disabled_at is not null, 'createdAt', to_char(u.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
$$;

-- Changes a user: cmd.id and any of name, role, language, disabled, passwordHash. Sessions end when the password, the role or the permission to log in changes.
-- The last admin who can log in stays one. Answers done, {"outcome": "unknown"} or {"outcome": "last_admin"}.
create or replace function user_change_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  u users;
  old users;
begin
  if answer is not null then
    return answer;
  end if;
  -- Two admins who take each other's role at once must not both succeed.
  perform pg_advisory_xact_lock(hashtextextended('users', 0));
  select * into old from users where id = (cmd->>'id')::bigint for update;
  if old.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'id', 'value', cmd->'id'));
  end if;
  if old.role = 'admin' and old.disabled_at is null and (coalesce((cmd->>'disabled')::boolean, false) or coalesce(cmd->>'role', 'admin') <> 'admin')
    and not exists (select from users where role = 'admin' and disabled_at is null and id <> old.id)
  then
    return command_open(cmd, jsonb_build_object('outcome', 'last_admin'));
  end if;
  update users set
    name = coalesce(cmd->>'name', name), role = coalesce(cmd->>'role', role), language = coalesce(cmd->>'language', language),
    password_hash = coalesce(cmd->>'passwordHash', password_hash),
    disabled_at = case (cmd->>'disabled')::boolean when true then coalesce(disabled_at, clock_timestamp()) when false then null else disabled_at end
  where id = old.id returning * into u;
  if u.role <> old.role or u.password_hash <> old.password_hash or u.disabled_at is not null then
    delete from sessions where user_id = u.id;
  end if;
  insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'user_changed', 'user:' || u.id,
    jsonb_strip_nulls(jsonb_build_object('role', cmd->>'role', 'disabled', cmd->'disabled', 'password', case when cmd ? 'passwordHash' then 'changed' end)));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'user', user_shown(u)));
end $$;

-- A new API key: cmd.id, secretHash, name, scopes, expiresAt.
create or replace function key_add_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
begin
  if answer is not null then
    return answer;
  end if;
  insert into api_keys (id, secret_hash, name, scopes, created_by, expires_at)
  values (cmd->>'id', cmd->>'secretHash', cmd->>'name', array(select jsonb_array_elements_text(cmd->'scopes')), cmd->>'actor', (cmd->>'expiresAt')::timestamptz);
  insert into audit (actor, act, subject, detail)
  values (cmd->>'actor', 'key_added', 'key:' || (cmd->>'id'), jsonb_build_object('name', cmd->>'name', 'scopes', cmd->'scopes'));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'id', cmd->>'id'));
end $$;

-- Ends an API key for good: cmd.id. Ending one that has ended changes nothing.
create or replace function key_revoke_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  ended api_keys;
begin
  if answer is not null then
    return answer;
  end if;
  update api_keys set revoked_at = clock_timestamp() where id = cmd->>'id' and revoked_at is null returning * into ended;
  if ended.id is null then
    if not exists (select from api_keys where id = cmd->>'id') then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'id', 'value', cmd->>'id'));
    end if;
  else
    insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'key_revoked', 'key:' || ended.id, jsonb_build_object('name', ended.name));
  end if;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'id', cmd->>'id'));
end $$;
