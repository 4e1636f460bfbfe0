import { z } from 'zod'
import type { SandboxFault } from '../../sandbox.ts'
import { addPrice, levelOf, pricesOf, recordPrices, setStocked } from './catalog.ts'
import { levelBody, variantBody } from './catalog-body.ts'
import { type LevelRow, locationsOf, type Reply, refusal, type Shop, stampOf, type VariantRow } from './schema.ts'

// Strange names are refused at the top only.
const newLevel = z.object({
  inventory_item_id: z.string(),
  location_id: z.string(),
  stocked_quantity: z.number().optional(),
  incoming_quantity: z.number().optional(),
})
const levelsInput = z.strictObject({
  create: z.array(newLevel).default([]),
  update: z.array(newLevel.extend({ id: z.string().optional() })).default([]),
  delete: z.array(z.string()).default([]),
  force: z.boolean().optional(),
})
const priceInput = z.strictObject({
  id: z.string().optional(),
  currency_code: z.string(),
  amount: z.number(),
  min_quantity: z.number().nullish(),
  max_quantity: z.number().nullish(),
  rules: z.record(z.string(), z.string()).optional(),
})
const variantsInput = z.strictObject({
  create: z.array(z.never()).default([]),
  update: z.array(z.strictObject({ id: z.string(), prices: z.array(priceInput).optional() })).default([]),
  delete: z.array(z.never()).default([]),
})
type PriceInput = z.infer<typeof priceInput>

export type Applied =
  | { readonly kind: 'level'; readonly itemId: string; readonly locationId: string; readonly stocked: number }
  | { readonly kind: 'prices'; readonly variantId: string; readonly prices: readonly PriceInput[] }

/** Does what was accepted; at once, or when the fault `late` is over. */
export function apply(shop: Shop, change: Applied): void {
  if (change.kind === 'level') setStocked(shop, change.itemId, change.locationId, change.stocked, 'push')
  else replacePrices(shop, change.variantId, change.prices)
}

/** The whole set: what is not named is gone. */
function replacePrices(shop: Shop, variantId: string, prices: readonly PriceInput[]): void {
  const { store } = shop
  const known = new Set(pricesOf(shop, variantId).map(row => row.id))
  store.run('delete from price where variant_id = ?', variantId)
  for (const { id, currency_code: currency, amount, min_quantity: min = null, max_quantity: max = null, rules = {} } of prices)
    addPrice(shop, variantId, {
      ...{ currency: currency.toLowerCase(), amount, min, max, rules: JSON.stringify(rules) },
      ...(id !== undefined && known.has(id) ? { id } : {}),
    })
  store.run('update variant set updated = ? where id = ?', stampOf(shop), variantId)
  recordPrices(shop, variantId)
}

/** What is accepted takes effect at once; under the faults of that name never, or late. */
function taker(shop: Shop, operation: string): (change: Applied) => void {
  const strikes = (kind: SandboxFault['kind']): boolean => shop.store.strikes(kind, operation)
  const isDropped = strikes('not-applied')
  const isLate = !isDropped && strikes('late')
  return change => {
    if (isLate) shop.store.later('apply', '', change, shop.store.lateMs)
    else if (!isDropped) apply(shop, change)
  }
}

/** Medusa's words for a body that is not of the shape: each field with its path. */
export function invalid(error: z.ZodError): Reply {
  const words = error.issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys') return [`Unrecognized fields: '${[...issue.path, ...issue.keys].join(', ')}'`]
    const name = issue.path.join(', ')
    return [
      issue.message.includes('undefined')
        ? `Field '${name}' is required`
        : `Expected type: '${issue.code === 'invalid_type' ? issue.expected : 'other'}' for field '${name}'`,
    ]
  })
  return refusal(400, 'invalid_data', `Invalid request: ${words.join('; ')}`)
}

/** What the platform dies of: nothing of the call took effect, as each is one transaction. */
const FAILED: Reply = { status: 500, body: { code: 'unknown_error', type: 'unknown_error', message: 'An unknown error occurred.' } }

/** `POST /admin/inventory-items/location-levels/batch`: all rows or none. */
export function batchLevels(shop: Shop, body: unknown): Reply {
  const read = levelsInput.safeParse(body)
  if (!read.success) return invalid(read.error)
  const { create, update } = read.data
  const { store } = shop
  const skuOf = (itemId: string): string | undefined => store.one<VariantRow>('select * from variant where item_id = ?', itemId)?.sku
  if ([...create, ...update].some(row => store.strikes('poison', 'levels.batch', skuOf(row.inventory_item_id)))) return FAILED
  if (store.strikes('partial', 'levels.batch'))
    for (const row of update.filter((_, at) => at % 2 === 0))
      store.run('update level set barred = 1 where item_id = ?', row.inventory_item_id)
  const missing = update.filter(row => (levelOf(shop, row.inventory_item_id, row.location_id)?.barred ?? 1) === 1)
  if (missing.length > 0) {
    const words = missing.map(row => `Item ${row.inventory_item_id} is not stocked at location ${row.location_id}`)
    return refusal(404, 'not_found', words.join(', '))
  }
  for (const row of create) {
    if (!locationsOf(shop).some(one => one.id === row.location_id))
      return refusal(404, 'not_found', `Stock locations with ids: ${row.location_id} was not found`)
    if (levelOf(shop, row.inventory_item_id, row.location_id))
      return refusal(
        400,
        'invalid_data',
        `Inventory level with item_id: ${row.inventory_item_id}, location_id: ${row.location_id}, already exists.`,
      )
  }
  const take = taker(shop, 'levels.batch')
  for (const row of [...create, ...update])
    take({ kind: 'level', itemId: row.inventory_item_id, locationId: row.location_id, stocked: row.stocked_quantity ?? 0 })
  const written = (rows: typeof create): LevelRow[] => rows.flatMap(row => levelOf(shop, row.inventory_item_id, row.location_id) ?? [])
  return {
    status: 200,
    body: {
      created: written(create).map(levelBody),
      updated: written(update).map(row => ({
        ...levelBody(row),
        inventory_item: { id: row.item_id, reserved_quantity: null, stocked_quantity: null },
        available_quantity: row.stocked - row.reserved,
      })),
      deleted: [],
    },
  }
}

/** `POST /admin/products/{id}/variants/batch`, as far as prices go: all variants or none. */
export function batchVariants(shop: Shop, productId: string, body: unknown): Reply {
  const read = variantsInput.safeParse(body)
  if (!read.success) return invalid(read.error)
  const { store } = shop
  const { update } = read.data
  const rows = update.map(({ id }) => store.one<VariantRow>('select * from variant where id = ? and product_id = ?', id, productId))
  const unknown = update.filter((_, at) => rows[at] === undefined).map(({ id }) => id)
  if (unknown.length > 0) return refusal(400, 'invalid_data', `Cannot update non-existing variants with ids: ${unknown.join(', ')}`)
  if (rows.some(row => store.strikes('poison', 'variants.batch', row?.sku))) return FAILED
  if (store.strikes('partial', 'variants.batch')) return refusal(400, 'invalid_data', 'Price set could not be updated')
  const take = taker(shop, 'variants.batch')
  for (const { id, prices } of update) if (prices) take({ kind: 'prices', variantId: id, prices })
  const updated = rows.flatMap(row => store.one<VariantRow>('select * from variant where id = ?', row?.id ?? '') ?? [])
  const told = updated.map(row => {
    const { product: _product, inventory_items: _items, ...rest } = variantBody(shop, row)
    return rest
  })
  return { status: 200, body: { created: [], updated: told, deleted: { ids: [], object: 'variant', deleted: true } } }
}
