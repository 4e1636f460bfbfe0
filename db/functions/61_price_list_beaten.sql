-- Where a list asks a price that another source beats, so that it shows nowhere.

-- Of these variants, those that a stronger source than the list prices in a channel at an instant: its list, or null for a typed price, and what it asks there. t: the list's
-- terms as they are to be, p_audience whom they address; whether they stand yet makes no difference.
create or replace function price_beaten(t price_list_terms, p_audience text, p_audience_id bigint, p_channel bigint, p_variants bigint[], p_at timestamptz)
returns table (variant_id bigint, list text, amount numeric) language plpgsql stable as $$
#variable_conflict use_column
declare
  place int := array_position(array['everyone', 'region', 'group', 'channel', 'tier', 'partner'], p_audience);
  track text := case t.kind when 'sale' then 'sale' else 'regular' end;
  partner bigint := case p_audience when 'partner' then p_audience_id when 'tier' then (select m.partner_id from partner_tier_members m where m.tier_id = p_audience_id and m.valid_to is null limit 1) end;
  stronger bigint[];
begin
  -- The order of price_sources.
  select array_agg(s.list_id) into stronger from price_sources(p_channel, partner, track, p_at, 'infinity') s join price_list_terms o on o.list_id = s.list_id and o.valid_to is null
  where s.list_id <> t.list_id and (s.level > place or s.level = place and (o.priority > t.priority or o.priority = t.priority
    and (coalesce(o.starts_at, '-infinity') > coalesce(t.starts_at, '-infinity') or coalesce(o.starts_at, '-infinity') = coalesce(t.starts_at, '-infinity') and o.list_id < t.list_id)));
  -- Most of the time nothing is stronger, and nothing is reckoned.
  if stronger is null and (place > 4 or not exists (select from prices p where p.variant_id = any(p_variants) and p.superseded_at is null and (p.starts_at is not null) = (track = 'sale')
    and (p.channel_id = p_channel and place < case track when 'sale' then 5 else 4 end or track = 'sale' and p.channel_id is null and place = 1))) then
    return;
  end if;
  return query
  select r.variant_id, r.why->>'list', r.amount from price_resolve_1(p_channel, p_variants, partner, 1, track, p_at, 'infinity') r left join price_lists l on l.code = r.why->>'list'
  where case when r.why ? 'list' then l.id = any(stronger) else r.level > place or r.level = place and track = 'sale' end;
end $$;

-- Where entries of a list show nowhere, as another source goes before it when the list begins: [{channel, skus, examples: [{sku, list?, amount, currency}]}], of SKUs that are
-- listed there; without a list, it is a typed price that goes before it.
create or replace function price_list_beaten(p_list bigint, p_now timestamptz) returns jsonb language plpgsql stable as $$
declare
  t price_list_terms := price_list_stands(p_list);
  ids bigint[];
  answer jsonb;
begin
  if (price_list_waits(p_list)).id is not null then
    t := price_list_waits(p_list);
  end if;
  if t.state = 'ended' or t.ends_at <= p_now then
    return '[]';
  end if;
  ids := price_list_variants(p_list);
  select jsonb_agg(jsonb_build_object('channel', x.code, 'skus', x.skus, 'examples', to_jsonb(x.examples)) order by x.code) into answer from (
    select c.code, count(*)::int as skus, (array_agg(jsonb_strip_nulls(jsonb_build_object('sku', v.sku, 'list', b.list, 'amount', trim_scale(b.amount)::text, 'currency', c.currency)) order by v.sku))[:3] as examples
    from price_audience_channels(t.audience, t.audience_id) c
    cross join lateral price_beaten(t, t.audience, t.audience_id, c.id, array(select l.variant_id from listings l where l.channel_id = c.id and l.variant_id = any(ids) and l.state <> 'gone'),
      greatest(t.starts_at, p_now)) b
    join variants v on v.id = b.variant_id group by 1) x;
  return coalesce(answer, '[]');
end $$;
