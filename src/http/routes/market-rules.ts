import { createRoute, z } from '@hono/zod-openapi'
import { listMarketRules } from '../../../db/market-rules.ts'
import { listMarketSteps, listMarketStops } from '../../../db/market-steps.ts'
import { readMarketRule, resumeMarket, setMarketRule, tryMarketRule } from '../../usecases/market-rules.ts'
import { refuseUnknown } from '../../usecases/near-names.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Handle, leaving, Money, Sku, text } from '../shapes.ts'
import { Competitor } from './market-offers.ts'
import { Why } from './price-shape.ts'

const Mode = z.enum(['amount', 'percent', 'within', 'match']).openapi({
  description: 'amount, percent: below the lowest offer by `value`; within: at most `value` percent away from it; match: the same.',
})
const Clamp = z.enum(['floor', 'ceiling', 'most'])

/** A rule as it is stated. */
export const RuleIn = z.strictObject({
  list: Code.openapi({ description: 'The price list that receives the steps, as fixed entries of the actor `repricer`.' }),
  sku: Sku.nullable().optional(),
  product: Handle.nullable().optional(),
  category: text(200).nullable().optional(),
  competitors: z.array(Competitor).min(1).max(500).nullable().optional().openapi({ description: 'Any, where it is absent or null.' }),
  mode: Mode,
  value: Money.nullable().optional().openapi({ description: "An amount in the list's currency, or percent; none for match." }),
  most: Money.nullable().optional().openapi({ description: 'Never above this, beside the ceilings.' }),
  maxAgeMinutes: z
    .int()
    .min(1)
    .max(525_600)
    .optional()
    .openapi({ description: 'Offers last seen longer ago do not count; 1440 unless told.' }),
  stepsPerDay: z.int().min(1).max(1_000).optional().openapi({ description: 'For one SKU within any 24 hours; 4 unless told.' }),
  warSteps: z.int().min(1).max(1_000).optional().openapi({
    description:
      'So many steps down within the window, each after the same competitor went down after ours, and the rule stops for the SKU; 3 unless told.',
  }),
  warWindowMinutes: z.int().min(1).max(43_200).optional().openapi({ description: '1440 unless told.' }),
  state: z.enum(['active', 'ended']).optional(),
})

const RuleOut = z
  .object({
    id: z.int(),
    code: z.string(),
    list: z.string(),
    scope: z.enum(['variant', 'product', 'category', 'all']),
    sku: z.string().nullable(),
    product: z.string().nullable(),
    category: z.string().nullable(),
    competitors: z.array(z.string()).readonly().nullable(),
    mode: Mode,
    value: z.string().nullable(),
    most: z.string().nullable(),
    maxAgeMinutes: z.int(),
    stepsPerDay: z.int(),
    warSteps: z.int(),
    warWindowMinutes: z.int(),
    state: z.enum(['active', 'ended']),
    why: z.string().nullable(),
    actor: z.string(),
    since: z.string(),
    stops: z.int().openapi({ description: 'SKUs for which it stopped, and that nobody has resumed.' }),
  })
  .openapi('MarketRule')

const TriedOut = z
  .object({
    variantId: z.int(),
    sku: z.string(),
    currency: z.string(),
    price: z.string().nullable().openapi({ description: 'What the list asks now, or has waiting.' }),
    act: z.enum(['step', 'keep', 'later', 'war', 'stopped', 'other_rule']),
    reason: z.string().nullable(),
    to: z.string().nullable().openapi({ description: 'Where the price would go; null: it stays.' }),
    target: z.string().nullable().openapi({ description: 'Where the market alone would have it.' }),
    clamp: Clamp.nullable().openapi({ description: 'What holds it back from there.' }),
    floor: z.string().nullable(),
    ceiling: z.string().nullable(),
    offer: z
      .object({ competitor: z.string(), channel: z.string().nullable(), amount: z.string(), currency: z.string(), seenAt: z.string() })
      .nullable(),
    stepsLeft: z.int().nullable(),
    at: z.string().nullable().openapi({ description: 'When a step is free again.' }),
    words: z.string(),
  })
  .openapi('MarketTried')

const StepOut = z
  .object({
    id: z.int(),
    at: z.string(),
    rule: z.string(),
    list: z.string(),
    sku: z.string(),
    currency: z.string(),
    from: z.string().nullable(),
    to: z.string(),
    competitor: z.string(),
    offer: z.object({ id: z.int(), amount: z.string(), currency: z.string(), channel: z.string().nullable() }),
    target: z.string(),
    clamp: Clamp.nullable(),
    isAnswer: z.boolean().openapi({ description: 'A step down, after the same competitor went down after our step before.' }),
    why: z.string(),
    waits: z.boolean().openapi({ description: 'It went to a list marked four eyes, for approval.' }),
  })
  .openapi('MarketStep')

const StopOut = z
  .object({
    id: z.int(),
    rule: z.string(),
    list: z.string(),
    sku: z.string(),
    competitor: z.string(),
    why: z.object({
      steps: z.int(),
      windowMinutes: z.int(),
      price: z.string(),
      offer: z.string(),
      target: z.string(),
      currency: z.string(),
      words: z.string(),
    }),
    at: z.string(),
    resumedAt: z.string().nullable(),
    resumedBy: z.string().nullable(),
    note: z.string().nullable(),
  })
  .openapi('MarketStop')

