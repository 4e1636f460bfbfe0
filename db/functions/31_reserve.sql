-- Reserving: many requests in one statement, decided in their order, each with its own answer.

-- When a hold ends that is made or extended at an instant: wish.expiresInS seconds after it, or at wish.expiresAt. As text, as it is answered and stored.
create or replace function hold_end(wish jsonb, from_at timestamptz) returns text language sql stable as $$
  select case when wish->>'expiresInS' is null then wish->>'expiresAt'
    else to_char((from_at + make_interval(secs => (wish->>'expiresInS')::float8)) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end
$$;

-- requests: [{scope, key, hash, kind, actor, lines: [{sku, quantity, location?}], channel?, partial?, expiresInS?, prefer?}]. All lines of a request or none, unless
-- partial. expiresInS counts from the database's own clock, as its end is judged by it (expiresAt, an instant, is for tests and the release before). From one
-- location if it has all of a line, else from several, in the order of preference: `prefer` is "channel" (the channel's own order, the default), "most" (where most is free) or a list of locations that go first. A bundle takes whole ones first, then its parts, together at one location.
-- Answers an array, one for each request: {"outcome": "reserved", "basket", "expiresAt", "lines": [{sku, location, quantity}], "missing": []},
-- {"outcome": "insufficient", "missing": [{sku, asked, available}]}, {"outcome": "unknown", field, value, line?}, {"outcome": "key_conflict"}, or a stored answer with
-- "replayed". Insufficient is not stored: the same key may succeed after a receipt.
-- All is read at once, decided in memory and written at once: a request costs a fraction of what it costs by itself. Raises 40001 when another node decided
-- one of the keys meanwhile: then the batch is asked again.
-- Planned once: what a batch asks for does not change how it is found, and to plan it was a third of the cost of a small batch.
create or replace function stock_reserve_2(requests jsonb) returns jsonb language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz := command_now(requests->0);
  -- Requests, by their number.
  r_basket text[]; r_first int[]; r_prior jsonb[]; r_fits boolean[]; r_channel bigint[]; r_channel_code text[]; r_partial boolean[]; r_expires text[]; r_hash text[];
  -- Lines of all requests, in order.
  l_req int[]; l_no int[]; l_sku text[]; l_quantity int[]; l_variant bigint[]; l_place text[]; l_location bigint[]; l_prefer jsonb[];
  -- Cells: what is free of a variant at a location. Candidates: cells of lines, in the order of preference.
  c_variant bigint[]; c_location bigint[]; c_code text[]; c_free int[]; k_line int[]; k_cell int[];
  -- Parts of the bundles among the lines.
  f_bundle bigint[]; f_part bigint[]; f_units int[];
  -- The plan: rows to be promised.
  p_req int[] := '{}'; p_line int[] := '{}'; p_cell int[] := '{}'; p_quantity int[] := '{}'; p_pack bigint[] := '{}'; p_bundle bigint[] := '{}'; p_per_unit int[] := '{}';
  answers jsonb[] := '{}'; stored int[] := '{}'; decided_by int[] := '{}';
  n_requests int := jsonb_array_length(requests);
  variant_ids bigint[];
  planned int := 0; planned_before int;
  li int := 1; ki int := 1; kj int;
  answer jsonb; lines jsonb; lacking jsonb;
  missing int; take int; twin int;
  place record; part record;
  pack bigint;
  n int;
begin
  select array_agg(x.req order by x.req, x.no), array_agg(x.no order by x.req, x.no), array_agg(x.sku order by x.req, x.no), array_agg(x.quantity order by x.req, x.no),
    array_agg(x.variant order by x.req, x.no), array_agg(x.place order by x.req, x.no), array_agg(x.location order by x.req, x.no),
    array_agg(x.prefer order by x.req, x.no)
  into l_req, l_no, l_sku, l_quantity, l_variant, l_place, l_location, l_prefer
  from (
    select r.ord::int as req, l.ord::int as no, l.body->>'sku' as sku, (l.body->>'quantity')::int as quantity, v.id as variant, l.body->>'location' as place,
      p.id as location, nullif(r.body->'prefer', 'null') as prefer
    from jsonb_array_elements(requests) with ordinality r(body, ord)
    cross join jsonb_array_elements(r.body->'lines') with ordinality l(body, ord)
    -- Each SKU by itself: as a join, the whole catalog was read for each batch.
    left join lateral (select id from variants where sku = l.body->>'sku' limit 1) v on true
    left join lateral (select id from locations where code = l.body->>'location' limit 1) p on true
  ) x;
  select coalesce(array_agg(distinct x), '{}') into variant_ids from unnest(l_variant) x where x is not null;
  select array_agg(bundle_id), array_agg(part_id), array_agg(quantity) into f_bundle, f_part, f_units from bundle_flat where bundle_id = any(variant_ids);
  if f_part is not null then
    variant_ids := variant_ids || f_part;
  end if;
  perform stock_lock(variant_ids);
  if f_part is not null then
    -- As it is under the lock.
    select array_agg(bundle_id), array_agg(part_id), array_agg(quantity) into f_bundle, f_part, f_units from bundle_flat where bundle_id = any(variant_ids);
    variant_ids := variant_ids || coalesce(f_part, '{}');
  end if;
  perform stock_expire(variant_ids, coalesce(requests->0, '{}'));

  select array_agg(x.basket order by x.ord), array_agg(x.first order by x.ord), array_agg(x.answer order by x.ord), array_agg(x.fits order by x.ord),
    array_agg(x.channel order by x.ord), array_agg(x.channel_code order by x.ord), array_agg(x.partial order by x.ord), array_agg(x.expires order by x.ord),
    array_agg(x.hash order by x.ord)
  into r_basket, r_first, r_prior, r_fits, r_channel, r_channel_code, r_partial, r_expires, r_hash
  from (
    select r.ord, 'hold:' || (r.body->>'scope') || ':' || coalesce(r.body->>'key', gen_random_uuid()::text) as basket,
      case when r.body->>'key' is null then r.ord else min(r.ord) over (partition by r.body->>'scope', r.body->>'key') end::int as first,
      stock_reserve_told(c.answer, r.body) as answer, c.body_hash is not distinct from r.body->>'hash' and c.kind is not distinct from r.body->>'kind' as fits, h.id as channel,
      r.body->>'channel' as channel_code, coalesce((r.body->>'partial')::boolean, false) as partial, hold_end(r.body, now_at) as expires,
      concat(r.body->>'kind', ' ', r.body->>'hash') as hash
    from jsonb_array_elements(requests) with ordinality r(body, ord)
    left join lateral (select k.answer, k.body_hash, k.kind from commands k where k.scope = r.body->>'scope' and k.key = r.body->>'key' limit 1) c on true
    left join lateral (select id from channels where code = r.body->>'channel' limit 1) h on true
  ) x;

  select array_agg(b.variant_id order by b.variant_id, b.location_id), array_agg(b.location_id order by b.variant_id, b.location_id),
    array_agg(p.code order by b.variant_id, b.location_id), array_agg(b.on_hand - b.reserved - b.unavailable - b.safety_stock order by b.variant_id, b.location_id)
  into c_variant, c_location, c_code, c_free
  from balances b join locations p on p.id = b.location_id
  where b.variant_id = any(variant_ids) and b.on_hand - b.reserved - b.unavailable - b.safety_stock > 0 and p.active and p.kind <> 'platform';

  select array_agg(x.line order by x.line, x.rank, x.place nulls last, x.cell), array_agg(x.cell order by x.line, x.rank, x.place nulls last, x.cell) into k_line, k_cell from (
    select i.line::int as line, c.cell::int as cell, s.position as place, case
        when i.prefer is null or i.prefer = '"channel"' then 0
        when i.prefer = '"most"' then -c.free
        else coalesce((select min(o.n) from jsonb_array_elements_text(i.prefer) with ordinality o(code, n) where o.code = c.code), 2147483647) end as rank
    from unnest(l_req, l_variant, l_place, l_location, l_prefer) with ordinality i(req, variant, place, location, prefer, line)
    join unnest(c_variant, c_location, c_code, c_free) with ordinality c(variant, location, code, free, cell) on c.variant = i.variant
    left join channel_locations s on s.channel_id = r_channel[i.req] and s.location_id = c.location and s.valid_to is null
    where (i.place is null or c.location = i.location) and (r_channel_code[i.req] is null or s.channel_id is not null)
  ) x;

  for req in 1 .. n_requests loop
    answer := null;
    planned_before := planned;
    lines := '[]';
    lacking := '[]';
    twin := decided_by[r_first[req]];
    if r_prior[req] is not null or twin is not null then
      answer := case
        when not case when twin is null then r_fits[req] else r_hash[twin] = r_hash[req] end then '{"outcome": "key_conflict"}'
        else coalesce(r_prior[req], answers[twin]) || '{"replayed": true}' end;
    elsif r_channel_code[req] is not null and r_channel[req] is null then
      answer := jsonb_build_object('outcome', 'unknown', 'field', 'channel', 'value', r_channel_code[req]);
    end if;

    while l_req[li] = req loop
      if answer is null and (l_variant[li] is null or (l_place[li] is not null and l_location[li] is null)) then
        answer := case when l_variant[li] is null
          then jsonb_build_object('outcome', 'unknown', 'field', 'sku', 'value', l_sku[li], 'line', l_no[li] - 1)
          else jsonb_build_object('outcome', 'unknown', 'field', 'location', 'value', l_place[li], 'line', l_no[li] - 1) end;
      end if;
      missing := l_quantity[li];
      if answer is null and f_bundle is not null and l_variant[li] = any(f_bundle) then
        for place in select * from stock_reserve_places(l_variant[li], missing, l_location[li], r_channel[req], l_prefer[li], c_variant, c_location, c_code, c_free,
          f_bundle, f_part, f_units)
        loop
          exit when missing = 0;
          take := least(missing, place.own);
          if take > 0 then
            planned := planned + 1;
            p_req[planned] := req; p_line[planned] := l_no[li]; p_cell[planned] := place.own_cell; p_quantity[planned] := take;
            p_pack[planned] := null; p_bundle[planned] := null; p_per_unit[planned] := 1;
            c_free[place.own_cell] := c_free[place.own_cell] - take;
            missing := missing - take;
            lines := lines || jsonb_build_object('sku', l_sku[li], 'location', place.code, 'quantity', take);
          end if;
          take := least(missing, place.made);
          if take > 0 then
            pack := nextval('reservations_id_seq');
            for part in
              select f.units, c.cell::int as cell from unnest(f_bundle, f_part, f_units) f(bundle, part, units)
              join unnest(c_variant, c_location) with ordinality c(variant, location, cell) on c.variant = f.part and c.location = place.location
              where f.bundle = l_variant[li] order by c.cell
            loop
              planned := planned + 1;
              p_req[planned] := req; p_line[planned] := l_no[li]; p_cell[planned] := part.cell; p_quantity[planned] := take * part.units;
              p_pack[planned] := pack; p_bundle[planned] := l_variant[li]; p_per_unit[planned] := part.units;
              c_free[part.cell] := c_free[part.cell] - take * part.units;
            end loop;
            missing := missing - take;
            lines := lines || jsonb_build_object('sku', l_sku[li], 'location', place.code, 'quantity', take);
          end if;
        end loop;
      elsif answer is null then
        -- One location that has all of it is better than a split.
        kj := ki;
        while k_line[kj] = li loop
          exit when c_free[k_cell[kj]] >= missing;
          kj := kj + 1;
        end loop;
        if k_line[kj] is distinct from li then
          kj := ki;
        end if;
        while missing > 0 and k_line[kj] = li loop
          take := least(missing, c_free[k_cell[kj]]);
          if take > 0 then
            planned := planned + 1;
            p_req[planned] := req; p_line[planned] := l_no[li]; p_cell[planned] := k_cell[kj]; p_quantity[planned] := take;
            p_pack[planned] := null; p_bundle[planned] := null; p_per_unit[planned] := 1;
            c_free[k_cell[kj]] := c_free[k_cell[kj]] - take;
            missing := missing - take;
            lines := lines || jsonb_build_object('sku', l_sku[li], 'location', c_code[k_cell[kj]], 'quantity', take);
          end if;
          kj := kj + 1;
        end loop;
      end if;
      if missing > 0 then
        lacking := lacking || jsonb_build_object('sku', l_sku[li], 'asked', l_quantity[li], 'available', l_quantity[li] - missing);
      end if;
      while k_line[ki] = li loop
        ki := ki + 1;
      end loop;
      li := li + 1;
    end loop;

    if answer is null and planned > planned_before and (lacking = '[]' or r_partial[req]) then
      answer := jsonb_build_object('outcome', 'reserved', 'basket', r_basket[req], 'expiresAt', r_expires[req], 'missing', lacking, 'lines', lines);
      stored := stored || req;
      decided_by[r_first[req]] := req;
    else
      for at in planned_before + 1 .. planned loop
        c_free[p_cell[at]] := c_free[p_cell[at]] + p_quantity[at];
      end loop;
      planned := planned_before;
      answer := coalesce(answer, jsonb_build_object('outcome', 'insufficient', 'missing', lacking));
    end if;
    answers[req] := answer;
  end loop;

  if planned > 0 then
    with asked as materialized (
      select ord, body->>'scope' as scope, body->>'key' as key, body->>'kind' as kind, body->>'hash' as hash, coalesce(body->>'actor', 'system') as actor,
        r_expires[ord]::timestamptz as expires
      from jsonb_array_elements(requests) with ordinality r(body, ord)
    ), plan as materialized (
      select p.id, a.*, p.line, c_variant[p.cell] as variant, c_location[p.cell] as location, p.quantity, p.pack, p.bundle, p.per_unit,
        r_basket[p.req] as basket, r_channel[p.req] as channel
      from (select nextval('reservations_id_seq') as id, u.* from unnest(p_req[:planned], p_line[:planned], p_cell[:planned], p_quantity[:planned],
        p_pack[:planned], p_bundle[:planned], p_per_unit[:planned]) u(req, line, cell, quantity, pack, bundle, per_unit) offset 0) p
      join asked a on a.ord = p.req
    ), kept as (
      insert into reservations (id, basket, line_no, channel_id, variant_id, location_id, quantity, asked, expires_at, pack, bundle_id, per_unit, actor)
      overriding system value
      select w.id, w.basket, w.line, w.channel, w.variant, w.location, w.quantity, w.quantity, w.expires, w.pack, w.bundle, w.per_unit, w.actor from plan w
    ), noted as (
      insert into movements (variant_id, location_id, kind, reserved, reservation_id, command_scope, command_key, actor, occurred_at)
      select variant, location, 'reserve', quantity, id, scope, key, actor, now_at from plan
    ), moved as (
      update balances b set reserved = b.reserved + s.quantity, updated_at = clock_timestamp()
      from (select variant, location, sum(quantity)::int as quantity from plan group by 1, 2) s where b.variant_id = s.variant and b.location_id = s.location
    ), ending as (
      insert into due (at, what, ref_id) select expires, 'reservation', id from plan where expires is not null
    ), told as (
      insert into change (kind, variant_id) select 'stock', x.id from (
        select variant as id from plan union select f.bundle_id from plan join bundle_flat f on f.part_id = plan.variant order by 1) x
    ), kept_answers as (
      insert into commands (scope, key, kind, body_hash, answer)
      select a.scope, a.key, a.kind, a.hash, answers[a.ord] from asked a where a.ord = any(stored) and a.key is not null
      on conflict do nothing returning 1
    )
    select (select count(*) from asked where ord = any(stored) and key is not null) - (select count(*) from kept_answers) into n;
    if n <> 0 then
      raise exception 'a key was decided elsewhere meanwhile' using errcode = '40001';
    end if;
  end if;
  return to_jsonb(answers);
end $$;

-- Where a bundle can be promised: whole ones that lie there (own), and those that its parts make there; by what the batch has left of the cells.
create or replace function stock_reserve_places(
  p_bundle bigint, p_units int, p_location bigint, p_channel bigint, p_prefer jsonb,
  c_variant bigint[], c_location bigint[], c_code text[], c_free int[], f_bundle bigint[], f_part bigint[], f_units int[]
) returns table (location bigint, code text, own int, own_cell int, made int) language sql stable as $$
  with cell as (
    select * from unnest(c_variant, c_location, c_code, c_free) with ordinality c(variant, location, code, free, n)
  ), part as (
    select f.part, f.units from unnest(f_bundle, f_part, f_units) f(bundle, part, units) where f.bundle = p_bundle
  )
  select place.location, place.code, coalesce(whole.free, 0), whole.n::int, made.units
  from (select distinct cell.location, cell.code from cell where cell.variant = p_bundle or cell.variant in (select part from part)) place
  left join cell whole on whole.variant = p_bundle and whole.location = place.location
  cross join lateral (select min(coalesce(c.free, 0) / part.units) as units from part left join cell c on c.variant = part.part and c.location = place.location) made
  left join channel_locations s on s.channel_id = p_channel and s.location_id = place.location and s.valid_to is null
  where (p_location is null or place.location = p_location) and (p_channel is null or s.channel_id is not null) and coalesce(whole.free, 0) + made.units > 0
  order by (coalesce(whole.free, 0) + made.units >= p_units) desc, case
      when p_prefer is null or p_prefer = '"channel"' then 0
      when p_prefer = '"most"' then -(coalesce(whole.free, 0) + made.units)
      else coalesce((select min(o.n) from jsonb_array_elements_text(p_prefer) with ordinality o(code, n) where o.code = place.code), 2147483647) end,
    s.position nulls last, place.location
$$;

-- The answer to a key that was used, as it was given: of what was plain, only the end and the location of each line are stored, [expiresAt, location, …]; all
-- else is in the request, which is the same where the hash is.
create or replace function stock_reserve_told(answer jsonb, request jsonb) returns jsonb language sql immutable as $$
  select case when jsonb_typeof(answer) is distinct from 'array' then answer else jsonb_build_object('outcome', 'reserved',
    'basket', 'hold:' || (request->>'scope') || ':' || (request->>'key'), 'expiresAt', answer->0, 'missing', '[]'::jsonb,
    'lines', (select jsonb_agg(jsonb_build_object('sku', l.line->'sku', 'location', answer->(l.n::int), 'quantity', l.line->'quantity') order by l.n)
      from jsonb_array_elements(request->'lines') with ordinality l(line, n))) end
$$;

-- As called by the release before.
create or replace function stock_reserve_1(requests jsonb) returns jsonb language sql as $$ select stock_reserve_2(requests) $$;
