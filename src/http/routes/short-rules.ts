import { createRoute, z } from '@hono/zod-openapi'
import { SHORT_BECOMES, shortRules } from '../../../db/short-rules.ts'
import { setShortRule } from '../../usecases/short-rules.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { Code } from '../shapes.ts'

const rule = {
  becomes: z.enum(SHORT_BECOMES).openapi({
    description:
      'person: it waits until somebody decides. incoming: what open deliveries bring waits for them, the oldest order first, and the rest is cancelled. cancel: it is cancelled.',
  }),
  afterMinutes: z.int().min(0).max(100_000).openapi({ description: 'How long units are missing before the rule acts.' }),
}
const Rules = z
  .object({ items: z.array(z.object({ channel: z.string().nullable(), ...rule, since: z.string(), actor: z.string() })) })
  .openapi('ShortRules')

const list = createRoute({
  method: 'get',
  path: '/v1/short-rules',
  tags: ['Orders'],
  summary: 'What becomes of orders that stay short of stock',
  description: 'The rule of a channel goes before the one of all (`channel` null). Nothing written: they wait for a person.',
  responses: answers(Rules, 'The rules that were written.'),
})
const set = createRoute({
  method: 'put',
  path: '/v1/short-rules',
  tags: ['Orders'],
  summary: 'State what becomes of orders that stay short of stock, of a channel or all',
  description:
    'The missing units are cancelled here and at the platform, with the reason. What is held, was sold ahead by the terms of its SKU, or is matched to no SKU waits for a person; so does an order with other units in it where the platform cancels whole orders only, or none.',
  request: {
    query: z.strictObject({ channel: Code.optional() }),
    headers: WriteHeaders,
    body: json(z.strictObject({ rule: z.strictObject(rule).nullable().openapi({ description: 'Null: none of its own any more.' }) })),
  },
  responses: answers(Rules, 'All rules after the change.'),
})

/** What becomes of orders that stay short of stock. */
export function shortRuleRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const rules = async () => JSON.parse(JSON.stringify({ items: await shortRules(deps.sql) }))
  app.openapi(list, async c => c.json(await rules(), 200))
  app.openapi(set, async c => {
    await setShortRule(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('query').channel ?? null, c.req.valid('json').rule)
    return c.json(await rules(), 200)
  })
  return app
}
