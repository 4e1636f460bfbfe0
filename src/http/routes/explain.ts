import { createRoute, z } from '@hono/zod-openapi'
import { type Explained, explain } from '../../usecases/explain.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi } from '../api.ts'
import { Code, LocationCode, Sku } from '../shapes.ts'
import { PastInstant } from './history.ts'

const about = {
  description: `Now or, with \`at\`, at any instant of the past, by what was recorded then: the buckets of each location, every open promise, safety
stock, the pool in its order, buffer, cap, "stop selling at", what could be sold ahead, a bundle's parts and which one limits, lots past their time, and what
was intended, sent, accepted and read back by then. \`steps\` lead from on hand to shown and add up.`,
  request: {
    params: z.object({ sku: Sku }),
    query: z.strictObject({ channel: Code.optional(), location: LocationCode.optional(), at: PastInstant.optional() }),
  },
  responses: answers(z.record(z.string(), z.unknown()), 'The chain, worked out by the rule itself.'),
}

const summary = 'How what is on hand became what each channel shows'
const route = createRoute({ method: 'get', path: '/v1/explain/{sku}', tags: ['Stock'], summary, ...about })
const beside = createRoute({ method: 'get', path: '/v1/stock/{sku}/explain', tags: ['Stock'], summary, ...about })

/** The explanation of a number. */
export function explainRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(route, async c => c.json(plain(await explain(contextOf(deps, c), c.req.valid('param').sku, c.req.valid('query'))), 200))
  app.openapi(beside, async c => c.json(plain(await explain(contextOf(deps, c), c.req.valid('param').sku, c.req.valid('query'))), 200))
  return app
}

/** Through JSON, so that instants leave as text wherever they stand. */
const plain = (explained: Explained): Record<string, unknown> => JSON.parse(JSON.stringify(explained))
