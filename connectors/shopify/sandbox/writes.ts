import { z } from 'zod'
import { amount } from '../../../src/values/money.ts'
import type { SandboxFault } from '../../sandbox.ts'
import { type Args, Refusal, type Resolver, type Thing } from '../../sandbox-graphql.ts'
import { availableAt, itemGid, levelThing, setAvailable, setPrice, variantById, variantThing } from './catalog.ts'
import { gidOf, locationsOf, numberOf, type Shop, type VariantRow } from './schema.ts'

const ROWS_MAX = 250
const QUANTITY_MAX = 1_000_000_000

const rowShape = z.strictObject({
  inventoryItemId: z.string(),
  locationId: z.string(),
  quantity: z.int(),
  changeFromQuantity: z.int().nullable().optional(),
})
const quantitiesInput = z.strictObject({
  name: z.enum(['available', 'on_hand']),
  reason: z.string(),
  referenceDocumentUri: z.string().optional(),
  quantities: z.array(rowShape),
})
type Row = z.infer<typeof rowShape>

export type Applied =
  | { readonly kind: 'quantity'; readonly itemId: number; readonly locationId: string; readonly quantity: number }
  | { readonly kind: 'price'; readonly variantId: number; readonly price: string; readonly compareAt: string | null }

/** Does what was accepted; at once, or when the fault `late` is over. */
export function apply(shop: Shop, change: Applied): void {
  if (change.kind === 'quantity') setAvailable(shop, change.itemId, change.locationId, change.quantity, 'push')
  else setPrice(shop, change.variantId, change.price, change.compareAt)
}

const error = (type: string, code: string, field: readonly string[] | null, message: string): Thing => ({
  __typename: type,
  code,
  field,
  message,
})

/** What is accepted takes effect at once; under the faults of that name never, or late. Answers whether the answer may show it. */
function take(shop: Shop, operation: string): (change: Applied) => boolean {
  const { store } = shop
  const strikes = (kind: SandboxFault['kind']): boolean => store.strikes(kind, operation)
  const isDropped = strikes('not-applied')
  const isLate = !isDropped && strikes('late')
  return change => {
    if (isLate) store.later('apply', '', change, store.lateMs)
    else if (!isDropped) apply(shop, change)
    return !isLate && !isDropped
  }
}

/**
 * What Shopify asks of mutations on stock since 2026-04, which the schema does not say: a key, kept for a day. The same key with something else is refused; with
 * the same it is answered, and nothing is done again. Answers whether it is the first time.
 */
function isFirst(shop: Shop, directives: Readonly<Record<string, Args>>, asked: unknown): boolean | Thing {
  const key = directives.idempotent?.key
  if (typeof key !== 'string' || key === '')
    throw new Refusal('The @idempotent directive is required for this mutation but was not provided.', 'BAD_REQUEST')
  const text = JSON.stringify(asked)
  const known = shop.store.one<{ asked: string }>('select asked from idempotency where key = ?', key)
  if (known === undefined) {
    shop.store.run('insert into idempotency values (?, ?)', key, text)
    return true
  }
  if (known.asked === text) return false
  return error(
    'InventorySetQuantitiesUserError',
    'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
    null,
    'The idempotency key was used with other parameters.',
  )
}

