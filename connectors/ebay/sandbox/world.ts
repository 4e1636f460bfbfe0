import type { SandboxOptions } from '../../sandbox.ts'
import { type LaterColumn, openSandboxStore, type SandboxStore } from '../../sandbox-store.ts'

export type EbaySandboxOptions = SandboxOptions & {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  /** The marketplace on which everything is offered: at eBay a SKU is sold on one only. */
  readonly marketplace: { readonly id: string; readonly currency: string; readonly country: string }
  /** Asks an address a question (GET) and answers its words; null when it cannot be reached. Without it no address can be verified. */
  readonly ask?: (url: string) => Promise<string | null>
  /** Whether only one SKU is taken in a bulk update, as the text of eBay's description says. Default false: 25, as the model says. */
  readonly oneSkuPerCall?: boolean
  /** Calls per API and day, before the scale. */
  readonly dailyCalls?: number
  /** Life of an access token, s; eBay's is 7200. */
  readonly tokenLifeS?: number
  /** Consents of the seller that are missing, as the end of their scope: `sell.fulfillment`. */
  readonly missingScopes?: readonly string[]
}

export type World = { readonly options: EbaySandboxOptions; readonly store: SandboxStore }

export type ItemRow = { sku: string; title: string; gtin: string | null; group_key: string | null; quantity: number; seq: number }
export type OfferRow = {
  id: string
  sku: string
  marketplace: string
  price: string
  available: number | null
  status: 'PUBLISHED' | 'UNPUBLISHED'
  listing_id: string
  /** Everything else that the offer has, as JSON. */
  more: string
}
export type OrderRow = {
  id: string
  payment: 'PENDING' | 'PAID' | 'PARTIALLY_REFUNDED' | 'FULLY_REFUNDED'
  cancel: 'NONE_REQUESTED' | 'CANCELED'
  cancelled_ms: number | null
  is_foreign: number
  created_ms: number
  updated_ms: number
  person: string
  refunds: string
  terms: string | null
}
export type LineRow = {
  id: string
  order_id: string
  sku: string
  title: string
  listing_id: string
  quantity: number
  wanted: number
  shipped: number
  refunded: number
  unit_price: string
}
/** Money that went back: `line_id` empty for one of the order as a whole; `done_ms` null while it is on its way. */
export type RefundRow = { id: string; order_id: string; line_id: string; cents: number; done_ms: number | null }
export type ParcelRow = { id: string; order_id: string; carrier: string; tracking: string; shipped_at: string; items: string }

const SCHEMA = `
  create table if not exists item (sku text primary key, title text not null, gtin text, group_key text,
    quantity integer not null check (quantity >= 0), seq integer not null unique);
  create table if not exists offer (id text primary key, sku text not null, marketplace text not null, price text not null, available integer,
    status text not null, listing_id text not null, more text not null) without rowid;
  create index if not exists offer_sku on offer (sku);
  create table if not exists revision (listing_id text not null, day text not null, count integer not null, primary key (listing_id, day)) without rowid;
  create table if not exists purchase (ref text primary key, order_id text) without rowid;
  create table if not exists orders (id text primary key, payment text not null, cancel text not null, cancelled_ms integer, is_foreign integer not null,
    created_ms integer not null, updated_ms integer not null, person text not null, refunds text not null) without rowid;
  create index if not exists orders_updated on orders (updated_ms, id);
  create table if not exists line (id text primary key, order_id text not null, sku text not null, title text not null, listing_id text not null,
    quantity integer not null, wanted integer not null, shipped integer not null default 0, refunded integer not null default 0,
    unit_price text not null) without rowid;
  create index if not exists line_order on line (order_id, id);
  create table if not exists parcel (id text primary key, order_id text not null, carrier text not null, tracking text not null,
    shipped_at text not null, items text not null) without rowid;
  create index if not exists parcel_order on parcel (order_id, id);
  create table if not exists refund (id text primary key, order_id text not null, line_id text not null, cents integer not null, done_ms integer) without rowid;
  create index if not exists refund_order on refund (order_id, id);
  create table if not exists token (token text primary key, bearer text not null, until_ms integer not null) without rowid;
  create table if not exists calls (api text not null, day text not null, count integer not null, primary key (api, day)) without rowid;
  create table if not exists setting (name text primary key, value text not null) without rowid;
  create table if not exists destination (id text primary key, name text not null, status text not null, endpoint text not null, token text not null,
    failures integer not null default 0) without rowid;
  create table if not exists subscription (id text primary key, topic text not null, bearer text not null, status text not null,
    destination_id text not null, version text not null, created text not null) without rowid;
`

const LATER_COLUMNS: readonly LaterColumn[] = [{ table: 'orders', name: 'terms', type: 'text' }]

/** Opens the sandbox's state; what an earlier process left is there again. */
export function openWorld(options: EbaySandboxOptions): World {
  return { options, store: openSandboxStore(options, SCHEMA, LATER_COLUMNS) }
}

export function itemOf({ store }: World, sku: string): ItemRow | undefined {
  return store.one<ItemRow>('select * from item where sku = ?', sku)
}

export function offerOf({ store }: World, id: string): OfferRow | undefined {
  return store.one<OfferRow>('select * from offer where id = ?', id)
}

export function offersOf({ store }: World, sku: string): OfferRow[] {
  return store.all<OfferRow>('select * from offer where sku = ? order by id', sku)
}

/** What buyers may take of a SKU: what there is, or less where its offer says so. */
export function shownQuantity(item: ItemRow, offer: OfferRow | undefined): number {
  return Math.min(item.quantity, offer?.available ?? item.quantity)
}

/** Sets what there is of a SKU, and what its offer has where that is limited, and writes down why. */
export function setQuantity(world: World, sku: string, quantity: number, cause: { readonly cause: string; readonly ref: string }): void {
  const before = itemOf(world, sku)?.quantity
  world.store.run('update item set quantity = ? where sku = ?', quantity, sku)
  world.store.run('update offer set available = ? where sku = ? and available is not null', quantity, sku)
  world.store.record('quantity', { sku, ref: cause.ref, data: { value: quantity, before, cause: cause.cause } })
}

/** The calendar day of an instant; eBay does not say in which zone. */
export function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10)
}
