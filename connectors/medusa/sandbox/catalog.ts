import type { SandboxEdit, SandboxListing, ShownListing } from '../../sandbox.ts'
import { recordPrice } from '../../sandbox-prices.ts'
import { currencyOf, type LevelRow, locationsOf, makeId, type PriceRow, type Shop, stampOf, type VariantRow } from './schema.ts'

const mainOf = (shop: Shop): string => locationsOf(shop)[0]?.id ?? ''

/** Adds goods, at the shop's first location; a parent is a product with several variants. */
export function seed(shop: Shop, listings: readonly SandboxListing[]): void {
  const { store } = shop
  const now = stampOf(shop)
  for (const { sku, title, gtin, quantity, prices, parent } of listings) {
    if (store.one('select 1 as yes from variant where sku = ?', sku)) continue
    const name = parent ?? title
    const known = store.one<{ id: string }>('select id from product where title = ?', name)
    const productId = known?.id ?? makeId(shop, 'prod')
    if (!known) store.run('insert into product values (?, ?, ?)', productId, name, now)
    const id = makeId(shop, 'variant')
    const itemId = makeId(shop, 'iitem')
    const values = [id, productId, itemId, sku, parent === null ? 'Default variant' : title, gtin, 1, 1, now, now] as const
    store.run('insert into variant values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...values)
    store.run('insert into level values (?, ?, ?, ?, 0, ?, ?, 0)', makeId(shop, 'ilev'), itemId, mainOf(shop), quantity, now, now)
    const byCurrency = new Map(Object.entries(prices).map(([ref, price]) => [currencyOf(shop, ref).toLowerCase(), price]))
    for (const [currency, price] of byCurrency) addPrice(shop, id, { currency, amount: Number(price), min: null, max: null, rules: '{}' })
    recordPrices(shop, id)
  }
}

/** Somebody edits the goods in Medusa's own admin: what lies at the first location, and the prices of its currency. */
export function edit(shop: Shop, { sku, quantity, prices }: SandboxEdit): void {
  const row = shop.store.one<VariantRow>('select * from variant where sku = ?', sku)
  if (!row) throw new Error(`there is no variant ${sku}`)
  if (quantity !== undefined) setStocked(shop, row.item_id, mainOf(shop), quantity, 'edit')
  for (const [ref, price] of Object.entries(prices ?? {})) {
    const currency = currencyOf(shop, ref).toLowerCase()
    shop.store.run("update price set amount = ? where variant_id = ? and currency = ? and rules = '{}'", Number(price), row.id, currency)
  }
  if (prices) recordPrices(shop, row.id)
}

export function remove({ store }: Shop, sku: string): void {
  store.run('delete from level where item_id = (select item_id from variant where sku = ?)', sku)
  store.run('delete from price where variant_id = (select id from variant where sku = ?)', sku)
  store.run('delete from variant where sku = ?', sku)
}

/** What shoppers see: what lies at the shop's own locations less what is reserved there, and the price of each location's currency. */
export function shown(shop: Shop): ShownListing[] {
  const places = locationsOf(shop)
  return shop.store.all<VariantRow>('select * from variant order by id').map(({ id, item_id: itemId, sku }) => {
    const free = places.map(({ id: at }) => availableAt(shop, itemId, at))
    const prices = pricesOf(shop, id)
    const priced = places.flatMap(({ id: at }) => {
      const found = prices.find(one => one.currency === currencyOf(shop, at).toLowerCase() && one.rules === '{}')
      return found ? [[at, { regular: String(found.amount), sale: null }] as const] : []
    })
    return { sku, quantity: free.reduce((sum, one) => sum + Math.floor(one), 0), prices: Object.fromEntries(priced) }
  })
}

export const levelOf = ({ store }: Shop, itemId: string, locationId: string): LevelRow | undefined =>
  store.one<LevelRow>('select * from level where item_id = ? and location_id = ?', itemId, locationId)

export function availableAt(shop: Shop, itemId: string, locationId: string): number {
  const level = levelOf(shop, itemId, locationId)
  return level ? level.stocked - level.reserved : 0
}

/** Sets what lies there; what is reserved stays. */
export function setStocked(shop: Shop, itemId: string, locationId: string, stocked: number, cause: string): void {
  const now = stampOf(shop)
  shop.store.run(
    'insert into level values (?, ?, ?, ?, 0, ?, ?, 0) on conflict (item_id, location_id) do update set stocked = excluded.stocked, updated = excluded.updated',
    ...[makeId(shop, 'ilev'), itemId, locationId, stocked, now, now],
  )
  noteQuantity(shop, itemId, locationId, cause)
}

/** Moves what lies there and what is reserved, as orders do. */
export function moveLevel(
  shop: Shop,
  itemId: string,
  locationId: string,
  by: { stocked?: number; reserved?: number },
  cause: string,
): void {
  shop.store.run(
    'update level set stocked = stocked + ?, reserved = reserved + ?, updated = ? where item_id = ? and location_id = ?',
    ...[by.stocked ?? 0, by.reserved ?? 0, stampOf(shop), itemId, locationId],
  )
  noteQuantity(shop, itemId, locationId, cause)
}

/** The journal tells what may be sold, as everywhere; what lies there stands beside it. */
function noteQuantity(shop: Shop, itemId: string, locationId: string, cause: string): void {
  const level = levelOf(shop, itemId, locationId)
  if (!level) return
  const variant = shop.store.one<VariantRow>('select * from variant where item_id = ?', itemId)
  // A part of a unit is nothing to buy.
  const data = { value: Math.floor(level.stocked - level.reserved), stocked: level.stocked, reserved: level.reserved, cause }
  shop.store.record('quantity', { sku: variant?.sku ?? itemId, ref: locationId, data })
}

export const pricesOf = ({ store }: Shop, variantId: string): PriceRow[] =>
  store.all<PriceRow>('select * from price where variant_id = ? order by id', variantId)

export function addPrice(
  shop: Shop,
  variantId: string,
  price: Pick<PriceRow, 'currency' | 'amount' | 'min' | 'max' | 'rules'> & { id?: string },
): void {
  const { id = makeId(shop, 'price'), currency, amount, min, max, rules } = price
  shop.store.run('insert into price values (?, ?, ?, ?, ?, ?, ?, ?)', id, variantId, currency, amount, min, max, rules, stampOf(shop))
}

/** What buyers see at each location from now on. */
export function recordPrices(shop: Shop, variantId: string): void {
  const row = shop.store.one<VariantRow>('select * from variant where id = ?', variantId)
  const prices = pricesOf(shop, variantId)
  for (const { id } of locationsOf(shop)) {
    const found = prices.find(one => one.currency === currencyOf(shop, id).toLowerCase() && one.rules === '{}')
    if (row && found)
      recordPrice(
        shop.store,
        { sku: row.sku },
        { channelRef: id, regular: String(found.amount), sale: null, from: null, to: null, lateMs: 0 },
      )
  }
}
