-- Bundles: what they consist of, version by version, and their explosion down to what lies on shelves.

-- Says what a bundle consists of from now on: cmd.sku, cmd.parts [{sku, quantity}]; no parts: it is a bundle no longer. Lines that were sold before keep
-- what they were sold as. Answers {"outcome": "done", "parts"} | unchanged | unknown {field, value, line?} | cycle {path}.
create or replace function bundle_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  bundle bigint;
  bad record;
  path text[];
  tied bigint[];
  root bigint;
  now_at timestamptz := command_now(cmd);
begin
  if answer is not null then
    return answer;
  end if;
  select id into bundle from variants where sku = cmd->>'sku';
  if bundle is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', cmd->>'sku'));
  end if;
  select p.ord, p.body->>'sku' as sku into bad from jsonb_array_elements(cmd->'parts') with ordinality p(body, ord)
  left join variants v on v.sku = p.body->>'sku' where v.id is null order by p.ord limit 1;
  if found then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'line', bad.ord - 1, 'value', bad.sku));
  end if;
  -- One definition at a time: two that each look fine may close a circle together.
  perform pg_advisory_xact_lock(7312647);
  with recursive down as (
    select v.id, array[cmd->>'sku', v.sku] as path from jsonb_array_elements(cmd->'parts') p join variants v on v.sku = p->>'sku'
    union all
    select b.part_id, d.path || v.sku from down d join bundle_parts b on b.bundle_id = d.id and b.valid_to is null join variants v on v.id = b.part_id
    where d.id <> bundle
  )
  select d.path into path from down d where d.id = bundle limit 1;
  if path is not null then
    return command_open(cmd, jsonb_build_object('outcome', 'cycle', 'path', to_jsonb(path)));
  end if;

  select array_agg(distinct v.id) into tied from jsonb_array_elements(cmd->'parts') p join variants v on v.sku = p->>'sku';
  tied := coalesce(tied, '{}') || bundle;
  perform stock_lock(tied);
  if not exists (
    (select part_id, quantity from bundle_parts where bundle_id = bundle and valid_to is null
     except select v.id, sum((p->>'quantity')::int)::int from jsonb_array_elements(cmd->'parts') p join variants v on v.sku = p->>'sku' group by 1)
    union all
    (select v.id, sum((p->>'quantity')::int)::int from jsonb_array_elements(cmd->'parts') p join variants v on v.sku = p->>'sku' group by 1
     except select part_id, quantity from bundle_parts where bundle_id = bundle and valid_to is null)) then
    return command_done(cmd, jsonb_build_object('outcome', 'unchanged', 'parts', cmd->'parts'));
  end if;
  -- One instant for all rows: by it, those of one version belong together.
  update bundle_parts set valid_to = now_at where bundle_id = bundle and valid_to is null;
  insert into bundle_parts (bundle_id, part_id, quantity, valid_from, actor)
  select bundle, v.id, sum((p->>'quantity')::int), now_at, coalesce(cmd->>'actor', 'system')
  from jsonb_array_elements(cmd->'parts') p join variants v on v.sku = p->>'sku' group by v.id order by v.id;
  -- Families only grow: promises that were made by an older version still tie its parts together.
  select min(coalesce(family, id)) into root from variants where id = any(tied);
  if cardinality(tied) > 1 then
    update variants set family = root where id in (
      select id from variants where (id = any(tied) or family in (select coalesce(family, id) from variants where id = any(tied))) and family is distinct from root
      order by id for no key update);
  end if;

  -- Its explosion, and that of every bundle which contains it.
  with recursive up as (
    select bundle as id union select b.bundle_id from up join bundle_parts b on b.part_id = up.id and b.valid_to is null
  )
  select array_agg(id order by id) into tied from up;
  delete from bundle_flat where bundle_id = any(tied);
  insert into bundle_flat (bundle_id, part_id, quantity)
  with recursive down as (
    select b.bundle_id, b.part_id, b.quantity from bundle_parts b where b.bundle_id = any(tied) and b.valid_to is null
    union all
    select d.bundle_id, b.part_id, d.quantity * b.quantity from down d join bundle_parts b on b.bundle_id = d.part_id and b.valid_to is null
  )
  select d.bundle_id, d.part_id, sum(d.quantity)::int from down d
  where not exists (select from bundle_parts b where b.bundle_id = d.part_id and b.valid_to is null) group by 1, 2 order by 1, 2;
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'bundle.set', cmd->>'sku', jsonb_build_object('parts', cmd->'parts'));
  perform stock_changed(tied);
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'parts', cmd->'parts'));
end $$;
