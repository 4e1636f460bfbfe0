-- Reserving what is plainly there: the same decision as stock_reserve_2 for nearly all requests, at half its cost.

-- One element for each line, the lines of a request one behind the other: its number in the request, how many lines that has, who asks under which key (never
-- null) and hash, for how many seconds or until when (both null: for good), SKU, units, location (null: anywhere). No channel, no preference.
-- Plain is a batch of which every line has its SKU's first location with free units, or the location asked for, and all lines together fit there; no bundle, no
-- lot, no promise whose time is over, no key that was used. Then one location after the other, request by request, comes to the same. Answers the location of each
-- line, when each hold ends, or nulls: then nothing was written, and stock_reserve_2 is to be asked. Raises 40001 when another command made a variant part of a bundle
-- or gave it lots meanwhile, and 23505 when another node decided one of the keys.
-- Planned once. Unnested arrays count as ten rows, so what is looked up is looked up by index, however large the tables are.
create or replace function stock_reserve_plain_1(
  p_no int[], p_lines int[], p_scope text[], p_key text[], p_hash text[], p_actor text[], p_seconds float8[], p_until text[], p_sku text[], p_quantity int[], p_place text[],
  p_kind text, p_now timestamptz, out places text[], out ends text[]
) language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  ids bigint[];
  is_plain boolean;
begin
  -- Before any lock is taken: whoever needs the lock of a family must not hold others yet.
  select array_agg(v.id order by l.n), bool_and(v.id is not null and v.family is null and not v.lot_tracked) into ids, is_plain
  from unnest(p_sku) with ordinality l(sku, n)
  left join lateral (select id, family, lot_tracked from variants where sku = l.sku limit 1) v on true;
  if not is_plain then
    return;
  end if;
  -- As stock_lock, of variants that are their own family.
  select bool_and(family is null and not lot_tracked) into is_plain
  from (select family, lot_tracked from variants where id = any(ids) order by id for no key update) locked;
  if not is_plain then
    raise exception 'a bundle or a lot came about meanwhile' using errcode = '40001';
  end if;
  now_at := coalesce(p_now, clock_timestamp());
  with line as materialized (
    select nextval('reservations_id_seq') as id, l.*, 'hold:' || l.scope || ':' || l.key as basket, c.location, c.code, c.free,
      case when l.seconds is not null then to_char((now_at + make_interval(secs => l.seconds)) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') else l.until end as over
    from unnest(p_no, p_lines, p_scope, p_key, p_hash, p_actor, p_seconds, p_until, p_sku, ids, p_quantity, p_place)
      with ordinality l(no, lines, scope, key, hash, actor, seconds, until, sku, variant, quantity, place, n)
    left join lateral (
      select b.location_id as location, p.code, b.on_hand - b.reserved - b.unavailable - b.safety_stock as free
      from balances b join locations p on p.id = b.location_id
      where b.variant_id = l.variant and b.on_hand - b.reserved - b.unavailable - b.safety_stock > 0 and p.active and p.kind <> 'platform'
        and (l.place is null or p.code = l.place)
      order by b.location_id limit 1) c on true
  ), cell as materialized (
    select variant, location, sum(quantity)::int as quantity, min(free) as free from line group by variant, location
  ), verdict as materialized (
    select (select bool_and(location is not null and quantity <= free) from cell)
      and not exists (select from line l join commands k on k.scope = l.scope and k.key = l.key)
      and not exists (select from line where no = 1 group by scope, key having count(*) > 1)
      and not exists (select from reservations where state = 'open' and expires_at <= now_at and variant_id = any(ids)) as ok
  ), kept as (
    insert into reservations (id, basket, line_no, variant_id, location_id, quantity, asked, expires_at, actor)
    overriding system value
    select id, basket, no, variant, location, quantity, quantity, over::timestamptz, actor from line where (select ok from verdict)
  ), noted as (
    insert into movements (variant_id, location_id, kind, reserved, reservation_id, command_scope, command_key, actor, occurred_at)
    select variant, location, 'reserve', quantity, id, scope, key, actor, now_at from line where (select ok from verdict)
  ), moved as (
    update balances b set reserved = b.reserved + c.quantity, updated_at = clock_timestamp()
    from cell c where b.variant_id = c.variant and b.location_id = c.location and (select ok from verdict)
  ), ending as (
    insert into due (at, what, ref_id) select over::timestamptz, 'reservation', id from line where over is not null and (select ok from verdict)
  ), told as (
    insert into change (kind, variant_id) select distinct 'stock', variant from cell where (select ok from verdict)
  ), kept_answers as (
    insert into commands (scope, key, kind, body_hash, answer)
    select scope, key, p_kind, hash, jsonb_build_object('outcome', 'reserved', 'basket', basket, 'expiresAt', over, 'missing', '[]'::jsonb, 'lines',
      case when lines = 1 then jsonb_build_array(jsonb_build_object('sku', sku, 'location', code, 'quantity', quantity))
        else (select jsonb_agg(jsonb_build_object('sku', o.sku, 'location', o.code, 'quantity', o.quantity) order by o.n) from line o
          where o.n between line.n and line.n + line.lines - 1) end)
    from line where no = 1 and (select ok from verdict)
  )
  select array_agg(code order by n), array_agg(over order by n) into places, ends from line where (select ok from verdict);
end $$;
