-- What locations do for orders, and the rules that choose between them: each change is a new version.

-- cmd: {code, services: {latitude?, longitude?, address?, postalCode?, hours?, cutOff?, leadMinutes?, holidays?, ordersPerDay?, unitsPerDay?, ships?, collects?, shipsTo?, parcelCost?,
-- unitCost?, priority?, transitDays?, transitDaysAbroad?, shipsHazards?, handsOverHazards?, holidaysOf?, openDays?}}; what is absent stays as it is, null takes it back. Answers {"outcome": "changed"} or unknown.
create or replace function location_serve_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  place bigint;
  was location_services;
  s jsonb := cmd->'services';
begin
  if answer is not null then
    return answer;
  end if;
  select id into place from locations where code = cmd->>'code' and kind <> 'platform' for no key update;
  if place is null then
    return command_open(cmd, jsonb_build_object('outcome', 'unknown', 'field', 'location', 'value', cmd->>'code'));
  end if;
  select * into was from location_services where location_id = place and valid_to is null for no key update;
  update location_services set valid_to = clock_timestamp() where id = was.id;
  insert into location_services (location_id, latitude, longitude, address, postal_code, hours, cut_off, lead_minutes, holidays, orders_per_day, units_per_day,
    ships, collects, ships_to, parcel_cost, unit_cost, priority, transit_days, transit_days_abroad, ships_hazards, hands_over_hazards,
    holidays_of, open_days, actor)
  select place, case when s ? 'latitude' then (s->>'latitude')::float8 else was.latitude end, case when s ? 'longitude' then (s->>'longitude')::float8 else was.longitude end,
    case when s ? 'address' then s->>'address' else was.address end, case when s ? 'postalCode' then s->>'postalCode' else was.postal_code end,
    case when s ? 'hours' then nullif(s->'hours', 'null') else was.hours end, case when s ? 'cutOff' then s->>'cutOff' else was.cut_off end,
    coalesce((s->>'leadMinutes')::int, was.lead_minutes, 0),
    case when s ? 'holidays' then array(select d::date from jsonb_array_elements_text(s->'holidays') d order by 1) else coalesce(was.holidays, '{}') end,
    case when s ? 'ordersPerDay' then (s->>'ordersPerDay')::int else was.orders_per_day end,
    case when s ? 'unitsPerDay' then (s->>'unitsPerDay')::int else was.units_per_day end,
    coalesce((s->>'ships')::boolean, was.ships, true), coalesce((s->>'collects')::boolean, was.collects, false),
    case when not s ? 'shipsTo' then was.ships_to when s->'shipsTo' = 'null' then null else array(select c from jsonb_array_elements_text(s->'shipsTo') c) end,
    case when s ? 'parcelCost' then (s->>'parcelCost')::numeric else was.parcel_cost end,
    case when s ? 'unitCost' then (s->>'unitCost')::numeric else was.unit_cost end, coalesce((s->>'priority')::int, was.priority, 0),
    coalesce((s->>'transitDays')::int, was.transit_days, 2), coalesce((s->>'transitDaysAbroad')::int, was.transit_days_abroad, 5),
    case when not s ? 'shipsHazards' then was.ships_hazards when s->'shipsHazards' = 'null' then null else array(select h from jsonb_array_elements_text(s->'shipsHazards') h) end,
    case when not s ? 'handsOverHazards' then was.hands_over_hazards when s->'handsOverHazards' = 'null' then null
      else array(select h from jsonb_array_elements_text(s->'handsOverHazards') h) end,
    case when s ? 'holidaysOf' then s->>'holidaysOf' else was.holidays_of end,
    case when s ? 'openDays' then array(select d::date from jsonb_array_elements_text(s->'openDays') d order by 1) else coalesce(was.open_days, '{}') end,
    coalesce(cmd->>'actor', 'system');
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'location_serves', 'location:' || (cmd->>'code'), s);
  -- Orders that could not be placed may be now.
  delete from routing_waits;
  return command_done(cmd, jsonb_build_object('outcome', 'changed'));
end $$;

-- cmd: {channel (a code, or null for all), version (the one that was read; null where there was none), rules}. Answers {"outcome": "changed", "version"}, unknown, or
-- stale {version} where somebody else wrote meanwhile.
create or replace function routing_rules_set_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  answer jsonb := command_claim(cmd);
  channel bigint;
  last int;
  stands int;
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
  perform pg_advisory_xact_lock(hashtextextended('routing_rules', coalesce(channel, 0)));
  select coalesce(max(version), 0), max(version) filter (where valid_to is null) into last, stands from routing_rules where channel_id is not distinct from channel;
  if (cmd->>'version')::int is distinct from stands then
    return command_open(cmd, jsonb_build_object('outcome', 'stale', 'version', stands));
  end if;
  update routing_rules set valid_to = clock_timestamp() where channel_id is not distinct from channel and valid_to is null;
  insert into routing_rules (channel_id, version, body, actor) values (channel, last + 1, cmd->'rules', coalesce(cmd->>'actor', 'system'));
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'routing_rules_set', 'routing:' || coalesce(cmd->>'channel', 'all'),
    jsonb_build_object('version', last + 1));
  delete from routing_waits;
  return command_done(cmd, jsonb_build_object('outcome', 'changed', 'version', last + 1));
end $$;
