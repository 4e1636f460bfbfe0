import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { type Gate, refuse } from './gate.ts'
import { linesOf, orderRow, orderView } from './order-view.ts'
import { changed } from './shop.ts'
import type { OrderRow, World } from './world.ts'

const TWO_MINUTES_MS = 120_000

const cursorShape = z.object({ ms: z.int(), id: z.string() })
const confirmShape = z.object({
  marketplaceId: z.string(),
  packageDetail: z.object({
    packageReferenceId: z.string().regex(/^[1-9]\d*$/),
    carrierCode: z.string().min(1),
    carrierName: z.string().optional(),
    trackingNumber: z.string().min(1),
    shipDate: z.iso.datetime({ offset: true }),
    orderItems: z.array(z.object({ orderItemId: z.string(), quantity: z.int().positive() })).min(1),
  }),
})
const statusShape = z.object({
  marketplaceId: z.string(),
  shipmentStatus: z.enum(['ReadyForPickup', 'PickedUp', 'RefusedPickup']),
  orderItems: z.array(z.object({ orderItemId: z.string(), quantity: z.int().positive() })).optional(),
})
type Package = z.infer<typeof confirmShape>['packageDetail']

/** Orders 2026-01-01 (search, get), shipment confirmation and status of Orders v0, and the seller's marketplaces. */
export function addOrders(app: Hono, world: World, gate: Gate): void {
  app.get(
    '/orders/2026-01-01/orders',
    gate('searchOrders', context => search(world, context)),
  )
  app.get(
    '/orders/2026-01-01/orders/:id',
    gate('getOrder', context => {
      const order = orderRow(world, context.req.param('id') ?? '')
      if (!order) return refuse(404, 'NotFound', `The order ${context.req.param('id')} was not found.`)
      return Response.json({ order: orderView(world, order, list(context.req.query('includedData'))) })
    }),
  )
  app.post(
    '/orders/v0/orders/:id/shipmentConfirmation',
    gate('confirmShipment', async context => {
      const body = await context.req.json().catch(() => null)
      return world.store.change(() => confirm(world, context.req.param('id') ?? '', body))
    }),
  )
  app.post(
    '/orders/v0/orders/:id/shipment',
    gate('updateShipmentStatus', async context => {
      const body = await context.req.json().catch(() => null)
      return world.store.change(() => updateStatus(world, context.req.param('id') ?? '', body))
    }),
  )
  app.get(
    '/sellers/v1/marketplaceParticipations',
    gate('getMarketplaceParticipations', () => {
      const payload = world.options.marketplaces.map(({ id, currency, country }) => ({
        marketplace: {
          id,
          name: `Amazon ${country}`,
          countryCode: country,
          defaultCurrencyCode: currency,
          defaultLanguageCode: 'en',
          domainName: `www.amazon.${country.toLowerCase()}`,
        },
        participation: { isParticipating: true, hasSuspendedListings: false },
        storeName: 'Sandbox store',
      }))
      return Response.json({ payload })
    }),
  )
}

function search(world: World, context: Context): Response {
  const query = context.req.query()
  const nowMs = world.options.now().getTime()
  if ((query.createdAfter === undefined) === (query.lastUpdatedAfter === undefined))
    return refuse(400, 'InvalidInput', 'Exactly one of createdAfter and lastUpdatedAfter must be given.')
  const before = query.lastUpdatedBefore ?? query.createdBefore
  if (before !== undefined && !(Date.parse(before) <= nowMs - TWO_MINUTES_MS))
    return refuse(400, 'InvalidInput', 'The end of the period must be at least two minutes before the request.')
  const size = Number(query.maxResultsPerPage ?? 100)
  if (!Number.isInteger(size) || size < 1 || size > 100) return refuse(400, 'InvalidInput', 'maxResultsPerPage must be between 1 and 100.')
  const column = query.createdAfter === undefined ? 'updated_ms' : 'created_ms'
  const after = Date.parse(query.lastUpdatedAfter ?? query.createdAfter ?? '')
  if (Number.isNaN(after)) return refuse(400, 'InvalidInput', 'The start of the period is not an ISO 8601 date.')
  const delayMs = world.options.searchDelayMs ?? 0
  const endMs = before === undefined ? nowMs - delayMs : Date.parse(before)
  // Without a delay there is no end: an order that changes twice within a millisecond has its second stamp in the next one.
  const endsBy = before === undefined && delayMs === 0 ? Number.MAX_SAFE_INTEGER : endMs
  const from = query.paginationToken === undefined ? { ms: after - 1, id: '~' } : cursor(query.paginationToken)
  if (!from) return refuse(400, 'InvalidInput', 'The pagination token is invalid.')
  const ids = list(query.marketplaceIds)
  const rows = world.store.all<OrderRow>(
    `select * from orders where (${column}, id) > (?, ?) and ${column} <= ? and (? = '[]' or marketplace in (select value from json_each(?)))
      order by ${column}, id limit ?`,
    ...[from.ms, from.id, endsBy, JSON.stringify(ids), JSON.stringify(ids), size + 1],
  )
  const page = rows.slice(0, size)
  const last = page.at(-1)
  const next = rows.length > size && last ? { nextToken: btoa(JSON.stringify({ ms: last[column], id: last.id })) } : {}
  return Response.json({
    orders: page.map(row => orderView(world, row, list(query.includedData))),
    pagination: next,
    [column === 'updated_ms' ? 'lastUpdatedBefore' : 'createdBefore']: new Date(endMs).toISOString(),
  })
}

