import { createRoute, z } from '@hono/zod-openapi'
import { RULES_MOST } from '../../domain/fulfilment/read-rules.ts'
import { DAYS_MOST, whatIf } from '../../usecases/what-if.ts'
import { jsonLines } from '../../values/json-lines.ts'
import { type Api, type ApiDeps, answers, contextOf, json, makeApi } from '../api.ts'
import { refusalOf } from '../problem.ts'
import { Code } from '../shapes.ts'

const Figures = z.object({
  groups: z.int(),
  splits: z.int().openapi({ description: 'Decisions that went to more than one location.' }),
  unplacedUnits: z.int(),
  cost: z.number().openapi({
    description:
      'Parcels and handling as the locations state them, else as the first of the changed rules weighs them: on both sides the same yardstick.',
  }),
  kmPerParcel: z.int().nullable(),
  hoursPromised: z.number().nullable().openapi({ description: 'From the decision until what it promises, on average.' }),
  keptShare: z.number().nullable().openapi({
    description:
      'Share of promises kept. Under changed rules: what stays is as it was, what goes elsewhere as that location keeps its own.',
  }),
})
const Load = z.object({
  orders: z.int(),
  units: z.int(),
  fullestDay: z.object({ day: z.string(), orders: z.int() }).nullable(),
})
const Whither = z.object({ place: z.string(), method: z.string(), units: z.int() })
const Answer = z
  .object({
    from: z.string(),
    until: z.string(),
    decisions: z.int(),
    elsewhere: z.int().openapi({ description: 'Decisions that would come out otherwise.' }),
    earlier: z.int(),
    later: z.int(),
    judged: z.int().openapi({ description: 'Promises of which it is known whether they were kept.' }),
    was: Figures,
    would: Figures,
    places: z.array(z.object({ place: z.string(), ordersPerDay: z.int().nullable(), was: Load, would: Load })),
    orders: z
      .array(
        z.object({
          ...{ orderId: z.int(), number: z.string(), at: z.string(), was: z.array(Whither), would: z.array(Whither) },
          ...{ promiseWas: z.string().nullable(), promiseWould: z.string().nullable() },
        }),
      )
      .openapi({ description: 'The first 200 that would go elsewhere.' }),
    sources: z.object({ kept: z.int(), ledger: z.int(), only: z.int(), forgotten: z.int(), later: z.int(), untold: z.int() }).openapi({
      description:
        'Where stock and load of the decisions come from: kept with them, or as the ledger says of that instant; and those that stay as they were (one location only, buyer forgotten; `later`: where the buyer or a location is came to be known after the decision) or tell nothing.',
    }),
  })
  .openapi('WhatIf')

const replay = createRoute({
  method: 'post',
  path: '/v1/routing/what-if',
  tags: ['Orders'],
  summary: 'Decide the orders of the last days anew by changed rules, and compare',
  description: `Changes nothing. Stock and load are those that each decision was made from, moved on where orders would have gone elsewhere; locations are taken as they
were stated then. Not known, and taken as it was: whether another location would have given an order up, what buyers and tills would have bought, late groups by \`lateAfterHours\`.
With \`Accept: application/x-ndjson\` the answer is lines of JSON: \`{"done", "of"}\` while it goes on, then \`{"answer"}\`, or \`{"problem"}\`.`,
  request: {
    body: json(
      z.strictObject({
        channel: Code.optional().openapi({ description: 'Else all channels that have no rules of their own.' }),
        days: z.int().min(1).max(DAYS_MOST).default(7),
        rules: z
          .looseObject({
            rules: z.array(z.looseObject({ name: z.string() })).max(RULES_MOST),
            lateAfterHours: z.int().nullable().optional(),
          })
          .optional()
          .openapi({ description: 'As `PUT /v1/routing/rules` takes them; those that hold when absent.' }),
      }),
    ),
  },
  responses: answers(Answer, 'Both sides, their load by location, and the orders that would go elsewhere.'),
})

/** What would have been under other rules of routing. */
export function whatIfRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(replay, async c => {
    const { channel = null, days, rules = null } = c.req.valid('json')
    const steps = whatIf(contextOf(deps, c), { channel, days, rules })
    // Whatever is wrong with what was asked is told before the first step.
    const first = await steps.next()
    if (c.req.header('accept')?.includes('application/x-ndjson') === true) {
      const lines = jsonLines(
        first,
        steps,
        ({ answer, done, of }) => (answer === undefined ? { done, of } : { answer }),
        error => {
          deps.log.error({ err: error, requestId: c.get('requestId') }, 'a comparison of routing rules broke off')
          return { problem: JSON.parse(refusalOf(error, c.get('requestId')).body) }
        },
      )
      const streamed: unknown = c.body(lines, 200, { 'content-type': 'application/x-ndjson' })
      return streamed as never
    }
    let answer = first.done ? undefined : first.value.answer
    for await (const step of steps) answer = step.answer ?? answer
    return c.json(JSON.parse(JSON.stringify(answer)), 200)
  })
  return app
}
