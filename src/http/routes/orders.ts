import { createRoute, z } from '@hono/zod-openapi'
import { orderExchanges } from '../../../db/exchanges.ts'
import { orderEvents, orderGroups, orderHolds, orderReturns } from '../../../db/order-life.ts'
import { listOrders, type OrderRow, readOrder, readOrderActs, readOrderLines } from '../../../db/reads-orders.ts'
import { ORDER_STATES } from '../../domain/orders/life.ts'
import { acknowledgeOrder, askAgain, cancelOrder, type Acted as OrderActed, readyOrder, shipOrder } from '../../usecases/act-on-order.ts'
import { orderAmounts } from '../../usecases/order-amounts.ts'
import { readPerson } from '../../usecases/read-person.ts'
import { refundOrder } from '../../usecases/refund-order.ts'
import { CANCEL_CAUSES, REFUND_CAUSES } from '../../values/act-cause.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { amountShown, priceShown } from '../money-shown.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Id, leaving, Money, SomeUnits, text, Units } from '../shapes.ts'
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

const CancelIn = z.strictObject({
  lines: Lines,
  cause: z.enum(CANCEL_CAUSES).optional().openapi({ description: 'Why; the platform is told in its own words for it.' }),
  reason: text(300).optional().openapi({ description: 'Why, in words.' }),
})

const RefundIn = z.strictObject({
  lines: z
    .array(
      z.strictObject({
        lineId: z.int().min(1),
        quantity: Units.openapi({ description: 'The units that the money is for; 0 where they stay paid for in part.' }),
        amount: Money.openapi({ description: "What goes back for this line in all, tax included, in the order's currency." }),
      }),
    )
    .max(500)
    .default([]),
  shipping: Money.optional().openapi({ description: 'What goes back of the shipping.' }),
  cause: z.enum(REFUND_CAUSES),
  reason: text(300).optional(),
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
      state: z.enum(ORDER_STATES).optional(),
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
  request: { params: ById, headers: WriteHeaders, body: json(CancelIn) },
  responses: answers(Acted, 'Cancelled here; the act that tells the platform goes out on its own.'),
})

const ready = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/ready',
  tags: ['Orders'],
  summary: 'Tell the platform that promised units may be picked up',
  description: 'Stock stays where it is: what is collected is handed over with `ship`.',
  request: { params: ById, headers: WriteHeaders, body: json(z.strictObject({ lines: Lines })) },
  responses: answers(Acted, 'The act that tells the platform goes out on its own.'),
})

const acknowledge = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/acknowledge',
  tags: ['Orders'],
  summary: 'Tell the platform that the order is accepted',
  request: { params: ById, headers: WriteHeaders },
  responses: answers(Acted, 'The act that tells the platform goes out on its own.'),
})

const refund = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/refund',
  tags: ['Orders'],
  summary: 'Give money back through the platform',
  description:
    'Never more than the order says was paid, in all and for each line (and for shipping and fees together), with what was asked for before; nothing for units that were exchanged, but the difference that was stated. Stock stays where it is: goods that come back are booked as a return.',
  request: { params: ById, headers: WriteHeaders, body: json(RefundIn) },
  responses: answers(Acted, 'The act that asks the platform goes out on its own; its answer stands with the order.'),
})

const again = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/acts/{act}/retry',
  tags: ['Orders'],
  summary: 'Ask the platform again for what it refused',
  description:
    'A refused `ship` or `cancel`, once what the platform named is mended there. It is the same act: what took effect after all is not done twice.',
  request: { params: ById.extend({ act: Id }), headers: WriteHeaders },
  responses: answers(Acted, 'The act goes out again on its own; its answer stands with the order.'),
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
    const { sql } = deps
    const [order, lines, acts, amounts] = await Promise.all([
      readOrder(sql, id),
      readOrderLines(sql, id),
      readOrderActs(sql, id),
      orderAmounts(deps, id),
    ])
    if (order === null) throw new Fault('not_found', `There is no order ${id}.`)
    const mayKnow = c.var.principal.scopes.has('orders:people')
    const person = mayKnow ? await readPerson(contextOf(deps, c), id) : undefined
    return c.json(
      {
        ...shown(order),
        lines: lines.map(line => ({ ...line, unitPrice: priceShown(line.unitPrice, order.currency) })),
        amounts: amounts && { ...amounts, lines: { ...amounts.lines } },
        acts: acts.map(leaving),
        ...(await lifeOf(sql, id)),
        ...(person === undefined ? {} : { person: person === null ? null : { ...person } }),
      },
      200,
    )
  })

  app.openapi(ship, async c =>
    c.json(done(c, await shipOrder(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json'))), 200),
  )
  app.openapi(cancel, async c =>
    c.json(done(c, await cancelOrder(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json'))), 200),
  )
  app.openapi(ready, async c =>
    c.json(done(c, await readyOrder(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json'))), 200),
  )
  app.openapi(acknowledge, async c =>
    c.json(done(c, await acknowledgeOrder(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id)), 200),
  )
  app.openapi(again, async c => {
    const { id, act } = c.req.valid('param')
    return c.json(done(c, await askAgain(contextOf(deps, c), keyOf(c.req.valid('header')), id, act)), 200)
  })
  app.openapi(refund, async c =>
    c.json(done(c, await refundOrder(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json'))), 200),
  )

  return app
}

async function lifeOf(sql: ApiDeps['sql'], id: number) {
  const [holds, groups, returns, exchanges, events] = await Promise.all([
    orderHolds(sql, id),
    orderGroups(sql, id),
    orderReturns(sql, id),
    orderExchanges(sql, id),
    orderEvents(sql, id),
  ])
  return {
    holds: holds.map(leaving),
    groups: groups.map(({ lines, ...group }) => ({ ...leaving(group), lines: lines.map(line => ({ ...line })) })),
    returns: returns.map(({ lines, ...one }) => ({ ...leaving(one), lines: lines.map(line => ({ ...line })) })),
    exchanges: exchanges.map(leaving),
    events: events.map(({ detail, ...event }) => ({ ...leaving(event), detail: detail === null ? null : { ...detail } })),
  }
}

const shown = (row: OrderRow): z.infer<typeof OrderOut> => ({ ...leaving(row), total: amountShown(row.total, row.currency) })

function done(c: Parameters<typeof tellToken>[0], { token, ...acted }: OrderActed): z.infer<typeof Acted> {
  tellToken(c, token)
  return { ...acted, lines: acted.lines.map(line => ({ ...line })) }
}
