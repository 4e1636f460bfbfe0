import { createRoute, z } from '@hono/zod-openapi'
import { listInbox } from '../../../db/reads-orders.ts'
import { replayMessage } from '../../usecases/match.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Id, leaving } from '../shapes.ts'

const MessageOut = z
  .object({
    id: z.int(),
    account: z.string(),
    source: z.string(),
    deliveryId: z.string(),
    topic: z.string(),
    state: z.string(),
    reason: z.string().nullable(),
    attempts: z.int(),
    receivedAt: z.string(),
    doneAt: z.string().nullable(),
  })
  .openapi('InboxMessage')

const list = createRoute({
  method: 'get',
  path: '/v1/inbox',
  tags: ['Orders'],
  summary: 'Messages of platforms; those that were kept aside unless told otherwise',
  request: {
    query: z.strictObject({ ...PAGE, state: z.enum(['new', 'done', 'refused', 'ignored']).default('refused'), account: Code.optional() }),
  },
  responses: answers(pageOf(MessageOut), 'The newest first; never their bodies.'),
})

const replay = createRoute({
  method: 'post',
  path: '/v1/inbox/{id}/replay',
  tags: ['Orders'],
  summary: 'Take a message up again that was kept aside',
  description:
    'Needs no Idempotency-Key: a message that waits already is not kept aside any more, asking again answers 404, and an order is booked once however often it is read.',
  request: { params: z.object({ id: Id }) },
  responses: answers(z.object({ id: z.int() }), 'It waits to be read again.'),
})

/** Messages that came in. */
export function inboxRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listInbox(deps.sql, filter, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving),
      200,
    )
  })

  app.openapi(replay, async c => {
    const { id } = c.req.valid('param')
    await replayMessage(contextOf(deps, c), id)
    return c.json({ id }, 200)
  })

  return app
}
