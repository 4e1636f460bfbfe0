import { createRoute, z } from '@hono/zod-openapi'
import { HOLD_RULES, listHoldRules } from '../../../db/hold-rules.ts'
import { endHoldRule, setHoldRule } from '../../usecases/hold-rules.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { Code, Currency, Id } from '../shapes.ts'

const Rule = z.enum(HOLD_RULES).openapi({
  description:
    'short: something of it is missing. address: it tells nowhere to send it. amount: its total is above a limit, in its own currency.',
})
const Above = z.string().regex(/^\d{1,12}(\.\d{1,6})?$/, 'is no amount such as 500.00')
const Rules = z
  .object({
    items: z.array(
      z.object({
        id: z.int(),
        channel: z.string().nullable().openapi({ description: 'Null: every channel.' }),
        rule: Rule,
        above: z.string().nullable(),
        currency: z.string().nullable(),
        actor: z.string(),
        since: z.string(),
        until: z.string().nullable().openapi({ description: 'Null: it holds.' }),
      }),
    ),
  })
  .openapi('HoldRules')
const Changed = z.object({ id: z.int(), changed: z.boolean() }).openapi('HoldRuleChanged')

const list = createRoute({
  method: 'get',
  path: '/v1/hold-rules',
  tags: ['Orders'],
  summary: 'What orders are held for by rule',
  responses: answers(Rules, 'Rules that hold, then the last fifty that were ended.'),
})
const set = createRoute({
  method: 'put',
  path: '/v1/hold-rules',
  tags: ['Orders'],
  summary: 'Hold orders by a rule from now on',
  description:
    'Replaces the one of the same kind, channel and currency. A person lets held orders go; what lacks stock goes on by itself once it has come.',
  request: {
    headers: WriteHeaders,
    body: json(z.strictObject({ rule: Rule, channel: Code.nullable().optional(), above: Above.optional(), currency: Currency.optional() })),
  },
  responses: answers(Changed, 'The rule; `changed` false where it was so already.'),
})
const end = createRoute({
  method: 'delete',
  path: '/v1/hold-rules/{id}',
  tags: ['Orders'],
  summary: 'End a rule by which orders are held',
  description: 'What it held stays held until somebody lets it go.',
  request: { params: z.object({ id: Id }), headers: WriteHeaders },
  responses: answers(Changed, 'Ended.'),
})

const ENDED = 50

/** What orders are held for by rule. */
export function holdRuleRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(list, async c => c.json(JSON.parse(JSON.stringify({ items: await listHoldRules(deps.sql, ENDED) })), 200))
  app.openapi(set, async c => {
    const { channel = null, ...stated } = c.req.valid('json')
    return c.json(await setHoldRule(contextOf(deps, c), keyOf(c.req.valid('header')), { ...stated, channel }), 200)
  })
  app.openapi(end, async c => {
    return c.json(await endHoldRule(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id), 200)
  })
  return app
}
