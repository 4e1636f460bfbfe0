import { createRoute, z } from '@hono/zod-openapi'
import { type EndpointRow, listEndpoints } from '../../../db/alert-deliveries.ts'
import { orderEvents } from '../../domain/notices/kinds.ts'
import { alertKinds } from '../../domain/sync/alert-kinds.ts'
import { addEndpoint, changeEndpoint, OVERLAP_MOST_S, removeEndpoint, rotateSecret, testEndpoint } from '../../usecases/alert-endpoints.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { Id, leaving, text } from '../shapes.ts'
import { Kind } from './alerts.ts'

const Kinds = z.array(Kind).max(50).openapi({ description: 'Which alerts are told there. None: all.' })
const WebhookKinds = z
  .array(z.enum([...alertKinds, ...orderEvents]))
  .max(60)
  .openapi({ description: 'Which alerts are told there, and which notices to buyers (`order.ready`). None: all alerts, and no notices.' })
const TellsBuyers = z.boolean().openapi({
  description:
    'What it is told of orders holds the telephone of the buyer, the link, the code and the words: for whoever sends telephone messages.',
})
const common = {
  id: z.int(),
  name: z.string(),
  kinds: z.array(z.string()),
  state: z.enum(['active', 'paused', 'gone']).openapi({ description: 'gone: it answered 410, and is told of nothing more.' }),
  stateSince: z.string(),
  createdAt: z.string(),
  waiting: z.int().openapi({ description: 'Deliveries that are still to be made.' }),
  lastDone: z.string().nullable(),
  lastFailed: z.string().nullable(),
}
const WebhookOut = z
  .object({
    ...common,
    url: z.string(),
    tellsBuyers: TellsBuyers,
    secrets: z
      .array(z.string().nullable())
      .openapi({ description: 'How many secrets sign, the newest first: until when each of them does. Null: until it is rotated.' }),
  })
  .openapi('WebhookEndpoint')
const WebhookMade = WebhookOut.extend({
  secret: z.string().nullable().openapi({
    description: 'Shown this once; keep it. Null when this request was answered before.',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
  }),
}).openapi('WebhookEndpointMade')
const MailOut = z.object({ ...common, email: z.string(), language: z.enum(['en', 'zh-CN']) }).openapi('AlertEmail')
const TestOut = z.object({ delivery: z.int().openapi({ description: 'See /v1/webhook-deliveries/{id}.' }) })

const ById = z.object({ id: Id })
const State = z.enum(['active', 'paused']).optional()
const write = { params: ById, headers: WriteHeaders }

const WEBHOOKS = `Each delivery follows the Standard Webhooks specification: \`webhook-id\` (stable over all tries), \`webhook-timestamp\`, and \`webhook-signature\`, a
list of \`v1,\` and base64 of HMAC-SHA256 over \`id.timestamp.body\`, one for each secret in force. Answer 2xx within 15 s. Anything else is tried again after
5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h; 410 ends the endpoint; redirects are not followed. Only public addresses are called.`

const PATH = '/v1/webhook-endpoints'

const webhookList = createRoute({
  method: 'get',
  path: PATH,
  tags: ['Alerts'],
  summary: 'Webhook endpoints that are told of alerts',
  responses: answers(z.object({ items: z.array(WebhookOut) }), 'By id, without their secrets.'),
})
const webhookAdd = createRoute({
  method: 'post',
  path: PATH,
  tags: ['Alerts'],
  summary: 'Tell a webhook endpoint of alerts',
  description: WEBHOOKS,
  request: {
    headers: WriteHeaders,
    body: json(
      z.strictObject({
        ...{ url: z.string().min(1).max(2_000), name: text(100).optional() },
        ...{ kinds: WebhookKinds.optional(), tellsBuyers: TellsBuyers.optional() },
      }),
    ),
  },
  responses: creates(WebhookMade, 'The endpoint, with its secret.'),
})
const webhookChange = createRoute({
  method: 'patch',
  path: `${PATH}/{id}`,
  tags: ['Alerts'],
  summary: 'Change a webhook endpoint, pause it, or let it go on',
  request: {
    ...write,
    body: json(
      z.strictObject({ name: text(100).optional(), kinds: WebhookKinds.optional(), tellsBuyers: TellsBuyers.optional(), state: State }),
    ),
  },
  responses: answers(WebhookOut, 'The endpoint after the change.'),
})
const webhookRotate = createRoute({
  method: 'post',
  path: `${PATH}/{id}/rotate`,
  tags: ['Alerts'],
  summary: 'Give a webhook endpoint a new secret',
  description: 'The secrets before sign as well until the overlap is over, so that nothing is refused meanwhile.',
  request: {
    ...write,
    body: json(z.strictObject({ overlapS: z.int().min(0).max(OVERLAP_MOST_S).optional().openapi({ description: 'A day unless told.' }) })),
  },
  responses: answers(z.object({ secret: z.string().nullable(), endsAt: z.string() }), 'The secret, shown this once.'),
})
const webhookRemove = createRoute({
  method: 'delete',
  path: `${PATH}/{id}`,
  tags: ['Alerts'],
  summary: 'Tell a webhook endpoint no more',
  request: write,
  responses: answers(z.object({ id: z.int() }), 'What waited for it is dropped.'),
})
const webhookTest = createRoute({
  method: 'post',
  path: `${PATH}/{id}/test`,
  tags: ['Alerts'],
  summary: 'Send a webhook endpoint something to see whether it gets it',
  request: write,
  responses: answers(TestOut, 'The delivery, under way.'),
})

