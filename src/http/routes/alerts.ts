import { createRoute, z } from '@hono/zod-openapi'
import { type AlertRow, listAlerts } from '../../../db/alerts.ts'
import { ALERT_KINDS, type AlertKind } from '../../domain/sync/alert-kinds.ts'
import { setAlertLimit, showAlertLimits } from '../../usecases/alert-limits.ts'
import { alertText } from '../../usecases/alert-text.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Id, leaving } from '../shapes.ts'

export const Kind = z.enum(Object.keys(ALERT_KINDS) as [AlertKind, ...AlertKind[]]).openapi({
  description:
    'acts_refused: what was asked of the platform for orders is refused. acts_late: what is asked for orders waits too long. ship_by: a platform wants orders shipped soon, or wanted them before, and they have not left. channel_late: the oldest value that may go out waits too long. refusals: many fields were refused within an hour that had not been in the day before. drift: many values of a channel were found within a day that differ from what we left there. credentials: the platform refuses ours. account_failing: an account fails for another reason for long. webhook_silent: looking brings orders that the platform did not tell, or never told. orders_silent: no order where many are usual. price_feed_late: many prices are under way as one document for long. feed_held: a transaction holds the horizon of the change feed back.',
})

const AlertOut = z
  .object({
    id: z.int(),
    kind: z.string(),
    subject: z.string().openapi({ description: '`channel:CODE`, `account:NAME` or `feed`.' }),
    channel: z.string().nullable(),
    account: z.string().nullable(),
    title: z.string().openapi({ description: 'What is wrong, in English.' }),
    text: z.string(),
    facts: z.record(z.string(), z.unknown()).openapi({ description: 'The numbers of the last look. They differ by kind.' }),
    since: z.string().openapi({ description: 'Since when it is wrong.' }),
    openedAt: z.string().openapi({ description: 'When that had lasted for too long: then it was told.' }),
    seenAt: z.string().openapi({ description: 'The last look that found it.' }),
    seen: z.int().openapi({ description: 'How many looks found it.' }),
    endedAt: z.string().nullable(),
  })
  .openapi('Alert')

const LimitOut = z
  .object({
    kind: z.string(),
    channel: z.string().nullable().openapi({ description: 'Null: the whole installation.' }),
    amount: z.number().openapi({ description: 'From where on it is told, in `unit`.' }),
    unit: z.enum(['seconds', 'count']),
    quietS: z.int().openapi({ description: 'It is over when it was not so for this long, seconds.' }),
    off: z.boolean(),
    actor: z.string().nullable().openapi({ description: 'Who set it; null: as supplied.' }),
    setAt: z.string().nullable(),
  })
  .openapi('AlertLimit')

const Limits = z.object({ items: z.array(LimitOut) })

const list = createRoute({
  method: 'get',
  path: '/v1/alerts',
  tags: ['Alerts'],
  summary: 'What is wrong, and what was',
  request: {
    query: z.strictObject({
      ...PAGE,
      open: z.stringbool().optional().openapi({ description: '`true`: what is wrong now. `false`: what is over.', type: 'boolean' }),
      kind: Kind.optional(),
      channel: Code.optional(),
    }),
  },
  responses: answers(pageOf(AlertOut), 'The newest first.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/alerts/{id}',
  tags: ['Alerts'],
  summary: 'One alert',
  request: { params: z.object({ id: Id }) },
  responses: answers(AlertOut, 'The alert.'),
})

const limitsGet = createRoute({
  method: 'get',
  path: '/v1/alert-limits',
  tags: ['Alerts'],
  summary: 'From where on each kind is told',
  responses: answers(Limits, 'All kinds for the installation, then what channels have of their own.'),
})

const limitsSet = createRoute({
  method: 'put',
  path: '/v1/alert-limits/{kind}',
  tags: ['Alerts'],
  summary: 'Set from where on a kind is told, for the installation or one channel',
  request: {
    params: z.object({ kind: Kind }),
    headers: WriteHeaders,
    body: json(
      z.strictObject({
        channel: Code.optional().openapi({ description: 'Only for channel_late, refusals, drift and orders_silent.' }),
        amount: z.int().min(0).optional(),
        quietS: z.int().min(0).optional(),
        off: z.boolean().optional(),
        usual: z.literal(true).optional().openapi({ description: 'Takes back what was set here.' }),
      }),
    ),
  },
  responses: answers(Limits, 'All limits after the change.'),
})

/** What is wrong, and from where on that is told. */
export function alertRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listAlerts(deps.sql, filter, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], show),
      200,
    )
  })

  app.openapi(get, async c => {
    const { id } = c.req.valid('param')
    const [row] = await listAlerts(deps.sql, { id }, null, 1)
    if (row === undefined) throw new Fault('not_found', `There is no alert ${id}.`, { field: 'id', value: id })
    return c.json(show(row), 200)
  })

  app.openapi(limitsGet, async c => c.json({ items: (await showAlertLimits(deps)).map(leaving) }, 200))

  app.openapi(limitsSet, async c => {
    const { channel, ...change } = c.req.valid('json')
    const key = keyOf(c.req.valid('header'))
    const limits = await setAlertLimit(contextOf(deps, c), key, c.req.valid('param').kind, channel ?? null, change)
    return c.json({ items: limits.map(leaving) }, 200)
  })

  return app
}

const show = (row: AlertRow): z.infer<typeof AlertOut> => ({
  ...leaving(row),
  facts: { ...row.facts },
  ...alertText(row.kind, row.subject, row.facts, 'en'),
})
