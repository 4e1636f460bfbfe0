import { z } from 'zod'
import { announce } from './hooks.ts'
import { metaShape, orderBody } from './order-body.ts'
import { moveStock } from './products.ts'
import { failure, type LineRow, type OrderRow, paged, pageOf, type Shop, stampOf, type WooReply } from './schema.ts'

const STATES = ['pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', 'failed', 'checkout-draft', 'trash'] as const
const REDUCING: ReadonlySet<string> = new Set(['processing', 'on-hold', 'completed'])
const RESTORING: ReadonlySet<string> = new Set(['cancelled', 'pending'])
const COLUMNS: Readonly<Record<string, string>> = { modified: 'modified', date: 'created', id: 'id' }

const change = z.looseObject({
  status: z.enum(STATES).optional(),
  meta_data: z.array(z.looseObject({ key: z.string().min(1), value: z.unknown() })).optional(),
})

const invalid = failure(404, 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.')

export function findOrder({ store }: Shop, id: number): OrderRow | undefined {
  return store.one<OrderRow>('select * from shop_order where id = ?', id)
}

/** `GET /orders`. Orders of one second come in no order that a caller could lean on. */
export function listOrders(shop: Shop, query: URLSearchParams): WooReply {
  const page = pageOf(query)
  if ('status' in page) return page
  const column = COLUMNS[query.get('orderby') ?? 'date']
  if (!column) return failure(400, 'rest_invalid_param', 'Invalid parameter(s): orderby')
  const way = query.get('order') === 'asc' ? 'asc' : 'desc'
  // Both ends are excluded, as WP_Date_Query does it. The shop's own zone is UTC, so `dates_are_gmt` makes no difference here.
  const where = "from shop_order where modified > ? and modified < ? and status <> 'trash'"
  const values = [query.get('modified_after') ?? '', query.get('modified_before') ?? '~']
  const total = shop.store.one<{ n: number }>(`select count(*) as n ${where}`, ...values)?.n ?? 0
  const rows = shop.store.all<OrderRow>(
    `select * ${where} order by ${column} ${way}, id desc limit ? offset ?`,
    ...values,
    page.limit,
    page.offset,
  )
  return paged(
    rows.map(row => orderBody(shop, row)),
    total,
    page.limit,
  )
}

/** `GET /orders/{id}`. */
export function getOrder(shop: Shop, id: number): WooReply {
  const row = findOrder(shop, id)
  return row ? { status: 200, body: orderBody(shop, row) } : invalid
}

/** `PUT /orders/{id}`: state and meta data; that is an act of whoever holds the key. */
export function updateOrder(shop: Shop, id: number, body: unknown): WooReply {
  const row = findOrder(shop, id)
  if (!row) return invalid
  const read = change.safeParse(body)
  if (!read.success) return failure(400, 'rest_invalid_param', `Invalid parameter(s): ${z.prettifyError(read.error)}`)
  const { status, meta_data: added = [] } = read.data
  const meta = metaShape.parse(JSON.parse(row.meta))
  for (const { key, value } of added) {
    const old = meta.find(entry => entry.key === key)
    if (old) old.value = value
    else meta.push({ id: shop.store.next('meta', 1000), key, value })
  }
  shop.store.run('update shop_order set meta = ? where id = ?', JSON.stringify(meta), id)
  shop.store.record('act', { ref: String(id), data: { status: status ?? null, meta: added } })
  setStatus(shop, id, status ?? row.status)
  return getOrder(shop, id)
}

/** Moves an order to a state with what that does to the stock, and tells the webhooks. */
export function setStatus(shop: Shop, id: number, status: string): void {
  const { store } = shop
  const now = stampOf(shop)
  for (const line of store.all<LineRow>('select * from order_line where order_id = ? order by id', id)) {
    const isTaken = line.reduced > 0 || line.restocked > 0
    if (REDUCING.has(status) && !isTaken) {
      store.run('update order_line set reduced = quantity where id = ?', line.id)
      moveStock(shop, line.product_id, -line.quantity, `order ${id}`)
    } else if (RESTORING.has(status) && line.reduced > 0) {
      store.run('update order_line set reduced = 0 where id = ?', line.id)
      moveStock(shop, line.product_id, line.reduced, `order ${id} ${status}`)
    }
  }
  store.run(
    `update shop_order set status = ?, modified = ?, paid = case when ? in ('processing', 'completed') then coalesce(paid, ?) else paid end,
       completed = case when ? = 'completed' then coalesce(completed, ?) else completed end where id = ?`,
    ...[status, now, status, now, status, now, id],
  )
  announce(shop, 'order.updated', id)
}

const newNote = z.looseObject({ note: z.string().min(1), customer_note: z.boolean().default(false) })
type NoteRow = { id: number; note: string; customer: number; created: string }

/** `GET /orders/{id}/notes`, `type` being `customer`, `internal` or `any`. */
export function listNotes(shop: Shop, id: number, query: URLSearchParams): WooReply {
  if (!findOrder(shop, id)) return invalid
  const type = query.get('type') ?? 'any'
  const rows = shop.store.all<NoteRow>('select * from note where order_id = ? order by id desc', id)
  return { status: 200, body: rows.filter(row => type === 'any' || (type === 'customer') === (row.customer === 1)).map(noteBody) }
}

/** `POST /orders/{id}/notes`. */
export function createNote(shop: Shop, id: number, body: unknown): WooReply {
  if (!findOrder(shop, id)) return invalid
  const read = newNote.safeParse(body)
  if (!read.success) return failure(400, 'rest_missing_callback_param', 'Missing parameter(s): note')
  const row = {
    id: shop.store.next('comment', 300),
    note: read.data.note,
    customer: read.data.customer_note ? 1 : 0,
    created: stampOf(shop),
  }
  shop.store.run('insert into note values (?, ?, ?, ?, ?)', row.id, id, row.note, row.customer, row.created)
  shop.store.record('note', { ref: String(id), data: { note: row.note, customer: row.customer === 1 } })
  return { status: 201, body: noteBody(row) }
}

const noteBody = ({ id, note, customer, created }: NoteRow): Record<string, unknown> => ({
  id,
  author: 'system',
  date_created: created,
  date_created_gmt: created,
  note,
  customer_note: customer === 1,
})

const newTracking = z.looseObject({
  tracking_provider: z.string().default(''),
  custom_tracking_provider: z.string().default(''),
  tracking_number: z.string().min(1),
  date_shipped: z.string().default(''),
})
type TrackingRow = { id: string; provider: string; number: string; shipped: string }

/** `GET /wc-shipment-tracking/v3/orders/{id}/shipment-trackings`. */
export function listTrackings(shop: Shop, id: number): WooReply {
  if (!findOrder(shop, id)) return invalid
  return { status: 200, body: shop.store.all<TrackingRow>('select * from tracking where order_id = ?', id).map(trackingBody) }
}

/** `POST` of the same. */
export function createTracking(shop: Shop, id: number, body: unknown): WooReply {
  if (!findOrder(shop, id)) return invalid
  const read = newTracking.safeParse(body)
  if (!read.success) return failure(400, 'rest_missing_callback_param', 'Missing parameter(s): tracking_number')
  const { tracking_provider, custom_tracking_provider, tracking_number, date_shipped } = read.data
  const row = {
    id: `t${shop.store.next('tracking')}`,
    provider: tracking_provider || custom_tracking_provider,
    number: tracking_number,
    shipped: date_shipped,
  }
  shop.store.run('insert into tracking values (?, ?, ?, ?, ?)', row.id, id, row.provider, row.number, row.shipped)
  shop.store.record('tracking', { ref: String(id), data: { provider: row.provider, number: row.number } })
  return { status: 201, body: trackingBody(row) }
}

const trackingBody = (row: TrackingRow): Record<string, unknown> => ({
  tracking_id: row.id,
  tracking_provider: row.provider,
  tracking_link: '',
  tracking_number: row.number,
  date_shipped: row.shipped,
})
