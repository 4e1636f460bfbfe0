import { createRoute, z } from '@hono/zod-openapi'
import { showRisk } from '../../usecases/risk.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi } from '../api.ts'
import { Code } from '../shapes.ts'

const Share = z.number().min(0).max(1)
const RiskOut = z
  .object({
    channel: z.string(),
    margin: z.string().nullable(),
    cancellation: z.string().nullable(),
    accepted: Share.nullable().openapi({ description: 'margin / (margin + cancellation); null where the buffer is not by risk.' }),
    publishS: z
      .number()
      .nullable()
      .openapi({ description: 'From intending a number to seeing it taken, seconds: 95 of 100 are faster. Null: not measured yet.' }),
    intakeS: z.number().nullable().openapi({ description: 'From placing an order to booking it, seconds.' }),
    measuredAt: z.date().nullable(),
    skus: z.int().openapi({ description: 'SKUs of which something is kept back.' }),
    units: z.int(),
    windows: z.number().openapi({ description: 'Of the last 28 days: spans of one lag, for each SKU, that were compared.' }),
    predicted: z.number().openapi({ description: 'In how many of them others were expected to sell more than was kept back.' }),
    realised: z.number().openapi({ description: 'In how many of them they did.' }),
    short: z.number().openapi({ description: 'Units that were ordered in this channel in the last 28 days and not there.' }),
    ordered: z.number(),
    largest: z.array(z.object({ sku: z.string(), units: z.int(), tail: Share, mean: z.number(), lagS: z.number(), since: z.string() })),
  })
  .openapi('ChannelRisk')

const get = createRoute({
  method: 'get',
  path: '/v1/channels/{code}/risk',
  tags: ['Channels'],
  summary: 'What a channel keeps back by risk, and how the risk came true',
  description:
    'Other channels sell from the same stock before this one can know of it: for as long as its publish lag and their intake lag. Rates and lags are learnt every five minutes from the last 28 days, a promotion from the last day, an outage as long as it lasts.',
  request: { params: z.object({ code: Code }) },
  responses: answers(RiskOut, 'Lags, what is kept back, the twenty largest, and the predicted risk beside the realised one.'),
})

/** The buffer by risk of a channel. */
export function channelRiskRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(get, async c => {
    const { largest, ...risk } = await showRisk(contextOf(deps, c), c.req.valid('param').code, new Date())
    return c.json({ ...risk, largest: [...largest] }, 200)
  })
  return app
}
