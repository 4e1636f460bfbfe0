import type { SandboxOptions } from '../../sandbox.ts'
import type { LaterColumn, SandboxStore } from '../../sandbox-store.ts'

export type WooSandboxOptions = SandboxOptions & {
  readonly consumerKey: string
  readonly consumerSecret: string
  /** The shop's one currency; EUR unless told. */
  readonly currency?: string
  /** What the key may do; `read_write` unless told. */
  readonly permissions?: 'read' | 'read_write'
  /** Whether the Shipment Tracking extension is installed; not unless told. */
  readonly shipmentTracking?: boolean
  /** Items per batch; 100 unless the host set the filter `woocommerce_rest_batch_items_limit` lower. */
  readonly batchMax?: number
  /** False where the shop's payment cannot give money back by itself, such as a bank transfer. */
  readonly paysBack?: boolean
  /** What stands in front of the shop lets so many calls through each second (and as many at once); 10 unless told. */
  readonly perS?: number
  /** The shop's one pick-up location; "Main street" unless told. */
  readonly pickUpPlace?: string
}

/** The shop: its options and its store, handed to everything that it does. */
export type Shop = { readonly options: WooSandboxOptions; readonly store: SandboxStore }

/** The one channel of a shop. */
export const CHANNEL = 'shop'

export const SCHEMA = `
  create table if not exists product (
    id integer primary key, parent_id integer not null, type text not null, name text not null, sku text unique, gtin text,
    manage_stock integer not null, stock integer, regular text not null, sale text not null, sale_from text, sale_to text,
    created text not null, modified text not null
  );
  create index if not exists product_parent on product (parent_id, id);
  create table if not exists shop_order (
    id integer primary key, ref text unique, status text not null, currency text not null, created text not null, modified text not null,
    paid text, completed text, total text not null, person text not null, meta text not null
  );
  create index if not exists shop_order_modified on shop_order (modified, id);
  create table if not exists order_line (
    id integer primary key, order_id integer not null, product_id integer not null, name text not null, sku text not null,
    quantity integer not null, wanted integer not null, price text not null, reduced integer not null, restocked integer not null
  );
  create index if not exists order_line_order on order_line (order_id, id);
  create table if not exists refund (id integer primary key, order_id integer not null, created text not null, amount text not null, lines text not null);
  create index if not exists refund_order on refund (order_id, id);
  create table if not exists note (id integer primary key, order_id integer not null, note text not null, customer integer not null, created text not null);
  create table if not exists tracking (id text primary key, order_id integer not null, provider text not null, number text not null, shipped text not null);
  create table if not exists webhook (
    id integer primary key, name text not null, status text not null, topic text not null, url text not null, secret text not null,
    failures integer not null, created text not null, modified text not null
  );
  create table if not exists nonce (nonce text primary key, at integer not null);
  create index if not exists nonce_at on nonce (at);
`

export const LATER_COLUMNS: readonly LaterColumn[] = [
  { table: 'product', name: 'sale_late_ms', type: 'integer not null default 0' },
  { table: 'shop_order', name: 'pick_up', type: 'text' },
  { table: 'shop_order', name: 'terms', type: 'text' },
  { table: 'refund', name: 'meta', type: "text not null default '[]'" },
  { table: 'refund', name: 'paid', type: 'integer not null default 0' },
]

export type ProductRow = {
  id: number
  parent_id: number
  type: 'simple' | 'variable' | 'variation'
  name: string
  sku: string | null
  gtin: string | null
  manage_stock: number
  stock: number | null
  regular: string
  sale: string
  sale_from: string | null
  sale_to: string | null
  created: string
  modified: string
  /** How late the shop acts on the dates of the sale. */
  sale_late_ms: number
}

export type OrderRow = {
  id: number
  ref: string | null
  status: string
  currency: string
  created: string
  modified: string
  paid: string | null
  completed: string | null
  total: string
  person: string
  meta: string
  pick_up: string | null
  terms: string | null
}

/** `reduced`: units that this line has taken from the stock and not given back. */
export type LineRow = {
  id: number
  order_id: number
  product_id: number
  name: string
  sku: string
  quantity: number
  wanted: number
  price: string
  reduced: number
  restocked: number
}

/** `paid`: the money went back through the gateway. */
export type RefundRow = { id: number; order_id: number; created: string; amount: string; lines: string; meta: string; paid: number }
export type WebhookRow = {
  id: number
  name: string
  status: string
  topic: string
  url: string
  secret: string
  failures: number
  created: string
  modified: string
}

/** What WooCommerce answers: a status, a body, and paging headers where there are pages. */
export type WooReply = { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }

/** WooCommerce's error body. */
export function failure(status: number, code: string, message: string): WooReply {
  return { status, body: { code, message, data: { status } } }
}

/** A page of rows with the headers that tell how many there are. */
export function paged(rows: readonly unknown[], total: number, perPage: number): WooReply {
  return { status: 200, body: rows, headers: { 'x-wp-total': String(total), 'x-wp-totalpages': String(Math.ceil(total / perPage)) } }
}

/** Now in WordPress's spelling: UTC to the second. */
export function stampOf(shop: Shop): string {
  return shop.options.now().toISOString().slice(0, 19)
}

/** Page and page size of a query, or why they are refused. */
export function pageOf(query: URLSearchParams): { limit: number; offset: number } | WooReply {
  const limit = Number(query.get('per_page') ?? 10)
  const page = Number(query.get('page') ?? 1)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return failure(400, 'rest_invalid_param', 'Invalid parameter(s): per_page')
  if (!Number.isInteger(page) || page < 1) return failure(400, 'rest_invalid_param', 'Invalid parameter(s): page')
  return { limit, offset: (page - 1) * limit }
}
