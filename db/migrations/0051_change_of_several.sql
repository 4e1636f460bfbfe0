--! breaking-change
-- One row of the change feed may tell of the stock of several SKUs: what many reserve at the same moment is one row, not one for each SKU.
-- An older program reads over such rows and would leave channels as they were: stop all of them before. To undo by hand, with all programs stopped:
-- insert into change (kind, variant_id) select 'stock', unnest(variant_ids) from change; alter table change drop column variant_ids.
-- Set only where more than one SKU is told; variant_id is null then.
alter table change add column variant_ids bigint[];
