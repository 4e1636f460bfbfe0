-- What may be handed over instead of a SKU that is short, by rule or by a person; units that are stand in lines of their own.
-- An older program works on: it substitutes nothing by itself, and shows such a line without the platform's id of it.
-- To undo by hand: give the units back to the lines that were sold (instead_of), then drop the table, the index, the columns and the checks.

-- Of a channel, else (none) of all, in order of preference. Versioned.
create table substitution_rules (
  id bigint generated always as identity primary key,
  channel_id bigint references channels (id),
  variant_id bigint not null references variants (id),
  substitute_id bigint not null references variants (id),
  position integer not null,
  -- False: only proposed to a person.
  automatic boolean not null,
  -- How much dearer its regular price may be, in per cent; null: by any amount.
  above_percent numeric(7, 2) check (above_percent >= 0),
  valid_from timestamptz not null default clock_timestamp(),
  valid_to timestamptz,
  actor text not null,
  check (variant_id <> substitute_id)
);
create unique index substitution_rules_current on substitution_rules (variant_id, coalesce(channel_id, 0), substitute_id) where valid_to is null;

-- The platform knows the line that was sold (instead_of), and none of what is handed over instead. `ordered` is of each line what is handed over as its own SKU.
alter table order_lines
  alter column external_line_id drop not null,
  add column instead_of bigint references order_lines (id),
  -- Units of this line that are handed over as another SKU: the sum of `ordered` of those lines.
  add column substituted integer not null default 0 check (substituted >= 0),
  drop constraint order_lines_ordered_check,
  add constraint order_lines_ordered_check check (ordered >= 0 and (ordered > 0 or substituted > 0 or instead_of is not null)),
  add constraint order_lines_sold_check check ((external_line_id is null) = (instead_of is not null) and (instead_of is null or substituted = 0));
create index order_lines_instead_of on order_lines (instead_of) where instead_of is not null;
