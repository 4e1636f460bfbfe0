-- Old months of the ledger leave it, and what they add up to stays: one carry-forward movement for each balance and lot.

-- The instant from which the ledger is whole; null while all of it is there.
create or replace function ledger_starts() returns timestamptz language sql stable as $$
  select max((detail->>'until')::timestamptz) from audit where subject = 'ledger' and act = 'ledger_detached'
$$;

-- Detaches a month: cmd.month 'YYYY-MM', cmd.minAgeDays (how long it must have been over), cmd.dryRun. Answers {"outcome": "detached" | "would_detach",
-- month, table, from, until, movements, carried}, "done_before" with the table, or why not: "too_young" {allowedFrom}, "in_default" {movements},
-- "older_attached" {older}, "no_partition". Carry-forwards are recorded at the month's end, so that the sums equal the balances at every instant from there on.
create or replace function ledger_detach_1(cmd jsonb) returns jsonb language plpgsql as $$
declare
  since timestamptz := (cmd->>'month' || '-01')::timestamp at time zone 'UTC';
  until timestamptz := ((cmd->>'month' || '-01')::timestamp + interval '1 month') at time zone 'UTC';
  part text := 'movements_' || replace(cmd->>'month', '-', '_');
  about jsonb := jsonb_build_object('month', cmd->>'month');
  earlier jsonb;
  older text;
  is_dry boolean := coalesce((cmd->>'dryRun')::boolean, false);
  sums text;
  n bigint;
  carried bigint;
begin
  -- Everybody who writes to the ledger would queue up behind this one if it waited long for a reader.
  perform set_config('lock_timeout', '2s', true);
  perform pg_advisory_xact_lock(hashtext('concord ledger partitions'));
  select detail into earlier from audit where subject = 'ledger' and act = 'ledger_detached' and detail->>'month' = cmd->>'month';
  if found then
    return earlier || jsonb_build_object('outcome', 'done_before');
  end if;
  if until + make_interval(days => (cmd->>'minAgeDays')::int) > command_now(cmd) then
    return about || jsonb_build_object('outcome', 'too_young', 'allowedFrom', until + make_interval(days => (cmd->>'minAgeDays')::int));
  end if;
  select count(*) into n from movements_default where recorded_at >= since and recorded_at < until;
  if n > 0 then
    return about || jsonb_build_object('outcome', 'in_default', 'movements', n);
  end if;
  if not exists (select from pg_inherits where inhparent = 'movements'::regclass and inhrelid = to_regclass(part)) then
    return about || jsonb_build_object('outcome', 'no_partition');
  end if;
  -- What is carried out of a month must find its place in the ledger, and history must have no holes.
  select min(c.relname) into older from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'movements'::regclass and c.relname ~ '^movements_\d{4}_\d{2}$' and c.relname < part;
  if older is not null then
    return about || jsonb_build_object('outcome', 'older_attached', 'older', replace(substr(older, 11), '_', '-'));
  end if;

  sums := format('select variant_id, location_id, lot_id, sum(on_hand) as on_hand, sum(reserved) as reserved, sum(unavailable) as unavailable,
      sum(incoming) as incoming from %I group by 1, 2, 3 having (sum(on_hand), sum(reserved), sum(unavailable), sum(incoming)) <> (0, 0, 0, 0)', part);
  about := about || jsonb_build_object('table', 'concord_archive.' || part, 'from', since, 'until', until);
  if is_dry then
    execute format('select count(*) from %I', part) into n;
    execute format('select count(*) from (%s) s', sums) into carried;
    return about || jsonb_build_object('outcome', 'would_detach', 'movements', n, 'carried', carried);
  end if;
  execute format('lock table %I in share mode', part);
  execute format('select count(*) from %I', part) into n;
  execute format('insert into movements (variant_id, location_id, lot_id, kind, on_hand, reserved, unavailable, incoming, reason, actor, occurred_at, recorded_at)
    select variant_id, location_id, lot_id, ''carry_forward'', on_hand, reserved, unavailable, incoming, $1, $2, $3, $3 from (%s) s order by 1, 2, 3', sums)
  using 'the sum of what was recorded before', coalesce(cmd->>'actor', 'system'), until;
  get diagnostics carried = row_count;
  about := about || jsonb_build_object('movements', n, 'carried', carried);
  -- A schema of its own: backups take what the hub works with, and a detached month is its owner's to archive and to drop.
  create schema if not exists concord_archive;
  execute format('alter table movements detach partition %I', part);
  execute format('alter table %I set schema concord_archive', part);
  insert into audit (actor, act, subject, detail) values (coalesce(cmd->>'actor', 'system'), 'ledger_detached', 'ledger', about);
  return about || jsonb_build_object('outcome', 'detached');
end $$;
