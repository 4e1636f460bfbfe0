import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { type Gate, type Needs, refuse } from './gate.ts'
import { notifyOrder } from './notifications.ts'
import { orderView, parcelsOf, parcelView } from './order-view.ts'
import { linesOf, orderRow, touch } from './shop.ts'
import type { OrderRow, World } from './world.ts'

const BASE = '/sell/fulfillment/v1/order'
const DOMAIN = 'API_FULFILLMENT'
const NEEDS: Needs = { api: 'fulfillment', bearer: 'user', scope: 'sell.fulfillment' }
const PAGE_MAX = 200
const YEARS_MS = 2 * 366 * 24 * 3_600_000

const shipmentShape = z.object({
  lineItems: z.array(z.object({ lineItemId: z.string(), quantity: z.int().positive().default(1) })).min(1),
  shippedDate: z.iso.datetime({ offset: true }).optional(),
  shippingCarrierCode: z.string().min(1).optional(),
  trackingNumber: z.string().min(1).optional(),
})

/** Sell Fulfillment: orders by their change, one order, its parcels. */
export function addOrders(app: Hono, world: World, gate: Gate): void {
  const named =
    (handle: (order: OrderRow, context: Context) => Response | Promise<Response>, missing: 400 | 404 = 400) =>
    (context: Context) => {
      const id = context.req.param('id') ?? ''
      const order = orderRow(world, id)
      return order ? handle(order, context) : refuse(missing, 32100, `Invalid Order Id: ${id}`, DOMAIN)
    }
  app.get(
    BASE,
    gate('getOrders', NEEDS, context => search(world, context)),
  )
  app.get(
    `${BASE}/:id`,
    gate(
      'getOrder',
      NEEDS,
      named(order => Response.json(orderView(world, order)), 404),
    ),
  )
  app.get(
    `${BASE}/:id/shipping_fulfillment`,
    gate(
      'getShippingFulfillments',
      NEEDS,
      named(order => {
        const fulfillments = parcelsOf(world, order.id).map(parcelView)
        return Response.json({ fulfillments, total: fulfillments.length })
      }),
    ),
  )
  app.post(
    `${BASE}/:id/shipping_fulfillment`,
    gate(
      'createShippingFulfillment',
      NEEDS,
      named(async (order, context) => {
        const body = await context.req.json().catch(() => null)
        return world.store.change(() => ship(world, order, body))
      }),
    ),
  )
}

/** eBay promises no order of the results; here the newest order comes first, whenever it was changed. */
function search(world: World, context: Context): Response {
  const wrong = (id: number, words: string): Response => refuse(400, id, words, DOMAIN)
  const limit = Number(context.req.query('limit') ?? 50)
  const offset = Number(context.req.query('offset') ?? 0)
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) return wrong(31100, `Invalid limit: ${limit}`)
  if (!Number.isInteger(offset) || offset < 0) return wrong(31000, `Invalid offset: ${offset}`)
  const nowMs = world.options.now().getTime()
  const filter = context.req.query('filter')
  const period = filter === undefined ? [] : /^lastmodifieddate:\[([^\]]*?)\.\.([^\]]*)\]$/.exec(filter)
  if (period === null) return wrong(30700, `Invalid filter name: ${filter}`)
  const from = period[1] ? Date.parse(period[1]) : nowMs - 90 * 24 * 3_600_000
  const to = period[2] ? Date.parse(period[2]) : Number.MAX_SAFE_INTEGER
  if (Number.isNaN(from) || Number.isNaN(to)) return wrong(30810, 'Invalid date format')
  if (from > to) return wrong(30840, 'Start date should be before end date')
  if (from > nowMs || (period[2] && to > nowMs)) return wrong(30850, "Start and end dates can't be in the future")
  if (nowMs - from > YEARS_MS && filter !== undefined && from > 0)
    return wrong(30830, "Time range between start date and end date must be within '2' years.")
  const total = world.store.one<{ n: number }>('select count(*) as n from orders where updated_ms between ? and ?', from, to)?.n ?? 0
  const rows = world.store.all<OrderRow>(
    'select * from orders where updated_ms between ? and ? order by created_ms desc, id desc limit ? offset ?',
    ...[from, to, limit, offset],
  )
  const next = offset + limit < total ? { next: `${BASE}?limit=${limit}&offset=${offset + limit}` } : {}
  return Response.json({ href: context.req.path, ...next, total, limit, offset, orders: rows.map(row => orderView(world, row)) })
}

function ship(world: World, order: OrderRow, body: unknown): Response {
  const wrong = (id: number, words: string): Response => refuse(400, id, words, DOMAIN)
  const asked = shipmentShape.safeParse(body)
  if (!asked.success) return wrong(32600, `Invalid input data: ${z.prettifyError(asked.error)}`)
  const { lineItems, shippedDate, shippingCarrierCode: carrier, trackingNumber: tracking } = asked.data
  if ((carrier === undefined) !== (tracking === undefined) || !/^[A-Za-z0-9]*$/.test(tracking ?? ''))
    return wrong(32300, 'Invalid shipment tracking number or carrier')
  if (shippedDate !== undefined && Date.parse(shippedDate) > world.options.now().getTime() + 1000)
    return wrong(32500, 'Invalid shipped date')
  if (order.cancel === 'CANCELED' || order.is_foreign === 1 || order.payment === 'PENDING')
    return wrong(32600, 'Invalid input data: the order cannot be shipped')
  const lines = linesOf(world, order.id)
  for (const one of lineItems) {
    const line = lines.find(each => each.id === one.lineItemId)
    if (!line) return wrong(32200, `Invalid line item id: ${one.lineItemId}`)
    line.shipped += one.quantity
    if (line.shipped > line.quantity) return wrong(32600, `Invalid input data: line ${line.id} has ${line.quantity} units`)
  }
  const { store } = world
  const id = tracking ?? String(9_000_000 + store.next('parcel'))
  if (store.one('select 1 as yes from parcel where order_id = ? and tracking = ?', order.id, tracking ?? ''))
    return new Response(null, { status: 409 })
  for (const line of lines) store.run('update line set shipped = ? where id = ?', line.shipped, line.id)
  const items = lineItems.map(one => ({ lineItemId: one.lineItemId, quantity: one.quantity }))
  const shippedAt = shippedDate === undefined ? world.options.now().toISOString() : new Date(shippedDate).toISOString()
  store.run(
    'insert into parcel values (?, ?, ?, ?, ?, ?)',
    `${order.id}/${id}`,
    order.id,
    carrier ?? '',
    tracking ?? '',
    shippedAt,
    JSON.stringify(items),
  )
  store.record('act', { ref: order.id, data: { kind: 'ship', carrier, tracking, items } })
  touch(world, order)
  notifyOrder(world, 'ITEM_MARKED_SHIPPED', order.id)
  const location = `${new URL('https://api.ebay.com').origin}${BASE}/${order.id}/shipping_fulfillment/${id}`
  return new Response('{}', { status: 201, headers: { location, 'content-type': 'application/json' } })
}
