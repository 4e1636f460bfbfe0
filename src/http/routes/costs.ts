import { createRoute, z } from '@hono/zod-openapi'
import { stockCost } from '../../usecases/stock-cost.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi } from '../api.ts'
import { priceShown } from '../money-shown.ts'
import { leaving, Sku } from '../shapes.ts'

const Worth = z
  .string()
  .nullable()
  .openapi({ description: 'Units × average, in the currency of the average; null while no receipt said what it cost.' })

const CostOut = z
  .object({
    sku: z.string(),
    average: z
      .string()
      .nullable()
      .openapi({ description: 'Weighted average of what one unit cost; null while no receipt said what it cost.' }),
    currency: z.string().nullable(),
    units: z.int().openapi({ description: 'Units that it stands for: on hand in our own locations, and under way between them.' }),
    value: Worth,
    locations: z
      .array(z.object({ location: z.string(), units: z.int(), value: Worth }))
      .openapi({ description: 'On hand, where there is any.' }),
    underWay: z.object({ units: z.int(), value: Worth }).openapi({ description: 'In transfers between our locations.' }),
    history: z.array(
      z.object({ average: z.string(), currency: z.string(), validFrom: z.string(), validTo: z.string().nullable(), actor: z.string() }),
    ),
  })
  .openapi('StockCost')

const cost = createRoute({
  method: 'get',
  path: '/v1/stock/{sku}/cost',
  tags: ['Stock'],
  summary: 'What a unit of a SKU cost on average, and what its units are worth where they are',
  description:
    'Each receipt with a unit cost changes it: (units before × average before + units × unit cost) ÷ all units. One currency for each SKU.',
  request: { params: z.object({ sku: Sku }) },
  responses: answers(CostOut, 'The average now, and how it came to be, the newest first.'),
})

/** What stock cost. */
export function costRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(cost, async c => {
    const { history: rows, locations, ...cost } = await stockCost(contextOf(deps, c), c.req.valid('param').sku)
    const history = rows.map(row => leaving({ ...row, average: priceShown(row.average, row.currency) ?? row.average }))
    return c.json({ ...cost, average: history[0]?.average ?? null, locations: [...locations], history }, 200)
  })
  return app
}
