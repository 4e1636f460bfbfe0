import { createRoute, z } from '@hono/zod-openapi'
import { trackingPath } from '../../usecases/tracking-link.ts'
import { type Api, type ApiDeps, answers, contextOf, json, makeApi } from '../api.ts'
import { Id } from '../shapes.ts'

const LinkOut = z
  .object({
    path: z.string().openapi({ example: '/track/3q2-7wQAAAAAAAAAAAAAAAAA' }),
    url: z.string().nullable().openapi({ description: 'The path at the public address of the hub; null where it has none (PUBLIC_URL).' }),
  })
  .openapi('TrackingLink')

const link = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/tracking-link',
  tags: ['Orders'],
  summary: 'The page on which the buyer follows the order',
  description:
    'Answers the link, made where there is none yet: asked twice, it is the same. Whoever has it sees the page, with the code that goods are handed over against. It ends with the personal data of the buyer.',
  request: {
    params: z.object({ id: Id }),
    body: json(
      z.strictObject({
        renew: z.boolean().default(false).openapi({ description: 'A new link; the old one leads nowhere from then on.' }),
      }),
    ),
  },
  responses: answers(LinkOut, 'The link.'),
})

/** What concerns the buyer of an order: the page to follow it on. */
export function orderBuyerRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(link, async c => {
    const path = await trackingPath(contextOf(deps, c), c.req.valid('param').id, c.req.valid('json'))
    return c.json({ path, url: deps.publicUrl === undefined ? null : `${deps.publicUrl}${path}` }, 200)
  })
  return app
}
