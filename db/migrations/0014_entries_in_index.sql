-- What a list asks for a SKU is read from an index alone: entries of one list may lie scattered over the whole table. Older programs work on.
drop index price_entries_variant;
create unique index price_entries_variant on price_entries (list_id, variant_id, min_quantity) include (id, value)
  where scope = 'variant' and valid_from is not null and valid_to is null;
-- Costs of receipts were told with their stock; from now on a change of stock reckons no price. What was told and not yet read is reckoned once more.
insert into change (kind) select 'price' where exists (select from change);
