import { createRoute, z } from '@hono/zod-openapi'
import type { PricesShown } from '../../usecases/price-history.ts'
import { shownPrices } from '../../usecases/price-history.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi } from '../api.ts'
import { priceShown } from '../money-shown.ts'
import { Code, Instant, iso, isoOrNull, Sku } from '../shapes.ts'

const ShownOut = z
  .object({
    sku: z.string(),
    title: z.string(),
    at: z.string(),
    listings: z.array(
      z.object({
        channel: z.string(),
        currency: z.string(),
        externalId: z.string(),
        externalSku: z.string(),
        periods: z.array(
          z.object({
            from: z.string(),
            to: z.string().nullable().openapi({ description: 'Null: it still shows.' }),
            amount: z.string().openapi({ description: 'What a buyer paid.' }),
            regular: z.string(),
            isSale: z.boolean(),
            confirmedAt: z
              .string()
              .nullable()
              .openapi({ description: 'When it was first seen to show; null: the platform only accepted it.' }),
          }),
        ),
      }),
    ),
    lowestBefore: z
      .array(z.object({ channel: z.string(), points: z.array(z.object({ at: z.string(), amount: z.string().nullable() })) }))
      .openapi({
        description:
          'Where `from` is told: the lowest price of the 30 days before each instant since then, a point for each instant from which it is another. Null: nothing was applied.',
      }),
    lowest: z.array(z.object({ channel: z.string(), currency: z.string(), amount: z.string() })).openapi({
      description: 'By channel: the lowest price of the last 30 days, what a reduction that began now would be measured by (EU Omnibus).',
    }),
  })
  .openapi('PricesShown')

const shown = createRoute({
  method: 'get',
  path: '/v1/prices/{sku}/shown',
  tags: ['Prices'],
  summary: 'Every price that buyers of a SKU were shown, since when',
  description: `What each platform took, or was seen to show, cut where sales began and ended by their dates; what it showed before the hub first wrote to it is the first period.
Kept for three years. What a running or coming sale is measured by is told by \`/v1/explain/price/{sku}\` (\`reduction\`).`,
  request: {
    params: z.object({ sku: Sku }),
    query: z.strictObject({ channel: Code.optional(), from: Instant.optional(), to: Instant.optional() }),
  },
  responses: answers(ShownOut, 'By channel and listing, the newest first.'),
})

/** What was shown. */
export function priceHistoryRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(shown, async c => c.json(leaving(await shownPrices(contextOf(deps, c), c.req.valid('param').sku, c.req.valid('query'))), 200))
  return app
}

function leaving({ listings, lowest, lowestBefore, ...head }: PricesShown): z.infer<typeof ShownOut> {
  const money = (amount: string, currency: string): string => priceShown(amount, currency) ?? amount
  return {
    ...head,
    listings: listings.map(({ periods, ...listing }) => ({
      ...listing,
      periods: periods.map(period => ({
        ...{ from: iso(period.from), to: isoOrNull(period.to), confirmedAt: isoOrNull(period.confirmedAt), isSale: period.isSale },
        ...{ amount: money(period.amount, listing.currency), regular: money(period.regular, listing.currency) },
      })),
    })),
    lowestBefore: lowestBefore.map(({ channel, currency, points }) => ({
      channel,
      points: points.map(point => ({ at: point.at.toISOString(), amount: point.amount === null ? null : money(point.amount, currency) })),
    })),
    lowest: lowest.map(one => ({ ...one, amount: money(one.amount, one.currency) })),
  }
}
