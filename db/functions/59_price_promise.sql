-- Price documents compared: what is promised, what falls, what stands below its floor.

-- What a price document promises at an instant: [currency, regular, sale, from, to]. A sale that is over is none, and one that has begun has no beginning: what was
-- sent ahead is no change when it comes into force.
create or replace function price_promise(p_price jsonb, p_at timestamptz) returns jsonb language sql stable as $$
  select case when jsonb_typeof(p_price->'sale') is distinct from 'object' or (p_price->'sale'->>'to')::timestamptz <= p_at
    then jsonb_build_array(p_price->'currency', trim_scale((p_price->>'regular')::numeric), null, null, null)
    else jsonb_build_array(p_price->'currency', trim_scale((p_price->>'regular')::numeric), trim_scale((p_price->'sale'->>'amount')::numeric),
      case when (p_price->'sale'->>'from')::timestamptz > p_at then extract(epoch from (p_price->'sale'->>'from')::timestamptz) end,
      extract(epoch from (p_price->'sale'->>'to')::timestamptz)) end
$$;

-- Whether two price documents promise something else. Most have no sale, and need nothing worked out.
create or replace function price_differs(p_one jsonb, p_other jsonb, p_at timestamptz) returns boolean language sql stable as $$
  select case when jsonb_typeof(p_one->'sale') = 'null' and jsonb_typeof(p_other->'sale') = 'null'
    then p_one->'currency' is distinct from p_other->'currency' or (p_one->>'regular')::numeric is distinct from (p_other->>'regular')::numeric
    else price_promise(p_one, p_at) <> price_promise(p_other, p_at) end
$$;

-- The least that a price document asks, now or later.
create or replace function price_least(p_price jsonb) returns numeric language sql immutable as $$
  select least((p_price->>'regular')::numeric, (p_price->'sale'->>'amount')::numeric)
$$;

-- Whether a price falls by more than percent: the regular one, or the least that is asked. Of two currencies nothing can be said.
create or replace function price_dropped(p_before jsonb, p_after jsonb, p_percent numeric) returns boolean language sql stable as $$
  select coalesce(p_before->>'currency' = p_after->>'currency' and ((p_after->>'regular')::numeric * 100 < (p_before->>'regular')::numeric * (100 - p_percent)
    or price_least(p_after) * 100 < price_least(p_before) * (100 - p_percent)), false)
$$;

-- Whether a price document stands below its floor: what is shown now below the floor of now, a sale to come below the floor at its beginning.
create or replace function price_below_floor(p_price jsonb, p_floor numeric, p_floor_ahead numeric) returns boolean language sql immutable as $$
  select coalesce((p_price->>'regular')::numeric < p_floor, false)
    or coalesce((p_price->'sale'->>'amount')::numeric < case when p_price->'sale'->>'from' is null then p_floor else p_floor_ahead end, false)
$$;
