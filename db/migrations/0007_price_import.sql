-- Price files: read into a table of their own, compared set by set, and only what differs kept for applying; beyond a limit of the guard they wait for a person.
-- An older program works on: it stages its price files in import_rows as before, which this release finishes too.
-- To undo by hand: drop what is created here, after the price files under way have been applied.

-- Rows of a judged price file that change something, in the order in which they apply. Without a foreign key, which would look at the import once for each
-- row: who deletes an import deletes its rows.
create table import_price_rows (
  import_id bigint not null,
  position int not null,
  row_no int not null,
  variant_id bigint not null,
  -- A plain price of one channel, or (both null) of everyone; with list_id an entry of that list.
  channel_id bigint,
  list_id bigint,
  min_quantity int not null default 1,
  currency text not null,
  -- Null: the price ends.
  amount numeric(18, 6),
  starts_at timestamptz,
  ends_at timestamptz,
  -- What stood when the file was judged; is_new: nothing.
  was numeric(18, 6),
  was_ends_at timestamptz,
  is_new boolean not null,
  primary key (import_id, position)
);

-- What a price file would do to the listings of each channel, added up while it is judged.
create table import_price_guard (
  import_id bigint not null,
  channel_id bigint not null,
  changed int not null,
  dropped int not null,
  -- [{sku, before, after, dropped}], a few.
  examples jsonb not null,
  primary key (import_id, channel_id)
);

-- The position up to which a price file is weighed, and applied. Null: its rows are staged in import_rows.
alter table imports add column weighed_to int;
alter table imports add column applied_to int;
-- Who let pass, or turned down, what went beyond a limit of the guard.
alter table imports add column decided_by text;
alter table imports add column decided_at timestamptz;

-- waiting: a person has to approve or reject it first.
alter table imports drop constraint imports_state_check;
alter table imports add constraint imports_state_check check (state in ('staging', 'judged', 'waiting', 'applying', 'done', 'refused', 'rejected'));
