import { variantBody } from './catalog-body.ts'
import { asked } from './fields.ts'
import { orderBody } from './order-body.ts'
import { orderById } from './orders.ts'
import { currencyOf, locationsOf, type OrderRow, type Reply, refusal, type Shop, type VariantRow } from './schema.ts'

type List = { readonly rows: readonly Readonly<Record<string, unknown>>[]; readonly count: number }

/** The envelope of every list. */
export function listed(query: URLSearchParams, name: string, usual: number, make: (limit: number, offset: number) => List): Reply {
  const limit = Number(query.get('limit') ?? usual)
  const offset = Number(query.get('offset') ?? 0)
  if (!Number.isInteger(limit) || !Number.isInteger(offset) || limit < 0 || offset < 0)
    return refusal(400, 'invalid_data', "Invalid request: Expected type: 'number' for field 'limit'")
  const { rows, count } = make(limit, offset)
  return { status: 200, body: { [name]: rows.map(row => asked(row, query.get('fields'))), count, offset, limit } }
}

/** One value or several of a name, as both are written: `id=a`, `id[]=a&id[]=b`. */
export function named(query: URLSearchParams, name: string): string | null {
  const all = [
    ...query.getAll(name),
    ...query.getAll(`${name}[]`),
    ...[...query].flatMap(([key, value]) => (new RegExp(`^${name}\\[\\d+\\]$`).test(key) ? value : [])),
  ]
  return all.length === 0 ? null : JSON.stringify(all)
}

/** `order=a` and `order=-a`. Without one things come in no order that a caller could lean on. */
function sorted(query: URLSearchParams, columns: Readonly<Record<string, string>>): string {
  const order = query.get('order') ?? ''
  const column = columns[order.replace(/^-/, '')]
  // Those that are equal come as the database likes it.
  return column === undefined ? 'id desc' : `${column} ${order.startsWith('-') ? 'desc' : 'asc'}, id desc`
}

/** `GET /admin/product-variants`. */
export function listVariants(shop: Shop, query: URLSearchParams): Reply {
  return listed(query, 'variants', 20, (limit, offset) => {
    const where =
      'from variant where (?1 is null or id in (select value from json_each(?1))) and (?2 is null or sku in (select value from json_each(?2)))'
    const values = [named(query, 'id'), named(query, 'sku')] as const
    const order = sorted(query, { id: 'id', updated_at: 'updated', created_at: 'created' })
    const rows = shop.store.all<VariantRow>(`select * ${where} order by ${order} limit ?3 offset ?4`, ...values, limit, offset)
    return {
      rows: rows.map(row => variantBody(shop, row)),
      count: shop.store.one<{ n: number }>(`select count(*) as n ${where}`, ...values)?.n ?? 0,
    }
  })
}

/** `GET /admin/orders`, with `updated_at[$gte]` and `updated_at[$lt]`. */
export function listOrders(shop: Shop, query: URLSearchParams): Reply {
  return listed(query, 'orders', 20, (limit, offset) => {
    const where = 'from shop_order where updated >= ?1 and updated < ?2'
    const values = [query.get('updated_at[$gte]') ?? '', query.get('updated_at[$lt]') ?? '~'] as const
    const order = sorted(query, { id: 'id', updated_at: 'updated', created_at: 'created' })
    const rows = shop.store.all<OrderRow>(`select * ${where} order by ${order} limit ?3 offset ?4`, ...values, limit, offset)
    return {
      rows: rows.map(row => orderBody(shop, row)),
      count: shop.store.one<{ n: number }>(`select count(*) as n ${where}`, ...values)?.n ?? 0,
    }
  })
}

/** `GET /admin/orders/{id}`. */
export function getOrder(shop: Shop, id: string, query: URLSearchParams): Reply {
  const row = orderById(shop, id)
  if (!row) return refusal(404, 'not_found', `Order id not found: ${id}`)
  return { status: 200, body: { order: asked(orderBody(shop, row), query.get('fields')) } }
}

/** `GET /admin/stores`: there is one. */
export function listStores(shop: Shop, query: URLSearchParams): Reply {
  const at = shop.options.now().toISOString()
  const dates = { created_at: at, updated_at: at }
  const currencies = new Set(['', ...locationsOf(shop).map(one => one.id)].map(id => currencyOf(shop, id).toLowerCase()))
  const supported = [...currencies].map((code, n) => ({
    ...{ id: `stocur_01K${n}`, currency_code: code, is_default: n === 0, store_id: 'store_01K', ...dates, deleted_at: null },
    currency: {
      code,
      symbol: code,
      symbol_native: code,
      name: code,
      decimal_digits: 2,
      raw_rounding: { value: '0', precision: 20 },
      ...dates,
      deleted_at: null,
      rounding: 0,
    },
  }))
  const store = {
    ...{
      id: 'store_01K',
      name: 'Medusa Store',
      default_sales_channel_id: 'sc_01K',
      default_region_id: null,
      default_location_id: null,
      metadata: null,
    },
    ...{ ...dates, supported_currencies: supported },
  }
  return listed(query, 'stores', 50, () => ({ rows: [store], count: 1 }))
}

/** `GET /admin/stock-locations`. */
export function listLocations(shop: Shop, query: URLSearchParams): Reply {
  const at = shop.options.now().toISOString()
  return listed(query, 'stock_locations', 20, (limit, offset) => {
    const all = locationsOf(shop).map(({ id, name, isSold }) => ({
      ...{ id, name, metadata: null, created_at: at, updated_at: at, address: null },
      sales_channels: isSold === false ? [] : [{ id: 'sc_01K', name: 'Default Sales Channel', is_disabled: false }],
    }))
    return { rows: all.slice(offset, offset + limit), count: all.length }
  })
}
