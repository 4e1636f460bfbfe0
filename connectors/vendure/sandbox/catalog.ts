import { Decimal } from 'decimal.js'
import type { SandboxEdit, SandboxListing, ShownListing } from '../../sandbox.ts'
import type { Thing } from '../../sandbox-graphql.ts'
import { recordPrice } from '../../sandbox-prices.ts'
import {
  currenciesOf,
  type LevelRow,
  locationsOf,
  mainOf,
  precisionOf,
  type Server,
  stampOf,
  thresholdOf,
  type VariantRow,
} from './schema.ts'

/** Adds goods, at the first location; a parent is a product with several variants. Prices are by currency; where none is named, in all. */
export function seed(server: Server, listings: readonly SandboxListing[]): void {
  const { store } = server
  for (const { sku, title, quantity, prices, parent } of listings) {
    if (store.one('select 1 as yes from variant where sku = ?', sku)) continue
    const name = parent ?? title
    const known = store.one<{ id: number }>('select id from product where name = ?', name)
    const productId = known?.id ?? store.next('product')
    if (!known) store.run('insert into product values (?, ?)', productId, name)
    const id = store.next('variant')
    store.run('insert into variant values (?, ?, ?, ?, ?, 1, 0)', id, productId, sku, title, 'INHERIT')
    setOnHand(server, id, mainOf(server), quantity, 'seed')
    for (const currency of currenciesOf(server)) {
      const amount = prices[currency] ?? Object.values(prices)[0]
      if (amount !== undefined) setPrice(server, id, currency, minorOf(server, amount))
    }
  }
}

export const minorOf = (server: Server, amount: string): number =>
  new Decimal(amount)
    .times(10 ** precisionOf(server))
    .round()
    .toNumber()
const majorOf = (server: Server, minor: number): string => new Decimal(minor).div(10 ** precisionOf(server)).toString()

/** Somebody edits the goods in Vendure itself: what may be sold (he counts, and knows what is promised), and prices. */
export function edit(server: Server, { sku, quantity, prices }: SandboxEdit): void {
  const row = server.store.one<VariantRow>('select * from variant where sku = ?', sku)
  if (!row) throw new Error(`there is no variant ${sku}`)
  if (quantity !== undefined) {
    const { allocated } = levelAt(server, row.id, mainOf(server))
    setOnHand(server, row.id, mainOf(server), quantity + allocated, 'edit')
  }
  for (const [currency, amount] of Object.entries(prices ?? {}))
    if (currenciesOf(server).includes(currency)) setPrice(server, row.id, currency, minorOf(server, amount))
}

export function remove({ store }: Server, sku: string): void {
  const id = store.one<VariantRow>('select * from variant where sku = ?', sku)?.id ?? 0
  for (const table of ['level', 'price'] as const) store.run(`delete from ${table} where variant_id = ?`, id)
  store.run('delete from variant where id = ?', id)
}

/** What shoppers see: what lies there without what is allocated and kept back, and the price in each currency. */
export function shown(server: Server): ShownListing[] {
  return server.store.all<VariantRow>('select * from variant order by id').map(row => ({
    sku: row.sku,
    quantity: Math.max(0, saleable(server, row.id)),
    prices: Object.fromEntries(pricesOf(server, row.id).map(one => [one.currency, { regular: majorOf(server, one.amount), sale: null }])),
  }))
}

/** What Vendure sells of a variant, at all of its locations together. */
export function saleable(server: Server, variantId: number): number {
  const row = server.store.one<{ n: number }>(
    'select coalesce(sum(on_hand - allocated), 0) as n from level where variant_id = ?',
    variantId,
  )
  return (row?.n ?? 0) - thresholdOf(server)
}

export const variantById = ({ store }: Server, id: unknown): VariantRow | undefined =>
  store.one<VariantRow>('select * from variant where id = ?', Number(id))

export function levelAt({ store }: Server, variantId: number, locationId: string): LevelRow {
  const found = store.one<LevelRow>('select * from level where variant_id = ? and location_id = ?', variantId, locationId)
  return found ?? { variant_id: variantId, location_id: locationId, on_hand: 0, allocated: 0 }
}

function setLevel({ store }: Server, { variant_id, location_id, on_hand, allocated }: LevelRow): void {
  store.run(
    'insert into level values (?, ?, ?, ?) on conflict (variant_id, location_id) do update set on_hand = excluded.on_hand, allocated = excluded.allocated',
    ...[variant_id, location_id, on_hand, allocated],
  )
}

/** Moves units on the shelf and in the allocation of it; both may fall below zero. */
export function moveLevel(
  server: Server,
  variantId: number,
  locationId: string,
  by: { onHand?: number; allocated?: number },
  cause: string,
): void {
  const now = levelAt(server, variantId, locationId)
  setLevel(server, { ...now, on_hand: now.on_hand + (by.onHand ?? 0), allocated: now.allocated + (by.allocated ?? 0) })
  tell(server, variantId, locationId, cause)
}

export function setOnHand(server: Server, variantId: number, locationId: string, onHand: number, cause: string): void {
  setLevel(server, { ...levelAt(server, variantId, locationId), on_hand: onHand })
  tell(server, variantId, locationId, cause)
}

/** `value` is what may be sold of it, as at other platforms; what lies there and what is allocated stand beside it. */
function tell(server: Server, variantId: number, locationId: string, cause: string): void {
  const { on_hand: onHand, allocated } = levelAt(server, variantId, locationId)
  const data = { value: onHand - allocated, onHand, allocated, cause }
  server.store.record('quantity', { sku: variantById(server, variantId)?.sku ?? String(variantId), ref: locationId, data })
}

export function setPrice(server: Server, variantId: number, currency: string, amount: number): void {
  const { store } = server
  store.run(
    'insert into price values (?, ?, ?) on conflict (variant_id, currency) do update set amount = excluded.amount',
    ...[variantId, currency, amount],
  )
  const taken = { channelRef: currency, regular: majorOf(server, amount), sale: null, from: null, to: null, lateMs: 0 }
  recordPrice(store, { sku: variantById(server, variantId)?.sku ?? '' }, taken)
}

export const pricesOf = ({ store }: Server, variantId: number): { currency: string; amount: number }[] =>
  store.all('select currency, amount from price where variant_id = ? order by rowid', variantId)

/** A variant as the Admin API shows it. */
export function variantThing(server: Server, row: VariantRow): Thing {
  const updatedAt = stampOf(server)
  return {
    ...{
      __typename: 'ProductVariant',
      id: String(row.id),
      sku: row.sku,
      name: row.name,
      enabled: row.enabled === 1,
      trackInventory: row.track,
    },
    ...{ productId: String(row.product_id), product: { __typename: 'Product', id: String(row.product_id), enabled: true } },
    price: () => pricesOf(server, row.id).find(one => one.currency === currenciesOf(server)[0])?.amount ?? null,
    prices: () =>
      pricesOf(server, row.id).map(one => ({ __typename: 'ProductVariantPrice', currencyCode: one.currency, price: one.amount })),
    stockLevels: () =>
      locationsOf(server).map(({ id }) => {
        const { on_hand: stockOnHand, allocated: stockAllocated } = levelAt(server, row.id, id)
        return { ...{ __typename: 'StockLevel', id: `${row.id}-${id}`, stockLocationId: id, stockOnHand, stockAllocated, updatedAt } }
      }),
  }
}