const mailList = createRoute({
  method: 'get',
  path: '/v1/alert-emails',
  tags: ['Alerts'],
  summary: 'E-mail addresses that are told of alerts',
  responses: answers(z.object({ items: z.array(MailOut) }), 'By id.'),
})
const mailAdd = createRoute({
  method: 'post',
  path: '/v1/alert-emails',
  tags: ['Alerts'],
  summary: 'Tell an e-mail address of alerts',
  description: 'Letters go out by the SMTP server of the installation (SMTP_URL).',
  request: {
    headers: WriteHeaders,
    body: json(
      z.strictObject({
        email: z.email().max(254),
        name: text(100).optional(),
        kinds: Kinds.optional(),
        language: z.enum(['en', 'zh-CN']).optional(),
      }),
    ),
  },
  responses: creates(MailOut, 'The address.'),
})
const mailChange = createRoute({
  method: 'patch',
  path: '/v1/alert-emails/{id}',
  tags: ['Alerts'],
  summary: 'Change what an e-mail address is told, pause it, or let it go on',
  request: {
    ...write,
    body: json(
      z.strictObject({
        name: text(100).optional(),
        kinds: Kinds.optional(),
        language: z.enum(['en', 'zh-CN']).optional(),
        state: State,
      }),
    ),
  },
  responses: answers(MailOut, 'The address after the change.'),
})
const mailRemove = createRoute({
  method: 'delete',
  path: '/v1/alert-emails/{id}',
  tags: ['Alerts'],
  summary: 'Tell an e-mail address no more',
  request: write,
  responses: answers(z.object({ id: z.int() }), 'What waited for it is dropped.'),
})
const mailTest = createRoute({
  method: 'post',
  path: '/v1/alert-emails/{id}/test',
  tags: ['Alerts'],
  summary: 'Send an e-mail address something to see whether it gets it',
  request: write,
  responses: answers(TestOut, 'The delivery, under way.'),
})

/** Where alerts are told. */
export function alertEndpointRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(webhookList, async c => c.json({ items: (await listEndpoints(deps.sql, 'webhook')).map(webhook) }, 200))

  app.openapi(webhookAdd, async c => {
    const { url, ...terms } = c.req.valid('json')
    const made = await addEndpoint(contextOf(deps, c), keyOf(c.req.valid('header')), 'webhook', url, terms)
    return c.json({ ...webhook(made.endpoint), secret: made.secret }, 201)
  })

  app.openapi(webhookChange, async c => {
    const { id } = c.req.valid('param')
    return c.json(webhook(await changeEndpoint(contextOf(deps, c), keyOf(c.req.valid('header')), 'webhook', id, c.req.valid('json'))), 200)
  })

  app.openapi(webhookRotate, async c => {
    const { overlapS } = c.req.valid('json')
    return c.json(await rotateSecret(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, overlapS), 200)
  })

  app.openapi(webhookRemove, async c => {
    const { id } = c.req.valid('param')
    await removeEndpoint(contextOf(deps, c), keyOf(c.req.valid('header')), 'webhook', id)
    return c.json({ id }, 200)
  })

  app.openapi(webhookTest, async c => {
    const delivery = await testEndpoint(contextOf(deps, c), keyOf(c.req.valid('header')), 'webhook', c.req.valid('param').id)
    return c.json({ delivery }, 200)
  })

  app.openapi(mailList, async c => c.json({ items: (await listEndpoints(deps.sql, 'email')).map(mail) }, 200))

  app.openapi(mailAdd, async c => {
    const { email, ...terms } = c.req.valid('json')
    return c.json(mail((await addEndpoint(contextOf(deps, c), keyOf(c.req.valid('header')), 'email', email, terms)).endpoint), 201)
  })

  app.openapi(mailChange, async c => {
    const { id } = c.req.valid('param')
    return c.json(mail(await changeEndpoint(contextOf(deps, c), keyOf(c.req.valid('header')), 'email', id, c.req.valid('json'))), 200)
  })

  app.openapi(mailRemove, async c => {
    const { id } = c.req.valid('param')
    await removeEndpoint(contextOf(deps, c), keyOf(c.req.valid('header')), 'email', id)
    return c.json({ id }, 200)
  })

  app.openapi(mailTest, async c => {
    const delivery = await testEndpoint(contextOf(deps, c), keyOf(c.req.valid('header')), 'email', c.req.valid('param').id)
    return c.json({ delivery }, 200)
  })

  return app
}

function shared(row: EndpointRow) {
  const { id, name, kinds, state, stateSince, createdAt, waiting, lastDone, lastFailed } = leaving(row)
  return { id, name, kinds: [...kinds], state, stateSince, createdAt, waiting, lastDone, lastFailed }
}
const webhook = (row: EndpointRow): z.infer<typeof WebhookOut> => ({
  ...shared(row),
  url: row.address,
  tellsBuyers: row.tellsBuyers,
  secrets: [...row.secrets],
})
const mail = (row: EndpointRow): z.infer<typeof MailOut> => ({ ...shared(row), email: row.address, language: row.language })
