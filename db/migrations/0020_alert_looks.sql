-- When the next look for alerts is due, over all processes: one row, once somebody has looked.
-- An older program works on: it looks as often as it did.
-- To undo by hand: drop the table.

create table alert_looks (
  one boolean primary key default true check (one),
  next_at timestamptz not null
);