/** The same for mutations whose errors have no codes: they are refused as a whole. */
export function firstOf(shop: Shop, directives: Readonly<Record<string, Args>>, asked: unknown): boolean {
  const first = isFirst(shop, directives, asked)
  if (typeof first === 'object') throw new Refusal(String(first.message), 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH')
  return first
}

/** `inventorySetQuantities`: all rows or none. */
export const setQuantities =
  (shop: Shop): Resolver =>
  ({ input }, directives) => {
    const raw = (input as { quantities?: unknown[] }).quantities ?? []
    if (raw.length > ROWS_MAX)
      throw new Refusal(
        `The input array size of ${raw.length} is greater than the maximum allowed of ${ROWS_MAX}.`,
        'MAX_INPUT_SIZE_EXCEEDED',
      )
    for (const row of raw)
      if (!Object.hasOwn(row as object, 'changeFromQuantity'))
        throw new Refusal('InventoryQuantityInput must include the following argument: changeFromQuantity.', 'BAD_REQUEST')
    const asked = quantitiesInput.parse(input)
    const answer = (changes: readonly Thing[], userErrors: readonly Thing[]): Thing => ({
      __typename: 'InventorySetQuantitiesPayload',
      inventoryAdjustmentGroup:
        userErrors.length > 0
          ? null
          : {
              __typename: 'InventoryAdjustmentGroup',
              id: gidOf('InventoryAdjustmentGroup', shop.store.next('group', 9001)),
              changes: () => changes,
            },
      userErrors,
    })
    const first = isFirst(shop, directives, asked)
    if (typeof first === 'object') return answer([], [first])
    if (!first) return answer([], [])
    const isPartial = shop.store.strikes('partial', 'SetQuantities')
    const errors = asked.quantities.flatMap((row, at) => {
      const [code, field, message] = (isPartial && at % 2 === 0 ? BUNDLE : wrong(shop, row)) ?? []
      return code === undefined
        ? []
        : [error('InventorySetQuantitiesUserError', code, ['input', 'quantities', String(at), field ?? ''], message ?? '')]
    })
    // None of them was done, so the key may be used again.
    if (errors.length > 0) {
      shop.store.run('delete from idempotency where key = ?', String(directives.idempotent?.key))
      return answer([], errors)
    }
    const taken = take(shop, 'SetQuantities')
    return answer(
      asked.quantities.flatMap(row => changed(row, taken)),
      [],
    )
  }

const BUNDLE = ['NON_MUTABLE_INVENTORY_ITEM', 'inventoryItemId', 'The specified inventory item is not mutable: it is a bundle.'] as const

/** Why a row is refused: code, field, words. */
function wrong(shop: Shop, row: Row): readonly [string, string, string] | null {
  const itemId = numberOf('InventoryItem', row.inventoryItemId)
  const locationId = String(numberOf('Location', row.locationId))
  if (itemId === null || !shop.store.one('select 1 as yes from variant where item_id = ?', itemId))
    return ['INVALID_INVENTORY_ITEM', 'inventoryItemId', 'The specified inventory item could not be found.']
  if (!locationsOf(shop).some(one => one.id === locationId))
    return ['INVALID_LOCATION', 'locationId', 'The specified location could not be found.']
  const now = availableAt(shop, itemId, locationId)
  if (now === null) return ['INVALID_LOCATION', 'locationId', 'The specified inventory item is not stocked at the location.']
  if (row.quantity > QUANTITY_MAX) return ['INVALID_QUANTITY_TOO_HIGH', 'quantity', `The quantity must be at most ${QUANTITY_MAX}.`]
  if (row.changeFromQuantity != null && row.changeFromQuantity !== now)
    return ['CHANGE_FROM_QUANTITY_STALE', 'changeFromQuantity', 'The changeFromQuantity value does not match the persisted quantity.']
  return null
}

function changed(row: Row, taken: (change: Applied) => boolean): Thing[] {
  const itemId = numberOf('InventoryItem', row.inventoryItemId) ?? 0
  const locationId = String(numberOf('Location', row.locationId))
  const isShown = taken({ kind: 'quantity', itemId, locationId, quantity: row.quantity })
  if (!isShown) return []
  const item = { __typename: 'InventoryItem', id: itemGid(itemId) }
  return [{ __typename: 'InventoryChange', name: 'available', quantityAfterChange: row.quantity, item }]
}

/** `inventoryActivate`: an item that the location did not stock, with its first quantity. */
export const activate =
  (shop: Shop): Resolver =>
  ({ inventoryItemId, locationId, available }, directives) => {
    const answer = (level: Thing | null, ...messages: string[]): Thing => ({
      ...{ __typename: 'InventoryActivatePayload', inventoryLevel: level },
      userErrors: messages.map(message => ({ __typename: 'UserError', field: null, message })),
    })
    const itemId = numberOf('InventoryItem', inventoryItemId)
    const location = String(numberOf('Location', locationId))
    const first = isFirst(shop, directives, { inventoryItemId, locationId, available })
    if (typeof first === 'object') return answer(null, String(first.message))
    if (itemId === null || !locationsOf(shop).some(one => one.id === location))
      return answer(null, 'The location or the inventory item could not be found.')
    if (first && availableAt(shop, itemId, location) !== null) return answer(null, 'The inventory item is stocked at the location already.')
    if (first) setAvailable(shop, itemId, location, Number(available ?? 0), 'push')
    return answer(levelThing(shop, itemId, location))
  }

const variantInput = z.strictObject({
  id: z.string(),
  price: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .optional(),
  compareAtPrice: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .nullable()
    .optional(),
})

/** `productVariantsBulkUpdate` with `allowPartialUpdates`: those that are right are changed, the others are named by their place. */
export const setPrices =
  (shop: Shop): Resolver =>
  ({ productId, variants }) => {
    const product = numberOf('Product', productId)
    const asked = z.array(variantInput).max(ROWS_MAX).parse(variants)
    const type = 'ProductVariantsBulkUpdateUserError'
    const answer = (rows: readonly VariantRow[], userErrors: readonly Thing[]): Thing => ({
      ...{ __typename: 'ProductVariantsBulkUpdatePayload', productVariants: rows.map(row => variantThing(shop, row)), userErrors },
    })
    if (product === null || !shop.store.one('select 1 as yes from product where id = ?', product))
      return answer([], [error(type, 'PRODUCT_DOES_NOT_EXIST', ['productId'], 'Product does not exist')])
    const currency = shop.options.currency ?? 'EUR'
    const isPartial = shop.store.strikes('partial', 'SetPrices')
    const taken = take(shop, 'SetPrices')
    const errors: Thing[] = []
    const rows: VariantRow[] = []
    for (const [at, { id, price, compareAtPrice }] of asked.entries()) {
      const field = (name: string): string[] => ['variants', String(at), name]
      const row = variantById(shop, numberOf('ProductVariant', id) ?? 0)
      if (row?.product_id !== product)
        errors.push(error(type, 'PRODUCT_VARIANT_DOES_NOT_EXIST', field('id'), 'Product variant does not exist'))
      else if (isPartial && at % 2 === 0) errors.push(error(type, 'INVALID_VALUE', field('price'), 'Price is invalid'))
      else {
        taken({
          ...{ kind: 'price', variantId: row.id, price: amount(price ?? row.price, currency) },
          compareAt: compareAtPrice === undefined ? row.compare_at : compareAtPrice === null ? null : amount(compareAtPrice, currency),
        })
        rows.push(variantById(shop, row.id) ?? row)
      }
    }
    return answer(rows, errors)
  }
