import type { SandboxOptions } from '../../sandbox.ts'
import type { LaterColumn, SandboxStore } from '../../sandbox-store.ts'

export type SandboxLocation = { readonly id: string; readonly name: string }

export type VendureSandboxOptions = SandboxOptions & {
  /** The API key that the server knows. */
  readonly apiKey: string
  /** An administrator, who opens sessions; none unless told. */
  readonly administrator?: { readonly username: string; readonly password: string }
  /** How long a session lives, s; a day unless told. */
  readonly sessionS?: number
  readonly channelToken?: string
  /** The currencies that the channel sells in, its own first; EUR unless told. */
  readonly currencies?: readonly string[]
  readonly pricesIncludeTax?: boolean
  /** Digits behind the point that amounts have, in all currencies; 2 unless told. */
  readonly precision?: number
  /** One unless told. New goods lie at the first. */
  readonly locations?: readonly SandboxLocation[]
  /** What the key may do; everything unless told. */
  readonly permissions?: readonly Permission[]
  /** Units that are kept back of each variant; 0 unless told. */
  readonly outOfStockThreshold?: number
  /** What stands in front of the server lets so many calls through each second (and as many at once); 40 unless told. */
  readonly perS?: number
}

export const PERMISSIONS = ['ReadCatalog', 'UpdateCatalog', 'ReadOrder', 'UpdateOrder'] as const
export type Permission = (typeof PERMISSIONS)[number]

/** The shop: its options and its store, handed to everything that it does. */
export type Server = { readonly options: VendureSandboxOptions; readonly store: SandboxStore }

const DEFAULT_LOCATION: SandboxLocation = { id: '1', name: 'Default Stock Location' }

export const locationsOf = ({ options }: Server): readonly SandboxLocation[] => options.locations ?? [DEFAULT_LOCATION]
export const mainOf = (server: Server): string => locationsOf(server)[0]?.id ?? DEFAULT_LOCATION.id
export const currenciesOf = ({ options }: Server): readonly string[] => options.currencies ?? ['EUR']
export const precisionOf = ({ options }: Server): number => options.precision ?? 2
export const thresholdOf = ({ options }: Server): number => options.outOfStockThreshold ?? 0
export const channelTokenOf = ({ options }: Server): string => options.channelToken ?? 'token-of-the-default-channel'

/** Now, to the second, as Vendure on SQLite keeps `updatedAt`. */
export const stampOf = ({ options }: Server): string => `${options.now().toISOString().slice(0, 19)}.000Z`

export const SCHEMA = `
  create table if not exists product (id integer primary key, name text not null unique);
  create table if not exists variant (
    id integer primary key, product_id integer not null, sku text not null unique, name text not null, track text not null, enabled integer not null, is_barred integer not null
  );
  create table if not exists price (variant_id integer not null, currency text not null, amount integer not null, primary key (variant_id, currency));
  create table if not exists level (
    variant_id integer not null, location_id text not null, on_hand integer not null, allocated integer not null, primary key (variant_id, location_id)
  );
  create table if not exists shop_order (
    id integer primary key, ref text unique, code text not null, state text not null, type text not null, placed text, updated text not null,
    currency text not null, person text not null
  );
  create index if not exists shop_order_placed on shop_order (placed, id);
  create index if not exists shop_order_updated on shop_order (updated, id);
  create table if not exists order_line (
    id integer primary key, order_id integer not null, variant_id integer not null, sku text not null, name text not null, quantity integer not null,
    placed_quantity integer not null, wanted integer not null, price integer not null, updated text not null
  );
  create index if not exists order_line_order on order_line (order_id, id);
  create table if not exists movement (id integer primary key, kind text not null, line_id integer not null, location_id text not null, quantity integer not null);
  create index if not exists movement_line on movement (line_id, id);
  create table if not exists fulfilment (id integer primary key, order_id integer not null, state text not null, method text not null, tracking text not null, updated text not null);
  create index if not exists fulfilment_order on fulfilment (order_id, id);
  create table if not exists fulfilment_line (id integer primary key, fulfilment_id integer not null, line_id integer not null, quantity integer not null);
  create index if not exists fulfilment_line_fulfilment on fulfilment_line (fulfilment_id, id);
  create table if not exists modification_line (id integer primary key, order_id integer not null, line_id integer not null, quantity integer not null);
  create table if not exists payment (id integer primary key, order_id integer not null, amount integer not null, updated text not null);
  create index if not exists payment_order on payment (order_id, id);
  create table if not exists refund (id integer primary key, payment_id integer not null, total integer not null, reason text, created text not null);
  create index if not exists refund_payment on refund (payment_id, id);
  create table if not exists cancellation (id integer primary key, order_id integer not null, data text not null);
  create index if not exists cancellation_order on cancellation (order_id, id);
  create table if not exists session (token text primary key, until_ms integer not null);
`

export const LATER_COLUMNS: readonly LaterColumn[] = [{ table: 'shop_order', name: 'terms', type: 'text' }]

export type VariantRow = { id: number; product_id: number; sku: string; name: string; track: string; enabled: number; is_barred: number }
export type LevelRow = { variant_id: number; location_id: string; on_hand: number; allocated: number }
export type OrderRow = {
  id: number
  ref: string | null
  code: string
  state: string
  type: string
  placed: string | null
  updated: string
  currency: string
  person: string
  terms: string | null
}
export type LineRow = {
  id: number
  order_id: number
  variant_id: number
  sku: string
  name: string
  quantity: number
  placed_quantity: number
  wanted: number
  price: number
  updated: string
}
export type FulfilmentRow = { id: number; order_id: number; state: string; method: string; tracking: string; updated: string }
export type PieceRow = { id: number; line_id: number; quantity: number }
export type PaymentRow = { id: number; order_id: number; amount: number; updated: string }
export type RefundRow = { id: number; payment_id: number; total: number; reason: string | null; created: string }