function confirm(world: World, id: string, body: unknown): Response {
  const wanted = confirmShape.safeParse(body)
  if (!wanted.success) return refuse(400, 'InvalidInput', `Invalid shipment confirmation: ${z.prettifyError(wanted.error)}`)
  const order = orderRow(world, id)
  if (!order) return refuse(404, 'NotFound', `The order ${id} was not found.`)
  const shipment = wanted.data.packageDetail
  if (order.marketplace !== wanted.data.marketplaceId)
    return refuse(400, 'InvalidInput', `The order ${id} is not of ${wanted.data.marketplaceId}.`)
  if (shipment.carrierCode === 'Other' && !shipment.carrierName)
    return refuse(400, 'InvalidInput', 'carrierName is required for the carrier Other.')
  // Amazon reads a package reference that it knows as a correction of that package, not as another one.
  if (world.store.one('select 1 as yes from package where order_id = ? and reference = ?', id, shipment.packageReferenceId))
    return new Response(null, { status: 204 })
  const words =
    order.is_foreign === 1 ? 'is filled by Amazon' : order.state === 'PENDING' || order.state === 'CANCELLED' ? `is ${order.state}` : null
  if (words) return refuse(400, 'InvalidInput', `The order ${id} ${words} and cannot be shipped.`)
  const lines = linesOf(world, id)
  for (const item of shipment.orderItems) {
    const line = lines.find(one => one.id === item.orderItemId)
    if (!line) return refuse(400, 'InvalidInput', `The order ${id} has no item ${item.orderItemId}.`)
    line.shipped += item.quantity
    if (line.shipped + line.cancelled > line.quantity)
      return refuse(400, 'InvalidInput', `Item ${line.id} of order ${id} has ${line.quantity} units, fewer than would be shipped.`)
  }
  for (const line of lines) world.store.run('update line set shipped = ? where id = ?', line.shipped, line.id)
  store(world, order, shipment)
  changed(
    world,
    order,
    lines.every(line => line.shipped + line.cancelled === line.quantity) ? 'SHIPPED' : 'PARTIALLY_SHIPPED',
    'Shipment confirmed',
  )
  return new Response(null, { status: 204 })
}

/** A state, not a step: told again, nothing happens. Only orders that the buyer picks up have one. */
function updateStatus(world: World, id: string, body: unknown): Response {
  const wanted = statusShape.safeParse(body)
  if (!wanted.success) return refuse(400, 'InvalidInput', `Invalid shipment status: ${z.prettifyError(wanted.error)}`)
  const order = orderRow(world, id)
  if (!order) return refuse(404, 'NotFound', `The order ${id} was not found.`)
  if (order.marketplace !== wanted.data.marketplaceId) return refuse(400, 'InvalidInput', `The order ${id} is of another marketplace.`)
  if (order.pick_up === 0) return refuse(400, 'InvalidInput', `The order ${id} is not picked up in a store.`)
  if (order.state === 'CANCELLED') return refuse(400, 'InvalidInput', `The order ${id} is cancelled.`)
  if (order.ready === 1) return new Response(null, { status: 204 })
  world.store.run('update orders set ready = 1 where id = ?', id)
  world.store.record('act', { ref: id, data: { kind: 'ready', status: wanted.data.shipmentStatus, items: wanted.data.orderItems } })
  return new Response(null, { status: 204 })
}

function store(world: World, order: OrderRow, shipment: Package): void {
  const items = shipment.orderItems.map(item => ({ orderItemId: item.orderItemId, quantity: item.quantity }))
  const carrier = shipment.carrierName ?? shipment.carrierCode
  const values = [
    order.id,
    shipment.packageReferenceId,
    carrier,
    shipment.trackingNumber,
    new Date(shipment.shipDate).toISOString(),
  ] as const
  world.store.run('insert into package values (?, ?, ?, ?, ?, ?, ?)', ...values, world.options.now().getTime(), JSON.stringify(items))
  world.store.record('act', {
    ref: order.id,
    data: { kind: 'ship', reference: shipment.packageReferenceId, carrier, tracking: shipment.trackingNumber, items },
  })
}

function cursor(token: string): z.infer<typeof cursorShape> | null {
  try {
    return cursorShape.parse(JSON.parse(atob(token)))
  } catch {
    return null
  }
}

function list(text: string | undefined): string[] {
  return text ? text.split(',') : []
}
