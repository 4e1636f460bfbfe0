import { createRoute, z } from '@hono/zod-openapi'
import { exportLedger, ledgerCsv } from '../../usecases/export-ledger.ts'
import { POINTS_MOST, stockHistory } from '../../usecases/stock-history.ts'
import { stockValue, stockValueCsv } from '../../usecases/stock-value.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi } from '../api.ts'
import { csvAnswers, sendCsv } from '../csv.ts'
import { LocationCode, leaving, present, Sku, text } from '../shapes.ts'

/** An instant, or a day for its first instant in UTC. */
export const PastInstant = z
  .string()
  .max(40)
  .openapi({ example: '2026-11-20T10:00:00Z', description: 'An instant, or a day for its first instant in UTC.' })

const Point = z.object({
  at: z.string(),
  onHand: z.int(),
  reserved: z.int(),
  unavailable: z.int(),
  incoming: z.int(),
  available: z.int(),
})

const HistoryOut = z
  .object({
    sku: z.string(),
    location: z.string().nullable().openapi({ description: 'Null: all our own locations, added up.' }),
    from: z.string(),
    to: z.string().nullable().openapi({ description: 'Null: now.' }),
    historyStarts: z
      .string()
      .nullable()
      .openapi({ description: 'Where older months of the ledger were detached: from when on it is there.' }),
    points: z.array(Point).openapi({ description: 'Stock is what it was at a point until the next one.' }),
  })
  .openapi('StockHistory')

const history = createRoute({
  method: 'get',
  path: '/v1/stock/{sku}/history',
  tags: ['Stock'],
  summary: 'Stock of one SKU over time',
  description:
    'By what was recorded: one point after each change, or the ends of equal parts of the period where there were more changes than points. The last 30 days where no period is named.',
  request: {
    params: z.object({ sku: Sku }),
    query: z.strictObject({
      location: LocationCode.optional(),
      from: PastInstant.optional(),
      to: PastInstant.optional(),
      points: z.coerce.number().int().min(2).max(POINTS_MOST).optional(),
    }),
  },
  responses: answers(HistoryOut, 'The numbers at `from` and after each change.'),
})

const Worth = z.object({ currency: z.string(), units: z.int(), value: z.string() })

const ValueOut = z
  .object({
    at: z.string(),
    totals: z.array(Worth),
    locations: z.array(
      Worth.extend({
        location: z.string(),
        basis: z.enum(['average', 'catalog']).openapi({
          description: '`average`: the weighted average cost of then. `catalog`: there was none, so the cost that the catalog has today.',
        }),
      }),
    ),
    locationTotals: z
      .array(Worth.extend({ location: z.string() }))
      .openapi({ description: 'By location and currency, whatever the basis.' }),
    withoutCost: z
      .array(z.object({ location: z.string(), units: z.int(), skus: z.int(), examples: z.array(z.string()) }))
      .openapi({ description: 'Units that nothing says the cost of; they are in no total.' }),
  })
  .openapi('StockValue')

const valueQuery = z.strictObject({ at: PastInstant.optional(), location: LocationCode.optional() })

const value = createRoute({
  method: 'get',
  path: '/v1/stock-value',
  tags: ['Stock'],
  summary: 'What stock on hand was worth at an instant',
  description: 'Units by what was recorded then, times the weighted average cost of then. Now where no instant is named.',
  request: { query: valueQuery },
  responses: answers(ValueOut, 'Totals by currency, and by location, currency and basis.'),
})

const valueRows = createRoute({
  method: 'get',
  path: '/v1/stock-value.csv',
  tags: ['Stock'],
  summary: 'What stock on hand was worth at an instant, SKU by SKU',
  request: { query: valueQuery },
  responses: csvAnswers('sku, title, location, units, unit_cost, currency, basis, value.'),
})

const ledger = createRoute({
  method: 'get',
  path: '/v1/ledger.csv',
  tags: ['Stock'],
  summary: 'The ledger of stock',
  description: 'Every movement in the order in which it was recorded, streamed. `from` is included, `to` is not.',
  request: {
    query: z.strictObject({
      ...{ from: PastInstant.optional(), to: PastInstant.optional(), sku: Sku.optional(), location: LocationCode.optional() },
      kind: text(40).optional().openapi({ example: 'receive' }),
    }),
  },
  responses: csvAnswers('One line for each movement.'),
})

/** Stock over time, its worth, and the ledger as a file. */
export function historyRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(history, async c => {
    const found = await stockHistory(contextOf(deps, c), c.req.valid('param').sku, present(c.req.valid('query')))
    return c.json({ ...found, points: found.points.map(leaving) }, 200)
  })

  app.openapi(value, async c => {
    const { totals, locations, locationTotals, withoutCost, at } = await stockValue(contextOf(deps, c), c.req.valid('query'))
    const lost = withoutCost.map(one => ({ ...one, examples: [...one.examples] }))
    return c.json({ at, totals: [...totals], locations: [...locations], locationTotals: [...locationTotals], withoutCost: lost }, 200)
  })

  app.openapi(valueRows, c => sendCsv(c, 'stock-value.csv', () => stockValueCsv(contextOf(deps, c), c.req.valid('query'))))

  app.openapi(ledger, c => sendCsv(c, 'ledger.csv', async () => ledgerCsv(await exportLedger(contextOf(deps, c), c.req.valid('query')))))

  return app
}
