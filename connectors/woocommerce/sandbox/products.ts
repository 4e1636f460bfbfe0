import { z } from 'zod'
import type { SandboxEdit, SandboxListing, ShownListing } from '../../sandbox.ts'
import { recordPrice, SCHEDULE_LATE_MS } from '../../sandbox-prices.ts'
import { announce } from './hooks.ts'
import { isOnSale, productBody } from './product-body.ts'
import { CHANNEL, failure, type ProductRow, paged, pageOf, type Shop, stampOf, type WooReply } from './schema.ts'

const BATCH_MAX = 100

const money = z.string().regex(/^(\d+(\.\d+)?)?$/)
const time = z.string().regex(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)?$/)
const change = z.object({
  id: z.int(),
  manage_stock: z.boolean().optional(),
  stock_quantity: z.int().optional(),
  regular_price: money.optional(),
  sale_price: money.optional(),
  date_on_sale_from_gmt: time.optional(),
  date_on_sale_to_gmt: time.optional(),
})
const taken = change.extend({ late_ms: z.int().default(0) })
const batch = z.looseObject({
  create: z.array(z.unknown()).default([]),
  update: z.array(z.unknown()).default([]),
  delete: z.array(z.unknown()).default([]),
})

const ALL = 'select * from product'

/** `GET /products` (parent null) and `GET /products/{parent}/variations`. */
export function listProducts({ store, options }: Shop, query: URLSearchParams, parentId: number | null): WooReply {
  const page = pageOf(query)
  if ('status' in page) return page
  if (parentId !== null && !store.one(`${ALL} where id = ? and parent_id = 0`, parentId))
    return failure(404, 'woocommerce_rest_product_invalid_id', 'Invalid ID.')
  const ids = (query.get('include') ?? '').split(',').filter(Boolean).map(Number)
  const skus = (query.get('sku') ?? '').split(',').filter(Boolean)
  const type = query.get('type')
  // Asked by SKU, `/products` finds variations too.
  const where = `from product where (parent_id = ? or (? <> '[]' and ? = 0)) and (? = '[]' or id in (select value from json_each(?))) and (? = '[]' or sku in (select value from json_each(?))) and (? is null or type = ?)`
  const [idList, skuList] = [JSON.stringify(ids), JSON.stringify(skus)]
  const values = [parentId ?? 0, skuList, parentId ?? 0, idList, idList, skuList, skuList, type, type]
  const total = store.one<{ n: number }>(`select count(*) as n ${where}`, ...values)?.n ?? 0
  const way = query.get('order') === 'asc' ? 'asc' : 'desc'
  const rows = store.all<ProductRow>(`select * ${where} order by id ${way} limit ? offset ?`, ...values, page.limit, page.offset)
  const fields = query.get('_fields')?.split(',') ?? null
  const bodies = rows.map(row => productBody(row, options.now()))
  return paged(
    fields === null ? bodies : bodies.map(body => Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)))),
    total,
    page.limit,
  )
}

/** `POST /products/batch` and `POST /products/{parent}/variations/batch`: 200 with the errors inside the items. */
export function batchProducts(shop: Shop, body: unknown, parentId: number | null): WooReply {
  const read = batch.safeParse(body)
  if (!read.success) return failure(400, 'rest_invalid_param', 'Invalid parameter(s): update')
  const { create, update, delete: remove } = read.data
  const max = shop.options.batchMax ?? BATCH_MAX
  if (create.length + update.length + remove.length > max)
    return failure(413, 'woocommerce_rest_request_entity_too_large', `Unable to accept more than ${max} items for this request.`)
  if (create.length + remove.length > 0) return failure(400, 'sandbox_not_offered', 'The sandbox only updates.')
  const { store } = shop
  const operation = parentId === null ? 'products.batch' : 'variations.batch'
  const isPartial = store.strikes('partial', operation)
  const isDropped = store.strikes('not-applied', operation)
  const isLate = store.strikes('late', operation)
  const lateMs = store.strikes('schedule-late', operation) ? SCHEDULE_LATE_MS : 0
  let isDead = false
  const answers = update.map((item, at) => {
    if (isDead) return item
    const asked = change.safeParse(item)
    if (!asked.success) return itemFailure(item, 400, 'rest_invalid_param', z.prettifyError(asked.error))
    const row = store.one<ProductRow>(`${ALL} where id = ?`, asked.data.id)
    if (!row) return itemFailure(item, 400, 'woocommerce_rest_product_invalid_id', 'Invalid ID.')
    if (row.parent_id !== (parentId ?? 0)) {
      if (parentId !== null) return itemFailure(item, 404, 'woocommerce_rest_product_variation_invalid_id', 'Invalid ID.')
      const words = 'To manipulate product variations you should use the /products/<product_id>/variations/<id> endpoint.'
      return itemFailure(item, 404, 'woocommerce_rest_invalid_product_id', words)
    }
    isDead = store.strikes('poison', operation, row.sku ?? '')
    if (isDead) return item
    if (isPartial && at % 2 === 0)
      return itemFailure(item, 403, 'woocommerce_rest_cannot_edit', 'Sorry, you are not allowed to edit this resource.')
    const wanted = { ...asked.data, late_ms: lateMs }
    if (isLate) store.later('apply', String(row.id), wanted, store.lateMs)
    else if (!isDropped) applyChange(shop, wanted)
    return productBody(store.one<ProductRow>(`${ALL} where id = ?`, row.id) ?? row, shop.options.now())
  })
  // A plug-in's fatal error in the middle: what stood before it is done.
  if (isDead) return failure(500, 'internal_server_error', '<p>There has been a critical error on this website.</p>')
  // PHP writes an empty map as a list.
  return { status: 200, body: update.length === 0 ? [] : { update: answers } }
}

