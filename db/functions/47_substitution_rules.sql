-- What may be handed over instead of a SKU, as a person states it.

-- States all that may be, in order of preference. cmd: {sku, channel? (a code; absent: of all), substitutes: [{sku, automatic, abovePercent (null: by any amount)}] (none: no rule any more)}.
-- Answers {"outcome": "changed"}, unchanged, unknown {field, value, at? (which of them)}, same_sku {at}, or twice {sku}.
create or replace function substitution_rules_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  channel bigint;
  variant bigint;
begin
  if answer is not null then
    return answer;
  end if;
  select id into channel from channels where code = cmd->>'channel';
  select id into variant from variants where sku = cmd->>'sku';
  answer := case
    when variant is null then jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', cmd->'sku')
    when cmd->>'channel' is not null and channel is null then jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', cmd->'channel') end;
  if answer is null then
    select case when v.id is null then jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', x.body->'sku', 'at', x.ord - 1)
      when v.id = variant then jsonb_build_object('outcome', 'same_sku', 'at', x.ord - 1) else jsonb_build_object('outcome', 'twice', 'sku', v.sku) end into answer
    from (select e.body, e.ord, row_number() over (partition by e.body->>'sku' order by e.ord) as nth from jsonb_array_elements(cmd->'substitutes') with ordinality e(body, ord)) x
    left join variants v on v.sku = x.body->>'sku' where v.id is null or v.id = variant or x.nth > 1 order by x.ord limit 1;
  end if;
  if answer is not null then
    return command_open(cmd, answer);
  end if;
  perform pg_advisory_xact_lock(hashtextextended('substitution_rules', variant));
  if (select coalesce(jsonb_agg(jsonb_build_array(r.substitute_id, r.automatic, r.above_percent) order by r.position), '[]') from substitution_rules r
      where r.valid_to is null and r.variant_id = variant and r.channel_id is not distinct from channel)
    = (select coalesce(jsonb_agg(jsonb_build_array(v.id, (e.body->>'automatic')::boolean, (e.body->>'abovePercent')::numeric(7, 2)) order by e.ord), '[]')
      from jsonb_array_elements(cmd->'substitutes') with ordinality e(body, ord) join variants v on v.sku = e.body->>'sku') then
    return command_done(cmd, jsonb_build_object('outcome', 'unchanged'));
  end if;
  update substitution_rules set valid_to = clock_timestamp() where valid_to is null and variant_id = variant and channel_id is not distinct from channel;
  insert into substitution_rules (channel_id, variant_id, substitute_id, position, automatic, above_percent, actor)
  select channel, variant, v.id, e.ord, (e.body->>'automatic')::boolean, (e.body->>'abovePercent')::numeric, coalesce(cmd->>'actor', 'system')
  from jsonb_array_elements(cmd->'substitutes') with ordinality e(body, ord) join variants v on v.sku = e.body->>'sku' order by e.ord;
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'substitution_rules', cmd->>'sku',
    jsonb_build_object('channel', cmd->'channel', 'substitutes', cmd->'substitutes'));
  return command_done(cmd, jsonb_build_object('outcome', 'changed'));
end $$;
