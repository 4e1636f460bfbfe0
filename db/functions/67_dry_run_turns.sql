-- What a command that is tried would change later: when prices that it speaks of begin and end.

-- The instants to come at which the list of a command begins or ends, as it stands.
create or replace function dry_run_period(cmd jsonb, p_now timestamptz) returns timestamptz[] language sql stable as $$
  select coalesce(array_agg(distinct b.at order by b.at), '{}')
  from price_lists l join price_list_terms t on t.list_id = l.id and t.valid_to is null and t.state = 'approved' cross join lateral (values (t.starts_at), (t.ends_at)) b(at)
  where l.code = cmd->>'list' and b.at > p_now
$$;

-- The instants to come at which prices begin or end by this command, of which this transaction wrote, or did without it: what it made due (after p_due), and the period of its list,
-- now and before (p_before).
drop function if exists dry_run_instants(jsonb, bigint, timestamptz);
create or replace function dry_run_instants(cmd jsonb, p_due bigint, p_now timestamptz, p_before timestamptz[]) returns timestamptz[] language sql stable as $$
  select coalesce(array_agg(distinct x.at order by x.at), '{}') from (
    select d.at from due d where d.id > p_due and d.what in ('price', 'list', 'rates') and d.at > p_now
    union all
    select unnest(dry_run_period(cmd, p_now) || p_before)) x(at)
$$;

-- What channels should show of variants just before some instants, and from then on.
create or replace function dry_run_turns(p_variants bigint[], p_instants timestamptz[])
returns table (n int, channel_id bigint, variant_id bigint, before jsonb, was_held text, after jsonb, held text) language sql stable as $$
  select t.n::int, a.channel_id, a.variant_id, b.document, b.held, a.document, a.held
  from unnest(p_instants) with ordinality t(at, n)
  cross join lateral dry_run_documents(p_variants, '{price}', t.at) a
  left join lateral dry_run_documents(p_variants, '{price}', t.at - interval '1 millisecond') b on b.channel_id = a.channel_id and b.variant_id = a.variant_id
$$;

-- Tells, where the change stands, what turns at these instants and would not turn just so without it (p_stands and p_without: dry_run_turns with it and without, as JSON):
-- [{at, fields, accounts}], each as dry_run_told_2 does. Instants at which nothing of that kind turns are left out.
drop function if exists dry_run_then(jsonb, bigint[], timestamptz[], jsonb);
create or replace function dry_run_then(look jsonb, p_instants timestamptz[], p_stands jsonb, p_without jsonb) returns jsonb language plpgsql as $$
declare
  turned record;
  told jsonb;
  answer jsonb := '[]';
begin
  for turned in
    with stands as materialized (
      select * from jsonb_to_recordset(p_stands) x(n int, channel_id bigint, variant_id bigint, before jsonb, was_held text, after jsonb, held text)
    ), without as materialized (
      select * from jsonb_to_recordset(p_without) x(n int, channel_id bigint, variant_id bigint, before jsonb, was_held text, after jsonb, held text)
    )
    select s.n, p_instants[s.n] as at, array_agg(distinct s.variant_id) as variants, array_agg(s.channel_id) as channels, array_agg(s.variant_id) as of, array_agg(s.before) as documents,
      array_agg(s.was_held) as helds
    from stands s left join without w on w.n = s.n and w.channel_id = s.channel_id and w.variant_id = s.variant_id
    where (s.held is distinct from s.was_held or price_differs(s.before, s.after, p_instants[s.n]))
      and (w.n is null or s.held is distinct from w.held or s.was_held is distinct from w.was_held or price_differs(s.before, w.before, p_instants[s.n])
        or price_differs(s.after, w.after, p_instants[s.n]))
    group by s.n order by s.n
  loop
    told := dry_run_told_2(look, turned.variants, '{price}', turned.channels, turned.of, array_fill('price'::text, array[cardinality(turned.of)]), turned.documents, turned.helds, turned.at);
    if jsonb_array_length(told->'fields') > 0 then
      answer := answer || jsonb_build_object('at', price_instant(turned.at), 'fields', told->'fields', 'accounts', told->'accounts');
    end if;
  end loop;
  return answer;
end $$;

-- Tells what turns at these instants without the change and does not with it, so that another price stays: [{at, channel, listings, examples: [{sku, planned, stays}]}].
create or replace function dry_run_falls(look jsonb, p_instants timestamptz[], p_stands jsonb, p_without jsonb) returns jsonb language sql stable as $$
  with stands as materialized (
    select * from jsonb_to_recordset(p_stands) x(n int, channel_id bigint, variant_id bigint, before jsonb, was_held text, after jsonb, held text)
  ), without as materialized (
    select * from jsonb_to_recordset(p_without) x(n int, channel_id bigint, variant_id bigint, before jsonb, was_held text, after jsonb, held text)
  ), fallen as (
    select w.n, w.channel_id, w.variant_id, w.after as planned, s.after as stays, p_instants[w.n] as at
    from without w left join stands s on s.n = w.n and s.channel_id = w.channel_id and s.variant_id = w.variant_id
    where (w.held is distinct from w.was_held or price_differs(w.before, w.after, p_instants[w.n]))
      and (s.n is null or s.held is not distinct from s.was_held and price_differs(s.before, s.after, p_instants[s.n]) is not true)
      and (s.n is null or s.held is distinct from w.held or price_differs(w.after, s.after, p_instants[w.n]))
  ), told as (
    select f.at, c.code, count(*)::int as listings,
      (array_agg(jsonb_build_object('sku', v.sku, 'planned', f.planned, 'stays', f.stays) order by l.id))[:(look->>'limit')::int] as examples
    from fallen f join publications p on p.channel_id = f.channel_id and p.variant_id = f.variant_id and p.field = 'price' join listings l on l.id = p.listing_id and l.state <> 'gone'
    join channels c on c.id = f.channel_id join variants v on v.id = f.variant_id
    where c.code = coalesce(look->>'channel', c.code) group by 1, 2
  )
  select coalesce(jsonb_agg(jsonb_build_object('at', price_instant(t.at), 'channel', t.code, 'listings', t.listings, 'examples', to_jsonb(t.examples)) order by t.at, t.code), '[]') from told t
$$;
