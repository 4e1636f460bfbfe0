import { createRoute, z } from '@hono/zod-openapi'
import { listPriceLimits } from '../../../db/price-limits.ts'
import { refuseUnknown } from '../../usecases/near-names.ts'
import { setPriceLimits } from '../../usecases/price-limits.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Currency, Handle, leaving, Money, Sku, text } from '../shapes.ts'
import { ChannelsMoved, channelsMoved } from './moved-shape.ts'
import { Changed, Percent, Why } from './price-shape.ts'

const Kind = z.enum(['floor', 'ceiling'])
const Basis = z.enum(['manual', 'map', 'legal', 'margin'])

const LimitOut = z
  .object({
    id: z.int(),
    kind: Kind,
    basis: Basis,
    channel: z.string().nullable().openapi({ description: 'Null: every channel.' }),
    scope: z.enum(['variant', 'product', 'category', 'all']),
    sku: z.string().nullable(),
    product: z.string().nullable(),
    category: z.string().nullable(),
    currency: z.string().nullable(),
    amount: z.string().nullable(),
    percent: z.string().nullable(),
    since: z.string(),
    until: z.string().nullable().openapi({ description: 'Null: it holds.' }),
    actor: z.string(),
  })
  .openapi('PriceLimit')

const LimitsIn = z.strictObject({
  limits: z
    .array(
      z.strictObject({
        kind: Kind,
        basis: Basis.default('manual'),
        channel: Code.optional().openapi({ description: 'Every channel, where it is absent.' }),
        sku: Sku.optional(),
        product: Handle.optional(),
        category: text(200).optional(),
        amount: Money.nullable().optional().openapi({ description: 'As the channel shows prices, with or without tax.' }),
        currency: Currency.optional(),
        percent: Percent.nullable().optional().openapi({ description: 'Of basis margin: the cost is at most the rest of the net price.' }),
      }),
    )
    .min(1)
    .max(500),
  why: Why,
})

const list = createRoute({
  method: 'get',
  path: '/v1/price-limits',
  tags: ['Prices'],
  summary: 'Floors and ceilings',
  request: {
    query: z.strictObject({
      ...PAGE,
      sku: Sku.optional().openapi({ description: 'All that speak of it: its own, and those of its product, its category, and all.' }),
      channel: Code.optional().openapi({ description: 'All that hold in it, those of every channel too.' }),
      kind: Kind.optional(),
      ended: z.enum(['true', 'false']).optional().openapi({ description: 'Those that ended, too.' }),
    }),
  },
  responses: answers(pageOf(LimitOut), 'Of several floors the highest holds, of several ceilings the lowest.'),
})

const set = createRoute({
  method: 'post',
  path: '/v1/price-limits',
  tags: ['Prices'],
  summary: 'Set or end floors and ceilings, all or none',
  description:
    'One of each kind and basis holds for a scope (a SKU, a product, a category, or all) in a channel or all channels; without `amount` and `percent` it ends. A price that is reckoned below a floor is lifted to it and rounded up; where the floor is above the ceiling, or the exchange rate of a limit is missing, the price is held for a person. Prices that stand beyond a moved limit are sent anew.',
  request: { headers: WriteHeaders, body: json(LimitsIn) },
  responses: answers(
    Changed.extend({
      channels: ChannelsMoved,
    }),
    'How many were changed; one that is the same stays. By channel: how many prices move, and how many are held, with examples.',
  ),
})

/** The least and the most that may be shown. */
export function priceLimitRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, ended, ...filter } = c.req.valid('query')
    await refuseUnknown(deps, { sku: filter.sku, channel: filter.channel })
    const rows = await listPriceLimits(deps.sql, { ...filter, ended: ended === 'true' }, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving),
      200,
    )
  })

  app.openapi(set, async c => {
    const { limits, why } = c.req.valid('json')
    const { channels, ...done } = await setPriceLimits(contextOf(deps, c), keyOf(c.req.valid('header')), limits, why)
    return c.json({ ...done, channels: channelsMoved(channels) }, 200)
  })

  return app
}
