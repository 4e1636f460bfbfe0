import { createRoute, z } from '@hono/zod-openapi'
import { type DeliveryRow, listDeliveries, readDelivery, readDeliveryLines } from '../../../db/deliveries.ts'
import { listIncoming, movementsOfCause } from '../../../db/incoming.ts'
import { cancelDelivery, changeDelivery, closeDelivery, createDelivery, receiveDelivery } from '../../usecases/deliveries.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { priceShown } from '../money-shown.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Id, Instant, LocationCode, leaving, present, Sku, SomeUnits, text } from '../shapes.ts'
import { DeliveryOut, DeliveryWithLines, LINES_MOST, OrderedLines, ReceivedLines } from './delivery-shape.ts'

const HISTORY_MOST = 1000

const DeliveryIn = z.strictObject({
  reference: text(100).openapi({ description: 'Your number of it; no two deliveries have the same.', example: 'PO-2026-118' }),
  supplier: text(200).optional(),
  location: LocationCode,
  expectedAt: Instant,
  note: text(500).optional(),
  lines: OrderedLines,
})

const ChangeIn = z.strictObject({
  expectedAt: Instant.optional(),
  supplier: text(200).optional(),
  note: text(500).optional(),
  lines: OrderedLines.optional().openapi({
    description: 'Units in all from now on, not units more. A SKU that is not on the delivery yet is added.',
  }),
})

const ReceiveIn = z.strictObject({
  lines: ReceivedLines.optional().openapi({
    description: 'Everything that is still to come when absent. A SKU may stand in several lines.',
  }),
  close: z.boolean().optional().openapi({ description: 'What has not come by now will not come.' }),
  occurredAt: Instant.optional().openapi({ description: 'When it came; now when absent. Never in the future.' }),
})

const CancelIn = z.strictObject({
  lines: z
    .array(z.strictObject({ sku: Sku, quantity: SomeUnits.optional() }))
    .min(1)
    .max(LINES_MOST)
    .optional()
    .openapi({ description: 'A part of it; everything that is still to come when absent.' }),
})

const IncomingOut = z
  .object({
    kind: z.enum(['delivery', 'transfer']),
    id: z.int(),
    reference: z.string(),
    sku: z.string(),
    location: z.string(),
    units: z.int(),
    expectedAt: z.string().nullable(),
    late: z.boolean(),
  })
  .openapi('Incoming')

const ById = z.object({ id: Id })
const tags = ['Deliveries']

const create = createRoute({
  method: 'post',
  path: '/v1/deliveries',
  tags,
  summary: 'Expect goods from a supplier',
  description:
    'Its units are incoming at the location until they are received or cancelled; availability on a date counts them from expectedAt on.',
  request: { headers: WriteHeaders, body: json(DeliveryIn) },
  responses: creates(DeliveryWithLines, 'The delivery.'),
})

