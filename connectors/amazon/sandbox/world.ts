import type { SandboxOptions } from '../../sandbox.ts'
import { amountAt } from '../../sandbox-prices.ts'
import { type LaterColumn, openSandboxStore, type SandboxStore } from '../../sandbox-store.ts'

export type AmazonSandboxOptions = SandboxOptions & {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  readonly sellerId: string
  readonly marketplaces: readonly { readonly id: string; readonly currency: string; readonly country: string }[]
  /** How long a change may be hidden from order searches; Amazon's own limit is two minutes. Default 0. */
  readonly searchDelayMs?: number
  /** Whether the seller is subscribed to LISTINGS_ITEM_MFN_QUANTITY_CHANGE too: one more message for each sale and each push. Default false. */
  readonly quantityNotices?: boolean
  /** Whether nobody has connected the queue at Amazon yet. Default: a person has, before the sandbox was opened first. */
  readonly unsubscribed?: boolean
  /** How long a feed waits in the queue, and how long it is worked through; each the mean time to an effect unless set. */
  readonly feedQueueMs?: number
  readonly feedWorkMs?: number
  /** The same of a report. */
  readonly reportQueueMs?: number
  readonly reportWorkMs?: number
  /** Life of an access token, s; Amazon's is 3600. */
  readonly tokenLifeS?: number
}

export type World = { readonly options: AmazonSandboxOptions; readonly store: SandboxStore }

export type ListingRow = {
  sku: string
  asin: string
  title: string
  gtin: string | null
  parent: string | null
  quantity: number
  lead_days: number | null
  created_ms: number
  updated_ms: number
}
export type OfferRow = {
  sku: string
  marketplace: string
  regular: string
  sale: string | null
  sale_from: string | null
  sale_to: string | null
  /** How late Amazon acts on the dates of the sale. */
  sale_late_ms: number
}
export type OrderRow = {
  id: string
  marketplace: string
  state: 'PENDING' | 'UNSHIPPED' | 'PARTIALLY_SHIPPED' | 'SHIPPED' | 'CANCELLED'
  is_foreign: number
  created_ms: number
  updated_ms: number
  person: string
  /** Whether the buyer picks it up at the seller's, and may. */
  pick_up: number
  ready: number
  /** The seller's own id of it, once he acknowledged it. */
  alias: string | null
  cancelled_by: 'BUYER' | 'MERCHANT'
  terms: string | null
}
export type LineRow = {
  id: string
  order_id: string
  sku: string
  title: string
  quantity: number
  wanted: number
  shipped: number
  cancelled: number
  unit_price: string
}
export type PackageRow = {
  order_id: string
  reference: string
  carrier: string
  tracking: string
  ship_at: string
  created_ms: number
  items: string
}

const SCHEMA = `
  create table if not exists listing (sku text primary key, asin text not null, title text not null, gtin text, parent text,
    quantity integer not null check (quantity >= 0), lead_days integer, created_ms integer not null unique, updated_ms integer not null);
  create table if not exists offer (sku text not null, marketplace text not null, regular text not null, sale text, sale_from text, sale_to text,
    primary key (sku, marketplace)) without rowid;
  create table if not exists purchase (ref text primary key, order_id text) without rowid;
  create table if not exists orders (id text primary key, marketplace text not null, state text not null, is_foreign integer not null,
    created_ms integer not null, updated_ms integer not null, person text not null) without rowid;
  create index if not exists orders_updated on orders (updated_ms, id);
  create table if not exists line (id text primary key, order_id text not null, sku text not null, title text not null, quantity integer not null,
    wanted integer not null, shipped integer not null default 0, cancelled integer not null default 0, unit_price text not null) without rowid;
  create index if not exists line_order on line (order_id, id);
  create table if not exists package (order_id text not null, reference text not null, carrier text not null, tracking text not null,
    ship_at text not null, created_ms integer not null, items text not null, primary key (order_id, reference)) without rowid;
  create table if not exists message (id text primary key, body text not null, visible_ms integer not null, receipt text);
  create index if not exists message_visible on message (visible_ms);
  create index if not exists message_receipt on message (receipt);
  create table if not exists document (id text primary key, content_type text not null, signature text not null, until_ms integer not null,
    body blob, packed integer not null) without rowid;
  create table if not exists feed (id text primary key, type text not null, marketplaces text not null, input text not null, status text not null,
    created_ms integer not null, begun_ms integer, ended_ms integer, result text) without rowid;
  create table if not exists report (id text primary key, type text not null, marketplace text not null, status text not null, created_ms integer not null,
    begun_ms integer, ended_ms integer, document text) without rowid;
  create table if not exists back (rma text primary key, order_id text not null, line_id text not null, sku text not null, title text not null,
    asin text not null, quantity integer not null, asked_ms integer not null, arrived_ms integer) without rowid;
  create table if not exists destination (id text primary key, name text not null, arn text not null) without rowid;
  create table if not exists subscription (id text primary key, type text not null unique, version text not null, destination text not null) without rowid;
  create table if not exists token (token text primary key, until_ms integer not null) without rowid;
`

const LATER_COLUMNS: readonly LaterColumn[] = [
  { table: 'offer', name: 'sale_late_ms', type: 'integer not null default 0' },
  { table: 'orders', name: 'pick_up', type: 'integer not null default 0' },
  { table: 'orders', name: 'ready', type: 'integer not null default 0' },
  { table: 'orders', name: 'alias', type: 'text' },
  { table: 'report', name: 'from_ms', type: 'integer not null default 0' },
  { table: 'report', name: 'to_ms', type: 'integer not null default 0' },
  { table: 'orders', name: 'cancelled_by', type: "text not null default 'BUYER'" },
  { table: 'orders', name: 'terms', type: 'text' },
]

/** Opens the sandbox's state; what an earlier process left is there again. */
export function openWorld(options: AmazonSandboxOptions): World {
  return { options, store: openSandboxStore(options, SCHEMA, LATER_COLUMNS) }
}

export function listingOf({ store }: World, sku: string): ListingRow | undefined {
  return store.one<ListingRow>('select * from listing where sku = ?', sku)
}

export function offersOf({ store }: World, sku: string): OfferRow[] {
  return store.all<OfferRow>('select * from offer where sku = ? order by marketplace', sku)
}

/** Sets what is left on a listing and writes down why. */
export function setQuantity(world: World, sku: string, quantity: number, cause: { readonly cause: string; readonly ref: string }): void {
  const nowMs = world.options.now().getTime()
  const before = listingOf(world, sku)?.quantity
  world.store.run('update listing set quantity = ?, updated_ms = ? where sku = ?', quantity, nowMs, sku)
  world.store.record('quantity', { sku, ref: cause.ref, data: { value: quantity, before, cause: cause.cause } })
}

/** The price that a buyer pays now. */
export function priceNow(offer: OfferRow, now: Date): string {
  const { regular, sale, sale_from: from, sale_to: to, sale_late_ms: lateMs } = offer
  return amountAt({ regular, sale, from, to, lateMs }, now.getTime())
}
