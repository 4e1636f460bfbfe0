-- What the database must know of a platform's prices. The program fills it from what its connectors declare when it opens the database (db/platforms.ts).
-- An older program works on: it knows the platforms below, and its functions do not look here.
-- To undo by hand: drop the table, after bringing back the functions of the older release.

create table platforms (
  platform text primary key,
  -- Whether it takes the dates of a sale, and begins and ends it by itself.
  sale_dates boolean not null,
  -- Whether a sale can stand beside the regular price.
  sale_beside boolean not null,
  -- Whether it has a field for the price that a sale is measured by.
  reference_price boolean not null
);
insert into platforms (platform, sale_dates, sale_beside, reference_price) values
  ('woocommerce', true, true, false),
  ('amazon', true, true, false),
  ('ebay', false, false, false),
  ('shopify', false, true, false),
  ('memory', true, true, true);
