import { createRoute, z } from '@hono/zod-openapi'
import { proposedSubstitutes, type SubstitutionRule, substitutionRules, substitutionRulesOf } from '../../../db/substitutes.ts'
import { substituteUnits } from '../../usecases/substitute.ts'
import { SUBSTITUTES_MOST, setSubstitutionRules } from '../../usecases/substitution-rules.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { PAGE, page, pageOf, readCursor } from '../paging.ts'
import { Code, Id, SomeUnits, text } from '../shapes.ts'

const Sku = text(100)
const abovePercent = z.number().min(0).max(10_000).multipleOf(0.01).nullable()
const rule = {
  sku: Sku,
  automatic: z.boolean().openapi({ description: 'It goes by itself; else it is only proposed to a person.' }),
  abovePercent: abovePercent.openapi({
    description:
      'By how many per cent its regular price in the channel may be above; null: by any amount. Where either has no price, it does not go.',
  }),
}
const Rule = z.object({
  sku: z.string(),
  channel: z.string().nullable(),
  substitutes: z.array(z.object({ ...rule, sku: z.string() })),
  since: z.string(),
  actor: z.string(),
})
const Rules = z.object({ items: z.array(Rule) }).openapi('SubstitutionRules')
const Place = z.tuple([z.string().max(120), z.string().max(120)])

const list = createRoute({
  method: 'get',
  path: '/v1/substitution-rules',
  tags: ['Orders'],
  summary: 'What may be handed over instead of a SKU that is short',
  description: 'The rule of a channel goes before the one of all (`channel` null). The substitutes stand in order of preference.',
  request: {
    query: z.strictObject({ ...PAGE, sku: Sku.optional().openapi({ description: 'The rules of this SKU alone, all on one page.' }) }),
  },
  responses: answers(pageOf(Rule).openapi('SubstitutionRulePage'), 'The rules that hold, by SKU, that of all channels first.'),
})

const set = createRoute({
  method: 'put',
  path: '/v1/substitution-rules',
  tags: ['Orders'],
  summary: 'State what may be handed over instead of a SKU, in a channel or all',
  description:
    'One unit for one. What goes by itself does so within seconds for orders that are short, the oldest first, and before a rule cancels them; not for what was sold ahead by the terms of its SKU, nor for what a person holds.',
  request: {
    query: z.strictObject({ sku: Sku, channel: Code.optional() }),
    headers: WriteHeaders,
    body: json(
      z.strictObject({
        substitutes: z
          .array(z.strictObject({ ...rule, automatic: rule.automatic.default(false), abovePercent: rule.abovePercent.default(null) }))
          .max(SUBSTITUTES_MOST)
          .openapi({ description: 'The preferred first; none: nothing may be any more.' }),
      }),
    ),
  },
  responses: answers(Rules, 'The rules of the SKU after the change.'),
})

const Proposed = z
  .object({
    items: z.array(
      z.object({
        lineId: z.int(),
        short: z.int(),
        sku: z.string(),
        free: z.int().openapi({ description: 'Units that the channel may be given of it.' }),
        automatic: z.boolean(),
      }),
    ),
  })
  .openapi('ProposedSubstitutes')

const proposed = createRoute({
  method: 'get',
  path: '/v1/orders/{id}/substitutes',
  tags: ['Orders'],
  summary: 'What the rules allow instead of units that an order is short of',
  request: { params: z.object({ id: Id }) },
  responses: answers(Proposed, 'By line, the preferred first; only what is there.'),
})

const substitute = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/substitute',
  tags: ['Orders'],
  summary: 'Hand over another SKU instead of short units of a line',
  description:
    'Whatever the rules say. The units are promised at once and stand in a line of their own (`insteadOf`); its channel goes on to know the line that was sold, also for refunds and returns.',
  request: {
    params: z.object({ id: Id }),
    headers: WriteHeaders,
    body: json(
      z.strictObject({
        lineId: z.int().min(1),
        sku: Sku,
        quantity: SomeUnits.optional().openapi({ description: 'As many as are short and there when absent.' }),
        reason: text(300).optional().openapi({ description: "Why, in words. No buyer's data: it stays with the order for good." }),
      }),
    ),
  },
  responses: answers(
    z
      .object({
        lineId: z.int().openapi({ description: 'The line that these units are now.' }),
        sku: z.string(),
        quantity: z.int(),
        replayed: z.boolean(),
      })
      .openapi('Substituted'),
    'Promised.',
  ),
})

/** What is handed over instead of what is short. */
export function substituteRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(list, async c => {
    const { sku, cursor, limit } = c.req.valid('query')
    if (sku !== undefined) return c.json({ items: (await substitutionRulesOf(deps.sql, sku)).map(shown), next: null }, 200)
    const place = readCursor(cursor, Place)
    const rows = await substitutionRules(deps.sql, place === null ? null : { sku: place[0], channel: place[1] }, limit + 1)
    return c.json(
      page(rows, limit, row => [row.sku, row.channel ?? ''], shown),
      200,
    )
  })
  app.openapi(set, async c => {
    const { sku, channel = null } = c.req.valid('query')
    await setSubstitutionRules(contextOf(deps, c), keyOf(c.req.valid('header')), { sku, channel, ...c.req.valid('json') })
    return c.json({ items: (await substitutionRulesOf(deps.sql, sku)).map(shown) }, 200)
  })
  app.openapi(proposed, async c => {
    const items = await proposedSubstitutes(deps.sql, [c.req.valid('param').id])
    return c.json({ items: items.map(({ orderId: _, ...item }) => item) }, 200)
  })
  app.openapi(substitute, async c => {
    const { id } = c.req.valid('param')
    const { token, ...done } = await substituteUnits(contextOf(deps, c), keyOf(c.req.valid('header')), id, c.req.valid('json'))
    tellToken(c, token)
    return c.json(done, 200)
  })
  return app
}

const shown = ({ since, substitutes, ...one }: SubstitutionRule) => ({
  ...one,
  substitutes: substitutes.map(each => ({ ...each })),
  since: since.toISOString(),
})