const params = z.object({ code: Code })

const list = createRoute({
  method: 'get',
  path: '/v1/market/rules',
  tags: ['Market'],
  summary: 'Rules that follow the market',
  request: { query: z.strictObject({ ...PAGE, list: Code.optional(), ended: z.enum(['true', 'false']).optional() }) },
  responses: answers(pageOf(RuleOut), 'Rules as they stand.'),
})

const read = createRoute({
  method: 'get',
  path: '/v1/market/rules/{code}',
  tags: ['Market'],
  summary: 'One rule',
  request: { params },
  responses: answers(RuleOut, 'The rule as it stands.'),
})

const set = createRoute({
  method: 'put',
  path: '/v1/market/rules/{code}',
  tags: ['Market'],
  summary: 'Make a rule, or replace it',
  description: `It speaks of a SKU, a product, a category, or (none of them) all; of rules of one list the closest decides. A step is never below a floor of the channels that the
list reaches in its currency, nor above a ceiling or the rule's own most, and never more often than \`stepsPerDay\`. On a list marked four eyes the steps wait for approval.`,
  request: { params, headers: WriteHeaders, body: json(RuleIn.extend({ why: Why })) },
  responses: answers(z.object({ rule: RuleOut, made: z.boolean(), changed: z.boolean(), replayed: z.boolean() }), 'The rule.'),
})

const TryQuery = z.strictObject(PAGE)
const attempt = createRoute({
  method: 'post',
  path: '/v1/market/rules/{code}/dry-run',
  tags: ['Market'],
  summary: 'What a rule would do now, with its reasons',
  description: 'For the SKUs of the rule that somebody offers: as it stands, or with a body as it is stated there. Nothing is written.',
  request: { params, query: TryQuery, body: { required: false, content: { 'application/json': { schema: RuleIn } } } },
  responses: answers(pageOf(TriedOut), 'SKU by SKU.'),
})

const resume = createRoute({
  method: 'post',
  path: '/v1/market/rules/{code}/resume',
  tags: ['Market'],
  summary: 'Let a rule go on that stopped for a SKU',
  description:
    'It stopped because it and a competitor were chasing each other. It is judged anew at once; what was before starts no war again.',
  request: { params, headers: WriteHeaders, body: json(z.strictObject({ sku: Sku, why: Why })) },
  responses: answers(z.object({ replayed: z.boolean() }), 'It goes on.'),
})

const of = { ...PAGE, sku: Sku.optional(), rule: Code.optional() }
const stops = createRoute({
  method: 'get',
  path: '/v1/market/stops',
  tags: ['Market'],
  summary: 'Where rules stopped, because two repricers chased each other',
  request: {
    query: z.strictObject({ ...of, resumed: z.enum(['true', 'false']).optional().openapi({ description: 'Also those that go on.' }) }),
  },
  responses: answers(pageOf(StopOut), 'The newest first.'),
})

const steps = createRoute({
  method: 'get',
  path: '/v1/market/steps',
  tags: ['Market'],
  summary: 'Steps that rules took: from, to, which offer, and why',
  request: { query: z.strictObject({ ...of, list: Code.optional() }) },
  responses: answers(pageOf(StepOut), 'The newest first.'),
})

/** Rules that follow the market, their steps, and where they stopped. */
export function marketRuleRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, ended, list: of } = c.req.valid('query')
    const rows = await listMarketRules(deps.sql, { list: of, ended: ended === 'true' }, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving),
      200,
    )
  })

  app.openapi(read, async c => c.json(leaving(await readMarketRule(contextOf(deps, c), c.req.valid('param').code)), 200))

  app.openapi(set, async c => {
    const { why, ...input } = c.req.valid('json')
    const { rule, ...done } = await setMarketRule(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').code, input, why)
    return c.json({ rule: leaving(rule), ...done }, 200)
  })

  app.openapi(attempt, async c => {
    const { cursor, limit } = c.req.valid('query')
    const hasBody = c.req.header('content-type') !== undefined
    const input = hasBody ? c.req.valid('json') : null
    const rows = await tryMarketRule(contextOf(deps, c), c.req.valid('param').code, input, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(
        rows,
        limit,
        row => [row.variantId],
        row => ({ ...leaving(row), offer: row.offer === null ? null : leaving(row.offer) }),
      ),
      200,
    )
  })

  app.openapi(resume, async c => {
    const { sku, why } = c.req.valid('json')
    return c.json(await resumeMarket(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').code, sku, why), 200)
  })

  app.openapi(stops, async c => {
    const { cursor, limit, resumed, ...filter } = c.req.valid('query')
    await refuseUnknown(deps, { sku: filter.sku })
    const rows = await listMarketStops(deps.sql, { ...filter, resumed: resumed === 'true' }, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving),
      200,
    )
  })

  app.openapi(steps, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    await refuseUnknown(deps, { sku: filter.sku })
    const rows = await listMarketSteps(deps.sql, filter, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving),
      200,
    )
  })

  return app
}
