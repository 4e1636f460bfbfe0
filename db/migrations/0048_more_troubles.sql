-- More of what the hub does of itself about an order may fail, step back behind the others, and be seen by a person: an exchange whose goods did not come back in time, announced goods that
-- their platform tells to be back, what stays short, and what
-- is handed over instead of it by rule.
-- An older program works on: it shows those troubles like the others.
-- To undo by hand: remove the rows of the kinds that are named anew, and restore the check.
alter table order_troubles drop constraint order_troubles_what_check;
alter table order_troubles add constraint order_troubles_what_check check (what in ('not_collected', 'late', 'route', 'exchange', 'return', 'short', 'substitute'));
