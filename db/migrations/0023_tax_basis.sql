-- Rules over plain prices, cost and other lists take these in the list's own tax basis from now on: prices that lean on any are reckoned once more. Whatever moves by it passes
-- the guard of its channel. Older programs work on, and reckon by the functions of this release.
insert into change (kind) select 'price' where exists (select from price_entries where over is not null and valid_to is null);
