import { createRoute, z } from '@hono/zod-openapi'
import { HAND_OVERS } from '../../../db/exchanges.ts'
import { exchangeOrder } from '../../usecases/exchange-order.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { Code, Id, Instant, Sku, SomeUnits, text } from '../shapes.ts'
import { LookedLines, ReturnLines } from './return-shape.ts'

const ExchangeIn = z.strictObject({
  announced: ReturnLines.optional().openapi({ description: 'Units that are still to come back. Either these or `received`.' }),
  received: LookedLines.optional().openapi({ description: 'Units that came back, by what the look at them said.' }),
  location: Code.optional().openapi({ description: 'Where they came to, or are expected.' }),
  replacement: z.strictObject({
    lines: z
      .array(z.strictObject({ sku: Sku, quantity: SomeUnits }))
      .min(1)
      .max(500),
    handOver: z.enum(HAND_OVERS).openapi({
      description:
        '`ship`: sent, routed as any order. `collect`: promised at a store, where it is collected later. `counter`: handed over at a store in this moment.',
    }),
    location: Code.optional().openapi({ description: 'The store of `collect` and `counter`.' }),
  }),
  waits: z.boolean().default(false).openapi({
    description:
      'Of announced units: what goes out is held, its stock promised, until they are received; cancelled where that is not by `returnBy`. Else it goes out at once.',
  }),
  returnBy: Instant.optional().openapi({
    description: 'Until when announced units are to be back; past it the order stands among the exceptions.',
  }),
  difference: z
    .string()
    .regex(/^-?\d{1,12}(\.\d{1,6})?$/, 'is no amount: decimal text with at most 6 decimals, like "-4.90"')
    .optional()
    .openapi({
      example: '-4.90',
      description:
        'What the buyer is to pay more, or (below 0) is to get back. It is noted, not charged; up to that much may be refunded for the units that were exchanged.',
    }),
  reason: text(300).optional().openapi({ description: "Why, in words. No buyer's data: it stays with the order for good." }),
})

const Exchanged = z
  .object({
    returnId: z.int(),
    replacementId: z.int().openapi({ description: 'Our number of the order that goes out.' }),
    number: z.string().openapi({ description: 'What people call it.' }),
    state: z.string().openapi({ description: 'Of the order whose goods come back.' }),
    replacementState: z.string(),
    replayed: z.boolean(),
  })
  .openapi('OrderExchanged')

const exchange = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/exchanges',
  tags: ['Orders'],
  summary: 'Exchange goods: some come back, others go out for them',
  description:
    "The return, and an order of the hub's own in the same channel that is promised stock in the same moment: all of it, or nothing is done. It goes on as any order does, but its platform is told nothing of it. No money goes back for what was exchanged, unless a difference says so; what is cancelled of what went out, or comes back of it, frees the money of its share.",
  request: { params: z.object({ id: Id }), headers: WriteHeaders, body: json(ExchangeIn) },
  responses: answers(Exchanged, 'Exchanged.'),
})

/** Goods that come back, and others that go out for them. */
export function orderExchangeRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(exchange, async c => {
    const wish = c.req.valid('json')
    const { token, ...done } = await exchangeOrder(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, wish)
    tellToken(c, token)
    return c.json(done, 200)
  })
  return app
}
