import { createRoute, z } from '@hono/zod-openapi'
import type { OrderGroup } from '../../../db/order-life.ts'
import { basketOf } from '../../usecases/hold-id.ts'
import { orderHold } from '../../usecases/order-hold.ts'
import { type Api, type ApiDeps, contextOf, creates, json, makeApi, tellToken } from '../api.ts'
import { Code, Currency, Instant, isoOrNull, LocationCode, Money, Sku, SomeUnits, text } from '../shapes.ts'

const LINES_MOST = 100

const Buyer = z.strictObject({
  name: text(200).optional(),
  email: text(200).optional(),
  phone: text(50).optional(),
  address: z
    .record(z.string().max(40), z.string().max(300))
    .refine(fields => Object.keys(fields).length <= 50, 'has more than 50 fields')
    .optional(),
})

const OrderIn = z.strictObject({
  channel: Code.openapi({ description: 'The channel that sold it.' }),
  externalId: text(100).openapi({ description: "The channel's own id of the order." }),
  number: text(100).optional().openapi({ description: 'What people call it; the id when absent.' }),
  currency: Currency.optional().openapi({ description: "The channel's when absent." }),
  total: Money.optional(),
  placedAt: Instant.optional().openapi({ description: 'When it was placed; now when absent.' }),
  collectAt: LocationCode.optional().openapi({
    description: 'The store where the buyer collects it, or what its lines do not say otherwise of.',
  }),
  buyer: Buyer.optional().openapi({ description: 'Who bought it; sealed like what channels tell, and removed by the same rules.' }),
  lines: z
    .array(
      z.strictObject({
        sku: Sku,
        quantity: SomeUnits,
        lineId: text(100).optional().openapi({ description: "The channel's own id of the line, so that what it says later meets it." }),
        unitPrice: Money.optional(),
        title: text(300).optional(),
        collectAt: LocationCode.nullable()
          .optional()
          .openapi({ description: 'The store where the buyer collects it; null: it is sent. As `collectAt` of the order when absent.' }),
      }),
    )
    .min(1)
    .max(LINES_MOST)
    .optional()
    .openapi({ description: 'What was bought; all that is held when absent.' }),
})

const OrderedOut = z
  .object({
    orderId: z.int(),
    short: z.int().openapi({ description: 'Units that nobody has: ordered beyond what was held, and not to be had elsewhere.' }),
    held: z
      .array(z.object({ sku: z.string(), quantity: z.int() }))
      .openapi({ description: 'What the hold still holds: more than was bought. It ends as it would have.' }),
    groups: z
      .array(z.object({ id: z.int(), location: z.string(), method: z.string(), state: z.string(), readyBy: z.string().nullable() }))
      .openapi({ description: 'Where it is handed over, of what is routed by now: what buyers collect always is.' }),
    replayed: z.boolean(),
  })
  .openapi('HoldOrdered')

const order = createRoute({
  method: 'post',
  path: '/v1/reservations/{id}/order',
  tags: ['Reservations'],
  summary: 'A basket was bought: its hold becomes an order',
  description:
    'The units go over to the order in one statement and are never free in between. Channel and externalId are the key: sent again, it answers what is booked. What the channel tells of the order itself afterwards updates it; it must be younger than `placedAt`.',
  request: { params: z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,700}$/) }), body: json(OrderIn) },
  responses: creates(OrderedOut, 'The order.'),
})

/** Holds that become orders. */
export function reservationOrderRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const now = deps.now ?? (() => new Date())

  app.openapi(order, async c => {
    const asked = c.req.valid('json')
    const { token, ...ordered } = await orderHold(contextOf(deps, c), basketOf(c.req.valid('param').id), asked, now())
    tellToken(c, token)
    return c.json({ ...ordered, held: ordered.held.map(item => ({ ...item })), groups: ordered.groups.map(shown) }, 201)
  })

  return app
}

const shown = ({ id, location, method, state, readyBy }: OrderGroup) => ({ id, location, method, state, readyBy: isoOrNull(readyBy) })
