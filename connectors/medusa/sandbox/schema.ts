import type { SandboxOptions } from '../../sandbox.ts'
import type { LaterColumn, SandboxStore } from '../../sandbox-store.ts'

export type MedusaSandboxOptions = SandboxOptions & {
  /** The one secret API key. */
  readonly apiKey: string
  /** An admin user beside it. */
  readonly email?: string
  readonly password?: string
  /** The store's first currency; EUR unless told. */
  readonly currency?: string
  /** The stock locations; one unless told. Each may have a currency of its own. */
  readonly locations?: readonly { readonly id: string; readonly name: string; readonly currency?: string; readonly isSold?: boolean }[]
  /** What stands in front of the server lets so many calls through each second (and as many at once); 40 unless told. */
  readonly perS?: number
}

export type Shop = { readonly options: MedusaSandboxOptions; readonly store: SandboxStore }

/** What a call is answered with. */
export type Reply = { readonly status: number; readonly body: unknown }

export const refusal = (status: number, type: string, message: string): Reply => ({ status, body: { type, message } })

/** Where goods lie that the hub has nothing to do with. */
export const ELSEWHERE = 'sloc_01K0000000000000000ELSEWHERE'

export const locationsOf = ({ options }: Shop): NonNullable<MedusaSandboxOptions['locations']> =>
  options.locations ?? [{ id: 'sloc_01K00000000000000000000001', name: 'Warehouse' }]

export const currencyOf = ({ options }: Shop, location?: string): string =>
  options.locations?.find(one => one.id === location)?.currency ?? options.currency ?? 'EUR'

export const stampOf = ({ options }: Shop): string => options.now().toISOString()

/** An id as Medusa makes them: a word for the kind, then a text that grows. */
export const makeId = ({ store }: Shop, kind: string): string => `${kind}_01K${String(store.next(kind)).padStart(23, '0')}`

export const SCHEMA = `
  create table if not exists product (id text primary key, title text not null unique, created text not null);
  create table if not exists variant (
    id text primary key, product_id text not null, item_id text not null unique, sku text not null unique, title text not null, ean text, managed integer not null,
    required integer not null, created text not null, updated text not null
  );
  create table if not exists price (
    id text primary key, variant_id text not null, currency text not null, amount real not null, min integer, max integer, rules text not null, created text not null
  );
  create index if not exists price_variant on price (variant_id, id);
  create table if not exists level (
    id text not null, item_id text not null, location_id text not null, stocked integer not null, reserved integer not null, created text not null,
    updated text not null, barred integer not null, primary key (item_id, location_id)
  );
  create table if not exists shop_order (
    id text primary key, ref text unique, display_id integer not null, status text not null, version integer not null, created text not null, updated text not null,
    currency text not null, person text not null, pick_up integer not null
  );
  create index if not exists shop_order_updated on shop_order (updated, id);
  create table if not exists order_line (
    id text primary key, order_id text not null, variant_id text not null, sku text not null, title text not null, product_title text not null,
    quantity integer not null, wanted integer not null, price real not null, fulfilled integer not null, shipped integer not null, delivered integer not null,
    returned integer not null
  );
  create index if not exists order_line_order on order_line (order_id, id);
  create table if not exists reservation (
    id text primary key, line_id text not null, item_id text not null, location_id text not null, quantity integer not null, created text not null
  );
  create index if not exists reservation_line on reservation (line_id);
  create table if not exists fulfillment (
    id text primary key, order_id text not null, location_id text not null, created text not null, shipped text, delivered text, canceled text, metadata text
  );
  create index if not exists fulfillment_order on fulfillment (order_id, id);
  create table if not exists fulfillment_item (id text primary key, fulfillment_id text not null, line_id text not null, quantity integer not null);
  create index if not exists fulfillment_item_parcel on fulfillment_item (fulfillment_id, id);
  create table if not exists label (id text primary key, fulfillment_id text not null, number text not null, url text not null);
  create index if not exists label_parcel on label (fulfillment_id, id);
  create table if not exists payment (id text primary key, order_id text not null, amount real not null, created text not null, captured text);
  create index if not exists payment_order on payment (order_id, id);
  create table if not exists refund (id text primary key, payment_id text not null, amount real not null, note text, created text not null);
  create index if not exists refund_payment on refund (payment_id, id);
  create table if not exists token (token text primary key, until_ms integer not null);
`

export const LATER_COLUMNS: readonly LaterColumn[] = [{ table: 'shop_order', name: 'terms', type: 'text' }]

export type VariantRow = {
  id: string
  product_id: string
  item_id: string
  sku: string
  title: string
  ean: string | null
  managed: number
  required: number
  created: string
  updated: string
}
export type PriceRow = {
  id: string
  variant_id: string
  currency: string
  amount: number
  min: number | null
  max: number | null
  rules: string
  created: string
}
export type LevelRow = {
  id: string
  item_id: string
  location_id: string
  stocked: number
  reserved: number
  created: string
  updated: string
  barred: number
}
export type OrderRow = {
  id: string
  ref: string | null
  display_id: number
  status: string
  version: number
  created: string
  updated: string
  currency: string
  person: string
  pick_up: number
  terms: string | null
}
export type LineRow = {
  id: string
  order_id: string
  variant_id: string
  sku: string
  title: string
  product_title: string
  quantity: number
  wanted: number
  price: number
  fulfilled: number
  shipped: number
  delivered: number
  returned: number
}
export type ReservationRow = { id: string; line_id: string; item_id: string; location_id: string; quantity: number; created: string }
export type ParcelRow = {
  id: string
  order_id: string
  location_id: string
  created: string
  shipped: string | null
  delivered: string | null
  canceled: string | null
  metadata: string | null
}
export type PieceRow = { id: string; line_id: string; quantity: number }
export type PaymentRow = { id: string; order_id: string; amount: number; created: string; captured: string | null }
export type LabelRow = { id: string; fulfillment_id: string; number: string; url: string }
export type RefundRow = { id: string; payment_id: string; amount: number; note: string | null; created: string }
