-- Stock files: staged in columns of their own types, with names resolved already, and applied set by set in the order of the SKUs' ids.
-- An older program works on: it stages and applies its stock files through import_rows as before, which this release finishes too.
-- To undo by hand: drop what is created here, after the stock files under way have been applied.

-- Rows of a stock file while it is read: those whose SKU and location are known. What is wrong with a row stands in import_rows, under the same number.
-- Unlogged, because a file that was not read to its end is read again.
create unlogged table import_stock_lines (
  import_id bigint not null,
  variant_id bigint not null,
  location_id bigint not null,
  -- When the number was true; null: when it is applied.
  occurred_at timestamptz,
  lot_expires_at timestamptz,
  row_no int not null,
  -- Null: it cannot be read.
  quantity int,
  -- A difference, rather than what there is.
  delta boolean not null,
  -- What may be promised, rather than what is on hand.
  available boolean not null,
  reason text,
  lot text
);

-- The same rows once the file is judged, in the order in which they apply: by SKU and location, so that neighbours in the books are written together.
-- Without a foreign key, which would look at the import once for each row: who deletes an import deletes its rows.
create table import_stock_rows (
  import_id bigint not null,
  variant_id bigint not null,
  location_id bigint not null,
  occurred_at timestamptz,
  lot_expires_at timestamptz,
  position int not null,
  row_no int not null,
  quantity int not null,
  delta boolean not null,
  available boolean not null,
  -- No other row of the file speaks of this SKU at this location.
  alone boolean not null,
  reason text,
  lot text,
  primary key (import_id, position)
);

-- Runs of positions, each with all rows of its SKUs. Taken by whoever comes first, so that several may apply one file, and open until they are applied.
create table import_stock_segments (
  import_id bigint not null,
  first int not null,
  last int not null,
  is_applied boolean not null default false,
  primary key (import_id, first)
);

-- The number of the row up to which a stock file is read. Null: its rows are staged in import_rows.
alter table imports add column staged_row int;
-- When rows of it were last applied.
alter table imports add column touched_at timestamptz;
-- It holds differences: its content is applied once, unless somebody says that it happened again.
alter table imports add column deltas boolean not null default false;
alter table imports add column again boolean not null default false;
create unique index imports_deltas_once on imports (content_hash) where deltas and not again and state in ('applying', 'done');

-- Few have lots, and bulk work asks which of its SKUs do.
create index variants_lot_tracked on variants (id) where lot_tracked;

-- What an import wrote is told by its rows; without it here, the ledger takes in a fifth more of it in the same time.
drop index movements_by_cause;
create index movements_by_cause on movements (cause_kind, cause_id) where cause_kind <> 'import';
