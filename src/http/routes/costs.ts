import { createRoute, z } from '@hono/zod-openapi'
import { costedUnits, listCosts } from '../../../db/costs.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, makeApi } from '../api.ts'
import { priceShown } from '../money-shown.ts'
import { leaving, Sku } from '../shapes.ts'

const HISTORY_MOST = 200

const CostOut = z
  .object({
    sku: z.string(),
    average: z
      .string()
      .nullable()
      .openapi({ description: 'Weighted average of what one unit cost; null while no receipt said what it cost.' }),
    currency: z.string().nullable(),
    units: z.int().openapi({ description: 'Units that it stands for: on hand in our own locations, and under way between them.' }),
    history: z.array(
      z.object({ average: z.string(), currency: z.string(), validFrom: z.string(), validTo: z.string().nullable(), actor: z.string() }),
    ),
  })
  .openapi('StockCost')

const cost = createRoute({
  method: 'get',
  path: '/v1/stock/{sku}/cost',
  tags: ['Stock'],
  summary: 'What a unit of a SKU cost on average',
  description:
    'Each receipt with a unit cost changes it: (units before × average before + units × unit cost) ÷ all units. One currency for each SKU.',
  request: { params: z.object({ sku: Sku }) },
  responses: answers(CostOut, 'The average now, and how it came to be, the newest first.'),
})

/** What stock cost. */
export function costRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(cost, async c => {
    const { sku } = c.req.valid('param')
    const [units, rows] = await Promise.all([costedUnits(deps.sql, sku), listCosts(deps.sql, sku, HISTORY_MOST)])
    if (units === null) throw new Fault('not_found', `There is no SKU ${sku}.`)
    const history = rows.map(row => leaving({ ...row, average: priceShown(row.average, row.currency) ?? row.average }))
    return c.json({ sku, average: history[0]?.average ?? null, currency: history[0]?.currency ?? null, units, history }, 200)
  })
  return app
}
