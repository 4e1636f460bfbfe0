import { levelOf, pricesOf } from './catalog.ts'
import { type LevelRow, locationsOf, type PriceRow, type Shop, type VariantRow } from './schema.ts'

/** Medusa's own spelling of numbers that must not lose a digit. */
export const raw = (value: number): { value: string; precision: number } => ({ value: String(value), precision: 20 })

const SIZES = { hs_code: null, origin_country: null, mid_code: null, material: null, weight: null, length: null, height: null, width: null }

export function variantBody(shop: Shop, row: VariantRow): Record<string, unknown> {
  const { id, sku, title, created, updated, product_id } = row
  const product = shop.store.one<{ title: string }>('select title from product where id = ?', product_id)
  return {
    ...{
      id,
      title,
      sku,
      thumbnail: null,
      barcode: null,
      ean: row.ean,
      upc: null,
      allow_backorder: false,
      manage_inventory: row.managed === 1,
    },
    ...{ ...SIZES, metadata: null, variant_rank: 0, product_id, created_at: created, updated_at: updated, deleted_at: null },
    options: [optionBody(row)],
    product: { id: product_id, title: product?.title ?? '', status: 'published' },
    prices: pricesOf(shop, id).map(priceBody),
    inventory_items: row.managed === 1 ? [linkBody(shop, row)] : [],
  }
}

/** Each product here has one option, whose value is the variant's title. */
function optionBody({ id, title, created, updated }: VariantRow): Record<string, unknown> {
  const dates = { created_at: created, updated_at: updated, deleted_at: null }
  const option_id = id.replace('variant', 'opt')
  return { id: id.replace('variant', 'optval'), value: title, rank: null, metadata: null, option_id, option: { id: option_id }, ...dates }
}

export function priceBody(row: PriceRow): Record<string, unknown> {
  return {
    ...{
      id: row.id,
      amount: row.amount,
      currency_code: row.currency,
      min_quantity: row.min,
      max_quantity: row.max,
      variant_id: row.variant_id,
    },
    ...{ created_at: row.created, updated_at: row.created, rules: JSON.parse(row.rules) },
  }
}

function linkBody(shop: Shop, { id, item_id, sku, title, required, created, updated }: VariantRow): Record<string, unknown> {
  const dates = { created_at: created, updated_at: updated, deleted_at: null }
  const levels = locationsOf(shop).flatMap(place => levelOf(shop, item_id, place.id) ?? [])
  return {
    ...{ variant_id: id, inventory_item_id: item_id, id: item_id.replace('iitem', 'pvitem'), required_quantity: required, ...dates },
    inventory: {
      ...{ id: item_id, sku, ...SIZES, unit_of_measure: null, requires_shipping: true, description: title, title, thumbnail: null },
      ...{ metadata: null, ...dates, reserved_quantity: null, stocked_quantity: null },
      location_levels: levels.map(row => ({ ...levelBody(row), available_quantity: row.stocked - row.reserved })),
    },
  }
}

export function levelBody(row: LevelRow): Record<string, unknown> {
  return {
    ...{ id: row.id, location_id: row.location_id, metadata: null, inventory_item_id: row.item_id },
    ...{ raw_stocked_quantity: raw(row.stocked), raw_reserved_quantity: raw(row.reserved), raw_incoming_quantity: raw(0) },
    ...{ created_at: row.created, updated_at: row.updated, deleted_at: null },
    ...{ stocked_quantity: row.stocked, reserved_quantity: row.reserved, incoming_quantity: 0 },
  }
}