/** Does what a batch item asked; also used for what takes effect late. */
export function applyChange(shop: Shop, asked: unknown): void {
  const { store } = shop
  const wanted = taken.parse(asked)
  const row = store.one<ProductRow>(`${ALL} where id = ?`, wanted.id)
  if (!row) return
  const manages = wanted.manage_stock ?? row.manage_stock === 1
  const stock = manages ? (wanted.stock_quantity ?? row.stock ?? 0) : null
  const regular = wanted.regular_price ?? row.regular
  const sale = wanted.sale_price ?? row.sale
  const from = wanted.date_on_sale_from_gmt === undefined ? row.sale_from : wanted.date_on_sale_from_gmt || null
  const to = wanted.date_on_sale_to_gmt === undefined ? row.sale_to : wanted.date_on_sale_to_gmt || null
  const isPriced = wanted.regular_price !== undefined || wanted.sale_price !== undefined
  const lateMs = isPriced ? wanted.late_ms : row.sale_late_ms
  store.run(
    'update product set manage_stock = ?, stock = ?, regular = ?, sale = ?, sale_from = ?, sale_to = ?, modified = ?, sale_late_ms = ? where id = ?',
    ...[manages ? 1 : 0, stock, regular, sale, from, to, stampOf(shop), lateMs, row.id],
  )
  const sku = row.sku ?? String(row.id)
  if (wanted.stock_quantity !== undefined || wanted.manage_stock !== undefined)
    store.record('quantity', { sku, data: { value: stock, cause: 'pushed' } })
  if (isPriced) {
    const period = { from: from && `${from}.000Z`, to: to && `${to}.000Z`, lateMs }
    recordPrice(store, { sku, data: { regular, sale, from, to } }, { channelRef: CHANNEL, regular, sale: sale || null, ...period })
  }
  announce(shop, 'product.updated', row.id)
}

/** Somebody edits the product in the shop's own back office. */
export function edit(shop: Shop, { sku, quantity, prices }: SandboxEdit): void {
  const row = shop.store.one<ProductRow>(`${ALL} where sku = ?`, sku)
  if (!row) throw new Error(`there is no product ${sku}`)
  const regular = prices?.[CHANNEL]
  applyChange(shop, {
    id: row.id,
    ...(quantity === undefined ? {} : { stock_quantity: quantity }),
    ...(regular === undefined ? {} : { regular_price: regular, sale_price: '' }),
  })
}

/** The product is deleted for good. */
export function remove({ store }: Shop, sku: string): void {
  store.run('delete from product where sku = ?', sku)
}

/** Takes units off (negative) or puts them back, with the cause for the journal. */
export function moveStock(shop: Shop, productId: number, by: number, cause: string): void {
  const row = shop.store.one<{ sku: string | null; stock: number }>(
    'update product set stock = stock + ?, modified = ? where id = ? and manage_stock = 1 returning sku, stock',
    ...[by, stampOf(shop), productId],
  )
  if (!row) return
  shop.store.record('quantity', { sku: row.sku ?? String(productId), data: { value: row.stock, cause } })
  announce(shop, 'product.updated', productId)
}

export function seed(shop: Shop, listings: readonly SandboxListing[]): void {
  const { store } = shop
  const now = stampOf(shop)
  const insert = (row: Omit<ProductRow, 'id' | 'created' | 'modified' | 'sale' | 'sale_from' | 'sale_to' | 'sale_late_ms'>): number => {
    const id = store.next('post', 11)
    const values = [id, row.parent_id, row.type, row.name, row.sku, row.gtin, row.manage_stock, row.stock, row.regular, now, now]
    store.run("insert into product values (?, ?, ?, ?, ?, ?, ?, ?, ?, '', null, null, ?, ?, 0)", ...values)
    return id
  }
  for (const { sku, title, gtin, quantity, prices, parent } of listings) {
    if (store.one(`${ALL} where sku = ?`, sku)) continue
    const regular = prices[CHANNEL] ?? Object.values(prices)[0] ?? ''
    let parentId = 0
    if (parent !== null) {
      const found = store.one<{ id: number }>("select id from product where type = 'variable' and sku = ?", parent)
      const family = {
        parent_id: 0,
        type: 'variable',
        name: parent,
        sku: parent,
        gtin: null,
        manage_stock: 0,
        stock: null,
        regular: '',
      } as const
      parentId = found?.id ?? insert(family)
    }
    insert({
      parent_id: parentId,
      type: parent === null ? 'simple' : 'variation',
      name: title,
      sku,
      gtin,
      manage_stock: 1,
      stock: quantity,
      regular,
    })
  }
}

/** What shoppers see of everything that can be bought. */
export function shown({ store, options }: Shop): ShownListing[] {
  const rows = store.all<ProductRow>(`${ALL} where type <> 'variable' and sku is not null order by id`)
  return rows.map(row => ({
    sku: row.sku ?? '',
    quantity: row.stock ?? 0,
    prices: { [CHANNEL]: { regular: row.regular, sale: isOnSale(row, options.now()) ? row.sale : null } },
  }))
}

function itemFailure(item: unknown, status: number, code: string, message: string): Record<string, unknown> {
  const known = z.looseObject({ id: z.int() }).safeParse(item)
  return { id: known.success ? known.data.id : 0, error: { code, message, data: { status } } }
}
