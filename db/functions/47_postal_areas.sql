-- Where postal codes lie.

-- cmd: {country, areas: [[code, latitude, longitude], …]}: takes the place of all that was known of the country. Answers {"outcome": "done", "areas"}.
create or replace function postal_areas_put_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  n int;
begin
  if answer is not null then
    return answer;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('postal_areas', 0));
  delete from postal_areas where country = cmd->>'country';
  insert into postal_areas (country, code, latitude, longitude)
  select cmd->>'country', a->>0, (a->>1)::float8, (a->>2)::float8 from jsonb_array_elements(cmd->'areas') a;
  get diagnostics n = row_count;
  insert into audit (actor, act, subject, detail)
  values (coalesce(cmd->>'actor', 'system'), 'postal_areas_put', 'country:' || (cmd->>'country'), jsonb_build_object('areas', n));
  return command_done(cmd, jsonb_build_object('outcome', 'done', 'areas', n));
end $$;

-- Where a postal code lies: by the longest beginning of it that is known (files of some countries hold outward codes only), else in the middle of those that begin with
-- the same two characters. No row: nothing like it is known.
create or replace function postal_point(p_country text, p_code text) returns table (latitude float8, longitude float8) language sql stable set enable_seqscan = off as $$
  select coalesce(a.latitude, b.latitude), coalesce(a.longitude, b.longitude)
  from (select 1) always
  left join lateral (
    select x.latitude, x.longitude from postal_areas x where x.country = p_country and x.code in (select left(p_code, n) from generate_series(2, length(p_code)) n)
    order by length(x.code) desc limit 1) a on true
  left join lateral (
    select avg(x.latitude) as latitude, avg(x.longitude) as longitude from postal_areas x
    where a.latitude is null and length(p_code) >= 2 and x.country = p_country and x.code >= left(p_code, 2) and x.code < left(p_code, 2) || '~') b on true
  where coalesce(a.latitude, b.latitude) is not null
$$;
