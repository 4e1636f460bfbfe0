import type { ProductRow } from './schema.ts'

/** Whether the sale price holds at this instant: set, and within its period. */
export function isOnSale(row: ProductRow, now: Date): boolean {
  const at = new Date(now.getTime() - row.sale_late_ms).toISOString().slice(0, 19)
  return row.sale !== '' && (row.sale_from ?? '') <= at && (row.sale_to ?? '~') > at
}

/** The product as the REST API and `product.updated` write it. */
export function productBody(row: ProductRow, now: Date): Record<string, unknown> {
  const onSale = isOnSale(row, now)
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    status: 'publish',
    parent_id: row.parent_id,
    sku: row.sku ?? '',
    global_unique_id: row.gtin ?? '',
    price: onSale ? row.sale : row.regular,
    regular_price: row.regular,
    sale_price: row.sale,
    date_on_sale_from: row.sale_from,
    date_on_sale_from_gmt: row.sale_from,
    date_on_sale_to: row.sale_to,
    date_on_sale_to_gmt: row.sale_to,
    on_sale: onSale,
    purchasable: row.type !== 'variable',
    manage_stock: row.manage_stock === 1,
    stock_quantity: row.stock,
    stock_status: row.stock === null || row.stock > 0 ? 'instock' : 'outofstock',
    backorders: 'no',
    attributes: [],
    meta_data: [],
    date_created: row.created,
    date_created_gmt: row.created,
    date_modified: row.modified,
    date_modified_gmt: row.modified,
  }
}
