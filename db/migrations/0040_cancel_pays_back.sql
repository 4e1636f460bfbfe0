-- What a platform gives back by itself when an order, or a part of one, is cancelled there. An older program works on, and leaves both as they are.
-- To undo by hand: drop the columns.
alter table platforms add column cancel_pays_whole boolean not null default false, add column cancel_pays_parts boolean not null default false;
update platforms set cancel_pays_whole = platform <> 'woocommerce', cancel_pays_parts = platform in ('shopify', 'woocommerce')
where platform in ('amazon', 'medusa', 'shopify', 'woocommerce');
