-- Where postal codes lie, from files that the company brings, so that the distance to a buyer is known without telling anybody his address.
-- Older programs work on. To undo by hand: drop the table.

create table postal_areas (
  country text not null check (country ~ '^[A-Z]{2}$'),
  -- Capitals and digits only. By bytes, so that codes with the same beginning are one range.
  code text collate "C" not null check (code ~ '^[A-Z0-9]{1,12}$'),
  latitude double precision not null check (latitude between -90 and 90),
  longitude double precision not null check (longitude between -180 and 180),
  primary key (country, code)
);
