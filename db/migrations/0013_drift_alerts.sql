-- What drifted within a day, for the alert that tells of it.
-- An older program works on: it is an index.
-- To undo by hand: drop the index.

create index drifts_by_time on drifts (found_at);
