-- Which notices buyers get, in whose words.

-- cmd: channel, kinds, byEmail, senderName?, replyTo?, language? (null: as usual). Answers {"outcome": "done"}, unknown {field, value}, or {"outcome": "forbidden", platform}
-- where the platform tells its buyers itself.
create or replace function channel_notices_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  c channels;
  platform_name text;
begin
  if answer is not null then
    return answer;
  end if;
  select * into c from channels where code = cmd->>'channel';
  if c.id is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
  end if;
  select a.platform into platform_name from accounts a join platforms p on p.platform = a.platform where a.id = c.account_id and p.tells_buyers;
  if platform_name is not null and jsonb_array_length(cmd->'kinds') > 0 then
    return command_open(cmd, jsonb_build_object('outcome', 'forbidden', 'platform', platform_name));
  end if;
  insert into channel_notices (channel_id, kinds, by_email, sender_name, reply_to, language, actor)
  values (c.id, array(select jsonb_array_elements_text(cmd->'kinds')), (cmd->>'byEmail')::boolean, cmd->>'senderName', cmd->>'replyTo', cmd->>'language', cmd->>'actor')
  on conflict (channel_id) do update set kinds = excluded.kinds, by_email = excluded.by_email, sender_name = excluded.sender_name, reply_to = excluded.reply_to,
    language = excluded.language, actor = excluded.actor, set_at = clock_timestamp();
  insert into audit (actor, act, subject, detail)
  values (cmd->>'actor', 'notices.set', 'channel:' || c.code, jsonb_build_object('kinds', cmd->'kinds', 'byEmail', cmd->'byEmail', 'language', cmd->'language'));
  return command_done(cmd, jsonb_build_object('outcome', 'done'));
end $$;

-- cmd: notice (the kind), language, channel? (none: all), and subject and body, or usual: true (our own words again). Answers {"outcome": "done"} or unknown.
create or replace function notice_template_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  channel bigint;
begin
  if answer is not null then
    return answer;
  end if;
  if cmd->>'channel' is not null then
    select id into channel from channels where code = cmd->>'channel';
    if channel is null then
      return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->>'channel'));
    end if;
  end if;
  if (cmd->>'usual')::boolean then
    delete from notice_templates where channel_id is not distinct from channel and kind = cmd->>'notice' and language = cmd->>'language';
  else
    insert into notice_templates (channel_id, kind, language, subject, body, actor)
    values (channel, cmd->>'notice', cmd->>'language', cmd->>'subject', cmd->>'body', cmd->>'actor')
    on conflict (coalesce(channel_id, 0), kind, language) do update set subject = excluded.subject, body = excluded.body, actor = excluded.actor, set_at = clock_timestamp();
  end if;
  insert into audit (actor, act, subject, detail) values (cmd->>'actor', 'notice_template.set', cmd->>'notice',
    jsonb_strip_nulls(jsonb_build_object('language', cmd->'language', 'channel', cmd->'channel', 'usual', cmd->'usual')));
  return command_done(cmd, jsonb_build_object('outcome', 'done'));
end $$;

-- A sample of a notice to the address of cmd.email, a user's: cmd.notice, cmd.language. Answers {"outcome": "done", notice} or unknown (nobody has that address).
create or replace function notice_sample_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  made bigint;
begin
  if answer is not null then
    return answer;
  end if;
  insert into buyer_notices (user_id, kind, cause, via, language, message_id, due_at)
  select id, cmd->>'notice', 'sample', 'email', cmd->>'language', alert_message_id(), clock_timestamp() from users where lower(email) = lower(cmd->>'email') and disabled_at is null returning id into made;
  if made is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'email', 'value', cmd->>'email'));
  end if;
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'notice', made));
end $$;
