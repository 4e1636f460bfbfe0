import type { SandboxEdit, SandboxListing, ShownListing } from '../../sandbox.ts'
import type { Args, Thing } from '../../sandbox-graphql.ts'
import { recordPrice } from '../../sandbox-prices.ts'
import { connection } from './execute.ts'
import { gidOf, type LevelRow, locationsOf, mainOf, numberOf, type Shop, stampOf, type VariantRow } from './schema.ts'

/** Adds goods, at the shop's first location; a parent is a product with several variants. */
export function seed(shop: Shop, listings: readonly SandboxListing[]): void {
  const { store } = shop
  const now = stampOf(shop)
  for (const { sku, title, gtin, quantity, prices, parent } of listings) {
    if (store.one('select 1 as yes from variant where sku = ?', sku)) continue
    const name = parent ?? title
    const known = store.one<{ id: number }>('select id from product where title = ?', name)
    const productId = known?.id ?? store.next('product', 5001)
    if (!known) store.run('insert into product values (?, ?)', productId, name)
    const id = store.next('variant', 40_001)
    const itemId = store.next('item', 50_001)
    const price = prices[mainOf(shop).id] ?? Object.values(prices)[0] ?? '0.00'
    const values = [id, productId, itemId, sku, parent === null ? 'Default Title' : title, gtin, price, null, 1, now] as const
    store.run('insert into variant values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...values)
    store.run('insert into level values (?, ?, ?, ?)', itemId, mainOf(shop).id, quantity, now)
    recordPrices(shop, sku, price, null)
  }
}

/** Somebody edits the goods in the shop's own admin: stock at the first location, and a price without a sale. */
export function edit(shop: Shop, { sku, quantity, prices }: SandboxEdit): void {
  const row = shop.store.one<VariantRow>('select * from variant where sku = ?', sku)
  if (!row) throw new Error(`there is no variant ${sku}`)
  if (quantity !== undefined) setAvailable(shop, row.item_id, mainOf(shop).id, quantity, 'edit')
  const price = prices === undefined ? undefined : Object.values(prices)[0]
  if (price !== undefined) setPrice(shop, row.id, price, null)
}

export function remove({ store }: Shop, sku: string): void {
  store.run('delete from level where item_id = (select item_id from variant where sku = ?)', sku)
  store.run('delete from variant where sku = ?', sku)
}

/** What shoppers see: the stock of the shop's own locations together, and its one price. */
export function shown(shop: Shop): ShownListing[] {
  const refs = locationsOf(shop).map(one => one.id)
  const rows = shop.store.all<VariantRow & { stock: number }>(
    `select v.*, coalesce((select sum(available) from level l where l.item_id = v.item_id and l.location_id in (select value from json_each(?))), 0) as stock
       from variant v order by v.id`,
    JSON.stringify(refs),
  )
  return rows.map(({ sku, stock, price, compare_at: compareAt }) => {
    const isSale = compareAt !== null && Number(compareAt) > Number(price)
    const seen = isSale ? { regular: compareAt, sale: price } : { regular: price, sale: null }
    return { sku, quantity: stock, prices: Object.fromEntries(refs.map(ref => [ref, seen])) }
  })
}

export function availableAt({ store }: Shop, itemId: number, locationId: string): number | null {
  const found = store.one<LevelRow>('select * from level where item_id = ? and location_id = ?', itemId, locationId)
  return found?.available ?? null
}

export function setAvailable(shop: Shop, itemId: number, locationId: string, available: number, cause: string): void {
  const { store } = shop
  store.run(
    'insert into level values (?, ?, ?, ?) on conflict (item_id, location_id) do update set available = excluded.available, updated = excluded.updated',
    ...[itemId, locationId, available, stampOf(shop)],
  )
  const variant = store.one<VariantRow>('select * from variant where item_id = ?', itemId)
  store.record('quantity', { sku: variant?.sku ?? String(itemId), ref: locationId, data: { value: available, cause } })
}

/** Takes units off (negative) or puts them back. */
export function moveStock(shop: Shop, variantId: number, locationId: string, by: number, cause: string): void {
  const item = shop.store.one<{ item_id: number }>('select item_id from variant where id = ?', variantId)
  const now = item ? availableAt(shop, item.item_id, locationId) : null
  if (item && now !== null) setAvailable(shop, item.item_id, locationId, now + by, cause)
}

export function setPrice(shop: Shop, variantId: number, price: string, compareAt: string | null): void {
  const row = shop.store.one<VariantRow>(
    'update variant set price = ?, compare_at = ?, updated = ? where id = ? returning *',
    ...[price, compareAt, stampOf(shop), variantId],
  )
  if (row) recordPrices(shop, row.sku, price, compareAt)
}

function recordPrices(shop: Shop, sku: string, price: string, compareAt: string | null): void {
  const isSale = compareAt !== null && Number(compareAt) > Number(price)
  const amounts = isSale ? { regular: compareAt, sale: price } : { regular: price, sale: null }
  for (const { id } of locationsOf(shop)) recordPrice(shop.store, { sku }, { channelRef: id, ...amounts, from: null, to: null, lateMs: 0 })
}

export const variantById = ({ store }: Shop, id: number): VariantRow | undefined =>
  store.one<VariantRow>('select * from variant where id = ?', id)

export const itemGid = (itemId: number): string => gidOf('InventoryItem', itemId)

export function levelThing(shop: Shop, itemId: number, locationId: string): Thing | null {
  const row = shop.store.one<LevelRow>('select * from level where item_id = ? and location_id = ?', itemId, locationId)
  if (!row) return null
  return {
    ...{ __typename: 'InventoryLevel', id: gidOf('InventoryLevel', `${itemId}${locationId}`), updatedAt: row.updated, isActive: true },
    quantities: ({ names }: Args) =>
      (names as string[]).map(name => ({
        ...{ __typename: 'InventoryQuantity', name, quantity: row.available, updatedAt: row.updated },
      })),
  }
}

export function variantThing(shop: Shop, row: VariantRow): Thing {
  const product = shop.store.one<{ title: string }>('select title from product where id = ?', row.product_id)
  return {
    ...{ __typename: 'ProductVariant', id: gidOf('ProductVariant', row.id), sku: row.sku, title: row.title, barcode: row.gtin },
    ...{ displayName: `${product?.title ?? ''} - ${row.title}`, price: row.price, compareAtPrice: row.compare_at, updatedAt: row.updated },
    product: { __typename: 'Product', id: gidOf('Product', row.product_id), status: 'ACTIVE' },
    inventoryItem: {
      ...{ __typename: 'InventoryItem', id: itemGid(row.item_id), tracked: row.tracked === 1 },
      inventoryLevel: ({ locationId }: Args) => levelThing(shop, row.item_id, String(numberOf('Location', locationId) ?? '')),
    },
  }
}

export function variantList(shop: Shop, args: Args): Thing {
  const rows = shop.store.all<VariantRow>('select * from variant order by id')
  return connection(
    rows,
    args,
    row => String(row.id),
    row => variantThing(shop, row),
  )
}
