--! breaking-change
-- One row of the change feed may tell of the stock of several SKUs: what many reserve at the same moment is one row, not one for each SKU.
-- An older program reads over such rows and would leave channels as they were: stop all of them before. To undo by hand, with all programs stopped:
-- insert into change (tx, kind, variant_id, at) select tx, 'stock', unnest(variant_ids), at from change; delete from change where variant_ids is not null;
-- alter table change drop column variant_ids; delete from migration where name = '0051_change_of_several';
-- update function_release set release = null, hash = null; then the older release's concord migrate brings its functions back.
-- Set only where more than one SKU is told; variant_id is null then.
alter table change add column variant_ids bigint[];
