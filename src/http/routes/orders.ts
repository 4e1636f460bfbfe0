import { createRoute, z } from '@hono/zod-openapi'
import { listOrders, type OrderRow, readOrder, readOrderActs, readOrderLines } from '../../../db/reads-orders.ts'
import { cancelOrder, shipOrder } from '../../usecases/act-on-order.ts'
import { readPerson } from '../../usecases/read-person.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { amountShown, priceShown } from '../money-shown.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Id, leaving, SomeUnits, text } from '../shapes.ts'
import { Acted, OrderOut, OrderWithLines } from './order-shape.ts'

const Lines = z
  .array(z.strictObject({ lineId: z.int().min(1), quantity: SomeUnits }))
  .min(1)
  .max(500)
  .optional()
  .openapi({ description: 'Our ids of lines; all open units when absent.' })

const ShipIn = z.strictObject({
  lines: Lines,
  tracking: z.strictObject({ carrier: text(100), number: text(100), url: z.httpUrl().max(500).optional() }).optional(),
})

const ById = z.object({ id: Id })

const list = createRoute({
  method: 'get',
  path: '/v1/orders',
  tags: ['Orders'],
  summary: 'Orders of all channels',
  request: {
    query: z.strictObject({
      ...PAGE,
      channel: Code.optional(),
      state: z.enum(['received', 'accepted', 'fulfilled', 'cancelled', 'foreign']).optional(),
      externalId: text(200).optional(),
      short: z.stringbool().optional().openapi({ description: '`true`: those with units that nobody has.', type: 'boolean' }),
    }),
  },
  responses: answers(pageOf(OrderOut), 'The newest booked first.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/orders/{id}',
  tags: ['Orders'],
  summary: 'One order with its lines and what was told to the platform',
  description: "The buyer's personal data is answered only to the scope orders:people.",
  request: { params: ById },
  responses: answers(OrderWithLines, 'The order.'),
})

const ship = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/ship',
  tags: ['Orders'],
  summary: 'Hand over promised units, and tell the platform',
  request: { params: ById, headers: WriteHeaders, body: json(ShipIn) },
  responses: answers(Acted, 'Shipped here; the act that tells the platform goes out on its own.'),
})

const cancel = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/cancel',
  tags: ['Orders'],
  summary: 'Cancel open units, and tell the platform',
  request: { params: ById, headers: WriteHeaders, body: json(z.strictObject({ lines: Lines, reason: text(300).optional() })) },
  responses: answers(Acted, 'Cancelled here; the act that tells the platform goes out on its own.'),
})

/** Orders of all channels in one stream. */
export function orderRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listOrders(deps.sql, filter, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], shown),
      200,
    )
  })

  app.openapi(get, async c => {
    const { id } = c.req.valid('param')
    const [order, lines, acts] = await Promise.all([readOrder(deps.sql, id), readOrderLines(deps.sql, id), readOrderActs(deps.sql, id)])
    if (order === null) throw new Fault('not_found', `There is no order ${id}.`)
    const mayKnow = c.var.principal.scopes.has('orders:people')
    const person = mayKnow ? await readPerson(contextOf(deps, c), id) : undefined
    return c.json(
      {
        ...shown(order),
        lines: lines.map(line => ({ ...line, unitPrice: priceShown(line.unitPrice, order.currency) })),
        acts: acts.map(leaving),
        ...(person === undefined ? {} : { person: person === null ? null : { ...person } }),
      },
      200,
    )
  })

  app.openapi(ship, async c => {
    const { token, ...done } = await shipOrder(
      contextOf(deps, c),
      keyOf(c.req.valid('header')),
      c.req.valid('param').id,
      c.req.valid('json'),
    )
    tellToken(c, token)
    return c.json({ ...done, lines: done.lines.map(line => ({ ...line })) }, 200)
  })

  app.openapi(cancel, async c => {
    const { token, ...done } = await cancelOrder(
      contextOf(deps, c),
      keyOf(c.req.valid('header')),
      c.req.valid('param').id,
      c.req.valid('json'),
    )
    tellToken(c, token)
    return c.json({ ...done, lines: done.lines.map(line => ({ ...line })) }, 200)
  })

  return app
}

const shown = (row: OrderRow): z.infer<typeof OrderOut> => ({ ...leaving(row), total: amountShown(row.total, row.currency) })
