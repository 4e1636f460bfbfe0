-- How many listings a price file would add to the guard's window: those that moved in it already are not counted twice.
-- An older program works on: it does not look at the column.
-- To undo by hand: drop the column, while no price file is being weighed.

alter table import_price_guard add column adds int not null default 0;
