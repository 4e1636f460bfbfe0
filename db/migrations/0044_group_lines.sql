-- A line of a group is a line of the group's order: looked at once for all that a statement adds. The foreign key looked at, and locked, each line by itself, and did not ask of
-- which order it is.
-- An older program works on.
-- To undo by hand: drop the trigger and its function, and add the foreign key of order_line_id again.
alter table fulfilment_lines drop constraint fulfilment_lines_order_line_id_fkey;

-- Filled in by db/functions/24_fulfilment_groups.sql.
create function fulfilment_lines_of_one_order() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger fulfilment_lines_of_one_order after insert on fulfilment_lines referencing new table as added for each statement
  execute function fulfilment_lines_of_one_order();
