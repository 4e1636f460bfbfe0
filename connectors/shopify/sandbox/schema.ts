import type { SandboxOptions } from '../../sandbox.ts'
import type { LaterColumn, SandboxStore } from '../../sandbox-store.ts'

export type SandboxLocation = { readonly id: string; readonly name: string }

export type ShopifySandboxOptions = SandboxOptions & {
  /** The token that the shop knows. */
  readonly accessToken: string
  /** The app's id and secret: the secret signs webhooks, both together get a token for a day. */
  readonly clientId?: string
  readonly clientSecret: string
  /** The shop's currency; EUR unless told. */
  readonly currency?: string
  /** The shop's own locations; one in Berlin unless told. New goods lie at the first. */
  readonly locations?: readonly SandboxLocation[]
  /** What the app was granted; everything that the hub needs unless told. */
  readonly scopes?: readonly string[]
  /** Points that come back each second; 100 (the smallest plan) unless told. */
  readonly pointsPerS?: number
}

/** The shop: its options and its store, handed to everything that it does. */
export type Shop = { readonly options: ShopifySandboxOptions; readonly store: SandboxStore }

const BERLIN: SandboxLocation = { id: '70001', name: 'Berlin' }
/** Where a logistics company sends from, with stock that is its own affair. */
export const SERVICE: SandboxLocation = { id: '79999', name: 'Third-party logistics' }

export const SCOPES = [
  ...['write_products', 'write_inventory', 'read_locations', 'write_orders', 'read_all_orders', 'read_returns'],
  ...['write_merchant_managed_fulfillment_orders', 'read_third_party_fulfillment_orders'],
]

export const locationsOf = ({ options }: Shop): readonly SandboxLocation[] => options.locations ?? [BERLIN]
export const mainOf = (shop: Shop): SandboxLocation => locationsOf(shop)[0] ?? BERLIN

/** Now, to the second, as Shopify writes it. */
export const stampOf = ({ options }: Shop): string => `${options.now().toISOString().slice(0, 19)}Z`

export const SCHEMA = `
  create table if not exists product (id integer primary key, title text not null unique);
  create table if not exists variant (
    id integer primary key, product_id integer not null, item_id integer not null unique, sku text not null unique, title text not null, gtin text,
    price text not null, compare_at text, tracked integer not null, updated text not null
  );
  create table if not exists level (
    item_id integer not null, location_id text not null, available integer not null, updated text not null, primary key (item_id, location_id)
  );
  create table if not exists shop_order (
    id integer primary key, ref text unique, number integer not null, created text not null, updated text not null, cancelled text, paid integer not null,
    person text not null
  );
  create index if not exists shop_order_updated on shop_order (updated, id);
  create table if not exists order_line (
    id integer primary key, order_id integer not null, variant_id integer not null, sku text not null, title text not null, quantity integer not null,
    wanted integer not null, price text not null
  );
  create index if not exists order_line_order on order_line (order_id, id);
  create table if not exists place (id integer primary key, order_id integer not null, status text not null, location_id text not null);
  create index if not exists place_order on place (order_id, id);
  create table if not exists place_line (id integer primary key, place_id integer not null, line_id integer not null, remaining integer not null);
  create index if not exists place_line_place on place_line (place_id, id);
  create table if not exists parcel (
    id integer primary key, order_id integer not null, location_id text not null, company text, number text, url text
  );
  create index if not exists parcel_order on parcel (order_id, id);
  create table if not exists parcel_line (id integer primary key, parcel_id integer not null, line_id integer not null, quantity integer not null);
  create index if not exists parcel_line_parcel on parcel_line (parcel_id, id);
  create table if not exists refund (id integer primary key, order_id integer not null);
  create index if not exists refund_order on refund (order_id, id);
  create table if not exists refund_line (
    id integer primary key, refund_id integer not null, line_id integer not null, quantity integer not null, restock text not null, location_id text not null
  );
  create table if not exists subscription (id integer primary key, topic text not null, uri text not null, failures integer not null);
  create table if not exists idempotency (key text primary key, asked text not null);
  create table if not exists token (token text primary key, until_ms integer not null);
`

export const LATER_COLUMNS: readonly LaterColumn[] = [
  { table: 'refund', name: 'note', type: 'text' },
  { table: 'refund', name: 'cents', type: 'integer not null default 0' },
  { table: 'place', name: 'method', type: "text not null default 'SHIPPING'" },
  { table: 'shop_order', name: 'terms', type: 'text' },
  { table: 'place', name: 'prepared', type: 'integer not null default 0' },
]

export type VariantRow = {
  id: number
  product_id: number
  item_id: number
  sku: string
  title: string
  gtin: string | null
  price: string
  compare_at: string | null
  tracked: number
  updated: string
}
export type LevelRow = { item_id: number; location_id: string; available: number; updated: string }
export type OrderRow = {
  id: number
  ref: string | null
  number: number
  created: string
  updated: string
  cancelled: string | null
  paid: number
  person: string
  terms: string | null
}
export type LineRow = {
  id: number
  order_id: number
  variant_id: number
  sku: string
  title: string
  quantity: number
  wanted: number
  price: string
}
/** `prepared`: the buyer was told that it may be picked up. */
export type PlaceRow = { id: number; order_id: number; status: string; location_id: string; method: string; prepared: number }
export type RefundRow = { id: number; order_id: number; note: string | null; cents: number }
export type PlaceLineRow = { id: number; place_id: number; line_id: number; remaining: number }
export type ParcelRow = {
  id: number
  order_id: number
  location_id: string
  company: string | null
  number: string | null
  url: string | null
}
export type PieceRow = { id: number; line_id: number; quantity: number }
export type RefundLineRow = PieceRow & { restock: string; location_id: string }
export type SubscriptionRow = { id: number; topic: string; uri: string; failures: number }

export const gidOf = (type: string, id: number | string): string => `gid://shopify/${type}/${id}`

/** The number of a global id of this type; null where it is another thing's. */
export function numberOf(type: string, gid: unknown): number | null {
  const found = new RegExp(`^gid://shopify/${type}/(\\d+)$`).exec(String(gid))?.[1]
  return found === undefined ? null : Number(found)
}
