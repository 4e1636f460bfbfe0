import { createRoute, z } from '@hono/zod-openapi'
import { type DeliveryRow, listDeliveries, readTries } from '../../../db/alert-deliveries.ts'
import { replayDelivery, replaySince } from '../../usecases/alert-endpoints.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Id, Instant, leaving } from '../shapes.ts'

const State = z
  .enum(['waiting', 'done', 'failed', 'dropped'])
  .openapi({ description: 'failed: it was tried for three days. dropped: its endpoint went away.' })

const delivery = {
  id: z.int(),
  endpoint: z.int(),
  via: z.enum(['webhook', 'email']),
  messageId: z.string().openapi({ description: 'The `webhook-id`: the same over all tries.' }),
  alert: z.int().nullable().openapi({ description: 'Null: a test.' }),
  event: z.enum(['alert.opened', 'alert.ended', 'webhook.test']),
  state: State,
  attempts: z.int().openapi({ description: 'Tries since it was written or replayed.' }),
  dueAt: z.string().nullable().openapi({ description: 'When it is tried next.' }),
  lastStatus: z.int().nullable().openapi({ description: 'What HTTP or SMTP answered last; null: nothing did.' }),
  lastTrouble: z.string().nullable().openapi({
    description:
      'refused: another status than 2xx. redirect: not followed. timeout, or the code of the connection’s error. address_not_public, not_https: it was not called. no_smtp_server: SMTP_URL is not set.',
  }),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
}
const DeliveryOut = z.object(delivery).openapi('WebhookDelivery')
const OneOut = z
  .object({
    ...delivery,
    body: z.string().openapi({ description: 'What is sent, byte for byte.' }),
    tries: z.array(z.object({ at: z.string(), tookMs: z.int(), status: z.int().nullable(), trouble: z.string().nullable() })),
  })
  .openapi('WebhookDeliveryWithTries')
const ReplayOut = z.object({ deliveries: z.int().openapi({ description: 'How many go out again.' }) })

const ById = z.object({ id: Id })

const list = createRoute({
  method: 'get',
  path: '/v1/webhook-deliveries',
  tags: ['Alerts'],
  summary: 'The log of what was told, by webhook and e-mail',
  request: {
    query: z.strictObject({ ...PAGE, endpoint: Id.optional(), state: State.optional(), since: Instant.optional() }),
  },
  responses: answers(pageOf(DeliveryOut), 'The newest first.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/webhook-deliveries/{id}',
  tags: ['Alerts'],
  summary: 'One delivery: what is sent, and every try',
  request: { params: ById },
  responses: answers(OneOut, 'The delivery.'),
})

const replay = createRoute({
  method: 'post',
  path: '/v1/webhook-deliveries/{id}/replay',
  tags: ['Alerts'],
  summary: 'Send a delivery again, under the same webhook-id',
  request: { params: ById, headers: WriteHeaders },
  responses: answers(ReplayOut, 'It goes out at once.'),
})

const replayAll = createRoute({
  method: 'post',
  path: '/v1/webhook-endpoints/{id}/replay',
  tags: ['Alerts'],
  summary: 'Send a webhook endpoint again what was written for it since an instant',
  request: { params: ById, headers: WriteHeaders, body: json(z.strictObject({ since: Instant })) },
  responses: answers(ReplayOut, 'They go out at once.'),
})

/** What was told to whom, and once more. */
export function webhookDeliveryRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, since, ...filter } = c.req.valid('query')
    const from = since === undefined ? {} : { since: new Date(since) }
    const rows = await listDeliveries(deps.sql, { ...filter, ...from }, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], show),
      200,
    )
  })

  app.openapi(get, async c => {
    const { id } = c.req.valid('param')
    const [[row], more] = await Promise.all([listDeliveries(deps.sql, { id }, null, 1), readTries(deps.sql, id)])
    if (row === undefined || more === null) throw new Fault('not_found', `There is no delivery ${id}.`, { field: 'id', value: id })
    return c.json({ ...show(row), body: more.body, tries: more.tries.map(leaving) }, 200)
  })

  app.openapi(replay, async c => {
    const deliveries = await replayDelivery(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id)
    return c.json({ deliveries }, 200)
  })

  app.openapi(replayAll, async c => {
    const since = new Date(c.req.valid('json').since)
    const deliveries = await replaySince(contextOf(deps, c), keyOf(c.req.valid('header')), 'webhook', c.req.valid('param').id, since)
    return c.json({ deliveries }, 200)
  })

  return app
}

const show = (row: DeliveryRow): z.infer<typeof DeliveryOut> => leaving(row)
