-- Reserving what is plainly there: the same decision as stock_reserve_2 for nearly all requests, at half its cost.

-- One element for each line, the lines of a request one behind the other: its number in the request, how many lines that has, who asks under which key (never
-- null) and hash, for how many seconds or until when (both null: for good), SKU, units, location (null: anywhere). No channel, no preference. An array that would
-- say the same of all lines may be null: each request has one line; each actor is its scope; none ends; anywhere.
-- Plain is a batch of which every line has its SKU's first location with free units, or the location asked for, and all lines together fit there; no bundle, no
-- lot, no promise whose time is over. Then one location after the other, request by request, comes to the same. Answers the location of each line, when each hold
-- ends, or nulls: then nothing was written, and stock_reserve_2 is to be asked. So it is where 23505 is raised (a key was used before, by this batch, or at this moment
-- by another node) or 40001 (what was free went to another command while we waited for its lock).
-- One statement, so what it reads is as it was before it waited: the lock brings the variant up to date, the guard of the update the balance, and the key's index
-- the key. A variant of a family is locked in the order of all and let go with the statement, before anybody needs the family's lock.
-- Planned once. Unnested arrays count as ten rows, so what is looked up is looked up by index, however large the tables are; and however small: to read 1,000 SKUs
-- through for each of a batch took as long as all the rest.
create or replace function stock_reserve_plain_1(
  p_no int[], p_lines int[], p_scope text[], p_key text[], p_hash text[], p_actor text[], p_seconds float8[], p_until text[], p_sku text[], p_quantity int[], p_place text[],
  p_kind text, p_now timestamptz, out places text[], out ends text[]
) language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  now_at timestamptz := coalesce(p_now, clock_timestamp());
  cells int;
  guarded int;
begin
  with locked as materialized (
    select id, sku, family is null and not lot_tracked as is_plain from variants where sku = any(p_sku) order by id for no key update
  ), line as materialized (
    select nextval('reservations_id_seq') as id, l.n, coalesce(l.no, 1) as no, coalesce(l.lines, 1) as lines, l.scope, l.key, l.hash, coalesce(l.actor, l.scope) as actor,
      l.quantity, v.id as variant, c.location, c.code, c.free,
      case when l.seconds is not null then to_char((now_at + make_interval(secs => l.seconds)) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') else l.until end as over
    from unnest(p_no, p_lines, p_scope, p_key, p_hash, p_actor, p_seconds, p_until, p_sku, p_quantity, p_place)
      with ordinality l(no, lines, scope, key, hash, actor, seconds, until, sku, quantity, place, n)
    left join locked v on v.sku = l.sku and v.is_plain
    left join lateral (
      select b.location_id as location, p.code, b.on_hand - b.reserved - b.unavailable - b.safety_stock as free
      from balances b join locations p on p.id = b.location_id
      where b.variant_id = v.id and b.on_hand - b.reserved - b.unavailable - b.safety_stock > 0 and p.active and p.kind <> 'platform'
        and (l.place is null or p.code = l.place)
      order by b.location_id limit 1) c on true
  ), cell as materialized (
    select variant, location, sum(quantity)::int as quantity, min(free) as free from line group by variant, location
  ), verdict as materialized (
    select count(*)::int as cells, bool_and(location is not null and quantity <= free)
      and not exists (select from reservations where state = 'open' and expires_at <= now_at and variant_id = any(array(select id from locked))) as ok
    from cell
  ), kept as (
    insert into reservations (id, basket, line_no, variant_id, location_id, quantity, asked, expires_at, actor)
    overriding system value
    select id, 'hold:' || scope || ':' || key, no, variant, location, quantity, quantity, over::timestamptz, actor from line where (select ok from verdict)
  ), noted as (
    insert into movements (variant_id, location_id, kind, reserved, reservation_id, command_scope, command_key, actor, occurred_at)
    select variant, location, 'reserve', quantity, id, scope, key, actor, now_at from line where (select ok from verdict)
  ), moved as (
    update balances b set reserved = b.reserved + c.quantity, updated_at = clock_timestamp()
    from cell c where b.variant_id = c.variant and b.location_id = c.location and (select ok from verdict)
      and b.on_hand - b.reserved - b.unavailable - b.safety_stock >= c.quantity
    returning 1
  ), ending as (
    insert into due (at, what, ref_id) select over::timestamptz, 'reservation', id from line where over is not null and (select ok from verdict)
  ), told as (
    -- One row for all: at thousands of requests a second, a row for each SKU cost a twentieth of everything.
    insert into change (kind, variant_id, variant_ids)
    select 'stock', case when min(variant) = max(variant) then min(variant) end, case when min(variant) < max(variant) then array_agg(distinct variant) end
    from cell where (select ok from verdict) having count(*) > 0
  ), kept_answers as (
    -- The rest of the answer is the request itself: stock_reserve_told puts it together for whoever asks again.
    insert into commands (scope, key, kind, body_hash, answer)
    select scope, key, p_kind, hash, to_jsonb(array[over] || case when lines = 1 then array[code]
      else (select array_agg(o.code order by o.n) from line o where o.n between line.n and line.n + line.lines - 1) end)
    from line where no = 1 and (select ok from verdict)
  )
  select array_agg(code order by n), array_agg(over order by n), (select v.cells from verdict v), (select count(*) from moved) into places, ends, cells, guarded
  from line where (select ok from verdict);
  if places is not null and guarded <> cells then
    raise exception 'what was free went to another command' using errcode = '40001';
  end if;
end $$;
