import { createRoute, z } from '@hono/zod-openapi'
import { setTerms, showTerms } from '../../usecases/set-terms.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { Instant, Sku, SomeUnits } from '../shapes.ts'

const TermsOut = z
  .object({ kind: z.enum(['backorder', 'preorder']), limit: z.int(), availableFrom: z.string().nullable() })
  .nullable()
  .openapi({ description: 'Null: only what is there is sold.' })

const Shown = z
  .object({ sku: z.string(), terms: TermsOut, short: z.int().openapi({ description: 'Units of the limit that orders take up already.' }) })
  .openapi('SellingTerms')

const TermsIn = z.strictObject({
  kind: z.enum(['backorder', 'preorder']).nullable().openapi({ description: 'Null ends the terms.' }),
  limit: SomeUnits.optional().openapi({ description: 'Most units that orders may be short of at a time.' }),
  availableFrom: Instant.nullable().optional().openapi({ description: 'A pre-order needs it, and ends then; told to whoever asks.' }),
})

const get = createRoute({
  method: 'get',
  path: '/v1/variants/{sku}/terms',
  tags: ['Stock'],
  summary: 'On which terms a SKU is sold before it is there',
  request: { params: z.object({ sku: Sku }) },
  responses: answers(Shown, 'The terms in force, and how much of the limit is taken.'),
})

const put = createRoute({
  method: 'put',
  path: '/v1/variants/{sku}/terms',
  tags: ['Stock'],
  summary: 'Sell a SKU before it is there, up to a limit',
  description:
    'Channels whose policy has `sellAhead` show the units; the orders beyond what is there are booked short and served from the next receipt. A reservation cannot hold units that are sold ahead: they are not there yet.',
  request: { params: z.object({ sku: Sku }), headers: WriteHeaders, body: json(TermsIn) },
  responses: answers(Shown, 'The terms after it.'),
})

/** Pre-order and backorder. */
export function termsRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const now = deps.now ?? (() => new Date())

  app.openapi(get, async c => c.json(await showTerms(contextOf(deps, c), c.req.valid('param').sku), 200))

  app.openapi(put, async c => {
    const { sku } = c.req.valid('param')
    const context = contextOf(deps, c)
    const { token } = await setTerms(context, keyOf(c.req.valid('header')), { sku, ...c.req.valid('json') }, now())
    tellToken(c, token)
    return c.json(await showTerms(context, sku), 200)
  })

  return app
}
