import { createRoute, z } from '@hono/zod-openapi'
import { listExchangeRates, listTaxRates } from '../../../db/price-policies.ts'
import { setExchangeRates, setTaxRates } from '../../usecases/price-rates.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Currency, Instant, leaving } from '../shapes.ts'
import { Changed, Percent, TaxCategory, Why } from './price-shape.ts'

const TaxRateOut = z
  .object({
    id: z.int(),
    region: z.string(),
    category: z.string(),
    percent: z.string().openapi({ description: 'Percent on the net price.' }),
    startsAt: z.string(),
    actor: z.string(),
    createdAt: z.string(),
  })
  .openapi('TaxRate')

const TaxRatesIn = z.strictObject({
  rates: z
    .array(
      z.strictObject({
        region: Code,
        category: TaxCategory.default('standard'),
        percent: Percent.nullable().openapi({ description: 'Null takes back the rate that holds from just this instant.' }),
        from: Instant.optional().openapi({ description: 'Now, where it is absent.' }),
      }),
    )
    .min(1)
    .max(500),
  why: Why,
})

const taxList = createRoute({
  method: 'get',
  path: '/v1/tax-rates',
  tags: ['Prices'],
  summary: 'Tax rates that stand, also those to come',
  request: { query: z.strictObject({ ...PAGE, region: Code.optional(), category: TaxCategory.optional() }) },
  responses: answers(pageOf(TaxRateOut), 'Of several of a region and category, the one that began last holds.'),
})

const taxSet = createRoute({
  method: 'post',
  path: '/v1/tax-rates',
  tags: ['Prices'],
  summary: 'Set or take back tax rates, all or none',
  description:
    'A rate that is set again for the same instant supersedes the one before. What it speaks of is reckoned anew, now and when it begins.',
  request: { headers: WriteHeaders, body: json(TaxRatesIn) },
  responses: answers(Changed, 'How many were changed; one that is the same stays.'),
})

const ExchangeRateOut = z
  .object({
    id: z.int(),
    from: z.string(),
    to: z.string(),
    rate: z.string().openapi({ description: 'How many units of `to` one unit of `from` is. Used both ways.' }),
    startsAt: z.string(),
    actor: z.string(),
    createdAt: z.string(),
  })
  .openapi('ExchangeRate')

const ExchangeRatesIn = z.strictObject({
  rates: z
    .array(
      z.strictObject({
        from: Currency,
        to: Currency,
        rate: z
          .string()
          .regex(/^\d{1,12}(\.\d{1,12})?$/, 'is no rate: decimal text with at most 12 decimals, like "0.95"')
          .nullable()
          .openapi({ example: '0.95', description: 'Null takes back the rate that holds from just this instant.' }),
        since: Instant.optional().openapi({ description: 'Now, where it is absent.' }),
      }),
    )
    .min(1)
    .max(500),
  why: Why,
})

const exchangeList = createRoute({
  method: 'get',
  path: '/v1/exchange-rates',
  tags: ['Prices'],
  summary: 'Exchange rates that stand, also those to come',
  request: { query: z.strictObject({ ...PAGE, from: Currency.optional(), to: Currency.optional() }) },
  responses: answers(pageOf(ExchangeRateOut), 'Of several of a pair, the one that began last holds.'),
})

const exchangeSet = createRoute({
  method: 'post',
  path: '/v1/exchange-rates',
  tags: ['Prices'],
  summary: 'Set or take back exchange rates, all or none',
  description:
    'Prices that are converted by them are reckoned anew, now and when they begin; so are floors and ceilings in another currency.',
  request: { headers: WriteHeaders, body: json(ExchangeRatesIn) },
  responses: answers(Changed, 'How many were changed; one that is the same stays.'),
})

/** What prices are converted and taxed by. */
export function priceRateRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(taxList, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listTaxRates(deps.sql, filter, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving),
      200,
    )
  })

  app.openapi(taxSet, async c => {
    const { rates, why } = c.req.valid('json')
    return c.json(await setTaxRates(contextOf(deps, c), keyOf(c.req.valid('header')), rates, why), 200)
  })

  app.openapi(exchangeList, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listExchangeRates(deps.sql, filter, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving),
      200,
    )
  })

  app.openapi(exchangeSet, async c => {
    const { rates, why } = c.req.valid('json')
    return c.json(await setExchangeRates(contextOf(deps, c), keyOf(c.req.valid('header')), rates, why), 200)
  })

  return app
}
