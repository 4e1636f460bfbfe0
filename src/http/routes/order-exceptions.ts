import { createRoute, z } from '@hono/zod-openapi'
import { EXCEPTION_KINDS } from '../../../db/pages-exceptions.ts'
import { readExceptions } from '../../usecases/exceptions.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi } from '../api.ts'

const Cure = z.discriminatedUnion('cure', [
  z.object({ cure: z.literal('transfer'), location: z.string(), units: z.int() }),
  z.object({ cure: z.literal('substitute'), sku: z.string(), units: z.int() }),
  z.object({ cure: z.literal('wait'), units: z.int(), at: z.string() }),
  z.object({ cure: z.literal('cancel'), until: z.string().nullable().openapi({ description: 'By when the channel wants it shipped.' }) }),
])

const Exceptions = z
  .object({
    items: z.array(
      z.object({
        kind: z.enum(EXCEPTION_KINDS),
        orderId: z.int(),
        number: z.string(),
        channel: z.string(),
        since: z.string(),
        units: z.int(),
        shipBy: z.string().nullable().openapi({ description: 'By when its platform wants it shipped.' }),
        about: z.array(z.string()).openapi({
          description:
            'SKUs that are short, not matched, or to come back; kinds of hold; words of the platform; locations; by how much amounts do not add up; what failed.',
        }),
        cures: z.array(z.object({ lineId: z.int(), short: z.int(), cure: Cure })).openapi({
          description: 'Of what is short: the next sensible step for each line. What there is, is proposed to the oldest order first.',
        }),
      }),
    ),
  })
  .openapi('OrderExceptions')

const list = createRoute({
  method: 'get',
  path: '/v1/orders/exceptions',
  tags: ['Orders'],
  summary: 'Orders that do not go on by themselves',
  description:
    'First what its platform wants shipped soon, then the oldest. `stuck`: what the hub does of itself failed three times, so that it stepped back behind the others; it is tried again, an hour apart at the most. `late` and `put_back` are of groups, `not_back` of exchanges.',
  request: {
    query: z.strictObject({
      kind: z.enum(EXCEPTION_KINDS).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50).openapi({ description: 'At most so many of each kind.' }),
    }),
  },
  responses: answers(Exceptions, 'Those of all kinds, or of one.'),
})

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** Orders that need a person. */
export function orderExceptionRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(list, async c => {
    const { kind, limit } = c.req.valid('query')
    const rows = await readExceptions(contextOf(deps, c), limit, kind ?? null)
    const items = rows.map(({ since, shipBy, about, cures, channelName: _, ...row }) => ({
      ...row,
      about: [...about],
      since: since.toISOString(),
      shipBy: instant(shipBy?.getTime() ?? null),
      cures: cures.map(({ lineId, short, cure }) => ({
        lineId,
        short,
        cure:
          cure.cure === 'wait'
            ? { ...cure, at: new Date(cure.at).toISOString() }
            : cure.cure === 'cancel'
              ? { ...cure, until: instant(cure.until) }
              : cure,
      })),
    }))
    return c.json({ items }, 200)
  })
  return app
}
