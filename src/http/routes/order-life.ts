import { createRoute, z } from '@hono/zod-openapi'
import { HELD_BY_HAND, HOLD_KINDS } from '../../../db/order-life.ts'
import { announceReturn, cancelReturn, holdOrder, letGoOrder, type OrderChanged, receiveReturn } from '../../usecases/change-order.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { Code, Id, text } from '../shapes.ts'
import { LookedLines, ReturnLines } from './return-shape.ts'

const Changed = z
  .object({
    state: z.string().nullable().openapi({ description: 'The state of the order; null where it was not touched.' }),
    returnId: z.int().nullable(),
    replayed: z.boolean(),
  })
  .openapi('OrderChanged')

const ById = z.object({ id: Id })
const ByReturn = z.object({ id: Id, returnId: Id })
const Reason = text(300).optional().openapi({ description: "Why, in words. No buyer's data: it stays with the order for good." })

const hold = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/hold',
  tags: ['Orders'],
  summary: 'Hold an order',
  description: 'It is not routed and not told as accepted; its stock stays promised. What nobody has begun to pick is taken off the list.',
  request: { params: ById, headers: WriteHeaders, body: json(z.strictObject({ kind: z.enum(HELD_BY_HAND), reason: Reason })) },
  responses: answers(Changed, 'Held.'),
})

const letGo = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/let-go',
  tags: ['Orders'],
  summary: 'Let a held order go',
  request: {
    params: ById,
    headers: WriteHeaders,
    body: json(
      z.strictObject({ kind: z.enum(HOLD_KINDS).optional().openapi({ description: 'All kinds of hold when absent.' }), reason: Reason }),
    ),
  },
  responses: answers(Changed, 'It goes on, unless another kind of hold stands.'),
})

const announce = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/returns',
  tags: ['Orders'],
  summary: 'Note that goods will come back',
  request: {
    params: ById,
    headers: WriteHeaders,
    body: json(
      z.strictObject({
        location: Code.optional().openapi({ description: 'Where they are expected.' }),
        lines: ReturnLines,
        reason: Reason,
      }),
    ),
  },
  responses: answers(Changed, 'Announced.'),
})

const Looked = z.strictObject({
  location: Code.openapi({ description: 'Where they came to: any location of ours, whichever they left from.' }),
  lines: LookedLines,
  reason: Reason,
})

const receiveAny = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/returns/receive',
  tags: ['Orders'],
  summary: 'Take back goods that nobody had announced',
  description: 'Each unit goes where the look at it says. What the platform tells of the same units afterwards changes nothing.',
  request: { params: ById, headers: WriteHeaders, body: json(Looked) },
  responses: answers(Changed, 'Taken back.'),
})

const receive = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/returns/{returnId}/receive',
  tags: ['Orders'],
  summary: 'Take back goods that were announced',
  description: 'What goes out in exchange for them, and waits for them, goes on.',
  request: { params: ByReturn, headers: WriteHeaders, body: json(Looked) },
  responses: answers(Changed, 'Taken back.'),
})

const cancel = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/returns/{returnId}/cancel',
  tags: ['Orders'],
  summary: 'Note that announced goods will not come',
  description: 'What waits to go out in exchange for them is cancelled.',
  request: { params: ByReturn, headers: WriteHeaders },
  responses: answers(Changed, 'No longer expected.'),
})

/** What happens to an order here: holds, and goods that come back. */
export function orderLifeRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(hold, async c =>
    c.json(told(c, await holdOrder(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json'))), 200),
  )
  app.openapi(letGo, async c =>
    c.json(told(c, await letGoOrder(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json'))), 200),
  )
  app.openapi(announce, async c =>
    c.json(
      told(c, await announceReturn(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json'))),
      200,
    ),
  )
  app.openapi(receiveAny, async c =>
    c.json(
      told(c, await receiveReturn(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json'))),
      200,
    ),
  )
  app.openapi(receive, async c => {
    const { id, returnId } = c.req.valid('param')
    const what = { ...c.req.valid('json'), returnId }
    return c.json(told(c, await receiveReturn(contextOf(deps, c), keyOf(c.req.valid('header')), id, what)), 200)
  })
  app.openapi(cancel, async c => {
    const { id, returnId } = c.req.valid('param')
    return c.json(told(c, await cancelReturn(contextOf(deps, c), keyOf(c.req.valid('header')), id, returnId)), 200)
  })
  return app
}

function told(c: Parameters<typeof tellToken>[0], { token, ...changed }: OrderChanged): z.infer<typeof Changed> {
  tellToken(c, token)
  return changed
}
