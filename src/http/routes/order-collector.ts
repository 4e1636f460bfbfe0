import { createRoute, z } from '@hono/zod-openapi'
import { nameCollector } from '../../usecases/name-collector.ts'
import { type Api, type ApiDeps, answers, contextOf, json, makeApi } from '../api.ts'
import { Id, text } from '../shapes.ts'

const Collector = z
  .strictObject({ name: text(120).nullable().openapi({ description: 'Who may collect beside the buyer; null: nobody else.' }) })
  .openapi('OrderCollector')

const setCollector = createRoute({
  method: 'put',
  path: '/v1/orders/{id}/collector',
  tags: ['Orders'],
  summary: 'Say who else may collect the order in the store',
  description:
    'The name is sealed like the data of the buyer, removed with it, and shown at the desk of the store that hands the order over.',
  request: { params: z.object({ id: Id }), body: json(Collector) },
  responses: answers(Collector, 'Who may collect beside the buyer.'),
})

export function orderCollectorRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(setCollector, async c => {
    const { name } = c.req.valid('json')
    await nameCollector(contextOf(deps, c), c.req.valid('param').id, name)
    return c.json({ name }, 200)
  })
  return app
}
