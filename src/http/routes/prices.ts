import { createRoute, z } from '@hono/zod-openapi'
import { readVariant } from '../../../db/catalog.ts'
import { listPrices, type PriceRow, priceHistory } from '../../../db/prices.ts'
import { setPrices } from '../../usecases/set-prices.ts'
import { Fault } from '../../values/fault.ts'
import { unitPrice } from '../../values/money.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Currency, leaving, Moment, Money, Sku, Zone } from '../shapes.ts'
import { AcceptWindow, ForecastOut, LATE } from './forecast-shape.ts'
import { EffectOut, effectOut } from './price-effect-shape.ts'

const PriceOut = z
  .object({
    id: z.int(),
    sku: z.string(),
    channel: z.string().nullable().openapi({ description: 'Null: for everyone.' }),
    currency: z.string(),
    amount: z.string(),
    startsAt: z.string().nullable(),
    endsAt: z.string().nullable(),
    actor: z.string(),
    createdAt: z.string(),
    supersededAt: z.string().nullable(),
  })
  .openapi('Price')

const PricesIn = z.strictObject({
  prices: z
    .array(
      z.strictObject({
        sku: Sku,
        channel: Code.optional(),
        currency: Currency,
        amount: Money.nullable().openapi({ description: 'Null ends the price.' }),
        from: Moment.optional(),
        to: Moment.optional().openapi({ description: 'The first instant at which it no longer holds; as `from`.' }),
        zone: Zone.optional().openapi({ description: 'Of local times; the channel’s, unless given.' }),
      }),
    )
    .min(1)
    .max(500),
  acceptWindow: AcceptWindow,
})

const set = createRoute({
  method: 'post',
  path: '/v1/prices',
  tags: ['Prices'],
  summary: 'Set or end prices, all or none',
  request: { headers: WriteHeaders, body: json(PricesIn) },
  description: `An amount with more decimals than its currency has is refused, unless only channels whose rounding is none would show it. Prices that begin or end at an instant are sent at that instant, out of calls that were kept back for them. ${LATE}`,
  responses: answers(
    z.object({ changed: z.int(), replayed: z.boolean(), forecast: z.array(ForecastOut), channels: z.array(EffectOut) }),
    'How many were changed; one that is the same stays. By channel: what is shown from now on, or why not.',
  ),
})

const list = createRoute({
  method: 'get',
  path: '/v1/prices',
  tags: ['Prices'],
  summary: 'Prices that stand',
  request: { query: z.strictObject({ ...PAGE, sku: Sku.optional(), channel: Code.optional(), currency: Currency.optional() }) },
  responses: answers(pageOf(PriceOut), 'Regular and dated prices.'),
})

const history = createRoute({
  method: 'get',
  path: '/v1/prices/{sku}/history',
  tags: ['Prices'],
  summary: 'Every price that a SKU ever had',
  request: { params: z.object({ sku: Sku }), query: z.strictObject(PAGE) },
  responses: answers(pageOf(PriceOut), 'The newest first.'),
})

/** Prices: for everyone or for one channel, regular or dated. */
export function priceRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(set, async c => {
    const { prices, acceptWindow } = c.req.valid('json')
    const done = await setPrices(contextOf(deps, c), keyOf(c.req.valid('header')), prices, { acceptWindow })
    return c.json(
      { changed: done.changed, replayed: done.replayed, forecast: [...done.forecast], channels: done.channels.map(effectOut) },
      200,
    )
  })

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listPrices(deps.sql, filter, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], show),
      200,
    )
  })

  app.openapi(history, async c => {
    const { sku } = c.req.valid('param')
    const { cursor, limit } = c.req.valid('query')
    if ((await readVariant(deps.sql, sku)) === null) throw new Fault('not_found', `There is no SKU ${sku}.`)
    const rows = await priceHistory(deps.sql, sku, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], show),
      200,
    )
  })

  return app
}

const show = (row: PriceRow): z.infer<typeof PriceOut> => ({ ...leaving(row), amount: unitPrice(row.amount, row.currency) })