const list = createRoute({
  method: 'get',
  path: '/v1/deliveries',
  tags,
  summary: 'Expected and past deliveries',
  request: {
    query: z.strictObject({
      ...PAGE,
      state: z.enum(['open', 'received', 'cancelled']).optional(),
      late: z.stringbool().optional().openapi({ description: '`true`: open ones whose day has passed.', type: 'boolean' }),
      location: LocationCode.optional(),
      sku: Sku.optional(),
    }),
  },
  responses: answers(pageOf(DeliveryOut), 'The newest first.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/deliveries/{id}',
  tags,
  summary: 'One delivery with its lines and what happened to it',
  request: { params: ById },
  responses: answers(DeliveryWithLines, 'The delivery.'),
})

const change = createRoute({
  method: 'patch',
  path: '/v1/deliveries/{id}',
  tags,
  summary: 'Another day, other units, further goods',
  request: { params: ById, headers: WriteHeaders, body: json(ChangeIn) },
  responses: answers(DeliveryWithLines, 'The delivery after it.'),
})

const receive = createRoute({
  method: 'post',
  path: '/v1/deliveries/{id}/receive',
  tags,
  summary: 'Goods of it came; whoever is short gets them first',
  description:
    'All lines or none. More or fewer units than expected may come, in any number of receipts. Send an Idempotency-Key: the same receipt twice is booked once. It costs what its line says unless the receipt says otherwise.',
  request: { params: ById, headers: WriteHeaders, body: json(ReceiveIn) },
  responses: answers(DeliveryWithLines, 'The delivery after it.'),
})

const close = createRoute({
  method: 'post',
  path: '/v1/deliveries/{id}/close',
  tags,
  summary: 'The rest will not come',
  request: { params: ById, headers: WriteHeaders },
  responses: answers(DeliveryWithLines, 'The delivery after it.'),
})

const cancel = createRoute({
  method: 'post',
  path: '/v1/deliveries/{id}/cancel',
  tags,
  summary: 'Cancel what is still to come, or a part of it',
  request: { params: ById, headers: WriteHeaders, body: json(CancelIn) },
  responses: answers(DeliveryWithLines, 'The delivery after it.'),
})

const incoming = createRoute({
  method: 'get',
  path: '/v1/incoming',
  tags,
  summary: 'What is still to come, from suppliers and on the way between locations',
  request: {
    query: z.strictObject({
      sku: Sku.optional(),
      location: LocationCode.optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
  },
  responses: answers(z.object({ items: z.array(IncomingOut) }), 'The soonest first.'),
})

/** What suppliers bring: expected, changed, received, closed. */
export function deliveryRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const now = deps.now ?? (() => new Date())

  async function read(id: number): Promise<z.infer<typeof DeliveryWithLines>> {
    const [row, lines, history] = await Promise.all([
      readDelivery(deps.sql, { id }, now()),
      readDeliveryLines(deps.sql, id),
      movementsOfCause(deps.sql, 'delivery', id, HISTORY_MOST),
    ])
    if (row === null) throw new Fault('not_found', `There is no delivery ${id}.`)
    return {
      ...show(row),
      lines: lines.map(line => ({ ...line, unitCost: line.currency === null ? line.unitCost : priceShown(line.unitCost, line.currency) })),
      history: history.map(({ id: _, ...one }) => leaving(one)),
    }
  }

  app.openapi(create, async c => {
    const done = await createDelivery(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('json'))
    tellToken(c, done.token)
    return c.json(await read(done.id), 201)
  })

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listDeliveries(deps.sql, filter, now(), idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], show),
      200,
    )
  })

  app.openapi(get, async c => c.json(await read(c.req.valid('param').id), 200))

  app.openapi(change, async c => {
    const done = await changeDelivery(
      contextOf(deps, c),
      keyOf(c.req.valid('header')),
      c.req.valid('param').id,
      present(c.req.valid('json')),
    )
    tellToken(c, done.token)
    return c.json(await read(done.id), 200)
  })

  app.openapi(receive, async c => {
    const receipt = c.req.valid('json')
    const done = await receiveDelivery(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, receipt)
    tellToken(c, done.token)
    return c.json({ ...(await read(done.id)), ...(done.warnings.length === 0 ? {} : { warnings: [...done.warnings] }) }, 200)
  })

  app.openapi(close, async c => {
    const done = await closeDelivery(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id)
    tellToken(c, done.token)
    return c.json(await read(done.id), 200)
  })

  app.openapi(cancel, async c => {
    const done = await cancelDelivery(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json').lines)
    tellToken(c, done.token)
    return c.json(await read(done.id), 200)
  })

  app.openapi(incoming, async c => {
    const { limit, ...filter } = c.req.valid('query')
    return c.json({ items: (await listIncoming(deps.sql, filter, now(), limit)).map(leaving) }, 200)
  })

  return app
}

const show = (row: DeliveryRow): z.infer<typeof DeliveryOut> => leaving(row)
