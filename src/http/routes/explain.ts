import { createRoute, z } from '@hono/zod-openapi'
import { explain } from '../../usecases/explain.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi } from '../api.ts'
import { Sku } from '../shapes.ts'

const route = createRoute({
  method: 'get',
  path: '/v1/stock/{sku}/explain',
  tags: ['Stock'],
  summary: 'How what is on hand became what each channel shows',
  request: { params: z.object({ sku: Sku }) },
  responses: answers(z.record(z.string(), z.unknown()), 'The chain, worked out by the rule itself.'),
})

/** The explanation of a number. */
export function explainRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(route, async c => {
    const explained = await explain(contextOf(deps, c), c.req.valid('param').sku)
    // Through JSON, so that instants leave as text wherever they stand.
    const shown: Record<string, unknown> = JSON.parse(JSON.stringify(explained))
    return c.json(shown, 200)
  })
  return app
}
