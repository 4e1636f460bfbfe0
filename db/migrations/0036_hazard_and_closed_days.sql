-- Hazard classes: which SKUs are dangerous goods, and what each location may ship or hand over; public holidays that a location keeps, and days on which it is open all the same.
-- Nothing stated: no SKU is dangerous, every location takes all, no holidays but those written down by hand. Older programs work on.
-- To undo by hand: drop the five columns.

-- A class or division of the UN Model Regulations.
alter table variants add column hazard text check (hazard ~ '^[1-9]([.][1-6])?$');

-- Classes that it may hand to a carrier, and to a buyer; null: all, none: an empty list.
alter table location_services add column ships_hazards text[];
alter table location_services add column hands_over_hazards text[];
-- A country, or a part of one, by ISO 3166: DE, DE-BY.
alter table location_services add column holidays_of text;
alter table location_services add column open_days date[] not null default '{}';
