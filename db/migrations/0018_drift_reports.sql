-- Drift: a check that goes by the platform's own reports instead of a search.
-- An older program works on: of a check in the phase `report` it looks at everything by name.
-- To undo by hand: drop both columns, delete the open checks in the phase `report`, and narrow the check of the phase.

alter table drift_checks drop constraint drift_checks_phase_check;
alter table drift_checks add constraint drift_checks_phase_check check (phase in ('page', 'family', 'missed', 'report'));
-- How the account is looked through; and how long its reports took from their request to their files.
alter table drift_checks add column way text not null default 'search' check (way in ('search', 'report'));
alter table drift_checks add column report_ms int;
